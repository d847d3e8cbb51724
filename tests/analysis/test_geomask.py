"""Masked points: moved enough, always alike, never into another area, and what it does to hotspots is told."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo_safety.analysis.geomask import geomask_donut, privacy_effect
from geo_safety.analysis.grids import make_grid
from geo_safety.errors import InputError

KEY = b"sixteen secret bytes or more"
TOWN = make_grid(shapely.box(0, 0, 4000, 4000), cell_size_m=250, crs=3006)[["geometry"]]
PEOPLE = TOWN.assign(addresses=np.where(TOWN.centroid.x < 2000, 50, 5))   # 800 and 80 households a square kilometre


def points(x, y) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"n": np.arange(len(x))}, geometry=gpd.points_from_xy(x, y), crs=3006)


def spread(n: int = 300, seed: int = 1) -> gpd.GeoDataFrame:
    return points(*np.random.default_rng(seed).uniform(300, 3700, (2, n)))


def test_the_distance_hides_among_enough_households():
    masked = geomask_donut(spread(), PEOPLE, key=KEY, k=20, r_min_m=20)
    west = spread().geometry.x < 2000
    reach = np.sqrt(20 / np.pi / (50 / 250**2)), np.sqrt(20 / np.pi / (5 / 250**2))
    for side, most in ((west, reach[0]), (~west, reach[1])):
        assert masked.loc[side, "moved_m"].between(most / 2 - 1e-6, most + 1e-6).all()
    assert masked["hidden_among"].min() >= 20 / 4 - 1e-6     # half the radius holds a quarter of them
    np.testing.assert_allclose(masked.distance(spread()), masked["moved_m"])


def test_the_ring_is_filled_evenly():
    many = points(*np.random.default_rng(5).uniform(300, 1700, (2, 4000)))
    told = geomask_donut(many, PEOPLE, key=KEY, r_min_m=20)
    east, north = told.geometry.x - many.geometry.x, told.geometry.y - many.geometry.y
    assert abs(east.mean()) < 4 and abs(north.mean()) < 4
    most = np.sqrt(20 / np.pi / (50 / 250**2))
    inner = (told["moved_m"]**2 - (most / 2)**2) / (most**2 - (most / 2)**2)
    assert abs(inner.mean() - 0.5) < 0.02   # uniform in area between the two radii


def test_a_place_is_always_moved_alike_and_not_without_the_key():
    twice = points([1000, 1000.001, 1000.02], [1000, 1000, 1000])
    masked = geomask_donut(twice, PEOPLE, key=KEY)
    assert masked.geometry.iloc[0].distance(masked.geometry.iloc[1]) < 0.01
    assert masked.geometry.iloc[0].distance(masked.geometry.iloc[2]) > 1
    assert masked.geometry.equals(geomask_donut(twice, PEOPLE, key=KEY).geometry)
    other = geomask_donut(twice, PEOPLE, key=KEY + b"!")
    assert (other.distance(masked) > 1).all()


def test_no_point_crosses_a_border_and_one_that_cannot_stay_is_left_without_place():
    areas = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 2000, 4000), shapely.box(2000, 0, 3990, 4000), shapely.box(3990, 0, 4000, 4)], crs=3006)
    near = points([1995, 2005, 3995], [2000, 2000, 2])
    masked = geomask_donut(near, PEOPLE, key=KEY, areas=areas)
    assert masked.geometry.iloc[0].x <= 2000 <= masked.geometry.iloc[1].x
    assert masked.geometry.iloc[2] is None
    assert np.isnan(masked["moved_m"].iloc[2])


def test_what_masking_does_to_the_hotspots_is_told():
    rng = np.random.default_rng(2)
    raw = points(*np.hstack([rng.uniform(300, 3700, (2, 200)), rng.normal(1100, 120, (2, 120))]))
    grid = make_grid(shapely.box(0, 0, 4000, 4000), cell_size_m=500, crs=3006)
    effect = privacy_effect(raw, geomask_donut(raw, PEOPLE, key=KEY), grid)
    assert effect.hot_raw > 0
    assert 0.3 < effect.jaccard <= 1
    assert effect.wide_enough and effect.without_place == 0
    same = privacy_effect(raw, raw.assign(moved_m=0.0), grid)
    assert same.jaccard == 1


@pytest.mark.parametrize("wish", [{"key": b"short"}, {"k": 1}, {"r_min_m": 0}, {"households": "nothing"}])
def test_a_mask_that_hides_nothing_is_refused(wish):
    with pytest.raises(InputError):
        geomask_donut(spread(5), PEOPLE, **{"key": KEY} | wish)
