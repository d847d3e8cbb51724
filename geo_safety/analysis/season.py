"""The wheel of the year: events by month and by kind of day, each held against how many such days there were."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ..errors import InputError
from ..model.cautions import Caution, caution
from ..text import Text
from .aoristic import SMALL_N, spans_of
from .rates import poisson_interval

LEAST_TIMES = 2         # a month seen once cannot be told from that one year
NATIONAL_DAY_SINCE, WHIT_MONDAY_UNTIL = 2005, 2004

HOLIDAYS = {
    "new_year": Text(sv="nyårsdagen", en="New Year's Day"), "epiphany": Text(sv="trettondedag jul", en="Epiphany"),
    "good_friday": Text(sv="långfredagen", en="Good Friday"), "easter_sunday": Text(sv="påskdagen", en="Easter Sunday"),
    "easter_monday": Text(sv="annandag påsk", en="Easter Monday"), "may_day": Text(sv="första maj", en="May Day"),
    "ascension": Text(sv="Kristi himmelsfärdsdag", en="Ascension Day"), "whit_sunday": Text(sv="pingstdagen", en="Whit Sunday"),
    "whit_monday": Text(sv="annandag pingst", en="Whit Monday"), "national_day": Text(sv="nationaldagen", en="National Day"),
    "midsummer_day": Text(sv="midsommardagen", en="Midsummer Day"), "all_saints": Text(sv="alla helgons dag", en="All Saints' Day"),
    "christmas_day": Text(sv="juldagen", en="Christmas Day"), "boxing_day": Text(sv="annandag jul", en="Boxing Day"),
}
EVES = {
    "epiphany_eve": Text(sv="trettondagsafton", en="Epiphany Eve"), "maundy_thursday": Text(sv="skärtorsdagen", en="Maundy Thursday"),
    "easter_eve": Text(sv="påskafton", en="Easter Eve"), "walpurgis": Text(sv="valborgsmässoafton", en="Walpurgis Night"),
    "midsummer_eve": Text(sv="midsommarafton", en="Midsummer Eve"), "all_saints_eve": Text(sv="allhelgonaafton", en="All Saints' Eve"),
    "christmas_eve": Text(sv="julafton", en="Christmas Eve"), "new_years_eve": Text(sv="nyårsafton", en="New Year's Eve"),
}
DAY_TYPES = {"workday": Text(sv="vardag", en="workday"), "weekend": Text(sv="lördag eller söndag", en="Saturday or Sunday"),
             "holiday": Text(sv="helgdag", en="public holiday"), "eve": Text(sv="afton", en="eve")}


@dataclass(frozen=True)
class Season:
    """Events by month or kind of day.

    `table` has `incidents`, `days` (in the period), `per_day` with `low` and `high` (exact), and `relative`, `relative_low`,
    `relative_high`: the same in units of the mean of all days. `p` is of no difference at all (chi-square, by simulation).
    """

    table: pd.DataFrame
    p: float
    n: int
    outside: int
    warnings: tuple[Caution, ...]


def season(times: Any, *, period: tuple[Any, Any] | None = None, tz: str | None = "Europe/Stockholm", seed: int | None = None,
           conf: float = 0.95) -> Season:
    """Events a day in each month of the year: February has 28 days, and the first and the last month of the data may not be whole.

    Index `month` 1–12; a month that the period does not reach has 0 days and no rate. With less than two of any month ONE_YEAR warns:
    a warm June is not what Junes are like. Intervals are exact for Poisson counts and know nothing of years that differ.
    """
    day, days, outside = _days(times, period, tz)
    told = _table(pd.Series(day).dt.month, pd.Series(days).dt.month, list(range(1, 13)), "month", conf, seed)
    seen = pd.Series(days.year * 12 + days.month).drop_duplicates().mod(12).value_counts()
    few = () if len(seen) == 12 and seen.min() >= LEAST_TIMES else (caution("ONE_YEAR"),)
    return Season(told[0], told[1], len(day), outside, (*_small(len(day)), *few))


def by_day_type(times: Any, *, period: tuple[Any, Any] | None = None, tz: str | None = "Europe/Stockholm", seed: int | None = None,
                conf: float = 0.95) -> Season:
    """Events a day on workdays, weekends, Swedish public holidays and eves. Index `day_type`, one of DAY_TYPES."""
    day, days, outside = _days(times, period, tz)
    types = pd.Series(day_types(days), index=days)
    told = _table(types.reindex(day).reset_index(drop=True), types.reset_index(drop=True), list(DAY_TYPES), "day_type", conf, seed)
    return Season(told[0], told[1], len(day), outside, _small(len(day)))


def day_types(days: pd.DatetimeIndex) -> np.ndarray:
    """workday, weekend, holiday or eve for each day; a holiday or an eve goes before a weekend."""
    named = {day: name for year in days.year.unique() for day, name in swedish_holidays(int(year)).items()}
    names = [named.get(day, "") for day in days.date]
    return np.array(["holiday" if name in HOLIDAYS else "eve" if name in EVES else "weekend" if weekend else "workday"
                     for name, weekend in zip(names, days.day_of_week >= 5, strict=True)], dtype=object)


@lru_cache(maxsize=256)
def swedish_holidays(year: int) -> dict[date, str]:
    """Public holidays (lag 1989:253 om allmänna helgdagar) and eves of a year: day to its name in HOLIDAYS or EVES.

    6 June is a holiday since 2005, when Whit Monday ceased to be one. Where two fall on a day, the public holiday is given.
    """
    easter = easter_sunday(year)
    around = lambda days: easter + timedelta(days=days)  # noqa: E731
    midsummer, saints = _saturday(date(year, 6, 20)), _saturday(date(year, 10, 31))
    eves = {date(year, 1, 5): "epiphany_eve", around(-3): "maundy_thursday", around(-1): "easter_eve", date(year, 4, 30): "walpurgis",
            midsummer - timedelta(days=1): "midsummer_eve", saints - timedelta(days=1): "all_saints_eve", date(year, 12, 24): "christmas_eve",
            date(year, 12, 31): "new_years_eve"}
    holidays = {date(year, 1, 1): "new_year", date(year, 1, 6): "epiphany", around(-2): "good_friday", easter: "easter_sunday",
                around(1): "easter_monday", date(year, 5, 1): "may_day", around(39): "ascension", around(49): "whit_sunday",
                midsummer: "midsummer_day", saints: "all_saints", date(year, 12, 25): "christmas_day", date(year, 12, 26): "boxing_day"}
    if year <= WHIT_MONDAY_UNTIL:
        holidays[around(50)] = "whit_monday"
    if year >= NATIONAL_DAY_SINCE:
        holidays.setdefault(date(year, 6, 6), "national_day")
    return eves | holidays


def easter_sunday(year: int) -> date:
    """Easter in the Gregorian calendar, by the rule of Meeus, Jones and Butcher."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    turn = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * turn) // 433
    month = (h + turn - 7 * m + 90) // 25
    return date(year, month, (h + turn - 7 * m + 33 * month + 19) % 32)


