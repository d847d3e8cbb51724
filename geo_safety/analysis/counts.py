"""Incidents per cell."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..text import Text
from .lattice import lattice_of, require_same_crs
from .precision import coordinates


def count(points: gpd.GeoDataFrame | gpd.GeoSeries, grid: gpd.GeoDataFrame, *, weights: ArrayLike | None = None) -> gpd.GeoDataFrame:
    """How many incidents lie in each cell of `grid`.

    Parameters
    ----------
    points
        Incidents in the CRS of `grid`; one without place, or outside all cells, counts nowhere.
    grid
        Equal cells with `row` and `column`, as from `make_grid`.
    weights
        One for each point, for example by severity.

    Returns
    -------
    The grid with `incidents`, and with weights also `weighted`: the plain count always stands beside. Empty cells are kept
    as 0. A point on the border between two squares counts once, in the cell north or east of it.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from geo_safety.analysis.grids import make_grid
    >>> grid = make_grid(shapely.box(0, 0, 500, 250), crs=3006)
    >>> points = gpd.GeoSeries(gpd.points_from_xy([10, 250, 251], [10, 10, 10]), crs=3006)
    >>> count(points, grid)["incidents"].tolist()
    [1, 2]
    """
    require_same_crs(points, grid)
    lattice = lattice_of(grid)
    x, y = coordinates(points)
    counted = grid.copy(deep=False)
    counted["incidents"] = lattice.count(x, y)
    if weights is not None:
        counted["weighted"] = lattice.count(x, y, weights_of(points, weights))
    return counted


def weights_of(points: gpd.GeoDataFrame | gpd.GeoSeries, weights: ArrayLike) -> np.ndarray:
    """`weights` as an array; InputError unless there is one finite weight, not below 0, for each point."""
    values = np.asarray(weights, dtype=float)
    if values.shape != (len(points),) or not np.isfinite(values).all() or (values < 0).any():
        raise InputError(Text(sv="Vikterna måste vara lika många som händelserna, kända och inte under 0.",
                              en="The weights must be as many as the incidents, known and not below 0."))
    return values
