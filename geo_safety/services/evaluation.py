"""Evaluates a measure: gathers its place, a control, both periods and the incidents, and says the answer in words."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from ..analysis.evaluation import Evaluation
from ..analysis.surroundings import evaluate_places
from ..analysis.trends import same_season
from ..errors import AccessError, InputError, StoreError
from ..hotspots.ground import refusal, severity_of
from ..layers.incidents import OFFENCE_TYPES
from ..layers.measures import LAYER as MEASURES
from ..model.cautions import Caution, caution
from ..model.selection import Period, Selection
from ..model.viewer import ShareLevel, Viewer
from ..store import Store
from ..text import Text, number, percent, period
from . import plain_files, viewing

MOST_MONTHS = 36        # longer periods hold other changes than the measure
LEAST_MONTHS = 3
SLACK_DAYS = 14         # a small municipality may have nothing in its last days
_EVALUATION = Text(sv="en utvärdering", en="an evaluation")
PRESENCE = ("presence", "technology")   # more people or cameras find more of what is found by looking


@dataclass(frozen=True)
class Places:
    """What is compared: the treated place and a control, and the surroundings of both when they are drawn by hand."""

    treated: gpd.GeoDataFrame
    control: gpd.GeoDataFrame | None = None
    ring: gpd.GeoDataFrame | None = None
    control_ring: gpd.GeoDataFrame | None = None


@dataclass(frozen=True)
class Wishes:
    """How an evaluation is to be made; `asked` holds what only people know."""

    width_m: float | str = "auto"
    rings: bool = True
    margin: float = 0.2
    as_planned: bool | None = None
    chosen_for_bad_period: bool | None = None
    weights: Mapping[str, float] | None = None   # of the levels person, property and order; None: every incident counts as one


@dataclass(frozen=True)
class EvaluationAnswer:
    """The verdict on a measure, with the periods it compares and what it is called."""

    title: str
    evaluation: Evaluation
    before: Period
    after: Period


def evaluate(store: Store, places: Places, viewer: Viewer, *, before: Period, after: Period, types: tuple[str, ...] | None = None, title: str = "",
             measure_type: str | None = None, wishes: Wishes | None = None) -> EvaluationAnswer:
    """The incidents of the store before and after, in a place and its control.

    `types` None means those that speak of the place. Refusal when the measure is one of presence and the types are found by looking
    for them; AccessError for a viewer who may not see exact places.
    """
    _require_internal(viewer)
    _refuse_what_is_found_by_looking(measure_type, types)
    span = viewing.data_span(store, viewer)
    _require_data(span, before, after)
    frame, doubts = register(store, types, viewer)
    answer = _evaluated(frame, places, before, after, wishes or Wishes(), title)
    if span and not store.made_up and (span.end - after.end).days < viewing.DELAY_DAYS:
        doubts.append(caution("REPORTING_DELAY"))
    return _warned(answer, *doubts, *([caution("MADE_UP")] if store.made_up else []))


def evaluate_measure(store: Store, uid: str, viewer: Viewer, *, control: gpd.GeoDataFrame | None = None, ring: gpd.GeoDataFrame | None = None,
                     control_ring: gpd.GeoDataFrame | None = None, buffer_m: float = 0.0, before: Period | None = None, after: Period | None = None,
                     types: tuple[str, ...] | None = None, wishes: Wishes | None = None) -> EvaluationAnswer:
    """`evaluate` for a measure of the store: its outline, widened by `buffer_m`, and, where they are not given, periods from its days."""
    _require_internal(viewer)
    measure = store.one(MEASURES.name, uid, viewer)
    if measure is None:
        raise StoreError(Text(sv="Åtgärden {uid} finns inte här.", en="The measure {uid} is not here.").format(uid=uid[:60]))
    if (before is None) != (after is None):
        raise InputError(Text(sv="Ange båda perioderna, eller ingen.", en="Give both periods, or neither."))
    if before is None or after is None:
        before, after = periods_of(measure["started_on"], measure["done_on"], viewing.data_span(store, viewer))
    return evaluate(store, Places(_outline(measure, store.crs, buffer_m), control, ring, control_ring), viewer, before=before, after=after, types=types,
                    title=measure["title"], measure_type=measure["measure_type"], wishes=wishes)


def evaluate_files(points: str | Path, places: Mapping[str, str | Path], viewer: Viewer, *, before: Period, after: Period,
                   mapping: Mapping[str, str] | None = None, crs: str | None = None, wishes: Wishes | None = None) -> EvaluationAnswer:
    """`evaluate` on a file of incidents and files with outlines (`treated`, and if there are `control`, `ring`, `control_ring`)."""
    _require_internal(viewer)
    incidents = plain_files.read_points(points, mapping=mapping, crs=crs)
    read = {name: plain_files.read_area(path, into=incidents.crs) for name, path in places.items()}
    answer = _evaluated(incidents, Places(**read), before, after, wishes or Wishes(), Path(places["treated"]).stem)
    return _warned(answer, caution("NOT_ALL_CRIME"), *viewing.wide_selection(plain_files.types_in(incidents)))


def periods_of(started: date | None, done: date | None, span: Period | None) -> tuple[Period, Period]:
    """Whole months before the work began and after it was done, as many of each and of the same seasons where the data reach.

    InputError when the measure has no day of completion, or the data hold less than a quarter of a year on a side.
    """
    if done is None or span is None:
        raise InputError(Text(sv="Åtgärden är inte markerad som genomförd, så det finns inget efter att jämföra. Ange perioderna själv.",
                              en="The measure is not marked as done, so there is no after to compare. Give the periods yourself."))
    last_before, first_after = _month_start(started or done), _month_start(done, later=True)
    first, end = _month_start(span.start, later=True), _month_start(span.end)
    n = min(_months(first, last_before), _months(first_after, end), MOST_MONTHS)
    if n < LEAST_MONTHS:
        raise InputError(Text(sv="Data räcker till {n} hela månader före eller efter åtgärden; det behövs minst {least}.",
                              en="The data hold {n} whole months before or after the measure; at least {least} are needed.").format(
                                  n=max(0, n), least=LEAST_MONTHS))
    for months in range(n, LEAST_MONTHS - 1, -1):
        before, after = Period(_moved(last_before, -months), last_before), Period(first_after, _moved(first_after, months))
        if same_season((after.start, after.end), (before.start, before.end)):
            return before, after
    return Period(_moved(last_before, -n), last_before), Period(first_after, _moved(first_after, n))


# ---- in words

def sentences(answer: EvaluationAnswer) -> tuple[Text, ...]:
    """The answer to be read aloud: what was compared, what could be seen, the verdict with its interval, the surroundings, the limits."""
    told = answer.evaluation
    said = (_compared(answer), told.smallest_text, _VERDICT.format(verdict=told.verdict_text), *words_of_result(answer)[1:])
    return (*said, *(doubt.text for doubt in told.warnings), *told.limits)


def words_of_result(answer: EvaluationAnswer) -> tuple[Text, ...]:
    """What was counted, the change against the control with its interval, and the surroundings."""
    told = answer.evaluation
    said = [_compared(answer)]
    if told.ratio and told.difference and told.ratio.n:
        said.append(_change(told))
    if told.uncontrolled:
        said.append(_UNCONTROLLED.format(ratio=_ratio(told.uncontrolled.ratio), low=_ratio(told.uncontrolled.low), high=_ratio(told.uncontrolled.high),
                                         p=round(told.uncontrolled.p, 3)))
    if told.displacement_text and told.displaced:
        said.append(_SURROUNDINGS.format(words=told.displacement_text, estimate=_signed(told.displaced.estimate), low=_signed(told.displaced.low),
                                         high=_signed(told.displaced.high), unit=_unit(told)))
    return tuple(said)


def as_dict(answer: EvaluationAnswer, language: str) -> dict[str, Any]:
    """The answer for machines, with the words of one language."""
    told = answer.evaluation
    part = lambda thing, *names: None if thing is None else {name: _plain(getattr(thing, name)) for name in names}  # noqa: E731
    return {
        "title": answer.title, "before": str(answer.before), "after": str(answer.after), "counts": {name: list(pair) for name, pair in told.counts.items()},
        "weighted": None if told.weighted is None else {name: list(pair) for name, pair in told.weighted.items()},
        "smallest_detectable": told.smallest, "found": told.found, "verdict": told.verdict, "verdict_text": told.verdict_text[language],
        "margin": told.margin, "decided_by": told.decided_by, "ratio": part(told.ratio, "ratio", "low", "high", "p"),
        "difference": part(told.difference, "estimate", "low", "high", "p"), "displacement": told.displacement,
        "displaced": part(told.displaced, "estimate", "low", "high"), "net": part(told.net, "estimate", "low", "high"), "wdq": told.wdq,
        "without_control": part(told.uncontrolled, "ratio", "low", "high", "p"), "confidence": 1 - told.alpha, "overdispersion": told.overdispersion,
        "n": told.n, "warnings": [doubt.code for doubt in told.warnings], "words": [text[language] for text in sentences(answer)]}


_COMPARED = Text(sv="{title}: {counts}. Före {before}, efter {after}.", en="{title}: {counts}. Before {before}, after {after}.")
_NAMES = {"treated": Text(sv="området", en="the place"), "control": Text(sv="kontrollområdet", en="the control"),
          "ring": Text(sv="omgivningen", en="the surroundings"), "control_ring": Text(sv="kontrollområdets omgivning", en="those of the control")}
_COUNT = Text(sv="{name} {before} → {after}", en="{name} {before} → {after}")
_VERDICT = Text(sv="Slutsats: {verdict}.", en="Verdict: {verdict}.")
_CHANGE = Text(sv="Jämfört med kontrollområdet {change} (med {level} säkerhet {low} till {high}); skillnaden är {estimate} {unit} ({least} till {most}).",
               en="Compared with the control {change} ({level} interval {low} to {high}); the difference is {estimate} {unit} ({least} to {most}).")
_UNCONTROLLED = Text(sv="Efter mot före, utan kontrollområde: kvot {ratio} ({low} till {high}), p {p}.",
                     en="After against before, without a control area: ratio {ratio} ({low} to {high}), p {p}.")
_SURROUNDINGS = Text(sv="Omgivningen: {words} ({estimate} {unit}, {low} till {high}).", en="The surroundings: {words} ({estimate} {unit}, {low} to {high}).")
_EVENTS = Text(sv="händelser", en="events")
_WEIGHT = Text(sv="i vägd summa", en="in weighted sum")
_WEIGHED = Text(sv="{name} {before} → {after} (vägt {light} → {heavy})", en="{name} {before} → {after} (weighted {light} → {heavy})")


def _compared(answer: EvaluationAnswer) -> Text:
    told = answer.evaluation
    parts = [_COUNT.format(name=_NAMES[name], before=pair[0], after=pair[1]) for name, pair in told.counts.items()]
    if told.weighted is not None:   # the plain count always stands first
        parts = [_WEIGHED.format(name=_NAMES[name], before=pair[0], after=pair[1], light=told.weighted[name][0], heavy=told.weighted[name][1])
                 for name, pair in told.counts.items()]
    title = answer.title or "–"
    return _COMPARED.format(title=title, before=_days(answer.before), after=_days(answer.after),
                            counts=Text(sv=", ".join(part.sv for part in parts), en=", ".join(part.en for part in parts)))


def _days(days: Period) -> Text:
    return Text(sv=period(days.start, days.end, "sv"), en=period(days.start, days.end, "en"))


def _change(told: Evaluation) -> Text:
    assert told.ratio is not None and told.difference is not None
    level = 1 - told.alpha
    return _CHANGE.format(
        change=_share(told.ratio.ratio), low=_share(told.ratio.low), high=_share(told.ratio.high), level=Text(sv=percent(level, "sv"), en=percent(level, "en")),
        estimate=_signed(told.difference.estimate), least=_signed(told.difference.low), most=_signed(told.difference.high), unit=_unit(told))


def _unit(told: Evaluation) -> Text:
    return _EVENTS if told.weighted is None else _WEIGHT


def _share(ratio: float) -> Text:
    """A ratio as a change in per cent with its sign; one without end in words."""
    if ratio != ratio:
        return Text(sv="okänt", en="unknown")
    if ratio == float("inf"):
        return Text(sv="obegränsat", en="without end")
    sign = "+" if ratio > 1 else "−" if ratio < 1 else "±"
    return Text(sv=sign + percent(abs(ratio - 1), "sv"), en=sign + percent(abs(ratio - 1), "en"))


def _ratio(value: float) -> Text:
    return Text(sv=number(value, "sv", 2), en=number(value, "en", 2)) if abs(value) < float("inf") else Text(sv="obegränsat", en="without end")


def _signed(value: float) -> Text:
    if abs(value) == float("inf"):
        return Text(sv="obegränsat", en="without end")
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return Text(sv=sign + number(abs(value), "sv", 0), en=sign + number(abs(value), "en", 0))


def _plain(value: float) -> float | None:
    """JSON knows neither infinity nor what is not a number."""
    return float(value) if abs(value) < float("inf") else None


# ---- what goes in

def _evaluated(frame: gpd.GeoDataFrame, places: Places, before: Period, after: Period, wishes: Wishes, title: str) -> EvaluationAnswer:
    weights = severity_of(frame, "none" if wishes.weights is None else "severity", **(wishes.weights or {}))
    told = evaluate_places(
        frame, places.treated, places.control, before=(before.start, before.end), after=(after.start, after.end),
        rings=wishes.rings and places.control is not None, ring=places.ring, control_ring=places.control_ring, width_m=wishes.width_m,
        weights=weights, margin=wishes.margin, as_planned=wishes.as_planned, chosen_for_bad_period=wishes.chosen_for_bad_period)
    return EvaluationAnswer(title, told, before, after)


def _warned(answer: EvaluationAnswer, *doubts: Caution) -> EvaluationAnswer:
    return replace(answer, evaluation=replace(answer.evaluation, warnings=(*answer.evaluation.warnings, *doubts)))


def register(store: Store, types: tuple[str, ...] | None, viewer: Viewer) -> tuple[gpd.GeoDataFrame, list[Caution]]:
    """Incidents from registers: where somebody looked decides what was seen, and people look more where something has been done."""
    frame = viewing.incidents(store, Selection(types=types), viewer)
    sources = store.read("sources", viewer)
    effort = frame["source_code"].isin(sources.loc[sources["coverage"] == "effort", "code"]).to_numpy()
    doubts = [caution("NOT_ALL_CRIME"), *viewing.wide_selection(types or ())]
    if effort.any():
        doubts.append(caution("EFFORT_LEFT_OUT", n=int(effort.sum())))
    if effort.any() and effort.all():
        raise refusal("UNEVEN_EFFORT", method=_EVALUATION)
    if not len(frame):
        raise InputError(Text(sv="Det finns inga händelser av de valda typerna.", en="There are no incidents of the chosen types."))
    return frame[~effort], doubts


def _require_data(span: Period | None, before: Period, after: Period) -> None:
    """A period without data would look like a calm one."""
    slack = timedelta(days=SLACK_DAYS)
    if span is None or before.start < span.start - slack or after.end > span.end + slack:
        raise InputError(Text(sv="Perioderna når utanför data, som täcker {span}. Välj perioder som ligger inom dem.",
                              en="The periods reach beyond the data, which cover {span}. Choose periods that lie within them.").format(
                                  span=_days(span) if span else "–"))


def _refuse_what_is_found_by_looking(measure_type: str | None, types: Sequence[str] | None) -> None:
    found = [code for code in OFFENCE_TYPES if code.police_initiated and code.value in (types or ())]
    if measure_type in PRESENCE and found:
        names = Text(sv=", ".join(code.title.sv for code in found), en=", ".join(code.title.en for code in found))
        raise refusal("POLICE_INITIATED", types=names)


def _outline(measure: Mapping[str, Any], crs: str, buffer_m: float) -> gpd.GeoDataFrame:
    geometry = measure["geometry"]
    shape = geometry.buffer(buffer_m) if geometry is not None and buffer_m > 0 else geometry
    if shape is None or not shapely.area(shape) > 0:
        raise InputError(Text(
            sv="Åtgärden {title} har ingen yta på kartan. Ange hur långt den verkar, i meter, eller en fil med området.",
            en="The measure {title} has no extent on the map. Say how far it acts, in metres, or give a file with the area.").format(title=measure["title"]))
    return gpd.GeoDataFrame(geometry=[shape], crs=crs)


def _require_internal(viewer: Viewer) -> None:
    if viewer.share_level is not ShareLevel.INTERNAL:
        raise AccessError(Text(sv="En utvärdering bygger på exakta platser och små antal och görs bara inom kommunen.",
                               en="An evaluation rests on exact places and small counts and is made inside the municipality only."))


def _month_start(day: date, *, later: bool = False) -> date:
    """The first of the month of `day`; `later`: of the next one, unless it is the first already."""
    first = day.replace(day=1)
    return _moved(first, 1) if later and day.day > 1 else first


def _moved(first: date, months: int) -> date:
    return (pd.Timestamp(first) + pd.DateOffset(months=months)).date()


def _months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month
