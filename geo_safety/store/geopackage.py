# ruff: noqa: S608  (the names in these statements come from our own layer descriptions, never from outside)
"""What makes the SQLite file a GeoPackage (OGC 12-128r19, version 1.4), and what keeps its log append-only.

`ensure_gpkg` may run at any time: it adds what is missing and leaves the rest. It runs after each migration, because Alembic
rebuilds a table to alter it in SQLite and the table's triggers vanish with the old one.
"""
from __future__ import annotations

import pyproj
import sqlalchemy as sa

from ..layers import STORED
from .geometry import Geom
from .tables import GEOM, Tables, geometry_type
from .types import now_text

APPLICATION_ID = 0x47504B47  # "GPKG"
USER_VERSION = 10400
HIDDEN_PREFIXES = ("gpkg_", "rtree_", "sqlite_")
_RTREE_DEFINITION = "http://www.geopackage.org/spec120/#extension_rtree"

_CORE = (
    """CREATE TABLE IF NOT EXISTS gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
        organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT)""",
    """CREATE TABLE IF NOT EXISTS gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
        description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
        min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
        CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))""",
    """CREATE TABLE IF NOT EXISTS gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
        geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
        CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
        CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
        CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))""",
    """CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
        definition TEXT NOT NULL, scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))""",
)

_LOG_TRIGGERS = {
    "change_log_no_update": "BEFORE UPDATE ON change_log",
    "change_log_no_delete": "BEFORE DELETE ON change_log",
    # INSERT OR REPLACE would otherwise take a row away without calling the delete trigger.
    "change_log_no_replace": "BEFORE INSERT ON change_log WHEN EXISTS (SELECT 1 FROM change_log WHERE id = NEW.id)",
}


def ensure_gpkg(connection: sa.Connection, tables: Tables, srs_id: int) -> list[str]:
    """Make everything a GeoPackage needs, inside the caller's transaction; gives the names of the triggers that were missing.

    A table whose triggers were missing may have been written to meanwhile, so its R-tree is filled anew.
    """
    execute = connection.exec_driver_sql
    execute(f"PRAGMA application_id={APPLICATION_ID}")
    execute(f"PRAGMA user_version={USER_VERSION}")
    for statement in _CORE:
        execute(statement)
    for row in _reference_systems(srs_id):
        execute("INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, NULL)", row)
    present = {name for (name,) in execute("SELECT name FROM sqlite_master WHERE type IN ('trigger', 'table')")}
    made = []
    for name, when in _LOG_TRIGGERS.items():
        if name not in present:
            execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, 'change_log is append-only'); END")
            made.append(name)
    for name, table in tables.layers.items():
        _register(connection, name, table, srs_id)
        if GEOM in table.c:
            made += _ensure_index(connection, name, present)
    return made


