"""Small counts with honest intervals: exact Poisson (Garwood), rates, and the exact comparison of two counts.

Exact before normal: a Swedish municipality has a handful of events a month, where normal intervals reach below zero.
"""
from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special, stats

from ..errors import InputError
from ..text import Text


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


def _outcomes_no_likelier(k: int, n: int, share: float) -> float:
    """P(an outcome no more likely than `k` of `n`) when each falls on the first side with probability `share`."""
    if n == 0:
        return 1.0
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
