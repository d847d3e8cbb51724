"""One place over many steps: a jump or a turn from one day on, with trend, season and the length of the steps allowed for."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ..errors import InputError, Refusal
from ..model.cautions import REFUSALS, Caution, caution
from ..text import Text
from .before_after import DISPERSED
from .loglinear import Fit, fit

LEAST_STEPS = 10
HARMONICS = 2
DAYS_A_YEAR = 365.25
DEPENDENT = 2.0     # a correlation of neighbouring steps this many standard errors from 0 is said


@dataclass(frozen=True)
class InterruptedSeries:
    """How the series left its own course: `level` at once, `slope` per year afterwards, as ratios (1: none) with intervals.

    `frame` is to be drawn: one row per step with `start`, `incidents`, `after`, `left_out`, `expected`, `without` (its course had
    nothing happened) and `without_low`, `without_high`.
    """

    level: tuple[float, float, float]
    p: float
    slope: tuple[float, float, float] | None
    frame: pd.DataFrame
    steps: tuple[int, int]
    season: bool
    scatter: float
    neighbours: float       # correlation of what is left over in neighbouring steps
    n: int
    warnings: tuple[Caution, ...]


def interrupted(counts: pd.Series, start: Any, *, season: bool | str = "auto", slope: bool = False, lag: int = 0, conf: float = 0.95) -> InterruptedSeries:
    """The jump of a series of counts at `start`, held against the course it had before.

    Parameters
    ----------
    counts
        Whole numbers by regular steps, indexed by their first days or by periods (months, weeks, quarters); no step may be missing.
    start
        The first day of the measure; a step that it cuts in two belongs to neither side and is left out.
    season
        Two waves a year. "auto": when the series covers two whole years, of which one before the start.
    slope
        Whether its course may also turn; this needs many more steps and is mostly not told from a jump.
    lag
        Steps after the start that are left out, while the measure takes hold.

    Raises
    ------
    Refusal
        FEW_STEPS: fewer than 10 steps on a side.

    Notes
    -----
    Segmented Poisson regression; errors widened by the root of Pearson's scatter and, when neighbouring steps hang together, of
    (1 + r) / (1 − r). Without a control: anything else that began the same day looks like the measure, hence NO_CONTROL.

    References: Bernal, Cummins & Gasparrini 2017, doi:10.1093/ije/dyw098
    """
    steps = _steps(counts)
    numbers = counts.to_numpy(dtype=float)
    first, last = steps.start_time.to_numpy(), steps.end_time.to_numpy()
    begun = np.datetime64(pd.Timestamp(start).tz_localize(None), "ns")
    after = first >= begun
    cut = (first < begun) & (last >= begun)
    left_out = cut | (after & (np.cumsum(after) <= lag))
    used = ~left_out
    sides = int((used & ~after).sum()), int((used & after).sum())
    for n, side in zip(sides, (Text(sv="före", en="before"), Text(sv="efter", en="after")), strict=True):
        if n < LEAST_STEPS:
            raise Refusal("FEW_STEPS", REFUSALS["FEW_STEPS"].format(n=n, side=side, least=LEAST_STEPS))
    days = (last - first) / np.timedelta64(1, "D") + 1e-9
    years = (first - begun) / np.timedelta64(1, "D") / DAYS_A_YEAR
    waves = _covers_years(steps, after) if season == "auto" else bool(season)
    course = np.column_stack([np.ones(len(steps)), years, *(_waves(steps) if waves else ())])
    changes = np.column_stack([after.astype(float), *((np.where(after, years, 0.0),) if slope else ())])
    columns = np.column_stack([changes, course])
    if not (numbers[used & after].sum() and numbers[used & ~after].sum()):
        raise InputError(Text(sv="Det behövs händelser både före och efter start.", en="There must be events both before and after the start."))
    made = fit(numbers[used], columns[used], offset=np.log(days[used]))
    left = (numbers[used] - made.expected) / np.sqrt(made.expected)
    neighbours = float(left[1:] @ left[:-1] / (left @ left)) if (left @ left) > 0 else 0.0
    covariance = made.covariance * max(1.0, made.scatter) * max(1.0, (1 + neighbours) / (1 - neighbours))
    reach = float(stats.t.isf((1 - conf) / 2, made.freedom))
    level, p = _ratio(made, covariance, 0, reach)
    frame = _frame(steps, numbers, after, left_out, columns, days, made, covariance, changes.shape[1], reach)
    return InterruptedSeries(level, p, _ratio(made, covariance, 1, reach)[0] if slope else None, frame, sides, waves, made.scatter, neighbours,
                             int(numbers[used].sum()), _doubts(made, neighbours, int(used.sum()), int(numbers[used].sum())))


def _ratio(made: Fit, covariance: np.ndarray, place: int, reach: float) -> tuple[tuple[float, float, float], float]:
    effect, error = float(made.coefficients[place]), float(np.sqrt(covariance[place, place]))
    ends = (float(np.exp(effect)), float(np.exp(effect - reach * error)), float(np.exp(effect + reach * error)))
    return ends, float(2 * stats.t.sf(abs(effect / error), made.freedom))


def _frame(steps: pd.PeriodIndex, numbers: np.ndarray, after: np.ndarray, left_out: np.ndarray, columns: np.ndarray, days: np.ndarray, made: Fit,
           covariance: np.ndarray, changes: int, reach: float) -> pd.DataFrame:
    course = columns[:, changes:]
    line = course @ made.coefficients[changes:]
    error = np.sqrt(np.einsum("ij,jk,ik->i", course, covariance[changes:, changes:], course))
    return pd.DataFrame({
        "start": steps.start_time, "incidents": numbers.astype(int), "after": after, "left_out": left_out,
        "expected": np.exp(columns @ made.coefficients) * days, "without": np.exp(line) * days,
        "without_low": np.exp(line - reach * error) * days, "without_high": np.exp(line + reach * error) * days})


def _doubts(made: Fit, neighbours: float, steps: int, n: int) -> tuple[Caution, ...]:
    found = [caution("NO_CONTROL")]
    if n < 20:
        found.append(caution("SMALL_N", n=n))
    if made.scatter > DISPERSED:
        found.append(caution("OVERDISPERSED", times=round(made.scatter, 1)))
    if neighbours > DEPENDENT / np.sqrt(steps):
        found.append(caution("AUTOCORRELATED", r=round(neighbours, 2)))
    return tuple(found)


def _steps(counts: pd.Series) -> pd.PeriodIndex:
    """The index as periods; InputError when the steps are not regular or the counts no counts."""
    numbers = counts.to_numpy(dtype=float)
    if not np.isfinite(numbers).all() or (numbers < 0).any() or (numbers != np.floor(numbers)).any():
        raise InputError(Text(sv="Antalen måste vara hela tal från 0 och uppåt.", en="The counts must be whole numbers from 0 upwards."))
    index = counts.index
    if isinstance(index, pd.PeriodIndex):
        periods = index
    elif isinstance(index, pd.DatetimeIndex) and len(index):
        periods = _beginning(index.tz_localize(None))
    else:
        periods = pd.PeriodIndex([], freq="D")
    if len(periods) < 2 or not (periods == pd.period_range(periods[0], periods=len(periods), freq=periods.freq)).all():
        raise InputError(Text(sv="Serien ska ha regelbundna steg i tidsordning (dag, vecka, månad, kvartal eller år) utan luckor.",
                              en="The series must have regular steps in order of time (day, week, month, quarter or year) without gaps."))
    return periods


def _beginning(starts: pd.DatetimeIndex) -> pd.PeriodIndex:
    """The longest periods that begin at these days; none when there are no such."""
    for frequency in ("Y", "Q", "M", *(f"W-{day}" for day in ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")), "D"):
        periods = starts.to_period(frequency)
        if (periods.start_time == starts).all() and periods.is_unique:
            return periods
    return pd.PeriodIndex([], freq="D")


def _covers_years(steps: pd.PeriodIndex, after: np.ndarray) -> bool:
    first, last, split = steps[0].start_time, steps[-1].end_time, steps[int(np.argmax(after))].start_time
    year = pd.Timedelta(days=364)
    return bool(last - first >= 2 * year and split - first >= year)


def _waves(steps: pd.PeriodIndex) -> tuple[np.ndarray, ...]:
    """Cosine and sine of once and twice around the year, at the middle of each step."""
    middle = steps.start_time + (steps.end_time - steps.start_time) / 2
    angle = 2 * np.pi * (middle.day_of_year.to_numpy() - 0.5) / DAYS_A_YEAR
    return tuple(wave(k * angle) for k in range(1, HARMONICS + 1) for wave in (np.cos, np.sin))
