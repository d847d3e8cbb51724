"""Areas from a map file: DeSO and RegSO from SCB, localities, the municipality's own districts.

Suppliers name the same columns differently from year to year (desokod, deso, KnKod, kommun_kod, kom_namn …): they are proposed by
name and confirmed. Codes are text: a leading zero that a spreadsheet took away is put back.
"""
from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..errors import InputError
from ..layers.areas import LAYER
from ..model.describe import Source
from ..model.jobs import Progress, silent
from ..text import Text
from . import columns, places, values
from .limits import DEFAULT, Limits
from .opening import READABLE, open_table
from .proposing import OPENING, UNCONFIRMED, Wording, proposal
from .reading import SWEDEN, Destination, Field, Proposal, Reading, ReadOptions
from .values import Rows

FIELDS = columns.fields_of(LAYER, {
    "code": ("desokod", "regsokod", "deso", "regso", "kommunkod", "knkod", "kod", "tätortskod", "områdeskod", "areacode", "gsscode", "id"),
    "name": ("regsonamn", "namn", "kommunnamn", "knnamn", "komnamn", "kommun", "tätort", "områdesnamn", "distriktsnamn", "areaname"),
    "kind": ("indelning", "slag"),
    "vintage": ("årgång", "referensdatum", "version"),
    "parent_code": ("ingåri", "kommunkod", "kommun", "lanskod"),
    "population": ("folkmängd", "befolkning", "invånare", "antal"),
    "population_year": ("befolkningsår", "år"),
}, Field("point", Text(sv="Yta som WKT", en="Outline as WKT"), ("wkt", "geom", "geometry")), required=("code", "kind"))
WORDING = Wording("areas_file", LAYER, FIELDS, codes={"kind": ()}, needed=("code", "kind"))
_POLYGONS = (3, 6)  # shapely's type numbers
_CODE_LENGTH = {"municipality": 4}
_KINDS = ((r"\d{4}R\d{3}", "regso"), (r"\d{4}[ABC]\d{4}", "deso"), (r"\d{3,4}", "municipality"))


def propose(path: str | Path, into: Destination = SWEDEN, given: ReadOptions | None = None, *, limits: Limits = DEFAULT,
            progress: Progress = silent) -> Proposal:
    """How the file could be understood; the kind of area is told from the look of its codes."""
    progress(0.1, OPENING)
    first = proposal(path, WORDING, into, given, limits=limits)
    mapping, constants = first.options.mapping, first.options.constants
    told = given or ReadOptions()
    if "code" not in mapping and "name" in mapping:
        told = told.with_(mapping={"code": mapping["name"]})
    if "kind" not in mapping and "kind" not in constants and "code" in mapping:
        samples = first.samples[mapping["code"]]
        kind = next((kind for pattern, kind in _KINDS if samples and all(re.fullmatch(pattern, sample) for sample in samples)), None)
        told = told.with_(constants={"kind": kind})
    return first if told == (given or ReadOptions()) else proposal(path, WORDING, into, told, limits=limits)


def read(path: str | Path, options: ReadOptions, into: Destination = SWEDEN, *, limits: Limits = DEFAULT, progress: Progress = silent) -> Reading:
    """Rows of the areas layer in the store's CRS; an area that came in several parts is one row."""
    progress(0.0, OPENING)
    table = open_table(path, options, limits)
    if options.proposed:
        raise InputError(UNCONFIRMED)
    columns.check_mapping(table, options, LAYER, FIELDS)
    for field in FIELDS:
        if field.required:
            columns.require(table, options, field)
    rows = Rows(table, options, LAYER, into)
    progress(0.4, Text(sv="Gränserna läses", en="Outlines are read"))
    shapes = _outlines(rows)
    frame = _attributes(rows)
    code = rows.column_name("code")
    rows.rejects.add(np.asarray(frame["code"].isna()), code, frame["code"].fillna("").to_numpy(), Text(sv="Koden saknas.", en="The code is missing."))
    rows.rejects.add(np.asarray(frame["kind"].isna()), rows.column_name("kind"), frame["code"].fillna("").to_numpy(), Text(
        sv="Indelningen är okänd.", en="The division is not known."))
    kept = gpd.GeoDataFrame(frame, geometry=shapes, crs=into.crs)[~rows.rejects.refused].reset_index(drop=True)
    joined = _joined(kept, rows)
    return Reading(joined, rows.rejects.frame(), rows.facts | {"rows": len(joined), "without_place": 0}, len(table) + len(table.broken),
                   rows.rejects.count)


