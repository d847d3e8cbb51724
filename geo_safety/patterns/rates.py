"""Incidents per inhabitant, area by area: the rate with its exact interval, and how much of it is left when chance is taken out."""
from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from ..analysis.rates import eb_rates, rate_interval
from ..errors import InputError
from ..hotspots.by_area import DIVISION, counted_in, numbers, of_division, outside
from ..model.cautions import caution
from ..model.describe import Chart, Column, Input, Layer, Method
from ..model.features import Features
from ..text import Text
from .ground import AREA, INCIDENTS, LEAST_POPULATION, YEAR, few, timed, told, whole_period

PER = 100_000


def rates(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, period: tuple[date, date] | None = None, *, division: str = "auto") -> Features:
    """Incidents a year per 100 000 residents of each area, with exact interval and smoothed towards the common rate (empirical Bayes).

    Notes
    -----
    rate = 100,000 incidents / (population × years); low, high: the same of χ²(0.025; 2k) / 2 and χ²(0.975; 2k + 2) / 2 for k = incidents
    smoothed = m + C (rate − m), C = A / (A + m/n); m the common rate, n residents × years
    A = max(0, Σ n (rate − m)² / Σ n − m / mean of n); rates here per resident
    """
    used, chosen = timed(METHOD, points), of_division(areas, division)
    first, end = whole_period(used.points, period)
    years = (end - first).days / YEAR
    where = counted_in(used.points, chosen)
    counts, people = numbers(where, chosen), pd.to_numeric(chosen["population"]).to_numpy(dtype=float)
    known = people >= LEAST_POPULATION
    if not known.any():
        raise InputError(Text(sv="Inget av områdena har en känd befolkning på minst {least} invånare.",
                              en="None of the areas has a known population of at least {least} residents.").format(least=LEAST_POPULATION))
    rate, low, high = rate_interval(counts, np.where(known, people, np.nan), per=PER, years=years)
    smoothed = np.full(len(chosen), np.nan)
    if known.sum() > 1:
        smoothed[known] = eb_rates(counts[known], people[known], per=PER, years=years)["eb_rate"]
    common = PER * counts[known].sum() / people[known].sum() / years
    table = pd.DataFrame({"name": chosen["name"], "incidents": counts, "population": people, "rate": rate, "low": low, "high": high,
                          "smoothed": smoothed, "common": np.where(known, common, np.nan)}).sort_values("name", kind="stable")
    low_pop = (caution("LOW_POP", n=int((~known).sum())),) if (~known).any() else ()
    n = int(counts.sum())
    facts = {"n": n, "areas": len(chosen), "division": str(chosen["kind"].iloc[0]) if "kind" in chosen else "own", "years": round(years, 4),
             "common_rate": float(common), "confidence": 0.95}
    return told(METHOD, table, facts, [*used.warnings, *few(n), *low_pop, *outside(where)])


METHOD = Method(
    name="rates",
    title=Text(sv="Händelser per invånare", en="Incidents per resident"),
    summary=Text(sv="Visar hur många händelser varje område har per invånare och år, med det intervall som slumpen ger, bredvid det som gäller för alla.",
                 en="Shows how many incidents each area has per resident and year, with the interval that chance gives, beside that of all together."),
    does_not=Text(
        sv="Är ingen rangordning: områden vars intervall överlappar kan lika gärna byta plats. Räknar dem som bor i området, inte dem som vistas där; "
           "ett centrum eller en station ser därför alltid värre ut. Säger inget om enskilda platser, personer eller framtiden.",
        en="Is no ranking: areas whose intervals overlap may as well change places. Counts those who live in the area, not those who are there, so a "
           "centre or a station always looks worse. Says nothing about single places, persons or the future."),
    needs=(Input("points"), Input("areas"), Input("period", required=False)),
    parameters=(DIVISION,),
    result=Layer(
        "rates", Text(sv="Händelser per invånare", en="Incidents per resident"), stored=False, label="name",
        chart=Chart("points", x="name", value="rate", low="low", high="high", beside="common"),
        columns=(AREA, INCIDENTS, Column("population", Text(sv="Invånare", en="Residents"), "number", decimals=0),
                 Column("rate", Text(sv="Per 100 000 inv. och år", en="Per 100,000 residents a year"), "number", decimals=0, discloses="incidents",
                        help=Text(sv="Saknas där färre än 100 bor.", en="Missing where fewer than 100 live.")),
                 Column("low", Text(sv="Intervall, från", en="Interval, from"), "number", decimals=0, discloses="incidents",
                        help=Text(sv="Exakt 95-procentigt intervall.", en="Exact 95% interval.")),
                 Column("high", Text(sv="Intervall, till", en="Interval, to"), "number", decimals=0, discloses="incidents"),
                 Column("smoothed", Text(sv="Utjämnat", en="Smoothed"), "number", decimals=0, discloses="incidents",
                        help=Text(sv="Talet draget mot det gemensamma, mer ju färre som bor i området (empirisk Bayes). Jämför områden med det här.",
                                  en="The rate drawn towards the common one, more the fewer live there (empirical Bayes). Compare areas by this.")),
                 Column("common", Text(sv="Alla tillsammans", en="All together"), "number", decimals=0, shown=False, discloses="incidents"))),
    compute=rates,
    least_precision="area",
    method_note=Text(
        sv="Exakt Poissonintervall (Garwood) för antalet, delat med invånare och år. Utjämnat tal: empirisk Bayes efter Marshall, mot det gemensamma talet.",
        en="Exact Poisson interval (Garwood) of the count, divided by residents and years. Smoothed: empirical Bayes after Marshall, towards the common rate."),
    references=("Garwood 1936, doi:10.1093/biomet/28.3-4.437", "Marshall 1991, doi:10.2307/2347593"))
