"""Exempelby kommun: a municipality that does not exist, with a known truth, for trying things out and for tests.

`build` makes it from a seed; `fill` brings it into a store. What was planted in it stands in `truth.TRUTH`.
"""
from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..crs import STOCKHOLM, SWEREF_99_TM
from ..errors import InputError
from ..layers import LAYERS
from ..model.jobs import Progress, silent
from ..model.viewer import Viewer, local_viewer
from ..store import Store
from ..text import Text
from . import base_map, divisions, incidents, landscape, people, plan, records, surroundings, surveys, totals, truth, walks

CODE, NAME = plan.CODE, plan.NAME
SEED = 20261
ATTRIBUTION = "Påhittade uppgifter (exempelkommun)"
__all__ = ["CODE", "NAME", "SEED", "Sample", "build", "fill"]

_MADE = Text(sv="Exempelkommunen ritas", en="The sample municipality is drawn")
_STORED = Text(sv="{layer} läggs in", en="{layer} are stored")


@dataclass(frozen=True)
class Sample:
    """`frames` holds one frame per layer name, with the layer's columns; `later` the incidents of one more quarter, for an example file."""

    frames: Mapping[str, pd.DataFrame]
    later: gpd.GeoDataFrame
    truth: pd.DataFrame

    def __getitem__(self, layer_name: str) -> pd.DataFrame:
        return self.frames[layer_name]

    def digest(self) -> str:
        """A hash of every value: the same seed gives the same."""
        told = hashlib.sha256()
        for name, frame in (*self.frames.items(), ("later", self.later)):
            told.update(f"{name}:{len(frame)}\n".encode())
            told.update(frame_bytes(frame))
        return told.hexdigest()


def frame_bytes(frame: pd.DataFrame) -> bytes:
    """The values of a frame as bytes that do not depend on how pandas keeps them."""
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    written = plain.to_csv(index=False).encode()
    if "geometry" in frame:
        written += b"\n".join(shape or b"-" for shape in shapely.to_wkb(frame["geometry"].to_numpy(), byte_order=1))
    return written


def build(seed: int = SEED, *, progress: Progress = silent) -> Sample:
    """The whole municipality. Each part draws from its own stream, so that a change in one leaves the others as they were."""
    streams = [np.random.default_rng([seed, part]) for part in range(6)]
    progress(0.0, _MADE)
    land = landscape.draw(streams[0])
    progress(0.4, _MADE)
    fine = divisions.fine_areas(land, streams[1])
    settlement = people.settle(land, fine, streams[2])
    progress(0.6, _MADE)
    everything = incidents.all_years(land, settlement, fine, streams[3])
    spots = shapely.points(everything[["x", "y"]].to_numpy())
    spots[everything["x"].isna().to_numpy()] = None
    every = records.frame("incidents", dict(everything.drop(columns=["x", "y"])), spots)
    before = (every["reported_at"] < pd.Timestamp(truth.END, tz=STOCKHOLM)).to_numpy()
    known = every[before].reset_index(drop=True)
    progress(0.9, _MADE)
    place_rows, environment, background = surroundings.places(land), surroundings.environment(land), base_map.base_map(land, settlement)
    in_layer = lambda name, rows: records.frame(name, dict(rows.drop(columns="geometry")), rows["geometry"].to_numpy())  # noqa: E731
    frames = {
        "areas": records.areas(land, settlement, fine), "exposure": records.exposure(land, settlement), "streets": records.streets(land),
        "environment": in_layer("environment", environment), "places": in_layer("places", place_rows), "base_map": in_layer("base_map", background),
        "offence_statistics": records.frame("offence_statistics", dict(totals.official(known, streams[4]))), "incidents": known,
        "safety_walks": walks.safety_walks(land), "walk_findings": walks.walk_findings(), "measures": walks.measures(land)}
    frames["surveys"] = records.frame("surveys", dict(surveys.answers(frames["areas"], surveys.YEARS, seed)))
    progress(1.0, _MADE)
    return Sample({"sources": _sources(frames), **frames}, every[~before].reset_index(drop=True), truth.table())


SOURCE_OF = {"areas": "sample_areas", "exposure": "sample_exposure", "streets": "sample_map", "environment": "sample_map", "places": "sample_map",
             "base_map": "sample_map", "offence_statistics": totals.SOURCE, "incidents": incidents.SOURCE, "safety_walks": walks.WALK_SOURCE,
             "walk_findings": walks.WALK_SOURCE, "measures": walks.MEASURE_SOURCE, "surveys": surveys.SOURCE}
_TITLES = {
    "sample_areas": ("Områden i exempelkommunen", "areas_file"), "sample_exposure": ("Invånare och gator i exempelkommunen", "sample"),
    "sample_map": ("Karta över exempelkommunen", "sample"), totals.SOURCE: ("Påhittade anmälda brott per kommun", "bra_yearly"),
    incidents.SOURCE: ("Påhittade händelser", "incidents_table"), walks.WALK_SOURCE: ("Påhittad trygghetsvandring", "walk_points"),
    walks.MEASURE_SOURCE: ("Påhittade åtgärder", "measures_table"), surveys.SOURCE: ("Påhittad trygghetsmätning", "survey_table")}


def _sources(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    codes = list(dict.fromkeys(SOURCE_OF[name] for name in frames))
    return records.frame("sources", {
        "code": codes, "title": [_TITLES[code][0] for code in codes], "kind": [_TITLES[code][1] for code in codes],
        "coverage": ["effort" if code == walks.WALK_SOURCE else "register" for code in codes], "licence": "CC0-1.0", "attribution": ATTRIBUTION})


def fill(store: Store, *, seed: int = SEED, progress: Progress = silent, viewer: Viewer | None = None) -> dict[str, int]:
    """Bring the whole sample into an empty store that was made as `made_up`; gives the number of rows per layer.

    Raises InputError for a store of real data, or in another CRS or zone than the sample's.
    """
    if not store.made_up or store.crs != SWEREF_99_TM or store.zone != STOCKHOLM:
        raise InputError(Text(
            sv="Exempelkommunen kan bara läggas i ett lager som är märkt som påhittat, i EPSG:3006 och Europe/Stockholm.",
            en="The sample municipality can be put only into a store that is marked as made up, in EPSG:3006 and Europe/Stockholm."))
    viewer = viewer or local_viewer()
    sample = build(seed, progress=lambda share, what: progress(0.6 * share, what))
    counts: dict[str, int] = {}
    for done, (name, frame) in enumerate(sample.frames.items()):
        progress(0.6 + 0.4 * done / len(sample.frames), _STORED.format(layer=LAYERS[name].title))
        store.bring_in(name, frame, viewer, batch={
            "source_code": SOURCE_OF.get(name, "sample_map"), "file_name": f"exempelkommun-{seed}",
            "file_sha256": hashlib.sha256(frame_bytes(frame)).hexdigest()})
        counts[name] = len(frame)
    store.set_info("truth", truth.facts())
    store.set_info("sample_seed", seed)
    progress(1.0, Text(sv="Exempelkommunen är klar", en="The sample municipality is ready"))
    return counts
