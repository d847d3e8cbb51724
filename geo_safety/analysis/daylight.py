"""Dark and light: where the sun stands at a place, and how many events come to an hour of each."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ..errors import InputError
from ..model.cautions import Caution, caution
from ..model.verdicts import share_text
from ..text import Text
from .aoristic import DAY, HOUR, LONG_SHARE, SMALL_N, Spans, bin_of, cut_into_hours, period_of, spans_of
from .rates import weighted_interval

SUNSET = 0.833          # degrees: the sun's upper edge on the horizon, with the usual refraction
CIVIL_TWILIGHT = 6.0    # degrees: street lamps are on
_STEP = 600             # seconds between looks at the sun: it never rises and sets again within them
_J2000 = 946_728_000    # noon of 1 January 2000


@dataclass(frozen=True)
class DarkLight:
    """Events by an hour of dark and of light.

    `table` has the rows *dark* and *light*: `events` (shared out), `low`, `high`, `hours`, `per_1000_h`, `per_1000_h_low`,
    `per_1000_h_high`. `ratio` is dark to light, (ratio, low, high), over all hours: it mixes darkness with the time of day.
    `same_hours` compares each hour of the week with itself, dark in winter and light in summer; missing when no hour is ever both.
    """

    table: pd.DataFrame
    ratio: tuple[float, float, float]
    same_hours: tuple[float, float, float] | None
    n: int
    outside: int
    warnings: tuple[Caution, ...]


def sun_elevation(moments: Any, latitude: float, longitude: float) -> np.ndarray:
    """Degrees of the sun's centre above the horizon, without refraction, good to a hundredth; below 0 it has set.

    `moments` are seconds of UTC since 1970, or times with a zone (those without are taken as UTC). Latitude north, longitude east.
    The formulae of NOAA's solar calculator, after Meeus, Astronomical Algorithms (1998), chapters 25 and 28.
    """
    seconds = _as_seconds(moments)
    declination, equation = _sun(seconds)
    clock = seconds % DAY / 60 + equation + 4 * longitude
    turned = np.radians(clock / 4 - 180)
    phi = np.radians(latitude)
    height = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(turned)
    return np.degrees(np.arcsin(np.clip(height, -1, 1)))


def sun_times(first: Any, last: Any, latitude: float, longitude: float, *, below: float = SUNSET) -> pd.DataFrame:
    """Every moment between two days when the sun passes `below` degrees under the horizon: `time` (UTC) and `rising`.

    Good to some seconds; beyond the polar circle there may be none for weeks.
    """
    begin, end = (float(_as_seconds(pd.DatetimeIndex([day]))[0]) for day in (first, last))
    moment, rising = _crossings(begin, end, latitude, longitude, below)
    return pd.DataFrame({"time": pd.to_datetime(np.round(moment), unit="s", utc=True), "rising": rising})


def dark_and_light(start: Any, end: Any = None, *, latitude: float, longitude: float, tz: str = "Europe/Stockholm", period: tuple[Any, Any] | None = None,
                   precision: Any = None, below: float = SUNSET, conf: float = 0.95) -> DarkLight:
    """Events per dark hour and per light hour at a place.

    Parameters
    ----------
    start, end, precision, tz
        As of `aoristic`: an interval over the sunset belongs to both by the time it spent in each.
    period
        (first day, day after the last); without it the days of the data. Events that begin outside it are counted and left out.
    below
        From when on it is dark: 0.833 is sunset, 6 is when street lamps are on.

    Notes
    -----
    A share "in the dark" says nothing by itself: in December most busy hours are dark. So the hours are counted too, and
    `same_hours` holds each hour of the week against itself (Mantel–Haenszel over 168 hours, interval after Greenland & Robins 1985):
    what darkness adds at the same hour, mixed only with the season.

    References: Greenland & Robins 1985, doi:10.2307/2530643
    """
    if not (abs(latitude) <= 90 and abs(longitude) <= 180 and np.isfinite(below)):
        raise InputError(Text(sv="Platsen anges med latitud −90 till 90 och longitud −180 till 180.",
                              en="The place is given by latitude −90 to 90 and longitude −180 to 180."))
    spans = spans_of(start, end, tz=tz, precision=precision)
    if not len(spans.start):
        raise InputError(Text(sv="Ingen händelse har en tid som går att använda.", en="No event has a time that can be used."))
    first, last = period_of(period, spans, tz)
    inside = (spans.start >= first) & (spans.start < last)
    begun, ended = spans.start[inside], spans.end[inside]
    if not len(begun):
        raise InputError(Text(sv="Ingen händelse ligger i perioden.", en="No event lies in the period."))
    sky = _Sky(first, max(last, ended.max()), latitude, longitude, below)
    events, squares, largest = _shared_out(begun, ended, sky, tz)
    hours = _hours(first, last, sky, tz)
    table = _table(events.sum(axis=0), squares, largest, hours.sum(axis=0), conf)
    return DarkLight(table, _ratio(table["events"].to_numpy(), hours.sum(axis=0), conf), _same_hours(events, hours, conf), len(begun),
                     int((~inside).sum()), _doubts(begun, ended, spans))


class _Sky:
    """How much of the time up to any moment has been dark."""

    def __init__(self, first: float, last: float, latitude: float, longitude: float, below: float):
        moment, rising = _crossings(first, last, latitude, longitude, below)
        self.edges = np.concatenate([[first], moment, [last + 1]])
        dark = np.concatenate([[sun_elevation(np.array([first]), latitude, longitude)[0] < -below], ~rising])
        self.so_far = np.concatenate([[0], np.cumsum(np.diff(self.edges) * dark)])
        self.dark_after = dark

    def dark_between(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Dark seconds of each piece; for a moment 1 when it is dark, else 0."""
        seconds = np.interp(last, self.edges, self.so_far) - np.interp(first, self.edges, self.so_far)
        at = np.clip(np.searchsorted(self.edges, first, side="right") - 1, 0, len(self.dark_after) - 1)
        return np.where(last > first, seconds, self.dark_after[at].astype(float))


