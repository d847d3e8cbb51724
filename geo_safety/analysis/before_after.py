"""Before and after a measure, held against a place where nothing was done: differences, exact ratios, and what else moved.

A place is told as a pair (before, after). The control area says what would have happened anyway, so it should be like the treated one
in kind and level. Few events decide little: exact ratios take over where any count is below 5.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special, stats

from ..errors import InputError
from ..model.cautions import Caution, caution
from ..text import Text, percent

Pair = Sequence[ArrayLike]      # (before, after); with severity weights a list of counts by kind in each

SMALL_COUNT = 5         # a count, or equally heavy events that a weighted sum is worth, below it: the normal distribution does not hold
ONE_WEIGHS = 0.2        # one event may not be more of the whole than this without a warning
DISPERSED = 1.5


@dataclass(frozen=True)
class Difference:
    """A difference in events with its interval; without any event nothing is known and the interval has no ends."""

    estimate: float
    se: float
    z: float
    p: float
    low: float
    high: float


@dataclass(frozen=True)
class WeightedDisplacement:
    """What the treated place gained or lost beyond the control (`local`), what its surroundings did (`displaced`), and both together."""

    local: Difference
    displaced: Difference | None
    total: Difference
    n: int
    alpha: float
    overdispersion: float
    warnings: tuple[Caution, ...]


@dataclass(frozen=True)
class OddsRatio:
    """(T1 / T0) / (C1 / C0) with its interval, exact but for weighted sums; 1 is no difference from the control."""

    ratio: float
    low: float
    high: float
    p: float
    n: int


def wdd(treated: Pair, control: Pair, ring: Pair | None = None, control_ring: Pair | None = None, *, time_weights: tuple[float, float] = (1.0, 1.0),
        area_weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0), severity: ArrayLike | None = None, alpha: float = 0.05,
        overdispersion: float = 1.0) -> WeightedDisplacement:
    """Weighted displacement difference: events that the treated place gained (below 0: lost) beyond what the control did.

    Parameters
    ----------
    treated, control
        (before, after): whole numbers of events. With `severity`, each of the two is a list with the number of each kind.
    ring, control_ring
        The surroundings of the treated place, where what left may have gone, and those of the control; both or neither.
    time_weights
        Lengths of the periods (before, after): each count is divided by its own. (2, 1) for two years before and one after.
    area_weights
        Sizes of treated, control, ring and control ring, divided by likewise.
    severity
        Weight of one event of each kind, above 0. The variance is then the sum of weight² × count.
    overdispersion
        Variance of the counts in units of the Poisson variance, from `overdispersion`; the interval widens by its root, never below 1.

    Returns
    -------
    `local` (T1 − T0) − (C1 − C0), `displaced` the same for the rings, `total` their sum, each with standard error, z, two-sided p and
    interval at 1 − alpha. Warnings: FEW_IN_A_CELL (use `odds_ratio_exact`), FEW_WEIGHTED, OVERDISPERSED, ONE_EVENT_WEIGHS, SMALL_N.

    Notes
    -----
    Parallel on the scale of counts: a control with twice the events moves twice as much when the whole town does. The Poisson
    variance is a lower bound; repeated events and campaigns make it larger.

    References: Wheeler & Ratcliffe 2018, doi:10.1186/s40163-018-0085-5
    """
    if (ring is None) != (control_ring is None):
        raise InputError(Text(sv="Ringen behöver en egen jämförelse: ange både ring och control_ring, eller ingen.",
                              en="The ring needs a comparison of its own: give both ring and control_ring, or neither."))
    weight = _severity(severity)
    pairs = [treated, control] + ([ring, control_ring] if ring is not None and control_ring is not None else [])
    cells = np.stack([_cells(pair, len(weight)) for pair in pairs])   # (places, before/after, kinds)
    scale = 1 / (_above_0(area_weights[:len(pairs)])[:, None] * _above_0(time_weights)[None, :])
    sign = np.array([[-1, 1], [1, -1]] * (len(pairs) // 2))
    estimate = (sign * scale * (cells @ weight)).sum(axis=1)
    variance = (scale**2 * (cells @ weight**2)).sum(axis=1) * max(1.0, _above_0([overdispersion])[0])
    local, total = (_difference(estimate[part].sum(), variance[part].sum(), alpha) for part in (slice(2), slice(None)))
    displaced = _difference(estimate[2:].sum(), variance[2:].sum(), alpha) if len(pairs) == 4 else None
    warnings = _doubts(cells, None if severity is None else weight, overdispersion)
    return WeightedDisplacement(local, displaced, total, int(cells.sum()), alpha, max(1.0, float(overdispersion)), warnings)


def wdq(treated: Pair, control: Pair, ring: Pair) -> float | None:
    """Weighted displacement quotient, only to be shown beside `wdd`: the ring's change against that of the treated place.

    Above 0 the surroundings gained too (above 1 more than the place itself), below 0 some of it moved there (below −1 more than the
    gain). None when there was no success to divide by, or a control without events. It has no interval, so nothing is decided by it.

    References: Bowers & Johnson 2003, doi:10.1023/A:1024909009240
    """
    (t0, t1), (c0, c1), (d0, d1) = (_cells(pair, 1)[:, 0] for pair in (treated, control, ring))
    if not (c0 > 0 and c1 > 0):
        return None
    success = t1 / c1 - t0 / c0
    return float((d1 / c1 - d0 / c0) / success) if success < 0 else None


def odds_ratio_exact(treated: Pair, control: Pair, *, conf: float = 0.95) -> OddsRatio:
    """How many times the events of the treated place changed beyond those of the control, exact for any small counts.

    Given the four sums in the margins the later count of the treated place follows Fisher's noncentral hypergeometric distribution;
    the ratio is its most likely value, the interval Cornfield's, p Fisher's two-sided. Lengths of the periods and sizes of the places
    cancel out. Where a margin is empty the ratio is missing, the interval 0 to infinity and p 1.

    References: Fisher 1935, doi:10.2307/2342435; Cornfield 1956, as in R's `fisher.test`
    """
    (t0, t1), (c0, c1) = (_cells(pair, 1)[:, 0].astype(int) for pair in (treated, control))
    n = int(t0 + t1 + c0 + c1)
    first, last = max(0, t1 - c0), min(t0 + t1, t1 + c1)
    if first == last:
        return OddsRatio(float("nan"), 0.0, float("inf"), 1.0, n)
    told = _Conditional(np.arange(first, last + 1), t0 + t1, c0 + c1, t1 + c1)
    tail = (1 - conf) / 2
    low = 0.0 if t1 == first else told.odds_where(lambda share: share[told.support >= t1].sum() - tail)
    high = np.inf if t1 == last else told.odds_where(lambda share: tail - share[told.support <= t1].sum())
    ratio = 0.0 if t1 == first else np.inf if t1 == last else told.odds_where(lambda share: share @ told.support - t1)
    share = told.shares(0.0)
    p = share[share <= share[t1 - first] * (1 + 1e-7)].sum()
    return OddsRatio(float(ratio), float(low), float(high), float(min(1.0, p)), n)


def ratio_weighted(treated: Pair, control: Pair, *, severity: ArrayLike, conf: float = 0.95, overdispersion: float = 1.0) -> OddsRatio:
    """How many times the weighted sum of the treated place changed beyond that of the control: approximate, since a weighted sum is no count.

    Each count is a list with the number of each kind, as in `wdd`. The logarithm of the ratio is taken as normal, each sum S = Σ weight × count
    with the variance Σ weight² × count / S². Where a sum is empty the ratio is missing, the interval 0 to infinity and p 1.
    """
    weight = _severity(severity)
    cells = np.stack([_cells(pair, len(weight)) for pair in (treated, control)]).reshape(4, -1)
    log, spread = (float(value) for value in _log_ratio(cells @ weight, cells @ weight**2))
    spread *= float(np.sqrt(max(1.0, overdispersion)))
    if not np.isfinite(log):
        return OddsRatio(float("nan"), 0.0, float("inf"), 1.0, int(cells.sum()))
    reach = float(stats.norm.isf((1 - conf) / 2)) * spread
    ratio, low, high = (float(np.exp(log + side * reach)) for side in (0, -1, 1))
    return OddsRatio(ratio, low, high, float(2 * stats.norm.sf(abs(log) / spread)), int(cells.sum()))


def least_worth(treated: Pair, control: Pair, severity: ArrayLike) -> float:
    """As how many equally heavy events the thinnest of the four weighted sums is worth, (Σ w n)² / Σ w² n (Kish)."""
    return float(_worth(np.stack([np.asarray(side, dtype=float) for pair in (treated, control) for side in pair]), _severity(severity)).min())


def overdispersion(counts: ArrayLike) -> float:
    """How many times wider than Poisson the counts scatter, not below 1: from one row of counts per step, or one row for each place.

    One row is held against its own mean, so season and trend count as scatter. With several rows what they have in common in a step
    – season, weather, a campaign – is left out; that is what an evaluation with a control needs. Rows and steps without events do not
    count. 1 when there is too little to tell.
    """
    table = np.atleast_2d(np.asarray(counts, dtype=float))
    if not np.isfinite(table).all() or (table < 0).any() or table.ndim != 2:
        raise InputError(Text(sv="Antalen per steg måste vara kända och från 0 och uppåt.", en="The counts per step must be known and from 0 upwards."))
    table = table[table.sum(axis=1) > 0]
    steps = table[:, table.sum(axis=0) > 0] if len(table) > 1 else table
    if len(table) == 0 or steps.shape[1] < 2:
        return 1.0
    expected = steps.sum(axis=1, keepdims=True) * steps.sum(axis=0) / steps.sum() if len(table) > 1 else np.full_like(steps, steps.mean())
    freedom = max(1, len(table) - 1) * (steps.shape[1] - 1)
    return float(max(1.0, ((steps - expected)**2 / expected).sum() / freedom))


def direction(treated: Pair, control: Pair, *, time_weights: tuple[float, float] = (1.0, 1.0), area_weights: tuple[float, float] = (1.0, 1.0),
              severity: ArrayLike | None = None, alpha: float = 0.05, overdispersion: float = 1.0) -> np.ndarray:
    """Whether the treated places clearly fell (−1) or rose (1) against their controls, else 0; arrays of counts, one design each.

    The rule of an evaluation: the exact interval of the odds ratio must leave 1 out and, unless one of the four counts is below 5, the
    interval of the WDD must leave 0 out on the same side. Either alone is fooled by something: with a control twice as busy and the
    whole town 30 per cent calmer, the WDD alone calls a quarter of the places where nothing was done clearly changed.

    With `severity` the counts have the kinds along their last axis. A weighted sum has no exact ratio: the approximate one (`ratio_weighted`)
    and the WDD must then agree, and each of the four sums be worth at least 5 equally heavy events.
    """
    if severity is not None:
        return _direction_weighted(treated, control, time_weights, area_weights, _severity(severity), alpha, overdispersion)
    (t0, t1), (c0, c1) = (tuple(np.asarray(side, dtype=float) for side in pair) for pair in (treated, control))
    before, after = time_weights
    size, size_control = area_weights
    gain = (t1 / after - t0 / before) / size - (c1 / after - c0 / before) / size_control
    variance = (t1 / after**2 + t0 / before**2) / size**2 + (c1 / after**2 + c0 / before**2) / size_control**2
    reach = stats.norm.isf(alpha / 2) * np.sqrt(variance * max(1.0, overdispersion))
    small = np.minimum(np.minimum(t0, t1), np.minimum(c0, c1)) < SMALL_COUNT
    side = _exact_side(t0, t1, c0, c1, widened(alpha, overdispersion))
    return np.where(small | (gain * side > reach), side, 0).astype(int)


def _direction_weighted(treated: Pair, control: Pair, time_weights: tuple[float, float], area_weights: tuple[float, float], weight: np.ndarray,
                        alpha: float, overdispersion: float) -> np.ndarray:
    four = np.stack([np.asarray(side, dtype=float) for pair in (treated, control) for side in pair])
    sums, squares = four @ weight, four @ weight**2
    scale = np.array([1 / (size * days) for size in area_weights for days in time_weights])
    gain, variance = np.tensordot(np.array([-1, 1, 1, -1]) * scale, sums, 1), np.tensordot(scale**2, squares, 1)
    log, spread = _log_ratio(sums, squares)
    side, reach = np.sign(gain), stats.norm.isf(alpha / 2) * np.sqrt(max(1.0, overdispersion))
    enough = _worth(four, weight).min(axis=0) >= SMALL_COUNT
    return np.where(enough & (side * gain > reach * np.sqrt(variance)) & (side * log > reach * spread), side, 0).astype(int)


def _worth(cells: np.ndarray, weight: np.ndarray) -> np.ndarray:
    squares = cells @ weight**2
    return (cells @ weight)**2 / np.where(squares > 0, squares, 1)


def _log_ratio(sums: np.ndarray, squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logarithm of (T1 / T0) / (C1 / C0) from the four sums T0, T1, C0, C1, and its standard error; missing where a sum is empty."""
    known = np.where(sums > 0, sums, np.nan)
    t0, t1, c0, c1 = np.log(known)
    return (t1 - t0) - (c1 - c0), np.sqrt((squares / known**2).sum(axis=0))


