"""The parts of the stand-alone page: its panel as elements, its layers as plain data."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from ..crs import WGS84
from ..model.cautions import CAUTIONS
from ..model.describe import Column
from ..text import Text, number
from .drawing import Drawing, points, subtitle
from .legend import BEAR_IN_MIND, LEVELS, Item

MOST_ROWS = 50_000
TOO_MANY = Text(sv="{n} rader är fler än en karta i webbläsaren klarar ({most}). Välj kortare period eller mindre område, eller hämta GeoPackage.",
                en="{n} rows are more than a map in the browser can take ({most}). Choose a shorter period or a smaller area, or take GeoPackage.")
_SHEET = Text(sv="Metodblad", en="Method sheet")
_CLOSE = Text(sv="Stäng", en="Close")
_LEGEND = Text(sv="Teckenförklaring", en="Legend")
_YES, _NO = Text(sv="ja", en="yes"), Text(sv="nej", en="no")


def layer_data(drawing: Drawing, language: str, geometries: list[dict]) -> dict:
    """One layer, column by column; the page's script looks up what is clicked."""
    layer = drawing.shown.layer
    columns = [c for c in layer.columns if c.shown and c.kind != "json" and drawing.frame[c.name].notna().any()]
    names = [column.name for column in columns]
    mixed = drawing.shape == "point" and any(g["type"] != "Point" for g in geometries)
    inner = points(drawing.frame).to_crs(WGS84) if mixed else None
    classes = drawing.classes
    return {
        "title": layer.title[language], "shape": drawing.shape, "opacity": drawing.opacity, "colours": list(classes.colours),
        "quiet": [i for i in range(len(classes)) if classes.quiet(i)],
        "signs": [{"shape": sign.shape, "letter": sign.letter} for sign in classes.signs] if classes.kind == "categories" else [],
        "sign": drawing.legend.items[0].shape if drawing.legend.items else "circle", "k": drawing.where.tolist(), "geometries": geometries,
        "places": [[round(p.x, 6), round(p.y, 6)] for p in inner] if inner is not None else [],
        "label": names.index(layer.label) if layer.label in names else None,
        "coloured": names.index(classes.column) if classes.column in names and classes.column != layer.label else None,
        "columns": [_column(column, drawing.frame[column.name], language) for column in columns]}


def _column(column: Column, values: pd.Series, language: str) -> dict:
    about = {"title": column.title[language], "unit": column.unit[language] if column.unit else "", "decimals": column.decimals,
             "grouped": "year" not in column.name}
    if column.kind in ("integer", "number"):
        found = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        plain = [None if not np.isfinite(v) else int(v) if v.is_integer() else round(v, 6) for v in found.tolist()]
        return about | {"words": None, "data": plain, "decimals": 0 if column.kind == "integer" else column.decimals}
    codes, distinct = pd.factorize(_said(column, values, language))
    return about | {"words": [*distinct, None], "data": np.where(codes < 0, len(distinct), codes).tolist()}


def _said(column: Column, values: pd.Series, language: str) -> pd.Series:
    """Values as words; a missing one stays missing."""
    if column.kind == "code":
        titles = {code.value: code.title[language] for code in column.codes}
        return values.map(lambda value: titles.get(value, value), na_action="ignore").astype(object)
    if column.kind == "boolean":
        return values.map(lambda value: (_YES if value else _NO)[language], na_action="ignore").astype(object)
    if column.kind == "time":
        return pd.to_datetime(values).dt.strftime("%Y-%m-%d %H:%M").astype(object)
    if column.kind == "date":
        return values.map(lambda value: value.isoformat()[:10] if isinstance(value, date) else str(value), na_action="ignore").astype(object)
    return values.map(str, na_action="ignore").astype(object)


# ---- the page around the map; ElementTree escapes every text and attribute

def _element(tag: str, *children: str | ElementTree.Element | None, **attributes: str) -> ElementTree.Element:
    made = ElementTree.Element(tag, {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()})
    last: ElementTree.Element | None = None
    for child in children:
        if child is None:
            continue
        if isinstance(child, str):
            if last is None:
                made.text = (made.text or "") + child
            else:
                last.tail = (last.tail or "") + child
        else:
            made.append(child)
            last = child
    return made


