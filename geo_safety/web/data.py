"""Addresses from which the map fetches its layers. Every one asks who is there, and hands out only what passed the gates."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import shapely
from flask import Flask, Response, abort, request

from ..crs import to_wgs84
from ..layers import LAYERS
from ..maps.colours import SEQUENTIAL
from ..maps.tiles import TileCache, render
from ..services import viewing
from ..store import Store
from ..text import Text
from . import asking
from .context import Context
from .pages import hotspots as hotspot_page
from .parts.area_classes import area_classes, measured
from .parts.points import point_index
from .parts.stages import stage_of
from .parts.words import coded, rate_line, said, title_of

DIGITS = 6
TILE_RAMP = SEQUENTIAL
INCIDENTS = Text(sv="{n} händelse|{n} händelser", en="{n} incident|{n} incidents")


def register(server: Flask, store: Store, context: Callable[[str], Context]) -> None:
    writers = {"areas": areas, "incidents": incidents, "coarse": coarse, "findings": findings, "measures": measures, "walks": walks, "cells": cells}

    @server.get("/data/<name>.json")
    def layer(name: str) -> Response:
        if name not in writers:
            abort(404)
        here = context(request.query_string.decode("utf-8", "replace"))
        return fresh(lambda: writers[name](here), store, here)

    @server.get("/base/vector/<part>.json")
    def base(part: str) -> Response:
        if part not in ("overview", "detail"):
            abort(404)
        here = context("")
        return fresh(lambda: base_map(here, overview=part == "overview"), store, here)


    tiles = TileCache()

    @server.get("/tiles/incidents/<int:z>/<int:x>/<int:y>.png")
    def tile(z: int, x: int, y: int) -> Response:
        if z > 20 or not (0 <= x < 2 ** z and 0 <= y < 2 ** z):
            abort(404)
        here = context(request.query_string.decode("utf-8", "replace"))
        index = point_index(here.store, here.selection, here.viewer)
        asked = (store.revision(), here.selection, here.viewer.info_class, here.viewer.units, here.viewer.share_level, z, x, y)
        body = tiles.get(asked, lambda: render(index, z, x, y, TILE_RAMP))
        return Response(body, mimetype="image/png", headers={"Cache-Control": "private, max-age=600"})


def fresh(write: Callable[[], str], store: Store, here: Context) -> Response:
    """A body that the browser may keep until the store changes: same address, revision and viewer, same answer."""
    tag = hashlib.sha256(f"{request.full_path}|{store.revision()}|{here.viewer}".encode()).hexdigest()[:24]
    if request.if_none_match.contains(tag):
        return Response(status=304, headers={"ETag": f'"{tag}"', "Cache-Control": "private, no-cache"})
    answer = Response(write(), mimetype="application/json")
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def collection(features: list[str]) -> str:
    return '{"type":"FeatureCollection","features":[' + ",".join(features) + "]}"


def feature(geometry: str, properties: dict) -> str:
    return f'{{"type":"Feature","geometry":{geometry},"properties":{json.dumps(properties, ensure_ascii=False)}}}'


def geometries(frame: gpd.GeoDataFrame, simplify_m: float = 0) -> list[str]:
    """GeoJSON geometries in longitude and latitude, rounded to about a decimetre; 'null' where there is none."""
    shapes = frame.geometry
    if simplify_m:
        shapes = shapely.coverage_simplify(shapes.to_numpy(), simplify_m) if len(shapes) else shapes
        shapes = gpd.GeoSeries(shapes, crs=frame.crs)
    degrees = shapes.to_crs(4326).to_numpy()
    rounded = shapely.transform(degrees, lambda xy: np.round(xy, DIGITS))
    return [text or "null" for text in shapely.to_geojson(rounded)]


def marked(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The rows with a point inside each in place of its shape."""
    return frame.assign(geometry=shapely.point_on_surface(frame.geometry.to_numpy()))


def areas(here: Context) -> str:
    shown = viewing.show(here.store, "area_counts", here.selection, here.viewer, division=here.division)
    frame, classes = shown.frame, area_classes(here, shown)
    position = classes.of(np.round(frame[measured(here)].to_numpy(dtype=float)))
    rows = []
    for geometry, row, k in zip(geometries(frame), frame.itertuples(), position, strict=True):
        tip = [row.name, here.say(INCIDENTS, n=int(row.incidents)), rate_line(row, here.language)]
        rows.append(feature(geometry, {"code": row.code, "name": row.name, "k": None if k < 0 else int(k), "tip": tip}))
    return collection(rows)


