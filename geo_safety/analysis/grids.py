"""Grids of equal cells over an area, and which of their cells belong to the ground that was searched."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from ..crs import require_metric
from ..errors import InputError
from ..text import Text
from .lattice import ROW_HEIGHT, Lattice, lattice_of

MOST_CELLS = 5_000_000
LEAST_SHARE = 0.05      # cells with less of the area inside are not tested: they are mostly unknown ground
EXPOSURE = ("residents", "addresses", "street_m")
_BLOCK = 32             # cells cut against the area at once


def make_grid(area: gpd.GeoDataFrame | gpd.GeoSeries | shapely.Geometry, *, cell_size_m: float = 250, kind: str = "square",
              snap: bool = True, crs: object = None) -> gpd.GeoDataFrame:
    """Whole cells over every part of `area`, numbered from the south-west.

    Parameters
    ----------
    area
        One or more polygons in a metric CRS; a bare shapely geometry needs `crs`.
    cell_size_m
        Side of a square; width of a hexagon, which is also the distance between the centres of neighbours. 250 m suits a
        municipality, 100 m a town centre. Look at two sizes before believing a hotspot: it may come and go with the cells.
    kind
        "square" lines up with national statistics; "hexagon" has one kind of neighbour and looks calmer on a map.
    snap
        True puts the origin at a multiple of the cell size, so that grids of different years and layers line up.

    Returns
    -------
    One row per cell, row by row from the south: `cell` (0, 1, …), `row`, `column`, `inside_share` (part of the cell that lies in
    the area, 0 to 1) and the whole cell as `geometry`. A cell that only touches the border is not part of it.

    Raises
    ------
    InputError
        The area has no extent or no metric CRS, or the cells would be more than five million.
    """
    shape, crs = _polygon(area, crs)
    if kind not in ("square", "hexagon"):
        raise InputError(Text(sv="Rutor är square eller hexagon, inte {kind}.", en="Cells are square or hexagon, not {kind}.").format(kind=kind))
    _check_size(shape, cell_size_m)
    lattice = _lattice_over(shape, float(cell_size_m), kind, snap)
    row, column, share = _cover(shape, lattice)
    order = np.lexsort((column, row))
    row, column, share = row[order], column[order], share[order]
    cells = _cells(lattice, row, column)
    return gpd.GeoDataFrame({"cell": np.arange(len(row)), "row": row - row.min(), "column": column - column.min(),
                             "inside_share": share}, geometry=cells, crs=crs)


def study_area(grid: gpd.GeoDataFrame, exposure: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """`grid` with what is known of the people in each cell, and which cells are `tested`.

    Parameters
    ----------
    exposure
        Small cells with `residents`, `addresses` and `street_m`, in the CRS of the grid. One that lies across several cells of
        the grid is shared out by area. None, or an empty frame: nothing is known, and every cell with enough of its area inside is tested.

    Returns
    -------
    A copy of `grid` with `residents`, `addresses`, `street_m` (missing where the layer does not have the column) and `tested`:
    at least 5 % of the cell lies in the area and somebody lives there, or it has an address or a street. Empty forest and water
    must not take part in a test: they make every built-up cell look hot.
    """
    told = grid.copy()
    known = exposure is not None and len(exposure) > 0
    if known:
        _require_crs(exposure, grid)
    shared = _shared_out(exposure, grid) if known else {}
    for column in EXPOSURE:
        told[column] = shared.get(column, np.full(len(grid), np.nan))
    some = np.nan_to_num(told[list(EXPOSURE)].to_numpy(dtype=float)).max(axis=1) > 0 if known else np.ones(len(grid), dtype=bool)
    told["tested"] = some & (inside_share(grid) >= LEAST_SHARE)
    return told


def inside_share(grid: gpd.GeoDataFrame) -> np.ndarray:
    """Part of each cell that lies in the area; 1 for a grid from elsewhere that does not say."""
    return grid["inside_share"].to_numpy(dtype=float) if "inside_share" in grid.columns else np.ones(len(grid))


def tested(grid: gpd.GeoDataFrame) -> np.ndarray:
    """Which cells take part in a test: `tested` where the grid has it, else those with at least 5 % of their area inside."""
    return grid["tested"].to_numpy(dtype=bool) if "tested" in grid.columns else inside_share(grid) >= LEAST_SHARE


def with_columns(grid: gpd.GeoDataFrame, columns: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """A frame with the columns of `grid` and these, which replace those of the same name; nothing is copied and `grid` stays as it is."""
    replaced = [name for name in columns if name in grid.columns]
    kept = grid.drop(columns=replaced) if replaced else grid
    return pd.concat([kept, pd.DataFrame(dict(columns), index=grid.index, copy=False)], axis=1)


def _polygon(area, crs) -> tuple[shapely.Geometry, pyproj.CRS]:
    crs = getattr(area, "crs", None) or crs
    known = require_metric(crs, Text(sv="Området", en="The area"))
    shape = area.union_all() if isinstance(area, gpd.GeoDataFrame | gpd.GeoSeries) else area
    shape = shape if shape.is_valid else shapely.make_valid(shape)
    if not shape.area > 0:
        raise InputError(Text(sv="Området har ingen yta. Det måste vara en eller flera polygoner.",
                              en="The area has no extent. It must be one or more polygons."))
    return shape, known


def _check_size(shape: shapely.Geometry, cell_size_m: float) -> None:
    if not cell_size_m > 0:
        raise InputError(Text(sv="Rutans storlek måste vara större än 0 m.", en="The cell size must be more than 0 m."))
    number = shape.area / cell_size_m**2
    if number > MOST_CELLS:
        raise InputError(Text(sv="Området skulle bli {n} rutor om {size} m; högst {most} går. Välj större rutor.",
                              en="The area would become {n} cells of {size} m; {most} is the most. Choose larger cells.").format(
                                  n=round(number), size=cell_size_m, most=MOST_CELLS))


def _lattice_over(shape: shapely.Geometry, size: float, kind: str, snap: bool) -> Lattice:
    """A lattice of rows and columns (hexagons not sheared) that covers the bounds of `shape`."""
    west, south, east, north = shape.bounds
    if kind == "square":
        x0, y0 = (np.floor(west / size) * size, np.floor(south / size) * size) if snap else (west, south)
        return Lattice(kind, size, x0 + size / 2, y0 + size / 2, int(np.ceil((north - y0) / size)), int(np.ceil((east - x0) / size)),
                       np.empty(0, dtype=int))
    # two rows together repeat, so the origin steps by two: the same rows are moved in every grid
    pair = 2 * size * ROW_HEIGHT
    x0, y0 = ((np.floor(west / size) - 1) * size, (np.floor(south / pair) - 1) * pair) if snap else (west, south)
    return Lattice(kind, size, x0, y0, int(np.ceil((north - y0) / (size * ROW_HEIGHT))) + 2, int(np.ceil((east - x0) / size)) + 2,
                   np.empty(0, dtype=int))


def _cover(shape: shapely.Geometry, lattice: Lattice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row, column and share inside of every cell that `shape` reaches into."""
    found = [(rows.ravel(), columns.ravel(), shares) for rows, columns, shares in _blocks(shape, lattice, 0, lattice.rows, 0, lattice.columns)]
    row, column, share = (np.concatenate(part) for part in zip(*found, strict=True))
    kept = share > 1e-9
    return row[kept], column[kept], share[kept]


