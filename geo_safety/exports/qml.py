"""How QGIS shall draw a layer: its own style language, made from the classes that our maps use.

QGIS takes a renderer by name, and draws a single symbol without a word when it does not know the name; there are three here.
"""
from __future__ import annotations

from collections.abc import Mapping
from math import inf, nextafter
from xml.etree import ElementTree

from ..maps import colours as palette
from ..maps.classes import Classes, classify
from ..maps.drawing import Drawing, drawings
from ..model.features import Shown
from .fields import fields

RENDERERS = ("singleSymbol", "categorizedSymbol", "graduatedSymbol")
KIND = {"area": "fill", "line": "line", "point": "marker"}
MARKERS = {"circle": "circle", "square": "square", "triangle": "triangle", "diamond": "diamond", "pentagon": "pentagon", "down": "triangle"}
VERSION = "3.22.4"      # the oldest that it is written for


def qml(shown: Shown, language: str) -> str:
    """The style of a layer with geometry, and the titles of its columns as aliases."""
    drawing = drawings([shown], language=language)[0]
    document = ElementTree.Element("qgis", version=VERSION, styleCategories="Symbology|Fields")
    aliases = ElementTree.SubElement(document, "aliases")
    for field in fields(shown):
        ElementTree.SubElement(aliases, "alias", field=field.name, name=field.title[language])
    document.append(_renderer(drawing, _whole_classes(shown, language), language))
    ElementTree.SubElement(document, "layerOpacity").text = "1"
    text = ElementTree.tostring(document, encoding="unicode")
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + text


def _whole_classes(shown: Shown, language: str) -> Classes:
    """Classes over all rows: the file holds also those that no map draws as a point."""
    style = shown.layer.style
    if style.colour_by is None:
        return classify([0] * len(shown), style, language=language)
    return classify(shown.frame[style.colour_by], style, language=language, column=shown.layer.column(style.colour_by))


def _renderer(drawing: Drawing, classes: Classes, language: str) -> ElementTree.Element:
    about = {"symbollevels": "0", "enableorderby": "0", "forceraster": "0"}
    symbols = ElementTree.Element("symbols")
    if classes.kind in ("clusters", "categories") and classes.column:
        renderer = ElementTree.Element("renderer-v2", {"type": "categorizedSymbol", "attr": classes.column, **about})
        _categories(renderer, symbols, drawing, classes, language)
    elif classes.kind in ("sequential", "diverging") and len(classes) and classes.column:
        renderer = ElementTree.Element("renderer-v2", {"type": "graduatedSymbol", "attr": classes.column,
                                                       "graduatedMethod": "GraduatedColor", **about})
        _ranges(renderer, symbols, drawing, classes)
    else:
        renderer = ElementTree.Element("renderer-v2", {"type": "singleSymbol", **about})
        symbols.append(_symbol("0", drawing, classes.colours[0] if len(classes) else drawing.shown.layer.style.colour, _sign(drawing, -1)))
    renderer.append(symbols)
    return renderer


def _categories(renderer: ElementTree.Element, symbols: ElementTree.Element, drawing: Drawing, classes: Classes, language: str) -> None:
    """One category a code, with the code's own title; codes of a group share their look. The empty one takes all the others."""
    column = drawing.shown.layer.column(classes.column or "")
    listed = ElementTree.SubElement(renderer, "categories")
    met = set(drawing.shown.frame[column.name].dropna().astype(str))
    values = [code.value for code in column.codes] + sorted(met - {code.value for code in column.codes})
    for value, place in zip(values, classes.of(values), strict=True):
        known = column.code(value)
        name = str(len(symbols))
        ElementTree.SubElement(listed, "category", render="true", value=value, symbol=name, type="string",
                               label=known.title[language] if known else value)
        colour = classes.colours[place] if place >= 0 else palette.MISSING
        symbols.append(_symbol(name, drawing, colour, _sign(drawing, int(place)), hatched=place < 0))
    name = str(len(symbols))
    ElementTree.SubElement(listed, "category", render="true", value="", symbol=name, type="string", label="–")
    symbols.append(_symbol(name, drawing, palette.MISSING, _sign(drawing, -1), hatched=True))


