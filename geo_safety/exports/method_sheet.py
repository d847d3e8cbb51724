"""The method sheet that goes with every file: what it shows, what it does not show, and where every number comes from.

Made from what travels with the layer (facts, doubts, provenance) and from the description of the method, so that it can never
say something else than the result it lies beside. Said in both languages; written as text, as rows and as JSON.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pandas as pd

from ..crs import title as crs_title
from ..layers.areas import AREA_KINDS
from ..layers.incidents import OFFENCE_TYPES
from ..maps.legend import LEVELS, asked_of_incidents
from ..model.cautions import CAUTIONS
from ..model.describe import Method
from ..model.features import Shown
from ..model.selection import Period, Selection
from ..text import LANGUAGES, Text, day, moment, number, period, same
from .fields import Field, fields, plain_json
from .sheet_words import CLASSES, COVERAGE, DEFAULT_TYPES, DOES_NOT, DOES_NOT_AT_ALL, FACTS, NO, NONE_KNOWN, REAL, SHEET, SHOWS, TITLES, WORDS, YES

BASE = "base_map"


@dataclass(frozen=True)
class Entry:
    """One line: a stable key, its title, what is said, and the same as a plain value."""

    key: str
    title: Text
    said: Text
    value: Any = None


@dataclass(frozen=True)
class Part:
    """All about one layer of the file."""

    layer: str
    title: Text
    entries: tuple[Entry, ...]
    fields: tuple[Field, ...]

    def entry(self, key: str) -> Entry:
        return next(entry for entry in self.entries if entry.key == key)


@dataclass(frozen=True)
class MethodSheet:
    parts: tuple[Part, ...]

    @property
    def made_up(self) -> bool:
        return any(part.entry("made_up").value for part in self.parts)

    def rows(self, language: str) -> list[tuple[str, str, str, str]]:
        """(layer, key, title, what is said)."""
        return [(part.layer, entry.key, entry.title[language], entry.said[language]) for part in self.parts for entry in part.entries]

    def sections(self, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
        """(heading, rows of title and what is said) for each layer."""
        return [(part.title[language], [(entry.title[language], entry.said[language]) for entry in part.entries]) for part in self.parts]

    def markdown(self, language: str) -> str:
        """The sheet as text that can be read as it is, or shown as headings and tables; its columns come last."""
        lines = [f"# {SHEET[language]}", ""]
        for part in self.parts:
            lines += [f"## {_plain(part.title[language])}", ""]
            lines += [f"**{_plain(entry.title[language])}:** {_plain(entry.said[language])}  " for entry in part.entries]
            heads = [TITLES[name][language] for name in ("column", "title", "unit", "kind", "codes", "help")]
            lines += ["", f"### {TITLES['columns'][language]}", "", "| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
            lines += ["| " + " | ".join(_cell(value) for value in (f.name, f.title[language], f.unit[language], f.kind, f.codes[language],
                                                             f.help[language])) + " |"
                      for f in part.fields]
            lines.append("")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Plain values under stable keys, with the words of both languages."""
        return {"layers": [{
            "layer": part.layer, "title": _both(part.title),
            "entries": [{"key": e.key, "title": _both(e.title), "said": _both(e.said), "value": e.value} for e in part.entries],
            "fields": [f.as_json() for f in part.fields]} for part in self.parts]}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> MethodSheet:
        """The sheet that `as_json` wrote."""
        return cls(tuple(Part(
            part["layer"], Text(**part["title"]),
            tuple(Entry(e["key"], Text(**e["title"]), Text(**e["said"]), e["value"]) for e in part["entries"]),
            tuple(Field.from_json(f) for f in part["fields"])) for part in written["layers"]))


