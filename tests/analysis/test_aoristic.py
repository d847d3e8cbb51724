"""Times known as intervals, against the R package aoristic, its author's published table, and by hand."""
from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_safety.analysis.aoristic import aoristic, cut_into_hours, hour_weekday, spans_of
from geo_safety.analysis.rates import poisson_interval
from geo_safety.errors import InputError

SUNDAY_TWO = 6 * 24 + 2


def weights(start, end=None, **asked) -> np.ndarray:
    return aoristic(pd.Series(start), None if end is None else pd.Series(end), **asked).table["weight"].to_numpy()


def codes(told) -> list[str]:
    return [doubt.code for doubt in told.warnings]


# --- against others ------------------------------------------------------------------------------------------------------------

@pytest.mark.shared
def test_every_hour_equals_that_of_the_r_package(shared):
    folder = shared / "oracles/aoristic"
    events, total = pd.read_csv(folder / "input_dc400.csv"), pd.read_csv(folder / "expected_dc400_total.csv")
    told = aoristic(events["start"], events["end"], tz=None)
    np.testing.assert_allclose(told.table["weight"], np.roll(total["weight"], -24), atol=1e-9)     # the peer's week begins on Sunday
    assert (told.n, told.points, told.evenly) == (400, 16, 12)


@pytest.mark.shared
def test_every_event_equals_that_of_the_r_package(shared):
    folder = shared / "oracles/aoristic"
    events, rows = pd.read_csv(folder / "input_dc400.csv"), pd.read_csv(folder / "expected_dc400_rows.csv")
    for number in (0, 1, 17, 83, 200, 399):
        expected = rows[rows["id"] == number].set_index("hour_of_week")["weight"].reindex(range(168), fill_value=0)
        one = events.iloc[[number]]
        np.testing.assert_allclose(weights(one["start"], one["end"], tz=None), np.roll(expected, -24), atol=1e-9)


@pytest.mark.shared
def test_the_published_table_comes_out_but_for_an_hour_that_never_was(shared):
    # the author's table has the times read as UTC and shown on the clock of Washington. One burglary spans the night of 13 March 2016,
    # when the clock went from two to three: the table puts 1/38 of it between two and three, where nothing can have happened
    folder = shared / "data/aoristic_dc"
    events, table = pd.read_csv(folder / "dcburglaries.csv"), pd.read_csv(folder / "dcburgsum_expected.csv")
    start, end = (pd.to_datetime(events[name]).dt.tz_localize("UTC") for name in ("StartDateTime", "EndDateTime"))
    told = aoristic(start, end, tz="America/New_York")
    theirs, ours = table.iloc[:, 1:].to_numpy().T.ravel(), told.table["weight"].to_numpy()
    others = np.arange(168) != SUNDAY_TWO
    np.testing.assert_allclose(ours[others], theirs[others], atol=0.0005 + 1 / 37 - 1 / 38)
    assert theirs[SUNDAY_TWO] - ours[SUNDAY_TWO] == pytest.approx(1 / 38, abs=0.0006)
    assert told.n == 1025 and told.points == 37 and ours.sum() == pytest.approx(1025)


# --- by hand -------------------------------------------------------------------------------------------------------------------

def test_a_span_is_shared_out_by_the_minutes_in_each_hour():
    told = weights(["2026-01-05T10:45"], ["2026-01-05T13:15"])      # a Monday; 15 + 60 + 60 + 15 minutes
    np.testing.assert_allclose(told[10:14], [0.1, 0.4, 0.4, 0.1])
    assert told.sum() == pytest.approx(1)


def test_a_span_that_ends_on_the_hour_does_not_touch_the_next():
    np.testing.assert_allclose(weights(["2026-01-05T10:00"], ["2026-01-05T12:00"])[10:13], [0.5, 0.5, 0])


