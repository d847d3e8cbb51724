"""How clusters last: persistent, emerging, intermittent or former, from which steps of time each cell was a cluster in."""
from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ..errors import InputError
from ..text import Text
from .grids import tested, with_columns
from .lattice import lattice_of, require_same_crs
from .neighbours import getis_ord, near_of
from .precision import coordinates
from .rates import rate_ratio
from .testing import adjust
from .trends import times_of

PATTERNS = ("persistent", "emerging", "intermittent", "former", "none", "left_out")
MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
LEAST_STEPS = 5     # below, a fifth of them is not one step
GOOD_STEPS = 8      # "auto" takes the longest steps that give so many
HOT_SHARE, PERSISTENT, RECENT = 0.1, 0.8, 0.2


def classify_periods(points: gpd.GeoDataFrame, grid: gpd.GeoDataFrame, *, step: str = "auto", period: tuple[Any, Any] | None = None,
                     time: str = "occurred_from", expected: str | None = None, p: str = "exact", correction: str = "fdr", alpha: float = 0.05,
                     confirm: bool = True) -> gpd.GeoDataFrame:
    """In which steps of time each cell was a cluster (Gi*), and what pattern that makes.

    Parameters
    ----------
    points
        Incidents in the CRS of `grid`, each with a time in the column `time`; one without, or outside the steps, counts nowhere.
    step
        "month", "quarter", "half_year" or "year"; "auto" takes the longest that gives eight steps. Steps are counted back from the end
        of the period, and what is left of it at the beginning is not a step.
    period
        [start, end); without it from the first day of the data to the day after the last.
    expected, p, correction
        As in `getis_ord`, for each step by itself.
    confirm
        True asks for more than the peers' rules: a cell is emerging or former only when the share of its neighbourhood in all
        incidents changed between the recent and the earlier steps beyond chance (exact, corrected over the cells asked); otherwise
        it is intermittent. A place that is always a little hot passes the line in some steps and not in others by chance alone.

    Returns
    -------
    The grid with `incidents` (in all steps), `hot_steps`, `hot_recent` (of the last fifth of the steps), `z_last` and `pattern`: persistent
    (a cluster in at least 80 % of the steps), emerging (in at least 10 % of the recent steps and fewer of the earlier), former (the
    other way round), intermittent (both), none, left_out (not tested, or nothing expected near).

    Raises
    ------
    InputError
        Fewer than five steps, or an unknown step.

    Notes
    -----
    The rules of sfhotspot's `hotspot_classify` with its two faults put right: its recent window holds a step too many, and its test
    of *emerging* compares with the wrong threshold.

    References
    ----------
    Chainey 2021, Understanding Crime, chapter 5
    """
    return classify_periods_and_facts(points, grid, step=step, period=period, time=time, expected=expected, p=p, correction=correction,
                                      alpha=alpha, confirm=confirm)[0]


def classify_periods_and_facts(points: gpd.GeoDataFrame, grid: gpd.GeoDataFrame, *, step: str, period: tuple[Any, Any] | None, time: str,
                               expected: str | None, p: str, correction: str, alpha: float, confirm: bool) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """`classify_periods`, and the steps with the number of incidents in each."""
    require_same_crs(points, grid)
    times = times_of(points, time).dt.tz_localize(None)
    step, edges = steps(times, step, period)
    which = np.searchsorted(edges.to_numpy("datetime64[ns]"), times.to_numpy("datetime64[ns]"), side="right") - 1
    which[times.isna().to_numpy() | (which >= len(edges) - 1)] = -1
    counts = _counts(points, grid, which, len(edges) - 1)
    hot, z = np.zeros(counts.shape, dtype=bool), np.full(len(grid), np.nan)
    for k in range(counts.shape[1]):
        told = getis_ord(grid.assign(incidents=counts[:, k]), expected=expected, p=p, correction=correction, seed=k)
        z = told["z"].to_numpy()
        hot[:, k] = (z > 0) & (told["p_adjusted"].to_numpy() < alpha)
    recent = recent_steps(counts.shape[1])
    pattern = classify(hot)
    if confirm:
        pattern = _confirmed(pattern, counts, grid, recent, alpha)
    pattern = np.where(told["p"].notna(), pattern, PATTERNS.index("left_out"))  # the same cells in every step: not tested, or nothing expected near
    result = with_columns(grid, {
        "incidents": counts.sum(axis=1), "hot_steps": hot.sum(axis=1), "hot_recent": hot[:, -recent:].sum(axis=1), "z_last": z,
        "pattern": pd.Categorical.from_codes(pattern, categories=pd.Index(PATTERNS))})
    return result, {"steps": counts.shape[1], "recent_steps": recent, "step": step, "first_step": edges[0].date(), "end": edges[-1].date(),
                    "incidents_per_step": counts.sum(axis=0).tolist(), "outside_steps": int((which < 0).sum()), "p": p if expected is None else "binomial",
                    "correction": correction, "confirmed": confirm}


