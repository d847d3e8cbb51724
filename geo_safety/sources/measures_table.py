"""Measures from a table or map file: what is to be done, is being done or was done, where, by whom and at what cost."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from ..errors import InputError
from ..layers.measures import LAYER
from ..model.describe import Source
from ..model.jobs import Progress, silent
from ..text import Text
from . import columns, places, quality, values
from .limits import DEFAULT, Limits
from .opening import READABLE, open_table
from .proposing import OPENING, UNCONFIRMED, Wording, proposal
from .reading import SWEDEN, Destination, Proposal, Reading, ReadOptions
from .rows import keys, row_hashes
from .values import Rows
from .walk_points import points

FIELDS = columns.fields_of(LAYER, {
    "title": ("åtgärd", "namn", "rubrik", "benämning", "measure", "name"),
    "source_key": ("id", "nr", "nummer", "åtgärdsid", "fid", "uid"),
    "status": ("läge", "skede"),
    "measure_type": ("slag", "åtgärdstyp", "typ", "kategori", "type"),
    "problem": ("problembild",), "cause": ("orsak",), "goal": ("mål", "syfte"),
    "owner": ("ansvarig", "ansvar", "förvaltning", "utförare"),
    "case_number": ("diarienummer", "dnr", "ärende"),
    "cost_sek": ("kostnad", "kostnadkr", "budget", "cost"),
    "decided_on": ("beslutad", "beslutadden", "beslutsdatum", "decided"), "started_on": ("påbörjad", "påbörjadden", "startdatum", "start", "started"),
    "done_on": ("genomförd", "genomfördden", "klar", "slutdatum", "färdig", "done"), "follow_up_on": ("uppföljning", "följsuppden", "followup"),
}, *columns.PLACE_FIELDS, required=("title", "status"))
STATUS_WORDS = (
    (r"föresla|förslag|idé|propos", "proposed"), (r"bedöm|utred|assess", "assessed"), (r"avsl|nej|reject", "rejected"), (r"beslut|decid", "decided"),
    (r"planer|plan", "planned"), (r"påg|påbörj|ongoing|progress", "ongoing"), (r"utvärd|evaluat", "evaluated"), (r"följ|follow", "followed_up"),
    (r"genomf|klar|färdig|utförd|done|complete", "done"), (r"paus|vilande|hold", "paused"), (r"avvecklad|avslutad|ended", "ended"))
TYPE_WORDS = (
    (r"ljus|belys|light", "light"), (r"grön|sikt|busk|växt|beskär|vegetation", "vegetation"), (r"sköts|städ|klotter|underh|upkeep|clean", "upkeep"),
    (r"skal|lås|passage|access|lock", "access"), (r"aktiv|möte|activ", "activation"), (r"närvaro|vard|värd|patrull|presence", "presence"),
    (r"teknik|kamera|larm|tech", "technology"), (r"regel|info|skylt|rule", "rules"), (r"utform|ombygg|möbl|layout|design", "layout"), (r"plan", "plan"))
WORDING = Wording(
    "measures_table", LAYER, FIELDS, times=("decided_on", "started_on", "done_on", "follow_up_on"),
    codes={"status": STATUS_WORDS, "measure_type": TYPE_WORDS}, needed=("title",), constants={"status": "proposed"})
_DATES = ("decided_on", "started_on", "done_on", "follow_up_on")


def propose(path: str | Path, into: Destination = SWEDEN, given: ReadOptions | None = None, *, limits: Limits = DEFAULT,
            progress: Progress = silent) -> Proposal:
    """How the file could be understood, to be confirmed by a person."""
    progress(0.1, OPENING)
    return proposal(path, WORDING, into, given, limits=limits)


def read(path: str | Path, options: ReadOptions, into: Destination = SWEDEN, *, limits: Limits = DEFAULT, progress: Progress = silent) -> Reading:
    """Rows of the measures, in the store's CRS; a place may be a point, a line or an area, and may be missing."""
    progress(0.0, OPENING)
    table = open_table(path, options, limits)
    if options.proposed:
        raise InputError(UNCONFIRMED)
    columns.check_mapping(table, options, LAYER, FIELDS)
    for field in FIELDS:
        if field.required:
            columns.require(table, options, field)
    rows = Rows(table, options, LAYER, into)
    known = keys(row_hashes(table), rows.raw("source_key"))
    made: dict[str, Any] = {"source_code": options.source_code or "measures_table", "source_key": known.source_key}
    made |= {name: values.text(rows, name) for name in ("title", "problem", "cause", "goal", "owner", "case_number")}
    made |= {name: values.coded(rows, LAYER.column(name)) for name in ("measure_type", "status")}
    made |= {name: values.day(rows, LAYER.column(name), future=True) for name in _DATES}
    made["cost_sek"] = values.number(rows, LAYER.column("cost_sek"))
    _refuse(rows, made)
    frame = values.frame(made, len(table))
    kept = gpd.GeoDataFrame(frame, geometry=_places(rows), crs=into.crs)[~rows.rejects.refused].reset_index(drop=True)
    return Reading(kept, rows.rejects.frame(), known.facts | rows.facts | quality.of_frame(kept, LAYER.time), len(table) + len(table.broken),
                   rows.rejects.count)


def _refuse(rows: Rows, made: dict[str, Any]) -> None:
    title = made["title"]
    rows.rejects.add(np.array([value is None for value in title], dtype=bool), rows.column_name("title"), title, Text(
        sv="Åtgärden har inget namn.", en="The measure has no name."))
    status = made["status"]
    rows.rejects.add(np.array([value is None for value in status], dtype=bool), rows.column_name("status"),
                     rows.empty() if (raw := rows.raw("status")) is None else raw, Text(
                         sv="Status är okänd. Koppla värdet till en av våra statusar.", en="The status is not known. Give the value one of our statuses."))
    ends_first = np.array([a is not None and b is not None and b < a for a, b in zip(made["started_on"], made["done_on"], strict=True)], dtype=bool)
    rows.rejects.add(ends_first, rows.column_name("done_on"), made["done_on"], Text(
        sv="Åtgärden är klar innan den började.", en="The measure is done before it began."))


def _places(rows: Rows) -> np.ndarray:
    written = places.written(rows.table, rows.options)
    geometry = points(rows, written)
    if written is not None and written.shapes is not None:
        shaped = ~shapely.is_missing(written.shapes) & ~shapely.is_missing(geometry)
        geometry[shaped] = shapely.make_valid(places.shapes_in_store(written.shapes[shaped], rows.options, rows.into))
    return geometry


SOURCE = Source(
    "measures_table", Text(sv="Åtgärder ur en tabell", en="Measures from a table"), "measures", read=read, propose=propose, coverage="register",
    suffixes=READABLE, sample="data/measures.csv", default_class=1,
    help=Text(sv="Åtgärdslista som CSV, Excel eller kartfil. En rad är en åtgärd.", en="A list of measures as CSV, Excel or a map file. A row is a measure."))
