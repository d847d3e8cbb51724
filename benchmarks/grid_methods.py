"""Counting, density and Gi* on 500 × 500 cells, beside named peers in the same run.

    python benchmarks/grid_methods.py [REPEATS]

Each figure is the median of the repeats; compiling is done before. *Kernel*: arrays in, arrays out. *Call*: frames in, finished frame.
A peer that would take minutes is run on a part and scaled by its known cost, and the table says so. Nothing is written.
"""
from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

import esda
import geopandas as gpd
import numpy as np
import shapely
from libpysal.graph import Graph
from scipy import sparse, stats

from geo_safety.analysis.counts import count
from geo_safety.analysis.grids import make_grid
from geo_safety.analysis.kernels import density_surface, kernel_density
from geo_safety.analysis.lattice import lattice_of
from geo_safety.analysis.neighbours import getis_ord, gi_z, neighbour_numbers, neighbour_sums, neighbourhood
from geo_safety.analysis.randomisation import exact_sums
from geo_safety.analysis.testing import questions

SIDE, CELL_M, CRS = 500, 100, 3006
NAMES = ("python", "numpy", "scipy", "numba", "pandas", "geopandas", "shapely", "esda", "libpysal")


def main(repeats: int) -> None:
    versions = {name: sys.version.split()[0] if name == "python" else version(name) for name in NAMES}
    print(", ".join(f"{name} {number}" for name, number in versions.items()))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {repeats} repeats, median")
    grid = shown("cells with their polygons, 250 000 (make_grid)", lambda: make_grid(
        shapely.box(0, 0, SIDE * CELL_M, SIDE * CELL_M), cell_size_m=CELL_M, crs=CRS), repeats)
    counting(grid, repeats)
    density(grid, repeats)
    clusters(grid, repeats)


def counting(grid: gpd.GeoDataFrame, repeats: int) -> None:
    head("1 000 000 points into 250 000 cells")
    x, y = np.random.default_rng(1).uniform(0, SIDE * CELL_M, (2, 1_000_000))
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=CRS)
    lattice, cells = lattice_of(grid), grid[["cell", "geometry"]]

    def joined() -> np.ndarray:
        found = gpd.sjoin(points, cells, predicate="within")
        return found.groupby("cell").size().reindex(cells["cell"], fill_value=0).to_numpy()
    peer, kernel, call = together(repeats, joined, lambda: lattice.count(x, y), lambda: count(points, grid))
    line("geopandas sjoin(within) + groupby", peer.seconds)
    line("ours, kernel", kernel.seconds, peer.seconds, goal=150)
    line("ours, call (count)", call.seconds, peer.seconds, goal=25)
    same("counts", peer.result, call.result["incidents"].to_numpy())


