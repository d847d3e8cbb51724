"""From frames to the form in which values stand in the database: whole columns at once. The way back is in `frames`.

The stored form is text for times (UTC, milliseconds), dates and JSON, 0 and 1 for booleans, a GeoPackage blob for a geometry.
What does not fit the description is refused here, in words, before the database is asked to write.
"""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from .. import crs as crs_module
from ..errors import AccessError, InputError
from ..model.describe import Column, Layer
from ..text import Text
from . import geometry
from .tables import GEOM
from .types import json_text, utc_text
from .visible import OPEN_CLASS

Stored = dict[str, list[Any]]
BOOKKEEPING = ("info_class", "owner_unit")
_LARGEST = 2 ** 63


def content_names(layer: Layer) -> list[str]:
    """The database columns that make up what a record says; the rest is bookkeeping."""
    return [*([GEOM] if layer.geometry else []), *(column.name for column in layer.columns), *BOOKKEEPING]


def to_stored(layer: Layer, frame: pd.DataFrame, *, crs: str, srs_id: int, partial: bool = False) -> Stored:
    """Columns of `frame` in stored form, checked against the description; InputError names column, row and value.

    A column the frame lacks is missing in every row, unless `partial`: then it is left out. Geometry must be in `crs`. Columns that
    the layer does not have are refused, except the bookkeeping of the store itself.
    """
    _refuse_unknown(layer, frame)
    stored: Stored = {}
    if layer.geometry and (not partial or isinstance(frame, gpd.GeoDataFrame)):
        stored[GEOM] = _geometry(layer, frame, crs, srs_id)
    for column in layer.columns:
        if column.name in frame.columns:
            stored[column.name] = _column(layer, column, frame[column.name])
        elif not partial:
            stored[column.name] = _column(layer, column, pd.Series([None] * len(frame), index=frame.index, dtype=object))
    for name in BOOKKEEPING:
        if name in frame.columns:
            stored[name] = [None if _missing(value) else value for value in frame[name].tolist()]
    check_class(layer, stored)
    _check_rows(layer, stored)
    return stored


def hashes(stored: Mapping[str, Sequence[Any]]) -> list[str]:
    """sha256 of the content of each row, equal for equal content whichever program or database holds it.

    Hashed is `name:length:value;` for every value that is there, by name; geometry as WKB in hexadecimal. A column added later
    changes no hash as long as it is empty.
    """
    parts = [_spelled(name, list(stored[name])) for name in sorted(stored)]
    return [hashlib.sha256("".join(row).encode()).hexdigest() for row in zip(*parts, strict=True)]


def _spelled(name: str, values: list[Any]) -> list[str]:
    if values and name != GEOM and values.count(values[0]) == len(values):
        values, repeated = values[:1], len(values)
    else:
        repeated = 1
    if name == GEOM:
        texts: Iterable[str | None] = (None if blob is None else geometry.wkb_of(blob).hex() for blob in values)
    else:
        texts = (None if value is None else value if isinstance(value, str) else repr(value) for value in values)
    return ["" if text is None else f"{name}:{len(text)}:{text};" for text in texts] * repeated


# --- one kind at a time -------------------------------------------------------------------------------------------------------

def _column(layer: Layer, column: Column, series: pd.Series) -> list[Any]:
    if column.kind == "time" and isinstance(series.dtype, pd.DatetimeTZDtype):
        values = _fast_times(layer, column, series)
    else:
        values = series.tolist()
        convert = _CONVERT[column.kind]
        try:
            if convert is not _text or not _all_text(values):
                values = [None if _missing(value) else convert(value) for value in values]
        except _UnfitError:
            raise _unfit(layer, column, series, convert) from None
    if column.required and None in values:
        raise _refused(layer, column, values.index(None), series, Text(sv="värdet saknas", en="the value is missing"))
    if column.codes:
        unknown = set(values) - {code.value for code in column.codes} - {None}
        if unknown:
            position = next(i for i, value in enumerate(values) if value in unknown)
            raise _refused(layer, column, position, series, Text(sv="koden finns inte i listan", en="the code is not in the list"))
    if column.least is not None or column.most is not None:
        _check_range(layer, column, values, series)
    return values


class _UnfitError(Exception):
    """A value is not of its column's kind; `_unfit` finds which and says so."""


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def _all_text(values: list[Any]) -> bool:
    """Whether a column is fit as it is: checked in one go, since most columns of a large file are text."""
    try:
        joined = "".join([value for value in values if value is not None])
        return "\x00" not in joined and joined.encode() is not None
    except (TypeError, UnicodeEncodeError):
        return False


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise _UnfitError
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _UnfitError from None
    return str(value)


def _integer(value: Any) -> int:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating) or value % 1 != 0:
        raise _UnfitError
    if not -_LARGEST <= int(value) < _LARGEST:
        raise _UnfitError
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating) or abs(value) == float("inf"):
        raise _UnfitError
    return float(value) + 0.0  # SQLite keeps no negative zero


def _boolean(value: Any) -> int:
    if not isinstance(value, bool | np.bool_):
        raise _UnfitError
    return int(value)


