"""The choices for a file as the form shows them, and back: what a person has changed, and whether the file must be looked at again."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyproj

from ....errors import InputError
from ....layers import LAYERS
from ....model.describe import Column, Layer
from ....sources import SOURCES
from ....sources.columns import TIME_PARTS
from ....sources.reading import Field, Proposal, ReadOptions
from ....text import Text

MOST_VALUES = 60
# How the file itself is opened: with one of these changed the columns are others, so all that was said of them is asked anew.
OF_THE_FILE = ("sheet", "header_row", "separator", "encoding")
# What says nothing about how the file is understood.
ASIDE = ("codes", "keep", "source_code", "info_class")
_NOT_FOR_ALL = ("source_code", "source_key", "code", "event_key")
_WHERE = ("x", "y", "point", "geom_precision", "place_text", "area_code")
_PARTS = tuple(part.name for part in TIME_PARTS)

UNKNOWN_CRS = Text(sv="Koordinatsystemet {given} är okänt. Skriv EPSG-numret, till exempel 3006 för SWEREF 99 TM eller 4326 för longitud och latitud.",
                   en="The coordinate system {given} is unknown. Write its EPSG number, for example 3006 for SWEREF 99 TM or 4326 for longitude and latitude.")
NO_ROW = Text(sv="Rubrikraden {given} är inget radnummer. Skriv 0 när filen saknar rubriker, annars 1, 2, 3 …",
              en="The heading row {given} is not a row number. Write 0 when the file has no headings, otherwise 1, 2, 3 …")


@dataclass(frozen=True)
class Form:
    """What stands in the controls: our field → column, one value for all rows, our column → {position in its list: our code}, the rest by name."""

    columns: Mapping[str, str | None] = field(default_factory=dict)
    same: Mapping[str, str | None] = field(default_factory=dict)
    codes: Mapping[str, Mapping[int, str | None]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


def layer_of(proposal: Proposal) -> Layer:
    return LAYERS[SOURCES[proposal.source].layer]


def about(proposal: Proposal, found: Field) -> str:
    """Whether a field tells *what*, *when* or *where*."""
    layer = layer_of(proposal)
    if found.name in _WHERE:
        return "where"
    if found.name in _PARTS or (layer.has(found.name) and layer.column(found.name).kind in ("time", "date")):
        return "when"
    return "what"


def for_all_rows(proposal: Proposal, found: Field) -> Column | None:
    """The column of ours, when one value may be given for all rows of the file."""
    layer = layer_of(proposal)
    if not layer.has(found.name) or found.name in _NOT_FOR_ALL:
        return None
    column = layer.column(found.name)
    return column if column.codes or column.kind in ("integer", "date") or (column.kind == "text" and column.name in layer.key) else None


def listed(proposal: Proposal, name: str) -> list[tuple[str, int]]:
    """The file's values for a code column, the most frequent first, with their number of rows; as many as the form shows."""
    values = proposal.values.get(name, {})
    return sorted(values.items(), key=lambda item: -item[1])[:MOST_VALUES]


def chosen(proposal: Proposal, form: Form) -> ReadOptions:
    """The options that the form asks for. A field without a column has "" so that none is guessed for it again. InputError in words."""
    now = proposal.options
    mapping = {found.name: form.columns.get(found.name) or "" for found in proposal.fields}
    constants = {name: value for name, value in {**now.constants, **{n: v or "" for n, v in form.same.items()}}.items() if value != ""}
    codes = {name: _codes(proposal, name, given) for name, given in form.codes.items()}
    told = replace(now, mapping=mapping, constants=constants, codes={**now.codes, **codes}, **_others(proposal, form.options))
    if any(getattr(told, name) != getattr(now, name) for name in OF_THE_FILE):
        return ReadOptions(source_code=told.source_code, info_class=told.info_class, proposed=True, **{n: getattr(told, n) for n in OF_THE_FILE})
    return told


