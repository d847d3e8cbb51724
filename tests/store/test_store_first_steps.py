"""What anybody who uses the store meets first: make, open, bring in, read, save."""
from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo_safety.errors import AccessError, Cancelled, InputError, StaleError, StoreError
from geo_safety.model.selection import Period, Selection
from geo_safety.store import Store

SQUARE = shapely.box(352_000, 6_376_000, 353_000, 6_377_000)


def test_a_store_keeps_what_it_was_made_with(tmp_path):
    with Store.create(tmp_path / "medellin.gpkg", crs="EPSG:32618", zone="America/Bogota", made_up=True):
        pass
    with Store.open(tmp_path / "medellin.gpkg") as store:
        assert (store.crs, store.zone, store.made_up, store.municipality_code) == ("EPSG:32618", "America/Bogota", True, "")
        with pytest.raises(StoreError, match="fixed when the store is made"):
            store.set_info("crs", "EPSG:3006")


def test_an_existing_file_is_never_made_anew(tmp_path):
    Store.create(tmp_path / "mark.gpkg").close()
    with pytest.raises(StoreError, match="exists already"):
        Store.create(tmp_path / "mark.gpkg")


def test_a_geographic_crs_and_an_unknown_zone_are_refused(tmp_path):
    with pytest.raises(InputError, match="in metres"):
        Store.create(tmp_path / "a.gpkg", crs="EPSG:4326")
    with pytest.raises(InputError, match="Europe/Stockholm"):
        Store.create(tmp_path / "b.gpkg", zone="Mark/Kinna")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"id;x;y\n1;2;3\n", b"SQLite format 3\x00" + b"x" * 5000])
def test_a_file_that_is_no_store_is_refused_in_words(tmp_path, content):
    path = tmp_path / "wrong.gpkg"
    path.write_bytes(content)
    with pytest.raises(StoreError):
        Store.open(path)
    with pytest.raises(StoreError, match="no store at"):
        Store.open(tmp_path / "missing.gpkg")


def test_what_is_brought_in_is_read_back(store, viewer, batch, make_incidents):
    frame = make_incidents(30)
    result = store.bring_in("incidents", frame, viewer, batch=batch)
    assert (result.read, result.inserted, result.updated, result.unchanged, result.rejected, result.without_place) == (30, 30, 0, 0, 0, 3)
    read = store.read("incidents", viewer, order_by="source_key")
    assert isinstance(read, gpd.GeoDataFrame) and read.crs == "EPSG:3006" and read.geometry.name == "geometry"
    assert list(read["source_key"]) == list(frame["source_key"])
    assert read["occurred_from"].dtype == "datetime64[us, Europe/Stockholm]"
    assert (read["occurred_from"].array == frame["occurred_from"].array).all()
    assert [None if p is None else p.wkb for p in read.geometry] == [None if p is None else p.wkb for p in frame.geometry]
    assert read["attempt"].tolist() == [None] * 30 and read["place_text"].tolist() == ["Storgatan 1"] * 30
    assert set(read["batch_uid"]) == {result.batch_uid}
    noted = store.one("import_batches", result.batch_uid, viewer)
    assert (noted["read"], noted["inserted"], noted["without_place"], noted["status"], noted["file_name"]) == (30, 30, 3, "done", "uttag.csv")


def test_the_same_file_again_changes_nothing(store, viewer, batch, make_incidents):
    frame = make_incidents(30)
    store.bring_in("incidents", frame, viewer, batch=batch)
    before = store.read("incidents", viewer)
    again = store.bring_in("incidents", frame.iloc[::-1], viewer, batch=batch)
    assert (again.read, again.unchanged, again.inserted, again.updated) == (30, 30, 0, 0)
    pd.testing.assert_frame_equal(before, store.read("incidents", viewer))


def test_a_file_without_usable_rows_is_an_import_of_none(store, viewer, batch, make_incidents):
    rejects = pd.DataFrame({"row_number": [1], "column_name": ["datum"], "reason_en": ["no time"]})
    result = store.bring_in("incidents", make_incidents(0), viewer, batch=batch, rejects=rejects)
    assert (result.read, result.inserted, result.rejected) == (1, 0, 1) and store.count("import_rejects", viewer) == 1
    assert store.undo_batch(result.batch_uid, viewer) == 0


