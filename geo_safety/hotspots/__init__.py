"""The hotspot methods: one file per method, the function and what is said about it. To add one, write its file and name it here."""
from __future__ import annotations

from ..registry import collect
from . import area_clusters, change, classify_periods, count_grid, getis_ord, hot_streets, kernel_density, local_moran, relative_risk, scan, shared_clusters

METHODS = collect(count_grid.METHOD, kernel_density.METHOD, relative_risk.METHOD, getis_ord.METHOD, scan.METHOD, local_moran.METHOD,
                  hot_streets.METHOD, area_clusters.METHOD, change.METHOD, classify_periods.METHOD, shared_clusters.METHOD, group="geo_safety.hotspots")
