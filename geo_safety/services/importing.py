"""A file becomes rows of the store: propose how to read it, bring it in, take it back.

The file is read in a child process and compared outside the write lock; what could not be read comes back as a table.
"""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from ..errors import InputError
from ..layers import LAYERS
from ..model.describe import Source
from ..model.jobs import Progress, silent
from ..model.selection import Selection
from ..model.viewer import Viewer, local_viewer
from ..sources import SOURCES, guard, quality
from ..sources.limits import Limits
from ..sources.reading import Destination, Proposal, Reading, ReadOptions
from ..store import Store, UpsertResult
from ..text import Text
from .import_report import ImportReport, rejects_file
from .places import study_outline

HIGHEST_CLASS = 1   # until accounts, disclosure and audit are in place (safeguard 11)
_READ, _STORE = 0.7, 0.3    # shares of the work, as a progress bar shows it
_OF_ONE_FILE = ("year", "preliminary", "vintage", "population_year")
_REWRITTEN = 0.5    # from this share of changed rows on one asks whether the supplier is the right one


def propose(path: str | Path, source_name: str, store: Store, *, profile: str | None = None, given: ReadOptions | None = None,
            file_name: str | None = None, viewer: Viewer | None = None, limits: Limits | None = None, progress: Progress = silent) -> Proposal:
    """How the file could be understood. What a kept `profile` or a person (`given`) has said stays, as far as it fits the file."""
    viewer = viewer or local_viewer()
    source = _source(source_name)
    _check_suffix(source, file_name or Path(path).name)
    if profile is not None and given is None:
        given = profile_options(store, profile, source_name, viewer)
    return guard.propose(source_name, path, _destination(store, viewer)[0], given=given, file_name=file_name, limits=_limits(limits),
                         progress=progress)


def bring_in(store: Store, source_name: str, path: str | Path, viewer: Viewer, options: ReadOptions, *, progress: Progress = silent,
             dry_run: bool = False, file_name: str | None = None, profile: str | None = None, into_made_up: bool = False,
             limits: Limits | None = None) -> ImportReport:
    """Read the file as `options` say and put its rows into the store: all good ones, in one transaction.

    Parameters
    ----------
    dry_run
        Read and report, store nothing.
    file_name
        What the file's owner calls it, when `path` is a name of ours.
    profile
        Keep `options` under this name for the next file of the same kind.
    into_made_up
        The person has been asked and wants real data in a made-up store.

    Raises
    ------
    InputError
        The file or the choices cannot be used, or no row of it can; in one sentence, and nothing is stored.
    Cancelled
        `progress` raised it; nothing is stored.
    """
    source, name = _source(source_name), file_name or Path(path).name
    _check_suffix(source, name)
    info_class = _allowed_class(source, options, viewer)
    if store.made_up and not into_made_up and not dry_run:
        raise InputError(Text(
            sv="Lagret innehåller påhittade uppgifter. Läs in riktiga filer i ett eget lager (geo-safety init), eller bekräfta att de ska blandas.",
            en="The store holds made-up data. Bring real files into a store of their own (geo-safety init), or confirm that they are to be mixed."))
    started_at = datetime.now(UTC)
    digest = _sha256(path)
    into, outline = _destination(store, viewer)
    reading, took = guard.read(source_name, source.layer, path, options, into, file_name=name, limits=_limits(limits),
                               progress=lambda share, what: progress(_READ * share, what))
    source_code = options.source_code or source_name
    told = reading.quality | _outside(reading, source, outline) | _same_file(store, source, digest, viewer)
    report = ImportReport(source_name, source.layer, name, read=reading.read, rejected=reading.rejected, rejects=reading.rejects, quality=told,
                          without_place=told.get("without_place", 0), seconds=took["seconds"], peak_mb=took["peak_mb"], dry_run=dry_run)
    if dry_run:
        known = _already_known(store, source, reading.frame, viewer)
        return replace(report, known=known, inserted=len(reading.frame) - known, notes=tuple(quality.described(told)))
    _require_rows(reading, name)
    result = store.bring_in(source.layer, reading.frame, viewer, rejects=reading.rejects, progress=_second_part(progress), batch={
        "source_code": source_code, "file_name": name, "file_sha256": digest, "started_at": started_at, "finished_at": datetime.now(UTC),
        "info_class": info_class, "quality": told, "read": reading.read, "rejected": reading.rejected})
    _note_source(store, source, source_code, viewer)
    if profile:
        keep_profile(store, profile, source_name, options, viewer)
    return _completed(report, result)


