"""Six years of incidents: a background with the same risk for everybody, and what `truth.py` plants on top of it."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import shapely

from . import patterns, plan, surroundings
from .geometry import along
from .landscape import Landscape
from .patterns import Clock
from .people import Settlement
from .truth import EXTRA_UNTIL, FIRST_DAY, PILE_AT, PILE_SHARE, TRUTH, Planted

SOURCE = "sample_incidents"
PRECISIONS = ("exact", "address", "street", "place", "area", "none")
_USUAL = (0.17, 0.66, 0.075, 0.035, 0.04, 0.02)
_INDOORS = (0.02, 0.93, 0.0, 0.0, 0.03, 0.02)


@dataclass(frozen=True)
class Background:
    """Incidents a year in the whole municipality, spread as residents (or homes) are; when; and how their place is known."""

    a_year: float
    week: str
    places: tuple[float, ...] = _USUAL
    spread: str = "residents"


BACKGROUND: Mapping[str, Background] = {
    "assault_public": Background(50, "weekend_night"), "assault_indoor": Background(62, "home_evening", _INDOORS),
    "domestic_violence": Background(55, "home_evening", (0, 0, 0, 0, 0.62, 0.38)), "robbery": Background(5, "dark_evening"),
    "threat": Background(90, "evening"), "burglary_dwelling": Background(66, "away_by_day", _INDOORS, "homes"),
    "burglary_other": Background(30, "night"), "bicycle_theft": Background(62, "away_by_day"), "vehicle_crime": Background(95, "night"),
    "theft": Background(72, "office_hours"), "vandalism": Background(112, "evening"), "graffiti": Background(24, "night"), "arson": Background(5, "night"),
    "disorder": Background(46, "evening"), "drug_offence": Background(58, "police_shift"),
    "drink_driving": Background(20, "police_shift", (0.6, 0.0, 0.38, 0.0, 0.0, 0.02)),
    "fraud_online": Background(72, "office_hours", (0, 0, 0, 0, 0.15, 0.85)),
}
SHOPS_ELSEWHERE_A_YEAR = 12.0
# Of the spread that counts have by themselves (the root of the expected number), so that a stable place does not fall by bad luck.
USUAL_CHANCE, SMALL_CHANCE = 0.7, 0.35
MARGIN_M = 6.0      # planted spots keep this far inside their disc or ring
TWO_OFFENCES = {"assault_public": "threat", "burglary_dwelling": "vandalism", "disorder": "vandalism", "robbery": "threat"}
TWO_OFFENCES_SHARE = 0.06
ATTEMPT_SHARE = {"burglary_dwelling": 0.28, "burglary_other": 0.22, "robbery": 0.3, "vehicle_crime": 0.18}
INDOORS = ("assault_indoor", "domestic_violence", "burglary_dwelling", "burglary_other", "shoplifting")


@dataclass(frozen=True)
class Spots:
    """Where an incident may be put: addresses, points along the streets, named places."""

    addresses: pd.DataFrame     # x, y, homes, residents, deso, text, street_x, street_y, street (text)
    streets: pd.DataFrame       # x, y, text: every 12 m
    places: pd.DataFrame        # name, x, y

    @classmethod
    def of(cls, land: Landscape, settlement: Settlement) -> Spots:
        named = land.streets[land.streets["name"].notna()].reset_index(drop=True)
        whole = named.groupby(["locality", "name"], sort=True)["geometry"].agg(_longest).reset_index()
        middle = shapely.get_coordinates(shapely.line_interpolate_point(whole["geometry"].to_numpy(), 0.5, normalized=True)).round(1)
        whole["street_text"] = [_with_locality(name, place) for name, place in zip(whole["name"], whole["locality"], strict=True)]
        whole = whole.assign(street_x=middle[:, 0], street_y=middle[:, 1]).drop(columns="geometry").rename(columns={"name": "street"})
        addresses = settlement.addresses.merge(whole, on=["locality", "street"], how="left")
        addresses["text"] = [_with_locality(f"{street} {number}", place) if isinstance(street, str) else None
                             for street, number, place in zip(addresses["street"], addresses["number"], addresses["locality"], strict=True)]
        number, point, _ = along(land.streets["geometry"].to_numpy(), 12.0, first_m=1.0)
        streets = pd.DataFrame({"x": point[:, 0].round(1), "y": point[:, 1].round(1), "text": land.streets["name"].to_numpy()[number]})
        known = surroundings.places(land)
        at = shapely.get_coordinates(known["geometry"].to_numpy())
        return cls(addresses, streets, pd.DataFrame({"name": known["name"], "x": at[:, 0], "y": at[:, 1]}))


def _with_locality(text: str, place: str) -> str:
    """Street names come again in other localities, so there the locality is said."""
    return text if place in ("", plan.TOWN.name) else f"{text}, {place}"


def _longest(lines: pd.Series) -> shapely.LineString:
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(list(lines))))
    return merged[shapely.length(merged).argmax()]


def all_years(land: Landscape, settlement: Settlement, fine: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Every incident reported until the extra quarter ends, in the order of the reports. Columns of the layer, and x, y (NaN: no point)."""
    spots, clock = Spots.of(land, settlement), Clock.between(FIRST_DAY, EXTRA_UNTIL)
    drawn = [_background(kind, told, spots, clock, rng) for kind, told in BACKGROUND.items()] + [_other_shops(clock, rng)]
    drawn += [_near_repeat(planted, spots, clock, rng) if planted.kind == "near_repeat" else _planted(planted, spots, clock, rng) for planted in TRUTH]
    rows = pd.concat(drawn, ignore_index=True)
    rows = _piled(rows, rng)
    rows = pd.concat([rows, patterns.known_times(rows["true"].to_numpy(), rows["offence_type"].to_numpy(), rng)], axis=1)
    near = rows["quick"].fillna(False).to_numpy(dtype=bool)
    sooner = patterns.known_times(rows.loc[near, "true"].to_numpy(), rows.loc[near, "offence_type"].to_numpy(), rng, longest_h=10)
    for name in ("occurred_from", "occurred_to", "time_precision"):
        rows.loc[near, name] = sooner[name].to_numpy() if name == "time_precision" else pd.DatetimeIndex(sooner[name])
    rows = _with_second_offences(rows, rng)
    first, until = (pd.Timestamp(day, tz=patterns.ZONE) for day in (FIRST_DAY, EXTRA_UNTIL))
    rows = rows[(rows["occurred_from"] >= first) & (rows["reported_at"] < until)]
    return _finished(rows, fine, rng)


