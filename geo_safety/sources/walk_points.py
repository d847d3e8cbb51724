"""Findings of safety walks from a table, a map file or an export of a field form (KoboToolbox and its like).

One column of the file fills one of ours. A choice of several (KoboToolbox' *Vad påverkar?*) counts by its first value when each of its
words has a code; labels that hold blanks cannot be split without the form and count as other until a person gives them a code.
"""
from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from ..errors import InputError
from ..layers.walks import WALK_FINDINGS as LAYER
from ..model.describe import Source
from ..model.jobs import Progress, silent
from ..text import Text
from . import columns, places, quality, values
from .limits import DEFAULT, Limits
from .opening import READABLE, open_table
from .places import Written
from .proposing import OPENING, UNCONFIRMED, Wording, proposal
from .reading import SWEDEN, Destination, Proposal, Reading, ReadOptions
from .rows import keys, row_hashes
from .values import Rows

FIELDS = columns.fields_of(LAYER, {
    "source_key": ("uuid", "instanceid", "globalid", "id", "key", "fid"),
    "category": ("kategori", "vadpåverkar", "orsaker", "orsak", "typ", "type"),
    "experience": ("upplevelse", "hurtryggkännsplatsen", "trygghet", "känsla"),
    "light_state": ("ljusförhållande", "ljus", "tidpådygnet", "tidpadygnet", "light"),
    "text": ("iakttagelse", "beskrivplatsen", "platsbeskrivning", "beskrivning", "kommentar", "anteckning", "description", "comment"),
    "proposal": ("förslag", "förslagtillåtgärd", "atgarder", "åtgärd"),
    "walk_code": ("vilkentrygghetsvandring", "vandring", "trygghetsvandring", "walk"),
    "stop": ("stopp", "stoppnummer", "hållplats"),
    "agree": ("hållermed",),
    "land_owner": ("markägare", "fastighetsägare", "owner"),
    "found_on": ("datum", "date", "start", "tid", "submissiondate", "submissiontime"),
}, *columns.PLACE_FIELDS)
CATEGORY_WORDS = (
    (r"belys|lampa|mörk|light", "lighting"), (r"busk|växtl|grönsk|häck|träd|vegetation|beskär", "vegetation"), (r"sikt|överblick|sight", "sight"),
    (r"instäng|flykt|enclos", "enclosure"), (r"klotter|graffiti", "graffiti"), (r"skadegör|vandal|trasig", "vandalism"),
    (r"skräp|ned?skräp|litter|stada|städ", "littering"), (r"sköts?el|skotsel|underhåll|mainten", "maintenance"), (r"folktom|ödslig|desert|desol", "desolation"),
    (r"trafik|hastighet|traffic", "traffic"), (r"skylt|hitta|orient", "orientation"), (r"tunnel|viadukt", "tunnel"), (r"buller|störande|noise", "noise"),
    (r"entré|port\b|entrance", "entrances"), (r"tillgäng|access", "accessibility"), (r"parkering|garage", "parking"), (r"annat|övrigt|other", "other"))
LIGHT_WORDS = ((r"dag|day", "daylight"), (r"skym|gryn|dusk", "dusk"), (r"mörk|mork|natt|dark|night", "dark"))
EXPERIENCE_WORDS = ((r"^(otrygg|mycket otrygg|unsafe)", "unsafe"), (r"^(trygg|mycket trygg|safe)", "safe"))
WORDING = Wording(
    "walk_points", LAYER, FIELDS, times=("found_on",), constants={},
    codes={"category": CATEGORY_WORDS, "experience": EXPERIENCE_WORDS, "light_state": LIGHT_WORDS}, needed=("category",))
_SCALE = {"1": "unsafe", "2": "unsafe", "3": "neutral", "4": "safe", "5": "safe"}  # 1 very unsafe … 5 very safe


