"""Whether a series rises or falls over time: the test of Mann and Kendall, for many series at once."""
from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from ..errors import InputError
from ..text import Text

LEAST_STEPS = 10
_ROWS = 20_000      # series looked at together, so that memory stays small


def mann_kendall(series: ArrayLike, *, season: int = 1) -> pd.DataFrame:
    """Kendall's S of each series against time, with its variance under ties, z, two-sided p and tau-b.

    Parameters
    ----------
    series
        places × steps, or one series; steps of equal length in order of time. A missing value (NaN) takes no part.
    season
        Steps a year, 12 for months: each month is then compared with the same month of other years only (Hirsch, Slack & Smith
        1982). 1 compares all steps. The test takes steps as independent: a seasonal series needs `season`, and windows that
        overlap break it.

    Returns
    -------
    One row per series: `steps` (those known), `s`, `variance`, `z` (with continuity correction), `p`, `tau`. A series whose known values
    are all equal has s 0 and p 1, and no tau.

    Raises
    ------
    InputError
        Fewer than ten steps, fewer than three years with a season, or infinite values.

    Notes
    -----
    S = Σ_{i<j} sign(x_j − x_i); Var S = (n(n−1)(2n+5) − Σ t(t−1)(2t+5)) / 18 over groups of t equal values; tau-b = S / √(n₀ (n₀ − n₁)),
    n₀ = n(n−1)/2, n₁ = Σ t(t−1)/2, as R's Kendall; pymannkendall gives tau-a, nearer to 0 where values are tied.

    References
    ----------
    Mann 1945, doi:10.2307/1907187; Hirsch, Slack & Smith 1982, doi:10.1029/WR018i001p00107
    """
    values = np.atleast_2d(np.asarray(series, dtype=float))
    _check(values, season)
    parts = [_tested(values[start:start + _ROWS], season) for start in range(0, max(1, len(values)), _ROWS)]
    return pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def _check(values: np.ndarray, season: int) -> None:
    if values.ndim != 2 or np.isinf(values).any():
        raise InputError(Text(sv="Serierna måste vara en tabell med en rad per plats och ändliga tal.",
                              en="The series must be a table with a row per place and finite numbers."))
    steps = values.shape[1]
    if season < 1 or steps < max(LEAST_STEPS, 3 * season if season > 1 else 0):
        raise InputError(Text(sv="En trend kräver minst {least} tidssteg, och minst tre år när årstiden räknas bort. Här är {steps} steg.",
                              en="A trend takes at least {least} steps of time, and at least three years when the season is taken out. Here "
                                 "are {steps} steps.").format(least=LEAST_STEPS, steps=steps))


def _tested(values: np.ndarray, season: int) -> dict[str, np.ndarray]:
    s, variance, pairs, untied = (np.zeros(len(values)) for _ in range(4))
    for first in range(season):
        for total, part in zip((s, variance, pairs, untied), _one_season(values[:, first::season]), strict=True):
            total += part
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 0, (s - np.sign(s)) / np.sqrt(variance), 0.0)
        tau = np.where(untied > 0, s / np.sqrt(pairs * untied), np.nan)
    return {"steps": np.isfinite(values).sum(axis=1), "s": s.astype(np.int64), "variance": variance, "z": z,
            "p": np.minimum(1.0, 2 * special.ndtr(-np.abs(z))), "tau": tau}


def _one_season(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """S, its variance, the number of pairs, and of pairs that are not tied."""
    steps = np.ascontiguousarray(values.T)      # one step of all series side by side: eight times as fast as series by series
    s = np.zeros(len(values), dtype=np.int64)
    equal = np.zeros(steps.shape, dtype=np.int64)   # how many other values of its series are equal to this one
    for lag in range(1, len(steps)):
        later, earlier = steps[lag:], steps[:-lag]
        s += (later > earlier).sum(axis=0)
        s -= (later < earlier).sum(axis=0)
        same = later == earlier
        equal[lag:] += same
        equal[:-lag] += same
    n = np.isfinite(values).sum(axis=1).astype(float)
    # summed over values instead of groups: a group of t equal values has t members, each with t − 1 others
    ties = (equal * (2 * equal + 7)).sum(axis=0)
    pairs = n * (n - 1) / 2
    return s, (n * (n - 1) * (2 * n + 5) - ties) / 18, pairs, pairs - equal.sum(axis=0) / 2
