from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_safety.analysis.counts import count
from geo_safety.analysis.grids import make_grid
from geo_safety.analysis.lattice import lattice_of
from geo_safety.errors import InputError


def points(x, y, crs=3006):
    return gpd.GeoSeries(gpd.points_from_xy(x, y), crs=crs)


def oracle_grid(centres: pd.DataFrame, size: float) -> gpd.GeoDataFrame:
    """The peer's squares, numbered our way."""
    x, y = (centres[c].to_numpy() for c in ("cx", "cy"))
    cells = shapely.box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)
    return gpd.GeoDataFrame({"row": np.rint((y - y.min()) / size).astype(int), "column": np.rint((x - x.min()) / size).astype(int)},
                            geometry=cells, crs=32615)


def test_an_incident_on_a_cell_border_counts_once():
    grid = make_grid(shapely.box(0, 0, 1000, 1000), crs=3006)
    assert count(points([250, 500, 500], [100, 500, 250]), grid)["incidents"].sum() == 3
    corner = count(points([500], [500]), grid)
    assert corner.loc[corner["incidents"] == 1, ["row", "column"]].to_numpy().tolist() == [[2, 2]]


@pytest.mark.shared
def test_counts_equal_the_peer_except_on_borders_which_it_counts_twice(shared):
    expected = pd.read_csv(shared / "oracles/gistar_grid/expected_rect500_queen.csv")
    table = pd.read_csv(shared / "oracles/gistar_grid/points.csv")
    counted = count(points(table["x"], table["y"], 32615), oracle_grid(expected, 500))["incidents"]
    np.testing.assert_array_equal(counted, expected["n"])


def test_the_peer_fault_a_point_on_a_border_joined_by_intersection_is_in_two_cells():
    # sfhotspot 1.0.0 joins with st_intersects: here the same with geopandas
    grid = make_grid(shapely.box(0, 0, 1000, 250), crs=3006)
    border = points([250, 500, 600], [10, 10, 10])
    joined = gpd.sjoin(grid, gpd.GeoDataFrame(geometry=border), predicate="intersects")
    assert len(joined) == 5
    assert count(border, grid)["incidents"].sum() == 3


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(-100, 2100), st.floats(-100, 1600)), max_size=60), st.sampled_from(["square", "hexagon"]),
       st.sampled_from([100, 130, 250]))
def test_every_point_in_the_area_counts_in_exactly_one_cell(pairs, kind, size):
    grid = make_grid(shapely.box(0, 0, 2000, 1500), cell_size_m=size, kind=kind, crs=3006)
    x, y = np.array(pairs or np.empty((0, 2))).reshape(-1, 2).T
    inside = ((x > 1e-6) & (x < 2000) & (y > 1e-6) & (y < 1500)).sum()  # a point on the very border may lie in a cell that only touches it
    total = count(points(x, y), grid)["incidents"].sum()
    assert inside <= total <= len(pairs)  # border cells reach beyond the area


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["square", "hexagon"]))
def test_a_point_is_counted_in_the_cell_that_holds_it(seed, kind):
    rng = np.random.default_rng(seed)
    grid = make_grid(shapely.Point(5000, 5000).buffer(900), cell_size_m=110, kind=kind, crs=3006)
    x, y = rng.uniform(4000, 6000, (2, 300))
    where = lattice_of(grid).cell_of(x, y)
    joined = gpd.sjoin(gpd.GeoDataFrame(geometry=points(x, y)), grid[["cell", "geometry"]], predicate="within", how="left")
    np.testing.assert_array_equal(where, joined["cell"].fillna(-1).to_numpy(dtype=int))


@settings(max_examples=30)
@given(st.integers(-20, 20), st.integers(-20, 20), st.sampled_from(["square", "hexagon"]))
def test_moving_everything_by_whole_cells_moves_the_map(right, up, kind):
    rng = np.random.default_rng(7)
    x, y = rng.normal(2500, 600, (2, 400))
    dx, dy = right * 250, up * 250 * (np.sqrt(3) if kind == "hexagon" else 1)
    here, there = (count(points(x + a, y + b), make_grid(shapely.box(1000 + a, 1000 + b, 4000 + a, 4000 + b), kind=kind, snap=False, crs=3006))
                   for a, b in ((0, 0), (dx, dy)))
    assert here["incidents"].tolist() == there["incidents"].tolist()


def test_incidents_without_place_or_far_away_count_nowhere():
    grid = make_grid(shapely.box(0, 0, 500, 500), crs=3006)
    nowhere = gpd.GeoSeries([None, shapely.Point(), shapely.Point(1e9, 10), shapely.Point(10, 10)], crs=3006)
    assert count(nowhere, grid)["incidents"].tolist() == [1, 0, 0, 0]


def test_weights_stand_beside_the_count_and_never_replace_it():
    grid = make_grid(shapely.box(0, 0, 500, 250), crs=3006)
    counted = count(points([10, 20, 300], [10, 10, 10]), grid, weights=[1, 10, 2.5])
    assert counted["incidents"].tolist() == [2, 1]
    assert counted["weighted"].tolist() == [11, 2.5]
    with pytest.raises(InputError, match="as many as the incidents"):
        count(points([10], [10]), grid, weights=[1, 2])


def test_counting_in_another_coordinate_system_is_refused_with_both_names():
    grid = make_grid(shapely.box(0, 0, 500, 250), crs=3006)
    with pytest.raises(InputError, match=r"SWEREF99 12 00.*SWEREF99 TM"):
        count(points([1], [1], 3007), grid)


def test_the_grid_that_came_in_is_not_changed():
    grid = make_grid(shapely.box(0, 0, 500, 250), crs=3006)
    columns = list(grid.columns)
    count(points([1], [1]), grid)["incidents"] += 5
    assert list(grid.columns) == columns


def test_a_grid_from_elsewhere_may_have_holes_and_any_row_order():
    grid = make_grid(shapely.box(0, 0, 2000, 2000), kind="hexagon", crs=3006)
    x, y = np.random.default_rng(1).uniform(0, 2000, (2, 500))
    whole = count(points(x, y), grid).set_index("cell")["incidents"]
    some = grid.sample(frac=0.7, random_state=3)
    some = some.assign(row=some["row"] + 11, column=some["column"] - 4)
    assert count(points(x, y), some).set_index("cell")["incidents"].equals(whole[some["cell"].to_numpy()])


@pytest.mark.parametrize(("change", "message"), [
    (lambda grid: grid.drop(columns="row"), "row and column"),
    (lambda grid: grid.iloc[:0], "at least one cell"),
    (lambda grid: grid.set_geometry(grid.buffer(10)), "squares or hexagons"),
    (lambda grid: grid.assign(row=grid["row"] * 2), "equal size"),
    (lambda grid: grid.iloc[[0, 1, 1, 2]], "each cell once"),
])
def test_a_frame_that_is_no_grid_is_refused_in_words(change, message):
    grid = make_grid(shapely.box(0, 0, 1000, 1000), crs=3006)
    with pytest.raises(InputError, match=message):
        lattice_of(change(grid))
