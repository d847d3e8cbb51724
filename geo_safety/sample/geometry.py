"""Shapes that look drawn by land and people: smooth curves, rough lines, rounded blobs, turned boxes. All in metres."""
from __future__ import annotations

import numpy as np
import shapely
from scipy.interpolate import CubicSpline

GRID_M = 0.1  # every coordinate of the sample is a whole number of these, so that shared corners are equal


def curve(points, *, step_m: float = 40.0, closed: bool = False) -> np.ndarray:
    """A smooth line through `points` (n × 2), a vertex about every `step_m`; the given points are among the vertices."""
    points = np.asarray(points, dtype=float)
    if closed:
        points = np.vstack([points, points[:1]])
    gaps = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(np.sqrt(gaps))])  # centripetal: no loops where points lie close together
    spline = CubicSpline(along, points, bc_type="periodic" if closed else "natural")
    pieces = [np.linspace(a, b, max(2, int(np.ceil(gap / step_m)) + 1))[:-1] for a, b, gap in zip(along[:-1], along[1:], gaps, strict=True)]
    return rounded(spline(np.concatenate([*pieces, along[-1:]])))


def rough(points, rng: np.random.Generator, *, roughness: float, least_m: float) -> np.ndarray:
    """A line through `points` broken again and again at the middle, each time moved sideways by about `roughness` of its length."""
    line = np.asarray(points, dtype=float)
    while True:
        steps = np.diff(line, axis=0)
        lengths = np.hypot(*steps.T)
        if (lengths < 2 * least_m).all():
            return rounded(line)
        split = np.flatnonzero(lengths >= 2 * least_m)
        sideways = rng.normal(0.0, roughness, len(split)).clip(-2 * roughness, 2 * roughness)[:, None]
        middle = line[split] + 0.5 * steps[split] + sideways * np.column_stack([-steps[split, 1], steps[split, 0]])
        line = np.insert(line, split + 1, middle, axis=0)


def blob(centre, radius_m: float, rng: np.random.Generator, *, uneven: float = 0.25, stretch: float = 1.0, turn: float = 0.0,
         corners: int = 48) -> shapely.Polygon:
    """A rounded patch: a circle whose radius waves by about `uneven`, drawn out by `stretch` and turned by `turn` radians."""
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    wave = sum(rng.normal(0, uneven / k) * np.cos(k * angle + rng.uniform(0, 2 * np.pi)) for k in (1, 2, 3, 5))
    radius = radius_m * np.clip(1 + wave, 0.45, 1.8)
    flat = np.column_stack([radius * np.cos(angle) * stretch, radius * np.sin(angle) / stretch])
    return shapely.Polygon(rounded(np.asarray(centre) + turned(flat, turn)))


def turned(points: np.ndarray, angle) -> np.ndarray:
    """Points turned anticlockwise about the origin by `angle` radians (one for all, or one each)."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([points[..., 0] * cos - points[..., 1] * sin, points[..., 0] * sin + points[..., 1] * cos], axis=-1)


def boxes(centres: np.ndarray, length_m, depth_m, angle) -> np.ndarray:
    """Rectangles as shapely polygons; `length_m` lies along `angle`."""
    n = len(centres)
    half = np.stack([np.broadcast_to(length_m, n), np.broadcast_to(depth_m, n)], axis=-1)[:, None, :] / 2
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) * half
    return shapely.polygons(rounded(centres[:, None, :] + turned(corners, np.broadcast_to(angle, n)[:, None])))


def rounded(coordinates: np.ndarray) -> np.ndarray:
    return np.round(np.round(coordinates / GRID_M) * GRID_M, 6)


def snapped(geometry):
    """The geometry with its coordinates on the common grid, still valid."""
    return shapely.set_precision(geometry, GRID_M)


def parts(geometry, kind: str = "LineString") -> list:
    """The single geometries of one kind in a geometry or an array of them."""
    single = shapely.get_parts(np.atleast_1d(geometry))
    deeper = shapely.get_parts(single)
    return [piece for piece in deeper if piece.geom_type == kind and not piece.is_empty]


def along(lines: np.ndarray, spacing_m: float, *, first_m: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points every `spacing_m` along each line: (number of the line, point n × 2, direction in radians)."""
    lines = np.asarray(lines, dtype=object)
    length = shapely.length(lines)
    many = np.maximum(0, np.floor((length - 2 * first_m) / spacing_m).astype(int) + 1) * (length > 2 * first_m)
    number = np.repeat(np.arange(len(lines)), many)
    order = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    slack = (length - 2 * first_m - (many - 1) * spacing_m) / 2  # the same room is left at both ends
    distance = first_m + slack[number] + order * spacing_m
    point = shapely.get_coordinates(shapely.line_interpolate_point(lines[number], distance))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines[number], np.minimum(distance + 2.0, length[number])))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(lines[number], np.maximum(distance - 2.0, 0.0)))
    step = ahead - behind
    return number, point, np.arctan2(step[:, 1], step[:, 0])
