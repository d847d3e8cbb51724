"""Reads the many ways in which suppliers write a time; an order of day and month, or a zone, is never taken for granted.

Each text is read to wall-clock time with what it says of offset and precision; `instants` makes real times of them.
"""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd

Order = Literal["dmy", "mdy"]
EARLIEST = date(1950, 1, 1)  # before it: the zero of a spreadsheet (1899, 1900) or a placeholder
_NOTHING = np.iinfo(np.int64).min
_EXCEL_ZERO = datetime(1899, 12, 30)

_CLOCK = (r"(?P<h>\d{1,2})(?:[:.](?P<mi>\d{2})(?:[:.](?P<s>\d{2})(?:[.,]\d+)?)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
          r"\s*(?P<zone>[Zz]|[+-]\d{2}(?::?\d{2})?)?")
_ISO = re.compile(rf"(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})(?:[-/.](?P<d>\d{{1,2}})(?:(?:\s*[T,]\s*|\s+){_CLOCK})?)?")
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?:(?P<d>\d{2})(?:[T ]?(?P<h>\d{2}):?(?P<mi>\d{2})(?::?(?P<s>\d{2}))?"
                      r"(?P<half>)(?P<zone>[Zz]|[+-]\d{2}:?\d{2})?)?)?")
_SHORT = re.compile(rf"(?P<a>\d{{1,2}})(?P<sep>[-/.])(?P<b>\d{{1,2}})(?P=sep)(?P<y>\d{{4}}|\d{{2}})(?:(?:\s*[T,]\s*|\s+){_CLOCK})?")
_NAMED = re.compile(rf"(?:(?P<d>\d{{1,2}})[-.\s]*(?P<name>[^\W\d_]+)\.?|(?P<name2>[^\W\d_]+)\.?\s+(?P<d2>\d{{1,2}}))[-,\s]*(?P<y>\d{{4}})"
                    rf"(?:(?:\s*[T,]\s*|\s+){_CLOCK})?")
