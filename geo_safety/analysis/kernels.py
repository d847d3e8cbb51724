"""Incidents smoothed to a density on the cells of a grid, and how far one incident should be spread."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError
from ..text import Text
from .bandwidths import VARIANCE, choose_bandwidth
from .counts import weights_of
from .grids import inside_share
from .lattice import Lattice, lattice_of, require_same_crs
from .precision import coordinates

# 1 / integral over the plane of each kernel with radius 1 (Gaussian: standard deviation 1) and the value 1 in the middle
NORM: Mapping[str, float] = MappingProxyType({
    "quartic": 3 / np.pi, "triweight": 4 / np.pi, "epanechnikov": 2 / np.pi, "uniform": 1 / np.pi, "triangular": 3 / np.pi,
    "gaussian": 1 / (2 * np.pi)})
GAUSSIAN_REACH = 9.0    # standard deviations; what lies beyond is less than 3e-18 of the middle
MOST_EXACT = 1e8        # kernel values; above it the points are first moved to the cells around them
FINE = 7                # cells to the radius, when points are moved to centres
LEAST_EDGE = 0.25       # a square's corner; where less of the circle is known nothing is multiplied by more than 4


def kernel_density(points: gpd.GeoDataFrame | gpd.GeoSeries, grid: gpd.GeoDataFrame, *, bandwidth_m: float | str = "auto",
                   edge: str | None = "uniform", kernel: str = "quartic", weights: ArrayLike | None = None, method: str = "auto",
                   unit: str = "per_km2") -> gpd.GeoDataFrame:
    """Incidents per square kilometre, smoothed, on the cells of `grid`.

    Parameters
    ----------
    points
        Incidents in the metric CRS of `grid`, placed at least to the street.
    grid
        Equal cells with `row` and `column`, as from `make_grid`: the area that was searched.
    bandwidth_m
        Radius over which one incident is spread. Shorter shows corners, longer shows districts. "auto", "ppl" and "nrd" choose it
        from the points, see `select_bandwidth`. For the Gaussian kernel it is the standard deviation: other programs call
        both "bandwidth", and a radius typed as a standard deviation smooths 2.83 times as far.
    edge
        "uniform" makes up for the part of each circle that lies beyond the area, by the share of each cell inside it, and takes
        only incidents in the cells of the grid; None does neither.
    kernel
        "quartic", "triweight", "epanechnikov", "uniform", "triangular" or "gaussian".
    method
        "exact" adds up distances from every incident to every cell centre within reach; "fft" first moves each incident to the
        centres around it, which is faster for many and off by less than 0.1 % of the peak with 100 000 incidents (up to 1 % with
        one; far more for the uniform kernel with its sharp edge); "auto" takes exact up to 10⁸ such distances.
    unit
        "per_km2" or "share": divided by the number of incidents, so that two maps can be compared.

    Returns
    -------
    One row per cell with `incidents` and `density_per_km2` (with unit "share" `share_per_km2`); empty cells are kept as 0. With
    `weights` the density is of weights, and `weighted` is their sum per cell.

    Notes
    -----
    Quartic: f(s) = Σ_i w_i 3/(π h²) (1 − (d_i/h)²)², d_i ≤ h (Silverman 1986). Nothing is known beyond the border: the correction
    divides by the part of the kernel that lies inside (at least a quarter) and so assumes that it is as busy there as inside.
    Without it, values within one bandwidth of the border are too low.

    References
    ----------
    Silverman 1986, doi:10.1007/978-1-4899-3324-9; Diggle 1985, doi:10.2307/2347366
    """
    return kernel_density_and_facts(points, grid, bandwidth_m=bandwidth_m, edge=edge, kernel=kernel, weights=weights, method=method,
                                    unit=unit)[0]


def kernel_density_and_facts(points: gpd.GeoDataFrame | gpd.GeoSeries, grid: gpd.GeoDataFrame, *, bandwidth_m: float | str, edge: str | None,
                             kernel: str, weights: ArrayLike | None, method: str, unit: str) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """`kernel_density`, and what it used: bandwidth and rule, method, how much of the kernel lies inside at the least."""
    for wish, known in ((kernel, tuple(NORM)), (edge, ("uniform", None)), (method, ("auto", "exact", "fft")), (unit, ("per_km2", "share"))):
        _check_choice(wish, known)
    require_same_crs(points, grid)
    lattice = lattice_of(grid)
    x, y = coordinates(points)
    weight = np.ones(len(x)) if weights is None else weights_of(points, weights)
    used = lattice.cell_of(x, y) >= 0 if edge else np.isfinite(x) & np.isfinite(y)
    x, y, weight = x[used], y[used], weight[used]
    bandwidth, chosen = bandwidth_of(bandwidth_m, x, y, lattice.cell_size_m, kernel)
    if method == "auto":
        each = min((2 * reach_of(kernel, bandwidth) / lattice.cell_size_m)**2, lattice.size)
        method = "exact" if len(x) * each <= MOST_EXACT or kernel == "uniform" else "fft"
    surface = density_surface(x, y, lattice, bandwidth, kernel=kernel, weights=weight, method=method)
    inside = edge_surface(lattice, inside_share(grid), bandwidth, kernel) if edge else np.ones(surface.shape)
    density = lattice.values(surface / np.maximum(inside, LEAST_EDGE))
    result = grid.copy(deep=False)
    result["incidents"] = lattice.count(x, y)
    if weights is not None:
        result["weighted"] = lattice.count(x, y, weight)
    result["density_per_km2" if unit == "per_km2" else "share_per_km2"] = density / (1.0 if unit == "per_km2" else weight.sum())
    near_border = lattice.values(inside)
    return result, {"n": len(x), "cells": len(grid), "bandwidth_m": bandwidth, **chosen, "kernel": kernel, "method": method, "edge": edge,
                    "cells_near_border": int((near_border < 0.9).sum()), "least_inside": float(near_border.min())}


def select_bandwidth(points: gpd.GeoDataFrame | gpd.GeoSeries, rule: str = "auto", *, kernel: str = "quartic",
                     cell_size_m: float | None = None) -> float:
    """How far one incident should be spread, in metres: the radius of `kernel` (the standard deviation of the Gaussian one).

    "nrd" is the normal reference rule 4 · 1.06 · min(s, IQR/1.34) · n^(−1/5), the mean over both axes: too smooth for a town, it
    gave 5.8 km for a year of robberies in Memphis. "ppl" makes each incident likely by all others (likelihood
    cross-validation, Gaussian, converted by equal variance). Incidents at the same coordinate are left out together, since a
    register that stacks them would otherwise drive it to nothing, and one in a hundred may lie anywhere, since a few in the
    countryside would otherwise smooth the town away. "auto" is the smaller of the two, at least two cells wide.
    Not offered: Diggle's rule, which gave 57 m for Memphis.

    InputError when fewer than two different places are known.
    """
    x, y = coordinates(points)
    known = np.isfinite(x) & np.isfinite(y)
    return choose_bandwidth(x[known], y[known], rule, kernel=kernel, cell_size_m=cell_size_m)[0]


def density_surface(x: np.ndarray, y: np.ndarray, lattice: Lattice, bandwidth_m: float, *, kernel: str = "quartic",
                    weights: np.ndarray | None = None, method: str = "exact") -> np.ndarray:
    """Weights per square kilometre at the centres of the raster of `lattice`, without edge correction."""
    weight = np.ones(len(x)) if weights is None else weights
    if method == "fft":
        return _by_fft(x, y, lattice, bandwidth_m, kernel, weight) * 1e6
    from . import loops  # numba is imported when it is needed
    surface = np.zeros((lattice.rows, lattice.columns))
    loops.scatter(np.ascontiguousarray(x, dtype=float), np.ascontiguousarray(y, dtype=float), np.ascontiguousarray(weight, dtype=float),
                  reach_of(kernel, bandwidth_m), float(bandwidth_m), tuple(NORM).index(kernel), lattice.x0, lattice.y0,
                  lattice.cell_size_m, lattice.step_y, lattice.kind == "hexagon", surface)
    return surface * (NORM[kernel] / bandwidth_m**2 * 1e6)


def _by_fft(x: np.ndarray, y: np.ndarray, lattice: Lattice, bandwidth_m: float, kernel: str, weight: np.ndarray) -> np.ndarray:
    """Density per square metre, with weights first shared out to the centres around each point.

    That widens every kernel by a sixth of a squared cell per axis (hexagons: an eighth), so one as much narrower is used, on
    centres at least as fine as `FINE` to the radius.
    """
    radius = bandwidth_m * np.sqrt(VARIANCE[kernel] / VARIANCE["quartic"])
    finer = 2 * max(0, int(np.ceil((FINE * lattice.cell_size_m / radius - 1) / 2))) + 1
    fine = replace(lattice, cell_size_m=lattice.cell_size_m / finer, rows=(lattice.rows - 1) * finer + 1,
                   columns=(lattice.columns - 1) * finer + 1)
    widened = fine.cell_size_m**2 / (6 if lattice.kind == "square" else 8)
    narrower = np.sqrt(bandwidth_m**2 - widened / VARIANCE[kernel])
    high, wide = _half_widths(fine, reach_of(kernel, bandwidth_m))
    mass = _spread_to_centres(x, y, weight, fine, high + 1, wide + 1)
    sums = _convolved(mass, _sampled(fine, kernel, narrower, high, wide))
    return np.maximum(sums[high + 1:-high - 1:finer, wide + 1:-wide - 1:finer], 0) * NORM[kernel] / narrower**2


def edge_surface(lattice: Lattice, share: np.ndarray, bandwidth_m: float, kernel: str = "quartic") -> np.ndarray:
    """The part of the kernel around each centre that lies in the area, when `share` of each cell does."""
    high, wide = _half_widths(lattice, reach_of(kernel, bandwidth_m))
    weights = _sampled(lattice, kernel, bandwidth_m, high, wide)
    whole = _convolved(np.pad(lattice.raster(share), ((high, high), (wide, wide))), weights / weights.sum())
    return np.clip(whole[high:high + lattice.rows, wide:wide + lattice.columns], 0, 1)


def _convolved(raster: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """`weights` laid around each place of `raster`, as large as it."""
    from scipy import signal  # takes seconds to load, which would be felt when the app starts
    return signal.oaconvolve(raster, weights, mode="same")


def reach_of(kernel: str, bandwidth_m: float) -> float:
    """Metres beyond which the kernel is 0, or as good as."""
    return float(bandwidth_m) * (GAUSSIAN_REACH if kernel == "gaussian" else 1.0)


def _check_choice(wish: str | None, known: tuple) -> None:
    if wish not in known:
        raise InputError(Text(sv="{wish} går inte att välja. Möjliga: {known}.", en="{wish} cannot be chosen. Possible: {known}.").format(
            wish=wish, known=", ".join(map(str, known))))


def bandwidth_of(wish: float | str, x: np.ndarray, y: np.ndarray, cell_size_m: float, kernel: str) -> tuple[float, dict[str, Any]]:
    """The bandwidth in metres and how it was chosen; InputError for one that is too short to reach the middle of a cell."""
    if isinstance(wish, str):
        return choose_bandwidth(x, y, wish, kernel=kernel, cell_size_m=cell_size_m)
    radius = wish * np.sqrt(VARIANCE[kernel] / VARIANCE["quartic"])
    if not radius >= cell_size_m:
        raise InputError(Text(
            sv="Bandbredden är {bandwidth} m men rutorna är {cell} m, så de flesta händelser når ingen rutas mitt. "
               "Ange minst {cell} m, eller mindre rutor.",
            en="bandwidth_m is {bandwidth} but cells are {cell} m wide, so most incidents reach no cell centre. "
               "Use at least {cell} m, or smaller cells.").format(bandwidth=wish, cell=cell_size_m))
    return float(wish), {"bandwidth_rule": "given"}


def _half_widths(lattice: Lattice, reach: float) -> tuple[int, int]:
    """Raster rows and columns within reach."""
    high = int(np.ceil(reach / lattice.step_y))
    return high, int(np.ceil(reach / lattice.cell_size_m + high * lattice.shear))


def _sampled(lattice: Lattice, kernel: str, bandwidth_m: float, high: int, wide: int) -> np.ndarray:
    """The kernel at the offsets between cells, with the value 1 in the middle."""
    up, right = np.mgrid[-high:high + 1, -wide:wide + 1]
    east, north = lattice.offset(up, right)
    u2 = (east**2 + north**2) / bandwidth_m**2
    if kernel == "gaussian":
        return np.exp(-u2 / 2)
    inside = u2 <= 1 + 1e-12
    if kernel == "triangular":
        return np.where(inside, 1 - np.sqrt(np.minimum(u2, 1)), 0.0)
    power = {"quartic": 2, "triweight": 3, "epanechnikov": 1, "uniform": 0}[kernel]
    return np.where(inside, np.maximum(1 - u2, 0)**power, 0.0)


def _spread_to_centres(x: np.ndarray, y: np.ndarray, weight: np.ndarray, lattice: Lattice, high: int, wide: int) -> np.ndarray:
    """Weights shared out over the centres around each point, linearly, on a raster that is wider by a margin on all sides.

    Squares: the four centres around it; hexagons: the three corners of its triangle of centres.
    """
    columns, rows = lattice.columns + 2 * wide, lattice.rows + 2 * high
    up = (y - lattice.y0) / lattice.step_y + high
    right = (x - lattice.x0) / lattice.cell_size_m - (up - high) * lattice.shear + wide
    inside = (up >= 0) & (up < rows - 1) & (right >= 0) & (right < columns - 1)
    up, right, weight = up[inside], right[inside], weight[inside]
    row, column = up.astype(np.int64), right.astype(np.int64)
    up, right = up - row, right - column
    if lattice.kind == "square":
        parts = ((0, 0, (1 - up) * (1 - right)), (0, 1, (1 - up) * right), (1, 0, up * (1 - right)), (1, 1, up * right))
    else:
        beyond = up + right > 1
        parts = ((0, 0, np.where(beyond, 0, 1 - up - right)), (0, 1, np.where(beyond, 1 - up, right)),
                 (1, 0, np.where(beyond, 1 - right, up)), (1, 1, np.where(beyond, up + right - 1, 0)))
    mass = np.zeros(rows * columns)
    first = row * columns + column
    for a, b, share in parts:
        mass += np.bincount(first + (a * columns + b), weights=weight * share, minlength=rows * columns)
    return mass.reshape(rows, columns)
