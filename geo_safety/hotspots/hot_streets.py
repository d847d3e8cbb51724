"""Streets where more happens than their length explains: each incident counted at the nearest segment."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..analysis.precision import top_pile
from ..analysis.streets import hot_streets_and_facts
from ..model.cautions import Caution, caution
from ..model.describe import Code, Column, Input, Layer, Method, Parameter, Style
from ..model.features import Features
from ..text import Text, same
from .ground import CELL, CORRECTION, INCIDENTS, PILE_LEAST, PILE_SHARE, refusal, share_text, usable

METRES = same("m")


def hot_streets(points: gpd.GeoDataFrame, area: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, *, most_distance_m: float = 50, correction: str = "fdr") -> Features:
    """Incidents of each street that touches `area`, per 100 metres with interval, and those with more than chance puts on their length.

    `lines` as the layer *streets*: one row per segment, best from crossing to crossing, with `name` where it is known.

    Notes
    -----
    s = length_m / total length, N all incidents counted at a street; expected = N s
    p = P(X ≥ incidents), X binomial (N, s); per_100m = 100 incidents / length_m
    per_100m_low, per_100m_high: 100 / length_m times Garwood's ends, χ²(0.025; 2k) / 2 and χ²(0.975; 2k + 2) / 2 for k = incidents
    """
    used = usable(METHOD, points, area)
    near = lines[shapely.intersects(lines.geometry.to_numpy(), area.union_all())].reset_index(drop=True)
    if not len(near):
        raise refusal("NO_LINES", method=METHOD.title)
    told, facts, doubts = hot_streets_and_facts(used.points, near, most_distance_m=most_distance_m, correction=correction)
    told = told[told["length_m"] > 0]
    names = told["name"] if "name" in told.columns else pd.Series(None, index=told.index, dtype=object)
    columns = {"cell": np.arange(len(told)), "name": names.fillna("").astype(str)} | {
        column.name: told[column.name] for column in METHOD.result.columns if column.name not in ("cell", "name")}
    frame = gpd.GeoDataFrame(columns, geometry=told.geometry.to_numpy(), crs=told.crs).reset_index(drop=True)
    frame["cluster"] = frame["cluster"].astype(object).astype(str)
    frame = frame.astype({column.name: "int64" if column.kind == "integer" else "float64" for column in METHOD.result.columns
                          if column.kind in ("integer", "number")})
    return Features(METHOD.result, frame, facts).warned(*used.warnings, *_doubts(used.points, facts), *doubts)


def _doubts(points: gpd.GeoDataFrame, facts: dict) -> tuple[Caution, ...]:
    pile = top_pile(points)
    found = [caution("NOT_RISK_ADJUSTED")]
    if pile and pile.share >= PILE_SHARE and pile.incidents >= PILE_LEAST:
        found.append(caution("GEOCODE_PILE", share=share_text(pile.share), n=pile.incidents))
    if facts["too_far"]:
        found.append(caution("FAR_FROM_STREETS", n=facts["too_far"], metres=facts["most_distance_m"]))
    return tuple(found)


CLUSTERS = (
    Code("hot_99", Text(sv="Sticker ut, mycket säkert", en="Stands out, very sure"), group="hot"),
    Code("hot_95", Text(sv="Sticker ut, säkert", en="Stands out, sure"), group="hot"),
    Code("hot_90", Text(sv="Sticker ut, mindre säkert", en="Stands out, less sure"), group="hot"),
    Code("none", Text(sv="Sticker inte ut", en="Does not stand out")))

METHOD = Method(
    name="hot_streets",
    title=Text(sv="Gator", en="Streets"),
    summary=Text(sv="Visar längs vilka gator det händer mer än gatans längd förklarar, och hur många händelser det är per 100 meter.",
                 en="Shows along which streets more happens than their length explains, and how many incidents there are per 100 metres."),
    does_not=Text(
        sv="Räknar inte hur många som rör sig på gatan: en livlig gata sticker ut vad risken än är. En händelse räknas till närmaste gata, också när den "
           "skedde på "
           "en gård eller i ett hus intill. Talet för en kort gata vilar på få meter: läs intervallet. Säger inte varför, och inget om framtiden.",
        en="Does not count how many use the street: a busy street stands out whatever its risk. An incident counts to the nearest street, also when it "
           "happened in a "
           "yard or a house beside it. The rate of a short street rests on few metres: read the interval. Does not say why, and nothing about the future."),
    needs=(Input("points"), Input("area"), Input("lines", layer_role="street")),
    parameters=(
        Parameter("most_distance_m", Text(sv="Längst bort från gatan", en="Furthest from the street"), "length_m", 50, least=1, most=500,
                  help=Text(sv="En händelse längre bort än så från alla gator räknas inte till någon.",
                            en="An incident further than this from every street counts to none.")),
        CORRECTION),
    result=Layer(
        "hot_streets", Text(sv="Gator", en="Streets"), geometry="LineString", stored=False, label="name", style=Style(colour_by="cluster", ramp="clusters"),
        columns=(
            CELL, Column("name", Text(sv="Gata", en="Street"), "text", shown=False), INCIDENTS,
            Column("shared", Text(sv="Varav i korsningar", en="Of which at crossings"), "integer", discloses="incidents",
                   help=Text(sv="Lika nära en annan gata; delade mellan dem i tur och ordning.",
                             en="As near to another street; dealt out between them in turn.")),
            Column("length_m", Text(sv="Längd", en="Length"), "number", unit=METRES, decimals=0),
            Column("expected", Text(sv="Väntat", en="Expected"), "number", decimals=1, discloses="incidents",
                   help=Text(sv="Så många om händelserna låg jämnt längs alla gator.", en="As many if incidents were spread evenly along all streets.")),
            Column("per_100m", Text(sv="Per 100 m", en="Per 100 m"), "number", decimals=1, discloses="incidents"),
            Column("per_100m_low", Text(sv="Per 100 m, från", en="Per 100 m, from"), "number", decimals=1, discloses="incidents",
                   help=Text(sv="Exakt 95-procentigt intervall.", en="Exact 95% interval.")),
            Column("per_100m_high", Text(sv="Per 100 m, till", en="Per 100 m, to"), "number", decimals=1, discloses="incidents"),
            Column("p", Text(sv="p", en="p"), "number", decimals=4, discloses="incidents", shown=False,
                   help=Text(sv="Sannolikheten för så många eller fler av slump.", en="The probability of as many or more by chance.")),
            Column("p_adjusted", Text(sv="p, korrigerat", en="p, corrected"), "number", decimals=4, discloses="incidents",
                   help=Text(sv="Korrigerat för att många gator prövas.", en="Corrected for the number of streets tested.")),
            Column("cluster", Text(sv="Mot längden", en="Given its length"), "code", codes=CLUSTERS, discloses="incidents",
                   help=Text(sv="Mycket säkert: korrigerat p under 0,01; säkert: under 0,05; mindre säkert: under 0,1.",
                             en="Very sure: corrected p below 0.01; sure: below 0.05; less sure: below 0.1.")))),
    compute=hot_streets,
    least_points=30,
    rank_by=("incidents", "per_100m"),
    method_note=Text(
        sv="Varje händelse räknas till närmaste gata. Slumpen lägger händelser jämnt längs gatorna: av n händelser är antalet på en gata med andelen s av "
           "längden "
           "binomialt (n, s), och p exakt. Korsningar delas ut i tur och ordning, den längsta gatan först.",
        en="Each incident counts at the nearest street. Chance puts incidents evenly along the streets: of n incidents the number at a street with the "
           "share s of the "
           "length is binomial (n, s), and p exact. Crossings are dealt out in turn, the longest street first."),
    references=("Weisburd, Groff & Yang 2012, doi:10.1093/acprof:oso/9780195369083.001.0001", "Garwood 1936, doi:10.1093/biomet/28.3-4.437"))
