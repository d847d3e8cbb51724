"""Columns of a file as columns of a layer: texts, codes, numbers, yes and no, dates."""
from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError
from ..model.describe import Column, Layer
from ..text import Text
from . import figures, times
from .limits import LONGEST_TEXT
from .reading import Destination, ReadOptions
from .rows import Rejects
from .tables import Table

_YES = frozenset({"ja", "j", "true", "sant", "yes", "y", "1", "x", "sann", "försök"})
_NO = frozenset({"nej", "n", "false", "falskt", "no", "0", "falsk", "fullbordat"})


@dataclass
class Rows:
    """A table on its way to becoming rows of a layer: what was chosen, what is refused, what is counted."""

    table: Table
    options: ReadOptions
    layer: Layer
    into: Destination
    rejects: Rejects = field(init=False)
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        self.rejects = Rejects(self.table)

    def raw(self, name: str) -> np.ndarray | None:
        """The file's values for our column `name`; None when it is not mapped."""
        theirs = self.options.mapping.get(name)
        return None if theirs is None else self.table.column(theirs)

    def column_name(self, name: str) -> str:
        """What a person who looks for `name` in the file finds there."""
        return self.options.mapping.get(name, name)

    def count(self, name: str, n: int) -> None:
        if n:
            self.facts[name] = self.facts.get(name, 0) + n

    def empty(self) -> np.ndarray:
        return np.full(len(self.table), None, dtype=object)


def constant(rows: Rows, name: str) -> Any:
    return rows.options.constants.get(name)


def text(rows: Rows, name: str) -> np.ndarray:
    """Texts of at most LONGEST_TEXT characters, None where nothing stood."""
    raw = rows.raw(name)
    if raw is None:
        return np.full(len(rows.table), constant(rows, name), dtype=object)
    codes, unique = pd.factorize(raw)
    told = [str(value).strip() for value in unique]
    long = np.array([len(value) > LONGEST_TEXT for value in told], dtype=bool)
    if long.any():
        rows.count("shortened", int(long[codes].sum()))
    return _spread([value[:LONGEST_TEXT] or None for value in told], codes)


def coded(rows: Rows, column: Column) -> np.ndarray:
    """Our codes. A value that nobody gave a code takes the constant, else "other" where the list has it, else None, and is counted.

    A value of several words that each have a code (KoboToolbox' choice of several) takes the first but "other" and is counted too.
    """
    fallback = constant(rows, column.name)
    raw = rows.raw(column.name)
    if raw is None:
        return np.full(len(rows.table), fallback, dtype=object)
    if fallback is None and column.code("other") is not None:
        fallback = "other"
    known = {**{code.value: code.value for code in column.codes}, **rows.options.codes.get(column.name, {})}
    codes, unique = pd.factorize(raw)
    sizes = np.bincount(codes, minlength=len(unique))
    ours: list[str | None] = []
    unknown: dict[str, int] = {}
    for value, size in zip(unique, sizes, strict=True):
        plain = str(value).strip()
        parts = plain.split()
        if plain in known:
            ours.append(known[plain])
        elif len(parts) > 1 and all(part in known for part in parts):
            ours.append(next((known[part] for part in parts if known[part] != "other"), "other"))
            rows.count("several_values", int(size))
        else:
            ours.append(fallback)
            if plain and not figures.is_missing(plain):
                unknown[plain[:80]] = int(size)
    if unknown:
        largest = dict(sorted(unknown.items(), key=lambda item: -item[1])[:50])
        rows.facts.setdefault("unknown_values", {})[rows.column_name(column.name)] = largest
    return _spread(ours, codes)


def flag(rows: Rows, name: str) -> np.ndarray:
    """True, False, or None where neither is said."""
    raw = rows.raw(name)
    if raw is None:
        return np.full(len(rows.table), constant(rows, name), dtype=object)
    codes, unique = pd.factorize(raw)
    words = [str(value).strip().casefold() for value in unique]
    return _spread([True if word in _YES else False if word in _NO else None for word in words], codes)


def number(rows: Rows, column: Column, *, whole: bool = False) -> np.ndarray:
    """Numbers, NaN where nothing stood; a row with something else there, or below the least there can be, is refused."""
    raw = rows.raw(column.name)
    if raw is None:
        given = constant(rows, column.name)
        return np.full(len(rows.table), np.nan if given is None else figures.number(str(given)))
    found = figures.numbers(raw, rows.options.decimal)
    said = np.array([not figures.is_missing(str(value)) for value in raw], dtype=bool)
    rows.rejects.add(said & ~np.isfinite(found), rows.column_name(column.name), raw, Text(
        sv="{title} är inget tal.", en="{title} is not a number.").format(title=column.title))
    if column.least is not None:
        rows.rejects.add(found < column.least, rows.column_name(column.name), raw, Text(
            sv="{title} kan inte vara mindre än {least}.", en="{title} cannot be less than {least}.").format(title=column.title, least=column.least))
    found = np.where(np.isfinite(found) & (np.abs(found) < 2**53), found, np.nan)
    return np.round(found) if whole else found


