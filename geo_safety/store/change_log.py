"""Who changed what, when and why: written in the same transaction as the change, never altered afterwards.

`before` and `after` hold the changed values in stored form, a geometry as WKB in hexadecimal. A bulk import is one entry of
action `import`; a record it adds has no entry of its own, one that it changes has.
"""
from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import shapely
import sqlalchemy as sa

from ..errors import StoreError
from ..model.viewer import Viewer
from ..text import Text
from .file import StoreFile
from .frames import times
from .geometry import wkb_of
from .tables import GEOM, Tables
from .types import now_text
from .visible import visible

STORE_INFO = "store_info"
SYSTEM = "system"
# Kept in the log so that a change can be undone to the letter, but nothing to show to a person.
_BOOKKEEPING = ("source_hash", "batch_uid")


def entry(kind: str, uid: str, action: str, *, actor: str, row_version: int | None = None, before: Mapping | None = None,
          after: Mapping | None = None, reason: str | None = None, batch_uid: str | None = None, info_class: int = 1,
          owner_unit: str | None = None) -> dict[str, Any]:
    """One row of the log. `before` and `after` are in stored form."""
    return {"at": now_text(), "actor": actor, "record_kind": kind, "record_uid": uid, "row_version": row_version, "action": action,
            "before": written(before), "after": written(after), "reason": reason, "batch_uid": batch_uid, "info_class": info_class,
            "owner_unit": owner_unit}


def append(connection: sa.Connection, tables: Tables, entries: Iterable[dict[str, Any]]) -> None:
    rows = list(entries)
    if rows:
        connection.execute(sa.insert(tables.change_log), rows)


def revision(connection: sa.Connection, tables: Tables) -> int:
    return connection.execute(sa.select(sa.func.coalesce(sa.func.max(tables.change_log.c.id), 0))).scalar_one()


def written(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Stored values as they stand in the log: JSON columns opened, the geometry as WKB in hexadecimal under `geometry`."""
    if values is None:
        return None
    return {("geometry" if name == GEOM else name): (wkb_of(value).hex() if isinstance(value, bytes) else value)
            for name, value in values.items()}


def history(file: StoreFile, layer_name: str, uid: str, viewer: Viewer) -> pd.DataFrame:
    """Every change of one record, oldest first: at, actor, action, before, after, reason.

    The record may be withdrawn, but the viewer must be allowed to see it. `before` and `after` are dictionaries of what changed,
    geometry as WKT; the import that brought the record stands as its first line.
    """
    _, table = file.layer(layer_name)
    log = file.tables.change_log
    with file.read.begin() as connection:
        batch = connection.execute(sa.select(table.c.batch_uid).where(table.c.uid == uid, visible(table.c, viewer))).first()
        if batch is None:
            raise StoreError(Text(sv="Posten finns inte, eller får inte visas.", en="There is no such record, or it may not be shown."))
        own = list(connection.execute(_select(log).where(log.c.record_kind == layer_name, log.c.record_uid == uid, visible(log.c, viewer))))
        batches = {batch.batch_uid} | {row.batch_uid for row in own} | {(row.before or {}).get("batch_uid") for row in own}
        imports = list(connection.execute(_select(log).where(
            log.c.action == "import", log.c.record_uid.in_([b for b in batches if b]), visible(log.c, viewer))))
    told = {row.batch_uid for row in own if row.action == "update"}  # an entry of its own tells more than the import that wrote it
    rows = sorted([*(row for row in imports if row.record_uid not in told), *own], key=lambda row: row.id)
    return pd.DataFrame({
        "at": times([row.at for row in rows], file.zone), "actor": [row.actor for row in rows], "action": [row.action for row in rows],
        "before": pd.Series([_told(row.before) for row in rows], dtype=object),
        "after": pd.Series([_told(row.after) for row in rows], dtype=object),
        "reason": pd.Series([row.reason for row in rows], dtype=object)})


def _select(log: sa.Table) -> sa.Select:
    return sa.select(log.c.id, sa.type_coerce(log.c.at, sa.types.NULLTYPE).label("at"), log.c.actor, log.c.action, log.c.before, log.c.after,
                     log.c.reason, log.c.record_uid, log.c.batch_uid)


def _told(values: Any) -> dict[str, Any] | None:
    if values is None:
        return None
    told = {name: value for name, value in values.items() if name not in _BOOKKEEPING}
    if told.get("geometry"):
        told["geometry"] = shapely.to_wkt(shapely.from_wkb(told["geometry"]), rounding_precision=3)
    return {name: _opened(value) for name, value in told.items()}


def _opened(value: Any) -> Any:
    """A JSON column stands in the log as its text."""
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
