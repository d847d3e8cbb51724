"""The sample's own background map: few enough coordinates to be sent whole, good enough to find one's way with the network off.

Rank 1 is the overview, 2 is for the town, 3 for the houses. Coordinates are whole metres, for houses half metres.
"""
from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from . import plan, surroundings
from .landscape import BEYOND_M, Landscape
from .people import Settlement

_RANK_OF_KIND = {"tätort": 1, "by": 2}
_LARGE_QUARTERS = ("Visbacken", "Norrbacken", "Strandhöjden", "Trädgårdsbyn", "Lekängen")     # named before one is close


def base_map(land: Landscape, settlement: Settlement) -> pd.DataFrame:
    """code, role, name, rank, geometry."""
    thin = lambda shapes, tolerance: shapely.set_precision(shapely.simplify(np.array(list(shapes), dtype=object), tolerance), 1.0)  # noqa: E731
    around = land.outline.buffer(BEYOND_M, quad_segs=4)
    large = shapely.area(np.array(land.forest, dtype=object)) > 100_000
    woods = np.array(land.forest, dtype=object)
    rows = [
        _rows("land", 1, thin([around], 100)), _rows("forest", 1, thin(woods[large], 7)), _rows("forest", 2, thin(woods[~large], 5)),
        _rows("built", 1, thin(land.built.values(), 10), list(land.built)), _rows("park", 2, thin(land.parks.values(), 2), list(land.parks)),
        _rows("water", 1, thin([lake.intersection(around) for lake in land.lakes.values()], 8), list(land.lakes)), _rows("water", 1, thin(land.tarns, 8)),
        _rows("water", 1, thin([river.intersection(around) for river in land.rivers.values()], 3), list(land.rivers)),
        _rows("railway", 1, thin([land.railway.intersection(around)], 4)), _rows("main", 1, thin(land.roads_beyond, 6)), _streets(land),
        _rows("building", 3, shapely.set_precision(np.concatenate([settlement.houses["geometry"].to_numpy(), settlement.farms]), 0.5)), _names(land)]
    found = pd.concat(rows, ignore_index=True)
    found = found[~shapely.is_empty(found["geometry"].to_numpy())].reset_index(drop=True)
    return found.assign(code=[f"{role}-{n + 1:04d}" for role, n in zip(found["role"], found.groupby("role").cumcount(), strict=True)])


def _rows(role: str, rank: int, shapes, names=None) -> pd.DataFrame:
    return pd.DataFrame({"role": role, "name": names if names is not None else [None] * len(shapes), "rank": rank, "geometry": shapes})


def _streets(land: Landscape) -> pd.DataFrame:
    """Each street in one piece; those that the overview needs a little straightened."""
    streets = land.streets
    merged = streets.groupby(["role", "locality", "name"], dropna=False, sort=True)["geometry"].agg(
        lambda lines: shapely.line_merge(shapely.multilinestrings(list(lines)))).reset_index()
    lines = merged["geometry"].to_numpy()
    country = (merged["locality"] == "").to_numpy()
    rank = np.where((merged["role"] == "path"), 2, 1)
    shape = shapely.set_precision(np.where(country, shapely.simplify(lines, 5), shapely.simplify(lines, 1.5)), 1.0)
    return merged.assign(rank=rank, geometry=shape)[["role", "name", "rank", "geometry"]]


def _names(land: Landscape) -> pd.DataFrame:
    places = surroundings.places(land)
    rank = places["kind"].map(_RANK_OF_KIND).mask(places["name"].isin(_LARGE_QUARTERS), 2).fillna(3)
    named = pd.DataFrame({"role": "name", "name": places["name"], "rank": rank.astype(int),
                          "geometry": places["geometry"]})
    lakes = [lake for name, lake in land.lakes.items()]
    water = pd.DataFrame({"role": "name", "name": list(land.lakes), "rank": [1 if name == plan.LAKE_NAME else 2 for name in land.lakes],
                          "geometry": [shapely.maximum_inscribed_circle(lake, tolerance=50).centroid for lake in lakes]})
    return pd.concat([named, water], ignore_index=True)
