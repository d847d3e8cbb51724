"""Files that leave: a picture of the map, a page to print, and layers in the format asked for."""
from __future__ import annotations

import html
import io
import math
from collections.abc import Callable

import geopandas as gpd
import shapely
from flask import Flask, Response, abort, request, send_file

from ..exports import EXPORTERS
from ..model.features import Shown
from ..services import exporting, viewing
from ..store import Store
from ..text import Text
from ..text import period as period_words
from . import asking
from .context import Context
from .pages import evaluation
from .pages.download import OFFERED
from .pages.map_page import COMPARED
from .parts.area_classes import measured
from .parts.words import said

PRINT = Text(sv="Skriv ut", en="Print")
MAP_OF = Text(sv="Karta över {place}", en="Map of {place}")
TILE_M = 40_075_016.686 / 256  # metres a pixel at zoom 0, at the equator


def register(server: Flask, store: Store, context: Callable[[str], Context]) -> None:
    def here() -> Context:
        return context(request.query_string.decode("utf-8", "replace"))

    @server.get("/picture.png")
    def picture() -> Response:
        asked = here()
        return send_file(io.BytesIO(drawn(asked)), mimetype="image/png", as_attachment="download" in request.args,
                         download_name=exporting.file_name(layers_of(asked), ".png", asked.language))

    @server.get("/print")
    def printed() -> Response:
        return Response(print_page(here()), mimetype="text/html")

    @server.get("/file")
    def file() -> Response:
        asked = here()
        chosen = asked.query.get("as", "")
        if chosen not in EXPORTERS:
            abort(404)
        shown = taken(asked)
        if not shown:
            abort(404)
        handed = exporting.hand_out(shown, (chosen,), asked.viewer, language=asked.language, store=store, colour_by=measured(asked))[0]
        return send_file(io.BytesIO(handed.content), mimetype=handed.media_type, as_attachment=True, download_name=handed.file_name)


def taken(here: Context) -> tuple[Shown, ...]:
    """The layers that the address names; for a hotspot answer its cells."""
    if "evaluation" in here.query:
        return evaluation.layers_of(here)
    if asking.begins(here):
        answer = asking.answer_of(here)
        return (answer.shown,) if answer else ()
    names = [name for name in OFFERED if name in here.query.get("take", "").split(",")]
    return tuple(viewing.show(here.store, name, here.selection, here.viewer, division=here.division if name == "area_counts" else "") for name in names)


def layers_of(here: Context) -> tuple[Shown, ...]:
    """What the map shows, lowest first."""
    wanted = ["base_map", *("area_counts" if name == "areas" else name for name in here.view.layers)]
    return tuple(viewing.show(here.store, name, here.selection, here.viewer, division=here.division if name == "area_counts" else "")
                 for name in wanted if name in (*OFFERED, "base_map"))


def drawn(here: Context) -> bytes:
    """The map as a PNG: the part of the world that the view stands on, or all of the selection."""
    return exporting.picture(layers_of(here), here.viewer, colour_by=measured(here), extent=extent_of(here))


def extent_of(here: Context) -> tuple[float, float, float, float] | None:
    """West, south, east and north in the store's CRS of a map of 900 × 620 pixels at the view's place; None: all that is drawn."""
    if here.view.zoom is None or here.view.centre is None:
        return None
    latitude, longitude = here.view.centre
    centre = gpd.GeoSeries([shapely.Point(longitude, latitude)], crs=4326).to_crs(here.store.crs).iloc[0]
    metres = TILE_M / 2 ** here.view.zoom * _shrink(latitude)
    return centre.x - 450 * metres, centre.y - 310 * metres, centre.x + 450 * metres, centre.y + 310 * metres


def _shrink(latitude: float) -> float:
    """How much smaller the ground is than EPSG:3857 draws it."""
    return math.cos(math.radians(latitude))


def print_page(here: Context) -> str:
    """One sheet: the picture, and the table of areas that equals it. Everything from outside is escaped."""
    shown = viewing.show(here.store, "area_counts", here.selection, here.viewer, division=here.division)
    columns = [c for c in shown.layer.columns if c.shown and (here.selection.compare_with or c.name not in COMPARED)]
    escape = html.escape
    head = "".join(f"<th scope='col'>{escape(c.title[here.language])}</th>" for c in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(said(c, row[c.name], here.language))}</td>" for c in columns) + "</tr>"
                   for row in shown.frame.to_dict("records"))
    title = escape(MAP_OF.format(place=here.store.municipality_name)[here.language])
    period = here.selection.period
    query = escape(request.query_string.decode("utf-8", "replace"), quote=True)
    warnings = "".join(f"<li>{escape(c.text[here.language])}</li>" for c in shown.warnings)
    return f"""<!DOCTYPE html><html lang="{here.language}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/assets/standalone/print.css"></head>
<body data-ready="1"><main><h1>{title}</h1><p>{escape(period_words(period.start, period.end, here.language)) if period else ""}</p>
<button type="button" id="print">{PRINT[here.language]}</button>
<img src="/picture.png?{query}" alt="{title}"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><ul>{warnings}</ul></main>
<script src="/assets/standalone/print.js"></script></body></html>"""
