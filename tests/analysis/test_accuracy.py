from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from geo_safety.analysis.accuracy import pai_table
from geo_safety.errors import InputError

pytestmark = pytest.mark.filterwarnings("error")


def last_of_equals(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the peer's table after which the ranking value falls: there its order among equals no longer matters."""
    return table[table["Pred"].diff(-1).fillna(1) > 0]


@pytest.mark.shared
def test_pai_and_pei_of_memphis_equal_ptools_where_the_ranking_value_changes(shared):
    cells = pd.read_csv(shared / "oracles/pai/input.csv")
    theirs = last_of_equals(pd.read_csv(shared / "oracles/pai/expected_by_kde.csv"))
    assert len(theirs) > 2000
    ours = pai_table(cells["kde"], cells["obs"], cells["area"], at=theirs["PCumArea"])
    for column, peer in (("hits", "CumCount"), ("hit_rate", "PCumCount"), ("pai", "PAI"), ("pei", "PEI")):
        np.testing.assert_allclose(ours[column], theirs[peer], rtol=1e-10)
    np.testing.assert_allclose(ours["calibration"], theirs["RRI"], rtol=1e-10)  # ptools' RRI is earlier to later, not Levine's


@pytest.mark.shared
def test_the_readme_example_of_ptools_comes_out_alike_but_for_the_equals(shared):
    theirs = pd.read_csv(shared / "oracles/pai/expected_readme_example.csv")
    cells = theirs.sort_values("id")
    ours = pai_table(cells["Pred"], cells["Count"], cells["Area"], at=theirs["PCumArea"])
    same = last_of_equals(theirs).index
    np.testing.assert_allclose(ours.loc[same, ["pai", "pei"]], theirs.loc[same, ["PAI", "PEI"]], rtol=1e-10)
    # the peer puts the one with fewest later incidents first among equals (3 before 7): 9 hits where drawing lots gives 6 + 5
    assert theirs["CumCount"].iloc[1] == 9 and ours["hits"].iloc[1] == pytest.approx(11)
    assert ours["by_lot"].tolist() == pytest.approx([0, 0.5, 0, 0, 0, 0])


def test_by_hand():
    # ten cells of equal size: the first had 6 of 12 incidents and got 5 of 20 later; the best single cell later had 8
    told = pai_table([6, 2, 1, 1, 1, 1, 0, 0, 0, 0], [5, 8, 3, 1, 1, 1, 1, 0, 0, 0], np.ones(10), at=(0.1, 0.2)).iloc[0]
    assert (told["hits"], told["hit_rate"], told["pai"], told["pei"]) == (5, 0.25, 2.5, 5 / 8)
    assert told["recapture_rate"] == (5 / 20) / (6 / 12) and told["calibration"] == 6 / 5
    exact = stats.binomtest(5, 20).proportion_ci(0.95, method="exact")
    assert (told["hit_rate_low"], told["hit_rate_high"]) == pytest.approx((exact.low, exact.high))
    assert told["pai_low"] == pytest.approx(10 * exact.low)


def test_where_nothing_tells_places_apart_the_hotspots_are_no_better_than_lots():
    told = pai_table(np.ones(50), np.r_[30, np.zeros(49)], np.ones(50), at=(0.01, 0.1, 1))
    np.testing.assert_allclose(told["pai"], 1)
    assert told["by_lot"].tolist() == [1, 1, 0]


def test_neither_hits_nor_a_past_make_numbers_that_are_none():
    told = pai_table([5, 1, 0, 0], [0, 0, 0, 4], np.ones(4), at=(0.25, 1)).iloc[0]
    assert told["hits"] == told["pai"] == told["pei"] == told["recapture_rate"] == 0 and np.isnan(told["calibration"])
    assert told["hit_rate_low"] == 0 and told["hit_rate_high"] == pytest.approx(stats.binomtest(0, 4).proportion_ci(0.95, "exact").high)


def test_a_long_street_is_ranked_by_what_happened_per_metre():
    told = pai_table([10, 9], [2, 8], [1000, 100], at=(100 / 1100,)).iloc[0]
    assert told["hits"] == 8 and told["pai"] == pytest.approx(8.8) and told["pei"] == 1


def test_weeks_that_hang_together_make_the_interval_wider():
    rng = np.random.default_rng(1)
    past = np.r_[20, np.ones(19)]
    even = rng.multinomial(4, np.r_[0.4, np.full(19, 0.6 / 19)], 26)
    lumps = np.where(np.arange(26)[:, None] % 5 == 0, np.r_[20, np.zeros(19)], rng.multinomial(3, np.full(20, 0.05), 26))
    for weeks, wider in ((even, False), (lumps, True)):
        by_week, alone = (pai_table(past, later, np.ones(20), at=(0.05,), seed=1).iloc[0] for later in (weeks, weeks.sum(axis=0)))
        assert by_week["hit_rate"] == pytest.approx(alone["hit_rate"])
        width = [row["hit_rate_high"] - row["hit_rate_low"] for row in (by_week, alone)]
        assert bool(width[0] > 1.5 * width[1]) is wider


def test_weighted_incidents_have_an_interval_by_weeks_only():
    weights = np.random.default_rng(2).uniform(0, 3, (12, 4))
    assert pai_table([3, 2, 1, 0], weights.sum(axis=0), np.ones(4), at=(0.25,))[["pai_low", "pai_high"]].isna().all(axis=None)
    assert pai_table([3, 2, 1, 0], weights, np.ones(4), at=(0.25,), seed=1)[["pai_low", "pai_high"]].notna().all(axis=None)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.sampled_from([0.5, 1.0, 2.0])), min_size=2, max_size=25), st.floats(0.01, 1))
