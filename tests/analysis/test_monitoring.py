"""Watching the newest steps, against R's surveillance, by hand and by simulation."""
from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from geo_safety.analysis.monitoring import TRANSFORMS, cusum, monitor
from geo_safety.errors import InputError, Refusal

ZONE = "Europe/Stockholm"


def events(rng, a_week=6.0, weeks=156, start="2022-01-03", rise=1.0, from_week=None, season=0.0) -> pd.DatetimeIndex:
    """Events on whole weeks from a Monday on, `rise` times as many from a week on."""
    week = np.arange(weeks)
    mean = a_week * (1 + season * np.cos(2 * np.pi * week / 52.18)) * np.where(week >= (weeks if from_week is None else from_week), rise, 1.0)
    counts = rng.poisson(mean)
    counts[0] = max(counts[0], 1)
    minutes = np.repeat(week, counts) * 10_080 + rng.integers(0, 10_080, counts.sum())
    first = np.repeat(week, counts).argmin()
    minutes[first] = 0      # the data begin with the first Monday
    return (pd.Timestamp(start) + pd.to_timedelta(minutes, unit="min")).tz_localize(ZONE, nonexistent="shift_forward", ambiguous=True)


def codes(told) -> list[str]:
    return [doubt.code for doubt in told.warnings]


# --- the CUSUM -----------------------------------------------------------------------------------------------------------------

@pytest.mark.shared
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_the_cusum_equals_that_of_surveillance(shared, transform):
    folder = shared / "oracles/cusum"
    counts, expected = pd.read_csv(folder / "input_memphis_weekly.csv")["count"], pd.read_csv(folder / f"expected_surveillance_cusum_{transform}.csv")
    ours = cusum(counts[12:52], np.full(40, counts[:12].mean()), k=1.04, transform=transform)
    np.testing.assert_allclose(ours, expected["cusum"], atol=1e-9)
    np.testing.assert_array_equal(ours >= 2.26, expected["alarm"])


def test_the_cusum_never_falls_below_nothing_and_starts_again_from_there():
    np.testing.assert_allclose(cusum([4, 0, 0, 9, 9], [4] * 5, k=0, transform="standard"), [0, 0, 0, 2.5, 5])


# --- limits --------------------------------------------------------------------------------------------------------------------

def test_limit_and_p_are_exact_given_the_baseline():
    told = monitor(events(np.random.default_rng(1)), until="2024-12-30", watch=10)
    row = told.frame.iloc[3]
    before = told.n - told.frame["incidents"].sum()
    base = told.frame["expected"].iloc[3]
    share = base / (base + before)   # the expected counts of the baseline sum to what was seen, as maximum likelihood has it
    assert row["p"] == pytest.approx(stats.binom.sf(row["incidents"] - 1, row["incidents"] + before, share), rel=1e-6)
    assert stats.binom.sf(row["limit"], row["limit"] + 1 + before, share) < 0.005 <= stats.binom.sf(row["limit"] - 1, row["limit"] + before, share)


def test_a_burst_passes_its_limit_and_a_slow_rise_the_cusum():
    rng = np.random.default_rng(2)
    burst = monitor(events(rng, rise=4, from_week=155), until="2024-12-30")
    assert burst.frame["above"].iloc[-1]
    slow = monitor(events(rng, rise=1.6, from_week=130), until="2024-12-30")
    assert slow.frame["alarm"].iloc[-1] and slow.frame["cusum"].iloc[-1] > slow.threshold


def test_season_is_expected_once_two_years_are_known():
    told = monitor(events(np.random.default_rng(3), a_week=30, season=0.6), until="2024-12-30")
    assert told.season and told.frame["expected"].max() > 2 * told.frame["expected"].min()
    assert not told.frame["alarm"].any()
    assert not monitor(events(np.random.default_rng(3), weeks=100), until="2023-12-04").season


