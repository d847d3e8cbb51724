"""What stands in the streets: lamps, stops, schools, pubs, shops; and the names by which people know the places."""
from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from . import plan
from .geometry import along
from .landscape import Landscape

LAMP_EVERY_M = {"main": 95.0, "local": 130.0, "path": 60.0}
AGAIN = ("", "norra", "södra", "östra", "västra", "övre", "nedre", "inre", "yttre")     # stops near one and the same place
LIT_PATHS = ("Lyktstigen", "Gårdsstigen", "Åstråket")


def lit(streets: pd.DataFrame) -> np.ndarray:
    """Streets of the localities and the paths that have lamps."""
    return ((streets["locality"] != "") & ((streets["role"] != "path") | streets["name"].isin(LIT_PATHS))).to_numpy()


def environment(land: Landscape) -> pd.DataFrame:
    """role, code, name, geometry."""
    points = lambda pairs: shapely.points([at for _, at, *_ in pairs])  # noqa: E731
    names = lambda pairs: [name for name, *_ in pairs]  # noqa: E731
    stops_name, stops = _bus_stops(land)
    groups = [
        ("lamp", None, _lamps(land)), ("bus_stop", stops_name, stops), ("station", ["Exempelby station"], shapely.points([plan.STATION])),
        ("school", list(land.yards), np.array(list(land.yards.values()), dtype=object)), ("pub", names(plan.PUBS), points(plan.PUBS)),
        ("square", ["Stora torget"], np.array([land.square], dtype=object)), ("shop", names(plan.SHOPS), points(plan.SHOPS)),
        ("library", [plan.LIBRARY[0]], shapely.points([plan.LIBRARY[1]])),
        ("other", ["Lykttunneln", "Bangårdstunneln"], shapely.points([plan.LYKTTUNNELN, plan.BANGARDSTUNNELN])),
    ]
    return pd.concat([pd.DataFrame({"role": role, "code": [f"{role}-{i + 1:04d}" for i in range(len(found))],
                                    "name": name if name is not None else [None] * len(found), "geometry": found}) for role, name, found in groups],
                     ignore_index=True)


def _lamps(land: Landscape) -> np.ndarray:
    lighted = land.streets[lit(land.streets)]
    found = []
    for role, every in LAMP_EVERY_M.items():
        lines = lighted.loc[lighted["role"] == role, "geometry"].to_numpy()
        number, point, angle = along(lines, every, first_m=12)
        side = np.where(number % 2 == 0, 1.0, -1.0) * (6.0 if role == "main" else 4.0)
        found.append(point + np.column_stack([-np.sin(angle), np.cos(angle)]) * side[:, None])
    return shapely.points(np.round(np.vstack(found), 1))


def _bus_stops(land: Landscape) -> tuple[list[str], np.ndarray]:
    """Along the main roads of the localities, and where a main road passes near a hamlet; named after what is near."""
    mains = land.streets[(land.streets["role"] == "main") & (land.streets["locality"] != "")]
    merged = mains.groupby(["locality", "name"], sort=True)["geometry"].agg(lambda g: shapely.line_merge(shapely.multilinestrings(list(g))))
    _, at, _ = along(shapely.get_parts(merged.to_numpy()), 420.0, first_m=120)
    roads = shapely.union_all(land.streets.loc[(land.streets["role"] == "main") & (land.streets["locality"] == ""), "geometry"].to_list())
    rural = shapely.points(land.hamlets[["x", "y"]].to_numpy())
    close = shapely.distance(rural, roads) < 900
    country = shapely.get_coordinates(shapely.shortest_line(rural[close], roads))[1::2]
    known = places(land)
    tree = shapely.STRtree(known["geometry"].to_numpy())
    points = shapely.points(np.round(np.vstack([at, country]), 1))
    names = known["name"].to_numpy()[tree.nearest(points)]
    order = pd.Series(names).groupby(names).cumcount().to_numpy()
    return [f"{name} {AGAIN[n]}".strip() for name, n in zip(names, order, strict=True)], points


def places(land: Landscape) -> pd.DataFrame:
    """code, name, kind, aliases, geometry (a point) of about 70 named places."""
    spots: list[tuple[str, str, str | None, tuple[float, float]]] = [(place.name, "tätort", None, place.at) for place in plan.LOCALITIES]
    spots += [(name, "stadsdel", None, at) for name, at in plan.QUARTER_NAMES]
    spots += [("Stora torget", "torg", "Torget", (72, 52)), ("Exempelby station", "station", "Stationen, Resecentrum", plan.STATION),
              (plan.LIBRARY[0], "bibliotek", "Biblioteket", plan.LIBRARY[1]), ("Lykttunneln", "gångtunnel", "Tunneln vid Lyktstigen", plan.LYKTTUNNELN),
              ("Bangårdstunneln", "gångtunnel", "Tunneln vid Bangårdsstigen", plan.BANGARDSTUNNELN),
              ("Visbackens centrum", "torg", "Visbackstorget", plan.VISBACKEN_CENTRE), ("Ringköp", "handelsområde", "Handelsområdet", plan.SHOPS[6][1])]
    spots += [(name, "skola", None, at) for name, at, _ in plan.SCHOOLS]
    spots += [(name, "park", None, tuple(shapely.Polygon(ring).centroid.coords[0])) for name, ring in plan.PARKS]
    at = land.hamlets[["x", "y"]].to_numpy().tolist()
    spots += [(name, "by", None, (x, y)) for name, (x, y) in zip(land.hamlets["name"].tolist(), at, strict=True)]
    return pd.DataFrame({"code": [f"P{i + 1:03d}" for i in range(len(spots))], "name": [s[0] for s in spots], "kind": [s[1] for s in spots],
                         "aliases": [s[2] for s in spots], "geometry": shapely.points(np.round([s[3] for s in spots], 1))})
