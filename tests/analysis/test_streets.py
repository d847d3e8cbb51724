from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from geo_safety.analysis.streets import hot_streets, hot_streets_and_facts
from geo_safety.errors import InputError

pytestmark = pytest.mark.filterwarnings("error")
HOW = {"most_distance_m": 50, "correction": "fdr"}


def incidents(*places, crs=3006, **columns):
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(place) if place else None for place in places], crs=crs)


def streets(*lines, crs=3006, **columns):
    return gpd.GeoDataFrame(columns, geometry=[shapely.LineString(line) if line else None for line in lines], crs=crs)


def crossing(*, order=(0, 1, 2, 3)):
    """Four streets that meet at the origin, 200, 100, 100 and 100 m long."""
    arms = [[(0, 0), (200, 0)], [(0, 0), (0, 100)], [(0, 0), (-100, 0)], [(0, 0), (0, -100)]]
    return streets(*(arms[arm] for arm in order), name=[["east", "north", "west", "south"][arm] for arm in order])


@pytest.mark.shared
def test_street_crimes_of_chicago_come_to_the_segments_where_spatstat_has_them(shared):
    folder = shared / "data/chicago_linear_network"
    segments, crimes = (pd.read_csv(folder / f"chicago_{name}.csv") for name in ("segments", "points"))
    ends = segments[["x0", "y0", "x1", "y1"]].to_numpy().reshape(-1, 2, 2)
    lines = gpd.GeoDataFrame(geometry=shapely.linestrings(ends), crs=3006)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(crimes["x"], crimes["y"]), crs=3006)
    told, facts, _ = hot_streets_and_facts(points, lines, most_distance_m=1, correction="fdr")
    theirs = np.bincount(crimes["seg"] - 1, minlength=len(segments))
    assert facts["n"] == 116 and facts["too_far"] == 0
    assert np.abs(told["incidents"] - theirs).sum() <= 2 * facts["shared"]  # those at a crossing may stand at another of its segments
    assert facts["length_km"] == pytest.approx(31.1502101534059)            # the total length in the peer's own summary


def test_each_incident_counts_once_at_the_nearest_street_and_those_far_off_are_told():
    told, facts, warnings = hot_streets_and_facts(incidents((150, 3), (150, -40), (1, 80), (500, 500), None), crossing(), **HOW)
    assert told["incidents"].tolist() == [2, 1, 0, 0] and told["name"].tolist() == ["east", "north", "west", "south"]
    assert (facts["n"], facts["too_far"], facts["without_place"], facts["shared"]) == (3, 1, 1, 0)
    assert [doubt.code for doubt in warnings] == ["SMALL_N"]


def test_incidents_at_a_crossing_are_dealt_out_in_turn_the_longest_street_first():
    at_crossing = incidents(*[(0, 0)] * 6)
    told, facts, _ = hot_streets_and_facts(at_crossing, crossing(), **HOW)
    # two rounds: one each, then the longest and the one furthest west
    assert told["incidents"].tolist() == [2, 1, 2, 1] and told["shared"].tolist() == [2, 1, 2, 1] and facts["shared"] == 6
    turned = hot_streets(at_crossing, crossing(order=(3, 1, 0, 2)))
    assert turned.set_index("name")["incidents"].to_dict() == {"east": 2, "west": 2, "north": 1, "south": 1}


def test_a_crossing_whose_coordinates_nearly_meet_is_still_a_crossing():
    nearly = streets([(0, 0), (100, 0)], [(-1e-9, 1e-9), (-100, 0)])
    assert hot_streets(incidents((0, 0), (0, 0)), nearly)["incidents"].tolist() == [1, 1]


def test_rates_and_chance_by_hand():
    # 9 of 10 incidents on a street of 100 m among 1 000 m
    told = hot_streets(incidents(*[(50, 1)] * 9, (500, 1)), streets([(0, 0), (100, 0)], [(100, 0), (1000, 0)]))
    hot, other = told.iloc[0], told.iloc[1]
    assert (hot["per_100m"], other["per_100m"]) == (9, pytest.approx(1 / 9))
    assert (hot["per_100m_low"], hot["per_100m_high"]) == pytest.approx((4.115, 17.085), abs=0.001)  # Garwood, 9 events
    assert (hot["expected"], other["expected"]) == pytest.approx((1, 9))
    assert hot["p"] == pytest.approx(stats.binomtest(9, 10, 0.1, alternative="greater").pvalue) and hot["cluster"] == "hot_99"
    assert other["p"] == pytest.approx(1) and other["cluster"] == "none"


def test_a_single_incident_on_a_short_street_is_a_high_rate_and_no_hot_street():
    along = [(100.0 * i, 0) for i in range(60)]
    lines = streets([(0, 0), (0, 5)], *pairwise(along))
    told = hot_streets(incidents((0, 4), *[(100 * i + 50, 1) for i in range(59)]), lines)
    assert told["per_100m"].iloc[0] == 20 and told["per_100m_low"].iloc[0] < 1 and told["cluster"].iloc[0] == "none"