def _blocks(piece: shapely.Geometry, lattice: Lattice, bottom: int, top: int, left: int, right: int) -> Iterator[tuple]:
    """Halves a block of cells, and the piece of the area in it, until a block is empty, full or small enough to cut cell by cell."""
    piece = shapely.intersection(piece, frame := _frame(lattice, bottom, top, left, right))
    if piece.area == 0:
        return
    rows, columns = np.mgrid[bottom:top, left:right]
    if piece.area >= frame.area * (1 - 1e-11):
        yield rows, columns, np.ones(rows.size)
    elif rows.size <= _BLOCK:
        cells = _cells(lattice, rows.ravel(), columns.ravel())
        cut = shapely.area(shapely.intersection(cells, piece)) / lattice.cell_area_m2
        yield rows, columns, np.minimum(np.where(cut > 1 - 1e-11, 1.0, cut), 1.0)
    elif top - bottom >= right - left:
        middle = (bottom + top) // 2
        yield from _blocks(piece, lattice, bottom, middle, left, right)
        yield from _blocks(piece, lattice, middle, top, left, right)
    else:
        middle = (left + right) // 2
        yield from _blocks(piece, lattice, bottom, top, left, middle)
        yield from _blocks(piece, lattice, bottom, top, middle, right)


def _frame(lattice: Lattice, bottom: int, top: int, left: int, right: int) -> shapely.Geometry:
    """The rectangle around a block of cells."""
    size = lattice.cell_size_m
    hexagon = lattice.kind == "hexagon"
    over = size / np.sqrt(3) if hexagon else size / 2
    return shapely.box(lattice.x0 + size * (left - 0.5), lattice.y0 + lattice.step_y * bottom - over,
                       lattice.x0 + size * (right - 0.5 + (0.5 if hexagon else 0)), lattice.y0 + lattice.step_y * (top - 1) + over)


