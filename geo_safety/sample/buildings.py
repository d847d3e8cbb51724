"""Houses along the streets, blocks of flats in their yards, farms in the country; each with its addresses."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from . import plan
from .geometry import along, boxes, turned
from .landscape import Landscape


@dataclass(frozen=True)
class House:
    """A kind of building along a street. `entrances` are its addresses, `homes` its dwellings."""

    every_m: float
    length_m: float
    depth_m: float
    back_m: float       # from the middle of the street to the front
    entrances: int
    homes: int
    left_out: float     # share of sites that stand empty


HOUSES = {
    "centre": House(48, 41, 12, 9, 2, 4, 0.15), "villas": House(66, 17, 12, 16, 1, 1, 0.2), "rows": House(70, 50, 9, 14, 6, 6, 0.15),
    "works": House(92, 48, 28, 24, 1, 0, 0.25), "main": House(54, 20, 11, 17, 1, 2, 0.3),
}
BAR = House(0, 52, 12, 0, 3, 12, 0.15)      # a block of flats
SMALL_TOWN_LEFT_OUT = 0.6   # a small locality has a few blocks of flats only
FARM_EVERY_M = 850.0
COUNTRY_HOMES_EVERY_M = 85.0
CORE_M = 230.0          # around the middle of a small locality houses stand close, as in a centre


def houses(land: Landscape, rng: np.random.Generator) -> pd.DataFrame:
    """geometry, kind, locality, street, entrances, homes, angle; none stands on a street, in water, in a park or on another."""
    found = pd.concat([_special(land), _bars(land, rng), _along_streets(land, rng)], ignore_index=True)
    clear = _clear(found, land)
    return _apart(found[clear].reset_index(drop=True))


def _along_streets(land: Landscape, rng) -> pd.DataFrame:
    streets = land.streets[(land.streets["locality"] != "") & (land.streets["role"] != "path")].reset_index(drop=True)
    middle = shapely.line_interpolate_point(streets["geometry"].to_numpy(), 0.5, normalized=True)
    faces = np.array([face for _, _, face in land.quarters], dtype=object)
    quarter = shapely.STRtree(faces).nearest(middle)
    kind = np.array([land.quarters[i][1].kind for i in quarter], dtype=object)
    kind[(kind == "loops") & (rng.random(len(kind)) < 0.5)] = "rows"
    kind[kind == "loops"] = "villas"
    kind[(streets["role"] == "main").to_numpy() & np.isin(kind, ("villas", "rows"))] = "main"
    core = np.min([shapely.distance(middle, shapely.Point(place.at)) for place in plan.LOCALITIES if place is not plan.TOWN], axis=0)
    kind[core < CORE_M] = "centre"
    pieces = []
    for name, house in HOUSES.items():
        lines = np.flatnonzero(kind == name)
        number, point, angle = along(streets["geometry"].to_numpy()[lines], house.every_m, first_m=6 + house.length_m / 2)
        for side in (1, -1):
            keep = rng.random(len(number)) >= house.left_out
            back = house.back_m + house.depth_m / 2 + rng.uniform(0, 4 if name != "centre" else 0.5, keep.sum())
            normal = np.column_stack([-np.sin(angle[keep]), np.cos(angle[keep])]) * side
            size = rng.uniform(0.85, 1.15, (2, keep.sum()))
            pieces.append(pd.DataFrame({
                "geometry": boxes(point[keep] + normal * back[:, None], house.length_m * size[0], house.depth_m * size[1], angle[keep]),
                "kind": name, "locality": streets["locality"].to_numpy()[lines[number[keep]]], "street": streets["name"].to_numpy()[lines[number[keep]]],
                "entrances": house.entrances, "homes": house.homes, "angle": angle[keep]}))
    return pd.concat(pieces, ignore_index=True)


def _bars(land: Landscape, rng) -> pd.DataFrame:
    """Blocks of flats in loose rows inside the quarters for them, turned a little this way and that."""
    pieces = []
    local = land.streets[land.streets["role"] == "local"].reset_index(drop=True)
    tree = shapely.STRtree(local["geometry"].to_numpy())
    for place, quarter, face in land.quarters:
        inner = face.buffer(-22)
        if quarter.kind != "flats" or inner.is_empty:
            continue
        middle = np.array(face.centroid.coords[0])
        u, v = np.meshgrid(np.arange(-900, 900, 74.0), np.arange(-900, 900, 46.0))
        at = middle + turned(np.column_stack([u.ravel(), v.ravel()]), np.radians(quarter.turn)) + rng.normal(0, 3, (u.size, 2))
        upright = (np.floor(u.ravel() / 300) + np.floor(v.ravel() / 230)) % 2 == 0
        angle = np.radians(quarter.turn) + np.where(upright, 0.0, np.pi / 2) + rng.normal(0, 0.02, u.size)
        shape = boxes(at, BAR.length_m, BAR.depth_m, angle)
        keep = shapely.contains(inner, shape) & (rng.random(u.size) >= (BAR.left_out if place == plan.TOWN.name else SMALL_TOWN_LEFT_OUT))
        street = local["name"].to_numpy()[tree.nearest(shapely.centroid(shape[keep]))]
        pieces.append(pd.DataFrame({"geometry": shape[keep], "kind": "flats", "locality": place, "street": street, "entrances": BAR.entrances,
                                    "homes": BAR.homes, "angle": angle[keep]}))
    return pd.concat(pieces, ignore_index=True)


def _special(land: Landscape) -> pd.DataFrame:
    """Schools in their yards and the railway station."""
    at = np.array([school[1] for school in plan.SCHOOLS] + [(plan.STATION[0], plan.STATION[1] - 24)], dtype=float)
    angle = np.radians([school[2] for school in plan.SCHOOLS] + [6.0])
    length = np.array([78.0] * len(plan.SCHOOLS) + [44.0])
    nearest = shapely.STRtree(np.array(list(land.localities.values()), dtype=object)).nearest(shapely.points(at))
    return pd.DataFrame({"geometry": boxes(at, length, np.where(length > 50, 24.0, 12.0), angle), "kind": ["school"] * len(plan.SCHOOLS) + ["station"],
                         "locality": np.array(list(land.localities))[nearest], "street": None, "entrances": 1, "homes": 0, "angle": angle})


def _clear(found: pd.DataFrame, land: Landscape) -> np.ndarray:
    shape = found["geometry"].to_numpy()
    roads = land.streets["geometry"].to_numpy()
    width = np.where(land.streets["role"] == "main", 8.0, np.where(land.streets["role"] == "local", 5.5, 3.0))
    taken = np.concatenate([shapely.buffer(roads, width, quad_segs=2), [land.railway.buffer(20)], shapely.get_parts(land.water.buffer(9, quad_segs=2)),
                            np.array([*land.parks.values(), land.square.buffer(2)], dtype=object)])
    hit, _ = shapely.STRtree(taken).query(shape, predicate="intersects")
    clear = np.ones(len(found), dtype=bool)
    clear[hit] = False
    in_yard, _ = shapely.STRtree(list(land.yards.values())).query(shape, predicate="intersects")
    clear[in_yard] = False
    return clear | found["kind"].isin(("school", "station")).to_numpy()


def _apart(found: pd.DataFrame) -> pd.DataFrame:
    """Of two buildings that would touch, the one that comes first stays."""
    shape = shapely.buffer(found["geometry"].to_numpy(), np.where(found["kind"] == "centre", 0.5, 3.0), join_style="mitre")
    later, earlier = shapely.STRtree(shape).query(shape, predicate="intersects")
    gone = np.zeros(len(found), dtype=bool)
    for i, j in sorted((int(i), int(j)) for i, j in zip(later, earlier, strict=True) if j < i):  # in order: a gone one is in nobody's way
        if not gone[j]:
            gone[i] = True
    return found[~gone].reset_index(drop=True)


def country_sites(land: Landscape, rng: np.random.Generator) -> pd.DataFrame:
    """Homes outside the localities: x, y, street, angle, farm (drawn as a building); closer together near the hamlets."""
    roads = land.streets[land.streets["locality"] == ""].reset_index(drop=True)
    number, point, angle = along(roads["geometry"].to_numpy(), COUNTRY_HOMES_EVERY_M, first_m=30)
    hamlets = land.hamlets[["x", "y"]].to_numpy()
    near = np.hypot(point[:, None, 0] - hamlets[None, :, 0], point[:, None, 1] - hamlets[None, :, 1]).min(axis=1)
    keep = rng.random(len(point)) < 0.5 + 0.5 * np.exp(-near / 700)
    side = np.where(rng.random(len(point)) < 0.5, 1.0, -1.0) * rng.uniform(28, 95, len(point))
    at = np.round(point + np.column_stack([-np.sin(angle), np.cos(angle)]) * side[:, None] + rng.normal(0, 18, point.shape), 1)
    dry = ~shapely.intersects(land.water.buffer(15), shapely.points(at)) & shapely.contains(land.outline, shapely.points(at))
    dry &= ~shapely.intersects(shapely.union_all(list(land.localities.values())), shapely.points(at))
    chosen = np.flatnonzero(keep & dry)
    farm = rng.random(len(chosen)) < COUNTRY_HOMES_EVERY_M / FARM_EVERY_M
    return pd.DataFrame({"x": at[chosen, 0], "y": at[chosen, 1], "street": roads["name"].to_numpy()[number[chosen]], "angle": angle[chosen], "farm": farm})


def farms(sites: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Building outlines of the farms among the sites."""
    drawn = sites[sites["farm"]]
    return boxes(drawn[["x", "y"]].to_numpy(), rng.uniform(14, 26, len(drawn)), rng.uniform(9, 13, len(drawn)), drawn["angle"].to_numpy())


def entrances(house: pd.DataFrame) -> pd.DataFrame:
    """One row per address: x, y and the number of the house it belongs to; entrances stand in line along the front."""
    many = house["entrances"].to_numpy()
    of = np.repeat(np.arange(len(house)), many)
    order = np.arange(len(of)) - np.repeat(np.cumsum(many) - many, many)
    centre = shapely.get_coordinates(shapely.centroid(house["geometry"].to_numpy()))[of]
    length = shapely.length(house["geometry"].to_numpy())[of] / 2 * 0.75
    shift = (order + 0.5) / many[of] - 0.5
    angle = house["angle"].to_numpy()[of]
    at = centre + np.column_stack([np.cos(angle), np.sin(angle)]) * (shift * length)[:, None]
    return pd.DataFrame({"x": np.round(at[:, 0], 1), "y": np.round(at[:, 1], 1), "house": of})


