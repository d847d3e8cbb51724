"""The wheel of the year: incidents a day in each month, read against all days of the period."""
from __future__ import annotations

from datetime import date

import geopandas as gpd

from ..analysis.season import Season
from ..analysis.season import season as by_month
from ..model.describe import Chart, Code, Column, Input, Layer, Method
from ..model.features import Features
from ..text import Text
from .ground import INCIDENTS, SEED, TIME, Usable, timed, told, whole_period, zone_of

MONTHS = tuple(Code(f"{number:02d}", title) for number, title in enumerate((
    Text(sv="januari", en="January"), Text(sv="februari", en="February"), Text(sv="mars", en="March"), Text(sv="april", en="April"), Text(sv="maj", en="May"),
    Text(sv="juni", en="June"), Text(sv="juli", en="July"), Text(sv="augusti", en="August"), Text(sv="september", en="September"),
    Text(sv="oktober", en="October"), Text(sv="november", en="November"), Text(sv="december", en="December")), start=1))


def season(points: gpd.GeoDataFrame, period: tuple[date, date] | None = None, *, seed: int = 1) -> Features:
    """Incidents a day in each month of the year, and the same in units of the mean of all days; a month outside the period has no rate.

    Notes
    -----
    per_day = incidents / days; relative = per_day / (all incidents / all days)
    low = χ²(0.025; 2k) / (2 days), high = χ²(0.975; 2k + 2) / (2 days), k = incidents; relative_low, relative_high: the same to the mean
    X² = Σ (incidents − N d)² / (N d), d = days / all days, N all incidents
    """
    used = timed(METHOD, points)
    first, end = whole_period(used.points, period)
    made = by_month(used.points[TIME], period=(first, end), tz=zone_of(used.points), seed=seed)
    return by_kind(METHOD, used, made, "month", [code.value for code in MONTHS], seed)


def by_kind(method: Method, used: Usable, made: Season, index: str, names: list[str], seed: int) -> Features:
    """Incidents a day by month or kind of day, as a layer."""
    table = made.table.reset_index(drop=True).assign(**{index: names})
    facts = {"n": made.n, "days": int(table["days"].sum()), "difference_p": made.p, "outside": made.outside, "confidence": 0.95, "seed": seed}
    return told(method, table, facts, [*used.warnings, *made.warnings])


COLUMNS = (
    INCIDENTS, Column("days", Text(sv="Dagar", en="Days"), "integer", help=Text(sv="Så många sådana dagar finns i perioden.",
                                                                                en="As many such days are in the period.")),
    Column("per_day", Text(sv="Händelser per dag", en="Incidents a day"), "number", decimals=3, discloses="incidents"),
    Column("low", Text(sv="Per dag, från", en="A day, from"), "number", decimals=3, discloses="incidents",
           help=Text(sv="Exakt 95-procentigt intervall.", en="Exact 95% interval.")),
    Column("high", Text(sv="Per dag, till", en="A day, to"), "number", decimals=3, discloses="incidents"),
    Column("relative", Text(sv="Mot genomsnittet", en="To the mean"), "number", decimals=2, discloses="incidents",
           help=Text(sv="1 är som alla dagar tillsammans.", en="1 is as all days together.")),
    Column("relative_low", Text(sv="Mot genomsnittet, från", en="To the mean, from"), "number", decimals=2, discloses="incidents"),
    Column("relative_high", Text(sv="Mot genomsnittet, till", en="To the mean, to"), "number", decimals=2, discloses="incidents"))

METHOD = Method(
    name="season",
    title=Text(sv="Årstid", en="Season"),
    summary=Text(sv="Visar hur många händelser per dag varje månad har, mot alla dagar i perioden. Välj minst två hela år.",
                 en="Shows how many incidents a day each month has, against all days of the period. Choose at least two whole years."),
    does_not=Text(
        sv="Med ett enda år går årstid inte att skilja från just det året. Säger inte varför: ljus, väder, lov och resande följs åt. Säger inget om nästa år.",
        en="From a single year season cannot be told from that year. Does not say why: light, weather, holidays and travel go together. Says nothing about "
           "next year."),
    needs=(Input("points"), Input("period", required=False)),
    parameters=(SEED,),
    result=Layer("season", Text(sv="Händelser per dag och månad", en="Incidents a day by month"), stored=False,
                 chart=Chart("points", x="month", value="relative", low="relative_low", high="relative_high", reference=1),
                 columns=(Column("month", Text(sv="Månad", en="Month"), "code", codes=MONTHS), *COLUMNS)),
    compute=season,
    least_precision="none",
    method_note=Text(
        sv="Antal delat med antalet dagar av månaden i perioden. Exakta Poissonintervall (Garwood), som inte vet att år skiljer sig åt. p för ingen skillnad "
           "alls: chi-två, vid små tal genom simulering.",
        en="Counts divided by the days of the month in the period. Exact Poisson intervals (Garwood), which do not know that years differ. p of no difference "
           "at all: chi-square, by simulation when numbers are small."),
    references=("Garwood 1936, doi:10.1093/biomet/28.3-4.437",))
