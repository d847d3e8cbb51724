"""From area and period to a chart, the table that equals it, and a file."""
from __future__ import annotations

import openpyxl
import pytest
from playwright.sync_api import expect

BOTH = "period=2024-01-01/2026-01-01&compare=2022-01-01/2024-01-01"


@pytest.mark.parametrize("method", ["rates", "monitor", "hour_of_week", "near_repeat", "concentration"])
def test_a_link_gives_a_chart_its_table_and_what_it_does_not_say(page, app_url, accessible, method):
    page.goto(f"{app_url}/patterns?method={method}&{BOTH}")
    expect(page.locator(".gs-chart .js-plotly-plot .main-svg").first).to_be_visible(timeout=180_000)  # the first waits for the worker to start
    expect(page.locator(".gs-chart-box tbody tr").nth(2)).to_be_visible()
    expect(page.locator(".gs-does-not")).to_be_visible()
    accessible(page)


def test_from_the_list_of_questions_to_a_kept_answer_and_a_file(page, app_url, accessible, tmp_path):
    page.goto(app_url + "/")
    page.get_by_role("link", name="Mönster").click()
    expect(page.get_by_role("heading", name="När händer det, och hur samlat?")).to_be_visible()
    accessible(page)
    page.get_by_role("textbox", name="Metod", exact=True).first.click()
    page.get_by_role("option", name="Vardag, helg och högtid").click()
    page.get_by_role("button", name="Räkna").click()
    table = page.locator(".gs-chart-box table")
    expect(table).to_contain_text("helgdag", timeout=180_000)
    before = table.inner_text()
    page.get_by_label("Namn på körningen").fill("Helger 2025")
    page.get_by_role("button", name="Spara körningen").click()
    page.get_by_role("link", name="Helger 2025").click()
    expect(table).to_contain_text("helgdag")
    assert table.inner_text() == before
    page.get_by_role("link", name="Ladda ner resultatet").click()
    page.wait_for_selector("#dl-get")
    expect(page.get_by_role("radio", name="HTML")).to_have_count(0)     # a map of what has no place
    page.get_by_role("radio", name="Excel").check()
    with page.expect_download() as waiting:
        page.locator("#dl-get").click()
    waiting.value.save_as(tmp_path / "o.xlsx")
    assert any("helgdag" in row for sheet in openpyxl.load_workbook(tmp_path / "o.xlsx").worksheets for row in sheet.iter_rows(values_only=True))


def test_too_few_are_refused_in_words_with_counts_instead(page, app_url, accessible):
    page.goto(f"{app_url}/patterns?method=near_repeat&period=2025-01-01/2025-01-08")
    expect(page.locator(".gs-refusal")).to_contain_text("kräver minst 30", timeout=180_000)
    expect(page.locator(".gs-chart h2")).to_have_text("Händelser per månad")
    accessible(page)
