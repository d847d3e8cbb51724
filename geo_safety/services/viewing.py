"""What a person sees on the map: incidents, areas with counts and rates, and the card of a place.

Everything is answered from the store's current revision; results are remembered per revision, selection and viewer.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..analysis import disclosure, rates
from ..layers import LAYERS
from ..layers.computed import AREA_COUNTS
from ..layers.incidents import OFFENCE_TYPES
from ..model.cautions import Caution, caution
from ..model.describe import PRECISIONS
from ..model.features import Features, Provenance, Shown
from ..model.selection import Period, Selection, last_months
from ..model.viewer import Viewer
from ..store import Store
from .places import all_incidents, study_outline, within
from .remember import remembered

LEAST_POPULATION = 100          # below it a rate says more about the denominator than about the place
EXACT_ENOUGH = PRECISIONS[:PRECISIONS.index("area")]   # may be drawn as a point
DELAY_DAYS = 28                 # the newest records are not yet all there
SMALL_N = 20


def default_types() -> tuple[str, ...]:
    """Public and semi-public places, reported by the public: what a view starts from (safeguard 3)."""
    return tuple(code.value for code in OFFENCE_TYPES if code.speaks_of_place)


@remembered
def data_span(store: Store, viewer: Viewer) -> Period | None:
    """From the first to the day after the last incident; None while there are none."""
    times = all_incidents(store, viewer)["occurred_from"]
    if not len(times):
        return None
    first, last = times.min(), times.max()
    return Period(first.date(), (last + pd.Timedelta(days=1)).date())


def default_selection(store: Store, viewer: Viewer) -> Selection:
    """The last twelve whole months that have data."""
    span = data_span(store, viewer)
    if span is None:
        return Selection()
    end = span.end if span.end.day == 1 else (pd.Timestamp(span.end) + pd.offsets.MonthBegin()).date()
    return Selection(period=last_months(end, 12))


@remembered
def divisions(store: Store, viewer: Viewer) -> tuple[str, ...]:
    """Kinds of area in the store that can carry a map of counts, coarsest statistical one first."""
    known = set(_areas(store, viewer)["kind"])
    return tuple(kind for kind in ("regso", "deso", "district", "locality", "own", "municipality") if kind in known)


@remembered
def types_present(store: Store, viewer: Viewer) -> tuple[tuple[str, int], ...]:
    """Offence types in the store with their number of rows, in the order of the code list, the supplier's own last."""
    counts = all_incidents(store, viewer)["offence_type"].value_counts()
    known = [code.value for code in OFFENCE_TYPES if code.value in counts.index]
    return tuple((value, int(counts[value])) for value in [*known, *sorted(set(counts.index) - set(known))])


@remembered
def incidents(store: Store, selection: Selection, viewer: Viewer) -> gpd.GeoDataFrame:
    """Incidents of the selection, also those without a point: rows known only to an area count where their area does."""
    frame = of_types(all_incidents(store, viewer), selection.types)
    if selection.period:
        frame = in_period(frame, selection.period, store.zone)
    if not (selection.areas or selection.drawn):
        return frame
    if selection.drawn:
        return frame[within(frame, study_outline(store, selection, viewer))]
    areas = _areas(store, viewer)
    inside = np.zeros(len(frame), dtype=bool)
    for _, division in areas[areas["kind"].isin(areas.loc[areas["code"].isin(selection.areas), "kind"])].groupby("kind"):
        division = division.reset_index(drop=True)
        chosen = division["code"].isin(selection.areas).to_numpy()
        where = _area_of(store, frame, division, viewer)  # as the map of the division counts: a point on a border once
        inside |= (where >= 0) & chosen[where]
    return frame[inside]


def of_types(frame: gpd.GeoDataFrame, types: tuple[str, ...] | None) -> gpd.GeoDataFrame:
    """Rows of the chosen types; None leaves out those that the code list marks as saying little about the place."""
    if types is not None:
        return frame[frame["offence_type"].isin(types)]
    silent = [code.value for code in OFFENCE_TYPES if not code.speaks_of_place]
    return frame[~frame["offence_type"].isin(silent)]


