"""Is something going on? The newest whole steps against what the steps before lead one to expect – past steps only, nothing foretold."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from ..errors import InputError, Refusal
from ..model.cautions import REFUSALS, Caution, caution
from ..text import Text
from .aoristic import DAY, spans_of
from .before_after import DISPERSED, widened
from .loglinear import fit

STEPS = {"week": "W-SUN", "month": "M"}
A_YEAR = {"week": 52, "month": 12}
LEAST_BASELINE = 10
TRANSFORMS = ("anscombe", "rossi", "standard")
K = 1.04                # half the shift to be found, in standard errors, as in R's surveillance
ARL = 500.0             # steps until a false alarm, on average
ALPHA = 0.005           # one week in two hundred
OLD_DAYS = 270          # reports of events older than this are nearly all there
_PATHS = 2_000


@dataclass(frozen=True)
class Monitoring:
    """The watched steps with what was expected of them.

    `frame`, one row per watched step: `start`, `incidents`, `expected`, `limit` (the most that chance gives but one time in `1 / alpha`),
    `p` (of as many or more), `above` (the step by itself is unusual), `cusum` (what has piled up), `alarm` (it has passed `threshold`).
    """

    frame: pd.DataFrame
    step: str
    baseline_steps: int
    season: bool
    scatter: float
    threshold: float
    delay_days: float       # until the wished share of the events is reported; missing when no report times were given
    left_out: int           # newest steps that are not complete yet
    n: int
    warnings: tuple[Caution, ...]


def monitor(times: Any, *, reported: Any = None, step: str = "week", watch: int = 26, until: Any = None, tz: str | None = "Europe/Stockholm",
            complete: float = 0.9, alpha: float = ALPHA, k: float = K, threshold: float | str = "auto", transform: str = "anscombe",
            seed: int | None = 0) -> Monitoring:
    """The newest `watch` steps of a series of events, with exact limits for each and a CUSUM for what creeps up.

    Parameters
    ----------
    times, reported
        When the events happened and when they were reported. From the older ones it is learnt how long it takes until `complete` of
        them are known; steps that ended less than that before `until` are left out. Without `reported` nothing is left out.
    step
        "week" (from Monday) or "month".
    watch
        How many steps are looked at; all before are the baseline, which must have at least 10.
    until
        The day the data were drawn; without it the newest time there is.
    threshold
        Of the CUSUM. "auto": so high that a false alarm comes once in 500 steps, by simulation under this very baseline. R's
        surveillance takes 2.26, which is made for normal errors and alarms more often when events are few.

    Notes
    -----
    Expected: the level of the baseline, with two waves a year once it covers two years. Limit and p are exact given the sum of the baseline,
    which counts as a Poisson count too; when it scatters more than Poisson the limit widens as `before_after.widened` says. The CUSUM
    adds up standardised surpluses beyond `k`; it is not set back after an alarm.

    References: Rossi, Lampugnani & Marchi 1999, doi:10.1002/(SICI)1097-0258(19990830)18:16<2111::AID-SIM171>3.0.CO;2-Q; Höhle 2007,
    doi:10.1007/s00180-007-0074-8
    """
    if step not in STEPS or not (watch >= 1 and 0 < complete < 1 and 0 < alpha < 1):
        raise InputError(Text(sv="Steg är {known}; watch är minst 1; complete och alpha ligger mellan 0 och 1.",
                              en="Steps are {known}; watch is at least 1; complete and alpha lie between 0 and 1.").format(known=", ".join(STEPS)))
    happened, known = _moments(times, tz), _moments(reported, tz) if reported is not None else None
    if not happened.notna().any():
        raise InputError(Text(sv="Ingen händelse har en tid som går att använda.", en="No event has a time that can be used."))
    end = pd.Timestamp(until).tz_localize(None) if until is not None else max(series.max() for series in (happened, known) if series is not None)
    happened_by = happened[(happened <= end) & ((known <= end) if known is not None else True)].dropna()
    delay = _delay(happened, known, end, complete)
    counts, left_out = _steps(happened_by, step, end, 0.0 if np.isnan(delay) else delay)
    baseline = len(counts) - watch
    if baseline < LEAST_BASELINE:
        raise Refusal("FEW_STEPS", REFUSALS["FEW_STEPS"].format(n=max(0, baseline), side=Text(sv="före", en="before"), least=LEAST_BASELINE))
    shape, season, scatter = _shape(counts, baseline, step)
    before = int(counts.to_numpy()[:baseline].sum())
    watched = counts.to_numpy()[baseline:]
    expected = shape[baseline:]
    p, limit = _limits(watched, before, shape[baseline:] / shape[:baseline].sum(), widened(2 * alpha, scatter) / 2)
    piled = cusum(watched, expected, k=k, transform=transform)
    top = _threshold(expected, scatter, k, transform, seed) if threshold == "auto" else float(threshold)
    frame = pd.DataFrame({"start": pd.PeriodIndex(counts.index).start_time[baseline:], "incidents": watched, "expected": expected, "limit": limit, "p": p,
                          "above": watched > limit, "cusum": piled, "alarm": piled >= top})
    return Monitoring(frame, step, baseline, season, scatter, top, delay, left_out, int(counts.sum()),
                      _doubts(int(counts.sum()), scatter, left_out, watch, alpha))


def cusum(counts: ArrayLike, expected: ArrayLike, *, k: float = K, transform: str = "anscombe") -> np.ndarray:
    """What has piled up beyond `k` standard errors a step: max(0, before + z − k), never below 0.

    "standard": (x − m) / √m; "rossi" and "anscombe" bring the counts closer to normal, as R's `surveillance::algo.cusum` does.
    """
    if transform not in TRANSFORMS:
        raise InputError(Text(sv="Omräkningen är {known}.", en="The transform is {known}.").format(known=", ".join(TRANSFORMS)))
    surplus = _standardised(np.asarray(counts, dtype=float), np.asarray(expected, dtype=float), transform) - k
    return _piled(surplus)


def _piled(surplus: np.ndarray) -> np.ndarray:
    """The running sum above its own lowest point so far (or 0): the recursion in one go, along the last axis."""
    run = np.cumsum(surplus, axis=-1)
    return run - np.minimum(np.minimum.accumulate(run, axis=-1), 0.0)


def _standardised(x: np.ndarray, m: np.ndarray, transform: str) -> np.ndarray:
    if transform == "standard":
        return (x - m) / np.sqrt(m)
    if transform == "rossi":
        return (x - 3 * m + 2 * np.sqrt(x * m)) / (2 * np.sqrt(m))
    return 1.5 * (x**(2 / 3) - m**(2 / 3)) / m**(1 / 6)


def _threshold(expected: np.ndarray, scatter: float, k: float, transform: str, seed: int | None) -> float:
    """The height that the CUSUM passes within the watched steps as often as one false alarm in 500 steps would have it."""
    rng = np.random.default_rng(seed)
    shape = (_PATHS, len(expected))
    drawn = rng.poisson(expected, shape) if scatter <= 1 else rng.negative_binomial(expected / (scatter - 1), 1 / scatter, shape)
    top = _piled(_standardised(drawn.astype(float), expected, transform) - k).max(axis=1)
    return float(np.quantile(top, np.exp(-len(expected) / ARL), method="higher")) + 1e-9


def _limits(watched: np.ndarray, before: int, share: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """p of as many or more, and the largest count whose p is not below `alpha`: exact given that step and baseline have one level."""
    odds = share / (1 + share)
    p_of = lambda x: stats.binom.sf(x - 1, x + before, odds)  # noqa: E731
    limit = np.ceil(before * share)
    growing = np.ones(len(share), dtype=bool)
    while growing.any():    # a handful of rounds: the limit lies some standard errors above the mean
        growing = p_of(limit + 1) >= alpha
        limit = limit + growing
    return p_of(watched), limit.astype(int)


def _shape(counts: pd.Series, baseline: int, step: str) -> tuple[np.ndarray, bool, float]:
    """Expected count of every step from the baseline; whether it has a season; how much wider the baseline scatters than Poisson."""
    periods = pd.PeriodIndex(counts.index)
    days = ((periods.end_time - periods.start_time) / pd.Timedelta(days=1)).to_numpy() + 1e-9
    season = baseline >= 2 * A_YEAR[step]
    middle = periods.start_time + (periods.end_time - periods.start_time) / 2
    angle = 2 * np.pi * middle.day_of_year.to_numpy() / 365.25
    waves = [wave(times * angle) for times in (1, 2) for wave in (np.cos, np.sin)] if season else []
    columns = np.column_stack([np.ones(len(counts)), *waves])
    past = counts.to_numpy(dtype=float)[:baseline]
    if past.sum() == 0:
        raise InputError(Text(sv="Inga händelser finns före de steg som bevakas.", en="There are no events before the watched steps."))
    made = fit(past, columns[:baseline], offset=np.log(days[:baseline]))
    return np.exp(columns @ made.coefficients) * days, season, max(1.0, made.scatter)


def _delay(happened: pd.Series, known: pd.Series | None, end: pd.Timestamp, complete: float) -> float:
    """Days until the share `complete` is reported, from events old enough that late reports are in; missing without report times."""
    if known is None:
        return float("nan")
    gone = (known - happened).dt.total_seconds().to_numpy() / DAY
    old = (happened < end - pd.Timedelta(days=OLD_DAYS)).to_numpy()
    seen = gone[old & np.isfinite(gone) & (gone >= 0)]
    if not len(seen):
        raise InputError(Text(sv="Inga händelser är gamla nog för att visa hur länge anmälan dröjer. Korta data med until, eller utelämna reported.",
                              en="No events are old enough to show how long reporting takes. Shorten the data with until, or leave out reported."))
    return float(np.quantile(seen, complete))


def _steps(happened: pd.Series, step: str, end: pd.Timestamp, delay: float) -> tuple[pd.Series, int]:
    """Counts of whole steps whose events are known by now, and how many newest steps are not."""
    periods = pd.DatetimeIndex(happened).to_period(STEPS[step])
    first, newest = periods.min(), (pd.Timestamp(end) - pd.Timedelta(seconds=1)).to_period(STEPS[step])
    whole = pd.period_range(first + (0 if _from_start(happened, first) else 1), newest, freq=STEPS[step])
    ready = whole[whole.end_time + pd.Timedelta(days=delay) <= end + pd.Timedelta(seconds=1)]
    counts = pd.Series(periods).value_counts().reindex(ready, fill_value=0).astype(int)
    return counts, len(whole) - len(ready)


def _from_start(happened: pd.Series, first: pd.Period) -> bool:
    """Whether the data cover the first step from its first day on."""
    return bool(happened.min().normalize() <= first.start_time)


def _moments(times: Any, tz: str | None) -> pd.Series:
    """On the calendar and clock of the place, in the order given; missing where there is none."""
    given = pd.Series(times).reset_index(drop=True)
    found = pd.Series(pd.NaT, index=given.index, dtype="datetime64[ns]")
    seconds = spans_of(given[given.notna()], tz=tz).start
    local = pd.to_datetime(seconds, unit="s", utc=True)
    found[given.notna().to_numpy()] = (local.tz_convert(tz) if tz else local).tz_localize(None)
    return found


def _doubts(n: int, scatter: float, left_out: int, watch: int, alpha: float) -> tuple[Caution, ...]:
    found = []
    if n < 20:
        found.append(caution("SMALL_N", n=n))
    if scatter > DISPERSED:
        found.append(caution("OVERDISPERSED", times=round(scatter, 1)))
    if left_out:
        found.append(caution("NOT_COMPLETE", n=left_out))
    if watch * alpha >= 0.1:
        found.append(caution("MANY_STEPS", n=watch, expected=round(watch * alpha, 2)))
    return tuple(found)
