"""Incidents from a table: keys, times, places, what is refused and what is only counted."""
from __future__ import annotations

import json

import pytest

from geo_safety.errors import InputError
from geo_safety.sources import incidents_table
from geo_safety.sources.reading import Proposal, ReadOptions, parse_map

COLUMNS = {"source_key": "id", "occurred_from": "datum", "x": "lon", "y": "lat"}
THEFTS = ReadOptions(mapping=COLUMNS, constants={"offence_type": "theft"}, crs="EPSG:4326")
HEAD = "id;datum;lon;lat\n"
KINNA = "12.69;57.51"


@pytest.fixture
def read(written, sweden):
    def reading(rows, options=THEFTS, head=HEAD, name="a.csv"):
        return incidents_table.read(written(name, head + rows), options, sweden)
    return reading


@pytest.fixture
def propose(written, sweden):
    def proposal(content, given=None, name="a.csv"):
        return incidents_table.propose(written(name, content), sweden, given)
    return proposal


def reasons(reading):
    return dict(zip(reading.rejects["row_number"], reading.rejects["reason_en"], strict=True))


def test_a_good_row_has_its_key_its_time_in_the_stores_zone_and_its_place_in_the_stores_crs(read):
    row = read(f"K1;2026-07-01 14:30;{KINNA}\n").frame.iloc[0]
    assert (row["source_key"], row["event_key"], row["offence_type"], row["time_precision"], row["geom_precision"]) == (
        "K1", "K1", "theft", "minute", "exact")
    assert row["occurred_from"].isoformat() == "2026-07-01T14:30:00+02:00"
    # 57.51 N 12.69 E in SWEREF 99 TM by Lantmäteriet's published series (Gauss conformal projection), computed by itself
    assert (row["geometry"].x, row["geometry"].y) == (pytest.approx(361_613.431, abs=0.01), pytest.approx(6_376_512.614, abs=0.01))


@pytest.mark.parametrize("place", ["", ";", "NA;NA", "0;0", "-1;-1", "okänd;57.5", "se karta;se karta", "12.69;", "nan;nan"])
def test_a_row_without_usable_place_is_kept_and_not_placed(read, place):
    reading = read(f"K1;2026-07-01;{place}\n")
    assert reading.rejected == 0
    assert reading.frame.iloc[0]["geom_precision"] == "none"
    assert reading.frame.geometry.iloc[0] is None
    assert reading.quality["without_place"] == 1


def test_a_row_known_only_to_its_area_says_so_and_has_no_point(read):
    options = THEFTS.with_(mapping={"area_code": "regso"})
    reading = read(f"K1;2026-07-01;;;1463R001\nK2;2026-07-01;{KINNA};1463R001\nK3;2026-07-01;;;\n", options, "id;datum;lon;lat;regso\n")
    assert list(reading.frame["geom_precision"]) == ["area", "exact", "none"]
    assert (reading.quality["without_place"], reading.quality["area_only"]) == (2, 1)


@pytest.mark.parametrize(("row", "reason"), [
    (f"K1;igår;{KINNA}", "missing or cannot be read"), (f"K1;;{KINNA}", "missing or cannot be read"),
    (f"K1;1899-12-30;{KINNA}", "before 1 January 1950"), (f"K1;2099-01-01;{KINNA}", "in the future"),
    ("K1;2026-01-01;1e308;1e308", "500 km outside"), ("K1;2026-01-01;-89.94;35.15", "500 km outside"), ("K1;2026-01-01;12.69;95", "500 km outside"),
    ("K1;2026-01-01;66401 7?;se karta", "coordinate cannot be read"), ("K1;2026-01-01;12.69;5x", "coordinate cannot be read")])
def test_an_impossible_row_is_refused_with_its_reason_and_the_others_come_in(read, row, reason):
    reading = read(f"{row}\nK2;2026-01-02;{KINNA}\nK3;2026-01-03;{KINNA}\n")
    assert list(reading.frame["source_key"]) == ["K2", "K3"]
    assert (reading.read, reading.rejected) == (3, 1)
    assert reason in reasons(reading)[2]
    assert reading.rejects.iloc[0]["raw"]["id"] == "K1"


