"""Looks at a file and proposes how to understand it. Every part of a proposal is shown to a person and holds only once confirmed."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..model.describe import Layer
from ..text import Text
from . import columns, figures, places, times, values
from .limits import Limits
from .opening import open_table
from .reading import CrsCandidate, Destination, Field, Proposal, ReadOptions
from .tables import Table

OPENING = Text(sv="Filen öppnas", en="The file is opened")
UNCONFIRMED = Text(sv="Förslaget till hur filen ska läsas är inte bekräftat.", en="The proposal for how to read the file has not been confirmed.")
PREVIEW_ROWS = 20
_SAMPLES = 5
_LOOKED_AT = 20_000         # rows from which times and places are judged
_MOST_VALUES = 300          # a column with more different values is no list of codes
_LONGEST_SHOWN = 120
_ENOUGH_FIRSTS = 20         # so many dates that are all the first of a month mean that only the month is known


@dataclass(frozen=True)
class Wording:
    """What a source looks for: its fields, which of them are times or codes, and what the layer cannot do without."""

    source: str
    layer: Layer
    fields: tuple[Field, ...]
    times: tuple[str, ...] = ()
    codes: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    needed: tuple[str, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)
    crs_required: bool = False


def proposal(path: str | Path, wording: Wording, into: Destination, given: ReadOptions | None, *, limits: Limits) -> Proposal:
    """A proposal for the file in `path`; what is `given` by a person or a profile stays, as far as the file has those columns."""
    options = replace(given or ReadOptions(), proposed=True)
    table, options, notes = _opened(path, options, limits)
    options, more = _mapped(table, wording, options)
    notes += more + list(table.notes)
    questions: list[tuple[str, Text]] = []
    options = _about_times(table, wording, options, into, notes, questions)
    options, found, crs = _about_places(table, wording, options, into, notes, questions)
    options, counted = _about_codes(table, wording, options, notes)
    for name in wording.needed:
        if name not in options.mapping and name not in options.constants:
            questions.append((name, _needed(name, wording.layer)))
    taken = {*options.mapping.values(), *options.keep}
    left = [str(name) for name in table.frame.columns if name not in taken]
    if left:
        notes.append(Text(sv="Kolumner som inte läses in: {names}.", en="Columns that are not brought in: {names}.").format(
            names=", ".join(left[:40])))
    return Proposal(
        wording.source, Path(path).name, tuple(str(name) for name in table.frame.columns), options, wording.fields, _samples(table),
        counted, _time_examples(table, options, into), () if found is None else places.examples(found, options, PREVIEW_ROWS), crs, table.sheets,
        tuple({name: value[:_LONGEST_SHOWN] for name, value in row.items()} for row in table.rows(PREVIEW_ROWS)), len(table) + len(table.broken),
        tuple(notes), tuple(questions))


def _opened(path: str | Path, options: ReadOptions, limits: Limits) -> tuple[Table, ReadOptions, list[Text]]:
    table = open_table(path, options, limits)
    if not table.header and options.header_row is None:
        return table, replace(options, header_row=0), [Text(
            sv="Filen tycks sakna rubrikrad. Kolumnerna kallas 1, 2, 3 …", en="The file seems to have no heading. The columns are called 1, 2, 3 …")]
    # the only sheet is not named, so that a kept profile also fits next year's file
    return table, replace(options, sheet=options.sheet or (table.sheet if len(table.sheets) > 1 else None)), []


def _mapped(table: Table, wording: Wording, options: ReadOptions) -> tuple[ReadOptions, list[Text]]:
    names = [str(name) for name in table.frame.columns]
    # "" is a person's word that no column is meant, so that none is proposed again
    gone = {ours: theirs for ours, theirs in options.mapping.items() if theirs and theirs not in names}
    told = {ours: theirs for ours, theirs in options.mapping.items() if theirs in names}
    free = [f for f in wording.fields if f.name not in options.constants and (f.name not in options.mapping or f.name in gone)]
    guessed = columns.matched([name for name in names if name not in told.values()], free)
    if table.geometry is not None:
        guessed = {ours: theirs for ours, theirs in guessed.items() if ours not in ("x", "y", "point")}
    if "occurred_from" in told or ("occurred_from" in guessed and "hour" not in {*guessed, *told}):
        guessed = {ours: theirs for ours, theirs in guessed.items() if ours not in columns.DATE_PARTS}
    elif "hour" in {*guessed, *told}:  # parts that reach the hour say more than a date beside them
        guessed.pop("occurred_from", None)
    constants = {name: value for name, value in wording.constants.items() if name not in guessed and name not in told}
    notes = [Text(sv="Filen har inte kolumnen {theirs} som {ours} skulle läsas ur.",
                  en="The file has no column {theirs}, from which {ours} was to be read.").format(ours=ours, theirs=theirs)
             for ours, theirs in gone.items()]
    return replace(options, mapping={**guessed, **told}, constants={**constants, **options.constants}), notes


def _about_times(table: Table, wording: Wording, options: ReadOptions, into: Destination, notes: list[Text],
                 questions: list[tuple[str, Text]]) -> ReadOptions:
    mapped = [options.mapping[name] for name in wording.times if name in options.mapping]
    if not mapped:
        return options
    texts = [table.column(theirs)[:_LOOKED_AT] for theirs in mapped]
    if options.date_order is None:
        options = _order(texts, mapped, options, notes, questions)
    parsed = [times.parse(column, order=options.date_order) for column in texts]  # type: ignore[arg-type]
    if options.zulu_is_utc is None and any((p.zulu & p.usable).any() for p in parsed):
        meant = times.looks_like_utc(parsed[0], options.zone or into.zone)
        if meant is None:
            questions.append(("zulu_is_utc", _ZULU))
        else:
            options = replace(options, zulu_is_utc=meant)
            notes.append(_ZULU_UTC if meant else _ZULU_LOCAL)
    if options.time_precision is None and wording.times[0] in options.mapping and _only_months(parsed[0], options.mapping[wording.times[0]]):
        options = replace(options, time_precision="month")
        notes.append(Text(sv="Alla datum är den första i en månad: bara månaden är känd.",
                          en="All dates are the first of a month: only the month is known."))
    if any(not np.isfinite(p.offset_min[p.usable]).all() for p in parsed):
        notes.append(Text(sv="Tider utan egen tidszon läses som lokal tid i {zone}.",
                          en="Times without a zone of their own are read as local time in {zone}.")
                     .format(zone=options.zone or into.zone))
    return options


def _order(texts: list[np.ndarray], mapped: list[str], options: ReadOptions, notes: list[Text], questions: list[tuple[str, Text]]) -> ReadOptions:
    seen = [orders for orders in (times.orders_seen(column) for column in texts) if orders]
    if not seen:
        return options
    possible = set.intersection(*seen)
    if len(possible) == 1:
        order = possible.pop()
        notes.append(_DAY_FIRST if order == "dmy" else _MONTH_FIRST)
        return replace(options, date_order=order)
    questions.append(("date_order", values.ambiguous_order(", ".join(mapped))))
    return options


_DAY_FIRST = Text(sv="I datum som 3/4/2025 står dagen först.", en="In dates like 3/4/2025 the day comes first.")
_MONTH_FIRST = Text(sv="I datum som 3/4/2025 står månaden först.", en="In dates like 3/4/2025 the month comes first.")
_ZULU = Text(sv="Tiderna slutar på Z. Säg om det betyder UTC (zulu_is_utc=true) eller om tiden är lokal (zulu_is_utc=false).",
             en="The times end in Z. Say whether that means UTC (zulu_is_utc=true) or the time is local (zulu_is_utc=false).")
_ZULU_UTC = Text(sv="Tiderna slutar på Z och tycks vara UTC: så blir natten lugnast. De räknas om till lokal tid.",
                 en="The times end in Z and seem to be UTC: then the night is quietest. They are converted to local time.")
_ZULU_LOCAL = Text(sv="Tiderna slutar på Z men tycks vara lokal tid: så blir natten lugnast. De räknas inte om.",
                   en="The times end in Z but seem to be local time: then the night is quietest. They are not converted.")


def _only_months(parsed: times.Parsed, heading: str) -> bool:
    wall = parsed.wall[parsed.usable]
    if not len(wall) or not (parsed.precision[parsed.usable] == "day").all():
        return False
    firsts = bool((wall.astype("datetime64[D]") == wall.astype("datetime64[M]")).all())
    return firsts and (columns.plain_name(heading) in ("month", "månad") or (len(wall) >= _ENOUGH_FIRSTS and len(np.unique(wall)) > 1))


def _about_places(table: Table, wording: Wording, options: ReadOptions, into: Destination, notes: list[Text], questions: list[tuple[str, Text]]
                  ) -> tuple[ReadOptions, places.Written | None, tuple[CrsCandidate, ...]]:
    if not places.has_place(table, options):
        if wording.layer.geometry and any(f.name == "x" for f in wording.fields):
            notes.append(Text(sv="Filen har ingen kolumn för plats: raderna räknas men syns inte på kartan.",
                              en="The file has no column for place: the rows count but are not on the map."))
        return options, None, ()
    if options.decimal is None and {"x", "y"} <= options.mapping.keys():
        sign = figures.decimal_sign([*table.column(options.mapping["x"])[:1000], *table.column(options.mapping["y"])[:1000]])
        options = replace(options, decimal=sign if sign == "," else None)
    found = places.written(table, options)
    assert found is not None
    crs = places.candidates(found, table.crs, into)
    if options.crs is None:
        best = next((c for c in crs if c.declared or c.share_inside), None)
        if best is None:
            questions.append(("crs", Text(
                sv="Inget känt koordinatsystem lägger punkterna i kommunen. Ange vilket filen har, till exempel EPSG:3006.",
                en="No known coordinate system puts the points in the municipality. Say which the file has, for example EPSG:3006.")))
        else:
            options = replace(options, crs=best.crs, swap_axes=best.swapped)
            notes.append(_crs_note(best, into))
            if best.declared and best.share_inside == 0:
                notes.append(Text(sv="Men inga punkter hamnar då i kommunen. Kontrollera att filen hör hit.",
                                  en="But then no point falls in the municipality. Check that the file belongs here."))
            if best.swapped:
                notes.append(Text(sv="Filen skriver nord före öst: axlarna byts.", en="The file writes north before east: the axes are swapped."))
    return options, found, crs


def _crs_note(best: CrsCandidate, into: Destination) -> Text:
    where = (Text(sv="i eller nära kommunen", en="in or near the municipality") if into.box else
             Text(sv="i det område som lagrets koordinatsystem är gjort för", en="in the area that the store's coordinate system is made for"))
    share = Text(sv="", en="") if best.share_inside is None else Text(
        sv=" {n} % av punkterna hamnar {where}.", en=" {n} % of the points fall {where}.").format(n=round(100 * best.share_inside), where=where)
    told = (Text(sv="Filen säger att den är i {crs}.{share}", en="The file says that it is in {crs}.{share}") if best.declared else
            Text(sv="Filen säger inte vilket koordinatsystem den har. Förslag: {crs}.{share}",
                 en="The file does not say which coordinate system it is in. Proposal: {crs}.{share}"))
    return told.format(crs=best.title, share=share)


def _about_codes(table: Table, wording: Wording, options: ReadOptions, notes: list[Text]) -> tuple[ReadOptions, dict[str, dict[str, int]]]:
    counted: dict[str, dict[str, int]] = {}
    proposed = dict(options.codes)
    for name, patterns in wording.codes.items():
        if name not in options.mapping:
            continue
        sizes = pd.Series(table.column(options.mapping[name])).value_counts()
        met = {str(value): int(n) for value, n in sizes.items() if str(value)}
        if len(met) > _MOST_VALUES:
            notes.append(Text(sv="Kolumnen {column} har {n} olika värden och är knappast en lista.",
                              en="The column {column} has {n} different values and is hardly a list.").format(
                                  column=options.mapping[name], n=len(met)))
            met = dict(list(met.items())[:_MOST_VALUES])
        counted[name] = met
        told = options.codes.get(name, {})
        unsaid = [value for value in met if value not in told and not all(word in told for word in value.split())]
        proposed[name] = {**columns.proposed_codes(wording.layer.column(name), unsaid, patterns), **told}
        proposed[name] = {value: code for value, code in proposed[name].items() if code}
    return replace(options, codes={name: found for name, found in proposed.items() if found}), counted


def _needed(name: str, layer: Layer) -> Text:
    title = layer.column(name).title if layer.has(name) else Text(sv=name, en=name)
    return Text(sv="Filen säger inte {title}. Välj en kolumn ({name}=kolumn) eller ett värde för alla rader.",
                en="The file does not say {title}. Choose a column ({name}=column) or one value for all rows.").format(title=title, name=name)


def _samples(table: Table) -> dict[str, tuple[str, ...]]:
    return {str(name): tuple(_first(value[:_LONGEST_SHOWN] for value in pd.unique(table.column(str(name))[:_LOOKED_AT]) if value))
            for name in table.frame.columns}


def _first(found: Iterable[str]) -> list[str]:
    return [value for value, _ in zip(found, range(_SAMPLES), strict=False)]


def _time_examples(table: Table, options: ReadOptions, into: Destination) -> tuple[tuple[str, str], ...]:
    """(as written, as it would be read) of a few beginnings, whether in one column, with a clock beside it or in parts."""
    theirs, clock = options.mapping.get("occurred_from"), options.mapping.get("clock")
    if theirs is not None:
        rows = [column[:_SAMPLES] for column in (table.column(theirs), *([table.column(clock)] if clock else []))]
        parsed = times.parse(rows[0], order=options.date_order)  # type: ignore[arg-type]
        parsed = times.with_clock(parsed, rows[1]) if clock else parsed
    elif {"year", "month"} <= options.mapping.keys():
        parts = {name: table.column(options.mapping[name])[:_SAMPLES] for name in columns.DATE_PARTS if name in options.mapping}
        rows, parsed = list(parts.values()), times.from_parts(parts)
    else:
        return ()
    texts = [" ".join(filter(None, map(str, row))) for row in zip(*rows, strict=True)]
    at = times.instants(parsed, zone=options.zone or into.zone, zulu_is_utc=bool(options.zulu_is_utc)).at.tz_convert(into.zone)
    precise = [options.time_precision or found for found in parsed.precision]
    return tuple((text, "–" if moment is pd.NaT else moment.strftime(_SHOWN_AS.get(how, "%Y-%m-%d %H:%M")))
                 for text, moment, how in zip(texts, at, precise, strict=True))


_SHOWN_AS = {"month": "%Y-%m", "day": "%Y-%m-%d"}
