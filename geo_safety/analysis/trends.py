"""What changed between two periods, cell by cell, with intervals that hold for small counts."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ..errors import InputError
from ..text import Text
from .counts import count
from .grids import tested
from .rates import rate_ratio
from .testing import adjust

TRENDS = ("increase_99", "increase_95", "increase_90", "unclear", "decrease_90", "decrease_95", "decrease_99", "empty", "left_out")
LEVELS = (0.01, 0.05, 0.1)


def change(points: gpd.GeoDataFrame, grid: gpd.GeoDataFrame, split: Any, *, time: str = "occurred_from", start: Any = None, end: Any = None,
           correction: str = "fdr") -> gpd.GeoDataFrame:
    """What happened in each cell from `split` on, compared with what happened before it.

    Parameters
    ----------
    points
        Incidents in the CRS of `grid`, each with a time in the column `time`; one without counts nowhere.
    split
        Day or time that belongs to the later period.
    start, end
        The periods are [start, split) and [split, end); without them, from the first day of the data to the day after the last.
    correction
        Over all tested cells with an incident in either period: "fdr" (Benjamini–Hochberg), "holm", "bonferroni" or "none".

    Returns
    -------
    The grid with `incidents` (later), `incidents_before`, `difference`, `ratio` (per day, later to earlier), `ratio_low`, `ratio_high`
    (exact 95 % interval), `p` (two-sided, exact, of no change), `p_adjusted` and `trend`: increase_99, increase_95, increase_90
    (p_adjusted below 0.01, 0.05, 0.1), decrease_… likewise, unclear, empty, left_out. Where the earlier period had none there
    is no ratio and no upper end; where neither had any, and in cells that are not tested, ratio and p are missing.

    Notes
    -----
    Given both counts together the later one is binomial with the share of days that it covers. *Unclear* is not *unchanged*:
    with 12 incidents before and 7 after everything from a fall by 81 % to a rise by 61 % goes with the data.
    """
    times = times_of(points, time)
    split = _moment(split, times)
    start = _moment(start, times) if start is not None else times.min().normalize()
    end = _moment(end, times) if end is not None else times.max().normalize() + pd.Timedelta(days=1)
    if not start < split < end:
        raise InputError(Text(sv="Brytpunkten {split} ligger inte mellan {start} och {end}.",
                              en="The split {split} does not lie between {start} and {end}.").format(
                                  split=str(split), start=str(start), end=str(end)))
    later, earlier = points[(times >= split) & (times < end)], points[(times >= start) & (times < split)]
    return change_between(later, earlier, grid, days=_days(split, end), days_before=_days(start, split), correction=correction)


def change_between(points: gpd.GeoDataFrame, points_before: gpd.GeoDataFrame, grid: gpd.GeoDataFrame, *, days: float, days_before: float,
                   correction: str = "fdr") -> gpd.GeoDataFrame:
    """`change` for two sets of incidents and the number of days over which each was gathered."""
    if not (days > 0 and days_before > 0):
        raise InputError(Text(sv="Båda perioderna måste vara längre än 0 dagar.", en="Both periods must be longer than 0 days."))
    result = count(points, grid)
    after, before = result["incidents"].to_numpy(), count(points_before, grid)["incidents"].to_numpy()
    part = tested(grid)
    asked = part & (after + before > 0)
    ratio, low, high, p = rate_ratio(after, before, days, days_before)
    ratio, high = (np.where(before > 0, end, np.nan) for end in (ratio, high))
    p = np.where(asked, p, np.nan)
    adjusted = adjust(p, correction)
    trend = _trends(after * days_before - before * days, adjusted, part, after + before)
    for name, values in (("incidents_before", before), ("difference", after - before),
                         *((name, np.where(asked, values, np.nan)) for name, values in (("ratio", ratio), ("ratio_low", low), ("ratio_high", high))),
                         ("p", p), ("p_adjusted", adjusted), ("trend", pd.Categorical.from_codes(trend, categories=pd.Index(TRENDS)))):
        result[name] = values
    return result


def _trends(more: np.ndarray, adjusted: np.ndarray, part: np.ndarray, both: np.ndarray) -> np.ndarray:
    """Place in TRENDS: the strictest level that the corrected p is below, by the side it lies on."""
    level = sum((adjusted < level).astype(np.int8) for level in LEVELS)
    found = np.where(more > 0, 3 - level, 3 + level)
    found = np.where(both > 0, found, TRENDS.index("empty"))
    return np.where(part, found, TRENDS.index("left_out")).astype(np.int8)


def same_season(period: tuple[date, date], before: tuple[date, date], *, most: float = 0.1) -> bool:
    """Whether two half-open periods cover the months of the year alike, but for a tenth of their days."""
    return bool(np.abs(_by_month(*period) - _by_month(*before)).sum() / 2 <= most)


def _by_month(start: date, end: date) -> np.ndarray:
    """Share of the days of a period that lie in each month."""
    days = [start + timedelta(days=day) for day in range((end - start).days)]
    return np.bincount([day.month for day in days], minlength=13)[1:] / len(days)


def times_of(points: gpd.GeoDataFrame, column: str) -> pd.Series:
    """The times in a column, missing where there is none; InputError, naming it, for one that cannot be read, or when all are missing."""
    if column not in points.columns:
        raise InputError(Text(sv="Händelserna saknar kolumnen {column} med tid. Finns: {columns}.",
                              en="The incidents have no column {column} with times. There are: {columns}.").format(
                                  column=column, columns=_listed(points.columns)))
    times = pd.to_datetime(points[column], format="ISO8601", errors="coerce")
    unread = points[column][times.isna() & points[column].notna()]
    if len(unread):
        raise InputError(Text(sv="{value} i kolumnen {column} är ingen tid. Skriv den som 2026-03-01 eller 2026-03-01 14:30.",
                              en="{value} in the column {column} is no time. Write it like 2026-03-01 or 2026-03-01 14:30.").format(
                                  value=str(unread.iloc[0]), column=column))
    if not times.notna().any():
        raise InputError(Text(sv="Ingen händelse har en tid i kolumnen {column}.", en="No incident has a time in the column {column}.").format(
            column=column))
    return times


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(str, names))


def _moment(value: Any, times: pd.Series) -> pd.Timestamp:
    """`value` in the zone of the times, if they have one: a bare day begins at midnight there."""
    moment = pd.Timestamp(value)
    zone = times.dt.tz
    if zone is None or moment.tz is not None:
        return moment
    return moment.tz_localize(zone)


def _days(start: pd.Timestamp, end: pd.Timestamp) -> float:
    """Days on the calendar, so that a change of clocks adds none."""
    return (end.tz_localize(None) - start.tz_localize(None)) / pd.Timedelta(days=1)