def propose(path: str | Path, into: Destination = SWEDEN, given: ReadOptions | None = None, *, limits: Limits = DEFAULT,
            progress: Progress = silent) -> Proposal:
    """How the file could be understood; a scale from 1 to 5 is proposed as unsafe to safe, to be confirmed."""
    progress(0.1, OPENING)
    first = proposal(path, WORDING, into, given, limits=limits)
    met = set(first.values.get("experience", {}))
    told = given or ReadOptions()
    if met and met <= set(_SCALE) and "experience" not in told.codes:
        told = told.with_(codes={"experience": _SCALE})
    words = {word for value in first.values.get("category", {}) for word in value.split()}
    single = columns.proposed_codes(LAYER.column("category"), words, CATEGORY_WORDS)
    if "category" not in told.codes and any(len(value.split()) > 1 for value in first.values.get("category", {})) and set(single) == words:
        told = told.with_(codes={"category": single})
    return first if told == (given or ReadOptions()) else proposal(path, WORDING, into, told, limits=limits)


def read(path: str | Path, options: ReadOptions, into: Destination = SWEDEN, *, limits: Limits = DEFAULT, progress: Progress = silent) -> Reading:
    """Rows of the walk findings, in the store's CRS. A finding without a position is kept, with `geom_precision` none."""
    progress(0.0, OPENING)
    table = open_table(path, options, limits)
    if options.proposed:
        raise InputError(UNCONFIRMED)
    columns.check_mapping(table, options, LAYER, FIELDS)
    columns.require(table, options, next(field for field in FIELDS if field.name == "category"))
    rows = Rows(table, options, LAYER, into)
    written = places.written(table, options)
    geometry = points(rows, written)
    known = keys(row_hashes(table), rows.raw("source_key"))
    made: dict[str, Any] = {
        "source_code": options.source_code or "walk_points", "source_key": known.source_key, "walk_code": values.text(rows, "walk_code"),
        "stop": values.number(rows, LAYER.column("stop"), whole=True), "category": values.coded(rows, LAYER.column("category")),
        "experience": values.coded(rows, LAYER.column("experience")), "light_state": values.coded(rows, LAYER.column("light_state")),
        "text": values.text(rows, "text"), "proposal": values.text(rows, "proposal"),
        "agree": values.number(rows, LAYER.column("agree"), whole=True), "land_owner": values.text(rows, "land_owner"),
        "found_on": values.day(rows, LAYER.column("found_on"), future=False),
        "geom_precision": np.where(shapely.is_missing(geometry), "none", "exact")}
    frame = values.frame(made, len(table))
    frame = frame.astype({"stop": "Int64", "agree": "Int64"})
    kept = gpd.GeoDataFrame(frame, geometry=geometry, crs=into.crs)[~rows.rejects.refused].reset_index(drop=True)
    return Reading(kept, rows.rejects.frame(), known.facts | rows.facts | quality.of_frame(kept, LAYER.time), len(table) + len(table.broken),
                   rows.rejects.count)


def points(rows: Rows, written: Written | None) -> np.ndarray:
    """A point in the store's CRS for each row, None without place; impossible ones are refused."""
    geometry = np.full(len(rows.table), None, dtype=object)
    if written is None:
        return geometry
    placed = places.placed(written, rows.options, rows.into)
    rows.rejects.add(written.garbled, written.column, written.texts, places.GARBLED)
    rows.rejects.add(placed.far, written.column, written.texts, places.FAR)
    geometry[placed.usable] = shapely.points(placed.x[placed.usable], placed.y[placed.usable])
    return geometry


SOURCE = Source(
    "walk_points", Text(sv="Iakttagelser från trygghetsvandring", en="Findings of a safety walk"), "walk_findings", read=read, propose=propose,
    coverage="effort", suffixes=READABLE, sample="data/walk.csv", default_class=1,
    help=Text(sv="Tabell, kartfil eller export ur ett fältformulär (till exempel KoboToolbox). En rad är en iakttagelse.",
              en="A table, a map file or an export of a field form (for example KoboToolbox). A row is a finding."))