def incidents(here: Context) -> str:
    """Only a number and the type of each incident: 150 000 of them travel in about a megabyte."""
    shown = viewing.show(here.store, "incidents", here.selection, here.viewer)
    frame = to_wgs84(viewing.pins(shown)[["id", "offence_type", "geometry"]])
    words = {value: json.dumps(title_of(LAYERS["incidents"], "offence_type", value, here.language), ensure_ascii=False)
             for value in frame["offence_type"].unique()}
    x, y = np.round(frame.geometry.x.to_numpy(), DIGITS).tolist(), np.round(frame.geometry.y.to_numpy(), DIGITS).tolist()
    return collection([f'{{"type":"Feature","geometry":{{"type":"Point","coordinates":[{a},{b}]}},"properties":{{"id":{i},"t":{words[t]}}}}}'
                       for a, b, i, t in zip(x, y, frame["id"].tolist(), frame["offence_type"].tolist(), strict=True)])


def coarse(here: Context) -> str:
    """One mark per area with incidents that are known only to the area; a mark in the middle is not a place."""
    shown = viewing.show(here.store, "area_counts", here.selection, here.viewer, division=here.division)
    frame = shown.frame[shown.frame["incidents_coarse"] > 0]
    points = marked(frame)
    return collection([feature(geometry, {"name": row.name, "n": int(row.incidents_coarse)})
                       for geometry, row in zip(geometries(points), points.itertuples(), strict=True)])


def findings(here: Context) -> str:
    shown = viewing.show(here.store, "walk_findings", here.selection, here.viewer)
    frame = shown.frame[shown.frame.geometry.notna()]
    layer = LAYERS["walk_findings"]
    return collection([feature(geometry, {
        "id": int(row.id), "title": title_of(layer, "category", row.category, here.language), "experience": row.experience,
        "text": coded(row.text)[:160]}) for geometry, row in zip(geometries(frame), frame.itertuples(), strict=True)])


def measures(here: Context) -> str:
    shown = viewing.show(here.store, "measures", here.selection, here.viewer)
    frame = shown.frame[shown.frame.geometry.notna()]
    points = marked(frame)
    rows = []
    for geometry, row in zip(geometries(points), points.itertuples(), strict=True):
        stage = stage_of(row.status)
        rows.append(feature(geometry, {"id": int(row.id), "title": row.title, "stage": stage.name, "icon": stage.icon,
                                       "status": title_of(LAYERS["measures"], "status", row.status, here.language)}))
    return collection(rows)


def walks(here: Context) -> str:
    shown = viewing.show(here.store, "safety_walks", here.selection, here.viewer)
    frame = shown.frame[shown.frame.geometry.notna()]
    return collection([feature(geometry, {"name": row.title}) for geometry, row in zip(geometries(frame), frame.itertuples(), strict=True)])


def cells(here: Context) -> str:
    """Cells of a hotspot answer: the class of each and what it says when pointed at; empty cells only where they were tested."""
    answer = asking.answer_of(here)
    if answer is None:
        abort(404)
    shown = answer.shown
    _, classes = hotspot_page.classes_of(shown, here.language)
    column = shown.layer.style.colour_by or "incidents"
    position = classes.of(shown.frame[column].to_numpy())
    described = [c for c in shown.layer.columns if c.shown and c.name != "cell"]
    rows, nothing = [], here.say(INCIDENTS, n=0)
    for geometry, row, k in zip(geometries(shown.frame), shown.frame.to_dict("records"), position, strict=True):
        hot, name = str(row.get("cluster", "")).startswith("hot"), [row["name"]] if row.get("name") else []
        known = [c for c in described if row[c.name] == row[c.name]]   # what is missing is not said
        tip = [f"{c.title[here.language]}: {said(c, row[c.name], here.language)}" for c in known] if row.get("incidents", 1) else [nothing]
        rows.append(feature(geometry, {"cell": str(row["cell"]), "k": None if k < 0 else int(k), "tip": name + tip, "hot": hot}))
    return collection(rows)


def base_map(here: Context, *, overview: bool) -> str:
    frame = here.store.read("base_map", here.viewer)
    rank = frame["rank"].fillna(3).astype(int)
    frame = frame[(rank <= 1) | (frame["role"] == "name")] if overview else frame[(rank > 1) & (frame["role"] != "name")]
    return collection([feature(geometry, {"role": row.role, "name": row.name, "rank": int(row.rank or 3)})
                       for geometry, row in zip(geometries(frame), frame.itertuples(), strict=True)])

