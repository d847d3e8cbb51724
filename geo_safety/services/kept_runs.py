"""A hotspot answer as a record and its cells, and back to the digit: JSON keeps every figure of a number as it is."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ..errors import Refusal
from ..model.cautions import Caution
from ..model.describe import Layer
from ..model.features import Features, Provenance
from ..text import Text


def run_values(features: Features, refusal: Refusal | None, top: pd.DataFrame, title: str) -> dict[str, Any]:
    """The row of `hotspot_runs`."""
    return {"title": title, "method": features.provenance.method, "made_at": features.provenance.made_at,
            "incidents": int(features.facts["n"]), "cells": len(features.frame), "facts": to_json(features.facts),
            "warnings": [{"code": doubt.code, "values": to_json(doubt.values)} for doubt in features.warnings],
            "provenance": {"provenance": to_json({name: getattr(features.provenance, name) for name in Provenance.__dataclass_fields__}),
                           "refusal": None if refusal is None else {"code": refusal.code, "text": to_json(refusal.text)},
                           "top": _table(top)}}


def run_cells(features: Features, run_uid: str, crs: str) -> gpd.GeoDataFrame:
    """The rows of `hotspot_cells`: the geometry of each row, if it has one, and, as JSON, its other columns."""
    frame = features.frame
    names = [column.name for column in features.layer.columns]
    plain = {name: [_plain(value) for value in frame[name]] for name in names}
    values = [dict(zip(names, row, strict=True)) for row in zip(*plain.values(), strict=True)]
    number = frame["cell"].to_numpy() if "cell" in names else np.arange(len(frame))
    placed = features.layer.geometry is not None
    return gpd.GeoDataFrame({"run_uid": run_uid, "cell": number, "values": pd.Series(values, dtype=object)},
                            geometry=frame.geometry.to_numpy() if placed else np.full(len(frame), None), crs=frame.crs if placed else crs)


def features_of(run: Mapping[str, Any], cells: gpd.GeoDataFrame, layer: Layer) -> Features:
    """The features that `run_values` and `run_cells` were made from."""
    values = list(cells["values"])
    columns = {}
    for column in layer.columns:
        told = [row.get(column.name) for row in values]
        kinds = {"integer": "int64", "number": "float64", "boolean": "bool"}
        columns[column.name] = pd.Series(told, dtype=kinds[column.kind]) if column.kind in kinds else pd.Series(told, dtype=object).astype(str)
    frame = gpd.GeoDataFrame(columns, geometry=cells.geometry.to_numpy(), crs=cells.crs) if layer.geometry else gpd.GeoDataFrame(columns)
    warnings = tuple(Caution(doubt["code"], from_json(doubt["values"])) for doubt in run["warnings"])
    return Features(layer, frame, from_json(run["facts"]), warnings, Provenance(**from_json(run["provenance"]["provenance"])))


def refusal_of(run: Mapping[str, Any]) -> Refusal | None:
    told = run["provenance"]["refusal"]
    return None if told is None else Refusal(told["code"], from_json(told["text"]))


def top_of(run: Mapping[str, Any]) -> pd.DataFrame:
    table = run["provenance"]["top"]
    rows = [[from_json(value) for value in row] for row in table["rows"]]
    return pd.DataFrame({name: pd.Series([row[i] for row in rows], dtype=kind)
                         for i, (name, kind) in enumerate(zip(table["columns"], table["kinds"], strict=True))})


def _table(top: pd.DataFrame) -> dict[str, Any]:
    return {"columns": list(top.columns), "kinds": [str(kind) for kind in top.dtypes],
            "rows": [[to_json(value) for value in row] for row in top.itertuples(index=False, name=None)]}


def to_json(value: Any) -> Any:
    """What JSON can hold, marked so that `from_json` gives back the same: texts, times, tuples and the order of a mapping."""
    if isinstance(value, Text):
        return {"sv": value.sv, "en": value.en}
    if isinstance(value, Mapping):
        return {"pairs": [[name, to_json(item)] for name, item in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [to_json(item) for item in value]}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, datetime | date):
        return {"at": value.isoformat()}
    return _plain(value)


def from_json(value: Any) -> Any:
    """What `to_json` was given."""
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "sv" in value:
        return Text(sv=value["sv"], en=value["en"])
    if "pairs" in value:
        return {name: from_json(item) for name, item in value["pairs"]}
    if "tuple" in value:
        return tuple(from_json(item) for item in value["tuple"])
    return datetime.fromisoformat(value["at"])


def _plain(value: Any) -> Any:
    """A number of numpy as one of Python; a missing or infinite one as None."""
    value = value.item() if isinstance(value, np.generic) else value
    if value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return None
    return value
