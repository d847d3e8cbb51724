"""Verdicts: the five of the safeguards, and when each may be given."""
from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_safety.analysis import evaluation
from geo_safety.analysis.before_after import direction
from geo_safety.analysis.evaluation import evaluate
from geo_safety.analysis.power import Design, power, smallest_detectable
from geo_safety.analysis.rates import rate_ratio
from geo_safety.errors import InputError, Refusal
from geo_safety.model.verdicts import DISPLACEMENTS, VERDICTS

COUNT = st.integers(0, 80)


def codes(told) -> list[str]:
    return [doubt.code for doubt in told.warnings]


def sure(*counts, **asked):
    return evaluate(*counts, as_planned=True, chosen_for_bad_period=False, **asked)


def test_there_are_exactly_the_five_verdicts():
    assert [text.sv for text in VERDICTS.values()] == [
        "tydlig minskning jämfört med kontrollområdet", "går inte att avgöra", "ingen skillnad större än ±{margin}", "tydlig ökning",
        "ej genomförd som planerat"]


def test_a_clear_fall_is_one_on_both_scales():
    told = sure((120, 60), (118, 121))
    assert (told.verdict, told.decided_by) == ("decrease", "ratio_and_difference")
    assert told.ratio.high < 1 and told.difference.high < 0
    assert told.n == 419 and codes(told) == []


def test_a_clear_rise_is_a_rise():
    assert sure((60, 120), (118, 121)).verdict == "increase"


def test_a_crime_that_halved_among_few_cannot_be_told():
    told = sure((20, 10), (20, 20))
    assert told.verdict == "cannot_tell" and told.smallest == smallest_detectable(Design(20, 20))
    assert any("inte att åtgärden saknade effekt" in limit.sv for limit in told.limits)


def test_no_difference_takes_a_whole_interval_inside_the_margin_and_is_never_concluded_from_too_little():
    many = sure((2000, 2010), (2100, 2090), margin=0.2)
    assert many.verdict == "no_difference" and many.ratio.low > 0.8 and many.ratio.high < 1.2
    assert many.verdict_text.sv == "ingen skillnad större än ±20\u00a0%"
    assert many.verdict_text.en == "no difference larger than ±20%"
    assert sure((20, 20), (20, 20)).verdict == "cannot_tell"


def test_any_count_below_five_is_decided_by_the_exact_ratio_alone():
    told = sure((30, 4), (30, 31))
    assert told.decided_by == "ratio" and "FEW_IN_A_CELL" in codes(told)
    assert told.verdict == "decrease" and told.ratio.high < 1
    assert sure((6, 1), (7, 6)).verdict == "cannot_tell"


def test_what_was_not_done_cannot_have_helped():
    told = evaluate((120, 60), (118, 121), as_planned=False)
    assert (told.verdict, told.decided_by, told.verdict_text.sv) == ("not_as_planned", "process", "ej genomförd som planerat")
    assert evaluate((120, 60), as_planned=False).verdict == "not_as_planned"


def test_without_a_control_nothing_is_concluded_and_the_e_test_is_marked():
    told = evaluate((120, 20), as_planned=True, chosen_for_bad_period=False)
    assert told.verdict == "cannot_tell" and told.uncontrolled.p < 1e-9
    assert codes(told) == ["NO_CONTROL"] and told.smallest is None
    assert "kontrollområde" in told.smallest_text.sv


# --- the surroundings ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("ring", "expected"), [((80, 140), "displacement"), ((120, 60), "diffusion"), ((80, 88), "cannot_tell")])
def test_the_surroundings_are_told_by_the_interval_of_their_own_difference(ring, expected):
    told = sure((120, 60), (118, 121), ring=ring, control_ring=(90, 90))
    assert told.displacement == expected
    assert (told.displaced.low > 0, told.displaced.high < 0) == (expected == "displacement", expected == "diffusion")
    assert told.net.estimate == pytest.approx(told.difference.estimate + told.displaced.estimate)


def test_few_in_the_ring_are_told_by_the_exact_ratio():
    told = sure((120, 60), (118, 121), ring=(2, 9), control_ring=(8, 3))
    assert told.displacement == ("displacement" if told.displaced_ratio.low > 1 else "cannot_tell")


def test_a_fall_that_may_have_moved_next_door_is_warned_of():
    told = sure((120, 60), (118, 121), ring=(80, 125), control_ring=(90, 90))
    assert told.verdict == "decrease" and "NET_UNCLEAR" in codes(told) and told.wdq < 0


