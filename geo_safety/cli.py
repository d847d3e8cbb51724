"""The command line, built from the same descriptions as the pages.

`--json` gives one JSON object on standard output; progress and messages go to standard error. Exit code 0 done, 1 done with something
refused, 2 wrong call, 3 failed.
"""
from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .crs import STOCKHOLM, SWEREF_99_TM
from .errors import GeoSafetyError, Refusal
from .model.viewer import Viewer, local_viewer
from .settings import Settings
from .text import Text, number

DONE, REFUSED, WRONG_CALL, FAILED = 0, 1, 2, 3

T: dict[str, Text] = {
    "about": Text(sv="Geo Safety: var brott och otrygghet samlas, vad som ändras på platsen och om det hjälpte.",
                  en="Geo Safety: where crime and unsafety gather, what is changed there, and whether it helped."),
    "store": Text(sv="fil med uppgifterna (förval: GEO_SAFETY_STORE, annars exempelkommunen)",
                  en="file with the data (default: GEO_SAFETY_STORE, else the sample municipality)"),
    "language": Text(sv="språk för svaren", en="language of the answers"),
    "json": Text(sv="svara med ett JSON-objekt", en="answer with one JSON object"),
    "init": Text(sv="skapa en tom fil för en kommun", en="make an empty file for a municipality"),
    "crs": Text(sv="koordinatsystem i meter", en="coordinate system in metres"),
    "zone": Text(sv="tidszon", en="time zone"),
    "code": Text(sv="kommunkod, fyra siffror", en="municipality code, four digits"),
    "name": Text(sv="kommunens namn", en="name of the municipality"),
    "serve": Text(sv="starta appen i webbläsaren", en="start the app for the browser"),
    "sample": Text(sv="skapa exempelkommunen", en="make the sample municipality"),
    "seed": Text(sv="frö för slumpen", en="seed of the random numbers"),
    "import": Text(sv="läs in en eller flera filer", en="bring in one or more files"),
    "source": Text(sv="slag av fil: {sources}", en="kind of file: {sources}"),
    "files": Text(sv="fil", en="file"),
    "map": Text(sv="vår kolumn = filens kolumn; kan upprepas", en="our column = the file's column; may be repeated"),
    "file_crs": Text(sv="filens koordinatsystem, till exempel EPSG:3006", en="the file's coordinate system, for example EPSG:3006"),
    "profile": Text(sv="sparad profil med val från en tidigare inläsning", en="kept profile with the choices of an earlier import"),
    "dry_run": Text(sv="läs och kontrollera, men spara inget", en="read and check, but save nothing"),
    "rejects": Text(sv="skriv avvisade rader till den här filen", en="write rejected rows to this file"),
    "yes": Text(sv="godta det som föreslås", en="accept what is proposed"),
    "hotspots": Text(sv="räkna hotspots: {methods}", en="compute hotspots: {methods}"),
    "patterns": Text(sv="räkna mönster som inte är en karta: {methods}", en="compute patterns that are not a map: {methods}"),
    "points": Text(sv="punkter från en fil i stället för ur lagret", en="points from a file instead of from the store"),
    "area": Text(sv="fil med det undersökta området", en="file with the area searched"),
    "set": Text(sv="parameter = värde; kan upprepas", en="parameter = value; may be repeated"),
    "out": Text(sv="fil att skriva; ändelsen väljer format", en="file to write; its ending chooses the format"),
    "period": Text(sv="period, första dag/dagen efter den sista: 2025-01-01/2026-01-01",
                   en="period, first day/day after the last: 2025-01-01/2026-01-01"),
    "compare": Text(sv="jämförelseperiod, skriven på samma sätt", en="compared period, written likewise"),
    "types": Text(sv="brottstyper, med komma emellan", en="offence types, comma between"),
    "areas": Text(sv="områdeskoder, med komma emellan", en="area codes, comma between"),
    "share": Text(sv="för vem resultatet görs: partner får bara klasser", en="for whom the result is made: partners get classes only"),
    "keep": Text(sv="spara körningen under det här namnet", en="keep the run under this name"),
    "evaluate": Text(sv="utvärdera en åtgärd mot ett kontrollområde", en="evaluate a measure against a control area"),
    "export": Text(sv="skriv lager till en fil: {layers}", en="write layers to a file: {layers}"),
    "backup": Text(sv="säkerhetskopiera medan appen är igång", en="back up while the app runs"),
    "restore": Text(sv="återställ en säkerhetskopia till en ny fil", en="restore a backup into a new file"),
    "check": Text(sv="kontrollera att filen är hel och oförändrad", en="check that the file is whole and unaltered"),
    "jobs": Text(sv="långa arbeten: work (utför dem), list (visa dem)", en="long work: work (do it), list (show it)"),
    "list": Text(sv="visa vad som finns: {things}", en="show what there is: {things}"),
    "all_well": Text(sv="Allt är i sin ordning.", en="All is well."),
    "made": Text(sv="{path} är skapad.", en="{path} has been made."),
    "saved": Text(sv="Skrivet till {path}.", en="Written to {path}."),
    "imported": Text(sv="{file}: {read} rader lästa, {inserted} nya, {updated} ändrade, {unchanged} oförändrade, {rejected} avvisade, "
                        "{without_place} utan plats.",
                     en="{file}: {read} rows read, {inserted} new, {updated} changed, {unchanged} unchanged, {rejected} rejected, "
                        "{without_place} without place."),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code; errors are said in the user's words on standard error."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    language = _language_of(given)
    options = parser(language).parse_args(given)
    options.language = language
    try:
        return options.run(options)
    except GeoSafetyError as problem:
        print(problem.text[language], file=sys.stderr)
        if options.json:
            print(json.dumps({"error": problem.text[language]}, ensure_ascii=False))
        return REFUSED if isinstance(problem, Refusal) else FAILED
    except KeyboardInterrupt:
        return FAILED


def _language_of(arguments: list[str]) -> str:
    """Needed before parsing, since the help is written in it."""
    for position, word in enumerate(arguments):
        value = word.partition("=")[2] if word.startswith("--language=") else (
            arguments[position + 1] if word == "--language" and position + 1 < len(arguments) else "")
        if value in ("sv", "en"):
            return value
    return Settings().language


def parser(language: str) -> argparse.ArgumentParser:
    """All commands with their help in one language; sources, methods and formats come from the registries."""
    from . import cli_evaluate
    from .exports import EXPORTERS
    from .hotspots import METHODS
    from .layers import LAYERS
    from .patterns import PATTERNS
    from .sources import SOURCES

    def say(key: str, **values: object) -> str:
        return (T[key].format(**values) if values else T[key])[language]

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--store", metavar="FILE", help=say("store"))
    common.add_argument("--language", choices=("sv", "en"), default=language, help=say("language"))
    common.add_argument("--json", action="store_true", help=say("json"))
    top = argparse.ArgumentParser(prog="geo-safety", description=say("about"), parents=[common])
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[Any], int], **values: object) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=say(name, **values), description=say(name, **values), parents=[common])
        added.set_defaults(run=run)
        return added

    it = command("init", init)
    for flag, key, default in (("--crs", "crs", SWEREF_99_TM), ("--zone", "zone", STOCKHOLM), ("--code", "code", ""), ("--name", "name", "")):
        it.add_argument(flag, default=default, help=say(key))
    command("serve", serve)
    command("sample", make_sample).add_argument("--seed", type=int, help=say("seed"))
    it = command("import", bring_in)
    it.add_argument("source", choices=list(SOURCES), help=say("source", sources=", ".join(SOURCES)))
    it.add_argument("files", nargs="+", type=Path, metavar="FILE", help=say("files"))
    it.add_argument("--map", action="append", default=[], metavar="OUR=THEIR", help=say("map"))
    it.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=say("set"))
    it.add_argument("--crs", dest="file_crs", metavar="EPSG:N", help=say("file_crs"))
    it.add_argument("--profile", help=say("profile"))
    it.add_argument("--rejects", type=Path, metavar="FILE", help=say("rejects"))
    it.add_argument("--dry-run", action="store_true", help=say("dry_run"))
    it.add_argument("--yes", action="store_true", help=say("yes"))
    for name, methods in (("hotspots", METHODS), ("patterns", PATTERNS)):
        it = command(name, find, methods=", ".join(methods))
        it.add_argument("method", choices=list(methods))
        it.add_argument("--points", type=Path, metavar="FILE", help=say("points"))
        it.add_argument("--map", action="append", default=[], metavar="OUR=THEIR", help=say("map"))
        it.add_argument("--crs", dest="file_crs", metavar="EPSG:N", help=say("file_crs"))
        it.add_argument("--area", type=Path, metavar="FILE", help=say("area"))
        it.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=say("set"))
        it.add_argument("--out", type=Path, metavar="FILE", help=say("out"))
        it.add_argument("--keep", metavar="TITLE", help=say("keep"))
        it.add_argument("--share", choices=("internal", "partner"), default="internal", help=say("share"))
        _selection(it, say)
    it = command("evaluate", evaluate)
    cli_evaluate.add_options(it, language)
    it = command("export", export, layers=", ".join(LAYERS))
    it.add_argument("layers", nargs="+", choices=list(LAYERS), metavar="LAYER")
    it.add_argument("--out", type=Path, required=True, metavar="FILE", help=say("out") + f" ({', '.join(e.suffix for e in EXPORTERS.values())})")
    _selection(it, say)
    command("backup", backup).add_argument("target", type=Path, metavar="FILE")
    it = command("restore", restore)
    it.add_argument("backup", type=Path, metavar="BACKUP")
    it.add_argument("target", type=Path, metavar="FILE")
    command("check", check)
    it = command("jobs", jobs)
    it.add_argument("what", choices=("work", "list"))
    it.add_argument("--once", action="store_true")
    it.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)
    command("list", show_list, things=", ".join(LISTS)).add_argument("what", choices=LISTS)
    return top