def widened(alpha: float, overdispersion: float) -> float:
    """The stricter alpha by which an exact interval is as much wider as a normal one that is widened by the root of the overdispersion."""
    return float(2 * stats.norm.sf(stats.norm.isf(alpha / 2) * np.sqrt(max(1.0, overdispersion))))


def _exact_side(t0: np.ndarray, t1: np.ndarray, c0: np.ndarray, c1: np.ndarray, alpha: float) -> np.ndarray:
    """−1 or 1 where the exact interval lies below or above 1."""
    lean = np.sign(t1 * c0 - t0 * c1)
    # a rise of the later count is a fall of the earlier one, so one tail answers for both
    fewer, same = np.where(lean < 0, t1, t0), np.where(lean < 0, t1 + c1, t0 + c0)
    return np.where(_lower_tail(fewer, t0 + t1, c0 + c1, same) < alpha / 2, lean, 0)


def _lower_tail(x: np.ndarray, treated: np.ndarray, control: np.ndarray, same: np.ndarray) -> np.ndarray:
    """P(at most `x` of the `same` events lie in the treated place) when all that counts is how many lie there: hypergeometric."""
    ways = lambda n, k: special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)  # noqa: E731
    term = np.exp(ways(treated, x) + ways(control, same - x) - ways(treated + control, same))
    total, x = term.copy(), x.copy()
    while (term > 1e-13 * total).any():
        term = term * x * (control - same + x) / ((treated - x + 1) * (same - x + 1))
        total += term
        x = np.maximum(x - 1, 0)
    return total


