"""Clusters of weighted incidents: by severity, with p from drawing whole incidents, each with its weight."""
from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..errors import InputError
from ..text import Text
from .counts import weights_of
from .grids import tested, with_columns
from .lattice import lattice_of, require_same_crs
from .neighbours import CLUSTERS, near_of, shares_of
from .precision import coordinates
from .testing import adjust

MUCH = 0.2          # one incident with more of the whole weight than this is said
_CHUNK = 1 << 22    # drawn cells held at a time


def getis_ord_weighted(points: gpd.GeoDataFrame, grid: gpd.GeoDataFrame, weights: ArrayLike, *, expected: str | None = None,
                       neighbours: str | float = "queen", star: bool = True, n_perm: int = 999, correction: str = "fdr", seed: int | None = None
                       ) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """Gi* of weighted incidents against whole incidents, each with its weight, put at random in proportion to `expected`.

    Parameters
    ----------
    points, weights
        Incidents in the metric CRS of `grid`, and one weight above 0 for each. A weighted sum is no count: no exact or normal p holds for it.
    expected
        Column of the grid with residents, addresses or street metres; None: every tested cell alike.
    star
        False leaves the cell itself out of the sum (Gi).

    Returns
    -------
    The grid with `incidents`, `weighted`, `incidents_near`, `weighted_near`, `expected` (weight that chance gives near), `z`, `p` (two-sided, twice the
    smaller share of draws as far out, with the observed one counted), `p_adjusted` and `cluster` as in `getis_ord`; and facts.

    Notes
    -----
    Near cell i lies the share s of what is expected. The sum of weights there has mean W s and variance Σw² s (1 − s), W the weight of all; z is
    from these, p from `n_perm` draws: an incident of weight 300 falls somewhere whole, or not at all.
    """
    require_same_crs(points, grid)
    each = weights_of(points, weights)
    lattice, part = lattice_of(grid), tested(grid)
    cell = lattice.cell_of(*coordinates(points))
    inside = (cell >= 0) & part[np.maximum(cell, 0)]
    if not inside.any():
        raise InputError(Text(sv="Ingen händelse ligger i en prövad ruta.", en="No incident lies in a tested cell."))
    if n_perm < 99:
        raise InputError(Text(sv="Minst 99 dragningar behövs.", en="At least 99 draws are needed."))
    share = shares_of(grid, expected, part) if expected else part.astype(float)
    share = np.where(part, share, 0.0) / share[part].sum()
    cell, each = cell[inside], each[inside]
    incidents, weighted = np.bincount(cell, minlength=len(grid)), np.bincount(cell, each, minlength=len(grid))
    near = near_of(grid, part, neighbours, star)
    sums, chance = near.sum(weighted), near.sum(share)
    mean, spread = each.sum() * chance, np.sqrt((each**2).sum() * chance * (1 - chance))
    above, below = _as_far(near, sums, share, each, n_perm, np.random.default_rng(seed))
    known = part & (chance > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(known, (sums - mean) / spread, np.nan)
    p = np.where(known, np.minimum(1, 2 * (1 + np.minimum(above, below)) / (1 + n_perm)), np.nan)
    adjusted = adjust(p, correction)
    sure = np.add.reduce([np.nan_to_num(adjusted, nan=1.0) < level for level in (0.01, 0.05, 0.1)], dtype=np.int64)
    names = np.array(CLUSTERS, dtype=object)
    side = np.where(sums > mean, "hot_", "cold_").astype(object)
    cluster = np.where(~known, "left_out", np.where(sure == 0, "none", side + np.array(["", "90", "95", "99"], dtype=object)[sure]))
    told = with_columns(grid, {
        "incidents": incidents, "weighted": weighted, "incidents_near": near.sum(incidents), "weighted_near": sums, "expected": np.where(known, mean, np.nan),
        "z": z, "p": p, "p_adjusted": adjusted, "cluster": pd.Categorical(cluster, categories=names)})
    facts = {"tested": int(part.sum()), "p": "permutation", "n_perm": n_perm, "seed": seed, "correction": correction, "neighbours": neighbours,
             "weight": float(each.sum()), "most_of_one": float(each.max() / each.sum())}
    return told, facts


def _as_far(near: Any, sums: np.ndarray, share: np.ndarray, each: np.ndarray, n_perm: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """In how many draws the sum near each cell is as large, and as small, as the observed one."""
    levels, numbers = np.unique(each, return_counts=True)
    above, below = np.zeros((2, len(share)), np.int64)
    slack = 1e-9 * max(1.0, float(each.sum()))  # sums of weights that should be equal may differ in the last digit
    at_once = max(1, _CHUNK // len(share))
    for start in range(0, n_perm, at_once):
        rounds = min(at_once, n_perm - start)
        drawn = np.zeros((rounds, len(share)))
        for level, number in zip(levels, numbers, strict=True):
            drawn += level * rng.multinomial(number, share, rounds)
        for one in drawn:
            chance = near.sum(one)
            above += chance >= sums - slack
            below += chance <= sums + slack
    return above, below
