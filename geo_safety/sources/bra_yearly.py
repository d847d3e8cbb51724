"""Brå's yearly list of reported offences by municipality, in the layouts published so far.

From 2023: semicolon, `Kommun;Antal;Per 100 000 inv.`, names without code. 2021: no heading, names with *kommun* and a genitive s,
city districts among them. Only totals, by date of registration. `..` is missing, `-` is nought, `.` does not apply.
"""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import InputError
from ..layers.reference import OFFENCE_STATISTICS as LAYER
from ..model.describe import Column, Source
from ..model.jobs import Progress, silent
from ..text import Text
from . import columns, figures, values
from .limits import DEFAULT, Limits
from .opening import open_table
from .proposing import OPENING, UNCONFIRMED, Wording, proposal
from .reading import SWEDEN, Destination, Proposal, Reading, ReadOptions
from .values import Rows

TOTAL = "total"     # the offence group of a list that has only totals
FIELDS = columns.fields_of(LAYER, {
    "municipality_name": ("kommun", "region", "kommunnamn", "område"), "reported": ("antal", "anmäldabrott", "antalanmäldabrott"),
    "per_100k": ("per100000inv", "per100000invånare", "per100000avmedelfolkmängden", "per100000"), "year": ("år",),
    "offence_group": ("brottsgrupp", "brottstyp", "brott"), "municipality_code": ("kommunkod", "kod"), "preliminary": ("preliminär",),
}, required=("municipality_name", "year", "offence_group"))
WORDING = Wording("bra_yearly", LAYER, FIELDS, needed=("municipality_name", "reported", "year"), constants={"offence_group": TOTAL})
_WITHOUT_HEADING = {"municipality_name": "1", "reported": "2", "per_100k": "3"}
_WHOLE_COUNTRY = frozenset({"riket", "hela landet", "hela riket", "sverige", "samtliga kommuner"})
_FINAL_MONTH = 4    # final figures of a year come at the end of March of the next


def propose(path: str | Path, into: Destination = SWEDEN, given: ReadOptions | None = None, *, limits: Limits = DEFAULT,
            progress: Progress = silent) -> Proposal:
    """How the file could be understood; the year is taken from the file's name, to be confirmed."""
    progress(0.1, OPENING)
    told = given or ReadOptions()
    first = proposal(path, WORDING, into, told, limits=limits)
    if first.options.header_row == 0 and not told.mapping:
        told = replace(told, header_row=0, mapping={ours: theirs for ours, theirs in _WITHOUT_HEADING.items() if theirs in first.columns})
    year = re.search(r"(?<!\d)(20\d{2})(?!\d)", first.file_name)
    if year and "year" not in first.options.mapping and "year" not in first.options.constants:
        told = told.with_(constants={"year": int(year[1])})
    if "year" in told.constants and "preliminary" not in told.constants and "preliminary" not in first.options.mapping:
        final = date(int(told.constants["year"]) + 1, _FINAL_MONTH, 1)
        told = told.with_(constants={"preliminary": into.moment.date() < final})
    return first if told == given else proposal(path, WORDING, into, told, limits=limits)


def read(path: str | Path, options: ReadOptions, into: Destination = SWEDEN, *, limits: Limits = DEFAULT, progress: Progress = silent) -> Reading:
    """One row a municipality, named as in the list of the 290 where it is one of them."""
    progress(0.0, OPENING)
    table = open_table(path, options, limits)
    if options.proposed:
        raise InputError(UNCONFIRMED)
    columns.check_mapping(table, options, LAYER, FIELDS)
    for field in FIELDS:
        if field.required:
            columns.require(table, options, field)
    rows = Rows(table, options, LAYER, into)
    names = values.text(rows, "municipality_name")
    ours = np.array([municipality(name) for name in names] + [None], dtype=object)[:-1]
    skipped = _not_municipalities(rows, names, ours)
    frame = pd.DataFrame({
        "source_code": options.source_code or "bra_yearly",
        "municipality_code": [found and found[0] for found in ours],
        "municipality_name": [found[1] if found else name for found, name in zip(ours, names, strict=True)],
        "year": _counts(rows, LAYER.column("year"), skipped), "offence_group": values.text(rows, "offence_group"),
        "reported": _counts(rows, LAYER.column("reported"), skipped), "per_100k": _counts(rows, LAYER.column("per_100k"), skipped),
        "preliminary": values.flag(rows, "preliminary")}, index=range(len(table)))
    _refuse(rows, frame, names, skipped)
    kept = frame[~rows.rejects.refused & ~skipped].astype({"year": "Int64", "reported": "Int64"}).reset_index(drop=True)
    return Reading(kept, rows.rejects.frame(), rows.facts | {"rows": len(kept), "skipped": int(skipped.sum())},
                   len(table) + len(table.broken) - int(skipped.sum()), rows.rejects.count)


