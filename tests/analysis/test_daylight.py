"""The sun at a place, against Meeus and published tables, and events by dark and light hours."""
from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo_safety.analysis.daylight import CIVIL_TWILIGHT, dark_and_light, sun_elevation, sun_times
from geo_safety.errors import InputError
from geo_safety.sample import patterns

STOCKHOLM = {"latitude": 59.3293, "longitude": 18.0686}
LONDON = (51.51, -0.13)
YEAR = ("2023-01-01", "2024-01-01")


def clock(day: str, place=LONDON, **asked) -> list[str]:
    """Sunrise and sunset of a day in UTC, to the minute."""
    told = sun_times(day, pd.Timestamp(day) + pd.Timedelta(days=1), *place, **asked)
    return [moment.round("min").strftime("%H:%M") for moment in told["time"]]


# --- the sun -------------------------------------------------------------------------------------------------------------------

def test_the_sun_stands_where_meeus_example_says():
    # Astronomical Algorithms, examples 25.a and 28.b: 13 October 1992, declination −7.78507°, the sun 13 min 42.6 s ahead of the clock.
    # On the equator it then culminates 90 − 7.785° high, that much before noon at longitude 0.
    noon = pd.Timestamp("1992-10-13T12:00") - pd.Timedelta(minutes=13, seconds=42.6)
    minutes = pd.date_range(noon - pd.Timedelta(minutes=30), noon + pd.Timedelta(minutes=30), freq="s")
    height = sun_elevation(minutes, 0.0, 0.0)
    # half a day later than the example: the sun has gone on 0.19° south, and its lead grown by 7 s
    assert height.max() == pytest.approx(90 - 7.785 - 0.19, abs=0.01)
    assert abs((minutes[height.argmax()] - noon).total_seconds() + 7) < 5


@pytest.mark.parametrize(("day", "rise", "set_"), [("2015-01-01", "08:06", "16:01"), ("2015-12-01", "07:43", "15:55"), ("2015-12-03", "07:46", "15:54"),
                                                   ("2015-12-12", "07:56", "15:51"), ("2015-12-25", "08:05", "15:55")])
def test_london_agrees_with_the_published_table_to_the_minute(day, rise, set_):
    # timeanddate.com, as in the tests of the astral package
    for ours, theirs in zip(clock(day), (rise, set_), strict=True):
        assert abs(pd.Timestamp(f"{day}T{ours}") - pd.Timestamp(f"{day}T{theirs}")) <= pd.Timedelta(minutes=1)


def test_civil_dawn_in_london_agrees_with_the_published_table():
    assert clock("2015-12-01", below=CIVIL_TWILIGHT)[0] in ("07:03", "07:04")


@pytest.mark.parametrize(("day", "length"), [("2022-06-21", "18:37:08"), ("2022-12-21", "06:04:48")])
def test_the_longest_and_the_shortest_day_in_stockholm_are_as_long_as_published(day, length):
    told = sun_times(pd.Timestamp(day) - pd.Timedelta(hours=6), pd.Timestamp(day) + pd.Timedelta(days=1), *STOCKHOLM.values())
    rise = told.loc[told["rising"], "time"].iloc[-1]
    assert abs(told["time"].iloc[-1] - rise - pd.Timedelta(length)) < pd.Timedelta(seconds=15)


def test_beyond_the_polar_circle_the_sun_neither_sets_in_june_nor_rises_at_christmas():
    kiruna = (67.86, 20.23)
    assert len(sun_times("2023-06-01", "2023-07-10", *kiruna)) == 0
    assert len(sun_times("2023-12-15", "2023-12-28", *kiruna)) == 0
    told = dark_and_light(["2023-06-10T00:30"], period=("2023-06-01", "2023-07-01"), latitude=67.86, longitude=20.23)
    assert told.table.loc["dark", "hours"] == 0 and np.isnan(told.table.loc["dark", "per_1000_h"]) and told.table.loc["light", "events"] == 1


def test_the_sun_of_the_sample_is_the_same_to_half_a_degree():
    hours = pd.date_range("2023-01-01", "2024-01-01", freq="97min")
    ours = sun_elevation(hours, 59.9, 14.64)
    theirs = patterns.solar_elevation(hours.to_numpy().astype("datetime64[s]"), 59.9, 14.64)
    assert np.abs(ours - theirs).max() < 0.6


# --- events by the hour --------------------------------------------------------------------------------------------------------

