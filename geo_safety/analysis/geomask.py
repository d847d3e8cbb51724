"""Points moved so that nobody's door is told: the donut mask, and what it does to hotspots."""
from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..crs import require_metric
from ..errors import InputError
from ..text import Text
from .counts import count
from .lattice import require_same_crs
from .neighbours import getis_ord
from .precision import coordinates
from .suppression import chance

K = 20              # households among which a point must be hidden
TRIES = 200
HIDES = 0.5         # of the greatest radius: a place is never moved less than this part of it


def geomask_donut(points: gpd.GeoDataFrame, population: gpd.GeoDataFrame, *, key: bytes, k: int = K, r_min_m: float = 50, r_max_m: float = 2000,
                  areas: gpd.GeoDataFrame | None = None, households: str = "addresses") -> gpd.GeoDataFrame:
    """Each point moved in a random direction by a distance within which enough households live.

    Parameters
    ----------
    points
        In a metric CRS. Points at one place (to the centimetre) are moved alike, and always alike under the same key: asking again, or a new
        extract, gives nothing to average.
    population
        Small polygons with the number of `households` (dwellings, or addresses where those are not known), in the same CRS.
    key
        A secret of the municipality, at least 16 bytes. Without it the place cannot be found back.
    k
        The greatest radius holds about so many households at the density around the point; the least is half of it, and at least `r_min_m`.
    areas
        Polygons that a point must not leave, since it would be counted elsewhere: it is drawn again, and where no draw stays inside it is
        left without place.

    Returns
    -------
    The points with new places, `moved_m`, and `hidden_among` (about how many households lie nearer to the new place than the true one). A
    point in ground without households is moved `r_max_m` at most. A point without place stays so.

    References
    ----------
    Hampton et al. 2010, doi:10.1093/aje/kwq248; Allshouse et al. 2010, doi:10.1016/j.healthplace.2010.06.004
    """
    if len(key) < 16 or k < 2 or not 0 < r_min_m < r_max_m:
        raise InputError(Text(sv="Masken kräver en hemlig nyckel på minst 16 byte, k på minst 2 och 0 < r_min_m < r_max_m.",
                              en="The mask takes a secret key of at least 16 bytes, k of at least 2 and 0 < r_min_m < r_max_m."))
    require_metric(points.crs, Text(sv="Punkterna", en="The points"))
    require_same_crs(points, population)
    x, y = coordinates(points)
    density = _density(x, y, population, households)
    greatest = np.clip(np.sqrt(k / np.pi / np.maximum(density, 1e-12)), 2 * r_min_m, r_max_m)
    borders = _Borders(areas, points)
    new = np.array([_moved(key, borders, float(a), float(b), float(reach), max(r_min_m, HIDES * float(reach)))
                    for a, b, reach in zip(x, y, greatest, strict=True)]).reshape(-1, 2)
    moved = np.hypot(new[:, 0] - x, new[:, 1] - y)
    places = np.where(np.isfinite(moved), shapely.points(np.nan_to_num(new)), None)
    return points.assign(moved_m=moved, hidden_among=np.pi * moved**2 * density).set_geometry(gpd.GeoSeries(places, index=points.index, crs=points.crs))


class _Borders:
    """Which area each place lies in, and whether another place lies in the same."""

    def __init__(self, areas: gpd.GeoDataFrame | None, points: gpd.GeoDataFrame):
        if areas is not None:
            require_same_crs(points, areas)
        self.shapes = None if areas is None else areas.geometry.to_numpy()
        self.tree = None if areas is None else shapely.STRtree(self.shapes)

    def around(self, x: float, y: float) -> shapely.Geometry | None:
        if self.tree is None or self.shapes is None:
            return None
        found = self.tree.query(shapely.Point(x, y), predicate="intersects")
        return self.shapes[found.min()] if len(found) else None


def _moved(key: bytes, borders: _Borders, x: float, y: float, most: float, least: float) -> tuple[float, float]:
    if not np.isfinite(x + y):
        return np.nan, np.nan
    area = borders.around(x, y)
    place = f"{x:.2f}\x1f{y:.2f}"
    for turn in range(TRIES):
        angle = 2 * np.pi * chance(key, f"angle\x1f{turn}\x1f{place}")
        radius = np.sqrt(least**2 + (most**2 - least**2) * chance(key, f"radius\x1f{turn}\x1f{place}"))
        east, north = x + radius * np.cos(angle), y + radius * np.sin(angle)
        if area is None or shapely.intersects_xy(area, east, north):
            return east, north
    return np.nan, np.nan


def _density(x: np.ndarray, y: np.ndarray, population: gpd.GeoDataFrame, households: str) -> np.ndarray:
    """Households per square metre in the polygon that each point lies in; 0 outside them."""
    if households not in population.columns:
        raise InputError(Text(sv="Befolkningen saknar kolumnen {households}.", en="The population has no column {households}.").format(households=households))
    per_m2 = pd.to_numeric(population[households]).fillna(0).to_numpy(dtype=float) / population.area.to_numpy()
    found = np.zeros(len(x))
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    at, cell = population.sindex.query(shapely.points(x[known], y[known]), predicate="intersects")
    np.maximum.at(found, known[at], per_m2[cell])
    return found


@dataclass(frozen=True)
class PrivacyEffect:
    """What masking did to the hotspots: hot cells before and after, how many are the same, and how far points moved."""

    hot_raw: int
    hot_masked: int
    both: int
    moved_m: float      # median
    without_place: int
    wide_enough: bool   # cells are at least four times the median move wide

    @property
    def jaccard(self) -> float:
        """Cells hot in both over cells hot in either; missing when neither has any."""
        either = self.hot_raw + self.hot_masked - self.both
        return self.both / either if either else np.nan


def privacy_effect(raw: gpd.GeoDataFrame, masked: gpd.GeoDataFrame, grid: gpd.GeoDataFrame, *, expected: str | None = None) -> PrivacyEffect:
    """Gi* on the true and on the masked points, cell by cell: the report that goes with what leaves."""
    hot = [getis_ord(count(points, grid), expected=expected)["cluster"].isin(["hot_99", "hot_95"]).to_numpy() for points in (raw, masked)]
    moved = masked["moved_m"].to_numpy() if "moved_m" in masked.columns else np.hypot(
        *(a - b for a, b in zip(coordinates(raw), coordinates(masked), strict=True)))
    median = float(np.nanmedian(moved)) if np.isfinite(moved).any() else 0.0
    side = float(np.sqrt(grid.geometry.iloc[0].area))
    return PrivacyEffect(int(hot[0].sum()), int(hot[1].sum()), int((hot[0] & hot[1]).sum()), median, int((~np.isfinite(moved)).sum()), side >= 4 * median)
