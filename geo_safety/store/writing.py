"""One record at a time: save and withdraw, each with its line in the change log, in one short transaction."""
from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from ..errors import InputError, StaleError, StoreError
from ..model.describe import Layer
from ..model.viewer import Viewer
from ..text import Text
from . import change_log, geometry, geopackage
from .engine import in_words
from .file import StoreFile
from .rows import content_names, hashes, to_stored
from .tables import GEOM
from .types import now_text
from .visible import visible

GONE = Text(sv="Posten finns inte, eller får inte visas.", en="There is no such record, or it may not be shown.")
_TAKEN = Text(sv="Det finns redan en post i {layer} med samma {key}. Öppna den i stället.",
              en="There is already a record in {layer} with the same {key}. Open that one instead.")


def save(file: StoreFile, layer_name: str, values: Mapping[str, Any], viewer: Viewer, *, uid: str | None = None,
         row_version: int | None = None, reason: str | None = None) -> str:
    """See `Store.save`."""
    layer, table = file.layer(layer_name)
    given = stored_values(file, layer, values, new=row_version is None)
    with in_words(), file.write.begin() as connection:
        if row_version is None:
            return insert(connection, file, layer, table, given, viewer, uid=uid or new_uid(), reason=reason)
        if uid is None:
            raise InputError(Text(sv="Ange vilken post som ska ändras (uid).", en="Say which record is to be changed (uid)."))
        _update(connection, file, layer, table, given, viewer, uid=uid, row_version=row_version, reason=reason)
        return uid


def withdraw(file: StoreFile, layer_name: str, uid: str, viewer: Viewer, *, row_version: int, reason: str | None) -> None:
    """See `Store.withdraw`."""
    layer, table = file.layer(layer_name)
    with in_words(), file.write.begin() as connection:
        old = current(connection, layer, table, uid, viewer, row_version)
        at = now_text()
        connection.execute(sa.update(table).where(table.c.id == old["id"]).values(
            withdrawn_at=at, updated_at=at, row_version=row_version + 1))
        change_log.append(connection, file.tables, [change_log.entry(
            layer.name, uid, "withdraw", actor=viewer.name, row_version=row_version + 1, before={"withdrawn_at": None},
            after={"withdrawn_at": at}, reason=reason, info_class=old["info_class"], owner_unit=old["owner_unit"])])
        geopackage.note_change(connection, layer.name, None)


def new_uid() -> str:
    return str(uuid.uuid4())


def stored_values(file: StoreFile, layer: Layer, values: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
    """`values` of one record in stored form; for a new one every column of the layer, for a change only those given."""
    data = {name: pd.Series([value], dtype=object) for name, value in values.items() if name != "geometry"}
    frame = pd.DataFrame(data, index=pd.RangeIndex(1))
    if "geometry" in values:
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([values["geometry"]], crs=file.crs, index=frame.index))
    stored = to_stored(layer, frame, crs=file.crs, srs_id=file.srs_id, partial=not new)
    stored.pop("uid", None)
    return {name: column[0] for name, column in stored.items()}


def insert(connection: sa.Connection, file: StoreFile, layer: Layer, table: sa.Table, given: dict[str, Any], viewer: Viewer, *, uid: str,
           reason: str | None = None, batch_uid: str | None = None) -> str:
    """A new record inside the caller's transaction; StaleError when somebody has already made one with this uid."""
    if connection.execute(sa.select(table.c.id).where(table.c.uid == uid)).first() is not None:
        raise StaleError(Text(sv="Posten finns redan. Öppna den igen för att ändra den.",
                              en="The record exists already. Open it again to change it."))
    _refuse_twin(connection, layer, table, given)
    content = with_defaults(layer, given)
    at = now_text()
    extra = {"batch_uid": batch_uid} if batch_uid else {}
    connection.execute(sa.insert(table).values(
        {**content, **extra, "uid": uid, "row_version": 1, "row_hash": hash_of(layer, content), "created_at": at, "updated_at": at}))
    change_log.append(connection, file.tables, [change_log.entry(
        layer.name, uid, "insert", actor=viewer.name, row_version=1, after={k: v for k, v in content.items() if v is not None},
        reason=reason, batch_uid=batch_uid, info_class=content["info_class"], owner_unit=content["owner_unit"])])
    geopackage.note_change(connection, layer.name, _box(content))
    return uid


