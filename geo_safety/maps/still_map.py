"""A picture of the map for a report or a wall: A4 landscape, with all that a map must say about itself.

Drawn with matplotlib's objects only: `pyplot` keeps figures in a list of the whole process, which threads of a server share.
"""
from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from ..model.features import Shown
from . import colours as palette
from .drawing import Drawing, base_map, drawings, points
from .fonts import font
from .ground import Box, Sheet, draw_ground, draw_names, draw_streets, draw_water, line_parts, shapes
from .page import BAND, FOOT, GAP, HEAD, MARGIN, MARKERS, PANEL, SIZE, Page, made_up

MARGIN_SHARE = 0.05         # of the drawn bounds, left free around them
LEAST_WIDTH_M = 600.0
MANY_POINTS = 1_500         # beyond it points lose their rim and gain transparency
MOST_LETTERS = 400


def picture(shown: Sequence[Shown], *, language: str, title: str | None = None, made_on: date | None = None,
            extent: tuple[float, float, float, float] | None = None, dark: bool = False, dpi: int = 150) -> bytes:
    """A PNG of the layers, those of areas lowest; a `base_map` among them is the ground.

    `extent` is west, south, east, north in the layers' CRS; None takes in all that is drawn. `made_on` is printed as the date
    of the map, today when it is None.
    """
    drawn = drawings(shown, language=language)
    figure = Figure(figsize=(SIZE[0] / 25.4, SIZE[1] / 25.4), dpi=dpi)
    canvas = FigureCanvasAgg(figure)
    page = Page(figure, drawn, language=language, dark=dark)
    axes, sheet = _map_axes(figure, drawn, extent, "dark" if dark else "light")
    _draw_map(axes, drawn, base_map(shown), sheet)
    page.head(title)
    page.legends()
    page.foot(made_on or date.today())
    page.scale_and_north(sheet.metres_per_mm)
    out = io.BytesIO()
    canvas.print_png(out)
    return out.getvalue()


def _map_axes(figure: Figure, drawn: Sequence[Drawing], extent: tuple[float, float, float, float] | None, scheme: str) -> tuple[Axes, Sheet]:
    """The frame of the map and the part of the ground that it shows, widened to the shape of the frame."""
    wide, high = SIZE[0] - 2 * MARGIN - PANEL - GAP, SIZE[1] - 2 * MARGIN - HEAD - FOOT - (BAND if made_up(drawn) else 0)
    west, south, east, north = extent or _bounds(drawn)
    margin = 0.0 if extent else MARGIN_SHARE
    metres_per_mm = max((east - west) * (1 + 2 * margin) / wide, (north - south) * (1 + 2 * margin) / high, LEAST_WIDTH_M / wide)
    x, y = (west + east) / 2, (south + north) / 2
    bounds = (x - wide * metres_per_mm / 2, y - high * metres_per_mm / 2, x + wide * metres_per_mm / 2, y + high * metres_per_mm / 2)
    axes = figure.add_axes((MARGIN / SIZE[0], (MARGIN + FOOT) / SIZE[1], wide / SIZE[0], high / SIZE[1]), zorder=2)
    axes.set_xlim(bounds[0], bounds[2])
    axes.set_ylim(bounds[1], bounds[3])
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(color=palette.PAPER[scheme]["text"], linewidth=0.7)
    axes.set_facecolor(palette.PAPER[scheme]["land"])
    return axes, Sheet(bounds, metres_per_mm, scheme)


def _bounds(drawn: Sequence[Drawing]) -> tuple[float, float, float, float]:
    """Around the coloured areas when there are any, else around all that is drawn; a far-off point does not shrink the town."""
    areas = [drawing for drawing in drawn if drawing.shape == "area" and len(drawing.frame)]
    met = [drawing.frame for drawing in (areas or drawn) if len(drawing.frame)]
    if not met:
        return 0.0, 0.0, 1000.0, 1000.0
    every = np.concatenate([shapely.bounds(frame.geometry.to_numpy()) for frame in met])
    if areas:
        return every[:, 0].min(), every[:, 1].min(), every[:, 2].max(), every[:, 3].max()
    low, high = np.quantile(every, 0.002, axis=0), np.quantile(every, 0.998, axis=0)
    return low[0], low[1], high[2], high[3]