def test_dark_and_light_hours_make_up_the_year():
    told = dark_and_light(["2023-06-01T12:00"], period=YEAR, **STOCKHOLM)
    assert told.table["hours"].sum() == pytest.approx(365 * 24)
    assert 0.47 < told.table.loc["dark", "hours"] / 8760 < 0.49   # the sun is up more than half the year, by its size and the air


def test_an_event_is_dark_or_light_by_the_sun_of_its_day():
    # half past four in the afternoon: dark in December, light in June
    told = dark_and_light(["2023-12-20T16:30", "2023-06-20T16:30", "2023-06-21T00:30"], period=YEAR, **STOCKHOLM)
    assert told.table["events"].tolist() == [2, 1]


def test_an_interval_over_the_sunset_belongs_to_both():
    # sunset at 15:55:13 UTC in London on that day, an hour each side
    told = dark_and_light(pd.DatetimeIndex(["2015-12-01T14:55"], tz="UTC"), pd.DatetimeIndex(["2015-12-01T16:55"], tz="UTC"),
                          latitude=LONDON[0], longitude=LONDON[1], tz="Europe/London")
    assert told.table["events"].to_numpy() == pytest.approx([0.5, 0.5], abs=0.01)


def test_events_outside_the_period_are_counted_and_left_out():
    told = dark_and_light(["2022-12-31T23:59", "2023-01-01T00:01", "2024-01-01T00:00"], period=YEAR, **STOCKHOLM)
    assert (told.n, told.outside) == (1, 2)


def busy(rng, n: int, per_dark: float) -> pd.DatetimeIndex:
    """Events of busy afternoons and evenings, `per_dark` times as likely when it is dark."""
    hours = pd.date_range(*YEAR, freq="h", tz="Europe/Stockholm", inclusive="left")
    weight = np.where(np.isin(hours.hour, range(15, 24)), 5.0, 1.0) * np.where(
        sun_elevation(hours + pd.Timedelta(minutes=30), **STOCKHOLM) < -0.833, per_dark, 1.0)
    return hours[rng.choice(len(hours), n, p=weight / weight.sum())] + pd.to_timedelta(rng.integers(0, 60, n), unit="min")


def test_busy_evenings_are_no_effect_of_darkness_at_the_same_hour():
    told = dark_and_light(busy(np.random.default_rng(1), 6_000, 1.0), period=YEAR, **STOCKHOLM)
    assert told.ratio[1] > 1.1      # a share in the dark would blame the dark
    assert told.same_hours[1] < 1 < told.same_hours[2]


def test_darkness_that_matters_is_found_at_the_same_hour():
    told = dark_and_light(busy(np.random.default_rng(2), 6_000, 2.5), period=YEAR, **STOCKHOLM)
    assert told.same_hours[1] < 2.5 < told.same_hours[2]
    assert told.table.loc["dark", "per_1000_h_low"] > told.table.loc["light", "per_1000_h_high"]


def test_where_no_hour_is_ever_both_there_is_no_comparison():
    told = dark_and_light(["2023-06-05T12:00", "2023-06-06T01:00"], period=("2023-06-05", "2023-06-07"), **STOCKHOLM)
    assert told.same_hours is None


def test_long_spans_and_few_events_are_said():
    told = dark_and_light(["2023-02-01T12:00"], ["2023-02-02T12:00"], period=YEAR, **STOCKHOLM)
    assert [doubt.code for doubt in told.warnings] == ["SMALL_N", "SPANS_OVER_NIGHT"]


@pytest.mark.parametrize("asked", [{"latitude": 95}, {"longitude": np.nan}, {"start": [None]}, {"period": ("2024-01-01", "2023-01-01")},
                                   {"period": ("2019-01-01", "2020-01-01")}])
def test_what_cannot_be_computed_is_refused_in_words(asked):
    with pytest.raises(InputError):
        dark_and_light(**{"start": ["2023-02-01T12:00"], **STOCKHOLM, **asked})


@pytest.mark.slow
def test_the_interval_at_the_same_hour_holds_the_truth():
    rng = np.random.default_rng(3)
    held = [(told := dark_and_light(busy(rng, 250, 1.5), period=YEAR, **STOCKHOLM).same_hours)[1] < 1.5 < told[2] for _ in range(150)]
    assert np.mean(held) > 0.95 - 3 * np.sqrt(0.05 * 0.95 / 150)
