"""What was planted in the sample, so that a result can be held against what is true.

Outside the planted places the risk is the same for every resident (burglaries: for every home) and for every year.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

import pandas as pd
import shapely

from . import plan

FIRST_DAY, LAST_DAY = date(2020, 1, 1), date(2025, 12, 31)      # of the sample's data
EXTRA_UNTIL = date(2026, 4, 1)      # one more quarter is made for the example file, and not put into the store
END = date(2026, 1, 1)
DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Planted:
    """One place where more happens than elsewhere, or one change.

    `per_month` incidents are added within `radius_m` of `at` from `start` until `end`, times the factor of the last of `changes`
    that has begun. `when` names a pattern of `patterns.py`. `ring_of` names the measure whose surroundings this is.
    """

    code: str
    kind: str       # stable | emerging | vanishing | near_repeat | measure_worked | measure_without_effect | displacement | control | pile
    name: str
    at: tuple[float, float]
    radius_m: float
    types: Mapping[str, float]
    per_month: float
    when: str
    start: date = FIRST_DAY
    end: date = EXTRA_UNTIL
    inner_m: float = 0.0        # a ring begins here
    changes: tuple[tuple[date, float], ...] = ()
    place: str | None = None    # the named place that the register knows it by
    control: str | None = None  # the planted place that nothing was done at, to compare with
    note: str = ""
    shares: tuple[tuple[tuple[float, float], float], ...] = field(default=(), repr=False)   # exact spots, such as shops, with weights

    def factor(self, day: date) -> float:
        return next((factor for begun, factor in reversed(self.changes) if day >= begun), 1.0)

    def expected(self, start: date, end: date) -> float:
        """Incidents that the planting adds between two days, in the long run."""
        first, last = max(start, self.start), min(end, self.end)
        edges = sorted({first, last, *(day for day, _ in self.changes if first < day < last)}) if first < last else []
        return sum(self.per_month * self.factor(a) * (b - a).days / DAYS_A_MONTH for a, b in pairwise(edges))

    def without_change(self, start: date, end: date) -> float:
        """The same had nothing been done: the counterfactual."""
        days = (min(end, self.end) - max(start, self.start)).days
        return max(0.0, self.per_month * days / DAYS_A_MONTH)


LIGHT_DONE, FENCE_DONE = date(2024, 1, 15), date(2023, 8, 15)
_TUNNEL = {"vandalism": 0.3, "graffiti": 0.2, "threat": 0.25, "assault_public": 0.13, "robbery": 0.12}
_SCHOOL = {"vandalism": 0.55, "graffiti": 0.2, "burglary_other": 0.15, "arson": 0.1}
_CENTRE_SHOPS = tuple((at, weight) for _, at, weight in plan.SHOPS[:6])
_RING_SHOPS = tuple((at, weight) for _, at, weight in plan.SHOPS[6:9])

TRUTH: tuple[Planted, ...] = (
    Planted("square", "stable", "Stora torget och krogarna", (72, 52), 130,
            {"assault_public": 0.34, "disorder": 0.34, "threat": 0.16, "vandalism": 0.1, "robbery": 0.06}, 8.5, "weekend_night", place="Stora torget",
            note="Fridags- och lördagsnätter."),
    Planted("station", "stable", "Cykelparkeringen vid stationen", plan.STATION, 100, {"bicycle_theft": 1.0}, 4.5, "away_by_day",
            place="Exempelby station", note="Cyklar som står över dagen, mest på sommarhalvåret."),
    Planted("shops", "stable", "Butikerna i centrum", (110, -20), 190, {"shoplifting": 1.0}, 6.0, "opening_hours", shares=_CENTRE_SHOPS),
    Planted("ringkop", "stable", "Handelsområdet Ringköp", (1490, 1090), 130, {"shoplifting": 0.8, "vehicle_crime": 0.2}, 3.0, "opening_hours",
            place="Ringköp", shares=_RING_SHOPS),
    Planted("visbacken", "emerging", "Visbackens centrum", plan.VISBACKEN_CENTRE, 140,
            {"vandalism": 0.35, "graffiti": 0.2, "disorder": 0.35, "arson": 0.1}, 7.5, "evening", start=date(2024, 7, 1),
            place="Visbackens centrum", note="Ny anhopning de senaste 18 månaderna."),
    Planted("kvarnparken", "vanishing", "Kvarnparken", (-960, 190), 150, {"disorder": 0.4, "vandalism": 0.3, "threat": 0.2, "theft": 0.1}, 6.0,
            "evening", end=date(2023, 1, 1), place="Kvarnparken", note="Upphörde vid årsskiftet 2022/2023."),
    Planted("norrbacken", "near_repeat", "Inbrottsvågen på Norrbacken", (-850, 900), 500, {"burglary_dwelling": 1.0}, 11.0, "away_by_day",
            start=date(2024, 10, 1), end=date(2025, 3, 1), note="Varje inbrott följs av fler inom 200 m och 14 dagar."),
    Planted("lykttunneln", "measure_worked", "Lykttunneln", plan.LYKTTUNNELN, 90, _TUNNEL, 4.5, "dark_evening", changes=((LIGHT_DONE, 0.55),),
            place="Lykttunneln", control="bangardstunneln", note="Ny belysning och röjning: 45 % färre."),
    Planted("lykttunneln_ring", "displacement", "Runt Lykttunneln", plan.LYKTTUNNELN, 250, _TUNNEL, 3.0, "dark_evening", inner_m=90,
            changes=((LIGHT_DONE, 1.15),), control="bangardstunneln_ring", note="Överflyttning: 15 % fler i ringen."),
    Planted("bangardstunneln", "control", "Bangårdstunneln", plan.BANGARDSTUNNELN, 90, _TUNNEL, 4.5, "dark_evening", place="Bangårdstunneln",
            note="Lik Lykttunneln; inget gjordes."),
    Planted("bangardstunneln_ring", "control", "Runt Bangårdstunneln", plan.BANGARDSTUNNELN, 250, _TUNNEL, 3.0, "dark_evening", inner_m=90),
    Planted("kometskolan", "measure_without_effect", "Kometskolan", plan.SCHOOLS[0][1], 110, _SCHOOL, 3.5, "evening",
            changes=((FENCE_DONE, 1.0),), place="Kometskolan", control="sagoskolan", note="Staket runt skolgården: ingen skillnad."),
    Planted("sagoskolan", "control", "Sagoskolan", plan.SCHOOLS[1][1], 110, _SCHOOL, 3.5, "evening", place="Sagoskolan"),
)
PILE_AT, PILE_SHARE = (-333, -181), 0.015
PILE = Planted("pile", "pile", "Punkten där okända adresser hamnar", PILE_AT, 1, {}, 0.0, "any",
               note="En och en halv procent av händelserna ligger på samma koordinat; det har inte hänt något särskilt där.")


def area(planted: Planted) -> shapely.Polygon:
    """The planted place as a polygon in EPSG:3006: a disc, or a ring."""
    centre = shapely.Point(planted.at[0] + plan.ORIGIN[0], planted.at[1] + plan.ORIGIN[1])
    disc = centre.buffer(planted.radius_m, quad_segs=16)
    return disc.difference(centre.buffer(planted.inner_m, quad_segs=16)) if planted.inner_m else disc


def table() -> pd.DataFrame:
    """One row per planted place, with what it adds until the data end and what would have been without the change."""
    return pd.DataFrame(_rows())


def facts() -> list[dict[str, object]]:
    """The truth table as plain values, with areas as WKT, to be kept with the store."""
    plain = [row | {name: None if row[name] is None else str(row[name]) for name in ("start", "end", "changed_on")} for row in _rows()]
    return [row | {"area": shapely.to_wkt(area(planted), rounding_precision=0), "crs": "EPSG:3006"}
            for row, planted in zip(plain, (*TRUTH, PILE), strict=True)]


def _rows() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for planted in (*TRUTH, PILE):
        changed, factor = planted.changes[0] if planted.changes else (None, 1.0)
        after = (changed or planted.start, min(planted.end, END))
        rows.append({
            "code": planted.code, "kind": planted.kind, "name": planted.name, "east": planted.at[0] + plan.ORIGIN[0],
            "north": planted.at[1] + plan.ORIGIN[1], "radius_m": planted.radius_m, "inner_m": planted.inner_m, "types": list(planted.types),
            "start": planted.start, "end": after[1], "changed_on": changed, "factor": factor, "per_month": planted.per_month,
            "expected": round(planted.expected(FIRST_DAY, END), 1), "expected_after": round(planted.expected(*after), 1),
            "counterfactual_after": round(planted.without_change(*after), 1), "control": planted.control, "when": planted.when,
            "place": planted.place, "note": planted.note})
    return rows