def _outlines(rows: Rows) -> np.ndarray:
    """Valid multipolygons in the store's CRS; rows without an outline, or with an impossible one, are refused."""
    found = places.written(rows.table, rows.options)
    if found is None or found.shapes is None:
        raise InputError(Text(sv="Filen innehåller inga ytor. Välj en fil med områdesgränser, till exempel GeoPackage eller zippad Shapefile.",
                              en="The file holds no outlines. Choose a file with area borders, for example GeoPackage or a zipped shapefile."))
    shapes = found.shapes.copy()
    shapes[~np.isin(shapely.get_type_id(shapes), _POLYGONS)] = None
    nowhere = shapely.is_missing(shapes) | ~np.isfinite(found.x)
    rows.rejects.add(nowhere, found.column, found.texts, Text(sv="Raden har ingen yta.", en="The row has no outline."))
    placed = places.placed(found, rows.options, rows.into)
    rows.rejects.add(placed.far, found.column, found.texts, Text(
        sv="Ytan ligger mer än 500 km utanför det område som lagrets koordinatsystem är gjort för.",
        en="The outline lies more than 500 km outside the area that the store's coordinate system is made for."))
    shapes[rows.rejects.refused] = None
    shapes = places.shapes_in_store(shapes, rows.options, rows.into)
    faulty = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    rows.count("repaired", int(faulty.sum()))
    shapes[faulty] = shapely.make_valid(shapes[faulty], method="structure", keep_collapsed=False)
    flat = np.array([_multi(shape) for shape in shapes] + [None], dtype=object)[:-1]
    rows.rejects.add(shapely.is_missing(flat), found.column, found.texts, Text(sv="Raden har ingen yta.", en="The row has no outline."))
    return flat


def _multi(shape: shapely.Geometry | None) -> shapely.MultiPolygon | None:
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, shapely.Polygon) and part.area > 0] if shape is not None else []
    return shapely.MultiPolygon(parts) if parts else None


def _attributes(rows: Rows) -> pd.DataFrame:
    kind = values.coded(rows, LAYER.column("kind"))
    code = np.array([_code(text, of) for text, of in zip(values.text(rows, "code"), kind, strict=True)] + [None], dtype=object)[:-1]
    name = values.text(rows, "name")
    made: dict[str, Any] = {
        "kind": kind, "code": code, "name": np.where(pd.isna(name), code, name),
        "vintage": np.array([_vintage(text) for text in values.text(rows, "vintage")] + [None], dtype=object)[:-1],
        "parent_code": values.text(rows, "parent_code"),
        "population": values.number(rows, LAYER.column("population"), whole=True),
        "population_year": values.number(rows, LAYER.column("population_year"), whole=True)}
    return values.frame(made, len(rows.table)).astype({"population": "Int64", "population_year": "Int64"})


def _code(text: str | None, kind: str | None) -> str | None:
    """The code as its owner writes it: 114 of a spreadsheet is 0114."""
    length = _CODE_LENGTH.get(kind or "")
    return text.zfill(length) if text is not None and length and text.isdigit() else text


def _vintage(text: str | None) -> str | None:
    """A reference date as 20250101 or 2025-01-01 stands for its year."""
    match = re.fullmatch(r"((?:19|20)\d{2})-?\d{2}-?\d{2}", text or "")
    return match[1] if match else text


def _joined(frame: gpd.GeoDataFrame, rows: Rows) -> gpd.GeoDataFrame:
    """One row an area: islands that a supplier lists row by row under one code become one outline."""
    key = list(LAYER.key)
    again = frame.duplicated(key, keep=False)
    if not again.any():
        return frame
    rows.count("merged", int(frame[again].drop_duplicates(key).shape[0]))
    groups = frame.groupby(key, dropna=False, sort=False)
    first = groups.head(1).copy()
    order = groups.ngroup()
    first["geometry"] = [_multi(shapely.union_all(frame.geometry[order == n].to_numpy())) for n in order[first.index]]
    return gpd.GeoDataFrame(first, geometry="geometry", crs=frame.crs).reset_index(drop=True)


SOURCE = Source(
    "areas_file", Text(sv="Områden ur en kartfil", en="Areas from a map file"), "areas", read=read, propose=propose, coverage="register",
    suffixes=READABLE, sample="data/areas.geojson", default_class=0,
    help=Text(sv="DeSO, RegSO, tätorter eller egna områden: GeoPackage, GeoJSON, zippad Shapefile eller MapInfo.",
              en="DeSO, RegSO, localities or own areas: GeoPackage, GeoJSON, a zipped shapefile or MapInfo."))
