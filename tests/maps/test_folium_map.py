"""The stand-alone page: nothing is fetched, nothing in the data becomes a tag, and it shows the map with the network off."""
from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from geo_safety.errors import GeoSafetyError, InputError
from geo_safety.maps import folium_map
from geo_safety.maps.folium_map import addresses, stand_alone_page

pytestmark = pytest.mark.xdist_group("folium_map")     # one browser
VENDOR = Path(folium_map.__file__).parent / "vendor"


class Reader(HTMLParser):
    """Tags with attributes, scripts, and text outside scripts and styles."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict]] = []
        self.scripts: dict[str, str] = {}
        self.words = ""
        self.inside = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = (dict(attrs).get("id") or "code") if tag == "script" else tag if tag == "style" else ""

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if not self.inside:
            self.words += data
        elif self.inside != "style":
            self.scripts[self.inside] = self.scripts.get(self.inside, "") + data


@pytest.fixture(scope="module")
def html(town):
    layers = [town.area_counts(), town.incidents(), town.measures(), town.findings(), town.base_map()]
    return stand_alone_page(layers, language="sv", sheet=[(town.EVIL, [("Vad lagret visar", town.EVIL)])], title="Läget " + town.EVIL)


def test_the_page_names_no_address_to_fetch(html):
    assert addresses(html) == []
    for tag, attributes in Reader(html).tags:
        assert not any("//" in (value or "") for value in attributes.values()), (tag, attributes)


def test_names_with_html_stay_names(html, town):
    read = Reader(html)
    assert [a for t, a in read.tags if t == "img" or any(name.startswith("on") for name in a)] == []
    assert town.EVIL in read.words, "the text itself is shown"
    data = json.loads(read.scripts["gs-data"])
    assert any(town.EVIL in str(column["words"]) for layer in data["layers"] for column in layer["columns"])
    assert [t for t, _ in read.tags].count("script") == 4     # folium's two, Leaflet, and the data


def test_only_scripts_named_by_their_hash_may_run(html):
    policy = next(a["content"] for t, a in Reader(html).tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; script-src 'sha256-") and "unsafe-inline" not in policy.partition("style-src")[0]
    for code in re.findall(r"<script>(.*?)</script>", html, flags=re.S):
        assert base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() in policy


def test_the_page_says_that_data_are_made_up_and_where_they_come_from(html):
    words = Reader(html).words
    for part in ("Påhittade uppgifter", "Källa: Polismyndigheten", "Exempelköping", "Anmälda brott är inte alla brott", "intern nivå", "Metodblad"):
        assert part in words
    assert ("html", {"lang": "sv"}) in Reader(html).tags


def test_numbers_on_the_map_are_those_of_the_layer(html, town):
    areas = json.loads(Reader(html).scripts["gs-data"])["layers"][0]
    counts = next(column["data"] for column in areas["columns"] if column["title"] == "Händelser")
    assert counts == town.area_counts().frame["incidents"].tolist()
    assert len(areas["geometries"]) == len(areas["k"]) == 16


def test_points_lie_where_they_lay(town):
    html = stand_alone_page([town.findings()], language="en")
    layer = json.loads(Reader(html).scripts["gs-data"])["layers"][0]
    expected = town.findings().frame.to_crs(4326).geometry
    for geometry, point in zip(layer["geometries"], expected, strict=True):
        assert geometry["coordinates"] == pytest.approx([point.x, point.y], abs=1e-6)


def test_the_same_data_give_the_same_page(town):
    assert stand_alone_page([town.measures()], language="en") == stand_alone_page([town.measures()], language="en")


def test_an_address_that_is_not_ours_stops_the_page(town, monkeypatch):
    import folium
    monkeypatch.setattr(folium_map, "panel", lambda *rest: '<img src="https://example.org/pixel.png">')
    with pytest.raises(GeoSafetyError, match=r"example\.org"):
        stand_alone_page([town.measures()], language="en")
    with pytest.raises(GeoSafetyError, match="somewhere"):
        folium_map._closed('<html>\n<head><script src="https://somewhere/x.js"></script>', "t", "en")
    assert any("https" in address for address in addresses(folium.Map().get_root().render())), "folium itself asks other hosts"


@pytest.mark.parametrize("part", ['<a href="//x.y/z">', '<style>p{background:url(http://x/y)}</style>', '<p style="background:url(https://x/y)">',
                                  "<style>@import 'https://x'</style>", '<video poster="https://x/y">'])
def test_every_way_of_fetching_is_seen(part):
    assert addresses(part)


def test_too_many_rows_are_refused_in_words(town, monkeypatch):
    monkeypatch.setattr(folium_map, "MOST_ROWS", 100)
    with pytest.raises(InputError, match="GeoPackage"):
        stand_alone_page([town.incidents(300)], language="sv")


def test_vendored_files_are_those_that_were_checked():
    lines = [line.split() for line in (VENDOR / "CHECKSUMS").read_text().splitlines()]
    assert {name for _, name in lines} == {p.name for p in VENDOR.iterdir() if p.suffix in (".js", ".css", ".ttf")}
    for digest, name in lines:
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.browser
@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desk", "phone"])
def test_the_map_is_seen_with_the_network_off(html, new_context, tmp_path, town, size):
    (tmp_path / "karta.html").write_text(html, encoding="utf-8")
    context = new_context(viewport={"width": size[0], "height": size[1]}, offline=True)
    tab = context.new_page()
    asked, said = [], []
    context.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("dialog", lambda dialog: said.append("a dialog opened"))
    tab.goto((tmp_path / "karta.html").as_uri())
    tab.wait_for_selector("body[data-ready]", timeout=15_000)
    tab.wait_for_timeout(300)
    assert tab.evaluate(SHARE_OF_RED) > 0.005, "the busiest areas are drawn in their colour"
    assert tab.locator(".gs-sign svg").count() == 4 + 12
    assert tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1")
    tab.locator(".gs-sign[title='Nattvandring']").click(force=True)
    tab.wait_for_selector(".gs-about", timeout=5_000)
    assert "Föreslagen" in tab.locator(".gs-about").inner_text()
    tab.locator("#gs-open-sheet").click()
    assert town.EVIL in tab.locator("#gs-sheet").inner_text()
    assert (asked, said) == ([(tmp_path / "karta.html").as_uri()], [])


SHARE_OF_RED = """() => { let red = 0, all = 0;
  document.querySelectorAll('.leaflet-overlay-pane canvas').forEach(c => {
    const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
    for (let i = 0; i < d.length; i += 4) { all++; if (d[i + 3] > 100 && d[i] > 170 && d[i + 1] < 60) red++; } });
  return red / all; }"""


@pytest.mark.browser
def test_the_page_meets_wcag(html, new_context, tmp_path):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    (tmp_path / "karta.html").write_text(html, encoding="utf-8")
    context = new_context(viewport={"width": 1440, "height": 900}, offline=True, bypass_csp=True)     # axe is put in by us
    tab = context.new_page()
    tab.goto((tmp_path / "karta.html").as_uri())
    tab.wait_for_selector("body[data-ready]")
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
    for dialog in (False, True):
        if dialog:
            tab.locator("#gs-open-sheet").click()
        found = axe.run(tab, options=rules).response["violations"]
        assert [(v["id"], v["nodes"][0]["target"]) for v in found] == []