def test_an_incident_cannot_end_before_it_begins(read):
    options = THEFTS.with_(mapping={"occurred_to": "till"})
    reading = read(f"K1;2026-07-02;{KINNA};2026-07-01\nK2;2026-07-01 08:00;{KINNA};2026-07-03\n", options, "id;datum;lon;lat;till\n")
    assert reasons(reading) == {2: "The incident ends before it begins."}
    assert reading.frame.iloc[0]["occurred_to"].isoformat() == "2026-07-03T23:59:00+02:00", "a last day runs until it is over"


def test_an_unreadable_end_is_left_empty_and_counted(read):
    options = THEFTS.with_(mapping={"occurred_to": "till", "reported_at": "anmäld"})
    reading = read(f"K1;2026-07-02;{KINNA};okänd;imorgon\nK2;2026-07-02;{KINNA};???;\n", options, "id;datum;lon;lat;till;anmäld\n")
    assert reading.frame["occurred_to"].isna().all()
    assert (reading.quality["unreadable_end"], reading.quality["unreadable_report"]) == (1, 1)


def test_an_id_that_comes_again_is_numbered_and_remains_one_event(read):
    reading = read(f"K1;2026-07-01;{KINNA}\nK1;2026-07-01;12.70;57.52\nK1;2026-07-01;;\nK2;2026-07-01;;\nK2;2026-07-01;;\n")
    assert list(reading.frame["source_key"]) == ["K1", "K1#2", "K1#3", "K2", "K2#2"]
    assert list(reading.frame["event_key"]) == ["K1", "K1", "K1", "K2", "K2"]
    assert {name: reading.quality[name] for name in ("distinct_ids", "repeated_ids", "repeated_ids_elsewhere", "repeated_ids_without_place")} == {
        "distinct_ids": 2, "repeated_ids": 2, "repeated_ids_elsewhere": 1, "repeated_ids_without_place": 1}


def test_an_id_that_looks_like_one_of_our_numbers_stays_apart(read):
    keys = list(read(f"7;2026-07-01;{KINNA}\n7;2026-07-01;12.7;57.52\n7#2;2026-07-01;{KINNA}\n").frame["source_key"])
    assert len(set(keys)) == 3


def test_identical_rows_without_id_are_all_kept(read):
    options = ReadOptions(mapping={"occurred_from": "datum", "x": "lon", "y": "lat"}, constants={"offence_type": "theft"}, crs="EPSG:4326")
    rows = f"2026-07-01;{KINNA}\n" * 3 + "2026-07-02;12.7;57.5\n"
    reading = read(rows, options, "datum;lon;lat\n")
    assert reading.frame["source_key"].nunique() == 4
    assert reading.frame["event_key"].isna().all()
    assert (reading.quality["identical_rows"], reading.quality["identical_groups_rows"], reading.quality["identical_largest"]) == (2, 3, 3)


def test_a_row_keeps_its_key_when_the_columns_change_places(read):
    options = ReadOptions(mapping={"occurred_from": "datum", "x": "lon", "y": "lat"}, constants={"offence_type": "theft"}, crs="EPSG:4326")
    one = read("2026-07-01;12.69;57.51\n", options, "datum;lon;lat\n", "a.csv").frame
    other = read("57.51;2026-07-01;12.69\n", options, "lat;datum;lon\n", "b.csv").frame
    assert one["source_key"].iloc[0] == other["source_key"].iloc[0]


def test_a_month_stands_for_the_whole_of_it(read):
    row = read(f"K1;2026-07;{KINNA}\n").frame.iloc[0]
    assert row["time_precision"] == "month"
    told = read(f"K1;2026-07-01;{KINNA}\n", THEFTS.with_(time_precision="month"), name="b.csv").frame.iloc[0]
    assert told["time_precision"] == "month"


def test_day_and_clock_in_two_columns_make_one_time(read):
    options = THEFTS.with_(mapping={"clock": "kl"})
    frame = read(f"K1;2026-07-01;{KINNA};14.50\nK2;2026-07-01;{KINNA};\n", options, "id;datum;lon;lat;kl\n").frame
    assert [t.strftime("%H:%M") for t in frame["occurred_from"]] == ["14:50", "00:00"]
    assert list(frame["time_precision"]) == ["minute", "day"]