def is_complete(connection: sa.Connection, tables: Tables) -> bool:
    """Whether nothing is missing that `ensure_gpkg` would make; reads only."""
    present = {name for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    needed = set(_LOG_TRIGGERS)
    for name, table in tables.layers.items():
        if GEOM in table.c:
            needed |= set(rtree_triggers(name))
    return needed <= present


def rtree(table: str) -> str:
    return f"rtree_{table}_{GEOM}"


def rtree_triggers(table: str) -> dict[str, str]:
    """The seven triggers that keep the R-tree of `table` in step.

    Those of specification 1.4: its update1 broke UPSERT and its update3 was wrong (opengeospatial/geopackage issues 639, 660);
    the printed text of update6 names the wrong table (672).
    """
    index = f'"{rtree(table)}"'
    some = f'(NEW."{GEOM}" NOT NULL AND NOT ST_IsEmpty(NEW."{GEOM}"))'
    none = f'(NEW."{GEOM}" ISNULL OR ST_IsEmpty(NEW."{GEOM}"))'
    had = f'(OLD."{GEOM}" NOT NULL AND NOT ST_IsEmpty(OLD."{GEOM}"))'
    had_not = f'(OLD."{GEOM}" ISNULL OR ST_IsEmpty(OLD."{GEOM}"))'
    box = f'NEW."id", ST_MinX(NEW."{GEOM}"), ST_MaxX(NEW."{GEOM}"), ST_MinY(NEW."{GEOM}"), ST_MaxY(NEW."{GEOM}")'
    same, moved = 'OLD."id" = NEW."id"', 'OLD."id" != NEW."id"'
    bodies = {
        "insert": f'AFTER INSERT ON "{table}" WHEN {some} BEGIN INSERT OR REPLACE INTO {index} VALUES ({box}); END',
        "update2": f'AFTER UPDATE OF "{GEOM}" ON "{table}" WHEN {same} AND {none} BEGIN DELETE FROM {index} WHERE id = OLD."id"; END',
        "update4": f'AFTER UPDATE ON "{table}" WHEN {moved} AND {none} BEGIN DELETE FROM {index} WHERE id IN (OLD."id", NEW."id"); END',
        "update5": f'AFTER UPDATE ON "{table}" WHEN {moved} AND {some} BEGIN DELETE FROM {index} WHERE id = OLD."id"; '
                   f'INSERT OR REPLACE INTO {index} VALUES ({box}); END',
        "update6": f'AFTER UPDATE OF "{GEOM}" ON "{table}" WHEN {same} AND {some} AND {had} BEGIN UPDATE {index} '
                   f'SET minx = ST_MinX(NEW."{GEOM}"), maxx = ST_MaxX(NEW."{GEOM}"), '
                   f'miny = ST_MinY(NEW."{GEOM}"), maxy = ST_MaxY(NEW."{GEOM}") WHERE id = NEW."id"; END',
        "update7": f'AFTER UPDATE OF "{GEOM}" ON "{table}" WHEN {same} AND {some} AND {had_not} '
                   f'BEGIN INSERT INTO {index} VALUES ({box}); END',
        "delete": f'AFTER DELETE ON "{table}" WHEN OLD."{GEOM}" NOT NULL BEGIN DELETE FROM {index} WHERE id = OLD."id"; END',
    }
    return {f"{rtree(table)}_{what}": f'CREATE TRIGGER "{rtree(table)}_{what}" {body}' for what, body in bodies.items()}


def refill_index(connection: sa.Connection, table: str) -> None:
    """Build the R-tree of `table` anew from its geometries."""
    connection.exec_driver_sql(f'DELETE FROM "{rtree(table)}"')
    connection.exec_driver_sql(
        f'INSERT INTO "{rtree(table)}" SELECT id, ST_MinX({GEOM}), ST_MaxX({GEOM}), ST_MinY({GEOM}), ST_MaxY({GEOM}) '
        f'FROM "{table}" WHERE {GEOM} NOT NULL AND NOT ST_IsEmpty({GEOM})')


def note_change(connection: sa.Connection, table: str, box: tuple[float, float, float, float] | None) -> None:
    """Say in the table of contents that `table` has changed, and widen its extent by `box` (west, south, east, north)."""
    west, south, east, north = box or (None,) * 4
    connection.exec_driver_sql(
        "UPDATE gpkg_contents SET last_change = ?, min_x = coalesce(min(min_x, ?), min_x, ?), min_y = coalesce(min(min_y, ?), min_y, ?), "
        "max_x = coalesce(max(max_x, ?), max_x, ?), max_y = coalesce(max(max_y, ?), max_y, ?) WHERE table_name = ?",
        (now_text(), west, west, south, south, east, east, north, north, table))


def _register(connection: sa.Connection, name: str, table: sa.Table, srs_id: int) -> None:
    layer = STORED[name]
    with_place = GEOM in table.c
    connection.exec_driver_sql(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (table_name) DO UPDATE SET identifier = excluded.identifier, description = excluded.description "
        "WHERE identifier IS NOT excluded.identifier OR description IS NOT excluded.description",
        (name, "features" if with_place else "attributes", layer.title.sv, layer.help.sv if layer.help else layer.title.en,
         srs_id if with_place else None))
    if with_place:
        column = table.c[GEOM].type
        assert isinstance(column, Geom)
        connection.exec_driver_sql("INSERT OR IGNORE INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)",
                                   (name, GEOM, geometry_type(layer), srs_id))
        connection.exec_driver_sql("INSERT OR IGNORE INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index', ?, 'write-only')",
                                   (name, GEOM, _RTREE_DEFINITION))


def _ensure_index(connection: sa.Connection, table: str, present: set[str]) -> list[str]:
    triggers = rtree_triggers(table)
    missing = [name for name in triggers if name not in present]
    if rtree(table) not in present:
        connection.exec_driver_sql(f'CREATE VIRTUAL TABLE "{rtree(table)}" USING rtree(id, minx, maxx, miny, maxy)')
    for name in missing:
        connection.exec_driver_sql(triggers[name])
    if missing:
        refill_index(connection, table)
    return missing


def _reference_systems(srs_id: int) -> list[tuple[str, int, str, int, str]]:
    def known(code: int) -> tuple[str, int, str, int, str]:
        crs = pyproj.CRS.from_epsg(code)
        return crs.name, code, "EPSG", code, crs.to_wkt("WKT1_GDAL")
    return [("Undefined cartesian SRS", -1, "NONE", -1, "undefined"), ("Undefined geographic SRS", 0, "NONE", 0, "undefined"),
            known(4326), known(srs_id)]
