"""What came of an import, for a page, a command line and a spreadsheet."""
from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ..layers.bookkeeping import IMPORT_REJECTS
from ..text import Text

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PLAIN_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")


@dataclass(frozen=True)
class ImportReport:
    """`read` = inserted + updated + unchanged + rejected. Counts are None where they are not known, as in a dry run.

    `notes` are sentences about the quality of the file; `known` tells of a dry run how many rows the store has already.
    """

    source: str
    layer: str
    file_name: str
    read: int
    rejected: int
    without_place: int
    rejects: pd.DataFrame
    quality: dict[str, Any]
    batch_uid: str | None = None
    inserted: int | None = None
    updated: int | None = None
    unchanged: int | None = None
    known: int | None = None
    lock_seconds: float | None = None
    seconds: float = 0.0
    peak_mb: float | None = None
    dry_run: bool = False
    notes: tuple[Text, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON; the rejected rows are left out, they are a file of their own."""
        names = ("source", "layer", "file_name", "batch_uid", "read", "inserted", "updated", "unchanged", "rejected", "without_place", "known",
                 "dry_run", "lock_seconds", "seconds", "peak_mb", "quality")
        return {name: getattr(self, name) for name in names} | {"notes": [{"sv": note.sv, "en": note.en} for note in self.notes]}

    def rejects_csv(self, language: str) -> bytes:
        """See `importing.rejects_csv`."""
        return rejects_file(self.rejects, language)


def rejects_file(rows: pd.DataFrame, language: str) -> bytes:
    """Rejected rows as CSV that a Swedish spreadsheet opens right; what it would take for a formula is made text."""
    raw = [row if isinstance(row, dict) else {} for row in rows["raw"]]
    names = list(dict.fromkeys(name for row in raw for name in row))
    heads = [IMPORT_REJECTS.column(name).title[language] for name in ("row_number", "column_name", "value")]
    heads.append(Text(sv="Skäl", en="Reason")[language])
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([*heads, *map(disarmed, names)])
    reason = "reason_sv" if language == "sv" else "reason_en"
    for (number, column, value, why), row in zip(rows[["row_number", "column_name", "value", reason]].itertuples(index=False, name=None), raw, strict=True):
        writer.writerow([number, disarmed(column), disarmed(value), why, *(disarmed(row.get(name, "")) for name in names)])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def disarmed(value: object) -> str:
    """`value` so that no spreadsheet runs it: a text that begins like a formula, and is no plain number, gets an apostrophe before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) and not _PLAIN_NUMBER.fullmatch(text.strip()) else text
