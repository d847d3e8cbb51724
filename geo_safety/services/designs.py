"""The design of an evaluation on the map: which place, which control, which periods – and what both did month by month."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..analysis.difference import did, event_study
from ..analysis.disclosure import protect
from ..analysis.interrupted import InterruptedSeries, interrupted
from ..analysis.precision import coordinates, exact_enough
from ..analysis.rates import rate_ratio
from ..analysis.surroundings import count_months, displacement_rings, ring_width
from ..errors import GeoSafetyError, InputError, StoreError
from ..layers.evaluation import COUNTS, COURSE, EFFECT, PLACES, PRE_TREND
from ..layers.measures import LAYER as MEASURES
from ..model.describe import Layer
from ..model.features import Features, Provenance, Shown
from ..model.selection import Period, Selection
from ..model.viewer import Viewer
from ..store import Store
from ..text import Text
from . import evaluation, viewing
from .evaluation import EvaluationAnswer, Places, Wishes
from .places import NOT_OURS, study_outline

DRAWN = "drawn"
BUFFER_M = 100.0        # how far a measure that is a point or a line acts, until somebody says otherwise
LEAST_IN_STEP = 20      # incidents in the treated place in a step of the course before
STEPS = (3, 6, 12)      # months
MOST_CONTROLS = 40

_DRAWN_PLACE = Text(sv="Ritat område", en="Drawn area")


@dataclass(frozen=True)
class Plan:
    """What is compared, before anything of the later period has been counted."""

    title: str
    measure_type: str | None
    places: Places
    before: Period
    after: Period
    types: tuple[str, ...] | None
    rings: bool
    width_m: float | str


@dataclass(frozen=True)
class Course:
    """Both places month by month, and the course before the start; `jump` is the treated place alone, with season."""

    layers: Mapping[str, Shown]
    p_parallel: float | None
    jump: InterruptedSeries | None


def outline(store: Store, viewer: Viewer, *, measure: str, buffer_m: float, drawn: tuple[tuple[float, float], ...] = ()
            ) -> tuple[gpd.GeoDataFrame, Mapping[str, Any]]:
    """The treated place and its record: a measure's outline (a point or line widened), or the drawn area. InputError when there is neither."""
    if measure == DRAWN:
        if not drawn:
            raise InputError(Text(sv="Rita området på kartan, eller välj en åtgärd.", en="Draw the area on the map, or choose a measure."))
        return study_outline(store, Selection(drawn=drawn), viewer)[["geometry"]], {"title": _DRAWN_PLACE[viewer.language]}
    record = store.one(MEASURES.name, measure, viewer)
    if record is None:
        raise StoreError(Text(sv="Åtgärden finns inte här. Välj en annan.", en="The measure is not here. Choose another."))
    shape = record["geometry"]
    if shape is None:
        raise InputError(Text(sv="{title} finns inte på kartan. Rita området i stället.", en="{title} is not on the map. Draw the area instead.").format(
            title=record["title"]))
    wide = shape if shapely.area(shape) > 0 else shape.buffer(buffer_m or BUFFER_M)
    return gpd.GeoDataFrame(geometry=[wide], crs=store.crs), record


def controls(store: Store, viewer: Viewer, treated: gpd.GeoDataFrame, before: Period, types: tuple[str, ...] | None) -> pd.DataFrame:
    """Named places where the outline of the treated place can be laid without touching its surroundings, those most like it first.

    `code`, `name`, `before` (incidents of the period before inside such an outline). Only the time before is looked at, so that nobody
    chooses a control by its outcome.
    """
    spots = store.read("places", viewer)
    spots = spots[spots.geometry.notna() & spots["name"].notna()].drop_duplicates("name")
    shape, centre = treated.geometry.iloc[0], treated.geometry.iloc[0].centroid
    apart = 2 * shapely.minimum_bounding_radius(shape) + 2 * ring_width(treated)
    spots = spots[spots.distance(centre) > apart]
    points = _exact(evaluation.register(store, types, viewer)[0])
    points = viewing.in_period(points, before, store.zone)
    tree = shapely.STRtree(shapely.points(*coordinates(points)))
    moved = [_moved(shape, centre, spot) for spot in spots.geometry]
    counts = np.bincount(tree.query(moved, predicate="intersects")[0], minlength=len(moved)) if len(moved) else np.array([], dtype=int)
    here = len(tree.query(shape, predicate="intersects"))
    found = pd.DataFrame({"code": spots["code"].to_numpy(), "name": spots["name"].to_numpy(), "before": counts})
    return found.assign(far=np.abs(np.log((counts + 0.5) / (here + 0.5)))).sort_values(["far", "name"], kind="stable").head(MOST_CONTROLS).drop(
        columns="far").reset_index(drop=True)