def in_period(frame: gpd.GeoDataFrame, period: Period, zone: str) -> gpd.GeoDataFrame:
    """Rows that began within the half-open period, in whole days of the store's zone."""
    start, end = (pd.Timestamp(day).tz_localize(zone) for day in (period.start, period.end))
    return frame[(frame["occurred_from"] >= start) & (frame["occurred_from"] < end)]


def show(store: Store, layer: str, selection: Selection, viewer: Viewer, *, division: str = "") -> Shown:
    """A layer as this viewer may see it: `incidents`, `area_counts`, `walk_findings`, `measures` or any stored layer."""
    return disclosure.protect(_features(store, layer, selection, viewer, division), viewer)


@remembered
def _features(store: Store, layer: str, selection: Selection, viewer: Viewer, division: str) -> Features:
    if layer == "area_counts":
        return area_counts(store, selection, viewer, division=division)
    if layer == "incidents":
        frame = incidents(store, selection, viewer)
        return Features(LAYERS[layer], frame, {"n": len(frame)}, _about_incidents(store, frame, selection, viewer),
                        provenance(store, selection, viewer))
    frame = store.read(layer, viewer)
    if LAYERS[layer].geometry and (selection.areas or selection.drawn) and layer in ("walk_findings", "measures"):
        frame = frame[shapely.intersects(frame.geometry.to_numpy(), study_outline(store, selection, viewer).union_all())]
    return Features(LAYERS[layer], frame, {"n": len(frame)}, (), provenance(store, selection, viewer))


def pins(shown: Shown) -> gpd.GeoDataFrame:
    """The incidents that may be drawn as points: placed at least to a named place, and not in homes or online."""
    never = [code.value for code in OFFENCE_TYPES if code.indoor_private or code.placeless]
    frame = shown.frame
    return frame[frame["geom_precision"].isin(EXACT_ENOUGH) & ~frame["offence_type"].isin(never) & frame.geometry.notna()]


@remembered
def area_counts(store: Store, selection: Selection, viewer: Viewer, *, division: str = "") -> Features:
    """Incidents, rate with interval and change per area of a division; every row is counted at most once.

    A row known only to an area counts in that area, or in the coarser one that holds it; where it cannot be told it is left out
    and said so.
    """
    division = division or (divisions(store, viewer) or ("municipality",))[0]
    areas = areas_of(store, selection, viewer, division)
    chosen = incidents(store, selection, viewer)
    where = _area_of(store, chosen, areas, viewer)
    counted = np.bincount(where[where >= 0], minlength=len(areas))
    coarse = np.bincount(where[(where >= 0) & chosen.geometry.isna().to_numpy()], minlength=len(areas))
    population = pd.to_numeric(areas["population"]).to_numpy(dtype=float)
    enough = (population >= LEAST_POPULATION) & (not selection.drawn)  # of an area cut by a drawn line the residents are not known
    years = (selection.period or data_span(store, viewer) or Period(datetime(2000, 1, 1).date(), datetime(2001, 1, 1).date())).days / 365.25
    rate, low, high = rates.rate_interval(counted, np.where(enough, population, np.nan), years=years)
    frame = gpd.GeoDataFrame({
        "kind": areas["kind"], "code": areas["code"], "name": areas["name"], "incidents": counted, "incidents_coarse": coarse,
        "population": areas["population"], "rate_per_100k": rate, "rate_low": low, "rate_high": high,
        **_compared(store, selection, viewer, areas, counted)}, geometry=areas.geometry.to_numpy(), crs=store.crs)
    left_out = int((where < 0).sum())
    warnings = [*_about_incidents(store, chosen, selection, viewer)]
    if (few := int((population < LEAST_POPULATION).sum())):
        warnings.append(caution("LOW_POP", n=few))
    facts = {"n": len(chosen), "division": division, "left_out": left_out, "years": years, "per": 100_000, "confidence": 0.95}
    return Features(AREA_COUNTS, frame, facts, tuple(warnings), provenance(store, selection, viewer))


