"""Incidents from a table or map file of any supplier: an extract of reported offences, an insurer's list, a caretaker's log.

A row is refused only for want of a usable time, or for an impossible value: an end before the beginning, a time to come, a place
far away, a coordinate with digits that is no number. A row that knows no place (empty, NA, 0/0, a word) is kept, with
`geom_precision` none.
"""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from ..errors import InputError
from ..layers.incidents import LAYER
from ..model.describe import Source
from ..model.jobs import Progress, silent
from ..text import Text
from . import columns, figures, places, quality, times, values
from .limits import DEFAULT, Limits
from .opening import READABLE, open_table
from .places import Written
from .proposing import OPENING, UNCONFIRMED, Wording, proposal
from .reading import SWEDEN, Destination, Proposal, Reading, ReadOptions
from .rows import keys, row_hashes
from .tables import Table
from .values import Rows

_FIRST_PRECISION = "exact"
FIELDS = columns.fields_of(
    LAYER, {
        "occurred_from": ("brottsdatumfrån", "brottstidfrån", "datumfrån", "starttid", "startdatetime", "startdate", "händelsedatum", "brottsdatum", "datum",
                          "date", "datetime", "offensedate", "occurreddate", "createddate", "fechahecho", "händelsetid", "tidpunkt", "tid", "month", "månad"),
        "occurred_to": ("brottsdatumtill", "brottstidtill", "datumtill", "sluttid", "enddatetime", "enddate", "occurredto"),
        "offence_type": ("brottstyp", "brott", "offencetype", "offensetype", "crimetype", "offence", "offense", "type", "typ", "kategori",
                         "category", "complainttype", "händelsetyp", "rubrik"),
        "source_key": ("id", "uid", "diarienummer", "diarienr", "dnr", "knummer", "ärendenummer", "händelseid", "incidentno", "incidentnumber", "uniquekey",
                       "crimeid", "servicerequestid", "anmälningsnummer"),
        "event_key": ("händelsenummer", "eventid"),
        "reported_at": ("anmäld", "anmält", "anmälningsdatum", "anmälantid", "reporteddate", "reported", "inkommen", "inkom"),
        "offence_code": ("brottskod", "crimecode", "offencecode", "offensecode"),
        "attempt": ("försök", "attempt"),
        "indoor": ("inomhus", "indoor", "indoors"),
        "geom_precision": ("platsnoggrannhet", "noggrannhet"),
        "place_text": ("adress", "plats", "gata", "address", "location", "hundredblock", "gatuadress", "brottsplats", "street"),
        "area_code": ("områdeskod", "regsokod", "desokod", "regso", "deso", "lsoacode", "områdeid"),
    }, *columns.PLACE_FIELDS, *columns.TIME_PARTS)

# What suppliers call offences, the more particular before the general. A proposal only: a person sees it and may change it.
OFFENCE_WORDS = (
    (r"cykelst|stöld.*cykel|bicycle|\bbike", "bicycle_theft"), (r"butiksst|snatteri|shoplift", "shoplifting"),
    (r"nära relation|kvinnofrid|domestic", "domestic_violence"), (r"bostad|villa|lägenhet|dwelling|domestic burg|residential", "burglary_dwelling"),
    (r"inbrott|burglar|break", "burglary_other"), (r"fordon|\bbil\b|\bmc\b|vehicle|\bauto", "vehicle_crime"), (r"klotter|graffiti", "graffiti"),
    (r"skadegör|vandal|criminal damage|mischief", "vandalism"), (r"rån\b|robber", "robbery"), (r"mord|dråp|homicid|murder", "homicide"),
    (r"misshandel.*inomhus|indoor", "assault_indoor"), (r"misshandel|assault|battery|violence", "assault_public"),
    (r"hets mot|hatbrott|hate", "hate_crime"), (r"våldtäkt|sexu|rape", "sexual_offence"), (r"hot\b|ofreda|threat|harass", "threat"),
    (r"mordbrand|anlagd|arson", "arson"), (r"narkotika|drug", "drug_offence"), (r"ratt|drink|\bdui\b", "drink_driving"),
    (r"vapen|weapon|firearm", "weapons"), (r"bedrägeri|fraud", "fraud_online"), (r"ordningsst|disorder|anti-?social|störning", "disorder"),
    (r"stöld|theft|larceny", "theft"))
WORDING = Wording(
    "incidents_table", LAYER, FIELDS, times=("occurred_from", "occurred_to", "reported_at"),
    codes={"offence_type": OFFENCE_WORDS, "geom_precision": ()}, needed=("offence_type",))


def propose(path: str | Path, into: Destination = SWEDEN, given: ReadOptions | None = None, *, limits: Limits = DEFAULT,
            progress: Progress = silent) -> Proposal:
    """How the file could be understood, to be confirmed by a person."""
    progress(0.1, OPENING)
    return proposal(path, WORDING, into, given, limits=limits)


