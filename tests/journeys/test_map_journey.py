"""A planner opens the map, reads it, changes it, and hands the link on."""
from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect


def opened(page, url, path="/"):
    page.goto(url + path)
    page.wait_for_selector(".gs-map[data-ready]")


def clicked(page, latitude, longitude):
    """Clicks the map at a place on earth; a fixed pixel would hit a cluster."""
    spot = page.evaluate("([lat, lng]) => { const p = geoSafety.map.latLngToContainerPoint([lat, lng]); return [p.x, p.y]; }", [latitude, longitude])
    box = page.locator(".gs-map").bounding_box()
    page.mouse.click(box["x"] + spot[0], box["y"] + spot[1])


def test_the_first_start_shows_a_town_with_its_numbers(page, app_url, accessible):
    opened(page, app_url)
    expect(page.locator(".gs-made-up")).to_contain_text("Påhittade uppgifter")
    expect(page.locator("#card .gs-figures dd").first).to_have_text(re.compile(r"^\d[\d\s\u00a0]*$"))
    expect(page.locator("#legend .gs-swatches li")).not_to_have_count(0)
    expect(page.locator("#source-line")).to_contain_text("Källa")
    assert page.locator(".gs-cluster").count() > 3
    assert page.evaluate("document.documentElement.lang") == "sv"
    accessible(page)


def test_the_table_says_what_the_map_says(page, app_url, accessible):
    opened(page, app_url)
    page.get_by_role("button", name="Tabell").click()
    rows = page.locator(".gs-table-box .ag-center-cols-container .ag-row")
    expect(rows.first).to_be_visible()
    answer = page.request.get(app_url + "/data/areas.json?" + page.locator("#download-link").get_attribute("href").partition("?")[2]).json()
    counts = {f["properties"]["name"]: re.sub(r"\D", "", f["properties"]["tip"][1]) for f in answer["features"]}
    seen = {row.locator("[col-id=name]").inner_text(): re.sub(r"\D", "", row.locator("[col-id=incidents]").inner_text()) for row in rows.all()}
    assert seen
    assert seen.items() <= counts.items()
    accessible(page)


def test_sorting_the_table_sorts_all_rows_on_the_server(page, app_url):
    opened(page, app_url)
    page.get_by_role("button", name="Tabell").click()
    head = page.locator(".ag-header-cell[col-id=incidents]")
    head.click()
    head.click()
    first = page.locator(".ag-center-cols-container .ag-row[row-index='0'] [col-id=incidents]")
    second = page.locator(".ag-center-cols-container .ag-row[row-index='1'] [col-id=incidents]")
    page.wait_for_timeout(800)
    number = lambda cell: int(re.sub(r"\D", "", cell.inner_text()))  # noqa: E731
    assert number(first) >= number(second)


def test_a_click_on_an_area_gives_its_card_and_the_link_gives_it_again(page, app_url):
    opened(page, app_url, "/?layers=areas")
    area = page.request.get(app_url + "/data/areas.json").json()["features"][0]
    page.evaluate("([lng, lat]) => { geoSafety.map.setView([lat, lng], 13, {animate: false}); }", _inside(area))
    page.wait_for_timeout(500)
    clicked(page, *_inside(area)[::-1])
    expect(page.locator("#card-title")).to_have_text(area["properties"]["name"])
    figure = page.locator("#card .gs-figures dd").first.inner_text()
    page.get_by_role("button", name="Per invånare").or_(page.get_by_text("Per invånare", exact=True)).first.click()
    expect(page).to_have_url(re.compile("measure=rate"))
    link = page.url
    other = page.context.new_page()
    opened(other, "", link)
    expect(other.locator("#card-title")).to_have_text(area["properties"]["name"])
    assert other.locator("#card .gs-figures dd").first.inner_text() == figure
    expect(other.locator("input[value=rate]")).to_be_checked()
    other.close()


def _inside(feature):
    import shapely
    from shapely.geometry import shape
    return list(shapely.point_on_surface(shape(feature["geometry"])).coords[0])


