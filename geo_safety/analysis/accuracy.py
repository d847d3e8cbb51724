"""How well past hotspots persisted in a later period that is also past: PAI, PEI and recapture. Nothing here looks ahead."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from ..errors import InputError
from ..text import Text

LEAST_STEPS = 10    # weeks, or other steps, that can stand for the later period when they are drawn anew


def pai_table(past: ArrayLike, later: ArrayLike, area: ArrayLike, *, at: Sequence[float] = (0.01, 0.05, 0.1), weighted: bool = False, conf: float = 0.95,
              n_boot: int = 999, seed: int | None = None) -> pd.DataFrame:
    """How much of what happened later lay in the places that had most before, at fixed shares of the area.

    Parameters
    ----------
    past
        Of each place what ranks it: counts, weighted counts or a density times the area, from the first period. Ranked by `past` / `area`.
    later
        Incidents of each place in the second period, which must not overlap the first; or one row per step (week), shape (steps, places).
    area
        Of each place, in any unit: square metres of cells, metres of street.
    at
        Shares of the area that the hotspots together take up. Compare methods at the same share only.
    weighted
        True when `later` holds sums of weights, which may be whole numbers and are no counts all the same.

    Returns
    -------
    One row per share with `area_share`, `hits` (of `later` in the hotspots), `hit_rate` (share of all), `hit_rate_low`, `hit_rate_high`, `pai`
    (hit rate to area share; 1 is what places drawn by lot would hit), `pai_low`, `pai_high`, `pei` (PAI to the largest that the same area
    could have had), `recapture_rate` (share of `later` to share of `past` in the hotspots: below 1 they cooled), `calibration` (`past`
    to `later` in them), `by_lot` (part of the chosen area that had to be picked among equals), `incidents` (later, in all). Without hits there is no
    calibration, with nothing of the past none to recapture: missing.

    Notes
    -----
    Equals are treated fairly: where the share of area cuts a set of places with the same `past`, the value is that expected when they
    are drawn by lot, never the order of the file. Intervals are exact for independent incidents (Clopper and Pearson); with ten steps
    or more they come from drawing steps anew `n_boot` times, which keeps what happens together in a week together. Weighted incidents, and
    whatever is not whole, have intervals by steps only.

    References
    ----------
    Chainey, Tompson & Uhlig 2008, doi:10.1057/palgrave.sj.8350066; Hunt 2016, dissertation, American University; Levine 2008,
    Security Journal 21:295–302
    """
    steps = np.atleast_2d(_known(later))
    before, size = _known(past), _known(area)
    if before.ndim != 1 or size.shape != before.shape or steps.shape[1:] != before.shape or steps.ndim != 2:
        raise InputError(Text(sv="past, later och area måste ha ett tal för varje plats.", en="past, later and area must have one number for each place."))
    if not (size > 0).all():
        raise InputError(Text(sv="Varje plats måste ha en yta över 0.", en="Each place must have an area above 0."))
    after = steps.sum(axis=0)
    if not after.sum() > 0 or not before.sum() > 0:
        raise InputError(Text(sv="Båda perioderna måste ha händelser.", en="Both periods must have incidents."))
    shares = np.asarray(at, dtype=float)
    if not ((shares > 0) & (shares <= 1)).all():
        raise InputError(Text(sv="Andelar av ytan ligger över 0 och högst vid 1.", en="Shares of the area lie above 0 and at most at 1."))
    by_past, best = Ranking.of(before / size, size), Ranking.of(after / size, size)
    hits, had = by_past.held(after, shares), by_past.held(before, shares)
    rate = hits / after.sum()
    low, high = _interval(steps, by_past, shares, rate, weighted, conf, n_boot, np.random.default_rng(seed))
    with np.errstate(divide="ignore", invalid="ignore"):
        calibration, recapture = (np.where(under > 0, over / under, np.nan) for over, under in ((had, hits), (rate, had / before.sum())))
    return pd.DataFrame({
        "area_share": shares, "hits": hits, "hit_rate": rate, "hit_rate_low": low, "hit_rate_high": high, "pai": rate / shares,
        "pai_low": low / shares, "pai_high": high / shares, "pei": hits / best.held(after, shares), "recapture_rate": recapture,
        "calibration": calibration, "by_lot": by_past.by_lot(shares), "incidents": after.sum()})


class Ranking:
    """Places in falling order of a density, equals together; what the top of them holds grows evenly through each set of equals."""

    def __init__(self, order: np.ndarray, ends: np.ndarray, area: np.ndarray):
        self.order, self.ends = order, ends
        self.area_share = self._running(area) / area.sum()

    @classmethod
    def of(cls, density: np.ndarray, area: np.ndarray) -> Ranking:
        order = np.argsort(-density, kind="stable")
        falling = density[order]
        # what was divided may differ in the last digit
        last = np.append(np.diff(falling) < -1e-12 * np.abs(falling[:-1]), True)
        return cls(order, np.flatnonzero(last), area)

    def _running(self, values: np.ndarray) -> np.ndarray:
        """Held by the first 0, 1, 2 … sets of equals; `values` (…, places)."""
        running = np.cumsum(values[..., self.order], axis=-1)[..., self.ends]
        return np.concatenate([np.zeros((*running.shape[:-1], 1)), running], axis=-1)

    def held(self, values: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """What the top places hold of `values` (places, or data sets × places) up to each share of the area."""
        running = self._running(values)
        if running.ndim == 1:
            return np.interp(shares, self.area_share, running)
        return np.array([np.interp(shares, self.area_share, row) for row in running])

    def by_lot(self, shares: np.ndarray) -> np.ndarray:
        """Part of the area up to each share that lies in a set of equals that is cut, of more than one place."""
        at = np.clip(np.searchsorted(self.area_share, shares * (1 - 1e-12)) - 1, 0, len(self.ends) - 1)
        several = np.diff(np.concatenate([[-1], self.ends]))[at] > 1
        cut = shares < self.area_share[at + 1] * (1 - 1e-12)
        return np.where(several & cut, (shares - self.area_share[at]) / shares, 0.0)


def _interval(steps: np.ndarray, ranking: Ranking, shares: np.ndarray, rate: np.ndarray, weighted: bool, conf: float, n_boot: int,
              rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the interval of each hit rate; missing for weighted incidents without steps."""
    tail = (1 - conf) / 2
    if len(steps) >= LEAST_STEPS:
        held, total = ranking.held(steps, shares), steps.sum(axis=1)
        taken = rng.multinomial(len(steps), np.full(len(steps), 1 / len(steps)), n_boot)
        drawn = taken @ total
        rates = (taken @ held)[drawn > 0] / drawn[drawn > 0, None]
        low, high = np.quantile(rates, (tail, 1 - tail), axis=0)
        return low, high
    total = steps.sum()
    if weighted or (steps != np.floor(steps)).any():
        return np.full(len(shares), np.nan), np.full(len(shares), np.nan)
    hits = rate * total
    low = np.where(hits > 0, special.betaincinv(np.maximum(hits, 1e-9), total - hits + 1, tail), 0.0)
    high = np.where(hits < total, special.betaincinv(hits + 1, np.maximum(total - hits, 1e-9), 1 - tail), 1.0)
    return low, high


def _known(values: ArrayLike) -> np.ndarray:
    known = np.asarray(values, dtype=float)
    if not known.size or not np.isfinite(known).all() or (known < 0).any():
        raise InputError(Text(sv="Talen måste vara kända och inte under 0, och minst en plats behövs.",
                              en="The numbers must be known and not below 0, and there must be at least one place."))
    return known
