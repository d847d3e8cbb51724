"""The suppliers' files: one module for each. To add one, write its file and name it here.

`guard` is the only way in from the rest of the package: it reads foreign files in a child process with limits.
"""
from __future__ import annotations

from ..registry import collect
from . import areas_file, bra_yearly, incidents_table, measures_table, survey_table, walk_points

SOURCES = collect(
    incidents_table.SOURCE, areas_file.SOURCE, bra_yearly.SOURCE, walk_points.SOURCE, measures_table.SOURCE,
    survey_table.SOURCE, group="geo_safety.sources")
