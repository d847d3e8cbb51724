"""Difference in differences, against statsmodels, by hand and by simulation."""
from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_safety.analysis.difference import did, event_study
from geo_safety.errors import InputError


def panel(table, treated, start=6) -> pd.DataFrame:
    """Counts (places, steps) as rows."""
    table = np.asarray(table)
    units, steps = table.shape
    return pd.DataFrame({"area": np.repeat(np.arange(units), steps), "step": np.tile(np.arange(steps), units), "incidents": table.ravel(),
                         "treated": np.repeat(np.arange(units) < treated, steps)})


def drawn(rng, units=20, steps=12, start=6, treated=1, effect=1.0, mean=8.0, scatter=0.0):
    level = rng.gamma(4, mean / 4, (units, 1)) * (1 + 0.4 * np.sin(np.arange(steps)))[None, :]
    level[:treated, start:] *= effect
    if scatter:
        level = level * rng.gamma(1 / scatter, scatter, level.shape)
    return panel(rng.poisson(level), treated)


def test_the_ratio_is_that_of_the_four_sums():
    told = did(panel([[10, 12, 8, 6], [20, 22, 30, 28], [5, 5, 5, 7]], 1), start=2, seed=1)
    assert told.ratio == pytest.approx((14 / 22) / (70 / 52))
    assert (told.units, told.treated_units, told.steps, told.n) == (3, 1, (2, 2), 158)


@pytest.mark.parametrize("family", ["poisson", "negative_binomial"])
def test_the_ratio_equals_statsmodels(family):
    data = drawn(np.random.default_rng(2), scatter=0.3, treated=5)
    ours = did(data, start=6, family=family, inference="jackknife")
    columns = pd.concat([((data["treated"]) & (data["step"] >= 6)).rename("did"), pd.get_dummies(data["area"], prefix="a"),
                         pd.get_dummies(data["step"], prefix="s", drop_first=True)], axis=1).astype(float)
    law = sm.families.Poisson() if family == "poisson" else sm.families.NegativeBinomial(alpha=ours.alpha)
    theirs = sm.GLM(data["incidents"], columns, family=law).fit(tol=1e-12)
    assert ours.ratio == pytest.approx(np.exp(theirs.params["did"]), rel=1e-6)
    by_cluster = sm.GLM(data["incidents"], columns, family=law).fit(cov_type="cluster", cov_kwds={"groups": data["area"].to_numpy()})
    error = (np.log(ours.high) - np.log(ours.low)) / 2 / 2.0930240544   # t with 19 degrees of freedom
    assert 0.95 < error / by_cluster.bse["did"] < 1.3   # the usual errors by cluster are too small


def test_few_places_are_held_against_placebos_and_the_smallest_p_is_said():
    few = did(drawn(np.random.default_rng(3), units=8, effect=0.3), start=6, seed=1)
    assert (few.inference, few.placebos) == ("placebo", 7)
    assert few.p >= 1 / 8 and (few.low, few.high) == (0, np.inf)
    doubt = next(doubt for doubt in few.warnings if doubt.code == "FEW_CLUSTERS")
    assert "0,12" in doubt.text.sv or "0,13" in doubt.text.sv


def test_a_strong_effect_among_many_places_is_found():
    told = did(drawn(np.random.default_rng(4), units=40, treated=2, effect=0.4), start=6, seed=1)
    assert told.inference == "placebo" and told.p < 0.05 and told.high < 1
    assert told.ratio == pytest.approx(0.4, abs=0.15)


def test_many_places_are_left_out_one_at_a_time():
    assert did(drawn(np.random.default_rng(5), units=45, treated=15), start=6).inference == "jackknife"


def test_a_seed_gives_the_same_answer():
    data = drawn(np.random.default_rng(6), units=30, treated=3)
    assert did(data, start=6, seed=9, n_perm=199) == did(data, start=6, seed=9, n_perm=199)


@settings(max_examples=15)
@given(st.permutations(range(48)))
def test_the_order_of_the_rows_does_not_matter(order):
    data = drawn(np.random.default_rng(7), units=4, treated=1)
    told, mixed = (did(frame, start=6, seed=1) for frame in (data, data.iloc[list(order)]))
    assert told == mixed


def test_courses_that_differ_before_the_start_are_warned_of():
    rising = np.array([2, 6, 10, 16, 22, 30, 30, 30, 30, 30, 30, 30])
    told = did(panel([rising, *[[15] * 12] * 20], 1), start=6, seed=1)
    assert told.p_parallel < 0.01 and "TRENDS_APART" in [doubt.code for doubt in told.warnings]


def test_the_course_for_the_plot_is_held_against_the_other_steps_before():
    study = event_study(panel([[10, 10, 10, 5], [20, 20, 20, 20]], 1), start=3)
    assert study["after"].tolist() == [False, False, False, True]
    np.testing.assert_allclose(study["ratio"], [1, 1, 1, 0.5], rtol=0.02)   # the exact ratio is drawn a little towards 1
    assert ((study["low"] < study["ratio"]) & (study["ratio"] < study["high"])).all()


def test_places_and_steps_without_events_say_nothing():
    with_empty = panel([[10, 12, 0, 8, 6], [20, 22, 0, 30, 28], [0] * 5], 1)
    told = did(with_empty, start=3, seed=1)
    assert told.units == 2 and told.steps == (2, 2)


def broken(change) -> pd.DataFrame:
    data = panel([[10, 12, 8, 6], [20, 22, 30, 28]], 1)
    return change(data)


@pytest.mark.parametrize("change", [
    lambda d: d.drop(columns="treated"), lambda d: d.iloc[1:], lambda d: pd.concat([d, d.iloc[:1]]),
    lambda d: d.assign(incidents=d["incidents"] + 0.5), lambda d: d.assign(incidents=-d["incidents"]),
    lambda d: d.assign(treated=(d["area"] == 0) & (d["step"] > 1)), lambda d: d.assign(incidents=np.where(d["treated"] & (d["step"] > 1), 0, d["incidents"]))])
def test_a_table_that_cannot_be_used_is_refused_in_words(change):
    with pytest.raises(InputError) as refused:
        did(broken(change), start=2)
    assert refused.value.text.sv.endswith(".")


def test_one_treated_place_cannot_be_left_out():
    with pytest.raises(InputError, match="placebo"):
        did(panel([[1, 2], [3, 4], [3, 4]], 1), start=1, inference="jackknife")


def test_an_unknown_family_is_refused():
    with pytest.raises(InputError):
        did(panel([[1, 2], [3, 4]], 1), start=1, family="normal")


@pytest.mark.slow
@pytest.mark.parametrize(("units", "treated", "scatter"), [(25, 1, 0.0), (25, 3, 0.3), (60, 15, 0.3)])
def test_places_where_nothing_was_done_are_called_changed_at_most_one_time_in_twenty(units, treated, scatter):
    stable = [drawn(np.random.default_rng(i), units=units, treated=treated, scatter=scatter, steps=8, start=4, mean=20) for i in range(400)]
    false = np.mean([did(data, start=4, seed=i, n_perm=199).p < 0.05 for i, data in enumerate(stable)])
    assert false < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400), false