def read(path: str | Path, options: ReadOptions, into: Destination = SWEDEN, *, limits: Limits = DEFAULT,
         progress: Progress = silent) -> Reading:
    """Rows of the incidents layer, in the store's CRS and zone, and the rows that were refused."""
    progress(0.0, OPENING)
    table = open_table(path, options, limits)
    rows = start(table, options, into)
    progress(0.4, Text(sv="Tider och platser tolkas", en="Times and places are understood"))
    when = _times(rows)
    written = places.written(table, options)
    geometry, precision = _places(rows, written)
    progress(0.7, Text(sv="Raderna sätts samman", en="Rows are put together"))
    known = keys(row_hashes(table), rows.raw("source_key"), _place_texts(written))
    frame = _frame(rows, when, geometry, precision, known)
    kept = gpd.GeoDataFrame(frame, geometry="geometry", crs=into.crs)[~rows.rejects.refused].reset_index(drop=True)
    told = known.facts | rows.facts | quality.of_frame(kept, LAYER.time) | _of_coordinates(rows, written)
    told["area_only"] = int((kept.geometry.isna() & (kept["geom_precision"] == "area")).sum())
    return Reading(kept, rows.rejects.frame(), told, len(table) + len(table.broken), rows.rejects.count)


def start(table: Table, options: ReadOptions, into: Destination) -> Rows:
    """Checks what was chosen before anything is read: InputError where the file or the choices cannot do."""
    if options.proposed:
        raise InputError(UNCONFIRMED)
    columns.check_mapping(table, options, LAYER, FIELDS)
    by_name = {field.name: field for field in FIELDS}
    if not {"year", "month"} <= options.mapping.keys():
        columns.require(table, options, by_name["occurred_from"])
    columns.require(table, options, by_name["offence_type"])
    if places.has_place(table, options):
        places.require_crs(options)
    return Rows(table, options, LAYER, into)


class _Times:
    """Times of all rows, in the store's zone, and how exactly they are known."""

    def __init__(self, start: pd.DatetimeIndex, end: pd.DatetimeIndex, reported: pd.DatetimeIndex, precision: np.ndarray):
        self.start, self.end, self.reported, self.precision = start, end, reported, precision


def _times(rows: Rows) -> _Times:
    begin, shown = _parsed_start(rows)
    start = _instants(rows, begin)
    name = rows.column_name("occurred_from")
    rows.rejects.add(~begin.usable, name, shown, Text(sv="Tiden saknas eller går inte att läsa.", en="The time is missing or cannot be read."))
    values.refuse_impossible(rows, start, name, shown, future=False)
    end, end_shown = _other_time(rows, "occurred_to", "clock_to", "unreadable_end")
    values.refuse_impossible(rows, end, rows.column_name("occurred_to"), end_shown, future=False)
    rows.rejects.add(np.asarray(end < start), rows.column_name("occurred_to"), end_shown, Text(
        sv="Händelsen slutar innan den börjar.", en="The incident ends before it begins."))
    reported, reported_shown = _other_time(rows, "reported_at", None, "unreadable_report")
    values.refuse_impossible(rows, reported, rows.column_name("reported_at"), reported_shown, future=False)
    precision = begin.precision
    if rows.options.time_precision is not None:
        precision = np.full(len(rows.table), rows.options.time_precision, dtype=object)
    return _Times(start, end, reported, precision)


def _parsed_start(rows: Rows) -> tuple[times.Parsed, np.ndarray]:
    """The beginning of each incident and how the file writes it, whether in one column, with a clock beside it or over five."""
    raw = rows.raw("occurred_from")
    if raw is None:
        parts = {name: found for name in columns.DATE_PARTS if (found := rows.raw(name)) is not None}
        shown = np.array(["-".join(map(str, row)) for row in zip(*parts.values(), strict=True)] + [None], dtype=object)[:-1]
        return times.from_parts(parts), shown
    parsed = times.parse(raw, order=rows.options.date_order)  # type: ignore[arg-type]
    values.require_order(rows, parsed, "occurred_from")
    clock = rows.raw("clock")
    return (parsed if clock is None else times.with_clock(parsed, clock)), raw


def _other_time(rows: Rows, name: str, clock_name: str | None, unreadable: str) -> tuple[pd.DatetimeIndex, np.ndarray]:
    """A further time of the row; one that cannot be read is left empty and counted."""
    raw = rows.raw(name)
    if raw is None:
        return pd.DatetimeIndex(np.full(len(rows.table), np.datetime64("NaT", "us"))).tz_localize(rows.into.zone), rows.empty()
    parsed = times.parse(raw, order=rows.options.date_order)  # type: ignore[arg-type]
    values.require_order(rows, parsed, name)
    clock = rows.raw(clock_name) if clock_name else None
    if clock is not None:
        parsed = times.with_clock(parsed, clock)
    said = np.array([not figures.is_missing(str(value)) for value in raw], dtype=bool)
    rows.count(unreadable, int((said & ~parsed.usable).sum()))
    if name == "occurred_to":  # a last day runs until it is over
        today = np.datetime64(rows.into.moment.date())
        over = (parsed.precision == "day") & (parsed.wall < today)
        parsed = replace(parsed, wall=np.where(over, parsed.wall + np.timedelta64(86_340, "s"), parsed.wall))
    return _instants(rows, parsed), raw


