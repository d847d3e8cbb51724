"""Small counts with honest intervals: exact Poisson (Garwood), rates, the comparison of two counts, and smoothed rates.

Exact before normal: a Swedish municipality has a handful of events a month, where normal intervals reach below zero.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import sparse, special

from ..errors import InputError
from ..model.cautions import Caution, caution
from ..text import Text

SMALL_N = 20


def poisson_interval(k: ArrayLike, conf: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Low and high end of the mean that could have given `k` events (Garwood 1936), as arrays of the shape of `k`.

    Holds at least `conf`, for small counts more (98 % at a mean of 0.02). No events: 0 to 3.69. A missing count gives missing
    ends; InputError for a negative or weighted one, since a weighted sum is no Poisson count.

    References: Garwood 1936, doi:10.1093/biomet/28.3-4.437
    """
    k = _counts(k)
    tail = (1 - conf) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(k > 0, special.gammaincinv(np.where(k > 0, k, 1.0), tail), 0.0)
        high = special.gammainccinv(k + 1.0, tail)
    return np.where(np.isnan(k), np.nan, low), high


def weighted_interval(sums: ArrayLike, squares: ArrayLike, largest: ArrayLike, conf: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Low and high end of the mean behind sums of weighted events, from the sums of the weights, of their squares, and the largest weight.

    For events shared out over hours or over dark and light. By the gamma distribution: Garwood's interval where every weight is 1, at
    least as wide as promised where they differ much.

    References: Fay & Feuer 1997, doi:10.1002/(SICI)1097-0258(19970415)16:7<791::AID-SIM500>3.0.CO;2-#
    """
    sums, squares, largest = (np.asarray(values, dtype=float) for values in (sums, squares, largest))
    tail, some = (1 - conf) / 2, sums > 0
    safe, spread = np.where(some, sums, 1.0), np.where(some, squares, 1.0)
    low = np.where(some, spread / safe * special.gammaincinv(safe**2 / spread, tail), 0.0)
    most = np.where(largest > 0, largest, 1.0)
    above, spread = np.where(some, sums, 0.0) + most, np.where(some, squares, 0.0) + most**2
    return low, spread / above * special.gammainccinv(above**2 / spread, tail)


def rate_interval(k: ArrayLike, population: ArrayLike, per: float = 100_000, years: float = 1.0,
                  conf: float = 0.95) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rate, low and high end: events per `per` residents and year, from `k` events among `population` during `years`.

    Where the population is 0 or missing all three are missing. Below some 100 residents a rate says more about the denominator
    than about the place: show the count.
    """
    k, population = np.broadcast_arrays(_counts(k), np.asarray(population, dtype=float))
    low, high = poisson_interval(k, conf)
    scale = per / (np.where(population > 0, population, np.nan) * years)
    return k * scale, low * scale, high * scale


def rate_ratio(k1: ArrayLike, k0: ArrayLike, t1: ArrayLike = 1.0, t0: ArrayLike = 1.0,
               conf: float = 0.95) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Ratio (k1 / t1) / (k0 / t0), its low and high end and the two-sided p of *no difference*, all exact.

    `t1` and `t0` are the times (or residents × time) over which the counts were made. Given the total k1 + k0 the first count is
    binomial; the interval is Clopper and Pearson's, p sums all outcomes that are no more likely than the one seen. Equal to
    R's `poisson.test`. Without any event the ratio is missing, the interval 0 to infinity and p 1; with k0 = 0 the ratio and its
    high end are infinite.

    References: Przyborowski & Wilenski 1940, doi:10.1093/biomet/31.3-4.313; Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404
    """
    shape = np.broadcast_shapes(*(np.shape(value) for value in (k1, k0, t1, t0)))
    asked = pd.DataFrame({name: np.broadcast_to(value, shape).ravel() for name, value in (
        ("k1", _counts(k1)), ("k0", _counts(k0)), ("t1", np.asarray(t1, dtype=float)), ("t0", np.asarray(t0, dtype=float)))})
    # a grid asks the same few questions over and over: each is answered once
    which = asked.groupby(list(asked), dropna=False, sort=False).ngroup().to_numpy()
    answers = _rate_ratio(*asked.drop_duplicates().to_numpy().T, tail=(1 - conf) / 2)
    ratio, low, high, p = (answer[which].reshape(shape) for answer in answers)
    return ratio, low, high, p


def _rate_ratio(k1: np.ndarray, k0: np.ndarray, t1: np.ndarray, t0: np.ndarray, *, tail: float) -> tuple[np.ndarray, ...]:
    missing = np.isnan(k1 + k0 + t1 + t0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (k1 / t1) / (k0 / t0)
        low = np.where(k1 > 0, special.betaincinv(np.maximum(k1, 1), k0 + 1, tail), 0.0)
        high = np.where(k0 > 0, special.betaincinv(k1 + 1, np.maximum(k0, 1), 1 - tail), 1.0)
        low, high = (np.where(missing, np.nan, np.where(share < 1, share / (1 - share), np.inf) * t0 / t1) for share in (low, high))
    # one by one: the outcomes that are no likelier lie differently for each question
    p = np.array([np.nan if unknown else _outcomes_no_likelier(int(a), int(a + b), c / (c + d))
                  for a, b, c, d, unknown in zip(np.nan_to_num(k1), np.nan_to_num(k0), t1, t0, missing, strict=True)])
    return ratio, low, high, p


@dataclass(frozen=True)
class Comparison:
    """Two counts compared: the ratio of the first to the second per time, its exact 95 % interval, and p of *no difference*."""

    ratio: float
    low: float
    high: float
    p: float
    method: str     # etest | exact: the kind of p; the interval is exact in both
    n: int
    warnings: tuple[Caution, ...]


def poisson_compare(k1: int, k2: int, t1: float = 1.0, t2: float = 1.0, *, method: str = "etest", conf: float = 0.95) -> Comparison:
    """Whether `k1` events during `t1` and `k2` during `t2` can have come from the same rate, when there is nothing else to compare with.

    "etest" weighs every outcome that the pooled rate could give, and finds real differences more often; "exact" is the conditional
    test of `rate_ratio`, which never gives a false alarm more often than it says. Neither knows what would have happened anyway: a
    fall in the whole town looks like an effect, so the answer carries the warning NO_CONTROL. Without any event: ratio missing,
    interval 0 to infinity, p 1.

    References: Krishnamoorthy & Thomson 2004, doi:10.1016/S0378-3758(02)00408-1
    """
    if method not in ("etest", "exact"):
        raise InputError(Text(sv="Jämförelsen är etest eller exact, inte {method}.", en="The comparison is etest or exact, not {method}.").format(
            method=method))
    if not (0 < t1 < np.inf and 0 < t2 < np.inf):
        raise InputError(Text(sv="Båda perioderna måste vara längre än 0.", en="Both periods must be longer than 0."))
    if not np.isfinite(np.asarray([k1, k2], dtype=float)).all():
        raise InputError(Text(sv="Båda antalen måste vara kända.", en="Both counts must be known."))
    ratio, low, high, p = (float(value) for value in rate_ratio(k1, k2, t1, t2, conf))
    n = int(k1 + k2)
    if method == "etest":
        p = _etest(int(k1), int(k2), float(t1), float(t2))
    few = (caution("SMALL_N", n=n),) if n < SMALL_N else ()
    return Comparison(ratio, low, high, p, method, n, (caution("NO_CONTROL"), *few))


def _etest(k1: int, k2: int, t1: float, t2: float) -> float:
    """P of a difference at least as large as that seen, each in units of its own pooled spread, when both come from the pooled rate."""
    if k1 + k2 == 0:
        return 1.0
    rate = (k1 + k2) / (t1 + t2)
    first, second = (_outcomes(rate * time) for time in (t1, t2))
    i, j = first[:, None], second[None, :]
    size = np.abs(i / t1 - j / t2) / np.sqrt(np.maximum(i + j, 1))
    seen = abs(k1 / t1 - k2 / t2) / np.sqrt(k1 + k2)
    from scipy import stats  # takes seconds to load, and most who use this module never come here
    both = stats.poisson.pmf(first, rate * t1)[:, None] * stats.poisson.pmf(second, rate * t2)
    # outcomes as extreme as the one seen count too, whatever the rounding
    return float(min(1.0, both[size >= seen * (1 - 1e-9)].sum()))


def _outcomes(mean: float) -> np.ndarray:
    """Counts that together hold all but a millionth of a millionth of the probability."""
    from scipy import stats  # takes seconds to load, and most who use this module never come here
    return np.arange(stats.poisson.ppf(1e-13, mean), stats.poisson.isf(1e-13, mean) + 1)


def eb_rates(k: ArrayLike, population: ArrayLike, neighbours: sparse.sparray | np.ndarray | None = None, *, per: float = 100_000,
             years: float = 1.0, conf: float = 0.95) -> pd.DataFrame:
    """Rates drawn towards the common rate, the more so the fewer residents: what is left when chance is smoothed away.

    Parameters
    ----------
    k, population
        Events and residents of each area. An area without residents has no rate: all its columns are missing.
    neighbours
        Square matrix, not zero where two areas are neighbours (as from libpysal's `Graph.sparse`): each rate is then drawn towards
        that of the area and its neighbours together. Without it, towards the rate of all.

    Returns
    -------
    One row per area: `events`, `rate`, `eb_rate`, `eb_low`, `eb_high` (per `per` residents and year) and `own_weight`, the share
    that the area's own rate has in `eb_rate`.

    Notes
    -----
    m + C (r − m) with C = A / (A + m / n), and A from the spread of the rates less what chance alone gives, not below 0 (Marshall's
    moments). The interval is that of the gamma distribution which those moments and the events of the area make together; it takes
    the common rate as known, and so is somewhat narrow with a dozen areas. With neighbours the spread is taken around each area's own
    local rate, as spdep does. Smoothing hides a real lonely peak: show `rate` beside.

    References: Marshall 1991, doi:10.2307/2347593
    """
    k, population = np.broadcast_arrays(_counts(k), np.asarray(population, dtype=float))
    if np.isnan(k).any() or not np.isfinite(population).all() or (population < 0).any():
        raise InputError(Text(sv="Varje område behöver ett antal händelser och ett antal invånare, båda från 0 och uppåt.",
                              en="Each area needs a number of events and a number of residents, both from 0 upwards."))
    here = population > 0
    if here.sum() < 2:
        raise InputError(Text(sv="Utjämnade tal kräver minst två områden med invånare.", en="Smoothed rates need at least two areas with residents."))
    n = population[here]
    events = k[here]
    rate = events / n
    mean, spread = _common(events, n, rate) if neighbours is None else _local(events, n, rate, _with_self(neighbours, here))
    drawn, own, low, high = _drawn(events, n, rate, mean, spread, (1 - conf) / 2)
    told = pd.DataFrame({"events": k}, index=range(len(k)))
    scale = per / years
    for name, values in (("rate", rate * scale), ("eb_rate", drawn * scale), ("eb_low", low * scale), ("eb_high", high * scale), ("own_weight", own)):
        told[name] = np.nan
        told.loc[here, name] = values
    return told


def _common(k: np.ndarray, n: np.ndarray, rate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = k.sum() / n.sum()
    spread = (n * (rate - mean)**2).sum() / n.sum() - mean / n.mean()
    return np.full(len(k), mean), np.full(len(k), max(spread, 0.0))


def _with_self(neighbours: sparse.sparray | np.ndarray, here: np.ndarray) -> sparse.csr_array:
    around = sparse.csr_array(neighbours)
    if around.shape != (len(here), len(here)):
        raise InputError(Text(sv="Grannarna är för {given} områden, men det finns {n}.", en="The neighbours are for {given} areas, but there are {n}.").format(
            given=str(around.shape[0]), n=str(len(here))))
    near = (around != 0).astype(float)[here][:, here]
    return sparse.csr_array(((near + sparse.eye_array(int(here.sum()))) > 0).astype(float))


def _local(k: np.ndarray, n: np.ndarray, rate: np.ndarray, near: sparse.csr_array) -> tuple[np.ndarray, np.ndarray]:
    residents, areas = near @ n, near @ np.ones(len(k))
    mean = (near @ k) / residents
    spread = (near @ (n * (rate - mean)**2)) / residents - mean / (residents / areas)
    return mean, np.maximum(spread, 0.0)


def _drawn(k: np.ndarray, n: np.ndarray, rate: np.ndarray, mean: np.ndarray, spread: np.ndarray, tail: float) -> tuple[np.ndarray, ...]:
    """Smoothed rate, weight of the own rate, low and high end; where nothing differs beyond chance all stand on the common rate."""
    apart = (spread > 0) & (mean > 0)
    chance = np.where(mean > 0, mean, 1.0) / n
    own = np.where(apart, spread / (spread + chance), 0.0)
    drawn = mean + own * (rate - mean)
    shape = np.where(apart, mean**2 / np.where(apart, spread, 1.0), 1.0) + k
    scale = np.where(apart, mean / np.where(apart, spread, 1.0), 1.0) + n
    low, high = (np.where(apart, special.gammaincinv(shape, share) / scale, mean) for share in (tail, 1 - tail))
    return drawn, own, low, high


def _outcomes_no_likelier(k: int, n: int, share: float) -> float:
    """P(an outcome no more likely than `k` of `n`) when each falls on the first side with probability `share`."""
    if n == 0:
        return 1.0
    from scipy import stats  # takes seconds to load, and most who use this module never come here
    likelihood = stats.binom.pmf(np.arange(n + 1), n, share)
    # R counts outcomes as equally likely that differ by less than this: rounding must not split a symmetric pair.
    return float(min(1.0, likelihood[likelihood <= likelihood[k] * (1 + 1e-7)].sum()))


def _counts(k: ArrayLike) -> np.ndarray:
    k = np.asarray(k, dtype=float)
    known = k[~np.isnan(k)]
    if (known < 0).any() or (known != np.floor(known)).any():
        raise InputError(Text(sv="Exakta intervall räknas på antal: hela tal från 0 och uppåt, inte på viktade summor.",
                              en="Exact intervals are made for counts: whole numbers from 0 upwards, not weighted sums."))
    return k
