"""Descriptions, migrations and the file agree; a migration that rebuilds a table loses nothing; both databases are thought of."""
from __future__ import annotations

import importlib
import io
import re

import alembic.operations
import alembic.runtime.migration
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from geo_safety.layers import STORED
from geo_safety.store import Store, geopackage, migrate
from geo_safety.store.engine import connect, make_engines
from geo_safety.store.tables import GEOM, tables

GEOPACKAGE_TYPES = {"BOOLEAN", "TINYINT", "SMALLINT", "MEDIUMINT", "INTEGER", "FLOAT", "DOUBLE", "REAL", "TEXT", "BLOB", "DATE", "DATETIME",
                    "POINT", "LINESTRING", "POLYGON", "MULTIPOLYGON", "GEOMETRY"}


def _objects(connection) -> dict[str, set[str]]:
    """What SQLite holds, each statement as the set of its lines, since constraints may stand in another order."""
    def lines(sql: str) -> set[str]:
        return {re.sub(r'[\s",]+', " ", line).strip() for line in sql.splitlines()}
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: lines(sql) for name, sql in rows if not name.startswith(("gpkg_", "rtree_", "sqlite_", "alembic_", "change_log_no"))}


def test_the_migrations_make_the_tables_that_the_layers_describe(store, tmp_path):
    connect(tmp_path / "described.gpkg", mode="rwc").close()
    read, write = make_engines(tmp_path / "described.gpkg")
    with write.begin() as connection:
        tables(3006).metadata.create_all(connection)
        described = _objects(connection)
    with store._file.read.begin() as connection:
        migrated = _objects(connection)
    read.dispose()
    write.dispose()
    assert migrated == described, "the layers have changed: run `python -m geo_safety.store.migrate --anew`"


def test_there_is_one_newest_revision():
    assert len(migrate.revisions()) == len(set(migrate.revisions())) >= 1


def test_every_stored_layer_is_listed_with_types_that_geopackage_knows(store):
    with store._file.read.begin() as connection:
        listed = dict(connection.exec_driver_sql("SELECT table_name, data_type FROM gpkg_contents").all())
        assert listed == {name: "features" if layer.geometry else "attributes" for name, layer in STORED.items()}
        titles = dict(connection.exec_driver_sql("SELECT table_name, identifier FROM gpkg_contents").all())
        assert titles["incidents"] == "Händelser"
        for name in STORED:
            types = {re.sub(r"\(\d+\)", "", row[2]) for row in connection.exec_driver_sql(f'PRAGMA table_info("{name}")')}
            assert types <= GEOPACKAGE_TYPES
        assert connection.exec_driver_sql("PRAGMA application_id").scalar() == int.from_bytes(b"GPKG")
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        for engine in (store._file.read, store._file.write):
            with engine.begin() as own:
                assert own.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_making_the_geopackage_again_makes_nothing_new(store):
    def everything(connection):
        return connection.exec_driver_sql("SELECT name, sql FROM sqlite_master ORDER BY name").all()
    with store._file.write.begin() as connection:
        before = everything(connection)
        assert geopackage.ensure_gpkg(connection, store._file.tables, 3006) == []
        assert everything(connection) == before


def test_a_table_rebuilt_by_a_migration_keeps_its_geometry_type_and_gets_its_triggers_back(store, viewer, batch, make_incidents):
    store.bring_in("incidents", make_incidents(20), viewer, batch=batch)
    store.close()
    with store._file.write.begin() as connection:
        context = alembic.runtime.migration.MigrationContext.configure(connection)
        operations = alembic.operations.Operations(context)
        with operations.batch_alter_table("incidents", recreate="always") as table:
            table.add_column(sa.Column("weather", sa.Text))
        assert not geopackage.is_complete(connection, store._file.tables)
    with Store.open(store.path) as again:
        with again._file.read.begin() as connection:
            types = {row[1]: row[2] for row in connection.exec_driver_sql("PRAGMA table_info(incidents)")}
        assert types[GEOM] == "POINT" and types["occurred_from"] == "DATETIME"
        assert again.check() == []
        assert again.bring_in("incidents", make_incidents(25), viewer, batch=batch).inserted == 5
        assert len(again.read("incidents", viewer, bbox=(0, 0, 1e6, 1e7))) == 23 and again.check() == []


def test_the_same_chain_makes_tables_for_postgis():
    out = io.StringIO()
    context = alembic.runtime.migration.MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": out, "srs_id": 3006})
    with alembic.operations.Operations.context(context):
        for revision in reversed(migrate.revisions()):
            path = next((migrate._HOME / "versions").glob(f"{revision}_*.py"))
            importlib.import_module(f"geo_safety.store.migrations.versions.{path.stem}").upgrade()
    sql = out.getvalue()
    for part in ("geom geometry(POINT,3006)", "occurred_from TIMESTAMP WITH TIME ZONE NOT NULL", "details JSONB", "BIGSERIAL NOT NULL",
                 "coalesce(vintage, '')", "attempt BOOLEAN"):
        assert part in sql
    incidents = tables(3006).layers["incidents"]
    assert "ST_AsBinary(incidents.geom)" in str(sa.select(incidents.c.geom).compile(dialect=postgresql.dialect()))
    assert "ST_GeomFromWKB(" in str(sa.insert(incidents).compile(dialect=postgresql.dialect()))


@pytest.mark.parametrize("statement", [
    "UPDATE incidents SET info_class = 4", "UPDATE incidents SET geom_precision = 'ungefär'", "UPDATE incidents SET geom_precision = 'none'",
    "UPDATE incidents SET occurred_to = '2001-01-01T00:00:00.000Z'", "UPDATE incidents SET row_version = 0",
    "UPDATE incidents SET offence_type = NULL", "UPDATE incidents SET source_key = 'K000001'",
    "INSERT INTO import_rejects (uid, batch_uid, row_number, column_name, created_at, updated_at) VALUES ('x', 'nothing', 1, 'a', '', '')"])
def test_other_programs_cannot_write_what_must_not_be(store, viewer, batch, make_incidents, statement):
    store.bring_in("incidents", make_incidents(9), viewer, batch=batch)
    connection = connect(store.path)
    with pytest.raises(Exception, match="constraint failed"):
        connection.execute(statement)
    connection.close()