class _Conditional:
    """Fisher's noncentral hypergeometric distribution over its support, for any odds."""

    def __init__(self, support: np.ndarray, treated: int, control: int, later: int):
        self.support = support
        self.log_ways = (-special.gammaln(support + 1) - special.gammaln(treated - support + 1)
                         - special.gammaln(later - support + 1) - special.gammaln(control - later + support + 1))

    def shares(self, log_odds: float) -> np.ndarray:
        log_share = self.log_ways + log_odds * self.support
        share = np.exp(log_share - log_share.max())
        return share / share.sum()

    def odds_where(self, rising) -> float:
        """The odds at which `rising(shares)`, which grows with the odds, is 0."""
        return float(np.exp(optimize.brentq(lambda log_odds: rising(self.shares(log_odds)), -60, 60, xtol=1e-13, rtol=1e-13)))


def _difference(estimate: float, variance: float, alpha: float) -> Difference:
    if variance == 0:
        return Difference(0.0, 0.0, 0.0, 1.0, -np.inf, np.inf)
    se = float(np.sqrt(variance))
    z, reach = float(estimate) / se, float(stats.norm.isf(alpha / 2)) * se
    return Difference(float(estimate), se, z, float(2 * stats.norm.sf(abs(z))), float(estimate) - reach, float(estimate) + reach)


