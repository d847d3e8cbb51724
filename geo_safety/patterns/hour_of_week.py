"""When in the week it happens: each incident shared out over the hours it may have happened in."""
from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from ..analysis.aoristic import HOUR, aoristic, spans_of
from ..analysis.circular import circular_summary
from ..hotspots.ground import refusal
from ..model.cautions import Caution
from ..model.describe import Chart, Code, Column, Input, Layer, Method
from ..model.features import Features
from ..text import Text
from .ground import END, TIME, TIME_PRECISION, few, timed, told, zone_of

WEEKDAYS = tuple(Code(name, title) for name, title in (
    ("mon", Text(sv="måndag", en="Monday")), ("tue", Text(sv="tisdag", en="Tuesday")), ("wed", Text(sv="onsdag", en="Wednesday")),
    ("thu", Text(sv="torsdag", en="Thursday")), ("fri", Text(sv="fredag", en="Friday")), ("sat", Text(sv="lördag", en="Saturday")),
    ("sun", Text(sv="söndag", en="Sunday"))))


def hour_of_week(points: gpd.GeoDataFrame, period: tuple[date, date] | None = None) -> Features:
    """Incidents of each hour of the week, shared out over the time they may have happened in (aoristic), on the clock of the place.

    Notes
    -----
    incidents(h) = Σ_i (time that i's interval and the hour h have in common) / (length of i's interval); 1/168 for intervals of a week or more
    per_week = incidents / occasions; low, high by the gamma distribution from Σ w and Σ w² of the shares w (Fay and Feuer)
    mean time = arg Σ exp(2 π i t / 24), t hours known to the hour
    """
    used = timed(METHOD, points)
    frame, zone = used.points, zone_of(used.points)
    end, precision = (frame[name] if name in frame.columns else None for name in (END, TIME_PRECISION))
    spans = spans_of(frame[TIME], end, tz=zone, precision=precision)
    if not len(spans.start):
        raise refusal("TOO_FEW", n=0, method=METHOD.title, least=1)
    made = aoristic(frame[TIME], end, tz=zone, precision=precision, period=period)
    table = made.table.assign(weekday=[WEEKDAYS[day].value for day in made.table["weekday"]], incidents=made.table["weight"])
    around, doubts = _gathering(spans.start, spans.end, zone)
    facts = {"n": made.n, "known_to_the_hour": int(made.table["known"].sum()), "evenly": made.evenly, "without_start": made.without_start,
             "reversed": made.reversed, "vague": made.vague, "median_span_h": made.median_span_h, "over_a_day": made.over_a_day, "confidence": 0.95, **around}
    return told(METHOD, table, facts, [*used.warnings, *few(made.n), *made.warnings, *doubts])


def _gathering(start: np.ndarray, end: np.ndarray, zone: str | None) -> tuple[dict[str, float | None], tuple[Caution, ...]]:
    """Around which time of the day the incidents known to the hour gather, and how much."""
    sharp = end - start <= HOUR
    if not sharp.any():
        return {}, ()
    moments = pd.to_datetime((start + end)[sharp] / 2, unit="s", utc=True)
    clock = moments.tz_convert(zone) if zone else moments
    told = circular_summary((clock.hour + clock.minute / 60).to_numpy())
    number = lambda value: None if np.isnan(value) else float(value)  # noqa: E731
    return {"mean_hour": number(told.mean), "mean_hour_low": number(told.low), "mean_hour_high": number(told.high), "gathered": told.concentration,
            "gathered_p": told.p}, tuple(doubt for doubt in told.warnings if doubt.code == "TWO_PEAKS")


METHOD = Method(
    name="hour_of_week",
    title=Text(sv="Veckodag och timme", en="Weekday and hour"),
    summary=Text(sv="Visar när i veckan det händer. En händelse vars tid bara är känd som ett intervall delas ut över timmarna den kan ha skett i.",
                 en="Shows when in the week it happens. An incident whose time is known only as an interval is shared out over the hours it may lie in."),
    does_not=Text(
        sv="Långa intervall (inbrott under en semester) jämnar ut topparna. Säger inte var, och inte om det är fler händelser eller bara fler människor ute. "
           "Säger inget om kommande veckor.",
        en="Long intervals (a burglary during a holiday) smooth the peaks out. Does not say where, nor whether there are more incidents or only more people "
           "about. Says nothing about coming weeks."),
    needs=(Input("points"), Input("period", required=False)),
    parameters=(),
    result=Layer(
        "hour_of_week", Text(sv="Veckodag och timme", en="Weekday and hour"), stored=False,
        chart=Chart("heat", x="hour", y="weekday", value="per_week"),
        columns=(Column("weekday", Text(sv="Veckodag", en="Weekday"), "code", codes=WEEKDAYS), Column("hour", Text(sv="Timme", en="Hour"), "integer"),
                 Column("incidents", Text(sv="Händelser, utdelade", en="Incidents, shared out"), "number", decimals=1,
                        help=Text(sv="Summan av händelsernas delar i timmen.", en="Sum of the shares of incidents in the hour.")),
                 Column("low", Text(sv="Intervall, från", en="Interval, from"), "number", decimals=1, discloses="incidents"),
                 Column("high", Text(sv="Intervall, till", en="Interval, to"), "number", decimals=1, discloses="incidents"),
                 Column("known", Text(sv="Säkert i timmen", en="Surely in the hour"), "integer"),
                 Column("occasions", Text(sv="Gånger i perioden", en="Times in the period"), "number", decimals=0,
                        help=Text(sv="Hur många gånger timmen kom under perioden, med sommartidens byten.",
                                  en="How often the hour came in the period, clock changes included.")),
                 Column("per_week", Text(sv="Händelser per vecka", en="Incidents a week"), "number", decimals=2, discloses="incidents"))),
    compute=hour_of_week,
    least_precision="none",
    method_note=Text(
        sv="Aoristisk analys efter Ratcliffe: en händelses del i en timme är den tid de har gemensamt delad med intervallets längd. Intervall på en vecka "
           "eller mer delas lika på alla timmar. Händelser kända bara till månaden är inte med. Medeltid på dygnet: cirkulärt medelvärde med Rayleighs test, "
           "av händelser kända till timmen.",
        en="Aoristic analysis after Ratcliffe: the share of an incident in an hour is the time they have in common divided by the length of the interval. "
           "Intervals of a week or more are shared alike by all hours. Incidents known to the month only are left out. Mean time of the day: circular mean "
           "with Rayleigh's test, of incidents known to the hour."),
    references=("Ratcliffe 2000, doi:10.1080/136588100424963", "Fisher 1993, doi:10.1017/CBO9780511564345"))
