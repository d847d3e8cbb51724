"""Did the measure help? One answer from what was counted before and after, with what it cannot say said beside it."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import InputError, Refusal
from ..model.cautions import REFUSALS, Caution, caution
from ..model.verdicts import DISPLACEMENTS, LIMITS, VERDICTS, share_text
from ..text import Text
from .before_after import SMALL_COUNT, Difference, OddsRatio, Pair, direction, least_worth, odds_ratio_exact, ratio_weighted, wdd, wdq, widened
from .power import Design, smallest_detectable
from .rates import Comparison, poisson_compare, rate_ratio

UNLIKE = 2.0            # a control this many times busier or calmer is no likeness
HIGH, HIGH_P = 1.2, 0.1     # before the measure so much more than the time before that, and so seldom by chance
_PLACES = ("treated", "control", "ring", "control_ring")
_E_TEST = Text(sv="E-testet, det enda som finns utan kontrollområde,", en="The E-test, all there is without a control area,")


@dataclass(frozen=True)
class Evaluation:
    """What was drawn, what it could see, what was found, and what that does not say; in this order, so that it is read in this order."""

    counts: Mapping[str, tuple[int, int]]   # treated, control, ring, control_ring: (before, after)
    days: tuple[float, float]
    design: Design | None                   # None without a control
    found: float                            # the probability that `smallest` is made for
    smallest: float | None                  # smallest fall found so often, −0.41 for 41 per cent; None: none is
    verdict: str                            # one of VERDICTS
    margin: float
    decided_by: str                         # process | ratio (a count below 5) | ratio_and_difference | weighted | nothing
    ratio: OddsRatio | None                 # change in units of the control's
    difference: Difference | None           # events beyond the control's; of weighted events, weight
    displacement: str | None                # one of DISPLACEMENTS; None: the surroundings were not looked at
    displaced: Difference | None
    displaced_ratio: OddsRatio | None
    net: Difference | None                  # treated place and surroundings together
    wdq: float | None                       # to be shown, never decided by
    uncontrolled: Comparison | None         # without a control: all there is
    alpha: float
    overdispersion: float
    n: int
    warnings: tuple[Caution, ...]
    weighted: Mapping[str, tuple[float, float]] | None = None   # `counts`, weighed by severity

    @property
    def verdict_text(self) -> Text:
        return VERDICTS[self.verdict].format(margin=share_text(self.margin))

    @property
    def displacement_text(self) -> Text | None:
        return DISPLACEMENTS[self.displacement] if self.displacement else None

    @property
    def smallest_text(self) -> Text:
        """What the design could see, to be said before the verdict."""
        if self.design is None:
            return LIMITS["no_control"]
        found = share_text(self.found)
        return LIMITS["nothing"].format(found=found) if self.smallest is None else LIMITS["smallest"].format(share=share_text(-self.smallest), found=found)

    @property
    def limits(self) -> tuple[Text, ...]:
        """What the answer does not say."""
        said = [LIMITS["cause"]] if self.design else []
        said += [LIMITS["absence"]] if self.verdict == "cannot_tell" else []
        return (*said, LIMITS["surroundings"]) if self.displacement is None else tuple(said)


def evaluate(treated: Pair, control: Pair | None = None, *, ring: Pair | None = None, control_ring: Pair | None = None,
             days: tuple[float, float] = (1.0, 1.0), sizes: tuple[float, float, float, float] = (1, 1, 1, 1), severity: ArrayLike | None = None,
             overdispersion: float = 1.0, alpha: float = 0.05, margin: float = 0.2, found: float = 0.8, as_planned: bool | None = None,
             chosen_for_bad_period: bool | None = None, earlier: tuple[int, float] | None = None) -> Evaluation:
    """A verdict on a measure from counts (before, after) of the treated place, a control, and the surroundings of both.

    Parameters
    ----------
    treated, control, ring, control_ring
        Whole numbers of events; with `severity` each is a list with the number of each kind. Without a control nothing can be concluded; the
        E-test then stands alone and is marked so, and weighted events are refused (WEIGHTED_COUNT). The rings come as a pair: what the
        surroundings of the control did says what those of the treated place would have done.
    days
        Lengths of the two periods.
    sizes
        Of treated, control, ring and control ring, when their events are to be compared per area, address or street metre.
    severity
        Weight of one event of each kind, above 0. The ratio to the control is then approximate.
    overdispersion
        From `before_after.overdispersion` on the steps before the measure, treated and control as two rows.
    margin
        Differences within ± this share count as none; set it before the result is seen.
    as_planned
        Was the measure carried out? False settles the verdict: what was not done cannot have helped. None: not known, warned of.
    chosen_for_bad_period
        Was the place chosen because much had happened there? Then less would have happened anyway. None: asked for by a warning.
    earlier
        Events of the treated place and days of the time before the period before, to see whether that period was unusually bad.

    Notes
    -----
    *decrease* and *increase* by the rule of `before_after.direction`; *no_difference* only when the whole interval of the ratio (exact, but for
    weighted events) lies within the margin; else *cannot_tell*. What the design could see is computed from the counts before alone.
    Displacement by the interval of (Dt1 − Dt0) − (Dc1 − Dc0), or by the exact ratio where one of those four is below 5.

    References: Wheeler & Ratcliffe 2018, doi:10.1186/s40163-018-0085-5; Bowers & Johnson 2003, doi:10.1023/A:1024909009240
    """
    if not 0 < margin < 1:
        raise InputError(Text(sv="Marginalen ligger mellan 0 och 1 (0 och 100 procent).", en="The margin lies between 0 and 1 (0 and 100 per cent)."))
    places = {name: pair for name, pair in zip(_PLACES, (treated, control, ring, control_ring), strict=True) if pair is not None}
    whole = {name: [np.sum(side) for side in pair] for name, pair in places.items()}
    doubts = _about_choice(whole["treated"], days, as_planned, chosen_for_bad_period, earlier)
    if control is None:
        if severity is not None:
            raise Refusal("WEIGHTED_COUNT", REFUSALS["WEIGHTED_COUNT"].format(method=_E_TEST))
        return _without_control(whole["treated"], ring, control_ring, days, alpha, margin, found, as_planned, doubts)
    weight = None if severity is None else tuple(float(one) for one in np.atleast_1d(np.asarray(severity, dtype=float)))
    told = wdd(treated, control, ring, control_ring, time_weights=(days[0] / days[1], 1.0), area_weights=sizes, severity=weight, alpha=alpha,
               overdispersion=overdispersion)
    counts = {name: (int(before), int(after)) for name, (before, after) in whole.items()}
    design = Design(counts["treated"][0], counts["control"][0], (days[0], days[1]), (sizes[0], sizes[1]), alpha, max(1.0, overdispersion), weight,
                    None if weight is None else (_by_kind(treated), _by_kind(control)))
    smallest = smallest_detectable(design, found=found)

    ratio = _ratio(treated, control, weight, alpha, overdispersion)
    verdict = "not_as_planned" if as_planned is False else _verdict(treated, control, design, ratio, margin)
    by = "process" if as_planned is False else "weighted" if weight else (
        "ratio" if min(*counts["treated"], *counts["control"]) < SMALL_COUNT else "ratio_and_difference")
    displacement = displaced_ratio = None
    if told.displaced and ring is not None and control_ring is not None:
        displacement = displacement_of(told.displaced, ring, control_ring, severity=weight, conf=1 - widened(alpha, overdispersion))
        displaced_ratio = _ratio(ring, control_ring, weight, alpha, overdispersion)
    about_weights = () if weight is None else (caution("WEIGHTED"), caution("WEIGHTED_RATIO"))
    about_result = (*about_weights, *told.warnings, *_unlike(design), *_net(verdict, told.total if told.displaced else None))
    return Evaluation(
        counts, days, design, found, smallest, verdict, margin, by, ratio, told.local, displacement, told.displaced, displaced_ratio,
        told.total if told.displaced else None, wdq(*(counts[name] for name in _PLACES[:3])) if ring is not None and weight is None else None,
        None, alpha, max(1.0, float(overdispersion)), told.n, (*about_result, *doubts),
        None if weight is None else {name: (_weighed(before, weight), _weighed(after, weight)) for name, (before, after) in places.items()})


def _ratio(treated: Pair, control: Pair, weight: tuple[float, ...] | None, alpha: float, overdispersion: float) -> OddsRatio:
    if weight is None:
        return odds_ratio_exact(treated, control, conf=1 - widened(alpha, overdispersion))
    return ratio_weighted(treated, control, severity=weight, conf=1 - alpha, overdispersion=overdispersion)


def _by_kind(pair: Pair) -> tuple[int, ...]:
    return tuple(int(count) for count in np.atleast_1d(np.asarray(pair[0])))


def _weighed(counts: ArrayLike, weight: tuple[float, ...]) -> float:
    return float(np.asarray(counts, dtype=float) @ np.array(weight))


def _verdict(treated: Pair, control: Pair, design: Design, ratio: OddsRatio, margin: float) -> str:
    side = int(direction(treated, control, time_weights=design.days, area_weights=design.sizes, severity=design.severity, alpha=design.alpha,
                         overdispersion=design.overdispersion))
    if side:
        return "decrease" if side < 0 else "increase"
    if design.severity and least_worth(treated, control, design.severity) < SMALL_COUNT:
        return "cannot_tell"
    return "no_difference" if 1 - margin <= ratio.low and ratio.high <= 1 + margin else "cannot_tell"


def displacement_of(displaced: Difference, ring: Pair, control_ring: Pair, *, severity: ArrayLike | None = None, conf: float = 0.95) -> str:
    """displacement, diffusion or cannot_tell: by the interval of the rings' difference, or exactly where a count is below 5.

    Weighted sums have no exact ratio: where one is worth fewer than 5 equally heavy events it cannot be told.
    """
    low, high = displaced.low, displaced.high
    if severity is not None:
        if least_worth(ring, control_ring, severity) < SMALL_COUNT:
            return "cannot_tell"
    elif np.min([*ring, *control_ring]) < SMALL_COUNT:
        ratio = odds_ratio_exact(ring, control_ring, conf=conf)
        low, high = ratio.low - 1, ratio.high - 1
    return "displacement" if low > 0 else "diffusion" if high < 0 else "cannot_tell"


def _without_control(treated: Sequence[int], ring: object, control_ring: object, days: tuple[float, float], alpha: float, margin: float, found: float,
                     as_planned: bool | None, doubts: list[Caution]) -> Evaluation:
    if ring is not None or control_ring is not None:
        raise InputError(Text(sv="Omgivningen kan bara bedömas mot ett kontrollområde med sin omgivning. Ange control och control_ring.",
                              en="The surroundings can only be judged against a control area with its own. Give control and control_ring."))
    before, after = treated
    compared = poisson_compare(after, before, days[1], days[0], conf=1 - alpha)
    verdict, by = ("not_as_planned", "process") if as_planned is False else ("cannot_tell", "nothing")
    return Evaluation({"treated": (int(before), int(after))}, days, None, found, None, verdict, margin, by, None, None, None, None, None, None, None,
                      compared, alpha, 1.0, compared.n, (*compared.warnings, *doubts))


def _about_choice(treated: Sequence[int], days: tuple[float, float], as_planned: bool | None, bad: bool | None,
                  earlier: tuple[int, float] | None) -> list[Caution]:
    """Why here, and was it done: what no count can answer."""
    found = [caution("DONE_UNKNOWN")] if as_planned is None else []
    if bad is not False:
        found.append(caution("SELECTED_BAD_YEAR" if bad else "ASK_BAD_YEAR"))
    if earlier is not None and earlier[0] > 0 and treated[0] > 0:
        ratio, _, _, p = (float(value) for value in rate_ratio(treated[0], earlier[0], days[0], earlier[1]))
        if ratio > HIGH and p < HIGH_P:
            found.append(caution("HIGH_BEFORE", more=share_text(ratio - 1), fall=share_text(1 - 1 / ratio)))
    return found


def _net(verdict: str, total: Difference | None) -> tuple[Caution, ...]:
    """A doubt when the place got clearly better, but the place and its surroundings together did not."""
    return (caution("NET_UNCLEAR"),) if verdict == "decrease" and total is not None and total.high >= 0 else ()


def _unlike(design: Design) -> tuple[Caution, ...]:
    """A doubt when treated and control are not of one level: then no scale makes them parallel for certain."""
    here, there = design.treated_before / design.sizes[0], design.control_before / design.sizes[1]
    if max(here, there) <= UNLIKE * min(here, there):
        return ()
    return (caution("CONTROL_UNLIKE", treated=design.treated_before, control=design.control_before),)