def options_for(store: Store, source_name: str, path: str | Path, viewer: Viewer, *, mapping: Mapping[str, str] | None = None,
                crs: str | None = None, given: Mapping[str, str] | None = None, profile: str | None = None, accept: bool = False,
                file_name: str | None = None) -> ReadOptions:
    """Choices from a command line: `mapping` (ours=theirs), `crs`, further `given` (name=value) on top of a kept `profile`.

    With `accept` the proposal fills in what was not said. Without it nothing is filled in, and a file about which nothing was said
    is refused with the proposal in words.
    """
    options = ReadOptions() if profile is None else profile_options(store, profile, source_name, viewer)
    options = options.with_(mapping=dict(mapping or {}), **({"crs": crs} if crs else {}))
    options = _with_given(options, given or {})
    if not accept and options.mapping:
        return options
    proposal = propose(path, source_name, store, given=options, file_name=file_name, viewer=viewer)
    if not accept:
        raise InputError(Text(
            sv="Inget är sagt om hur {name} ska läsas. Förslag: {proposal}. Kör igen med --yes om det stämmer, eller ange kolumnerna med --map.",
            en="Nothing has been said about how to read {name}. Proposal: {proposal}. Run again with --yes if that is right, "
               "or name the columns with --map.").format(name=proposal.file_name, proposal=_in_words(proposal.options)))
    return proposal.accepted()


def options_from(data: Mapping[str, Any] | str | None) -> ReadOptions:
    """Choices as JSON, as a job or a page hands them over."""
    if isinstance(data, str):
        data = json.loads(data)
    if data is not None and not isinstance(data, Mapping):
        raise InputError(Text(sv="Valen för filen går inte att läsa.", en="The choices for the file cannot be read."))
    return ReadOptions.from_dict(data or {})


def undo(store: Store, batch_uid: str, viewer: Viewer, *, reason: str | None = None) -> int:
    """Take a whole import back; gives the number of rows concerned. StoreError when one of them has been changed since."""
    return store.undo_batch(batch_uid, viewer, reason=reason)


def profiles(store: Store, viewer: Viewer, *, source_name: str | None = None) -> dict[str, ReadOptions]:
    """{name: choices} of the kept profiles, in alphabetical order."""
    rows = store.read("import_profiles", viewer, where={"source_kind": source_name} if source_name else None, order_by="name")
    return {name: ReadOptions.from_dict(options) for name, options in zip(rows["name"], rows["options"], strict=True)}


def profile_options(store: Store, name: str, source_name: str, viewer: Viewer) -> ReadOptions:
    """The choices kept as profile `name`; InputError when there is none for this source."""
    known = profiles(store, viewer, source_name=source_name)
    if name not in known:
        raise InputError(Text(sv="Det finns ingen profil {name} för {source}. De som finns är: {known}.",
                              en="There is no profile {name} for {source}. Those there are: {known}.").format(
                                  name=name, source=_source(source_name).title, known=", ".join(known) or "–"))
    return known[name]


def keep_profile(store: Store, name: str, source_name: str, options: ReadOptions, viewer: Viewer) -> str:
    """Keep confirmed choices under `name`; a profile of that name is replaced. Gives its uid.

    What belongs to one file only, such as its year, is left out: next year's file must not become last year's.
    """
    kept = replace(options, proposed=False, constants={k: v for k, v in options.constants.items() if k not in _OF_ONE_FILE})
    values = {"name": name.strip()[:100], "source_kind": source_name, "options": kept.to_dict()}
    if not values["name"]:
        raise InputError(Text(sv="Profilen behöver ett namn.", en="The profile needs a name."))
    there = store.read("import_profiles", viewer, where={"name": values["name"]})
    if len(there):
        return store.save("import_profiles", values, viewer, uid=there["uid"].iloc[0], row_version=int(there["row_version"].iloc[0]))
    return store.save("import_profiles", values, viewer)