def test_a_layer_without_places_is_brought_in_from_a_plain_frame(store, viewer, batch):
    frame = pd.DataFrame({"source_code": "bra", "municipality_name": ["Mark", "Kinda"], "year": [2024, 2024], "offence_group": "Rån",
                          "reported": [7, None], "per_100k": [20.1, None], "preliminary": [True, None]})
    assert store.bring_in("offence_statistics", frame, viewer, batch=batch).without_place == 0
    read = store.read("offence_statistics", viewer, order_by="-municipality_name")
    assert not isinstance(read, gpd.GeoDataFrame)
    assert read["reported"].tolist() == [7, pd.NA] and read["reported"].dtype == "Int64"
    assert read["per_100k"].tolist()[0] == 20.1 and read["preliminary"].tolist() == [True, None]


def test_a_changed_row_is_updated_and_logged(store, viewer, batch, make_incidents):
    store.bring_in("incidents", make_incidents(5), viewer, batch=batch)
    frame = make_incidents(5)
    frame.loc[2, "place_text"] = "Boråsvägen 3"
    result = store.bring_in("incidents", frame, viewer, batch=batch)
    assert (result.updated, result.unchanged) == (1, 4)
    row = store.read("incidents", viewer, where={"source_key": "K000002"}).iloc[0]
    assert (row["place_text"], row["row_version"], row["batch_uid"]) == ("Boråsvägen 3", 2, result.batch_uid)
    history = store.history("incidents", row["uid"], viewer)
    assert history["action"].tolist() == ["import", "update"]
    assert (history["before"].iloc[1]["place_text"], history["after"].iloc[1]["place_text"]) == ("Storgatan 1", "Boråsvägen 3")


def test_a_period_takes_its_first_day_and_not_its_last_in_the_zone_of_the_store(store, viewer, batch, make_incidents):
    frame = make_incidents(4)
    frame["occurred_from"] = pd.to_datetime(["2025-05-31T23:59:59.999+02:00", "2025-06-01T00:00+02:00", "2025-06-30T23:59+02:00",
                                             "2025-07-01T00:00+02:00"], format="ISO8601").tz_convert("UTC")
    store.bring_in("incidents", frame, viewer, batch=batch)
    june = Selection(period=Period(date(2025, 6, 1), date(2025, 7, 1)))
    assert store.read("incidents", viewer, selection=june)["source_key"].tolist() == ["K000001", "K000002"]
    assert store.count("incidents", viewer, selection=june) == 2


def test_types_left_open_are_those_that_speak_of_the_place(store, viewer, batch, make_incidents):
    frame = make_incidents(4)
    frame["offence_type"] = ["theft", "drug_offence", "fraud_online", "assault_indoor"]
    store.bring_in("incidents", frame, viewer, batch=batch)
    assert store.count("incidents", viewer) == 4
    assert store.read("incidents", viewer, selection=Selection())["offence_type"].tolist() == ["theft"]
    assert store.count("incidents", viewer, selection=Selection(types=("drug_offence", "fraud_online"))) == 2
    assert store.count("incidents", viewer, selection=Selection(types=())) == 0


def test_a_box_takes_what_touches_it_to_the_millimetre(store, viewer, batch, make_incidents):
    frame = make_incidents(3)
    frame.geometry = [shapely.Point(352_000, 6_376_000), shapely.Point(352_000.001, 6_376_000), shapely.Point(351_999.999, 6_376_000)]
    store.bring_in("incidents", frame, viewer, batch=batch)
    box = (352_000, 6_375_000, 352_000.0005, 6_376_000)
    assert store.read("incidents", viewer, bbox=box)["source_key"].tolist() == ["K000000"]
    assert len(store.read("incidents", viewer, bbox=(0, 0, 1e6, 1e7))) == 3


def test_columns_conditions_order_and_limit(store, viewer, batch, make_incidents):
    store.bring_in("incidents", make_incidents(20), viewer, batch=batch)
    read = store.read("incidents", viewer, where={"offence_type": "theft", "source_key": tuple(f"K{i:06d}" for i in range(2000))},
                      columns=("source_key", "updated_at"), order_by=("-source_key",), limit=2, geometry=False)
    assert not isinstance(read, gpd.GeoDataFrame)
    assert read.columns.tolist() == ["source_key", "updated_at"] and read["source_key"].tolist() == ["K000018", "K000016"]
    assert store.count("incidents", viewer, where={"attempt": None}) == 20
    with pytest.raises(InputError, match="no column colour"):
        store.read("incidents", viewer, where={"colour": "red"})


def test_an_empty_layer_gives_a_frame_with_all_columns(store, viewer):
    read = store.read("areas", viewer)
    assert len(read) == 0 and {"kind", "code", "population", "uid", "geometry"} <= set(read.columns) and read.crs == "EPSG:3006"
    assert store.one("areas", "nothing", viewer) is None


