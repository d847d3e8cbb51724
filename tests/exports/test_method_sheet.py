"""The method sheet: all that a reader must know, in both languages, and nothing that is not so."""
from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from geo_safety.exports.method_sheet import MethodSheet, method_sheet
from geo_safety.model.describe import Code, Input, Method, Parameter
from geo_safety.model.selection import Period, Selection, whole_year
from geo_safety.text import Text

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
METHOD = Method(
    "getis_ord", Text(sv="Gi*", en="Gi*"), Text(sv="Visar var höga antal ligger intill varandra.", en="Shows where high counts lie together."),
    Text(sv="Inte var det är farligt.", en="Not where it is dangerous."), (Input("points"),),
    (Parameter("cell_size_m", Text(sv="Rutans storlek", en="Cell size"), "length_m", 250),
     Parameter("p", Text(sv="p-värde", en="p value"), "choice", "exact", choices=(Code("exact", Text(sv="exakt, binomial", en="exact, binomial")),))),
    None, None, references=("Getis & Ord 1992, doi:10.1111/j.1538-4632.1992.tb00261.x",), version="2")


def sheet_of(shown, **more) -> dict[str, object]:
    return {entry.key: entry for entry in method_sheet([shown], made_at=NOW, **more).parts[0].entries}


def test_a_result_names_its_method_and_every_setting(town):
    found = sheet_of(town.cluster_cells(), methods={"getis_ord": METHOD})
    assert found["shows"].said.sv == "Visar var höga antal ligger intill varandra."
    assert found["does_not_show"].said.en == "Not where it is dangerous."
    assert (found["method"].said.sv, found["method_version"].said.sv) == ("Gi*", "1")
    assert found["parameters.cell_size_m"].title.sv == "Inställning: Rutans storlek" and found["parameters.cell_size_m"].value == 200
    assert found["parameters.p"].said.sv == "exakt, binomial"
    assert found["seed"].value == 3 and "1992" in found["references"].said.en


def test_numbers_denominators_and_doubts_are_said(town):
    found = sheet_of(town.cluster_cells())
    assert found["facts.denominator"].said.sv == "invånare" and found["facts.denominator"].title.en == "Denominator"
    assert found["facts.correction"].said.en == "Benjamini–Hochberg (FDR)"
    assert found["rows"].value == 400 and found["cautions"].value == ["MANY_TESTS"]


def test_period_types_and_areas_are_said(town):
    found = sheet_of(town.incidents(selection=Selection(
        period=whole_year(2025), compare_with=whole_year(2024), types=("vandalism", "own_code"), areas=("01", "02")).to_query()))
    assert found["period"].said.sv == "1 jan. 2025 – 31 dec. 2025" and found["period"].value == "2025-01-01/2026-01-01"
    assert found["compare_with"].said.en == "1 Jan 2024 – 31 Dec 2024"
    assert found["types"].said.en == "Vandalism; own_code" and found["types"].value == ["vandalism", "own_code"]
    assert found["areas"].value == ["01", "02"]


def test_the_default_of_types_is_said_as_such(town):
    found = sheet_of(town.incidents(selection=Selection(period=Period(date(2025, 1, 1), date(2025, 2, 1))).to_query()))
    assert found["types"].value == "default" and "allmän plats" in found["types"].said.sv


def test_a_drawn_area_is_said_with_its_corners(town):
    found = sheet_of(town.incidents(selection=Selection(drawn=((12.5, 57.5), (12.6, 57.5), (12.6, 57.6))).to_query()))
    assert "3" in found["areas"].said.sv and len(found["areas"].value) == 3


def test_a_period_is_not_said_of_rows_that_were_not_asked_for_by_it(town):
    assert "period" not in sheet_of(town.measures()) and "types" not in sheet_of(town.findings())


def test_origin_and_level_are_said(town):
    found = sheet_of(town.incidents(), purpose="lägesbild mars")
    assert found["sources"].value == ["Polismyndigheten, uttag vecka 32"]
    assert found["crs"].said.sv == "SWEREF99 TM (EPSG:3006)" and found["time_zone"].said.sv == "Europe/Stockholm"
    assert found["share_level"].value == "INTERNAL" and found["info_class"].value == 1
    assert found["purpose"].said.sv == "lägesbild mars" and found["code_version"].said.sv == "0.1.0" and found["revision"].value == 7
    assert found["made_at"].value == "2026-03-02T09:30:00+00:00" and found["without_place"].value == 30


def test_effort_is_said_to_be_effort(town):
    found = sheet_of(town.findings())
    assert found["coverage"].value == "effort" and "där ingen gick" in found["does_not_show"].said.sv


@pytest.mark.parametrize("made_up", [True, False])
def test_whether_data_are_made_up_is_always_said(town, made_up):
    sheet = method_sheet([town.area_counts(made_up=made_up)], made_at=NOW)
    assert sheet.made_up is made_up
    assert ("Påhittade uppgifter" in sheet.markdown("sv")) is made_up
    assert ("verkliga uppgifter" in sheet.markdown("sv")) is not made_up


def test_the_sheet_survives_json(town):
    sheet = method_sheet([town.incidents(), town.cluster_cells(), town.measures()], made_at=NOW, methods={"getis_ord": METHOD}, purpose="x")
    assert MethodSheet.from_json(json.loads(json.dumps(sheet.as_json(), allow_nan=False))) == sheet


def test_nothing_is_left_unsaid_in_either_language(town):
    sheet = method_sheet([town.incidents(), town.area_counts(), town.measures(), town.findings(), town.offence_statistics()], made_at=NOW)
    for part in sheet.parts:
        assert len({entry.key for entry in part.entries}) == len(part.entries)
        for entry in part.entries:
            assert entry.title.sv and entry.title.en and entry.said.sv and entry.said.en, entry.key


def test_the_ground_of_a_map_has_no_sheet(town):
    assert [part.layer for part in method_sheet([town.base_map(), town.measures()], made_at=NOW).parts] == ["measures"]


def test_facts_that_are_not_numbers_are_said_all_the_same(town):
    shown = town.measures()
    odd = replace(shown, facts={"n": 3, "share": float("nan"), "list": [1, "auto"], "more": {"a": 0.5}, "exactly": True})
    found = sheet_of(odd)
    assert (found["facts.share"].said.sv, found["facts.list"].said.sv) == ("–", "1, valt av programmet")
    assert (found["facts.more"].said.sv, found["facts.exactly"].said.en) == ("a: 0,50", "yes")


def test_a_name_cannot_become_a_table_or_a_tag_of_the_sheet(town):
    text = method_sheet([town.area_counts(sources=("<b>x</b>\n# y",))], made_at=NOW).markdown("sv")
    assert "<b>" not in text and "\n# y" not in text
