"""Density beside that of people: where incidents lie denser than residents, addresses or streets do."""
from __future__ import annotations

import geopandas as gpd
import numpy as np

from ..analysis.grids import inside_share
from ..analysis.relative_risk import relative_risk_and_facts
from ..model.cautions import caution
from ..model.describe import Column, Input, Layer, Method, Parameter, Style
from ..model.features import Features
from ..text import Text
from .getis_ord import CLUSTERS
from .ground import CELL, CELL_SIZE, EXPECTED, INCIDENTS, INSIDE_SHARE, KIND, denominator_of, finish, prepare

LEAST_POINTS = 30


def relative_risk(points: gpd.GeoDataFrame, area: gpd.GeoDataFrame, exposure: gpd.GeoDataFrame | None = None, *, cell_size_m: float = 250,
                  bandwidth_m: float | str = "auto", expected: str = "auto", n_perm: int = 199, kind: str = "square", seed: int = 1) -> Features:
    """Share of the incidents over share of the people, both smoothed alike; see `analysis.relative_risk.relative_risk`.

    Notes
    -----
    ratio(s) = f(s) / g(s), f(s) = (1/n) Σ_i K(|s − x_i|) / e(s) of n incidents, g(s) = Σ_j m_j K(|s − c_j|) / (e(s) Σ_j m_j) of m_j residents in cell c_j
    missing where g(s) is below 0.01 of its peak; K, h = bandwidth_m and e(s) as in kernel_density
    t(s) = (f(s) − g(s) − mean) / sd, mean and sd of the same over n_perm draws of n incidents by m_j
    p_adjusted(s) = (1 + draws with max |t| ≥ |t(s)|) / (n_perm + 1)
    """
    ground = prepare(METHOD, points, area, exposure, cell_size_m=cell_size_m, kind=kind)
    denominator = denominator_of(ground, expected)
    grid = ground.grid.assign(evenly=inside_share(ground.grid))
    told, used = relative_risk_and_facts(
        ground.points, "evenly" if denominator == "none" else denominator, grid, bandwidth_m=bandwidth_m, how="ratio", kernel="quartic", edge=True,
        normalise=True, mask=0.01, n_perm=n_perm, seed=seed)
    side = told["side"].astype(str).str.replace("more", "hot").str.replace("less", "cold")
    told = told.assign(cluster=np.where(ground.grid["tested"], side, "left_out"), ratio=told["risk"])
    doubts = [caution("NOT_RISK_ADJUSTED")] if denominator == "none" else []
    if used["bandwidth_m"] < 2 * cell_size_m:
        doubts.append(caution("BANDWIDTH_SMALL", bandwidth=used["bandwidth_m"], cell=cell_size_m))
    facts = {name: value for name, value in used.items() if name not in ("n", "n_b", "how", "mask", "seed")} | {
        "expected": denominator, "hot": int(told["cluster"].str.startswith("hot").sum())}
    return finish(METHOD, ground, told, facts=facts, warnings=tuple(doubts))


METHOD = Method(
    name="relative_risk",
    title=Text(sv="Täthet jämfört med befolkningen", en="Density compared with the population"),
    summary=Text(
        sv="Jämnar ut händelserna och dem som bor där (eller adresser, eller gata) på samma sätt, och visar var händelserna ligger tätare.",
        en="Smooths the incidents and those who live there (or addresses, or streets) alike, and shows where the incidents lie denser."),
    does_not=Text(
        sv="Kvoten 2 betyder dubbelt så många händelser per boende som i hela området, inte dubbel fara för den som går där: centrum, skolor och "
           "stationer har många besökare och få boende. Bandbredden bestämmer fläckarnas storlek. Säger inte varför och inget om framtiden.",
        en="A ratio of 2 means twice as many incidents per resident as in the whole area, not twice the danger for who walks there: centres, schools "
           "and stations have many visitors and few residents. The bandwidth decides how large the spots become. Does not say why, and nothing "
           "about the future."),
    needs=(Input("points"), Input("area"), Input("exposure", required=False)),
    parameters=(
        CELL_SIZE,
        Parameter("bandwidth_m", Text(sv="Bandbredd", en="Bandwidth"), "length_m", "auto", least=25, most=20_000, words=("auto", "ppl", "nrd"),
                  help=Text(sv="Hur långt en händelse och en boende sprids, samma för båda. Med auto väljs den ur händelserna, minst två rutor.",
                            en="How far an incident and a resident are spread, the same for both. With auto it is chosen from the incidents, at least "
                               "two cells.")),
        EXPECTED,
        Parameter("n_perm", Text(sv="Antal omkastningar", en="Number of permutations"), "integer", 199, least=99, most=9999, advanced=True,
                  help=Text(sv="Så många gånger läggs händelserna ut på måfå efter var folk bor.",
                            en="How many times the incidents are laid out by chance, after where people live.")),
        KIND,
        Parameter("seed", Text(sv="Frö", en="Seed"), "integer", 1, least=0, most=2**31 - 1, advanced=True,
                  help=Text(sv="Samma frö ger samma omkastningar, så att körningen går att göra om.",
                            en="The same seed gives the same permutations, so that the run can be repeated."))),
    result=Layer(
        "relative_risk", Text(sv="Täthet jämfört med befolkningen", en="Density compared with the population"), geometry="Polygon", stored=False,
        style=Style(colour_by="cluster", ramp="clusters"),
        columns=(
            CELL, INCIDENTS,
            Column("ratio", Text(sv="Kvot", en="Ratio"), "number", decimals=2, discloses="incidents",
                   help=Text(sv="Händelsernas andel delad med befolkningens, utjämnade. 1 är som i hela området; saknas där nästan ingen bor.",
                             en="The share of the incidents over that of the population, smoothed. 1 is as in the whole area; missing where hardly "
                                "anybody lives.")),
            Column("p", Text(sv="p", en="p"), "number", decimals=4, discloses="incidents", shown=False,
                   help=Text(sv="Sannolikheten för en så stor avvikelse i just den rutan, av slump.",
                             en="The probability of so large a deviation in this very cell, by chance.")),
            Column("p_adjusted", Text(sv="p, korrigerat", en="p, corrected"), "number", decimals=4, discloses="incidents",
                   help=Text(sv="Sannolikheten för en så stor avvikelse i någon ruta alls, av slump.",
                             en="The probability of so large a deviation in any cell at all, by chance.")),
            Column("cluster", Text(sv="Skillnad", en="Difference"), "code", codes=CLUSTERS, discloses="incidents",
                   help=Text(sv="Mycket säker: korrigerat p under 0,01; säker: under 0,05; mindre säker: under 0,1.",
                             en="Very sure: corrected p below 0.01; sure: below 0.05; less sure: below 0.1.")),
            INSIDE_SHARE)),
    compute=relative_risk,
    least_points=LEAST_POINTS,
    rank_by=("ratio", "incidents"),
    method_note=Text(
        sv="Kvoten mellan två kärntätheter (kvartisk) med samma bandbredd och kantkorrigering. Slumpen lägger lika många händelser efter var folk bor; "
           "en rutas avvikelse jämförs i standardavvikelser med den största i någon ruta vid varje omkastning.",
        en="The ratio of two kernel densities (quartic) with the same bandwidth and edge correction. Chance lays out as many incidents after where "
           "people live; the deviation of a cell is compared, in standard deviations, with the largest in any cell at each draw."),
    references=("Bithell 1990, doi:10.1002/sim.4780090616", "Kelsall & Diggle 1995, doi:10.2307/3318678"))
