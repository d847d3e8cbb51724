"""XLSX: a sheet of data for each layer, the method sheet, and what the columns mean."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, BinaryIO

import pandas as pd
import xlsxwriter

from ..errors import InputError
from ..model.cautions import CAUTIONS
from ..model.describe import Exporter
from ..model.features import Shown
from ..text import Text
from .coordinates import coordinates
from .fields import ARMED, fields, json_words, table
from .method_sheet import MethodSheet
from .names import layer_names
from .sheet_words import TITLES

MOST_ROWS = 1_048_575       # of Excel, without the heading
LONGEST = 32_767            # letters in a cell of Excel
WIDEST = 60                 # of a column, in letters
DATA, METADATA, FIELDS = Text(sv="Data", en="Data"), Text(sv="Metadata", en="Metadata"), Text(sv="Fält", en="Fields")
_TOO_MANY = Text(sv="{layer} har {n} rader; Excel klarar {most}. Välj kortare period, eller hämta CSV eller GeoPackage.",
                 en="{layer} has {n} rows; Excel takes {most}. Choose a shorter period, or take CSV or GeoPackage.")


def write(shown: tuple[Shown, ...], sheet: MethodSheet, stream: BinaryIO, language: str) -> None:
    """Sheets *Data* (or one named after each layer), *Metadata* and *Fields*; headings are the columns' names.

    Text is written as text: nothing is taken for a formula, an address or a number. Times are local, without zone. A cell that
    Excel cannot hold whole ends with three dots.
    """
    for one in shown:
        if len(one) > MOST_ROWS:
            raise InputError(_TOO_MANY.format(layer=one.layer.title, n=len(one), most=MOST_ROWS))
    book = xlsxwriter.Workbook(stream, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
                                        "nan_inf_to_errors": False})
    looks = {"head": book.add_format({"bold": True, "bottom": 1, "bg_color": "#f1f3f5", "valign": "top"}),
             "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}), "day": book.add_format({"num_format": "yyyy-mm-dd"}),
             "armed": book.add_format({"quote_prefix": True}), "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
             "warning": book.add_format({"bold": True, "font_color": "#ffffff", "bg_color": "#7a3b00"})}
    names = [DATA[language]] if len(shown) == 1 else [name[:31] for name in layer_names(shown)]
    for one, name in zip(shown, names, strict=True):
        _data(book.add_worksheet(name), one, language, looks)
    _metadata(book.add_worksheet(METADATA[language]), sheet, language, looks)
    _fields(book.add_worksheet(FIELDS[language]), shown, language, looks)
    book.close()


def _data(page: Any, shown: Shown, language: str, looks: dict[str, Any]) -> None:
    """Row by row, as a book that does not fit in memory must be written."""
    frame = pd.concat([table(shown, language), coordinates(shown, wkt=False)], axis=1)
    columns = [_cells(page, frame[name], looks) for name in frame.columns]
    for c, (name, (_, _values, width)) in enumerate(zip(frame.columns, columns, strict=True)):
        page.set_column(c, c, min(WIDEST, max(width, len(name)) + 2))
        page.write_string(0, c, name, looks["head"])
    for r, row in enumerate(zip(*(values for _, values, _ in columns), strict=True), start=1):
        for c, value in enumerate(row):
            if value is not None:
                columns[c][0](r, c, value)
    page.freeze_panes(1, 0)
    if len(frame):
        page.autofilter(0, 0, len(frame), len(frame.columns) - 1)


def _cells(page: Any, values: pd.Series, looks: dict[str, Any]) -> tuple[Callable[[int, int, Any], Any], list[Any], int]:
    """What writes the cells of a column, their values with None for missing ones, and how wide they are."""
    known = values.notna().tolist()
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        local = [stamp.to_pydatetime() if here else None for stamp, here in zip(values.dt.tz_localize(None), known, strict=True)]
        return lambda r, c, value: page.write_datetime(r, c, value, looks["time"]), local, 16
    plain = [value if here else None for value, here in zip(values.tolist(), known, strict=True)]
    if values.dtype == "boolean":
        return page.write_boolean, plain, 6
    if values.dtype != object:
        return page.write_number, plain, 12
    if pd.api.types.infer_dtype(values, skipna=True) == "date":
        return lambda r, c, day: page.write_datetime(r, c, datetime(day.year, day.month, day.day), looks["day"]), plain, 11
    texts = [None if value is None else _text(value) for value in plain]
    # the mark that Excel sets when somebody types an apostrophe first: the cell stays text also when it is edited
    armed = looks["armed"]
    return (lambda r, c, text: page.write_string(r, c, text, armed if text.startswith(ARMED) else None), texts,
            max((len(text) for text in texts if text), default=0))


def _text(value: object) -> str:
    text = value if isinstance(value, str) else json_words(value) or ""
    return text if len(text) <= LONGEST else text[:LONGEST - 1] + "…"


def _metadata(page: Any, sheet: MethodSheet, language: str, looks: dict[str, Any]) -> None:
    start = 0
    if sheet.made_up:
        page.merge_range(0, 0, 0, 3, "")
        page.write_string(0, 0, CAUTIONS["MADE_UP"][language], looks["warning"])
        start = 1
    _rows(page, [tuple(TITLES[name][language] for name in ("layer", "key", "title", "said")), *sheet.rows(language)], (18, 22, 30, 90), looks, start)


def _fields(page: Any, shown: tuple[Shown, ...], language: str, looks: dict[str, Any]) -> None:
    rows = [tuple(TITLES[name][language] for name in ("layer", "column", "title", "unit", "kind", "codes", "help"))]
    for one, name in zip(shown, layer_names(shown), strict=True):
        rows += [(name, f.name, f.title[language], f.unit[language], f.kind, f.codes[language], f.help[language]) for f in fields(one)]
    _rows(page, rows, (18, 24, 30, 22, 10, 60, 60), looks, 0)


def _rows(page: Any, rows: list[tuple[str, ...]], widths: tuple[int, ...], looks: dict[str, Any], start: int) -> None:
    for r, row in enumerate(rows, start=start):
        for c, text in enumerate(row):
            page.write_string(r, c, text[:LONGEST], looks["head"] if r == start else looks["wrapped"])
    for c, width in enumerate(widths):
        page.set_column(c, c, width)
    page.freeze_panes(start + 1, 0)


EXPORTER = Exporter(
    "xlsx", Text(sv="Excel", en="Excel"), ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write, several_layers=True,
    help=Text(sv="Tabell med metodblad och kolumnförklaringar på egna flikar.",
              en="Table with the method sheet and what the columns mean on sheets of their own."))
