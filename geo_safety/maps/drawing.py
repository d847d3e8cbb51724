"""From what may be shown to what is drawn: which rows have a place, in which classes, in which order."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely

from ..errors import InputError
from ..layers.incidents import OFFENCE_TYPES
from ..model.describe import PRECISIONS
from ..model.features import Shown
from ..model.selection import Selection
from ..model.viewer import ShareLevel
from ..text import Text
from .classes import MISSING, TOO_FEW, TOO_FEW_RESIDENTS, Classes, classify
from .colours import LEFT_OUT
from .legend import Legend, asked_of_incidents, legend

Shape = Literal["area", "line", "point"]
ORDER: tuple[Shape, ...] = ("area", "line", "point")
BASE = "base_map"
MOST_TITLES = 2
_MAP_OF = Text(sv="Karta över {place}", en="Map of {place}")
_AND = Text(sv="{one} och {other}", en="{one} and {other}")
_TYPES = Text(sv="{n} brottstyper", en="{n} offence types")
PLACED = PRECISIONS[:PRECISIONS.index("area")]     # known at least to a named place; coarser ones are never a point


@dataclass(frozen=True)
class Drawing:
    """Rows of one layer that have a place, the position of each in `classes` (−1: no value), and the legend they share.

    Measures may be points, lines and areas at once: `mixed` layers are drawn as points within their shapes.
    """

    shown: Shown
    frame: gpd.GeoDataFrame
    shape: Shape
    classes: Classes
    where: np.ndarray
    legend: Legend

    @property
    def opacity(self) -> float:
        return self.shown.layer.style.opacity


def drawings(shown: Sequence[Shown], *, language: str) -> list[Drawing]:
    """What is drawn, areas lowest and points on top, few above many; InputError when no layer has a place."""
    found = [_drawing(one, language) for one in shown if one.layer.geometry is not None and one.layer.name != BASE]
    if not found:
        raise InputError(Text(sv="Inget av lagren har någon plats att rita. Välj ett lager med geometri, eller en tabell (CSV, XLSX).",
                              en="None of the layers has a place to draw. Choose a layer with geometry, or a table (CSV, XLSX)."))
    return sorted(found, key=lambda drawing: (ORDER.index(drawing.shape), -len(drawing.frame)))


def base_map(shown: Sequence[Shown]) -> Shown | None:
    """The ground among the layers, if it is there."""
    return next((one for one in shown if one.layer.name == BASE), None)


def _drawing(shown: Shown, language: str) -> Drawing:
    style, frame = shown.layer.style, shown.frame
    column = shown.layer.column(style.colour_by) if style.colour_by else None
    drawn = frame[may_be_drawn(shown)]
    values = drawn[style.colour_by] if style.colour_by else np.zeros(len(drawn))
    classes = classify(values, style, language=language, column=column)
    shape = _shape(drawn)
    look = "square" if shape == "area" else "line" if shape == "line" else point_shape(shown)
    return Drawing(shown, drawn, shape, classes, classes.of(values),
                   legend(shown, classes, language=language, shape=look, missing=_why_missing(shown), not_drawn=len(frame) - len(drawn)))


def _why_missing(shown: Shown) -> Text:
    """Why a value may be absent: not tested, too few residents for a rate, too few to be shown at this level, or simply not known."""
    layer = shown.layer
    column = layer.column(layer.style.colour_by) if layer.style.colour_by else None
    if column and (left_out := column.code(LEFT_OUT)):
        return left_out.title
    if any(doubt.code == "LOW_POP" for doubt in shown.warnings):
        return TOO_FEW_RESIDENTS
    return MISSING if shown.share_level is ShareLevel.INTERNAL else TOO_FEW


def may_be_drawn(shown: Shown) -> np.ndarray:
    """Rows with a place that is a place: not those known only by area, nor what happened in homes or online (safeguard 3)."""
    frame, layer = shown.frame, shown.layer
    keep = frame.geometry.notna().to_numpy() & ~frame.geometry.is_empty.to_numpy()
    if layer.geometry == "Point" and layer.has("geom_precision"):
        keep = keep & frame["geom_precision"].isin(PLACED).to_numpy()
    if layer.geometry == "Point" and layer.has("offence_type"):
        never = [code.value for code in layer.column("offence_type").codes if code.indoor_private or code.placeless]
        keep = keep & ~frame["offence_type"].isin(never).to_numpy()
    return keep


def point_shape(shown: Shown) -> str:
    """Registered incidents are circles; what somebody went out to look for is a triangle."""
    return "triangle" if shown.layer.coverage == "effort" else "circle"


def points(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """One point within each shape."""
    return gpd.GeoSeries(shapely.point_on_surface(frame.geometry.to_numpy()), index=frame.index, crs=frame.crs)


def _shape(frame: gpd.GeoDataFrame) -> Shape:
    kinds = set(frame.geometry.geom_type)
    if kinds and kinds <= {"Polygon", "MultiPolygon"}:
        return "area"
    return "line" if kinds and kinds <= {"LineString", "MultiLineString"} else "point"


def headline(drawn: Sequence[Drawing], language: str) -> str:
    """What the map is of: its one or two layers, or the place when there are more."""
    titles = list(dict.fromkeys(drawing.legend.title for drawing in drawn))
    place = _place(drawn)
    if len(titles) > MOST_TITLES and place:
        return _MAP_OF.format(place=place)[language]
    if len(titles) == MOST_TITLES:
        return _AND.format(one=titles[0], other=_lower(titles[1]))[language]
    return ", ".join(titles)


def _lower(title: str) -> str:
    """A title within a sentence; an abbreviation keeps its letters."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _place(drawn: Sequence[Drawing]) -> str:
    return next((d.shown.provenance.municipality for d in drawn if d.shown.provenance.municipality), "")


def subtitle(drawn: Sequence[Drawing], language: str, *, under: str = "") -> str:
    """Place, period and types: *Mark · 1 jan. 2025 – 31 dec. 2025 · Skadegörelse*; the place only where the title above does not say it."""
    place = "" if _place(drawn) in under else _place(drawn)
    times = dict.fromkeys(drawing.legend.period for drawing in drawn if drawing.legend.period)
    types = Selection.from_query(next((d.shown.provenance.selection for d in drawn if asked_of_incidents(d.shown)), {})).types
    return " · ".join(part for part in (place, *times, _types(types, language)) if part)


def _types(types: tuple[str, ...] | None, language: str) -> str:
    if not types:
        return ""
    titles = [code.title[language] for code in OFFENCE_TYPES if code.value in types]
    return ", ".join(titles) if 0 < len(titles) <= 3 else _TYPES.format(n=len(types))[language]
