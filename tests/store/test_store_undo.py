"""A whole import can be taken back, and only while nobody has built on it."""
from __future__ import annotations

import pytest

from geo_safety.errors import StoreError


def test_rows_an_undone_import_added_are_gone_and_rows_it_changed_are_as_before(store, viewer, batch, make_incidents):
    store.bring_in("incidents", make_incidents(5), viewer, batch=batch)
    before = store.read("incidents", viewer, order_by="source_key")
    second = make_incidents(8)
    second.loc[1, "place_text"] = "Boråsvägen 3"
    second.loc[2, "geometry"] = None
    second.loc[2, "geom_precision"] = "none"
    result = store.bring_in("incidents", second, viewer, batch=batch)
    assert (result.inserted, result.updated, result.unchanged) == (3, 2, 3)
    assert store.undo_batch(result.batch_uid, viewer, reason="fel fil") == 5
    after = store.read("incidents", viewer, order_by="source_key")
    for name in ("source_key", "place_text", "geom_precision", "batch_uid", "uid"):
        assert after[name].tolist() == before[name].tolist()
    assert after.geometry.geom_equals_exact(before.geometry, 0).sum() == 5
    uid = after["uid"][1]
    assert store.history("incidents", uid, viewer)["action"].tolist() == ["import", "update", "undo"]
    assert store.one("import_batches", result.batch_uid, viewer)["status"] == "undone"
    assert store.check() == []


def test_the_same_file_may_come_back_after_it_was_undone(store, viewer, batch, make_incidents):
    frame = make_incidents(6)
    first = store.bring_in("incidents", frame, viewer, batch=batch)
    store.undo_batch(first.batch_uid, viewer)
    assert store.count("incidents", viewer) == 0
    again = store.bring_in("incidents", frame, viewer, batch=batch)
    assert (again.inserted, again.updated, again.unchanged) == (6, 0, 0) and store.count("incidents", viewer) == 6
    assert store.undo_batch(again.batch_uid, viewer) == 6
    assert store.count("incidents", viewer) == 0 and store.bring_in("incidents", frame, viewer, batch=batch).inserted == 6
    assert store.check() == []


def test_an_import_that_somebody_has_worked_on_is_not_undone(store, viewer, batch, make_incidents):
    result = store.bring_in("incidents", make_incidents(4), viewer, batch=batch)
    uid = store.read("incidents", viewer)["uid"][0]
    store.save("incidents", {"place_text": "Torget"}, viewer, uid=uid, row_version=1)
    with pytest.raises(StoreError, match="1 of its rows have been changed"):
        store.undo_batch(result.batch_uid, viewer)
    assert store.count("incidents", viewer) == 4


def test_a_later_import_of_the_same_rows_must_be_undone_first(store, viewer, batch, make_incidents):
    first = store.bring_in("incidents", make_incidents(4), viewer, batch=batch)
    second = store.bring_in("incidents", make_incidents(4, place="Ny plats"), viewer, batch=batch)
    with pytest.raises(StoreError, match="4 of its rows"):
        store.undo_batch(first.batch_uid, viewer)
    assert store.undo_batch(second.batch_uid, viewer) == 4
    # The rows are as the first import left them, but their versions have moved on, and that is what an undo goes by.
    assert set(store.read("incidents", viewer)["place_text"]) == {"Storgatan 1"}


def test_an_import_is_undone_once(store, viewer, batch, make_incidents):
    result = store.bring_in("incidents", make_incidents(2), viewer, batch=batch)
    store.undo_batch(result.batch_uid, viewer)
    with pytest.raises(StoreError, match="undone already"):
        store.undo_batch(result.batch_uid, viewer)
    with pytest.raises(StoreError, match="no such record"):
        store.undo_batch("nothing", viewer)


def test_a_persons_correction_outlives_the_same_file(store, viewer, batch, make_incidents):
    frame = make_incidents(3)
    store.bring_in("incidents", frame, viewer, batch=batch)
    row = store.read("incidents", viewer, order_by="source_key").iloc[0]
    store.save("incidents", {"place_text": "Rättad"}, viewer, uid=row["uid"], row_version=1)
    assert store.bring_in("incidents", frame, viewer, batch=batch).unchanged == 3
    assert store.one("incidents", row["uid"], viewer)["place_text"] == "Rättad"
    frame.loc[0, "area_code"] = "1463R001"  # now the supplier has something new to say
    assert store.bring_in("incidents", frame, viewer, batch=batch).updated == 1
    assert store.one("incidents", row["uid"], viewer)["place_text"] == "Storgatan 1"


def test_what_a_person_withdrew_does_not_return_with_the_same_file(store, viewer, batch, make_incidents):
    frame = make_incidents(3)
    store.bring_in("incidents", frame, viewer, batch=batch)
    uid = store.read("incidents", viewer)["uid"][0]
    store.withdraw("incidents", uid, viewer, row_version=1, reason="dubblett")
    assert store.bring_in("incidents", frame, viewer, batch=batch).unchanged == 3
    assert store.count("incidents", viewer) == 2
