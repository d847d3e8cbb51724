"""Brå's yearly list, in the layouts that are known."""
from __future__ import annotations

from datetime import UTC, datetime

import pytest

from geo_safety.errors import InputError
from geo_safety.sources import bra_yearly
from geo_safety.sources.reading import Destination, ReadOptions

NEW = "\ufeffKommun;Antal;Per 100 000 inv.\r\nAle;2537;7810\r\nMalung-Sälen;2 537;9\u00a0810,5\r\nMark;..;-\r\nRiket;1 500 000;14 000\r\n"
OLD = "Ale kommun;2731;8547\nArjeplogs kommun;210;7700\nMalung–Sälens kommun;700;6900\nSpånga-Tensta;4000;10000\nBorås Stad;9000;8000\nHela landet;1;1\n"


@pytest.fixture
def read(written, anywhere):
    def reading(content, name):
        path = written(name, content)
        found = bra_yearly.propose(path, anywhere)
        return bra_yearly.read(path, found.accepted(), anywhere)
    return reading


def test_the_present_layout_gives_totals_by_municipality(read):
    frame = read(NEW, "Anmälda brott kommunerna 2024.csv").frame
    assert list(frame["municipality_code"]) == ["1440", "2023", "1463"]
    assert list(frame["municipality_name"]) == ["Ale", "Malung-Sälen", "Mark"]
    assert list(frame["reported"][:2]) == [2537, 2537], "a blank stands between thousands"
    assert list(frame["per_100k"][:2]) == [7810, 9810.5]
    assert set(frame["year"]) == {2024}
    assert set(frame["offence_group"]) == {"total"}


def test_two_points_are_missing_and_a_dash_is_nought(read):
    mark = read(NEW, "Anmälda brott kommunerna 2024.csv").frame.iloc[2]
    assert mark.isna()["reported"]
    assert mark["per_100k"] == 0


def test_the_layout_without_headings_knows_genitives_dashes_and_districts(read):
    reading = read(OLD, "Anmälda brott kommunerna 2021.csv")
    assert list(reading.frame["municipality_name"]) == ["Ale", "Arjeplog", "Malung-Sälen", "Borås"]
    assert reading.quality["not_municipalities"] == ["Spånga-Tensta"]
    assert (reading.read, reading.rejected, reading.quality["skipped"]) == (4, 0, 2)


def test_the_country_as_a_whole_is_no_municipality(read):
    assert "Riket" not in set(read(NEW, "Anmälda brott kommunerna 2024.csv").frame["municipality_name"])


@pytest.mark.parametrize(("today", "preliminary"), [(datetime(2026, 3, 1, tzinfo=UTC), True), (datetime(2026, 4, 2, tzinfo=UTC), False)])
def test_figures_are_preliminary_until_the_end_of_march(written, today, preliminary):
    found = bra_yearly.propose(written("kommunerna 2025.csv", NEW), Destination(now=today))
    assert found.options.constants["preliminary"] is preliminary
    assert found.options.constants["year"] == 2025


def test_a_file_that_names_no_year_asks_for_it(written, anywhere):
    found = bra_yearly.propose(written("kommunerna.csv", NEW), anywhere)
    with pytest.raises(InputError, match="does not say Year"):
        found.accepted()
    assert found.accepted(constants={"year": 2024}).constants["year"] == 2024


def test_what_is_no_number_is_refused_with_its_row(read):
    reading = read("Kommun;Antal;Per 100 000 inv.\nAle;många;1\nMark;12,5;1\nBorås;-5;1\nKil;10;1\nKil;11;1\n", "kommunerna 2024.csv")
    assert list(reading.rejects["row_number"]) == [2, 3, 4, 6]
    assert list(reading.frame["municipality_name"]) == ["Kil"]


def test_names_that_are_none_of_the_290_all_count_when_none_of_them_is(read):
    frame = read("Kommun;Antal;Per 100 000 inv.\nExempelby;100;2000\nLåtsasstad;50;1000\n", "kommunerna 2024.csv").frame
    assert list(frame["municipality_name"]) == ["Exempelby", "Låtsasstad"]
    assert frame["municipality_code"].isna().all()


@pytest.mark.parametrize(("name", "code"), [
    ("Mark", "1463"), ("Marks kommun", "1463"), ("MARK", "1463"), ("Upplands väsby", "0114"), ("Upplands-bro", "0139"), ("Malung – Sälen", "2023"),
    ("Borås stad", "1490"), ("Tranås", "0687"), ("Tranås kommun", "0687"), ("Hässleholms kommun", "1293"), ("Spånga-Tensta", None), ("", None)])
def test_a_municipality_is_known_by_any_usual_form_of_its_name(name, code):
    found = bra_yearly.municipality(name)
    assert (found and found[0]) == code


def test_there_are_290_municipalities_each_with_a_code_of_its_own():
    known = bra_yearly.municipalities()
    assert len(known) == 290
    assert len({code for code, _ in known.values()}) == 290


@pytest.mark.shared
def test_the_list_of_municipalities_is_that_of_statistics_sweden(shared):
    import csv
    with (shared / "data/se_geo/sjbrg_municipalities.csv").open(encoding="utf-8") as file:
        official = {row["municipality_code"]: row["municipality_name_short"] for row in csv.DictReader(file)}
    assert dict(bra_yearly.municipalities().values()) == official


def test_a_year_to_come_is_refused(written, anywhere):
    path = written("a.csv", "Kommun;Antal\nAle;1\n")
    options = ReadOptions(mapping={"municipality_name": "Kommun", "reported": "Antal"}, constants={"year": 2099, "offence_group": "total"})
    assert bra_yearly.read(path, options, anywhere).rejects["reason_en"].iloc[0] == "The year is missing or cannot be right."
