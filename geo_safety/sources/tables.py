"""Reads text tables and workbooks, every value as text; encoding, separator and header row are looked for and can be said."""
from __future__ import annotations

import csv
import io
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import GeoSafetyError, InputError
from ..text import Text
from . import containers
from .limits import Limits
from .reading import ReadOptions

SEPARATORS = (";", ",", "\t", "|")
_LOOK = 50              # rows in which the header is looked for
_LONGEST_CELL = 1_000_000
_CHUNK = 10_000
_SHARED = 20_000        # about so many different values of a column are kept once
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass
class Table:
    """`frame`: one object column of str per column of the file, "" where nothing stood. `row_numbers` as in the file, from 1.

    `geometry` (shapely objects or None) and `crs` (as the file declares it) only for map files. `broken` rows had more
    fields than the header: (row number, the fields).
    """

    frame: pd.DataFrame
    row_numbers: np.ndarray
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    geometry: np.ndarray | None = None
    crs: str | None = None
    broken: list[tuple[int, list[str]]] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    header: bool = True

    def column(self, name: str) -> np.ndarray:
        return self.frame[name].to_numpy(dtype=object)

    def rows(self, limit: int) -> tuple[dict[str, str], ...]:
        return tuple({str(name): str(value) for name, value in row.items()} for row in self.frame.head(limit).to_dict("records"))

    def __len__(self) -> int:
        return len(self.frame)


def clean(text: str) -> str:
    """`text` in Unicode's composed form, without control characters and halves of characters, which no file format can hold."""
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return _CONTROL.sub("\ufffd", text) if _CONTROL.search(text) else text


def read_text_table(path: Path, options: ReadOptions, limits: Limits) -> Table:
    """A table of values between separators."""
    text = clean(_decode(path, options.encoding))
    lines = text.count("\n")
    if lines > limits.rows:
        raise too_many_rows(path, limits)
    limit = csv.field_size_limit(_LONGEST_CELL)
    try:
        separator = options.separator or _separator(text, path)
        records = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        return gather(((number, row) for number, row in enumerate(records, start=1)), path, options, limits)
    except csv.Error as error:
        raise InputError(Text(
            sv="Filen {name} har ett värde som aldrig tar slut: ett citattecken saknas troligen. Spara om tabellen och försök igen.",
            en="The file {name} has a value that never ends: a quotation mark is probably missing. Save the table again and retry.")
            .format(name=path.name)) from error
    finally:
        csv.field_size_limit(limit)


def _decode(path: Path, encoding: str | None) -> str:
    raw = path.read_bytes()
    if encoding is None:
        for bom, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
            if raw.startswith(bom):
                encoding = name
                break
        else:
            if b"\x00" in raw:
                raise _no_table(path)
    try:
        if encoding is not None:
            return raw.decode(encoding)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("cp1252", errors="replace")
    except (UnicodeError, LookupError) as error:
        raise InputError(Text(sv="Filen {name} går inte att läsa som {encoding}. Spara den som UTF-8.",
                              en="The file {name} cannot be read as {encoding}. Save it as UTF-8.").format(
                                  name=path.name, encoding=encoding)) from error


def _separator(text: str, path: Path) -> str:
    """The separator whose first lines agree best on a number of fields; the header line decides between equals."""
    head = text[:200_000]
    best: tuple[float, str] | None = None
    for separator in SEPARATORS:
        try:
            reader = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
            rows = list(itertools.islice((row for row in reader if row), _LOOK))
        except csv.Error:
            continue
        widths = [len(row) for row in rows]
        if not widths or max(widths) < 2:
            continue
        common = max(set(widths), key=lambda width: (widths.count(width) if width > 1 else 0, width))
        agree = widths.count(common) / len(widths)
        header = text.lstrip("\r\n").split("\n", 1)[0].count(separator)
        score = agree + (0.5 if header == common - 1 else 0) + min(common, 20) / 1000
        if best is None or score > best[0]:
            best = (score, separator)
    if best is None:
        raise _no_table(path)
    return best[1]