def _time(value: Any) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise _UnfitError
    try:
        return utc_text(value)
    except OverflowError:
        raise _UnfitError from None


def _date(value: Any) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is not None or (value.hour, value.minute, value.second, value.microsecond) != (0, 0, 0, 0):
            raise _UnfitError
        return value.date().isoformat()
    if not isinstance(value, date):
        raise _UnfitError
    return value.isoformat()


def _json(value: Any) -> str:
    if not isinstance(value, dict | list | tuple):
        raise _UnfitError
    try:
        text = json_text(value)
        text.encode()
        return text
    except (TypeError, ValueError):
        raise _UnfitError from None


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "text": _text, "long_text": _text, "code": _text, "integer": _integer, "number": _number, "boolean": _boolean, "time": _time,
    "date": _date, "json": _json}

_WANTED = {
    "text": Text(sv="text", en="text"), "long_text": Text(sv="text", en="text"), "code": Text(sv="en kod som text", en="a code as text"),
    "integer": Text(sv="ett heltal", en="a whole number"), "number": Text(sv="ett tal", en="a number"),
    "boolean": Text(sv="ja eller nej", en="true or false"), "time": Text(sv="en tid med tidszon", en="a time with its zone"),
    "date": Text(sv="ett datum", en="a date"), "json": Text(sv="ett JSON-objekt", en="a JSON object")}


def _fast_times(layer: Layer, column: Column, series: pd.Series) -> list[str | None]:
    utc = series.dt.tz_convert("UTC").dt.tz_localize(None)
    texts = np.datetime_as_string(utc.to_numpy().astype("datetime64[ms]"), unit="ms").tolist()
    for position, text in enumerate(texts):
        if len(text) not in (3, 23):  # "NaT", or 23 characters for the years 1 to 9999
            raise _refused(layer, column, position, series, Text(sv="året ligger utanför 1–9999", en="the year lies outside 1–9999"))
    return [None if text == "NaT" else text + "Z" for text in texts]


def _check_range(layer: Layer, column: Column, values: list[Any], series: pd.Series) -> None:
    for position, value in enumerate(values):
        if value is None:
            continue
        if (column.least is not None and value < column.least) or (column.most is not None and value > column.most):
            low = "–∞" if column.least is None else f"{column.least:g}"
            high = "∞" if column.most is None else f"{column.most:g}"
            raise _refused(layer, column, position, series, Text(sv="värdet måste ligga mellan {low} och {high}",
                                                                 en="the value must lie between {low} and {high}").format(low=low, high=high))


# --- geometry -----------------------------------------------------------------------------------------------------------------

_ALLOWED = {
    "Point": {shapely.GeometryType.POINT}, "LineString": {shapely.GeometryType.LINESTRING}, "Polygon": {shapely.GeometryType.POLYGON},
    "MultiPolygon": {shapely.GeometryType.MULTIPOLYGON}}


def _geometry(layer: Layer, frame: pd.DataFrame, crs: str, srs_id: int) -> list[bytes | None]:
    if not isinstance(frame, gpd.GeoDataFrame):
        if "geometry" in frame.columns and frame["geometry"].notna().any():
            raise InputError(Text(sv="{layer} måste komma som en GeoDataFrame med koordinatsystem.",
                                  en="{layer} must come as a GeoDataFrame with a coordinate system.").format(layer=layer.title))
        return [None] * len(frame)
    shapes = np.asarray(frame.geometry.array, dtype=object)
    if not len(shapes) or shapely.is_missing(shapes).all():
        return [None] * len(frame)
    if frame.crs is None or frame.crs != crs_module.require_metric(crs):
        met = crs_module.title(frame.crs) if frame.crs is not None else Text(sv="inget koordinatsystem", en="no coordinate system")
        raise InputError(Text(sv="{layer} måste ligga i lagrets koordinatsystem {crs}, men har {met}. Använd crs.to_store(frame, crs).",
                              en="{layer} must be in the store's coordinate system {crs}, these are in {met}. Use crs.to_store(frame, crs)."
                              ).format(layer=layer.title, crs=crs_module.title(crs), met=met))
    shapes = _fitted(layer, shapes, frame)
    _check_reach(layer, shapes, frame, crs)
    return geometry.encode(shapes, srs_id)


def _fitted(layer: Layer, shapes: np.ndarray, frame: pd.DataFrame) -> np.ndarray:
    """Single polygons become multipolygons where the layer holds those; any other kind than the layer's is refused."""
    kinds = shapely.get_type_id(shapes)
    if layer.geometry == "MultiPolygon":
        single = kinds == shapely.GeometryType.POLYGON
        if single.any():
            shapes = shapes.copy()
            shapes[single] = [shapely.MultiPolygon([polygon]) if not polygon.is_empty else None for polygon in shapes[single]]
            kinds = shapely.get_type_id(shapes)
    allowed = _ALLOWED.get(str(layer.geometry))
    if allowed is not None:
        wrong = np.flatnonzero(~np.isin(kinds, [-1, *allowed]) & ~shapely.is_empty(shapes))
        if len(wrong):
            raise _refused_place(layer, frame, int(wrong[0]), Text(
                sv="formen är {met}, lagret har {wanted}", en="the shape is a {met}, the layer holds {wanted}").format(
                    met=shapes[wrong[0]].geom_type, wanted=str(layer.geometry)))
    return shapes


