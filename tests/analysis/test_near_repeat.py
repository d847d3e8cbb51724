from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist

from geo_safety.analysis import near_repeat as module
from geo_safety.analysis.near_repeat import near_repeat, near_repeat_and_facts
from geo_safety.errors import InputError

pytestmark = pytest.mark.filterwarnings("error")
KEY = ["distance_from_m", "days_from"]
DEFAULTS = {"distance_bands_m": (0, 1, 100, 200), "time_bands_days": (0, 8, 15), "metric": "euclidean", "n_perm": 19, "seed": 1, "time": "occurred_from"}


def incidents(x, y, days, *, crs=3006, **columns):
    """Incidents at x, y on days counted from 2025-01-01."""
    times = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.asarray(days), unit="D")
    return gpd.GeoDataFrame({"occurred_from": times, **columns}, geometry=gpd.points_from_xy(x, y), crs=crs)


def arson(shared, metric):
    """The peer's input, and its answer by the lower ends of the bands."""
    table = pd.read_csv(shared / f"oracles/near_repeat/input_arson_{metric}.csv")
    answer = pd.read_csv(shared / f"oracles/near_repeat/expected_arson_{metric}.csv")
    for column, name in zip(KEY, ("space_bin", "time_bin"), strict=True):
        answer[column] = answer[name].str.extract(r"\[([\d.]+);")[0].astype(float)
    return incidents(table["x"], table["y"], table["day"]), answer


@pytest.mark.shared
@pytest.mark.parametrize(("metric", "name", "metres", "days"), [
    ("euclidean", "euclid", (0, 100, 200, 400, 800), (0, 1, 7, 14, 28)),
    ("manhattan", "manhattan", (0, 0.1, 100, 200, 300, 400), (0, 2, 4, 7, 14))])
def test_pairs_equal_near_repeat_in_r_and_its_means_and_p_lie_around_ours(shared, metric, name, metres, days):
    points, theirs = arson(shared, name)
    ours = near_repeat(points, distance_bands_m=metres, time_bands_days=days, metric=metric, n_perm=1999, seed=1)
    both = ours.merge(theirs, on=KEY, suffixes=("", "_peer"))
    assert len(both) == len(ours) == len(theirs)
    np.testing.assert_array_equal(both["pairs"], both["observed"])
    assert (np.abs(both["expected"] - both["sim_mean"]) <= 3 * both["sim_sd"] / np.sqrt(199)).all()
    assert (np.abs(both["p"] - both["p_peer"]) <= 4 * np.sqrt(both["p"] * (1 - both["p"]) / 199) + 0.005).all()


@pytest.mark.shared
def test_the_peer_gives_an_infinite_ratio_where_a_few_pairs_are_more_than_the_expected_tenth(shared):
    # NearRepeat's knox_ratio_median divides by the median of the permutations, which is 0 in most of the bands that matter
    points, theirs = arson(shared, "euclid")
    assert np.isinf(theirs["knox_ratio_median"]).sum() >= 3
    ours = near_repeat(points, distance_bands_m=(0, 100, 200, 400, 800), time_bands_days=(0, 1, 7, 14, 28), n_perm=19, seed=1)
    assert np.isfinite(ours["ratio"]).all()
    assert ours["ratio"].iloc[0] == pytest.approx(6 / ours["expected"].iloc[0]) and ours["expected"].iloc[0] == pytest.approx(0.1, abs=0.001)


@pytest.mark.shared
def test_pairs_equal_those_of_ratcliffes_calculator_for_chicago(shared):
    # Near Repeat Calculator 1.3: along the streets, coordinates to 0.1 m, distances with and days (7, 14, 21) without their upper end
    table = pd.read_csv(shared / "data/near_repeat_chicago/chicago_be_month1.csv", names=["x", "y", "day"], parse_dates=["day"])
    points = gpd.GeoDataFrame({"day": table["day"]}, geometry=gpd.points_from_xy(table["x"].round(1), table["y"].round(1)), crs=26916)
    ours = near_repeat(points, distance_bands_m=(0, 0.05, 100.05, 200.05, 300.05, 1e6), time_bands_days=(0, 7, 14, 21, 10_000),
                       metric="manhattan", n_perm=99, seed=1, time="day")
    assert ours["pairs"].to_numpy().reshape(5, 4).tolist() == [
        [28, 5, 5, 2], [44, 13, 8, 4], [97, 56, 19, 16], [77, 67, 45, 20], [182194, 146149, 95237, 45879]]
    # the calculator's means over 19 permutations: 16.9, 26.1, 73.6 in the first week; it found the same three bands with p 0.05
    np.testing.assert_allclose(ours["expected"].iloc[[0, 4, 8]], [16.947, 26.105, 73.579], atol=2)
    week = ours[ours["days_from"] == 0]
    assert (week["p"] < 0.05).tolist() == [True, True, True, False, False]


