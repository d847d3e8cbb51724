"""XLSX: a sheet of data for each layer, the method sheet, and what the columns mean."""
from __future__ import annotations

from datetime import date, datetime
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
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
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
    frame = pd.concat([table(shown, language), coordinates(shown, wkt=False)], axis=1)
    for c, name in enumerate(frame.columns):
        page.write_string(0, c, name, looks["head"])
        values = frame[name]
        missing = values.isna().tolist()
        longest = len(name)
        local = values.dt.tz_localize(None).dt.to_pydatetime() if isinstance(values.dtype, pd.DatetimeTZDtype) else values.tolist()
        for r, (value, gone) in enumerate(zip(local, missing, strict=True), start=1):
            if not gone:
                longest = max(longest, _write(page, r, c, value, looks))
        page.set_column(c, c, min(WIDEST, longest + 2))
    page.freeze_panes(1, 0)
    if len(frame):
        page.autofilter(0, 0, len(frame), len(frame.columns) - 1)


def _write(page: Any, row: int, column: int, value: object, looks: dict[str, Any]) -> int:
    """One cell; what comes back is about how wide it is."""
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
        return 6
    if isinstance(value, int | float):
        page.write_number(row, column, value)
        return 10
    if isinstance(value, datetime):
        page.write_datetime(row, column, value, looks["time"])
        return 16
    if isinstance(value, date):
        page.write_datetime(row, column, datetime(value.year, value.month, value.day), looks["day"])
        return 11
    text = value if isinstance(value, str) else json_words(value) or ""
    if len(text) > LONGEST:
        text = text[:LONGEST - 1] + "…"
    # the mark that Excel sets when somebody types an apostrophe first: the cell stays text also when it is edited
    page.write_string(row, column, text, looks["armed"] if text.startswith(ARMED) else None)
    return len(text)


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