def areas_of(store: Store, selection: Selection, viewer: Viewer, division: str) -> gpd.GeoDataFrame:
    """The areas of a division that the selection speaks of: those chosen and their parts, those that a drawn area touches, or all."""
    areas = _areas(store, viewer)
    areas = areas[areas["kind"] == division]
    if selection.areas and not selection.drawn:
        areas = areas[areas["code"].isin(_codes_inside(store, selection, viewer))]
    if selection.drawn:
        areas = areas[shapely.intersects(areas.geometry.to_numpy(), study_outline(store, selection, viewer).union_all())]
    return areas.reset_index(drop=True)


def area_codes(store: Store, frame: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, viewer: Viewer) -> pd.Series:
    """The code of the area that each row counts in; missing where that cannot be told."""
    where = _area_of(store, frame, areas, viewer)
    return pd.Series(areas["code"].to_numpy()[where], index=frame.index).where(where >= 0)


def _compared(store, selection, viewer, areas, counted) -> dict[str, object]:
    if selection.compare_with is None or selection.period is None:
        none = np.full(len(areas), np.nan)
        return {"incidents_before": none, "ratio": none, "ratio_low": none, "ratio_high": none}
    before = incidents(store, selection.with_(period=selection.compare_with, compare_with=None), viewer)
    where = _area_of(store, before, areas, viewer)
    earlier = np.bincount(where[where >= 0], minlength=len(areas))
    ratio, low, high, _ = rates.rate_ratio(counted, earlier, selection.period.days, selection.compare_with.days)
    return {"incidents_before": earlier, "ratio": ratio, "ratio_low": low, "ratio_high": high}


def _area_of(store: Store, frame: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, viewer: Viewer) -> np.ndarray:
    """Position of the area that each row belongs to, -1 where it cannot be told. A point on a border goes to the first area."""
    where = np.full(len(frame), -1)
    placed = np.flatnonzero(frame.geometry.notna().to_numpy())
    tree = shapely.STRtree(areas.geometry.to_numpy())
    point, area = tree.query(frame.geometry.to_numpy()[placed], predicate="intersects")
    order = np.lexsort((area, point))[::-1]
    where[placed[point[order]]] = area[order]
    rest = np.flatnonzero(where < 0)
    position = pd.Series(np.arange(len(areas)), index=areas["code"])
    position = position[~position.index.duplicated()]
    codes = frame["area_code"].iloc[rest]
    parents = _areas(store, viewer).drop_duplicates("code").set_index("code")["parent_code"]
    found = codes.map(position)
    found = found.fillna(codes.map(parents).map(position))
    where[rest] = found.fillna(-1).astype(int).to_numpy()
    return where


@dataclass(frozen=True)
class Card:
    """All about one place: the numbers that the map shows, with their doubts."""

    name: str
    code: str
    incidents: int
    low: float
    high: float
    population: float
    rate: float
    rate_low: float
    rate_high: float
    before: int | None
    ratio: float
    ratio_low: float
    ratio_high: float
    p: float
    coarse: int
    types: pd.DataFrame     # offence_type, incidents; most first
    months: pd.DataFrame    # month (first day), incidents; over all data, also empty months
    hours: np.ndarray       # 7 weekdays × 24 hours, incidents whose hour is known
    hours_known: int
    findings: int
    measures: int
    warnings: tuple[Caution, ...]


