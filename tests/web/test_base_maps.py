"""A configured background map comes through our own server: the browser never learns its address."""
from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from geo_safety.settings import BaseMap, Settings
from geo_safety.store import Store
from geo_safety.web import create_app
from geo_safety.web.base_maps import EMPTY, address

HOST = {"Host": "127.0.0.1:8050"}


class Supplier(BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self):
        self.asked.append(self.path)
        if self.path.startswith("/away"):
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/inside")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if self.path.startswith("/page") else "image/png")
        self.end_headers()
        self.wfile.write(b"tile of " + self.path.encode())

    def log_message(self, *_):
        """Quiet: what was asked is kept in `asked`."""


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    supplier = ThreadingHTTPServer(("127.0.0.1", 0), Supplier)
    threading.Thread(target=supplier.serve_forever, daemon=True).start()
    at = f"http://127.0.0.1:{supplier.server_port}"
    bases = tuple(BaseMap(name=name, title=name, url=url, attribution="© Karta") for name, url in (
        ("tiles", at + "/t/{z}/{x}/{y}?key=hemlig"), ("page", at + "/page/{z}/{x}/{y}"), ("away", at + "/away/{z}/{x}/{y}"),
        ("gone", "http://127.0.0.1:1/{z}/{x}/{y}")))
    path = tmp_path_factory.mktemp("bases") / "empty.gpkg"
    with Store.create(path) as store:
        yield create_app(Settings(store=str(path), base_maps=bases), store).server.test_client()
    supplier.shutdown()


def test_a_tile_is_fetched_by_the_server_and_the_key_stays_there(client):
    answer = client.get("/base/tiles/tiles/5/17/9", headers=HOST)
    assert answer.data == b"tile of /t/5/17/9?key=hemlig"
    assert b"hemlig" not in client.get("/", headers=HOST).data


@pytest.mark.parametrize("name", ["page", "away", "gone"])
def test_what_is_no_image_or_leads_away_gives_an_empty_tile(client, name):
    answer = client.get(f"/base/tiles/{name}/5/17/9", headers=HOST)
    assert (answer.status_code, answer.data) == (200, EMPTY)


@pytest.mark.parametrize("path", ["unknown/5/17/9", "tiles/5/99/9", "tiles/23/1/1", "tiles/5/-1/9"])
def test_only_configured_maps_and_tiles_that_exist_are_fetched(client, path):
    assert client.get(f"/base/tiles/{path}", headers=HOST).status_code == 404


def test_a_wms_is_asked_for_the_square_of_the_tile():
    base = BaseMap(name="w", title="w", url="https://example.org/wms", attribution="", kind="wms", wms_layers="karta")
    asked = parse_qs(urlsplit(address(base, 1, 0, 0)).query)
    west, south, east, north = map(float, asked["bbox"][0].split(","))
    assert (round(west), round(south), round(east), round(north)) == (-20037508, 0, 0, 20037508)
    assert asked["crs"] == ["EPSG:3857"]
    assert asked["layers"] == ["karta"]
