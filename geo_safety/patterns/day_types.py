"""Workdays, weekends, Swedish public holidays and eves: incidents a day of each kind."""
from __future__ import annotations

from datetime import date

import geopandas as gpd

from ..analysis.season import DAY_TYPES, by_day_type
from ..model.describe import Chart, Code, Column, Input, Layer, Method
from ..model.features import Features
from ..text import Text
from .ground import SEED, TIME, timed, whole_period, zone_of
from .season import COLUMNS, by_kind


def day_types(points: gpd.GeoDataFrame, period: tuple[date, date] | None = None, *, seed: int = 1) -> Features:
    """Incidents a day on workdays, weekends, public holidays and eves, and the same in units of the mean of all days.

    Notes
    -----
    per_day = incidents / days; relative = per_day / (all incidents / all days)
    low = χ²(0.025; 2k) / (2 days), high = χ²(0.975; 2k + 2) / (2 days), k = incidents; relative_low, relative_high: the same to the mean
    X² = Σ (incidents − N d)² / (N d), d = days / all days, N all incidents
    """
    used = timed(METHOD, points)
    first, end = whole_period(used.points, period)
    made = by_day_type(used.points[TIME], period=(first, end), tz=zone_of(used.points), seed=seed)
    return by_kind(METHOD, used, made, "day_type", list(DAY_TYPES), seed)


METHOD = Method(
    name="day_types",
    title=Text(sv="Vardag, helg och högtid", en="Workdays, weekends and holidays"),
    summary=Text(sv="Visar hur många händelser per dag som sker på vardagar, lördagar och söndagar, helgdagar och aftnar.",
                 en="Shows how many incidents a day happen on workdays, Saturdays and Sundays, public holidays and eves."),
    does_not=Text(
        sv="En natt mellan fredag och lördag räknas till den dag händelsen började. Aftnarna är få: läs intervallet. Säger inte vilken afton, och inget om "
           "kommande helger.",
        en="A night between Friday and Saturday counts to the day on which the incident began. Eves are few: read the interval. Does not say which eve, and "
           "nothing about coming holidays."),
    needs=(Input("points"), Input("period", required=False)),
    parameters=(SEED,),
    result=Layer("day_types", Text(sv="Händelser per slag av dag", en="Incidents by kind of day"), stored=False,
                 chart=Chart("points", x="day_type", value="relative", low="relative_low", high="relative_high", reference=1),
                 columns=(Column("day_type", Text(sv="Slag av dag",
                                                  en="Kind of day"), "code", codes=tuple(Code(*pair) for pair in DAY_TYPES.items())), *COLUMNS)),
    compute=day_types,
    least_precision="none",
    method_note=Text(
        sv="Helgdagar enligt lagen om allmänna helgdagar, och de aftnar som brukar räknas. En dag som är både helgdag och söndag räknas som helgdag. Exakta "
           "Poissonintervall (Garwood).",
        en="Public holidays by Swedish law, and the eves that are usually kept. A day that is both a holiday and a Sunday counts as a holiday. Exact Poisson "
           "intervals (Garwood)."),
    references=("Lag (1989:253) om allmänna helgdagar", "Garwood 1936, doi:10.1093/biomet/28.3-4.437"))