def _update(connection: sa.Connection, file: StoreFile, layer: Layer, table: sa.Table, given: dict[str, Any], viewer: Viewer, *, uid: str,
            row_version: int, reason: str | None) -> None:
    old = current(connection, layer, table, uid, viewer, row_version)
    before, after = difference(old, given)
    if not after:
        return
    content = {name: given.get(name, old[name]) for name in content_names(layer)}
    _refuse_twin(connection, layer, table, content, but=old["id"])
    change_content(connection, layer, table, old, content)
    change_log.append(connection, file.tables, [change_log.entry(
        layer.name, uid, "update", actor=viewer.name, row_version=row_version + 1, before=before, after=after, reason=reason,
        info_class=max(old["info_class"], content["info_class"]), owner_unit=content["owner_unit"])])
    geopackage.note_change(connection, layer.name, _box(given))


def change_content(connection: sa.Connection, layer: Layer, table: sa.Table, old: Mapping[str, Any], content: dict[str, Any],
                   **bookkeeping: Any) -> None:
    """Write `content` over the record `old` as its next version."""
    connection.execute(sa.update(table).where(table.c.id == old["id"]).values(
        {**content, "row_hash": hash_of(layer, content), "row_version": old["row_version"] + 1, "updated_at": now_text(), **bookkeeping}))


def current(connection: sa.Connection, layer: Layer, table: sa.Table, uid: str, viewer: Viewer, row_version: int | None) -> dict[str, Any]:
    """The record in stored form; StaleError when it is no longer at `row_version`."""
    names = dict.fromkeys(("id", "uid", "row_version", "batch_uid", "source_hash", "withdrawn_at", *content_names(layer)))
    statement = sa.select(*(table.c[GEOM] if name == GEOM else sa.type_coerce(table.c[name], sa.types.NULLTYPE).label(name) for name in names))
    row = connection.execute(statement.where(table.c.uid == uid, visible(table.c, viewer))).first()
    if row is None or (row_version is not None and row.withdrawn_at is not None and row.row_version == row_version):
        raise StoreError(GONE)
    if row_version is not None and row.row_version != row_version:
        raise StaleError(Text(
            sv="Någon annan har sparat posten i {layer} sedan den öppnades (version {met}, du hade {had}). Öppna den igen och gör om ändringen.",
            en="Somebody else has saved the record in {layer} since it was opened (version {met}, you had {had}). Open it again and repeat "
               "the change.").format(layer=layer.title, met=str(row.row_version), had=str(row_version)))
    return dict(zip(names, row, strict=True))


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(before, after): only the values that differ. Two blobs of the same geometry are the same."""
    changed = [name for name, value in new.items() if _bare(value) != _bare(old[name])]
    return {name: old[name] for name in changed}, {name: new[name] for name in changed}


def _bare(value: Any) -> Any:
    return geometry.wkb_of(value) if isinstance(value, bytes) else value


def with_defaults(layer: Layer, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every column of the content; the class is 1 (inside the municipality) unless said, or the least the layer allows."""
    content = {name: given.get(name) for name in content_names(layer)}
    if content["info_class"] is None:
        content["info_class"] = max(1, layer.least_class)
    return content


def hash_of(layer: Layer, content: Mapping[str, Any]) -> str:
    return hashes({name: [content[name]] for name in content_names(layer)})[0]


def _refuse_twin(connection: sa.Connection, layer: Layer, table: sa.Table, content: Mapping[str, Any], *,
                 but: int | None = None) -> None:
    if not layer.key or layer.key == ("uid",):
        return
    same = [table.c[name].is_(None) if content.get(name) is None else table.c[name] == content[name] for name in layer.key]
    other = connection.execute(sa.select(table.c.id).where(*same, table.c.id != (but or -1))).first()
    if other is not None:
        titles = [layer.column(name).title for name in layer.key]
        key = Text(sv=", ".join(title.sv for title in titles), en=", ".join(title.en for title in titles))
        raise StoreError(_TAKEN.format(layer=layer.title, key=key))


def _box(content: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    blob = content.get(GEOM)
    found = geometry.bounds(blob) if isinstance(blob, bytes) else None
    return None if found is None else (found[0], found[2], found[1], found[3])