def _instants(rows: Rows, parsed: times.Parsed) -> pd.DatetimeIndex:
    if rows.options.zulu_is_utc is None and (parsed.zulu & parsed.usable).any():
        raise InputError(ZULU)
    made = times.instants(parsed, zone=rows.options.zone or rows.into.zone, zulu_is_utc=bool(rows.options.zulu_is_utc))
    rows.count("repeated_hour", made.repeated_hour)
    rows.count("skipped_hour", made.skipped_hour)
    return made.at.tz_convert(rows.into.zone)


ZULU = Text(sv="Tiderna slutar på Z. Säg om det betyder UTC (zulu_is_utc=true) eller om tiden är lokal (zulu_is_utc=false).",
            en="The times end in Z. Say whether that means UTC (zulu_is_utc=true) or the time is local (zulu_is_utc=false).")


def _places(rows: Rows, written: Written | None) -> tuple[np.ndarray, np.ndarray]:
    """A point or None for each row, and how exactly its place is known."""
    size = len(rows.table)
    geometry = np.full(size, None, dtype=object)
    area_known = np.array([value is not None and not figures.is_missing(value) for value in values.text(rows, "area_code")], dtype=bool)
    precision = np.where(area_known, "area", "none").astype(object)
    if written is None:
        return geometry, precision
    placed = places.placed(written, rows.options, rows.into)
    rows.rejects.add(written.garbled, written.column, written.texts, places.GARBLED)
    rows.rejects.add(placed.far, written.column, written.texts, places.FAR)
    here = placed.usable
    geometry[here] = shapely.points(placed.x[here], placed.y[here])
    precision[here] = _how_exact(rows, written)[here]
    return geometry, precision


def _how_exact(rows: Rows, written: Written) -> np.ndarray:
    said = values.coded(rows, LAYER.column("geom_precision"))
    exact = np.array([value if value not in (None, "none") else _FIRST_PRECISION for value in said], dtype=object)
    if written.shapes is not None:
        kinds = shapely.get_type_id(written.shapes)
        rows.count("not_points", int((kinds > 0).sum()))
        exact[np.isin(kinds, (1, 2, 5))] = "street"
        exact[np.isin(kinds, (3, 4, 6, 7))] = "area"
    return exact


def _place_texts(written: Written | None) -> np.ndarray | None:
    if written is None:
        return None
    good = places.usable(written.x, written.y)
    return np.array([(x, y) if ok else None for x, y, ok in zip(written.x, written.y, good, strict=True)] + [None], dtype=object)[:-1]


def _frame(rows: Rows, when: _Times, geometry: np.ndarray, precision: np.ndarray, known: Any) -> pd.DataFrame:
    event = values.text(rows, "event_key")
    made: dict[str, Any] = {
        "source_code": rows.options.source_code or "incidents_table", "source_key": known.source_key,
        "event_key": known.event_key if "event_key" not in rows.options.mapping else np.where(pd.isna(event), known.event_key, event),
        "offence_type": values.coded(rows, LAYER.column("offence_type")), "offence_code": values.text(rows, "offence_code"),
        "attempt": values.flag(rows, "attempt"), "indoor": values.flag(rows, "indoor"),
        "occurred_from": when.start, "occurred_to": when.end, "time_precision": when.precision, "reported_at": when.reported,
        "geom_precision": precision, "place_text": values.text(rows, "place_text"), "area_code": values.text(rows, "area_code"),
        "details": values.kept_details(rows), "geometry": geometry}
    return values.frame(made, len(rows.table))


def _of_coordinates(rows: Rows, written: Written | None) -> dict[str, Any]:
    x, y = rows.raw("x"), rows.raw("y")
    if x is None or y is None or rows.options.crs is None:
        return {}
    return quality.of_coordinates(written, (x, y), pyproj.CRS.from_user_input(rows.options.crs).is_geographic)


SOURCE = Source(
    "incidents_table", Text(sv="Händelser ur en tabell", en="Incidents from a table"), "incidents", read=read, propose=propose,
    coverage="register", suffixes=READABLE, sample="data/incidents.csv", default_class=1,
    help=Text(sv="Uttag ur ett register: CSV, Excel, GeoJSON, GeoPackage eller zippad Shapefile. En rad är en händelse.",
              en="An extract of a register: CSV, Excel, GeoJSON, GeoPackage or a zipped shapefile. A row is an incident."))
