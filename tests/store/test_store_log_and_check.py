"""The log is only added to; backup, restore and check."""
from __future__ import annotations

import pandas as pd
import pysqlite3
import pytest
import shapely

from geo_safety.errors import StoreError
from geo_safety.store import Store, restore
from geo_safety.store.engine import connect


@pytest.fixture
def filled(store, viewer, batch, make_incidents):
    store.bring_in("incidents", make_incidents(40), viewer, batch=batch)
    store.save("areas", {"kind": "own", "code": "T1", "name": "Torget", "geometry": shapely.box(0, 6_500_000, 10, 6_500_010).buffer(0)}, viewer)
    return store


@pytest.mark.parametrize("statement", [
    "UPDATE change_log SET actor = 'somebody else'", "DELETE FROM change_log", "DELETE FROM change_log WHERE id = 1",
    "INSERT OR REPLACE INTO change_log (id, at, actor, record_kind, record_uid, action) VALUES (1, '', 'x', 'areas', 'y', 'insert')"])
def test_no_program_can_rewrite_the_log(filled, statement):
    connection = connect(filled.path)
    before = connection.execute("SELECT * FROM change_log").fetchall()
    with pytest.raises(pysqlite3.DatabaseError, match="append-only"):
        connection.execute(statement)
    assert connection.execute("SELECT * FROM change_log").fetchall() == before and len(before) == 2
    connection.close()


def test_a_sound_store_has_nothing_to_report(filled):
    assert filled.check() == []


def test_check_finds_what_another_program_changed(filled):
    connection = connect(filled.path)
    connection.execute("UPDATE incidents SET place_text = 'Ändrad i QGIS' WHERE id = 7")
    connection.execute("UPDATE areas SET owner_unit = 'socialnämnden'")
    connection.close()
    found = filled.check()
    assert [code for code, _ in found] == ["edited", "edited"]
    assert "1 post i Områden har ändrats" in found[0][1].sv and "1 record in Incidents was changed" in found[1][1].en


def test_check_finds_an_index_that_does_not_fit(filled):
    connection = connect(filled.path)
    connection.execute("DELETE FROM rtree_incidents_geom WHERE id IN (11, 12)")
    connection.close()
    assert [(code, "2 records" in text.en) for code, text in filled.check()] == [("index", True)]


def test_lost_triggers_are_put_back_and_the_index_filled_anew_when_the_store_is_opened(filled, viewer):
    connection = connect(filled.path)
    connection.execute("DROP TRIGGER rtree_incidents_geom_insert")
    connection.execute("DELETE FROM rtree_incidents_geom")
    connection.close()
    assert {code for code, _ in filled.check()} == {"triggers", "index"}
    with Store.open(filled.path) as again:
        assert again.check() == [] and len(again.read("incidents", viewer, bbox=(0, 0, 1e6, 1e7))) == 36


def test_a_backup_made_during_work_opens_as_the_same_store(filled, viewer, tmp_path):
    filled.jobs.enqueue("import", {"file": "a.csv"}, viewer)
    copy = filled.backup(tmp_path / "backups" / "monday.gpkg")
    filled.save("areas", {"kind": "own", "code": "T2", "name": "Efteråt"}, viewer)
    restore(copy, tmp_path / "again" / "mark.gpkg")
    with Store.open(tmp_path / "again" / "mark.gpkg") as again:
        assert again.check() == [] and again.municipality_name == "Mark"
        assert again.count("areas", viewer) == 1 and again.revision() == filled.revision() - 1
        pd.testing.assert_frame_equal(again.read("incidents", viewer), filled.read("incidents", viewer))
        assert [job.kind for job in again.jobs.recent(5)] == ["import"]


def test_neither_backup_nor_restore_replaces_a_file(filled, tmp_path):
    target = tmp_path / "kept.gpkg"
    target.write_text("mine")
    with pytest.raises(StoreError, match="exists already"):
        filled.backup(target)
    copy = filled.backup(tmp_path / "copy.gpkg")
    with pytest.raises(StoreError, match="exists already"):
        restore(copy, target)
    assert target.read_text() == "mine"


def test_a_damaged_backup_is_not_restored(filled, tmp_path):
    copy = filled.backup(tmp_path / "copy.gpkg")
    content = bytearray(copy.read_bytes())
    middle = len(content) // 2
    content[middle:middle + 20_000] = b"\xa5" * 20_000
    copy.write_bytes(bytes(content))
    with pytest.raises(StoreError):
        restore(copy, tmp_path / "again.gpkg")
    assert not (tmp_path / "again.gpkg").exists()


def test_a_file_of_another_program_is_refused_and_left_as_it_is(tmp_path):
    other = tmp_path / "qgis.gpkg"
    connection = connect(other, mode="rwc")
    connection.execute("CREATE TABLE lamps (id INTEGER PRIMARY KEY)")
    connection.close()
    before = other.read_bytes()
    with pytest.raises(StoreError, match="no store made by Geo Safety"):
        Store.open(other)
    assert other.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["qgis.gpkg"]


def test_a_store_of_a_newer_version_is_refused_in_words(filled):
    connection = connect(filled.path)
    connection.execute("UPDATE alembic_version SET version_num = 'from2031'")
    connection.close()
    with pytest.raises(StoreError, match="Update Geo Safety"):
        Store.open(filled.path)
