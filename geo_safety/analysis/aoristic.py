"""When things happen, when nobody knows exactly: an event known as an interval is shared out over the hours it may have happened in."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError
from ..model.cautions import Caution, caution
from ..model.verdicts import share_text
from ..text import Text
from .rates import weighted_interval

HOUR, DAY, WEEK = 3_600, 86_400, 604_800   # seconds
BINS = {"hour_of_week": 168, "hour_of_day": 24, "weekday": 7}
EXACT_ENOUGH = ("minute", "hour", "day")
LONG_SHARE = 0.2        # more events than this known to more than a day only: the hours are mostly guesswork
SMALL_N = 20
_AT_ONCE = 4_096


@dataclass(frozen=True)
class Aoristic:
    """Events by hour and weekday, what is known about their times, and how many were left out.

    `table` has one row per bin: `weekday` (Monday 0) and `hour` where the bins have them, `weight` (events, shared out), `low` and
    `high` (interval of that), `known` (events that surely happened in the bin), `occasions` (how often the bin came in the period) and
    `per_week` (events a week in that bin; for hours of the day and weekdays a day).
    """

    table: pd.DataFrame
    n: int
    points: int                 # known to the moment, or without an end
    reversed: int               # end before start: left out
    without_start: int          # left out
    vague: int                  # known to the month or less: left out
    evenly: int                 # spans of a week or more: the same for every hour
    median_span_h: float        # of those with a span
    over_a_day: float           # share of all
    warnings: tuple[Caution, ...]


@dataclass(frozen=True)
class Spans:
    """Beginnings and ends in seconds of UTC, ready to be cut into hours."""

    start: np.ndarray
    end: np.ndarray
    reversed: int
    without_start: int
    vague: int


def aoristic(start: Any, end: Any = None, *, bins: str = "hour_of_week", tz: str | None = "Europe/Stockholm", max_span: str | pd.Timedelta = "7D",
             precision: Any = None, period: tuple[Any, Any] | None = None, conf: float = 0.95) -> Aoristic:
    """Events by hour of the week, each shared out over the interval it is known to lie in, on the clock of the place.

    Parameters
    ----------
    start, end
        Times, with or without a zone; without one they are read as the clock in `tz`. A missing end: the event is known to the moment.
    bins
        "hour_of_week" (168), "hour_of_day" (24) or "weekday" (7).
    tz
        On the night when clocks go forward the hour between two and three does not exist and gets nothing; on the night when they go
        back it lasts two. None: one clock all year.
    max_span
        Longer spans say nothing about the hour and are spread evenly over all bins.
    precision
        "minute", "hour", "day" … per event (`time_precision`): one known to the day only is spread over that day, one known less
        exactly is counted and left out.
    period
        (first day, day after the last), to count how often each bin came; without it from the first to the last event.

    Notes
    -----
    Weight of an event in an hour = time it shares with it / its span (Ratcliffe 2000). An end before the start is no interval: such events
    are counted and left out (the R package aoristic keeps them as points in silence). Long spans wash peaks out; look at `known` beside.
    Intervals as of `weighted_interval`: cautious.

    References: Ratcliffe 2000, doi:10.1080/136588100424963
    """
    if bins not in BINS:
        raise InputError(Text(sv="Indelningen är {known}, inte {bins}.", en="The bins are {known}, not {bins}.").format(known=", ".join(BINS), bins=bins))
    spans = spans_of(start, end, tz=tz, precision=precision)
    if not len(spans.start):
        raise InputError(Text(sv="Ingen händelse har en tid som går att använda.", en="No event has a time that can be used."))
    length = spans.end - spans.start
    even = length >= pd.Timedelta(max_span).total_seconds()
    weight, squares, known, largest = _summed(spans.start[~even], spans.end[~even], tz, bins)
    each = 1 / BINS[bins]
    weight, squares, largest = weight + even.sum() * each, squares + even.sum() * each**2, np.where(even.any(), np.maximum(largest, each), largest)
    low, high = weighted_interval(weight, squares, largest, conf)
    first, last = period_of(period, spans, tz)
    occasions = _occasions(first, last, tz, bins)
    table = pd.DataFrame({**_names(bins), "weight": weight, "low": low, "high": high, "known": known, "occasions": occasions,
                          "per_week": np.divide(weight, occasions, out=np.full(len(weight), np.nan), where=occasions > 0)})
    n, over = len(length), float((length > DAY).mean())
    wide = length[length > 0]
    return Aoristic(table, n, int((length == 0).sum()), spans.reversed, spans.without_start, spans.vague, int(even.sum()),
                    float(np.median(wide) / HOUR) if len(wide) else 0.0, over, _doubts(n, spans, over))


def hour_weekday(start: Any, end: Any = None, *, tz: str | None = "Europe/Stockholm", value: str = "per_week", **asked: Any) -> pd.DataFrame:
    """The week as a table to be drawn: 24 rows (hours), 7 columns (Monday 0), `value` one of the columns of `aoristic`."""
    return aoristic(start, end, tz=tz, **asked).table.pivot(index="hour", columns="weekday", values=value)


def spans_of(start: Any, end: Any = None, *, tz: str | None, precision: Any = None) -> Spans:
    """Times as seconds of UTC; those without a start or with an end before it are counted and left out."""
    begun = _moments(start, tz)
    ended = _moments(end, tz) if end is not None else pd.Series(pd.NaT, index=range(len(begun)), dtype=begun.dtype)
    if len(begun) != len(ended):
        raise InputError(Text(sv="Det finns {a} början men {b} slut.", en="There are {a} starts but {b} ends.").format(a=len(begun), b=len(ended)))
    vague = np.zeros(len(begun), dtype=bool)
    if precision is not None:
        told = pd.Series(precision).reset_index(drop=True)
        vague = (told.notna() & ~told.isin(EXACT_ENOUGH)).to_numpy() & ended.isna().to_numpy()
        begun, ended = _whole_day(begun, ended, (told == "day").to_numpy() & ended.isna().to_numpy())
    first = _seconds(begun)
    last = np.where(ended.isna(), first, _seconds(ended))
    missing = begun.isna().to_numpy()
    backwards = ~missing & (last < first)
    kept = ~missing & ~backwards & ~vague
    return Spans(first[kept], last[kept], int(backwards.sum()), int(missing.sum()), int((vague & ~missing).sum()))


def cut_into_hours(start: np.ndarray, end: np.ndarray, tz: str | None) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """(number of the event, beginning and end of the piece) for every hour of the clock that an event touches, some thousand at once.

    A moment is one piece of no length. Where the zone is a quarter or half an hour off, so are its hours.
    """
    for begin in range(0, len(start), _AT_ONCE):
        first, last = start[begin:begin + _AT_ONCE], end[begin:begin + _AT_ONCE]
        shift = _offset(first, tz) % HOUR
        from_hour = np.floor((first + shift) / HOUR)
        pieces = np.maximum(np.ceil((last + shift) / HOUR) - from_hour, 1).astype(int)
        event = np.repeat(np.arange(len(first)), pieces)
        hour = from_hour[event] + np.arange(len(event)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        border = hour * HOUR - shift[event]
        yield event + begin, np.maximum(border, first[event]), np.minimum(border + HOUR, last[event])


def bin_of(seconds: np.ndarray, tz: str | None, bins: str = "hour_of_week") -> np.ndarray:
    """The bin in which each moment (seconds of UTC) lies on the clock of the place; Monday 00 is 0."""
    local = np.floor(seconds + _offset(seconds, tz)).astype(np.int64) - 4 * DAY     # 1970 began on a Thursday
    hour = local // HOUR % 168
    return hour if bins == "hour_of_week" else hour % 24 if bins == "hour_of_day" else hour // 24


def _summed(start: np.ndarray, end: np.ndarray, tz: str | None, bins: str) -> tuple[np.ndarray, ...]:
    """Per bin: sum of the weights, sum of their squares, events that lie wholly in it, the largest weight."""
    size = BINS[bins]
    weight, squares, largest, known = np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size, dtype=int)
    for event, first, last in cut_into_hours(start, end, tz):
        begin = event[0] if len(event) else 0
        length = end[event] - start[event]
        share = np.divide(last - first, length, out=np.ones(len(event)), where=length > 0)
        middle = (first + last) / 2
        parts = np.zeros((event[-1] - begin + 1, size))
        np.add.at(parts, (event - begin, bin_of(middle, tz, bins)), share)
        weight += parts.sum(axis=0)
        squares += (parts**2).sum(axis=0)
        largest = np.maximum(largest, parts.max(axis=0))
        known += (parts > 1 - 1e-9).sum(axis=0)
    return weight, squares, known, largest


def _occasions(first: float, last: float, tz: str | None, bins: str) -> np.ndarray:
    """How often each bin came between two moments: on a night of 25 hours one hour twice, on one of 23 one hour never."""
    shift = _offset(np.array([first]), tz)[0] % HOUR
    hours = np.arange(np.ceil((first + shift) / HOUR), np.ceil((last + shift) / HOUR)) * HOUR - shift
    found = np.bincount(bin_of(hours, tz, bins), minlength=BINS[bins]).astype(float)
    return found if bins != "weekday" else found / 24


def period_of(period: tuple[Any, Any] | None, spans: Spans, tz: str | None) -> tuple[float, float]:
    """Beginning and end of the period in seconds of UTC; without one, of the whole days that the spans touch."""
    if period is None:
        day = lambda seconds: _moments([pd.Timestamp(seconds, unit="s", tz="UTC")], tz).dt.normalize()  # noqa: E731
        first, last = day(spans.start.min()), day(spans.end.max()) + pd.DateOffset(days=1)
    else:
        first, last = (_moments([pd.Timestamp(end).tz_localize(None)], tz) for end in period)
    first_s, last_s = _seconds(first)[0], _seconds(last)[0]
    if not first_s < last_s:
        raise InputError(Text(sv="Perioden slutar innan den har börjat.", en="The period ends before it has begun."))
    return float(first_s), float(last_s)


def _moments(values: Any, tz: str | None) -> pd.Series:
    """Times in the zone; a clock time that came twice is taken as the first, one that never came moves on."""
    times = pd.Series(pd.to_datetime(pd.Series(values).reset_index(drop=True), errors="coerce"))
    given = pd.Series(values).reset_index(drop=True)
    if (times.isna() & given.notna()).any():
        raise InputError(Text(sv="{value} är ingen tid. Skriv den som 2026-03-01 14:30.", en="{value} is no time. Write it like 2026-03-01 14:30.").format(
            value=str(given[times.isna() & given.notna()].iloc[0])))
    if tz is None:
        return times.dt.tz_localize(None) if times.dt.tz is not None else times
    if times.dt.tz is None:
        return times.dt.tz_localize(tz, ambiguous=np.ones(len(times), dtype=bool), nonexistent="shift_forward")
    return times.dt.tz_convert(tz)


def _whole_day(begun: pd.Series, ended: pd.Series, day: np.ndarray) -> tuple[pd.Series, pd.Series]:
    """Events known to the day lie anywhere in it."""
    midnight = begun.dt.normalize()
    return begun.where(~day, midnight), ended.where(~day, midnight + pd.DateOffset(days=1))


def _seconds(times: pd.Series) -> np.ndarray:
    naive = times.dt.tz_convert("UTC").dt.tz_localize(None) if times.dt.tz is not None else times
    return ((naive - pd.Timestamp(0)) / pd.Timedelta(seconds=1)).to_numpy(dtype=float)


def _offset(seconds: np.ndarray, tz: str | None) -> np.ndarray:
    """Seconds that the clock of the place is ahead of UTC at each moment; each hour is asked once."""
    if tz is None:
        return np.zeros(len(seconds))
    quarter, which = np.unique(np.floor(seconds / 900).astype(np.int64), return_inverse=True)
    utc = pd.DatetimeIndex(quarter * 900 * 10**9, tz="UTC")
    local = utc.tz_convert(tz).tz_localize(None)
    return ((local - utc.tz_localize(None)) / pd.Timedelta(seconds=1)).to_numpy(dtype=float)[which]


def _names(bins: str) -> dict[str, np.ndarray]:
    if bins == "hour_of_week":
        return {"weekday": np.repeat(np.arange(7), 24), "hour": np.tile(np.arange(24), 7)}
    return {"hour" if bins == "hour_of_day" else "weekday": np.arange(BINS[bins])}


def _doubts(n: int, spans: Spans, over: float) -> tuple[Caution, ...]:
    found = []
    if n < SMALL_N:
        found.append(caution("SMALL_N", n=n))
    if spans.vague:
        found.append(caution("MONTH_ONLY", share=share_text(spans.vague / (n + spans.vague))))
    if spans.reversed:
        found.append(caution("TIME_REVERSED", n=spans.reversed))
    if over > LONG_SHARE:
        found.append(caution("LONG_SPANS", share=share_text(over)))
    return tuple(found)
