# ruff: noqa: S608  (the names in these statements come from our own layer descriptions, never from outside)
"""Many rows at once: an upsert by the layer's key, compared outside the write lock, written in one short transaction.

A row that comes again is recognised by its key and compared by the hash of what its supplier last sent (`source_hash`). So a
correction made by a person outlives the next import of the same file, and gives way only when the supplier has changed the row.
A row that a person has withdrawn stays withdrawn; one that went with an undone import comes back.
"""
from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from ..errors import AccessError, InputError
from ..layers import LAYERS
from ..model.describe import Layer
from ..model.jobs import Progress, silent
from ..model.viewer import Viewer
from ..text import Text
from . import change_log, geopackage, staging
from .engine import in_words
from .file import StoreFile
from .rows import Stored, check_class, content_names, hashes, to_stored
from .staging import quoted
from .tables import GEOM
from .types import json_text, now_text
from .visible import visible
from .writing import difference, insert, new_uid, stored_values, with_defaults

BATCHES = "import_batches"
REJECTS = "import_rejects"
_TRIES = 3  # comparisons outside the lock before one is made inside it
_MANY = 500  # from here on the R-tree is filled in one statement rather than by its trigger
_LOG = ("at", "actor", "record_kind", "record_uid", "row_version", "action", "before", "after", "reason", "batch_uid", "info_class",
        "owner_unit")
_KEPT = ("batch_uid", "source_hash", "withdrawn_at")  # goes into `before`, so that an undo can restore it


@dataclass(frozen=True)
class UpsertResult:
    """What became of the rows: `read` = inserted + updated + unchanged + rejected. `lock_seconds`: how long others could not write."""

    batch_uid: str | None
    read: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    without_place: int
    lock_seconds: float


@dataclass(frozen=True)
class _Work:
    """One bulk write on its way."""

    file: StoreFile
    layer: Layer
    table: sa.Table
    viewer: Viewer
    n: int
    without_place: int
    box: tuple[float, float, float, float] | None
    batch: dict[str, Any] | None = None     # the import_batches row in stored form, counts to be filled in
    rejected: int = 0
    parent: tuple[Layer, sa.Table, dict[str, Any], str] | None = None   # a record written first, in the same transaction

    @property
    def batch_uid(self) -> str | None:
        return self.batch["uid"] if self.batch else None


def bring_in(file: StoreFile, layer_name: str, frame: pd.DataFrame, viewer: Viewer, *, batch: Mapping[str, Any],
             rejects: pd.DataFrame | None = None, progress: Progress = silent) -> UpsertResult:
    """See `Store.bring_in`."""
    layer, table = file.layer(layer_name)
    progress(0.0, Text(sv="Kontrollerar raderna", en="Checking the rows"))
    described = {name: value for name, value in batch.items() if name not in ("uid", "info_class", "owner_unit")}
    uid = str(batch.get("uid") or new_uid())
    rejected_rows = _rejects(file, rejects, uid)
    rejected = int(batch.get("rejected") or len(set(rejected_rows["row_number"])))
    started = now_text()
    record = stored_values(file, LAYERS[BATCHES], {"started_at": pd.Timestamp.now("UTC"), **described, "layer": layer_name, "status": "done"},
                           new=True)
    record |= {"uid": uid, "started_at": record["started_at"] or started, "rejected": rejected}
    stored = _stored(file, layer, frame, batch)
    work = _Work(file, layer, table, viewer, len(frame), _without_place(layer, stored), _box(frame, layer), record, rejected)
    return _run(work, stored, progress, rejects=rejected_rows)


def save_with_rows(file: StoreFile, layer_name: str, values: Mapping[str, Any], viewer: Viewer, *, rows_layer: str, rows: pd.DataFrame,
                   uid: str | None = None, progress: Progress = silent) -> str:
    """See `Store.save_with_rows`."""
    parent, parent_table = file.layer(layer_name)
    layer, table = file.layer(rows_layer)
    uid = uid or new_uid()
    given = stored_values(file, parent, values, new=True)
    stored = _stored(file, layer, rows, {})
    work = _Work(file, layer, table, viewer, len(rows), _without_place(layer, stored), _box(rows, layer), parent=(parent, parent_table, given, uid))
    _run(work, stored, progress, rejects=None)
    return uid


# --- before the lock ----------------------------------------------------------------------------------------------------------

