"""Clusters of any size: circles of all sizes tried at once, and the p allows for all of them."""
from __future__ import annotations

import geopandas as gpd
import numpy as np

from ..analysis.counts import count
from ..analysis.grids import inside_share
from ..analysis.scan import scan_and_facts
from ..model.cautions import caution
from ..model.describe import Code, Column, Input, Layer, Method, Parameter, Style
from ..model.features import Features
from ..text import Text
from .ground import CELL, CELL_SIZE, EXPECTED, INCIDENTS, INSIDE_SHARE, KIND, denominator_of, finish, prepare

LEAST_POINTS = 30
LEVELS = (0.01, 0.05, 0.1)


def scan(points: gpd.GeoDataFrame, area: gpd.GeoDataFrame, exposure: gpd.GeoDataFrame | None = None, *, cell_size_m: float = 250,
         expected: str = "auto", most_radius_m: float = 1000, most_share: float = 0.2, n_perm: int = 999, kind: str = "square",
         seed: int = 1) -> Features:
    """The cells over `area` in the circles with most more than expected; see `analysis.scan.scan`. expected: as in `getis_ord`.

    Notes
    -----
    c = cluster_incidents of C in all; e = cluster_expected = C × the share of the circle in what is compared with
    llr = c ln(c/e) + (C − c) ln((C − c) / (C − e)) for c > e, else 0; ratio = (c/e) / ((C − c) / (C − e))
    p = (1 + draws whose largest llr anywhere ≥ llr) / (n_perm + 1)
    """
    ground = prepare(METHOD, points, area, exposure, cell_size_m=cell_size_m, kind=kind)
    denominator = denominator_of(ground, expected)
    told = count(ground.points, ground.grid)
    tested = told["tested"].to_numpy()
    by = inside_share(told) if denominator == "none" else np.nan_to_num(told[denominator].to_numpy(dtype=float))
    clusters, used, _ = scan_and_facts(
        told.assign(by=by)[tested], cases="incidents", population="by", expected=None, controls=None, model="poisson", most_share=most_share,
        most_radius_m=most_radius_m, least_cases=2, n_perm=n_perm, seed=seed)
    clusters = clusters[clusters["p"] < max(LEVELS)]
    told["cluster"] = np.where(tested, "none", "left_out")
    columns = {"cluster_number": "cluster", "cluster_incidents": "cases", "cluster_expected": "expected", "ratio": "ratio", "ratio_low": "ratio_low",
               "ratio_high": "ratio_high", "llr": "llr", "p": "p"}
    told[list(columns)] = np.nan
    for row in clusters.to_dict("records"):
        members = list(row["areas"])
        told.loc[members, "cluster"] = "hot_" + ("99", "95", "90")[int(np.digitize(row["p"], LEVELS))]
        told.loc[members, list(columns)] = [row[name] if np.isfinite(row[name]) else np.nan for name in columns.values()]
    facts = {name: used[name] for name in ("circles", "most_share", "most_radius_m", "cases_without_expected", "p", "n_perm")} | {
        "expected": denominator, "clusters": len(clusters), "hot": int(told["cluster"].str.startswith("hot").sum())}
    return finish(METHOD, ground, told, facts=facts, warnings=(caution("NOT_RISK_ADJUSTED"),) if denominator == "none" else ())


CLUSTERS = (
    Code("hot_99", Text(sv="Anhopning, mycket säker", en="Cluster of high counts, very sure"), group="hot"),
    Code("hot_95", Text(sv="Anhopning, säker", en="Cluster of high counts, sure"), group="hot"),
    Code("hot_90", Text(sv="Anhopning, mindre säker", en="Cluster of high counts, less sure"), group="hot"),
    Code("none", Text(sv="Sticker inte ut", en="Does not stand out")),
    Code("left_out", Text(sv="Inte prövad", en="Not tested")))

