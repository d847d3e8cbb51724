"""Who lives where: addresses with residents, and the small cells of residents, addresses and street metres made from them."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from . import buildings, plan
from .landscape import Landscape

CELL_M = 100


@dataclass(frozen=True)
class Settlement:
    """addresses: x, y, locality, street, number, homes, residents, deso; houses: geometry, kind …; farms: building outlines."""

    addresses: pd.DataFrame
    houses: pd.DataFrame
    farms: np.ndarray


def settle(land: Landscape, fine: pd.DataFrame, rng: np.random.Generator) -> Settlement:
    """Everybody housed: the residents of each locality, and the rest in the country, add up to the population exactly."""
    houses = buildings.houses(land, rng)
    doors = buildings.entrances(houses)
    of = doors["house"].to_numpy()
    town = pd.DataFrame({"x": doors["x"], "y": doors["y"], "locality": houses["locality"].to_numpy()[of], "street": houses["street"].to_numpy()[of],
                         "homes": (houses["homes"] / houses["entrances"]).to_numpy()[of], "kind": houses["kind"].to_numpy()[of]})
    sites = buildings.country_sites(land, rng)
    country = pd.DataFrame({"x": sites["x"], "y": sites["y"], "locality": "", "street": sites["street"], "homes": 1.0, "kind": "country"})
    addresses = pd.concat([town, country], ignore_index=True)
    points = shapely.points(addresses[["x", "y"]].to_numpy())
    addresses["deso"] = fine["code"].to_numpy()[shapely.STRtree(fine["geometry"].to_numpy()).nearest(points)]
    addresses["number"] = _house_numbers(addresses)
    addresses["residents"] = _residents(addresses, rng)
    return Settlement(addresses, houses, buildings.farms(sites, rng))


def _house_numbers(addresses: pd.DataFrame) -> np.ndarray:
    """1, 2, 3 … along each street of a locality, from the south-west; 0 where there is no street name."""
    order = (addresses["x"] + addresses["y"]).to_numpy().argsort(kind="stable")
    number = addresses.iloc[order].groupby(["locality", "street"], dropna=True).cumcount() + 1
    return number.reindex(addresses.index).where(addresses["street"].notna(), 0).to_numpy(dtype=int)


def _residents(addresses: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Residents per address: each locality's number shared out by its homes, villas and farms with more people to a home."""
    residents = np.zeros(len(addresses), dtype=int)
    wanted = {place.name: place.population for place in plan.LOCALITIES}
    wanted[""] = plan.POPULATION - sum(wanted.values())
    a_home = addresses["kind"].map({"flats": 1.0, "centre": 0.95}).fillna(1.7).to_numpy()
    for place, people in wanted.items():
        here = np.flatnonzero((addresses["locality"] == place).to_numpy())
        share = (addresses["homes"].to_numpy() * a_home)[here] * rng.gamma(6.0, 1 / 6.0, len(here))
        residents[here] = shared_out(people, share)
    return residents


def shared_out(total: int, weights: np.ndarray) -> np.ndarray:
    """Whole numbers that follow `weights` and add up to `total` (largest remainders)."""
    exact = total * weights / weights.sum()
    whole = np.floor(exact).astype(int)
    rest = np.argsort(whole - exact, kind="stable")[: total - whole.sum()]
    whole[rest] += 1
    return whole


def exposure(land: Landscape, settlement: Settlement, origin: tuple[float, float]) -> pd.DataFrame:
    """column, row (in cells from 0, 0 of EPSG:3006), residents, addresses, street_m; only cells that have any."""
    addresses = settlement.addresses
    at = np.floor((addresses[["x", "y"]].to_numpy() + origin) / CELL_M).astype(int)
    lived = pd.DataFrame({"column": at[:, 0], "row": at[:, 1], "residents": addresses["residents"], "addresses": 1}).groupby(["column", "row"]).sum()
    walked = _street_metres(land.streets["geometry"].to_numpy(), origin)
    cells = lived.join(walked, how="outer").fillna(0.0)
    return cells.astype({"residents": int, "addresses": int}).reset_index().sort_values(["row", "column"]).reset_index(drop=True)


def _street_metres(lines: np.ndarray, origin) -> pd.DataFrame:
    """Metres of street in each cell: every straight piece is cut where it crosses a cell border."""
    coordinates, of = shapely.get_coordinates(lines, return_index=True)
    coordinates = (coordinates + origin) / CELL_M
    same = of[1:] == of[:-1]
    start, step = coordinates[:-1][same], np.diff(coordinates, axis=0)[same]
    cuts = [np.zeros(len(start)), np.ones(len(start))]
    piece = [np.arange(len(start))] * 2
    for axis in (0, 1):
        low, high = np.sort([start[:, axis], start[:, axis] + step[:, axis]], axis=0)
        first, many = np.ceil(low), np.maximum(0, np.floor(high) - np.ceil(low) + 1).astype(int)
        number = np.repeat(np.arange(len(start)), many)
        line = first[number] + np.arange(len(number)) - np.repeat(np.cumsum(many) - many, many)
        moving = step[number, axis] != 0
        cuts.append(((line - start[number, axis])[moving] / step[number, axis][moving]).clip(0, 1))
        piece.append(number[moving])
    t, number = np.concatenate(cuts), np.concatenate(piece)
    order = np.lexsort((t, number))
    t, number = t[order], number[order]
    within = number[1:] == number[:-1]
    a, b, number = t[:-1][within], t[1:][within], number[1:][within]
    middle = np.floor(start[number] + step[number] * ((a + b) / 2)[:, None]).astype(int)
    metres = (b - a) * np.hypot(*step.T)[number] * CELL_M
    table = pd.DataFrame({"column": middle[:, 0], "row": middle[:, 1], "street_m": metres}).groupby(["column", "row"]).sum()
    return table[table["street_m"] > 0.05].round(1)
