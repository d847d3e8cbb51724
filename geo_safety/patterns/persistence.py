"""How well past hotspots persisted: how much of the later period lay in the cells that had most in the earlier one. Both periods are past."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from ..analysis.accuracy import LEAST_STEPS, pai_table
from ..analysis.grids import inside_share
from ..errors import InputError
from ..hotspots.ground import CELL_SIZE, WEIGHTS, about_weights, prepare, severity_of, usable
from ..model.cautions import caution
from ..model.describe import Chart, Column, Input, Layer, Method
from ..model.features import Features
from ..text import Text, number
from .ground import INCIDENTS, SEED, TIME, few, local_days, timed, told


def persistence(points: gpd.GeoDataFrame, points_before: gpd.GeoDataFrame, area: gpd.GeoDataFrame, exposure: gpd.GeoDataFrame | None = None, *,
                cell_size_m: float = 250, weights: str = "none", person_weight: float = 3.0, property_weight: float = 2.0, order_weight: float = 1.0,
                seed: int = 1) -> Features:
    """Hit rate, PAI, PEI and recapture of the busiest 1, 5 and 10 % of the ground of the compared period, in the later one.

    weights: with "severity" cells are ranked by weight, and all but `hits` and `incidents` is said of the weight.

    Notes
    -----
    hit_rate = hits / incidents; pai = hit_rate / share
    pei = hits / the most that cells of as much ground could hold; recapture_rate = hit_rate / (the same share of the period before)
    """
    timely, earlier = timed(METHOD, points), timed(METHOD, points_before)
    if not earlier.points[TIME].max() < timely.points[TIME].min():
        raise InputError(Text(sv="Jämförelseperioden måste ligga helt före perioden: först det som pekar ut rutorna, sedan det som prövar dem.",
                              en="The compared period must lie wholly before the period: first what picks the cells, then what tries them."))
    ground = prepare(METHOD, timely.points, area, exposure, cell_size_m=cell_size_m, kind="square")
    before = usable(METHOD, earlier.points, area)
    tested = ground.grid["tested"].to_numpy()
    levels = {"person": person_weight, "property": property_weight, "order": order_weight}
    each, each_before = (severity_of(frame, weights, **levels) for frame in (ground.points, before.points))
    past = np.bincount(ground.cells(before.points), each_before, minlength=len(tested))[tested]
    week = ((local_days(ground.points) - local_days(ground.points).min()).days // 7).to_numpy()
    size = inside_share(ground.grid)[tested]
    table = _table(past, week, ground.cells(), each, tested, size, seed)
    if each is not None:    # the plain count always stands beside
        table[["hits", "incidents"]] = _table(past, week, ground.cells(), None, tested, size, seed)[["hits", "incidents"]]
    table = table.assign(share=[f"{number(100 * share, 'en')} %" for share in table["area_share"]], incidents=table["incidents"].astype(int))
    n, weeks = len(ground.points), int(week.max()) + 1
    doubts = [*timely.warnings, *ground.warnings, *before.warnings, *few(len(before.points)), *about_weights(each)]
    if (lot := float(table["by_lot"].max())) > 0.5:
        doubts.append(caution("BY_LOT", share=_share(lot)))
    facts = dict(ground.facts) | {"n": n, "n_before": len(before.points), "weeks": weeks, "confidence": 0.95, "seed": seed}
    return told(METHOD, table, facts, doubts)


def _table(past: np.ndarray, week: np.ndarray, cells: np.ndarray, each: np.ndarray | None, tested: np.ndarray, size: np.ndarray, seed: int) -> pd.DataFrame:
    """PAI of the later weeks, of counts or of weights; in one sum where the weeks are too few to be drawn anew."""
    steps = np.zeros((week.max() + 1, len(tested)))
    np.add.at(steps, (week, cells), 1 if each is None else each)
    later = steps[:, tested]
    return pai_table(past, later if len(later) >= LEAST_STEPS else later.sum(axis=0), size, weighted=each is not None, seed=seed)


def _share(value: float) -> Text:
    return Text(sv=f"{round(100 * value)} %", en=f"{round(100 * value)}%")


METHOD = Method(
    name="persistence",
    title=Text(sv="Höll hotspots i sig?", en="Did hotspots persist?"),
    summary=Text(sv="Visar hur stor del av periodens händelser som låg i de rutor som hade flest i jämförelseperioden före. Båda perioderna har redan varit.",
                 en="Shows how much of the period lay in the cells that had most in the compared period before. Both periods are past."),
    does_not=Text(
        sv="Är ingen förutsägelse: det visar bara hur varaktiga gamla hotspots var. Högt PAI i en liten del av ytan kan ändå vara få händelser. Säger inget "
           "om varför "
           "en plats höll i sig eller svalnade.",
        en="Is no prediction: it only shows how lasting past hotspots were. A high PAI in a small part of the ground may still be few incidents. Says "
           "nothing about "
           "why a place lasted or cooled."),
    needs=(Input("points"), Input("points_before"), Input("area"), Input("exposure", required=False)),
    parameters=(CELL_SIZE, *WEIGHTS, SEED),
    result=Layer(
        "persistence", Text(sv="Hur hotspots höll i sig", en="How hotspots persisted"), stored=False,
        chart=Chart("points", x="share", value="pai", low="pai_low", high="pai_high", reference=1),
        columns=(Column("share", Text(sv="Del av ytan", en="Part of the ground"), "text"),
                 Column("hits", Text(sv="Händelser där", en="Incidents there"), "number", decimals=1, discloses="incidents",
                        help=Text(sv="Kan vara ett brutet tal: av rutor som är lika räknas den del som lotten ger.",
                                  en="May be a broken number: of cells that are equal the part that lots would give is counted.")),
                 INCIDENTS,
                 Column("hit_rate", Text(sv="Träffandel", en="Hit rate"), "number", decimals=2, discloses="incidents"),
                 Column("hit_rate_low", Text(sv="Träffandel, från", en="Hit rate, from"), "number", decimals=2, discloses="incidents"),
                 Column("hit_rate_high", Text(sv="Träffandel, till", en="Hit rate, to"), "number", decimals=2, discloses="incidents"),
                 Column("pai", Text(sv="PAI", en="PAI"), "number", decimals=1, discloses="incidents",
                        help=Text(sv="Träffandel delad med ytans andel. 1 är vad lotten skulle ge.",
                                  en="Hit rate divided by the share of ground. 1 is what lots would give.")),
                 Column("pai_low", Text(sv="PAI, från", en="PAI, from"), "number", decimals=1, discloses="incidents"),
                 Column("pai_high", Text(sv="PAI, till", en="PAI, to"), "number", decimals=1, discloses="incidents"),
                 Column("pei", Text(sv="PEI", en="PEI"), "number", decimals=2, discloses="incidents",
                        help=Text(sv="PAI mot det största som samma yta kunde haft, 0 till 1.",
                                  en="PAI to the largest that as much ground could have had, 0 to 1.")),
                 Column("recapture_rate", Text(sv="Återfångst", en="Recapture"), "number", decimals=2, discloses="incidents",
                        help=Text(sv="Andel nu mot andel då i samma rutor. Under 1 har de svalnat.",
                                  en="Share now to share then in the same cells. Below 1 they have cooled.")),
                 Column("by_lot", Text(sv="Del vald med lott", en="Part picked by lot"), "number", decimals=2, shown=False))),
    compute=persistence,
    least_points=30,
    method_note=Text(
        sv="Rutor rangordnas efter jämförelseperiodens antal per yta; lika rutor delas rättvist. Intervall: veckor dras om tusen gånger när de är minst "
           "tio, annars exakt.",
        en="Cells are ranked by the count per ground of the compared period; equals are shared fairly. Intervals: weeks are drawn anew a thousand times "
           "when there are "
           "ten or more, else exact."),
    references=("Chainey, Tompson & Uhlig 2008, doi:10.1057/palgrave.sj.8350066", "Hunt 2016, dissertation, American University"))
