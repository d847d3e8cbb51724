"""`geo-safety evaluate`: places and periods from the command line, the answer in words or as JSON."""
from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .errors import InputError, Refusal
from .model.selection import Period
from .model.viewer import Viewer
from .text import Text

PLACES = ("treated", "control", "ring", "control_ring")

T: dict[str, Text] = {
    "measure": Text(sv="åtgärdens uid i lagret (geo-safety list measures)", en="uid of the measure in the store (geo-safety list measures)"),
    "treated": Text(sv="fil med området där något gjordes, i stället för åtgärdens",
                    en="file with the place where something was done, instead of the measure's"),
    "control": Text(sv="fil med kontrollområdet; utan det kan inget avgöras", en="file with the control area; without it nothing can be told"),
    "ring": Text(sv="fil med områdets omgivning, i stället för en ring", en="file with the surroundings of the place, instead of a ring"),
    "control_ring": Text(sv="fil med kontrollområdets omgivning", en="file with the surroundings of the control"),
    "buffer": Text(sv="så långt åtgärden verkar, i meter, när den är en punkt eller linje",
                   en="how far the measure acts, in metres, when it is a point or line"),
    "width": Text(sv="ringarnas bredd i meter, eller auto", en="width of the rings in metres, or auto"),
    "no_rings": Text(sv="undersök inte omgivningen", en="do not look at the surroundings"),
    "before": Text(sv="perioden före, första dag/dagen efter den sista: 2022-01-01/2023-01-01",
                   en="the period before, first day/day after the last: 2022-01-01/2023-01-01"),
    "after": Text(sv="perioden efter; utan perioder tas de från åtgärdens dagar", en="the period after; without periods they come from the measure's days"),
    "types": Text(sv="brottstyper, med komma emellan", en="offence types, comma between"),
    "weights": Text(sv="väg efter allvar: vikter för person, egendom och ordning, till exempel 3,2,1",
                    en="weigh by severity: weights of person, property and order, for example 3,2,1"),
    "margin": Text(sv="skillnader inom så många procent räknas som ingen skillnad", en="differences within so many per cent count as none"),
    "as_planned": Text(sv="genomfördes åtgärden som planerat?", en="was the measure carried out as planned?"),
    "bad_period": Text(sv="valdes platsen för att den hade ett dåligt år?", en="was the place chosen for a bad year?"),
    "points": Text(sv="händelser från en fil i stället för ur lagret", en="incidents from a file instead of from the store"),
    "map": Text(sv="vår kolumn = filens kolumn; kan upprepas", en="our column = the file's column; may be repeated"),
    "crs": Text(sv="filens koordinatsystem, till exempel EPSG:3006", en="the file's coordinate system, for example EPSG:3006"),
}
_ANSWERS = {"yes": True, "no": False, "unknown": None}


def add_options(it: argparse.ArgumentParser, language: str) -> None:
    """The options of the command, with their help in one language."""
    say = lambda key: T[key][language]  # noqa: E731
    what = it.add_mutually_exclusive_group(required=True)
    what.add_argument("--measure", metavar="UID", help=say("measure"))
    what.add_argument("--treated", type=Path, metavar="FILE", help=say("treated"))
    for name in PLACES[1:]:
        it.add_argument(f"--{name.replace('_', '-')}", type=Path, metavar="FILE", help=say(name))
    it.add_argument("--buffer", type=float, default=0.0, metavar="M", help=say("buffer"))
    it.add_argument("--width", default="auto", metavar="M", help=say("width"))
    it.add_argument("--no-rings", action="store_true", help=say("no_rings"))
    for name in ("before", "after"):
        it.add_argument(f"--{name}", metavar="DAY/DAY", help=say(name))
    it.add_argument("--types", help=say("types"))
    it.add_argument("--weights", metavar="P,E,O", help=say("weights"))
    it.add_argument("--margin", type=float, default=20.0, metavar="%", help=say("margin").replace("%", "%%"))
    it.add_argument("--as-planned", choices=list(_ANSWERS), default="unknown", help=say("as_planned"))
    it.add_argument("--chosen-for-bad-period", choices=list(_ANSWERS), default="unknown", help=say("bad_period"))
    it.add_argument("--points", type=Path, metavar="FILE", help=say("points"))
    it.add_argument("--map", action="append", default=[], metavar="OUR=THEIR", help=say("map"))
    it.add_argument("--crs", dest="file_crs", metavar="EPSG:N", help=say("crs"))