def method_sheet(shown: Sequence[Shown], *, made_at: datetime, methods: Mapping[str, Method] | None = None,
                 purpose: str | None = None) -> MethodSheet:
    """The sheet of the layers of one file; the ground that maps are drawn on has none.

    `methods` are the descriptions that a result's provenance names; `made_at` is when the file was made, `purpose` why.
    """
    return MethodSheet(tuple(_part(one, made_at, (methods or {}).get(one.provenance.method or ""), purpose)
                             for one in shown if one.layer.name != BASE or len(shown) == 1))


def _part(shown: Shown, made_at: datetime, method: Method | None, purpose: str | None) -> Part:
    entries = [*_about(shown, method), *_method(shown, method), *_selection(shown), *_numbers(shown, method), *_origin(shown, made_at, purpose)]
    return Part(shown.layer.name, shown.layer.title, tuple(entries), tuple(fields(shown)))


def _entry(key: str, said: Text | str, value: Any = None, title: Text | None = None) -> Entry:
    words = said if isinstance(said, Text) else same(said)
    return Entry(key, title or TITLES[key], words, plain_json(words.en if value is None else value))


def _about(shown: Shown, method: Method | None) -> Iterator[Entry]:
    layer, made_up = shown.layer, shown.provenance.made_up
    yield _entry("shows", method.summary if method else SHOWS.get(layer.name) or layer.help or layer.title)
    yield _entry("does_not_show", method.does_not if method else DOES_NOT.get(layer.name, DOES_NOT_AT_ALL))
    yield _entry("made_up", CAUTIONS["MADE_UP"] if made_up else REAL, made_up)
    if shown.provenance.municipality:
        yield _entry("municipality", shown.provenance.municipality)
    if layer.coverage:
        yield _entry("coverage", COVERAGE[layer.coverage], layer.coverage)


def _method(shown: Shown, method: Method | None) -> Iterator[Entry]:
    known = shown.provenance
    if known.method is None:
        return
    yield _entry("method", method.title if method else same(known.method), known.method)
    yield _entry("method_version", known.method_version or (method.version if method else ""))
    if method and method.method_note:
        yield _entry("method_note", method.method_note)
    for name, value in known.parameters.items():
        described = next((p for p in method.parameters if p.name == name), None) if method else None
        words = next((c.title for c in described.choices if c.value == value), None) if described else None
        said = words or _said(value)
        if described and described.kind == "length_m" and isinstance(value, int | float):
            said = Text(sv=f"{said.sv} m", en=f"{said.en} m")
        yield _entry(f"parameters.{name}", said, value, TITLES["parameter"].format(name=described.title if described else name))
    if known.seed is not None:
        yield _entry("seed", str(known.seed), known.seed)
    if method and method.references:
        yield _entry("references", "\n".join(method.references), list(method.references))


def _selection(shown: Shown) -> Iterator[Entry]:
    asked = Selection.from_query(shown.provenance.selection)
    if asked.drawn:
        yield _entry("areas", WORDS["drawn"].format(n=len(asked.drawn)), [list(corner) for corner in asked.drawn])
    elif shown.layer.time or asked_of_incidents(shown):
        yield _entry("areas", ", ".join(asked.areas) or WORDS["whole"], list(asked.areas))
    if not asked_of_incidents(shown):
        return
    yield _entry("period", _period(asked.period) if asked.period else WORDS["all_time"], str(asked.period) if asked.period else "")
    if asked.compare_with:
        yield _entry("compare_with", _period(asked.compare_with), str(asked.compare_with))
    if asked.types is None:
        yield _entry("types", DEFAULT_TYPES, "default")
    else:
        titles = {code.value: code.title for code in OFFENCE_TYPES}
        named = [titles.get(value, same(value)) for value in asked.types]
        yield _entry("types", Text(sv="; ".join(t.sv for t in named), en="; ".join(t.en for t in named)), list(asked.types))


