"""Brings a store's tables up to date, and writes new revisions from the layer descriptions.

`python -m geo_safety.store.migrate "what changed"` adds a revision for what the descriptions say and the migrations do not.
Until version 0.1.0 there is one revision, made anew with `python -m geo_safety.store.migrate --anew`; stores made before that are
then refused as made by another version.
"""
from __future__ import annotations

import sys
import tempfile
from functools import cache
from pathlib import Path

import alembic.command
import alembic.config
import alembic.script
import sqlalchemy as sa

from ..crs import SWEREF_99_TM
from ..errors import StoreError
from ..text import Text
from . import engine as engines
from .tables import tables

_HOME = Path(__file__).parent / "migrations"


def configuration(connection: sa.Connection, srs_id: int) -> alembic.config.Config:
    config = alembic.config.Config(attributes={"connection": connection, "srs_id": srs_id, "metadata": tables(srs_id).metadata})
    config.set_main_option("script_location", str(_HOME).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


@cache
def revisions() -> tuple[str, ...]:
    """All revisions, the newest first."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(_HOME).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return tuple(revision.revision for revision in alembic.script.ScriptDirectory.from_config(config).walk_revisions())


def revision_of(connection: sa.Connection) -> str | None:
    """The revision that the file is at; None when it has no tables of ours."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def needs_upgrade(connection: sa.Connection) -> bool:
    """StoreError when the file is from a version of Geo Safety that this one does not know."""
    met = revision_of(connection)
    if met is not None and met not in revisions():
        raise StoreError(Text(
            sv="Lagret är gjort med en annan, troligen nyare, version av Geo Safety (schema {met}; här {known}). Uppdatera Geo Safety.",
            en="The store was made with another, probably newer, version of Geo Safety (schema {met}; here {known}). Update Geo Safety."
        ).format(met=met, known=revisions()[0]))
    return met != revisions()[0]


def upgrade(connection: sa.Connection, srs_id: int) -> None:
    """Run the missing migrations inside the caller's transaction."""
    alembic.command.upgrade(configuration(connection, srs_id), "head")


def write_revision(message: str) -> Path:
    """A new revision file that turns the newest migrated tables into those the descriptions ask for."""
    srs_id = int(SWEREF_99_TM.split(":")[1])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.gpkg"
        engines.connect(path, mode="rwc").close()
        read, write = engines.make_engines(path)
        with write.begin() as connection:
            if revisions():
                upgrade(connection, srs_id)
            script = alembic.command.revision(configuration(connection, srs_id), message, autogenerate=True)
        read.dispose()
        write.dispose()
    revisions.cache_clear()
    assert isinstance(script, alembic.script.Script)
    return Path(script.path)


def write_anew() -> Path:
    """The one first revision, from the descriptions as they are now."""
    for old in (_HOME / "versions").glob("*_*.py"):
        if not old.name.startswith("__"):
            old.unlink()
    revisions.cache_clear()
    return write_revision("The first tables")


if __name__ == "__main__":
    made = write_anew() if sys.argv[1:] == ["--anew"] else write_revision(" ".join(sys.argv[1:]) or "change")
    sys.stdout.write(f"{made}\n")
