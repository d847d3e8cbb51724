"""Near repeats: does more happen near a place soon after something happened there than chance gives?"""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from ..analysis.near_repeat import near_repeat_and_facts
from ..hotspots.ground import SMALL_N, usable
from ..model.cautions import caution
from ..model.describe import Chart, Code, Column, Input, Layer, Method, Parameter
from ..model.features import Features
from ..text import Text, same
from .ground import LEVEL, SEED, TIME, timed, told

METRES = same("m")


def near_repeat(points: gpd.GeoDataFrame, area: gpd.GeoDataFrame, *, band_m: float = 100, bands: int = 4, band_days: int = 7, time_bands: int = 4,
                metric: str = "euclidean", n_perm: int = 999, seed: int = 1) -> Features:
    """Pairs by distance and days apart beside what chance gives (Knox); the first band is the same place. See `analysis.near_repeat`.

    Notes
    -----
    expected = (pairs in the band of distance) × (pairs in the band of time) / (n (n − 1) / 2); ratio = pairs / expected
    p = (1 + permutations with as many pairs) / (n_perm + 1)
    p_adjusted: the same for the largest excess in any band, 2 (pairs ln(pairs / expected) − (pairs − expected)) × expected / variance
    """
    timely = timed(METHOD, points)
    used = usable(METHOD, timely.points, area)
    metres = (0.0, 1.0, *(band_m * np.arange(1, bands + 1))) if band_m > 1 else (0.0, *(band_m * np.arange(1, bands + 1)))
    days = (0, *(band_days * np.arange(1, time_bands + 1) + 1))
    table, facts, doubts = near_repeat_and_facts(used.points, distance_bands_m=metres, time_bands_days=days, metric=metric, n_perm=n_perm, seed=seed, time=TIME)
    nearest = np.where(table["distance_from_m"] > 0, table["distance_from_m"], 0)
    table = table.assign(
        distance=np.where(table["distance_to_m"] <= 1, "0", _band(nearest, table["distance_to_m"])), days=_band(table["days_from"], table["days_to"] - 1),
        stands_out=table["p_adjusted"] < LEVEL)
    n = int(facts["n"])
    return told(METHOD, table, facts, [*timely.warnings, *used.warnings, *((caution("SMALL_N", n=n),) if n < SMALL_N else ()), *doubts])


def _band(low: pd.Series | np.ndarray, high: pd.Series | np.ndarray) -> np.ndarray:
    return np.array([f"{int(a)}–{int(b)}" for a, b in zip(low, high, strict=True)], dtype=object)


