"""GeoJSON as RFC 7946 wants it: longitude and latitude, rings to the right, the method sheet as a foreign member."""
from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import shapely

from ..crs import to_wgs84
from ..errors import InputError
from ..model.describe import Exporter
from ..model.features import Shown
from ..text import Text
from .fields import fields, table
from .method_sheet import MethodSheet

DIGITS = 7      # of a degree: about a centimetre
_ONE = Text(sv="En GeoJSON-fil rymmer ett lager; det här är {n}.", en="A GeoJSON file holds one layer; these are {n}.")


def write(shown: tuple[Shown, ...], sheet: MethodSheet, stream: BinaryIO, language: str) -> None:
    """One FeatureCollection; rows without a place have the geometry null, as the standard allows."""
    if len(shown) != 1:
        raise InputError(_ONE.format(n=len(shown)))
    one = shown[0]
    head = {"type": "FeatureCollection", "name": one.layer.name, "title": one.layer.title[language], "made_up": one.provenance.made_up,
            "method_sheet": sheet.as_json(), "fields": [field.as_json() for field in fields(one)]}
    stream.write(_text(head)[:-1].encode("utf-8") + b',"features":[')
    for i, (geometry, row) in enumerate(zip(_geometries(one), _rows(one, language), strict=True)):
        stream.write(f"{',' if i else ''}\n{{\"type\":\"Feature\",\"geometry\":{geometry},\"properties\":{_text(row)}}}".encode())
    stream.write(b"\n]}\n")


def _geometries(shown: Shown) -> list[str]:
    if shown.layer.geometry is None:
        return ["null"] * len(shown)
    degrees = to_wgs84(shown.frame[[shown.frame.geometry.name]]).geometry.to_numpy()
    turned = shapely.orient_polygons(shapely.transform(degrees, lambda xy: np.round(xy, DIGITS)))
    return [text or "null" for text in shapely.to_geojson(turned)]


def _rows(shown: Shown, language: str) -> Iterator[dict[str, Any]]:
    frame = table(shown, language)
    columns = {name: _plain(frame[name]) for name in frame.columns}
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def _plain(values: pd.Series) -> list[Any]:
    """Values as JSON: times with their distance from UTC, dates as ISO, missing ones null."""
    missing = values.isna().to_numpy()
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return [None if gone else stamp.isoformat(timespec="seconds") for stamp, gone in zip(values, missing, strict=True)]
    return [None if gone else value.isoformat() if isinstance(value, date) else value for value, gone in zip(values.tolist(), missing, strict=True)]


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str)


EXPORTER = Exporter(
    "geojson", Text(sv="GeoJSON", en="GeoJSON"), ".geojson", "application/geo+json", write,
    help=Text(sv="För webbkartor och programmerare: longitud och latitud (WGS 84), ett lager per fil.",
              en="For web maps and programmers: longitude and latitude (WGS 84), one layer a file."))
