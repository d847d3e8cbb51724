"""Incidents per month: the plainest pattern, and the one given when another method will not answer."""
from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd

from ..analysis.rates import poisson_interval
from ..model.cautions import caution
from ..model.describe import Chart, Column, Input, Layer, Method
from ..model.features import Features
from ..text import Text
from .ground import INCIDENTS, Usable, few, local_days, timed, told, whole_period


def count_months(points: gpd.GeoDataFrame, period: tuple[date, date] | None = None) -> Features:
    """Incidents of each calendar month of the period, with exact interval; a month that is only partly in it says so in `days`.

    Notes
    -----
    low = χ²(0.025; 2k) / 2, 0 for k = 0; high = χ²(0.975; 2k + 2) / 2; k = incidents
    """
    used = timed(METHOD, points) if len(points) else Usable(points)
    first, end = whole_period(used.points, period) if len(points) or period else (pd.Timestamp(0), pd.Timestamp(0))
    days = pd.date_range(first, end, inclusive="left").to_period("M")
    months = days.unique()
    began = local_days(used.points).to_period("M") if len(points) else pd.PeriodIndex([], freq="M")
    counts = pd.Series(began).value_counts().reindex(months, fill_value=0).to_numpy()
    low, high = poisson_interval(counts)
    lengths = pd.Series(days).value_counts().reindex(months).to_numpy()
    table = pd.DataFrame({"month": months.astype(str), "incidents": counts, "low": low, "high": high, "days": lengths})
    partly = bool((lengths < months.days_in_month).any())
    n = int(counts.sum())
    warnings = [*used.warnings, *few(n), *((caution("PARTLY_MONTHS"),) if partly else ())]
    return told(METHOD, table, {"n": n, "months": len(months), "confidence": 0.95}, warnings)


METHOD = Method(
    name="count_months",
    title=Text(sv="Antal per månad", en="Count per month"),
    summary=Text(sv="Visar hur många händelser som skedde varje månad, och hur mycket ett sådant antal kan svänga av slump.",
                 en="Shows how many incidents there were each month, and how much such a count may swing by chance."),
    does_not=Text(
        sv="Säger inte varför en månad var hög eller låg. Överlappande intervall mellan två månader är inget test av en skillnad. De senaste "
           "månaderna kan bli högre när sena anmälningar kommer in. Säger inget om framtiden.",
        en="Does not say why a month was high or low. Overlapping intervals of two months are no test of a difference. The latest months may rise as "
           "late reports come in. Says nothing about the future."),
    needs=(Input("points"), Input("period", required=False)),
    parameters=(),
    result=Layer(
        "count_months", Text(sv="Händelser per månad", en="Incidents per month"), stored=False,
        chart=Chart("bars", x="month", value="incidents", low="low", high="high"),
        columns=(Column("month", Text(sv="Månad", en="Month"), "text"), INCIDENTS,
                 Column("low", Text(sv="Intervall, från", en="Interval, from"), "number", decimals=1, discloses="incidents",
                        help=Text(sv="Undre änden av det exakta 95-procentiga intervallet för det genomsnitt som kan ligga bakom antalet.",
                                  en="Lower end of the exact 95% interval for the mean that may lie behind the count.")),
                 Column("high", Text(sv="Intervall, till", en="Interval, to"), "number", decimals=1, discloses="incidents",
                        help=Text(sv="Övre änden av intervallet.", en="Upper end of the interval.")),
                 Column("days", Text(sv="Dagar med", en="Days covered"), "integer",
                        help=Text(sv="Hur många av månadens dagar som ligger i perioden.", en="How many days of the month lie in the period.")))),
    compute=count_months,
    coverage=("register", "effort"),
    least_precision="none",
    method_note=Text(sv="En händelse räknas den månad då den började, på platsens kalender. Intervallet är exakt för ett Poissonfördelat antal (Garwood).",
                     en="An incident counts in the month when it began, on the calendar of the place. The interval is exact for a Poisson count (Garwood)."),
    references=("Garwood 1936, doi:10.1093/biomet/28.3-4.437",))