METHOD = Method(
    name="near_repeat",
    title=Text(sv="Upprepning i närheten", en="Near repeats"),
    summary=Text(sv="Visar om fler händelser än väntat följer tätt på varandra i både tid och rum, till exempel en våg av inbrott i ett kvarter.",
                 en="Shows whether more incidents than expected follow close upon each other in both time and space, such as a wave of burglaries in a block."),
    does_not=Text(
        sv="Säger inte var nästa händelse sker och inte att det är samma gärningsperson. Där ett område byggs ut eller blir oroligare under perioden hör "
           "nära och "
           "snart ihop utan någon upprepning. Ett mönster i staden är inget mönster på en enskild gata.",
        en="Does not say where the next incident will be, nor that it is the same offender. Where an area grows or gets more restless in the period, near "
           "and soon "
           "go together without any repeat. A pattern of the town is no pattern of a single street."),
    needs=(Input("points"), Input("area")),
    parameters=(
        Parameter("band_m", Text(sv="Avståndssteg", en="Step of distance"), "length_m", 100, least=10, most=5000,
                  help=Text(sv="Så breda är banden av avstånd. Samma plats är alltid ett band för sig.",
                            en="As wide are the bands of distance. The same place is always a band of its own.")),
        Parameter("bands", Text(sv="Antal avståndsband", en="Bands of distance"), "integer", 4, least=1, most=20, advanced=True),
        Parameter("band_days", Text(sv="Tidssteg i dagar", en="Step of time in days"), "integer", 7, least=1, most=366),
        Parameter("time_bands", Text(sv="Antal tidsband", en="Bands of time"), "integer", 4, least=1, most=20, advanced=True),
        Parameter("metric", Text(sv="Avstånd", en="Distance"), "choice", "euclidean", advanced=True, choices=(
            Code("euclidean", Text(sv="Fågelvägen", en="As the crow flies")), Code("manhattan", Text(sv="Rutnätsgator (öst plus nord)",
                                                                                                     en="Grid of streets (east plus north)")))),
        Parameter("n_perm", Text(sv="Antal omkastningar", en="Number of permutations"), "integer", 999, least=99, most=99_999, advanced=True),
        SEED),
    result=Layer(
        "near_repeat", Text(sv="Par nära i tid och rum", en="Pairs near in time and space"), stored=False,
        chart=Chart("heat", x="days", y="distance", value="ratio", marked="stands_out", reference=1),
        columns=(Column("distance", Text(sv="Avstånd", en="Distance"), "text", unit=METRES,
                        help=Text(sv="0 är samma plats: närmare än en meter.", en="0 is the same place: nearer than a metre.")),
                 Column("days", Text(sv="Dagar emellan", en="Days apart"), "text"),
                 Column("pairs", Text(sv="Par", en="Pairs"), "integer"),
                 Column("expected", Text(sv="Väntat", en="Expected"), "number", decimals=1, discloses="pairs",
                        help=Text(sv="Så många par om platser och dagar inte hörde ihop.",
                                  en="As many pairs if places and days had nothing to do with each other.")),
                 Column("ratio", Text(sv="Kvot", en="Ratio"), "number", decimals=2, discloses="pairs",
                        help=Text(sv="Par mot väntat (Knoxkvot). Saknas där inga par kan finnas.",
                                  en="Pairs to expected (Knox ratio). Missing where no pair can be.")),
                 Column("chance_low", Text(sv="Slumpens band, från", en="Chance band, from"), "number", decimals=0, discloses="pairs"),
                 Column("chance_high", Text(sv="Slumpens band, till", en="Chance band, to"), "number", decimals=0, discloses="pairs",
                        help=Text(sv="Mellan dem ligger 95 procent av omkastningarna.", en="Between these lie 95 per cent of the permutations.")),
                 Column("p", Text(sv="p", en="p"), "number", decimals=4, discloses="pairs", shown=False,
                        help=Text(sv="Sannolikheten för så många par av ren slump.", en="The probability of as many pairs by mere chance.")),
                 Column("p_adjusted", Text(sv="p, korrigerat", en="p, corrected"), "number", decimals=4, discloses="pairs",
                        help=Text(sv="Korrigerat för att alla band prövas.", en="Corrected for all bands being tested.")),
                 Column("stands_out", Text(sv="Mer än slump", en="Beyond chance"), "boolean", discloses="pairs",
                        help=Text(sv="Korrigerat p under 0,05.", en="Corrected p below 0.05.")))),
    compute=near_repeat,
    least_points=30,
    method_note=Text(
        sv="Knox test: par räknas per avstånds- och tidsband. Väntat antal är exakt; p kommer av att dagarna byter plats mellan händelserna, och korrigeras "
           "för alla "
           "band genom det största värdet i varje omkastning.",
        en="The Knox test: pairs are counted by band of distance and time. The expected number is exact; p comes from the days changing places between "
           "incidents, "
           "corrected over all bands by the largest value in each permutation."),
    references=("Knox 1964, doi:10.2307/2985220", "Townsley, Homel & Chaseling 2003, doi:10.1093/bjc/43.3.615", "Ratcliffe & Rengert 2008, "
                                                                                                                "doi:10.1057/palgrave.sj.8350068"))
