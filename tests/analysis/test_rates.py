"""Exact intervals, against R (`poisson.test`), published values and hand calculation."""
from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from geo_safety.analysis.rates import eb_rates, poisson_compare, poisson_interval, rate_interval, rate_ratio
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


# --- two counts without a control ----------------------------------------------------------------------------------------------

@pytest.mark.shared
def test_the_e_test_equals_that_of_ptools(shared):
    expected = pd.read_csv(shared / "oracles/poisson_etest/expected.csv")
    expected = expected[expected["d"] == 0]
    ours = [poisson_compare(row.k1, row.k2, row.n1, row.n2).p for row in expected.itertuples()]
    alike = expected["k1"] * expected["n2"] == expected["k2"] * expected["n1"]  # equal rates: 1, but for what the peer cuts off
    np.testing.assert_allclose(np.array(ours)[~alike], expected["p"][~alike], atol=1e-8)
    np.testing.assert_allclose(np.array(ours)[alike], 1, atol=1e-12)
    assert expected["p"][alike].min() > 1 - 1e-6


def test_the_e_test_is_that_of_the_paper():
    assert poisson_compare(6, 2).p == pytest.approx(0.1749, abs=5e-5)  # Krishnamoorthy and Thomson's own example
    assert poisson_compare(3, 0).p == pytest.approx(0.0884, abs=5e-5)


def test_a_comparison_without_a_control_says_so_and_gives_the_exact_interval():
    told = poisson_compare(7, 12, method="exact")
    assert (told.ratio, told.low, told.high, told.p) == tuple(float(v) for v in rate_ratio(7, 12))
    assert [doubt.code for doubt in told.warnings] == ["NO_CONTROL", "SMALL_N"] and told.n == 19
    assert "kontrollområde" in told.warnings[0].text.sv


def test_without_events_there_is_nothing_to_compare():
    told = poisson_compare(0, 0)
    assert np.isnan(told.ratio) and (told.low, told.high, told.p) == (0, np.inf, 1)


@given(st.integers(0, 80), st.integers(0, 80), st.sampled_from([0.5, 1.0, 3.0]))
def test_the_e_test_does_not_mind_which_count_comes_first(k1, k2, t1):
    assert poisson_compare(k1, k2, t1, 1.0).p == pytest.approx(poisson_compare(k2, k1, 1.0, t1).p, rel=1e-9, abs=1e-14)


@pytest.mark.parametrize("bad", [{"k1": 2.5}, {"t1": 0}, {"method": "z"}, {"k2": np.nan}])
def test_a_comparison_that_cannot_be_made_is_refused_in_words(bad):
    with pytest.raises(InputError):
        poisson_compare(**{"k1": 3, "k2": 4, **bad})


# --- smoothed rates ------------------------------------------------------------------------------------------------------------

@pytest.mark.shared
def test_smoothed_rates_equal_those_of_spdep(shared):
    folder = shared / "oracles/areal_nc_sids"
    areas, expected, pairs = (pd.read_csv(folder / f"{name}.csv") for name in ("input", "expected_local", "neighbours_queen"))
    near = np.zeros((len(areas), len(areas)))
    near[pairs["i"], pairs["j"]] = 1
    np.testing.assert_allclose(eb_rates(areas["sid74"], areas["bir74"], per=1)["eb_rate"], expected["eb_global"], rtol=1e-9)
    np.testing.assert_allclose(eb_rates(areas["sid74"], areas["bir74"], near, per=1)["eb_rate"], expected["eb_local"], rtol=1e-9)


def test_where_rates_differ_no_more_than_chance_all_become_the_common_rate():
    told = eb_rates([10, 11, 9], [1000, 1000, 1000])
    np.testing.assert_allclose(told[["eb_rate", "eb_low", "eb_high"]], 1000)
    assert (told["own_weight"] == 0).all()


def test_few_residents_are_drawn_closer_to_the_common_rate_than_many():
    told = eb_rates([2, 200, 10, 100], [20, 2_000, 1_000, 10_000])
    assert (told["rate"].iloc[:2] == 10_000).all()
    assert told["own_weight"][0] < told["own_weight"][1]
    assert ((told["eb_low"] < told["eb_rate"]) & (told["eb_rate"] < told["eb_high"])).all()


def test_an_area_without_residents_has_no_smoothed_rate_and_disturbs_no_other():
    with_empty = eb_rates([5, 0, 9, 30], [400, 0, 900, 800])
    assert with_empty.loc[1, ["rate", "eb_rate", "eb_low", "eb_high", "own_weight"]].isna().all()
    pd.testing.assert_frame_equal(with_empty.drop(1).reset_index(drop=True), eb_rates([5, 9, 30], [400, 900, 800]))


@pytest.mark.parametrize(("k", "population"), [([1.5, 2], [10, 10]), ([1, 2], [10, np.nan]), ([1, 2], [-1, 5]), ([3, 1], [0, 5]), ([1, np.nan], [9, 9])])
def test_rates_that_cannot_be_smoothed_are_refused_in_words(k, population):
    with pytest.raises(InputError):
        eb_rates(k, population)


def test_neighbours_of_other_areas_are_refused():
    with pytest.raises(InputError, match="3 areas, but there are 2"):
        eb_rates([1, 2], [10, 20], np.ones((3, 3)))


@pytest.mark.slow
def test_the_e_test_gives_no_more_false_alarms_than_it_says():
    rng = np.random.default_rng(5)
    for mean in (3, 12, 60):
        drawn = rng.poisson(mean, (4_000, 2))
        p = np.array([poisson_compare(int(a), int(b)).p for a, b in drawn])
        assert (p < 0.05).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 4_000)


@pytest.mark.slow
def test_the_interval_holds_the_truth_at_least_as_often_as_promised():
    rng = np.random.default_rng(1)
    for mean in (0.005, 0.02, 0.2, 1, 5, 30):
        low, high = poisson_interval(rng.poisson(mean, 100_000))
        assert np.mean((low <= mean) & (mean <= high)) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 100_000)
