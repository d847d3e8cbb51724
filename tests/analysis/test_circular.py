"""Summaries on the clock, against R's package circular and by hand."""
from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from geo_safety.analysis.circular import circular_summary
from geo_safety.errors import InputError


def codes(told) -> list[str]:
    return [doubt.code for doubt in told.warnings]


@pytest.mark.shared
def test_mean_concentration_and_p_equal_those_of_r(shared):
    folder = shared / "oracles/circular"
    told, expected = circular_summary(pd.read_csv(folder / "input_memphis_first600.csv")["hour"]), json.loads((folder / "expected.json").read_text())
    assert told.n == expected["n"]
    assert told.mean == pytest.approx(expected["mean_hour"], rel=1e-8)
    assert told.concentration == pytest.approx(expected["rho"], rel=1e-8)
    assert told.variance == pytest.approx(expected["circ_var"], rel=1e-8)
    assert told.p == pytest.approx(expected["rayleigh_p"], rel=1e-6)


@pytest.mark.shared
def test_kappa_is_the_most_likely_one_where_r_takes_the_first_terms_of_a_series(shared):
    # R gives 2R + R³ + 5R⁵/6 and calls it the maximum likelihood estimate; that misses the equation it should solve by 3 in 10 000
    told, expected = (circular_summary(pd.read_csv(shared / "oracles/circular/input_memphis_first600.csv")["hour"]),
                      json.loads((shared / "oracles/circular/expected.json").read_text()))
    gathering = lambda kappa: special.i1(kappa) / special.i0(kappa)  # noqa: E731
    r = expected["rho"]
    assert gathering(told.kappa) == pytest.approx(r, rel=1e-9)
    assert expected["kappa_ml"] == pytest.approx(2 * r + r**3 + 5 * r**5 / 6, rel=1e-9)
    assert told.kappa == pytest.approx(expected["kappa_ml"], rel=1e-3) and abs(gathering(expected["kappa_ml"]) - r) > 2e-4


def test_an_hour_before_and_after_midnight_meet_at_midnight():
    told = circular_summary([23, 1])
    assert told.mean % 24 == pytest.approx(0, abs=1e-9) or told.mean == pytest.approx(24)
    assert told.concentration == pytest.approx(np.cos(np.pi / 12))


def test_all_at_one_moment_gather_without_end():
    told = circular_summary([6.5] * 30)
    assert told.mean == pytest.approx(6.5) and told.concentration == pytest.approx(1) and told.kappa == np.inf
    assert (told.low, told.high) == (pytest.approx(6.5, abs=1e-6), pytest.approx(6.5, abs=1e-6))


def test_evenly_spread_events_have_no_mean_time():
    told = circular_summary(np.arange(24))
    assert np.isnan(told.mean) and np.isnan(told.low) and told.p == pytest.approx(1)


def test_noon_and_midnight_have_a_mean_where_nothing_happens_and_it_is_said():
    rng = np.random.default_rng(1)
    two = np.concatenate([rng.normal(12, 1, 60), rng.normal(0, 1, 50)])
    assert "TWO_PEAKS" in codes(circular_summary(two))
    assert codes(circular_summary(rng.normal(22, 2, 80))) == []
    assert codes(circular_summary([22, 23])) == ["SMALL_N"]


def test_few_events_leave_the_time_open():
    told = circular_summary([1, 8, 15, 20])
    assert np.isnan(told.low) and np.isnan(told.high) and told.p > 0.3


@given(st.lists(st.floats(0, 24), min_size=2, max_size=60), st.floats(0, 24))
def test_turning_the_clock_turns_the_mean(hours, turn):
    here, there = circular_summary(hours), circular_summary(np.asarray(hours) + turn)
    assert there.concentration == pytest.approx(here.concentration, abs=1e-9)
    if here.concentration > 1e-3:
        assert np.cos((there.mean - here.mean - turn) * np.pi / 12) == pytest.approx(1, abs=1e-6)


def test_a_week_and_a_year_are_wheels_too():
    assert circular_summary([167, 1], period=168).mean % 168 == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("hours", "period"), [([], 24), ([np.nan], 24), ([np.inf], 24), ([3], 0)])
def test_what_is_no_time_is_refused_in_words(hours, period):
    with pytest.raises(InputError):
        circular_summary(hours, period=period)


@pytest.mark.slow
def test_the_interval_of_the_mean_and_p_hold_what_they_promise():
    rng = np.random.default_rng(3)
    held, false = [], []
    for _ in range(3_000):
        told = circular_summary(rng.vonmises(0, 1, 60) * 12 / np.pi + 24)
        held.append(np.isnan(told.low) or (0 - told.low) % 24 <= (told.high - told.low) % 24)
        false.append(circular_summary(rng.uniform(0, 24, 25)).p < 0.05)
    assert np.mean(held) > 0.93 and np.mean(false) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 3_000)
