"""What stands around every request: hosts, origins, what a page may load, and where a link may lead."""
from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

import geo_safety.web
from geo_safety.settings import Settings
from geo_safety.store import Store
from geo_safety.web import create_app

WEB = Path(geo_safety.web.__file__).parent
HOST = {"Host": "127.0.0.1:8050"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    path = tmp_path_factory.mktemp("web") / "empty.gpkg"
    with Store.create(path, municipality_name="Tomby") as store:
        yield create_app(Settings(store=str(path)), store).server


@pytest.fixture
def client(server):
    """With cookies of its own."""
    return server.test_client()


def test_another_name_for_this_machine_is_refused(client):
    assert client.get("/", headers={"Host": "elsewhere.example"}).status_code == 421
    assert client.get("/", headers=HOST).status_code == 200


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://elsewhere.example"},
                                     {"Origin": "null"}])
def test_a_foreign_page_cannot_call_us(client, headers):
    assert client.post("/_dash-update-component", json={}, headers=HOST | headers).status_code == 403


def test_a_page_may_load_nothing_from_elsewhere_and_run_no_written_script(client):
    answer = client.get("/", headers=HOST)
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert "unsafe" not in policy["script-src"]
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", answer.get_data(as_text=True))


def test_a_path_without_a_page_is_told_with_404(client):
    assert client.get("/no-such-page", headers=HOST).status_code == 404
    assert client.get("/data/no-such-layer.json", headers=HOST).status_code == 404
    assert client.get("/base/vector/../../etc.json", headers=HOST).status_code == 404


@pytest.mark.parametrize("target", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"])
def test_choosing_a_language_never_leads_elsewhere(client, target):
    answer = client.get("/language/en", query_string={"next": target}, headers=HOST)
    assert answer.headers["Location"] == "/"


def test_the_first_html_is_in_the_language_of_the_request(client):
    assert '<html lang="en">' in client.get("/", headers=HOST | {"Accept-Language": "en"}).get_data(as_text=True)
    assert '<html lang="sv">' in client.get("/", headers=HOST | {"Accept-Language": "de"}).get_data(as_text=True)
    client.set_cookie("lang", "en", domain="127.0.0.1")
    assert '<html lang="en">' in client.get("/", headers=HOST | {"Accept-Language": "sv"}).get_data(as_text=True)


def test_a_browser_that_asks_for_the_sign_of_a_picture_gets_it(client):
    answer = client.get("/favicon.ico", headers=HOST, follow_redirects=True)
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")


def test_an_empty_store_is_alive_and_ready(client):
    assert client.get("/healthz", headers=HOST).json == {"status": "ok"}
    assert client.get("/readyz", headers=HOST).status_code == 200


def test_every_icon_that_is_named_is_drawn():
    drawn = set(re.findall(r"\.gs-icon-([\w-]+)\{", (WEB / "assets/view/icons.css").read_text()))
    named = set()
    for path in WEB.rglob("*.py"):
        named |= set(re.findall(r"""\bicon\("([\w-]+)"\)""", path.read_text()))
        named |= set(re.findall(r"""^ICON = "([\w-]+)\"""", path.read_text(), re.MULTILINE))
    assert named
    assert named <= drawn, named - drawn


def test_files_from_elsewhere_are_as_they_came():
    vendor = WEB / "assets/vendor"
    for line in (vendor / "CHECKSUMS").read_text().splitlines():
        wanted, name = line.split()
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == wanted, name


def test_dash_leaflet_is_used_for_four_components_only():
    used = set()
    for path in WEB.rglob("*.py"):
        used |= set(re.findall(r"\bdl\.(\w+)", path.read_text()))
    assert used <= {"Map", "TileLayer", "GeoJSON", "Pane"}


def test_no_script_or_style_of_ours_names_another_host():
    for path in [*WEB.rglob("assets/view/*"), *WEB.rglob("assets/standalone/*")]:
        found = re.findall(r"https?://[^\s\"')]+", path.read_text("utf-8"))
        assert all("w3.org" in address for address in found), path
