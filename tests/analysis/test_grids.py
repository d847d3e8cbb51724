from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_safety.analysis.grids import make_grid, study_area
from geo_safety.errors import InputError

SQUARE_KM = shapely.box(0, 0, 1000, 1000)


def exposure(*cells, **columns):
    return gpd.GeoDataFrame(columns, geometry=[shapely.box(*cell) for cell in cells], crs=3006)


def test_cells_are_numbered_row_by_row_from_the_south_west():
    grid = make_grid(shapely.box(0, 0, 1000, 500), crs=3006)
    assert grid["cell"].tolist() == list(range(8))
    assert grid["row"].tolist() == [0] * 4 + [1] * 4
    assert grid["column"].tolist() == [0, 1, 2, 3] * 2
    assert grid.geometry[5].bounds == (250, 250, 500, 500)
    assert (grid["inside_share"] == 1).all() and grid.crs.to_epsg() == 3006


def test_grids_of_different_areas_line_up():
    one = make_grid(shapely.box(110, 20, 900, 700), crs=3006)
    other = make_grid(shapely.box(610, 420, 1900, 1700), crs=3006)
    corners = set(map(tuple, shapely.bounds(one.geometry.to_numpy())[:, :2]))
    shared = corners & set(map(tuple, shapely.bounds(other.geometry.to_numpy())[:, :2]))
    assert shared == {(500, 250), (750, 250), (500, 500), (750, 500)}


def test_without_snapping_the_grid_starts_at_the_area():
    assert make_grid(shapely.box(110, 20, 900, 700), snap=False, crs=3006).total_bounds[:2].tolist() == [110, 20]


def test_a_cell_that_only_touches_the_border_is_no_part_of_the_area():
    assert len(make_grid(SQUARE_KM, crs=3006)) == 16


def test_a_cell_over_the_border_says_how_much_of_it_lies_inside():
    grid = make_grid(shapely.box(0, 0, 1000, 50), crs=3006)
    assert grid["inside_share"].tolist() == pytest.approx([0.2] * 4)


@pytest.mark.parametrize("kind", ["square", "hexagon"])
def test_the_parts_inside_add_up_to_the_area(kind):
    lake = shapely.Point(3000, 3000).buffer(700)
    area = shapely.union_all([shapely.Point(3000, 3000).buffer(2600).difference(lake), shapely.box(8000, 100, 9100, 4100)])
    grid = make_grid(area, cell_size_m=200, kind=kind, crs=3006)
    assert (grid["inside_share"] * shapely.area(grid.geometry.to_numpy())).sum() == pytest.approx(area.area, rel=1e-9)
    cut = shapely.area(shapely.intersection(grid.geometry.to_numpy(), area)) / shapely.area(grid.geometry.to_numpy())
    np.testing.assert_allclose(grid["inside_share"], cut, atol=1e-9)


def test_a_hexagon_is_as_wide_as_it_is_far_to_the_next_and_has_six_neighbours():
    grid = make_grid(SQUARE_KM, cell_size_m=100, kind="hexagon", crs=3006)
    west, _, east, _ = shapely.bounds(grid.geometry.to_numpy()).T
    np.testing.assert_allclose(east - west, 100)
    centres = grid.geometry.centroid
    inner = grid.index[np.argmin(centres.distance(shapely.Point(500, 500)))]
    near = centres.distance(centres[inner])
    np.testing.assert_allclose(np.sort(near)[:7], [0] + [100] * 6, atol=1e-6)
    np.testing.assert_allclose(shapely.area(grid.geometry.to_numpy()), 100**2 * np.sqrt(3) / 2)


@settings(max_examples=25)
@given(st.floats(-3e5, 3e5), st.floats(6e6, 7e6), st.sampled_from([100, 250, 400]))
def test_hexagons_of_any_two_areas_line_up(x, y, size):
    one, other = (make_grid(shapely.box(x + d, y + d, x + d + 1500, y + d + 1200), cell_size_m=size, kind="hexagon", crs=3006)
                  for d in (0, 700))
    tree = shapely.STRtree(one.geometry.centroid.to_numpy())
    inner = other.geometry.centroid.to_numpy()[other.intersects(shapely.box(x + 750, y + 750, x + 1100, y + 1100))]
    _, gap = tree.query_nearest(inner, return_distance=True)
    assert gap.max() < 1e-6


