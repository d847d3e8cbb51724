"""The card of a place: count, rate with interval, change, months and hours; and the record behind a point."""
from __future__ import annotations

import math

import pandas as pd
from dash import html

from ...layers import LAYERS
from ...model.describe import Layer
from ...model.selection import Selection, to_search
from ...services.viewing import Card
from ...text import Text, number, percent
from ...text import period as period_words
from ..context import Context
from .charts import MONTHS, hours_table, months_chart
from .icons import icon
from .words import said, title_of

INCIDENTS = Text(sv="Händelser", en="Incidents")
RATE = Text(sv="Per 100 000 inv. och år", en="Per 100,000 residents a year")
RESIDENTS = Text(sv="Invånare", en="Residents")
INTERVAL = Text(sv="95 % intervall {low}–{high}", en="95% interval {low}–{high}")
NO_RATE = Text(sv="för få invånare för ett tal per invånare", en="too few residents for a rate")
CHANGE = Text(sv="{before} → {now}: förenligt med en förändring på {low} till {high}.",
              en="{before} → {now}: compatible with a change of {low} to {high}.")
CHANGE_ZERO = Text(sv="{before} → {now}: för få för att säga något om förändringen.",
                   en="{before} → {now}: too few to say anything about the change.")
NO_CLEAR = Text(sv="Går inte att skilja från slumpen.", en="Cannot be told from chance.")
COARSE = Text(sv="{n} av dem är bara kända till området eller saknar plats.", en="{n} of them are known only to the area or have no place.")
HOURS = Text(sv="Timme och veckodag", en="Hour and weekday")
BY_TYPE = Text(sv="Brottstyper", en="Offence types")
ALSO = Text(sv="Här finns också {findings} iakttagelser från trygghetsvandringar och {measures} åtgärder.",
            en="There are also {findings} findings from safety walks and {measures} measures here.")
WHOLE = Text(sv="Hela urvalet", en="The whole selection")
DRAWN = Text(sv="Ritat område", en="Drawn area")
EVALUATE = Text(sv="Utvärdera", en="Evaluate")
CLOSE = Text(sv="Stäng och visa hela urvalet", en="Close and show the whole selection")
ONLY = Text(sv="Visa bara det här området", en="Show only this area")
EMPTY = Text(sv="Inga händelser i urvalet. Välj en längre period, fler brottstyper eller ett större område.",
             en="No incidents in the selection. Choose a longer period, more offence types or a larger area.")


def area_card(card: Card, here: Context) -> html.Div:
    """The numbers of an area, or of the whole selection when no area is chosen."""
    language = here.language
    close = html.Button(icon("x"), id={"action": "close-card"}, className="gs-icon-button", type="button", title=CLOSE[language],
                        **{"aria-label": CLOSE[language]}) if card.code else None
    head = html.Div(className="gs-card-head", children=[html.H2(card.name, id="card-title"), close])
    period = here.selection.period
    under = html.P(period_words(period.start, period.end, language), className="gs-hint") if period else None
    if not card.incidents and not card.before:
        return html.Div([head, under, html.P(EMPTY[language], className="gs-empty")], className="gs-card")
    return html.Div(className="gs-card", children=[
        head, under, _figures(card, language), _change(card, language),
        html.P(COARSE.format(n=card.coarse)[language], className="gs-hint") if card.coarse else None,
        html.H3(MONTHS[language].split(".")[0]), months_chart(card.months, here.selection.period, here.selection.compare_with, language),
        html.H3(HOURS[language]), hours_table(card.hours, card.hours_known, card.incidents, language),
        html.H3(BY_TYPE[language]), _types(card.types, language),
        html.P(ALSO.format(findings=card.findings, measures=card.measures)[language], className="gs-hint")
        if card.findings or card.measures else None, _evaluate(here.selection.with_(period=None), language) if here.selection.drawn else None])


def _figures(card: Card, language: str) -> html.Dl:
    figures = [(INCIDENTS, number(card.incidents, language), INTERVAL.format(low=_whole(card.low, language), high=_whole(card.high, language)))]
    if math.isfinite(card.rate):
        figures.append((RATE, number(card.rate, language, 0), INTERVAL.format(
            low=number(card.rate_low, language, 0), high=number(card.rate_high, language, 0))))
    elif math.isfinite(card.population):
        figures.append((RATE, "–", NO_RATE))
    if math.isfinite(card.population):
        figures.append((RESIDENTS, number(card.population, language, 0), None))
    return html.Dl(className="gs-figures", children=[
        html.Div([html.Dt(title[language]), html.Dd(value), html.Dd(note[language], className="gs-note") if note else None])
        for title, value, note in figures])


def _whole(value: float, language: str) -> str:
    return number(round(value), language)


def _change(card: Card, language: str) -> html.P | None:
    if card.before is None:
        return None
    if not math.isfinite(card.ratio_high) or not math.isfinite(card.ratio_low):
        return html.P(CHANGE_ZERO.format(before=card.before, now=card.incidents)[language], className="gs-change")
    low, high = (f"{'+' if r > 1 else ''}{percent(r - 1, language)}".replace("-", "−") for r in (card.ratio_low, card.ratio_high))
    sentence = CHANGE.format(before=card.before, now=card.incidents, low=low, high=high)[language]
    unclear = card.ratio_low <= 1 <= card.ratio_high
    return html.P([sentence, f" {NO_CLEAR[language]}" if unclear else ""], className="gs-change")


def _types(types: pd.DataFrame, language: str) -> html.Ul:
    layer = LAYERS["incidents"]
    most = max(1, types["incidents"].max())
    return html.Ul(className="gs-bars", children=[
        html.Li([html.Span(title_of(layer, "offence_type", value, language)), html.Span(number(count, language), className="gs-bar-n"),
                 html.Span(className="gs-bar", style={"width": f"{100 * count / most:.0f}%"}, **{"aria-hidden": "true"})])
        for value, count in types.head(8)[["offence_type", "incidents"]].to_numpy().tolist()])


def record_card(layer: Layer, record: dict, language: str) -> html.Div:
    """What is known about one record, column by column, as described by its layer."""
    rows = [(column.title[language], said(column, record.get(column.name), language)) for column in layer.columns if column.shown]
    title = title_of(layer, layer.label, record.get(layer.label), language) if layer.label else layer.title[language]
    return html.Div(className="gs-card gs-record", children=[
        html.Div(className="gs-card-head", children=[html.H2(title, id="card-title"), html.Button(
            icon("x"), id={"action": "close-card"}, className="gs-icon-button", type="button", title=CLOSE[language],
            **{"aria-label": CLOSE[language]})]),
        html.P(layer.title[language], className="gs-hint"),
        html.Dl(className="gs-fields", children=[html.Div([html.Dt(name), html.Dd(value)]) for name, value in rows if value != "–"]),
        _evaluate({"measure": str(record["uid"])}, language) if layer.name == "measures" else None])


def _evaluate(asked: Selection | dict[str, str], language: str) -> html.A:
    """The way to the page that asks whether something done there helped."""
    return html.A([icon("chart"), EVALUATE[language]], href="/evaluation" + to_search(asked), className="gs-button")
