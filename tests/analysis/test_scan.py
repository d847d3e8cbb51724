from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_safety.analysis import scan as module
from geo_safety.analysis.scan import scan, scan_and_facts
from geo_safety.errors import InputError

pytestmark = pytest.mark.filterwarnings("error")
DEFAULTS = {"cases": "incidents", "population": None, "expected": None, "controls": None, "model": "poisson", "most_share": 0.5,
            "most_radius_m": None, "least_cases": 2, "n_perm": 99, "seed": 1}


def areas(x, y, crs=3006, **columns):
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(x, y), crs=crs)


def line_of(cases, population, **columns):
    """Areas on a line, some 100 m apart, each a little further from the one before, so that none has two equally near."""
    along = np.arange(len(cases))
    return areas(100.0 * along + along**2, np.zeros(len(cases)), incidents=cases, population=population, **columns)


def peers(shared, name):
    table = pd.read_csv(shared / f"oracles/kulldorff_scan/input_{name}.csv")
    return areas(table.pop("x"), table.pop("y"), **table)


def band(p: float) -> int:
    return int(np.digitize(p, [0.01, 0.05]))


def same_clusters(ours, theirs):
    for mine, peer in zip(ours.itertuples(), theirs, strict=False):
        assert sorted(mine.areas) == sorted(peer["ids0"])
        assert mine.cases == peer["cases"]
        assert mine.expected == pytest.approx(peer["expected"], rel=1e-9)
        # each p has a Monte Carlo error of its own
        assert band(mine.p) == band(peer["p"]) or abs(mine.p - peer["p"]) <= 4 * np.sqrt(2 * mine.p * (1 - mine.p) / 999)


@pytest.mark.shared
def test_new_york_leukaemia_has_the_three_clusters_of_smerc(shared):
    theirs = json.loads((shared / "oracles/kulldorff_scan/expected_nyleukemia_smerc.json").read_text())["clusters"]
    ours = scan(peers(shared, "nyleukemia"), cases="cases", population="population", most_share=0.1, seed=1)
    same_clusters(ours, theirs)
    np.testing.assert_allclose(ours["llr"].head(3), [peer["llr"] for peer in theirs], rtol=1e-8)
    np.testing.assert_allclose(ours["ratio"].head(3), [peer["rr"] for peer in theirs], rtol=1e-9)
    np.testing.assert_allclose(ours["observed_to_expected"].head(3), [peer["smr"] for peer in theirs], rtol=1e-9)
    assert 0 in ours["areas"].iloc[0]  # Broome County, as published (Kulldorff & Nagarwalla 1995)


@pytest.mark.shared
@pytest.mark.parametrize(("key", "columns", "rtol"), [
    ("smerc_poisson_population", {"population": "population"}, 1e-8),
    ("spatialepi_poisson_strata", {"population": "population", "expected": "expected_strata"}, 1e-8),
    ("spatialepi_binomial", {"controls": "controls", "model": "bernoulli"}, 1e-6)])  # what SpatialEpi computes when no expected counts are given
def test_pennsylvania_lung_cancer_has_the_clusters_of_both_peers(shared, key, columns, rtol):
    found = json.loads((shared / "oracles/kulldorff_scan/expected_pennLC.json").read_text())[key]
    theirs = found if isinstance(found, list) else [found["mlc"], *found["secondary"]]
    counties = peers(shared, "pennLC")
    counties["controls"] = counties["population"] - counties["cases"]
    ours = scan(counties, cases="cases", seed=1, **columns)
    same_clusters(ours, theirs)
    np.testing.assert_allclose(ours["llr"].head(len(theirs)), [peer["llr"] for peer in theirs], rtol=rtol)


