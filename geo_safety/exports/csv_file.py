"""CSV: in Swedish as Swedish Excel opens it by a double click, otherwise plain. The method sheet goes beside it."""
from __future__ import annotations

import csv
import io
from datetime import date
from typing import BinaryIO

import numpy as np
import pandas as pd

from ..errors import InputError
from ..model.describe import Exporter
from ..model.features import Shown
from ..text import Text
from .coordinates import coordinates
from .fields import disarmed, json_words, table
from .method_sheet import MethodSheet

_ONE = Text(sv="En CSV-fil rymmer ett lager; det här är {n}.", en="A CSV file holds one layer; these are {n}.")
_YES_NO = {"sv": ("ja", "nej"), "en": ("true", "false")}


def write(shown: tuple[Shown, ...], sheet: MethodSheet, stream: BinaryIO, language: str) -> None:
    """Headings are the columns' names, explained on the sheet.

    Swedish: UTF-8 with byte order mark, semicolons, decimal comma, local times without zone, *ja* and *nej*. English: UTF-8
    without mark, commas, decimal point, ISO 8601 times with their distance from UTC, *true* and *false*. Points are N and E in the
    store's coordinate system and latitude and longitude; other shapes are WKT. A text that begins like a formula gets an
    apostrophe before it.
    """
    if len(shown) != 1:
        raise InputError(_ONE.format(n=len(shown)))
    swedish = language == "sv"
    frame = pd.concat([table(shown[0], language), coordinates(shown[0], wkt=True)], axis=1)
    if swedish:
        stream.write(b"\xef\xbb\xbf")
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";" if swedish else ",", lineterminator="\r\n")
    writer.writerow(frame.columns)
    writer.writerows(zip(*(_written(frame[name], swedish) for name in frame.columns), strict=True))
    text.detach()


def _written(values: pd.Series, swedish: bool) -> list[str]:
    missing = values.isna().to_numpy()
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        said = values.dt.strftime("%Y-%m-%d %H:%M") if swedish else values.map(lambda stamp: stamp.isoformat(timespec="seconds"), na_action="ignore")
        return np.where(missing, "", said.astype(object)).tolist()
    return ["" if gone else _cell(value, swedish) for value, gone in zip(values.tolist(), missing, strict=True)]


def _cell(value: object, swedish: bool) -> str:
    if isinstance(value, bool):
        return _YES_NO["sv" if swedish else "en"][0 if value else 1]
    if isinstance(value, float):
        said = repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        return said.replace(".", ",") if swedish else said
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return disarmed(value if isinstance(value, str) else json_words(value) or "")


EXPORTER = Exporter(
    "csv", Text(sv="CSV", en="CSV"), ".csv", "text/csv; charset=utf-8", write, holds_sheet=False,
    help=Text(sv="Tabell för Excel och statistikprogram; metodbladet ligger bredvid i samma zip.",
              en="Table for Excel and statistics programs; the method sheet lies beside it in one zip."))