def card(store: Store, selection: Selection, viewer: Viewer, *, area: str = "", name: str = "") -> Card:
    """The card of an area (by code), or of the whole selection."""
    here = selection.with_(areas=(area,), drawn=()) if area else selection
    frame = incidents(store, here, viewer)
    n = len(frame)
    low, high = (float(v) for v in rates.poisson_interval(n))
    population = _population(store, here, viewer)
    times = here.period or data_span(store, viewer)
    years = times.days / 365.25 if times else 1.0
    rate = [float(v) for v in rates.rate_interval(n, population if population >= LEAST_POPULATION else np.nan, years=years)]
    before, ratio = None, [np.nan] * 4
    if here.compare_with and here.period:
        before = len(incidents(store, here.with_(period=here.compare_with, compare_with=None), viewer))
        ratio = [float(v) for v in rates.rate_ratio(n, before, here.period.days, here.compare_with.days)]
    hours, known = hours_by_weekday(frame)
    warnings = list(_about_incidents(store, frame, here, viewer))
    types = frame["offence_type"].value_counts().rename_axis("offence_type").reset_index(name="incidents")
    return Card(name=name, code=area, incidents=n, low=low, high=high, population=population, rate=rate[0], rate_low=rate[1],
                rate_high=rate[2], before=before, ratio=ratio[0], ratio_low=ratio[1], ratio_high=ratio[2], p=ratio[3],
                coarse=int((~frame["geom_precision"].isin(EXACT_ENOUGH)).sum()), types=types,
                months=months(store, here, viewer), hours=hours, hours_known=known,
                findings=len(show(store, "walk_findings", here, viewer)), measures=len(show(store, "measures", here, viewer)),
                warnings=tuple(warnings))


def months(store: Store, selection: Selection, viewer: Viewer) -> pd.DataFrame:
    """Incidents per calendar month over all the data, whatever the period of the selection: empty months are 0."""
    span = data_span(store, viewer)
    if span is None:
        return pd.DataFrame({"month": pd.to_datetime([]), "incidents": []})
    frame = incidents(store, selection.with_(period=None, compare_with=None), viewer)
    every = pd.period_range(span.start, pd.Timestamp(span.end) - pd.Timedelta(days=1), freq="M")
    counted = frame["occurred_from"].dt.tz_localize(None).dt.to_period("M").value_counts().reindex(every, fill_value=0)
    return pd.DataFrame({"month": every.to_timestamp(), "incidents": counted.to_numpy()})


def hours_by_weekday(frame: pd.DataFrame) -> tuple[np.ndarray, int]:
    """Counts per weekday (Monday first) and hour of the clock, and how many incidents they rest on.

    Only incidents whose time is known to the hour: those with a longer interval would be put where they did not happen.
    """
    start, end = frame["occurred_from"], frame["occurred_to"]
    sharp = frame["time_precision"].isin(("minute", "hour")) & (end.isna() | ((end - start) <= pd.Timedelta(hours=1)))
    times = start[sharp]
    table = np.zeros((7, 24), dtype=int)
    np.add.at(table, (times.dt.day_of_week.to_numpy(dtype=int), times.dt.hour.to_numpy(dtype=int)), 1)
    return table, int(sharp.sum())


def search_places(store: Store, text: str, viewer: Viewer, *, most: int = 12) -> pd.DataFrame:
    """Places, streets, areas and named surroundings whose name holds `text`: name, kind, longitude, latitude; best first."""
    wanted = text.strip().casefold()
    if len(wanted) < 2:
        return pd.DataFrame(columns=["name", "kind", "longitude", "latitude"])
    names = _gazetteer(store, viewer)
    folded = names["name"].str.casefold()
    found = names[folded.str.contains(wanted, regex=False)]
    order = (~folded[found.index].str.startswith(wanted)).astype(int)
    return found.iloc[np.lexsort((found["name"].to_numpy(), order.to_numpy()))].head(most)


@remembered
def _gazetteer(store: Store, viewer: Viewer) -> pd.DataFrame:
    parts = []
    for layer in ("places", "areas", "streets", "environment"):
        frame = store.read(layer, viewer)
        frame = frame[frame["name"].notna() & frame.geometry.notna()].drop_duplicates("name")
        if len(frame):
            inside = gpd.GeoSeries(shapely.point_on_surface(frame.geometry.to_numpy()), crs=store.crs).to_crs(4326)
            parts.append(pd.DataFrame({"name": frame["name"].to_numpy(), "kind": layer, "longitude": inside.x.to_numpy(),
                                       "latitude": inside.y.to_numpy()}))
    return pd.concat(parts, ignore_index=True).drop_duplicates("name") if parts else pd.DataFrame(
        columns=["name", "kind", "longitude", "latitude"])


