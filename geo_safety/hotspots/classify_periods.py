"""How clusters last: persistent, emerging, intermittent or former."""
from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np

from ..analysis.classification import LEAST_STEPS, classify_periods_and_facts, steps
from ..analysis.counts import count
from ..analysis.trends import times_of
from ..model.cautions import caution
from ..model.describe import Code, Column, Input, Layer, Method, Parameter, Style
from ..model.features import Features
from ..text import Text
from .ground import CELL, CELL_SIZE, CORRECTION, EXPECTED, INCIDENTS, INSIDE_SHARE, KIND, denominator_of, finish, not_compared, prepare, refusal

TIME = "occurred_from"
LEAST_PER_STEP = 30     # each step is a Gi* of its own


def classify_periods(points: gpd.GeoDataFrame, area: gpd.GeoDataFrame, exposure: gpd.GeoDataFrame | None = None,
                     period: tuple[date, date] | None = None, *, cell_size_m: float = 250, step: str = "auto", expected: str = "auto",
                     correction: str = "fdr", kind: str = "square") -> Features:
    """In which steps of the period each cell was a cluster, and what pattern that makes; see `analysis.classification.classify_periods`.

    Notes
    -----
    a step is hot when z > 0 and the corrected p of Gi* in that step is below 0.05; H, R, B: share of hot steps in all, the last fifth, those before
    pattern = persistent when H ≥ 0.8, else emerging when R ≥ 0.1 > B, former when B ≥ 0.1 > R, intermittent when H, R or B ≥ 0.1, else none
    emerging and former also ask that the share of the cell and its neighbours in all incidents differs between the recent and the earlier steps,
    exact corrected p below 0.05; without that intermittent
    """
    ground = prepare(METHOD, points, area, exposure, cell_size_m=cell_size_m, kind=kind)
    denominator = denominator_of(ground, expected)
    _, borders = steps(times_of(ground.points, TIME).dt.tz_localize(None), step, period)
    if len(borders) <= LEAST_STEPS:
        raise refusal("TOO_FEW_STEPS", n=max(0, len(borders) - 1), least=LEAST_STEPS, method=METHOD.title)
    told, used = classify_periods_and_facts(
        ground.points, ground.grid, step=step, period=period, time=TIME, expected=None if denominator == "none" else denominator,
        p="exact", correction=correction, alpha=0.05, confirm=True)
    usual = int(np.median(used["incidents_per_step"]))
    if usual < LEAST_PER_STEP:
        raise refusal("TOO_FEW_PER_STEP", n=usual, least=LEAST_PER_STEP, method=METHOD.title)
    doubts = [caution("NOT_RISK_ADJUSTED")] if denominator == "none" else []
    if used["outside_steps"]:
        doubts.append(caution("OUTSIDE_STEPS", n=used["outside_steps"]))
    facts = {name: used[name] for name in ("steps", "recent_steps", "step", "p", "correction", "outside_steps")} | {
        "first_step": str(used["first_step"]), "end": str(used["end"]), "expected": denominator,
        "least_in_a_step": int(min(used["incidents_per_step"]))}
    told = count(ground.points, told)   # also those before the first step
    return finish(METHOD, ground, told, facts=facts, warnings=(*doubts, *not_compared(ground, told, "pattern")))


PATTERNS = (
    Code("persistent", Text(sv="Varaktig", en="Persistent"), group="now"),
    Code("emerging", Text(sv="Tilltagande", en="Emerging"), group="now"),
    Code("intermittent", Text(sv="Återkommande", en="Intermittent"), group="now"),
    Code("former", Text(sv="Tidigare", en="Former"), group="past"),
    Code("none", Text(sv="Sticker inte ut", en="Does not stand out")),
    Code("left_out", Text(sv="Inte prövad", en="Not tested")))

