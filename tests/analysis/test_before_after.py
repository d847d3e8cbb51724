"""Before and after, against ptools, R and hand calculation."""
from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from geo_safety.analysis.before_after import direction, odds_ratio_exact, overdispersion, wdd, wdq, widened
from geo_safety.errors import InputError

COUNT = st.integers(0, 60)


def codes(told) -> list[str]:
    return [doubt.code for doubt in told.warnings]


# --- weighted displacement difference ------------------------------------------------------------------------------------------

@pytest.mark.shared
def test_differences_equal_those_of_ptools(shared):
    for case in json.loads((shared / "oracles/wdd/cases.json").read_text()):
        rings = {"ring": case["disp_treated"], "control_ring": case["disp_control"]} if sum(case["disp_treated"] + case["disp_control"]) else {}
        control, treated, control_ring, ring = case["area_weights"]  # the peer names the control first
        told, expected = wdd(case["treated"], case["control"], **rings, time_weights=case["time_weights"], alpha=case["alpha"],
                             area_weights=(treated, control, ring, control_ring)), case["expected"]
        ours = [told.local.estimate, told.local.se, told.total.estimate, told.total.se, told.total.z, told.total.low, told.total.high]
        theirs = [expected[name] for name in ("Est_Local", "SE_Local", "Est_Total", "SE_Total", "Z", "LowCI", "HighCI")]
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, err_msg=case["id"])
        if told.displaced:
            np.testing.assert_allclose([told.displaced.estimate, told.displaced.se], [expected["Est_Displace"], expected["SE_Displace"]], rtol=1e-12)


@pytest.mark.shared
def test_severity_weights_equal_those_of_ptools(shared):
    case = json.loads((shared / "oracles/wdd/harm.json").read_text())
    # counts by kind that have the differences and standard errors of the case: −10, −5, −30 and sums of 70, 105, 230
    treated, control = ([20, 30, 80], [10, 25, 50]), ([20, 25, 50], [20, 25, 50])
    told = wdd(treated, control, severity=case["weight"], alpha=case["alpha"]).local
    expected = case["expected"]
    np.testing.assert_allclose([told.estimate, told.se, told.z, told.low, told.high],
                               [expected[name] for name in ("HarmEst", "SE_HarmEst", "Z", "LowCI", "HighCI")], rtol=1e-12)


def test_the_published_examples_come_out():
    halved = wdd((20, 10), (20, 20), alpha=0.1).local
    assert (halved.estimate, round(halved.se, 2), round(halved.low, 1), round(halved.high, 1)) == (-10, 8.37, -23.8, 3.8)
    moved = wdd((207, 110), (308, 318), (178, 157), (150, 140)).total
    assert moved.estimate == -118 and moved.se == pytest.approx(np.sqrt(1568))
    longer = wdd((80, 20), (100, 50), time_weights=(2, 1)).local
    assert longer.estimate == -20 and longer.se == pytest.approx(np.sqrt(115))


def test_a_crime_that_halved_may_still_not_be_told_from_chance():
    told = wdd((20, 10), (20, 20))
    assert told.local.low < 0 < told.local.high and told.local.p > 0.05