def test_a_saved_record_is_read_changed_and_told_of(store, viewer):
    revision = store.revision()
    uid = store.save("areas", {"kind": "own", "code": "T1", "name": "Torget", "population": 12, "geometry": SQUARE}, viewer)
    one = store.one("areas", uid, viewer)
    assert (one["name"], one["population"], one["row_version"], one["vintage"]) == ("Torget", 12, 1, None)
    assert one["geometry"].equals(SQUARE) and one["geometry"].geom_type == "MultiPolygon"
    store.save("areas", {"name": "Kinna torg"}, viewer, uid=uid, row_version=1, reason="nytt namn")
    assert store.one("areas", uid, viewer)["name"] == "Kinna torg"
    assert store.revision() == revision + 2
    history = store.history("areas", uid, viewer)
    assert history["action"].tolist() == ["insert", "update"] and history["reason"].iloc[1] == "nytt namn"
    assert history["before"].iloc[1] == {"name": "Torget"} and history["after"].iloc[1] == {"name": "Kinna torg"}


def test_whoever_saves_second_is_told_so(store, viewer):
    uid = store.save("areas", {"kind": "own", "code": "T1", "name": "Torget"}, viewer)
    store.save("areas", {"name": "Anna"}, viewer, uid=uid, row_version=1)
    with pytest.raises(StaleError, match="Somebody else"):
        store.save("areas", {"name": "Bo"}, viewer, uid=uid, row_version=1)
    assert store.one("areas", uid, viewer)["name"] == "Anna"


def test_saving_what_stands_there_makes_no_new_version(store, viewer):
    uid = store.save("areas", {"kind": "own", "code": "T1", "name": "Torget", "geometry": SQUARE}, viewer)
    revision = store.revision()
    store.save("areas", {"name": "Torget", "geometry": SQUARE}, viewer, uid=uid, row_version=1)
    assert store.revision() == revision and store.one("areas", uid, viewer)["row_version"] == 1


def test_two_records_cannot_have_the_same_key_even_when_part_of_it_is_missing(store, viewer):
    store.save("areas", {"kind": "own", "code": "T1", "name": "Torget"}, viewer)
    with pytest.raises(StoreError, match="already a record"):
        store.save("areas", {"kind": "own", "code": "T1", "name": "Torget igen"}, viewer)


def test_a_withdrawn_record_is_no_longer_shown_but_remembered(store, viewer):
    uid = store.save("areas", {"kind": "own", "code": "T1", "name": "Torget"}, viewer)
    store.withdraw("areas", uid, viewer, row_version=1, reason="dubblett")
    assert store.one("areas", uid, viewer) is None and store.count("areas", viewer) == 0
    assert store.history("areas", uid, viewer)["action"].tolist() == ["insert", "withdraw"]
    with pytest.raises(StoreError, match="no such record"):
        store.withdraw("areas", uid, viewer, row_version=2, reason=None)


def test_class_two_is_refused_until_there_are_accounts(store, viewer, batch, make_incidents):
    with pytest.raises(AccessError, match="no accounts"):
        store.save("areas", {"kind": "own", "code": "T1", "name": "Torget", "info_class": 2}, viewer)
    with pytest.raises(AccessError, match="Nothing was saved"):
        store.bring_in("incidents", make_incidents(2), viewer, batch=batch | {"info_class": 2})
    with pytest.raises(AccessError):
        store.bring_in("incidents", make_incidents(2).assign(info_class=[1, 3]), viewer, batch=batch)
    assert store.count("incidents", viewer) == 0


def test_a_cancelled_import_leaves_nothing(store, viewer, batch, make_incidents):
    def stop(share, text):
        if share > 0.8:
            raise Cancelled
    revision = store.revision()
    with pytest.raises(Cancelled):
        store.bring_in("incidents", make_incidents(20), viewer, batch=batch, progress=stop)
    assert store.count("incidents", viewer) == 0 and store.count("import_batches", viewer) == 0 and store.revision() == revision
    assert [p.name for p in store.path.parent.iterdir() if "staging" in p.name] == []


def test_small_facts_are_kept(store):
    assert store.info("outline_kind", "area") == "area"
    store.set_info("outline_kind", "municipality")
    store.set_info("sample_truth", {"hotspots": [1, 2]})
    assert store.info("outline_kind") == "municipality" and store.info("sample_truth") == {"hotspots": [1, 2]}
