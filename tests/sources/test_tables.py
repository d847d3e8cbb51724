"""Text tables and workbooks: encoding, separator, heading, and rows that do not fit."""
from __future__ import annotations

import zipfile
from datetime import datetime, time

import numpy as np
import openpyxl
import pytest

from geo_safety.errors import InputError
from geo_safety.sources.limits import Limits
from geo_safety.sources.opening import open_table
from geo_safety.sources.reading import ReadOptions

TABLE = "datum;plats;antal\n2026-01-01;Kinna Örby;1\n2026-01-02;Skene;2\n"


def read(path, **options):
    return open_table(path, ReadOptions(**options))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_usual_encodings_and_separators_are_recognised(written, encoding, separator):
    table = read(written("a.csv", TABLE.replace(";", separator).encode(encoding)))
    assert list(table.frame.columns) == ["datum", "plats", "antal"]
    assert list(table.column("plats")) == ["Kinna Örby", "Skene"]
    assert list(table.row_numbers) == [2, 3]


def test_a_decimal_comma_does_not_pass_for_a_separator(written):
    table = read(written("a.csv", "fecha;lon;lat\n2019;-75,5;6,2\n2020;-75,6;6,3\n"))
    assert list(table.frame.columns) == ["fecha", "lon", "lat"]


def test_separators_inside_quotes_belong_to_the_value(written):
    table = read(written("a.csv", '"kön","Antal, totalt"\n"män","1"\n"kvinnor, alla","2"\n'))
    assert list(table.frame.columns) == ["kön", "Antal, totalt"]
    assert table.column("kön")[1] == "kvinnor, alla"


def test_a_value_may_run_over_several_lines(written):
    table = read(written("a.csv", 'id;text\n1;"två\nrader"\n2;x\n'))
    assert table.column("text")[0] == "två\nrader"


def test_titles_above_and_empty_rows_are_left_out(written):
    table = read(written("a.csv", "Uttag ur registret\n\nid;datum;plats\n1;2026-01-01;Kinna\n;;\n2;2026-01-02;Skene\n"))
    assert list(table.frame.columns) == ["id", "datum", "plats"]
    assert list(table.row_numbers) == [4, 6], "rows are numbered as a spreadsheet numbers them"


def test_the_heading_can_be_pointed_out(written):
    path = written("a.csv", "x;y;z\nid;datum;plats\n1;2026-01-01;Kinna\n")
    assert list(read(path, header_row=2).frame.columns) == ["id", "datum", "plats"]
    with pytest.raises(InputError, match="Row 9"):
        read(path, header_row=9)


def test_a_file_without_heading_gets_numbered_columns(written):
    table = read(written("a.csv", "349034.1,6391400.5,2015-12-31\n349035.2,6391401.5,2016-01-01\n"))
    assert not table.header
    assert list(table.frame.columns) == ["1", "2", "3"]
    assert len(table) == 2


def test_headings_that_are_alike_are_told_apart(written):
    assert list(read(written("a.csv", "Namn;Namn;\nA;B;C\n")).frame.columns) == ["Namn", "Namn (2)"]
    assert list(read(written("b.csv", "Namn;;Namn\nA;B;C\n")).frame.columns) == ["Namn", "(2)", "Namn (2)"]


def test_a_row_with_more_fields_than_the_heading_is_set_aside(written):
    table = read(written("a.csv", "id;text\n1;a;b\n2;c\n3\n4;d;;\n"))
    assert table.broken == [(2, ["1", "a", "b"])]
    assert list(table.column("text")) == ["c", "", "d"]


def test_letters_in_two_parts_are_put_together(written):
    assert list(read(written("a.csv", "namn;x\nO\u0308rby;1\n")).column("namn")) == ["Örby"], "files from macOS write Ö as O and two dots"


def test_control_characters_are_taken_out(written):
    assert list(read(written("a.csv", "namn;x\nA\x07B;1\n")).column("namn")) == ["A\ufffdB"]