def _background(kind: str, told: Background, spots: Spots, clock: Clock, rng) -> pd.DataFrame:
    years = (EXTRA_UNTIL - FIRST_DAY).days / 365.25
    n = rng.poisson(told.a_year * years)
    weight = spots.addresses[told.spread].to_numpy(dtype=float)
    at = spots.addresses.iloc[rng.choice(len(weight), n, p=weight / weight.sum())].reset_index(drop=True)
    precision = rng.choice(PRECISIONS, n, p=np.array(told.places) / sum(told.places))
    x, y = at["x"].to_numpy(copy=True), at["y"].to_numpy(copy=True)
    text = at["text"].to_numpy(dtype=object, copy=True)
    exact = precision == "exact"
    x[exact] += rng.normal(0, 22, exact.sum())
    y[exact] += rng.normal(0, 22, exact.sum())
    text[exact] = at["street_text"].to_numpy(dtype=object)[exact]
    street = (precision == "street") & at["street_x"].notna().to_numpy()
    precision[(precision == "street") & ~street] = "address"
    x[street], y[street], text[street] = at["street_x"][street], at["street_y"][street], at["street_text"][street]
    _to_places(precision, x, y, text, spots)
    return pd.DataFrame({"offence_type": kind, "true": patterns.draw(clock, n, told.week, kind, np.ones(len(clock.utc)), rng), "x": x, "y": y,
                         "geom_precision": precision, "place_text": text, "deso": at["deso"], "movable": (precision == "address")})


def _to_places(precision, x, y, text, spots: Spots) -> None:
    """Those known by a named place are put on it when one lies within 400 m; otherwise they keep their address."""
    at = np.flatnonzero(precision == "place")
    gap = np.hypot(x[at, None] - spots.places["x"].to_numpy(), y[at, None] - spots.places["y"].to_numpy())
    nearest = gap.argmin(axis=1)
    close = gap.min(axis=1) < 400
    precision[at[~close]] = "address"
    x[at[close]], y[at[close]] = spots.places["x"].to_numpy()[nearest[close]], spots.places["y"].to_numpy()[nearest[close]]
    text[at[close]] = spots.places["name"].to_numpy()[nearest[close]]