def _draw_map(axes: Axes, drawn: Sequence[Drawing], ground: Shown | None, sheet: Sheet) -> None:
    base = ground.frame[ground.frame.geometry.notna()] if ground is not None else None
    if base is not None:
        draw_ground(axes, base, sheet)
        draw_streets(axes, base, sheet)
    for z, drawing in enumerate(drawn):
        {"area": _areas, "line": _lines, "point": _points}[drawing.shape](axes, drawing, sheet, (4 if drawing.shape == "area" else 5) + z / 10)
    if base is not None:
        if any(drawing.shape == "area" for drawing in drawn):
            draw_water(axes, base, sheet, opacity=0.85, zorder=4.45)
            draw_streets(axes, base, sheet, opacity=0.35, zorder=4.5)
        draw_names(axes, base, sheet, signs=_signs(drawn, sheet))


def _signs(drawn: Sequence[Drawing], sheet: Sheet) -> list[Box]:
    """The room that signs with a letter take: a name must not lie on them."""
    reach = 2.2 * sheet.metres_per_mm
    return [(place.x - reach, place.y - reach, place.x + reach, place.y + reach) for drawing in drawn
            if drawing.classes.signs and drawing.shape == "point" and len(drawing.frame) <= MOST_LETTERS for place in points(drawing.frame)]


def _areas(axes: Axes, drawing: Drawing, sheet: Sheet, zorder: float) -> None:
    areas, where, ramp = drawing.frame.geometry.to_numpy(), drawing.where, drawing.classes.ramp(dark=sheet.scheme == "dark")
    many = len(areas) > 600
    rim = sheet.paper["halo"]
    for i, colour in enumerate(ramp):
        axes.add_collection(shapes(areas[where == i], facecolor=colour, edgecolor=rim, linewidth=0.15 if many else 0.8,
                                   alpha=drawing.opacity * (0.45 if drawing.classes.quiet(i) else 1.0), zorder=zorder), autolim=False)
    if (where < 0).any():
        hatched = shapes(areas[where < 0], facecolor="none", edgecolor=palette.MISSING, linewidth=0.5, hatch="////", zorder=zorder)
        hatched.set_hatch_linewidth(0.5)
        axes.add_collection(hatched, autolim=False)


def _lines(axes: Axes, drawing: Drawing, sheet: Sheet, zorder: float) -> None:
    for i, colour in enumerate(drawing.classes.ramp(dark=sheet.scheme == "dark")):
        lines = line_parts(drawing.frame.geometry.to_numpy()[drawing.where == i])
        axes.add_collection(LineCollection(lines, colors=colour, linewidths=1.6, capstyle="round", zorder=zorder), autolim=False)


def _points(axes: Axes, drawing: Drawing, sheet: Sheet, zorder: float) -> None:
    frame, classes = drawing.frame, drawing.classes
    wide = frame.geom_type.isin(("LineString", "MultiLineString", "Polygon", "MultiPolygon")).to_numpy()
    places = points(frame)
    x, y = places.x.to_numpy(), places.y.to_numpy()
    many = len(frame) > MANY_POINTS
    for i, colour in enumerate(classes.ramp(dark=sheet.scheme == "dark")):
        here = drawing.where == i
        if not here.any():
            continue
        sign = classes.signs[i] if classes.signs else None
        shape = sign.shape if sign else drawing.legend.items[0].shape
        if (here & wide).any():
            _outlines(axes, frame.geometry.to_numpy()[here & wide], colour, zorder)
        size = (5.0 if len(frame) > 10 * MANY_POINTS else 9.0) if many else 88.0 if sign and sign.letter else 40.0 if sign else 22.0
        axes.scatter(x[here], y[here], s=size, c=colour, marker=MARKERS[shape], linewidths=0 if many else 0.8,
                     edgecolors=sheet.paper["halo"], alpha=0.55 if many else 1.0, zorder=zorder + 0.02)
        if sign and sign.letter and here.sum() <= MOST_LETTERS:
            _letters(axes, x[here], y[here], sign, sheet, zorder)


def _outlines(axes: Axes, wide: np.ndarray, colour: str, zorder: float) -> None:
    edges = [part for shape in wide for part in (shapely.boundary(shape) if shape.geom_type.endswith("Polygon") else shape,)]
    axes.add_collection(LineCollection(line_parts(edges), colors=colour, linewidths=1.6, linestyles=(0, (4, 2)), zorder=zorder), autolim=False)


def _letters(axes: Axes, x: np.ndarray, y: np.ndarray, sign: palette.Sign, sheet: Sheet, zorder: float) -> None:
    low = 0.35 * sheet.metres_per_mm if sign.shape == "triangle" else 0.0     # the middle of a triangle lies low
    for px, py in zip(x, y, strict=True):
        axes.text(px, py - low, sign.letter, ha="center", va="center_baseline", fontproperties=font(6.6, "bold"), color=sheet.paper["halo"],
                  zorder=zorder + 0.03, clip_on=True)
