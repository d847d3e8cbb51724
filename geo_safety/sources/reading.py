"""What passes between a person, a source and the store: the choices for a file, a proposal for them, and the rows that came out.

All of it can be written as JSON, so that choices are kept as a profile and a child process can hand back what it read.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

import geopandas as gpd
import pandas as pd

from ..crs import STOCKHOLM, SWEREF_99_TM
from ..errors import InputError
from ..text import Text

REJECT_COLUMNS = ("row_number", "column_name", "value", "reason_sv", "reason_en", "raw")


@dataclass(frozen=True)
class Destination:
    """The store that rows are read for. `box` is where its municipality lies, in `crs`; None: anywhere the CRS is meant for."""

    crs: str = SWEREF_99_TM
    zone: str = STOCKHOLM
    box: tuple[float, float, float, float] | None = None
    municipality_code: str = ""
    municipality_name: str = ""
    now: datetime | None = None

    @property
    def moment(self) -> datetime:
        return self.now or datetime.now(UTC)

    def to_dict(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self)} | {"now": self.moment.isoformat()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Destination:
        box = data.get("box")
        return cls(**{**data, "box": tuple(box) if box else None, "now": datetime.fromisoformat(data["now"]) if data.get("now") else None})


SWEDEN = Destination()


@dataclass(frozen=True)
class ReadOptions:
    """How a file is to be understood, as a person has confirmed it.

    Parameters
    ----------
    mapping
        Our column (or part: x, y, point, year … minute, clock, clock_to) → the file's. "" in what is given to `propose`: none is meant.
    constants
        Our column → one value for all rows, and for a code column the value where the file's own is not in `codes`.
    codes
        Our column → {the file's value: our code}.
    crs, swap_axes
        Coordinate system of the file; True when it writes north before east.
    date_order
        "dmy" or "mdy": how 3/4/2025 is meant.
    zone
        Zone of times without an offset; None: the store's.
    zulu_is_utc
        Whether a Z at the end means UTC (True) or was put after local time (False). Has to be answered when there is one.
    time_precision
        "month", "day", "hour", "minute" in place of what the texts suggest: *2022-01-01* may stand for all of January.
    decimal
        "," or "." when the decimal sign is not plain from each number.
    keep
        The file's columns to keep as `details`. The rest is not stored.
    proposed
        True as long as nobody has said yes: such options are refused.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    crs: str | None = None
    swap_axes: bool = False
    date_order: str | None = None
    zone: str | None = None
    zulu_is_utc: bool | None = None
    time_precision: str | None = None
    decimal: str | None = None
    keep: tuple[str, ...] = ()
    sheet: str | None = None        # sheet of a workbook, layer of a GeoPackage, file of a zip
    header_row: int | None = None   # as counted in the file, from 1; 0: the file has none
    separator: str | None = None
    encoding: str | None = None
    source_code: str | None = None  # tells suppliers apart whose ids may be alike
    info_class: int | None = None   # None: the usual one of the source
    proposed: bool = False

    def __post_init__(self):
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise InputError(Text(sv="{name} kan vara {allowed}, inte {met}.", en="{name} may be {allowed}, not {met}.").format(
                    name=name, allowed=", ".join(str(a) for a in allowed if a is not None), met=repr(getattr(self, name))))

    def with_(self, **changes: Any) -> ReadOptions:
        """The same choices with `changes`; mapping, constants and codes are added to, and an empty value takes an entry away."""
        for name in ("mapping", "constants", "codes"):
            if name in changes:
                merged = {**getattr(self, name), **changes[name]}
                changes[name] = {key: value for key, value in merged.items() if value not in (None, "", {})}
        if changes.get("crs", self.crs) != self.crs:  # the order of axes was that of the other system
            changes.setdefault("swap_axes", False)
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """What differs from the default, ready for JSON."""
        default = ReadOptions()
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self) if getattr(self, f.name) != getattr(default, f.name)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ReadOptions:
        """Options as `to_dict` wrote them; an unknown entry is refused, so that a profile never half applies."""
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(data) - known)
        if unknown:
            raise InputError(Text(sv="Profilen innehåller val som inte finns: {names}.",
                                  en="The profile holds choices that do not exist: {names}.").format(names=", ".join(unknown)))
        told: dict[str, Any] = {name: tuple(value) if name == "keep" else value for name, value in data.items()}
        return cls(**told)