METHOD = Method(
    name="scan",
    title=Text(sv="Anhopningar i cirklar (scan)", en="Clusters in circles (scan)"),
    summary=Text(
        sv="Prövar cirklar av alla storlekar och visar de platser där fler händelser ligger samlade än vad slumpen ger någonstans i området.",
        en="Tries circles of all sizes and shows the places where more incidents lie together than chance gives anywhere in the area."),
    does_not=Text(
        sv="Cirkelns kant är ingen gräns: rutor i cirkeln kan vara lugna, och rutor utanför drabbade. Älvar, järnvägar och vägar syns inte för "
           "den. Kvoten gäller en plats som valdes för att den stack ut och är därför ofta för hög. Jämförelsen gäller dem som bor där, inte dem som "
           "vistas där. Testet säger inte varför, inte vem och inget om framtiden.",
        en="The edge of the circle is no border: cells inside may be calm, cells outside afflicted. It does not see rivers, railways and roads. The "
           "ratio is that of a place picked because it stood out, and so is often too high. The comparison is with those who live there, not "
           "with those who are there. The test does not say why, not who, and nothing about the future."),
    needs=(Input("points"), Input("area"), Input("exposure", required=False)),
    parameters=(
        CELL_SIZE, EXPECTED,
        Parameter("most_radius_m", Text(sv="Största radie", en="Greatest radius"), "length_m", 1000, least=25, most=50_000,
                  help=Text(sv="Bestäm innan du tittar. Större cirklar hittar stadsdelar, mindre hittar platser som går att åtgärda.",
                            en="Decide before you look. Larger circles find districts, smaller ones find places where something can be done.")),
        Parameter("most_share", Text(sv="Största andel i en cirkel", en="Greatest share in a circle"), "number", 0.2, least=0.01, most=0.5, advanced=True,
                  help=Text(sv="Så stor del av alla invånare (eller det som jämförs med) får en cirkel högst rymma: 0,2 är en femtedel.",
                            en="A circle holds at most this share of all residents (or what is compared with): 0.2 is a fifth.")),
        Parameter("n_perm", Text(sv="Antal simuleringar", en="Number of simulations"), "integer", 999, least=99, most=9999, advanced=True),
        KIND,
        Parameter("seed", Text(sv="Frö", en="Seed"), "integer", 1, least=0, most=2**31 - 1, advanced=True,
                  help=Text(sv="Samma frö ger samma simuleringar, så att körningen går att göra om.",
                            en="The same seed gives the same simulations, so that the run can be repeated."))),
    result=Layer(
        "scan", Text(sv="Anhopningar i cirklar", en="Clusters in circles"), geometry="Polygon", stored=False,
        style=Style(colour_by="cluster", ramp="clusters"),
        columns=(
            CELL, INCIDENTS,
            Column("cluster", Text(sv="Anhopning", en="Cluster"), "code", codes=CLUSTERS, discloses="incidents",
                   help=Text(sv="Mycket säker: p under 0,01; säker: under 0,05; mindre säker: under 0,1. p räknar med alla cirklar som prövats.",
                             en="Very sure: p below 0.01; sure: below 0.05; less sure: below 0.1. The p allows for all circles tried.")),
            Column("cluster_number", Text(sv="Cirkel", en="Circle"), "number", decimals=0,
                   help=Text(sv="1 är den som avviker mest. Cirklarna överlappar inte varandra.",
                             en="1 is the one that deviates most. The circles do not overlap.")),
            Column("cluster_incidents", Text(sv="Händelser i cirkeln", en="Incidents in the circle"), "number", decimals=0, discloses="incidents"),
            Column("cluster_expected", Text(sv="Väntat i cirkeln", en="Expected in the circle"), "number", decimals=1, discloses="incidents",
                   help=Text(sv="Så många väntas av slumpen i hela cirkeln.", en="As many are expected by chance in the whole circle.")),
            Column("ratio", Text(sv="Kvot", en="Ratio"), "number", decimals=2, discloses="incidents",
                   help=Text(sv="Händelser mot väntat i cirkeln, delat med samma tal utanför. Saknas när allt ligger i cirkeln.",
                             en="Incidents to expected inside the circle, divided by the same outside. Missing when all lie inside.")),
            Column("ratio_low", Text(sv="Kvot, från", en="Ratio, from"), "number", decimals=2, discloses="incidents",
                   help=Text(sv="Undre änden av det exakta 95-procentiga intervallet, utan hänsyn till att cirkeln valdes för att den stack ut.",
                             en="Lower end of the exact 95% interval, not allowing for the circle being picked because it stood out.")),
            Column("ratio_high", Text(sv="Kvot, till", en="Ratio, to"), "number", decimals=2, discloses="incidents",
                   help=Text(sv="Övre änden av intervallet.", en="Upper end of the interval.")),
            Column("llr", Text(sv="Logaritmerad likelihoodkvot", en="Log likelihood ratio"), "number", decimals=1, discloses="incidents", shown=False),
            Column("p", Text(sv="p", en="p"), "number", decimals=3, discloses="incidents",
                   help=Text(sv="Sannolikheten att slumpen ger en cirkel som avviker så mycket någonstans i området.",
                             en="The probability that chance gives a circle that deviates as much anywhere in the area.")),
            INSIDE_SHARE)),
    compute=scan,
    least_points=LEAST_POINTS,
    rank_by=("llr", "incidents"),
    method_note=Text(
        sv="Kulldorffs cirkulära scan, Poissonmodellen. Runt mitten av varje prövad ruta växer en cirkel ruta för ruta; rutor på samma avstånd kommer med "
           "samtidigt. Den cirkel vars likelihoodkvot är störst visas, därefter de största som inte överlappar den. p är andelen simuleringar där "
           "slumpen, i proportion till det väntade, ger en minst lika stor kvot någonstans, så att alla cirklar är medräknade.",
        en="Kulldorff's circular scan, Poisson model. Around the middle of each tested cell a circle grows cell by cell; cells equally far away come in "
           "together. The circle with the largest likelihood ratio is shown, then the largest that do not overlap it. p is the share of simulations in "
           "which chance, in proportion to what is expected, gives a ratio as large anywhere, so that all circles are allowed for."),
    references=("Kulldorff 1997, doi:10.1080/03610929708831995", "Kulldorff & Nagarwalla 1995, doi:10.1002/sim.4780140809"))
