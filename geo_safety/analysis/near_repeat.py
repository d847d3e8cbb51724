"""Near repeats: does more happen near a place soon after something happened there than if places had nothing to do with times?"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import special

from ..crs import require_metric
from ..errors import InputError
from ..model.cautions import Caution, caution
from ..text import Text, percent
from .precision import coordinates, exact_enough, top_pile
from .trends import times_of

SMALL_N = 20
PILE_SHARE, PILE_LEAST = 0.05, 10
MOST_PAIRS = 100_000_000    # close pairs held at once: 400 MB
ORDERS = 64                 # orders of the days counted together
HAIR_M = 1e-6               # a distance this little below a limit is on it: sums of rounded coordinates are no more exact
METRICS = ("euclidean", "manhattan")
_INCIDENTS = Text(sv="Händelserna", en="The incidents")


def near_repeat(points: gpd.GeoDataFrame, *, distance_bands_m: Sequence[float] = (0, 1, 100, 200, 300, 400),
                time_bands_days: Sequence[int] = (0, 8, 15, 22, 29), metric: str = "euclidean", n_perm: int = 999, seed: int | None = None,
                time: str = "occurred_from") -> pd.DataFrame:
    """Pairs of incidents by how far apart they are in space and time, beside how many there would be if the two were unrelated (Knox).

    Parameters
    ----------
    points
        Incidents in a metric CRS, each with a time in the column `time`. Left out: those without place or time, those whose place is
        known less exactly than to the street (`geom_precision`), and those known only to the month (`time_precision`).
    distance_bands_m, time_bands_days
        Rising limits; a band holds what lies from one limit up to, not including, the next. The first distance band is by default *the same
        place*, less than 1 m apart: repeats at one address are another matter than those next door. Days are whole and counted on
        the calendar: from Monday evening to Tuesday morning is one day, and (0, 8) is a band for 0 to 7 days.
    metric
        "euclidean": as the crow flies; "manhattan": along a grid of streets, east plus north.
    n_perm
        How many times the days change places at random.

    Returns
    -------
    One row per distance and time band with `distance_from_m`, `distance_to_m`, `days_from`, `days_to`, `pairs` (each pair once),
    `expected` (exact, when every day may belong to every place), `ratio` (Knox ratio, pairs to expected), `chance_low` and
    `chance_high` (between which 95 % of the permutations lie), `p` (one-sided, of that many pairs or more by chance) and `p_adjusted`
    (for looking at all bands at once). Where no pair can be, ratio and p are missing.

    Raises
    ------
    InputError
        Fewer than two incidents with place and time, a CRS without metres, limits that do not rise, or more than 100 million close pairs.

    Notes
    -----
    Expected pairs are n_s n_t / n, n_s and n_t those in the distance and in the time band and n all pairs. p = (1 + permutations with as
    many pairs) / (1 + n_perm). p_adjusted compares with the largest value over all bands in each permutation of 2 (k ln(k/e) − (k − e))
    / (v/e) for k above e, v the variance over permutations. Nothing else than chance is assumed about the places or
    the days, however clustered each is; but where a district grew during the period, near and soon go together without any repeat.

    References
    ----------
    Knox 1964, doi:10.2307/2985220; Townsley, Homel & Chaseling 2003, doi:10.1093/bjc/43.3.615; Ratcliffe & Rengert 2008,
    doi:10.1057/palgrave.sj.8350068; Westfall & Young 1993, ISBN 0-471-55761-7
    """
    return near_repeat_and_facts(points, distance_bands_m=distance_bands_m, time_bands_days=time_bands_days, metric=metric, n_perm=n_perm,
                                 seed=seed, time=time)[0]


def near_repeat_and_facts(points: gpd.GeoDataFrame, *, distance_bands_m: Sequence[float], time_bands_days: Sequence[int], metric: str,
                          n_perm: int, seed: int | None, time: str) -> tuple[pd.DataFrame, dict[str, Any], tuple[Caution, ...]]:
    """`near_repeat`, what it used and met, and what is to be doubted."""
    require_metric(points.crs, _INCIDENTS)
    metres, days_apart = _limits(distance_bands_m, "distance_bands_m"), _limits(time_bands_days, "time_bands_days")
    if (days_apart != np.floor(days_apart)).any():
        raise InputError(Text(sv="Gränserna i time_bands_days ska vara hela dagar.", en="The limits in time_bands_days must be whole days."))
    if metric not in METRICS:
        raise InputError(Text(sv="Avståndet är euclidean eller manhattan, inte {metric}.",
                              en="The metric is euclidean or manhattan, not {metric}.").format(metric=metric))
    if n_perm < 19:
        raise InputError(Text(sv="Minst 19 omkastningar behövs för att något ska kunna sticka ut, inte {n_perm}.",
                              en="At least 19 permutations are needed for anything to stand out, not {n_perm}.").format(n_perm=n_perm))
    used, left_out = _usable(points, time)
    days = _calendar_days(used, time)
    pairs = Pairs.of(*coordinates(used), days, metres, metric)
    tables = _tables(pairs, days_apart, n_perm, np.random.default_rng(seed))
    expected = np.outer(pairs.numbers, _pairs_in_time(pairs.days, days_apart)) / (len(used) * (len(used) - 1) / 2)
    facts = {"n": len(used), **left_out, "pairs": int(pairs.numbers.sum()), "days": int(days.max()) + 1, "metric": metric, "p": "permutation",
             "correction": "max", "n_perm": n_perm, "seed": seed}
    return _told(metres, days_apart, tables, expected), facts, tuple(_doubts(used))


@dataclass(frozen=True)
class Pairs:
    """Incidents ordered by place, and for each distance band the pairs in it.

    `days` of each incident, whole, from 0. The partners of incident i in a band are `others[begin[band, i]:begin[band, i + 1]]`, so that
    each pair stands once.
    """

    days: np.ndarray
    others: np.ndarray
    begin: np.ndarray

    @property
    def numbers(self) -> np.ndarray:
        """Pairs in each band."""
        return self.begin[:, -1] - self.begin[:, 0]

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray, days: np.ndarray, metres: np.ndarray, metric: str) -> Pairs:
        """Pairs of incidents by bands of `metres` between limits; squares as wide as the last limit make them few to look through."""
        from . import loops
        x, y = x - x.min(), y - y.min()
        row, column = (np.floor(axis / metres[-1]).astype(np.int64) for axis in (y, x))
        wide = int(column.max()) + 3
        square = row * wide + column
        order = np.lexsort((days, y, x, square))  # whatever the order of the rows, the same points stand in the same order
        x, y, days, square = x[order], y[order], days[order], square[order]
        # what is near lies later in the same square or the next, or in one of the three squares above
        here = np.stack([np.arange(1, len(x) + 1), np.searchsorted(square, square + 1, side="right")], axis=1)
        above = np.stack([np.searchsorted(square, square + wide - 1), np.searchsorted(square, square + wide + 1, side="right")], axis=1)
        limits = np.where(metres > 0, metres - HAIR_M, 0.0)
        limits = limits if metric == "manhattan" else limits**2
        counted = np.zeros((len(metres) - 1, len(x)), np.int64)
        loops.count_pairs(x, y, here, above, limits, metric == "manhattan", counted)
        if (found := int(counted.sum())) > MOST_PAIRS:
            raise InputError(Text(sv="{found} par ligger inom {reach} m, fler än vad som går att räkna på ({most}). Ange kortare avstånd.",
                                  en="{found} pairs lie within {reach} m, more than can be counted on ({most}). Give shorter distances.").format(
                                      found=found, reach=float(metres[-1]), most=MOST_PAIRS))
        end = np.cumsum(counted).reshape(counted.shape)
        begin = np.column_stack([end[:, 0] - counted[:, 0], end])
        others = np.empty(found, np.int32)
        loops.list_pairs(x, y, here, above, limits, metric == "manhattan", begin[:, :-1].copy(), others)
        return cls(days, others, begin)


def _tables(pairs: Pairs, days_apart: np.ndarray, n_perm: int, rng: np.random.Generator) -> np.ndarray:
    """Pairs by distance and time band, first as they are and then with the days in `n_perm` random orders: (1 + n_perm, bands, bands)."""
    from . import loops
    days, limits = pairs.days.astype(np.float32), days_apart.astype(np.float32)
    tables = np.empty((1 + n_perm, len(pairs.begin), len(limits) - 1), np.int64)
    for start in range(0, len(tables), ORDERS):
        number = min(ORDERS, len(tables) - start)
        orders = np.stack([rng.permutation(days) if start + order else days for order in range(number)])
        nearer = np.zeros((len(pairs.begin), len(limits), number), np.int32)
        loops.count_gaps(np.ascontiguousarray(orders.T), pairs.others, pairs.begin, limits, nearer)
        tables[start:start + number] = np.diff(nearer, axis=1).transpose(2, 0, 1)
    return tables


def _pairs_in_time(days: np.ndarray, days_apart: np.ndarray) -> np.ndarray:
    """All pairs in each time band, whatever their distance."""
    ordered = np.sort(days)
    nearer = np.searchsorted(ordered, ordered[:, None] + days_apart) - np.arange(1, len(ordered) + 1)[:, None]
    return np.diff(np.maximum(nearer, 0).sum(axis=0))


def _told(metres: np.ndarray, days_apart: np.ndarray, tables: np.ndarray, expected: np.ndarray) -> pd.DataFrame:
    seen, drawn = tables[0], tables[1:]
    can = expected > 0
    ratio, p, p_adjusted = (np.where(can, values, np.nan) for values in (
        seen / np.where(can, expected, 1), (1 + (drawn >= seen).sum(axis=0)) / len(tables), _over_all_bands(tables, expected)))
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0, method="inverted_cdf")
    bands = len(days_apart) - 1
    return pd.DataFrame({
        "distance_from_m": np.repeat(metres[:-1], bands), "distance_to_m": np.repeat(metres[1:], bands),
        "days_from": np.tile(days_apart[:-1], len(metres) - 1).astype(int), "days_to": np.tile(days_apart[1:], len(metres) - 1).astype(int),
        "pairs": seen.ravel(), "expected": expected.ravel(), "ratio": ratio.ravel(), "chance_low": low.astype(int).ravel(),
        "chance_high": high.astype(int).ravel(), "p": p.ravel(), "p_adjusted": p_adjusted.ravel()})


def _over_all_bands(tables: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """p of an excess as large in any band: its share among the largest excesses of each table.

    All tables are treated alike, the one seen too, so the p holds exactly. An excess is a Poisson deviance, which does not blow up in
    bands where next to nothing is expected, over how much more than a Poisson count the band varies.
    """
    spread = tables.var(axis=0)
    scale = np.divide(spread, expected, out=np.ones_like(expected), where=(expected > 0) & (spread > 0))
    more = tables > expected * (1 + 1e-12)
    counts = np.where(more, tables, 1)
    deviance = 2 * (special.xlogy(counts, counts / np.where(more, expected, 1)) - (counts - np.where(more, expected, 1)))
    excess = np.where(more, deviance / scale, 0.0)
    largest = excess.reshape(len(tables), -1).max(axis=1)
    return (largest[1:, None, None] >= excess[0]).sum(axis=0) / len(tables) + 1 / len(tables)


def _usable(points: gpd.GeoDataFrame, time: str) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    x, y = coordinates(points)
    placed = np.isfinite(x) & np.isfinite(y) & exact_enough(points)
    timed = times_of(points, time).notna().to_numpy()
    if "time_precision" in points.columns:
        timed = timed & (points["time_precision"] != "month").to_numpy()
    if (n := int((placed & timed).sum())) < 2:
        raise InputError(Text(sv="Närupprepning jämför par av händelser, men bara {n} har både en plats känd till gatan och en dag.",
                              en="Near repeats compare pairs of incidents, but only {n} have both a place known to the street and a day.").format(n=n))
    return points[placed & timed], {"without_place": int((~placed).sum()), "without_day": int((placed & ~timed).sum())}


def _calendar_days(points: gpd.GeoDataFrame, time: str) -> np.ndarray:
    """Whole days of each incident since the first, by the calendar of the zone that the times are in."""
    days = times_of(points, time).dt.tz_localize(None).dt.normalize()
    return ((days - days.min()) // pd.Timedelta(days=1)).to_numpy(dtype=np.int64)


def _limits(given: Sequence[float], name: str) -> np.ndarray:
    limits = np.asarray(given, dtype=float)
    if limits.ndim != 1 or len(limits) < 2 or not np.isfinite(limits).all() or limits[0] < 0 or (np.diff(limits) <= 0).any():
        raise InputError(Text(sv="Gränserna i {name} ska vara minst två tal från 0 och uppåt, vart och ett större än det förra.",
                              en="The limits in {name} must be at least two numbers from 0 upwards, each larger than the one before.").format(
                                  name=name))
    return limits


def _doubts(points: gpd.GeoDataFrame) -> list[Caution]:
    found = []
    if len(points) < SMALL_N:
        found.append(caution("SMALL_N", n=len(points)))
    pile = top_pile(points)
    if pile and pile.share >= PILE_SHARE and pile.incidents >= PILE_LEAST:
        found.append(caution("GEOCODE_PILE", share=Text(sv=percent(pile.share, "sv"), en=percent(pile.share, "en")), n=pile.incidents))
    return found