@pytest.mark.shared
def test_all_seven_clusters_of_satscan_for_new_york_are_found_area_by_area(shared):
    # SaTScan 9.6 took latitude and longitude for plane coordinates: other circles than smerc's, and other clusters
    names = {"cases": ["id", "cases", "year"], "coords": ["id", "x", "y"], "pop": ["id", "year_of_count", "population"]}
    tables = [pd.read_csv(shared / f"data/scan_reference_ny/satscan_ny_{part}.txt", sep=" ", names=columns) for part, columns in names.items()]
    table = tables[0].merge(tables[1], on="id").merge(tables[2], on="id")
    ours = scan(areas(table.pop("x"), table.pop("y"), **table), cases="cases", population="population", most_share=0.1, seed=1)
    found = [set(table["id"].loc[list(members)]) for members in ours["areas"]]
    answer = (shared / "data/scan_reference_ny/satscan_ny_out.txt").read_text().split("CLUSTERS DETECTED")[1].split("PARAMETER SETTINGS")[0]
    clusters = answer.split("Location IDs included.:")[1:]
    assert len(clusters) == 7
    for place, text in enumerate(clusters):
        members, rest = text.split("Coordinates", 1)
        said = dict(line.split(":", 1) for line in rest.splitlines() if ": " in line)
        said = {name.strip(" ."): value.strip() for name, value in said.items()}
        assert found[place] == {int(number) for number in members.replace(",", " ").split()}
        mine = ours.iloc[place]
        assert mine["cases"] == int(said["Number of cases"])
        assert mine["expected"] == pytest.approx(float(said["Expected cases"]), abs=0.005)
        assert mine["ratio"] == pytest.approx(float(said["Relative risk"]), abs=0.005)
        assert mine["llr"] == pytest.approx(float(said["Log likelihood ratio"]), abs=5e-7)
        p = float(said["P-value"])
        assert abs(mine["p"] - p) <= 4 * np.sqrt(2 * p * (1 - p) / 999) and abs(mine["p_gumbel"] - p) <= 4 * np.sqrt(2 * p * (1 - p) / 999)


def test_a_cluster_by_hand():
    # ten areas of 100 people, 40 cases: 10 in each of two neighbours and 20 spread over the rest
    told = scan(line_of([2, 3, 2, 10, 10, 3, 2, 3, 2, 3], [100] * 10), population="population", n_perm=999, seed=1).iloc[0]
    assert sorted(told["areas"]) == [3, 4] and (told["cases"], told["expected"]) == (20, 8.0)
    assert told["llr"] == pytest.approx(20 * np.log(20 / 8) + 20 * np.log(20 / 32))
    assert told["observed_to_expected"] == 2.5 and told["ratio"] == pytest.approx((20 / 8) / (20 / 32))
    assert told["ratio_low"] < told["ratio"] < told["ratio_high"]
    assert told["p"] < 0.05 and told["radius_m"] == 107
    assert set(shapely.get_x(shapely.get_parts(told["geometry"]))) == {309, 416}


def by_hand(x, y, cases, expected, most):
    """The largest Poisson ratio over all circles, in the plainest way."""
    best, total = 0.0, cases.sum()
    for i in range(len(x)):
        away = np.hypot(x - x[i], y - y[i])
        for reach in np.unique(away):
            inside = away <= reach + 1e-6
            c, e = cases[inside].sum(), expected[inside].sum()
            if e <= most * expected.sum() * (1 + 1e-12) and c > e and c >= 2:
                best = max(best, c * np.log(c / e) + (total - c) * np.log((total - c) / (total - e)) if c < total else c * np.log(c / e))
    return best


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from([0.1, 0.5]))
def test_the_most_likely_cluster_and_the_largest_ratio_by_chance_are_those_of_all_circles(seed, share):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 25))
    x, y = rng.integers(0, 5, (2, n)) * 100.0  # many areas equally far from each other, some on one spot
    people, cases = rng.integers(1, 50, n), rng.poisson(rng.uniform(0.5, 4), n)
    if not cases.sum():
        return
    towns = areas(x, y, incidents=cases, population=people)
    told = scan(towns, population="population", most_share=share, n_perm=99, seed=seed)
    table = module._table(towns, "incidents", "population", None, None, "poisson")
    best = by_hand(x, y, table.cases, table.expected, share)
    if len(told):
        assert told["llr"].iloc[0] == pytest.approx(best, rel=1e-9)
    zones = module.Zones.around(x, y, table, share, None)
    largest = module._largest_by_chance(zones, table, 2, 20, np.random.default_rng(seed))
    drawn = module._draw(table, 20, np.random.default_rng(seed))
    np.testing.assert_allclose(largest, [by_hand(x, y, row, table.expected, share) for row in drawn], rtol=1e-9, atol=1e-12)


def test_clusters_do_not_overlap_and_come_in_order():
    rng = np.random.default_rng(3)
    cases = rng.poisson(2, 200)
    cases[[20, 21, 22, 120, 121]] += 12
    told = scan(line_of(cases, [50] * 200), population="population", most_share=0.1, n_perm=99, seed=1)
    members = [name for row in told["areas"] for name in row]
    assert len(members) == len(set(members)) and told["llr"].is_monotonic_decreasing and told["cluster"].tolist() == list(range(1, len(told) + 1))
    assert (told["p"] < 0.05).sum() == 2 and {21, 121} <= set(members[:6])
    assert (told["p"] < 1).all()


