"""Tiles of many points: how many lie within a dot's reach, counted with numpy, as small PNGs.

For layers of more points than a browser draws well. A tile counts only the points of its own strip: they are sorted by x once and
sliced. Colours have one span for a layer and zoom, never one per tile, so that neighbours meet without a seam.
"""
from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cache
from threading import Lock

import geopandas as gpd
import numpy as np
from PIL import Image

from ..model.describe import Style
from ..model.features import Shown
from .classes import Classes, classify
from .drawing import may_be_drawn

SIZE = 256
WORLD = 20_037_508.342789244    # half the width of EPSG:3857, metres at the equator
MOST_ZOOM = 22
OPACITY = 225
STYLE = Style(colour_by="incidents", ramp="sequential")


@dataclass(frozen=True, eq=False)
class PointIndex:
    """Points in EPSG:3857, sorted by `x`. Made once for a layer, revision, selection and viewer; read by many threads."""

    x: np.ndarray
    y: np.ndarray
    _classes: dict[tuple[int, str], Classes] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, shown: Shown) -> PointIndex:
        """The points of a layer that may be drawn as points."""
        return cls.sorted(gpd.GeoSeries(shown.frame.geometry[may_be_drawn(shown)]).to_crs(3857))

    @classmethod
    def sorted(cls, points: gpd.GeoSeries) -> PointIndex:
        x, y = points.x.to_numpy(), points.y.to_numpy()
        order = np.argsort(x, kind="stable")
        return cls(x[order], y[order])

    def __len__(self) -> int:
        return len(self.x)

    def within(self, west: float, south: float, east: float, north: float) -> tuple[np.ndarray, np.ndarray]:
        """x and y of the points in the half-open box: its western and southern sides belong to it."""
        first, last = np.searchsorted(self.x, (west, east), side="left")
        x, y = self.x[first:last], self.y[first:last]
        inside = (y >= south) & (y < north)
        return x[inside], y[inside]


def radius(z: int) -> int:
    """Reach of a dot in pixels: points from afar, discs from near."""
    return 1 if z <= 10 else 2 if z <= 12 else 3 if z <= 14 else 5


def pixel_m(z: int) -> float:
    """Width of a pixel at zoom `z` in metres of EPSG:3857; on the ground it is this times the cosine of the latitude."""
    return 2 * WORLD / (SIZE * 2**z)


def classes(index: PointIndex, z: int, *, language: str) -> Classes:
    """The classes of a zoom: points within a dot's reach, over the whole layer. Breaks, colours and labels for the legend."""
    key = (z, language)
    if key not in index._classes:
        index._classes[key] = classify(_per_dot(index, z), STYLE, language=language)
    return index._classes[key]


def span(index: PointIndex, z: int) -> tuple[float, ...]:
    """Lower bounds of the classes at zoom `z`, the same for every tile."""
    return classes(index, z, language="en").breaks[:-1]


def _per_dot(index: PointIndex, z: int) -> np.ndarray:
    """Points in each occupied square as wide as a dot."""
    side = pixel_m(z) * (2 * radius(z) + 1)
    column, row = ((v / side).astype(np.int64) for v in (index.x + WORLD, index.y + WORLD))
    return np.unique(column << 32 | row, return_counts=True)[1]


def render(index: PointIndex, z: int, x: int, y: int, ramp: tuple[str, ...], *, breaks: tuple[float, ...] | None = None) -> bytes:
    """The tile in column `x` and row `y`, counted from the north-west, as PNG; transparent where there is nothing.

    `ramp` are the colours of the classes whose lower bounds are `breaks`; None takes the span of the zoom.
    """
    counts = counted(index, z, x, y)
    if counts is None:
        return _nothing()
    bounds = np.asarray(span(index, z) if breaks is None else breaks)
    place = np.minimum(np.searchsorted(bounds, counts, side="right"), len(ramp)).astype(np.uint8)
    place[(counts > 0) & (place == 0)] = 1      # fewer than the least bound of another span is still something
    return _png(place, ramp)


def counted(index: PointIndex, z: int, x: int, y: int) -> np.ndarray | None:
    """Points within a dot's reach of each pixel, rows from the north; None when the tile is empty."""
    width, reach = pixel_m(z), radius(z)
    wide = SIZE + 2 * reach     # points beyond the rim reach into the tile
    west, north = -WORLD + (x * SIZE - reach) * width, WORLD - (y * SIZE - reach) * width
    px, py = index.within(west, north - wide * width, west + wide * width, north)
    if not len(px):
        return None
    column = np.minimum(((px - west) / width).astype(np.int64), wide - 1)
    row = np.minimum(((north - py) / width).astype(np.int64), wide - 1)
    single = np.bincount(row * wide + column, minlength=wide * wide).reshape(wide, wide)
    total = np.zeros((SIZE, SIZE), dtype=np.int64)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            if dx * dx + dy * dy <= reach * reach + 1:
                total += single[reach + dy:reach + dy + SIZE, reach + dx:reach + dx + SIZE]
    return total


def _png(place: np.ndarray, ramp: tuple[str, ...]) -> bytes:
    """`place` 0 is transparent, 1 the first colour."""
    image = Image.fromarray(place, mode="P")
    image.putpalette([0, 0, 0, *(int(colour[i:i + 2], 16) for colour in ramp for i in (1, 3, 5))])
    out = io.BytesIO()
    image.save(out, "PNG", transparency=bytes([0, *[OPACITY] * len(ramp)]), compress_level=3)
    return out.getvalue()


@cache
def _nothing() -> bytes:
    """Most tiles of a map are empty."""
    return _png(np.zeros((SIZE, SIZE), dtype=np.uint8), ("#000000",))


class TileCache:
    """The tiles asked for last, for all threads. The key must say all that a tile depends on: layer, revision, selection, *who may
    see it*, colours, zoom, column and row."""

    def __init__(self, most: int = 2_000):
        self.most = most
        self._tiles: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """The tile of `key`, made when it is not there; two threads may make the same one, which costs time but not truth."""
        with self._lock:
            if key in self._tiles:
                self._tiles.move_to_end(key)
                return self._tiles[key]
        tile = make()
        with self._lock:
            self._tiles[key] = tile
            self._tiles.move_to_end(key)
            while len(self._tiles) > self.most:
                self._tiles.popitem(last=False)
        return tile

    def __len__(self) -> int:
        return len(self._tiles)
