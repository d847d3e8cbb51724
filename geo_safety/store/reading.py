"""From tables to frames. Nothing is read without a viewer, and what they may not see never leaves the database."""
from __future__ import annotations

import gc
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

from ..errors import InputError
from ..model.describe import Column, Layer
from ..model.selection import Period, Selection
from ..model.viewer import Viewer
from ..text import Text, same
from . import geometry as geometry_module
from .file import StoreFile
from .frames import from_stored
from .geopackage import rtree
from .tables import GEOM, READ_COMMON
from .types import utc_text
from .visible import visible

Where = Mapping[str, Any]
Box = Sequence[float]
_MANY = 500  # a longer list of values is handed over as one JSON text: SQLite takes 32 766 parameters at most

_COMMON_KINDS = {"id": "integer", "uid": "text", "row_version": "integer", "info_class": "integer", "owner_unit": "text",
                 "batch_uid": "text", "created_at": "time", "updated_at": "time", "withdrawn_at": "time"}


def read(file: StoreFile, layer_name: str, viewer: Viewer, *, selection: Selection | None = None, where: Where | None = None,
         bbox: Box | None = None, columns: Sequence[str] | None = None, geometry: bool = True, limit: int | None = None,
         order_by: str | Sequence[str] | None = None) -> gpd.GeoDataFrame | pd.DataFrame:
    """See `Store.read`."""
    layer, table = file.layer(layer_name)
    names = _names(layer, columns)
    with_place = bool(layer.geometry) and geometry
    chosen = [sa.type_coerce(table.c[name], sa.types.NULLTYPE).label(name) for name in names]
    statement = sa.select(*chosen, *([table.c[GEOM]] if with_place else []))
    statement = statement.where(*conditions(file, layer, table, viewer, selection=selection, where=where, bbox=bbox))
    statement = statement.order_by(*_order(layer, table, order_by)).limit(limit)
    with file.read.begin() as connection:
        n, values = _columns_of(connection.execute(statement))
    if not n:
        values = [()] * (len(names) + with_place)
    index = pd.RangeIndex(n)
    data = {name: _series(from_stored(_described(layer, name), column, file.zone), index) for name, column in zip(names, values, strict=False)}
    frame = pd.DataFrame(data, index=index, copy=False)
    if not with_place:
        return frame
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(geometry_module.decode(values[-1]), crs=file.crs, index=frame.index))