def _cells(lattice: Lattice, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    size = lattice.cell_size_m
    if lattice.kind == "square":
        west, south = lattice.x0 - size / 2, lattice.y0 - size / 2
        return shapely.box(west + size * column, south + size * row, west + size * (column + 1), south + size * (row + 1))
    x, y = lattice.x0 + size * (column + (row % 2) / 2), lattice.y0 + lattice.step_y * row
    high = size / np.sqrt(3)
    ring_x = np.array([0, 0.5, 0.5, 0, -0.5, -0.5, 0]) * size
    ring_y = np.array([-1, -0.5, 0.5, 1, 0.5, -0.5, -1]) * high
    return shapely.polygons(np.stack([x[:, None] + ring_x, y[:, None] + ring_y], axis=-1))


def _require_crs(exposure: gpd.GeoDataFrame, grid: gpd.GeoDataFrame) -> None:
    if exposure.crs != grid.crs:
        raise InputError(Text(sv="Lagret med invånare, adresser och gator ligger i ett annat koordinatsystem än rutnätet. "
                                 "Använd crs.to_store(frame, crs).",
                              en="The layer with residents, addresses and streets is in another coordinate system than the grid. "
                                 "Use crs.to_store(frame, crs)."))


def _shared_out(exposure: gpd.GeoDataFrame, grid: gpd.GeoDataFrame) -> dict[str, np.ndarray]:
    """Sums per cell of the columns that `exposure` has values in."""
    source, target, share = _overlaps(exposure, grid)
    sums = {}
    for column in EXPOSURE:
        if column in exposure.columns and exposure[column].notna().any():
            values = pd.to_numeric(exposure[column]).to_numpy(dtype=float, na_value=0.0)
            sums[column] = np.bincount(target, weights=values[source] * share, minlength=len(grid))
    return sums


def _overlaps(exposure: gpd.GeoDataFrame, grid: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of an exposure row and a grid cell, and the part of the row that lies in the cell."""
    lattice = lattice_of(grid)
    geometry = exposure.geometry.to_numpy()
    west, south, east, north = shapely.bounds(geometry).T
    hair = 1e-6 * lattice.cell_size_m  # neighbouring squares share a border
    corner = lattice.cell_of(west + hair, south + hair)
    alone = (lattice.kind == "square") & (corner >= 0) & (corner == lattice.cell_of(east - hair, north - hair))
    alone |= (corner >= 0) & (east == west) & (north == south)
    whole = np.flatnonzero(alone)
    rest = np.flatnonzero(~alone & (shapely.area(geometry) > 0))
    part, cell = shapely.STRtree(grid.geometry.to_numpy()).query(geometry[rest], predicate="intersects")
    pieces = geometry[rest][part]
    share = shapely.area(shapely.intersection(pieces, grid.geometry.to_numpy()[cell])) / shapely.area(pieces)
    return np.concatenate([whole, rest[part]]), np.concatenate([corner[whole], cell]), np.concatenate([np.ones(len(whole)), share])
