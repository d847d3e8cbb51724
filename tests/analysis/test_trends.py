from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from geo_safety.analysis.grids import make_grid
from geo_safety.analysis.trends import TRENDS, change, change_between, same_season
from geo_safety.errors import InputError


def incidents(cells, times=None, crs=3006):
    """Incidents in the middle of cells of 250 m, given as (column, row)."""
    place = gpd.points_from_xy([250 * c + 125 for c, _ in cells], [250 * r + 125 for _, r in cells])
    return gpd.GeoDataFrame({"occurred_from": times} if times is not None else {}, geometry=place, crs=crs)


def strip(cells: int, **columns) -> gpd.GeoDataFrame:
    return make_grid(shapely.box(0, 0, 250 * cells, 250), crs=3006).assign(**columns)


def of_counts(*counts):
    """As many incidents in each cell of a strip."""
    return incidents([(cell, 0) for cell, number in enumerate(counts) for _ in range(number)])


@pytest.mark.shared
def test_counts_and_differences_equal_sfhotspot(shared):
    expected = pd.read_csv(shared / "oracles/hotspot_change/expected.csv")
    table = pd.read_csv(shared / "oracles/hotspot_change/points.csv")
    x, y = (expected[c].to_numpy() for c in ("cx", "cy"))
    grid = gpd.GeoDataFrame({"row": np.rint((y - y.min()) / 500).astype(int), "column": np.rint((x - x.min()) / 500).astype(int)},
                            geometry=shapely.box(x - 250, y - 250, x + 250, y + 250), crs=32615)
    robberies = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["x"], table["y"]), crs=32615)
    ours = change(robberies, grid, "2019-07-01", time="time")
    for column, theirs in (("incidents", "n_after"), ("incidents_before", "n_before"), ("difference", "change")):
        np.testing.assert_array_equal(ours[column], expected[theirs])


@pytest.mark.shared
def test_the_peer_shows_differences_of_which_none_is_beyond_chance(shared):
    # sfhotspot gives the difference alone; 13 robberies against 8 looks like a trend until the interval stands beside it
    expected = pd.read_csv(shared / "oracles/hotspot_change/expected.csv")
    grid = strip(len(expected))
    ours = change_between(of_counts(*expected["n_after"]), of_counts(*expected["n_before"]), grid, days=184, days_before=181)
    assert expected["change"].abs().max() >= 7
    assert set(ours["trend"]) == {"unclear", "empty"}


def test_seven_after_twelve_may_be_a_fall_by_four_fifths_or_a_rise_by_three():
    cell = change_between(of_counts(7), of_counts(12), strip(1), days=365, days_before=365).iloc[0]
    assert (cell["incidents"], cell["incidents_before"], cell["difference"]) == (7, 12, -5)
    assert cell["ratio"] == pytest.approx(7 / 12)
    assert (round(100 * (cell["ratio_low"] - 1)), round(100 * (cell["ratio_high"] - 1))) == (-81, 61)
    assert cell["p"] == pytest.approx(stats.binomtest(7, 19, 0.5).pvalue)
    assert cell["trend"] == "unclear"


def test_periods_of_unequal_length_are_compared_per_day():
    cell = change_between(of_counts(30), of_counts(10), strip(1), days=90, days_before=30).iloc[0]
    assert cell["ratio"] == pytest.approx(1) and cell["p"] > 0.9
    assert cell["trend"] == "unclear" and cell["difference"] == 20


def test_a_side_is_named_by_the_rate_not_by_the_count():
    cell = change_between(of_counts(60), of_counts(50), strip(1), days=300, days_before=30).iloc[0]
    assert cell["trend"] == "decrease_99" and cell["difference"] == 10


def test_without_incidents_before_there_is_no_ratio_but_a_lower_end():
    cell = change_between(of_counts(9), of_counts(0), strip(1), days=10, days_before=10).iloc[0]
    assert np.isnan(cell["ratio"]) and np.isnan(cell["ratio_high"])
    assert cell["ratio_low"] > 1 and cell["p"] == pytest.approx(2 / 2**9) and cell["trend"] == "increase_99"


def test_cells_without_incidents_in_either_period_are_no_tests():
    told = change_between(of_counts(0, 11, 0, 5), of_counts(0, 1, 0, 5), strip(4), days=1, days_before=1)
    assert told["p"].isna().tolist() == [True, False, True, False]
    assert told["trend"].tolist() == ["empty", "increase_95", "empty", "unclear"]
    assert told["p_adjusted"].iloc[1] == pytest.approx(2 * told["p"].iloc[1])


def test_cells_that_are_not_tested_say_their_counts_and_nothing_more():
    told = change_between(of_counts(30, 3), of_counts(1, 3), strip(2, tested=[False, True]), days=1, days_before=1)
    assert told["trend"].tolist() == ["left_out", "unclear"]
    assert told["incidents"].tolist() == [30, 3] and np.isnan(told["p"].iloc[0]) and np.isnan(told["ratio_low"].iloc[0])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8), st.integers(20, 400), st.integers(20, 400))
