"""The legend of a map: what the colours mean, how many areas are in each class, and what is drawn as what."""
from __future__ import annotations

from dash import html

from ...maps.classes import Classes
from ...text import Text, number

MISSING = Text(sv="för få invånare", en="too few residents")


def swatches(classes: Classes, title: str, unit: str, language: str, *, missing: str | None = None, counted: bool = True) -> html.Div:
    """A row per class with its colour, bounds and, when `counted`, how many things are in it."""
    rows = [html.Li([html.Span(className="gs-swatch", style={"background": colour}), html.Span(label),
                     html.Span(number(n, language), className="gs-class-n") if counted else None])
            for colour, label, n in zip(classes.colours, classes.labels, classes.counts, strict=True)]
    if missing:
        rows.append(html.Li([html.Span(className="gs-swatch gs-swatch-missing"), html.Span(missing)]))
    return html.Div(className="gs-legend-part", children=[html.H3(title), html.P(unit, className="gs-hint") if unit else None,
                                                         html.Ul(rows, className="gs-swatches")])


def signs(rows: list[tuple[str, str, str]]) -> html.Ul:
    """(class of the sign, its icon or an empty text, its meaning)."""
    return html.Ul(className="gs-signs", children=[
        html.Li([html.Span(className=f"gs-sign {look}", children=html.Span(className=f"gs-icon gs-icon-{sign}") if sign else None),
                 html.Span(meaning)]) for look, sign, meaning in rows])