@remembered
def provenance(store: Store, selection: Selection, viewer: Viewer) -> Provenance:
    """Where what is shown comes from: suppliers, imports, revision and the newest record."""
    sources = store.read("sources", viewer)
    batches = store.read("import_batches", viewer, where={"status": "done"})
    span = data_span(store, viewer)
    newest = datetime.combine(span.end, datetime.min.time(), tzinfo=UTC) - pd.Timedelta(days=1) if span else None
    return Provenance(
        sources=tuple(sources["attribution"].fillna(sources["title"])), batches=tuple(batches["uid"]), selection=selection.to_query(),
        revision=store.revision(), newest=newest, made_up=store.made_up, municipality=store.municipality_name)


def _about_incidents(store: Store, frame: gpd.GeoDataFrame, selection: Selection, viewer: Viewer) -> tuple[Caution, ...]:
    found = []
    if 0 < len(frame) < SMALL_N:
        found.append(caution("SMALL_N", n=len(frame)))
    found += wide_selection(selection.types or ())
    if len(frame) and (months_only := float((frame["time_precision"] == "month").mean())) > 0.05:
        found.append(caution("MONTH_ONLY", share=f"{100 * months_only:.0f} %"))
    span = data_span(store, viewer)
    if span and selection.period and not store.made_up and (span.end - selection.period.end).days < DELAY_DAYS:
        found.append(caution("REPORTING_DELAY"))
    found.append(caution("NOT_ALL_CRIME"))
    return tuple(found)


def wide_selection(types: Iterable[str]) -> tuple[Caution, ...]:
    """A doubt when among the types there are some that say little about the place."""
    unusual = [code.title for code in OFFENCE_TYPES if code.value in types and not code.speaks_of_place]
    return (caution("WIDE_SELECTION", types=_joined(unusual)),) if unusual else ()


def left_out(store: Store, selection: Selection, viewer: Viewer) -> dict[str, int]:
    """What the map does not show, by reason: rows known only to an area, rows without place, types not chosen."""
    frame = incidents(store, selection, viewer)
    everything = all_incidents(store, viewer)
    if selection.period:
        everything = in_period(everything, selection.period, store.zone)
    coarse = ~frame["geom_precision"].isin((*EXACT_ENOUGH, "none"))
    return {"area_only": int(coarse.sum()), "without_place": int((frame["geom_precision"] == "none").sum()),
            "other_types": len(everything) - len(of_types(everything, selection.types))}


def _joined(titles):
    from ..text import Text
    return Text(sv=", ".join(t.sv.lower() for t in titles), en=", ".join(t.en.lower() for t in titles))


@remembered
def _areas(store: Store, viewer: Viewer) -> gpd.GeoDataFrame:
    return store.read("areas", viewer)


def _codes_inside(store: Store, selection: Selection, viewer: Viewer) -> set[str]:
    """Codes of the chosen areas and of those that are part of them."""
    areas = _areas(store, viewer)
    codes = set(selection.areas)
    return codes | set(areas.loc[areas["parent_code"].isin(codes), "code"])


def _population(store: Store, selection: Selection, viewer: Viewer) -> float:
    areas = _areas(store, viewer)
    if selection.drawn:
        exposure = store.read("exposure", viewer)
        inside = within(gpd.GeoDataFrame(geometry=exposure.geometry.centroid), study_outline(store, selection, viewer))
        return float(pd.to_numeric(exposure["residents"])[inside].sum()) if len(exposure) else np.nan
    if selection.areas:
        chosen = areas[areas["code"].isin(selection.areas)]
    else:
        chosen = areas[areas["kind"] == "municipality"]
        chosen = chosen if len(chosen) else areas[areas["kind"] == (divisions(store, viewer) or ("",))[0]]
    people = pd.to_numeric(chosen["population"])
    return float(people.sum()) if len(chosen) and people.notna().all() else np.nan