def classify(hot: np.ndarray) -> np.ndarray:
    """Place in PATTERNS of each row of cells × steps, True where the cell was a cluster, by the rules alone."""
    recent = recent_steps(hot.shape[1])
    now, before = hot[:, -recent:].mean(axis=1) >= HOT_SHARE, hot[:, :-recent].mean(axis=1) >= HOT_SHARE
    names = np.select([hot.mean(axis=1) >= PERSISTENT, now & ~before, before & ~now, now | before | (hot.mean(axis=1) >= HOT_SHARE)],
                      ["persistent", "emerging", "former", "intermittent"], "none")
    return np.array([PATTERNS.index(name) for name in names], dtype=np.int8)


def recent_steps(n: int) -> int:
    """How many of `n` steps are the recent ones; InputError when they are too few to tell a pattern."""
    if n < LEAST_STEPS:
        raise InputError(Text(sv="Perioden räcker till {n} tidssteg, men ett mönster över tid kräver minst {least}. Välj längre period eller kortare steg.",
                              en="The period is enough for {n} steps of time, but a pattern over time takes at least {least}. Choose a longer period "
                                 "or shorter steps.").format(n=n, least=LEAST_STEPS))
    return math.floor(n * RECENT + 1e-9)


def steps(times: pd.Series, step: str, period: tuple[Any, Any] | None = None) -> tuple[str, pd.DatetimeIndex]:
    """The length of a step, and the borders of whole steps, counted back from the end of the period; local times without zone."""
    if step not in (*MONTHS, "auto"):
        raise InputError(Text(sv="Tidssteg är {known}, inte {step}.", en="Steps of time are {known}, not {step}.").format(
            known=", ".join((*MONTHS, "auto")), step=step))
    start, end = (pd.Timestamp(day).tz_localize(None) for day in period) if period else (
        times.min().normalize(), times.max().normalize() + pd.Timedelta(days=1))
    if step != "auto":
        return step, _borders(start, end, MONTHS[step])
    found = {name: _borders(start, end, MONTHS[name]) for name in reversed(MONTHS)}
    longest = next((name for name, edges in found.items() if len(edges) > GOOD_STEPS), "month")
    return longest, found[longest]


def _borders(start: pd.Timestamp, end: pd.Timestamp, months: int) -> pd.DatetimeIndex:
    most = (end.year - start.year) * 12 + end.month - start.month
    edges = [end - pd.DateOffset(months=months * k) for k in range(most // months + 2)]
    return pd.DatetimeIndex([edge for edge in edges if edge >= start][::-1])


def _counts(points: gpd.GeoDataFrame, grid: gpd.GeoDataFrame, which: np.ndarray, n: int) -> np.ndarray:
    recent_steps(n)
    cell = lattice_of(grid).cell_of(*coordinates(points))
    inside = (cell >= 0) & (which >= 0)
    return np.bincount(cell[inside] * n + which[inside], minlength=len(grid) * n).reshape(len(grid), n)


def _confirmed(pattern: np.ndarray, counts: np.ndarray, grid: gpd.GeoDataFrame, recent: int, alpha: float) -> np.ndarray:
    """Cells whose share did not change beyond chance are intermittent, not emerging or former."""
    part = tested(grid)
    near = near_of(grid, part, "queen", True)
    later, earlier = near.sum(counts[:, -recent:].sum(axis=1)), near.sum(counts[:, :-recent].sum(axis=1))
    emerging, former = pattern == PATTERNS.index("emerging"), pattern == PATTERNS.index("former")
    asked = (emerging | former) & part
    total_later, total_earlier = counts[part, -recent:].sum(), counts[part, :-recent].sum()
    if not asked.any() or not min(total_later, total_earlier) > 0:
        return pattern
    ratio, _, _, p = rate_ratio(later[asked], earlier[asked], float(total_later), float(total_earlier))
    sure = adjust(p) < alpha
    right = np.where(emerging[asked], ratio > 1, ratio < 1)
    pattern = pattern.copy()
    pattern[np.flatnonzero(asked)[~(sure & right)]] = PATTERNS.index("intermittent")
    return pattern