@pytest.mark.parametrize(("area", "crs", "message"), [
    (SQUARE_KM, None, "no coordinate system"),
    (gpd.GeoSeries([shapely.box(12, 57, 13, 58)], crs=4326), None, "must be in a coordinate system in metres"),
    (shapely.LineString([(0, 0), (9, 9)]), 3006, "has no extent"),
])
def test_an_area_that_cannot_be_measured_is_refused_in_words(area, crs, message):
    with pytest.raises(InputError, match=message):
        make_grid(area, crs=crs)


@pytest.mark.parametrize(("wish", "message"), [({"cell_size_m": 0}, "more than 0 m"), ({"cell_size_m": 0.1}, "Choose larger cells"),
                                              ({"kind": "triangle"}, "not triangle")])
def test_impossible_cells_are_refused_in_words(wish, message):
    with pytest.raises(InputError, match=message):
        make_grid(SQUARE_KM, crs=3006, **wish)


def test_an_area_drawn_across_itself_is_the_parts_it_encloses():
    bow = shapely.Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])
    assert (make_grid(bow, crs=3006)["inside_share"] * 62_500).sum() == pytest.approx(500_000)


def test_cells_with_a_resident_an_address_or_a_street_are_tested():
    grid = make_grid(shapely.box(0, 0, 1000, 250), crs=3006)
    people = exposure((0, 0, 100, 100), (260, 0, 300, 50), (600, 100, 700, 200), (800, 0, 900, 100),
                      residents=[5, 0, 0, None], addresses=[0, 2, 0, 0], street_m=[0.0, 0.0, 40.0, 0.0])
    ground = study_area(grid, people)
    assert ground["tested"].tolist() == [True, True, True, False]
    assert ground["residents"].tolist() == [5, 0, 0, 0]


def test_a_sliver_of_the_area_is_not_tested_however_many_live_there():
    grid = make_grid(shapely.box(0, 0, 260, 250), crs=3006)
    ground = study_area(grid, exposure((0, 0, 260, 250), residents=[26], addresses=[1], street_m=[1.0]))
    assert ground["tested"].tolist() == [True, False]
    assert ground["residents"].tolist() == pytest.approx([25, 1])


@pytest.mark.parametrize("kind", ["square", "hexagon"])
def test_people_are_shared_out_by_area_and_nobody_is_lost(kind):
    grid = make_grid(SQUARE_KM, cell_size_m=70, kind=kind, crs=3006)
    people = exposure(*[(x, y, x + 100, y + 100) for x in range(0, 1000, 100) for y in range(0, 1000, 100)],
                      residents=np.arange(100), addresses=np.ones(100), street_m=np.full(100, 0.5))
    ground = study_area(grid, people)
    assert ground[["residents", "addresses", "street_m"]].sum().tolist() == pytest.approx([4950, 100, 50])


@pytest.mark.parametrize("nobody", [None, exposure()])
def test_when_nothing_is_known_of_people_the_whole_area_is_tested(nobody):
    ground = study_area(make_grid(SQUARE_KM, crs=3006), nobody)
    assert ground["tested"].all() and ground[["residents", "addresses", "street_m"]].isna().all(axis=None)


def test_a_column_that_the_layer_does_not_know_is_missing_not_zero():
    ground = study_area(make_grid(SQUARE_KM, crs=3006), exposure((0, 0, 100, 100), addresses=[1], residents=[None]))
    assert ground["residents"].isna().all() and ground["street_m"].isna().all() and ground["addresses"].sum() == 1


def test_people_in_another_coordinate_system_are_refused():
    with pytest.raises(InputError, match="another coordinate system"):
        study_area(make_grid(SQUARE_KM, crs=3006), exposure((0, 0, 1, 1), residents=[1]).to_crs(3007))


def test_what_is_passed_in_is_not_changed():
    grid, people = make_grid(SQUARE_KM, crs=3006), exposure((0, 0, 100, 100), residents=[5])
    before = grid.copy(deep=True), people.copy(deep=True)
    study_area(grid, people)
    assert grid.equals(before[0]) and people.equals(before[1])