def test_values_of_the_file_become_our_codes_and_the_rest_is_counted(read):
    options = ReadOptions(mapping={**COLUMNS, "offence_type": "brott"}, codes={"offence_type": {"Rån": "robbery"}}, crs="EPSG:4326")
    reading = read(f"K1;2026-07-01;{KINNA};Rån\nK2;2026-07-01;{KINNA};Tjuvfiske\nK3;2026-07-01;{KINNA};\n", options, "id;datum;lon;lat;brott\n")
    assert list(reading.frame["offence_type"]) == ["robbery", "other", "other"]
    assert reading.quality["unknown_values"] == {"brott": {"Tjuvfiske": 1}}


def test_only_columns_that_somebody_asked_for_are_kept_beside(read):
    head, row = "id;datum;lon;lat;vapen;namn\n", f"K1;2026-07-01;{KINNA};kniv;Anna\n"
    assert read(row, THEFTS, head).frame.iloc[0]["details"] is None
    assert read(row, THEFTS.with_(keep=("vapen",)), head, "b.csv").frame.iloc[0]["details"] == {"vapen": "kniv"}


def test_a_long_text_is_cut_and_counted(read):
    options = THEFTS.with_(mapping={"place_text": "plats"})
    reading = read(f"K1;2026-07-01;{KINNA};{'x' * 5000}\n", options, "id;datum;lon;lat;plats\n")
    assert len(reading.frame.iloc[0]["place_text"]) == 4000
    assert reading.quality["shortened"] == 1


def test_formulas_and_html_are_stored_as_they_are(read):
    options = THEFTS.with_(mapping={"place_text": "plats"})
    texts = read(f"K1;2026-07-01;{KINNA};=HYPERLINK(1)\nK2;2026-07-01;{KINNA};<b>x</b>\n", options, "id;datum;lon;lat;plats\n").frame["place_text"]
    assert list(texts) == ["=HYPERLINK(1)", "<b>x</b>"]


def test_a_row_with_too_many_fields_is_refused_with_its_number(read):
    reading = read(f"K1;2026-07-01;{KINNA};för många\nK2;2026-07-01;{KINNA}\n")
    assert "5 fields but the heading 4" in reasons(reading)[2]
    assert (reading.read, len(reading.frame)) == (2, 1)


# --- what must be confirmed ---------------------------------------------------------------------------------------------------

def test_a_proposal_that_nobody_confirmed_is_not_read(read, propose):
    options = propose(HEAD + f"K1;2026-07-01;{KINNA}\n").options.with_(constants={"offence_type": "theft"})
    with pytest.raises(InputError, match="not been confirmed"):
        read(f"K1;2026-07-01;{KINNA}\n", options)


def test_without_a_confirmed_coordinate_system_nothing_is_read(read):
    with pytest.raises(InputError, match=r"not confirmed.*EPSG:3006"):
        read(f"K1;2026-07-01;{KINNA}\n", ReadOptions(mapping=COLUMNS, constants={"offence_type": "theft"}))


def test_an_unknown_coordinate_system_is_refused(read):
    with pytest.raises(InputError, match="unknown"):
        read(f"K1;2026-07-01;{KINNA}\n", THEFTS.with_(crs="EPSG:99999999"))


def test_a_mistakable_date_order_is_asked_for(read):
    with pytest.raises(InputError, match="two ways"):
        read(f"K1;3/4/2026;{KINNA}\n")
    assert read(f"K1;3/4/2026;{KINNA}\n", THEFTS.with_(date_order="dmy"), name="b.csv").frame["occurred_from"].iloc[0].month == 4


def test_what_a_z_means_is_asked_for(read):
    with pytest.raises(InputError, match="end in Z"):
        read(f"K1;2026-07-01T12:00:00Z;{KINNA}\n")
    assert read(f"K1;2026-07-01T12:00:00Z;{KINNA}\n", THEFTS.with_(zulu_is_utc=True), name="b.csv").frame["occurred_from"].iloc[0].hour == 14


def test_swapped_axes_are_noticed_and_asked_about(read):
    with pytest.raises(InputError, match=r"hardly any point falls in the municipality\. 100 % .* north before east"):
        read("K1;2026-07-01;57.51;12.69\nK2;2026-07-01;57.52;12.70\n")
    good = read("K1;2026-07-01;57.51;12.69\n", THEFTS.with_(swap_axes=True), name="b.csv")
    assert good.frame.geometry.iloc[0].x == pytest.approx(361_613.431, abs=0.01)


