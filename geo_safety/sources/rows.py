"""Keys by which a row is known when it comes again, and the rows that are refused, each with its reason."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ..text import Text
from .figures import is_missing
from .limits import LONGEST_KEY, LONGEST_TEXT, MOST_REJECTS
from .reading import REJECT_COLUMNS
from .tables import Table

SHORTEST_RAW = 200  # characters kept of each value of a rejected row


def row_hashes(table: Table) -> np.ndarray:
    """A hash of each row over all its columns and its geometry; the order of the columns does not matter."""
    names = sorted(str(name) for name in table.frame.columns)
    columns: list[Any] = [table.column(name) for name in names]
    if table.geometry is not None:
        columns.append(["" if wkb is None else wkb for wkb in shapely.to_wkb(table.geometry, hex=True)])
    start = hashlib.sha256("\x1f".join(names).encode("utf-8", "replace"))
    hashes = []
    for values in zip(*columns, strict=True) if columns else ():
        row = start.copy()
        row.update("\x1f".join(values).encode("utf-8", "replace"))
        hashes.append(row.hexdigest()[:32])
    return np.array([*hashes, ""], dtype=object)[:-1]


@dataclass(frozen=True)
class Keys:
    """`source_key` is different for every row; `event_key` is the supplier's own id, None where there is none."""

    source_key: np.ndarray
    event_key: np.ndarray
    facts: dict[str, Any]


def keys(hashes: np.ndarray, ids: np.ndarray | None, places: np.ndarray | None = None) -> Keys:
    """The supplier's id where it is unique; a second row with the same id becomes `id#2`, a third `id#3`.

    A row without id is known by its hash and, among identical rows, its ordinal: a plain hash would lose all but one of them.
    `places` (any comparable value, None without place) only serves to report how many repeated ids stand at several places.
    """
    known = np.zeros(len(hashes), bool) if ids is None else np.array([not is_missing(str(i)) for i in ids], dtype=bool)
    plain = hashes if ids is None else np.where(known, ids, hashes)
    plain = np.array([_short(str(key)) for key in plain] + [""], dtype=object)[:-1]
    ordinal = pd.Series(plain).groupby(plain).cumcount().to_numpy() if len(plain) else np.array([], int)
    key = np.array([text if n == 0 else f"{text}#{n + 1}" for text, n in zip(plain, ordinal, strict=True)] + [""], dtype=object)[:-1]
    key = _made_different(key)
    event = plain.copy()
    event[~known] = None
    return Keys(key, event, _identical(hashes) | (_repeated(plain[known], places, known) if known.any() else {}))


def _short(key: str) -> str:
    return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]


def _made_different(key: np.ndarray) -> np.ndarray:
    """A supplier that itself writes `7#2` must not meet the `7#2` that we made."""
    twice = pd.Series(key).duplicated().to_numpy()
    taken = set(key)
    for index in np.flatnonzero(twice):
        candidate, n = key[index], 2
        while candidate in taken:
            candidate, n = f"{key[index]}#{n}", n + 1
        taken.add(candidate)
        key[index] = candidate
    return key


def _identical(hashes: np.ndarray) -> dict[str, Any]:
    sizes = pd.Series(hashes).value_counts()
    groups = sizes[sizes > 1]
    return {"identical_rows": int((groups - 1).sum()), "identical_groups_rows": int(groups.sum()),
            "identical_largest": int(groups.max()) if len(groups) else 0}


def _repeated(ids: np.ndarray, places: np.ndarray | None, known: np.ndarray) -> dict[str, Any]:
    frame = pd.DataFrame({"id": ids, "place": None if places is None else places[known]})
    grouped = frame.groupby("id")["place"]
    again = grouped.size() > 1
    distinct = grouped.nunique(dropna=True)[again]
    return {"distinct_ids": len(again), "repeated_ids": int(again.sum()), "repeated_ids_elsewhere": int((distinct > 1).sum()),
            "repeated_ids_without_place": int((distinct == 0).sum())}


def _row_number(row: tuple[Any, ...]) -> int:
    return row[0]


class Rejects:
    """Rows that cannot be stored; each is refused once, for the first reason met."""

    def __init__(self, table: Table):
        self._table = table
        self._refused = np.zeros(len(table), bool)
        self._entries: list[tuple[np.ndarray, str, np.ndarray, Text]] = []

    @property
    def refused(self) -> np.ndarray:
        return self._refused

    @property
    def count(self) -> int:
        return int(self._refused.sum()) + len(self._table.broken)

    def add(self, wrong: np.ndarray, column: str, values: np.ndarray, reason: Text) -> None:
        fresh = wrong & ~self._refused
        if fresh.any():
            self._entries.append((np.flatnonzero(fresh), column, values, reason))
            self._refused |= fresh

    def frame(self) -> pd.DataFrame:
        """REJECT_COLUMNS in the order of the file, at most MOST_REJECTS."""
        rows: list[tuple[Any, ...]] = [self._broken(number, values) for number, values in self._table.broken[:MOST_REJECTS]]
        names = [str(name) for name in self._table.frame.columns]
        left = MOST_REJECTS - len(rows)
        for indexes, column, values, reason in self._entries:
            part = self._table.frame.iloc[indexes[:left]]
            for index, raw in zip(indexes[:left], part.itertuples(index=False, name=None), strict=True):
                rows.append((int(self._table.row_numbers[index]), column, str(values[index])[:LONGEST_TEXT], reason.sv, reason.en,
                             {name: str(value)[:SHORTEST_RAW] for name, value in zip(names, raw, strict=True) if value}))
            left -= len(indexes[:left])
        rows.sort(key=_row_number)
        return pd.DataFrame(rows, columns=list(REJECT_COLUMNS))

    def _broken(self, number: int, values: list[str]) -> tuple[int, str, str, str, str, dict[str, str]]:
        reason = Text(sv="Raden har {n} fält men rubrikraden {m}: ett avgränsningstecken står troligen i en text utan citattecken.",
                      en="The row has {n} fields but the heading {m}: a separator probably stands in a text without quotation marks.").format(
                          n=len(values), m=self._table.frame.shape[1])
        return (number, "", "", reason.sv, reason.en, {str(i): value[:SHORTEST_RAW] for i, value in enumerate(values[:100], start=1) if value})