def _numbers(shown: Shown, method: Method | None) -> Iterator[Entry]:
    yield _entry("rows", _said(len(shown)), len(shown))
    without = int(shown.frame.geometry.isna().sum()) if shown.layer.geometry else 0
    if without:
        yield _entry("without_place", _said(without), without)
    choices = {c.value: c.title for p in (method.parameters if method else ()) for c in p.choices}
    choices |= {code.value: code.title for code in AREA_KINDS}
    for name, value in shown.facts.items():
        words = choices.get(value) if isinstance(value, str) else None
        yield _entry(f"facts.{name}", words or _said(value), value, FACTS.get(name, same(name)))
    cautions = [c for c in shown.warnings if c.code != "MADE_UP"]
    if cautions:
        yield _entry("cautions", Text(sv="\n".join(c.text.sv for c in cautions), en="\n".join(c.text.en for c in cautions)), [c.code for c in cautions])


def _origin(shown: Shown, made_at: datetime, purpose: str | None) -> Iterator[Entry]:
    known = shown.provenance
    sources = list(dict.fromkeys(source for source in known.sources if source))
    yield _entry("sources", "\n".join(sources) if sources else NONE_KNOWN, sources)
    if known.newest:
        yield _entry("newest", _day(known.newest), known.newest.isoformat())
    if shown.layer.geometry:
        yield _entry("crs", crs_title(shown.frame.crs), shown.frame.crs.to_string())
    zones = {str(dtype.tz): None for dtype in shown.frame.dtypes if isinstance(dtype, pd.DatetimeTZDtype)}
    if zones:
        yield _entry("time_zone", ", ".join(zones))
    yield _entry("share_level", LEVELS[shown.share_level], shown.share_level.name)
    if "info_class" in shown.frame and len(shown):
        highest = int(shown.frame["info_class"].max())
        yield _entry("info_class", CLASSES[highest], highest)
    if known.made_at:
        yield _entry("computed_at", _moment(known.made_at), known.made_at.isoformat())
    yield _entry("made_at", _moment(made_at), made_at.isoformat())
    if purpose:
        yield _entry("purpose", purpose)
    if known.batches:
        yield _entry("batches", ", ".join(known.batches), list(known.batches))
    if known.revision is not None:
        yield _entry("revision", str(known.revision), known.revision)
    yield _entry("code_version", known.code_version or _version())


def _period(asked: Period) -> Text:
    return Text(**{language: period(asked.start, asked.end, language) for language in LANGUAGES})


def _day(value: datetime) -> Text:
    return Text(**{language: day(value.date(), language) for language in LANGUAGES})


def _moment(value: datetime) -> Text:
    zone = value.strftime("%Z")
    return Text(**{language: f"{moment(value, language)} {zone}".strip() for language in LANGUAGES})


def _said(value: Any) -> Text:
    """A value in words: numbers as each language writes them, yes and no, known codes; lists one after another."""
    plain = plain_json(value)
    if plain is None:
        return same("–")
    if isinstance(plain, bool):
        return YES if plain else NO
    if isinstance(plain, int | float):
        return Text(**{language: number(plain, language) for language in LANGUAGES})
    if isinstance(plain, list):
        parts = [_said(one) for one in plain]
        return Text(sv=", ".join(p.sv for p in parts), en=", ".join(p.en for p in parts))
    if isinstance(plain, dict):
        parts = [same(f"{name}: ") for name in plain]
        return Text(**{language: "; ".join(f"{a.sv}{_said(plain[name])[language]}" for a, name in zip(parts, plain, strict=True))
                       for language in LANGUAGES})
    return WORDS.get(plain, same(plain))


def _both(text: Text) -> dict[str, str]:
    return {"sv": text.sv, "en": text.en}


def _plain(text: str) -> str:
    """Text from the data that cannot become a heading, a table or HTML of the sheet."""
    return text.replace("<", "&lt;").replace("\n", " · ")


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")


def _version() -> str:
    try:
        return version("geo-safety")
    except PackageNotFoundError:    # used from a folder, not installed
        return ""


