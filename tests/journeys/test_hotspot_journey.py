"""From area and period to a hotspot layer, and to a file that holds the same cells."""
from __future__ import annotations

import geopandas as gpd
import pytest
from playwright.sync_api import expect


def computed(page):
    page.get_by_role("button", name="Räkna").click()
    expect(page.locator("#hotspot-legend .gs-swatches li").first).to_be_visible(timeout=180_000)  # the first waits for the worker to start


def chosen(page, label, option):
    page.get_by_role("textbox", name=label, exact=True).first.click()
    page.get_by_role("option", name=option).first.click()


@pytest.mark.parametrize("method", ["Antal per ruta", "Täthet", "Gi*"])
def test_a_method_gives_cells_a_table_and_what_it_does_not_say(page, app_url, accessible, until, method):
    page.goto(app_url + "/hotspots")
    page.wait_for_selector(".gs-map[data-ready]")
    chosen(page, "Metod", method)
    computed(page)
    expect(page.locator(".gs-does-not")).to_be_visible()
    until(page, "geoSafety.cellsDrawn() > 100")
    expect(page.locator("#hotspot-below")).to_contain_text("Platser som sticker ut mest")
    accessible(page)


def test_a_hotspot_layer_leaves_as_the_cells_on_the_map(page, app_url, tmp_path):
    page.goto(app_url + "/hotspots")
    page.wait_for_selector(".gs-map[data-ready]")
    chosen(page, "Metod", "Antal per ruta")
    computed(page)
    search = page.url.partition("?")[2]
    on_map = page.request.get(f"{app_url}/data/cells.json?{search}").json()["features"]
    page.get_by_role("link", name="Ladda ner resultatet").click()
    page.wait_for_selector("#dl-get")
    with page.expect_download() as waiting:
        page.locator("#dl-get").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    cells = gpd.read_file(path, layer=0)
    assert len(cells) == len(on_map)
    assert cells.crs.to_epsg() == 3006
    assert int(cells["incidents"].sum()) > 30


def test_a_kept_run_opens_again_unchanged(page, app_url):
    page.goto(app_url + "/hotspots")
    page.wait_for_selector(".gs-map[data-ready]")
    chosen(page, "Metod", "Gi*")
    computed(page)
    table = page.locator("#hotspot-below table")
    expect(table).to_be_visible()
    before = table.inner_text()
    page.get_by_label("Namn på körningen").fill("Till mötet i mars")
    page.get_by_role("button", name="Spara körningen").click()
    link = page.get_by_role("link", name="Till mötet i mars")
    expect(link).to_be_visible()
    page.goto(app_url + link.get_attribute("href"))
    expect(page.locator("#hotspot-legend .gs-swatches li").first).to_be_visible()
    expect(table).to_be_visible()
    assert table.inner_text() == before


def test_too_few_incidents_are_refused_in_words_and_counted(page, app_url):
    page.goto(app_url + "/hotspots?period=2025-03-01/2025-03-09&method=kernel_density")
    expect(page.locator(".gs-refusal")).to_contain_text("kräver minst")
    expect(page.locator("#hotspot-legend .gs-swatches li").first).to_be_visible()


def test_a_comparison_is_asked_for_where_a_method_needs_one(page, app_url):
    page.goto(app_url + "/hotspots?method=change")
    expect(page.locator(".gs-refusal")).to_contain_text("jämförelseperiod")
