"""Finds hotspots and patterns in what was selected, keeps the answer, and opens a kept one unchanged."""
from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from ..analysis.disclosure import protect
from ..analysis.trends import same_season
from ..errors import InputError, Refusal, StoreError
from ..hotspots.ground import refusal
from ..model.cautions import Caution, caution
from ..model.describe import Method, Parameter
from ..model.features import Features, Provenance, Shown
from ..model.jobs import Progress, silent
from ..model.selection import Period, Selection
from ..model.viewer import ShareLevel, Viewer
from ..store import Store
from ..text import Text
from . import kept_runs, plain_files, viewing
from .methods import ALL, method_named, plain_counts
from .places import study_outline
from .remember import remembered
from .top_places import top_places

_READING = Text(sv="Hämtar händelserna", en="Fetching the incidents")
_COMPUTING = Text(sv="Räknar: {method}", en="Computing: {method}")
_NAMING = Text(sv="Letar upp platsernas namn", en="Looking up the names of the places")
_DONE = Text(sv="Klart", en="Done")
_NO_AREAS = Text(sv="{method} räknas per område, och inga områden av det slaget är inlästa. Läs in områden, eller välj en annan indelning.",
                 en="{method} is computed by area, and no areas of that kind have been imported. Import areas, or choose another division.")


@dataclass(frozen=True)
class HotspotAnswer:
    """The result layer, why the method would not answer (then `shown` holds plain counts), and the places that stand out, if it has places."""

    shown: Shown
    refusal: Refusal | None
    top: pd.DataFrame


@dataclass(frozen=True)
class Inputs:
    """What a method may need, gathered from a selection or from files."""

    points: gpd.GeoDataFrame
    area: gpd.GeoDataFrame
    exposure: gpd.GeoDataFrame | None = None
    points_before: gpd.GeoDataFrame | None = None
    history: gpd.GeoDataFrame | None = None
    areas: gpd.GeoDataFrame | None = None
    lines: gpd.GeoDataFrame | None = None
    key: bytes | None = None
    answers: pd.DataFrame | None = None
    period: tuple[date, date] | None = None

    def of(self, method: Method) -> dict[str, Any]:
        return {needed.kind: getattr(self, needed.kind) for needed in method.needs}


def find(store: Store, method_name: str, parameters: Mapping[str, Any], selection: Selection, viewer: Viewer, *,
         progress: Progress = silent) -> HotspotAnswer:
    """What `method_name` finds among the incidents of the selection.

    Types not chosen means those that speak of the place. When the method will not answer (too few incidents, only known by area,
    an effort source, nothing to compare with …) the answer holds its refusal in words and counts per cell, or per month.

    Raises
    ------
    InputError
        There is no such method or parameter, or a value lies outside its bounds.
    AccessError
        The viewer may not see exact places.
    """
    method = method_named(method_name)
    values = checked(method, parameters)
    progress(0.0, _READING)
    inputs = _gathered(store, selection, viewer, method, values)
    values, doubts = _with_periods(method, values, selection.period or viewing.data_span(store, viewer), selection.compare_with)
    doubts += _about_data(store, selection, viewer)
    progress(0.3, _COMPUTING.format(method=method.title))
    features, refused = computed(method, values, inputs)
    told = replace(viewing.provenance(store, selection, viewer), **_how(features.provenance))
    features = features.warned(*doubts).with_(provenance=told)
    progress(0.8, _NAMING)
    shown = protect(features, viewer)
    top = top_places(features, ALL[str(told.method)], inputs.points, store=store, viewer=viewer)
    progress(1.0, _DONE)
    return HotspotAnswer(shown, refused, top)


def find_in_files(method_name: str, parameters: Mapping[str, Any], *, points: str | Path, area: str | Path | None = None,
                  mapping: Mapping[str, str] | None = None, crs: str | None = None, selection: Selection | None = None, viewer: Viewer,
                  progress: Progress = silent) -> HotspotAnswer:
    """The same on a file of points and, if there is one, a file with the area; without it the ground that the points span.

    `mapping` (our column → the file's) and `crs` say how the points are read. Of `selection` the periods and the types count; without
    types all rows do. A method that counts by area needs a store.
    """
    asked = selection or Selection()
    method = method_named(method_name)
    values = checked(method, parameters)
    progress(0.0, _READING)
    incidents = plain_files.read_points(points, mapping=mapping, crs=crs)
    ground = plain_files.read_area(area, into=incidents.crs) if area else plain_files.area_around(incidents)
    inputs = _cut(incidents, ground, asked)
    values, doubts = _with_periods(method, values, asked.period, asked.compare_with)
    progress(0.3, _COMPUTING.format(method=method.title))
    features, refused = computed(method, values, inputs)
    told = replace(features.provenance, sources=(Path(points).name,), selection=asked.to_query())
    features = features.with_(provenance=told).warned(*doubts, *viewing.wide_selection(plain_files.types_in(inputs.points)), caution("NOT_ALL_CRIME"))
    top = top_places(features, ALL[str(features.provenance.method)], inputs.points)
    progress(1.0, _DONE)
    return HotspotAnswer(protect(features, viewer), refused, top)


