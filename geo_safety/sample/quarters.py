"""The streets inside one quarter: straight-ish blocks in a centre, bent rows among villas, rings and loops, wide ones for works."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from .geometry import parts, rounded, snapped, turned
from .names import THEMES, lane_of
from .plan import Quarter

LEAST_PIECE_M = 45.0
KERB_M = 32.0       # a street that runs nearer than this along a main road would be the same street


@dataclass(frozen=True)
class Pattern:
    """Metres between the long streets, and between the short ones that join them; `staggered`: the joints are not in line."""

    rows_m: float
    joints_m: float
    staggered: bool = True


PATTERNS = {"centre": Pattern(88, 118, staggered=False), "villas": Pattern(92, 215), "works": Pattern(165, 260), "loops": Pattern(90, 185),
            "flats": Pattern(95, 330)}


def streets(quarter: Quarter, room: shapely.Geometry, mains: shapely.Geometry, rng: np.random.Generator) -> list[tuple[shapely.LineString, str]]:
    """Streets with their names. `room` is the land that may be built on; `mains` the roads that the new ones may join."""
    if quarter.kind == "green" or room.is_empty:
        return []
    pattern = PATTERNS[quarter.kind]
    if quarter.kind in ("loops", "flats"):
        long, short = _rings(room, mains, pattern, rng)
    else:
        long, short = _rows(quarter, room, pattern, rng)
    names = list(rng.permutation(THEMES[quarter.theme]))
    lines = np.array([*long, *short], dtype=object)
    called = [names[i % len(names)] for i in range(len(long))] + [lane_of(names[i % len(names)], i // len(names) + i) for i in range(len(short))]
    shapely.prepare(room)
    away = room.difference(mains.intersection(room.buffer(2 * KERB_M)).buffer(KERB_M, quad_segs=2))
    pieces, of = _inside(lines, room, away)
    return [(piece, called[i]) for piece, i in zip(pieces, of, strict=True)]


def _rows(quarter: Quarter, room, pattern: Pattern, rng) -> tuple[list, list]:
    """Long bent streets side by side and short ones between them, in a sheet that is waved, turned and laid over the quarter."""
    middle = np.array(room.envelope.centroid.coords[0])
    reach = 0.5 * np.hypot(room.bounds[2] - room.bounds[0], room.bounds[3] - room.bounds[1]) + 100
    levels = _spread(-reach, reach, pattern.rows_m, rng)
    phase = rng.uniform(0, 2 * np.pi, 4)

    def lay(u, v):
        wave_v = quarter.bend_m * (np.sin(u / 190 + phase[0]) + 0.5 * np.sin(u / 95 + v / 260 + phase[1]))
        wave_u = quarter.bend_m * 0.7 * np.sin(v / 150 + phase[2])
        return rounded(middle + turned(np.column_stack([u + wave_u, v + wave_v]), np.radians(quarter.turn)))

    even = _spread(-reach, reach, pattern.joints_m, rng)
    joints = [_spread(-reach, reach, pattern.joints_m, rng) if pattern.staggered else even for _ in levels[1:]]
    long = []
    for i, v in enumerate(levels):
        touching = [joints[k] for k in (i - 1, i) if 0 <= k < len(joints)]
        u = np.unique(np.round(np.concatenate([np.arange(-reach, reach, 25.0), *touching]), 3))
        long.append(shapely.LineString(lay(u, np.full(len(u), v))))
    short = []
    for low, high, places in zip(levels[:-1], levels[1:], joints, strict=True):
        kept = rng.random(len(places)) < (0.85 if pattern.staggered else 0.95)  # some blocks are long
        v = np.tile(np.linspace(low, high, 4), kept.sum())
        short += list(shapely.linestrings(lay(np.repeat(places[kept], 4), v).reshape(-1, 4, 2)))
    return long, short


def _rings(room, mains, pattern: Pattern, rng) -> tuple[list, list]:
    """Rings one inside the other, as far in as there is room, joined to each other and to the main roads by short streets."""
    rings, outer = [], [mains.intersection(room.buffer(60))]
    depth = pattern.rows_m * rng.uniform(0.85, 1.1)
    while True:
        inner = room.buffer(-depth - 40).buffer(40)  # first too far in and then back: rounds the corners
        found = [snapped(shapely.LineString(ring.exterior.simplify(2).coords)) for ring in parts(inner, "Polygon") if ring.area > 6_000]
        if not found:
            break
        rings.append(found)
        if pattern.joints_m > 300:  # flats stand inside one ring
            break
        depth += pattern.rows_m * rng.uniform(0.9, 1.15)
    short = []
    for level, found in enumerate(rings):
        target = outer[0] if level == 0 else shapely.union_all(rings[level - 1])
        for ring in found:
            short += _spokes(ring, target, pattern, rng, limit_m=2.4 * pattern.rows_m)
    return [ring for found in rings for ring in found], short


def _spokes(ring, target, pattern: Pattern, rng, *, limit_m: float) -> list:
    if target.is_empty:
        return []
    many = max(2, round(ring.length / pattern.joints_m))
    at = (np.arange(many) + rng.uniform(0, 1) + rng.uniform(-0.25, 0.25, many)) / many % 1
    starts = shapely.line_interpolate_point(ring, np.sort(at), normalized=True)
    spokes = shapely.shortest_line(starts, target)
    return [line for line in spokes if 20 < line.length < limit_m]


def _inside(lines: np.ndarray, room, away) -> tuple[np.ndarray, np.ndarray]:
    """The pieces of streets in the room, with the number of the street each comes from.

    What hugs a main road (lies long outside `away`) or is too short to be a street is left out.
    """
    pieces, of = shapely.get_parts(shapely.intersection(lines, room), return_index=True)
    real = (shapely.get_type_id(pieces) == 1) & (shapely.length(pieces) >= LEAST_PIECE_M)
    pieces, of = pieces[real], of[real]
    clear, within = shapely.get_parts(shapely.intersection(pieces, away), return_index=True)
    clear_m = np.where(shapely.length(clear) >= 15, shapely.length(clear), 0.0)
    whole = np.bincount(within, weights=clear_m, minlength=len(pieces)) >= np.maximum(shapely.length(pieces) - 4 * KERB_M, 1.0)
    parted = ~whole[within] & (clear_m >= LEAST_PIECE_M)
    return snapped(np.concatenate([pieces[whole], clear[parted]])), np.concatenate([of[whole], of[within[parted]]])


def _spread(low: float, high: float, step: float, rng) -> np.ndarray:
    """Numbers from low to high, about `step` apart, never evenly."""
    steps = step * rng.uniform(0.85, 1.18, int((high - low) / step * 1.3) + 2)
    numbers = low + rng.uniform(0, step) + np.concatenate([[0], np.cumsum(steps)])
    return numbers[numbers < high]