def _other_shops(clock: Clock, rng) -> pd.DataFrame:
    shops = plan.SHOPS[9:]
    n = rng.poisson(SHOPS_ELSEWHERE_A_YEAR * (EXTRA_UNTIL - FIRST_DAY).days / 365.25)
    weight = np.array([shop[2] for shop in shops])
    chosen = rng.choice(len(shops), n, p=weight / weight.sum())
    at = np.array([shop[1] for shop in shops], dtype=float)[chosen]
    return pd.DataFrame({"offence_type": "shoplifting", "true": patterns.draw(clock, n, "opening_hours", "shoplifting", np.ones(len(clock.utc)), rng),
                         "x": at[:, 0], "y": at[:, 1], "geom_precision": "address", "place_text": np.array([s[0] for s in shops])[chosen]})


def _planted(planted: Planted, spots: Spots, clock: Clock, rng) -> pd.DataFrame:
    """What is planted at one place, year by year: about the expected number, more or less as chance has it.

    Where a change is to be judged (a measure, its surroundings and what it is compared with) chance is kept small, so that the
    truth is in the data and not only in the mean.
    """
    new_years = [date(year, 1, 1) for year in range(planted.start.year + 1, planted.end.year + 1)]
    days = sorted({planted.start, planted.end, *(d for d, _ in planted.changes), *(d for d in new_years if d < planted.end)})
    hours = pd.DatetimeIndex(clock.utc, tz="UTC")
    parts, kinds = [], list(planted.types)
    chance = USUAL_CHANCE if planted.kind in ("stable", "emerging", "vanishing") else SMALL_CHANCE
    for start, end in pairwise(days):
        allowed = ((hours >= pd.Timestamp(start, tz=patterns.ZONE)) & (hours < pd.Timestamp(end, tz=patterns.ZONE))).astype(float)
        expected = planted.expected(start, end)
        number = max(0, round(expected + chance * np.sqrt(expected) * np.clip(rng.standard_normal(), -1.8, 1.8)))
        for kind, n in zip(kinds, rng.multinomial(number, list(planted.types.values())), strict=True):
            if n:
                parts.append(pd.DataFrame({"offence_type": kind, "true": patterns.draw(clock, n, planted.when, kind, allowed, rng)}))
    rows = pd.concat(parts, ignore_index=True)
    return pd.concat([rows, _around(planted, spots, len(rows), rng)], axis=1)


def _around(planted: Planted, spots: Spots, n: int, rng) -> pd.DataFrame:
    """n spots in the planted disc or ring: at its shops, or on its streets, addresses and under its name."""
    if planted.shares:
        weight = np.array([share for _, share in planted.shares])
        at = np.array([spot for spot, _ in planted.shares], dtype=float)[rng.choice(len(weight), n, p=weight / weight.sum())]
        return pd.DataFrame({"x": at[:, 0], "y": at[:, 1], "geom_precision": "address", "place_text": planted.name})
    inside = []
    for table, precision in ((spots.streets, "exact"), (spots.addresses, "address")):
        gap = np.hypot(table["x"] - planted.at[0], table["y"] - planted.at[1])
        near = table[(gap < planted.radius_m - MARGIN_M) & (gap > (planted.inner_m + MARGIN_M if planted.inner_m else -1))]
        inside.append(near.assign(geom_precision=precision)[["x", "y", "geom_precision", "text"]])
    streets, addresses = inside
    on_street = rng.random(n) < max(0.6, 1.0 - len(addresses) / 40)  # a few addresses do not take it all
    chosen = pd.concat([streets.iloc[rng.integers(0, len(streets), on_street.sum())],
                        addresses.iloc[rng.integers(0, max(1, len(addresses)), (~on_street).sum())]], ignore_index=True).sample(
                            frac=1, random_state=rng).reset_index(drop=True)
    loose = (chosen["geom_precision"] == "exact").to_numpy()
    chosen.loc[loose, ["x", "y"]] += rng.uniform(-4, 4, (loose.sum(), 2))  # beside the street too; stays within the margin
    if planted.place:
        named = rng.random(n) < 0.12
        place = spots.places.set_index("name").loc[planted.place]
        chosen.loc[named, ["x", "y"]] = place["x"], place["y"]
        chosen.loc[named, ["geom_precision", "text"]] = "place", planted.place
    return chosen.rename(columns={"text": "place_text"})