def test_rows_without_a_line_stay_and_say_nothing():
    told, facts, _ = hot_streets_and_facts(incidents((5, 0), (5, 0)), streets([(0, 0), (10, 0)], None, [(3, 3), (3, 3)]), **HOW)
    assert told["incidents"].tolist() == [2, 0, 0] and facts["segments"] == 1
    assert told[["length_m", "per_100m", "expected", "p", "p_adjusted"]].isna().all(axis=1).tolist() == [False, True, True]


def test_a_street_in_several_pieces_is_one_street():
    pieces = gpd.GeoDataFrame(geometry=[shapely.MultiLineString([[(0, 0), (10, 0)], [(90, 0), (100, 0)]])], crs=3006)
    told = hot_streets(incidents((5, 1), (95, 1)), pieces).iloc[0]
    assert told["incidents"] == 2 and told["length_m"] == 20


def test_places_known_to_the_area_only_take_no_part():
    told, facts, _ = hot_streets_and_facts(incidents((50, 0), (60, 0), (70, 0), geom_precision=["address", "area", "street"]), crossing(), **HOW)
    assert told["incidents"].tolist() == [2, 0, 0, 0] and facts["without_place"] == 1


def test_without_incidents_every_street_has_none():
    told, facts, _ = hot_streets_and_facts(incidents((900, 900)), crossing(), **HOW)
    assert facts["n"] == 0 and facts["too_far"] == 1 and "share_with_half" not in facts
    assert (told["incidents"] == 0).all() and (told["p"] == 1).all() and (told["per_100m_high"] > 0).all()


def test_half_of_it_on_few_streets_is_told_beside_what_chance_gives():
    rng = np.random.default_rng(1)
    lines = streets(*([(0, 100 * row), (400, 100 * row)] for row in range(60)))
    spots = [(float(x), 100.0 * row) for x, row in zip(rng.uniform(0, 400, 120), np.r_[rng.integers(0, 60, 50), np.full(70, 7)], strict=True)]
    told, facts, warnings = hot_streets_and_facts(incidents(*spots), lines, **HOW)
    assert facts["share_with_half"] == pytest.approx(1 / 60) and facts["share_with_half_by_chance"] > 0.2
    assert told.index[told["cluster"] == "hot_99"].tolist() == [7] and facts["hot"] == 1 and not warnings


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_every_incident_near_a_street_counts_once_whatever_the_order_and_the_origin(seed):
    rng = np.random.default_rng(seed)
    ends = rng.integers(0, 4, (8, 2, 2)) * 100.0
    ends = ends[(ends[:, 0] != ends[:, 1]).any(axis=1)]
    if not len(ends):
        return
    lines = gpd.GeoDataFrame({"code": range(len(ends))}, geometry=shapely.linestrings(ends), crs=3006)
    points = incidents(*(tuple(place) for place in np.r_[rng.integers(0, 4, (20, 2)) * 100.0, rng.uniform(0, 400, (20, 2))]))
    told, facts, _ = hot_streets_and_facts(points, lines, most_distance_m=60, correction="fdr")
    near = shapely.distance(points.geometry.to_numpy()[:, None], lines.geometry.to_numpy()).min(axis=1) <= 60
    assert told["incidents"].sum() == facts["n"] == near.sum() and facts["too_far"] == (~near).sum()
    assert told["expected"].sum() == pytest.approx(facts["n"])
    moved = hot_streets(points.set_geometry(points.translate(500_000, 6_500_000)), lines.set_geometry(lines.translate(500_000, 6_500_000)), most_distance_m=60)
    shuffled = hot_streets(points.sample(frac=1, random_state=seed), lines, most_distance_m=60)
    assert told["incidents"].tolist() == moved["incidents"].tolist() == shuffled["incidents"].tolist()


@pytest.mark.parametrize(("points", "lines", "change", "message"), [
    (incidents((1, 1), crs=3857), crossing(), {}, "SWEREF"), (incidents((1, 1), crs=4326), streets([(0, 0), (1, 1)], crs=4326), {}, "in metres"),
    (incidents((1, 1)), crossing(), {"most_distance_m": -1}, "cannot be below 0"), (incidents((1, 1)), incidents((1, 1)), {}, "must be lines"),
    (incidents((1, 1)), streets(None), {}, "no streets"), (incidents((1, 1)), crossing(), {"correction": "all"}, "not all")])
def test_a_question_that_cannot_be_answered_is_refused_in_words(points, lines, change, message):
    with pytest.raises(InputError, match=message):
        hot_streets(points, lines, **change)


@pytest.mark.slow
@pytest.mark.parametrize("n", [10, 60, 600])
def test_when_incidents_lie_anywhere_along_the_streets_hardly_a_map_shows_a_hot_one(n):
    rng = np.random.default_rng(3)
    length = rng.lognormal(4.5, 0.8, 250)
    lines = streets(*([(0, 200 * row), (metres, 200 * row)] for row, metres in enumerate(length)))
    alarms = 0
    for _ in range(200):
        row = rng.choice(250, n, p=length / length.sum())
        points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(rng.uniform(size=n) * length[row], 200.0 * row), crs=3006)
        alarms += bool((hot_streets(points, lines)["p_adjusted"] < 0.05).any())
    assert alarms / 200 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