def _selection(it: argparse.ArgumentParser, say: Callable[..., str]) -> None:
    for name in ("period", "compare", "types", "areas"):
        it.add_argument(f"--{name}", help=say(name))


# ---- what the commands do

def _viewer(options) -> Viewer:
    return local_viewer(options.language)


def _say(options, text: Text) -> None:
    print(text[options.language], file=sys.stderr)


def _answer(options, answer: dict[str, Any], text: Text) -> None:
    """One JSON object for machines, one sentence for people."""
    print(json.dumps(answer, ensure_ascii=False, default=str) if options.json else text[options.language])


def _settings(options) -> Settings:
    return Settings(store=options.store) if options.store else Settings()


def _store(options):
    """The store that the command speaks of; the sample is made when none is named."""
    from .services.starting import open_store
    settings = _settings(options)
    if not settings.uses_sample and not settings.store_path.exists():
        from .store import Store
        return Store.open(settings.store_path)  # says in words that it is missing
    with _Bar(options) as progress:
        return open_store(settings, progress=progress)


class _Bar:
    """A progress bar on standard error; silent where nobody watches."""

    def __init__(self, options):
        self.language = options.language

    def __enter__(self):
        from tqdm import tqdm
        self.bar = tqdm(total=100, unit="%", leave=False, disable=None, bar_format="{desc} {bar} {n:.0f} %")
        return self.step

    def step(self, share: float, what: Text) -> None:
        self.bar.set_description(what[self.language], refresh=False)
        self.bar.update(max(0.0, 100 * share - self.bar.n))

    def __exit__(self, *_):
        self.bar.close()