def test_surroundings_not_looked_at_are_said_to_be_unknown():
    told = sure((120, 60), (118, 121))
    assert told.displacement is None and any("okänt" in limit.sv for limit in told.limits)
    assert sure((120, 60), (118, 121), ring=(80, 80), control_ring=(90, 90)).displacement_text == DISPLACEMENTS["cannot_tell"]


# --- what it could see, and doubts ---------------------------------------------------------------------------------------------

@settings(max_examples=25)
@given(COUNT, COUNT, COUNT, COUNT, COUNT)
def test_what_the_design_could_see_does_not_depend_on_what_came_after(t0, c0, t1, c1, other):
    first, second = sure((t0, t1), (c0, c1)), sure((t0, other), (c0, c1))
    assert first.smallest == second.smallest and first.verdict in VERDICTS
    assert first.verdict == "cannot_tell" or first.ratio.n > 0


def test_a_design_that_can_see_nothing_says_so():
    told = sure((3, 0), (4, 5))
    assert told.smallest is None and "inte ens om allt upphörde" in told.smallest_text.sv


def test_a_place_chosen_for_a_bad_year_is_asked_about_and_warned_of():
    known = evaluate((120, 60), (118, 121), as_planned=True, chosen_for_bad_period=True)
    assert codes(known) == ["SELECTED_BAD_YEAR"]
    assert codes(evaluate((120, 60), (118, 121))) == ["DONE_UNKNOWN", "ASK_BAD_YEAR"]


def test_an_unusual_period_before_is_seen_in_the_years_before_it():
    told = sure((60, 40), (58, 57), days=(365, 365), earlier=(80, 730))
    high = next(doubt for doubt in told.warnings if doubt.code == "HIGH_BEFORE")
    assert high.text.sv.startswith("Perioden före åtgärden hade 50\u00a0% fler") and "33\u00a0% färre" in high.text.sv
    assert codes(sure((60, 40), (58, 57), days=(365, 365), earlier=(115, 730))) == []


def test_a_control_of_another_level_is_warned_of():
    assert codes(sure((40, 30), (200, 190))) == ["CONTROL_UNLIKE"]
    assert codes(sure((40, 30), (200, 190), sizes=(1, 5, 1, 1))) == []


def test_longer_periods_and_larger_scatter_are_allowed_for():
    assert sure((200, 50), (200, 100), days=(2, 1)).difference.estimate == pytest.approx(-50)
    assert sure((120, 60), (118, 121), overdispersion=5).verdict == "cannot_tell"
    assert "OVERDISPERSED" in codes(sure((120, 60), (118, 121), overdispersion=5))


def test_an_answer_cannot_be_changed_afterwards():
    with pytest.raises(FrozenInstanceError):
        sure((120, 60), (118, 121)).verdict = "decrease"


@pytest.mark.parametrize("bad", [{"margin": 0}, {"ring": (1, 2)}, {"control": None, "ring": (1, 2), "control_ring": (1, 2)}, {"treated": (-3, 2)},
                                 {"days": (0, 1)}, {"sizes": (0, 1, 1, 1)}, {"overdispersion": -1}])
def test_what_cannot_be_evaluated_is_refused_in_words(bad):
    with pytest.raises(InputError):
        evaluate(**{"treated": (30, 20), "control": (30, 30), **bad})


@pytest.mark.slow
@pytest.mark.parametrize("mean", [2, 8, 30, 90])
def test_a_measure_without_effect_is_praised_at_most_one_time_in_forty(mean, monkeypatch):
    monkeypatch.setattr(evaluation, "smallest_detectable", lambda *_, **__: None)   # known before the result, and long to compute
    drawn = np.random.default_rng(11).poisson(mean, (2_000, 4)).tolist()
    praised = np.mean([evaluate((a, b), (c, d)).verdict == "decrease" for a, b, c, d in drawn])
    assert praised <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / 2_000)


@pytest.mark.slow
@pytest.mark.parametrize("mean", [20, 60])
def test_a_place_chosen_for_its_bad_year_is_praised_three_times_too_often_which_is_why_it_is_asked_about(mean):
    # the worst of twenty places, nothing done anywhere: measured 8 to 10 per cent "clear decreases" instead of 2.5 at most
    rng, rows = np.random.default_rng(5), np.arange(4_000)
    before, after, control, control_after = rng.poisson(mean, (4, 4_000, 20))
    earlier, worst = rng.poisson(3 * mean, (4_000, 20)), before.argmax(axis=1)
    praised = direction((before[rows, worst], after[rows, worst]), (control[rows, worst], control_after[rows, worst])) == -1
    assert 0.06 < praised.mean() < 0.12
    ratio, _, _, p = rate_ratio(before[rows, worst], earlier[rows, worst], 1.0, 3.0)
    assert ((ratio > evaluation.HIGH) & (p < evaluation.HIGH_P))[praised].mean() > 0.5     # most are seen in the years before as well