def test_areas_equally_far_away_come_in_together():
    # a cross whose arms are equally far from the middle, and a place far away; whichever row comes first must not decide
    x, y, people = [0, 100, -100, 0, 0, 900], [0, 0, 0, 100, -100, 900], [10] * 5 + [100]
    whole = scan(areas(x, y, incidents=[9, 3, 3, 3, 3, 1], population=people), population="population", n_perm=99, seed=1).iloc[0]
    assert sorted(whole["areas"]) == [0, 1, 2, 3, 4] and whole["radius_m"] == 100
    arm = scan(areas(x, y, incidents=[6, 9, 0, 0, 0, 1], population=people), population="population", n_perm=99, seed=1).iloc[0]
    assert sorted(arm["areas"]) == [0, 1]  # around the arm itself, the middle is nearest


def test_the_largest_circle_is_held_by_people_and_by_metres():
    wide = line_of([1] * 10 + [8] * 6 + [1] * 10, [10] * 26)
    assert len(scan(wide, population="population", n_perm=99, seed=1)["areas"].iloc[0]) == 6
    assert len(scan(wide, population="population", most_share=0.1, n_perm=99, seed=1)["areas"].iloc[0]) == 2
    assert 0 < scan(wide, population="population", most_radius_m=150, n_perm=99, seed=1)["radius_m"].max() <= 150


def test_expected_counts_go_before_the_population():
    # twice as many cases as people explain, but no more than expected at that hour
    square = line_of([20, 10, 10, 10, 10], [100] * 5, evening=[40, 20, 20, 20, 20])
    assert scan(square, population="population", n_perm=99, seed=1)["llr"].iloc[0] == pytest.approx(20 * np.log(20 / 12) + 40 * np.log(40 / 48))
    told, facts, _ = scan_and_facts(square, **DEFAULTS | {"population": "population", "expected": "evening"})
    assert not len(told) and facts["n"] == 60 and told.columns.tolist()[:3] == ["cluster", "areas", "radius_m"] and told.crs == square.crs


def test_with_a_rare_outcome_both_models_say_nearly_the_same():
    rng = np.random.default_rng(1)
    towns = areas(*rng.uniform(0, 9000, (2, 60)), population=rng.integers(2000, 9000, 60))
    towns["incidents"] = rng.poisson(towns["population"] / 500)
    towns["controls"] = towns["population"] - towns["incidents"]
    one, two = (scan(towns, n_perm=499, seed=1, **how).iloc[0] for how in ({"population": "population"}, {"controls": "controls", "model": "bernoulli"}))
    assert one["areas"] == two["areas"] and one["llr"] == pytest.approx(two["llr"], rel=0.01) and one["p"] == pytest.approx(two["p"], abs=0.1)


def test_where_everybody_is_a_case_the_bernoulli_ratio_is_still_a_number():
    told = scan(line_of([5, 5, 1, 1, 1, 1], [0] * 6, controls=[0, 0, 9, 9, 9, 9]), controls="controls", model="bernoulli", n_perm=999, seed=1).iloc[0]
    # all ten of the two areas, four of the other forty
    assert told["llr"] == pytest.approx(4 * np.log(4 / 40) + 36 * np.log(36 / 40) - 14 * np.log(14 / 50) - 36 * np.log(36 / 50))
    assert sorted(told["areas"]) == [0, 1] and told["p"] == 0.001 and told["p_gumbel"] < 0.001


@settings(max_examples=10)
@given(st.integers(0, 1000))
def test_neither_order_nor_origin_nor_scale_of_the_areas_matters(seed):
    rng = np.random.default_rng(seed)
    towns = areas(*rng.uniform(0, 9000, (2, 40)), population=rng.integers(20, 900, 40), incidents=rng.poisson(3, 40))
    told = scan(towns, population="population", n_perm=99, seed=2).drop(columns="geometry")
    for other in (towns.sample(frac=1, random_state=seed), towns.set_geometry(towns.translate(250_000, 6_500_000)),
                  towns.assign(population=towns["population"] * 3)):
        pd.testing.assert_frame_equal(pd.DataFrame(scan(other, population="population", n_perm=99, seed=2).drop(columns="geometry")), pd.DataFrame(told))
    larger = scan(towns.set_geometry(towns.scale(3, 3, origin=(0, 0))), population="population", n_perm=99, seed=2)
    np.testing.assert_allclose(larger["radius_m"], 3 * told["radius_m"])
    assert larger["areas"].tolist() == told["areas"].tolist()


