"""When things happen: hour and weekday, season, light; how exactly the time is known, and when it is reported."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from . import plan

ZONE = "Europe/Stockholm"
DUSK_DEGREES = -4.0     # the sun this far below the horizon: dark enough for street lamps


@dataclass(frozen=True)
class Clock:
    """Every hour of the sample's years, with what the patterns ask about it."""

    utc: np.ndarray         # datetime64[s], start of the hour
    weekday: np.ndarray     # local, Monday 0
    hour: np.ndarray        # local
    month: np.ndarray       # local, 1–12
    dark: np.ndarray        # bool

    @classmethod
    def between(cls, start: date, end: date) -> Clock:
        local = pd.date_range(pd.Timestamp(start, tz=ZONE), pd.Timestamp(end, tz=ZONE), freq="h", inclusive="left")
        utc = local.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]")
        middle = utc + np.timedelta64(1800, "s")
        return cls(utc, local.day_of_week.to_numpy(), local.hour.to_numpy(), local.month.to_numpy(), solar_elevation(middle) < DUSK_DEGREES)


def solar_elevation(utc: np.ndarray, latitude: float = plan.LATITUDE, longitude: float = plan.LONGITUDE) -> np.ndarray:
    """Degrees of the sun above the horizon, good to about half a degree.

    Declination and equation of time as Fourier series in the day of the year (Spencer 1971), without refraction.
    """
    seconds = (utc - utc.astype("datetime64[Y]")).astype("timedelta64[s]").astype(float)
    g = 2 * np.pi * seconds / 86400 / 365.25
    declination = (0.006918 - 0.399912 * np.cos(g) + 0.070257 * np.sin(g) - 0.006758 * np.cos(2 * g) + 0.000907 * np.sin(2 * g)
                   - 0.002697 * np.cos(3 * g) + 0.00148 * np.sin(3 * g))
    minutes = 229.18 * (0.000075 + 0.001868 * np.cos(g) - 0.032077 * np.sin(g) - 0.014615 * np.cos(2 * g) - 0.040849 * np.sin(2 * g))
    hour_angle = np.radians(((seconds / 60) % 1440 + minutes + 4 * longitude) / 4 - 180)
    phi = np.radians(latitude)
    return np.degrees(np.arcsin(np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour_angle)))


def _hours(low: float, **peaks: float) -> np.ndarray:
    """24 weights: `low` everywhere, and each `h17_22=3.0` from that hour until before the other, past midnight if need be."""
    weights = np.full(24, low)
    for name, weight in peaks.items():
        first, _, last = name[1:].partition("_")
        hours = np.arange(int(first), int(last) if int(last) > int(first) else int(last) + 24) % 24
        weights[hours] = weight
    return weights


def _week(hours: np.ndarray, days: tuple[float, ...] = (1, 1, 1, 1, 1, 1, 1)) -> np.ndarray:
    return np.outer(days, hours)


def _weekend_night() -> np.ndarray:
    week = _week(_hours(0.03, h18_24=0.12), (0.8, 0.8, 0.9, 1.0, 1.2, 1.3, 1.0))
    for evening in (4, 5):
        week[evening, 20:] = (0.5, 0.8, 1.2, 1.6)
        week[(evening + 1) % 7, :5] = (2.0, 2.2, 2.0, 1.0, 0.3)
    return week


WEEKS: dict[str, np.ndarray] = {
    "any": _week(_hours(0.5, h7_23=1.0)),
    "weekend_night": _weekend_night(),
    "evening": _week(_hours(0.15, h15_18=0.7, h18_24=1.6, h0_2=0.8), (0.9, 0.9, 0.9, 1.0, 1.4, 1.4, 1.0)),
    "dark_evening": _week(_hours(0.2, h16_24=1.3, h0_3=0.9), (0.9, 0.9, 0.9, 1.0, 1.3, 1.3, 1.0)),
    "opening_hours": _week(_hours(0.01, h9_12=0.6, h12_15=0.9, h15_19=1.5, h19_21=0.6), (1, 1, 1, 1.1, 1.3, 1.1, 0.6)),
    "away_by_day": _week(_hours(0.15, h8_12=1.0, h12_17=1.3, h17_22=0.7), (1.1, 1.1, 1.1, 1.1, 1.2, 0.8, 0.6)),
    "night": _week(_hours(0.2, h22_24=1.2, h0_5=1.6), (0.9, 0.9, 0.9, 1.0, 1.2, 1.3, 1.1)),
    "home_evening": _week(_hours(0.25, h16_24=1.4, h0_3=1.0), (0.9, 0.8, 0.9, 0.9, 1.1, 1.4, 1.3)),
    "police_shift": _week(_hours(0.2, h13_20=0.9, h20_24=1.4, h0_3=1.1), (0.7, 0.8, 0.9, 1.0, 1.5, 1.4, 0.6)),
    "office_hours": _week(_hours(0.1, h9_17=1.0, h17_22=0.5), (1.1, 1.1, 1.1, 1.0, 1.0, 0.5, 0.4)),
}
_SUMMER = np.array([0.5, 0.5, 0.7, 1.0, 1.3, 1.5, 1.4, 1.5, 1.4, 1.1, 0.8, 0.5])
_WINTER = np.array([1.3, 1.2, 1.0, 0.9, 0.8, 0.7, 0.8, 0.8, 0.9, 1.1, 1.4, 1.5])
_WARM = np.array([0.8, 0.8, 0.9, 1.0, 1.15, 1.2, 1.1, 1.2, 1.1, 1.0, 0.9, 0.9])
SEASONS: dict[str, np.ndarray] = {
    "bicycle_theft": _SUMMER, "burglary_dwelling": _WINTER, "assault_public": _WARM, "disorder": _WARM, "vandalism": _WARM, "arson": _SUMMER,
    "burglary_other": _WINTER}
