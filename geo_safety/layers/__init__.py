"""The layers: one description per kind of record. To add one, write its file and name it here."""
from __future__ import annotations

from ..registry import collect
from . import areas, bookkeeping, computed, incidents, measures, reference, surveys, walks

LAYERS = collect(
    areas.LAYER, reference.EXPOSURE, reference.STREETS, reference.ENVIRONMENT, reference.PLACES, reference.BASE_MAP,
    reference.OFFENCE_STATISTICS, incidents.LAYER, walks.SAFETY_WALKS, walks.WALK_FINDINGS, measures.LAYER, surveys.LAYER,
    bookkeeping.SOURCES, bookkeeping.IMPORT_BATCHES, bookkeeping.IMPORT_REJECTS, bookkeeping.IMPORT_PROFILES,
    bookkeeping.HOTSPOT_RUNS, bookkeeping.HOTSPOT_CELLS, computed.AREA_COUNTS, group="geo_safety.layers")

STORED = {name: layer for name, layer in LAYERS.items() if layer.stored}
