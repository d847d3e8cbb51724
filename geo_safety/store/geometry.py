"""Geometry in the database: GeoPackage blobs in the embedded store, PostGIS geometry on a server, shapely in between.

A GeoPackage blob is a header (`GP`, version, flags, id of the CRS, for anything but a point its bounds) and then plain WKB.
Whole columns are packed and unpacked at once; points never pass through shapely one by one.
"""
from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import UserDefinedType

_HEADER = struct.Struct("<2sBBi")
_POINT = struct.Struct("<BI2d")
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_EMPTY_FLAG = 0x10
_LITTLE = 0x01
_XY_ENVELOPE = 0x02
_POINT_BLOB = np.dtype([("magic", "S2"), ("version", "u1"), ("flags", "u1"), ("srs_id", "<i4"), ("order", "u1"), ("type", "<u4"),
                        ("x", "<f8"), ("y", "<f8")])
POINT_BYTES = _POINT_BLOB.itemsize  # 29


def encode(geometries: np.ndarray, srs_id: int) -> list[bytes | None]:
    """GeoPackage blobs of shapely geometries (two-dimensional); None stays None, an empty geometry becomes None."""
    geometries = np.asarray(geometries, dtype=object)
    usable = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    blobs: list[bytes | None] = [None] * len(geometries)
    where = np.flatnonzero(usable)
    if not len(where):
        return blobs
    chosen = shapely.force_2d(geometries[where])
    if (shapely.get_type_id(chosen) == shapely.GeometryType.POINT).all():
        packed = _pack_points(chosen, srs_id)
    else:
        wkbs = shapely.to_wkb(chosen, byte_order=1)
        packed = [_pack(wkb, box, srs_id) for wkb, box in zip(wkbs, shapely.bounds(chosen), strict=True)]
    for position, blob in zip(where, packed, strict=True):
        blobs[position] = blob
    return blobs


def _pack_points(points: np.ndarray, srs_id: int) -> list[bytes]:
    table = np.zeros(len(points), dtype=_POINT_BLOB)
    table["magic"], table["flags"], table["srs_id"], table["order"], table["type"] = b"GP", _LITTLE, srs_id, 1, 1
    table["x"], table["y"] = shapely.get_x(points), shapely.get_y(points)
    joined = table.tobytes()
    return [joined[i:i + POINT_BYTES] for i in range(0, len(joined), POINT_BYTES)]


def _pack(wkb: bytes, box: np.ndarray, srs_id: int) -> bytes:
    if len(wkb) == _POINT.size:
        return _HEADER.pack(b"GP", 0, _LITTLE, srs_id) + wkb
    west, south, east, north = box
    return _HEADER.pack(b"GP", 0, _LITTLE | _XY_ENVELOPE, srs_id) + struct.pack("<4d", west, east, south, north) + wkb


def from_wkb(wkb: bytes, srs_id: int) -> bytes:
    """The GeoPackage blob around plain WKB."""
    return _pack(wkb, shapely.bounds(shapely.from_wkb(wkb)), srs_id)


def wkb_of(blob: bytes) -> bytes:
    """The WKB inside a GeoPackage blob, whoever wrote it; plain WKB comes back as it is."""
    return blob[8 + _ENVELOPE_BYTES[(blob[3] >> 1) & 7]:] if blob[:2] == b"GP" else blob


def decode(blobs: Sequence[bytes | None]) -> np.ndarray:
    """Shapely geometries of database values; None where there is none or it is empty.

    Points that we or GDAL wrote are 29 equal bytes wide, so all of them are read as one array.
    """
    made = np.full(len(blobs), None, dtype=object)
    where = [i for i, blob in enumerate(blobs) if blob is not None]
    present = [blobs[i] for i in where]
    points = _unpack_points(present)
    if points is None:
        points = shapely.from_wkb([wkb_of(bytes(blob)) for blob in present if blob is not None])
    made[where] = points
    if len(where):
        made[shapely.is_empty(made)] = None
    return made


def boxes(blobs: Sequence[bytes | None]) -> np.ndarray:
    """minx, maxx, miny, maxy of each blob as a row; not a number where there is no place."""
    made = np.full((len(blobs), 4), np.nan)
    where = [i for i, blob in enumerate(blobs) if blob is not None]
    points = _point_table([blobs[i] for i in where])
    if points is not None:
        made[where] = np.column_stack([points["x"], points["x"], points["y"], points["y"]])
        return made
    for i in where:
        blob = blobs[i]
        box = None if blob is None else bounds(blob)
        if box is not None:
            made[i] = box
    return made


