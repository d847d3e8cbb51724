"""From what a file says of a place to points and shapes in the store's CRS; nothing is moved or guessed."""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from ..crs import CANDIDATES, WGS84, Guess, far_outside, guess, title
from ..errors import InputError
from ..text import Text
from . import figures
from .reading import CrsCandidate, Destination, ReadOptions
from .tables import Table

FAR = Text(sv="Platsen ligger mer än 500 km utanför det område som lagrets koordinatsystem är gjort för.",
           en="The place lies more than 500 km outside the area that the store's coordinate system is made for.")
GARBLED = Text(sv="Koordinaten går inte att läsa.", en="The coordinate cannot be read.")
_NUMBER = r"[-+\u2212]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?"
_PAIR = re.compile(rf"\(?\s*({_NUMBER})[\s;,]+({_NUMBER})(?:[\s;,]+{_NUMBER}){{0,2}}\s*\)?")
_MOST_LOOKED_AT = 1_000    # points by which a coordinate system is judged


@dataclass(frozen=True)
class Written:
    """Places as the file writes them: `x` before any change of axes, NaN where there is none; `texts` to show in a rejected row.

    `garbled`: something with digits stands there that is no number. Words (*NA*, *okänd*) only say that no place is known.
    """

    x: np.ndarray
    y: np.ndarray
    texts: np.ndarray
    column: str
    garbled: np.ndarray
    shapes: np.ndarray | None = None  # shapely objects other than points, in the CRS of the file


@dataclass(frozen=True)
class Placed:
    """Places in the store's CRS. `far`: impossible ones, more than 500 km outside what the CRS is meant for."""

    x: np.ndarray
    y: np.ndarray
    usable: np.ndarray
    far: np.ndarray


def has_place(table: Table, options: ReadOptions) -> bool:
    return {"x", "y"} <= options.mapping.keys() or "point" in options.mapping or table.geometry is not None


def written(table: Table, options: ReadOptions) -> Written | None:
    """What the file says of places; None when it says nothing."""
    mapping = options.mapping
    if {"x", "y"} <= mapping.keys():
        x, y = table.column(mapping["x"]), table.column(mapping["y"])
        texts = np.array([f"{a}; {b}" for a, b in zip(x, y, strict=True)], dtype=object)
        px, py = figures.numbers(x, options.decimal), figures.numbers(y, options.decimal)
        return Written(px, py, texts, f"{mapping['x']}, {mapping['y']}", _garbled(px, x) | _garbled(py, y))
    if "point" in mapping:
        return _from_texts(table.column(mapping["point"]), mapping["point"])
    if table.geometry is not None:
        return _from_shapes(table.geometry)
    return None


def _garbled(numbers: np.ndarray, texts: np.ndarray) -> np.ndarray:
    wrong = np.isnan(numbers)
    wrong[wrong] = [re.search(r"\d", str(text)) is not None for text in texts[wrong]]
    return wrong


def _from_texts(values: np.ndarray, column: str) -> Written:
    """WKT, or a pair in which latitude (north) comes first, as people and KoboToolbox write it."""
    shapes = np.full(len(values), None, dtype=object)
    x, y = np.full(len(values), np.nan), np.full(len(values), np.nan)
    for index, value in enumerate(values):
        text = str(value)
        if match := _PAIR.fullmatch(text.strip()):
            y[index], x[index] = figures.number(match[1]), figures.number(match[2])
        elif re.match(r"\s*(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON)", text, re.IGNORECASE):
            shapes[index] = _from_wkt(text)
    read = _from_shapes(shapes)
    here = np.isfinite(read.x)
    x, y = np.where(here, read.x, x), np.where(here, read.y, y)
    return Written(x, y, values, column, _garbled(x, values), read.shapes)


def _from_wkt(text: str) -> shapely.Geometry | None:
    try:
        return shapely.force_2d(shapely.from_wkt(re.sub(r"^\s*SRID=\d+;", "", text, flags=re.IGNORECASE)))
    except (shapely.errors.ShapelyError, ValueError):
        return None


def _from_shapes(shapes: np.ndarray) -> Written:
    kinds = shapely.get_type_id(shapes)
    single = np.array([shapely.get_geometry(s, 0) if kind == 4 and shapely.get_num_geometries(s) == 1 else s
                       for s, kind in zip(shapes, kinds, strict=True)] + [None], dtype=object)[:-1]
    points = shapely.get_type_id(single) == 0
    others = single.copy()
    others[points] = None
    inner = others.copy()
    for index in np.flatnonzero(~points & (kinds >= 0)):
        inner[index] = _inside(others[index])
    at = np.where(points, single, inner)
    x, y = shapely.get_x(at), shapely.get_y(at)
    return Written(x, y, np.array(["" if s is None else shapely.to_wkt(s, rounding_precision=3)[:60] for s in at] + [""], dtype=object)[:-1],
                   "geometry", np.zeros(len(shapes), bool), others if (~points & (kinds >= 0)).any() else None)