def _doubts(cells: np.ndarray, weight: np.ndarray | None, overdispersion: float) -> tuple[Caution, ...]:
    found = []
    n = int(cells.sum())
    if n < 20:
        found.append(caution("SMALL_N", n=n))
    if weight is None and cells[:2].min() < SMALL_COUNT:
        found.append(caution("FEW_IN_A_CELL", least=SMALL_COUNT))
    if weight is not None and _worth(cells[:2], weight).min() < SMALL_COUNT:
        found.append(caution("FEW_WEIGHTED", least=SMALL_COUNT))
    if overdispersion > DISPERSED:
        found.append(caution("OVERDISPERSED", times=round(float(overdispersion), 1)))
    by_kind = cells.sum(axis=(0, 1))
    if weight is not None and n and (share := weight[by_kind > 0].max() / (weight @ by_kind)) > ONE_WEIGHS:
        found.append(caution("ONE_EVENT_WEIGHS", share=Text(sv=percent(share, "sv"), en=percent(share, "en"))))
    return tuple(found)


def _cells(pair: Pair, kinds: int) -> np.ndarray:
    """(before/after, kinds) as numbers."""
    if len(pair) != 2:
        raise InputError(Text(sv="Ett område anges med två antal: före och efter.", en="A place is told by two counts: before and after."))
    counts = np.stack([np.atleast_1d(np.asarray(side, dtype=float)) for side in pair])
    if counts.shape != (2, kinds):
        raise InputError(Text(sv="Varje antal ska ha ett värde för vart och ett av {kinds} slag, inte {given}.",
                              en="Each count needs a value for each of {kinds} kinds, not {given}.").format(kinds=kinds, given=counts.shape[1]))
    if not np.isfinite(counts).all() or (counts < 0).any() or (counts != np.floor(counts)).any():
        raise InputError(Text(sv="Före och efter jämförs med antal: hela tal från 0 och uppåt. Vikter anges för sig.",
                              en="Before and after are compared by counts: whole numbers from 0 upwards. Weights are given apart."))
    return counts


def _severity(severity: ArrayLike | None) -> np.ndarray:
    return np.ones(1) if severity is None else _above_0(np.atleast_1d(np.asarray(severity, dtype=float)))


def _above_0(weights: ArrayLike) -> np.ndarray:
    values = np.asarray(weights, dtype=float)
    if not (np.isfinite(values).all() and (values > 0).all()):
        raise InputError(Text(sv="Vikter för tid, yta, allvar och spridning måste vara större än 0.",
                              en="Weights for time, size, severity and scatter must be above 0."))
    return values
