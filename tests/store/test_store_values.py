"""What goes in comes out, value by value; what does not fit is refused in words before anything is written."""
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import count

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_safety.errors import InputError, StoreError
from geo_safety.model.viewer import local_viewer
from geo_safety.store import Store
from geo_safety.store import geometry as store_geometry
from geo_safety.store.frames import times
from geo_safety.store.rows import hashes
from geo_safety.store.types import utc_text

VIEWER = local_viewer()
QUICK = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)
TIMES = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.timezones() | st.just(timezone(timedelta(hours=-3, minutes=-30))))
METRES = st.tuples(st.floats(300_000, 900_000), st.floats(6_200_000, 7_600_000))
JSONS = st.dictionaries(TEXTS, st.none() | st.booleans() | st.integers(-2**60, 2**60) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS, max_size=3)


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory):
    with Store.create(tmp_path_factory.mktemp("values") / "values.gpkg") as made:
        yield made


NUMBERS = count()


def to_the_millisecond(moment: datetime) -> datetime:
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


INCIDENTS = st.lists(st.fixed_dictionaries({
    "event_key": st.none() | TEXTS, "place_text": st.none() | TEXTS, "attempt": st.none() | st.booleans(), "occurred_from": TIMES,
    "details": st.none() | JSONS, "geometry": st.none() | METRES.map(shapely.Point)}), min_size=1, max_size=6)


@QUICK
@given(rows=INCIDENTS)
def test_a_batch_comes_back_as_it_went_in(shared_store, rows):
    number = next(NUMBERS)
    frame = gpd.GeoDataFrame({
        "source_code": f"s{number}", "source_key": [str(i) for i in range(len(rows))], "offence_type": "theft", "time_precision": "minute",
        "geom_precision": ["none" if row["geometry"] is None else "exact" for row in rows],
        **{name: pd.Series([row[name] for row in rows], dtype=object) for name in ("event_key", "place_text", "attempt", "occurred_from", "details")},
    }, geometry=[row["geometry"] for row in rows], crs="EPSG:3006")
    batch = {"source_code": f"s{number}", "file_name": "f", "file_sha256": "0" * 64}
    assert shared_store.bring_in("incidents", frame, VIEWER, batch=batch).inserted == len(rows)
    read = shared_store.read("incidents", VIEWER, where={"source_code": f"s{number}"}, order_by="source_key")
    for name in ("event_key", "place_text", "attempt", "details"):
        assert read[name].tolist() == [row[name] for row in rows]
    assert [m.to_pydatetime().astimezone(UTC) for m in read["occurred_from"]] == [to_the_millisecond(row["occurred_from"]) for row in rows]
    for met, row in zip(read.geometry, rows, strict=True):
        assert (met is None) == (row["geometry"] is None) and (met is None or (met.x, met.y) == (row["geometry"].x, row["geometry"].y))
    # What was read goes in again as the same rows.
    again = read.drop(columns=["id", "uid", "row_version", "batch_uid"])
    assert shared_store.bring_in("incidents", again, VIEWER, batch=batch).unchanged == len(rows)


@QUICK
@given(name=TEXTS, population=st.none() | st.integers(0, 2**62), corner=METRES, size=st.floats(0.01, 5000), parts=st.integers(1, 3))
def test_a_record_comes_back_as_it_went_in(shared_store, name, population, corner, size, parts):
    x, y = corner
    shape = shapely.MultiPolygon([shapely.box(x + 2 * size * i, y, x + 2 * size * i + size, y + size) for i in range(parts)])
    uid = shared_store.save("areas", {"kind": "own", "code": f"c{next(NUMBERS)}", "name": name, "population": population, "geometry": shape}, VIEWER)
    one = shared_store.one("areas", uid, VIEWER)
    assert (one["name"], one["population"]) == (name, population) and one["geometry"].equals_exact(shape, 0)
    west, south, east, north = shape.bounds
    assert uid in set(shared_store.read("areas", VIEWER, bbox=(west, south, east, north))["uid"])
    assert uid not in set(shared_store.read("areas", VIEWER, bbox=(west - 9, south, np.nextafter(west, 0), north))["uid"])


def test_after_all_that_the_store_is_sound(shared_store):
    assert shared_store.check() == []


