"""Where one set of incidents lies denser than another, or than people do: the ratio of two densities."""
from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ..errors import InputError
from ..text import Text
from .grids import inside_share, tested, with_columns
from .kernels import LEAST_EDGE, bandwidth_of, density_surface, edge_surface
from .lattice import Lattice, lattice_of, require_same_crs
from .precision import coordinates

WAYS = ("log", "ratio", "difference", "sum")
SIDES = ("more_99", "more_95", "more_90", "none", "less_90", "less_95", "less_99", "left_out")
LEVELS = (0.01, 0.05, 0.1)
LEAST = 2
MOST_DRAWN = 100_000_000    # cells × draws held at a time, 400 MB


def relative_risk(a: gpd.GeoDataFrame | gpd.GeoSeries, b: gpd.GeoDataFrame | gpd.GeoSeries | str, grid: gpd.GeoDataFrame, *,
                  bandwidth_m: float | str = "auto", how: str = "log", kernel: str = "quartic", edge: bool = True, normalise: bool = True,
                  mask: float = 0.01, n_perm: int = 0, seed: int | None = None) -> gpd.GeoDataFrame:
    """Density of `a` beside that of `b` on the cells of `grid`.

    Parameters
    ----------
    a
        Incidents in the metric CRS of `grid`.
    b
        Other incidents to compare with, or the name of a column of `grid` with residents, addresses or street metres, which are then
        spread with the same kernel. Which it is decides what the map says: name it in the legend.
    bandwidth_m
        One for both, since different ones draw rings that are not there (Davies & Hazelton 2010). "auto" chooses it from `a`.
    how
        "log" (natural), "ratio", "difference" (a − b) or "sum".
    normalise
        True compares shares, so that a ratio of 1 means *as much of a as of b*; False compares numbers per square kilometre.
    mask
        Cells where `b` is below this part of its peak are missing: a ratio to next to nothing says nothing.
    n_perm
        Draws for p: the labels of a and b change places, or, against a column, as many incidents fall in proportion to it. 0: no p.

    Returns
    -------
    The grid with `incidents` (of a), `density_a`, `density_b` (shares per km² when normalised), `risk`, and with draws `p` (two-sided, of
    each cell by itself), `p_adjusted` (of so large a deviation, in its standard deviations, in any cell at all: the tolerance contours are
    where it passes the levels) and `side`: more_99, more_95, more_90 (p_adjusted below 0.01, 0.05, 0.1), less_… likewise, none, left_out.
    What is masked or not tested is missing, never infinite.

    References
    ----------
    Bithell 1990, doi:10.1002/sim.4780090616; Kelsall & Diggle 1995, doi:10.2307/3318678; Davies & Hazelton 2010, doi:10.1002/sim.3995; Westfall &
    Young 1993, Resampling-Based Multiple Testing
    """
    return relative_risk_and_facts(a, b, grid, bandwidth_m=bandwidth_m, how=how, kernel=kernel, edge=edge, normalise=normalise, mask=mask,
                                   n_perm=n_perm, seed=seed)[0]


def relative_risk_and_facts(a, b, grid: gpd.GeoDataFrame, *, bandwidth_m: float | str, how: str, kernel: str, edge: bool, normalise: bool,
                            mask: float, n_perm: int, seed: int | None) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """`relative_risk`, and what it used."""
    if how not in WAYS:
        raise InputError(Text(sv="how är {known}, inte {how}.", en="how is {known}, not {how}.").format(known=", ".join(WAYS), how=how))
    require_same_crs(a, grid)
    lattice = lattice_of(grid)
    cases = _inside(a, lattice)
    others, weight = _compared(b, grid, lattice)
    bandwidth, chosen = bandwidth_of(bandwidth_m, *cases, lattice.cell_size_m, kernel)
    draw = _Smoother(lattice, inside_share(grid), bandwidth, kernel, edge, normalise)
    over, under = draw(*cases), draw(*others, weight)
    known = tested(grid) & (under >= mask * under.max()) if how in ("log", "ratio") else tested(grid)
    result = with_columns(grid, {"incidents": lattice.count(*cases), "density_a": over, "density_b": under, "risk": _combined(over, under, how, known)})
    facts = {"n": len(cases[0]), "n_b": len(others[0]) if weight is None else None, "bandwidth_m": bandwidth, **chosen, "kernel": kernel, "how": how,
             "mask": mask, "masked": int((tested(grid) & ~known).sum())}
    if not n_perm:
        return result, facts
    if n_perm * known.sum() > MOST_DRAWN:
        raise InputError(Text(sv="{n} omkastningar av {cells} rutor får inte plats. Välj färre omkastningar eller större rutor.",
                              en="{n} draws of {cells} cells take too much room. Choose fewer draws or larger cells.").format(
                                  n=n_perm, cells=int(known.sum())))
    p, adjusted = (_whole(part, known) for part in _p(known, draw, cases, others, weight, lattice, n_perm, np.random.default_rng(seed)))
    level = sum((adjusted < bound).astype(np.int8) for bound in LEVELS)
    side = np.where(known, np.where(over > under, 3 - level, 3 + level), SIDES.index("left_out"))
    return with_columns(result, {"p": p, "p_adjusted": adjusted, "side": pd.Categorical.from_codes(side, categories=pd.Index(SIDES))}), \
        facts | {"n_perm": n_perm, "seed": seed}