def test_another_zone_is_noticed_and_asked_about(read):
    # 57.51 N 12.69 E in SWEREF 99 13 30 (EPSG:3008): 150 000 m at 13.5° E
    rows = "K1;2026-07-01;101450;6376570\nK2;2026-07-01;101950;6376600\n"
    with pytest.raises(InputError, match="SWEREF99 13 30"):
        read(rows, THEFTS.with_(crs="EPSG:3006"))
    assert len(read(rows, THEFTS.with_(crs="EPSG:3008"), name="b.csv").frame) == 2


def test_degrees_that_somebody_took_for_metres_are_noticed(read):
    with pytest.raises(InputError, match="WGS 84"):
        read(f"K1;2026-07-01;{KINNA}\n", THEFTS.with_(crs="EPSG:3006"))


def test_a_column_that_is_not_there_is_named_with_those_that_are(read):
    with pytest.raises(InputError, match=r"no column brottsdatum\. It has: id, datum, lon, lat"):
        read(f"K1;2026-07-01;{KINNA}\n", THEFTS.with_(mapping={"occurred_from": "brottsdatum"}))
    with pytest.raises(InputError, match=r"no column for Time, from. Looked for: occurredfrom, .* Found: id, datum"):
        read(f"K1;2026-07-01;{KINNA}\n", ReadOptions(constants={"offence_type": "theft"}))
    with pytest.raises(InputError, match="tidpunkt is none of our columns"):
        read(f"K1;2026-07-01;{KINNA}\n", THEFTS.with_(mapping={"tidpunkt": "datum"}))


@pytest.mark.parametrize("constants", [{"offence_type": "stöld"}, {"x": "1"}, {"occurred_from": "2026-01-01"}, {"place_text": 7}])
def test_a_value_for_all_rows_that_cannot_be_is_refused(read, constants):
    with pytest.raises(InputError, match=r"not among the values|does not fit"):
        read(f"K1;2026-07-01;{KINNA}\n", THEFTS.with_(constants=constants))


# --- proposals ----------------------------------------------------------------------------------------------------------------

POLICE = ("Diarienummer;Brottsdatum från;Tid från;Brottsdatum till;Brott;N;E\n"
          + "".join(f"5000-K{n}-26;2026-0{1 + n % 6}-1{n % 9};{n % 24:02d}:15;2026-07-01;Stöld av cykel;63765{n:02d};3616{n:02d}\n" for n in range(60)))


def test_a_police_extract_is_understood_by_its_headings(propose):
    found = propose(POLICE)
    assert found.options.mapping == {"source_key": "Diarienummer", "occurred_from": "Brottsdatum från", "clock": "Tid från",
                                     "occurred_to": "Brottsdatum till", "offence_type": "Brott", "x": "E", "y": "N"}
    assert (found.options.crs, found.options.swap_axes) == ("EPSG:3006", False)
    assert found.options.codes == {"offence_type": {"Stöld av cykel": "bicycle_theft"}}
    assert found.rows == 60
    assert found.times[1] == ("2026-02-11 01:15", "2026-02-11 01:15"), "day and clock together"
    assert found.places[0][1].startswith("57.5")


def test_a_swedish_list_that_writes_north_first_is_proposed_with_its_axes_swapped(propose):
    found = propose("id;datum;x;y\n" + "".join(f"{n};2026-01-01;{6_376_500 + n};{361_600 + n}\n" for n in range(20)))
    assert (found.options.crs, found.options.swap_axes) == ("EPSG:3006", True)
    assert any("north before east" in note.en for note in found.notes)


def test_a_file_that_is_not_from_here_asks_for_its_coordinate_system(propose):
    found = propose(HEAD + "K1;2026-07-01;-89.94;35.15\n")
    assert found.options.crs is None
    assert "crs" in dict(found.questions)
    with pytest.raises(InputError, match="No known coordinate system"):
        found.accepted(constants={"offence_type": "theft"})


def test_a_missing_offence_type_is_a_question(propose):
    found = propose(HEAD + f"K1;2026-07-01;{KINNA}\n")
    assert [name for name, _ in found.questions] == ["offence_type"]
    with pytest.raises(InputError, match="does not say Offence type"):
        found.accepted()
    assert found.accepted(constants={"offence_type": "theft"}).proposed is False