_DAY_NUMBER = re.compile(r"\d{5}(?:[.,]\d+)?")
_TIME_OF_DAY = re.compile(r"(?P<h>\d{1,2})(?:[:.]?(?P<mi>\d{2})(?:[:.]?(?P<s>\d{2})(?:[.,]\d+)?)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?")
_MONTHS = {name[:3]: number for names in (
    ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"),
    ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"))
    for number, name in enumerate(names, start=1)}


# seconds since 1970 on the wall clock, offset in minutes, ends in Z, precision, day and month may be mistaken for each other
_Read = tuple[int, float | None, bool, str, bool]


@dataclass(frozen=True)
class Parsed:
    """One entry a text. `wall` is NaT where nothing could be read; `offset_min` NaN without an offset, 0 with `zulu` for a Z."""

    wall: np.ndarray        # datetime64[s]
    offset_min: np.ndarray  # float
    zulu: np.ndarray        # bool
    precision: np.ndarray   # object: "minute", "hour", "day", "month" or ""
    ambiguous: bool = False # day and month could change places and `order` did not say which comes first

    @property
    def usable(self) -> np.ndarray:
        return ~np.isnat(self.wall)


def parse(values: Sequence[str] | np.ndarray, *, order: Order | None = None) -> Parsed:
    """Times written in full. `order` says how 3/4/2025 is meant; without it such texts are read only when no day is mistakable."""
    codes, texts = pd.factorize(np.asarray(values, dtype=object))
    found = [_read(str(text).strip(), order) for text in texts]
    ambiguous = order is None and any(item is not None and item[4] for item in found)
    seconds = np.array([_NOTHING if item is None else item[0] for item in found], dtype=np.int64)
    offset = np.array([np.nan if item is None or item[1] is None else item[1] for item in found], dtype=float)
    zulu = np.array([item is not None and item[2] for item in found], dtype=bool)
    precision = np.array(["" if item is None else item[3] for item in found], dtype=object)
    if not len(found):
        return Parsed(np.array([], "datetime64[s]"), offset, zulu, precision)
    return Parsed(seconds.view("datetime64[s]")[codes], offset[codes], zulu[codes], precision[codes], ambiguous)


def orders_seen(values: Sequence[str] | np.ndarray) -> set[str]:
    """Which orders the texts of the kind 3/4/2025 allow: both when no number is above 12, none when there are no such texts."""
    possible = {"dmy", "mdy"}
    met = False
    for text in pd.unique(np.asarray(values, dtype=object)):
        match = _SHORT.fullmatch(str(text).strip())
        if match:
            met = True
            possible -= {order for order, day in (("dmy", "a"), ("mdy", "b")) if int(match["b" if day == "a" else "a"]) > 12}
    return possible if met else set()


def _read(text: str, order: Order | None) -> _Read | None:
    if match := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return _assemble(int(match["y"]), int(match["m"]), int(match["d"]) if match["d"] else None, match, False)
    if match := _SHORT.fullmatch(text):
        a, b = int(match["a"]), int(match["b"])
        mistakable = a <= 12 and b <= 12 and a != b
        first_is_day = order == "dmy" or (order is None and a > 12) or (order is None and mistakable)
        day, month = (a, b) if first_is_day else (b, a)
        year = int(match["y"])
        return _assemble(year if year > 99 else (2000 if year < 70 else 1900) + year, month, day, match, mistakable)
    if match := _NAMED.fullmatch(text):
        month = _MONTHS.get((match["name"] or match["name2"]).lower()[:3], 0)
        return _assemble(int(match["y"]), month, int(match["d"] or match["d2"]), match, False)
    if _DAY_NUMBER.fullmatch(text):
        number = float(text.replace(",", "."))
        when = _EXCEL_ZERO + timedelta(seconds=round(number * 86_400))
        return int(when.replace(tzinfo=UTC).timestamp()), None, False, "day" if number.is_integer() else "minute", False
    return None


def _assemble(year: int, month: int, day: int | None, match: re.Match[str], mistakable: bool) -> _Read | None:
    hour, minute, second, half, zone = match.group("h", "mi", "s", "half", "zone")
    midnight, clock = _midnight(year, month, day or 1), _clock(hour, minute, second, half)
    if midnight is None or clock is None:
        return None
    precision = "month" if day is None else "day" if hour is None else "hour" if minute is None else "minute"
    return midnight + clock, _offset(zone), zone in ("Z", "z"), precision, mistakable


@lru_cache(maxsize=50_000)
def _midnight(year: int, month: int, day: int) -> int | None:
    """Seconds since 1970; None when there is no such day."""
    try:
        return int(datetime(year, month, day, tzinfo=UTC).timestamp())
    except (ValueError, OverflowError):
        return None


def _clock(h: str | None, mi: str | None, s: str | None, half: str | None) -> int | None:
    """Seconds since midnight; None when there is no such time. 24:00 is the end of the day."""
    hour, minute, second = int(h or 0), int(mi or 0), int(s or 0)
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    if minute > 59 or second > 60 or hour > 24 or (hour == 24 and minute + second > 0):
        return None
    return hour * 3600 + minute * 60 + second


def _offset(zone: str | None) -> float | None:
    if not zone:
        return None
    if zone in "Zz":
        return 0.0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return (1 if zone[0] == "+" else -1) * (int(digits[:2]) * 60 + int(digits[2:]))


def from_parts(parts: Mapping[str, Sequence[str] | np.ndarray]) -> Parsed:
    """A time spread over columns `year, month, day, hour, minute`; the finest one that is filled in sets the precision."""
    columns = {name: pd.to_numeric(pd.Series(np.asarray(values, dtype=object)), errors="coerce").to_numpy(dtype=float, copy=True)
               for name, values in parts.items()}
    size = len(columns["year"])
    absent = np.full(size, np.nan)
    year, month, day, hour, minute = (columns.get(name, absent) for name in ("year", "month", "day", "hour", "minute"))
    precision = np.select([np.isnan(day), np.isnan(hour), np.isnan(minute)], ["month", "day", "hour"], "minute").astype(object)
    known = np.isfinite(year) & np.isfinite(month) & (year >= 1) & (year <= 9998) & (month >= 1) & (month <= 12)
    d, h, mi = (np.nan_to_num(part, nan=fill, posinf=-1, neginf=-1) for part, fill in ((day, 1), (hour, 0), (minute, 0)))
    known &= (d >= 1) & (d <= 31) & (h >= 0) & (h <= 23) & (mi >= 0) & (mi <= 59)
    y, m = (np.where(known, part, fill).astype(int) for part, fill in ((year, 1970), (month, 1)))
    months = ((y - 1970) * 12 + m - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + np.where(known, d - 1, 0).astype(int)
    known &= days.astype("datetime64[M]") == months  # 30 February
    wall = days.astype("datetime64[s]") + (np.where(known, h, 0) * 3600 + np.where(known, mi, 0) * 60).astype(int)
    return Parsed(np.where(known, wall, np.datetime64("NaT")), np.full(size, np.nan), np.zeros(size, bool), np.where(known, precision, ""))


def with_clock(days: Parsed, clock: Sequence[str] | np.ndarray) -> Parsed:
    """`days` with the time of day from a column of its own: 14:50, 1450, 14.50, 14, 2:50 PM or a spreadsheet's 0.618.

    Where that column is empty or unreadable the day alone is known.
    """
    texts = np.asarray(clock, dtype=object)
    codes, unique = pd.factorize(texts)
    words = [str(text).strip() for text in unique]
    # 0.30 is half past midnight in a column that also holds 14.50, but a part of the day in one that never reaches 1
    fractions = any(re.fullmatch(r"0?[.,]\d{3,}", word) for word in words) or not any(re.match(r"[1-9]|\d\d", word) for word in words)
    found = [_seconds_of_day(word, fractions) for word in words]
    seconds = np.array([-1 if item is None else item[0] for item in found], dtype=np.int64)[codes] if found else np.array([], np.int64)
    fine = np.array(["day" if item is None else item[1] for item in found], dtype=object)[codes] if found else np.array([], object)
    known = seconds >= 0
    midnight = days.wall.astype("datetime64[D]").astype("datetime64[s]")
    wall = np.where(known, midnight + np.where(known, seconds, 0), days.wall)
    return Parsed(wall, days.offset_min, days.zulu, np.where(known & days.usable, fine, days.precision), days.ambiguous)


def _seconds_of_day(word: str, fractions: bool) -> tuple[int, str] | None:
    if fractions and re.fullmatch(r"0?[.,]\d+|0", word):
        return round(float(word.replace(",", ".")) * 86_400) % 86_400, "minute"
    match = _TIME_OF_DAY.fullmatch(word)
    if not match:
        return None
    seconds = _clock(*match.group("h", "mi", "s", "half"))
    return None if seconds is None else (seconds, "hour" if match["mi"] is None else "minute")


@dataclass(frozen=True)
class Instants:
    """`at` in UTC; how many wall-clock times came twice or not at all because the clock was put back or forward."""

    at: pd.DatetimeIndex
    repeated_hour: int
    skipped_hour: int


def instants(parsed: Parsed, *, zone: str, zulu_is_utc: bool) -> Instants:
    """Real times. A time with an offset carries its own zone; the rest are wall-clock times of `zone`.

    A Z counts as an offset only when `zulu_is_utc`: many suppliers put it after local time. An hour that comes twice when
    summer time ends is read as the first of the two; one that was skipped is moved forward to the first that existed.
    """
    own = np.isfinite(parsed.offset_min) & (zulu_is_utc | ~parsed.zulu)
    wall = parsed.wall.astype("datetime64[us]")
    local = pd.DatetimeIndex(np.where(own, np.datetime64("NaT"), wall))
    first = local.tz_localize(zone, ambiguous=np.ones(len(local), bool), nonexistent="shift_forward")
    sure = local.tz_localize(zone, ambiguous="NaT", nonexistent="shift_forward")
    repeated = int(np.count_nonzero(np.asarray(sure.isna()) & ~np.asarray(local.isna())))
    skipped = int(np.count_nonzero(np.asarray(first.tz_localize(None) != local) & ~np.asarray(local.isna())))
    moved = wall - np.nan_to_num(parsed.offset_min).astype(int) * np.timedelta64(60, "s")
    absolute = pd.DatetimeIndex(moved.astype("datetime64[us]")).tz_localize("UTC")
    at = first.tz_convert("UTC").where(~own, absolute)
    return Instants(at.as_unit("us"), repeated, skipped)


def looks_like_utc(parsed: Parsed, zone: str) -> bool | None:
    """Whether a Z seems to be meant: the reading under which less happens from 3 to 6 in the night. None: the hours do not tell."""
    rows = parsed.usable & parsed.zulu & (parsed.precision == "minute")
    wall = pd.DatetimeIndex(parsed.wall[rows].astype("datetime64[us]"))
    if len(wall) < 50 or (wall.hour == wall.hour[0]).all():
        return None
    converted = wall.tz_localize("UTC").tz_convert(zone)
    quiet = [int(((hours >= 3) & (hours < 6)).sum()) for hours in (wall.hour, converted.hour)]
    return None if quiet[0] == quiet[1] else quiet[1] < quiet[0]