@given(*[st.tuples(COUNT, COUNT)] * 4, st.floats(0.5, 4))
def test_longer_lists_of_kinds_with_weight_one_are_the_sum_of_the_kinds(treated, control, ring, control_ring, longer):
    split = lambda pair: tuple([n // 2, n - n // 2] for n in pair)  # noqa: E731
    whole = wdd(treated, control, ring, control_ring, time_weights=(longer, 1))
    parts = wdd(split(treated), split(control), split(ring), split(control_ring), time_weights=(longer, 1), severity=[1, 1])
    for ours, theirs in ((whole.local, parts.local), (whole.displaced, parts.displaced), (whole.total, parts.total)):
        assert (ours.estimate, ours.low) == (pytest.approx(theirs.estimate, abs=1e-9), pytest.approx(theirs.low, abs=1e-9))


def test_scatter_beyond_chance_widens_the_interval_by_its_root_and_never_narrows_it():
    plain, wide, narrow = (wdd((60, 40), (60, 60), overdispersion=phi).local for phi in (1, 4, 0.3))
    assert wide.se == pytest.approx(2 * plain.se) and narrow.se == plain.se
    assert codes(wdd((60, 40), (60, 60), overdispersion=4)) == ["OVERDISPERSED"]


def test_few_events_are_warned_of():
    assert codes(wdd((4, 1), (6, 5))) == ["SMALL_N", "FEW_IN_A_CELL"]
    assert codes(wdd(([40, 1], [30, 0]), ([40, 0], [45, 0]), severity=[1, 100])) == ["FEW_WEIGHTED", "ONE_EVENT_WEIGHS"]


def test_without_events_nothing_is_known():
    told = wdd((0, 0), (0, 0)).local
    assert (told.estimate, told.p, told.low, told.high) == (0, 1, -np.inf, np.inf)


@pytest.mark.parametrize("bad", [
    {"treated": (-1, 2)}, {"treated": (1.5, 2)}, {"treated": (np.nan, 2)}, {"treated": (1, 2, 3)}, {"ring": (1, 2)}, {"time_weights": (0, 1)},
    {"area_weights": (1, np.inf, 1, 1)}, {"severity": [1, -2]}, {"severity": [1, 2]}, {"overdispersion": 0}])
def test_what_cannot_be_compared_is_refused_in_words(bad):
    with pytest.raises(InputError) as refused:
        wdd(**{"treated": (3, 4), "control": (5, 6), **bad})
    assert refused.value.text.sv.endswith(".")


# --- the quotient --------------------------------------------------------------------------------------------------------------

def test_the_quotient_is_that_of_its_definition():
    # treated 100 → 50 and ring 40 → 44 while the control stays at 200: (44/200 − 40/200) / (50/200 − 100/200) = −0.08
    assert wdq((100, 50), (200, 200), (40, 44)) == pytest.approx(-0.08)


def test_without_success_or_control_there_is_no_quotient():
    assert wdq((50, 50), (200, 200), (40, 44)) is None
    assert wdq((50, 60), (200, 200), (40, 44)) is None
    assert wdq((50, 10), (0, 200), (40, 44)) is None


# --- the exact ratio -----------------------------------------------------------------------------------------------------------

def test_the_exact_ratio_equals_that_of_r():
    # fisher.test of Fisher's convictions of twins, in R's own documentation: (2, 15; 10, 3). R stops within 1e-4 of its ends.
    told = odds_ratio_exact((15, 2), (3, 10))
    assert told.ratio == pytest.approx(0.04693661, abs=1e-6)
    assert told.p == pytest.approx(0.0005367, abs=1e-7)
    assert (told.low, told.high) == (pytest.approx(0.003325764, abs=2e-5), pytest.approx(0.363182271, abs=2e-5))


@settings(max_examples=40)
@given(COUNT, COUNT, COUNT, COUNT)
def test_each_end_of_the_exact_interval_leaves_two_and_a_half_per_cent(t0, t1, c0, c1):
    told = odds_ratio_exact((t0, t1), (c0, c1))
    at = (t0 + t1 + c0 + c1, t0 + t1, t1 + c1)
    if told.low > 0:
        assert stats.nchypergeom_fisher.sf(t1 - 1, *at, told.low) == pytest.approx(0.025, rel=1e-6)
    if told.high < np.inf:
        assert stats.nchypergeom_fisher.cdf(t1, *at, told.high) == pytest.approx(0.025, rel=1e-6)
    if 0 < told.ratio < np.inf:
        assert stats.nchypergeom_fisher.mean(*at, told.ratio) == pytest.approx(t1, rel=1e-6)
    assert told.p == pytest.approx(stats.fisher_exact([[t1, t0], [c1, c0]]).pvalue, rel=1e-6)


def test_empty_margins_leave_everything_open():
    for treated, control in (((0, 0), (4, 6)), ((0, 3), (0, 4)), ((0, 0), (0, 0))):
        told = odds_ratio_exact(treated, control)
        assert np.isnan(told.ratio) and (told.low, told.high, told.p) == (0, np.inf, 1)
    assert odds_ratio_exact((5, 0), (4, 6)).ratio == 0
    assert odds_ratio_exact((0, 5), (4, 6)).ratio == np.inf


@given(COUNT, COUNT, COUNT, COUNT)
def test_changing_places_turns_the_ratio_round(t0, t1, c0, c1):
    there, back = odds_ratio_exact((t0, t1), (c0, c1)), odds_ratio_exact((c0, c1), (t0, t1))
    if there.low > 0 and there.high < np.inf:
        assert (there.low, there.high) == (pytest.approx(1 / back.high), pytest.approx(1 / back.low))


# --- scatter -------------------------------------------------------------------------------------------------------------------

def test_scatter_of_one_row_is_its_variance_in_units_of_the_mean():
    counts = [3, 9, 6, 2, 10]
    assert overdispersion(counts) == pytest.approx(np.var(counts, ddof=1) / np.mean(counts))
    assert overdispersion([5, 5, 5]) == 1


def test_season_that_two_places_share_is_no_scatter():
    season = np.array([4, 20, 40, 10])
    assert overdispersion([season, 2 * season]) == 1
    assert overdispersion(season) > 10


def test_too_little_to_tell_is_no_scatter():
    assert overdispersion([7]) == overdispersion([0, 0, 0]) == overdispersion([[0, 0], [3, 2]]) == 1
    with pytest.raises(InputError):
        overdispersion([1, np.nan])


@pytest.mark.slow
def test_scatter_of_poisson_counts_is_one_on_average():
    rng = np.random.default_rng(3)
    x2 = [((t := rng.poisson(4, (2, 24))) , overdispersion(t))[1] for _ in range(2_000)]
    assert 1 <= np.mean(x2) < 1.2      # never below 1, so a little above on average


# --- the rule ------------------------------------------------------------------------------------------------------------------

@settings(max_examples=60)
@given(COUNT, COUNT, COUNT, COUNT, st.sampled_from([1.0, 2.0]))
def test_the_rule_for_many_designs_is_that_of_the_intervals(t0, t1, c0, c1, phi):
    exact, plain = odds_ratio_exact((t0, t1), (c0, c1), conf=1 - widened(0.05, phi)), wdd((t0, t1), (c0, c1), overdispersion=phi).local
    by_ratio = -1 if exact.high < 1 else 1 if exact.low > 1 else 0
    by_difference = -1 if plain.high < 0 else 1 if plain.low > 0 else 0
    wanted = by_ratio if min(t0, t1, c0, c1) < 5 or by_ratio == by_difference else 0
    assert int(direction((t0, t1), (c0, c1), overdispersion=phi)) == wanted


def test_a_busier_control_cannot_make_a_fall_or_a_rise_of_what_the_whole_town_did():
    # both became 30 per cent calmer: on the scale of counts alone the treated place would be "clearly" worse than the control
    assert wdd((100, 70), (400, 280)).local.low > 0
    assert direction((100, 70), (400, 280)) == 0


def test_a_stricter_alpha_widens_an_exact_interval_as_the_root_widens_a_normal_one():
    assert widened(0.05, 1) == pytest.approx(0.05)
    assert stats.norm.isf(widened(0.05, 4) / 2) == pytest.approx(2 * stats.norm.isf(0.025))


@pytest.mark.slow
@pytest.mark.parametrize("mean", [0.5, 2, 6, 15, 60, 300])
@pytest.mark.parametrize(("busier", "town"), [(1, 1), (1, 0.7), (2, 0.7), (6, 0.5), (0.3, 1.4)])
def test_a_place_that_moves_with_its_control_is_not_called_changed_more_often_than_one_time_in_twenty(mean, busier, town):
    t0, t1, c0, c1 = np.random.default_rng(7).poisson(mean * np.array([[1], [town], [busier], [busier * town]]), (4, 20_000))
    false = (direction((t0, t1), (c0, c1)) != 0).mean()
    assert false < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 20_000), false
