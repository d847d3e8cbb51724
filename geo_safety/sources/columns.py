"""Which column of a file is which of ours: headings compared with the names suppliers use, and what a person has chosen."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np

from ..errors import InputError
from ..model.describe import Column, Layer
from ..text import Text
from .figures import number
from .reading import Field, ReadOptions
from .tables import Table

PLACE_FIELDS = (
    Field("x", Text(sv="Öst eller longitud", en="Easting or longitude"),
          ("x", "lon", "long", "lng", "longitude", "longitud", "öst", "e", "east", "easting", "xkoordinat", "xcoord", "xcoordinate",
           "positionlongitude", "sweref99tme", "swerefe", "koordinatx", "pointx", "poslongitude")),
    Field("y", Text(sv="Nord eller latitud", en="Northing or latitude"),
          ("y", "lat", "latitude", "latitud", "nord", "n", "north", "northing", "ykoordinat", "ycoord", "ycoordinate", "positionlatitude",
           "sweref99tmn", "swerefn", "koordinaty", "pointy", "poslatitude")),
    Field("point", Text(sv="Plats i en kolumn (WKT eller ”latitud longitud”)", en="Place in one column (WKT or “latitude longitude”)"),
          ("wkt", "geom", "geometry", "geopoint", "position", "geolocation", "gps", "koordinater", "thegeom")),
)
TIME_PARTS = (
    Field("clock", Text(sv="Klockslag, från", en="Time of day, from"), ("clock", "klockslag", "tidfrån", "klfrån", "starttid", "time", "tid", "kl")),
    Field("clock_to", Text(sv="Klockslag, till", en="Time of day, to"), ("clockto", "tidtill", "kltill", "sluttid")),
    Field("year", Text(sv="År", en="Year"), ("year", "år")),
    Field("month", Text(sv="Månad", en="Month"), ("month", "månad")),
    Field("day", Text(sv="Dag", en="Day"), ("day", "dag")),
    Field("hour", Text(sv="Timme", en="Hour"), ("hour", "timme")),
    Field("minute", Text(sv="Minut", en="Minute"), ("minute", "minut")),
)
DATE_PARTS = ("year", "month", "day", "hour", "minute")
_LONG = 5  # from this length on a word also counts as the beginning or end of a heading


def fields_of(layer: Layer, words: Mapping[str, tuple[str, ...]], *extra: Field, required: tuple[str, ...] = ()) -> tuple[Field, ...]:
    """What a file may tell about rows of `layer`: its columns named in `words`, in that order, and `extra` parts."""
    own = tuple(Field(name, layer.column(name).title, (plain_name(name), *names), name in required) for name, names in words.items())
    return own + extra


def plain_name(heading: str) -> str:
    """A heading in lower case without blanks and signs."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", heading).casefold())


def matched(columns: Iterable[str], fields: Iterable[Field]) -> dict[str, str]:
    """{our name: the file's column} by what headings are called; each column of the file is used once, `fields` in order of importance.

    A group path before the name (KoboToolbox: *Plats/Beskriv platsen*) does not matter.
    """
    columns = list(columns)
    last = {column: {plain_name(re.split(r"/|\||\.(?=\S)", column)[-1])} - {""} for column in columns}
    plain = {column: {plain_name(column)} | names for column, names in last.items()}
    found = _date_parts(plain)
    wanted = [(field, word) for field in fields if field.name not in DATE_PARTS for word in field.words]
    for fits, names in ((_same, plain), (_begins_or_ends, last)):
        for field, word in wanted:
            if field.name in found:
                continue
            for column in columns:
                if column not in found.values() and fits(word, names[column]):
                    found[field.name] = column
                    break
    return _whole_pairs(found)


def _date_parts(plain: dict[str, set[str]]) -> dict[str, str]:
    """Columns that hold a date in parts: only when year, month and day are all there; a month by itself is a time of its own."""
    parts = {field.name: column for field in TIME_PARTS if field.name in DATE_PARTS
             for column, names in plain.items() if names & set(field.words)}
    return parts if {"year", "month", "day"} <= parts.keys() else {}


def _same(word: str, names: set[str]) -> bool:
    return word in names