def _saturday(first: date) -> date:
    return first + timedelta(days=(5 - first.weekday()) % 7)


def _days(times: Any, period: tuple[Any, Any] | None, tz: str | None) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex, int]:
    """The day of each event inside the period, all days of the period, and how many events lie outside."""
    spans = spans_of(times, tz=tz)
    local = pd.to_datetime(spans.start, unit="s", utc=True)
    day = (local.tz_convert(tz) if tz else local).tz_localize(None).normalize()
    if not len(day):
        raise InputError(Text(sv="Ingen händelse har en tid som går att använda.", en="No event has a time that can be used."))
    first, last = (pd.Timestamp(end).tz_localize(None).normalize() for end in period) if period else (day.min(), day.max() + pd.Timedelta(days=1))
    if not first < last:
        raise InputError(Text(sv="Perioden slutar innan den har börjat.", en="The period ends before it has begun."))
    inside = (day >= first) & (day < last)
    return day[inside], pd.date_range(first, last, inclusive="left"), int((~inside).sum())


def _table(of_events: pd.Series, of_days: pd.Series, names: list[Any], index: str, conf: float, seed: int | None) -> tuple[pd.DataFrame, float]:
    counts = of_events.value_counts().reindex(names, fill_value=0).to_numpy()
    days = of_days.value_counts().reindex(names, fill_value=0).to_numpy()
    low, high = poisson_interval(counts, conf)
    known = np.where(days > 0, days, np.nan)
    mean = counts.sum() / days.sum() if counts.sum() else np.nan
    table = pd.DataFrame({"incidents": counts, "days": days, "per_day": counts / known, "low": low / known, "high": high / known},
                         index=pd.Index(names, name=index))
    for name, column in (("relative", "per_day"), ("relative_low", "low"), ("relative_high", "high")):
        table[name] = table[column] / mean
    return table, _no_difference(counts[days > 0], days[days > 0], seed)


def _no_difference(counts: np.ndarray, days: np.ndarray, seed: int | None, rounds: int = 1999) -> float:
    """p of one rate on all days."""
    n = int(counts.sum())
    if n == 0 or len(days) < 2:
        return 1.0
    share = days / days.sum()
    size = lambda drawn: ((drawn - n * share)**2 / (n * share)).sum(axis=-1)  # noqa: E731
    if (n * share).min() >= 5:
        return float(stats.chi2.sf(size(counts), len(days) - 1))
    drawn = np.random.default_rng(seed).multinomial(n, share, size=rounds)
    return float((1 + (size(drawn) >= size(counts) * (1 - 1e-9)).sum()) / (1 + rounds))


def _small(n: int) -> tuple[Caution, ...]:
    return (caution("SMALL_N", n=n),) if n < SMALL_N else ()
