"""How exactly the points are known, and where a register has put those that it could not place."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from ..errors import InputError
from ..model.describe import PRECISIONS
from ..text import Text

_MANY = 100_000


def exact_enough(points: gpd.GeoDataFrame, least: str = "street") -> np.ndarray:
    """True for each row that has a point known at least to `least`, one of `model.describe.PRECISIONS`.

    A frame without `geom_precision` comes from somebody who answers for its points: each row with a point counts. A row whose
    precision is missing or not in the list does not.
    """
    placed = ~(shapely.is_missing(points.geometry.to_numpy()) | shapely.is_empty(points.geometry.to_numpy()))
    if "geom_precision" not in points.columns:
        return placed
    return placed & points["geom_precision"].isin(PRECISIONS[:PRECISIONS.index(least) + 1]).to_numpy()


def coordinates(points: gpd.GeoDataFrame | gpd.GeoSeries) -> tuple[np.ndarray, np.ndarray]:
    """x and y of each row, in metres of its CRS; NaN where there is no point. InputError for lines and polygons."""
    geometry: np.ndarray = points.geometry.to_numpy()
    try:
        x, y = _both_axes(geometry)
    except shapely.GEOSException:  # an empty point has no x; looking for such first would cost every call
        geometry = geometry.copy()
        geometry[shapely.is_empty(geometry)] = None
        x, y = _both_axes(geometry)
    if np.any(shapely.get_type_id(geometry[np.isnan(x)]) > 0):
        raise InputError(Text(
            sv="Händelserna måste vara punkter; här finns linjer eller ytor. Ta deras mittpunkt först, om den är ett rimligt läge.",
            en="Incidents must be points; there are lines or polygons here. Take their centroids first, if those are sensible places."))
    return x, y


def _both_axes(geometry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if len(geometry) < _MANY:
        return shapely.get_x(geometry), shapely.get_y(geometry)
    with ThreadPoolExecutor(2) as two:  # shapely lets go of the interpreter, so the two run side by side
        x, y = two.map(lambda axis: axis(geometry), (shapely.get_x, shapely.get_y))
    return x, y


@dataclass(frozen=True)
class Pile:
    """The coordinate that most points share."""

    x: float
    y: float
    incidents: int
    share: float  # of all points with a place


def top_pile(points: gpd.GeoDataFrame | gpd.GeoSeries) -> Pile | None:
    """The coordinate shared by most points, to the centimetre; None without points."""
    x, y = coordinates(points)
    placed = np.isfinite(x) & np.isfinite(y)
    if not placed.any():
        return None
    places, counted = np.unique(np.round(np.column_stack([x[placed], y[placed]]), 2), axis=0, return_counts=True)
    top = int(counted.argmax())
    return Pile(float(places[top, 0]), float(places[top, 1]), int(counted[top]), float(counted[top] / placed.sum()))