def init(options) -> int:
    from .store import Store
    path = _settings(options).store_path
    path.parent.mkdir(parents=True, exist_ok=True)
    Store.create(path, crs=options.crs, zone=options.zone, municipality_code=options.code, municipality_name=options.name).close()
    _answer(options, {"store": str(path), "crs": options.crs, "zone": options.zone}, T["made"].format(path=str(path)))
    return DONE


def serve(options) -> int:
    from .web import create_app
    from .web.serving import serve as serve_app
    settings = _settings(options)
    from .services.starting import open_store, require_loopback
    require_loopback(settings)
    with _Bar(options) as progress:
        store = open_store(settings, progress=progress)
    serve_app(create_app(settings, store), settings, store)
    return DONE


def make_sample(options) -> int:
    from .services import starting
    path = _settings(options).store_path
    path.parent.mkdir(parents=True, exist_ok=True)
    with _Bar(options) as progress:
        starting.make_sample(path, seed=starting.SAMPLE_SEED if options.seed is None else options.seed, progress=progress).close()
    _answer(options, {"store": str(path)}, T["made"].format(path=str(path)))
    return DONE


def _pairs(options, given: list[str]) -> dict[str, str]:
    from .errors import InputError
    for pair in given:
        if "=" not in pair:
            raise InputError(Text(sv="{pair} ska skrivas namn=värde.", en="{pair} should be written name=value.").format(pair=pair))
    return dict(pair.split("=", 1) for pair in given)


def bring_in(options) -> int:
    from .services import importing
    store, viewer, refused, answers = _store(options), _viewer(options), False, []
    for path in options.files:
        chosen = importing.options_for(store, options.source, path, viewer, mapping=_pairs(options, options.map), crs=options.file_crs,
                                       given=_pairs(options, options.set), profile=options.profile, accept=options.yes)
        with _Bar(options) as progress:
            report = importing.bring_in(store, options.source, path, viewer, chosen, progress=progress, dry_run=options.dry_run,
                                        into_made_up=options.yes)
        counts = report.as_dict()
        answers.append({"file": str(path), **counts})
        if options.rejects and counts["rejected"]:
            options.rejects.write_bytes(report.rejects_csv(options.language))
        refused |= bool(counts["rejected"])
        if not options.json:
            print(T["imported"].format(file=path.name, **{k: number(counts[k], options.language) for k in (
                "read", "inserted", "updated", "unchanged", "rejected", "without_place")})[options.language])
    if options.json:
        print(json.dumps(answers[0] if len(answers) == 1 else {"files": answers}, ensure_ascii=False, default=str))
    return REFUSED if refused else DONE


