"""Two engines on one file: reading never waits for writing.

`read` begins deferred and cannot write; `write` begins IMMEDIATE, so that a writer waits for its turn before it has read
anything. If reading began IMMEDIATE too, a plain SELECT would fail with "database is locked" while a writer was at work.

The library is pysqlite3, never the standard sqlite3: versions from 3.7.0 to 3.51.2 can corrupt a WAL database when two
connections write and checkpoint at once (https://sqlite.org/wal.html#walresetbug). And one process must open the file through
one library only, since closing it in another drops the first one's locks.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pysqlite3
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import QueuePool

from ..errors import StoreError
from ..text import Text
from . import geometry

SAFE_SQLITE = (3, 51, 3)
BUSY_SECONDS = 30
# Without this much cache a bulk insert of a million points took 41 s instead of 13 s: pages were spilled and read again.
_WRITE_CACHE_KIB = 128_000
_READ_CACHE_KIB = 16_000
_JOURNAL_LIMIT = 64 * 1024 * 1024


def make_engines(path: Path) -> tuple[sa.Engine, sa.Engine]:
    """(read, write) on the SQLite file at `path`, which must exist. Connections are pooled and handed to one thread at a time."""
    if pysqlite3.sqlite_version_info < SAFE_SQLITE:
        raise StoreError(Text(
            sv="SQLite {met} har ett fel som kan skada lagret när flera skriver. Installera pysqlite3 med SQLite {least} eller nyare.",
            en="SQLite {met} has a fault that can damage the store when several write. Install pysqlite3 with SQLite {least} or newer."
        ).format(met=pysqlite3.sqlite_version, least=".".join(map(str, SAFE_SQLITE))))
    return _engine(path, writing=False), _engine(path, writing=True)


def connect(path: Path, *, mode: str = "rw") -> Any:
    """A plain connection with the functions that the triggers need; the caller closes it. `mode` is rw, ro or rwc."""
    connection = pysqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None,
                                   check_same_thread=False)
    geometry.register_functions(connection)
    connection.execute("PRAGMA trusted_schema=ON")  # the R-tree triggers call our functions
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


def _engine(path: Path, *, writing: bool) -> sa.Engine:
    def creator() -> Any:
        connection = connect(path)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"journal_size_limit={_JOURNAL_LIMIT}",
                       f"cache_size=-{_WRITE_CACHE_KIB if writing else _READ_CACHE_KIB}"):
            connection.execute(f"PRAGMA {pragma}")
        if not writing:
            connection.execute("PRAGMA query_only=ON")
        return connection

    # hide_parameters: otherwise addresses and texts stand in every error message and log.
    engine = sa.create_engine("sqlite://", module=pysqlite3, creator=creator, poolclass=QueuePool, hide_parameters=True,
                              pool_size=12, max_overflow=52, pool_timeout=BUSY_SECONDS)

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        default = "IMMEDIATE" if writing else "DEFERRED"
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begins', default)}")

    return engine


@contextmanager
def in_words() -> Iterator[None]:
    """Turns what SQLite says when the disk is full, the file is busy or damaged into a StoreError a user understands."""
    try:
        yield
    except (sa.exc.DatabaseError, pysqlite3.DatabaseError) as error:
        said = str(getattr(error, "orig", error))
        for mark, text in _SAID.items():
            if mark in said:
                raise StoreError(text) from error
        if "constraint failed" in said:  # SQLite names the rule, never the values
            raise StoreError(_AGAINST_A_RULE.format(rule=said)) from error
        raise
    except OSError as error:
        raise StoreError(_NO_FILE.format(path=str(error.filename or ""), why=str(error.strerror))) from error


_NO_FILE = Text(sv="Filen eller mappen {path} kan inte användas ({why}). Inget sparades.",
                en="The file or folder {path} cannot be used ({why}). Nothing was saved.")

_AGAINST_A_RULE = Text(sv="Uppgifterna bryter mot en regel i lagret ({rule}). Inget sparades.",
                       en="The data break a rule of the store ({rule}). Nothing was saved.")
_SAID = {
    "database is locked": Text(
        sv="Någon annan skriver i lagret och blev inte klar inom en halv minut. Inget sparades; försök igen om en stund.",
        en="Somebody else is writing to the store and did not finish within half a minute. Nothing was saved; try again in a while."),
    "disk is full": Text(sv="Disken är full. Inget sparades; frigör plats och försök igen.",
                         en="The disk is full. Nothing was saved; make room and try again."),
    "readonly database": Text(sv="Lagret kan inte skrivas: filen eller mappen är skrivskyddad.",
                              en="The store cannot be written: the file or its folder is read-only."),
    "unable to open": Text(sv="Lagret kan inte öppnas: kontrollera att filen finns och att mappen går att skriva i.",
                           en="The store cannot be opened: check that the file exists and that its folder can be written to."),
    "disk image is malformed": Text(sv="Lagret är skadat. Läs tillbaka en säkerhetskopia: geo-safety restore.",
                                    en="The store is damaged. Restore a backup: geo-safety restore."),
    "file is not a database": Text(sv="Filen är inget lager som Geo Safety känner igen.", en="The file is no store that Geo Safety knows."),
}