IN_THE_DARK: dict[str, float] = {"dark_evening": 2.5, "burglary_dwelling": 1.5, "graffiti": 1.6, "robbery": 1.8}   # times as likely


def draw(clock: Clock, n: int, week: str, offence_type: str, allowed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """`n` moments (UTC, to the minute) among the hours `allowed`, by week, season and light."""
    weight = WEEKS[week][clock.weekday, clock.hour] * allowed
    if offence_type in SEASONS:
        weight = weight * SEASONS[offence_type][clock.month - 1]
    for name in (week, offence_type):
        if name in IN_THE_DARK:
            weight = weight * np.where(clock.dark, IN_THE_DARK[name], 1.0)
    reach = np.cumsum(weight)
    hour = np.searchsorted(reach, rng.random(n) * reach[-1], side="right")
    return clock.utc[hour] + rng.integers(0, 60, n).astype("timedelta64[m]")


@dataclass(frozen=True)
class Knowledge:
    """How a time comes to be known: the share known as an interval only, its usual length, and the usual delay until it is reported."""

    interval_share: float = 0.0
    interval_hours: float = 0.0
    report_hours: float = 3.0
    late_share: float = 0.03


KNOWLEDGE: dict[str, Knowledge] = {
    "burglary_dwelling": Knowledge(0.78, 11.0, 4.0, 0.02), "burglary_other": Knowledge(0.8, 14.0, 5.0), "bicycle_theft": Knowledge(0.6, 10.0, 20.0, 0.05),
    "vehicle_crime": Knowledge(0.6, 10.0, 6.0), "vandalism": Knowledge(0.5, 14.0, 12.0, 0.04), "graffiti": Knowledge(0.7, 30.0, 30.0, 0.05),
    "arson": Knowledge(0.2, 3.0, 1.0), "theft": Knowledge(0.3, 3.0, 10.0, 0.05), "domestic_violence": Knowledge(0.15, 6.0, 90.0, 0.25),
    "fraud_online": Knowledge(0.3, 48.0, 60.0, 0.15), "threat": Knowledge(0.05, 2.0, 14.0, 0.06), "assault_indoor": Knowledge(0.05, 2.0, 12.0, 0.08),
    "assault_public": Knowledge(0.02, 1.0, 5.0, 0.04)}
LONGEST_INTERVAL_H, DAY_ONLY_SHARE, HOUR_SHARE = 14 * 24, 0.045, 0.14


def known_times(true: np.ndarray, types: np.ndarray, rng: np.random.Generator, *, longest_h: float = LONGEST_INTERVAL_H) -> pd.DataFrame:
    """occurred_from, occurred_to, time_precision, reported_at for true moments (UTC): what ends up in a register.

    An interval holds the true moment anywhere in it and is told to the half hour; a time known to the day only is its midnight.
    """
    n = len(true)
    known = [KNOWLEDGE.get(kind, Knowledge()) for kind in types]
    interval = rng.random(n) < np.array([k.interval_share for k in known])
    hours = np.array([k.interval_hours for k in known]) * rng.lognormal(0.0, 0.8, n)
    long = np.clip(np.where(interval, hours, 0.0), 0, longest_h) * 3600
    first = true - (rng.random(n) * long).astype("timedelta64[s]")
    last = first + long.astype("timedelta64[s]")
    half = np.timedelta64(1800, "s")
    began = np.where(interval, _floor(first, half), true)
    ended = np.where(interval, _floor(last, half) + half, np.datetime64("NaT"))
    other = rng.random(n)
    day_only = ~interval & (other < DAY_ONLY_SHARE)
    hour_only = ~interval & ~day_only & (other < DAY_ONLY_SHARE + HOUR_SHARE)
    began = np.where(hour_only, _floor(true, np.timedelta64(3600, "s")), began)
    wait = np.array([k.report_hours for k in known]) * 3600 * rng.exponential(1.0, n) + 300
    late = rng.random(n) < np.array([k.late_share for k in known])
    wait = np.where(late, rng.uniform(30, 270, n) * 86400, wait)
    reported = np.maximum(true, np.where(np.isnat(ended), true, ended)) + wait.astype("timedelta64[s]")
    local = pd.DatetimeIndex(began.astype("datetime64[us]"), tz="UTC").tz_convert(ZONE)
    local = local.where(~day_only, pd.DatetimeIndex(local.normalize()))
    return pd.DataFrame({
        "occurred_from": local, "occurred_to": pd.DatetimeIndex(ended.astype("datetime64[us]"), tz="UTC").tz_convert(ZONE),
        "time_precision": np.select([day_only, hour_only | interval], ["day", "hour"], "minute"),
        "reported_at": pd.DatetimeIndex(_floor(reported, np.timedelta64(60, "s")).astype("datetime64[us]"), tz="UTC").tz_convert(ZONE)})


def _floor(moments: np.ndarray, step: np.timedelta64) -> np.ndarray:
    return moments - (moments - np.datetime64("2000-01-01T00:00:00")) % step
