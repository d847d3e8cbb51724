"""All ways of the municipality as one network: cut at every crossing, cleaned of loose ends, each piece with its name."""
from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from .geometry import GRID_M

LOOSE_END_M = 38.0


@dataclass(frozen=True)
class Way:
    """A street before it is cut at the crossings."""

    line: shapely.LineString
    role: str       # main | local | path
    name: str | None
    locality: str   # empty in the countryside


def cut(ways: list[Way]) -> pd.DataFrame:
    """Pieces between crossings: geometry, role, name, locality. A piece takes these from the way it was cut from."""
    lines = np.array([way.line for way in ways], dtype=object)
    pieces = shapely.get_parts(shapely.unary_union(lines, grid_size=GRID_M))
    middle = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    importance = np.array([{"main": 0, "local": 1, "path": 2}[way.role] for way in ways])
    piece, way = shapely.STRtree(lines).query(middle, predicate="dwithin", distance=2 * GRID_M)
    best = pd.DataFrame({"piece": piece, "way": way, "importance": importance[way]}).sort_values(["piece", "importance", "way"])
    chosen = best.drop_duplicates("piece").set_index("piece")["way"].reindex(range(len(pieces)))
    missing = chosen.isna().to_numpy()
    if missing.any():
        chosen[missing] = shapely.STRtree(lines).nearest(middle[missing])
    source = [ways[int(i)] for i in chosen]
    return pd.DataFrame({"geometry": pieces, "role": [w.role for w in source], "name": [w.name for w in source],
                         "locality": [w.locality for w in source]})


def cleaned(pieces: pd.DataFrame) -> pd.DataFrame:
    """Without short loose ends and without what cannot be reached from the rest, in a fixed order."""
    for _ in range(3):
        ends = nodes(pieces["geometry"].to_numpy())
        degree = np.bincount(ends.ravel())
        loose = (degree[ends].min(axis=1) == 1) & (shapely.length(pieces["geometry"].to_numpy()) < LOOSE_END_M)
        if not loose.any():
            break
        pieces = _healed(pieces[~loose].reset_index(drop=True))
    part = components(pieces["geometry"].to_numpy())
    pieces = pieces[part == np.bincount(part, weights=shapely.length(pieces["geometry"].to_numpy())).argmax()]
    start = shapely.get_coordinates(shapely.get_point(pieces["geometry"].to_numpy(), 0))
    return pieces.iloc[np.lexsort((start[:, 0], start[:, 1], pieces["name"].fillna("").to_numpy(), pieces["locality"]))].reset_index(drop=True)


def _healed(pieces: pd.DataFrame) -> pd.DataFrame:
    """Pieces of one street made whole again where the side street between them is gone."""
    street = pieces.groupby(["role", "name", "locality"], dropna=False, sort=True).ngroup().to_numpy()
    order = np.argsort(street, kind="stable")
    whole = shapely.line_merge(shapely.multilinestrings(pieces["geometry"].to_numpy()[order], indices=street[order]))
    lines, of = shapely.get_parts(whole, return_index=True)
    told = pieces.iloc[np.unique(street, return_index=True)[1]][["role", "name", "locality"]].to_numpy(dtype=object)[of]
    ways = [Way(line, *about) for line, about in zip(lines, told, strict=True)]
    return cut(ways)


def nodes(lines: np.ndarray) -> np.ndarray:
    """Numbers of the start and end node of each line (n × 2); lines that end at one point share its number."""
    ends = np.vstack([shapely.get_coordinates(shapely.get_point(lines, i)) for i in (0, -1)])
    _, number = np.unique(np.round(ends / GRID_M).astype(np.int64), axis=0, return_inverse=True)
    return number.reshape(2, -1).T


def components(lines: np.ndarray) -> np.ndarray:
    """For each line the number of the connected part it belongs to."""
    ends = nodes(lines)
    n = ends.max() + 1
    _, label = connected_components(coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n, n)), directed=False)
    return label[ends[:, 0]]


def route(lines: np.ndarray, stops: np.ndarray) -> shapely.LineString:
    """The shortest way along the network that passes the points `stops` (n × 2) in order, each moved to the nearest crossing."""
    ends = nodes(lines)
    places = np.zeros((ends.max() + 1, 2))
    for i in (0, -1):
        places[ends[:, i]] = shapely.get_coordinates(shapely.get_point(lines, i))
    length = shapely.length(lines)
    shortest = pd.DataFrame({"a": ends.min(axis=1), "b": ends.max(axis=1), "length": length}).sort_values("length").drop_duplicates(["a", "b"])
    graph = coo_array((shortest["length"], (shortest["a"], shortest["b"])), shape=(len(places),) * 2).tocsr()
    at = [int(np.hypot(*(places - stop).T).argmin()) for stop in stops]
    _, before = dijkstra(graph, directed=False, indices=at, return_predecessors=True)
    line_of = {(a, b): i for i, a, b in zip(shortest.index, shortest["a"], shortest["b"], strict=True)}
    coordinates: list[tuple[float, float]] = []
    for leg, (start, goal) in enumerate(pairwise(at)):
        path = [goal]
        while path[-1] != start:
            path.append(int(before[leg, path[-1]]))
        for a, b in pairwise(path[::-1]):
            piece = shapely.get_coordinates(lines[line_of[min(a, b), max(a, b)]])
            if not np.allclose(piece[0], places[a]):
                piece = piece[::-1]
            coordinates += [tuple(p) for p in piece if not coordinates or tuple(p) != coordinates[-1]]
    return shapely.LineString(coordinates)
