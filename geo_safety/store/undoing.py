"""Taking a whole import back: what it added is withdrawn, what it changed goes back, each row with its line in the change log."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ..errors import StoreError
from ..layers import LAYERS
from ..model.describe import Layer
from ..model.viewer import Viewer
from ..text import Text
from . import change_log, geometry, geopackage
from .bringing_in import BATCHES
from .engine import in_words
from .file import StoreFile
from .rows import content_names, hashes
from .tables import GEOM
from .types import json_text, now_text
from .visible import visible
from .writing import GONE, change_content, current

_KEPT = ("batch_uid", "source_hash", "withdrawn_at")


def undo_batch(file: StoreFile, batch_uid: str, viewer: Viewer, *, reason: str | None = None) -> int:
    """See `Store.undo_batch`."""
    batches = file.tables.layers[BATCHES]
    with in_words(), file.write.begin() as connection:
        batch = connection.execute(sa.select(batches.c.layer, batches.c.status, batches.c.file_name, batches.c.row_version).where(
            batches.c.uid == batch_uid, batches.c.withdrawn_at.is_(None), visible(batches.c, viewer))).first()
        if batch is None:
            raise StoreError(GONE)
        if batch.status == "undone":
            raise StoreError(Text(sv="Inläsningen av {file} är redan ångrad.", en="The import of {file} is undone already.").format(
                file=batch.file_name))
        layer, table = file.layer(batch.layer)
        added = _added(connection, file, batch_uid)
        changed = _changed(connection, file, layer, table, batch_uid)
        _refuse_edited(connection, table, batch_uid, added, changed, batch.file_name)
        at = now_text()
        _withdraw_added(connection, file, layer, table, batch_uid, viewer, at, reason)
        _put_back(connection, file, layer, table, changed, batch_uid, viewer, at, reason)
        _mark_undone(connection, file, batch_uid, batch.row_version, viewer, reason)
        geopackage.note_change(connection, layer.name, None)
        return added + len(changed)


def _added(connection: sa.Connection, file: StoreFile, batch_uid: str) -> int:
    """How many rows the import added that had not been there before, as its line in the log says."""
    log = file.tables.change_log
    after = connection.execute(sa.select(log.c.after).where(log.c.action == "import", log.c.record_uid == batch_uid)).scalar_one()
    return int(after["new"])


def _changed(connection: sa.Connection, file: StoreFile, layer: Layer, table: sa.Table, batch_uid: str) -> list[dict[str, Any]]:
    """The rows that the import changed as they are now, with the version it gave them and what it found (`_version`, `_before`)."""
    log = file.tables.change_log
    names = ["id", "uid", "row_version", *_KEPT, *content_names(layer)]
    columns = [table.c[name] if name == GEOM else sa.type_coerce(table.c[name], sa.types.NULLTYPE).label(name) for name in names]
    rows = connection.execute(
        sa.select(log.c.row_version, log.c.before, *columns).select_from(log).join(table, table.c.uid == log.c.record_uid)
        .where(log.c.batch_uid == batch_uid, log.c.record_kind == layer.name, log.c.action == "update").order_by(log.c.id))
    return [{"_version": version, "_before": before, **dict(zip(names, values, strict=True))} for version, before, *values in rows]


def _refuse_edited(connection: sa.Connection, table: sa.Table, batch_uid: str, added: int, changed: list[dict[str, Any]], file_name: str) -> None:
    untouched = connection.execute(sa.select(sa.func.count()).select_from(table).where(
        table.c.batch_uid == batch_uid, table.c.row_version == 1, table.c.withdrawn_at.is_(None))).scalar_one()
    edited = added - untouched + sum(row["row_version"] != row["_version"] for row in changed)
    if edited:
        raise StoreError(Text(
            sv="Inläsningen av {file} kan inte ångras: {count} av dess rader har ändrats efteråt, av någon eller av en senare inläsning. "
               "Ångra de senare inläsningarna först, eller ta bort raderna en och en.",
            en="The import of {file} cannot be undone: {count} of its rows have been changed since, by somebody or by a later import. "
               "Undo the later imports first, or withdraw the rows one by one.").format(file=file_name, count=edited))


def _withdraw_added(connection: sa.Connection, file: StoreFile, layer: Layer, table: sa.Table, batch_uid: str, viewer: Viewer, at: str,
                    reason: str | None) -> None:
    """Without `source_hash` a withdrawn row counts as never brought in: the same file may bring it back."""
    log = file.tables.change_log
    mine = sa.and_(table.c.batch_uid == batch_uid, table.c.row_version == 1, table.c.withdrawn_at.is_(None))
    before, after = json_text({"withdrawn_at": None}), json_text({"withdrawn_at": at})
    entries = sa.select(*(sa.literal(value) for value in (at, viewer.name, layer.name)), table.c.uid, sa.literal(2), sa.literal("undo"),
                        sa.literal(before), sa.literal(after), sa.literal(reason, sa.Text), sa.literal(batch_uid), table.c.info_class,
                        table.c.owner_unit).where(mine).order_by(table.c.id)
    connection.execute(sa.insert(log).from_select(
        ["at", "actor", "record_kind", "record_uid", "row_version", "action", "before", "after", "reason", "batch_uid", "info_class",
         "owner_unit"], entries))
    connection.execute(sa.update(table).where(mine).values(withdrawn_at=at, updated_at=at, row_version=2, source_hash=None))


def _put_back(connection: sa.Connection, file: StoreFile, layer: Layer, table: sa.Table, changed: list[dict[str, Any]], batch_uid: str,
              viewer: Viewer, at: str, reason: str | None) -> None:
    if not changed:
        return
    names = content_names(layer)
    earlier = [{name: row[name] for name in (*names, *_KEPT)} | _restored(file, row["_before"]) for row in changed]
    row_hashes = hashes({name: [was[name] for was in earlier] for name in names})
    places = {name: sa.bindparam(f"to_{name}", type_=table.c[name].type) for name in (*names, *_KEPT, "row_hash", "updated_at", "row_version")}
    connection.execute(
        sa.update(table).where(table.c.id == sa.bindparam("which")).values(places),
        [{"which": row["id"], "to_row_hash": row_hash, "to_updated_at": at, "to_row_version": row["row_version"] + 1,
          **{f"to_{name}": value for name, value in was.items()}} for row, was, row_hash in zip(changed, earlier, row_hashes, strict=True)])
    change_log.append(connection, file.tables, (change_log.entry(
        layer.name, row["uid"], "undo", actor=viewer.name, row_version=row["row_version"] + 1,
        before={name: row[name] for name in was if row[name] != was[name]}, after={name: was[name] for name in was if row[name] != was[name]},
        reason=reason, batch_uid=batch_uid, info_class=max(row["info_class"], was["info_class"]), owner_unit=was["owner_unit"])
        for row, was in zip(changed, earlier, strict=True)))


def _restored(file: StoreFile, before: Mapping[str, Any]) -> dict[str, Any]:
    """What the log keeps, in stored form again."""
    values = {name: value for name, value in before.items() if name != "geometry"}
    if "geometry" in before:
        values[GEOM] = None if before["geometry"] is None else geometry.from_wkb(bytes.fromhex(before["geometry"]), file.srs_id)
    return values


def _mark_undone(connection: sa.Connection, file: StoreFile, batch_uid: str, row_version: int, viewer: Viewer, reason: str | None) -> None:
    layer, table = LAYERS[BATCHES], file.tables.layers[BATCHES]
    old = current(connection, layer, table, batch_uid, viewer, row_version)
    change_content(connection, layer, table, old, {name: old[name] for name in content_names(layer)} | {"status": "undone"})
    change_log.append(connection, file.tables, [change_log.entry(
        BATCHES, batch_uid, "undo", actor=viewer.name, row_version=row_version + 1, before={"status": old["status"]},
        after={"status": "undone"}, reason=reason, info_class=old["info_class"], owner_unit=old["owner_unit"])])
