"""Geo Safety: where crime and unsafety gather, what to change in the physical environment, and whether it helped.

A map of the package, from the ground up; a line may use what stands above it, never what stands below.

- `text`, `errors`, `crs`, `registry`, `settings`: words in two languages, what can go wrong, coordinate systems, descriptions found, settings
- `model`: plain descriptions – Column, Layer, Method, Source, Exporter – and what travels: Features, Shown, Selection, Viewer, Caution
- `layers`: what we know, one file per kind of record; start with `layers/incidents.py`
- `analysis`: the numbers; pure functions on frames and arrays that see no file, clock, language or browser
- `hotspots`: what we compute, one file per method; start with `hotspots/kernel_density.py`
- `patterns`: what we compute that is no map but a chart – when, how often, how concentrated – one file per method
- `sources`: one file per supplier, read in a child process; `store`: one file per municipality, a GeoPackage; `maps`: classes, colours, pictures
- `exports`: one file per format; `sample`: the municipality that does not exist
- `services`: one module per job a person does; the only place where store and analysis meet
- `web`, `cli`, `cli_evaluate`: what we show; start with `web/pages/hotspots.py`

The names below are lifted out when they are asked for, so that importing the package costs nothing:

>>> import geo_safety as gs
>>> [float(end.round(2)) for end in gs.poisson_interval(0)]
[0.0, 3.69]
"""
from __future__ import annotations

from importlib import import_module

_LIFTED = {
    "poisson_compare": "analysis.rates", "eb_rates": "analysis.rates", "wdd": "analysis.before_after", "wdq": "analysis.before_after",
    "odds_ratio_exact": "analysis.before_after", "evaluate": "analysis.evaluation", "smallest_detectable": "analysis.power",
    "displacement_rings": "analysis.surroundings", "evaluate_places": "analysis.surroundings",
    "did": "analysis.difference", "event_study": "analysis.difference", "interrupted": "analysis.interrupted", "power": "analysis.power",
    "Design": "analysis.power",
    "aoristic": "analysis.aoristic", "hour_weekday": "analysis.aoristic", "season": "analysis.season", "by_day_type": "analysis.season",
    "circular_summary": "analysis.circular", "dark_and_light": "analysis.daylight", "monitor": "analysis.monitoring",
    "make_grid": "analysis.grids", "study_area": "analysis.grids", "count": "analysis.counts", "kernel_density": "analysis.kernels",
    "getis_ord": "analysis.neighbours", "change": "analysis.trends", "poisson_interval": "analysis.rates", "rate_interval": "analysis.rates",
    "rate_ratio": "analysis.rates", "Selection": "model.selection", "Period": "model.selection", "Viewer": "model.viewer", "Text": "text",
    "Store": "store", "mann_kendall": "analysis.monotone", "local_moran": "analysis.moran", "relative_risk": "analysis.relative_risk",
    "classify_periods": "analysis.classification", "suppress": "analysis.suppression", "round_random": "analysis.suppression",
    "geomask_donut": "analysis.geomask", "privacy_effect": "analysis.geomask", "felt_safety": "analysis.felt_safety",
    "beside_crime": "analysis.felt_safety", "felt_shares": "analysis.felt_safety", "adaptive_density": "analysis.adaptive",
    "near_repeat": "analysis.near_repeat", "scan": "analysis.scan", "hot_streets": "analysis.streets", "concentration": "analysis.concentration",
    "lorenz": "analysis.concentration", "gini": "analysis.concentration", "pai_table": "analysis.accuracy",
}

__all__ = sorted(_LIFTED)


def __getattr__(name: str) -> object:
    if name not in _LIFTED:
        raise AttributeError(f"module 'geo_safety' has no attribute {name!r}")
    return getattr(import_module(f".{_LIFTED[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
