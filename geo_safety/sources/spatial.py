"""Reads map files. GeoJSON is read by ourselves; GeoPackage, Shapefile, MapInfo and KML with GDAL, one named driver each.

Call only from a process started by `guard`: there all other drivers are switched off and nothing reaches the network.
"""
from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.geometry import shape

from ..errors import InputError
from ..text import Text
from .containers import Kind
from .limits import Limits
from .reading import ReadOptions
from .tables import Table, clean, damaged, foreign, no_such_sheet, too_many_rows

DRIVERS: Mapping[Kind, str] = {"geopackage": "GPKG", "shapefile": "ESRI Shapefile", "mapinfo": "MapInfo File", "kml": "KML"}
# suffix, parts that must be there, parts that may be
_PARTS: Mapping[Kind, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "geopackage": (".gpkg", (), ()), "kml": (".kml", (), ()), "shapefile": (".shp", (".shx", ".dbf"), (".prj", ".cpg")),
    "mapinfo": (".tab", (".dat", ".map", ".id"), (".ind",))}
_NOT_DATA = frozenset({"layer_styles", "qgis_projects"})


def read_geojson(path: Path, options: ReadOptions, limits: Limits) -> Table:
    """Features of a GeoJSON file, or the objects of a JSON list.

    Without a `crs` member it should be in longitude and latitude (RFC 7946), but many are not, so that is looked at, not taken for granted.
    """
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise damaged(path) from error
    records, geometries, crs = _features(document, path)
    if len(records) > limits.rows:
        raise too_many_rows(path, limits)
    names = list(dict.fromkeys(name for record in records for name in record))
    if len(names) > limits.columns:
        raise InputError(Text(sv="Filen {name} har {n} egenskaper; högst {most} tas emot.",
                              en="The file {name} has {n} properties; at most {most} are accepted.").format(
                                  name=path.name, n=len(names), most=limits.columns))
    frame = pd.DataFrame({clean(name): pd.Series([_json_text(record.get(name)) for record in records], dtype=object) for name in names},
                         index=range(len(records)))
    placed = None if geometries is None else np.array([*map(_shape, geometries), None], dtype=object)[:-1]
    return Table(frame, np.arange(1, len(records) + 1), geometry=placed, crs=crs)


def _features(document: Any, path: Path) -> tuple[list[dict], list[Any] | None, str | None]:
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "Feature":
        document, kind = {"type": "FeatureCollection", "features": [document]}, "FeatureCollection"
    if kind == "FeatureCollection" and isinstance(document.get("features"), list):
        features = [feature for feature in document["features"] if isinstance(feature, dict)]
        if features:
            records = [f["properties"] if isinstance(f.get("properties"), dict) else {} for f in features]
            if all(f.get("id") is not None for f in features) and not any("id" in record for record in records):
                records = [{**record, "id": f["id"]} for record, f in zip(records, features, strict=True)]
            return records, [f.get("geometry") for f in features], _declared(document)
    rows = document.get("results") if isinstance(document, dict) else document  # `results`: an answer of KoboToolbox' API
    if isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows):
        return rows, None, None
    raise InputError(Text(sv="Filen {name} är JSON men innehåller inga objekt med egenskaper eller plats.",
                          en="The file {name} is JSON but holds no features with properties or a place.").format(name=path.name))


def _declared(document: Mapping[str, Any]) -> str | None:
    """The CRS of a GeoJSON file written before 2016."""
    member = document.get("crs")
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    match = re.fullmatch(r"(?:urn:ogc:def:crs:)?EPSG:[\d.]*:?(\d+)", str(name))
    if match:
        return f"EPSG:{int(match[1])}"
    return None if name is None or "CRS84" in str(name) else str(name)[:200]


def _json_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value.strip())
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dict | list):
        try:
            return clean(json.dumps(value, ensure_ascii=False))
        except RecursionError:
            return ""
    return str(value)


def _shape(geometry: Any) -> Any:
    """A shapely geometry, None for what is none: such a feature has no place."""
    if not isinstance(geometry, dict) or not geometry.get("coordinates"):
        return None
    try:
        return shapely.force_2d(shape(geometry))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError, shapely.errors.ShapelyError):
        return None