def day(rows: Rows, column: Column, *, future: bool) -> np.ndarray:
    """Dates, None where nothing stood; a row with something else there, too early or (unless `future`) not yet come is refused."""
    raw = rows.raw(column.name)
    if raw is None:
        given = constant(rows, column.name)
        return np.full(len(rows.table), dt.date.fromisoformat(given) if isinstance(given, str) else given, dtype=object)
    parsed = times.parse(raw, order=rows.options.date_order)  # type: ignore[arg-type]
    require_order(rows, parsed, column.name)
    at = times.instants(parsed, zone=rows.options.zone or rows.into.zone, zulu_is_utc=bool(rows.options.zulu_is_utc)).at
    local = at.tz_convert(rows.into.zone)
    said = np.array([not figures.is_missing(str(value)) for value in raw], dtype=bool)
    name = rows.column_name(column.name)
    rows.rejects.add(said & ~parsed.usable, name, raw, Text(sv="{title} är inget datum.", en="{title} is not a date.").format(title=column.title))
    refuse_impossible(rows, local, name, raw, future=future)
    return np.array([None if value is pd.NaT else value.date() for value in local] + [None], dtype=object)[:-1]


def refuse_impossible(rows: Rows, at: pd.DatetimeIndex, name: str, raw: np.ndarray, *, future: bool) -> None:
    """Refuses rows before times.EARLIEST, and those after now (or, where plans are told of, more than thirty years ahead)."""
    early = np.asarray(at < pd.Timestamp(times.EARLIEST, tz=at.tz))
    rows.rejects.add(early, name, raw, TOO_EARLY)
    now = pd.Timestamp(rows.into.moment)
    late = np.asarray(at > (now + pd.Timedelta(days=30 * 365) if future else now))
    rows.rejects.add(late, name, raw, FAR_AHEAD if future else IN_THE_FUTURE)


TOO_EARLY = Text(sv="Tiden är före {bound}. Sådana tider är oftast ett tomt fält i registret.",
                 en="The time is before {bound}. Such times are mostly an empty field in the register.").format(bound=times.EARLIEST)
IN_THE_FUTURE = Text(sv="Tiden ligger i framtiden.", en="The time lies in the future.")
FAR_AHEAD = Text(sv="Datumet ligger mer än 30 år framåt.", en="The date lies more than 30 years ahead.")


def require_order(rows: Rows, parsed: times.Parsed, name: str) -> None:
    """InputError when day and month can change places and nobody has said which comes first."""
    if parsed.ambiguous:
        raise InputError(ambiguous_order(rows.column_name(name)))


def ambiguous_order(theirs: str) -> Text:
    return Text(sv="Datumen i {column} kan läsas på två sätt. Välj om dagen (date_order=dmy) eller månaden (date_order=mdy) står först.",
                en="The dates in {column} can be read in two ways. Say whether the day (date_order=dmy) or the month (date_order=mdy) comes first."
                ).format(column=theirs)


def kept_details(rows: Rows) -> np.ndarray:
    """The file's own columns that somebody asked to keep, as a dictionary a row; None when none was."""
    if not rows.options.keep:
        return rows.empty()
    columns = [rows.table.column(name) for name in rows.options.keep]
    told = [{name: str(value)[:LONGEST_TEXT] for name, value in zip(rows.options.keep, values, strict=True) if value}
            for values in zip(*columns, strict=True)]
    return np.array([*told, None], dtype=object)[:-1]


def frame(made: Mapping[str, Any], size: int) -> pd.DataFrame:
    """Columns side by side; texts stay objects, so that what is missing stays None. A single value stands for all rows."""
    return pd.DataFrame({name: value if isinstance(value, str) else pd.Series(value, dtype=object if value.dtype == object else None)
                         for name, value in made.items()}, index=range(size))


def _spread(unique: list[Any], codes: np.ndarray) -> np.ndarray:
    """One entry of `unique` for each code, as objects."""
    lookup = np.empty(len(unique) + 1, dtype=object)
    lookup[:len(unique)] = unique
    lookup[len(unique)] = None
    return lookup[codes]