def _shared_out(begun: np.ndarray, ended: np.ndarray, sky: _Sky, tz: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Events by hour of the week, dark and light (168, 2); sums of squares and largest share in dark and light."""
    by_hour, dark_share = np.zeros((168, 2)), np.zeros(len(begun))
    for event, first, last in cut_into_hours(begun, ended, tz):
        length = ended[event] - begun[event]
        dark, whole = sky.dark_between(first, last), np.where(length > 0, last - first, 1.0)
        share = np.column_stack([dark, whole - dark]) / np.where(length > 0, length, 1.0)[:, None]
        np.add.at(by_hour, bin_of((first + last) / 2, tz), share)
        np.add.at(dark_share, event, share[:, 0])
    both = np.column_stack([dark_share, 1 - dark_share])
    return by_hour, (both**2).sum(axis=0), both.max(axis=0)


def _hours(first: float, last: float, sky: _Sky, tz: str) -> np.ndarray:
    """Dark and light hours of the period by hour of the week (168, 2)."""
    found = np.zeros((168, 2))
    for _, begin, end in cut_into_hours(np.array([first]), np.array([last]), tz):
        dark = sky.dark_between(begin, end)
        np.add.at(found, bin_of((begin + end) / 2, tz), np.column_stack([dark, end - begin - dark]) / HOUR)
    return found


def _table(events: np.ndarray, squares: np.ndarray, largest: np.ndarray, hours: np.ndarray, conf: float) -> pd.DataFrame:
    low, high = weighted_interval(events, squares, largest, conf)
    per = 1000 / np.where(hours > 0, hours, np.nan)
    return pd.DataFrame({"events": events, "low": low, "high": high, "hours": hours, "per_1000_h": events * per, "per_1000_h_low": low * per,
                         "per_1000_h_high": high * per}, index=pd.Index(["dark", "light"], name="light"))


def _ratio(events: np.ndarray, hours: np.ndarray, conf: float) -> tuple[float, float, float]:
    """Events a dark hour to events a light hour; without either, nothing is known."""
    if min(*events, *hours) <= 1e-9:
        return float("nan"), 0.0, float("inf")
    ratio, error = (events[0] / hours[0]) / (events[1] / hours[1]), np.sqrt(1 / events[0] + 1 / events[1])
    reach = np.exp(stats.norm.isf((1 - conf) / 2) * error)
    return float(ratio), float(ratio / reach), float(ratio * reach)


def _same_hours(events: np.ndarray, hours: np.ndarray, conf: float) -> tuple[float, float, float] | None:
    both = (hours > 1e-6).all(axis=1)
    (a, b), (dark, light) = events[both].T, hours[both].T
    whole = dark + light
    above, below = (a * light / whole).sum(), (b * dark / whole).sum()
    if not (above > 1e-9 and below > 1e-9):
        return None
    error = np.sqrt(((a + b) * dark * light / whole**2).sum() / (above * below))
    reach = np.exp(stats.norm.isf((1 - conf) / 2) * error)
    return float(above / below), float(above / below / reach), float(above / below * reach)


def _crossings(first: float, last: float, latitude: float, longitude: float, below: float) -> tuple[np.ndarray, np.ndarray]:
    """Moments when the sun passes the height, by looking every ten minutes and halving the gap."""
    looks = np.arange(first, last + _STEP, _STEP)
    above = sun_elevation(looks, latitude, longitude) + below > 0
    change = np.flatnonzero(above[1:] != above[:-1])
    low, high, rising = looks[change], looks[change + 1], above[change + 1]
    for _ in range(12):
        middle = (low + high) / 2
        risen = (sun_elevation(middle, latitude, longitude) + below > 0) == rising
        low, high = np.where(risen, low, middle), np.where(risen, middle, high)
    moment = (low + high) / 2
    inside = moment < last
    return moment[inside], rising[inside]


def _sun(seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Declination in radians, and minutes that the sun is ahead of the clock."""
    t = (seconds - _J2000) / (36_525 * DAY)
    longitude = np.radians(280.46646 + t * (36000.76983 + 0.0003032 * t))
    anomaly = np.radians(357.52911 + t * (35999.05029 - 0.0001537 * t))
    eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t)
    centre = ((1.914602 - t * (0.004817 + 0.000014 * t)) * np.sin(anomaly) + (0.019993 - 0.000101 * t) * np.sin(2 * anomaly)
              + 0.000289 * np.sin(3 * anomaly))
    node = np.radians(125.04 - 1934.136 * t)
    apparent = longitude + np.radians(centre - 0.00569 - 0.00478 * np.sin(node))
    tilt = np.radians(23 + (26 + (21.448 - t * (46.815 + t * (0.00059 - 0.001813 * t))) / 60) / 60 + 0.00256 * np.cos(node))
    declination = np.arcsin(np.sin(tilt) * np.sin(apparent))
    y = np.tan(tilt / 2)**2
    equation = (y * np.sin(2 * longitude) - 2 * eccentricity * np.sin(anomaly) + 4 * eccentricity * y * np.sin(anomaly) * np.cos(2 * longitude)
                - 0.5 * y**2 * np.sin(4 * longitude) - 1.25 * eccentricity**2 * np.sin(2 * anomaly))
    return declination, 4 * np.degrees(equation)


def _as_seconds(moments: Any) -> np.ndarray:
    if isinstance(moments, np.ndarray) and moments.dtype.kind in "fi":
        return moments.astype(float)
    times = pd.DatetimeIndex(moments)
    naive = times.tz_convert("UTC").tz_localize(None) if times.tz is not None else times
    return ((naive - pd.Timestamp(0)) / pd.Timedelta(seconds=1)).to_numpy(dtype=float)


def _doubts(begun: np.ndarray, ended: np.ndarray, spans: Spans) -> tuple[Caution, ...]:
    found = []
    if len(begun) < SMALL_N:
        found.append(caution("SMALL_N", n=len(begun)))
    if spans.reversed:
        found.append(caution("TIME_REVERSED", n=spans.reversed))
    over = float((ended - begun > DAY / 2).mean())
    if over > LONG_SHARE:
        found.append(caution("SPANS_OVER_NIGHT", share=share_text(over)))
    return tuple(found)