def control_outline(store: Store, viewer: Viewer, treated: gpd.GeoDataFrame, control: str, drawn: tuple[tuple[float, float], ...] = ()
                    ) -> gpd.GeoDataFrame | None:
    """`place:CODE` the treated outline laid around a named place, `area:CODE` an area, `drawn` the drawn one; anything else is no control."""
    kind, _, code = control.partition(":")
    if control == DRAWN and drawn:
        return study_outline(store, Selection(drawn=drawn), viewer)[["geometry"]]
    if kind == "area":
        return study_outline(store, Selection(areas=(code,)), viewer)[["geometry"]]
    if kind != "place":
        return None
    spots = store.read("places", viewer, where={"code": code})
    if not len(spots) or spots.geometry.isna().all():
        raise InputError(Text(sv="Platsen finns inte längre. Välj ett annat kontrollområde.", en="The place is no longer here. Choose another control."))
    shape = treated.geometry.iloc[0]
    return gpd.GeoDataFrame(geometry=[_moved(shape, shape.centroid, spots.geometry.iloc[0])], crs=store.crs)


def _moved(shape: shapely.Geometry, centre: shapely.Point, spot: shapely.Point) -> shapely.Geometry:
    return shapely.transform(shape, lambda xy: xy + np.array([spot.x - centre.x, spot.y - centre.y]))


def evaluated(store: Store, plan: Plan, viewer: Viewer, wishes: Wishes) -> EvaluationAnswer:
    return evaluation.evaluate(store, plan.places, viewer, before=plan.before, after=plan.after, types=plan.types, title=plan.title,
                               measure_type=plan.measure_type, wishes=wishes)


# ---- what is drawn of a design and its answer

def places_layer(store: Store, plan: Plan, answer: EvaluationAnswer, viewer: Viewer) -> Shown:
    """The outlines that are compared – place, control and the surroundings of both – each with its counts."""
    width = ring_width(plan.places.treated) if plan.width_m == "auto" else float(plan.width_m)
    rows = [("treated", plan.places.treated.union_all())]
    if plan.places.control is not None:
        rows.append(("control", plan.places.control.union_all()))
        if plan.rings:
            rows += [(name, displacement_rings(area, width_m=width, n=1).geometry.iloc[0]) for name, area in (
                ("ring", plan.places.treated), ("control_ring", plan.places.control))]
    counts = answer.evaluation.counts
    frame = gpd.GeoDataFrame({"role": [name for name, _ in rows], "incidents_before": [counts[name][0] for name, _ in rows],
                              "incidents": [counts[name][1] for name, _ in rows]}, geometry=[shape for _, shape in rows], crs=store.crs)
    return _shown(store, PLACES, frame, answer, viewer)


def counts_layer(store: Store, answer: EvaluationAnswer, viewer: Viewer) -> Shown:
    """Each place: before, after, and the ratio per day with its exact interval."""
    names = list(answer.evaluation.counts)
    before, after = (np.array([answer.evaluation.counts[name][side] for name in names]) for side in (0, 1))
    ratio, low, high, _ = rate_ratio(after, before, answer.after.days, answer.before.days)
    known = before > 0
    frame = pd.DataFrame({"role": names, "incidents_before": before, "incidents": after, "ratio": np.where(known, ratio, np.nan),
                          "low": np.where(known, low, np.nan), "high": np.where(known & np.isfinite(high), high, np.nan)})
    return _shown(store, COUNTS, gpd.GeoDataFrame(frame), answer, viewer)


def effect_layer(store: Store, answer: EvaluationAnswer, viewer: Viewer) -> Shown | None:
    """Place and surroundings, each against the control's, as ratio and as events, with intervals; None without a control."""
    told = answer.evaluation
    both = (("effect", told.ratio, told.difference), ("displaced", told.displaced_ratio, told.displaced))
    rows = [{"role": name, "incidents": ratio.n, "ratio": ratio.ratio, "low": ratio.low, "high": ratio.high, "difference": events.estimate,
             "difference_low": events.low, "difference_high": events.high} for name, ratio, events in both if ratio is not None and events is not None]
    if not rows:
        return None
    frame = pd.DataFrame(rows).replace([np.inf, -np.inf], np.nan)
    return _shown(store, EFFECT, gpd.GeoDataFrame(frame), answer, viewer)