def test_events_in_clumps_widen_the_limits():
    rng = np.random.default_rng(4)
    one = events(rng)
    clumped = monitor(one.repeat(4), until="2024-12-30")
    assert clumped.scatter > 2 and "OVERDISPERSED" in codes(clumped)
    assert clumped.frame["limit"].min() > 4 * 6 + 2.58 * np.sqrt(24)


# --- late reports --------------------------------------------------------------------------------------------------------------

def test_steps_that_are_not_complete_are_left_out_by_the_delay_seen():
    rng = np.random.default_rng(5)
    happened = events(rng, a_week=20)
    reported = happened + pd.to_timedelta(rng.exponential(10, len(happened)), unit="D")
    told = monitor(happened, reported=reported, until="2024-12-30", watch=20)
    assert told.delay_days == pytest.approx(10 * np.log(10), rel=0.1)     # nine of ten are in
    assert told.left_out == 4 and told.frame["start"].iloc[-1] == pd.Timestamp("2024-11-25")
    assert "NOT_COMPLETE" in codes(told)


def test_late_reports_would_look_like_a_fall_if_the_newest_steps_were_kept():
    rng = np.random.default_rng(6)
    happened = events(rng, a_week=20)
    reported = happened + pd.to_timedelta(rng.exponential(10, len(happened)), unit="D")
    there = reported <= pd.Timestamp("2024-12-30", tz=ZONE)
    naive = monitor(happened[there], until="2024-12-30", watch=4).frame["incidents"].mean()
    honest = monitor(happened, reported=reported, until="2024-12-30", watch=4).frame["incidents"].mean()
    assert naive < 16 < honest


def test_what_was_not_known_by_the_day_is_not_used():
    happened = events(np.random.default_rng(7))
    early = monitor(happened, reported=happened + pd.Timedelta(days=1), until="2024-06-03", watch=8)
    assert early.frame["start"].max() == pd.Timestamp("2024-05-20")      # the week to Sunday 2 June is not complete on the Monday


# --- months, refusals ----------------------------------------------------------------------------------------------------------

def test_months_are_steps_too_and_know_their_length():
    days = pd.date_range("2020-01-01", "2025-01-01", freq="12h", tz=ZONE, inclusive="left")
    told = monitor(days, step="month", watch=12, until="2025-01-01")
    assert told.frame["incidents"].tolist() == [62, 58, 62, 60, 62, 60, 62, 62, 60, 62, 60, 62]
    np.testing.assert_allclose(told.frame["expected"], told.frame["incidents"], rtol=0.01)


def test_the_same_seed_gives_the_same_threshold():
    happened = events(np.random.default_rng(8))
    assert monitor(happened, until="2024-12-30", seed=3).threshold == monitor(happened, until="2024-12-30", seed=3).threshold


def test_a_short_baseline_is_refused():
    with pytest.raises(Refusal) as refused:
        monitor(events(np.random.default_rng(9), weeks=30), until="2022-08-01", watch=26)
    assert refused.value.code == "FEW_STEPS"


@pytest.mark.parametrize("asked", [{"step": "day"}, {"watch": 0}, {"times": [None]}, {"transform": "log"}, {"complete": 1.0},
                                   {"times": ["2024-12-01T12:00"] * 3, "reported": ["2024-12-02T12:00"] * 3}])
def test_what_cannot_be_watched_is_refused_in_words(asked):
    with pytest.raises(InputError):
        monitor(**{"times": events(np.random.default_rng(1)), "until": "2024-12-30", **asked})


@pytest.mark.slow
@pytest.mark.parametrize("a_week", [0.6, 3, 25])
def test_a_steady_series_alarms_no_more_often_than_it_says(a_week):
    rng = np.random.default_rng(10)
    told = [monitor(events(rng, a_week=a_week), until="2024-12-30", seed=i) for i in range(120)]
    above = np.mean([row.frame["above"].mean() for row in told])
    assert above < 0.005 + 3 * np.sqrt(0.005 / (120 * 26))
    # one alarm in 500 steps is a twentieth of the series of 26
    assert np.mean([row.frame["alarm"].any() for row in told]) < 26 / 500 + 3 * np.sqrt(0.05 / 120)