@QUICK
@given(moments=st.lists(st.none() | TIMES, max_size=8))
def test_times_are_read_alike_whoever_wrote_them(moments):
    ours = times([None if m is None else utc_text(m) for m in moments], "Europe/Stockholm")
    expected = [None if m is None else to_the_millisecond(m) for m in moments]
    assert [None if m is pd.NaT else m.to_pydatetime().astimezone(UTC) for m in ours] == expected
    whole = [None if m is None else m.replace(microsecond=0) for m in expected]
    gdal = times([None if m is None else f"{m:%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0") for m in whole], "Europe/Stockholm")
    assert [None if m is pd.NaT else m.to_pydatetime().astimezone(UTC) for m in gdal] == whole


def test_blobs_are_those_of_the_standard():
    # OGC 12-128r19, 2.1.3: "GP", version 0, flags 1 (little-endian, no envelope), srs_id; then WKB (order, type, x, y).
    point = store_geometry.encode(np.array([shapely.Point(1, 2)]), 3006)[0]
    assert point.hex() == "47500001" + "be0b0000" + "01" + "01000000" + "000000000000f03f" + "0000000000000040"
    square = store_geometry.encode(np.array([shapely.box(1, 2, 3, 4)]), 3006)[0]
    assert square[:8].hex() == "47500003be0b0000" and np.frombuffer(square[8:40], "<f8").tolist() == [1, 3, 2, 4]
    assert store_geometry.wkb_of(square) == shapely.to_wkb(shapely.box(1, 2, 3, 4), byte_order=1)


def test_blobs_of_other_programs_are_read_too():
    big_endian = b"GP\x00\x00" + (3006).to_bytes(4) + shapely.to_wkb(shapely.Point(1, 2), byte_order=0)
    with_envelope = b"GP\x00\x03" + (3006).to_bytes(4, "little") + np.array([1.0, 1, 2, 2]).tobytes() + shapely.to_wkb(shapely.Point(1, 2), byte_order=1)
    empty = b"GP\x00\x11" + (3006).to_bytes(4, "little") + shapely.to_wkb(shapely.Point(), byte_order=1)
    met = store_geometry.decode([big_endian, None, with_envelope, empty])
    assert [None if shape is None else (shape.x, shape.y) for shape in met] == [(1, 2), None, (1, 2), None]
    assert [store_geometry.bounds(blob) for blob in (big_endian, with_envelope, empty)] == [(1, 1, 2, 2), (1, 1, 2, 2), None]


def test_a_hash_tells_contents_apart_and_not_their_spelling():
    # sha256sum of "area_code:2:R1;place_text:4:Torg;"
    told = "ce19b07e539608e60dfc4dcbe9cdd8d0192497dd30dee095238ce9d35c31d716"
    assert hashes({"place_text": ["Torg"], "area_code": ["R1"], "event_key": [None]}) == [told]
    assert hashes({"a": ["x;b:1:y"], "b": [None]}) != hashes({"a": ["x"], "b": ["y"]})


AREA = {"kind": "own", "code": "T1", "name": "Torget"}


@pytest.mark.parametrize(("changes", "said"), [
    ({"name": None}, "the value is missing. Met: None"), ({"name": 7}, "the value must be text. Met: 7"),
    ({"kind": "kvarter"}, "the code is not in the list. Met: 'kvarter'"), ({"population": -1}, "between 0 and ∞. Met: -1"),
    ({"population": 1.5}, "must be a whole number"), ({"population": True}, "must be a whole number"), ({"population": 2**63}, "whole number"),
    ({"name": "a\x00b"}, "must be text"), ({"name": "\ud800"}, "must be text"), ({"colour": "red"}, "no column colour"),
    ({"geometry": shapely.Point(352_000, 6_376_000)}, "the shape is a Point, the layer holds MultiPolygon"),
    ({"geometry": shapely.box(57.5, 12.7, 57.6, 12.8)}, "more than 500 km outside"), ({"info_class": 7}, "from 0 to 3")])
def test_a_record_that_does_not_fit_is_refused_in_words(shared_store, changes, said):
    with pytest.raises(InputError) as met:
        shared_store.save("areas", AREA | changes, VIEWER)
    assert said in met.value.text.en and met.value.text.sv
    assert shared_store.count("areas", VIEWER, where={"code": "T1"}) == 0


@pytest.mark.parametrize(("changes", "said"), [
    ({"occurred_from": datetime(2025, 1, 1)}, "a time with its zone"), ({"occurred_from": "2025-01-01T10:00:00Z"}, "a time with its zone"),
    ({"occurred_to": datetime(2024, 1, 1, tzinfo=UTC)}, "ends before it begins"), ({"attempt": 1}, "true or false"),
    ({"details": {"a": float("nan")}}, "a JSON object"), ({"details": "{}"}, "a JSON object"), ({"geom_precision": "none"}, "said to be missing")])