def _check_reach(layer: Layer, shapes: np.ndarray, frame: pd.DataFrame, crs: str) -> None:
    box = shapely.bounds(shapes)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    far = there & (crs_module.far_outside(box[:, 0], box[:, 1], crs) | crs_module.far_outside(box[:, 2], box[:, 3], crs))
    if far.any():
        raise _refused_place(layer, frame, int(np.flatnonzero(far)[0]),
                             Text(sv="platsen ligger mer än 500 km utanför det område som {crs} är till för",
                                  en="the place lies more than 500 km outside the area that {crs} is meant for").format(crs=crs_module.title(crs)))


# --- checks that concern more than one column ---------------------------------------------------------------------------------

def _refuse_unknown(layer: Layer, frame: pd.DataFrame) -> None:
    known = {column.name for column in layer.columns} | set(BOOKKEEPING) | ({"geometry"} if layer.geometry else set())
    if isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name:
        known.add(frame.active_geometry_name)
    unknown = [str(name) for name in frame.columns if name not in known]
    if unknown:
        raise InputError(Text(sv="{layer} har ingen kolumn {unknown}. Kolumnerna är {known}.",
                              en="{layer} has no column {unknown}. Its columns are {known}.").format(
                                  layer=layer.title, unknown=", ".join(unknown), known=", ".join(c.name for c in layer.columns)))


def check_class(layer: Layer, stored: Stored) -> None:
    """AccessError for a class that needs accounts to protect it (safeguard 11), InputError for one there is not."""
    for position, value in enumerate(stored.get("info_class", [])):
        if not isinstance(value, int | np.integer) or isinstance(value, bool) or not layer.least_class <= value <= 3:
            raise InputError(Text(sv="{layer}, rad {row}: informationsklassen måste vara ett tal från {least} till 3.",
                                  en="{layer}, row {row}: the information class must be a number from {least} to 3.").format(
                                      layer=layer.title, row=str(position + 1), least=str(layer.least_class)))
    if any(value > OPEN_CLASS for value in stored.get("info_class", [])):
        raise AccessError(Text(
            sv="Uppgifter i klass 2 och 3 (sekretess) tas inte emot, eftersom det ännu inte finns några konton som skyddar dem. Inget sparades.",
            en="Records of class 2 and 3 (secret) are not accepted, since there are no accounts yet that protect them. Nothing was saved."))


def _check_rows(layer: Layer, stored: Stored) -> None:
    """The checks between columns that the database holds too; here they are said in words."""
    if layer.has("geom_precision") and GEOM in stored and "geom_precision" in stored:
        for position, (blob, precision) in enumerate(zip(stored[GEOM], stored["geom_precision"], strict=True)):
            if precision == "none" and blob is not None:
                raise InputError(Text(sv="{layer}, rad {row}: platsen är angiven fast den sägs saknas (geom_precision none).",
                                      en="{layer}, row {row}: there is a place though it is said to be missing (geom_precision none)."
                                      ).format(layer=layer.title, row=str(position + 1)))
    if {"occurred_from", "occurred_to"} <= stored.keys():
        for position, (start, end) in enumerate(zip(stored["occurred_from"], stored["occurred_to"], strict=True)):
            if end is not None and start is not None and end < start:
                raise InputError(Text(sv="{layer}, rad {row}: händelsen slutar innan den börjar.",
                                      en="{layer}, row {row}: the incident ends before it begins.").format(
                                          layer=layer.title, row=str(position + 1)))


# --- refusals in words --------------------------------------------------------------------------------------------------------

def _refused(layer: Layer, column: Column, position: int, series: pd.Series, why: Text) -> InputError:
    return InputError(Text(sv="{layer}, rad {row}, kolumn {title} ({name}): {why}. Mött värde: {met}.",
                           en="{layer}, row {row}, column {title} ({name}): {why}. Met: {met}.").format(
                               layer=layer.title, row=str(position + 1), title=column.title, name=column.name, why=why,
                               met=_shortened(series.iloc[position])))


def _unfit(layer: Layer, column: Column, series: pd.Series, convert: Callable[[Any], Any]) -> InputError:
    def fits(value: Any) -> bool:
        try:
            return _missing(value) or convert(value) is not None
        except _UnfitError:
            return False

    position = next(i for i, value in enumerate(series.tolist()) if not fits(value))
    return _refused(layer, column, position, series, Text(sv="värdet måste vara {wanted}", en="the value must be {wanted}").format(
        wanted=_WANTED[column.kind]))


def _refused_place(layer: Layer, frame: pd.DataFrame, position: int, why: Text) -> InputError:
    return InputError(Text(sv="{layer}, rad {row}: {why}.", en="{layer}, row {row}: {why}.").format(
        layer=layer.title, row=str(position + 1), why=why))


def _shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