def test_expected_pairs_are_those_near_times_those_soon_over_all():
    # four incidents: A and B at one address, 3 days apart; C 50 m away on the day of A; D far away ten days later
    points = incidents([0, 0, 50, 5000], [0, 0, 0, 0], [0, 3, 0, 10])
    told = near_repeat(points, distance_bands_m=(0, 1, 100), time_bands_days=(0, 8), n_perm=99, seed=1)
    # same place: AB; within 100 m: AC and BC. Soon: AB, AC, BC and BD of the six pairs
    assert told["pairs"].tolist() == [1, 2]
    np.testing.assert_allclose(told["expected"], [1 * 4 / 6, 2 * 4 / 6])
    np.testing.assert_allclose(told["ratio"], [1.5, 1.5])


def test_what_lies_on_a_limit_belongs_to_the_next_band_on_both_axes():
    points = incidents([674000.1, 674100.1], [6580000.7, 6580000.7], [0, 8])  # 100 m but for what floating point makes of it
    told = near_repeat(points, distance_bands_m=(0, 100, 200), time_bands_days=(0, 8, 15), n_perm=19, seed=1)
    assert told.loc[told["pairs"] == 1, KEY].to_numpy().tolist() == [[100, 8]]


def test_days_are_counted_on_the_calendar_even_when_the_clocks_change():
    times = pd.to_datetime(["2025-03-29 23:30", "2025-03-31 00:15"]).tz_localize("Europe/Stockholm")  # 23 h 45 min apart
    points = incidents([0, 0], [0, 0], [0, 0]).assign(occurred_from=times)
    told = near_repeat(points, distance_bands_m=(0, 1), time_bands_days=(0, 1, 2, 3), n_perm=19, seed=1)
    assert told["pairs"].tolist() == [0, 0, 1]


def test_a_manhattan_distance_goes_round_the_corner():
    points = incidents([0, 60], [0, 60], [0, 0])
    near = {metric: near_repeat(points, distance_bands_m=(0, 100), time_bands_days=(0, 8), metric=metric, n_perm=19, seed=1)["pairs"].item()
            for metric in ("euclidean", "manhattan")}
    assert near == {"euclidean": 1, "manhattan": 0}


def wave(rng, n=300, repeats=40):
    """Incidents anywhere at any time in a year, and some that come again within 100 m and a week."""
    x, y = rng.uniform(0, 10_000, (2, n))
    day = rng.integers(0, 365, n)
    again = rng.choice(n, repeats, replace=False)
    x, y = (np.r_[axis, axis[again] + rng.uniform(20, 60, repeats)] for axis in (x, y))
    return incidents(x, y, np.r_[day, day[again] + rng.integers(0, 8, repeats)])


def test_a_planted_wave_is_found_in_its_band_only():
    told = near_repeat(wave(np.random.default_rng(5)), n_perm=999, seed=1)
    found = told[told["p_adjusted"] < 0.05]
    assert found[KEY].to_numpy().tolist() == [[1, 0]]
    assert found["ratio"].item() > 5 and found["pairs"].item() > found["chance_high"].item()


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_every_pair_within_reach_is_counted_once_whatever_the_squares(seed):
    rng = np.random.default_rng(seed)
    n, reach = int(rng.integers(2, 60)), float(rng.uniform(5, 400))
    places = rng.uniform(0, 500, (n, 2))
    told = near_repeat(incidents(*places.T, rng.integers(0, 3, n)), distance_bands_m=(0, reach / 3, reach), time_bands_days=(0, 5), n_perm=19, seed=1)
    away = pdist(places)
    assert told["pairs"].tolist() == [(away < reach / 3).sum(), ((away >= reach / 3) & (away < reach)).sum()]
    np.testing.assert_allclose(told["expected"], told["pairs"])  # all of them soon


@settings(max_examples=15)
@given(st.integers(0, 1000))
def test_neither_the_order_of_the_rows_nor_the_place_of_the_origin_matters(seed):
    rng = np.random.default_rng(seed)
    points = wave(rng, 60, 10)
    told = near_repeat(points, n_perm=99, seed=3)
    shuffled = points.sample(frac=1, random_state=seed)
    moved = points.set_geometry(points.translate(250_000, 6_500_000))
    pd.testing.assert_frame_equal(near_repeat(shuffled, n_perm=99, seed=3), told)
    pd.testing.assert_frame_equal(near_repeat(moved, n_perm=99, seed=3), told)


