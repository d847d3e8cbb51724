"""Where cases gather beyond what the people there explain, at whatever size: Kulldorff's circular scan."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from ..crs import require_metric
from ..errors import InputError
from ..model.cautions import Caution, caution
from ..text import Text
from .rates import rate_ratio

SMALL_N = 20
MODELS = ("poisson", "bernoulli")
MOST_ZONES = 60_000_000     # circles held at once: some 2 GB
CHUNK = 1 << 22             # distances measured at a time
DATA_SETS = 64              # simulated together
PILOT = 75                  # every so manieth centre tells how large the largest ratio is at least
HAIR_M = 1e-6               # centres this little further away are equally far
_AREAS = Text(sv="Områdena", en="The areas")


def scan(areas: gpd.GeoDataFrame, *, cases: str = "incidents", population: str | None = None, expected: str | None = None,
         controls: str | None = None, model: str = "poisson", most_share: float = 0.5, most_radius_m: float | None = None, least_cases: int = 2,
         n_perm: int = 999, seed: int | None = None) -> gpd.GeoDataFrame:
    """Clusters of areas with more cases than the people there explain, the most likely first (Kulldorff's circular scan).

    Parameters
    ----------
    areas
        Polygons or points in a metric CRS, with counts. Every circle around the centre of an area is tried; an area lies in it when its
        own centre does, and areas equally far away come in together.
    cases
        Column with counts, whole numbers.
    population, expected
        Poisson: chance puts each case into an area in proportion to `expected`, where given (as adjusted for age or hour), else to
        `population`. With both, the population is what `most_share` is measured by. Cases where nothing is expected, as on a square
        without residents, count in the circles that reach an area where something is.
    controls
        Bernoulli: column with the people, places or offences that are no cases; chance draws the cases from both together.
    most_share, most_radius_m
        Largest circle: share of the population, and metres. The most likely cluster of a search up to half of all is often too large to act
        on: 0.2, or a kilometre, suits a town better. Decide before looking.
    least_cases
        Fewest cases in a cluster.

    Returns
    -------
    One row per cluster, none overlapping another, as long as some permutation is beaten: `cluster` (1, 2 …), `areas` (their labels in the
    index, from the centre outwards), `radius_m` (to the outermost centre), `cases`, `expected`, `observed_to_expected`, `ratio` (cases to
    expected inside, divided by the same outside), `ratio_low`, `ratio_high` (exact 95 % interval), `llr` (log likelihood ratio), `p` and
    `p_gumbel` (for values beyond what the permutations can tell apart); geometry: the areas together. No row where nothing exceeds chance at all.

    Notes
    -----
    Poisson: LLR = c ln(c/E) + (C − c) ln((C − c)/(C − E)) for c > E; Bernoulli: the binomial ratio. p compares with the largest LLR
    anywhere in each of `n_perm` data sets, so that it allows for all circles tried; for further clusters it is on the safe side. The
    ratio is that of a place picked because it stood out, so it is too high on average, and its interval does not allow for that. Circles know
    nothing of rivers and railways, and their edge is no border between risk and safety.

    References
    ----------
    Kulldorff 1997, doi:10.1080/03610929708831995; Kulldorff & Nagarwalla 1995, doi:10.1002/sim.4780140809; Abrams, Kulldorff & Kleinman 2010,
    doi:10.1186/1476-072X-9-61
    """
    return scan_and_facts(areas, cases=cases, population=population, expected=expected, controls=controls, model=model, most_share=most_share,
                          most_radius_m=most_radius_m, least_cases=least_cases, n_perm=n_perm, seed=seed)[0]


def scan_and_facts(areas: gpd.GeoDataFrame, *, cases: str, population: str | None, expected: str | None, controls: str | None, model: str,
                   most_share: float, most_radius_m: float | None, least_cases: int, n_perm: int,
                   seed: int | None) -> tuple[gpd.GeoDataFrame, dict[str, Any], tuple[Caution, ...]]:
    """`scan`, what it used and met, and what is to be doubted."""
    require_metric(areas.crs, _AREAS)
    _check(most_share, most_radius_m, n_perm)
    x, y = _centres(areas)
    order = np.lexsort((y, x))  # whatever the order of the rows, the same areas get the same simulated cases
    areas, x, y = areas.iloc[order], x[order], y[order]
    table = _table(areas, cases, population, expected, controls, model)
    zones = Zones.around(x, y, table, most_share, most_radius_m)
    largest = _largest_by_chance(zones, table, least_cases, n_perm, np.random.default_rng(seed))
    found = _clusters(zones, table, least_cases, float(largest.min()))
    told = _told(areas, found, table, largest)
    n = int(table.cases.sum())
    facts = {"n": n, "areas": len(areas), "circles": int(zones.whole.sum()), "model": model, "most_share": most_share,
             "most_radius_m": most_radius_m, "least_cases": least_cases, "cases_without_expected": int(table.cases[table.expected == 0].sum()),
             "p": "permutation", "n_perm": n_perm, "seed": seed}
    return told, facts, (caution("SMALL_N", n=n),) if n < SMALL_N else ()


@dataclass(frozen=True)
class Table:
    """Of each area its cases, what is expected of them, and its people, by which circles are measured.

    `all_people` is above 0 in the Bernoulli model, where `people` are cases and controls.
    """

    cases: np.ndarray
    expected: np.ndarray
    people: np.ndarray
    all_people: float = 0.0


@dataclass(frozen=True)
class Zones:
    """All circles: around centre i the areas `order[begin[i]:begin[i + 1]]`, nearest first; each of them ends a circle.

    `away` is the distance of each from the centre, `expected` and `people` add up all up to it. Not `whole`: another area is as far away.
    """

    order: np.ndarray
    begin: np.ndarray
    away: np.ndarray
    whole: np.ndarray
    expected: np.ndarray
    people: np.ndarray

    @classmethod
    def around(cls, x: np.ndarray, y: np.ndarray, table: Table, most_share: float, most_radius_m: float | None) -> Zones:
        most_people = most_share * table.people.sum() * (1 + 1e-12)
        parts: list[list[np.ndarray]] = []
        held = 0
        for order, away in _by_distance(x, y, most_radius_m):
            people, due = (np.cumsum(np.append(values, 0)[order], axis=1) for values in (table.people, table.expected))
            last = np.column_stack([away[:, 1:] > away[:, :-1] + HAIR_M, np.ones(len(away), bool)])
            within = (people <= most_people) & (order < len(x))
            held += int(within.sum())
            if held > MOST_ZONES:
                raise InputError(Text(sv="Cirklarna blir fler än {most}. Ange en mindre största radie eller andel, eller större områden.",
                                      en="There are more than {most} circles. Give a smaller greatest radius or share, or larger areas.").format(
                                          most=MOST_ZONES))
            parts.append([order[within].astype(np.int32), within.sum(axis=1), away[within], last[within], due[within], people[within]])
        order, number, away, last, due, people = (np.concatenate(part) for part in zip(*parts, strict=True))
        return cls(order, np.concatenate([[0], np.cumsum(number)]), away, last, due, people)

    def counts(self, cases: np.ndarray) -> np.ndarray:
        """Cases in each circle."""
        running = np.concatenate([[0], np.cumsum(cases[self.order])])
        return running[1:] - np.repeat(running[self.begin[:-1]], np.diff(self.begin))

    def without(self, members: np.ndarray) -> np.ndarray:
        """True for the circles that hold none of the areas `members`."""
        taken = np.zeros(len(self.begin) - 1, np.int64)
        taken[members] = 1
        return self.counts(taken) == 0


def _by_distance(x: np.ndarray, y: np.ndarray, most_radius_m: float | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For some centres at a time the areas, nearest first, and how far away each is; one past the last area stands for none."""
    places = np.column_stack([x, y])
    if most_radius_m is None:
        for start in range(0, len(x), rows := max(1, CHUNK // len(x))):
            away = np.hypot(*(places[start:start + rows, None] - places).transpose(2, 0, 1))
            order = np.argsort(away, axis=1, kind="stable")
            yield order, np.take_along_axis(away, order, axis=1)
        return
    tree = cKDTree(places)
    most = int(tree.query_ball_point(places, most_radius_m + HAIR_M, return_length=True).max())
    for start in range(0, len(x), rows := max(1, CHUNK // most)):
        away, order = tree.query(places[start:start + rows], np.arange(1, most + 1), distance_upper_bound=most_radius_m + HAIR_M)
        yield order, away


@dataclass(frozen=True)
class Found:
    """One cluster: its areas, from the centre outwards, radius and log likelihood ratio."""

    members: np.ndarray
    radius_m: float
    llr: float


def _clusters(zones: Zones, table: Table, least_cases: int, floor: float) -> list[Found]:
    """The most likely circle, then the most likely of those that do not overlap it, and so on while the ratio is above `floor`."""
    from . import loops
    counts = zones.counts(table.cases)
    ratios = loops.likelihood_ratios(counts, zones.expected, zones.people, float(table.cases.sum()), table.all_people)
    ratios[~zones.whole | (counts < least_cases)] = 0.0
    found = []
    while len(ratios) and (top := float(ratios.max())) > floor * (1 + 1e-9):
        alike = np.flatnonzero(ratios >= top * (1 - 1e-12))  # the same areas, seen from several of them
        zone = int(alike[zones.away[alike].argmin()])
        centre = int(np.searchsorted(zones.begin, zone, side="right")) - 1
        members = zones.order[zones.begin[centre]:zone + 1]
        found.append(Found(members, float(zones.away[zone]), top))
        ratios = np.where(zones.without(members), ratios, 0.0)
    return found


def _largest_by_chance(zones: Zones, table: Table, least_cases: int, n_perm: int, rng: np.random.Generator) -> np.ndarray:
    """The largest log likelihood ratio in each of `n_perm` data sets where chance alone puts the cases into areas.

    First some of the circles, for a value that most data sets exceed; then, everywhere, only the counts that exceed it are looked at. Data
    sets that stay below are gone through once more in full: nothing is approximated.
    """
    from . import loops
    cases = float(table.cases.sum())
    never = np.int32(table.cases.sum() + 1)
    drawn = _draw(table, n_perm, rng)
    largest = np.zeros(n_perm)

    def needed(floor: float) -> np.ndarray:
        return np.where(zones.whole, loops.least_counts(floor, zones.expected, zones.people, cases, table.all_people, least_cases), never)

    def look(which: np.ndarray, need: np.ndarray, step: int) -> None:
        for start in range(0, len(which), DATA_SETS):
            part = which[start:start + DATA_SETS]
            best = largest[part]
            loops.scan_zones(zones.order, zones.begin, step, need, zones.expected, zones.people, np.ascontiguousarray(drawn[part].T), cases,
                             table.all_people, best)
            largest[part] = best

    every, any_excess = np.arange(n_perm), needed(0.0)
    look(every, any_excess, PILOT)
    floor = float(np.quantile(largest, 0.4))
    look(every, needed(floor), 1)
    look(np.flatnonzero(largest <= floor), any_excess, 1)
    return largest


def _draw(table: Table, n_perm: int, rng: np.random.Generator) -> np.ndarray:
    """Cases of each area in data sets where chance alone has put them: (n_perm, areas)."""
    cases = int(table.cases.sum())
    if table.all_people:
        return rng.multivariate_hypergeometric(table.people.astype(np.int64), cases, n_perm).astype(np.int32)
    return rng.multinomial(cases, table.expected / table.expected.sum(), n_perm).astype(np.int32)


def _told(areas: gpd.GeoDataFrame, found: list[Found], table: Table, largest: np.ndarray) -> gpd.GeoDataFrame:
    all_cases = int(table.cases.sum())
    rows = []
    for number, cluster in enumerate(found, 1):
        # what is equal must count as equal, whatever the last digit
        p = (1 + int((largest >= cluster.llr * (1 - 1e-9)).sum())) / (1 + len(largest))
        inside, due = int(table.cases[cluster.members].sum()), float(table.expected[cluster.members].sum())
        ratio, low, high, _ = rate_ratio(inside, all_cases - inside, due, all_cases - due)
        rows.append({"cluster": number, "areas": tuple(areas.index[cluster.members]), "radius_m": cluster.radius_m, "cases": inside, "expected": due,
                     "observed_to_expected": inside / due, "ratio": float(ratio), "ratio_low": float(low), "ratio_high": float(high),
                     "llr": cluster.llr, "p": p, "p_gumbel": _gumbel(cluster.llr, largest),
                     "geometry": shapely.union_all(areas.geometry.to_numpy()[cluster.members])})
    columns = ["cluster", "areas", "radius_m", "cases", "expected", "observed_to_expected", "ratio", "ratio_low", "ratio_high", "llr", "p", "p_gumbel"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=[*columns, "geometry"]), geometry="geometry", crs=areas.crs)


def _gumbel(llr: float, largest: np.ndarray) -> float:
    """P(a value as large) by the extreme value distribution with the mean and spread of `largest`."""
    scale = float(largest.std()) * np.sqrt(6) / np.pi
    if scale == 0:
        return 1.0
    return float(-np.expm1(-np.exp(-(llr - largest.mean()) / scale - np.euler_gamma)))


def _centres(areas: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    centres = shapely.centroid(areas.geometry.to_numpy())
    x, y = shapely.get_x(centres), shapely.get_y(centres)
    if not np.isfinite(x + y).all():
        raise InputError(Text(sv="{n} område saknar läge.|{n} områden saknar läge.", en="{n} area has no place.|{n} areas have no place.").format(
            n=int((~np.isfinite(x + y)).sum())))
    return x, y


def _check(most_share: float, most_radius_m: float | None, n_perm: int) -> None:
    if not 0 < most_share <= 0.5:
        raise InputError(Text(sv="most_share är den största cirkelns andel av alla, över 0 och högst 0,5, inte {share}.",
                              en="most_share is the share of all in the largest circle, above 0 and at most 0.5, not {share}.").format(share=most_share))
    if most_radius_m is not None and not most_radius_m >= 0:
        raise InputError(Text(sv="most_radius_m kan inte vara under 0.", en="most_radius_m cannot be below 0."))
    if n_perm < 19:
        raise InputError(Text(sv="Minst 19 simuleringar behövs för att något ska kunna sticka ut, inte {n_perm}.",
                              en="At least 19 simulations are needed for anything to stand out, not {n_perm}.").format(n_perm=n_perm))


def _table(areas: gpd.GeoDataFrame, cases: str, population: str | None, expected: str | None, controls: str | None, model: str) -> Table:
    if model not in MODELS:
        raise InputError(Text(sv="Modellen är poisson eller bernoulli, inte {model}.", en="The model is poisson or bernoulli, not {model}.").format(
            model=model))
    counted = _numbers(areas, cases, whole=True)
    if counted.sum() == 0:
        raise InputError(Text(sv="Det finns inga fall i kolumnen {column}.", en="There are no cases in the column {column}.").format(column=cases))
    if model == "bernoulli":
        if controls is None:
            raise InputError(Text(sv="Modellen bernoulli behöver kolumnen med kontroller: controls.",
                                  en="The bernoulli model needs the column with controls: controls."))
        people = counted + _numbers(areas, controls, whole=True)
        return Table(counted, people * (counted.sum() / people.sum()), people.astype(float), float(people.sum()))
    if population is None and expected is None:
        raise InputError(Text(sv="Modellen poisson behöver något att jämföra med: population eller expected.",
                              en="The poisson model needs something to compare with: population or expected."))
    share = _numbers(areas, str(expected or population))
    if not share.sum() > 0:
        raise InputError(Text(sv="Kolumnen {column} är 0 överallt.", en="The column {column} is 0 everywhere.").format(column=expected or population))
    return Table(counted, share * (counted.sum() / share.sum()), _numbers(areas, population) if population else share)


def _numbers(areas: gpd.GeoDataFrame, column: str, *, whole: bool = False) -> np.ndarray:
    if column not in areas.columns:
        raise InputError(Text(sv="Områdena saknar kolumnen {column}.", en="The areas have no column {column}.").format(column=column))
    values = pd.to_numeric(areas[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(values).all() or (values < 0).any():
        raise InputError(Text(sv="Talen i kolumnen {column} måste vara kända och inte under 0.",
                              en="The numbers in the column {column} must be known and not below 0.").format(column=column))
    if whole and (values != np.floor(values)).any():
        raise InputError(Text(sv="Kolumnen {column} måste hålla antal, hela tal: en vägd summa är inte ett antal.",
                              en="The column {column} must hold counts, whole numbers: a weighted sum is no count.").format(column=column))
    return values.astype(np.int64) if whole else values
