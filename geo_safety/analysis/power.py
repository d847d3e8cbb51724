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
    """

    treated_before: int
    control_before: int
    days: tuple[float, float] = (1.0, 1.0)
    sizes: tuple[float, float] = (1.0, 1.0)
    alpha: float = 0.05
    overdispersion: float = 1.0

    def __post_init__(self):
        numbers = (self.treated_before, self.control_before, *self.days, *self.sizes, self.overdispersion)
        if not (np.isfinite(numbers).all() and min(numbers[:2]) >= 0 and min(numbers[2:]) > 0 and 0 < self.alpha < 1):
            raise InputError(Text(sv="Upplägget behöver antal från 0 och uppåt, och längder, ytor och spridning över 0.",
                                  en="The design needs counts from 0 upwards, and lengths, sizes and scatter above 0."))


def power(design: Design, effect: float) -> float:
    """The probability that the rule of an evaluation finds a true change of `effect` (−0.3: 30 per cent fewer than the control says).

    What happened before is taken as the true level of both places, the control as stable. Of 4 096 evenly spread outcomes the share
    that `direction` calls clearly fallen (risen, for an effect above 0): no chance of its own, good to half a per cent.
    """
    if not -1 <= effect <= MOST_RISE:
        raise InputError(Text(sv="Effekten anges mellan −1 (allt försvinner) och {most}, inte {effect}.",
                              en="The effect lies between −1 (everything vanishes) and {most}, not {effect}.").format(most=MOST_RISE, effect=effect))
    before, after = design.days
    means = (design.treated_before, design.treated_before * after / before * (1 + effect),
             design.control_before, design.control_before * after / before)
    t0, t1, c0, c1 = (_counts(share, mean, design.overdispersion) for share, mean in zip(_spread_evenly(), means, strict=True))
    side = direction((t0, t1), (c0, c1), time_weights=design.days, area_weights=design.sizes, alpha=design.alpha, overdispersion=design.overdispersion)
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


@lru_cache(maxsize=1)
def _spread_evenly() -> np.ndarray:
    return qmc.Sobol(4, scramble=True, rng=np.random.default_rng(0)).random_base2(12).T


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
