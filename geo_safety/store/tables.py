"""The tables: one per stored layer, the change log and the small facts about the store.

Columns come from the layer descriptions. What a `Column` cannot say (relations, uniques over several columns, checks between
columns, further indexes) is written here.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from ..layers import STORED
from ..model.describe import PRECISIONS, Column, Layer
from .geometry import Geom
from .types import Day, Json, UtcTime, Whole

GEOM = "geom"  # the geometry column in the database; in frames it is called "geometry"
# Bookkeeping that every record carries beside the columns of its layer.
COMMON = ("id", "uid", "row_version", "info_class", "owner_unit", "batch_uid", "row_hash", "source_hash", "created_at", "updated_at",
          "withdrawn_at")
# Part of what a reader of any layer gets.
READ_COMMON = ("id", "uid", "row_version", "info_class", "owner_unit", "batch_uid")

_TYPES: dict[str, Callable[[], Any]] = {"text": sa.Text, "long_text": sa.Text, "code": sa.Text, "json": Json, "integer": lambda: Whole, "number": sa.Double,
          "boolean": sa.Boolean, "time": UtcTime, "date": Day}

_RELATIONS = {("import_rejects", "batch_uid"): "import_batches.uid", ("hotspot_cells", "run_uid"): "hotspot_runs.uid"}
_CHECKS = {"incidents": {"time_order": "occurred_to IS NULL OR occurred_to >= occurred_from"}}
# Every index lengthens the time for which an import holds the write lock; those on types and classes did not pay for it.
_INDEXES = {"areas": (("code",),)}


@dataclass(frozen=True)
class Tables:
    """The tables of a store whose CRS has the number `srs_id`."""

    metadata: sa.MetaData
    layers: dict[str, sa.Table]
    change_log: sa.Table
    store_info: sa.Table


@lru_cache(maxsize=8)
def tables(srs_id: int) -> Tables:
    metadata = sa.MetaData()
    change_log = _change_log(metadata)
    store_info = sa.Table("store_info", metadata, sa.Column("key", sa.Text(60), primary_key=True), sa.Column("value", Json, nullable=False))
    layers = {name: _layer_table(layer, metadata, srs_id) for name, layer in STORED.items()}
    return Tables(metadata, layers, change_log, store_info)


def geometry_type(layer: Layer) -> str:
    """The name that GeoPackage and PostGIS have for the layer's geometry; "" for a layer without."""
    return (layer.geometry or "").upper()


def _layer_table(layer: Layer, metadata: sa.MetaData, srs_id: int) -> sa.Table:
    parts: list[sa.schema.SchemaItem] = [sa.Column("id", Whole, primary_key=True)]
    if layer.geometry:
        parts.append(sa.Column(GEOM, Geom(geometry_type(layer), srs_id)))
    own = [_column(layer, column) for column in layer.columns]
    parts += own
    parts += [column for column in _common_columns(layer) if column.name not in {c.name for c in own}]
    parts += _checks(layer)
    table = sa.Table(layer.name, metadata, *parts)
    _index(layer, table)
    return table


def _common_columns(layer: Layer) -> list[sa.Column]:
    return [
        sa.Column("uid", sa.Text(36), nullable=False, unique=True),
        sa.Column("row_version", Whole, nullable=False, server_default="1"),
        sa.Column("info_class", sa.SmallInteger, nullable=False, server_default=str(max(1, layer.least_class))),
        sa.Column("owner_unit", sa.Text),
        sa.Column("batch_uid", sa.Text(36), index=True),
        sa.Column("row_hash", sa.Text(64)),       # of the content as it stands: another program's edit shows by it
        sa.Column("source_hash", sa.Text(64)),    # of the content as it was last brought in: a person's correction outlives the next import
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("updated_at", UtcTime, nullable=False),
        sa.Column("withdrawn_at", UtcTime),
    ]


def _column(layer: Layer, column: Column) -> sa.Column:
    related = _RELATIONS.get((layer.name, column.name))
    extra = [sa.ForeignKey(related)] if related else []
    return sa.Column(column.name, _TYPES[column.kind](), *extra, nullable=not column.required)


def _checks(layer: Layer) -> list[sa.CheckConstraint]:
    name = layer.name
    texts = {"info_class": f"info_class BETWEEN {layer.least_class} AND 3", "row_version": "row_version >= 1"}
    if layer.has("geom_precision"):
        known = ", ".join(f"'{value}'" for value in PRECISIONS)
        texts["geom_precision"] = f"geom_precision IN ({known})"
        texts["no_place"] = f"geom_precision <> 'none' OR {GEOM} IS NULL"
    for column in layer.columns:
        if column.kind in ("integer", "number") and column.least is not None:
            texts[f"{column.name}_least"] = f'"{column.name}" >= {column.least}'
        if column.kind in ("integer", "number") and column.most is not None:
            texts[f"{column.name}_most"] = f'"{column.name}" <= {column.most}'
    texts |= _CHECKS.get(name, {})
    return [sa.CheckConstraint(text, name=f"ck_{name}_{what}") for what, text in texts.items()]


def key_columns(layer: Layer, table: sa.Table) -> list[sa.ColumnElement]:
    """The layer's key as the unique index has it: a missing value in a key equals a missing value."""
    return [sa.func.coalesce(table.c[name], "") if table.c[name].nullable else table.c[name] for name in layer.key]


def _index(layer: Layer, table: sa.Table) -> None:
    if layer.key and layer.key != ("uid",):
        sa.Index(f"uq_{layer.name}_key", *key_columns(layer, table), unique=True)
    if layer.time:
        sa.Index(f"ix_{layer.name}_{layer.time}", table.c[layer.time])
    for names in _INDEXES.get(layer.name, ()):
        sa.Index(f"ix_{layer.name}_{'_'.join(names)}", *(table.c[name] for name in names))


def _change_log(metadata: sa.MetaData) -> sa.Table:
    """Who changed what, when and why. Rows are only ever added (triggers in `geopackage`); ids never come again."""
    return sa.Table(
        "change_log", metadata,
        sa.Column("id", Whole, primary_key=True, autoincrement=True),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("record_kind", sa.Text(60), nullable=False),
        sa.Column("record_uid", sa.Text(60), nullable=False),
        sa.Column("row_version", Whole),
        sa.Column("action", sa.Text(20), nullable=False),
        sa.Column("before", Json), sa.Column("after", Json),
        sa.Column("reason", sa.Text), sa.Column("batch_uid", sa.Text(36)),
        sa.Column("info_class", sa.SmallInteger, nullable=False, server_default="1"),
        sa.Column("owner_unit", sa.Text),
        sa.CheckConstraint("info_class BETWEEN 0 AND 3", name="ck_change_log_info_class"),
        sa.Index("ix_change_log_record", "record_kind", "record_uid", "row_version"),
        sa.Index("ix_change_log_at", "at"), sa.Index("ix_change_log_batch", "batch_uid"),
        sqlite_autoincrement=True)