def rejects_csv(store: Store, batch_uid: str, viewer: Viewer, *, language: str | None = None) -> bytes:
    """The rejected rows of an import as a file for a spreadsheet: row, column, value, reason, and the row as it was."""
    batch = store.read("import_batches", viewer, where={"uid": batch_uid}, columns=["uid"])
    if not len(batch):
        raise InputError(Text(sv="Det finns ingen sådan inläsning.", en="There is no such import."))
    rows = store.read("import_rejects", viewer, where={"batch_uid": batch_uid}, order_by="row_number")
    return rejects_file(rows, language or viewer.language)


# --- before reading -----------------------------------------------------------------------------------------------------------

def _source(name: str) -> Source:
    if name not in SOURCES:
        raise InputError(Text(sv="Källan {name} finns inte. Välj bland: {known}.", en="There is no source {name}. Choose among: {known}.").format(
            name=name, known=", ".join(SOURCES)))
    return SOURCES[name]


def _check_suffix(source: Source, name: str) -> None:
    if not name.lower().endswith(source.suffixes):
        raise InputError(Text(sv="{name} är inte av ett slag som {source} läser. Det går att läsa: {suffixes}.",
                              en="{name} is not of a kind that {source} reads. It reads: {suffixes}.").format(
                                  name=name, source=source.title, suffixes=", ".join(source.suffixes)))


def _allowed_class(source: Source, options: ReadOptions, viewer: Viewer) -> int:
    wanted = source.default_class if options.info_class is None else options.info_class
    if wanted > HIGHEST_CLASS or source.default_class > HIGHEST_CLASS:
        raise InputError(Text(
            sv="Uppgifter i klass 2 och 3 (sekretess) tas inte emot än: det kräver konton, behörigheter och logg. Inget har lästs in.",
            en="Data of class 2 and 3 (secrecy) are not accepted yet: that takes accounts, rights and an audit log. Nothing was brought in."))
    if wanted not in range(viewer.info_class + 1):
        raise InputError(Text(sv="Du kan inte läsa in uppgifter i klass {n}.", en="You cannot bring in data of class {n}.").format(n=wanted))
    return max(wanted, LAYERS[source.layer].least_class)


def _destination(store: Store, viewer: Viewer) -> tuple[Destination, shapely.Geometry | None]:
    """What the reader needs to know of the store, and the outline of the municipality when the store has one."""
    into = Destination(store.crs, store.zone, None, store.municipality_code, store.municipality_name)
    if not store.count("areas", viewer):
        return into, None
    found = study_outline(store, Selection(), viewer)
    if found["kind"].iloc[0] not in ("municipality", "division"):
        return into, None
    outline = found.geometry.iloc[0]
    west, south, east, north = (float(edge) for edge in outline.bounds)
    return replace(into, box=(west, south, east, north)), outline


def _sha256(path: str | Path) -> str:
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(Text(sv="Filen {path} går inte att öppna.", en="The file {path} cannot be opened.").format(path=str(path))) from error


def _limits(limits: Limits | None) -> Limits:
    return limits or Limits()


def _with_given(options: ReadOptions, given: Mapping[str, str]) -> ReadOptions:
    """`name=value` of a command line: an option, one value for all rows, or `column.value=code` for the words of the file."""
    kinds = {f.name: str(f.type) for f in fields(ReadOptions)}
    for name, value in given.items():
        column, dot, theirs = name.partition(".")
        if dot:
            options = options.with_(codes={column: {**options.codes.get(column, {}), theirs: value}})
        elif name == "keep":
            options = options.with_(keep=tuple(part.strip() for part in value.split(",")))
        elif name in kinds and "Mapping" not in kinds[name] and name != "proposed":
            options = options.with_(**{name: _typed(name, value, kinds[name])})
        else:
            options = options.with_(constants={name: _BOOLEANS.get(value.casefold(), value)})
    return options


_BOOLEANS = {"true": True, "false": False, "ja": True, "nej": False, "yes": True, "no": False}


