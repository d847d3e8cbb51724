"""Knox, Kulldorff's scan and Mann–Kendall: beside a named peer in the same run, and how they grow.

    python benchmarks/tests_of_place_and_time.py [REPEATS]

pointpats tests one distance and one time a call, so what 20 bands of 999 permutations would take is scaled from one call with 99, which the
table says. The scan has no peer in Python: on the machine where the
goal was set smerc 1.8.4 took 17 s and SpatialEpi 1.2.8 took 20 s for the same 1 000 areas. Compiling is done before. Nothing is written.
"""
from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version

import geopandas as gpd
import numpy as np
import pandas as pd
import pymannkendall
from grid_methods import Took, head, line, same, together
from pointpats import Knox

from geo_safety.analysis.monotone import mann_kendall
from geo_safety.analysis.near_repeat import near_repeat
from geo_safety.analysis.scan import scan

CRS, DENSITY = 3006, 5000 / 20_000**2     # incidents per square metre: a burglary wave in a city
METRES, DAYS = (0, 1, 100, 200, 300, 400), (0, 8, 15, 22, 29)
NAMES = ("python", "numpy", "scipy", "numba", "pandas", "geopandas", "shapely", "pointpats", "pymannkendall")


def main(repeats: int) -> None:
    versions = {name: sys.version.split()[0] if name == "python" else version(name) for name in NAMES}
    print(", ".join(f"{name} {number}" for name, number in versions.items()))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {repeats} repeats, median")
    near_repeat(incidents(100), seed=1)     # compiled before the clock starts
    scan(areas(50), population="population", seed=1)
    knox(repeats)
    knox_grows(repeats)
    scan_grows(repeats)
    trends(repeats)


def trends(repeats: int) -> None:
    head("Mann–Kendall: 20 000 series of 24 steps")
    series = np.random.default_rng(5).poisson(3, (20_000, 24)).astype(float)
    some = series[:200]
    (part, theirs), (kernel, ours) = together(repeats, lambda: [pymannkendall.original_test(one).s for one in some], lambda: mann_kendall(series))
    peer = part.times(len(series) / len(some))
    line("pymannkendall original_test, scaled from 200 series", peer)
    line("ours, call (mann_kendall: S, variance, z, p, tau-b)", kernel, peer, goal=300)
    same("S", np.array(theirs), ours["s"].to_numpy()[:len(some)])


def knox(repeats: int) -> None:
    head("Knox: 5 000 incidents, 999 permutations, 5 × 4 bands")
    points = incidents(5000)
    [(call, ours)] = together(repeats, lambda: near_repeat(points, distance_bands_m=METRES, time_bands_days=DAYS, seed=1))
    places = np.column_stack([points.geometry.x, points.geometry.y])
    days = (points["occurred_from"] - points["occurred_from"].min()).dt.days.to_numpy()[:, None]
    [(part, theirs)] = together(1, lambda: Knox(places, days, delta=METRES[-1], tau=DAYS[-1] - 1, permutations=99))
    peer = part.times(999 / 99 * (len(METRES) - 1) * (len(DAYS) - 1))
    line("pointpats Knox, one distance and time, 99 permutations", part)
    line("  scaled to 20 bands and 999 permutations", peer)
    line("ours, call (near_repeat: 20 bands, p over all of them)", call, peer, goal=500, most=1)
    print(f"    pairs within {METRES[-1]} m and {DAYS[-1] - 1} days: peer {theirs.statistic_}, ours {ours['pairs'].sum()}")


def knox_grows(repeats: int) -> None:
    head("Knox grows: as many incidents per km², 999 permutations, 5 × 4 bands")
    sizes = (1000, 5000, 20_000, 50_000)
    took = [together(repeats if n < 20_000 else 1, partial(near_repeat, incidents(n), seed=1))[0][0] for n in sizes]
    for n, one in zip(sizes, took, strict=True):
        line(f"{n:>7,} incidents".replace(",", " "), one, most=60 if n == 50_000 else None)
    slope(sizes, took, "incidents")
    [(crowded, _)] = together(1, partial(near_repeat, incidents(50_000, density=50_000 / 12_000**2), seed=1))
    line(" 50 000 incidents, 28 times as close", crowded, most=60)


def scan_grows(repeats: int) -> None:
    head("Kulldorff's circular scan: 999 simulations, circles up to half of all people")
    sizes = (100, 300, 1000, 3000)
    took = [together(repeats if n < 3000 else 1, partial(scan, areas(n), population="population", seed=1))[0][0] for n in sizes]
    for n, one in zip(sizes, took, strict=True):
        line(f"{n:>7,} areas".replace(",", " "), one, most=3 if n == 1000 else None)
    slope(sizes, took, "areas")
    towns = areas(1000)
    [(bernoulli, _)] = together(repeats, lambda: scan(towns, controls="controls", model="bernoulli", seed=1))
    line("   1 000 areas, Bernoulli", bernoulli, most=3)


def incidents(n: int, *, density: float = DENSITY) -> gpd.GeoDataFrame:
    """`n` incidents over three years, that many per square metre, anywhere at any time."""
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, np.sqrt(n / density), (2, n))
    times = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 1096, n), unit="D")
    return gpd.GeoDataFrame({"occurred_from": times}, geometry=gpd.points_from_xy(x, y), crs=CRS)


def areas(n: int) -> gpd.GeoDataFrame:
    """`n` areas with 5 cases each on average, at constant risk."""
    rng = np.random.default_rng(2)
    people = np.ceil(rng.lognormal(6, 1, n)).astype(np.int64)
    towns = gpd.GeoDataFrame({"population": people, "incidents": rng.multinomial(5 * n, people / people.sum())},
                             geometry=gpd.points_from_xy(*rng.uniform(0, 10_000, (2, n))), crs=CRS)
    return towns.assign(controls=np.maximum(towns["population"] - towns["incidents"], 0))


def slope(sizes: Sequence[int], took: Sequence[Took], of: str) -> None:
    """Time grows as a power of the size: a straight line through the logarithms, the smallest left out, which is mostly what a call costs."""
    power = np.polyfit(np.log(sizes[1:]), np.log([one.cpu for one in took[1:]]), 1)[0]
    print(f"    processor time grows as {of}^{power:.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