def test_the_order_of_rows_never_matters_and_no_ranking_beats_the_best(rows, share):
    past, later, area = map(np.array, zip(*rows, strict=True))
    if not past.sum() or not later.sum():
        return
    told, turned = (pai_table(past[order], later[order], area[order], at=(share, 1)) for order in (slice(None), slice(None, None, -1)))
    pd.testing.assert_frame_equal(told, turned, rtol=1e-9)
    assert told["pei"].between(0, 1 + 1e-9).all() and told["hits"].iloc[1] == pytest.approx(later.sum()) and told["pai"].iloc[1] == pytest.approx(1)


@pytest.mark.parametrize(("change", "message"), [
    ({"past": [1, np.nan]}, "must be known"), ({"later": [1, -2]}, "not below 0"), ({"area": [1, 0]}, "area above 0"),
    ({"area": [1]}, "one number for each place"), ({"later": [0, 0]}, "Both periods must have incidents"), ({"past": [0, 0]}, "Both periods"),
    ({"at": (0, 0.1)}, "Shares of the area"), ({"past": [], "later": [], "area": []}, "at least one place")])
def test_a_question_that_cannot_be_answered_is_refused_in_words(change, message):
    with pytest.raises(InputError, match=message):
        pai_table(**{"past": [1, 2], "later": [3, 4], "area": [1, 1]} | change)


def test_weights_that_are_whole_numbers_are_no_counts():
    past, later, area = np.arange(1, 101), np.full(100, 3.0), np.ones(100)
    plain, weighed = (pai_table(past, later, area, at=(0.1,), weighted=weighted).iloc[0] for weighted in (False, True))
    assert weighed["pai"] == plain["pai"] == 1 and np.isfinite(plain["pai_low"])
    assert np.isnan(weighed["pai_low"]) and np.isnan(weighed["hit_rate_high"])
    by_week = pai_table(past, np.random.default_rng(1).poisson(1, (20, 100)) * 3.0, area, at=(0.1,), weighted=True, seed=1).iloc[0]
    assert by_week["pai_low"] < by_week["pai"] < by_week["pai_high"]
