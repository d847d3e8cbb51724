"""The columns of a file: code and title side by side, each described, each as the same kind of value in every format."""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from ..model.describe import Column
from ..model.features import Shown
from ..text import Text, same

TITLE_SUFFIX = "_title"
NO_TEXT = same("")
_BESIDE = Text(sv="{title}, i ord", en="{title}, in words")

# Bookkeeping of the store that is worth having in a file: what to refer to, and how it may be passed on.
KEPT = (Column("uid", Text(sv="Postens id", en="Id of the record"), "text"),
        Column("info_class", Text(sv="Informationsklass", en="Information class"), "integer"))
ARMED = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@dataclass(frozen=True)
class Field:
    """A column of a file: `codes` are its codes with their titles, in words."""

    name: str
    title: Text
    unit: Text
    kind: str
    codes: Text
    help: Text

    def as_json(self) -> dict[str, Any]:
        words = {name: {"sv": text.sv, "en": text.en} for name, text in
                 (("title", self.title), ("unit", self.unit), ("codes", self.codes), ("help", self.help))}
        return {"name": self.name, "kind": self.kind, **words}

    @classmethod
    def from_json(cls, written: dict[str, Any]) -> Field:
        return cls(written["name"], Text(**written["title"]), Text(**written["unit"]), written["kind"], Text(**written["codes"]), Text(**written["help"]))


def columns_of(shown: Shown) -> list[Column]:
    """Columns of the layer, with the store's own that are worth keeping."""
    names = {column.name for column in shown.layer.columns}
    first, last = ([c for c in (kept,) if c.name in shown.frame and c.name not in names] for kept in KEPT)
    return [*first, *shown.layer.columns, *last]


def fields(shown: Shown) -> Iterator[Field]:
    """Each column of the file, in order; a coded column is followed by the one with its titles."""
    for column in columns_of(shown):
        codes = Text(sv="; ".join(f"{c.value} = {c.title.sv}" for c in column.codes), en="; ".join(f"{c.value} = {c.title.en}" for c in column.codes))
        yield Field(column.name, column.title, column.unit or NO_TEXT, column.kind, codes, column.help or NO_TEXT)
        if column.codes:
            yield Field(column.name + TITLE_SUFFIX, _BESIDE.format(title=column.title), NO_TEXT, "text", NO_TEXT, NO_TEXT)


def table(shown: Shown, language: str) -> pd.DataFrame:
    """Rows of the file without geometry, in the order of `fields`.

    integer Int64, number float64 (missing: not a number), boolean nullable, time with its zone, date `datetime.date` or None,
    text `str` or None, json as it was.
    """
    made: dict[str, pd.Series | np.ndarray] = {}
    for column in columns_of(shown):
        values = shown.frame[column.name].reset_index(drop=True)
        made[column.name] = _values(column, values)
        if column.codes:
            titles = {code.value: code.title[language] for code in column.codes}
            made[column.name + TITLE_SUFFIX] = _objects(values, lambda value, titles=titles: titles.get(value, str(value)))
    return pd.DataFrame(made, index=pd.RangeIndex(len(shown)))


def _values(column: Column, values: pd.Series) -> pd.Series:
    if column.kind == "integer":
        return pd.to_numeric(values, errors="coerce").astype("float64").round().astype("Int64")
    if column.kind == "number":
        return pd.to_numeric(values, errors="coerce").astype("float64")
    if column.kind == "boolean":
        return _objects(values, bool).astype("boolean")
    if column.kind == "time":
        return values if isinstance(values.dtype, pd.DatetimeTZDtype) else pd.to_datetime(values, utc=True)
    if column.kind == "date":
        return _objects(values, _date)
    return _objects(values, plain_json if column.kind == "json" else str)


def _objects(values: pd.Series, make) -> pd.Series:
    """Python objects, None where there is no value."""
    return pd.Series([make(value) if known else None for value, known in zip(values.tolist(), values.notna().tolist(), strict=True)],
                     index=values.index, dtype=object)


def _date(value: object) -> date:
    stamp = pd.Timestamp(str(value)) if not isinstance(value, date) else pd.Timestamp(value)
    return stamp.date()


def plain_json(value: Any) -> Any:
    """`value` as JSON can hold it; not-a-number becomes None."""
    if isinstance(value, Text):
        return value.en
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain_json(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return [plain_json(one) for one in value]
    return str(value)


def json_words(value: object) -> str | None:
    """A json value as text."""
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)


def disarmed(text: str) -> str:
    """Text that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe before it."""
    return "'" + text if text.startswith(ARMED) else text