def answered(options: argparse.Namespace, store: Callable[[], Any], viewer: Viewer, mapping: Mapping[str, str]) -> tuple[dict[str, Any], Text]:
    """The answer for machines, and in words; a refusal becomes `refused` with its sentence."""
    from .services import evaluation
    try:
        told = _answer(options, store, viewer, mapping)
    except Refusal as refused:
        return {"refused": refused.code, "words": [refused.text[options.language]]}, refused.text
    said = evaluation.sentences(told)
    return (evaluation.as_dict(told, options.language) | {"refused": None},
            Text(sv="\n".join(text.sv for text in said), en="\n".join(text.en for text in said)))


def _answer(options: argparse.Namespace, store: Callable[[], Any], viewer: Viewer, mapping: Mapping[str, str]) -> Any:
    from .services import evaluation, plain_files
    wishes = evaluation.Wishes(width_m=_width(options.width), rings=not options.no_rings, margin=options.margin / 100,
                               as_planned=_ANSWERS[options.as_planned], chosen_for_bad_period=_ANSWERS[options.chosen_for_bad_period],
                               weights=_weights(options.weights))
    before, after = _period(options.before), _period(options.after)
    files = {name: getattr(options, name) for name in PLACES if getattr(options, name)}
    if options.treated and (before is None or after is None):
        raise InputError(Text(sv="Ange perioderna med --before och --after.", en="Give the periods with --before and --after."))
    if options.points:
        if not options.treated or before is None or after is None:
            raise InputError(Text(sv="Händelser från en fil jämförs i områden från filer: ange --treated.",
                                  en="Incidents from a file are compared in places from files: give --treated."))
        return evaluation.evaluate_files(options.points, files, viewer, before=before, after=after, mapping=mapping, crs=options.file_crs, wishes=wishes)
    opened = store()
    areas = {name: plain_files.read_area(path, into=opened.crs) for name, path in files.items()}
    types = tuple(options.types.split(",")) if options.types else None
    if options.measure:
        return evaluation.evaluate_measure(opened, options.measure, viewer, buffer_m=options.buffer, before=before, after=after, types=types,
                                           wishes=wishes, **areas)
    assert before is not None and after is not None
    return evaluation.evaluate(opened, evaluation.Places(**areas), viewer, before=before, after=after, types=types, title=options.treated.stem, wishes=wishes)


def _period(text: str | None) -> Period | None:
    try:
        return Period.parse(text) if text else None
    except ValueError as unreadable:
        raise InputError(Text(sv="{text} är ingen period. Skriv första dagen/dagen efter den sista: 2022-01-01/2023-01-01.",
                              en="{text} is no period. Write first day/day after the last: 2022-01-01/2023-01-01.").format(text=str(text))) from unreadable


def _weights(text: str | None) -> dict[str, float] | None:
    if text is None:
        return None
    try:
        person, property_, order = (float(part) for part in text.split(","))
    except ValueError as unreadable:
        raise InputError(Text(sv="Vikterna är tre tal, för person, egendom och ordning, till exempel 3,2,1 – inte {text}.",
                              en="The weights are three numbers, of person, property and order, for example 3,2,1 – not {text}.").format(
                                  text=text[:40])) from unreadable
    return {"person": person, "property": property_, "order": order}


def _width(text: str) -> float | str:
    try:
        return text if text == "auto" else float(text)
    except ValueError as unreadable:
        raise InputError(Text(sv="Bredden är ett antal meter eller auto, inte {text}.", en="The width is a number of metres or auto, not {text}.").format(
            text=text[:40])) from unreadable