_CHOICES: dict[str, tuple[Any, ...]] = {
    "date_order": (None, "dmy", "mdy"), "time_precision": (None, "minute", "hour", "day", "month"), "decimal": (None, ",", "."),
    "zulu_is_utc": (None, True, False), "separator": (None, ";", ",", "\t", "|")}


def parse_map(pairs: list[str] | tuple[str, ...]) -> dict[str, str]:
    """{our column: theirs} from `our=their` as the command line gets it."""
    mapping = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if not equals or not ours.strip():
            raise InputError(Text(sv="Skriv kolumner som vår=filens, till exempel x=lon. Fick {met}.",
                                  en="Write columns as ours=theirs, for example x=lon. Got {met}.").format(met=repr(pair)))
        mapping[ours.strip()] = theirs.strip()
    return mapping


@dataclass(frozen=True)
class Field:
    """One thing that a file may tell a source: a column of its layer, or a part of a time or a place.

    `words` are the names suppliers give it, in lower case without blanks and signs, the surest first.
    """

    name: str
    title: Text
    words: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class CrsCandidate:
    """A coordinate system that the file names itself (`declared`) or that would put its points in the municipality."""

    crs: str
    title: str
    swapped: bool = False
    share_inside: float | None = None
    declared: bool = False


@dataclass(frozen=True)
class Proposal:
    """How a file could be understood; nothing of it holds before a person says yes to it.

    `options` is the proposal as a whole. `questions` are what the file cannot answer; each names the option that does.
    """

    source: str
    file_name: str
    columns: tuple[str, ...]
    options: ReadOptions
    fields: tuple[Field, ...] = ()
    samples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # our code column → {value in the file: rows}
    times: tuple[tuple[str, str], ...] = ()     # (as written, as it would be read)
    places: tuple[tuple[str, str], ...] = ()    # (as written, longitude and latitude as it would be read)
    crs: tuple[CrsCandidate, ...] = ()
    sheets: tuple[str, ...] = ()
    preview: tuple[Mapping[str, str], ...] = ()
    rows: int = 0
    notes: tuple[Text, ...] = ()
    questions: tuple[tuple[str, Text], ...] = ()

    def accepted(self, **changes: Any) -> ReadOptions:
        """The proposal with `changes`, confirmed by the caller on behalf of a person. InputError while a question is unanswered."""
        options = self.options.with_(**changes, proposed=False)
        for name, question in self.questions:
            if not _answered(options, name):
                raise InputError(question)
        return options

    def to_dict(self) -> dict[str, Any]:
        plain = {f.name: _plain(getattr(self, f.name)) for f in fields(self)}
        return plain | {"options": self.options.to_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Proposal:
        told = dict(data)
        told["options"] = ReadOptions.from_dict(told["options"])
        told["fields"] = tuple(Field(**{**f, "title": Text(**f["title"]), "words": tuple(f["words"])}) for f in told["fields"])
        told["crs"] = tuple(CrsCandidate(**c) for c in told["crs"])
        told["notes"] = tuple(Text(**note) for note in told["notes"])
        told["questions"] = tuple((name, Text(**question)) for name, question in told["questions"])
        told["samples"] = {name: tuple(values) for name, values in told["samples"].items()}
        for name in ("times", "places"):
            told[name] = tuple((a, b) for a, b in told[name])
        for name in ("columns", "sheets", "preview"):
            told[name] = tuple(told[name])
        return cls(**told)


def _answered(options: ReadOptions, name: str) -> bool:
    for entries in (options.mapping, options.constants):
        if name in entries:
            return True
    return name in {f.name for f in fields(options)} and getattr(options, name) is not None


@dataclass(frozen=True)
class Reading:
    """Rows of a layer, in the store's CRS and zone, and what could not become one.

    frame
        The layer's columns; a GeoDataFrame when the layer has a geometry, None where there is no place.
    rejects
        REJECT_COLUMNS, one entry a row: number as in the file, column, value, reason in both languages, the row.
    quality
        Counts that tell how good the file is; `sources.quality.described` puts them in words.
    read
        Rows met in the file.
    rejected
        Rows refused; more than `rejects` has when there were very many.
    """

    frame: gpd.GeoDataFrame | pd.DataFrame
    rejects: pd.DataFrame
    quality: dict[str, Any]
    read: int
    rejected: int = 0


def _plain(value: Any) -> Any:
    """`value` as JSON knows it."""
    if isinstance(value, Text):
        return {"sv": value.sv, "en": value.en}
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, Field | CrsCandidate):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return value
