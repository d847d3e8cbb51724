"""Mann and Kendall's test: equal to R's, exact under ties, and no false trend from a season."""
from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from geo_safety.analysis.monotone import mann_kendall
from geo_safety.errors import InputError


@pytest.mark.shared
def test_every_series_gives_the_numbers_of_r(shared):
    folder = shared / "oracles/mann_kendall"
    series = pd.read_csv(folder / "input_memphis_monthly.csv", index_col="id")
    theirs = pd.read_csv(folder / "expected_R_Kendall.csv", index_col="id")
    ours = mann_kendall(series.to_numpy())
    assert (ours["s"].to_numpy() == theirs["S"]).all()
    np.testing.assert_allclose(ours["variance"], theirs["varS"], rtol=1e-5)  # R's is of single precision
    np.testing.assert_allclose(ours["tau"], theirs["tau"], atol=1e-6)
    np.testing.assert_allclose(ours["p"], theirs["p"], atol=1e-6)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 4), min_size=10, max_size=30))
def test_tau_is_kendalls_tau_b_of_the_values_against_time(values):
    ours = mann_kendall(values).iloc[0]
    theirs = stats.kendalltau(np.arange(len(values)), values).statistic
    if len(set(values)) == 1:
        assert np.isnan(ours["tau"])
        assert (ours["s"], ours["p"]) == (0, 1)
    else:
        assert ours["tau"] == pytest.approx(theirs)


def test_a_peer_that_reports_tau_a_calls_a_perfect_trend_with_ties_imperfect():
    values = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
    tau_a = 25 / 45
    assert mann_kendall(values)["tau"][0] == pytest.approx(25 / np.sqrt(45 * 25))
    assert mann_kendall(values)["tau"][0] > tau_a


def test_turning_time_round_turns_the_trend_round():
    series = np.random.default_rng(1).poisson(3, (50, 24))
    there, back = mann_kendall(series), mann_kendall(series[:, ::-1])
    assert (there["s"] == -back["s"]).all()
    assert (there["p"] == back["p"]).all()


def test_a_season_is_compared_with_itself():
    month = np.tile([0, 0, 0, 1, 2, 5, 9, 9, 5, 2, 1, 0], 4)
    assert mann_kendall(month, season=12)["s"][0] == 0
    rising = month + np.repeat([0, 1, 2, 3], 12)
    # six pairs of years in each of twelve months, all rising; the variance of four years is 26/3
    assert mann_kendall(rising, season=12).iloc[0][["s", "variance"]].tolist() == [72, pytest.approx(12 * 26 / 3)]


def test_a_missing_step_takes_no_part():
    known = np.array([1.0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10])
    holed = np.insert(known, 4, np.nan)
    pd.testing.assert_frame_equal(mann_kendall(known), mann_kendall(holed))


@pytest.mark.parametrize(("series", "season"), [(range(9), 1), (range(24), 12), ([1.0] * 10 + [np.inf], 1)])
def test_too_few_steps_are_refused_in_words(series, season):
    with pytest.raises(InputError):
        mann_kendall(list(series), season=season)


@pytest.mark.slow
def test_chance_without_trend_gives_no_more_trends_than_promised():
    """12 to 48 steps, means from 0.05 to 5 a step, with and without season; 2 000 series each."""
    rng = np.random.default_rng(7)
    for mean in (0.05, 0.5, 5):
        for steps, season in ((12, 1), (48, 1), (48, 12)):
            rates = mean * (1 + 0.8 * np.sin(np.arange(steps) * np.pi / 6)) if season > 1 else np.full(steps, mean)
            false = (mann_kendall(rng.poisson(rates, (2000, steps)), season=season)["p"] < 0.05).mean()
            assert false <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)