def _inside(shape: shapely.Geometry) -> shapely.Geometry | None:
    """A point of the shape; None where the shape is not one (NaN, or coordinates no number can hold)."""
    if not np.isfinite(shapely.bounds(shape)).all():
        return None
    try:
        point = shapely.point_on_surface(shape)
    except shapely.errors.ShapelyError:
        return None
    return None if point.is_empty else point


def require_crs(options: ReadOptions, candidates: Sequence[CrsCandidate] = ()) -> pyproj.CRS:
    """The confirmed CRS of the file; InputError in words without one."""
    if options.crs is None:
        proposal = f" ({', '.join(c.title for c in candidates[:3])})" if candidates else ""
        raise InputError(Text(
            sv="Filens koordinatsystem är inte bekräftat{proposal}. Ange det, till exempel EPSG:3006 eller EPSG:4326.",
            en="The coordinate system of the file is not confirmed{proposal}. Give it, for example EPSG:3006 or EPSG:4326.").format(
                proposal=proposal))
    known = on_the_ground(options.crs)
    if known is None:
        raise InputError(Text(sv="Koordinatsystemet {crs} är okänt. Skriv till exempel EPSG:3006.",
                              en="The coordinate system {crs} is unknown. Write for example EPSG:3006.").format(crs=options.crs[:80]))
    return known


def on_the_ground(crs: str) -> pyproj.CRS | None:
    """A CRS in which places on the ground can be given; None when `crs` names none."""
    try:
        known = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        return None
    return known if known.is_projected or known.is_geographic else None


def usable(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Two numbers that are not the 0/0 or -1/-1 by which registers say that they know no place."""
    empty = ((x == 0) & (y == 0)) | ((x == -1) & (y == -1))
    return np.isfinite(x) & np.isfinite(y) & ~empty


def placed(found: Written, options: ReadOptions, into: Destination) -> Placed:
    """Points in the store's CRS. InputError when the confirmed CRS puts them elsewhere and another puts them in the municipality."""
    known = require_crs(options)
    good = usable(found.x, found.y)
    x, y = (found.y, found.x) if options.swap_axes else (found.x, found.y)
    px, py = _transform(x, y, good, known, into)
    far = good & far_outside(px, py, into.crs)
    if good.any():
        _ask_when_elsewhere(found, good, px, py, options, into)
    fine = good & ~far
    return Placed(np.where(fine, px, np.nan), np.where(fine, py, np.nan), fine, far)


def _transform(x: np.ndarray, y: np.ndarray, good: np.ndarray, source: pyproj.CRS, into: Destination) -> tuple[np.ndarray, np.ndarray]:
    px, py = np.full(len(x), np.nan), np.full(len(x), np.nan)
    transformer = pyproj.Transformer.from_crs(source, into.crs, always_xy=True)
    px[good], py[good] = transformer.transform(x[good], y[good])
    if source.is_geographic:  # beyond the globe PROJ goes round it once more
        px[good & ((np.abs(x) > 360) | (np.abs(y) > 90))] = np.inf
    return px, py


def box_of(into: Destination) -> tuple[float, float, float, float]:
    """Where points are expected, in the store's CRS: the municipality, widened by a tenth, or all that the CRS is meant for."""
    if into.box is not None:
        west, south, east, north = into.box
        dx, dy = 0.1 * (east - west) + 1, 0.1 * (north - south) + 1
        return west - dx, south - dy, east + dx, north + dy
    known = pyproj.CRS.from_user_input(into.crs)
    if known.area_of_use is None:
        return -1e7, -1e7, 1e7, 1e7
    box = pyproj.Transformer.from_crs(WGS84, known, always_xy=True).transform_bounds(*known.area_of_use.bounds, densify_pts=21)
    return tuple(float(edge) for edge in box)  # type: ignore[return-value]


def _ask_when_elsewhere(found: Written, good: np.ndarray, px: np.ndarray, py: np.ndarray, options: ReadOptions, into: Destination) -> None:
    west, south, east, north = box_of(into)
    share = float(np.mean((px[good] >= west) & (px[good] <= east) & (py[good] >= south) & (py[good] <= north)))
    misread = _in_degrees(found, good) and not pyproj.CRS.from_user_input(options.crs).is_geographic
    if share >= 0.1 and not misread:
        return
    guesses = _guesses(found, _some(good), (west, south, east, north), into)
    if guesses:
        best = guesses[0]
        raise InputError(Text(
            sv="Med {crs} hamnar nästan inga punkter i kommunen. {share} % av dem gör det med {other}{axes}. Välj det om det stämmer.",
            en="With {crs} hardly any point falls in the municipality. {share} % of them do with {other}{axes}. Choose that if it is right.").format(
                crs=title(options.crs), other=title(best.crs), share=round(100 * best.share_inside), axes=_axes(best.swapped, options)))


def _axes(swapped: bool, options: ReadOptions) -> Text:
    if swapped == options.swap_axes:
        return Text(sv="", en="")
    return (Text(sv=" och nord före öst (swap_axes)", en=" and north before east (swap_axes)") if swapped else
            Text(sv=" och öst före nord (utan swap_axes)", en=" and east before north (without swap_axes)"))


def candidates(found: Written, declared: str | None, into: Destination) -> tuple[CrsCandidate, ...]:
    """Coordinate systems to choose among: the one that the file names, and those that put its points where they belong."""
    good = _some(usable(found.x, found.y))
    box = box_of(into)
    guesses = _guesses(found, good, box, into)
    declared = declared if declared and on_the_ground(declared) else None
    if declared is not None and not declared.startswith("EPSG:"):
        declared = _same_system(found, good, declared, (into.crs, *(g.crs for g in guesses)))
    told = [CrsCandidate(g.crs, title(g.crs), g.swapped, round(g.share_inside, 3), g.crs == declared) for g in guesses]
    if declared is not None and not any(c.declared for c in told):
        told.append(CrsCandidate(declared, title(declared), False, _share(found, good, declared, box, into), True))
    # what the file says goes first, as it stands or with its axes swapped, whichever puts more where it belongs
    return tuple(sorted(told, key=lambda c: (c.crs != declared, -(c.share_inside or 0), c.swapped)))


def _some(good: np.ndarray) -> np.ndarray:
    """Rows spread evenly over the file: its beginning may be of one district."""
    rows = np.flatnonzero(good)
    return rows[np.linspace(0, len(rows) - 1, min(len(rows), _MOST_LOOKED_AT)).astype(int)] if len(rows) else rows


def _same_system(found: Written, some: np.ndarray, declared: str, known: tuple[str, ...]) -> str:
    """A system without a name of its own (MapInfo's *unnamed Transverse Mercator*) by the name of one that puts points in the same spots."""
    x, y = pyproj.Transformer.from_crs(declared, WGS84, always_xy=True).transform(found.x[some], found.y[some])
    for crs in dict.fromkeys(known):
        px, py = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True).transform(found.x[some], found.y[some])
        if len(some) and np.allclose(x, px, rtol=0, atol=1e-6) and np.allclose(y, py, rtol=0, atol=1e-6):
            return crs
    return declared


