"""Alembic runs this inside the connection and transaction that `store.migrate` gives it."""
from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.operations import ops
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from geo_safety.store.geometry import Geom
from geo_safety.store.geopackage import HIDDEN_PREFIXES
from geo_safety.store.types import Day, Json, UtcTime

# Without this SQLAlchemy reads a POINT column back as INTEGER, and a table rebuilt by a migration would lose its geometry type.
for _name in ("POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRY"):
    SQLiteDialect.ischema_names.setdefault(_name, type(_name, (Geom,), {
        "cache_ok": True, "__init__": lambda self, *_, _known=_name: Geom.__init__(self, _known)}))

_HIDDEN = {"spatial_ref_sys", "layer_styles", "alembic_version"}


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    """GeoPackage's, SQLite's, PostGIS's and QGIS's own tables are not ours to migrate."""
    return kind != "table" or name is None or not (name.startswith(HIDDEN_PREFIXES) or name in _HIDDEN)


def add_expression_indexes(ctx: Any, revision: Any, directives: list[Any]) -> None:
    """Alembic leaves out indexes over expressions in SQLite, since it cannot read them back; new tables get theirs here."""
    upgrade = directives[0].upgrade_ops
    tables = context.config.attributes["metadata"].tables
    for made in [op for op in upgrade.ops if isinstance(op, ops.CreateTableOp)]:
        for index in tables[made.table_name].indexes:
            if any(not isinstance(part, sa.Column) for part in index.expressions):
                upgrade.ops.append(ops.CreateIndexOp.from_index(index))


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    if kind != "type":
        return False
    if isinstance(item, Geom):
        autogen.imports.add("from geo_safety.store.geometry import Geom")
        return f'Geom("{item.geometry_type}", op.get_context().opts["srs_id"])'
    if isinstance(item, sa.BigInteger):
        autogen.imports.add("from geo_safety.store.types import Whole")
        return "Whole"
    if isinstance(item, UtcTime | Day | Json):
        autogen.imports.add(f"from geo_safety.store.types import {type(item).__name__}")
        return f"{type(item).__name__}()"
    return False


def compare_type(ctx: Any, inspected: Any, described: Any, inspected_type: Any, described_type: Any) -> bool | None:
    return False if isinstance(described_type, Geom | UtcTime | Day | Json) else None


context.configure(
    connection=context.config.attributes["connection"], target_metadata=context.config.attributes["metadata"],
    include_name=include_name, compare_type=compare_type, render_item=render_item, render_as_batch=True,
    process_revision_directives=add_expression_indexes, srs_id=context.config.attributes["srs_id"])
context.run_migrations()
