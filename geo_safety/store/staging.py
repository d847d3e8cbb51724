# ruff: noqa: S608  (the names in these statements come from our own layer descriptions, never from outside)
"""The staging file of a bulk write: rows are laid out and compared there while others go on reading and writing.

It is a temporary SQLite file attached to the writing connection, beside the store and readable by its owner only. Its name is taken
away as soon as it is open, so that nothing is left of it, also after `kill -9`.
"""
from __future__ import annotations

import os
import secrets
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from ..model.describe import Layer
from . import geometry
from .rows import Stored, content_names
from .tables import GEOM

_CACHE_KIB = 64_000
_COARSE_M = 1_000.0
_BOX = ("_minx", "_maxx", "_miny", "_maxy")


@contextmanager
def attached(engine: sa.Engine, folder: Path) -> Iterator[sa.Connection]:
    """A writing connection with an empty staging file under the name `stage`; it begins no transaction by itself.

    Left to itself SQLite copies the log back into the file inside the commit of a large transaction. Here that waits until the
    write lock is free again.
    """
    with engine.connect() as connection:
        plain = connection.connection.driver_connection
        assert plain is not None
        _attach(plain, folder)
        plain.execute("PRAGMA wal_autocheckpoint=0")
        try:
            for pragma in ("synchronous=OFF", f"cache_size=-{_CACHE_KIB}"):
                plain.execute(f"PRAGMA stage.{pragma}")
            yield connection
        finally:
            if connection.in_transaction():
                connection.rollback()
            plain.execute("DETACH DATABASE stage")
            plain.execute("PRAGMA wal_autocheckpoint=1000")
            plain.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _attach(plain: Any, folder: Path) -> None:
    handle, name = tempfile.mkstemp(prefix=".staging-", dir=folder)
    os.close(handle)
    plain.execute("ATTACH DATABASE ? AS stage", (name,))
    plain.execute("PRAGMA stage.journal_mode=MEMORY")
    plain.execute("CREATE TABLE stage.opened (at)")  # the file is opened when it is first written
    with suppress(OSError):  # Windows keeps the name of an open file
        os.unlink(name)


def lay_out(connection: sa.Connection, layer: Layer, stored: Stored, row_hashes: list[str]) -> None:
    """Fill `stage.rows`: the content of each row, its hash, its box, and an order in which neighbours lie together.

    Rows ordered by coarse cell make the R-tree and the table several times faster to fill than rows in the file's order.
    """
    names = content_names(layer)
    order = _spatial_order(stored.get(GEOM), len(row_hashes))
    extra: list[list[Any]] = [new_uids(len(row_hashes)), [row_hashes[i] for i in order]]
    heads = ["_uid", "_hash"]
    if GEOM in stored:
        boxes = [(None,) * 4 if (blob := stored[GEOM][i]) is None else geometry.bounds(blob) or (None,) * 4 for i in order]
        extra += [list(side) for side in zip(*boxes, strict=True)] if boxes else [[], [], [], []]
        heads += _BOX
    columns = [[stored[name][i] for i in order] for name in names]
    _fill(connection, "rows", [*names, *heads], [*columns, *extra])


def fill_rejects(connection: sa.Connection, stored: Stored) -> None:
    _fill(connection, "rejects", list(stored), list(stored.values()))


def _fill(connection: sa.Connection, name: str, heads: Sequence[str], columns: Sequence[Sequence[Any]]) -> None:
    plain: Any = connection.connection.driver_connection
    plain.execute(f"DROP TABLE IF EXISTS stage.{name}")
    plain.execute(f"CREATE TABLE stage.{name} (_n INTEGER PRIMARY KEY, {', '.join(quoted(head) for head in heads)})")
    plain.execute("BEGIN")
    try:
        plain.executemany(f"INSERT INTO stage.{name} ({', '.join(quoted(head) for head in heads)}) VALUES ({', '.join('?' * len(heads))})",
                          zip(*columns, strict=True))
    except BaseException:
        plain.execute("ROLLBACK")
        raise
    plain.execute("COMMIT")


def quoted(name: str) -> str:
    return f'"{name}"'


def new_uids(n: int) -> list[str]:
    """`n` random uids in rising order: a sorted batch goes into the unique index page by page."""
    made = sorted(secrets.token_bytes(16) for _ in range(n))
    return [str(uuid.UUID(bytes=token, version=4)) for token in made]


def _spatial_order(blobs: Sequence[bytes | None] | None, n: int) -> list[int]:
    if blobs is None:
        return list(range(n))
    corners = np.full((n, 2), -np.inf)
    for i, blob in enumerate(blobs):
        box = None if blob is None else geometry.bounds(blob)
        if box is not None:
            corners[i] = box[0] // _COARSE_M, box[2] // _COARSE_M
    return np.lexsort((corners[:, 1], corners[:, 0])).tolist()


def table_exists(connection: sa.Connection, name: str) -> bool:
    return connection.exec_driver_sql("SELECT 1 FROM stage.sqlite_master WHERE name = ?", (name,)).first() is not None