def read_workbook(path: Path, options: ReadOptions, limits: Limits) -> Table:
    """A sheet of a workbook: the one asked for, else the first that holds a table."""
    from openpyxl import load_workbook  # 0.3 s that other files need not wait for

    containers.check_workbook(path, limits)
    with foreign(path):
        book = load_workbook(path, read_only=True, data_only=True)
    names = tuple(book.sheetnames)
    if options.sheet is not None and options.sheet not in names:
        raise no_such_sheet(path, options.sheet, names)
    asked = names if options.sheet is None else (options.sheet,)
    table = next((found for name in asked if (found := _sheet(book, name, path, options, limits)) is not None), None)
    if table is None:
        raise _no_table(path)
    others = names[names.index(str(table.sheet)) + 1:]
    table.sheets = (str(table.sheet), *(name for name in others if _holds_table(book, name, path, limits))) if options.sheet is None else names
    book.close()
    if options.sheet is None and len(table.sheets) > 1:
        table.notes.append(Text(sv="Filen har flera blad med tabeller ({names}). Bladet {name} är valt.",
                                en="The file has several sheets with tables ({names}). The sheet {name} is chosen.").format(
                                    names=", ".join(table.sheets), name=table.sheet))
    return table


@contextmanager
def foreign(path: Path) -> Iterator[None]:
    """Around calls of libraries that read a foreign file: whatever they stumble over becomes one sentence about the file."""
    try:
        yield
    except (GeoSafetyError, MemoryError):
        raise
    except Exception as error:  # a broken file makes these libraries raise almost anything
        raise damaged(path) from error


def _sheet(book: Any, name: str, path: Path, options: ReadOptions, limits: Limits) -> Table | None:
    """None when the sheet holds no table and was not asked for."""
    try:
        table = gather(_cells(book, name, path), path, options, limits)
    except InputError:
        if options.sheet is not None:
            raise
        return None
    table.sheet = name
    return table


def _holds_table(book: Any, name: str, path: Path, limits: Limits) -> bool:
    try:
        return len(_take(_cells(book, name, path), path, limits)) > 1
    except InputError:
        return False


def _cells(book: Any, name: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    with foreign(path):
        sheet = book[name]
        if not hasattr(sheet, "iter_rows"):  # a sheet that is a chart
            return
        sheet.reset_dimensions()  # some programs write a wrong size
        yield from ((number, [_cell(value) for value in row]) for number, row in enumerate(sheet.iter_rows(values_only=True), start=1))


def _cell(value: Any) -> str:
    """A cell as text that reads back as the same value."""
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds") if value.time() != time(0) else value.date().isoformat()
    if isinstance(value, timedelta):
        minutes = int(value.total_seconds() // 60)
        return f"{minutes // 60}:{minutes % 60:02d}"
    if isinstance(value, date | time):
        return value.isoformat()
    return clean(str(value))


def gather(records: Iterable[tuple[int, list[str]]], path: Path, options: ReadOptions, limits: Limits) -> Table:
    """Numbered records → columns. The header is the row that names most columns; empty rows and titles above it are left out."""
    stream = iter(records)
    head = _take(stream, path, limits)
    at = _header_index(head, options.header_row, path)
    if at is None:
        width = max(len(_trim(row)) for _, row in head)
        names = [f"{n}" for n in range(1, width + 1)]
        body = head
    else:
        names = _unique_names(_trim(head[at][1]))
        body = head[at + 1:]
    _check_columns(len(names), path, limits)
    columns, numbers, broken = _columns(body, stream, len(names), path, limits)
    if not numbers and not broken:
        raise InputError(Text(sv="Filen {name} har rubriker men inga rader.", en="The file {name} has headings but no rows.")
                         .format(name=path.name))
    frame = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in zip(names, columns, strict=True)})
    return Table(frame, np.array(numbers, dtype=np.int64), broken=broken, header=at is not None)


def _take(stream: Iterator[tuple[int, list[str]]], path: Path, limits: Limits) -> list[tuple[int, list[str]]]:
    head: list[tuple[int, list[str]]] = []
    for number, row in stream:
        _check_columns(len(row), path, limits)
        if any(value.strip() for value in row):
            head.append((number, row))
        if len(head) == _LOOK:
            break
    if not head or max(len(_trim(row)) for _, row in head) < 2:
        raise _no_table(path)
    return head


