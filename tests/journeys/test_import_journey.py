"""A planner brings a file in: sees how it is understood, checks it, brings it in, looks at the map, and takes it back."""
from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

DATA = Path(__file__).resolve().parents[2] / "data"
INCIDENTS = DATA / "incidents.csv"
FAULTY = 4  # rows of the example file with mistakes as real files have them; data/README.md names them
SLOW = 60_000  # a file is read in a process of its own, which on a busy machine takes its time to start


def open_page(page, app_url, search=""):
    page.goto(f"{app_url}/import{search}")
    page.wait_for_selector("[data-ready]")
    page.wait_for_load_state("networkidle")


def choose(page, source: str, file) -> None:
    page.get_by_role("radio", name=source).check()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=re.compile("välj en fil|choose a file")).click()
    chooser.value.set_files(file)


def understood(page):
    button = page.get_by_role("button", name=re.compile("^(Kontrollera filen|Check the file)$"))
    expect(button).to_be_visible(timeout=SLOW)
    page.wait_for_load_state("networkidle")
    return button


def looked_at_again(page) -> None:
    """Waits until a change has been taken in."""
    expect(page.locator("#import-busy")).to_be_hidden(timeout=SLOW)
    page.wait_for_load_state("networkidle")


def count(page, name: str) -> int:
    return int(re.sub(r"\D", "", page.locator(f"[data-count={name}] dd").inner_text()))


def column_of(page, field: str):
    return page.get_by_role("textbox", name=f"{field}: kolumn i filen")


@pytest.fixture
def rows_in_file() -> int:
    with INCIDENTS.open(encoding="cp1252", newline="") as file:
        return sum(1 for _ in csv.reader(file, delimiter=";")) - 1


def test_a_file_is_understood_checked_brought_in_seen_on_the_map_and_taken_back(page, app_url, accessible, rows_in_file):
    open_page(page, app_url)
    accessible(page)
    choose(page, "Händelser ur en tabell", INCIDENTS)
    check = understood(page)
    expect(page.get_by_text(re.compile(rf"incidents\.csv · {rows_in_file} rader"))).to_be_visible()
    expect(column_of(page, "Brottstyp")).to_have_value("Brottstyp")
    expect(column_of(page, "Tid, från")).to_have_value("Brottsdatum från")
    expect(page.get_by_role("radio", name="SWEREF99 TM (EPSG:3006)")).to_be_checked()
    expect(page.locator(".gs-preview .gs-map[data-ready]")).to_have_count(1)
    expect(page.locator(".gs-preview path[fill='#2b4a72']").first).to_be_attached()  # the file's places, drawn as incidents are
    accessible(page)

    check.click()
    bring_in = page.get_by_role("button", name=re.compile(r"Läs in \d+ rader"))
    expect(bring_in).to_be_visible(timeout=SLOW)
    assert (count(page, "read"), count(page, "rejected"), count(page, "inserted")) == (rows_in_file, FAULTY, rows_in_file - FAULTY)
    refused = page.get_by_role("region", name="Rader som inte går att läsa in")
    expect(refused.get_by_role("row")).to_have_count(1 + FAULTY)
    expect(refused).to_contain_text("2099")
    accessible(page)

    bring_in.click()
    expect(page.get_by_role("alert").filter(has_text="påhittade uppgifter")).to_be_visible()  # asked first, in a made-up store
    page.get_by_role("checkbox", name=re.compile("Jag vet att")).check()
    bring_in.click()
    to_map = page.get_by_role("link", name="Visa på kartan")
    expect(to_map).to_be_visible(timeout=SLOW)
    assert (count(page, "read"), count(page, "inserted"), count(page, "unchanged"), count(page, "rejected")) == (
        rows_in_file, rows_in_file - FAULTY, 0, FAULTY)
    accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Avvisade rader som fil").click()
    rejected = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert len(rejected) == 1 + FAULTY and rejected[0].startswith("Rad;Kolumn;Värde;Skäl;")

    page.get_by_label("Profilens namn").fill("Polisen Exempelby")
    page.get_by_role("button", name="Spara valen som profil").click()
    expect(page.get_by_text("Valen är sparade som Polisen Exempelby.")).to_be_visible()
    done = page.url
    to_map.click()
    page.wait_for_selector(".gs-map[data-ready]")
    expect(page).to_have_url(re.compile(r"period=20\d\d-"))

    page.goto(done)
    page.get_by_role("button", name="Ångra inläsningen").click()
    box = page.get_by_role("dialog", name="Ångra hela inläsningen?")
    expect(box).to_contain_text(f"{rows_in_file - FAULTY} nya rader")
    accessible(page)
    box.get_by_role("button", name="Ja, ångra").click()
    expect(page.get_by_text(f"{rows_in_file - FAULTY} rader berördes")).to_be_visible(timeout=SLOW)
    listed = page.get_by_role("region", name="Tidigare inläsningar").get_by_role("row", name=re.compile("incidents.csv")).first
    expect(listed).to_contain_text("ångrad")