def test_dates_that_are_all_the_first_of_a_month_are_proposed_as_months(propose):
    found = propose("month;longitude;latitude\n" + "".join(f"2026-0{1 + n % 6}-01;12.69;57.51\n" for n in range(30)))
    assert found.options.time_precision == "month"
    assert found.times[0] == ("2026-01-01", "2026-01")


def test_a_date_over_five_columns_is_proposed_as_one(propose):
    found = propose("TYPE,YEAR,MONTH,DAY,HOUR,MINUTE,X,Y\nTheft,2026,1,1,0,0,361600,6376500\n")
    assert {name: found.options.mapping[name] for name in ("year", "month", "day", "hour", "minute")} == {
        "year": "YEAR", "month": "MONTH", "day": "DAY", "hour": "HOUR", "minute": "MINUTE"}
    assert "occurred_from" not in found.options.mapping
    assert found.times == (("2026 1 1 0 0", "2026-01-01 00:00"),)


def test_a_decimal_comma_is_seen(propose, read):
    content = "id;datum;lon;lat\nK1;2026-07-01;12,69;57,51\n"
    found = propose(content)
    assert found.options.decimal == ","
    assert found.options.crs == "EPSG:4326"


def test_what_a_person_has_said_stays_in_the_next_proposal(propose):
    given = ReadOptions(mapping={"occurred_from": "registrerad", "place_text": ""}, constants={"offence_type": "theft"}, crs="EPSG:3006")
    found = propose(f"id;datum;registrerad;plats;lon;lat\nK1;2026-07-01;2026-07-02;Torget;{KINNA}\n", given)
    assert found.options.mapping["occurred_from"] == "registrerad"
    assert "place_text" not in found.options.mapping, "an empty word says that no column is meant"
    assert found.options.crs == "EPSG:3006"
    assert not found.questions


def test_a_profile_whose_column_is_gone_says_so(propose):
    found = propose(HEAD + f"K1;2026-07-01;{KINNA}\n", ReadOptions(mapping={"occurred_from": "brottsdatum"}))
    assert found.options.mapping["occurred_from"] == "datum"
    assert any("no column brottsdatum" in note.en for note in found.notes)


def test_a_proposal_and_choices_survive_the_way_through_json(propose):
    found = propose(POLICE)
    assert Proposal.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    options = found.accepted()
    assert ReadOptions.from_dict(json.loads(json.dumps(options.to_dict()))) == options
    with pytest.raises(InputError, match="do not exist: colour"):
        ReadOptions.from_dict({"colour": "red"})


def test_another_coordinate_system_forgets_the_axes_of_the_proposed_one(propose):
    found = propose("id;datum;x;y\n" + "".join(f"{n};2026-01-01;{6_376_500 + n};{361_600 + n}\n" for n in range(20)))
    assert found.options.swap_axes
    assert not found.accepted(constants={"offence_type": "theft"}, crs="EPSG:4326").swap_axes


def test_columns_are_named_ours_equals_theirs():
    assert parse_map(["x=lon", "place_text=Plats = adress"]) == {"x": "lon", "place_text": "Plats = adress"}
    with pytest.raises(InputError, match="ours=theirs"):
        parse_map(["lon"])


def test_points_in_a_map_file_are_places_and_lines_are_known_to_the_street(written, sweden):
    shapes = [{"type": "Point", "coordinates": [12.69, 57.51]}, {"type": "LineString", "coordinates": [[12.69, 57.51], [12.70, 57.51]]},
              {"type": "Polygon", "coordinates": [[[12.69, 57.51], [12.70, 57.51], [12.70, 57.52], [12.69, 57.51]]]}, None,
              {"type": "Point", "coordinates": [float("nan"), 57.5]}]
    path = written("a.geojson", json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"datum": "2026-07-01"}, "geometry": shape} for shape in shapes]}))
    reading = incidents_table.read(path, ReadOptions(mapping={"occurred_from": "datum"}, constants={"offence_type": "theft"}, crs="EPSG:4326"), sweden)
    assert list(reading.frame["geom_precision"]) == ["exact", "street", "area", "none", "none"]
    assert reading.quality["not_points"] == 2
    assert reading.frame["source_key"].nunique() == 5
