"""The ground under a picture: land, water, buildings, streets and names, more of it the closer the view."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.path import Path

from .colours import GROUND, PAPER
from .fonts import MM_PER_POINT, font, width_mm

# Role of a line: width in points at one metre of ground per 0.02 mm of paper (1:50 000), with a casing or not, and the coarsest
# scale (metres of ground per millimetre) at which it is drawn.
LINES = {"path": (0.5, False, 25.0), "local": (0.9, True, 90.0), "railway": (0.9, False, 400.0), "main": (1.9, True, 400.0)}
LEAST_DETAIL = {"building": 22.0}
NAMES = {1: (9.0, "bold", 400.0), 2: (7.5, "bold", 110.0), 3: (6.5, "normal", 28.0)}    # size in points, weight, coarsest scale


@dataclass(frozen=True)
class Sheet:
    """The part of the paper that the map is on: bounds in metres and how many of them a millimetre holds."""

    bounds: tuple[float, float, float, float]
    metres_per_mm: float
    scheme: str = "light"

    @property
    def paper(self) -> dict[str, str]:
        return PAPER[self.scheme]


def draw_ground(axes: Axes, base: gpd.GeoDataFrame, sheet: Sheet) -> None:
    """Areas, then lines, of a `base_map` in the CRS of `sheet`; names come later, above everything (`draw_names`)."""
    near = base[shapely.intersects(base.geometry.to_numpy(), shapely.box(*sheet.bounds))]
    for z, role in enumerate(GROUND):
        if sheet.metres_per_mm > LEAST_DETAIL.get(role, np.inf):
            continue
        areas = near.geometry[(near["role"] == role) & near.geom_type.isin(("Polygon", "MultiPolygon"))].to_numpy()
        edge = sheet.paper["casing"] if role == "building" else "none"
        axes.add_collection(shapes(areas, facecolor=sheet.paper[role], edgecolor=edge, linewidth=0.25, zorder=1 + z / 20), autolim=False)


def draw_streets(axes: Axes, base: gpd.GeoDataFrame, sheet: Sheet, *, opacity: float = 1.0, zorder: float = 2.0) -> None:
    """Lines of the base map; drawn above coloured areas too, so that a place can be recognised through them."""
    near = base[base["role"].isin(LINES)]
    near = near[shapely.intersects(near.geometry.to_numpy(), shapely.box(*sheet.bounds))]
    wider = float(np.clip(np.sqrt(50 / sheet.metres_per_mm), 0.45, 2.2))
    for z, (role, (points, casing, coarsest)) in enumerate(LINES.items()):
        if sheet.metres_per_mm > coarsest:
            continue
        lines = line_parts(near.geometry[near["role"] == role].to_numpy())
        width = points * wider
        style = {"path": (0, (2.5, 2)), "railway": (0, (5, 2))}.get(role, "solid")
        if casing:
            axes.add_collection(LineCollection(lines, colors=sheet.paper["casing"], linewidths=width + 0.7, alpha=opacity,
                                               capstyle="round", zorder=zorder + z / 50), autolim=False)
        axes.add_collection(LineCollection(lines, colors=sheet.paper[role], linewidths=width, linestyles=style, alpha=opacity,
                                           zorder=zorder + 0.2 + z / 50), autolim=False)


def draw_water(axes: Axes, base: gpd.GeoDataFrame, sheet: Sheet, *, opacity: float, zorder: float) -> None:
    """Water above coloured areas: nobody lives there, and a lake is what a map is recognised by."""
    water = base.geometry[(base["role"] == "water") & base.geom_type.isin(("Polygon", "MultiPolygon"))].to_numpy()
    axes.add_collection(shapes(water, facecolor=sheet.paper["water"], edgecolor="none", alpha=opacity, zorder=zorder), autolim=False)


Box = tuple[float, float, float, float]


def draw_names(axes: Axes, base: gpd.GeoDataFrame, sheet: Sheet, *, signs: Sequence[Box] = (), zorder: float = 9.0) -> None:
    """Names by rank: on their place, else above or below it; left out where that hides a sign or a more important name, or the frame cuts."""
    names = base[(base["role"] == "name") & base["name"].notna() & base.geometry.notna()]
    rank = names["rank"].fillna(3).astype(int).clip(1, 3)
    taken = list(signs)
    for text, level, place in sorted(zip(names["name"], rank, names.geometry.representative_point(), strict=True), key=lambda r: r[1]):
        size, weight, coarsest = NAMES[level]
        if sheet.metres_per_mm > coarsest:
            continue
        wide = (width_mm(text, size, weight) + 2) * sheet.metres_per_mm / 2
        high = (size * MM_PER_POINT + 1.2) * sheet.metres_per_mm / 2
        for aside in (0.0, 1.0, -1.0):
            y = place.y + aside * (high + 2.2 * sheet.metres_per_mm)
            box = (place.x - wide, y - high, place.x + wide, y + high)
            if _within(box, sheet.bounds) and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                axes.text(place.x, y, text, ha="center", va="center", color=sheet.paper["text"], fontproperties=font(size, weight), zorder=zorder,
                          path_effects=[patheffects.withStroke(linewidth=2.2, foreground=sheet.paper["halo"])], clip_on=True, parse_math=False)
                break


def _within(box: Box, outer: Box) -> bool:
    return box[0] >= outer[0] and box[1] >= outer[1] and box[2] <= outer[2] and box[3] <= outer[3]


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def shapes(areas: Sequence[shapely.Geometry] | np.ndarray, **look) -> PathCollection:
    """Polygons, holes and all, as one path: ten thousand cells are drawn as quickly as one."""
    polygons = shapely.orient_polygons(shapely.get_parts(np.asarray(areas, dtype=object)))    # holes turn the other way, so they stay empty
    if not len(polygons):
        return PathCollection([], **look)
    corners, ring = shapely.get_coordinates(shapely.get_rings(polygons), return_index=True)
    codes = np.full(len(corners), Path.LINETO, dtype=Path.code_type)
    starts = np.flatnonzero(np.diff(ring, prepend=-1))
    codes[starts] = Path.MOVETO
    codes[np.append(starts[1:], len(corners)) - 1] = Path.CLOSEPOLY
    return PathCollection([Path(corners, codes)], **look)


def line_parts(lines: Sequence[shapely.Geometry] | np.ndarray) -> list[np.ndarray]:
    """Coordinates of each line, one array a part."""
    return [shapely.get_coordinates(part) for part in shapely.get_parts(np.asarray(lines, dtype=object))]