def test_turning_the_periods_round_turns_the_trend_round(pairs, days, days_before):
    after, before = zip(*pairs, strict=True)
    here = change_between(of_counts(*after), of_counts(*before), strip(len(pairs)), days=days, days_before=days_before)
    back = change_between(of_counts(*before), of_counts(*after), strip(len(pairs)), days=days_before, days_before=days)
    np.testing.assert_allclose(here["p"], back["p"])
    assert here["difference"].tolist() == (-back["difference"]).tolist()
    turned = {name: name.replace("increase", "x").replace("decrease", "increase").replace("x", "decrease") for name in TRENDS}
    assert here["trend"].tolist() == [turned[name] for name in back["trend"]]


def test_the_split_belongs_to_the_later_period_and_the_end_to_none():
    times = ["2025-01-01", "2025-03-31 23:59", "2025-04-01", "2025-06-30 12:00", "2025-07-01"]
    told = change(incidents([(0, 0)] * 5, times), strip(1), "2025-04-01", start="2025-01-01", end="2025-07-01").iloc[0]
    assert (told["incidents"], told["incidents_before"]) == (2, 2)


def test_without_ends_the_periods_reach_from_the_first_day_to_the_last():
    told = change(incidents([(0, 0)] * 3, ["2025-01-01 08:00", "2025-01-11 05:00", "2025-01-20 23:00"]), strip(1), "2025-01-11").iloc[0]
    assert told["ratio"] == pytest.approx(2)  # ten days each


def test_a_change_of_clocks_adds_no_day():
    times = pd.to_datetime(["2025-03-25", "2025-04-05"]).tz_localize("Europe/Stockholm")  # the clocks go forward on 30 March
    told = change(incidents([(0, 0)] * 2, times), strip(1), "2025-04-01", start="2025-03-25", end="2025-04-08").iloc[0]
    assert told["ratio"] == pytest.approx(1)


@pytest.mark.parametrize(("split", "column", "message"), [("2030-01-01", "occurred_from", "does not lie between"), ("2025-01-02", "when", "no column when")])
def test_a_split_that_parts_nothing_is_refused_in_words(split, column, message):
    with pytest.raises(InputError, match=message):
        change(incidents([(0, 0)] * 2, ["2025-01-01", "2025-01-03"]), strip(1), split, time=column)


def test_a_time_that_cannot_be_read_is_named():
    with pytest.raises(InputError, match="last Friday in the column occurred_from is no time"):
        change(incidents([(0, 0)] * 2, ["2025-01-01", "last Friday"]), strip(1), "2025-01-02")


def test_incidents_without_any_time_are_refused():
    with pytest.raises(InputError, match="No incident has a time"):
        change(incidents([(0, 0)], [None]), strip(1), "2025-01-01")


@pytest.mark.parametrize(("period", "before", "alike"), [
    ((date(2025, 1, 1), date(2026, 1, 1)), (date(2024, 1, 1), date(2025, 1, 1)), True),      # a leap day
    ((date(2025, 6, 1), date(2025, 9, 1)), (date(2024, 6, 1), date(2024, 9, 1)), True),
    ((date(2025, 6, 1), date(2025, 9, 1)), (date(2025, 3, 1), date(2025, 6, 1)), False),
    ((date(2025, 1, 1), date(2026, 1, 1)), (date(2024, 7, 1), date(2025, 1, 1)), False),     # a year against half a year
    ((date(2024, 1, 1), date(2026, 1, 1)), (date(2023, 1, 1), date(2024, 1, 1)), True),      # two years against one
])
def test_seasons_are_alike_when_the_same_months_are_covered(period, before, alike):
    assert same_season(period, before) is alike


@pytest.mark.slow
@pytest.mark.parametrize("mean", [0.005, 0.1, 1, 10])
def test_where_nothing_changed_but_much_is_clustered_hardly_a_map_shows_a_change(mean):
    """Stable clusters: the mean of a cell is gamma distributed, the same in both periods; unequal periods."""
    rng = np.random.default_rng(11)
    grid = strip(400)
    x, y = grid.geometry.centroid.x.to_numpy(), grid.geometry.centroid.y.to_numpy()
    alarms = 0
    for _ in range(150):
        truth = rng.gamma(0.3, mean / 0.3, 400)
        after, before = (gpd.GeoSeries(gpd.points_from_xy(np.repeat(x, n), np.repeat(y, n)), crs=3006)
                         for n in (rng.poisson(truth), rng.poisson(truth / 2)))
        alarms += bool((change_between(after, before, grid, days=366, days_before=183)["p_adjusted"] < 0.05).any())
    assert alarms / 150 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)
