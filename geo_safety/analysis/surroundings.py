"""From points and outlines to an evaluation: who was inside, before and after, and what the rings around the place did."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import ArrayLike

from ..crs import require_metric
from ..errors import InputError
from ..model.cautions import Caution, caution
from ..text import Text
from .before_after import overdispersion, wdd
from .counts import weights_of
from .evaluation import Evaluation, displacement_of, evaluate
from .lattice import require_same_crs
from .precision import coordinates, exact_enough
from .trends import same_season, times_of

MOST_WIDTH_M = 500.0
STEP_DAYS = 30.0        # length of the steps in which scatter is seen
LEAST_STEPS = 12        # fewer cannot tell scatter from chance
LEAST_EARLIER_DAYS = 182

Area: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries
Days: TypeAlias = tuple[Any, Any]  # first day, day after the last


def displacement_rings(area: Area, *, width_m: float | str = "auto", n: int = 2) -> gpd.GeoDataFrame:
    """Rings around a place, each beginning where the one inside it ends: where what left the place may have gone.

    Parameters
    ----------
    area
        The treated place, in a metric CRS; several polygons are one place.
    width_m
        Of each ring. "auto": as wide as the place (the diameter of the circle around it), at most 500 m. A ring far wider than the
        place drowns what moved in what goes on there anyway.

    Returns
    -------
    One row per ring: `ring` (1 innermost), `inner_m`, `outer_m` (from the border of the place), `geometry`.
    """
    shape, crs = _shape(area)
    width = ring_width(area) if width_m == "auto" else float(width_m)
    if not (0 < width < np.inf and n >= 1):
        raise InputError(Text(sv="Det behövs minst en ring, bredare än 0 m.", en="At least one ring is needed, wider than 0 m."))
    discs = [shape, *(shape.buffer(width * (ring + 1)) for ring in range(n))]
    return gpd.GeoDataFrame({"ring": np.arange(1, n + 1), "inner_m": width * np.arange(n), "outer_m": width * np.arange(1, n + 1)},
                            geometry=[outer.difference(inner) for inner, outer in pairwise(discs)], crs=crs)


def ring_width(area: Area) -> float:
    """Metres: the diameter of the circle around the place, at most 500."""
    return float(min(MOST_WIDTH_M, 2 * shapely.minimum_bounding_radius(_shape(area)[0])))


def count_periods(points: gpd.GeoDataFrame, places: Area, *, before: Days, after: Days, time: str = "occurred_from") -> pd.DataFrame:
    """Incidents of each place in two half-open periods: `before`, `after`, with the index of `places`.

    A point on a border that two places share counts in the first of them; one without a time or a place counts nowhere.
    """
    require_same_crs(points, gpd.GeoDataFrame(geometry=places.geometry))
    which, period = _which_place(points, list(places.geometry)), _which_period(points, before, after, time)
    return pd.DataFrame({name: np.bincount(which[(period == side) & (which >= 0)], minlength=len(places)) for side, name in enumerate(("before", "after"))},
                        index=places.index)


def count_months(points: gpd.GeoDataFrame, places: Area, *, first: Any, end: Any, time: str = "occurred_from") -> pd.DataFrame:
    """Incidents of each place in every calendar month that lies wholly between two days (the second not included).

    One row per month (a period of pandas), one column per row of `places`; a point on a border that two share counts in the first.
    """
    require_same_crs(points, gpd.GeoDataFrame(geometry=places.geometry))
    start, stop = _moments((first, end))
    months = pd.period_range((start - pd.Timedelta(days=1)).to_period("M") + 1, stop.to_period("M") - 1, freq="M")
    which, month = _which_place(points, list(places.geometry)), pd.PeriodIndex(_local(times_of(points, time)), freq="M")
    return pd.DataFrame({name: pd.Series(month[which == position]).value_counts().reindex(months, fill_value=0)
                         for position, name in enumerate(places.index)}, index=months)


def displacement_table(points: gpd.GeoDataFrame, treated: Area, control: Area, *, before: Days, after: Days, width_m: float | str = "auto", n: int = 2,
                       time: str = "occurred_from", alpha: float = 0.05) -> gpd.GeoDataFrame:
    """The treated place and each ring around it against the same of the control, nearest first.

    Returns
    -------
    `ring` (0: the place itself), `inner_m`, `outer_m`, `before`, `after`, `control_before`, `control_after`, `difference` (events
    beyond those of the control, at the length of the later period), `low`, `high` (interval at 1 − alpha), `displacement` (for rings:
    displacement, diffusion or cannot_tell) and the outline of the treated side as `geometry`.
    """
    width = ring_width(treated) if width_m == "auto" else float(width_m)
    sides = [_with_rings(area, width, n) for area in (treated, control)]
    _require_apart(*sides)
    here, there = (count_periods(points, side, before=before, after=after, time=time) for side in sides)
    days = _lengths(before, after)
    rows = [_row(tuple(map(int, a)), tuple(map(int, b)), days, alpha) for a, b in zip(here.to_numpy(), there.to_numpy(), strict=True)]
    table = pd.DataFrame(rows, columns=["difference", "low", "high", "displacement"]).astype({"displacement": object})
    table.loc[0, "displacement"] = None
    return gpd.GeoDataFrame({
        "ring": sides[0]["ring"], "inner_m": sides[0]["inner_m"], "outer_m": sides[0]["outer_m"], "before": here["before"], "after": here["after"],
        "control_before": there["before"], "control_after": there["after"], **table}, geometry=sides[0].geometry, crs=sides[0].crs)


def evaluate_places(points: gpd.GeoDataFrame, treated: Area, control: Area | None = None, *, before: Days, after: Days, rings: bool = True,
                    ring: Area | None = None, control_ring: Area | None = None, width_m: float | str = "auto", time: str = "occurred_from",
                    least_precision: str = "place", weights: ArrayLike | None = None, alpha: float = 0.05, margin: float = 0.2, as_planned: bool | None = None,
                    chosen_for_bad_period: bool | None = None) -> Evaluation:
    """`evaluate` from incidents and outlines: counts inside, one ring around each, scatter by month, and the years before as a check.

    Parameters
    ----------
    points
        Incidents in the metric CRS of the outlines, with a time in `time`; those known less exactly than `least_precision` are left
        out and said to be.
    before, after
        (first day, day after the last). They must not overlap; leave the time of building out of both. Whole years are best: the
        same months in both take the season out.
    rings
        Whether the surroundings are looked at: one ring around the treated place and one as wide around the control.
    ring, control_ring
        Outlines of the surroundings, both or neither, instead of such rings; what lies in the place itself is not counted in them.
    weights
        One for each point, above 0, for example by severity; see `severity` of `evaluate`.
    """
    first, second = _moments(before), _moments(after)
    if second[0] < first[1]:
        raise InputError(Text(sv="Perioden efter börjar innan perioden före är slut.", en="The period after begins before the period before has ended."))
    for area in (treated, control, ring, control_ring):
        if area is not None:
            require_same_crs(points, gpd.GeoDataFrame(geometry=area.geometry))
    if (ring is None) != (control_ring is None):
        raise InputError(Text(sv="Ange omgivningen för både området och kontrollområdet, eller för inget av dem.",
                              en="Give the surroundings of both the place and the control, or of neither."))
    exact = exact_enough(points, least_precision)
    used = points[exact]
    severity, kind = (None, None) if weights is None else np.unique(weights_of(points, weights)[exact], return_inverse=True)
    width = ring_width(treated) if width_m == "auto" else float(width_m)
    sides = [_with_rings(area, width, 1) if around is None else _with_given(area, around)
             for area, around in ((treated, ring), (control, control_ring)) if area is not None]
    if len(sides) == 2:
        _require_apart(*(side if rings else side.iloc[:1] for side in sides))
    counts = [_pairs(used, side, kind, before, after, time) for side in sides]
    looked = rings and control is not None
    told = evaluate(
        counts[0][0], counts[1][0] if control is not None else None, ring=counts[0][1] if looked else None, control_ring=counts[1][1] if looked else None,
        days=_lengths(before, after), severity=severity, alpha=alpha, margin=margin, as_planned=as_planned, chosen_for_bad_period=chosen_for_bad_period,
        overdispersion=_scatter(used, sides, first, time), earlier=_earlier(used, sides[0], first[0], time))
    return replace(told, warnings=(*told.warnings, *_about_points(exact, first, second)))


def _about_points(exact: np.ndarray, before: tuple[pd.Timestamp, pd.Timestamp], after: tuple[pd.Timestamp, pd.Timestamp]) -> list[Caution]:
    found = []
    if not exact.all():
        found.append(caution("WITHOUT_PLACE", n=int((~exact).sum()), total=len(exact)))
    now, then = ((start.date(), end.date()) for start, end in (after, before))
    if not same_season(now, then):
        found.append(caution("UNEVEN_SEASONS"))
    return found


def _scatter(points: gpd.GeoDataFrame, sides: Sequence[gpd.GeoDataFrame], before: tuple[pd.Timestamp, pd.Timestamp], time: str) -> float:
    """How much wider than Poisson treated and control scatter against each other in the months before the measure."""
    days = _lengths(before, before)[0]
    steps = int(days / STEP_DAYS)
    if len(sides) < 2 or steps < LEAST_STEPS:
        return 1.0
    gone = (_local(times_of(points, time)) - before[0]) / pd.Timedelta(days=1)
    step = np.floor(gone.to_numpy() / days * steps)
    which = _which_place(points, [side.geometry.iloc[0] for side in sides])
    inside = (which >= 0) & (step >= 0) & (step < steps)
    return overdispersion(np.bincount(which[inside] * steps + step[inside].astype(int), minlength=2 * steps).reshape(2, steps))


def _earlier(points: gpd.GeoDataFrame, side: gpd.GeoDataFrame, start: pd.Timestamp, time: str) -> tuple[int, float] | None:
    """Events of the treated place and days of the data before the period before; None when there is less than half a year of it."""
    times = _local(times_of(points, time))
    first = times.min().normalize()
    days = (start - first) / pd.Timedelta(days=1)
    if days < LEAST_EARLIER_DAYS:
        return None
    inside = _which_place(points, [side.geometry.iloc[0]]) == 0
    return int((inside & (times < start).to_numpy()).sum()), float(days)


def _row(treated: tuple[int, ...], control: tuple[int, ...], days: tuple[float, float], alpha: float) -> tuple[float, float, float, str]:
    told = wdd(treated, control, time_weights=(days[0] / days[1], 1.0), alpha=alpha).local
    return told.estimate, told.low, told.high, displacement_of(told, treated, control, conf=1 - alpha)


def _pairs(points: gpd.GeoDataFrame, side: gpd.GeoDataFrame, kind: np.ndarray | None, before: Days, after: Days, time: str) -> list[tuple[Any, Any]]:
    """(before, after) of each place: a number, or a list with the number of each kind."""
    of = lambda some: count_periods(some, side, before=before, after=after, time=time).to_numpy()  # noqa: E731
    if kind is None:
        return [(int(first), int(second)) for first, second in of(points)]
    return list(np.stack([of(points[kind == one]) for one in range(kind.max(initial=0) + 1)], axis=-1))


def _with_rings(area: Area, width_m: float, n: int) -> gpd.GeoDataFrame:
    """The place as ring 0, and its rings."""
    shape, crs = _shape(area)
    rings = displacement_rings(area, width_m=width_m, n=n)
    place = gpd.GeoDataFrame({"ring": [0], "inner_m": [0.0], "outer_m": [0.0]}, geometry=[shape], crs=crs)
    return gpd.GeoDataFrame(pd.concat([place, rings], ignore_index=True), crs=crs)


def _with_given(area: Area, ring: Area) -> gpd.GeoDataFrame:
    """The place as ring 0, and an outline as its ring."""
    (place, crs), (around, _) = _shape(area), _shape(ring)
    outer = float(around.hausdorff_distance(place))
    return gpd.GeoDataFrame({"ring": [0, 1], "inner_m": [0.0, 0.0], "outer_m": [0.0, outer]}, geometry=[place, around.difference(place)], crs=crs)


def _require_apart(treated: gpd.GeoDataFrame, control: gpd.GeoDataFrame) -> None:
    """What is done to one place must not be counted as what happened in the other."""
    here, there = treated.union_all(), control.union_all()
    if here.intersection(there).area > 0:
        gap = float(treated.geometry.iloc[0].distance(control.geometry.iloc[0]))
        raise InputError(Text(
            sv="Området eller dess omgivning når in i kontrollområdets: de ligger {gap} m från varandra. Välj ett kontrollområde längre bort eller smalare "
               "ringar.",
            en="The place or its surroundings reach into those of the control: they lie {gap} m apart. Choose a control further away or narrower "
               "rings.").format(gap=round(gap)))


def _shape(area: Area) -> tuple[shapely.Geometry, pyproj.CRS]:
    known = require_metric(area.crs, Text(sv="Området", en="The area"))
    shape = shapely.make_valid(area.geometry.union_all())
    if not shape.area > 0:
        raise InputError(Text(sv="Området har ingen yta. Det måste vara en eller flera polygoner; en punkt eller linje kan först göras till en yta med "
                                 "buffer.",
                              en="The area has no extent. It must be one or more polygons; a point or line can be made an area with buffer first."))
    return shape, known


def _which_place(points: gpd.GeoDataFrame, shapes: Sequence[shapely.Geometry]) -> np.ndarray:
    """Position of the first shape that each point touches, else −1."""
    x, y = coordinates(points)
    which = np.full(len(points), -1)
    for position in range(len(shapes) - 1, -1, -1):
        shapely.prepare(shapes[position])
        which[shapely.intersects_xy(shapes[position], x, y)] = position
    return which


def _which_period(points: gpd.GeoDataFrame, before: Days, after: Days, time: str) -> np.ndarray:
    """0 before, 1 after, else −1."""
    times = _local(times_of(points, time))
    which = np.full(len(points), -1)
    for side, (start, end) in enumerate((_moments(before), _moments(after))):
        which[((times >= start) & (times < end)).to_numpy()] = side
    return which


def _moments(period: Days) -> tuple[pd.Timestamp, pd.Timestamp]:
    try:
        start, end = (pd.Timestamp(day).tz_localize(None) for day in period)
    except (TypeError, ValueError) as unreadable:
        raise InputError(Text(sv="En period anges som första dagen och dagen efter den sista.",
                              en="A period is given as its first day and the day after its last.")) from unreadable
    if not start < end:
        raise InputError(Text(sv="Perioden slutar innan den har börjat.", en="The period ends before it has begun."))
    return start, end


def _lengths(before: Days, after: Days) -> tuple[float, float]:
    first, second = ((end - start) / pd.Timedelta(days=1) for start, end in (_moments(before), _moments(after)))
    return float(first), float(second)


def _local(times: pd.Series) -> pd.Series:
    """On the calendar and clock of the place."""
    return times.dt.tz_localize(None) if times.dt.tz is not None else times
