"""Carries a reading out of the child process as plain numbers and JSON, so that nothing a foreign file held is ever executed.

A pickle would run code on loading: whoever took over the child with a crafted file could then take over the server.
"""
from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..model.describe import Layer
from .reading import REJECT_COLUMNS, Reading


def write_reading(reading: Reading, layer: Layer, folder: Path) -> None:
    """`reading` as files in `folder`: one for each column, and one with what is said about the whole."""
    frame = reading.frame
    facts = {"read": reading.read, "rejected": reading.rejected, "quality": reading.quality, "rows": len(frame),
             "rejects": [list(row) for row in reading.rejects[list(REJECT_COLUMNS)].itertuples(index=False, name=None)]}
    _write_json(folder / "facts.json", facts)
    for column in layer.columns:
        values = frame[column.name]
        if column.kind == "time":
            stamps = pd.DatetimeIndex(values).tz_convert("UTC").tz_localize(None).as_unit("us").to_numpy()
            np.save(folder / f"{column.name}.npy", stamps.view("int64"), allow_pickle=False)
        elif column.kind in ("integer", "number"):
            np.save(folder / f"{column.name}.npy", pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan), allow_pickle=False)
        else:
            _write_json(folder / f"{column.name}.json", [_plain(value) for value in values])
    if layer.geometry:
        _write_geometry(np.asarray(frame.geometry), folder)


def read_reading(layer: Layer, folder: Path, *, crs: str, zone: str) -> Reading:
    """The reading that `write_reading` left in `folder`; times in `zone`, geometry in `crs`."""
    facts = _read_json(folder / "facts.json")
    columns: dict[str, Any] = {}
    for column in layer.columns:
        if column.kind == "time":
            stamps = np.load(folder / f"{column.name}.npy", allow_pickle=False).view("datetime64[us]")
            columns[column.name] = pd.DatetimeIndex(stamps).tz_localize("UTC").tz_convert(zone)
        elif column.kind in ("integer", "number"):
            numbers = pd.Series(np.load(folder / f"{column.name}.npy", allow_pickle=False))
            columns[column.name] = numbers.astype("Int64") if column.kind == "integer" else numbers
        else:
            values = _read_json(folder / f"{column.name}.json")
            if column.kind == "date":
                values = [None if value is None else date.fromisoformat(value) for value in values]
            columns[column.name] = pd.Series(values, dtype=object)
    frame: pd.DataFrame = pd.DataFrame(columns, index=range(facts["rows"]))
    if layer.geometry:
        frame = gpd.GeoDataFrame(frame, geometry=_read_geometry(folder), crs=crs)
    return Reading(frame, pd.DataFrame(facts["rejects"], columns=list(REJECT_COLUMNS)), facts["quality"], facts["read"], facts["rejected"])


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, np.bool_):
        return bool(value)
    return None if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)) else value


def _write_geometry(shapes: np.ndarray, folder: Path) -> None:
    """Points as numbers; other shapes as their WKB one after the other with the length of each."""
    kinds = shapely.get_type_id(shapes)
    if np.isin(kinds, (-1, 0)).all():
        np.save(folder / "points.npy", np.column_stack([shapely.get_x(shapes), shapely.get_y(shapes)]), allow_pickle=False)
        return
    parts = [b"" if wkb is None else wkb for wkb in shapely.to_wkb(shapes)]
    np.save(folder / "lengths.npy", np.array([len(part) for part in parts], dtype=np.int64), allow_pickle=False)
    (folder / "shapes.wkb").write_bytes(b"".join(parts))


def _read_geometry(folder: Path) -> np.ndarray:
    if (folder / "points.npy").exists():
        pairs = np.load(folder / "points.npy", allow_pickle=False)
        shapes = np.full(len(pairs), None, dtype=object)
        here = np.isfinite(pairs).all(axis=1) if len(pairs) else np.zeros(0, bool)
        shapes[here] = shapely.points(pairs[here])
        return shapes
    lengths = np.load(folder / "lengths.npy", allow_pickle=False)
    whole = (folder / "shapes.wkb").read_bytes()
    ends = np.cumsum(lengths)
    wkbs = np.array([whole[end - length:end] or None for end, length in zip(ends, lengths, strict=True)] + [None], dtype=object)[:-1]
    return shapely.from_wkb(wkbs)


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, allow_nan=False), encoding="utf-8")


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
