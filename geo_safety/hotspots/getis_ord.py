"""Clusters: where more, or fewer, incidents lie together than chance would put there."""
from __future__ import annotations

import math

import geopandas as gpd
import numpy as np

from ..analysis.counts import count
from ..analysis.neighbours import getis_ord_and_facts
from ..analysis.weighted import getis_ord_weighted
from ..model.cautions import Caution, caution
from ..model.describe import Code, Column, Input, Layer, Method, Parameter, Style
from ..model.features import Features
from ..text import Text
from .ground import (
    CELL,
    CELL_SIZE,
    CORRECTION,
    EXPECTED,
    INCIDENTS,
    INSIDE_SHARE,
    KIND,
    WEIGHTED,
    WEIGHTS,
    Ground,
    about_weights,
    denominator_of,
    finish,
    not_compared,
    prepare,
    refusal,
    severity_of,
)

LEAST_POINTS = 30
NEAR = 9                # cells that one gathering makes stand out together: its own and those that touch it


def getis_ord(points: gpd.GeoDataFrame, area: gpd.GeoDataFrame, exposure: gpd.GeoDataFrame | None = None, *, cell_size_m: float = 250,
              expected: str = "auto", reach_m: float | str = "touching", star: bool = True, p: str = "exact", n_perm: int = 999, correction: str = "fdr",
              kind: str = "square", weights: str = "none", person_weight: float = 3.0, property_weight: float = 2.0, order_weight: float = 1.0,
              seed: int = 1) -> Features:
    """Gi* for each cell over `area` where somebody lives, or there is an address or a street; see `analysis.neighbours.getis_ord`.

    expected: "auto" compares with residents, else addresses, else street metres, whichever is known first; "none" with no count.
    weights: "severity" weighs each incident by the level of its type; a weighted sum is no count, so p must be "permutation".

    Notes
    -----
    O = incidents_near, N all incidents in tested cells, q = E_i / E: what is compared with, near cell i and in all
    expected = N q; O is binomial (N, q); z = (O − N q) / √(N q (1 − q)); p = min(1, 2 min(P(≤ O), P(≥ O)))
    without a comparison: z = (O − W m) / (s √((n W − W²) / (n − 1))), W cells near, m and s mean and standard deviation of the n tested cells
    """
    ground = prepare(METHOD, points, area, exposure, cell_size_m=cell_size_m, kind=kind)
    denominator = denominator_of(ground, expected)
    against, near = None if denominator == "none" else denominator, "queen" if reach_m == "touching" else float(reach_m)
    each = severity_of(ground.points, weights, person=person_weight, property=property_weight, order=order_weight)
    if each is None:
        told, used = getis_ord_and_facts(count(ground.points, ground.grid), expected=against, value="incidents", neighbours=near, star=star, p=p, n_perm=n_perm,
                                         correction=correction, seed=seed)
        told = told.assign(weighted=np.nan)
    elif p != "permutation":
        raise refusal("WEIGHTED_P", method=METHOD.title)
    else:
        told, used = getis_ord_weighted(ground.points, ground.grid, each, expected=against, neighbours=near, star=star, n_perm=n_perm,
                                        correction=correction, seed=seed)
    facts = {name: value for name, value in used.items() if name not in ("cells", "tested", "star")} | {
        "expected": denominator, "neighbours": reach_m, "hot": int(told["cluster"].astype(str).str.startswith("hot").sum())}
    return finish(METHOD, ground, told, facts=facts, warnings=(
        *_doubts(ground, denominator, correction, used), *not_compared(ground, told, "cluster"), *about_weights(each)))


