"""Clusters that may be shared with partners: classes alone, from masked places, on wide cells, with small counts left untold."""
from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np

from ..analysis.counts import count
from ..analysis.geomask import K, geomask_donut, privacy_effect
from ..analysis.neighbours import getis_ord
from ..analysis.suppression import MIN_COUNT
from ..model.cautions import caution
from ..model.describe import Code, Column, Input, Layer, Method, Parameter, Style
from ..model.features import Features
from ..text import Text
from .ground import CELL, EXPECTED, denominator_of, prepare, refusal, share_text

LEAST_POINTS = 30
LEAST_CELL_M = 250.0
LEVEL = 0.05


def shared_clusters(points: gpd.GeoDataFrame, area: gpd.GeoDataFrame, exposure: gpd.GeoDataFrame | None = None, key: bytes | None = None,
                    period: tuple[date, date] | None = None, *, cell_size_m: float = 500, expected: str = "auto", k: int = K) -> Features:
    """Which cells stand out, as a class and nothing else: no count, density, z or p leaves.

    Places are first masked (`analysis.geomask`, under the secret `key` of the municipality, so that asking twice gives nothing to average); cells with 1 to
    4 masked incidents are not told and take no part in the test. `overlap` among the facts is the share of cells that stand out both with true and with
    masked places: what masking did to the hotspots.

    Notes
    -----
    each place is moved by d, R/2 ≤ d ≤ R, in a direction given by the key; R = √(k / (π ρ)), ρ households per m² around it, 100 m ≤ R ≤ 2,000 m, d ≥ 50 m
    a cell with 1 to 4 moved places is not told; hot_95: Gi* of the others above the expected, p corrected over them below 0.05
    overlap = cells hot both with true and with moved places / cells hot with either
    """
    if key is None:
        raise refusal("NO_MASK_KEY", method=METHOD.title)
    if period is not None and any(day.day != 1 for day in period):
        raise refusal("WHOLE_MONTHS", method=METHOD.title)
    ground = prepare(METHOD, points, area, exposure, cell_size_m=cell_size_m, kind="square")
    denominator = denominator_of(ground, expected)
    against = None if denominator == "none" else denominator
    households = exposure if exposure is not None and len(exposure) else ground.grid.assign(addresses=0)
    masked = geomask_donut(ground.points, households, key=key, k=k)
    told = count(masked, ground.grid)
    small = told["incidents"].between(1, MIN_COUNT - 1).to_numpy()
    told["tested"] = told["tested"].to_numpy() & ~small
    if not told.loc[told["tested"], "incidents"].any():
        raise refusal("ALL_SMALL", method=METHOD.title)
    cluster = getis_ord(told, expected=against)["cluster"].astype(str)
    hot = cluster.isin(["hot_99", "hot_95"]).to_numpy()
    classes = np.where(cluster == "left_out", "left_out", np.where(hot, "hot_95", "none"))
    effect = privacy_effect(ground.points, masked, ground.grid, expected=against)
    frame = gpd.GeoDataFrame({"cell": np.arange(len(told)), "class": classes}, geometry=told.geometry.to_numpy(), crs=told.crs)
    facts = {"n": len(ground.points), "cell_size_m": cell_size_m, "expected": denominator, "hidden_among": k, "moved_m": round(effect.moved_m, -1),
             "overlap": None if np.isnan(effect.jaccard) else round(effect.jaccard, 2)}
    kept = ground.grid["tested"].to_numpy() | small
    doubts = [doubt for doubt in ground.warnings if doubt.code == "NO_EXPOSURE"]
    if denominator == "none":
        doubts.append(caution("NOT_RISK_ADJUSTED"))
    doubts.append(caution("MASKED", share=share_text(float(small[kept].mean()))))
    if not effect.wide_enough:
        doubts.append(caution("MASK_WIDER_THAN_CELLS", moved=round(effect.moved_m)))
    return Features(METHOD.result, frame[kept].reset_index(drop=True), facts).warned(*doubts)


CLASSES = (
    Code("hot_95", Text(sv="Fler än väntat", en="More than expected"), group="hot"),
    Code("none", Text(sv="Sticker inte ut", en="Does not stand out")),
    Code("left_out", Text(sv="Sägs inte: för få händelser, eller inget att jämföra med", en="Not told: too few incidents, or nothing to compare with")))

METHOD = Method(
    name="shared_clusters",
    title=Text(sv="Anhopningar att dela", en="Clusters to share"),
    summary=Text(sv="Visar i tre klasser var fler händelser ligger samlade än väntat, gjort så att ingen plats kan räknas tillbaka. För samverkan utanför "
                    "kommunen.",
                 en="Shows in three classes where more incidents lie together than expected, made so that no place can be computed back. For partners."),
    does_not=Text(
        sv="Säger inget om enskilda adresser: platserna är flyttade innan något räknats. Rutor med få händelser sägs inte, och det betyder inte att de är "
           "lugna. "
           "Klassen är ingen rangordning, ingen risk och säger inget om framtiden.",
        en="Says nothing of single addresses: places were moved before anything was counted. Cells with few incidents are not told, which does not mean "
           "that they "
           "are calm. The class is no ranking, no risk and says nothing about the future."),
    needs=(Input("points"), Input("area"), Input("exposure", required=False), Input("key", required=False), Input("period", required=False)),
    parameters=(
        Parameter("cell_size_m", Text(sv="Rutans sida", en="Cell size"), "length_m", 500, least=LEAST_CELL_M, most=5000,
                  help=Text(sv="Minst 250 m. Vidare rutor tål mer flyttning.", en="At least 250 m. Wider cells bear more moving.")),
        EXPECTED,
        Parameter("k", Text(sv="Göms bland så många hushåll", en="Hidden among as many households"), "integer", K, least=K, most=500, advanced=True)),
    result=Layer(
        "shared_clusters", Text(sv="Anhopningar att dela", en="Clusters to share"), geometry="Polygon", stored=False, leaves_at="PARTNER",
        style=Style(colour_by="class", ramp="clusters"),
        columns=(CELL, Column("class", Text(sv="Klass", en="Class"), "code", codes=CLASSES))),
    compute=shared_clusters,
    least_points=LEAST_POINTS,
    rank_by=("class",),
    method_note=Text(
        sv="Varje plats flyttas slumpvis, alltid lika under kommunens hemliga nyckel, så långt att minst tjugo hushåll ligger inom räckhåll. De flyttade "
           "platserna räknas "
           "i rutor; 1 till 4 sägs inte. Gi* på resten, korrigerat för många test; bara klassen lämnar programmet.",
        en="Each place is moved at random, always alike under the secret key of the municipality, so far that at least twenty households lie within reach. "
           "The moved "
           "places are counted in cells; 1 to 4 is not told. Gi* on the rest, corrected for many tests; only the class leaves the program."),
    references=("Hampton et al. 2010, doi:10.1093/aje/kwq248", "Wang et al. 2019, ISPRS International Journal of Geo-Information 8:544",
                "Ord & Getis 1995, doi:10.1111/j.1538-4632.1995.tb00912.x"))