def _begins_or_ends(word: str, names: set[str]) -> bool:
    return len(word) >= _LONG and any(name.startswith(word) or name.endswith(word) for name in names)


def _whole_pairs(found: dict[str, str]) -> dict[str, str]:
    """x and y make a place only together, and then nothing else does."""
    if not {"x", "y"} <= found.keys():
        found = {name: column for name, column in found.items() if name not in ("x", "y")}
    elif "point" in found:
        del found["point"]
    return found


def check_mapping(table: Table, options: ReadOptions, layer: Layer, fields: Iterable[Field]) -> None:
    """InputError when the choices name a column that the file or the layer does not have, or a value the layer has no use for."""
    fields = list(fields)
    columns = [str(name) for name in table.frame.columns]
    absent = [theirs for theirs in (*options.mapping.values(), *options.keep) if theirs not in columns]
    if absent:
        raise InputError(Text(sv="Filen har ingen kolumn {absent}. Den har: {columns}.",
                              en="The file has no column {absent}. It has: {columns}.").format(
                                  absent=", ".join(dict.fromkeys(absent)), columns=", ".join(columns[:40])))
    ours = {field.name for field in fields}
    unknown = [name for name in (*options.mapping, *options.constants, *options.codes) if name not in ours]
    if unknown:
        raise InputError(Text(sv="{unknown} är ingen av våra kolumner här. Välj bland: {ours}.",
                              en="{unknown} is none of our columns here. Choose among: {ours}.").format(
                                  unknown=", ".join(dict.fromkeys(unknown)), ours=", ".join(field.name for field in fields)))

    for name, value in options.constants.items():
        _check_value(layer, name, value)
    for name, codes in options.codes.items():
        for value in set(codes.values()):
            _check_value(layer, name, value)


def _check_value(layer: Layer, name: str, value: object) -> None:
    """InputError when `value` cannot stand in the layer's column; a part of a time or place has no constant."""
    column = layer.column(name) if layer.has(name) else None
    if column is not None and column.codes:
        if column.code(value) is None:
            raise InputError(Text(sv="{value} finns inte bland värdena för {title}. Välj bland: {codes}.",
                                  en="{value} is not among the values of {title}. Choose among: {codes}.").format(
                                      value=str(value)[:80], title=column.title, codes=", ".join(code.value for code in column.codes)))
        return
    if column is None or not _fits(column, value):
        raise InputError(Text(sv="{value} passar inte som ett värde för alla rader i {name}.",
                              en="{value} does not fit as one value for all rows of {name}.").format(value=str(value)[:80], name=name))


def _fits(column: Column, value: object) -> bool:
    if column.kind == "boolean":
        return isinstance(value, bool)
    if column.kind in ("integer", "number"):
        return bool(np.isfinite(number(str(value)))) and (column.least is None or number(str(value)) >= column.least)
    if column.kind == "date":
        try:
            return bool(date.fromisoformat(str(value)))
        except ValueError:
            return False
    return column.kind in ("text", "long_text") and isinstance(value, str)


def require(table: Table, options: ReadOptions, field: Field) -> None:
    """InputError when neither the file nor a constant gives what the layer cannot do without."""
    if field.name not in options.mapping and field.name not in options.constants:
        raise InputError(Text(
            sv="Filen saknar kolumn för {title}. Letade efter: {words}. Hittade: {columns}. Ange den med {name}=kolumn.",
            en="The file has no column for {title}. Looked for: {words}. Found: {columns}. Name it with {name}=column.").format(
                title=field.title, words=", ".join(field.words[:6]), columns=", ".join(str(c) for c in table.frame.columns[:40]), name=field.name))


def proposed_codes(column: Column, values: Iterable[str], patterns: tuple[tuple[str, str], ...] = ()) -> dict[str, str]:
    """{value in the file: our code} where the words agree with a code's value or title, or with one of `patterns` (expression, code)."""
    by_word = {plain_name(word): code.value for code in column.codes for word in (code.value, code.title.sv, code.title.en)}
    found = {}
    for value in values:
        plain = plain_name(value)
        code = by_word.get(plain) or next((code for pattern, code in patterns if re.search(pattern, value.casefold())), None)
        if code and plain:
            found[value] = code
    return found
