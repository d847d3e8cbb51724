"""How few places hold how much of what happens, and whether that is more than chance would gather."""
from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..errors import InputError
from ..text import Text

MOST_RANKS = 200            # points on a Lorenz curve, for which the band is worked out
CHUNK = 1 << 22             # simulated counts held at a time


def concentration(counts: ArrayLike, *, shares: Sequence[float] = (0.25, 0.5), exposure: ArrayLike | None = None, severity: ArrayLike | None = None,
                  normalise: bool = True, n_sim: int = 999, n_boot: int = 999, seed: int | None = None) -> pd.DataFrame:
    """How unevenly incidents are spread over places, beside what chance alone would give.

    Parameters
    ----------
    counts
        Incidents at each place (street segments, cells, addresses), also those with none.
    shares
        Shares of all incidents: how few places hold at least that much?
    exposure
        Residents, addresses or metres of street at each place: chance then puts incidents there in proportion to it. None: all alike.
    severity
        Weight of each kind of incident; `counts` then has a row for each kind, (kinds, places), and everything is said of the weighted sums.
        Chance puts whole incidents at places, each with its weight. The generalised Gini, which rests on a number of incidents, is left out.
    normalise
        Ginis divided by the largest value they can have with so many places and incidents, so that 1 is everything at one place.
    n_sim, n_boot
        Simulations for the chance band, and resamples of places for the interval.

    Returns
    -------
    One row per `measure`: `gini`, `gini_generalised` (1 − what a spread as even as so few incidents allow would leave; 0 is that spread)
    and `places_25`, `places_50` … (share of places that hold 25, 50 … per cent, the busiest first). `value`, `low` and `high` (95 %, by
    resampling places: rough below some 50 places with incidents), `chance_low`, `chance`, `chance_high` (2.5, 50 and 97.5 % of the
    simulations), `excess` (value less `chance`), `p` (one-sided, of as concentrated by chance), `incidents` and `places`.

    Notes
    -----
    Never read a value without the band. With fewer incidents than places most places must be empty, and the plain Gini of mere chance is
    near 1; the generalised one, G' = max(1, N/C) (G − 1) + 1 for N places and C incidents, allows for the places that must be empty,
    but chance is not even either: it is 0.09, 0.35, 0.52 and 0.39 at C/N of 0.1, 0.5, 1 and 2. Normalising (times m/(m − 1), m the lesser
    of N and C; plain: N/(N − 1)) sets the range right and removes nothing of that.

    References
    ----------
    Weisburd 2015, doi:10.1111/1745-9125.12070; Bernasco & Steenbeek 2017, doi:10.1007/s10940-016-9324-7
    """
    kinds, weights = _kinds(counts, severity)
    counted, chances = weights @ kinds, _chances(exposure, kinds.shape[1:])
    if any(not 0 < share <= 1 for share in shares):
        raise InputError(Text(sv="Andelar ligger över 0 och högst vid 1.", en="Shares lie above 0 and at most at 1."))
    if n_sim < 19 or n_boot < 19:
        raise InputError(Text(sv="Minst 19 simuleringar behövs.", en="At least 19 simulations are needed."))
    rng = np.random.default_rng(seed)
    value = _measures(counted[None], shares, normalise)[0]
    drawn = np.concatenate([_measures(part, shares, normalise) for part in _by_chance(kinds, weights, chances, n_sim, rng)])
    resampled = np.concatenate([_measures(part, shares, normalise) for part in _resampled(counted, n_boot, rng)])
    side = np.array([1.0, 1.0] + [-1.0] * len(shares))  # few places is much concentration
    low, high = np.quantile(resampled, (0.025, 0.975), axis=0)
    chance_low, chance, chance_high = np.quantile(drawn, (0.025, 0.5, 0.975), axis=0)
    as_far = (side * drawn >= side * value - 1e-12).sum(axis=0)  # what is equal counts as equal, whatever the last digit
    told = pd.DataFrame({
        "measure": ["gini", "gini_generalised", *(f"places_{100 * share:g}" for share in shares)], "value": value, "low": low, "high": high,
        "chance_low": chance_low, "chance": chance, "chance_high": chance_high, "excess": value - chance, "p": (1 + as_far) / (1 + n_sim),
        "incidents": int(kinds.sum()), "places": len(counted)})
    return told if severity is None else told[told["measure"] != "gini_generalised"].reset_index(drop=True)


def gini(counts: ArrayLike, *, generalised: bool = False, normalise: bool = False) -> float:
    """Gini coefficient of counts at places; `generalised` allows for places that must be empty (Bernasco & Steenbeek 2017)."""
    return float(_measures(_counts(counts)[None], (), normalise)[0, int(generalised)])


