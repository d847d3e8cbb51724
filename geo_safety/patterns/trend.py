"""Whether it rises or falls over the years, area by area: the test of Mann and Kendall by month, and how much a year."""
from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import special

from ..analysis.loglinear import fit
from ..analysis.monotone import mann_kendall
from ..analysis.testing import adjust
from ..hotspots.by_area import DIVISION, counted_in, of_division, outside
from ..hotspots.ground import CORRECTION, refusal
from ..model.cautions import caution
from ..model.describe import Chart, Column, Input, Layer, Method
from ..model.features import Features
from ..text import Text
from .ground import (
    AREA,
    INCIDENTS,
    LEVEL,
    P_ADJUSTED,
    STANDS_OUT,
    YEAR,
    P,
    few,
    local_days,
    timed,
    told,
    whole_months,
    whole_period,
)

MONTHS = 12
LEAST_MONTHS = 36       # three of each month: fewer cannot be told from the season
LEAST_IN_AREA = 30      # incidents behind a change per year


def trend(history: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, period: tuple[date, date] | None = None, *, division: str = "auto",
          correction: str = "fdr") -> Features:
    """Whole months up to the end of the period: seasonal Mann–Kendall of each area, corrected p, and the change a year with its interval.

    Notes
    -----
    S = Σ over the months of the year Σ_{i<j} sign(x_j − x_i), i and j years; z = (S − sign S) / √Var S; p = 2 Φ(−|z|)
    Var S = Σ (n (n − 1)(2n + 5) − Σ t (t − 1)(2t + 5)) / 18, t equal values; tau = S / √(n₀ (n₀ − n₁)), n₀ pairs, n₁ those of them tied
    ln E(x) = ln days + a + b year + c cos θ + d sin θ, θ the time of the year; per_year = exp(b)
    low, high = exp(b ± 1.96 √(max(1, φ) Var b)), φ the scatter in units of Poisson's
    """
    used, chosen = timed(METHOD, history), of_division(areas, division)
    first, end = whole_period(used.points, None)
    months = whole_months(first, min(end, pd.Timestamp(period[1])) if period else end)
    if len(months) < LEAST_MONTHS:
        raise refusal("TOO_FEW_STEPS", n=len(months), method=METHOD.title, least=LEAST_MONTHS)
    where = counted_in(used.points, chosen)
    month = (local_days(used.points).to_period("M") - months[0]).map(lambda gap: gap.n).to_numpy()
    taken = (where >= 0) & (month >= 0) & (month < len(months))
    series = np.bincount(where[taken] * len(months) + month[taken], minlength=len(chosen) * len(months)).reshape(len(chosen), -1)
    tested = mann_kendall(series, season=MONTHS)
    some = series.sum(axis=1) > 0
    p = np.where(some, tested["p"], np.nan)
    p_adjusted = adjust(p, correction)
    change = np.array([_a_year(row, months) for row in series])
    table = pd.DataFrame({"name": chosen["name"], "incidents": series.sum(axis=1), "per_year": change[:, 0], "low": change[:, 1], "high": change[:, 2],
                          "tau": tested["tau"], "p": p, "p_adjusted": p_adjusted, "stands_out": p_adjusted < LEVEL}).sort_values("name", kind="stable")
    n = int(series.sum())
    doubts = [*used.warnings, *few(n), *outside(where)]
    if (unsure := int((np.isnan(change[:, 0]) & some).sum())):
        doubts.append(caution("FEW_FOR_CHANGE", n=unsure, least=LEAST_IN_AREA))
    facts = {"n": n, "areas": len(chosen), "months": len(months), "first_step": str(months[0]), "last_step": str(months[-1]), "p": "normal",
             "correction": correction, "confidence": 0.95, "stand_out_areas": int((p_adjusted < LEVEL).sum())}
    return told(METHOD, table, facts, doubts)


def _a_year(counts: np.ndarray, months: pd.PeriodIndex) -> tuple[float, float, float]:
    """Factor a year with its ends, from a Poisson model with season, widened where the counts scatter more; missing for few incidents."""
    if counts.sum() < LEAST_IN_AREA:
        return np.nan, np.nan, np.nan
    days = months.days_in_month.to_numpy(dtype=float)
    angle = 2 * np.pi * (months.month.to_numpy() - 0.5) / MONTHS
    years = (np.cumsum(days) - days / 2) / YEAR
    made = fit(counts, np.column_stack([np.ones(len(counts)), years - years.mean(), np.cos(angle), np.sin(angle)]), offset=np.log(days))
    reach = special.ndtri(0.975) * np.sqrt(made.covariance[1, 1] * max(1.0, made.scatter))
    slope = made.coefficients[1]
    return float(np.exp(slope)), float(np.exp(slope - reach)), float(np.exp(slope + reach))


METHOD = Method(
    name="trend",
    title=Text(sv="Trend per område", en="Trend per area"),
    summary=Text(sv="Visar om antalet i varje område stiger eller sjunker över åren, och med hur mycket per år. Räknar på alla hela månader fram till "
                    "periodens slut.",
                 en="Shows whether the count of each area rises or falls over the years, and by how much a year. Uses all whole months up to the end of the "
                    "period."),
    does_not=Text(
        sv="Säger inte att trenden fortsätter och inget om framtiden. Säger inte varför; ändrade rutiner för anmälan ser ut som en trend. En sväng upp "
           "och ner igen syns inte.",
        en="Does not say that the trend goes on, and nothing about the future. Does not say why; changed ways of reporting look like a trend. A turn up "
           "and down again is not seen."),
    needs=(Input("history"), Input("areas"), Input("period", required=False)),
    parameters=(DIVISION, CORRECTION),
    result=Layer(
        "trend", Text(sv="Trend per område", en="Trend per area"), stored=False, label="name",
        chart=Chart("points", x="name", value="per_year", low="low", high="high", marked="stands_out", reference=1),
        columns=(AREA, INCIDENTS,
                 Column("per_year", Text(sv="Kvot per år", en="Ratio a year"), "number", decimals=2, discloses="incidents",
                        help=Text(sv="1,10 betyder tio procent fler för varje år. Saknas där det finns färre än 30 händelser.",
                                  en="1.10 means ten per cent more each year. Missing where there are fewer than 30 incidents.")),
                 Column("low", Text(sv="Intervall, från", en="Interval, from"), "number", decimals=2, discloses="incidents"),
                 Column("high", Text(sv="Intervall, till", en="Interval, to"), "number", decimals=2, discloses="incidents"),
                 Column("tau", Text(sv="tau", en="tau"), "number", decimals=2, discloses="incidents",
                        help=Text(sv="Kendalls tau-b: −1 sjunker alltid, 1 stiger alltid, månad för månad mot samma månad andra år.",
                                  en="Kendall's tau-b: −1 always falls, 1 always rises, each month against the same month of other years.")),
                 P, P_ADJUSTED, STANDS_OUT)),
    compute=trend,
    least_points=30,
    least_precision="area",
    method_note=Text(
        sv="Mann–Kendalls test med lika värden och årstid: varje månad jämförs med samma månad andra år. Kvoten per år kommer ur en Poissonmodell med "
           "årstid; intervallet vidgas när antalen svänger mer än slumpen. p korrigeras över alla områden.",
        en="The test of Mann and Kendall with ties and season: each month is compared with the same month of other years. The ratio a year comes from a "
           "Poisson model with season; its interval widens when the counts swing more than chance. p is corrected over all areas."),
    references=("Mann 1945, doi:10.2307/1907187", "Hirsch, Slack & Smith 1982, doi:10.1029/WR018i001p00107"))