def density(grid: gpd.GeoDataFrame, repeats: int) -> None:
    head("density of 100 000 points on 250 000 cells, bandwidth 10 cells")
    x, y = np.random.default_rng(2).normal(SIDE * CELL_M / 2, SIDE * CELL_M / 8, (2, 100_000))
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=CRS)
    lattice, part = lattice_of(grid), 625
    some = np.array(lattice.centres())[:, ::len(grid) // part]
    peer_kde = stats.gaussian_kde([x, y])
    density_surface(x[:9], y[:9], lattice, 1000.0)  # compiled before the clock starts
    peer, exact, fft, call = together(repeats, lambda: peer_kde(some), lambda: density_surface(x, y, lattice, 1000.0),
                                      lambda: density_surface(x, y, lattice, 1000.0, method="fft"),
                                      lambda: kernel_density(points, grid, bandwidth_m=1000))
    scaled = peer.seconds * len(grid) / some.shape[1]
    line(f"scipy gaussian_kde, scaled from {some.shape[1]} cells", scaled)
    line("ours, quartic, exact, kernel", exact.seconds, scaled, goal=100, most=0.15)
    line("ours, quartic, binned + FFT, kernel", fft.seconds, scaled, most=0.02)
    line("ours, call (kernel_density, exact, edge corrected)", call.seconds, scaled)
    print(f"    largest error of the FFT: {100 * np.abs(exact.result - fft.result).max() / exact.result.max():.3f} % of the peak")


def clusters(grid: gpd.GeoDataFrame, repeats: int) -> None:
    head("Gi* on 250 000 cells, queen and the cell itself")
    grid = grid.assign(incidents=np.random.default_rng(3).poisson(0.5, len(grid)))
    values, lattice = grid["incidents"].to_numpy().reshape(SIDE, SIDE), lattice_of(grid)
    runs = neighbourhood(lattice, 1.5 * CELL_M)
    mean, spread, n = values.mean(), values.std(), values.size

    def z() -> np.ndarray:
        return gi_z(neighbour_sums(values, runs), neighbour_numbers(values.shape, runs), mean, spread, n)

    def p() -> np.ndarray:
        (numbers, sums), which, _ = questions(neighbour_numbers(values.shape, runs).ravel(), neighbour_sums(values, runs).ravel())
        low, high = exact_sums(np.bincount(values.ravel()), numbers, sums)
        return np.minimum(1, 2 * np.minimum(low, high))[which]

    weights = together(repeats, lambda: queen(SIDE))[0]
    made = weights.result
    line("esda's weights: Graph.from_sparse", weights.seconds)
    peer, kernel, exact, call = together(
        repeats, lambda: esda.G_Local(grid["incidents"].astype(float), made, transform="B", star=True, permutations=0), z, p, lambda: getis_ord(grid))
    line("esda G_Local, Graph, analytical, weights ready", peer.seconds)
    line("ours, z, kernel", kernel.seconds, peer.seconds, goal=200)
    line("ours, call (getis_ord: z, exact p, p_adjusted, cluster)", call.seconds, peer.seconds, goal=50)
    line("  the same beside esda from a frame, weights too", call.seconds, peer.seconds + weights.seconds)
    same("z", peer.result.Zs, call.result["z"].to_numpy())
    small, part = values[:100, :100], queen(100)
    drawn = together(1, lambda: esda.G_Local(small.ravel().astype(float), part, transform="B", star=True, permutations=999, n_jobs=1,
                                             keep_simulations=False, seed=1))[0]
    scaled = drawn.seconds * values.size / small.size
    line("esda G_Local, 999 permutations, scaled from 10 000 cells", scaled)
    line("ours, exact p, kernel", exact.seconds, scaled, goal=1000, most=0.2)


def queen(side: int) -> Graph:
    """Queen neighbours of a square raster, each cell its own too, as esda's star wants them."""
    line_of = sparse.diags_array([1.0, 1.0, 1.0], offsets=[-1, 0, 1], shape=(side, side))
    return Graph.from_sparse(sparse.kron(line_of, line_of).tocoo())


# ---- measuring and telling

class Run:
    """Median seconds of some work, and what it gave."""

    def __init__(self, seconds: list[float], result: object):
        self.seconds, self.result = statistics.median(seconds), result


def together(repeats: int, *works: Callable[[], object]) -> list[Run]:
    """Runs all once each, over and over, so that a busy minute slows them alike."""
    seconds: list[list[float]] = [[] for _ in works]
    results: list[object] = [None] * len(works)
    for _ in range(repeats):
        for i, work in enumerate(works):
            begun = time.perf_counter()
            results[i] = work()
            seconds[i].append(time.perf_counter() - begun)
    return [Run(taken, result) for taken, result in zip(seconds, results, strict=True)]


def shown(name: str, work: Callable[[], object], repeats: int):
    run = together(repeats, work)[0]
    line(name, run.seconds)
    return run.result


def head(title: str) -> None:
    print(f"\n{title}\n{'':58}{'seconds':>10}{'× peer':>10}  goal")


def line(name: str, seconds: float, peer: float | None = None, *, goal: float | None = None, most: float | None = None) -> None:
    """`goal`: times as fast as the peer; `most`: seconds on a machine that is not busy."""
    ratio = f"{peer / seconds:10,.0f}" if peer else ""
    wanted = [f">= {goal:g}× {'met' if peer / seconds >= goal else 'NOT met'}"] if goal and peer else []
    wanted += [f"<= {most:g} s {'met' if seconds <= most else 'NOT met'}"] if most else []
    print(f"{name:58}{seconds:10.4f}{ratio}{'  ' + ', '.join(wanted) if wanted else ''}")


def same(what: str, theirs: np.ndarray, ours: np.ndarray) -> None:
    print(f"    largest difference of {what} to the peer: {np.abs(np.asarray(theirs) - ours).max():.1e}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
