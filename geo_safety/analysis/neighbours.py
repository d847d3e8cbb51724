"""Where high counts lie together: Gi* and Gi of Getis and Ord, with p that hold for small counts."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse, special

from ..errors import InputError
from ..text import Text
from .contiguity import NearAreas
from .grids import tested, with_columns
from .lattice import Lattice, lattice_of
from .randomisation import exact_cost, exact_sums, permuted_sums
from .testing import adjust, questions

CLUSTERS = ("hot_99", "hot_95", "hot_90", "none", "cold_90", "cold_95", "cold_99", "left_out")
LEVELS = (0.01, 0.05, 0.1)
MOST_EXACT = 2e9    # operations; beyond some 200 neighbours a permutation is quicker
Run = tuple[int, int, int]  # rows up, first and last column to the right


def getis_ord(grid: gpd.GeoDataFrame, *, expected: str | None = None, value: str = "incidents", neighbours: str | float | sparse.sparray = "queen",
              star: bool = True, p: str = "exact", n_perm: int = 999, correction: str = "fdr", seed: int | None = None) -> gpd.GeoDataFrame:
    """Where more, or fewer, incidents lie together than chance would put there: Gi* for each cell of `grid`.

    Parameters
    ----------
    grid
        Equal cells with `row`, `column` and `value`; or areas of any shape, without `row` and `column`. Where there is `tested` (as
        from `study_area`), only those cells take part: as cells, as neighbours, in the mean. Empty sea and forest would make every
        built-up cell look hot.
    expected
        Column with residents, addresses or street metres. Chance then puts each incident into a cell in proportion to it: *more
        than expected there*. None: chance treats all cells alike, and busy places come out whatever their risk.
    neighbours
        "queen": the cells that touch, corners too (on hexagons the six around); "rook": those with a common side; a number: all
        cells whose centre, or areas whose centroid, lies within that many metres; or a sparse matrix with 1 for each pair of neighbours.
    star
        True counts the cell itself (Gi*); False leaves it out of the sum, the mean and the spread (Gi).
    p
        "exact": the distribution of the sum when the counts of all cells change places, without simulating; "permutation":
        `n_perm` such draws; "normal": from z, which is wrong for sparse counts (at 0.015 incidents a cell, 12.6 % of cells pass
        a one-sided 2.5 %). With `expected` p is binomial and exact whichever is chosen. Sums that are not whole numbers get
        "permutation".
    correction
        Over all tested cells: "fdr" (Benjamini–Hochberg), "holm", "bonferroni" or "none".

    Returns
    -------
    The grid with `incidents_near` (sum in the cell and its neighbours), `cells_near` (how many those are), `expected` (of that
    sum), `z`, `p` (two-sided), `p_adjusted` and `cluster`: hot_99, hot_95, hot_90 (p_adjusted below 0.01, 0.05, 0.1 and more than
    expected), cold_… likewise, none, left_out. Cells that are not tested, and those with nothing expected near, have missing numbers and are left out.

    Notes
    -----
    Gi*_i = (Σ_j w_ij x_j − W_i m) / (s √((n W_i − W_i²)/(n − 1))), w binary, m and s mean and population standard deviation of the n
    tested cells. With `expected`, E_i of it near i and E in all: O_i is binomial (N, E_i / E), z = (O_i − N E_i/E) / √(N E_i/E (1 − E_i/E)).
    Two-sided p: twice the smaller tail, at most 1. Cells near the border have fewer neighbours; nothing is assumed beyond it.

    References
    ----------
    Getis & Ord 1992, doi:10.1111/j.1538-4632.1992.tb00261.x; Ord & Getis 1995, doi:10.1111/j.1538-4632.1995.tb00912.x
    """
    return getis_ord_and_facts(grid, expected=expected, value=value, neighbours=neighbours, star=star, p=p, n_perm=n_perm,
                               correction=correction, seed=seed)[0]


def getis_ord_and_facts(grid: gpd.GeoDataFrame, *, expected: str | None, value: str, neighbours: str | float | sparse.sparray, star: bool, p: str,
                        n_perm: int, correction: str, seed: int | None) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """`getis_ord`, and what it used: cells, those tested, kind of p, correction, neighbours within how many metres."""
    part = tested(grid)
    values = values_of(grid, value, part)
    near = near_of(grid, part, neighbours, star)
    sums, numbers = near.sum(values), near.numbers()
    here = slice(None) if part.all() else part
    if expected is None:
        kind, answer = _against_all_cells(values[here], sums[here], numbers[here], star, p, n_perm, seed)
    else:
        kind, answer = "binomial", _against_expected(values[here], sums[here], near.sum(shares_of(grid, expected, part))[here])
    adjusted = adjust(answer.p, correction, answer.times)
    cluster = _spread(_clusters(answer.difference, adjusted)[answer.which], part, CLUSTERS.index("left_out"))
    told = {name: _spread(numbers_told[answer.which], part, np.nan) for name, numbers_told in (
        ("expected", answer.expected), ("z", answer.z), ("p", answer.p), ("p_adjusted", adjusted))}
    result = with_columns(grid, {"incidents_near": sums, "cells_near": numbers, **told,
                                 "cluster": pd.Categorical.from_codes(cluster, categories=pd.Index(CLUSTERS))})
    facts = {"cells": len(grid), "tested": int(part.sum()), "p": kind, "correction": correction, "star": star,
             "neighbours": "given" if sparse.issparse(neighbours) else neighbours, "cells_with_fewer_neighbours": int((numbers[here] < near.most).sum()),
             "cells_without_expected": int(np.isnan(answer.p).sum()) if expected else 0}
    return result, facts | ({"n_perm": n_perm, "seed": seed} if kind == "permutation" else {})


@dataclass(frozen=True)
class Answer:
    """For each different question its sum less the expected one, that, z and p.

    `which` question each tested cell asks, and `times` how many ask it.
    """

    difference: np.ndarray
    expected: np.ndarray
    z: np.ndarray
    p: np.ndarray
    which: np.ndarray
    times: np.ndarray | None = None


class Near:
    """Adds up what lies near each cell of a grid, over tested cells only."""

    def __init__(self, lattice: Lattice, part: np.ndarray, neighbours: str | float, star: bool):
        self.lattice, self.part, self.star = lattice, part, star
        self.whole = bool(part.all())
        self.runs = neighbourhood(lattice, _reach(lattice, neighbours))
        self.most = sum(last - first + 1 for _, first, last in self.runs) - (not star)

    def sum(self, values: np.ndarray) -> np.ndarray:
        known = values if self.whole else np.where(self.part, values, values.dtype.type(0))
        total = self.lattice.values(neighbour_sums(self.lattice.raster(known), self.runs))
        return total if self.star else total - known

    def numbers(self) -> np.ndarray:
        """How many tested cells the sum of each cell is over."""
        if self.whole and self.lattice.is_whole:
            return neighbour_numbers((self.lattice.rows, self.lattice.columns), self.runs).ravel() - (not self.star)
        return self.sum(self.part.astype(np.int64))


def near_of(frame: gpd.GeoDataFrame, part: np.ndarray, neighbours: str | float | sparse.sparray, star: bool) -> Near | NearAreas:
    """What adds up values near each cell of a grid, or near each area when the frame is no grid."""
    if {"row", "column"} <= set(frame.columns) and not sparse.issparse(neighbours):
        return Near(lattice_of(frame), part, neighbours, star)
    return NearAreas(frame, part, neighbours, star)


def neighbourhood(lattice: Lattice, reach_m: float) -> tuple[Run, ...]:
    """The cells whose centre lies within `reach_m` of that of a cell, itself too, as runs of raster columns."""
    runs = []
    most_up = int(reach_m / lattice.step_y + 1e-9)
    for up in range(-most_up, most_up + 1):
        wide = np.sqrt(max(reach_m**2 - (up * lattice.step_y)**2, 0)) / lattice.cell_size_m + 1e-9
        middle = -up * lattice.shear
        runs.append((up, int(np.ceil(middle - wide)), int(np.floor(middle + wide))))
    return tuple((up, first, last) for up, first, last in runs if first <= last)


def _reach(lattice: Lattice, neighbours: str | float) -> float:
    """Metres between the centres of neighbours; for touching cells some way short of the next ring."""
    if neighbours in ("queen", "rook"):
        return lattice.cell_size_m * (1.5 if neighbours == "queen" and lattice.kind == "square" else 1.1)
    if isinstance(neighbours, str):
        raise InputError(Text(sv="Grannar är queen, rook eller ett avstånd i meter, inte {neighbours}.",
                              en="Neighbours are queen, rook or a distance in metres, not {neighbours}.").format(neighbours=neighbours))
    if neighbours < lattice.cell_size_m:
        raise InputError(Text(sv="Grannar räknas inom {reach} m men rutorna är {cell} m, så ingen ruta har någon granne. "
                                 "Ange minst {cell} m.",
                              en="Neighbours are counted within {reach} m but cells are {cell} m wide, so no cell has a neighbour. "
                                 "Give at least {cell} m.").format(reach=neighbours, cell=lattice.cell_size_m))
    return float(neighbours)


def neighbour_sums(raster: np.ndarray, runs: tuple[Run, ...]) -> np.ndarray:
    """Sum over the runs around each cell of `raster`, of values not below 0; nothing lies beyond its border."""
    rows, columns = raster.shape
    if np.issubdtype(raster.dtype, np.integer) and raster.sum(dtype=float) < 2**31:
        raster = raster.astype(np.int32)  # half as much to move about
    high = max(abs(up) for up, _, _ in runs)
    wide = max(max(-first, last, 0) for _, first, last in runs)
    padded = np.zeros((rows + 2 * high, columns + 2 * wide), dtype=raster.dtype)
    padded[high:high + rows, wide:wide + columns] = raster
    along = {run: _along(padded, wide + run[0], wide + run[1], columns) for run in {run[1:] for run in runs}}  # each along the row once
    parts = [along[first, last][high + up:high + up + rows] for up, first, last in runs]
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total


def neighbour_numbers(shape: tuple[int, int], runs: tuple[Run, ...]) -> np.ndarray:
    """How many cells of a whole raster lie in the runs around each: `neighbour_sums` of ones, without adding them up."""
    rows, columns = (np.arange(length, dtype=np.int32) for length in shape)
    total = np.zeros(shape, dtype=np.int32)
    for first, last in {run[1:] for run in runs}:
        ups = [up for up, *run in runs if run == [first, last]]
        high = np.sum([(rows + up >= 0) & (rows + up < shape[0]) for up in ups], axis=0, dtype=np.int32)
        wide = np.maximum(np.minimum(columns + last, shape[1] - 1) - np.maximum(columns + first, 0) + 1, 0)
        total += np.multiply.outer(high, wide)
    return total


def gi_z(sums: np.ndarray, numbers: np.ndarray, mean: np.ndarray | float, spread: np.ndarray | float, n: int) -> np.ndarray:
    """z of sums over `numbers` of `n` cells with that mean and population standard deviation; missing where there is no spread."""
    if np.ndim(mean):
        return _gi_z(sums, numbers.astype(float), mean, spread, n)
    # cells have a few different numbers of neighbours only: what depends on them is worked out once for each
    every = np.arange(int(numbers.max(initial=0)) + 1, dtype=float)
    zero, one = (_gi_z(at, every, mean, spread, n) for at in (0.0, 1.0))
    numbers = numbers.astype(np.intp, copy=False)
    z = np.take(one - zero, numbers)
    z *= sums
    z += np.take(zero, numbers)
    return z


def _gi_z(sums: np.ndarray | float, numbers: np.ndarray, mean: np.ndarray | float, spread: np.ndarray | float, n: int) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (sums - numbers * mean) / (spread * np.sqrt((n * numbers - numbers * numbers) / (n - 1)))
    return np.where(np.isfinite(z), z, np.nan)


def _along(padded: np.ndarray, first: int, last: int, columns: int) -> np.ndarray:
    """Of each row the sum over columns `first` to `last`, for `columns` places to the right."""
    if last - first < 8:
        total = padded[:, first:first + columns].copy()
        for step in range(first + 1, last + 1):
            total += padded[:, step:step + columns]
        return total
    running = np.pad(np.cumsum(padded, axis=1), ((0, 0), (1, 0)))
    return running[:, last + 1:last + 1 + columns] - running[:, first:first + columns]


def values_of(grid: gpd.GeoDataFrame, value: str, part: np.ndarray) -> np.ndarray:
    """The column as whole numbers where it holds such; in cells that are not tested anything may stand."""
    if value not in grid.columns:
        raise InputError(Text(sv="Rutnätet saknar kolumnen {value}. Räkna händelserna först med count(points, grid).",
                              en="The grid has no column {value}. Count the incidents first with count(points, grid).").format(value=value))
    values = grid[value].to_numpy()
    if not np.issubdtype(values.dtype, np.integer):
        values = np.where(part, pd.to_numeric(grid[value]).to_numpy(dtype=float, na_value=np.nan), 0)
        if np.isfinite(values).all() and (values == np.floor(values)).all():
            values = values.astype(np.int64)
    known = values if part.all() else values[part]
    if not len(known) or not np.isfinite(known).all() or known.min() < 0:
        raise InputError(Text(sv="Antalen måste vara kända och inte under 0 i alla rutor som prövas, och minst en ruta måste prövas.",
                              en="Counts must be known and not below 0 in all tested cells, and there must be at least one."))
    return values


def _against_all_cells(values: np.ndarray, sums: np.ndarray, numbers: np.ndarray, star: bool, p: str, n_perm: int,
                       seed: int | None) -> tuple[str, Answer]:
    """Chance lets the values of all tested cells change places."""
    if p not in ("exact", "permutation", "normal"):
        raise InputError(Text(sv="p är exact, permutation eller normal, inte {p}.", en="p is exact, permutation or normal, not {p}.").format(p=p))
    own, which, times, counted = None if star else values, np.arange(len(sums)), None, None
    if np.issubdtype(values.dtype, np.integer):
        (numbers, sums, *rest), which, times = questions(numbers, sums, *(() if star else (values,)))
        own, counted = rest[0] if rest else None, np.bincount(values)
    if p == "exact" and (counted is None or exact_cost(counted, numbers, sums, own) > MOST_EXACT):
        p = "permutation"
    mean, spread, n = _moments(values, counted, own)
    z = gi_z(sums, numbers, mean, spread, n)
    if p == "normal":
        two_sided = np.where(np.isnan(z), 1.0, 2 * special.ndtr(-np.abs(z)))
    else:
        tails = exact_sums(counted, numbers, sums, own) if p == "exact" and counted is not None else permuted_sums(
            values, numbers, sums, own, n_perm, np.random.default_rng(seed))
        two_sided = np.minimum(1, 2 * np.minimum(*tails))
    return p, Answer(sums - numbers * mean, numbers * mean, z, two_sided, which, times)


def _moments(values: np.ndarray, counted: np.ndarray | None, own: np.ndarray | None) -> tuple[np.ndarray | float, np.ndarray | float, int]:
    """Mean, population standard deviation and number of all values; of all but `own`, one of them, where it is given."""
    n = len(values)
    if counted is not None:
        every = np.arange(len(counted), dtype=float)
        total, squares = counted @ every, counted @ every**2
    else:
        total, squares = values.sum(), values @ values
    if own is not None:
        n, total, squares = n - 1, total - own, squares - np.square(own, dtype=float)
    mean = total / n
    return mean, np.sqrt(np.maximum(squares / n - mean**2, 0)), n


def shares_of(grid: gpd.GeoDataFrame, expected: str, part: np.ndarray) -> np.ndarray:
    """The share of all incidents that chance puts into each cell."""
    if expected not in grid.columns:
        raise InputError(Text(sv="Rutnätet saknar kolumnen {expected} att jämföra med. Ta den från study_area(grid, exposure).",
                              en="The grid has no column {expected} to compare with. Take it from study_area(grid, exposure).").format(
                                  expected=expected))
    known = np.where(part, np.nan_to_num(pd.to_numeric(grid[expected]).to_numpy(dtype=float, na_value=0)), 0)
    if not known.sum() > 0 or (known < 0).any():
        raise InputError(Text(sv="Kolumnen {expected} har inget att jämföra med: den måste vara över 0 i någon ruta och aldrig under.",
                              en="The column {expected} holds nothing to compare with: it must be above 0 in some cell and never "
                                 "below.").format(expected=expected))
    return known / known.sum()


def _against_expected(values: np.ndarray, sums: np.ndarray, share: np.ndarray) -> Answer:
    """Chance puts each incident near a cell with probability `share`, in proportion to what is expected there."""
    if not np.issubdtype(values.dtype, np.integer):
        raise InputError(Text(sv="Jämförelsen med ett väntat antal räknas på antal, inte på viktade summor.",
                              en="The comparison with an expected count is made for counts, not for weighted sums."))
    total = int(values.sum())
    share = np.where(share > 1e-12, np.minimum(share, 1), np.nan)  # nothing expected near: chance has no say there
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (sums - total * share) / np.sqrt(total * share * (1 - share))
    # the median lies between floor and ceiling of the mean, so the tail on the other side is at least a half
    above = sums > total * share
    tail = np.empty(len(sums))
    tail[above] = special.betainc(sums[above], total - sums[above] + 1.0, share[above])     # P(O >= sum)
    tail[~above] = special.bdtr(sums[~above].astype(float), total, share[~above])           # P(O <= sum)
    return Answer(sums - total * share, total * share, np.where(np.isfinite(z), z, np.nan), np.minimum(1, 2 * tail), np.arange(len(sums)))


def _clusters(difference: np.ndarray, adjusted: np.ndarray) -> np.ndarray:
    """Place in CLUSTERS of each question: the strictest level that its corrected p is below, by the side it lies on; without p it is left out."""
    level = sum((adjusted < level).astype(np.int8) for level in LEVELS)
    return np.where(np.isnan(adjusted), CLUSTERS.index("left_out"), np.where(difference > 0, 3 - level, 3 + level)).astype(np.int8)


def _spread(told: np.ndarray, part: np.ndarray, fill: float) -> np.ndarray:
    """What is told of the tested cells, for all cells."""
    if len(told) == len(part):
        return told
    whole = np.full(len(part), fill, dtype=told.dtype)
    whole[part] = told
    return whole