def _guesses(found: Written, some: np.ndarray, box: tuple[float, float, float, float], into: Destination) -> list[Guess]:
    """Numbers that could all be degrees are not taken for metres: near the origin of a projected system nobody lives."""
    if not len(some):
        return []
    degrees = _in_degrees(found, some)
    worth = tuple(code for code in CANDIDATES if degrees == (code == WGS84) and _meets(code, into.crs))
    guesses = guess(found.x[some], found.y[some], around=box, around_crs=into.crs, candidates=worth)
    return [g for g in guesses if degrees == pyproj.CRS.from_user_input(g.crs).is_geographic]


@lru_cache(maxsize=256)
def _meets(one: str, other: str) -> bool:
    """Whether two systems are meant for areas that touch: a Swedish zone is not tried for a store in Chicago (0.1 s each)."""
    areas = [pyproj.CRS.from_user_input(crs).area_of_use for crs in (one, other)]
    if areas[0] is None or areas[1] is None:
        return True
    (west, south, east, north), (west2, south2, east2, north2) = (area.bounds for area in areas if area is not None)
    return west > east or west2 > east2 or (west <= east2 and west2 <= east and south <= north2 and south2 <= north)


def _in_degrees(found: Written, rows: np.ndarray) -> bool:
    return bool((np.abs(found.x[rows]) <= 180).all() and (np.abs(found.y[rows]) <= 180).all())


def _share(found: Written, good: np.ndarray, declared: str, box: tuple[float, float, float, float], into: Destination) -> float | None:
    if not len(good):
        return None
    x, y = pyproj.Transformer.from_crs(declared, into.crs, always_xy=True).transform(found.x[good], found.y[good])
    west, south, east, north = box
    return round(float(np.mean((x >= west) & (x <= east) & (y >= south) & (y <= north))), 3)


def shapes_in_store(shapes: np.ndarray, options: ReadOptions, into: Destination) -> np.ndarray:
    """Shapes other than points in the store's CRS."""
    known = require_crs(options)
    if options.swap_axes:
        shapes = shapely.transform(shapes, lambda pairs: pairs[:, ::-1])
    return np.array(gpd.GeoSeries(shapes, crs=known).to_crs(into.crs), dtype=object)


def examples(found: Written, options: ReadOptions, count: int = 5) -> tuple[tuple[str, str], ...]:
    """(as written, latitude and longitude as it would be read) of a few places, for a person to check."""
    if options.crs is None:
        return ()
    good = np.flatnonzero(usable(found.x, found.y))[:count]
    x, y = (found.y, found.x) if options.swap_axes else (found.x, found.y)
    lon, lat = pyproj.Transformer.from_crs(options.crs, WGS84, always_xy=True).transform(x[good], y[good])
    return tuple((str(found.texts[i]), f"{b:.5f}, {a:.5f}") for i, a, b in zip(good, lon, lat, strict=True))