def _stored(file: StoreFile, layer: Layer, frame: pd.DataFrame, batch: Mapping[str, Any]) -> Stored:
    if layer.key == ("uid",) or layer.has("batch_uid"):
        raise InputError(Text(sv="{layer} skrivs av tjänsten själv och läses inte in.",
                              en="{layer} is written by the service itself and not brought in.").format(layer=layer.title))
    stored = to_stored(layer, frame, crs=file.crs, srs_id=file.srs_id)
    defaults = with_defaults(layer, {name: batch.get(name) for name in ("info_class", "owner_unit")})
    check_class(layer, {"info_class": [defaults["info_class"]]})
    for name in ("info_class", "owner_unit"):
        given = stored.get(name)
        stored[name] = [defaults[name] if value is None else value for value in given] if given else [defaults[name]] * len(frame)
    _refuse_repeated_keys(layer, stored)
    return stored


def _refuse_repeated_keys(layer: Layer, stored: Stored) -> None:
    seen: dict[tuple, int] = {}
    for position, key in enumerate(zip(*(stored[name] for name in layer.key), strict=True)):
        if key in seen:
            raise InputError(Text(
                sv="{layer}: raderna {first} och {second} har samma nyckel ({key}). Varje rad måste ha sin egen.",
                en="{layer}: rows {first} and {second} have the same key ({key}). Each row needs its own.").format(
                    layer=layer.title, first=str(seen[key] + 1), second=str(position + 1), key=", ".join(layer.key)))
        seen[key] = position


def _rejects(file: StoreFile, rejects: pd.DataFrame | None, uid: str) -> Stored:
    layer = LAYERS[REJECTS]
    frame = pd.DataFrame(columns=["row_number", "column_name"]) if rejects is None else rejects
    frame = frame.drop_duplicates(subset=[name for name in ("row_number", "column_name") if name in frame])
    stored = to_stored(layer, frame.assign(batch_uid=uid), crs=file.crs, srs_id=file.srs_id)
    defaults = with_defaults(layer, {})
    for name in ("info_class", "owner_unit"):
        stored.setdefault(name, [defaults[name]] * len(frame))
    return stored | {"row_hash": hashes({name: stored[name] for name in content_names(layer)}), "uid": staging.new_uids(len(frame))}


def _without_place(layer: Layer, stored: Stored) -> int:
    return sum(blob is None for blob in stored[GEOM]) if layer.geometry else 0


def _box(frame: pd.DataFrame, layer: Layer) -> tuple[float, float, float, float] | None:
    if not layer.geometry or not hasattr(frame, "total_bounds") or not len(frame):
        return None
    west, south, east, north = (float(side) for side in frame.total_bounds)
    return None if west != west else (west, south, east, north)


# --- the staging file and the lock --------------------------------------------------------------------------------------------

def _run(work: _Work, stored: Stored, progress: Progress, *, rejects: Stored | None) -> UpsertResult:
    progress(0.2, Text(sv="Räknar kontrollsummor", en="Computing checksums"))
    row_hashes = hashes({name: stored[name] for name in content_names(work.layer)})
    progress(0.4, Text(sv="Lägger upp raderna", en="Laying out the rows"))
    with in_words(), staging.attached(work.file.write, work.file.path.parent) as connection:
        boxes = staging.lay_out(connection, work.layer, stored, row_hashes)
        if boxes is not None and work.n >= _MANY:
            with connection.execution_options(begins="DEFERRED").begin():
                empty = _is_empty(connection, work)
            if empty:
                staging.lay_out_index(connection, boxes)
        if rejects is not None and rejects["uid"]:
            staging.fill_rejects(connection, rejects)
        for attempt in range(1, _TRIES + 1):
            progress(0.7, Text(sv="Jämför med det som finns", en="Comparing with what there is"))
            connection.execution_options(begins="DEFERRED")
            with connection.begin():
                seen = _data_version(connection)
                _compare(connection, work)
            progress(0.9, Text(sv="Skriver", en="Writing"))
            connection.execution_options(begins="IMMEDIATE")
            with connection.begin() as transaction:
                locked_at = time.perf_counter()
                if _data_version(connection) != seen:  # somebody wrote after the comparison
                    if attempt < _TRIES:
                        transaction.rollback()
                        continue
                    _compare(connection, work)
                counts = _write(connection, work, locked_at)
                transaction.commit()
                return UpsertResult(work.batch_uid, work.n + work.rejected, counts["inserted"], counts["updated"], counts["unchanged"],
                                    work.rejected, work.without_place, time.perf_counter() - locked_at)
    raise AssertionError("the last attempt compares inside the lock")


def _is_empty(connection: sa.Connection, work: _Work) -> bool:
    name = work.layer.name
    sql = f"SELECT EXISTS (SELECT 1 FROM main.{quoted(name)}) OR EXISTS (SELECT 1 FROM main.{quoted(geopackage.rtree(name))})"
    return not connection.exec_driver_sql(sql).scalar_one()


def _data_version(connection: sa.Connection) -> int:
    return connection.exec_driver_sql("PRAGMA main.data_version").scalar_one()


