from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_safety.analysis.concentration import concentration, gini, lorenz
from geo_safety.errors import InputError

pytestmark = pytest.mark.filterwarnings("error")
COUNTS = st.lists(st.integers(0, 30), min_size=2, max_size=40).filter(any)


def cases(shared):
    return json.loads((shared / "oracles/gini/cases.json").read_text())


@pytest.mark.shared
@pytest.mark.parametrize("name", ["memphis_500m", "memphis_jan_sparse", "tiny", "tiny2", "dense"])
@pytest.mark.parametrize(("key", "how"), [
    ("gini_biased", {}), ("gini_unbiased", {"normalise": True}), ("gini_generalized_biased", {"generalised": True}),
    ("gini_generalized", {"generalised": True, "normalise": True})])
def test_ginis_equal_those_of_lorenzgini_in_r(shared, name, key, how):
    case = cases(shared)[name]
    assert gini(case["counts"], **how) == pytest.approx(case[key], rel=1e-12, abs=1e-15)


@pytest.mark.shared
def test_a_plain_gini_of_thin_data_calls_chance_concentration(shared):
    # 206 robberies over 960 cells: Gini 0.84 sounds extreme, but chance alone gives 0.81; the generalised 0.23 stands above a band of its own
    told = concentration(cases(shared)["memphis_jan_sparse"]["counts"], seed=1).set_index("measure")
    assert told.loc["gini", "value"] == pytest.approx(0.836, abs=0.001) and told.loc["gini", "chance_low"] > 0.8
    assert told.loc["gini_generalised", "value"] == pytest.approx(0.234, abs=0.001)
    assert told.loc["gini_generalised", "excess"] < 0.1
    assert (told["low"] <= told["value"]).all() and (told["value"] <= told["high"]).all()


@pytest.mark.shared
def test_a_year_of_robberies_is_more_concentrated_than_chance(shared):
    told = concentration(cases(shared)["memphis_500m"]["counts"], seed=1).set_index("measure")
    assert (told["p"] == 0.001).all() and (told["incidents"] == 2245).all() and (told["places"] == 3302).all()
    assert told.loc["gini_generalised", "excess"] > 0.2 and told.loc["places_50", "excess"] < -0.08


@pytest.mark.parametrize(("per_place", "by_chance"), [(0.1, 0.09), (0.5, 0.35), (1, 0.52), (2, 0.39)])
def test_the_generalised_gini_of_mere_chance_is_not_zero(per_place, by_chance):
    counts = np.random.default_rng(1).multinomial(int(1000 * per_place), np.full(1000, 1e-3))
    told = concentration(counts, normalise=False, n_sim=199, n_boot=19, seed=1).set_index("measure").loc["gini_generalised"]
    assert told["chance"] == pytest.approx(by_chance, abs=0.015)


def test_shares_of_places_by_hand():
    # 20 incidents: 8, 5, 3, 2, 1, 1 and four empty places. A quarter (5) lies at one place of ten, half (10) at two, all at six
    told = concentration([0, 3, 1, 8, 0, 5, 1, 2, 0, 0], shares=(0.25, 0.5, 1), n_sim=99, n_boot=99, seed=1)
    assert told["measure"].tolist() == ["gini", "gini_generalised", "places_25", "places_50", "places_100"]
    assert told["value"].tolist()[2:] == [0.1, 0.2, 0.6]


def test_exactly_half_is_half_although_the_share_has_no_exact_number():
    assert concentration([3, 3, 2, 2], shares=(0.3,), n_sim=19, n_boot=19, seed=1)["value"].iloc[-1] == 0.25


def test_with_an_exposure_a_long_street_may_hold_much_by_chance():
    counts = np.r_[300, np.ones(30, int)]
    alike, by_length = (concentration(counts, exposure=metres, n_sim=199, n_boot=19, seed=1).set_index("measure")
                        for metres in (None, np.r_[3000, np.full(30, 10)]))
    assert alike.loc["gini", "p"] == 0.005 and by_length.loc["gini", "p"] > 0.2
    assert by_length.loc["gini", "chance"] > alike.loc["gini", "chance"]


