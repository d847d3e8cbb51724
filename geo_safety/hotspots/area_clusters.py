"""Whole areas that are like, or unlike, their neighbours: local Moran on the areas of a division, against their residents."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from ..analysis.moran import local_moran_and_facts
from ..errors import InputError
from ..model.cautions import caution
from ..model.describe import Column, Input, Layer, Method, Style
from ..model.features import Features
from ..text import Text
from .by_area import DIVISION, counted_in, numbers, of_division, outside
from .ground import CELL, CORRECTION, INCIDENTS, SMALL_N, registered
from .local_moran import CLUSTERS

LEAST_AREAS = 5


def area_clusters(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, *, division: str = "auto", correction: str = "fdr") -> Features:
    """Local Moran's I of the areas of a division; an area is high when it has more than its share of the residents. See `analysis.moran`.

    Notes
    -----
    x = incidents of the area, N in all; r its share of the residents, q that of its neighbours divided by 1 − r
    near is binomial (N − x, q); expected_near = (N − x) q; p = min(1, 2 min(P(≤ near), P(≥ near)))
    high: x > N r; high neighbours: near > expected_near
    """
    used, chosen = registered(METHOD, points), of_division(areas, division)
    where = counted_in(used.points, chosen)
    people = pd.to_numeric(chosen["population"]).fillna(0).to_numpy(dtype=float)
    told = gpd.GeoDataFrame({"name": chosen["name"], "incidents": numbers(where, chosen), "population": people}, geometry=chosen.geometry.to_numpy(),
                            crs=chosen.crs).assign(tested=people > 0)
    if told["tested"].sum() < LEAST_AREAS or not told["incidents"].any():
        raise InputError(Text(sv="Det krävs minst {least} områden med invånare, och någon händelse, för att jämföra områden med sina grannar.",
                              en="At least {least} areas with residents, and some incident, are needed to compare areas with their neighbours.").format(
                                  least=LEAST_AREAS))
    made, facts = local_moran_and_facts(told, value="incidents", expected="population", rate=None, neighbours="queen", p="exact", n_perm=999,
                                        correction=correction, seed=1)
    made = made.assign(cell=np.arange(len(made)))
    frame = gpd.GeoDataFrame({column.name: made[column.name].to_numpy() for column in METHOD.result.columns}, geometry=made.geometry.to_numpy(), crs=made.crs)
    frame = frame.astype({"cluster": object}).astype({"cluster": str, "name": str, "incidents": "int64", "cell": "int64"} | {
        column.name: "float64" for column in METHOD.result.columns if column.kind == "number"})
    n = int(frame["incidents"].sum())
    doubts = [*used.warnings, *((caution("SMALL_N", n=n),) if n < SMALL_N else ()), *outside(where)]
    if correction == "none":
        doubts.append(caution("MANY_AREAS", n=facts["tested"], expected=round(0.05 * facts["tested"], 1)))
    about = {"n": n, "areas": len(chosen), "expected": "residents", "p": facts["p"], "correction": correction, "level": facts["level"],
             "stand_out_areas": int(frame["cluster"].isin(["high_high", "high_low", "low_high", "low_low"]).sum())}
    return Features(METHOD.result, frame, about).warned(*doubts)


METHOD = Method(
    name="area_clusters",
    title=Text(sv="Områden och deras grannar", en="Areas and their neighbours"),
    summary=Text(
        sv="Visar områden där både området och dess grannar har många händelser per invånare, och områden som skiljer sig från sina grannar.",
        en="Shows areas where both the area and its neighbours have many incidents per resident, and areas that differ from their neighbours."),
    does_not=Text(
        sv="Säger inget om platser inom området, och inte om dem som bor där: händelserna hör ofta till ett torg eller en station. Med få områden kan "
           "nästan inget "
           "sticka ut. Är ingen rangordning, och säger inte varför och inget om framtiden.",
        en="Says nothing about places within the area, nor about those who live there: incidents often belong to a square or a station. With few areas hardly "
           "anything can stand out. Is no ranking, does not say why, and nothing about the future."),
    needs=(Input("points"), Input("areas")),
    parameters=(DIVISION, CORRECTION),
    result=Layer(
        "area_clusters", Text(sv="Områden och deras grannar", en="Areas and their neighbours"), geometry="MultiPolygon", stored=False, label="name",
        style=Style(colour_by="cluster", ramp="clusters"),
        columns=(
            CELL, Column("name", Text(sv="Område", en="Area"), "text", shown=False), INCIDENTS,
            Column("population", Text(sv="Invånare", en="Residents"), "number", decimals=0),
            Column("near", Text(sv="Hos grannarna", en="In the neighbours"), "number", decimals=0, discloses="incidents",
                   help=Text(sv="Händelser i områdena intill, sammanlagt.", en="Incidents in the areas that touch, together.")),
            Column("expected_near", Text(sv="Väntat hos grannarna", en="Expected in the neighbours"), "number", decimals=1,
                   help=Text(sv="Så många som deras andel av invånarna ger.", en="As many as their share of the residents gives.")),
            Column("moran_i", Text(sv="Morans I", en="Moran's I"), "number", decimals=2, discloses="incidents", shown=False),
            Column("p", Text(sv="p", en="p"), "number", decimals=4, discloses="incidents", shown=False,
                   help=Text(sv="Sannolikheten för en så stor avvikelse hos grannarna av slump.",
                             en="The probability of so large a deviation of the neighbours by chance.")),
            Column("p_adjusted", Text(sv="p, korrigerat", en="p, corrected"), "number", decimals=4, discloses="incidents",
                   help=Text(sv="Korrigerat för att flera områden prövas.", en="Corrected for several areas being tested.")),
            Column("cluster", Text(sv="Likhet", en="Likeness"), "code", codes=CLUSTERS, discloses="incidents",
                   help=Text(sv="Områden vars korrigerade p är under 0,05.", en="Areas whose corrected p is below 0.05.")))),
    compute=area_clusters,
    least_points=30,
    least_precision="area",
    rank_by=("incidents",),
    method_note=Text(
        sv="Lokal Moran på områden som gränsar till varandra. Ett område är högt när det har fler händelser än sin andel av invånarna; givet dess eget "
           "antal är "
           "grannarnas summa binomial och p exakt, tvåsidigt, korrigerat över alla områden.",
        en="Local Moran on areas with a common border. An area is high when it has more incidents than its share of the residents; given its own count the "
           "sum of "
           "the neighbours is binomial and p exact, two-sided, corrected over all areas."),
    references=("Anselin 1995, doi:10.1111/j.1538-4632.1995.tb00338.x", "Assunção & Reis 1999, "
                                                                        "doi:10.1002/(SICI)1097-0258(19990830)18:16<2147::AID-SIM179>3.0.CO;2-I"))
