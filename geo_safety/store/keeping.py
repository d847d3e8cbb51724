# ruff: noqa: S608  (the names in these statements come from our own layer descriptions, never from outside)
"""Backup, restore, and the check that says whether all is well with a store."""
from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ..errors import StoreError
from ..layers import LAYERS
from ..model.describe import Layer
from ..text import Text
from . import geopackage, migrate
from .engine import connect, in_words
from .file import StoreFile
from .rows import content_names, hashes
from .tables import GEOM

Finding = tuple[str, Text]
_CHUNK = 50_000
_LEFT_SECONDS = 24 * 3600


def system_path(path: Path) -> Path:
    """Where jobs (and later accounts) of the store at `path` are kept."""
    return path.with_name(f"{path.stem}.system.db")


def copy_whole(source: Path, target: Path) -> None:
    """A consistent copy of an SQLite file, also while others write to it; copying the file itself would lose what is in its log.

    The copy is looked through before it gets its name, and an existing file is never replaced.
    """
    refuse_existing(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        connection = connect(source)
        try:
            connection.execute("VACUUM INTO ?", (str(unfinished.absolute()),))
        finally:
            connection.close()
        _refuse_damaged(unfinished)
        _to_disk(unfinished)
        name_for_good(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)


def name_for_good(unfinished: Path, path: Path) -> None:
    """A file gets its name when it is whole, and never in place of another."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        raise exists_already(path) from None
    unfinished.unlink()


def sweep(path: Path) -> None:
    """Take away what a killed process left beside the store: unfinished copies and staging files that nobody has touched for a day."""
    for pattern in (f".{path.name}.????????", ".staging-????????"):
        for left in path.parent.glob(pattern):
            with suppress(OSError):
                if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
                    left.unlink()


def refuse_existing(path: Path) -> None:
    """Also a left-over log of an earlier file of that name: SQLite would take it for the new file's."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
        if path.with_name(name).exists():
            raise exists_already(path.with_name(name))


def exists_already(path: Path) -> StoreError:
    return StoreError(Text(sv="{path} finns redan. Välj ett annat namn.", en="{path} exists already. Choose another name.").format(path=path))


def check(file: StoreFile) -> list[Finding]:
    """What is wrong with the store, as (code, sentence); an empty list when all is well. Reads the whole file.

    Codes: integrity, relations, schema, triggers, index (the R-tree does not fit the places), edited (a record was changed or added by
    another program, past the change log).
    """
    with in_words(), file.read.begin() as connection:
        found = list(_integrity(connection))
        found += _schema(connection, file)
        for name, table in file.tables.layers.items():
            if GEOM in table.c:
                found += _index(connection, name)
            found += _edited(connection, LAYERS[name], table)
    return found


def _integrity(connection: sa.Connection) -> Iterator[Finding]:
    said = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    if list(said) != ["ok"]:
        yield "integrity", Text(sv="Filen är skadad: {said}. Läs tillbaka en säkerhetskopia.",
                                en="The file is damaged: {said}. Restore a backup.").format(said="; ".join(map(str, said[:3])))
    loose = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if loose:
        yield "relations", Text(sv="{n} rad hör till en post som inte finns.|{n} rader hör till poster som inte finns.",
                                en="{n} row belongs to a record that is not there.|{n} rows belong to records that are not there."
                                ).format(n=len(loose))


def _schema(connection: sa.Connection, file: StoreFile) -> Iterator[Finding]:
    if migrate.needs_upgrade(connection):
        yield "schema", Text(sv="Tabellerna är inte uppdaterade till den här versionen.", en="The tables are not updated to this version.")
    for name, table in file.tables.layers.items():
        met = {row[1] for row in connection.exec_driver_sql(f'PRAGMA table_info("{name}")')}
        missing = [column.name for column in table.c if column.name not in met]
        if missing:
            yield "schema", Text(sv="Tabellen {name} saknar {missing}.", en="The table {name} lacks {missing}.").format(
                name=name, missing=", ".join(missing))
    if not geopackage.is_complete(connection, file.tables):
        yield "triggers", Text(sv="Utlösare saknas som håller index och logg i ordning. Öppna lagret igen, så läggs de till.",
                               en="Triggers are missing that keep index and log in order. Open the store again and they are added.")


def _index(connection: sa.Connection, name: str) -> Iterator[Finding]:
    tree = geopackage.rtree(name)
    said = connection.exec_driver_sql("SELECT rtreecheck('main', ?)", (tree,)).scalar()
    wrong = connection.exec_driver_sql(
        f'SELECT count(*) FROM "{name}" t LEFT JOIN "{tree}" r ON r.id = t.id WHERE t.{GEOM} NOT NULL AND NOT ST_IsEmpty(t.{GEOM}) AND '
        f"(r.id IS NULL OR r.minx > ST_MinX(t.{GEOM}) OR r.maxx < ST_MaxX(t.{GEOM}) OR r.miny > ST_MinY(t.{GEOM}) OR "
        f"r.maxy < ST_MaxY(t.{GEOM}))").scalar_one()
    wrong += connection.exec_driver_sql(
        f'SELECT count(*) FROM "{tree}" r LEFT JOIN "{name}" t ON t.id = r.id WHERE t.id IS NULL OR t.{GEOM} IS NULL').scalar_one()
    if said != "ok" or wrong:
        yield "index", Text(sv="Platsindexet för {layer} stämmer inte för {count} poster.",
                            en="The place index of {layer} does not fit for {count} records.").format(layer=LAYERS[name].title, count=wrong)


def _edited(connection: sa.Connection, layer: Layer, table: sa.Table) -> Iterator[Finding]:
    strange: list[str] = []
    for stored, uids, kept in _stored_rows(connection, layer, table):
        strange += [uid for uid, was, is_now in zip(uids, kept, hashes(stored), strict=True) if was != is_now]
    if strange:
        yield "edited", Text(
            sv="{n} post i {layer} har ändrats eller lagts till med ett annat program, förbi ändringsloggen (först {uid}).|"
               "{n} poster i {layer} har ändrats eller lagts till med ett annat program, förbi ändringsloggen (först {uid}).",
            en="{n} record in {layer} was changed or added with another program, past the change log (first {uid}).|"
               "{n} records in {layer} were changed or added with another program, past the change log (first {uid})."
        ).format(n=len(strange), layer=layer.title, uid=strange[0])


def _stored_rows(connection: sa.Connection, layer: Layer, table: sa.Table) -> Iterator[tuple[dict[str, Any], Any, Any]]:
    names = content_names(layer)
    columns = [table.c[name] if name == GEOM else sa.type_coerce(table.c[name], sa.types.NULLTYPE).label(name) for name in names]
    last = -1
    while True:
        rows = connection.execute(sa.select(table.c.id, table.c.uid, table.c.row_hash, *columns).where(table.c.id > last)
                                  .order_by(table.c.id).limit(_CHUNK)).all()
        if not rows:
            return
        ids, uids, kept, *values = zip(*rows, strict=True)
        yield dict(zip(names, values, strict=True)), uids, kept
        last = ids[-1]


def _refuse_damaged(path: Path) -> None:
    connection = connect(path)
    try:
        said = connection.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        connection.close()
    if said != "ok":
        raise StoreError(Text(sv="Kopian blev inte hel ({said}). Inget sparades.", en="The copy is not whole ({said}). Nothing was saved.").format(
            said=said))


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