METHOD = Method(
    name="classify_periods",
    title=Text(sv="Anhopningar över tid", en="Clusters over time"),
    summary=Text(
        sv="Visar vilka anhopningar som är varaktiga, vilka som har tillkommit på sistone, vilka som kommer och går och vilka som har upphört.",
        en="Shows which clusters last, which have come lately, which come and go, and which have ended."),
    does_not=Text(
        sv="Säger inte varför en anhopning kom eller upphörde, och inte att en åtgärd verkade. »Tilltagande« beskriver det som har hänt, inte "
           "framtiden. En plats strax under gränsen kan vara lika utsatt som en strax över. Kräver många händelser: en kommun med få ser oftast inget.",
        en="Does not say why a cluster came or ended, nor that a measure worked. “Emerging” describes what has happened, not the future. A "
           "place just below the line may have as much as one just above. Takes many incidents: a municipality with few will mostly see nothing."),
    needs=(Input("points"), Input("area"), Input("exposure", required=False), Input("period", required=False)),
    parameters=(
        CELL_SIZE,
        Parameter("step", Text(sv="Tidssteg", en="Step of time"), "choice", "auto",
                  choices=(Code("auto", Text(sv="De längsta som ger åtta steg", en="The longest that give eight steps")),
                           Code("month", Text(sv="Månad", en="Month")), Code("quarter", Text(sv="Kvartal", en="Quarter")),
                           Code("half_year", Text(sv="Halvår", en="Half-year")), Code("year", Text(sv="År", en="Year"))),
                  help=Text(sv=f"Räknas bakåt från periodens slut; minst {LEAST_STEPS} steg, och helst minst {LEAST_PER_STEP} händelser i varje.",
                            en=f"Counted back from the end of the period; at least {LEAST_STEPS} steps, and preferably {LEAST_PER_STEP} incidents in each.")),
        EXPECTED, CORRECTION, KIND),
    result=Layer(
        "classify_periods", Text(sv="Anhopningar över tid", en="Clusters over time"), geometry="Polygon", stored=False,
        style=Style(colour_by="pattern", ramp="clusters"),
        columns=(
            CELL, INCIDENTS,
            Column("hot_steps", Text(sv="Steg som anhopning", en="Steps as a cluster"), "integer", discloses="incidents",
                   help=Text(sv="I hur många av tidsstegen rutan och dess grannar var en säker anhopning.",
                             en="In how many steps of time the cell and its neighbours were a sure cluster.")),
            Column("hot_recent", Text(sv="Varav sena", en="Of which recent"), "integer", discloses="incidents",
                   help=Text(sv="Samma, i den sista femtedelen av stegen.", en="The same, in the last fifth of the steps.")),
            Column("z_last", Text(sv="z, senast", en="z, last"), "number", decimals=2, discloses="incidents", shown=False,
                   help=Text(sv="Gi* i det sista steget.", en="Gi* in the last step.")),
            Column("pattern", Text(sv="Mönster", en="Pattern"), "code", codes=PATTERNS, discloses="incidents",
                   help=Text(sv="Varaktig: i minst 80 % av stegen. Tilltagande och tidigare: i minst 10 % av de sena respektive tidiga stegen men inte "
                                "av de andra, och skillnaden är större än slumpen brukar ge. Återkommande: övriga.",
                             en="Persistent: in at least 80% of the steps. Emerging and former: in at least 10% of the recent or the earlier steps but "
                                "not of the others, and the difference is larger than chance would give. Intermittent: the rest.")),
            INSIDE_SHARE)),
    compute=classify_periods,
    least_points=LEAST_STEPS * LEAST_PER_STEP,
    rank_by=("hot_steps", "incidents"),
    method_note=Text(
        sv="Gi* med exakt p för varje tidssteg, korrigerat över alla prövade rutor. Reglerna för mönstren är de som används i sfhotspot, med två fel "
           "rättade; tilltagande och tidigare kräver dessutom att områdets andel av händelserna ändrats mer än slumpen ger (exakt, korrigerat).",
        en="Gi* with exact p for each step, corrected over all tested cells. The rules of the patterns are those of sfhotspot with two faults put "
           "right; emerging and former also need the share of the incidents there to have changed beyond chance (exact, corrected)."),
    references=("Chainey 2021, Understanding Crime, ch. 5", "Ord & Getis 1995, doi:10.1111/j.1538-4632.1995.tb00912.x"))