class _Smoother:
    """Densities of many sets of points on the same cells."""

    def __init__(self, lattice: Lattice, share: np.ndarray, bandwidth_m: float, kernel: str, edge: bool, normalise: bool):
        self.lattice, self.bandwidth_m, self.kernel, self.normalise = lattice, bandwidth_m, kernel, normalise
        self.inside = np.maximum(edge_surface(lattice, share, bandwidth_m, kernel), LEAST_EDGE) if edge else 1.0

    def __call__(self, x: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None, *, method: str = "exact") -> np.ndarray:
        surface = density_surface(x, y, self.lattice, self.bandwidth_m, kernel=self.kernel, weights=weight, method=method)
        density = self.lattice.values(surface / self.inside)
        total = len(x) if weight is None else weight.sum()
        return density / total if self.normalise else density


def _inside(points: gpd.GeoDataFrame | gpd.GeoSeries, lattice: Lattice) -> tuple[np.ndarray, np.ndarray]:
    x, y = coordinates(points)
    inside = lattice.cell_of(x, y) >= 0
    if inside.sum() < LEAST:
        raise InputError(Text(sv="Jämförelsen kräver minst två händelser i rutnätet.", en="The comparison takes at least two incidents in the grid."))
    return x[inside], y[inside]


def _compared(b, grid: gpd.GeoDataFrame, lattice: Lattice) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray | None]:
    """The points compared with and their weights; of a column the middles of the cells."""
    if not isinstance(b, str):
        require_same_crs(b, grid)
        return _inside(b, lattice), None
    weight = np.nan_to_num(pd.to_numeric(grid[b]).to_numpy(dtype=float, na_value=0)) if b in grid.columns else np.zeros(1)
    weight = np.where(tested(grid), weight, 0) if b in grid.columns else weight
    if not weight.sum() > 0 or (weight < 0).any():
        raise InputError(Text(sv="Kolumnen {b} finns inte eller har inget att jämföra med: den måste vara över 0 i någon ruta och aldrig under.",
                              en="The column {b} is not there or holds nothing to compare with: it must be above 0 in some cell and never "
                                 "below.").format(b=b))
    some = weight > 0
    x, y = lattice.centres()
    return (x[some], y[some]), weight[some]


def _combined(over: np.ndarray, under: np.ndarray, how: str, known: np.ndarray) -> np.ndarray:
    if how in ("difference", "sum"):
        return np.where(known, over - under if how == "difference" else over + under, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = over / under
        told = np.log(ratio) if how == "log" else ratio
    return np.where(known & np.isfinite(told), told, np.nan)


def _p(known: np.ndarray, draw: _Smoother, cases, others, weight: np.ndarray | None, lattice: Lattice, n_perm: int,
       rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Of each known cell the two-sided Monte Carlo p, and that of the largest deviation anywhere (Westfall and Young)."""
    def smooth(x: np.ndarray, y: np.ndarray, share: np.ndarray | None = None) -> np.ndarray:
        return draw(x, y, share, method="fft")[known]   # what is seen and what is drawn are smoothed in the same way

    n = len(cases[0])
    base = smooth(others[0], others[1], weight)
    pool = np.concatenate([cases, others], axis=1) if weight is None else np.asarray(others)
    drawn = np.empty((n_perm, int(known.sum())), dtype=np.float32)
    for k in range(n_perm):
        if weight is None:
            order = rng.permutation(pool.shape[1])
            drawn[k] = smooth(*pool[:, order[:n]]) - smooth(*pool[:, order[n:]])
        else:
            chosen = rng.choice(len(weight), n, p=weight / weight.sum())
            x, y = pool[:, chosen] + (rng.random((2, n)) - 0.5) * lattice.cell_size_m
            drawn[k] = smooth(x, y) - base
    mean, spread = drawn.mean(axis=0), np.maximum(drawn.std(axis=0), 1e-30)
    seen = ((smooth(*cases) - base - mean) / spread).astype(np.float32)
    drawn = (drawn - mean) / spread
    hair = np.float32(1e-5)
    low, high = (drawn <= seen + hair).sum(axis=0), (drawn >= seen - hair).sum(axis=0)
    largest = np.sort(np.abs(drawn).max(axis=1))
    beyond = n_perm - np.searchsorted(largest, np.abs(seen) - hair)
    return np.minimum(1, 2 * (1 + np.minimum(low, high)) / (n_perm + 1)), (1 + beyond) / (n_perm + 1)


def _whole(told: np.ndarray, known: np.ndarray) -> np.ndarray:
    whole = np.full(len(known), np.nan)
    whole[known] = told
    return whole