def test_the_language_follows_the_choice_and_keeps_the_view(page, app_url, accessible):
    opened(page, app_url, "/?measure=rate")
    page.get_by_role("link", name="English").click()
    page.wait_for_selector(".gs-map[data-ready]")
    assert page.evaluate("document.documentElement.lang") == "en"
    expect(page.locator(".gs-made-up")).to_contain_text("Made-up data")
    expect(page).to_have_url(re.compile("measure=rate"))
    expect(page.get_by_role("heading", name="The whole selection")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Svenska").click()
    expect(page.locator(".gs-made-up")).to_contain_text("Påhittade")


def test_dark_is_remembered_and_readable(page, app_url, accessible):
    opened(page, app_url)
    page.get_by_role("button", name="Ljust eller mörkt").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    accessible(page)
    opened(page, app_url)
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


def test_an_own_area_is_drawn_counted_and_removed(page, app_url):
    opened(page, app_url, "/?layers=areas")
    before = page.locator("#card .gs-figures dd").first.inner_text()
    page.get_by_role("button", name="Rita eget område").click()
    box = page.locator(".gs-map").bounding_box()
    middle = (box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.45)
    for dx, dy in ((-60, -60), (60, -60), (60, 60)):
        page.mouse.click(middle[0] + dx, middle[1] + dy)
        page.wait_for_timeout(350)
    page.mouse.dblclick(middle[0] - 60, middle[1] + 60)
    expect(page).to_have_url(re.compile("drawn="))
    expect(page.locator("#card-title")).to_have_text("Ritat område")
    page.get_by_role("button", name="Ta bort ritat område").click()
    expect(page).not_to_have_url(re.compile("drawn="))
    expect(page.locator("#card .gs-figures dd").first).to_have_text(before)


def test_the_keyboard_alone_reaches_map_and_table(page, app_url, until):
    opened(page, app_url)
    page.keyboard.press("Tab")
    expect(page.locator(".gs-skip")).to_be_focused()
    page.locator(".leaflet-container").focus()
    zoom = page.evaluate("geoSafety.map.getZoom()")
    page.keyboard.press("+")
    until(page, "zoom => geoSafety.map.getZoom() > zoom", zoom)
    page.locator("#open-table").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".ag-root")).to_be_visible()


def test_back_shows_the_view_that_was(page, app_url):
    opened(page, app_url)
    page.get_by_text("Per invånare", exact=True).click()
    expect(page.locator("#legend h3").first).to_contain_text("Per 100")
    page.go_back()
    expect(page.locator("#legend h3").first).to_have_text("Händelser")


def test_a_place_is_found_by_name(page, app_url, until):
    opened(page, app_url)
    field = page.get_by_placeholder("Sök plats, gata eller område")
    before = page.evaluate("geoSafety.map.getCenter().toString()")
    field.press_sequentially("Exempelby stat", delay=40)
    page.get_by_role("option").first.click()
    until(page, "was => geoSafety.map.getCenter().toString() !== was", before)


def test_a_page_that_is_not_there_says_so_and_leads_on(page, app_url, accessible):
    answer = page.request.get(app_url + "/nothing-here")
    assert answer.status == 404
    assert page.request.get(app_url + "/data/nothing.json").status == 404


@pytest.mark.parametrize(("width", "height"), [(820, 1180), (390, 844)], ids=["tablet", "phone"])
def test_a_smaller_screen_folds_the_selection_away(page, app_url, accessible, width, height):
    page.set_viewport_size({"width": width, "height": height})
    opened(page, app_url)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.locator("#open-left").click()
    expect(page.locator("#sel-period")).to_be_visible()
    accessible(page)


def test_picture_and_print_hold_the_map_with_its_words(page, app_url):
    opened(page, app_url)
    picture = page.request.get(app_url + page.locator("#picture-link").get_attribute("href"))
    assert picture.status == 200
    assert picture.body()[:8] == b"\x89PNG\r\n\x1a\n"
    page.goto(app_url + page.locator("#print-link").get_attribute("href"))
    expect(page.locator("table tbody tr")).not_to_have_count(0)
    expect(page.locator("h1")).to_contain_text("Karta över")