def _chosen(options):
    from .model.selection import Selection
    query = {"period": options.period, "compare": options.compare, "types": options.types, "areas": options.areas}
    return Selection.from_query({name: value for name, value in query.items() if value})


def find(options) -> int:
    from .services import exporting, hotspots
    parameters = hotspots.parameters_from(options.method, _pairs(options, options.set))
    viewer = _viewer(options)
    with _Bar(options) as progress:
        if options.points:
            answer = hotspots.find_in_files(options.method, parameters, points=options.points, area=options.area, mapping=_pairs(options, options.map),
                                            crs=options.file_crs, selection=_chosen(options), viewer=viewer, progress=progress)
        else:
            store = _store(options)
            answer = hotspots.find(store, options.method, parameters, _chosen(options), viewer, progress=progress)
            if options.keep:
                hotspots.keep(store, answer, options.keep, viewer)
    if options.share == "partner":
        viewer, answer = hotspots.for_partners(answer, viewer)
    if answer.refusal:
        _say(options, answer.refusal.text)
    for caution in answer.shown.warnings:
        _say(options, caution.text)
    if options.out:
        exporting.write_file((answer.shown,), options.out, viewer)
    placed = answer.shown.layer.geometry is not None
    text = (answer.top if placed else answer.shown.frame).to_string()
    _answer(options, {"method": options.method, "cells" if placed else "rows": len(answer.shown), "facts": dict(answer.shown.facts),
                      "warnings": [c.code for c in answer.shown.warnings], "refused": answer.refusal.code if answer.refusal else None,
                      "out": str(options.out) if options.out else None},
            T["saved"].format(path=str(options.out)) if options.out else Text(sv=text, en=text))
    return REFUSED if answer.refusal else DONE


def evaluate(options) -> int:
    from .cli_evaluate import answered
    answer, words = answered(options, lambda: _store(options), _viewer(options), _pairs(options, options.map))
    _answer(options, answer, words)
    return REFUSED if answer.get("refused") else DONE


def export(options) -> int:
    from .services import exporting, viewing
    store, viewer = _store(options), _viewer(options)
    shown = tuple(viewing.show(store, layer, _chosen(options), viewer) for layer in options.layers)
    exporting.write_file(shown, options.out, viewer, store=store)
    _answer(options, {"out": str(options.out), "rows": {s.layer.name: len(s) for s in shown}}, T["saved"].format(path=str(options.out)))
    return DONE


def backup(options) -> int:
    _store(options).backup(options.target)
    _answer(options, {"backup": str(options.target)}, T["saved"].format(path=str(options.target)))
    return DONE


def restore(options) -> int:
    from .store import restore as restore_store
    restore_store(options.backup, options.target)
    _answer(options, {"store": str(options.target)}, T["made"].format(path=str(options.target)))
    return DONE


def check(options) -> int:
    found = _store(options).check()
    said = Text(sv="\n".join(text.sv for _, text in found), en="\n".join(text.en for _, text in found)) if found else T["all_well"]
    _answer(options, {"found": [{"code": code, "text": text[options.language]} for code, text in found]}, said)
    return REFUSED if found else DONE


def jobs(options) -> int:
    from .services import working
    store = _store(options)
    if options.what == "work":
        working.work(store, once=options.once, parent=os.getppid() if options.with_parent else None)
        return DONE
    rows = [{"id": job.id, "kind": job.kind, "status": job.status, "share": job.share, "message": job.message[options.language] if job.message else ""}
            for job in store.jobs.recent(50)]
    _answer(options, {"jobs": rows}, _table(rows))
    return DONE


LISTS = ("layers", "sources", "methods", "formats", "measures", "imports", "runs", "profiles")


def show_list(options) -> int:
    from .exports import EXPORTERS
    from .layers import LAYERS
    from .services.methods import ALL
    from .sources import SOURCES
    registries: dict[str, dict[str, Any]] = {"layers": LAYERS, "sources": SOURCES, "methods": ALL, "formats": EXPORTERS}
    described = registries.get(options.what)
    if described is not None:
        rows = [{"name": name, "title": thing.title[options.language]} for name, thing in described.items()]
    else:
        layer = {"imports": "import_batches", "runs": "hotspot_runs", "profiles": "import_profiles"}.get(options.what, options.what)
        frame = _store(options).read(layer, _viewer(options), geometry=False)
        names = ["uid", *(c.name for c in LAYERS[layer].columns if c.shown and c.kind not in ("json", "long_text"))]
        rows = frame[names].astype(object).where(frame[names].notna(), None).to_dict("records")
    _answer(options, {options.what: rows}, _table(rows))
    return DONE


def _table(rows: list[dict[str, Any]]) -> Text:
    import pandas as pd
    text = pd.DataFrame(rows).to_string(index=False) if rows else "–"
    return Text(sv=text, en=text)


if __name__ == "__main__":
    sys.exit(main())