def computed(method: Method, values: Mapping[str, Any], inputs: Inputs) -> tuple[Features, Refusal | None]:
    """The result, or plain counts and the refusal; with the provenance that says which method and parameters made it."""
    given = inputs.of(method)
    missing = [needed.kind for needed in method.needs if needed.required and given[needed.kind] is None]
    if "areas" in missing:
        raise InputError(_NO_AREAS.format(method=method.title))
    try:
        if "lines" in missing:
            raise refusal("NO_LINES", method=method.title)
        if "points_before" in missing:
            raise refusal("NO_COMPARISON", method=method.title)
        return _marked(method.compute(**inputs.of(method), **values), method, values), None
    except Refusal as refused:
        return _counts_instead(values, inputs, method), refused


def _counts_instead(values: Mapping[str, Any], inputs: Inputs, asked: Method) -> Features:
    """Counts per month; or per cell of the size asked for, or of the first larger one that gives a number of cells that can be read."""
    method = plain_counts(asked)
    chosen = {p.name: values.get(p.name, p.default) for p in method.parameters}
    while True:
        try:
            made = method.compute(**inputs.of(method), **chosen)
            break
        except Refusal as refused:
            if refused.code == "COARSE_PLACE":  # nothing to put into cells: an empty grid says so
                n = len(inputs.points)
                made = method.compute(**inputs.of(method) | {"points": inputs.points.iloc[:0]}, **chosen).warned(
                    caution("WITHOUT_PLACE", n=n, total=n))
                break
            chosen["cell_size_m"] *= 2
    made = made.with_(facts={**made.facts, "asked_method": asked.name})
    return _marked(made.warned(caution("COUNTS_ONLY")), method, chosen)


def _marked(features: Features, method: Method, values: Mapping[str, Any]) -> Features:
    return features.with_(provenance=Provenance(
        method=method.name, method_version=method.version, parameters=dict(values), seed=values.get("seed"), code_version=_version(),
        made_at=datetime.now(UTC)))


def _how(provenance: Provenance) -> dict[str, Any]:
    return {name: getattr(provenance, name) for name in ("method", "method_version", "parameters", "seed", "code_version", "made_at")}


def _version() -> str | None:
    try:
        return version("geo-safety")
    except PackageNotFoundError:    # used from a folder, not installed
        return None


# ---- what goes in

def checked(method: Method, given: Mapping[str, Any]) -> dict[str, Any]:
    """A value for each parameter of the method, in order; InputError for an unknown name or a value outside its bounds.

    Refusal for weights where they would make the answer false.
    """
    known = {parameter.name: parameter for parameter in method.parameters}
    unknown = [name for name in given if name not in known]
    if "weights" in unknown and given["weights"] != "none":
        raise refusal("WEIGHTED_COUNT", method=method.title)
    if unknown:
        raise InputError(Text(sv="{method} har ingen inställning {name}. De som finns är: {known}.",
                              en="{method} has no setting {name}. Those there are: {known}.").format(
                                  method=method.title, name=", ".join(unknown), known=", ".join(known)))
    return {name: _checked(parameter, given[name]) if name in given else parameter.default for name, parameter in known.items()}


def parameters_from(method_name: str, written: Mapping[str, str]) -> dict[str, Any]:
    """Typed values from text, as a command line has them: `cell_size_m=100`, `bandwidth_m=auto`, `expected=residents`."""
    method = method_named(method_name)
    return {name: value for name, value in checked(method, written).items() if name in written}