def lorenz(counts: ArrayLike, *, exposure: ArrayLike | None = None, severity: ArrayLike | None = None, n_sim: int = 999,
           seed: int | None = None) -> pd.DataFrame:
    """The Lorenz curve, from the busiest place on: what share of incidents the busiest share of places holds.

    One row for each of up to 200 shares of places, from none to all: `places_share`, `incidents_share` (with `severity`, of their weight),
    `even` (spread as evenly as whole incidents allow; weighted ones as alike at as many places as there are incidents), `chance_low` and
    `chance_high` (95 % of `n_sim` simulations). `exposure` and `severity` as in `concentration`.
    """
    kinds, weights = _kinds(counts, severity)
    counted, chances = weights @ kinds, _chances(exposure, kinds.shape[1:])
    places, incidents = len(counted), int(kinds.sum())
    ranks = np.unique(np.rint(np.linspace(0, places, MOST_RANKS + 1)).astype(np.int64))
    drawn = np.concatenate([_held(part, ranks) for part in _by_chance(kinds, weights, chances, n_sim, np.random.default_rng(seed))])
    even = np.full(places, incidents // places)
    even[:incidents % places] += 1
    even = even if severity is None else np.minimum(even, 1)
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    return pd.DataFrame({"places_share": ranks / places, "incidents_share": _held(counted[None], ranks)[0], "even": _held(even[None], ranks)[0],
                         "chance_low": low, "chance_high": high})


def _held(counts: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Share of incidents at that many places with most: (data sets, ranks)."""
    running = np.cumsum(np.sort(counts, axis=1)[:, ::-1], axis=1)
    return np.where(ranks > 0, running[:, np.maximum(ranks, 1) - 1], 0) / running[:, -1:]


def _measures(counts: np.ndarray, shares: Sequence[float], normalise: bool) -> np.ndarray:
    """Gini, generalised Gini, and for each share the share of places that hold it: (data sets, measures)."""
    ordered = np.sort(counts, axis=1)
    places = counts.shape[1]
    running = np.cumsum(ordered[:, ::-1], axis=1)
    incidents = running[:, -1].astype(float)
    plain = ordered @ (2 * np.arange(1, places + 1) - places - 1.0) / (places * incidents)
    few = np.minimum(places, incidents)
    generalised = np.maximum(1, places / incidents) * (plain - 1) + 1
    if normalise:
        plain = plain * (places / (places - 1) if places > 1 else 1)
        generalised = generalised * np.where(few > 1, few / np.maximum(few - 1, 1), 1)
    # a share of a total may be a whole number but for its last digit
    fewest = [(running < (share * incidents - 1e-9)[:, None]).sum(axis=1) + 1 for share in shares]
    return np.column_stack([plain, generalised, *(number / places for number in fewest)])


def _by_chance(kinds: np.ndarray, weights: np.ndarray, chances: np.ndarray | None, n_sim: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """`n_sim` times as many incidents of each kind put at places by chance, as sums of their weights; some data sets at a time."""
    places = kinds.shape[1]
    alike = np.full(places, 1 / places) if chances is None else chances
    for number in _parts(n_sim, places):
        yield sum(weight * rng.multinomial(int(kind.sum()), alike, number) for weight, kind in zip(weights, kinds, strict=True))


def _resampled(counts: np.ndarray, n_boot: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """The places drawn with replacement `n_boot` times; draws without any incident say nothing and are drawn again."""
    for number in _parts(n_boot, len(counts)):
        drawn = counts[rng.integers(len(counts), size=(number, len(counts)))]
        while (empty := drawn.sum(axis=1) == 0).any():
            drawn[empty] = counts[rng.integers(len(counts), size=(int(empty.sum()), len(counts)))]
        yield drawn


def _parts(data_sets: int, places: int) -> Iterator[int]:
    most = max(1, CHUNK // places)
    for start in range(0, data_sets, most):
        yield min(most, data_sets - start)


def _counts(counts: ArrayLike) -> np.ndarray:
    values = np.asarray(counts, dtype=float)
    if values.ndim != 1 or not np.isfinite(values).all() or (values < 0).any() or (values != np.floor(values)).any():
        raise InputError(Text(sv="Koncentration räknas på antal per plats: kända hela tal från 0 och uppåt, inte viktade summor.",
                              en="Concentration is computed from counts per place: known whole numbers from 0 upwards, not weighted sums."))
    if values.sum() == 0:
        raise InputError(Text(sv="Det finns inga händelser på någon plats.", en="There are no incidents at any place."))
    return values.astype(np.int64)


def _kinds(counts: ArrayLike, severity: ArrayLike | None) -> tuple[np.ndarray, np.ndarray]:
    """Counts by kind and place, and the weight of each kind; without weights one kind that weighs 1, so that sums stay whole."""
    if severity is None:
        return _counts(counts)[None], np.ones(1, dtype=np.int64)
    kinds, weights = np.atleast_2d(np.asarray(counts)), np.asarray(severity, dtype=float)
    if weights.shape != (len(kinds),) or not np.isfinite(weights).all() or (weights < 0).any() or not weights @ kinds.sum(axis=1) != 0:
        raise InputError(Text(sv="Vikterna ska vara en för varje slag av händelse, kända, inte under 0 och inte alla 0.",
                              en="The weights must be one for each kind of incident, known, not below 0 and not all 0."))
    return _counts(kinds.ravel()).reshape(kinds.shape), weights


def _chances(exposure: ArrayLike | None, shape: tuple[int, ...]) -> np.ndarray | None:
    """Share of all incidents that chance puts at each place."""
    if exposure is None:
        return None
    values = np.asarray(exposure, dtype=float)
    if values.shape != shape or not np.isfinite(values).all() or (values < 0).any() or not values.sum() > 0:
        raise InputError(Text(sv="Jämförelsetalet ska vara känt för varje plats, inte under 0 och inte 0 överallt.",
                              en="The exposure must be known for each place, not below 0 and not 0 everywhere."))
    return values / values.sum()