@given(COUNTS)
def test_a_gini_lies_between_an_even_spread_and_a_single_place(counts):
    for generalised in (False, True):
        assert -1e-12 <= gini(counts, generalised=generalised, normalise=True) <= 1 + 1e-12
    assert gini([0] * len(counts) + [sum(counts)], generalised=True, normalise=True) == pytest.approx(1 if sum(counts) > 1 else 0)


@given(COUNTS)
def test_the_order_of_places_and_doubling_every_count_do_not_change_a_plain_gini(counts):
    assert gini(counts[::-1]) == pytest.approx(gini(counts)) == pytest.approx(gini([2 * count for count in counts]))


@given(COUNTS)
def test_a_lorenz_curve_rises_from_nothing_to_all_and_never_below_the_even_spread(counts):
    told = lorenz(counts, n_sim=19, seed=1)
    assert told.iloc[0].tolist() == [0] * 5 and told.iloc[-1].tolist() == [1] * 5
    assert (told.diff().iloc[1:] >= -1e-12).all(axis=None)
    assert (told["incidents_share"] >= told["even"] - 1e-12).all() and (told["chance_low"] >= told["even"] - 1e-12).all()


def test_twice_the_area_above_the_diagonal_of_a_lorenz_curve_is_the_gini():
    counts = np.random.default_rng(2).poisson(2, 150)
    told = lorenz(counts, n_sim=19, seed=1)
    area = np.trapezoid(told["incidents_share"], told["places_share"])
    assert 2 * area - 1 == pytest.approx(gini(counts))


def test_many_places_are_simulated_in_parts():
    counts = np.random.default_rng(3).poisson(0.2, 60_000)
    told = lorenz(counts, n_sim=99, seed=1)
    assert len(told) == 201 and ((told["incidents_share"] - told["chance_high"]).max() < 0.01)


def test_the_same_seed_gives_the_same_answer():
    one, same = (concentration([5, 1, 0, 0, 2], n_sim=99, n_boot=99, seed=4) for _ in range(2))
    pd.testing.assert_frame_equal(one, same)


def test_one_incident_or_one_place_is_no_concentration():
    for counts in ([0, 1, 0], [7]):
        told = concentration(counts, n_sim=19, n_boot=19, seed=1)
        assert (told["p"] == 1).all() and np.isfinite(told.drop(columns="measure")).all(axis=None)
        assert told["value"].iloc[1] == pytest.approx(0)


@pytest.mark.parametrize(("change", "message"), [
    ({"counts": [1, np.nan]}, "known whole numbers"), ({"counts": [1, -1]}, "known whole numbers"), ({"counts": [0.5, 2]}, "not weighted sums"),
    ({"counts": [0, 0]}, "no incidents at any place"), ({"counts": []}, "no incidents"), ({"shares": (0, 0.5)}, "Shares lie above 0"),
    ({"exposure": [1, 2]}, "known for each place"), ({"exposure": [0, 0, 0]}, "not 0 everywhere"), ({"n_sim": 5}, "At least 19")])
def test_a_question_that_cannot_be_answered_is_refused_in_words(change, message):
    with pytest.raises(InputError, match=message):
        concentration(**{"counts": [1, 2, 3]} | change)


def test_the_curve_of_weighted_incidents_is_that_of_their_weight_and_its_band_of_whole_incidents():
    # 4 places; weights 3 × (2, 0, 0, 0) and 1 × (0, 2, 1, 1): 6, 2, 1, 1 of 10
    kinds = np.array([[2, 0, 0, 0], [0, 2, 1, 1]])
    told = lorenz(kinds, severity=[3, 1], n_sim=2000, seed=1)
    assert told["incidents_share"].tolist() == pytest.approx([0, 0.6, 0.8, 0.9, 1.0]) and told["even"].tolist() == [0, 0.25, 0.5, 0.75, 1]
    # two heavy ones fall at one place one time in four, and then hold at least six tenths
    assert told["chance_high"].iloc[1] >= 0.6
    alone = lorenz(kinds.sum(axis=0), n_sim=2000, seed=1)
    same = lorenz(kinds.sum(axis=0)[None], severity=[7.0], n_sim=2000, seed=1)
    assert np.allclose(alone["incidents_share"], same["incidents_share"]) and np.allclose(alone["chance_high"], same["chance_high"])
    with pytest.raises(InputError, match="not all 0"):
        lorenz(np.array([[2, 0], [0, 0]]), severity=[0, 1])