def _checked(parameter: Parameter, value: Any) -> Any:
    if value in parameter.words or value == parameter.default:
        return value
    if parameter.kind == "choice":
        if value in [code.value for code in parameter.choices]:
            return value
        raise _not(parameter, value, ", ".join(code.value for code in parameter.choices))
    if parameter.kind == "boolean":
        return value if isinstance(value, bool) else str(value).casefold() in ("true", "1", "ja", "yes")
    try:
        number = float(str(value).replace(",", "."))
    except ValueError:
        number = float("nan")
    least, most = (bound if bound is not None else number for bound in (parameter.least, parameter.most))
    whole = parameter.kind != "integer" or number == round(number) if number == number else False
    if not (least <= number <= most and whole):
        raise _not(parameter, value, ", ".join([*parameter.words, f"{least:g}–{most:g}"]))
    return int(number) if parameter.kind == "integer" else number


def _not(parameter: Parameter, value: Any, allowed: str) -> InputError:
    return InputError(Text(sv="{title} ({name}) kan inte vara {value}. Möjligt: {allowed}.",
                           en="{title} ({name}) cannot be {value}. Possible: {allowed}.").format(
                               title=parameter.title, name=parameter.name, value=str(value)[:60], allowed=allowed))


def _gathered(store: Store, selection: Selection, viewer: Viewer, method: Method, values: Mapping[str, Any]) -> Inputs:
    """What the method needs and the selection has; nothing else is read."""
    needed = {one.kind for one in method.needs}
    period = selection.period or viewing.data_span(store, viewer)
    asked = {"points": selection.with_(compare_with=None)}
    if selection.compare_with and "points_before" in needed:
        asked["points_before"] = selection.with_(period=selection.compare_with, compare_with=None)
    if "history" in needed:
        asked["history"] = selection.with_(period=_up_to(period, viewing.data_span(store, viewer)), compare_with=None)
    points = {name: _incidents(store, wanted, viewer) for name, wanted in asked.items()}
    areas = None
    if "areas" in needed:
        areas, points = _in_areas(store, selection, viewer, str(values["division"]), points)
    return Inputs(area=study_outline(store, _where(selection), viewer)[["geometry"]], exposure=_exposure(store, viewer), areas=areas,
                  answers=store.read("surveys", viewer) if "answers" in needed else None,
                  key=store.mask_key if "key" in needed else None, lines=_streets(store, viewer) if "lines" in needed else None,
                  period=(period.start, period.end) if period else None, **points)


def _up_to(period: Period | None, span: Period | None) -> Period | None:
    """From the first data there are to the end of the period."""
    return Period(min(span.start, period.start), period.end) if period and span else period


def _in_areas(store: Store, selection: Selection, viewer: Viewer, division: str, points: dict[str, gpd.GeoDataFrame]
              ) -> tuple[gpd.GeoDataFrame | None, dict[str, gpd.GeoDataFrame]]:
    """The areas of a division, and in `counted_in` the one in which the map counts each incident."""
    known = viewing.divisions(store, viewer)
    kind = (known[0] if known else "") if division == "auto" else division
    areas = viewing.areas_of(store, _where(selection), viewer, kind)
    if not len(areas):
        return None, points
    return areas, {name: frame.assign(counted_in=viewing.area_codes(store, frame, areas, viewer)) for name, frame in points.items()}


def _where(selection: Selection) -> Selection:
    """Just the place, so that the outline is remembered for all periods and types."""
    return Selection(areas=selection.areas, drawn=selection.drawn)


def _incidents(store: Store, selection: Selection, viewer: Viewer) -> gpd.GeoDataFrame:
    """Incidents of the selection, each with the coverage of its source: register, or effort, where somebody looked."""
    frame = viewing.incidents(store, selection, viewer)
    sources = store.read("sources", viewer)
    coverage = frame["source_code"].map(dict(zip(sources["code"], sources["coverage"], strict=True))).fillna("register")
    return frame.assign(coverage=coverage)


@remembered
def _exposure(store: Store, viewer: Viewer) -> gpd.GeoDataFrame:
    return store.read("exposure", viewer)


