"""Patterns that are no places on a map: when, how often, how concentrated. One file per method; to add one, write it and name it here."""
from __future__ import annotations

from ..registry import collect
from . import (
    change_by_area,
    concentration,
    count_months,
    dark_and_light,
    day_types,
    felt_safety,
    hour_of_week,
    monitor,
    near_repeat,
    persistence,
    rates,
    season,
    trend,
)

PATTERNS = collect(count_months.METHOD, rates.METHOD, change_by_area.METHOD, trend.METHOD, felt_safety.METHOD, monitor.METHOD,
                   hour_of_week.METHOD, season.METHOD, day_types.METHOD,
                   dark_and_light.METHOD, near_repeat.METHOD, concentration.METHOD, persistence.METHOD, group="geo_safety.patterns")