def test_the_same_seed_gives_the_same_answer_and_another_nearly_the_same():
    points = wave(np.random.default_rng(2))
    one, same, other = (near_repeat(points, n_perm=499, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, same)
    assert not one["p"].equals(other["p"]) and np.abs(one["p"] - other["p"]).max() < 0.1


def test_one_day_for_all_or_one_place_for_all_is_no_pattern():
    for points in (incidents([0, 10, 20, 30], [0] * 4, [7] * 4), incidents([5] * 4, [5] * 4, [0, 1, 20, 50])):
        told = near_repeat(points, n_perm=99, seed=1).dropna()
        assert len(told) and (told["p"] == 1).all() and (told["p_adjusted"] == 1).all()
        np.testing.assert_allclose(told["ratio"], 1)


def test_bands_where_no_pair_can_be_have_neither_ratio_nor_p():
    told = near_repeat(incidents([0, 5000], [0, 0], [0, 0]), n_perm=19, seed=1)
    assert (told["pairs"] == 0).all() and (told["expected"] == 0).all()
    assert told[["ratio", "p", "p_adjusted"]].isna().all(axis=None)


def test_what_has_no_day_or_no_place_takes_no_part_and_is_told():
    points = incidents([0, 0, 10, 10, np.nan], [0, 0, 0, 0, np.nan], [0, 1, 2, 3, 4], time_precision=["minute", "day", "month", "hour", "day"],
                       geom_precision=["address", "street", "address", "area", "none"])
    points.loc[1, "occurred_from"] = pd.NaT
    more = pd.concat([points, incidents([0, 3], [0, 0], [5, 6], time_precision="hour", geom_precision="exact")], ignore_index=True)
    told, facts, warnings = near_repeat_and_facts(gpd.GeoDataFrame(more, crs=3006), **DEFAULTS)
    assert (facts["n"], facts["without_place"], facts["without_day"]) == (3, 2, 2)
    assert told["pairs"].sum() == 3 and [doubt.code for doubt in warnings] == ["SMALL_N"]


def test_a_pile_on_one_coordinate_is_warned_of():
    rng = np.random.default_rng(1)
    points = incidents(np.r_[rng.uniform(0, 9000, 40), [5.0] * 12], np.r_[rng.uniform(0, 9000, 40), [5.0] * 12], rng.integers(0, 99, 52))
    assert [doubt.code for doubt in near_repeat_and_facts(points, **DEFAULTS)[2]] == ["GEOCODE_PILE"]


@pytest.mark.parametrize(("change", "message"), [
    ({"distance_bands_m": (100,)}, "distance_bands_m must be at least two numbers"), ({"distance_bands_m": (0, 100, 100)}, "each larger than"),
    ({"distance_bands_m": (0, np.inf)}, "distance_bands_m"), ({"time_bands_days": (-1, 5)}, "time_bands_days"), ({"time_bands_days": (0, 1.5)}, "whole days"),
    ({"metric": "network"}, "euclidean or manhattan, not network"), ({"n_perm": 9}, "At least 19 permutations"), ({"time": "when"}, "no column when")])
def test_a_question_that_cannot_be_answered_is_refused_in_words(change, message):
    with pytest.raises(InputError, match=message):
        near_repeat(incidents([0, 1, 2], [0, 0, 0], [0, 1, 2]), **change)


def test_degrees_and_single_incidents_are_refused():
    with pytest.raises(InputError, match="in metres"):
        near_repeat(incidents([12.5, 12.6], [57.5, 57.6], [0, 1], crs=4326))
    with pytest.raises(InputError, match="only 1 have both"):
        near_repeat(incidents([0, np.inf], [0, 0], [0, 1]))


def test_more_pairs_than_fit_are_refused_before_they_are_listed(monkeypatch):
    monkeypatch.setattr(module, "MOST_PAIRS", 5)
    with pytest.raises(InputError, match="6 pairs lie within 400 m, more than can be counted on \\(5\\)"):
        near_repeat(incidents([0] * 4, [0] * 4, [0] * 4), n_perm=19)


@pytest.mark.slow
def test_where_places_and_times_are_clustered_but_unrelated_hardly_a_table_shows_a_repeat():
    rng = np.random.default_rng(7)
    alarms, single = 0, []
    for _ in range(400):
        n = int(rng.integers(30, 200))
        centres = rng.uniform(0, 5000, (8, 2))
        places = centres[rng.integers(8, size=n)] + rng.normal(0, rng.choice([0, 30, 300]), (n, 2))
        days = np.floor(rng.choice([20, 90, 300], n) + rng.exponential(15, n))
        told = near_repeat(incidents(*places.T, days), n_perm=199, seed=int(rng.integers(1 << 30)))
        alarms += bool((told["p_adjusted"] <= 0.05).any())
        single.append((told["p"].dropna() <= 0.05).mean())
    assert alarms / 400 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    assert np.mean(single) <= 0.05 + 0.01