def test_formulas_and_html_are_ordinary_values(written):
    table = read(written("a.csv", "id;text\n1;=1+1\n2;<script>alert(1)</script>\n"))
    assert list(table.column("text")) == ["=1+1", "<script>alert(1)</script>"]


@pytest.mark.parametrize(("content", "said"), [
    ("bara text utan tabell\nen rad till\n", "no table"), ("id;datum\n", "no rows"), ("", "empty"),
    ('id;text\n1;"' + "x" * 1_100_000 + "\n", "never ends")], ids=["prose", "heading", "nothing", "quote"])
def test_a_text_file_that_is_no_table_is_refused_in_words(written, content, said):
    with pytest.raises(InputError, match=said):
        read(written("a.csv", content))


def test_two_million_columns_are_refused(written):
    with pytest.raises(InputError, match=r"2,000,000 columns"):
        read(written("wide.csv", ";".join(["a"] * 2_000_000) + "\n" + ";".join(["1"] * 2_000_000) + "\n"))


def test_more_rows_than_bearable_are_refused(written):
    with pytest.raises(InputError, match="more than 10 rows"):
        open_table(written("a.csv", "a;b\n" + "1;2\n" * 20), ReadOptions(), Limits(rows=10))


@pytest.fixture
def workbook(tmp_path):
    def make(name="a.xlsx", **sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        path = tmp_path / name
        book.save(path)
        return path
    return make


def test_a_sheet_is_read_as_text_that_means_the_same(workbook):
    table = read(workbook(Uttag=[["Titel"], [], ["id", "tid", "kl", "x", "ja", "text"],
                                 [219027252, datetime(2026, 1, 2, 14, 50), time(14, 50), 57.5, True, "=1+1 är text"],
                                 [219027253, datetime(2026, 1, 3), None, 12, False, None]]))
    assert list(table.frame.iloc[0])[:5] == ["219027252", "2026-01-02 14:50:00", "14:50:00", "57.5", "true"]
    assert list(table.frame.iloc[1]) == ["219027253", "2026-01-03", "", "12", "false", ""]
    assert list(table.row_numbers) == [4, 5]


def test_the_first_sheet_with_a_table_is_chosen_and_said(workbook):
    path = workbook(Läsmig=[["Bara text"]], Uttag=[["id", "datum"], [1, "2026-01-01"]], Mer=[["a", "b"], [1, 2]])
    table = read(path)
    assert (table.sheet, table.sheets) == ("Uttag", ("Uttag", "Mer"))
    assert "Uttag, Mer" in table.notes[0].en
    assert list(read(path, sheet="Mer").frame.columns) == ["a", "b"]
    with pytest.raises(InputError, match=r"has no Blad9\. It holds: Läsmig, Uttag, Mer"):
        read(path, sheet="Blad9")
    with pytest.raises(InputError, match="no table"):
        read(path, sheet="Läsmig")


def test_a_workbook_with_definitions_of_its_own_is_refused(workbook, tmp_path):
    whole, bad = workbook(Blad=[["id", "datum"], [1, 2]]), tmp_path / "bad.xlsx"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                content = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + content
            target.writestr(name, content)
    with pytest.raises(InputError, match="damaged"):
        read(bad)


def test_a_truncated_workbook_is_refused(workbook, written):
    content = workbook(Blad=[["id", "datum"], *([n, "2026-01-01"] for n in range(500))]).read_bytes()
    for share in (0.3, 0.6, 0.95):
        with pytest.raises(InputError, match="damaged"):
            read(written("cut.xlsx", content[:int(len(content) * share)]))


def test_values_that_come_often_are_kept_in_memory_once(written):
    table = read(written("a.csv", "a;b\n" + "".join(f"{n % 7} stycken;x\n" for n in range(5000))))
    assert len({id(value) for value in table.column("a")}) == 7
    assert isinstance(table.column("a"), np.ndarray)
