"""Background maps from configured addresses, fetched by this server: the browser asks us alone, and a key never reaches it."""
from __future__ import annotations

import base64
import logging
import math
from functools import lru_cache

import requests
from flask import Flask, Response, abort

from ..settings import BaseMap, Settings

log = logging.getLogger(__name__)
TIMEOUT_S = 6
MOST_BYTES = 2_000_000
MOST_TILES = 2_000
HALF_WORLD_M = math.pi * 6_378_137
EMPTY = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def register(server: Flask, settings: Settings) -> None:
    known = {base.name: base for base in settings.base_maps}

    @server.get("/base/tiles/<name>/<int:z>/<int:x>/<int:y>")
    def base_tile(name: str, z: int, x: int, y: int) -> Response:
        base = known.get(name)
        if base is None or z > 22 or not (0 <= x < 2 ** z and 0 <= y < 2 ** z):
            abort(404)
        try:
            body, kind = _fetch(address(base, z, x, y))
        except (requests.RequestException, ValueError) as problem:
            log.warning("base map %s gave no tile: %s", name, type(problem).__name__)  # the address may hold a key
            return Response(EMPTY, mimetype="image/png", headers={"Cache-Control": "no-store"})
        return Response(body, mimetype=kind, headers={"Cache-Control": "private, max-age=86400"})


def address(base: BaseMap, z: int, x: int, y: int) -> str:
    """Where the tile lies at the supplier: filled into a tile address, or as a WMS 1.3.0 map of the tile's square in EPSG:3857."""
    if base.kind == "tiles":
        return base.url.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y))
    side = 2 * HALF_WORLD_M / 2 ** z
    west, north = x * side - HALF_WORLD_M, HALF_WORLD_M - y * side
    asked = {"service": "WMS", "request": "GetMap", "version": "1.3.0", "layers": base.wms_layers, "styles": "", "crs": "EPSG:3857",
             "bbox": f"{west},{north - side},{west + side},{north}", "width": "256", "height": "256", "format": "image/png"}
    prepared = requests.Request("GET", base.url, params=asked).prepare()
    return str(prepared.url)


@lru_cache(maxsize=MOST_TILES)
def _fetch(url: str) -> tuple[bytes, str]:
    """An image of bounded size; ValueError for anything else. Redirects are not followed: they might lead into our own network."""
    with requests.get(url, timeout=TIMEOUT_S, stream=True, allow_redirects=False) as answer:
        answer.raise_for_status()
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        if answer.status_code != 200 or kind not in ("image/png", "image/jpeg", "image/webp"):
            raise ValueError("not an image")
        body = answer.raw.read(MOST_BYTES + 1, decode_content=True)
        if len(body) > MOST_BYTES:
            raise ValueError("too large")
        return body, kind