def read_with_gdal(path: Path, kind: Kind, folder: Path, options: ReadOptions, limits: Limits) -> Table:
    """A layer of a map file, read from a copy in `folder`; GDAL must take it for what its content says it is."""
    import pyogrio

    copy = _copy_with_siblings(path, kind, folder)
    if kind == "mapinfo":
        _refuse_linked_table(copy)
    with foreign(path):
        layers = [(str(name), geometry) for name, geometry in pyogrio.list_layers(copy) if str(name) not in _NOT_DATA]
        names = tuple(name for name, _ in layers)
        if options.sheet is not None and options.sheet not in names:
            raise no_such_sheet(path, options.sheet, names)
        if not names:
            raise InputError(Text(sv="Filen {name} innehåller inga lager.", en="The file {name} holds no layers.").format(name=path.name))
        chosen = options.sheet or next((name for name, geometry in layers if geometry is not None), names[0])
        info = pyogrio.read_info(copy, layer=chosen, force_feature_count=True)
        if info["driver"] != DRIVERS[kind]:
            raise damaged(path)
        if info["features"] > limits.rows:
            raise too_many_rows(path, limits)
        _check_fields(info, path, limits)
        frame = pyogrio.read_dataframe(copy, layer=chosen, force_2d=True, datetime_as_string=True, fid_as_index=False,
                                       encoding=_encoding(copy, kind, options))
    table = _table(frame, info)
    table.sheet, table.sheets = chosen, names
    if options.sheet is None and len(names) > 1:
        table.notes.append(Text(sv="Filen har flera lager ({names}). Lagret {name} är valt.",
                                en="The file has several layers ({names}). The layer {name} is chosen.").format(
                                    names=", ".join(names), name=chosen))
    return table


def _copy_with_siblings(path: Path, kind: Kind, folder: Path) -> Path:
    """Reading never touches the user's own file: SQLite would write beside it. A shapefile comes with its other parts."""
    suffix, needed, parts = _PARTS[kind]
    (folder / "copy").mkdir()
    copy = folder / "copy" / (re.sub(r"[^\w-]", "_", path.stem) + suffix)
    shutil.copyfile(path, copy)
    stem = path.resolve().stem.lower()
    beside = {other.suffix.lower(): other for other in path.resolve().parent.iterdir() if other.stem.lower() == stem and other.is_file()}
    for part in (*needed, *parts):
        if part in beside:
            shutil.copyfile(beside[part], copy.with_suffix(part))
    if missing := [part for part in needed if part not in beside]:
        raise InputError(Text(sv="{name} saknar delarna {missing}. Lägg alla delar i en zip-fil och läs in den.",
                              en="{name} lacks the parts {missing}. Put all parts into one zip file and import that.").format(
                                  name=path.name, missing=", ".join(missing)))
    return copy


def _refuse_linked_table(path: Path) -> None:
    """A MapInfo table may only describe the files beside it: views, seamless and linked tables open others by name."""
    text = path.read_bytes()[:1_000_000].decode("cp1252", errors="replace").lower()
    if not re.search(r"type\s+native", text) or re.search(r"open\s+table|create\s+view|isseamless\"?\s*=\s*\"?true", text):
        raise InputError(Text(sv="{name} hänvisar till andra filer. Exportera tabellen som egen fil, till exempel GeoPackage.",
                              en="{name} points to other files. Export the table as a file of its own, for example GeoPackage.")
                         .format(name=path.name))


def _check_fields(info: Mapping[str, Any], path: Path, limits: Limits) -> None:
    if len(info["fields"]) > limits.columns:
        raise InputError(Text(sv="Filen {name} har {n} kolumner; högst {most} tas emot.",
                              en="The file {name} has {n} columns; at most {most} are accepted.").format(
                                  name=path.name, n=len(info["fields"]), most=limits.columns))


def _encoding(path: Path, kind: Kind, options: ReadOptions) -> str | None:
    """A shapefile that does not say: UTF-8 when its table can be read so, else the usual one in Sweden."""
    if kind != "shapefile" or options.encoding or path.with_suffix(".cpg").exists():
        return options.encoding if kind == "shapefile" else None
    try:
        path.with_suffix(".dbf").read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _table(frame: Any, info: Mapping[str, Any]) -> Table:
    """Attributes as text and the geometry beside them."""
    has_geometry = hasattr(frame, "geometry") and "geometry" in frame.columns
    kinds = dict(zip(info["fields"], info["dtypes"], strict=True))
    columns = {clean(str(name)): pd.Series(_attribute(frame[name], str(kinds.get(name, "object"))), dtype=object)
               for name in frame.columns if name != "geometry"}
    geometry = np.array(frame.geometry, dtype=object) if has_geometry else None
    if geometry is not None:
        geometry[shapely.is_empty(geometry)] = None
    return Table(pd.DataFrame(columns, index=range(len(frame))), np.arange(1, len(frame) + 1), geometry=geometry,
                 crs=_known_crs(info["crs"]) if has_geometry else None)


def _attribute(values: pd.Series, kind: str) -> list[str]:
    if kind.startswith(("int", "uint")):  # with a missing value among them they arrive as floats
        return ["" if pd.isna(v) else str(int(v)) for v in values]
    return ["" if v is None or v is pd.NaT or (isinstance(v, float) and np.isnan(v)) else _json_text(_of_numpy(v)) for v in values]


def _of_numpy(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value


def _known_crs(declared: str | None) -> str | None:
    """EPSG code when the declared system is one, else its definition; None when the file says nothing."""
    if not declared:
        return None
    try:
        known = pyproj.CRS.from_user_input(declared)
    except pyproj.exceptions.CRSError:
        return None
    code = known.to_epsg(min_confidence=70)
    return f"EPSG:{code}" if code else known.to_wkt()
