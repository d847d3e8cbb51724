"""Did it help? What the design can see comes first, then the verdict; the measure without effect is not praised."""
from __future__ import annotations

import re

import geopandas as gpd
from playwright.sync_api import expect


def chosen(page, label, option):
    page.get_by_role("textbox", name=label, exact=True).first.click()
    page.get_by_role("option", name=option).first.click()


def test_from_a_measure_on_the_map_to_a_verdict_and_a_file(page, app_url, accessible, tmp_path):
    page.goto(app_url + "/evaluation")
    page.wait_for_selector("#ev-centre h1")
    chosen(page, "Åtgärd", "Ny belysning och röjning vid Lykttunneln")
    expect(page.locator("#ev-centre h1")).to_have_text("Ny belysning och röjning vid Lykttunneln")
    chosen(page, "Kontrollområde", "Bangårdstunneln")
    expect(page.locator(".gs-lead").first).to_contain_text("i 80")
    expect(page.locator(".gs-verdict")).to_have_count(0)
    expect(page).to_have_url(re.compile("control=place"))
    page.wait_for_selector(".gs-map[data-ready]")
    accessible(page)
    page.get_by_role("button", name="Visa resultatet").click()
    expect(page.locator(".gs-verdict")).to_contain_text("Tydlig minskning jämfört med kontrollområdet")
    expect(page.get_by_role("heading", name="Gick de lika före start?")).to_be_visible()
    expect(page.locator(".gs-chart .main-svg").first).to_be_visible()
    accessible(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Ladda ner GeoPackage").click()
    waiting.value.save_as(tmp_path / "e.gpkg")
    assert len(gpd.read_file(tmp_path / "e.gpkg", layer=0)) == 4
    page.reload()   # a link to the minutes shows the same
    expect(page.locator(".gs-verdict")).to_contain_text("Tydlig minskning")


def test_the_measure_without_effect_is_not_praised_and_a_new_design_hides_the_result(page, app_url):
    page.goto(app_url + "/evaluation")
    page.wait_for_selector("#ev-centre h1")
    chosen(page, "Åtgärd", "Staket runt Kometskolan")
    chosen(page, "Kontrollområde", "Sagoskolan")
    expect(page.locator(".gs-lead").first).to_contain_text("för få")
    page.get_by_role("button", name="Visa resultatet").click()
    expect(page.locator(".gs-verdict")).to_contain_text("Går inte att avgöra")
    chosen(page, "Gjordes det som planerat?", "Nej")
    expect(page.locator(".gs-verdict")).to_have_count(0)
    page.get_by_role("button", name="Visa resultatet").click()
    expect(page.locator(".gs-verdict")).to_contain_text("Ej genomförd som planerat")