def _cut(incidents: gpd.GeoDataFrame, ground: gpd.GeoDataFrame, asked: Selection) -> Inputs:
    """The incidents of a file in the periods that are asked for."""
    chosen = incidents
    if asked.types is not None:
        if "offence_type" not in incidents.columns:
            raise InputError(Text(sv="Filen har ingen brottstyp, så inga typer kan väljas.", en="The file has no offence type, so no types can be chosen."))
        chosen = incidents[incidents["offence_type"].isin(asked.types)]
    zone = str(chosen["occurred_from"].dt.tz)
    within = lambda period: viewing.in_period(chosen, period, zone) if period else chosen  # noqa: E731
    up_to = chosen[chosen["occurred_from"] < pd.Timestamp(asked.period.end).tz_localize(zone)] if asked.period else chosen
    return Inputs(within(asked.period), ground, points_before=within(asked.compare_with) if asked.compare_with else None, history=up_to,
                  period=(asked.period.start, asked.period.end) if asked.period else None)


@remembered
def _streets(store: Store, viewer: Viewer) -> gpd.GeoDataFrame | None:
    """Streets, roads and paths; nobody walks along a railway."""
    lines = store.read("streets", viewer)
    lines = lines[lines.geometry.notna() & (lines["role"] != "railway")]
    return lines if len(lines) else None


def _with_periods(method: Method, values: dict[str, Any], period: Period | None, before: Period | None) -> tuple[dict[str, Any], list[Caution]]:
    """The length of both periods for a method that compares them, and a doubt when they lie in different seasons."""
    if period is None or before is None or not any(needed.kind == "points_before" for needed in method.needs):
        return values, []
    lengths: dict[str, Period] = {"days": period, "days_before": before}
    values = {name: lengths[name].days if name in lengths and value == "auto" else value for name, value in values.items()}
    alike = same_season((period.start, period.end), (before.start, before.end))
    return values, [] if alike else [caution("UNEVEN_SEASONS")]


def _about_data(store: Store, selection: Selection, viewer: Viewer) -> list[Caution]:
    """What holds for the data whatever is done with them."""
    doubts = [doubt for doubt in viewing.show(store, "incidents", selection, viewer).warnings if doubt.code != "SMALL_N"]
    return doubts + ([caution("MADE_UP")] if store.made_up else [])


def for_partners(answer: HotspotAnswer, viewer: Viewer) -> tuple[Viewer, HotspotAnswer]:
    """The answer as partners may have it; AccessError, in words, for one that holds more than classes."""
    partner = replace(viewer, share_level=ShareLevel.PARTNER)
    shown = answer.shown
    return partner, HotspotAnswer(protect(Features(shown.layer, shown.frame, shown.facts, shown.warnings, shown.provenance), partner), answer.refusal,
                                  pd.DataFrame())


# ---- keeping

def keep(store: Store, answer: HotspotAnswer, title: str, viewer: Viewer) -> str:
    """Keeps the answer under a name, so that a later meeting sees the same layer; gives the uid of the run."""
    title = title.strip()[:200]
    if not title:
        raise InputError(Text(sv="Körningen behöver ett namn.", en="The run needs a name."))
    shown = answer.shown
    features = Features(shown.layer, shown.frame, shown.facts, shown.warnings, shown.provenance)
    uid = uuid.uuid4().hex
    return store.save_with_rows("hotspot_runs", kept_runs.run_values(features, answer.refusal, answer.top, title), viewer,
                                rows_layer="hotspot_cells", rows=kept_runs.run_cells(features, uid, store.crs), uid=uid)


def reopen(store: Store, run_uid: str, viewer: Viewer) -> HotspotAnswer:
    """A kept run as it was, to the digit, whatever has been imported since. StoreError when there is none for this viewer."""
    run = store.one("hotspot_runs", run_uid, viewer)
    if run is None:
        raise StoreError(Text(sv="Den sparade körningen finns inte. Den kan ha tagits bort.",
                              en="There is no such kept run. It may have been removed."))
    cells = store.read("hotspot_cells", viewer, where={"run_uid": run_uid}, order_by="cell")
    if len(cells) != run["cells"]:
        raise StoreError(Text(sv="Körningen {title} är inte hel: {n} av {total} rutor finns kvar.",
                              en="The run {title} is not whole: {n} of {total} cells are left.").format(
                                  title=run["title"], n=len(cells), total=run["cells"]))
    features = kept_runs.features_of(run, cells, method_named(run["method"]).result)
    return HotspotAnswer(protect(features, viewer), kept_runs.refusal_of(run), kept_runs.top_of(run))


def kept(store: Store, viewer: Viewer) -> pd.DataFrame:
    """The kept runs, newest first: uid, title, method, made_at, incidents, cells."""
    return store.read("hotspot_runs", viewer, columns=["uid", "title", "method", "made_at", "incidents", "cells"], order_by="-made_at")
