"""What a spot is called to somebody who lives there: near a place, by a street, in an area."""
from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..model.viewer import Viewer
from ..store import Store
from ..text import Text, number
from .remember import remembered

NEAR_M, STREET_M, FAR_M = 300, 200, 5000
# surroundings that many know by name; no pub, shop or school: a spot is not hung on somebody's business
WIDE = ("tätort", "stadsdel", "ort", "stad", "locality", "town", "city", "suburb", "quarter")  # kinds of place too large to be near
KNOWN_SURROUNDINGS = ("square", "station", "bus_stop", "library")

_NEAR = Text(sv="nära {name}", en="near {name}")
_BY = Text(sv="vid {name}", en="by {name}")
_IN = Text(sv="i {name}", en="in {name}")
_FROM = Text(sv="{km} km från {name}", en="{km} km from {name}")


def names_of(store: Store, viewer: Viewer, spots: Sequence[shapely.Point]) -> list[Text | None]:
    """The name of each spot (in the store's CRS) by what the viewer may see; None where the store knows nothing around it."""
    places, streets, areas = (_named(store, viewer, kind) for kind in ("places", "streets", "areas"))
    small = places[~places["kind"].isin(WIDE)]
    return [_name(spot, places, small, streets, areas) for spot in spots]


def _name(spot: shapely.Point, places: gpd.GeoDataFrame, small: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> Text | None:
    near, near_m = _nearest(spot, small)
    if near and near_m <= NEAR_M:
        return _NEAR.format(name=near)
    street, street_m = _nearest(spot, streets)
    if street and street_m <= STREET_M:
        return _BY.format(name=street)
    around = areas[shapely.intersects(areas.geometry.to_numpy(), spot)]
    if len(around):  # the smallest says most
        return _IN.format(name=around["name"].iloc[int(np.argmin(shapely.area(around.geometry.to_numpy())))])
    place, place_m = _nearest(spot, places)
    if not place or place_m > FAR_M:
        return None
    return _FROM.format(km=Text(sv=number(place_m / 1000, "sv", 1), en=number(place_m / 1000, "en", 1)), name=place)


def _nearest(spot: shapely.Point, frame: gpd.GeoDataFrame) -> tuple[str | None, float]:
    if not len(frame):
        return None, np.inf
    away = shapely.distance(frame.geometry.to_numpy(), spot)
    return str(frame["name"].iloc[int(away.argmin())]), float(away.min())


@remembered
def _named(store: Store, viewer: Viewer, kind: str) -> gpd.GeoDataFrame:
    """Named places (with surroundings that many know), streets, or areas smaller than the municipality."""
    frame = store.read(kind, viewer)
    if kind == "places":
        around = store.read("environment", viewer, where={"role": KNOWN_SURROUNDINGS})
        frame = gpd.GeoDataFrame(pd.concat([part.reindex(columns=["name", "kind", "geometry"]) for part in (frame, around)], ignore_index=True),
                                 crs=store.crs)
    elif kind == "areas":
        frame = frame[~frame["kind"].isin(("municipality", "neighbour"))]
    else:
        frame = frame[frame["role"] != "railway"]
    return frame[frame["name"].notna() & frame.geometry.notna()].reset_index(drop=True)
