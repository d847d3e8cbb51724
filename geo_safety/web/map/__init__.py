"""The only module that touches dash-leaflet: four of its components (Map, TileLayer, GeoJSON, Pane); the rest is our own script."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import dash_leaflet as dl
from dash import html

SWEDEN = (10.9, 55.2, 24.2, 69.1)  # west, south, east, north


@dataclass(frozen=True)
class MapLayer:
    """A layer that the browser fetches from `url` (GeoJSON in longitude and latitude) and draws with our functions.

    `hideout` travels to those functions: colours by class, the chosen one. Names of functions live under `geoSafety` in assets.
    """

    id: str
    url: str | None = None
    data: dict | None = None
    style: str | None = None
    on_each: str | None = None
    point: str | None = None
    cluster: bool = False
    hideout: dict[str, Any] = field(default_factory=dict)


def _function(name: str | None) -> dict | None:
    return {"variable": f"geoSafety.{name}"} if name else None


def _component(layer: MapLayer) -> dl.GeoJSON:
    given: dict[str, Any] = {"id": layer.id, "url": layer.url, "data": layer.data, "hideout": layer.hideout or None, "style": _function(layer.style),
             "onEachFeature": _function(layer.on_each), "pointToLayer": _function(layer.point)}
    if layer.cluster:
        given |= {"cluster": True, "zoomToBoundsOnClick": True, "clusterToLayer": _function("cluster"),
                  "superClusterOptions": {"radius": 70, "maxZoom": 16, "minPoints": 3}}
    return dl.GeoJSON(**{name: value for name, value in given.items() if value is not None})


def tile_layer(layer_id: str, url: str | None) -> dl.TileLayer:
    """Server-drawn tiles for layers too big to send; an empty address draws nothing."""
    return dl.TileLayer(id=layer_id, url=url or "", maxZoom=20, opacity=0.85, zIndex=400)


def safety_map(map_id: str, layers: list[MapLayer], *, bounds: tuple[float, float, float, float] = SWEDEN, at: tuple[float, float, float] | None = None,
               base: str = "vector",
               tiles: list | None = None) -> html.Div:
    """A map that fills its box. It opens `at` (zoom, latitude, longitude), else fitted to `bounds` (west, south, east, north)."""
    west, south, east, north = bounds
    where: dict[str, Any] = {"center": at[1:], "zoom": at[0]} if at else {"center": ((south + north) / 2, (west + east) / 2), "zoom": 10}
    fit = {} if at else {"data-bounds": ",".join(f"{value:.5f}" for value in bounds)}
    return html.Div(className="gs-map", **{"data-base": base}, **fit, children=dl.Map(
        id=map_id, children=[*(tiles or []), *map(_component, layers)], zoomControl=False, minZoom=4, maxZoom=20, zoomSnap=0.5,
        preferCanvas=False, style={"position": "absolute", "inset": 0}, **where))