def _header_index(head: list[tuple[int, list[str]]], asked: int | None, path: Path) -> int | None:
    if asked == 0:
        return None
    if asked is not None:
        for index, (number, _) in enumerate(head):
            if number == asked:
                return index
        raise InputError(Text(sv="Rad {row} i {name} är tom och kan inte vara rubrikrad.",
                              en="Row {row} of {name} is empty and cannot be the heading.").format(row=asked, name=path.name))
    if _looks_like_data(_trim(head[0][1])):
        return None
    filled = [sum(bool(value.strip()) for value in row) for _, row in head]
    widest = max(filled)
    for index, count in enumerate(filled):
        if count >= 2 and count >= 0.6 * widest:
            return index
    return 0


def _looks_like_data(names: Iterable[str]) -> bool:
    """Whether most of what was taken for headings are numbers and dates, so that the file probably has none."""
    told = [bool(re.fullmatch(r"[-+]?\d[\d\s.,:/-]*", name)) for name in names]
    return sum(told) * 2 > len(told)


def _columns(body: list[tuple[int, list[str]]], stream: Iterator[tuple[int, list[str]]], width: int, path: Path,
             limits: Limits) -> tuple[list[list[str]], list[int], list[tuple[int, list[str]]]]:
    columns: list[list[str]] = [[] for _ in range(width)]
    shared: list[dict[str, str]] = [{} for _ in range(width)]
    numbers: list[int] = []
    broken: list[tuple[int, list[str]]] = []
    chunk: list[list[str]] = []
    for number, row in itertools.chain(body, stream):
        if not any(row):
            continue
        if len(row) != width:
            if any(value.strip() for value in row[width:]):
                broken.append((number, row))
                continue
            row = row[:width] + [""] * (width - len(row))
        if len(numbers) + len(broken) >= limits.rows:
            raise too_many_rows(path, limits)
        numbers.append(number)
        chunk.append(row)
        if len(chunk) == _CHUNK:
            _append(chunk, columns, shared)
            chunk = []
    _append(chunk, columns, shared)
    return columns, numbers, broken


def _append(chunk: list[list[str]], columns: list[list[str]], shared: list[dict[str, str]]) -> None:
    """Rows onto the ends of columns; a value that comes often is kept in memory once."""
    for values, column, once in zip(zip(*chunk, strict=True), columns, shared, strict=False):
        plain = map(str.strip, values)
        column += [once.setdefault(v, v) for v in plain] if len(once) < _SHARED else [once.get(v, v) for v in plain]


def _trim(row: list[str]) -> list[str]:
    """Without the empty cells at the end."""
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row[:end]


def _unique_names(row: list[str]) -> list[str]:
    """Headings without blanks around; an empty one is named by its place, one that comes again is numbered."""
    names: list[str] = []
    used: set[str] = set()
    for index, raw in enumerate(row, start=1):
        name = base = " ".join(raw.split())[:200] or f"({index})"
        again = 2
        while name in used:
            name, again = f"{base} ({again})", again + 1
        used.add(name)
        names.append(name)
    return names


def _check_columns(count: int, path: Path, limits: Limits) -> None:
    if count > limits.columns:
        raise InputError(Text(sv="Filen {name} har {n} kolumner; högst {most} tas emot.",
                              en="The file {name} has {n} columns; at most {most} are accepted.").format(
                                  name=path.name, n=count, most=limits.columns))


def too_many_rows(path: Path, limits: Limits) -> InputError:
    return InputError(Text(sv="Filen {name} har fler än {most} rader. Dela den och läs in delarna var för sig.",
                           en="The file {name} has more than {most} rows. Split it and import the parts one by one.").format(
                               name=path.name, most=limits.rows))


def no_such_sheet(path: Path, asked: str, names: Iterable[str]) -> InputError:
    return InputError(Text(sv="{asked} finns inte i {name}. Där finns: {names}.", en="{name} has no {asked}. It holds: {names}.").format(
        asked=asked, name=path.name, names=", ".join(names) or "–"))


def damaged(path: Path) -> InputError:
    return InputError(Text(
        sv="Filen {name} är skadad eller ofullständig och går inte att läsa. Hämta eller spara den på nytt.",
        en="The file {name} is damaged or incomplete and cannot be read. Fetch or save it again.").format(name=path.name))


def _no_table(path: Path) -> InputError:
    return InputError(Text(
        sv="Filen {name} innehåller ingen tabell: det behövs minst två kolumner med rubriker, och rader under dem.",
        en="The file {name} holds no table: at least two columns with headings are needed, and rows below them.").format(name=path.name))
