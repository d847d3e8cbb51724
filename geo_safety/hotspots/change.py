"""What changed between two periods, cell by cell."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from ..analysis.trends import change_between
from ..errors import InputError
from ..model.cautions import Caution, caution
from ..model.describe import Code, Column, Input, Layer, Method, Parameter, Style
from ..model.features import Features
from ..text import Text
from .ground import CELL, CELL_SIZE, CORRECTION, INCIDENTS, INSIDE_SHARE, KIND, SMALL_N, Ground, finish, prepare, usable

TIME = "occurred_from"


def change(points: gpd.GeoDataFrame, points_before: gpd.GeoDataFrame, area: gpd.GeoDataFrame, exposure: gpd.GeoDataFrame | None = None, *,
           cell_size_m: float = 250, correction: str = "fdr", days: int | str = "auto", days_before: int | str = "auto",
           kind: str = "square") -> Features:
    """Incidents of each cell in two periods, their ratio per day with exact interval, and where it changed beyond chance.

    days, days_before: length of the periods; "auto" takes the days from the first to the last incident of each.

    Notes
    -----
    ratio = (incidents / days) / (incidents_before / days_before)
    given k = incidents + incidents_before, incidents is binomial (k, q) with q = days / (days + days_before) if nothing changed; p sums what is no likelier
    ratio_low, ratio_high = q / (1 − q) × days_before / days at the ends q of Clopper and Pearson's 95 % interval of incidents among k
    """
    require_apart(points, points_before)
    ground = prepare(METHOD, points, area, exposure, cell_size_m=cell_size_m, kind=kind)
    earlier = usable(METHOD, points_before, area).points
    now, then = (days_of(frame) if wish == "auto" else float(wish) for wish, frame in ((days, points), (days_before, points_before)))
    told = change_between(ground.points, earlier, ground.grid, days=now, days_before=then, correction=correction)
    keep = told["incidents_before"].to_numpy() > 0
    facts = {"n_before": len(earlier), "days": now, "days_before": then, "correction": correction, "p": "exact", "confidence": 0.95,
             "compared": int(told["p"].notna().sum()), "increase": _number(told, "increase"), "decrease": _number(told, "decrease")}
    return finish(METHOD, ground, told, keep=keep, facts=facts, warnings=tuple(_doubts(ground, told, earlier, now, then, correction)))


def require_apart(points: gpd.GeoDataFrame, points_before: gpd.GeoDataFrame) -> None:
    """InputError when the incidents of the two periods overlap in time: the same incident would count on both sides."""
    if TIME not in points.columns or TIME not in points_before.columns:
        return
    now, then = points[TIME].dropna(), points_before[TIME].dropna()
    if len(now) and len(then) and then.max() >= now.min() and now.max() >= then.min():
        raise InputError(Text(sv="Perioderna överlappar varandra. Välj två perioder som inte delar någon dag.",
                              en="The periods overlap. Choose two periods that share no day."))


def days_of(frame: gpd.GeoDataFrame) -> float:
    """Days from the first to the last incident, both included."""
    times = pd.to_datetime(frame[TIME]) if TIME in frame.columns else pd.Series(dtype="datetime64[us]")
    if not times.notna().any():
        raise InputError(Text(sv="Hur långa perioderna är kan inte läsas ur händelserna. Ange days och days_before.",
                              en="How long the periods are cannot be read from the incidents. Give days and days_before."))
    first, last = (moment.tz_localize(None).normalize() for moment in (times.min(), times.max()))
    return float((last - first).days + 1)


def _number(told: gpd.GeoDataFrame, side: str) -> int:
    return int(told["trend"].astype(str).str.startswith(side).sum())


def _doubts(ground: Ground, told: gpd.GeoDataFrame, earlier: gpd.GeoDataFrame, days: float, days_before: float, correction: str) -> list[Caution]:
    found = []
    if len(earlier) < SMALL_N <= len(ground.points):
        found.append(caution("SMALL_N", n=len(earlier)))
    without_base = (told["incidents_before"] == 0) & (told["incidents"] > 0) & ground.grid["tested"].to_numpy()
    if without_base.any():
        found.append(caution("ZERO_BASE", n=int(without_base.sum())))
    if abs(days - days_before) > 1:  # a leap day makes no difference worth a warning
        found.append(caution("UNEVEN_PERIODS", days=int(days), days_before=int(days_before)))
    if correction == "none":
        compared = int(np.isfinite(told["p"]).sum())
        found.append(caution("MANY_TESTS", n=compared, expected=round(0.05 * compared)))
    return found


TRENDS = (
    Code("increase_99", Text(sv="Ökning, mycket säker", en="Increase, very sure"), group="increase"),
    Code("increase_95", Text(sv="Ökning, säker", en="Increase, sure"), group="increase"),
    Code("increase_90", Text(sv="Ökning, mindre säker", en="Increase, less sure"), group="increase"),
    Code("unclear", Text(sv="Går inte att avgöra", en="Cannot be told")),
    Code("decrease_90", Text(sv="Minskning, mindre säker", en="Decrease, less sure"), group="decrease"),
    Code("decrease_95", Text(sv="Minskning, säker", en="Decrease, sure"), group="decrease"),
    Code("decrease_99", Text(sv="Minskning, mycket säker", en="Decrease, very sure"), group="decrease"),
    Code("empty", Text(sv="Inget i någon av perioderna", en="Nothing in either period")),
    Code("left_out", Text(sv="Inte prövad", en="Not tested")))

METHOD = Method(
    name="change",
    title=Text(sv="Förändring mellan två perioder", en="Change between two periods"),
    summary=Text(sv="Visar var antalet händelser har ökat eller minskat mer än vad slumpen brukar ge.",
                 en="Shows where the number of incidents has risen or fallen by more than chance would."),
    does_not=Text(
        sv="Säger inte varför något har ändrats, och inte att en åtgärd har haft effekt: det kräver ett kontrollområde. »Går inte att avgöra« "
           "betyder inte oförändrat. En plats som valts ut för att den hade ett dåligt år blir ofta bättre av sig själv. Säger inget om framtiden.",
        en="Does not say why something changed, nor that a measure had an effect: that takes a control area. “Cannot be told” does not mean "
           "unchanged. A place picked because it had a bad year often gets better by itself. Says nothing about the future."),
    needs=(Input("points"), Input("points_before"), Input("area"), Input("exposure", required=False)),
    parameters=(
        CELL_SIZE, CORRECTION,
        Parameter("days", Text(sv="Periodens längd", en="Length of the period"), "integer", "auto", least=1, most=36_600, words=("auto",), advanced=True,
                  help=Text(sv="Dagar. Med auto tas längden från urvalet.", en="Days. With auto the length is taken from the selection.")),
        Parameter("days_before", Text(sv="Jämförelseperiodens längd", en="Length of the compared period"), "integer", "auto", least=1, most=36_600,
                  words=("auto",), advanced=True,
                  help=Text(sv="Dagar. Med auto tas längden från urvalet.", en="Days. With auto the length is taken from the selection.")),
        KIND),
    result=Layer(
        "change", Text(sv="Förändring", en="Change"), geometry="Polygon", stored=False, style=Style(colour_by="trend", ramp="clusters"),
        columns=(
            CELL, INCIDENTS,
            Column("incidents_before", Text(sv="Jämförelseperioden", en="Compared period"), "integer"),
            Column("difference", Text(sv="Skillnad", en="Difference"), "integer", discloses="incidents",
                   help=Text(sv="Antalet minus antalet i jämförelseperioden, utan hänsyn till periodernas längd.",
                             en="The count less that of the compared period, whatever the length of the periods.")),
            Column("ratio", Text(sv="Kvot", en="Ratio"), "number", decimals=2, discloses="incidents",
                   help=Text(sv="Händelser per dag, delat med händelser per dag i jämförelseperioden. 1 är oförändrat; saknas när det var noll då.",
                             en="Incidents a day, divided by incidents a day in the compared period. 1 is unchanged; missing where there were "
                                "none then.")),
            Column("ratio_low", Text(sv="Kvot, från", en="Ratio, from"), "number", decimals=2, discloses="incidents",
                   help=Text(sv="Undre änden av det exakta 95-procentiga intervallet.", en="Lower end of the exact 95% interval.")),
            Column("ratio_high", Text(sv="Kvot, till", en="Ratio, to"), "number", decimals=2, discloses="incidents",
                   help=Text(sv="Övre änden av intervallet.", en="Upper end of the interval.")),
            Column("p", Text(sv="p", en="p"), "number", decimals=4, discloses="incidents", shown=False,
                   help=Text(sv="Sannolikheten för en så stor skillnad åt något håll, av slump.",
                             en="The probability of so large a difference to either side, by chance.")),
            Column("p_adjusted", Text(sv="p, korrigerat", en="p, corrected"), "number", decimals=4, discloses="incidents",
                   help=Text(sv="Korrigerat för att många rutor jämförs.", en="Corrected for the number of cells compared.")),
            Column("trend", Text(sv="Förändring", en="Change"), "code", codes=TRENDS, discloses="incidents",
                   help=Text(sv="Mycket säker: korrigerat p under 0,01; säker: under 0,05; mindre säker: under 0,1.",
                             en="Very sure: corrected p below 0.01; sure: below 0.05; less sure: below 0.1.")),
            INSIDE_SHARE)),
    compute=change,
    rank_by=("difference",),
    method_note=Text(
        sv="Givet båda periodernas antal tillsammans är det senare binomialfördelat efter periodernas längd. Kvotens intervall är exakt (Clopper och "
           "Pearson, 95 procent), p är exakt och tvåsidigt, och korrigeras över alla prövade rutor med någon händelse.",
        en="Given the counts of both periods together the later one is binomial by the length of the periods. The interval of the ratio is exact "
           "(Clopper and Pearson, 95 per cent), p is exact and two-sided, and corrected over all tested cells with any incident."),
    references=("Przyborowski & Wilenski 1940, doi:10.1093/biomet/31.3-4.313", "Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404",
                "Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x"))
