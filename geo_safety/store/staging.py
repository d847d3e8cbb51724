# ruff: noqa: S608  (the names in these statements come from our own layer descriptions, never from outside)
"""The staging file of a bulk write: rows are laid out and compared there while others go on reading and writing.

It is a temporary SQLite file attached to the writing connection, beside the store and readable by its owner only. Its name is taken
away as soon as it is open, so that nothing is left of it, also after `kill -9`.
"""
from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pysqlite3
import sqlalchemy as sa

from ..model.describe import Layer
from . import geometry, rtree
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
            try:
                if connection.in_transaction():
                    connection.rollback()
                plain.execute("DETACH DATABASE stage")
                plain.execute("PRAGMA wal_autocheckpoint=1000")
                plain.execute("PRAGMA wal_checkpoint(PASSIVE)")
            except pysqlite3.DatabaseError:
                connection.invalidate()  # a connection that could not let go of its staging file is of no more use


def _attach(plain: Any, folder: Path) -> None:
    handle, name = tempfile.mkstemp(prefix=".staging-", dir=folder)
    os.close(handle)
    plain.execute("ATTACH DATABASE ? AS stage", (name,))
    plain.execute("PRAGMA stage.journal_mode=MEMORY")
    plain.execute("CREATE TABLE stage.opened (at)")  # the file is opened when it is first written
    with suppress(OSError):  # Windows keeps the name of an open file
        os.unlink(name)


def lay_out(connection: sa.Connection, layer: Layer, stored: Stored, row_hashes: list[str]) -> np.ndarray | None:
    """Fill `stage.rows`: the content of each row, its hash, its box, and an order in which neighbours lie together.

    Gives the boxes in that order; None for a layer without places.

    Rows ordered by coarse cell make the R-tree and the table several times faster to fill than rows in the file's order.
    """
    boxes = geometry.boxes(stored[GEOM]) if GEOM in stored else None
    order = list(range(len(row_hashes))) if boxes is None else _spatial_order(boxes)
    columns: dict[str, list[Any]] = {"_uid": new_uids(len(row_hashes)), "_hash": [row_hashes[i] for i in order]}
    fixed: dict[str, Any] = {}
    for name in content_names(layer):
        values = stored[name]
        if values and values.count(values[0]) == len(values):  # most columns of most files say one thing, or nothing
            fixed[name] = values[0]
        else:
            columns[name] = [values[i] for i in order]
    if boxes is not None:
        columns |= {head: side.tolist() for head, side in zip(_BOX, boxes[order].T, strict=True)}  # SQLite takes NaN for NULL
    _fill(connection, "varying", list(columns), list(columns.values()))
    _fill(connection, "fixed", ["_one", *fixed], [[1], *([value] for value in fixed.values())])
    heads = ", ".join([*(f"v.{quoted(name)}" for name in ("_n", *columns)), *(f"f.{quoted(name)}" for name in fixed)])
    connection.connection.driver_connection.execute(f"CREATE VIEW stage.rows AS SELECT {heads} FROM varying v CROSS JOIN fixed f")  # type: ignore[union-attr]
    return None if boxes is None else boxes[order]


def lay_out_index(connection: sa.Connection, boxes: np.ndarray) -> None:
    """Fill `stage.node`, `stage.leaf` and `stage.parent`: the R-tree of rows that will be numbered from 1."""
    packed = rtree.pack(np.arange(1, len(boxes) + 1), boxes)
    for name, heads, rows in (("node", ("nodeno", "data"), packed.nodes), ("leaf", ("id", "nodeno"), packed.leaves),
                              ("parent", ("nodeno", "parentnode"), packed.parents)):
        _fill(connection, name, heads, list(zip(*rows, strict=True)) if rows else [[], []])


def fill_rejects(connection: sa.Connection, stored: Stored) -> None:
    _fill(connection, "rejects", list(stored), list(stored.values()))


def _fill(connection: sa.Connection, name: str, heads: Sequence[str], columns: Sequence[Sequence[Any]]) -> None:
    plain: Any = connection.connection.driver_connection
    plain.execute(f"DROP TABLE IF EXISTS stage.{name}")
    plain.execute(f"CREATE TABLE stage.{name} (_n INTEGER PRIMARY KEY, {', '.join(quoted(head) for head in heads)})")
    plain.execute("BEGIN")
    try:
        plain.executemany(f"INSERT INTO stage.{name} ({', '.join(quoted(head) for head in heads)}) VALUES ({', '.join('?' * len(heads))})",
                          zip(*(_quick(column) for column in columns), strict=True))
    except BaseException:
        plain.execute("ROLLBACK")
        raise
    plain.execute("COMMIT")


def _quick(column: Sequence[Any]) -> Sequence[Any]:
    """The driver hands a bytearray straight on, but looks for an adapter for each bytes: 20 times slower."""
    return [bytearray(value) if type(value) is bytes else value for value in column] if any(type(v) is bytes for v in column[:100]) else column


def quoted(name: str) -> str:
    return f'"{name}"'


def new_uids(n: int) -> list[str]:
    """`n` random uids (version 4) in rising order: a sorted batch goes into the unique index page by page."""
    digits = secrets.token_hex(16 * n)
    made = (digits[i:i + 32] for i in range(0, 32 * n, 32))
    return sorted(f"{d[:8]}-{d[8:12]}-4{d[13:16]}-{_VARIANT[d[16]]}{d[17:20]}-{d[20:]}" for d in made)


_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


def _spatial_order(boxes: np.ndarray) -> list[int]:
    west, south = (np.nan_to_num(boxes[:, side] // _COARSE_M, nan=-1.0) for side in (0, 2))
    return np.lexsort((south, west)).tolist()


def table_exists(connection: sa.Connection, name: str) -> bool:
    return connection.exec_driver_sql("SELECT 1 FROM stage.sqlite_master WHERE name = ?", (name,)).first() is not None