@lru_cache(maxsize=1)
def municipalities() -> Mapping[str, tuple[str, str]]:
    """{plain name: (code, name)} of the 290 municipalities."""
    lines = files(__package__).joinpath("municipalities.txt").read_text(encoding="utf-8").splitlines()
    return {_plain(name): (code, name) for code, _, name in (line.partition(" ") for line in lines)}


def municipality(name: str | None) -> tuple[str, str] | None:
    """(code, short name) for a name with or without *kommun*, *stad* and a genitive s; None when it is none of the 290."""
    known = municipalities()
    plain = re.sub(r"\s+(kommun|stad|kn)$", "", _plain(name or ""))
    return known.get(plain) or (known.get(plain[:-1]) if plain.endswith("s") else None)


def _plain(name: str) -> str:
    return re.sub(r"\s*[-‐‑–—]\s*", "-", " ".join(name.split()).casefold())


def _not_municipalities(rows: Rows, names: np.ndarray, ours: np.ndarray) -> np.ndarray:
    """The country as a whole, and, in a list of Swedish municipalities, districts of cities."""
    country = np.array([_plain(name or "") in _WHOLE_COUNTRY for name in names], dtype=bool)
    known = np.array([found is not None for found in ours], dtype=bool)
    if known.sum() * 2 < len(names):  # not these municipalities at all: every name counts
        return country
    districts = ~known & ~country & np.array([not _plain(name or "").endswith(" kommun") for name in names], dtype=bool)
    if districts.any():
        rows.facts["not_municipalities"] = [str(name)[:80] for name in names[districts][:50]]
    return country | districts


def _counts(rows: Rows, column: Column, skipped: np.ndarray) -> np.ndarray:
    """Numbers in which a dash is nought and `..` or `.` is missing; a row with other words in place of a number is refused."""
    raw = rows.raw(column.name)
    if raw is None:
        given = values.constant(rows, column.name)
        return np.full(len(rows.table), np.nan if given is None else figures.number(str(given)))
    found = figures.numbers(raw, rows.options.decimal or ",")
    dash = np.isin(raw, ("-", "–", "\u2212"))
    gone = np.array([figures.is_missing(str(value)) for value in raw], dtype=bool) & ~dash
    found = np.where(dash, 0.0, found)
    fraction = (found != np.round(found)) if column.kind == "integer" else np.zeros(len(found), bool)
    wrong = ~gone & (~np.isfinite(found) | (found < 0) | (np.abs(found) > 1e9) | fraction)
    rows.rejects.add(wrong & ~skipped, rows.column_name(column.name), raw, Text(
        sv="{title} är inget tal som kan stämma.", en="{title} is not a number that can be right.").format(title=column.title))
    return np.where(gone | wrong, np.nan, found)


def _refuse(rows: Rows, frame: pd.DataFrame, names: np.ndarray, skipped: np.ndarray) -> None:
    column = rows.column_name("municipality_name")
    rows.rejects.add(np.asarray(frame["municipality_name"].isna()) & ~skipped, column, names, Text(
        sv="Kommunens namn saknas.", en="The municipality's name is missing."))
    year = frame["year"].to_numpy(dtype=float)
    rows.rejects.add(~((year >= 1950) & (year <= rows.into.moment.year)) & ~skipped, rows.column_name("year"), names, Text(
        sv="Året saknas eller kan inte stämma.", en="The year is missing or cannot be right."))
    again = frame[~rows.rejects.refused & ~skipped].duplicated(["municipality_name", "year", "offence_group"])
    twice = np.zeros(len(frame), bool)
    twice[again[again].index] = True
    rows.rejects.add(twice, column, names, Text(sv="Kommunen kommer en gång till i filen.", en="The municipality comes once more in the file."))


SOURCE = Source(
    "bra_yearly", Text(sv="Brås årliga kommunlista", en="Brå's yearly list of municipalities"), "offence_statistics", read=read, propose=propose,
    coverage="register", suffixes=(".csv", ".txt", ".xlsx"), sample="data/bra_2025.csv", default_class=0, attribution="Källa: Brå",
    licence=Text(sv="Fri användning med källa", en="Free to use with the source named"),
    help=Text(sv="Filen ”Anmälda brott, kommunerna” från bra.se: ett år, totalt antal och antal per 100 000 invånare.",
              en="The file “Anmälda brott, kommunerna” from bra.se: one year, the total and the number per 100,000 residents."))