def test_a_reload_and_another_language_lose_nothing_of_what_was_chosen(page, app_url, accessible):
    open_page(page, app_url)
    choose(page, "Åtgärder ur en tabell", DATA / "measures.csv")
    understood(page)
    page.get_by_role("textbox", name="Informationsklass").click()
    page.get_by_role("option", name="2 · Sekretess, kommun").click()
    page.locator("#field-owner button").first.click()  # this column is not to be brought in
    looked_at_again(page)
    page.reload()
    understood(page)
    expect(page.get_by_role("textbox", name="Informationsklass")).to_have_value("2 · Sekretess, kommun")
    page.get_by_role("link", name="English").click()
    check = understood(page)
    expect(page.get_by_role("heading", name="How the file has been understood")).to_be_visible()
    expect(page.get_by_text("Columns that are not brought in: Ansvarig.")).to_be_visible()
    accessible(page)
    check.click()
    expect(page.get_by_role("alert").filter(has_text="class 2 and 3")).to_be_visible(timeout=SLOW)  # refused until accounts exist
    page.get_by_role("button", name="Change").click()
    understood(page)


def test_a_file_that_is_no_table_is_refused_in_one_sentence_and_stays(page, app_url, tmp_path):
    letter = tmp_path / "brev.csv"
    letter.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    open_page(page, app_url)
    choose(page, "Händelser ur en tabell", letter)
    alert = page.get_by_role("alert").filter(has_text="brev.csv")
    expect(alert).to_be_visible(timeout=SLOW)
    page.get_by_role("radio", name="Områden ur en kartfil").check()
    page.get_by_role("button", name="Försök igen med brev.csv").click()
    expect(alert).to_be_hidden(timeout=SLOW)
    expect(alert).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("radio", name="Områden ur en kartfil")).to_be_checked()


def test_what_the_file_cannot_answer_is_asked_and_answered(page, app_url, tmp_path):
    unclear = tmp_path / "uttag.csv"
    unclear.write_text("Datum;Rubrik;Öst;Nord\n" + "".join(f"0{d}/04/2025;<b>Rån</b>;48000{d},5;664000{d},5\n" for d in range(1, 8)), encoding="utf-8")
    open_page(page, app_url)
    choose(page, "Händelser ur en tabell", unclear)
    check = understood(page)
    expect(page.get_by_role("note").filter(has_text="Står dagen eller månaden först")).to_be_visible()
    check.click()
    expect(page.get_by_role("alert").filter(has_text="Svara först")).to_be_visible()
    page.get_by_role("radio", name="dagen (3 april)").check()
    looked_at_again(page)
    expect(page.get_by_role("note").filter(has_text="Står dagen eller månaden först")).to_have_count(0)
    expect(page.locator("#section-when ~ div").get_by_role("cell", name="2025-04-03")).to_be_visible()
    expect(page.get_by_role("cell", name="<b>Rån</b>").first).to_be_visible()  # an ordinary value, shown as it is written
    expect(page.get_by_role("radio", name="dagen (3 april)")).to_be_focused()  # whoever steers by keyboard goes on from there


def test_a_wrong_coordinate_system_is_seen_on_the_map_and_refused(page, app_url):
    open_page(page, app_url)
    choose(page, "Händelser ur en tabell", INCIDENTS)
    check = understood(page)
    own = page.get_by_role("textbox", name="Annat system, EPSG-nummer")
    own.fill("99999")
    own.press("Tab")
    expect(page.get_by_role("alert").filter(has_text="99999 är okänt")).to_be_visible()
    own.fill("3857")
    own.press("Tab")
    expect(page.get_by_text("WGS 84 / Pseudo-Mercator (EPSG:3857)")).to_be_visible(timeout=SLOW)
    looked_at_again(page)
    west = page.evaluate("geoSafety.map.getBounds().getWest()")
    assert west < 10  # the map goes out until the far-off points are in view: Exempelby lies at 14.6 degrees east
    check.click()
    expect(page.get_by_role("alert").filter(has_text="hamnar nästan inga punkter i kommunen")).to_be_visible(timeout=SLOW)


def test_the_reading_of_a_large_file_can_be_stopped(page, app_url, tmp_path):
    large = tmp_path / "stor.csv"
    row = "2025-03-{:02};Cykelstöld;{}.0;{}.0\n"
    rows = (row.format(1 + i % 28, 480000 + i % 997, 6640000 + i % 991) for i in range(60_000))
    large.write_text("Datum;Brottstyp;Öst;Nord\n" + "".join(rows), encoding="utf-8")
    open_page(page, app_url)
    choose(page, "Händelser ur en tabell", large)
    understood(page).click()
    page.get_by_role("button", name="Avbryt").click()
    expect(page.get_by_text("Arbetet avbröts. Inget sparades.")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Ändra").click()
    understood(page)


def test_two_files_at_once_and_an_old_address_are_answered_in_words(page, app_url):
    open_page(page, app_url, "?file=0123456789abcdef0123456789abcdef&step=check")
    expect(page.get_by_role("alert").filter(has_text="Filen finns inte kvar här")).to_be_visible()
    page.evaluate("""() => {
      const dropped = new DataTransfer();
      ["a.csv", "b.csv"].forEach(name => dropped.items.add(new File(["x"], name)));
      document.getElementById("import-drop").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: dropped }));
    }""")
    expect(page.get_by_role("alert").filter(has_text="en fil i taget")).to_be_visible()