# ---- weighed by severity -------------------------------------------------------------------------------------------------------------------

HEAVY = {"severity": [3, 1]}     # counts are (heavy, light)


def test_weighted_events_are_judged_by_their_weight_with_the_plain_counts_beside():
    # as many events everywhere, but the heavy ones went: 60 × 3 + 60 → 10 × 3 + 110, control 240 → 240
    told = sure(([60, 60], [10, 110]), ([60, 60], [60, 60]), **HEAVY)
    assert (told.verdict, told.decided_by) == ("decrease", "weighted")
    assert told.counts == {"treated": (120, 120), "control": (120, 120)} and told.n == 480
    assert told.weighted == {"treated": (240.0, 140.0), "control": (240.0, 240.0)}
    assert told.difference.estimate == -100 and told.difference.se == pytest.approx(np.sqrt(9 * 190 + 290))
    assert told.ratio.ratio == pytest.approx(140 / 240) and {"WEIGHTED", "WEIGHTED_RATIO"} == set(codes(told))
    assert sure((120, 120), (120, 120)).verdict == "cannot_tell"


def test_weights_that_are_all_one_change_nothing_but_the_exactness():
    weighed, plain = sure(([120], [60]), ([118], [121]), severity=[1]), sure((120, 60), (118, 121))
    assert weighed.difference == plain.difference and weighed.verdict == plain.verdict
    # the usual interval of a logarithm of an odds ratio: 1/120 + 1/60 + 1/118 + 1/121
    reach = 1.959964 * np.sqrt(1 / 120 + 1 / 60 + 1 / 118 + 1 / 121)
    assert np.log([weighed.ratio.low, weighed.ratio.high]) == pytest.approx(np.log(0.5 * 118 / 121) + np.array([-reach, reach]), abs=1e-6)


def test_too_few_heavy_events_cannot_be_told_whatever_the_difference():
    told = sure(([2, 40], [0, 40]), ([2, 40], [0, 40]), severity=[1000, 1])
    assert told.verdict == "cannot_tell" and {"FEW_WEIGHTED", "ONE_EVENT_WEIGHS"} <= set(codes(told))
    rings = sure(([60, 60], [20, 60]), ([60, 60], [60, 60]), ring=([1, 9], [4, 9]), control_ring=([1, 9], [1, 9]), **HEAVY)
    assert rings.verdict == "decrease" and rings.displacement == "cannot_tell" and rings.displaced_ratio is not None and rings.wdq is None


def test_weighted_events_without_a_control_are_refused_in_words():
    with pytest.raises(Refusal) as refused:
        evaluate(([60, 60], [10, 110]), **HEAVY)
    assert refused.value.code == "WEIGHTED_COUNT" and refused.value.text.en.startswith("A weighted sum is not a count: The E-test")


@pytest.mark.parametrize(("weights", "shares"), [([3, 2, 1], [0.2, 0.4, 0.4]), ([100, 10, 1], [0.02, 0.3, 0.68])])
@pytest.mark.parametrize(("treated", "control", "town"), [(30, 30, 1.0), (100, 100, 1.0), (50, 400, 0.7)])
def test_where_nothing_was_done_a_weighted_verdict_is_as_seldom_as_it_should_be(weights, shares, treated, control, town):
    """Also where the control is eight times busier and the whole town calmer: there the weighted difference alone is wrong up to 94 times in 100."""
    rng = np.random.default_rng(6)
    t0, t1, c0, c1 = (rng.poisson(mean * np.array(shares), (4000, len(weights))) for mean in (treated, treated * town, control, control * town))
    assert (direction((t0, t1), (c0, c1), severity=weights) != 0).mean() <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 4000)


def test_what_a_weighted_design_can_see_is_that_of_a_simulation():
    design = Design(100, 110, severity=(3.0, 1.0), kinds=((40, 60), (50, 60)))
    rng = np.random.default_rng(7)
    t0, t1, c0, c1 = (rng.poisson(means, (20_000, 2)) for means in ([40, 60], [20, 30], [50, 60], [50, 60]))
    assert power(design, -0.5) == pytest.approx((direction((t0, t1), (c0, c1), severity=(3, 1)) == -1).mean(), abs=0.012)
    assert sure(([40, 60], [20, 30]), ([50, 60], [50, 60]), **HEAVY).smallest == smallest_detectable(design)
    with pytest.raises(InputError):
        Design(100, 110, severity=(3.0, 1.0), kinds=((40, 61), (50, 60)))
