"""Tiles: every point once, no seams, one span for a layer."""
from __future__ import annotations

import io
import time

import geopandas as gpd
import numpy as np
import pytest
from PIL import Image

from geo_safety.maps import colours
from geo_safety.maps.tiles import MOST_ZOOM, SIZE, WORLD, PointIndex, TileCache, classes, counted, pixel_m, radius, render, span

# Slippy map tilenames (OpenStreetMap wiki) at zoom 10 by hand: x = (12.94 + 180) / 360 · 1024 = 548.8,
# y = (1 − ln(tan 57.72° + 1 / cos 57.72°) / π) / 2 · 1024 = (1 − 1.2399 / π) / 2 · 1024 = 309.9
PLACE = (12.94, 57.72)


def at(*places: tuple[float, float]) -> PointIndex:
    x, y = zip(*places, strict=True)
    return PointIndex.sorted(gpd.GeoSeries.from_xy(x, y, crs=4326).to_crs(3857))


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def test_a_place_is_in_the_tile_that_the_web_asks_for():
    index = at(PLACE)
    assert pixels(render(index, 10, 548, 309, colours.SEQUENTIAL))[..., 3].any()
    for x, y in ((547, 309), (549, 309), (548, 308), (548, 310)):
        assert not pixels(render(index, 10, x, y, colours.SEQUENTIAL))[..., 3].any()


def test_a_dot_is_as_wide_as_its_reach_says():
    alone = at(PLACE)
    for z in (10, 12, 14, 16):
        x = int((alone.x[0] + WORLD) / (pixel_m(z) * SIZE))
        y = int((WORLD - alone.y[0]) / (pixel_m(z) * SIZE))
        seen = sum((counted(alone, z, x + dx, y + dy) > 0).any(axis=0).sum() for dx in (-1, 0, 1) for dy in (0,)
                   if counted(alone, z, x + dx, y + dy) is not None)
        assert seen == 2 * radius(z) + 1


def test_neighbouring_tiles_meet_without_a_seam():
    rng = np.random.default_rng(2)
    z, x, y = 12, 2194, 1242
    west, north = -WORLD + x * SIZE * pixel_m(z), WORLD - y * SIZE * pixel_m(z)
    px = west + (SIZE + rng.normal(0, 6, 400)) * pixel_m(z)     # around the border between x and x + 1
    py = north - rng.uniform(0, SIZE, 400) * pixel_m(z)
    index = PointIndex.sorted(gpd.GeoSeries.from_xy(px, py, crs=3857))
    left, right = counted(index, z, x, y), counted(index, z, x + 1, y)
    moved = PointIndex.sorted(gpd.GeoSeries.from_xy(px - 100 * pixel_m(z), py, crs=3857))     # the same, border in mid-tile
    whole = counted(moved, z, x, y)
    assert np.array_equal(np.hstack([left[:, 156:], right[:, :100]])[:, 0:100], whole[:, 56:156])
    assert np.array_equal(right[:, :80], whole[:, 156:236])


def test_every_point_of_a_tile_is_counted_by_the_dots_around_it():
    rng = np.random.default_rng(5)
    z, x, y = 13, 4390, 2486
    west, north = -WORLD + x * SIZE * pixel_m(z), WORLD - y * SIZE * pixel_m(z)
    px, py = west + rng.uniform(20, 236, 5000) * pixel_m(z), north - rng.uniform(20, 236, 5000) * pixel_m(z)
    reach = radius(z)
    dot = sum(dx * dx + dy * dy <= reach * reach + 1 for dx in range(-reach, reach + 1) for dy in range(-reach, reach + 1))
    assert counted(PointIndex.sorted(gpd.GeoSeries.from_xy(px, py, crs=3857)), z, x, y).sum() == 5000 * dot


def test_a_point_on_a_tile_border_belongs_to_one_tile_only():
    index = PointIndex(np.array([0.0]), np.array([0.0]))
    assert len(index.within(0, 0, 10, 10)[0]) == 1
    assert len(index.within(-10, 0, 0, 10)[0]) == len(index.within(0, -10, 10, 0)[0]) == 0


def test_the_span_is_one_for_the_layer_and_the_legend_says_it():
    rng = np.random.default_rng(3)
    index = at(*zip(rng.normal(12.94, 0.02, 20_000), rng.normal(57.72, 0.01, 20_000), strict=True))
    made = classes(index, 12, language="sv")
    assert span(index, 12) == made.breaks[:-1] and span(index, 12)[0] == 1
    assert len(made.labels) == 5
    tile = pixels(render(index, 12, 2195, 1243, made.colours))
    drawn = {tuple(c) for c in tile[tile[..., 3] > 0][:, :3].tolist()}
    assert drawn <= {tuple(int(c[i:i + 2], 16) for i in (1, 3, 5)) for c in made.colours}


def test_only_what_may_be_a_point_is_in_the_tiles(town):
    assert len(PointIndex.of(town.incidents(200))) < 180


def test_nothing_gives_an_empty_tile():
    index = PointIndex(np.array([]), np.array([]))
    assert not pixels(render(index, MOST_ZOOM, 0, 0, colours.SEQUENTIAL)).any()
    assert span(index, 5) == ()


def test_the_cache_forgets_what_was_asked_for_longest_ago():
    cache, made = TileCache(most=2), []

    def make(name):
        return lambda: made.append(name) or name.encode()

    for name in ("a", "b", "a", "c", "a", "b"):
        assert cache.get(name, make(name)) == name.encode()
    assert made == ["a", "b", "c", "b"] and len(cache) == 2


def test_a_tile_of_a_million_points_is_quick():
    rng = np.random.default_rng(7)
    px, py = rng.normal((1_440_000, 7_915_000), 8_000, (1_000_000, 2)).T
    index = PointIndex(np.sort(px), py)     # which y goes with which x does not matter here
    breaks = span(index, 13)
    x, y = int((1_440_000 + WORLD) / (pixel_m(13) * SIZE)), int((WORLD - 7_915_000) / (pixel_m(13) * SIZE))
    took = []
    for dx in range(-2, 3):
        start = time.process_time()
        render(index, 13, x + dx, y, colours.SEQUENTIAL, breaks=breaks)
        took.append(time.process_time() - start)
    assert np.median(took) < 0.1
    assert pytest.approx(4.777, rel=0.001) == pixel_m(15)     # OpenStreetMap wiki, zoom levels: 4.777 m a pixel at zoom 15