def _compare(connection: sa.Connection, work: _Work) -> None:
    """Fill `stage.met` (rows that the store has already, and what to do with them) and `stage.log` (what will change in them)."""
    execute = connection.exec_driver_sql
    same = " AND ".join(
        f"coalesce(t.{quoted(name)}, '') = coalesce(s.{quoted(name)}, '')" if work.table.c[name].nullable
        else f"t.{quoted(name)} = s.{quoted(name)}" for name in work.layer.key)
    execute("DROP TABLE IF EXISTS stage.met")
    execute("CREATE TABLE stage.met (_n INTEGER PRIMARY KEY, id INTEGER, action TEXT)")
    execute(f"""INSERT INTO stage.met SELECT s._n, t.id,
                  CASE WHEN t.source_hash = s._hash OR (t.withdrawn_at IS NULL AND t.row_hash = s._hash) THEN 'keep'
                       WHEN t.withdrawn_at IS NOT NULL AND t.source_hash IS NULL THEN 'revive' ELSE 'update' END
                FROM stage.rows s CROSS JOIN main.{quoted(work.layer.name)} t ON {same}""")
    met = sa.table("met", sa.column("id"), schema="stage")
    seen = connection.execute(sa.select(sa.func.count()).select_from(met.join(work.table, work.table.c.id == met.c.id))
                              .where(visible(work.table.c, work.viewer))).scalar_one()
    hidden = execute("SELECT count(*) FROM stage.met").scalar_one() - seen
    if hidden:
        raise AccessError(Text(sv="{n} rad i filen rör en post som du inte får ändra. Inget sparades.|"
                                  "{n} rader i filen rör poster som du inte får ändra. Inget sparades.",
                               en="{n} row of the file concerns a record that you may not change. Nothing was saved.|"
                                  "{n} rows of the file concern records that you may not change. Nothing was saved.").format(n=hidden))
    heads = ", ".join(quoted(name) for name in _LOG)
    execute("DROP TABLE IF EXISTS stage.log")
    execute(f"CREATE TABLE stage.log (_n INTEGER PRIMARY KEY, {heads})")
    changes = _changes(connection, work)
    if changes:
        execute(f"INSERT INTO stage.log ({heads}) VALUES ({', '.join('?' * len(_LOG))})", changes)


def _changes(connection: sa.Connection, work: _Work) -> list[tuple]:
    """The change-log entries of the rows that will change."""
    names = content_names(work.layer)
    old = ", ".join(f"t.{quoted(name)}" for name in [*names, *_KEPT])
    new = ", ".join(f"s.{quoted(name)}" for name in names)
    rows = connection.exec_driver_sql(
        f"SELECT t.uid, t.row_version, m.action, s._hash, {old}, {new} FROM stage.met m JOIN stage.rows s ON s._n = m._n "
        f"JOIN main.{quoted(work.layer.name)} t ON t.id = m.id WHERE m.action <> 'keep'")
    made, at = [], now_text()
    for uid, row_version, action, row_hash, *values in rows:
        was = dict(zip([*names, *_KEPT], values, strict=False))
        will = dict(zip(names, values[len(names) + len(_KEPT):], strict=True))
        before, after = difference(was, will)
        before |= {name: was[name] for name in _KEPT}
        after |= {"batch_uid": work.batch_uid, "source_hash": row_hash, "withdrawn_at": None if action == "revive" else was["withdrawn_at"]}
        made.append((at, work.viewer.name, work.layer.name, uid, row_version + 1, "update", json_text(change_log.written(before)),
                     json_text(change_log.written(after)), None, work.batch_uid, max(was["info_class"], will["info_class"]), will["owner_unit"]))
    return made


def _write(connection: sa.Connection, work: _Work, locked_at: float) -> dict[str, int]:
    """Everything that happens under the lock."""
    if work.parent:
        insert(connection, work.file, *work.parent[:3], work.viewer, uid=work.parent[3])
    found: dict[str, int] = dict(connection.exec_driver_sql("SELECT action, count(*) FROM stage.met GROUP BY action").all())
    new = work.n - sum(found.values())
    counts = {"inserted": new + found.get("revive", 0), "updated": found.get("update", 0), "unchanged": found.get("keep", 0)}
    at = now_text()
    if new:
        _insert_new(connection, work, at, new)
    if found.get("update") or found.get("revive"):
        _update_changed(connection, work, at)
    if new or counts["updated"] or counts["inserted"]:
        geopackage.note_change(connection, work.layer.name, work.box)
    if work.batch:
        _note_batch(connection, work, counts, new, at, locked_at)
    heads = ", ".join(quoted(name) for name in _LOG)
    connection.exec_driver_sql(f"INSERT INTO main.change_log ({heads}) SELECT {heads} FROM stage.log ORDER BY _n")
    return counts