def _doubts(ground: Ground, denominator: str, correction: str, used: dict) -> list[Caution]:
    found = []
    if denominator == "none":
        found.append(caution("NOT_RISK_ADJUSTED"))
    if used.get("cells_with_fewer_neighbours", 1):
        found.append(caution("EDGE"))
    if correction == "none":
        found.append(caution("MANY_TESTS", n=ground.facts["tested"], expected=round(0.05 * ground.facts["tested"])))
    if used["p"] == "permutation" and correction != "none":
        alone = NEAR if correction == "fdr" else 1
        least = math.ceil(2 * ground.facts["tested"] / (alone * 0.05))  # draws with which so many cells alone can come below 0.05
        if used["n_perm"] < least:
            found.append(caution("FEW_DRAWS", n=used["n_perm"], tested=ground.facts["tested"], least=least))
    return found


CLUSTERS = (
    Code("hot_99", Text(sv="Anhopning, mycket säker", en="Cluster of high counts, very sure"), group="hot"),
    Code("hot_95", Text(sv="Anhopning, säker", en="Cluster of high counts, sure"), group="hot"),
    Code("hot_90", Text(sv="Anhopning, mindre säker", en="Cluster of high counts, less sure"), group="hot"),
    Code("none", Text(sv="Sticker inte ut", en="Does not stand out")),
    Code("cold_90", Text(sv="Ovanligt lite, mindre säkert", en="Cluster of low counts, less sure"), group="cold"),
    Code("cold_95", Text(sv="Ovanligt lite, säkert", en="Cluster of low counts, sure"), group="cold"),
    Code("cold_99", Text(sv="Ovanligt lite, mycket säkert", en="Cluster of low counts, very sure"), group="cold"),
    Code("left_out", Text(sv="Inte prövad", en="Not tested")))