def _columns_of(result: sa.CursorResult) -> tuple[int, list[Sequence[Any]]]:
    """Number of rows and their values by column, as the driver gives them.

    150 000 rows are as many tuples; the garbage collector, which would look through them again and again, waits.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        fetched = result.cursor.fetchall()
        result.close()
        return len(fetched), list(zip(*fetched, strict=True))
    finally:
        if collecting:
            gc.enable()


def count(file: StoreFile, layer_name: str, viewer: Viewer, *, selection: Selection | None = None, where: Where | None = None) -> int:
    layer, table = file.layer(layer_name)
    statement = sa.select(sa.func.count()).select_from(table).where(*conditions(file, layer, table, viewer, selection=selection, where=where))
    with file.read.begin() as connection:
        return connection.execute(statement).scalar_one()


def one(file: StoreFile, layer_name: str, uid: str, viewer: Viewer) -> dict[str, Any] | None:
    """One record as plain values, missing ones as None, its place under `geometry`; None when there is none to see."""
    layer, _ = file.layer(layer_name)
    names = [*_names(layer, None), "created_at", "updated_at"]
    frame = read(file, layer_name, viewer, where={"uid": uid}, columns=names)
    if not len(frame):
        return None
    return {str(name): _plain(frame[name].iloc[0]) for name in frame.columns}


def conditions(file: StoreFile, layer: Layer, table: sa.Table, viewer: Viewer, *, selection: Selection | None = None,
               where: Where | None = None, bbox: Box | None = None) -> list[sa.ColumnElement[bool]]:
    """What a row must fulfil to be read: not withdrawn, visible to the viewer, within what was asked for."""
    found = [table.c.withdrawn_at.is_(None), visible(table.c, viewer)]
    if selection is not None:
        found += _selected(layer, table, selection, file.zone)
    for name, value in (where or {}).items():
        if name not in table.c or name == GEOM:
            raise _no_column(layer, name)
        found.append(_equals(table.c[name], value))
    if bbox is not None:
        found.append(_in_box(layer, table, bbox))
    return found


def _selected(layer: Layer, table: sa.Table, selection: Selection, zone: str) -> list[sa.ColumnElement[bool]]:
    found = []
    if selection.period is not None and layer.time:
        start, end = bounds_of(layer.column(layer.time), selection.period, zone)
        found += [table.c[layer.time] >= start, table.c[layer.time] < end]
    if layer.has("offence_type"):
        types = selection.types
        if types is None:  # safeguard 3: place methods and maps start from types that speak of the place
            types = tuple(code.value for code in layer.column("offence_type").codes if code.speaks_of_place)
        found.append(table.c["offence_type"].in_(types))
    return found


def bounds_of(column: Column, period: Period, zone: str) -> tuple[str, str]:
    """First and last (excluded) value of a half-open period of days as the column stores them; days begin at midnight in `zone`."""
    if column.kind == "date":
        return period.start.isoformat(), period.end.isoformat()

    def midnight(day: date) -> str:
        return utc_text(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)))
    return midnight(period.start), midnight(period.end)


def _equals(column: sa.Column, value: Any) -> sa.ColumnElement[bool]:
    if not isinstance(value, tuple | list | set | frozenset):
        return column.is_(None) if value is None else column == value
    present = [item for item in value if item is not None]
    if len(present) > _MANY:
        values = sa.func.json_each(sa.literal(json.dumps(present), sa.Text)).table_valued("value")
        within: sa.ColumnElement[bool] = column.in_(sa.select(values.c.value))
    else:
        within = column.in_(present)
    return within if len(present) == len(value) else sa.or_(within, column.is_(None))


def _in_box(layer: Layer, table: sa.Table, bbox: Box) -> sa.ColumnElement[bool]:
    """Bounds that touch the box. The R-tree holds 32-bit numbers rounded outwards, so rows at its edge are looked at exactly."""
    if not layer.geometry:
        raise InputError(Text(sv="{layer} har inga platser att välja efter.", en="{layer} has no places to choose by.").format(layer=layer.title))
    west, south, east, north = (float(side) for side in bbox)
    tree = sa.table(rtree(layer.name), *(sa.column(name) for name in ("id", "minx", "maxx", "miny", "maxy")))
    touched = sa.and_(tree.c.maxx >= west, tree.c.minx <= east, tree.c.maxy >= south, tree.c.miny <= north)
    inside = sa.and_(tree.c.minx >= west, tree.c.maxx <= east, tree.c.miny >= south, tree.c.maxy <= north)
    blob = sa.type_coerce(table.c[GEOM], sa.types.NULLTYPE)
    exact = sa.and_(sa.func.ST_MaxX(blob) >= west, sa.func.ST_MinX(blob) <= east, sa.func.ST_MaxY(blob) >= south,
                    sa.func.ST_MinY(blob) <= north)
    return sa.and_(tree.c.id == table.c.id, touched, sa.or_(inside, exact))


def _order(layer: Layer, table: sa.Table, order_by: str | Sequence[str] | None) -> list[sa.ColumnElement]:
    names = (order_by,) if isinstance(order_by, str) else tuple(order_by or ())
    made = []
    for name in names:
        plain = name.removeprefix("-")
        if plain not in table.c or plain == GEOM:
            raise _no_column(layer, plain)
        made.append(table.c[plain].desc() if name.startswith("-") else table.c[plain].asc())
    return [*made, table.c.id.asc()]


def _series(values: Any, index: pd.Index) -> pd.Series:
    """Text stays Python text with None for what is missing; left alone, pandas would make it a type of its own with NaN."""
    return pd.Series(values, index=index, dtype=getattr(values, "dtype", None), copy=False)


def _names(layer: Layer, columns: Sequence[str] | None) -> list[str]:
    own = [column.name for column in layer.columns]
    if columns is None:
        return [*own, *(name for name in READ_COMMON if name not in own)]
    for name in columns:
        if name not in own and name not in _COMMON_KINDS and not (name == "geometry" and layer.geometry):
            raise _no_column(layer, name)
    return [name for name in dict.fromkeys(columns) if name != "geometry"]


def _described(layer: Layer, name: str) -> Column:
    if layer.has(name):
        return layer.column(name)
    return Column(name, same(name), _COMMON_KINDS[name])  # type: ignore[arg-type]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    return value.item() if hasattr(value, "item") and not isinstance(value, pd.Timestamp) else value


def _no_column(layer: Layer, name: str) -> InputError:
    return InputError(Text(sv="{layer} har ingen kolumn {name}. Kolumnerna är {known}.",
                           en="{layer} has no column {name}. Its columns are {known}.").format(
                               layer=layer.title, name=name, known=", ".join(column.name for column in layer.columns)))