def test_a_row_that_does_not_fit_stops_the_batch_and_names_itself(store, viewer, batch, make_incidents, changes, said):
    frame = make_incidents(3)
    for name, value in changes.items():
        column = list(frame[name]) if name in frame else [None] * 3
        frame[name] = pd.Series([*column[:1], value, *column[2:]], dtype=object)
    with pytest.raises(InputError) as met:
        store.bring_in("incidents", frame, viewer, batch=batch)
    assert said in met.value.text.en and "row 2" in met.value.text.en
    assert store.count("incidents", viewer) == 0 and store.count("import_batches", viewer) == 0


def test_repeated_keys_and_a_foreign_crs_are_refused(store, viewer, batch, make_incidents):
    with pytest.raises(InputError, match=r"rows 1 and 3 have the same key \(source_code, source_key\)"):
        store.bring_in("incidents", make_incidents(3).assign(source_key=["a", "b", "a"]), viewer, batch=batch)
    with pytest.raises(InputError, match=r"SWEREF99 TM \(EPSG:3006\), these are in WGS 84 \(EPSG:4326\)"):
        store.bring_in("incidents", make_incidents(3).to_crs("EPSG:4326"), viewer, batch=batch)
    with pytest.raises(InputError, match="file_sha256"):
        store.bring_in("incidents", make_incidents(3), viewer, batch={"source_code": "x", "file_name": "y"})


def test_rejected_rows_are_kept_with_their_import(store, viewer, batch, make_incidents):
    rejects = pd.DataFrame({"row_number": [4, 4, 9], "column_name": ["datum", "x", "datum"], "value": ["31/13", "abc", None],
                            "reason_sv": ["ingen tid"] * 3, "reason_en": ["no time"] * 3, "raw": [{"datum": "31/13"}, {"datum": "31/13"}, {"datum": ""}]})
    result = store.bring_in("incidents", make_incidents(5), viewer, batch=batch | {"quality": {"piles": 2}}, rejects=rejects)
    assert (result.read, result.inserted, result.rejected) == (7, 5, 2)
    kept = store.read("import_rejects", viewer, where={"batch_uid": result.batch_uid}, order_by=("row_number", "column_name"))
    assert kept["value"].tolist() == ["31/13", "abc", None] and kept["raw"].tolist()[0] == {"datum": "31/13"}
    assert store.one("import_batches", result.batch_uid, viewer)["quality"] == {"piles": 2}
    assert store.check() == []


def test_a_kept_run_and_its_cells_are_saved_together_or_not_at_all(store, viewer):
    run = {"title": "Maj", "method": "count_grid", "made_at": datetime(2025, 6, 1, tzinfo=UTC), "facts": {}, "warnings": [], "provenance": {}}
    cells = gpd.GeoDataFrame({"cell": range(600)}, geometry=[shapely.box(352_000 + i, 6_376_000, 352_001 + i, 6_376_001) for i in range(600)],
                             crs="EPSG:3006")
    cells["values"] = [{"incidents": i} for i in range(600)]
    uid = "0" * 8 + "-run"
    assert store.save_with_rows("hotspot_runs", run, viewer, rows_layer="hotspot_cells", rows=cells.assign(run_uid=uid), uid=uid) == uid
    kept = store.read("hotspot_cells", viewer, where={"run_uid": uid}, order_by="cell")
    assert kept["values"].tolist() == cells["values"].tolist() and kept.geometry.geom_equals_exact(cells.geometry, 0).all()
    assert store.one("hotspot_runs", uid, viewer)["warnings"] == [] and store.count("import_batches", viewer) == 0
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        store.save_with_rows("hotspot_runs", run, viewer, rows_layer="hotspot_cells", rows=cells.assign(run_uid="another"), uid="1-run")
    assert store.count("hotspot_runs", viewer) == 1 and store.count("hotspot_cells", viewer) == 600


def test_dates_come_back_as_dates(store, viewer):
    uid = store.save("measures", {"source_code": "hand", "source_key": "1", "title": "Ljus", "status": "planned", "cost_sek": 120_000,
                                  "started_on": date(2025, 3, 1), "geometry": shapely.LineString([(352_000, 6_376_000), (352_100, 6_376_000)])}, viewer)
    one = store.one("measures", uid, viewer)
    assert (one["started_on"], one["done_on"], one["cost_sek"]) == (date(2025, 3, 1), None, 120_000.0) and one["geometry"].length == 100