METHOD = Method(
    name="getis_ord",
    title=Text(sv="Anhopningar (Gi*)", en="Clusters (Gi*)"),
    summary=Text(
        sv="Visar var fler händelser ligger samlade än vad slumpen brukar ge, jämfört med hur många som bor där (eller adresser, eller gata).",
        en="Shows where more incidents lie together than chance would put there, compared with how many live there (or addresses, or streets)."),
    does_not=Text(
        sv="En anhopning är ingen farlig plats, och en ruta som inte sticker ut är inte bevisat lugn. Jämförelsen gäller dem som bor där, inte "
           "dem som vistas där: centrum, skolor och stationer sticker lätt ut. Testet säger inte varför, inte vem och inget om framtiden.",
        en="A cluster is no dangerous place, and a cell that does not stand out is not proved calm. The comparison is with those who live "
           "there, not with those who are there: centres, schools and stations stand out easily. The test does not say why, not who, "
           "and nothing about the future."),
    needs=(Input("points"), Input("area"), Input("exposure", required=False)),
    parameters=(
        CELL_SIZE,
        EXPECTED,
        Parameter("reach_m", Text(sv="Grannar inom", en="Neighbours within"), "length_m", "touching", least=25, most=20_000, words=("touching",),
                  advanced=True,
                  help=Text(sv="»touching« tar de rutor som nuddar. Ett avstånd tar alla rutor vars mitt ligger så nära, bra när händelserna är få.",
                            en="“touching” takes the cells that touch. A distance takes all cells whose middle is that near, good when there are "
                               "few incidents.")),
        Parameter("star", Text(sv="Räkna med rutan själv (Gi*)", en="Count the cell itself too (Gi*)"), "boolean", True, advanced=True,
                  help=Text(sv="Nej prövar bara grannarna (Gi): är det samlat runt rutan, oavsett vad som händer i den?",
                            en="No tests the neighbours only (Gi): do incidents gather around the cell, whatever happens in it?")),
        Parameter("p", Text(sv="Slags p-värde", en="Kind of p"), "choice", "exact", advanced=True,
                  choices=(Code("exact", Text(sv="Exakt", en="Exact")), Code("permutation", Text(sv="Omkastning", en="Permutation")),
                           Code("normal", Text(sv="Normalfördelning", en="Normal distribution"))),
                  help=Text(sv="Med en jämförelse är p alltid exakt (binomialt). Normalfördelningen ger för många träffar när händelserna är glesa.",
                            en="With a comparison p is always exact (binomial). The normal distribution gives too many hits when incidents are sparse.")),
        Parameter("n_perm", Text(sv="Antal omkastningar", en="Number of permutations"), "integer", 999, least=99, most=99_999, advanced=True),
        CORRECTION, KIND, *WEIGHTS,
        Parameter("seed", Text(sv="Frö", en="Seed"), "integer", 1, least=0, most=2**31 - 1, advanced=True,
                  help=Text(sv="Samma frö ger samma omkastningar, så att körningen går att göra om.",
                            en="The same seed gives the same permutations, so that the run can be repeated."))),
    result=Layer(
        "getis_ord", Text(sv="Anhopningar", en="Clusters"), geometry="Polygon", stored=False,
        style=Style(colour_by="cluster", ramp="clusters"),
        columns=(
            CELL, INCIDENTS, WEIGHTED,
            Column("incidents_near", Text(sv="Med grannrutor", en="With neighbours"), "integer", discloses="incidents",
                   help=Text(sv="Händelser i rutan och dess grannar: det är summan som prövas.",
                             en="Incidents in the cell and its neighbours: it is the sum that is tested.")),
            Column("expected", Text(sv="Väntat", en="Expected"), "number", decimals=1, discloses="incidents",
                   help=Text(sv="Så många väntas av slumpen i rutan och dess grannar.", en="As many are expected by chance in the cell and its neighbours.")),
            Column("z", Text(sv="z", en="z"), "number", decimals=2, discloses="incidents",
                   help=Text(sv="Avstånd till det väntade, i standardavvikelser.", en="Distance from the expected, in standard deviations.")),
            Column("p", Text(sv="p", en="p"), "number", decimals=4, discloses="incidents", shown=False,
                   help=Text(sv="Sannolikheten för en så stor avvikelse åt något håll, av slump.",
                             en="The probability of so large a deviation to either side, by chance.")),
            Column("p_adjusted", Text(sv="p, korrigerat", en="p, corrected"), "number", decimals=4, discloses="incidents",
                   help=Text(sv="Korrigerat för att många rutor prövas.", en="Corrected for the number of cells tested.")),
            Column("cluster", Text(sv="Anhopning", en="Cluster"), "code", codes=CLUSTERS, discloses="incidents",
                   help=Text(sv="Mycket säker: korrigerat p under 0,01; säker: under 0,05; mindre säker: under 0,1.",
                             en="Very sure: corrected p below 0.01; sure: below 0.05; less sure: below 0.1.")),
            INSIDE_SHARE)),
    compute=getis_ord,
    least_points=LEAST_POINTS,
    rank_by=("z",),
    method_note=Text(
        sv="Getis och Ords Gi* på rutan och dess grannar. Med ett väntat antal är summan O binomial (N, E_i/E) och p exakt; utan jämförelse är p "
           "exakt ur fördelningen när alla prövade rutors antal byter plats. Tvåsidigt p: dubbla den mindre svansen. Bara rutor med en "
           "invånare, en adress eller en gata och minst fem procent av ytan inom området prövas, och bara de räknas som grannar.",
        en="Gi* of Getis and Ord on the cell and its neighbours. With an expected count the sum O is binomial (N, E_i/E) and p exact; without a "
           "comparison p is exact from the distribution when the counts of all tested cells change places. Two-sided p: twice the smaller "
           "tail. Only cells with a resident, an address or a street and at least five per cent of their area inside are tested, and only "
           "they count as neighbours."),
    references=("Getis & Ord 1992, doi:10.1111/j.1538-4632.1992.tb00261.x", "Ord & Getis 1995, doi:10.1111/j.1538-4632.1995.tb00912.x",
                "Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x",
                "Caldas de Castro & Singer 2006, doi:10.1111/j.0016-7363.2006.00682.x"))