def test_areas_with_nobody_in_them_take_part_and_break_nothing():
    told = scan(line_of([0, 9, 0, 1, 0, 2], [0, 10, 0, 30, 20, 40]), population="population", n_perm=99, seed=1)
    assert told["areas"].iloc[0] == (1,) and np.isfinite(told.drop(columns=["areas", "geometry"]).to_numpy(dtype=float)).all()


def test_cases_on_a_square_without_residents_count_in_circles_that_reach_the_houses():
    square = line_of([1, 2, 30, 1, 1, 2, 1, 1, 2, 1], [20, 20, 0] + [20] * 7)
    told, facts, _ = scan_and_facts(square, **DEFAULTS | {"population": "population"})
    assert 2 in told["areas"].iloc[0] and len(told["areas"].iloc[0]) == 2 and facts["cases_without_expected"] == 30
    assert told["expected"].iloc[0] == pytest.approx(42 / 9)


def test_a_greatest_radius_finds_what_a_search_without_one_finds_when_it_is_wide_enough():
    rng = np.random.default_rng(4)
    towns = areas(*rng.integers(0, 8, (2, 50)) * 100.0, population=rng.integers(20, 900, 50), incidents=rng.poisson(3, 50))
    free, held = (scan(towns, population="population", most_share=0.2, most_radius_m=most, n_perm=99, seed=1) for most in (None, 5000))
    pd.testing.assert_frame_equal(pd.DataFrame(free.drop(columns=["geometry", "areas"])), pd.DataFrame(held.drop(columns=["geometry", "areas"])))
    assert [set(members) for members in free["areas"]] == [set(members) for members in held["areas"]]


def test_few_cases_are_warned_of():
    found = scan_and_facts(line_of([3, 0, 1], [10, 10, 10]), **DEFAULTS | {"population": "population"})
    assert [doubt.code for doubt in found[2]] == ["SMALL_N"] and found[1]["circles"] > 0


@pytest.mark.parametrize(("change", "message"), [
    ({}, "population or expected"), ({"model": "stp"}, "poisson or bernoulli, not stp"), ({"model": "bernoulli"}, "column with controls"),
    ({"population": "nobody"}, "no column nobody"), ({"population": "zero"}, "zero is 0 everywhere"),
    ({"population": "unknown"}, "must be known"),
    ({"population": "below"}, "not below 0"), ({"cases": "weighted", "population": "population"}, "a weighted sum is no count"),
    ({"cases": "zero", "population": "population"}, "no cases in the column zero"), ({"population": "population", "most_share": 0.8}, "at most 0.5, not 0.8"),
    ({"population": "population", "most_radius_m": -1}, "cannot be below 0"), ({"population": "population", "n_perm": 5}, "At least 19 simulations")])
def test_a_question_that_cannot_be_answered_is_refused_in_words(change, message):
    towns = line_of([1, 2, 3], [10, 10, 10], zero=0, unknown=[1, np.nan, 2], below=[1, -1, 2], weighted=[1.5, 2, 3])
    with pytest.raises(InputError, match=message):
        scan(towns, **change)


def test_degrees_and_areas_without_place_are_refused(monkeypatch):
    with pytest.raises(InputError, match="in metres"):
        scan(areas([12.5, 12.6], [57.5, 57.6], crs=4326, incidents=[1, 2], population=[3, 4]), population="population")
    with pytest.raises(InputError, match="1 area has no place"):
        scan(gpd.GeoDataFrame({"incidents": [1, 2], "population": [3, 4]}, geometry=[None, shapely.Point(1, 1)], crs=3006), population="population")
    monkeypatch.setattr(module, "MOST_ZONES", 3)
    with pytest.raises(InputError, match="more than 3 circles"):
        scan(line_of([1] * 9, [10] * 9), population="population")


@pytest.mark.slow
@pytest.mark.parametrize("mean", [0.05, 0.5, 5])
def test_under_constant_risk_one_map_in_twenty_shows_a_cluster_however_unevenly_people_live(mean):
    rng = np.random.default_rng(9)
    x, y = rng.normal(0, 2000, (2, 150))
    towns = areas(x, y, population=np.ceil(3000 * np.exp(-np.hypot(x, y) / 1500)))
    share = towns["population"].to_numpy() / towns["population"].sum()
    alarms = 0
    for seed in range(300):
        towns["incidents"] = rng.multinomial(int(150 * mean), share)
        told = scan(towns, population="population", n_perm=99, seed=seed)
        alarms += bool(len(told) and told["p"].iloc[0] <= 0.05)
    assert alarms / 300 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)
