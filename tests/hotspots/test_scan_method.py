"""The scan as a method: circles on the cells of a small made-up town."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_safety.errors import Refusal
from geo_safety.hotspots import METHODS
from geo_safety.maps.classes import classify
from geo_safety.services.top_places import top_places

AREA = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 4000, 4000)], crs=3006)
SCAN = METHODS["scan"]


def people() -> gpd.GeoDataFrame:
    """Cells of 250 m, where ten times as many live in the west; a square without residents around (3125, 3125)."""
    corner = np.arange(0, 4000, 250)
    x, y = (axis.ravel() for axis in np.meshgrid(corner, corner))
    cells = gpd.GeoDataFrame(geometry=shapely.box(x, y, x + 250, y + 250), crs=3006)
    residents = np.where(x < 1500, 200, 20)
    residents[(x == 3000) & (y == 3000)] = 0
    return cells.assign(residents=residents, addresses=5, street_m=300.0)


def where_people_live(n: int, *gathered, seed: int = 1) -> gpd.GeoDataFrame:
    """Incidents in proportion to residents, and more at places given as (x, y, number)."""
    rng = np.random.default_rng(seed)
    cells = people()
    live = cells.sample(n, replace=True, weights=cells["residents"], random_state=seed).geometry.bounds
    x, y = (live["minx"] + rng.uniform(0, 250, n), live["miny"] + rng.uniform(0, 250, n))
    more = [rng.normal((at_x, at_y), 40, (number, 2)) for at_x, at_y, number in gathered]
    places = np.concatenate([np.column_stack([x, y]), *more])
    return gpd.GeoDataFrame({"geom_precision": "exact"}, index=range(len(places)), geometry=gpd.points_from_xy(*places.T), crs=3006)


def test_where_many_live_is_no_cluster_and_without_a_comparison_it_is_and_says_so():
    points = where_people_live(400)
    told, blind = (SCAN.compute(points, AREA, people(), expected=expected) for expected in ("residents", "none"))
    assert set(told.frame["cluster"]) == {"none"} and told.facts["clusters"] == 0 and told.facts["expected"] == "residents"
    assert blind.facts["hot"] > 20 and "NOT_RISK_ADJUSTED" in {c.code for c in blind.warnings}
    assert blind.frame.loc[blind.frame["cluster"] == "hot_99"].centroid.x.max() < 2000


def test_two_gatherings_are_two_circles_each_one_place_on_the_list():
    points = where_people_live(300, (2625, 625, 15), (3125, 3125, 20))
    told = SCAN.compute(points, AREA, people())
    hot = told.frame[told.frame["cluster"] == "hot_99"]
    assert set(hot["cluster_number"]) == {1, 2} and told.facts["clusters"] == 2 and told.facts["hot"] == len(hot)
    for _, members in hot.groupby("cluster_number"):
        assert (members["cluster_incidents"] == members["incidents"].sum()).all()  # the circle is its cells
        assert (members["ratio_low"] > 1).all() and (members["p"] < 0.01).all()
    # the square has no residents: its incidents count in the circle that reaches the houses around
    assert told.facts["cases_without_expected"] >= 15
    top = top_places(told, SCAN, points)
    assert top["rank"].tolist() == [1, 2] and sorted(top["cluster_number"]) == [1, 2]
    spots = told.frame.set_index("cell").loc[top["cell"]].centroid
    assert all(min(spot.distance(shapely.Point(place)) for place in ((2625, 625), (3125, 3125))) < 10 for spot in spots)


def test_cells_out_of_any_circle_have_no_numbers_of_a_circle():
    told = SCAN.compute(where_people_live(300, (2625, 625, 15)), AREA, people()).frame
    quiet = told[told["cluster"] == "none"]
    assert len(quiet) and quiet[["cluster_number", "cluster_incidents", "cluster_expected", "ratio", "llr", "p"]].isna().all(axis=None)


def test_the_legend_speaks_of_no_low_counts_that_the_scan_does_not_look_for():
    told = SCAN.compute(where_people_live(300, (2625, 625, 15)), AREA, people())
    classes = classify(told.frame["cluster"], SCAN.result.style, language="sv", column=SCAN.result.column("cluster"))
    assert classes.labels == ("Anhopning, mycket säker", "Anhopning, säker", "Anhopning, mindre säker", "Sticker inte ut") and classes.missing == 0


def test_a_larger_greatest_radius_tries_more_circles_and_the_seed_repeats_the_run():
    points = where_people_live(300, (2625, 625, 15))
    near, far, again = (SCAN.compute(points, AREA, people(), most_radius_m=most, n_perm=99) for most in (500, 1500, 500))
    assert far.facts["circles"] > 2 * near.facts["circles"] and near.facts["most_radius_m"] == 500
    pd.testing.assert_frame_equal(pd.DataFrame(near.frame), pd.DataFrame(again.frame))


def test_below_thirty_incidents_the_scan_refuses():
    with pytest.raises(Refusal) as refused:
        SCAN.compute(where_people_live(29), AREA, people())
    assert refused.value.code == "TOO_FEW"


@pytest.mark.slow
def test_under_constant_risk_one_map_in_twenty_shows_a_cluster():
    alarms = sum((SCAN.compute(where_people_live(150, seed=seed), AREA, people(), n_perm=99).frame["p"] <= 0.05).any() for seed in range(200))
    assert alarms / 200 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
