"""Likeness: cells with many incidents among cells with many, and cells that differ from what lies around them."""
from __future__ import annotations

import geopandas as gpd

from ..analysis.counts import count
from ..analysis.moran import local_moran_and_facts
from ..model.cautions import caution
from ..model.describe import Code, Column, Input, Layer, Method, Style
from ..model.features import Features
from ..text import Text
from .ground import CELL, CELL_SIZE, CORRECTION, EXPECTED, INCIDENTS, INSIDE_SHARE, KIND, denominator_of, finish, not_compared, prepare

LEAST_POINTS = 30


def local_moran(points: gpd.GeoDataFrame, area: gpd.GeoDataFrame, exposure: gpd.GeoDataFrame | None = None, *, cell_size_m: float = 250,
                expected: str = "auto", correction: str = "fdr", kind: str = "square") -> Features:
    """Local Moran's I for each cell over `area`; see `analysis.moran.local_moran`. expected: as in `getis_ord`.

    Notes
    -----
    x = incidents of the cell, N in all; r its share of what is compared with, q that of its neighbours divided by 1 − r
    near is binomial (N − x, q); expected_near = (N − x) q; z = (near − expected_near) / √((N − x) q (1 − q))
    moran_i = z (x − N r) / √(N r (1 − r)); p = min(1, 2 min(P(≤ near), P(≥ near)))
    without a comparison: moran_i = (x − m) (near − m) / s², m and s² mean and variance of all tested cells
    """
    ground = prepare(METHOD, points, area, exposure, cell_size_m=cell_size_m, kind=kind)
    denominator = denominator_of(ground, expected)
    told, used = local_moran_and_facts(
        count(ground.points, ground.grid), value="incidents", expected=None if denominator == "none" else denominator, rate=None,
        neighbours="queen", p="exact", n_perm=999, correction=correction, seed=1)
    if denominator == "none":
        told = told.assign(expected_near=float("nan"))
    else:
        told = told.assign(near=told["near"] / 1.0)
    doubts = [caution("NOT_RISK_ADJUSTED")] if denominator == "none" else []
    if correction == "none":
        doubts.append(caution("MANY_TESTS", n=ground.facts["tested"], expected=round(0.05 * ground.facts["tested"])))
    if denominator != "none":
        doubts += not_compared(ground, told, "cluster")
    facts = {name: used[name] for name in ("p", "correction", "level", "without_neighbours")} | {
        "expected": denominator, "stand_out": int(told["cluster"].isin(["high_high", "high_low", "low_high", "low_low"]).sum())}
    return finish(METHOD, ground, told, facts=facts, warnings=tuple(doubts))


CLUSTERS = (
    Code("high_high", Text(sv="Många bland många", en="Many among many"), group="alike"),
    Code("high_low", Text(sv="Många bland få", en="Many among few"), group="unlike"),
    Code("low_high", Text(sv="Få bland många", en="Few among many"), group="unlike"),
    Code("low_low", Text(sv="Få bland få", en="Few among few"), group="cold"),
    Code("none", Text(sv="Sticker inte ut", en="Does not stand out")),
    Code("left_out", Text(sv="Inte prövad", en="Not tested")))

METHOD = Method(
    name="local_moran",
    title=Text(sv="Likhet med grannarna (lokal Moran)", en="Likeness to the neighbours (local Moran)"),
    summary=Text(
        sv="Visar rutor med många händelser bland andra med många, och rutor som skiljer sig från sin omgivning åt endera hållet.",
        en="Shows cells with many incidents among others with many, and cells that differ from what lies around them either way."),
    does_not=Text(
        sv="Rutan prövas mot sina grannar, inte mot en gräns för hur mycket som är mycket: »Många bland få« kan vara två händelser där "
           "grannarna nästan inga har. En ruta som inte sticker ut är inte bevisat lugn. Testet säger inte varför, inte vem och inget om framtiden.",
        en="The cell is tested against its neighbours, not against a bound for how much is much: “Many among few” may be two incidents where "
           "the neighbours have hardly any. A cell that does not stand out is not proved calm. The test does not say why, not who, and nothing "
           "about the future."),
    needs=(Input("points"), Input("area"), Input("exposure", required=False)),
    parameters=(CELL_SIZE, EXPECTED, CORRECTION, KIND),
    result=Layer(
        "local_moran", Text(sv="Likhet med grannarna", en="Likeness to the neighbours"), geometry="Polygon", stored=False,
        style=Style(colour_by="cluster", ramp="clusters"),
        columns=(
            CELL, INCIDENTS,
            Column("near", Text(sv="Hos grannarna", en="In the neighbours"), "number", decimals=1, discloses="incidents",
                   help=Text(sv="Händelser i rutorna intill, sammanlagt; utan jämförelse i genomsnitt per ruta.",
                             en="Incidents in the cells that touch, together; without a comparison the mean per cell.")),
            Column("expected_near", Text(sv="Väntat hos grannarna", en="Expected in the neighbours"), "number", decimals=1,
                   help=Text(sv="Så många av de övriga händelserna som slumpen skulle ge rutorna intill.",
                             en="How many of the other incidents chance would give the cells that touch.")),
            Column("moran_i", Text(sv="Morans I", en="Moran's I"), "number", decimals=2, discloses="incidents", shown=False,
                   help=Text(sv="Över noll när rutan och grannarna avviker åt samma håll, under noll när de avviker åt var sitt.",
                             en="Above zero when the cell and its neighbours deviate to the same side, below when to different sides.")),
            Column("z", Text(sv="z", en="z"), "number", decimals=2, discloses="incidents", shown=False,
                   help=Text(sv="Avvikelsen hos grannarna i standardavvikelser.", en="The deviation of the neighbours in standard deviations.")),
            Column("p", Text(sv="p", en="p"), "number", decimals=4, discloses="incidents", shown=False,
                   help=Text(sv="Sannolikheten för en så stor avvikelse hos grannarna åt något håll, av slump.",
                             en="The probability of so large a deviation of the neighbours to either side, by chance.")),
            Column("p_adjusted", Text(sv="p, korrigerat", en="p, corrected"), "number", decimals=4, discloses="incidents",
                   help=Text(sv="Korrigerat för att många rutor prövas.", en="Corrected for the number of cells tested.")),
            Column("cluster", Text(sv="Likhet", en="Likeness"), "code", codes=CLUSTERS, discloses="incidents",
                   help=Text(sv="Rutor vars korrigerade p är under 0,05.", en="Cells whose corrected p is below 0.05.")),
            INSIDE_SHARE)),
    compute=local_moran,
    least_points=LEAST_POINTS,
    rank_by=("incidents",),
    method_note=Text(
        sv="Med en jämförelse är rutan hög när den har fler händelser än sin andel av det jämförda; givet rutans eget antal är grannarnas summa "
           "binomial och p exakt. Utan jämförelse är p exakt när de övriga rutornas antal byter plats. Tvåsidigt p, korrigerat över alla prövade rutor.",
        en="With a comparison a cell is high when it has more incidents than its share of what is compared with; given its own count the sum of the "
           "neighbours is binomial and p exact. Without one, p is exact when the counts of the other cells change places. Two-sided p, corrected over "
           "all tested cells."),
    references=("Anselin 1995, doi:10.1111/j.1538-4632.1995.tb00338.x", "Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x"))