def _unpack_points(blobs: Sequence[bytes | None]) -> np.ndarray | None:
    table = _point_table(blobs)
    return None if table is None else shapely.points(table["x"], table["y"])


def _point_table(blobs: Sequence[bytes | None]) -> np.ndarray | None:
    """The blobs as one array when all are points as we and GDAL write them; otherwise None."""
    joined = b"".join(blob for blob in blobs if blob is not None)
    if not blobs or len(joined) != POINT_BYTES * len(blobs) or {len(blob) for blob in blobs if blob is not None} != {POINT_BYTES}:
        return None
    table = np.frombuffer(joined, dtype=_POINT_BLOB)
    if not ((table["flags"] == _LITTLE) & (table["order"] == 1) & (table["type"] == 1) & (table["magic"] == b"GP")).all():
        return None
    return table


def bounds(blob: bytes) -> tuple[float, float, float, float] | None:
    """minx, maxx, miny, maxy of one GeoPackage blob (the order of the R-tree), None when it is empty."""
    flags = blob[3]
    if flags & _EMPTY_FLAG:
        return None
    if (flags >> 1) & 7:
        return struct.unpack_from(("<" if flags & _LITTLE else ">") + "4d", blob, 8)
    if len(blob) == POINT_BYTES and blob[8] == 1:
        _, _, x, y = _POINT.unpack_from(blob, 8)
        return x, x, y, y
    west, south, east, north = shapely.from_wkb(wkb_of(blob)).bounds
    return west, east, south, north


def register_functions(connection: Any) -> None:
    """Give a SQLite connection the functions that the R-tree triggers of GeoPackage call; no loadable extension is needed."""
    def is_empty(blob: bytes | None) -> int | None:
        return None if blob is None else int(bool(blob[3] & _EMPTY_FLAG))

    def side(index: int):
        def read(blob: bytes | None) -> float | None:
            found = None if blob is None else bounds(blob)
            return None if found is None else found[index]
        return read

    connection.create_function("ST_IsEmpty", 1, is_empty, deterministic=True)
    for index, name in enumerate(("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY")):
        connection.create_function(name, 1, side(index), deterministic=True)


class Geom(UserDefinedType):
    """A geometry column. In Python a shapely geometry, or the database's own bytes where whole columns are handled at once."""

    cache_ok = True

    def __init__(self, geometry_type: str = "GEOMETRY", srs_id: int = -1):
        self.geometry_type = geometry_type.upper()
        self.srs_id = srs_id

    def get_col_spec(self, **_: Any) -> str:
        return self.geometry_type

    def column_expression(self, colexpr: Any) -> Any:
        return _AsStored(colexpr, type_=self)

    def bind_expression(self, bindvalue: Any) -> Any:
        return _FromStored(bindvalue, self.srs_id, type_=self)

    def bind_processor(self, dialect: sa.Dialect):
        def bind(value: Any) -> bytes | None:
            if value is None or isinstance(value, bytes):
                return value
            return encode(np.array([value], dtype=object), self.srs_id)[0] if dialect.name == "sqlite" else shapely.to_wkb(value)
        return bind


@compiles(Geom, "postgresql")
def _postgis_type(type_: Geom, compiler: Any, **_: Any) -> str:
    return f"geometry({type_.geometry_type},{type_.srs_id})"


class _AsStored(GenericFunction):
    inherit_cache = True
    name = "as_stored"


class _FromStored(GenericFunction):
    inherit_cache = True
    name = "from_stored"


@compiles(_AsStored)
@compiles(_FromStored)
def _plain(element: Any, compiler: Any, **kw: Any) -> str:
    return compiler.process(next(iter(element.clauses)), **kw)


@compiles(_AsStored, "postgresql")
def _as_binary(element: Any, compiler: Any, **kw: Any) -> str:
    return f"ST_AsBinary({compiler.process(next(iter(element.clauses)), **kw)})"


@compiles(_FromStored, "postgresql")
def _from_binary(element: Any, compiler: Any, **kw: Any) -> str:
    value, srs_id = element.clauses
    return f"ST_GeomFromWKB({compiler.process(value, **kw)}, {compiler.process(srs_id, **kw)})"
