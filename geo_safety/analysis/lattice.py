"""Where the cells of a grid lie: the arithmetic between coordinates, cells and a raster that holds them.

A grid is any frame of equal cells with `row` and `column`. Squares are half-open, [x0, x0 + s) × [y0, y0 + s), so that a point on
a border belongs to one cell. Hexagons stand on a corner, every other row is moved half a cell, and a point belongs to the nearest
centre; in the raster their rows are sheared into axial coordinates, so that neighbours have the same offsets everywhere.
"""
from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely

from ..crs import require_metric, title
from ..errors import InputError
from ..text import Text

ROW_HEIGHT = np.sqrt(3) / 2     # between the rows of hexagons one cell wide
CHUNK = 1 << 16                 # points placed at a time: what they need fits in the processor's cache
BATCH = 1 << 22                 # points counted at a time: memory does not grow with their number


@dataclass(frozen=True, eq=False)
class Lattice:
    """The lattice of a grid, and `at`: the place in the flattened raster of each of its cells, in the order of the frame.

    `x0`, `y0` is the centre of the raster's first cell, in metres; the raster has shape (`rows`, `columns`).
    """

    kind: str
    cell_size_m: float
    x0: float
    y0: float
    rows: int
    columns: int
    at: np.ndarray

    @property
    def step_y(self) -> float:
        """Metres between rows."""
        return self.cell_size_m * (ROW_HEIGHT if self.kind == "hexagon" else 1.0)

    @property
    def shear(self) -> float:
        """Cells by which each row of the raster lies further to the right than the one below."""
        return 0.5 if self.kind == "hexagon" else 0.0

    @property
    def cell_area_m2(self) -> float:
        return self.cell_size_m * self.step_y

    @property
    def size(self) -> int:
        return self.rows * self.columns

    def offset(self, down: np.ndarray | int, right: np.ndarray | int) -> tuple[np.ndarray, np.ndarray]:
        """Metres east and north between two cells that many raster rows and columns apart."""
        return (np.asarray(right) + np.asarray(down) * self.shear) * self.cell_size_m, np.asarray(down) * self.step_y

    def centres(self) -> tuple[np.ndarray, np.ndarray]:
        """x and y of the centre of each cell, in the order of the frame."""
        row, column = np.divmod(self.at, self.columns)
        east, north = self.offset(row, column)
        return self.x0 + east, self.y0 + north

    def raster(self, values: np.ndarray, fill: float = 0) -> np.ndarray:
        """`values`, one for each cell of the frame, as a raster; `fill` where the raster has no cell."""
        values = np.asarray(values)
        if self.is_whole:
            return values.reshape(self.rows, self.columns)
        raster = np.full(self.size, fill, dtype=values.dtype)
        raster[self.at] = values
        return raster.reshape(self.rows, self.columns)

    def values(self, raster: np.ndarray) -> np.ndarray:
        """Of a raster, one value for each cell, in the order of the frame."""
        return raster.ravel() if self.is_whole else raster.ravel()[self.at]

    @cached_property
    def is_whole(self) -> bool:
        """The frame holds every cell of the raster, row by row."""
        return len(self.at) == self.size and bool((self.at == np.arange(self.size)).all())

    def position(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Place in the flattened raster of each point; `size` (one past the end) for a point outside it or without place."""
        position = np.empty(len(x), dtype=np.intp)
        find = _in_hexagon if self.kind == "hexagon" else _in_square
        for start in range(0, len(x), CHUNK):
            part = slice(start, start + CHUNK)
            position[part] = find(self, x[part], y[part])
        return position

    def cell_of(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Position in the frame of the cell that each point lies in, -1 for none."""
        lookup = np.full(self.size + 1, -1)
        lookup[self.at] = np.arange(len(self.at))
        return lookup[self.position(x, y)]

    def count(self, x: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        """Points, or their weights, per cell in the order of the frame. Time O(points), memory O(cells)."""
        total = np.zeros(self.size + 1, dtype=np.int64 if weights is None else float)
        for start in range(0, len(x), BATCH):
            part = slice(start, start + BATCH)
            total += np.bincount(self.position(x[part], y[part]), weights=None if weights is None else weights[part],
                                 minlength=self.size + 1)
        return total[:-1] if self.is_whole else total[self.at]


def _in_square(lattice: Lattice, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    # divided, not multiplied by the inverse, which would put a point on a border into the cell before it
    column = x - (lattice.x0 - lattice.cell_size_m / 2)
    column /= lattice.cell_size_m
    row = y - (lattice.y0 - lattice.cell_size_m / 2)
    row /= lattice.cell_size_m
    return _flattened(lattice, row, column)


def _in_hexagon(lattice: Lattice, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The nearest centre: each of three axial coordinates rounded, the one rounded most mended from the others."""
    row = (y - lattice.y0) / lattice.step_y
    column = (x - lattice.x0) / lattice.cell_size_m - row * lattice.shear
    third = -row - column
    near = [np.rint(axis) for axis in (row, column, third)]
    off = [np.abs(axis - whole) for axis, whole in zip((row, column, third), near, strict=True)]
    mend_row = (off[0] > off[1]) & (off[0] > off[2])
    mend_column = ~mend_row & (off[1] > off[2])
    return _flattened(lattice, np.where(mend_row, -near[1] - near[2], near[0]), np.where(mend_column, -near[0] - near[2], near[1]))


def _flattened(lattice: Lattice, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Place in the flattened raster of the cells that rows and columns, not below 0, fall into; `size` for others and for NaN."""
    everywhere = (row.min(initial=0) >= 0 and row.max(initial=0) < lattice.rows
                  and column.min(initial=0) >= 0 and column.max(initial=0) < lattice.columns)
    with np.errstate(invalid="ignore"):  # a missing place becomes any number, and is then put outside
        position = row.astype(np.int32)
        position *= lattice.columns
        position += column.astype(np.int32)
    if not everywhere:
        inside = (row >= 0) & (row < lattice.rows) & (column >= 0) & (column < lattice.columns)
        position[~inside] = lattice.size
    return position


def lattice_of(grid: gpd.GeoDataFrame) -> Lattice:
    """The lattice that the cells of `grid` lie on, read from `row`, `column` and the shape of a few cells.

    InputError when the frame is no grid: no `row` and `column`, no metres, a cell twice, or cells of unequal size.
    """
    if not {"row", "column"} <= set(grid.columns) or not len(grid):
        raise _no_grid(Text(sv="kolumnerna row och column, och minst en ruta", en="the columns row and column, and at least one cell"))
    require_metric(grid.crs, Text(sv="Rutnätet", en="The grid"))
    row, column = (_from_zero(grid[name].to_numpy()) for name in ("row", "column"))
    few = np.unique(np.linspace(0, len(row) - 1, 9).astype(np.intp))    # a few cells tell the rest
    if shapely.get_num_coordinates(grid.geometry.iat[0]) == 7:
        few = np.unique([*few, np.argmin(row & 1), np.argmax(row & 1)])     # and one of each kind of row
    cells = grid.geometry.to_numpy()[few]
    corners = shapely.get_num_coordinates(cells)
    if not np.isin(corners, (5, 7)).all() or (corners != corners[0]).any():
        raise _no_grid(Text(sv="rutor som är kvadrater eller sexhörningar", en="cells that are squares or hexagons"))
    west, south, east, north = shapely.bounds(cells).T
    size = float(np.round(np.median(east - west), 9))
    hexagon = bool(corners[0] == 7)
    x, y = (west + east) / 2 - size * column[few], (south + north) / 2 - size * (ROW_HEIGHT if hexagon else 1.0) * row[few]
    moved = size * (row[few] & 1) / 2
    odd_right = not hexagon or np.ptp(x - moved) <= np.ptp(x + moved)   # which rows are moved half a cell to the right
    if hexagon:
        x = x - moved if odd_right else x + moved
    x0, y0 = float(np.median(x)), float(np.median(y))
    if max(np.abs(x - x0).max(), np.abs(y - y0).max(), np.abs(east - west - size).max()) > 1e-6 * size:
        raise _no_grid(Text(sv="lika stora rutor, numrerade från sydväst", en="cells of equal size, numbered from the south-west"))
    if not hexagon:
        return _on_raster("square", size, x0, y0, row, column)
    # sheared: in axial coordinates the centre of (row, column) is column + row / 2 cells to the right of the first
    lift = row // 2 if odd_right else (row + 1) // 2
    shift = int(lift.max())
    return _on_raster("hexagon", size, x0 - shift * size, y0, row, column - lift + shift)


def _from_zero(numbers: np.ndarray) -> np.ndarray:
    whole = numbers.astype(np.int64, copy=False)
    least = whole.min()
    return whole if least == 0 else whole - least


def _on_raster(kind: str, size: float, x0: float, y0: float, row: np.ndarray, column: np.ndarray) -> Lattice:
    columns = int(column.max()) + 1
    at = row * columns
    at += column
    lattice = Lattice(kind, size, x0, y0, int(row.max()) + 1, columns, at)
    if not lattice.is_whole and np.bincount(at).max() > 1:
        raise _no_grid(Text(sv="varje ruta en gång", en="each cell once"))
    return lattice


def _no_grid(wanted: Text) -> InputError:
    return InputError(Text(sv="Det här är inget rutnät: det behöver {wanted}. Gör ett med make_grid.",
                           en="This is no grid: it needs {wanted}. Make one with make_grid.").format(wanted=wanted))


def require_same_crs(points: gpd.GeoDataFrame | gpd.GeoSeries, grid: gpd.GeoDataFrame) -> None:
    """InputError, naming both, when points and grid do not lie in the same metric coordinate system."""
    require_metric(grid.crs, Text(sv="Rutnätet", en="The grid"))
    require_metric(points.crs, Text(sv="Händelserna", en="Incidents"))
    if points.crs != grid.crs:
        raise InputError(Text(sv="Händelserna ligger i {points} men rutnätet i {grid}. Använd crs.to_store(frame, crs).",
                              en="Incidents are in {points} but the grid is in {grid}. Use crs.to_store(frame, crs).").format(
                                  points=title(points.crs), grid=title(grid.crs)))