def _near_repeat(planted: Planted, spots: Spots, clock: Clock, rng) -> pd.DataFrame:
    """A wave of burglaries: some that start a chain, each followed by more within 200 m and 14 days, now and then at the same address."""
    homes = spots.addresses[spots.addresses["homes"] > 0]
    homes = homes[np.hypot(homes["x"] - planted.at[0], homes["y"] - planted.at[1]) < planted.radius_m].reset_index(drop=True)
    at = homes[["x", "y"]].to_numpy()
    wanted = round(planted.expected(planted.start, planted.end))
    first, last = (np.datetime64(day, "s") for day in (planted.start, planted.end))
    chosen: list[int] = []
    when: list[np.datetime64] = []
    while len(chosen) < wanted:
        home = int(rng.integers(len(homes)))
        begun = first + np.timedelta64(int(rng.uniform(0, (last - first).astype(int) - 15 * 86400)), "s")
        near = np.flatnonzero(np.hypot(*(at - at[home]).T) < 195)
        followers = rng.choice(near, int(rng.integers(2, 6)))
        chosen += [home, *followers.tolist()]
        when += [begun, *(begun + np.timedelta64(int(d * 86400), "s") for d in np.sort(rng.uniform(0.5, 13.5, len(followers))))]
    rows = homes.iloc[chosen[:wanted]].reset_index(drop=True)
    return pd.DataFrame({"offence_type": "burglary_dwelling", "true": np.array(when[:wanted], dtype="datetime64[s]"), "x": rows["x"], "y": rows["y"],
                         "geom_precision": "address", "place_text": rows["text"], "deso": rows["deso"], "quick": True})


def _piled(rows: pd.DataFrame, rng) -> pd.DataFrame:
    """Some addresses were not understood by the register and all lie on one and the same point."""
    can = np.flatnonzero(rows["movable"].fillna(False).to_numpy(dtype=bool) & ~rows["offence_type"].isin(INDOORS).to_numpy())
    moved = rng.choice(can, round(PILE_SHARE * len(rows)), replace=False)
    rows.loc[moved, ["x", "y"]] = PILE_AT
    rows.loc[moved, "place_text"] = plan.TOWN.name
    return rows


def _with_second_offences(rows: pd.DataFrame, rng) -> pd.DataFrame:
    """A few events hold two offences: a second row with the same time and place and the same event key."""
    rows = rows.assign(event=np.arange(len(rows)))
    double = rows[rows["offence_type"].isin(TWO_OFFENCES) & (rng.random(len(rows)) < TWO_OFFENCES_SHARE)]
    return pd.concat([rows, double.assign(offence_type=double["offence_type"].map(TWO_OFFENCES))], ignore_index=True)


def _finished(rows: pd.DataFrame, fine: pd.DataFrame, rng) -> pd.DataFrame:
    rows = rows.sort_values(["reported_at", "event", "offence_type"], kind="stable").reset_index(drop=True)
    year = rows["reported_at"].dt.year
    key = [f"EX-{y}-{n + 1:05d}" for y, n in zip(year, rows.groupby(year).cumcount(), strict=True)]
    placed = ~rows["geom_precision"].isin(("area", "none"))
    by_area = (rows["geom_precision"] == "area").to_numpy()
    coarse = fine.set_index("code")["parent_code"]
    told_fine = rng.random(len(rows)) < 0.6
    codes = np.where(told_fine, rows["deso"], rows["deso"].map(coarse))
    names = {code: name for code, name, _ in plan.REGSO}
    attempt = rng.random(len(rows)) < rows["offence_type"].map(ATTEMPT_SHARE).fillna(0.0)
    indoor = rows["offence_type"].isin(INDOORS)
    text = rows["place_text"].where(placed, None).astype(object).where(rows["place_text"].notna(), None)
    text[by_area] = rows.loc[by_area, "deso"].map(coarse).map(names)
    return pd.DataFrame({
        "source_code": SOURCE, "source_key": key, "event_key": rows["event"].map(dict(zip(rows["event"][::-1], key[::-1], strict=True))),
        "offence_type": rows["offence_type"], "offence_code": None, "attempt": attempt.astype(object), "indoor": indoor.astype(object),
        "occurred_from": rows["occurred_from"], "occurred_to": rows["occurred_to"], "time_precision": rows["time_precision"],
        "reported_at": rows["reported_at"], "geom_precision": rows["geom_precision"], "place_text": text,
        "area_code": [plan.CODE + code if here else None for code, here in zip(codes, by_area, strict=True)], "details": None,
        "x": rows["x"].where(placed).round(1), "y": rows["y"].where(placed).round(1)})
