from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo_safety.errors import InputError
from geo_safety.model.selection import Selection
from geo_safety.model.viewer import local_viewer
from geo_safety.services.naming import names_of
from geo_safety.services.places import study_outline, within
from geo_safety.services.plain_files import area_around
from geo_safety.store import Store

X, Y = 350_000, 6_370_000
VIEWER = local_viewer()
BATCH = {"source_code": "t", "file_name": "t", "file_sha256": "0"}


def box(west, south, east, north):
    return shapely.box(X + west, Y + south, X + east, Y + north)


def areas(*rows):
    """Areas as (kind, code, outline)."""
    return gpd.GeoDataFrame({"kind": [r[0] for r in rows], "code": [r[1] for r in rows], "name": [r[1].title() for r in rows], "vintage": "2025"},
                            geometry=[shapely.MultiPolygon([r[2]]) for r in rows], crs=3006)


@pytest.fixture
def store(tmp_path):
    with Store.create(tmp_path / "places.gpkg") as store:
        yield store


def bring(store, layer, frame):
    store.bring_in(layer, frame, VIEWER, batch=BATCH)


def outline(store, **selection):
    frame = study_outline(store, Selection(**selection), VIEWER)
    return frame["kind"].iloc[0], frame.geometry.iloc[0]


def test_the_ground_is_what_was_drawn_else_the_chosen_areas_else_the_municipality(store):
    bring(store, "areas", areas(("municipality", "m", box(0, 0, 9000, 9000)), ("regso", "a", box(0, 0, 3000, 3000)), ("regso", "b", box(3000, 0, 6000, 3000)),
                                ("neighbour", "n", box(9000, 0, 99_000, 9000))))
    kind, shape = outline(store)
    assert kind == "municipality" and shape.equals(box(0, 0, 9000, 9000))
    kind, shape = outline(store, areas=("a", "b"))
    assert kind == "areas" and shape.equals(box(0, 0, 6000, 3000))
    corners = gpd.GeoSeries([box(100, 100, 1100, 1100)], crs=3006).to_crs(4326).iloc[0].exterior.coords[:-1]
    kind, shape = outline(store, areas=("a",), drawn=tuple(corners))
    assert kind == "drawn" and shape.area == pytest.approx(1e6, rel=1e-6)


def test_without_a_municipality_it_is_the_division_that_covers_most(store):
    bring(store, "areas", areas(("locality", "l", box(0, 0, 500, 500)), ("regso", "a", box(0, 0, 3000, 3000)), ("regso", "b", box(3000, 0, 6000, 3000)),
                                ("neighbour", "n", box(9000, 0, 99_000, 9000))))
    kind, shape = outline(store)
    assert kind == "division" and shape.equals(box(0, 0, 6000, 3000))


def test_without_any_area_it_is_what_the_incidents_span(store):
    place = gpd.points_from_xy([X, X + 1000, X, X + 400, 0], [Y, Y, Y + 1000, Y + 300, 0])
    frame = gpd.GeoDataFrame({"source_code": "t", "source_key": list("abcde"), "offence_type": "theft", "time_precision": "day",
                              "geom_precision": ["exact"] * 4 + ["none"], "occurred_from": pd.Timestamp("2025-01-01", tz="Europe/Stockholm")},
                             geometry=[*place[:4], None], crs=3006)
    bring(store, "incidents", frame)
    kind, shape = outline(store)
    assert kind == "incidents" and shape.area == pytest.approx(500_000)


@pytest.mark.parametrize(("selection", "message"), [({"areas": ("x",)}, "The area x is not here"), ({}, "neither areas nor incidents"),
                                                    ({"drawn": ((12, 57), (13, 57), (14, 57))}, "no extent")])
def test_a_ground_that_is_not_there_is_refused_in_words(store, selection, message):
    with pytest.raises(InputError, match=message):
        outline(store, **selection)


def test_a_point_on_the_border_is_inside_and_one_without_place_is_not():
    ground = gpd.GeoSeries([box(0, 0, 10, 10)], crs=3006)
    points = gpd.GeoDataFrame(geometry=[shapely.Point(X, Y + 5), shapely.Point(X + 11, Y), None, shapely.Point(), shapely.Point(X + 10, Y + 10)], crs=3006)
    assert within(points, ground).tolist() == [True, False, False, False, True]
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(X - 5, Y + 5), (X + 5, Y + 5)]), None], crs=3006)
    assert within(lines, ground).tolist() == [True, False]


def test_a_spot_is_near_a_place_or_by_a_street_or_in_an_area_or_far_from_a_place(store):
    bring(store, "areas", areas(("municipality", "m", box(0, 0, 90_000, 90_000)), ("regso", "lund", box(0, 0, 3000, 3000))))
    bring(store, "places", gpd.GeoDataFrame({"code": ["1"], "name": ["Torget"]}, geometry=[shapely.Point(X + 500, Y + 500)], crs=3006))
    bring(store, "environment", gpd.GeoDataFrame({"role": ["station", "pub", "lamp"], "code": list("abc"), "name": ["Stationen", "Krogen", None]},
                                                 geometry=[shapely.Point(X + 2500, Y + 2500), shapely.Point(X + 1500, Y + 1500),
                                                           shapely.Point(X + 1500, Y + 1600)], crs=3006))
    bring(store, "streets", gpd.GeoDataFrame({"code": ["s", "r"], "name": ["Storgatan", "Banan"], "role": ["main", "railway"]},
                                             geometry=[shapely.LineString([(X, Y + 1000), (X + 3000, Y + 1000)]),
                                                       shapely.LineString([(X, Y + 1500), (X + 3000, Y + 1500)])], crs=3006))
    spots = [shapely.Point(X + x, Y + y) for x, y in ((600, 600), (2400, 2400), (1500, 1150), (1500, 1600), (3900, 2500), (60_000, 60_000))]
    named = names_of(store, VIEWER, spots)
    assert [name("sv") if name else None for name in named] == [
        "nära Torget", "nära Stationen", "vid Storgatan", "i Lund", "1,4 km från Stationen", None]
    assert [name("en") for name in named[:5]] == ["near Torget", "near Stationen", "by Storgatan", "in Lund", "1.4 km from Stationen"]


def test_a_file_of_points_without_an_area_spans_its_own():
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 100, 0], [0, 0, 100]), crs=3006)
    assert area_around(points).area.sum() == 5000
    with pytest.raises(InputError, match="span no ground"):
        area_around(points.iloc[:2])
