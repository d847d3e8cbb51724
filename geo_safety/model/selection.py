"""What is asked for: areas, period, compared period and types. The URL of a view is exactly this, so every view is a link."""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import parse_qs, urlencode

VERSION = "1"
MOST_VERTICES = 400


@dataclass(frozen=True, order=True)
class Period:
    """Half-open: `start` belongs to it, `end` does not."""

    start: date
    end: date

    def __post_init__(self):
        if self.end <= self.start:
            raise ValueError(f"period ends {self.end} before it has begun {self.start}")

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    def before(self) -> Period:
        """The period of equal length a whole number of years earlier, so that the seasons are alike."""
        years = max(1, -(-self.days // 366))
        return Period(_years_earlier(self.start, years), _years_earlier(self.end, years))

    def __str__(self) -> str:
        return f"{self.start}/{self.end}"

    @classmethod
    def parse(cls, text: str) -> Period:
        start, _, end = text.partition("/")
        return cls(date.fromisoformat(start), date.fromisoformat(end))


def _years_earlier(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def whole_year(year: int) -> Period:
    return Period(date(year, 1, 1), date(year + 1, 1, 1))


def last_months(end: date, months: int) -> Period:
    """Whole months that end with the last complete month before `end`."""
    stop = end.replace(day=1)
    start = stop
    for _ in range(months):
        start = (start - timedelta(days=1)).replace(day=1)
    return Period(start, stop)


@dataclass(frozen=True)
class Selection:
    """`types` None means the default of the safeguards: public or semi-public places, reported by the public.

    `drawn` is a polygon drawn on the map: longitude and latitude pairs, not closed; it replaces `areas` when given.
    `period` None means all time.
    """

    period: Period | None = None
    compare_with: Period | None = None
    types: tuple[str, ...] | None = None
    areas: tuple[str, ...] = ()
    drawn: tuple[tuple[float, float], ...] = ()

    def with_(self, **changes) -> Selection:
        return replace(self, **changes)

    def to_query(self) -> dict[str, str]:
        query: dict[str, str] = {"v": VERSION}
        if self.period:
            query["period"] = str(self.period)
        if self.compare_with:
            query["compare"] = str(self.compare_with)
        if self.types is not None:
            query["types"] = ",".join(self.types)
        if self.areas:
            query["areas"] = ",".join(self.areas)
        if self.drawn:
            query["drawn"] = ";".join(f"{x:.5f},{y:.5f}" for x, y in self.drawn)
        return query

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Selection:
        """What can be read is used; what cannot is left at its default, never an error page."""
        return cls(
            period=_try(Period.parse, query.get("period")),
            compare_with=_try(Period.parse, query.get("compare")),
            types=_codes(query["types"]) if "types" in query else None,
            areas=_codes(query.get("areas", "")),
            drawn=_try(_polygon, query.get("drawn")) or ())


@dataclass(frozen=True)
class View:
    """How a selection is looked at: which layers, by count or rate, which division, base map, place on the map, thing chosen."""

    layers: tuple[str, ...] = ("areas", "incidents", "walk_findings", "measures")
    measure: str = "count"          # count | rate
    division: str = ""              # kind of area; empty: the first the store has
    base: str = "vector"            # vector | none | name of a configured base map
    zoom: float | None = None
    centre: tuple[float, float] | None = None  # latitude, longitude
    chosen: str = ""                # "areas:1463R001", "incidents:<uid>", "cells:12"

    def with_(self, **changes) -> View:
        return replace(self, **changes)

    def to_query(self) -> dict[str, str]:
        query = {}
        default = View()
        if self.layers != default.layers:
            query["layers"] = ",".join(self.layers)
        for name in ("measure", "division", "base", "chosen"):
            if getattr(self, name) != getattr(default, name):
                query[name] = getattr(self, name)
        if self.zoom is not None and self.centre is not None:
            query["at"] = f"{self.zoom:g},{self.centre[0]:.5f},{self.centre[1]:.5f}"
        return query

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> View:
        at = _try(_place, query.get("at"))
        return cls(
            layers=_codes(query["layers"]) if "layers" in query else cls.layers,
            measure=query.get("measure", "") if query.get("measure") in ("count", "rate") else cls.measure,
            division=_code(query.get("division", "")), base=_code(query.get("base", "")) or cls.base,
            chosen=query.get("chosen", "")[:120], zoom=at[0] if at else None, centre=(at[1], at[2]) if at else None)


def parse_query(search: str | None) -> dict[str, str]:
    """The first value of each key in a URL query, at most 20 000 characters of it."""
    return {key: values[0] for key, values in parse_qs((search or "").lstrip("?")[:20_000], keep_blank_values=True).items()}


def to_search(*parts: Selection | View | Mapping[str, str]) -> str:
    """`?…` for the given parts; readable, in a fixed order."""
    query: dict[str, str] = {}
    for part in parts:
        query |= part if isinstance(part, Mapping) else part.to_query()
    return "?" + urlencode(query, safe="/,:;") if query else ""


_CODE = re.compile(r"[\w.\-]{1,60}")


def _code(text: str) -> str:
    return text if _CODE.fullmatch(text) else ""


def _codes(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in text.split(",")[:500] if _CODE.fullmatch(part)))


def _polygon(text: str) -> tuple[tuple[float, float], ...]:
    pairs = [part.split(",") for part in text.split(";")]
    corners = tuple((round(float(x), 5), round(float(y), 5)) for x, y in pairs)
    if not 3 <= len(corners) <= MOST_VERTICES or any(not (abs(x) <= 180 and abs(y) <= 90) for x, y in corners):
        raise ValueError(text)
    return corners


def _place(text: str) -> tuple[float, float, float]:
    zoom, latitude, longitude = (float(part) for part in text.split(","))
    if not (0 <= zoom <= 22 and abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError(text)
    return zoom, latitude, longitude


def _try(parse, text):
    if not text:
        return None
    try:
        return parse(text)
    except ValueError:
        return None
