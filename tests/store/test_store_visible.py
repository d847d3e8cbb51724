"""What a viewer may not see is not read, counted, told of or changed, whichever way is tried."""
from __future__ import annotations

import pytest

from geo_safety.errors import AccessError, StoreError
from geo_safety.model.viewer import Viewer
from geo_safety.store.engine import connect

CLASSES = ((0, None), (1, None), (1, "bun"), (2, "soc"), (2, None), (3, "polis"))
VIEWERS = {
    Viewer("allmänhet", (), 0): 1, Viewer("handläggare", (), 1): 3, Viewer("utan enhet", (), 2): 3, Viewer("socialtjänst", ("soc",), 2): 4,
    Viewer("annan nämnd", ("bun",), 3): 3, Viewer("polis", ("polis", "soc"), 3): 5, Viewer("polis med låg klass", ("polis",), 1): 3}


@pytest.fixture
def guarded(store, viewer, batch, make_incidents):
    """Six incidents, one of each class and owner. Classes 2 and 3 cannot be brought in yet, so they are set past the store."""
    store.bring_in("incidents", make_incidents(6), viewer, batch=batch)
    connection = connect(store.path)
    for i, (info_class, owner) in enumerate(CLASSES):
        connection.execute("UPDATE incidents SET info_class = ?, owner_unit = ? WHERE source_key = ?", (info_class, owner, f"K{i:06d}"))
    connection.close()
    return store


@pytest.mark.parametrize(("who", "sees"), VIEWERS.items(), ids=lambda v: getattr(v, "name", v))
def test_each_viewer_sees_their_rows_and_no_others(guarded, who, sees):
    read = guarded.read("incidents", who)
    assert len(read) == guarded.count("incidents", who) == len(guarded.read("incidents", who, bbox=(0, 0, 1e6, 1e7))) == sees
    assert all(c <= who.info_class and (c <= 1 or owner in who.units) for c, owner in zip(read["info_class"], read["owner_unit"], strict=True))


def test_a_hidden_record_looks_like_one_that_is_not_there(guarded, viewer):
    everything = Viewer("polis", ("polis", "soc"), 3)
    hidden = guarded.read("incidents", everything, where={"info_class": 2})["uid"][0]
    assert guarded.one("incidents", hidden, everything) is not None and guarded.one("incidents", hidden, viewer) is None
    for attempt in (lambda: guarded.save("incidents", {"area_code": "x"}, viewer, uid=hidden, row_version=1),
                    lambda: guarded.withdraw("incidents", hidden, viewer, row_version=1),
                    lambda: guarded.history("incidents", hidden, viewer)):
        with pytest.raises(StoreError) as met:
            attempt()
        with pytest.raises(StoreError, match=str(met.value)):
            guarded.history("incidents", "no such uid", viewer)


def test_an_import_cannot_change_what_its_user_may_not_see(guarded, viewer, batch, make_incidents):
    with pytest.raises(AccessError, match="3 rows of the file concern records that you may not change"):
        guarded.bring_in("incidents", make_incidents(6, place="Annan"), viewer, batch=batch)
    assert set(guarded.read("incidents", viewer)["place_text"]) == {"Storgatan 1"}


def test_the_log_of_a_secret_change_is_as_secret_as_the_record(guarded):
    police = Viewer("polis", ("soc",), 2)
    row = guarded.read("incidents", police, where={"info_class": 2}).iloc[0]
    connection = connect(guarded.path)
    connection.execute("INSERT INTO change_log (at, actor, record_kind, record_uid, action, info_class, owner_unit) "
                       "VALUES ('2025-01-01T00:00:00.000Z', 'x', 'incidents', ?, 'update', 2, 'soc')", (row["uid"],))
    connection.execute("UPDATE incidents SET info_class = 1 WHERE uid = ?", (row["uid"],))  # released later; the old entry is not
    connection.close()
    assert guarded.history("incidents", row["uid"], police)["action"].tolist() == ["import", "update"]
    assert guarded.history("incidents", row["uid"], Viewer("handläggare"))["action"].tolist() == ["import"]
