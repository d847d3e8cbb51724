"""What must hold whatever the data: moving, turning, scaling, doubling, the order of rows, and the seed."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_safety.analysis.concentration import concentration
from geo_safety.analysis.counts import count
from geo_safety.analysis.grids import make_grid
from geo_safety.analysis.kernels import kernel_density
from geo_safety.analysis.moran import local_moran
from geo_safety.analysis.near_repeat import near_repeat
from geo_safety.analysis.neighbours import getis_ord
from geo_safety.analysis.scan import scan
from geo_safety.analysis.streets import hot_streets

CELL, SIDE = 100.0, 2000.0


def points(seed: int, n: int = 150, scale: float = 1.0) -> gpd.GeoDataFrame:
    """Incidents a quarter of which lie close together, none on the border of a cell."""
    rng = np.random.default_rng(seed)
    x, y = np.concatenate([rng.uniform(0, SIDE, (2, n - n // 4)), rng.normal(650, 60, (2, n // 4))], axis=1)
    off = lambda value: np.floor(value / CELL) * CELL + 7 + (value % CELL) * 0.85  # noqa: E731
    days = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D")
    return gpd.GeoDataFrame({"occurred_from": days}, geometry=gpd.points_from_xy(scale * off(x), scale * off(y)), crs=3006)


def grid(scale: float = 1.0, east: float = 0.0, north: float = 0.0) -> gpd.GeoDataFrame:
    area = gpd.GeoDataFrame(geometry=[shapely.box(east, north, east + scale * SIDE, north + scale * SIDE)], crs=3006)
    return make_grid(area, cell_size_m=scale * CELL)


def moved(frame: gpd.GeoDataFrame, east: float, north: float) -> gpd.GeoDataFrame:
    return frame.set_geometry(frame.geometry.translate(east, north))


def turned(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """By 90 degrees around the middle of the area."""
    return frame.set_geometry(frame.geometry.rotate(90, origin=(SIDE / 2, SIDE / 2)))


def density(where, cells):
    scale = cells.geometry.iloc[0].bounds
    return kernel_density(where, cells, bandwidth_m=3 * (scale[2] - scale[0]))["density_per_km2"].to_numpy()


def clusters(where, cells):
    return getis_ord(count(where, cells))["z"].to_numpy()


def exact_p(where, cells):
    return getis_ord(count(where, cells))["p"].to_numpy()


def likeness(where, cells):
    return local_moran(count(where, cells))["moran_i"].to_numpy()


def counts(where, cells):
    return count(where, cells)["incidents"].to_numpy().astype(float)


ON_A_GRID = {f.__name__: f for f in (counts, density, clusters, exact_p, likeness)}


def raster(values: np.ndarray, cells: gpd.GeoDataFrame) -> np.ndarray:
    """North up."""
    middle = cells.geometry.centroid
    return values[np.lexsort((middle.x, -middle.y))].reshape(round(SIDE / CELL), -1)


@pytest.mark.parametrize("name", ON_A_GRID)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), columns=st.integers(-40, 40), rows=st.integers(-40, 40))
def test_moving_all_by_whole_cells_moves_the_answer(name, seed, columns, rows):
    method, here = ON_A_GRID[name], points(seed)
    there = moved(here, CELL * columns, CELL * rows)
    np.testing.assert_allclose(method(there, grid(east=CELL * columns, north=CELL * rows)), method(here, grid()), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", ON_A_GRID)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_turning_a_square_grid_turns_the_answer(name, seed):
    method, cells = ON_A_GRID[name], grid()
    before, after = raster(method(points(seed), cells), cells), raster(method(turned(points(seed)), cells), cells)
    np.testing.assert_allclose(after, np.rot90(before), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", ON_A_GRID)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.sampled_from([0.5, 2.0, 8.0]))
def test_scaling_every_length_scales_the_density_and_nothing_else(name, seed, scale):
    method = ON_A_GRID[name]
    expected = method(points(seed), grid()) / (scale**2 if name == "density" else 1.0)
    np.testing.assert_allclose(method(points(seed, scale=scale), grid(scale)), expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", ON_A_GRID)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_is_nothing(name, seed):
    method, here = ON_A_GRID[name], points(seed)
    np.testing.assert_allclose(method(here.sample(frac=1, random_state=seed), grid()), method(here, grid()), rtol=1e-12, atol=1e-12)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_doubling_every_incident_doubles_counts_and_densities(seed):
    here = points(seed)
    twice = pd.concat([here, here], ignore_index=True)
    for method in (counts, density):
        np.testing.assert_allclose(method(twice, grid()), 2 * method(here, grid()), rtol=1e-10, atol=1e-10)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.sampled_from([0.5, 4.0]))
def test_near_repeats_move_turn_and_scale(seed, scale):
    ask = lambda where, bands: near_repeat(where, distance_bands_m=bands, n_perm=19, seed=1)["pairs"].tolist()  # noqa: E731
    bands = (0, 130, 260, 520)
    told = ask(points(seed), bands)
    assert ask(moved(points(seed), 12_345, -678), bands) == told == ask(points(seed).sample(frac=1, random_state=1), bands)
    assert ask(points(seed, scale=scale), tuple(scale * band for band in bands)) == told


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_streets_move_and_do_not_mind_the_order(seed):
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, up), (SIDE, up)]) for up in np.arange(50, SIDE, 137)], crs=3006)
    here = points(seed)
    told = hot_streets(here, lines)["incidents"].tolist()
    assert hot_streets(moved(here, 1000, 3000), moved(lines, 1000, 3000))["incidents"].tolist() == told
    assert hot_streets(here, lines.iloc[::-1])["incidents"].tolist()[::-1] == told
    assert hot_streets(pd.concat([here, here], ignore_index=True), lines)["incidents"].tolist() == [2 * n for n in told]


@pytest.mark.parametrize("seed", [1, 77])
def test_the_same_seed_gives_the_same_bytes_and_another_another(seed):
    cells = count(points(3), grid())
    cases = cells.assign(population=1.0)
    made = lambda number: (  # noqa: E731
        getis_ord(cells, p="permutation", n_perm=199, seed=number)["p"].to_numpy().tobytes(),
        scan(cases, cases="incidents", population="population", n_perm=99, seed=number)["p"].to_numpy().tobytes(),
        near_repeat(points(3), n_perm=99, seed=number)["p"].to_numpy().tobytes(),
        concentration(cells["incidents"], n_sim=99, n_boot=99, seed=number)["chance_high"].to_numpy().tobytes())
    assert made(seed) == made(seed)
    assert made(seed) != made(seed + 1)
