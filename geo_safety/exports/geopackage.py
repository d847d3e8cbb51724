"""GeoPackage: every layer in the store's coordinate system, with its look in QGIS and the method sheet inside."""
from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import shapely
from pyogrio.raw import write as write_layer

from ..model.describe import Exporter
from ..model.features import Shown
from ..text import Text
from .fields import Field, fields, json_words, table
from .method_sheet import MethodSheet
from .names import layer_names
from .qml import qml
from .sheet_words import TITLES

LOCAL_SUFFIX = "_local"
GMT = 100       # how GDAL says that a time is UTC
GEOMETRIES = {"Geometry": "Unknown"}


def write(shown: tuple[Shown, ...], sheet: MethodSheet, stream: BinaryIO, language: str) -> None:
    """The layers, tables `method_sheet` and `fields`, and `layer_styles`, from which QGIS takes the look of each layer.

    Times are written in UTC as the format demands, and once more as words in the zone of the data (`occurred_from_local`).
    """
    with tempfile.TemporaryDirectory(prefix="geo-safety-") as folder:
        path = Path(folder) / "layers.gpkg"
        names = layer_names(shown)
        for one, name in zip(shown, names, strict=True):
            _write_layer(path, one, name, sheet, language)
        _write_table(path, "method_sheet", ("layer", "key", "title", "value"), sheet.rows(language), TITLES["shows"][language])
        described = [(name, *_field_row(field, language)) for one, name in zip(shown, names, strict=True) for field in fields(one)]
        _write_table(path, "fields", ("layer", "name", "title", "unit", "kind", "codes", "help"), described, TITLES["columns"][language])
        _write_styles(path, shown, names, language)
        with path.open("rb") as written:
            shutil.copyfileobj(written, stream)


def _write_layer(path: Path, shown: Shown, name: str, sheet: MethodSheet, language: str) -> None:
    frame = table(shown, language)
    about: dict[str, Any] = {"fields": [], "field_data": [], "field_mask": [], "gdal_tz_offsets": {}}
    for field in fields(shown):
        _add(about, field, frame[field.name])
    placed = shown.layer.geometry is not None
    if placed:
        about |= {"geometry": shapely.to_wkb(shown.frame.geometry.to_numpy()), "crs": shown.frame.crs.to_string(),
                  "geometry_type": GEOMETRIES.get(str(shown.layer.geometry), shown.layer.geometry), "promote_to_multi": shown.layer.geometry == "MultiPolygon"}
    else:
        about |= {"geometry": None, "crs": None, "geometry_type": None}
    first = not path.exists()
    part = next((part for part in sheet.parts if part.layer == shown.layer.name), None)
    said = {entry.key: entry.said[language] for entry in part.entries} if part else {}
    write_layer(str(path), layer=name, driver="GPKG", append=not first, encoding="UTF-8", layer_metadata=said or None, nan_as_null=True,
                dataset_options={"VERSION": "1.3", "DATETIME_FORMAT": "UTC"} if first else None,
                layer_options={"IDENTIFIER": shown.layer.title[language] + name[len(shown.layer.name):], "DESCRIPTION": said.get("shows", ""),
                               **({"GEOMETRY_NAME": "geom"} if placed else {})}, **about)


def _add(about: dict[str, Any], column: Field, values: pd.Series) -> None:
    """One column as GDAL wants it, also when nothing is in it; a time comes with its words."""
    name = column.name

    def put(field: str, data: np.ndarray, mask: np.ndarray | None) -> None:
        about["fields"].append(field)
        about["field_data"].append(data)
        about["field_mask"].append(mask)

    missing = values.isna().to_numpy()
    if column.kind == "time":
        put(name, values.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(dtype="datetime64[ms]"), None)
        about["gdal_tz_offsets"][name] = np.full(len(values), GMT)
        put(name + LOCAL_SUFFIX, values.dt.strftime("%Y-%m-%d %H:%M").where(~missing, None).to_numpy(dtype=object), None)
    elif column.kind == "integer":
        put(name, values.fillna(0).to_numpy(dtype="int64"), missing)
    elif column.kind == "boolean":
        put(name, values.fillna(False).to_numpy(dtype=bool), missing)
    elif column.kind == "number":
        put(name, values.to_numpy(), missing)
    elif column.kind == "date":
        put(name, np.array([np.datetime64(v if v is not None else "NaT", "D") for v in values]), None)
    else:
        put(name, np.array([v if v is None or isinstance(v, str) else json_words(v) for v in values], dtype=object), None)


def _write_table(path: Path, name: str, columns: Sequence[str], rows: Sequence[Sequence[str]], title: str) -> None:
    data = [np.array([row[i] for row in rows], dtype=object) for i in range(len(columns))]
    write_layer(str(path), geometry=None, geometry_type=None, crs=None, layer=name, driver="GPKG", append=True, fields=list(columns), field_data=data,
                encoding="UTF-8", layer_options={"IDENTIFIER": name, "DESCRIPTION": title})


def _field_row(field: Field, language: str) -> tuple[str, ...]:
    return field.name, field.title[language], field.unit[language], field.kind, field.codes[language], field.help[language]


def _write_styles(path: Path, shown: Sequence[Shown], names: Sequence[str], language: str) -> None:
    """The table that QGIS looks for when it opens a layer; an empty catalogue and schema, not a missing one."""
    styled = [(one, name) for one, name in zip(shown, names, strict=True) if one.layer.geometry]
    if not styled:
        return
    texts = {
        "f_table_catalog": ["" for _ in styled], "f_table_schema": ["" for _ in styled], "f_table_name": [name for _, name in styled],
        "f_geometry_column": ["geom" for _ in styled], "styleName": [name for _, name in styled],
        "styleQML": [qml(one, language) for one, _ in styled], "styleSLD": ["" for _ in styled],
        "description": [one.layer.title[language] for one, _ in styled], "owner": ["" for _ in styled], "ui": ["" for _ in styled]}
    data = [*(np.array(values, dtype=object) for values in texts.values()), np.array([True] * len(styled)),
            np.array(["now"] * len(styled), dtype="datetime64[ms]")]
    write_layer(str(path), geometry=None, geometry_type=None, crs=None, layer="layer_styles", driver="GPKG", append=True, encoding="UTF-8",
                fields=[*texts, "useAsDefault", "update_time"], field_data=data, layer_options={"FID": "id", "IDENTIFIER": "layer_styles"})


EXPORTER = Exporter(
    "geopackage", Text(sv="GeoPackage", en="GeoPackage"), ".gpkg", "application/geopackage+sqlite3", write, several_layers=True,
    help=Text(sv="För QGIS och ArcGIS: alla lager i en fil, med färger och metodblad.",
              en="For QGIS and ArcGIS: all layers in one file, with colours and method sheet."))
