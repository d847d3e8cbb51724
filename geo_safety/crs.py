"""Coordinate systems: what a length may be measured in, and the way to and from the store and the web.

A store has one metric CRS, fixed when it is made; SWEREF 99 TM is the default, not a rule.
"""
from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj

from .errors import InputError
from .text import Text

SWEREF_99_TM = "EPSG:3006"
STOCKHOLM = "Europe/Stockholm"
WGS84 = "EPSG:4326"
FAR_OUTSIDE_M = 500_000
# What Swedish suppliers write coordinates in: the national system and its local zones, the older RT 90, the web's, and UTM.
CANDIDATES = (WGS84, SWEREF_99_TM, "EPSG:3007", "EPSG:3008", "EPSG:3009", "EPSG:3010", "EPSG:3011", "EPSG:3012", "EPSG:3013", "EPSG:3014",
              "EPSG:3015", "EPSG:3016", "EPSG:3017", "EPSG:3018", "EPSG:3021", "EPSG:3857", "EPSG:25832", "EPSG:25833")


def require_metric(crs: object, what: Text | None = None) -> pyproj.CRS:
    """`crs` as a pyproj CRS; InputError when it is missing, geographic or not in metres."""
    subject = what or Text(sv="Lagret", en="The layer")
    if crs is None:
        raise InputError(Text(
            sv="{what} saknar koordinatsystem. Ange vilket det är, till exempel EPSG:3006.",
            en="{what} has no coordinate system. Say which it is in, for example EPSG:3006.").format(what=subject))
    known = pyproj.CRS.from_user_input(crs)
    if not known.is_projected or known.axis_info[0].unit_name not in ("metre", "meter"):
        raise InputError(Text(
            sv="{what} måste ligga i ett koordinatsystem med meter, till exempel SWEREF 99 TM (EPSG:3006), men är i {name}. "
               "Använd crs.to_store(frame, crs).",
            en="{what} must be in a coordinate system in metres, for example SWEREF 99 TM (EPSG:3006), these are in {name}. "
               "Use crs.to_store(frame, crs).").format(what=subject, name=title(known)))
    return known


def title(crs: object) -> str:
    """A CRS as a person knows it: *SWEREF99 TM (EPSG:3006)*."""
    known = pyproj.CRS.from_user_input(crs)
    code = known.to_epsg(min_confidence=25)
    return f"{known.name} (EPSG:{code})" if code else known.name


def to_store(frame: gpd.GeoDataFrame, crs: object) -> gpd.GeoDataFrame:
    """A copy of `frame` in the store's CRS; rows without geometry stay without."""
    if frame.crs is None:
        raise InputError(Text(sv="Filen saknar koordinatsystem; ange det innan den läses in.",
                              en="The file has no coordinate system; give it before the file is read."))
    return frame.copy() if frame.crs == pyproj.CRS.from_user_input(crs) else frame.to_crs(crs)


def to_wgs84(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A copy of `frame` in longitude and latitude."""
    return frame.to_crs(WGS84)


def far_outside(x: np.ndarray, y: np.ndarray, crs: object) -> np.ndarray:
    """True where a point in metres lies more than 500 km outside the area of use of `crs`, or is not a number.

    Beyond that a map projection stretches or breaks: coordinates of Medellín become infinite in SWEREF 99 TM.
    """
    known = pyproj.CRS.from_user_input(crs)
    if known.area_of_use is None:
        return ~(np.isfinite(x) & np.isfinite(y))
    west, south, east, north = pyproj.Transformer.from_crs(WGS84, known, always_xy=True).transform_bounds(
        *known.area_of_use.bounds, densify_pts=21)
    inside = (x >= west - FAR_OUTSIDE_M) & (x <= east + FAR_OUTSIDE_M) & (y >= south - FAR_OUTSIDE_M) & (y <= north + FAR_OUTSIDE_M)
    return ~(inside & np.isfinite(x) & np.isfinite(y))


@dataclass(frozen=True)
class Guess:
    """A coordinate system that would put the points where they should be."""

    crs: str
    swapped: bool  # the file writes north before east
    share_inside: float  # share of points inside the place they were expected in


def guess(x: np.ndarray, y: np.ndarray, *, around: tuple[float, float, float, float], around_crs: object,
          candidates: tuple[str, ...] = CANDIDATES) -> list[Guess]:
    """Coordinate systems, best first, in which points fall inside the box `around` (given in `around_crs`), both axis orders tried.

    A proposal to be confirmed by a person, never a decision. An empty list: none fits.
    """
    found: list[Guess] = []
    ok = np.isfinite(x) & np.isfinite(y)
    if not ok.any():
        return found
    x, y = x[ok], y[ok]
    west, south, east, north = around
    for candidate in dict.fromkeys((str(pyproj.CRS.from_user_input(around_crs).to_string()), *candidates)):
        transform = pyproj.Transformer.from_crs(candidate, around_crs, always_xy=True)
        for swapped in (False, True):
            px, py = transform.transform(*((y, x) if swapped else (x, y)))
            share = float(np.mean((px >= west) & (px <= east) & (py >= south) & (py <= north)))
            if share >= 0.5:
                found.append(Guess(candidate, swapped, share))
    return sorted(found, key=lambda g: (-g.share_inside, g.swapped))
