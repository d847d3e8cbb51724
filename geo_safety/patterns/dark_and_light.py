"""Dark and light: incidents to an hour of each, by the sun at the place."""
from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np

from ..analysis.daylight import CIVIL_TWILIGHT, SUNSET
from ..analysis.daylight import dark_and_light as by_the_sun
from ..crs import to_wgs84
from ..errors import InputError
from ..hotspots.ground import refusal
from ..model.describe import Chart, Code, Column, Input, Layer, Method, Parameter
from ..model.features import Features
from ..text import Text
from .ground import END, TIME, TIME_PRECISION, few, timed, told, whole_period, zone_of

DARK_FROM = {"sunset": SUNSET, "lamps": CIVIL_TWILIGHT}


def dark_and_light(points: gpd.GeoDataFrame, area: gpd.GeoDataFrame, period: tuple[date, date] | None = None, *, dark_from: str = "sunset") -> Features:
    """Incidents per 1,000 dark and light hours of the period, by the sun over the middle of `area`; and at the same hours of the week.

    Notes
    -----
    per_1000_h = 1,000 incidents / hours; the ends by the gamma distribution from Σ w and Σ w² of the shares w (Fay and Feuer)
    dark to light = per_1000_h (dark) / per_1000_h (light)
    same hours = Σ_h a_h L_h / (D_h + L_h) / Σ_h b_h D_h / (D_h + L_h) over the hours h of the week: a, b incidents and D, L hours, dark and light
    """
    used = timed(METHOD, points)
    frame, zone = used.points, zone_of(used.points)
    if zone is None:
        raise InputError(Text(sv="Tiderna saknar tidszon, så solens läge kan inte räknas.", en="The times have no zone, so the sun cannot be placed."))
    where = to_wgs84(gpd.GeoDataFrame(geometry=[area.union_all().centroid], crs=area.crs)).geometry.iloc[0]
    end, precision = (frame[name] if name in frame.columns else None for name in (END, TIME_PRECISION))
    if precision is not None and precision.eq("month").all():
        raise refusal("TOO_FEW", n=0, method=METHOD.title, least=1)
    made = by_the_sun(frame[TIME], end, latitude=where.y, longitude=where.x, tz=zone, period=whole_period(frame, period), precision=precision,
                      below=DARK_FROM[dark_from])
    facts = {"n": made.n, "outside": made.outside, "dark_from": dark_from, "latitude": round(where.y, 3), "longitude": round(where.x, 3), "confidence": 0.95,
             **_ratio("dark_to_light", made.ratio), **_ratio("same_hours", made.same_hours or (np.nan, 0.0, np.inf))}
    table = made.table.reset_index().rename(columns={"events": "incidents"})
    return told(METHOD, table, facts, [*used.warnings, *few(made.n), *made.warnings])


def _ratio(name: str, ratio: tuple[float, float, float]) -> dict[str, float | None]:
    """A ratio and its ends as facts; without an end as none."""
    return {key: float(value) if np.isfinite(value) else None for key, value in zip((name, f"{name}_low", f"{name}_high"), ratio, strict=True)}


METHOD = Method(
    name="dark_and_light",
    title=Text(sv="Mörker och ljus", en="Dark and light"),
    summary=Text(sv="Visar händelser per mörk och per ljus timme, efter solens läge över platsen, och samma timmar i veckan mot varandra över året.",
                 en="Shows incidents per dark and per light hour, by the sun over the place, and the same hours of the week against each other over the year."),
    does_not=Text(
        sv="Säger inte att mörkret är orsaken, och inte att belysning hjälper: en mörk timme är också en sen timme eller en vintertimme. Jämför helst samma "
           "timmar, "
           "och pröva en åtgärd mot ett kontrollområde.",
        en="Does not say that darkness is the cause, nor that lighting helps: a dark hour is also a late hour or a winter hour. Rather compare the same "
           "hours, and "
           "try a measure against a control area."),
    needs=(Input("points"), Input("area"), Input("period", required=False)),
    parameters=(Parameter("dark_from", Text(sv="Mörkt från", en="Dark from"), "choice", "sunset", choices=(
        Code("sunset", Text(sv="Solnedgång", en="Sunset")), Code("lamps", Text(sv="När gatlyktorna tänds (borgerlig skymning)",
                                                                               en="When street lamps are on (civil twilight)")))),),
    result=Layer(
        "dark_and_light", Text(sv="Händelser i mörker och ljus", en="Incidents in dark and light"), stored=False,
        chart=Chart("points", x="light", value="per_1000_h", low="per_1000_h_low", high="per_1000_h_high"),
        columns=(Column("light", Text(sv="Ljus", en="Light"), "code", codes=(Code("dark", Text(sv="mörkt", en="dark")), Code("light", Text(sv="ljust",
                                                                                                                                           en="light")))),
                 Column("incidents", Text(sv="Händelser, utdelade", en="Incidents, shared out"), "number", decimals=1,
                        help=Text(sv="En händelse vars tid spänner över solnedgången hör till båda.",
                                  en="An incident whose time spans sunset belongs to both.")),
                 Column("hours", Text(sv="Timmar i perioden", en="Hours in the period"), "number", decimals=0),
                 Column("per_1000_h", Text(sv="Per 1 000 timmar", en="Per 1,000 hours"), "number", decimals=1, discloses="incidents"),
                 Column("per_1000_h_low", Text(sv="Intervall, från", en="Interval, from"), "number", decimals=1, discloses="incidents"),
                 Column("per_1000_h_high", Text(sv="Intervall, till", en="Interval, to"), "number", decimals=1, discloses="incidents"))),
    compute=dark_and_light,
    least_precision="none",
    method_note=Text(
        sv="Solens höjd efter NOAA:s formler för områdets mitt. En händelse känd som ett intervall delas mellan mörker och ljus efter tid. Samma timmar: "
           "Mantel–Haenszel "
           "över veckans 168 timmar, intervall efter Greenland och Robins.",
        en="Height of the sun by NOAA's formulae for the middle of the area. An incident known as an interval is shared between dark and light by time. "
           "Same hours: "
           "Mantel–Haenszel over the 168 hours of the week, interval after Greenland and Robins."),
    references=("Greenland & Robins 1985, doi:10.2307/2530643", "Meeus 1998, Astronomical Algorithms, ISBN 0-943396-61-1"))
