"""What all patterns have in common: which incidents take part, the clock of the place, areas, and the result as a layer."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd

from ..errors import InputError
from ..hotspots.ground import SMALL_N, Usable, refusal, registered
from ..model.cautions import Caution, caution
from ..model.describe import Column, Method, Parameter
from ..model.features import Features
from ..text import Text

TIME, END, TIME_PRECISION = "occurred_from", "occurred_to", "time_precision"
YEAR = 365.25           # days
LEAST_POPULATION = 100  # below it a rate says more about the denominator than about the place
FEW = 5                 # incidents of an area behind which chance hides any change

INCIDENTS = Column("incidents", Text(sv="Händelser", en="Incidents"), "integer")
AREA = Column("name", Text(sv="Område", en="Area"), "text")
P = Column("p", Text(sv="p", en="p"), "number", decimals=4, discloses="incidents", shown=False,
           help=Text(sv="Sannolikheten för en så stor avvikelse av ren slump.", en="The probability of so large a deviation by mere chance."))
P_ADJUSTED = Column("p_adjusted", Text(sv="p, korrigerat", en="p, corrected"), "number", decimals=4, discloses="incidents",
                    help=Text(sv="Korrigerat för att flera prövas.", en="Corrected for several being tested."))
STANDS_OUT = Column("stands_out", Text(sv="Mer än slump", en="Beyond chance"), "boolean", discloses="incidents",
                    help=Text(sv="Korrigerat p under 0,05.", en="Corrected p below 0.05."))
LEVEL = 0.05

SEED = Parameter("seed", Text(sv="Frö", en="Seed"), "integer", 1, least=0, most=2**31 - 1, advanced=True,
                 help=Text(sv="Samma frö ger samma slumptal, så att körningen går att göra om.",
                           en="The same seed gives the same random numbers, so that the run can be repeated."))


def timed(method: Method, points: gpd.GeoDataFrame) -> Usable:
    """The incidents whose time is known, from a register where the method needs that, wherever they are; Refusal when too few."""
    if TIME not in points.columns:
        raise InputError(Text(sv="Händelserna saknar tid (kolumnen {column}).", en="The incidents have no time (the column {column}).").format(column=TIME))
    used = registered(method, points)
    known = used.points[TIME].notna().to_numpy()
    if not known.all():
        used.warnings.append(caution("WITHOUT_TIME", n=int((~known).sum())))
    used.points = used.points[known]
    if len(used.points) < max(1, method.least_points):
        raise refusal("TOO_FEW", n=len(used.points), method=method.title, least=max(1, method.least_points))
    return used


def few(n: int) -> tuple[Caution, ...]:
    return (caution("SMALL_N", n=n),) if n < SMALL_N else ()


def zone_of(points: gpd.GeoDataFrame) -> str | None:
    """The clock that the times are told on; None when they have no zone."""
    zone = getattr(points[TIME].dtype, "tz", None)
    return None if zone is None else str(zone)


def local_days(points: gpd.GeoDataFrame) -> pd.DatetimeIndex:
    """The day on which each incident began, on the calendar of the place."""
    return local(points[TIME]).normalize()


def local(times: pd.Series) -> pd.DatetimeIndex:
    """Times as the clock of their zone shows them."""
    told = pd.DatetimeIndex(times)
    return told.tz_localize(None) if told.tz is not None else told


def whole_period(points: gpd.GeoDataFrame, period: tuple[date, date] | None) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First day and the day after the last: of the selection, else of the incidents."""
    if period is not None:
        return pd.Timestamp(period[0]), pd.Timestamp(period[1])
    days = local_days(points)
    return days.min(), days.max() + pd.Timedelta(days=1)


def whole_months(first: pd.Timestamp, end: pd.Timestamp) -> pd.PeriodIndex:
    """Calendar months that lie wholly between two days, the second not included."""
    return pd.period_range((first - pd.Timedelta(days=1)).to_period("M") + 1, end.to_period("M") - 1, freq="M")


def told(method: Method, table: pd.DataFrame, facts: Mapping[str, Any], warnings: list[Caution] | tuple[Caution, ...]) -> Features:
    """The result layer: the columns of the description, each of its kind."""
    frame = pd.DataFrame({column.name: table[column.name].to_numpy() for column in method.result.columns})
    for column in method.result.columns:
        if column.kind == "number":
            frame[column.name] = frame[column.name].astype("float64")
        elif column.kind == "integer":
            frame[column.name] = frame[column.name].astype("int64")
        elif column.kind == "boolean":
            frame[column.name] = frame[column.name].astype(bool)
        else:
            frame[column.name] = frame[column.name].astype(str)
    once = {doubt.code: doubt for doubt in reversed(warnings)}
    return Features(method.result, gpd.GeoDataFrame(frame), dict(facts)).warned(*reversed(once.values()))