def _ranges(renderer: ElementTree.Element, symbols: ElementTree.Element, drawing: Drawing, classes: Classes) -> None:
    """QGIS counts both ends in, ours only the lower: each range ends just below the next, counts one below."""
    listed = ElementTree.SubElement(renderer, "ranges")
    whole = drawing.shown.layer.column(classes.column or "").kind == "integer"
    for i, (label, colour) in enumerate(zip(classes.labels, classes.colours, strict=True)):
        lower, upper = classes.breaks[i], classes.breaks[i + 1]
        if i < len(classes) - 1:
            upper = upper - 1 if whole else nextafter(upper, -inf)
        ElementTree.SubElement(listed, "range", render="true", symbol=str(i), lower=f"{lower!r}", upper=f"{upper!r}", label=label)
        symbols.append(_symbol(str(i), drawing, colour, _sign(drawing, i)))


def _sign(drawing: Drawing, i: int) -> palette.Sign:
    """The sign of class `i`; −1 is a value that is missing."""
    signs = drawing.classes.signs
    if 0 <= i < len(signs) and drawing.classes.kind == "categories":
        return signs[i]
    return palette.Sign(drawing.legend.items[0].shape if drawing.legend.items else "circle")


def _symbol(name: str, drawing: Drawing, colour: str, sign: palette.Sign, *, hatched: bool = False) -> ElementTree.Element:
    kind = KIND[drawing.shape]
    symbol = ElementTree.Element("symbol", type=kind, name=name, alpha=str(drawing.opacity if kind == "fill" else 1), clip_to_extent="1", force_rhr="0")
    if kind == "fill":
        _layer(symbol, "SimpleFill", {"color": _rgba(colour), "style": "b_diagonal" if hatched else "solid", "outline_color": "255,255,255,255",
                                      "outline_style": "solid", "outline_width": "0.16", "outline_width_unit": "MM"})
    elif kind == "line":
        _layer(symbol, "SimpleLine", {"line_color": _rgba(colour), "line_style": "solid", "line_width": "0.6", "line_width_unit": "MM",
                                      "capstyle": "round", "joinstyle": "round"})
    else:
        _layer(symbol, "SimpleMarker", {"name": MARKERS.get(sign.shape, "circle"), "angle": "180" if sign.shape == "down" else "0",
                                        "color": _rgba(colour), "size": "4.6" if sign.letter else "2.4", "size_unit": "MM",
                                        "outline_color": "255,255,255,255", "outline_style": "solid", "outline_width": "0.2",
                                        "outline_width_unit": "MM"})
        if sign.letter:
            _layer(symbol, "FontMarker", {"font": "Arial", "font_style": "Bold", "chr": sign.letter, "size": "2.6", "size_unit": "MM",
                                          "color": "255,255,255,255", "angle": "0", "offset": "0,0.3" if sign.shape == "triangle" else "0,0",
                                          "offset_unit": "MM", "horizontal_anchor_point": "1", "vertical_anchor_point": "1"})
    return symbol


def _layer(symbol: ElementTree.Element, kind: str, properties: Mapping[str, str]) -> None:
    """Properties in the new way of writing them, and in the old one that QGIS before 3.18 reads."""
    layer = ElementTree.SubElement(symbol, "layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    options = ElementTree.SubElement(layer, "Option", type="Map")
    for name, value in properties.items():
        ElementTree.SubElement(options, "Option", type="QString", name=name, value=value)
    for name, value in properties.items():
        ElementTree.SubElement(layer, "prop", k=name, v=value)


def _rgba(colour: str) -> str:
    return ",".join(str(int(colour[i:i + 2], 16)) for i in (1, 3, 5)) + ",255"