def test_an_event_without_an_end_or_without_length_counts_one_in_its_hour():
    told = aoristic(pd.Series(["2026-01-05T10:59", "2026-01-05T11:00"]), pd.Series([None, "2026-01-05T11:00"]))
    assert told.table["weight"].to_numpy()[[10, 11]].tolist() == [1, 1]
    assert told.points == 2 and told.table["known"].sum() == 2


def test_over_midnight_on_sunday_the_week_begins_again():
    told = weights(["2026-01-11T23:00"], ["2026-01-12T01:00"])
    assert (told[167], told[0]) == (0.5, 0.5)


def test_a_week_or_more_says_nothing_of_the_hour():
    told = aoristic(pd.Series(["2026-01-05T10:00"]), pd.Series(["2026-01-12T10:00"]))
    np.testing.assert_allclose(told.table["weight"], 1 / 168)
    assert told.evenly == 1


def test_an_end_before_its_start_is_counted_and_left_out_where_the_peer_keeps_it_in_silence():
    told = aoristic(pd.Series(["2026-01-05T10:00", "2026-01-05T10:00", None]), pd.Series(["2026-01-05T09:00", "2026-01-05T11:00", "2026-01-05T09:00"]))
    assert (told.n, told.reversed, told.without_start) == (1, 1, 1)
    assert "TIME_REVERSED" in codes(told)


def test_what_is_known_to_the_day_is_spread_over_it_and_what_is_known_to_the_month_is_left_out():
    told = aoristic(pd.Series(["2026-01-05T00:00", "2026-01-01T00:00", "2026-01-06T12:00"]), precision=["day", "month", "minute"])
    np.testing.assert_allclose(told.table["weight"][:24], 1 / 24)
    assert told.table["weight"].sum() == pytest.approx(2) and told.vague == 1
    assert "MONTH_ONLY" in codes(told)


# --- when clocks change --------------------------------------------------------------------------------------------------------

def test_the_hour_that_never_was_gets_nothing():
    told = weights(["2026-03-29T00:00"], ["2026-03-29T06:00"])     # five hours
    np.testing.assert_allclose(told[6 * 24:6 * 24 + 6], [0.2, 0.2, 0, 0.2, 0.2, 0.2])


def test_the_hour_that_came_twice_gets_double():
    told = weights(["2026-10-25T00:00"], ["2026-10-25T06:00"])     # seven hours
    np.testing.assert_allclose(told[6 * 24:6 * 24 + 6] * 7, [1, 1, 2, 1, 1, 1])


def test_occasions_count_the_nights_when_clocks_change():
    told = aoristic(pd.Series(["2026-06-01T12:00"]), period=("2026-01-01", "2027-01-01"))
    hours = told.table["occasions"]
    assert hours.sum() == 365 * 24
    # 2026 has 52 Sundays; one had no hour between two and three, one had it twice
    assert hours[SUNDAY_TWO] == 52 and hours[6 * 24 + 1] == 52
    spring = aoristic(pd.Series(["2026-03-28T12:00"]), period=("2026-03-28", "2026-03-31"))
    assert spring.table["occasions"][SUNDAY_TWO] == 0 and np.isnan(spring.table["per_week"][SUNDAY_TWO])
    autumn = aoristic(pd.Series(["2026-10-24T12:00"]), period=("2026-10-24", "2026-10-27"))
    assert autumn.table["occasions"][SUNDAY_TWO] == 2


def test_times_with_a_zone_are_shown_on_the_clock_of_the_place():
    assert weights(pd.DatetimeIndex(["2026-07-06T22:30"], tz="UTC"))[24] == 1     # half past midnight on Tuesday in Stockholm
    assert weights(pd.DatetimeIndex(["2026-07-06T22:30"], tz="UTC"), tz="Asia/Kolkata")[28] == 1    # four o'clock, half an hour off


# --- other bins, rates, intervals ----------------------------------------------------------------------------------------------