def _typed(name: str, value: str, kind: str) -> Any:
    if "bool" in kind:
        if value.casefold() not in _BOOLEANS:
            raise InputError(Text(sv="{name} är true eller false.", en="{name} is true or false.").format(name=name))
        return _BOOLEANS[value.casefold()]
    if "int" in kind:
        try:
            return int(value)
        except ValueError:
            raise InputError(Text(sv="{name} ska vara ett heltal.", en="{name} should be a whole number.").format(name=name)) from None
    return value


def _in_words(options: ReadOptions) -> str:
    told = [f"{ours}={theirs}" for ours, theirs in options.mapping.items()]
    return ", ".join([*told, *(f"{name}={value}" for name, value in {**options.constants, "crs": options.crs}.items() if value is not None)])


# --- after reading ------------------------------------------------------------------------------------------------------------

def _outside(reading: Reading, source: Source, outline: shapely.Geometry | None) -> dict[str, int]:
    """How many rows lie outside the municipality: a warning, since borders are generalised and offences are registered next door."""
    if outline is None or source.layer == "areas" or not LAYERS[source.layer].geometry:
        return {}
    shapes = np.asarray(reading.frame.geometry)
    shapely.prepare(outline)
    return {"outside": int((~shapely.is_missing(shapes) & ~shapely.intersects(outline, shapes)).sum())}


def _same_file(store: Store, source: Source, digest: str, viewer: Viewer) -> dict[str, str]:
    rows = store.read("import_batches", viewer, where={"file_sha256": digest, "layer": source.layer, "status": "done"},
                      columns=["uid", "started_at"], order_by="-started_at", limit=1)
    if not len(rows):
        return {}
    return {"same_file_batch": rows["uid"].iloc[0], "same_file_at": rows["started_at"].iloc[0].isoformat()}


def _already_known(store: Store, source: Source, frame: pd.DataFrame, viewer: Viewer) -> int:
    key = list(LAYERS[source.layer].key)
    there = store.read(source.layer, viewer, columns=key, geometry=False)
    known = set(there[key].itertuples(index=False, name=None))
    return sum(row in known for row in frame[key].itertuples(index=False, name=None))


def _require_rows(reading: Reading, name: str) -> None:
    """A file of which no row can be used is refused as a whole, with the commonest reason."""
    if len(reading.frame):
        return
    if not len(reading.rejects):
        raise InputError(Text(sv="Filen {name} har inga rader att läsa in.", en="The file {name} has no rows to bring in.").format(name=name))
    common = reading.rejects["reason_sv"].value_counts().index[0]
    first = reading.rejects[reading.rejects["reason_sv"] == common].iloc[0]
    reason = Text(sv=str(first["reason_sv"]), en=str(first["reason_en"]))
    raise InputError(Text(sv="Ingen av de {n} raderna i {name} går att läsa in. Till exempel rad {row}: {reason} Inget sparades.",
                          en="None of the {n} rows of {name} can be brought in. For example row {row}: {reason} Nothing was saved.").format(
                              n=reading.rejected, name=name, row=str(first["row_number"]), reason=reason))


def _second_part(progress: Progress) -> Progress:
    return lambda share, what: progress(_READ + _STORE * share, what)


def _note_source(store: Store, source: Source, code: str, viewer: Viewer) -> None:
    """The supplier gets its record the first time something comes from it."""
    if not store.count("sources", viewer, where={"code": code}):
        title = source.title[viewer.language] if code == source.name else code
        store.save("sources", {"code": code, "title": title, "kind": source.name, "coverage": source.coverage, "attribution": source.attribution,
                               "licence": source.licence[viewer.language] if source.licence else None}, viewer)


def _completed(report: ImportReport, result: UpsertResult) -> ImportReport:
    notes = quality.described(report.quality)
    if result.updated > _REWRITTEN * max(1, report.read):
        notes.append(Text(
            sv="De flesta rader ändrade rader som redan fanns. Hör filen till samma leverantör? Annars: ångra, och läs in den med en egen källkod.",
            en="Most rows changed rows that were already there. Is the file from the same supplier? If not: undo, and bring it in under a source code "
               "of its own."))
    return replace(report, batch_uid=result.batch_uid, inserted=result.inserted, updated=result.updated, unchanged=result.unchanged,
                   without_place=result.without_place, lock_seconds=result.lock_seconds, notes=tuple(notes))
