"""Exact intervals, against R (`poisson.test`), published values and hand calculation."""
from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from geo_safety.analysis.rates import poisson_interval, rate_interval, rate_ratio
from geo_safety.errors import InputError


@pytest.mark.shared
def test_intervals_equal_those_of_r(shared):
    expected = pd.read_csv(shared / "oracles/poisson_exact_ci/expected.csv")
    for conf, suffix in ((0.95, "95"), (0.90, "90")):
        low, high = poisson_interval(expected["k"], conf)
        np.testing.assert_allclose(low, expected[f"lo{suffix}"], rtol=1e-7)
        np.testing.assert_allclose(high, expected[f"hi{suffix}"], rtol=1e-7)


@pytest.mark.shared
def test_the_ratio_of_two_counts_equals_that_of_r(shared):
    expected = pd.read_csv(shared / "oracles/poisson_exact_ci/expected_rate_ratio.csv")
    ratio, low, high, p = rate_ratio(expected["k1"], expected["k2"], expected["t1"], expected["t2"])
    for ours, theirs in ((ratio, "ratio"), (low, "lo"), (high, "hi"), (p, "p")):
        np.testing.assert_allclose(ours, expected[theirs], rtol=1e-6)


def test_no_events_reach_up_to_three_point_sixty_nine():
    low, high = poisson_interval(0)
    assert low == 0
    assert high == pytest.approx(-np.log(0.025))  # exp(-m) = 0.025


@given(st.integers(1, 400))
def test_each_end_of_the_interval_leaves_two_and_a_half_per_cent(k):
    low, high = poisson_interval(k)
    assert stats.poisson.sf(k - 1, low) == pytest.approx(0.025)
    assert stats.poisson.cdf(k, high) == pytest.approx(0.025)


def test_a_rate_is_per_residents_and_year():
    rate, low, _ = rate_interval(12, 4_000, years=2)
    assert rate == pytest.approx(150)  # 12 / 4000 / 2 × 100 000
    assert low == pytest.approx(6.2006 / 4_000 / 2 * 100_000, rel=1e-4)  # Garwood's table: 12 events, 6.2006 to 20.9616


def test_a_place_without_residents_has_no_rate():
    assert np.isnan(rate_interval([3, 3], [0, np.nan])).all()


def test_twelve_against_seven_may_be_a_fall_or_a_rise():
    ratio, low, high, p = rate_ratio(7, 12)
    assert ratio == pytest.approx(7 / 12)
    assert low < 1 < high and p > 0.05
    assert p == pytest.approx(stats.binomtest(7, 19, 0.5).pvalue)


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.2, 5))
def test_p_is_that_of_the_binomial_test(k1, k0, t1):
    _, low, high, p = rate_ratio(k1, k0, t1, 1.0)
    assert 0 <= low <= high
    if k1 + k0:
        assert p == pytest.approx(stats.binomtest(k1, k1 + k0, t1 / (t1 + 1)).pvalue, rel=1e-9)


def test_turning_the_periods_round_turns_the_ratio_round():
    ratio, low, high, p = rate_ratio(9, 4, 365, 366)
    back, back_low, back_high, back_p = rate_ratio(4, 9, 366, 365)
    np.testing.assert_allclose([back, back_low, back_high, back_p], [1 / ratio, 1 / high, 1 / low, p])


def test_without_events_nothing_is_known_of_the_ratio():
    ratio, low, high, p = rate_ratio(0, 0)
    assert np.isnan(ratio) and low == 0 and high == np.inf and p == 1


def test_a_missing_count_gives_a_missing_answer_and_disturbs_no_other():
    ratio, low, high, p = rate_ratio([1, np.nan], [2, 3])
    assert np.isnan([ratio[1], low[1], high[1], p[1]]).all()
    assert np.isfinite([ratio[0], low[0], high[0], p[0]]).all()
    assert [end.shape for end in poisson_interval([[1, np.nan]])] == [(1, 2), (1, 2)]


@pytest.mark.parametrize("k", [-1, 2.5])
def test_a_weighted_sum_is_refused(k):
    with pytest.raises(InputError, match="weighted sums"):
        poisson_interval(k)


@pytest.mark.slow
def test_the_interval_holds_the_truth_at_least_as_often_as_promised():
    rng = np.random.default_rng(1)
    for mean in (0.005, 0.02, 0.2, 1, 5, 30):
        low, high = poisson_interval(rng.poisson(mean, 100_000))
        assert np.mean((low <= mean) & (mean <= high)) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 100_000)
