"""What an evaluation could see, computed for the design drawn before its result is looked at.

With tens of events a year most real effects cannot be told from chance. Saying so beforehand keeps "nothing was found" from being
read as "nothing happened".
"""
from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats
from scipy.stats import qmc

from ..errors import InputError
from ..text import Text
from .before_after import direction

MOST_RISE = 10.0    # eleven times as many: beyond it nobody needs a test


@dataclass(frozen=True)
class Design:
    """All that is known before the later counts are: events before, lengths of the periods, sizes of the places, and how sure to be.

    days: lengths of the periods (before, after). sizes: of the treated and the control place, to which counts are held.
    severity: weight of one event of each kind; `kinds` are then the events before of each kind, at the treated place and the control.
    """

    treated_before: int
    control_before: int
    days: tuple[float, float] = (1.0, 1.0)
    sizes: tuple[float, float] = (1.0, 1.0)
    alpha: float = 0.05
    overdispersion: float = 1.0
    severity: tuple[float, ...] | None = None
    kinds: tuple[tuple[int, ...], tuple[int, ...]] | None = None

    def __post_init__(self):
        numbers = (self.treated_before, self.control_before, *self.days, *self.sizes, self.overdispersion, *(self.severity or ()))
        by_kind = self.by_kind
        whole = tuple(sum(place) for place in by_kind) == (self.treated_before, self.control_before)
        alike = {len(place) for place in by_kind} == {len(self.severity or (1,))}
        if not (np.isfinite(numbers).all() and min(numbers[:2]) >= 0 and min(numbers[2:]) > 0 and 0 < self.alpha < 1 and whole and alike):
            raise InputError(Text(sv="Upplägget behöver antal från 0 och uppåt, och längder, ytor och spridning över 0.",
                                  en="The design needs counts from 0 upwards, and lengths, sizes and scatter above 0."))

    @property
    def by_kind(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Events before of each kind; of one kind when nothing is weighed."""
        return self.kinds or ((self.treated_before,), (self.control_before,))


def power(design: Design, effect: float) -> float:
    """The probability that the rule of an evaluation finds a true change of `effect` (−0.3: 30 per cent fewer than the control says).

    What happened before is taken as the true level of both places, the control as stable. Of 4 096 evenly spread outcomes the share
    that `direction` calls clearly fallen (risen, for an effect above 0): no chance of its own, good to half a per cent.
    """
    if not -1 <= effect <= MOST_RISE:
        raise InputError(Text(sv="Effekten anges mellan −1 (allt försvinner) och {most}, inte {effect}.",
                              en="The effect lies between −1 (everything vanishes) and {most}, not {effect}.").format(most=MOST_RISE, effect=effect))
    later = design.days[1] / design.days[0]
    here, there = design.by_kind
    means = np.array([here, here, there, there]) * np.array([1, later * (1 + effect), 1, later])[:, None]
    shares = _spread_evenly(means.size).reshape(*means.shape, -1)
    four = [np.stack([_counts(share, mean, design.overdispersion) for share, mean in zip(*side, strict=True)], axis=-1)
            for side in zip(shares, means, strict=True)]
    t0, t1, c0, c1 = four if design.severity else [side[:, 0] for side in four]
    side = direction((t0, t1), (c0, c1), time_weights=design.days, area_weights=design.sizes, severity=design.severity, alpha=design.alpha,
                     overdispersion=design.overdispersion)
    return float((side == (1 if effect > 0 else -1)).mean())


@lru_cache(maxsize=256)
def smallest_detectable(design: Design, *, found: float = 0.8, rising: bool = False) -> float | None:
    """The smallest true fall (or rise), in whole per cent, that is found with the probability `found`: −0.41 for 41 per cent fewer.

    None when not even the end of everything (or eleven times as many) would be found so often: then the design can only end in
    *cannot be told*, and that should be known before the measure is paid for.
    """
    if not 0 < found < 1:
        raise InputError(Text(sv="Sannolikheten att upptäcka ligger mellan 0 och 1.", en="The probability of finding lies between 0 and 1."))
    sign, most = (1, round(100 * MOST_RISE)) if rising else (-1, 100)
    if power(design, sign * most / 100) < found:
        return None
    low, high = 0, most     # found at `high`, not at `low`
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(design, sign * middle / 100) >= found else (middle, high)
    return sign * high / 100


@lru_cache(maxsize=4)
def _spread_evenly(dimensions: int) -> np.ndarray:
    return qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(0)).random_base2(12).T


def _counts(share: np.ndarray, mean: float, overdispersion: float) -> np.ndarray:
    """Counts at the given shares of their distribution: Poisson, or as much wider as said."""
    if mean == 0:
        return np.zeros_like(share)
    if overdispersion > 1:
        law = stats.nbinom(mean / (overdispersion - 1), 1 / overdispersion)
    else:
        law = stats.poisson(mean)
    # one table and a search in it: scipy's own inverse is a hundred times slower
    return np.searchsorted(law.cdf(np.arange(law.isf(1e-9) + 1)), share).astype(float)