def _codes(proposal: Proposal, name: str, given: Mapping[int, str | None]) -> dict[str, str]:
    """{the file's value: our code, "" for none}; values beyond those shown keep what was proposed for them."""
    shown = [value for value, _ in listed(proposal, name)]
    kept = {value: code for value, code in proposal.options.codes.get(name, {}).items() if value not in shown}
    return kept | {shown[at]: code or "" for at, code in given.items() if at < len(shown)}


def _others(proposal: Proposal, given: Mapping[str, Any]) -> dict[str, Any]:
    now = proposal.options
    told: dict[str, Any] = {name: given[name] or None for name in ("sheet", "separator", "encoding", "date_order", "zone", "time_precision", "decimal")
                            if name in given}
    if "keep" in given:
        told["keep"] = tuple(given["keep"] or ())
    if "source_code" in given:
        told["source_code"] = (given["source_code"] or "").strip() or None
    if given.get("info_class") and int(given["info_class"]) != class_of(proposal):
        told["info_class"] = int(given["info_class"])
    if "zulu" in given:
        told["zulu_is_utc"] = {"utc": True, "local": False}.get(given["zulu"])
    if "header_row" in given:
        told["header_row"] = _row((given["header_row"] or "").strip())
    return told | _place(now, given)


def class_of(proposal: Proposal) -> int:
    """The information class that the rows would get."""
    return SOURCES[proposal.source].default_class if proposal.options.info_class is None else proposal.options.info_class


def _row(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or int(text) > 10_000:
        raise InputError(NO_ROW.format(given=text[:20]))
    return int(text)


def _place(now: ReadOptions, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was changed last holds: a code of one's own, one of the candidates, or the order of the axes."""
    own, candidate, swapped = (given.get("crs_code") or "").strip(), given.get("crs") or "", given.get("axes") == "yx"
    if own and crs_named(own) != now.crs:
        return {"crs": crs_named(own), "swap_axes": swapped}
    if candidate and candidate != candidate_name(now.crs, now.swap_axes):
        name, _, order = candidate.partition("|")
        return {"crs": name, "swap_axes": order == "yx"}
    return {"swap_axes": swapped} if "axes" in given else {}


def candidate_name(crs: str | None, swapped: bool) -> str:
    return f"{crs}|{'yx' if swapped else 'xy'}" if crs else ""


def crs_named(text: str) -> str:
    """`EPSG:n` of what a person has typed; InputError when there is no such system on the ground."""
    number = text.upper().removeprefix("EPSG").strip(" :")
    try:
        known = pyproj.CRS.from_epsg(int(number))
    except (ValueError, pyproj.exceptions.CRSError) as error:
        raise InputError(UNKNOWN_CRS.format(given=text[:40])) from error
    if not (known.is_projected or known.is_geographic):
        raise InputError(UNKNOWN_CRS.format(given=text[:40]))
    return f"EPSG:{int(number)}"


def plain(options: ReadOptions) -> dict[str, Any]:
    """Options as they hold: without the fields that were left out."""
    told = replace(options, mapping={name: column for name, column in options.mapping.items() if column},
                   codes={name: told for name, codes in options.codes.items() if (told := {v: c for v, c in codes.items() if c})}, proposed=False)
    return told.to_dict()


def differs(proposal: Proposal, options: ReadOptions) -> str:
    """"no" difference from what the form showed, one "aside", or one for which the file must be looked at "again"."""
    before, after = plain(proposal.options), plain(options)
    if before == after:
        return "no"
    ours = {name: value for name, value in before.items() if name not in ASIDE}
    theirs = {name: value for name, value in after.items() if name not in ASIDE}
    return "aside" if ours == theirs else "again"


def settled(proposal: Proposal, options: ReadOptions) -> Proposal:
    """The proposal with choices that need no new look at the file."""
    return replace(proposal, options=replace(options, mapping={name: column for name, column in options.mapping.items() if column}, proposed=True))


def confirmed(proposal: Proposal) -> ReadOptions:
    """What a person has said yes to, ready for reading. The questions must have been answered."""
    return ReadOptions.from_dict(plain(proposal.accepted()))
