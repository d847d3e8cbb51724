"""Findings of safety walks, from plain tables and from field forms."""
from __future__ import annotations

import pytest

from geo_safety.sources import walk_points
from geo_safety.sources.reading import ReadOptions

KOBO = ('"start";"Vilken trygghetsvandring?";"Position";"Plats/_Position_latitude";"Plats/_Position_longitude";"Plats/Beskriv platsen";"Plats/Ljusförhållande";'
        '"Upplevelse/Hur trygg känns platsen? (1 = mycket otrygg, 5 = mycket trygg)";"Upplevelse/Vad påverkar?";"Upplevelse/Vad påverkar?/Belysning";"_uuid"\n'
        '"2026-10-14T18:06:11.123+02:00";"Kinna 2026";"57.51 12.69 0 12";"57.51";"12.69";"Gångtunneln";"Mörker";"1";"Annat Belysning";"1";"u1"\n'
        '"2026-10-14T23:31:11.123+00:00";"Kinna 2026";"";"";"";"Torget";"Skymning";"5";"Trafik";"0";"u2"\n')


def reading_of(path, into, **changes):
    return walk_points.read(path, walk_points.propose(path, into).accepted(**changes), into)


def test_an_export_of_a_field_form_is_understood_by_its_headings(written, sweden):
    found = walk_points.propose(written("kobo.csv", KOBO), sweden)
    assert found.options.mapping == {
        "source_key": "_uuid", "category": "Upplevelse/Vad påverkar?", "light_state": "Plats/Ljusförhållande", "text": "Plats/Beskriv platsen",
        "walk_code": "Vilken trygghetsvandring?", "found_on": "start", "x": "Plats/_Position_longitude", "y": "Plats/_Position_latitude",
        "experience": "Upplevelse/Hur trygg känns platsen? (1 = mycket otrygg, 5 = mycket trygg)"}
    assert found.options.crs == "EPSG:4326"


def test_its_rows_become_findings_with_category_feeling_light_and_day(written, sweden):
    first, second = (reading_of(written("kobo.csv", KOBO), sweden).frame.iloc[n] for n in (0, 1))
    assert (first["source_key"], first["category"], first["experience"], first["light_state"]) == ("u1", "lighting", "unsafe", "dark")
    assert (second["category"], second["experience"], second["geom_precision"]) == ("traffic", "safe", "none")
    assert (first["found_on"].isoformat(), second["found_on"].isoformat()) == ("2026-10-14", "2026-10-15"), "23:31 in UTC is the next day here"


def test_the_position_of_a_form_is_latitude_before_longitude(written, sweden):
    path = written("point.csv", "_uuid;geopoint;kategori\nu1;57.51 12.69 0 4.5;lighting\nu2;57.52 12.70;sight\nu3;;sight\n")
    reading = reading_of(path, sweden)
    assert (reading.frame.geometry.iloc[0].x, reading.frame.geometry.iloc[0].y) == (pytest.approx(361_613.4, abs=0.1), pytest.approx(6_376_512.6, abs=0.1))
    assert list(reading.frame["geom_precision"]) == ["exact", "exact", "none"]


def test_a_plain_table_with_our_own_words_needs_no_translation(written, sweden):
    path = written("a.csv", "nr;Kategori;Upplevelse;x;y;Datum;Stopp\n1;Belysning;otrygg;361600;6376500;2026-05-01;3\n2;Sikt och överblick;trygg;;;;\n")
    frame = reading_of(path, sweden, mapping={"source_key": "nr"}).frame
    assert list(frame["category"]) == ["lighting", "sight"]
    assert list(frame["experience"]) == ["unsafe", "safe"]
    assert frame["stop"].iloc[0] == 3


def test_a_choice_of_several_that_cannot_be_told_apart_is_other_and_counted(written, sweden):
    path = written("a.csv", "id;kategori\n1;Ny lagad belysning Städa\n2;Belysning\n")
    options = ReadOptions(mapping={"source_key": "id", "category": "kategori"}, codes={"category": {"Belysning": "lighting"}})
    reading = walk_points.read(path, options, sweden)
    assert list(reading.frame["category"]) == ["other", "lighting"]
    assert reading.quality["unknown_values"] == {"kategori": {"Ny lagad belysning Städa": 1}}


def test_a_day_to_come_or_one_that_is_none_is_refused(written, sweden):
    path = written("a.csv", "id;kategori;datum\n1;lighting;2099-01-01\n2;lighting;ifjol\n3;lighting;2026-01-01\n")
    reading = reading_of(path, sweden)
    assert list(reading.rejects["reason_en"]) == ["The time lies in the future.", "Date is not a date."]
    assert list(reading.frame["source_key"]) == ["3"]


@pytest.mark.shared
@pytest.mark.parametrize(("name", "rows", "placed"), [
    ("labels_sv_groups_both.csv", 60, 55), ("labels_sv.xlsx", 60, 55), ("geojson_export.geojson", 55, 55), ("api_v2_data.json", 60, 55)])
def test_the_shapes_of_a_real_form_service_all_come_in(shared, sweden, name, rows, placed):
    path = shared / "data/survey_kobo" / f"SYNTHETIC_trygghetsvandring_{name}"
    reading = reading_of(path, sweden)
    assert (reading.read, len(reading.frame), int(reading.frame.geometry.notna().sum())) == (rows, rows, placed)
    assert reading.frame["source_key"].is_unique
    assert reading.frame["experience"].notna().all()


@pytest.mark.shared
def test_a_form_export_with_split_columns_only_needs_a_category_for_all(shared, sweden):
    path = shared / "data/survey_kobo/SYNTHETIC_trygghetsvandring_xml_names_details.csv"
    found = walk_points.propose(path, sweden, ReadOptions(mapping={"category": ""}))
    assert [name for name, _ in found.questions] == ["category"]
    assert len(walk_points.read(path, found.accepted(constants={"category": "other"}), sweden).frame) == 60