def test_events_a_week_are_per_weekday_in_the_period():
    # ten days: Thursday to Saturday twice each … Sundays once
    times = pd.Series(["2026-01-01T10:00", "2026-01-08T10:00", "2026-01-04T10:00"])
    told = aoristic(times, bins="weekday", period=("2026-01-01", "2026-01-11")).table.set_index("weekday")
    assert told.loc[3, "occasions"] == 2 and told.loc[3, "per_week"] == 1
    assert told.loc[6, "occasions"] == 1 and told.loc[6, "per_week"] == 1


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 500_000), st.integers(0, 30_000)), min_size=1, max_size=40))
def test_bins_sum_to_the_events_and_coarser_bins_to_the_finer(spans):
    start = pd.Timestamp("2026-01-01", tz="Europe/Stockholm") + pd.to_timedelta([a for a, _ in spans], unit="min")
    end = start + pd.to_timedelta([b for _, b in spans], unit="min")
    week = weights(start, end, max_span="100D")
    assert week.sum() == pytest.approx(len(spans))
    np.testing.assert_allclose(week.reshape(7, 24).sum(axis=0), weights(start, end, bins="hour_of_day", max_span="100D"), atol=1e-9)
    np.testing.assert_allclose(week.reshape(7, 24).sum(axis=1), weights(start, end, bins="weekday", max_span="100D"), atol=1e-9)


def test_the_interval_is_the_exact_one_where_every_time_is_known():
    told = aoristic(pd.Series(["2026-01-05T10:15"] * 7 + ["2026-01-06T11:15"])).table
    low, high = poisson_interval([7, 1, 0])
    np.testing.assert_allclose(told.loc[[10, 35, 0], "low"], low)
    np.testing.assert_allclose(told.loc[[10, 35, 0], "high"], high)


def test_long_spans_and_few_events_are_said():
    told = aoristic(pd.Series(["2026-01-05T10:00"] * 4), pd.Series(["2026-01-07T10:00"] * 4))
    assert codes(told) == ["SMALL_N", "LONG_SPANS"] and told.over_a_day == 1 and told.median_span_h == 48


def test_the_week_as_a_table_has_a_row_for_each_hour():
    table = hour_weekday(pd.Series(["2026-01-06T10:15"]), value="weight")
    assert table.shape == (24, 7) and table.loc[10, 1] == 1


def test_pieces_of_an_event_make_up_its_span():
    spans = spans_of(pd.Series(["2026-03-28T22:10"]), pd.Series(["2026-03-29T09:40"]), tz="Europe/Stockholm")
    (event, first, last), = cut_into_hours(spans.start, spans.end, "Europe/Stockholm")
    assert len(event) == 11 and (last - first).sum() == spans.end[0] - spans.start[0] == 10.5 * 3600


def test_a_hundred_thousand_events_take_a_second():
    rng = np.random.default_rng(1)
    start = pd.Timestamp("2024-01-01", tz="Europe/Stockholm") + pd.to_timedelta(rng.integers(0, 525_600, 100_000), unit="min")
    began = time.process_time()
    aoristic(start, start + pd.to_timedelta(rng.exponential(600, 100_000).astype(int), unit="min"))
    assert time.process_time() - began < 3


@pytest.mark.parametrize("asked", [{"bins": "month"}, {"start": ["when"]}, {"end": ["2026-01-05T11:00"] * 2}, {"start": [None]},
                                   {"period": ("2026-02-01", "2026-01-01")}])
def test_what_cannot_be_read_is_refused_in_words(asked):
    with pytest.raises(InputError):
        aoristic(**{"start": ["2026-01-05T10:00"], **asked})


@pytest.mark.slow
def test_the_interval_of_shared_out_events_holds_the_truth():
    rng, held = np.random.default_rng(2), []
    for _ in range(300):
        n = rng.poisson(60)
        start = pd.Timestamp("2026-01-05") + pd.to_timedelta(rng.integers(0, 5 * 1440, n), unit="min")
        told = aoristic(start, start + pd.to_timedelta(rng.integers(30, 600, n), unit="min"), tz=None).table.iloc[24:96]
        held.append(((told["low"] <= 60 / 120) & (told["high"] >= 60 / 120)).mean())
    assert np.mean(held) > 0.95