def panel(drawn: Sequence[Drawing], title: str, sheet: Sequence[tuple[str, Sequence[tuple[str, str]]]], language: str) -> str:
    """Head, legend, foot and method sheet as HTML."""
    made_up = any(drawing.legend.made_up for drawing in drawn)
    top = _element(
        "header", _element("p", CAUTIONS["MADE_UP"][language], class_="gs-band", role="note") if made_up else None,
        _element("div", _element("div", _element("h1", title), _element("p", subtitle(drawn, language, under=title))),
                 _element("button", _SHEET[language], type="button", id="gs-open-sheet"), class_="gs-head"), class_="gs-top")
    side = _element("aside", *(_part(drawing, i, language) for i, drawing in enumerate(drawn)), _doubts(drawn, language), class_="gs-side",
                    aria_label=_LEGEND[language], tabindex="0")
    sources = " ".join(dict.fromkeys(drawing.legend.source for drawing in drawn))
    foot = _element("footer", f"{sources} · {LEVELS[drawn[0].shown.share_level][language]}", class_="gs-foot")
    return "\n".join(ElementTree.tostring(part, encoding="unicode", method="html") for part in (top, side, foot, _sheet(sheet, language)))


def _part(drawing: Drawing, i: int, language: str) -> ElementTree.Element:
    legend = drawing.legend
    what = ", ".join(part for part in (legend.column, legend.unit) if part)
    tick = _element("input", type="checkbox", checked="checked", data_layer=str(i))
    if drawing.classes.kind == "single" and legend.items:
        item = legend.items[0]
        box = _element("label", tick, _swatch(item, drawing), legend.title, _element("b", number(item.n, language)))
        return _element("section", _element("h2", box), _element("p", legend.note, class_="gs-note") if legend.note else None)
    box = _element("label", tick, legend.title)
    return _element(
        "section", _element("h2", box), _element("div", _element("span", what), class_="gs-what") if what else None,
        _element("ul", *(_row(item, drawing, language) for item in legend.items), class_="gs-legend"),
        _element("p", legend.note, class_="gs-note") if legend.note else None)


def _row(item: Item, drawing: Drawing, language: str) -> ElementTree.Element:
    return _element("li", _swatch(item, drawing), _element("span", item.label),
                    _element("span", "" if item.n is None else number(item.n, language)))


def _swatch(item: Item, drawing: Drawing) -> ElementTree.Element:
    """The sign of an item; the page's script draws those of points."""
    if item.hatched:
        return _element("span", class_="gs-swatch gs-hatched")
    if item.shape == "line":
        return _element("span", class_="gs-swatch gs-line", style=f"color:{item.colour}")
    if drawing.shape == "area":
        share = f"{100 * drawing.opacity:.0f}%"
        return _element("span", class_="gs-swatch", style=f"background:color-mix(in srgb, {item.colour} {share}, #f4f2ec)")
    return _element("svg", data_sign=item.shape, data_letter=item.letter, data_colour=item.colour)


def _doubts(drawn: Sequence[Drawing], language: str) -> ElementTree.Element | None:
    said = list(dict.fromkeys(text for drawing in drawn for text in drawing.legend.cautions))
    if not said:
        return None
    return _element("section", _element("h2", BEAR_IN_MIND[language]), _element("ul", *(_element("li", text) for text in said)),
                    class_="gs-doubts", role="note")


def _sheet(sheet: Sequence[tuple[str, Sequence[tuple[str, str]]]], language: str) -> ElementTree.Element:
    parts: list[ElementTree.Element] = []
    for heading, rows in sheet:
        parts.append(_element("h3", heading))
        parts.append(_element("table", *(_element("tr", _element("th", name, scope="row"), _element("td", value)) for name, value in rows)))
    head = _element("div", _element("h2", _SHEET[language], id="gs-sheet-title"),
                    _element("button", _CLOSE[language], type="button", id="gs-close-sheet"), class_="gs-sheet-head")
    return _element("dialog", head, _element("div", *parts, class_="gs-sheet-body"), id="gs-sheet", aria_labelledby="gs-sheet-title")
