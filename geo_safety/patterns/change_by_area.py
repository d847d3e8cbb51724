"""Two periods compared, area by area: the ratio with its exact interval, corrected for as many areas as there are."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from ..analysis.rates import rate_ratio
from ..analysis.testing import adjust
from ..hotspots.by_area import DIVISION, counted_in, numbers, of_division, outside
from ..hotspots.change import METHOD as BY_CELL
from ..hotspots.change import days_of, require_apart
from ..hotspots.ground import CORRECTION
from ..model.cautions import caution
from ..model.describe import Chart, Column, Input, Layer, Method
from ..model.features import Features
from ..text import Text
from .ground import AREA, INCIDENTS, LEVEL, P_ADJUSTED, STANDS_OUT, P, few, timed, told


def change_by_area(points: gpd.GeoDataFrame, points_before: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, *, division: str = "auto",
                   correction: str = "fdr", days: int | str = "auto", days_before: int | str = "auto") -> Features:
    """Incidents of each area in two periods, their ratio per day with exact interval, and p corrected for the number of areas.

    days, days_before: length of the periods; "auto" takes the days from the first to the last incident of each.

    Notes
    -----
    ratio = (incidents / days) / (incidents_before / days_before)
    given k = incidents + incidents_before, incidents is binomial (k, q) with q = days / (days + days_before) if nothing changed; p sums what is no likelier
    low, high = q / (1 − q) × days_before / days at the ends q of Clopper and Pearson's 95 % interval of incidents among k
    """
    require_apart(points, points_before)
    used, earlier, chosen = timed(METHOD, points), timed(METHOD, points_before), of_division(areas, division)
    now, then = (days_of(frame) if wish == "auto" else float(wish) for wish, frame in ((days, points), (days_before, points_before)))
    where, where_before = counted_in(used.points, chosen), counted_in(earlier.points, chosen)
    after, before = numbers(where, chosen), numbers(where_before, chosen)
    ratio, low, high, p = rate_ratio(after, before, now, then)
    some = after + before > 0
    p_adjusted = adjust(np.where(some, p, np.nan), correction)
    table = pd.DataFrame({
        "name": chosen["name"], "incidents": after, "incidents_before": before, "ratio": np.where(before > 0, ratio, np.nan),
        "low": np.where(some, low, np.nan), "high": np.where(some & np.isfinite(high), high, np.nan), "p": np.where(some, p, np.nan),
        "p_adjusted": p_adjusted, "stands_out": p_adjusted < LEVEL}).sort_values("name", kind="stable")
    n, n_before = int(after.sum()), int(before.sum())
    doubts = [*used.warnings, *few(min(n, n_before)), *outside(np.concatenate([where, where_before]))]
    if (empty := int((some & (before == 0)).sum())):
        doubts.append(caution("ZERO_BASE_AREAS", n=empty))
    if abs(now - then) > 1:
        doubts.append(caution("UNEVEN_PERIODS", days=int(now), days_before=int(then)))
    if correction == "none":
        doubts.append(caution("MANY_AREAS", n=int(some.sum()), expected=round(LEVEL * int(some.sum()), 1)))
    facts = {"n": n, "n_before": n_before, "areas": len(chosen), "days": now, "days_before": then, "p": "exact", "correction": correction,
             "confidence": 0.95, "stand_out_areas": int((p_adjusted < LEVEL).sum())}
    return told(METHOD, table, facts, doubts)


METHOD = Method(
    name="change_by_area",
    title=Text(sv="Förändring per område", en="Change per area"),
    summary=Text(sv="Visar för varje område hur antalet ändrats mellan två perioder, och om det är mer än slumpen ger.",
                 en="Shows for each area how the count changed between two periods, and whether that is more than chance gives."),
    does_not=Text(
        sv="Säger inte varför något ändrats och inte att en åtgärd hjälpte: det kräver ett kontrollområde. Att ett område inte sticker ut betyder "
           "inte att inget hänt; det kan ha för få händelser. Säger inget om framtiden.",
        en="Does not say why something changed, nor that a measure helped: that takes a control area. That an area does not stand out does not mean "
           "that nothing happened; it may have too few incidents. Says nothing about the future."),
    needs=(Input("points"), Input("points_before"), Input("areas")),
    parameters=(DIVISION, CORRECTION, BY_CELL.parameter("days"), BY_CELL.parameter("days_before")),
    result=Layer(
        "change_by_area", Text(sv="Förändring per område", en="Change per area"), stored=False, label="name",
        chart=Chart("points", x="name", value="ratio", low="low", high="high", marked="stands_out", reference=1),
        columns=(AREA, INCIDENTS, Column("incidents_before", Text(sv="Jämförelseperioden", en="Compared period"), "integer"),
                 Column("ratio", Text(sv="Kvot", en="Ratio"), "number", decimals=2, discloses="incidents",
                        help=Text(sv="Händelser per dag mot jämförelseperioden. 1 är ingen förändring. Saknas där den inte hade någon.",
                                  en="Incidents a day to those of the compared period. 1 is no change. Missing where that had none.")),
                 Column("low", Text(sv="Intervall, från", en="Interval, from"), "number", decimals=2, discloses="incidents",
                        help=Text(sv="Exakt 95-procentigt intervall.", en="Exact 95% interval.")),
                 Column("high", Text(sv="Intervall, till", en="Interval, to"), "number", decimals=2, discloses="incidents",
                        help=Text(sv="Saknas där intervallet inte har något slut.", en="Missing where the interval has no end.")),
                 P, P_ADJUSTED, STANDS_OUT)),
    compute=change_by_area,
    least_precision="area",
    method_note=Text(
        sv="Exakt test av två Poissonantal givet deras summa; intervallet hör till samma test. p korrigeras över alla områden med någon händelse.",
        en="Exact test of two Poisson counts given their sum; the interval goes with that test. p is corrected over all areas with any incident."),
    references=("Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404", "Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x"))