def _insert_new(connection: sa.Connection, work: _Work, at: str, new: int) -> None:
    execute = connection.exec_driver_sql
    name = work.layer.name
    heads = ", ".join(quoted(n) for n in content_names(work.layer))
    unmet = "NOT EXISTS (SELECT 1 FROM stage.met m WHERE m._n = s._n)"
    base = execute(f"SELECT coalesce(max(id), 0) FROM main.{quoted(name)}").scalar_one()
    by_hand = GEOM in work.table.c and new >= _MANY
    packed = by_hand and staging.table_exists(connection, "node") and _is_empty(connection, work)
    triggers = geopackage.rtree_triggers(name) if by_hand else {}
    trigger = f"{geopackage.rtree(name)}_insert"
    if by_hand:  # inside this transaction, so nobody else ever sees the table without its trigger
        execute(f"DROP TRIGGER main.{quoted(trigger)}")
    execute(f"INSERT INTO main.{quoted(name)} (id, {heads}, uid, row_hash, source_hash, batch_uid, created_at, updated_at) "
            f"SELECT {base} + s._n, {heads}, s._uid, s._hash, s._hash, ?, ?, ? FROM stage.rows s WHERE {unmet} ORDER BY s._n",
            (work.batch_uid, at, at))
    if packed:
        _copy_index(connection, geopackage.rtree(name))
    elif by_hand:
        execute(f"INSERT INTO main.{quoted(geopackage.rtree(name))} SELECT {base} + s._n, s._minx, s._maxx, s._miny, s._maxy "
                f"FROM stage.rows s WHERE s._minx IS NOT NULL AND {unmet} ORDER BY s._n")
    if by_hand:
        execute(triggers[trigger])


def _copy_index(connection: sa.Connection, tree: str) -> None:
    """The R-tree packed in the staging file becomes that of a layer that was empty."""
    for behind, columns, staged in (("node", "nodeno, data", "node"), ("rowid", "rowid, nodeno", "leaf"),
                                    ("parent", "nodeno, parentnode", "parent")):
        wanted = columns.replace("rowid", "id")
        connection.exec_driver_sql(f"INSERT OR REPLACE INTO main.{quoted(f'{tree}_{behind}')} ({columns}) SELECT {wanted} FROM stage.{staged}")


def _update_changed(connection: sa.Connection, work: _Work, at: str) -> None:
    sets = ", ".join(f"{quoted(n)} = s.{quoted(n)}" for n in content_names(work.layer))
    connection.exec_driver_sql(
        f"UPDATE main.{quoted(work.layer.name)} AS t SET {sets}, row_hash = s._hash, source_hash = s._hash, batch_uid = ?, updated_at = ?, "
        f"row_version = t.row_version + 1, withdrawn_at = CASE m.action WHEN 'revive' THEN NULL ELSE t.withdrawn_at END "
        f"FROM stage.met m JOIN stage.rows s ON s._n = m._n WHERE t.id = m.id AND m.action <> 'keep'",
        (work.batch_uid, at))


def _note_batch(connection: sa.Connection, work: _Work, counts: dict[str, int], new: int, at: str, locked_at: float) -> None:
    """The import_batches record, the rejected rows, and the one line of the change log that stands for all rows added."""
    assert work.batch is not None
    batches = work.file.tables.layers[BATCHES]
    content = with_defaults(LAYERS[BATCHES], work.batch | counts | {
        "read": work.n + work.rejected, "rejected": work.rejected, "without_place": work.without_place, "finished_at": at,
        "lock_seconds": round(time.perf_counter() - locked_at, 4)})
    row_hash = hashes({name: [content[name]] for name in content_names(LAYERS[BATCHES])})[0]
    connection.execute(sa.insert(batches).values({**content, "uid": work.batch_uid, "row_version": 1, "row_hash": row_hash,
                                                  "created_at": at, "updated_at": at}))
    if staging.table_exists(connection, "rejects"):
        heads = ", ".join(quoted(n) for n in [*content_names(LAYERS[REJECTS]), "row_hash", "uid"])
        connection.exec_driver_sql(f"INSERT INTO main.{REJECTS} ({heads}, created_at, updated_at) SELECT {heads}, ?, ? FROM stage.rejects "
                                   "ORDER BY _n", (at, at))
    told = {"layer": work.layer.name, "file_name": content["file_name"], "new": new, **counts, "rejected": work.rejected}
    change_log.append(connection, work.file.tables, [change_log.entry(
        BATCHES, str(work.batch_uid), "import", actor=work.viewer.name, row_version=1, after=told, batch_uid=work.batch_uid)])