def course(store: Store, plan: Plan, answer: EvaluationAnswer, viewer: Viewer) -> Course:
    """Month by month from the first data to the end of the period after, the control to the scale of the treated place before."""
    points, _ = evaluation.register(store, plan.types, viewer)
    sides = [plan.places.treated.union_all(), *([plan.places.control.union_all()] if plan.places.control is not None else [])]
    areas = gpd.GeoDataFrame(geometry=sides, crs=store.crs, index=["treated", "control"][:len(sides)])
    span = viewing.data_span(store, viewer)
    months = count_months(_exact(points), areas, first=min(span.start, plan.before.start) if span else plan.before.start, end=plan.after.end)
    made = {"course": _shown(store, COURSE, _course_frame(months, plan), answer, viewer)}
    parallel = None
    if plan.places.control is not None:
        panel = _panel(months, plan)
        try:
            study = event_study(panel, start=_label(plan.after.start))
            parallel = did(panel, start=_label(plan.after.start), seed=1).p_parallel
        except GeoSafetyError:  # too little before or after to draw a course from: the page says so
            study = None
        if study is not None and len(study):
            frame = study.rename(columns={"treated": "incidents", "untreated": "control"}).replace([np.inf, -np.inf], np.nan)
            made["pre_trend"] = _shown(store, PRE_TREND, gpd.GeoDataFrame(frame), answer, viewer)
    try:
        jump = interrupted(months["treated"], plan.before.end, lag=_gap(plan))
    except GeoSafetyError:  # too few steps on a side
        jump = None
    return Course(made, parallel, jump)


def _gap(plan: Plan) -> int:
    """Months between the periods, while the measure was being built."""
    return (plan.after.start.year - plan.before.end.year) * 12 + plan.after.start.month - plan.before.end.month


def _course_frame(months: pd.DataFrame, plan: Plan) -> gpd.GeoDataFrame:
    middle = pd.PeriodIndex(months.index).start_time
    before = (middle >= pd.Timestamp(plan.before.start)) & (middle < pd.Timestamp(plan.before.end))
    scale = np.nan
    if "control" in months and months.loc[before, "control"].sum():
        scale = months.loc[before, "treated"].sum() / months.loc[before, "control"].sum()
    return gpd.GeoDataFrame({
        "month": months.index.astype(str), "incidents": months["treated"].to_numpy(),
        "control_scaled": months["control"].to_numpy() * scale if "control" in months else np.full(len(months), np.nan),
        "after": np.asarray(middle >= pd.Timestamp(plan.after.start))})


def _panel(months: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Treated and control in steps of a quarter, half a year or a year, so that there is something to count in each; the time of building is left out."""
    first = pd.Period(plan.before.end, "M") - 1
    begin = pd.Period(plan.after.start, "M") if plan.after.start.day == 1 else pd.Period(plan.after.start, "M") + 1
    earlier, later = months[months.index <= first], months[months.index >= begin]
    mean = earlier["treated"].mean() if len(earlier) else 0.0
    size = next((step for step in STEPS if step * mean >= LEAST_IN_STEP), STEPS[-1])
    rows = []
    for part, backwards in ((earlier, True), (later, False)):
        usable = len(part) // size * size
        kept = part.iloc[len(part) - usable:] if backwards else part.iloc[:usable]
        for start in range(0, usable, size):
            step = kept.iloc[start:start + size]
            rows += [{"area": name, "step": step.index[0].strftime("%Y-%m"), "treated": name == "treated", "incidents": int(step[name].sum())}
                     for name in ("treated", "control")]
    return pd.DataFrame(rows, columns=["area", "step", "treated", "incidents"])


def _label(day: date) -> str:
    return f"{day:%Y-%m}"


def _exact(points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return points[exact_enough(points, "place")]


def _shown(store: Store, layer: Layer, frame: gpd.GeoDataFrame, answer: EvaluationAnswer, viewer: Viewer) -> Shown:
    told = viewing.provenance(store, Selection(period=answer.after, compare_with=answer.before), viewer)
    about = Provenance(**{name: getattr(told, name) for name in Provenance.__dataclass_fields__} | {"method": None})
    return protect(Features(layer, frame, {"n": answer.evaluation.n}, answer.evaluation.warnings, about), viewer)


def possible_areas(store: Store, viewer: Viewer) -> pd.DataFrame:
    """Areas that may be chosen as a control: kind, code, name."""
    areas = store.read("areas", viewer, geometry=False)
    return areas[~areas["kind"].isin((NOT_OURS, "municipality"))][["kind", "code", "name"]].drop_duplicates("code")
