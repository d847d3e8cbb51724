"""Counting, density and Gi* on 500 × 500 cells, beside named peers in the same run.

    python benchmarks/grid_methods.py [REPEATS]

Each figure is the median of the repeats, on the clock and of the processor; compiling is done before. *Kernel*: arrays in, arrays
out. *Call*: frames in, finished frame.
A peer that would take minutes is run on a part and scaled by its known cost, and the table says so. Nothing is written.
"""
from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import esda
import geopandas as gpd
import numpy as np
import shapely
from KDEpy import FFTKDE
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
NAMES = ("python", "numpy", "scipy", "numba", "pandas", "geopandas", "shapely", "esda", "libpysal", "kdepy")


def main(repeats: int) -> None:
    versions = {name: sys.version.split()[0] if name == "python" else version(name) for name in NAMES}
    print(", ".join(f"{name} {number}" for name, number in versions.items()))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {repeats} repeats, median")
    head("the cells")
    [(took, grid)] = together(repeats, lambda: make_grid(shapely.box(0, 0, SIDE * CELL_M, SIDE * CELL_M), cell_size_m=CELL_M, crs=CRS))
    line("250 000 cells with their polygons (make_grid)", took)
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
    (peer, theirs), (kernel, _), (call, ours) = together(repeats, joined, lambda: lattice.count(x, y), lambda: count(points, grid))
    line("geopandas sjoin(within) + groupby", peer)
    line("ours, kernel", kernel, peer, goal=150)
    line("ours, call (count)", call, peer, goal=25)
    same("counts", theirs, ours["incidents"].to_numpy())


def density(grid: gpd.GeoDataFrame, repeats: int) -> None:
    head("density of 100 000 points on 250 000 cells, bandwidth 10 cells")
    x, y = np.random.default_rng(2).normal(SIDE * CELL_M / 2, SIDE * CELL_M / 8, (2, 100_000))
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=CRS)
    lattice = lattice_of(grid)
    some = np.array(lattice.centres())[:, ::len(grid) // 625]
    peer_kde = stats.gaussian_kde([x, y])
    density_surface(x[:9], y[:9], lattice, 1000.0)  # compiled before the clock starts
    (part, _), (exact, by_sum), (fft, by_fft), (call, _) = together(
        repeats, lambda: peer_kde(some), lambda: density_surface(x, y, lattice, 1000.0),
        lambda: density_surface(x, y, lattice, 1000.0, method="fft"), lambda: kernel_density(points, grid, bandwidth_m=1000))
    peer = part.times(len(grid) / some.shape[1])
    inside = np.column_stack([x, y])[(np.abs(np.column_stack([x, y]) - SIDE * CELL_M / 2) < SIDE * CELL_M / 2 - 1).all(axis=1)]
    mesh = np.dstack(np.meshgrid(*[np.linspace(0, SIDE * CELL_M, SIDE)] * 2, indexing="ij")).reshape(-1, 2)
    [(kdepy, _)] = together(repeats, lambda: FFTKDE(kernel="biweight", bw=1000).fit(inside).evaluate(mesh))
    line(f"scipy gaussian_kde, scaled from {some.shape[1]} cells", peer)
    line("KDEpy FFTKDE, its own grid, points inside it only", kdepy, peer)
    line("ours, quartic, exact, kernel", exact, peer, goal=1000, most=0.15)
    line("ours, quartic, binned + FFT, kernel", fft, peer, most=0.02)
    line("  the same beside KDEpy", fft, kdepy)
    line("ours, call (kernel_density, exact, edge corrected)", call, peer)
    print(f"    largest error of the FFT: {100 * np.abs(by_sum - by_fft).max() / by_sum.max():.3f} % of the peak")


def clusters(grid: gpd.GeoDataFrame, repeats: int) -> None:
    head("Gi* on 250 000 cells, queen and the cell itself")
    grid = grid.assign(incidents=np.random.default_rng(3).poisson(0.5, len(grid)))
    values = grid["incidents"].to_numpy().reshape(SIDE, SIDE)
    runs = neighbourhood(lattice_of(grid), 1.5 * CELL_M)
    mean, spread, n = values.mean(), values.std(), values.size

    def z() -> np.ndarray:
        return gi_z(neighbour_sums(values, runs), neighbour_numbers(values.shape, runs), mean, spread, n)

    def p() -> np.ndarray:
        (numbers, sums), which, _ = questions(neighbour_numbers(values.shape, runs).ravel(), neighbour_sums(values, runs).ravel())
        low, high = exact_sums(np.bincount(values.ravel()), numbers, sums)
        return np.minimum(1, 2 * np.minimum(low, high))[which]

    [(weights, made)] = together(repeats, lambda: queen(SIDE))
    (peer, theirs), (kernel, _), (exact, _), (call, ours) = together(
        repeats, lambda: esda.G_Local(grid["incidents"].astype(float), made, transform="B", star=True, permutations=0), z, p, lambda: getis_ord(grid))
    line("esda's weights: Graph.from_sparse", weights)
    line("esda G_Local, Graph, analytical, weights ready", peer)
    line("ours, z, kernel", kernel, peer, goal=200)
    line("ours, call (getis_ord: z, exact p, p_adjusted, cluster)", call, peer, goal=50)
    line("  the same beside esda from a frame, weights too", call, peer + weights)
    same("z", theirs.Zs, ours["z"].to_numpy())
    small, near = values[:100, :100], queen(100)
    [(part, _)] = together(1, lambda: esda.G_Local(small.ravel().astype(float), near, transform="B", star=True, permutations=999, n_jobs=1,
                                                   keep_simulations=False, seed=1))
    drawn = part.times(values.size / small.size)
    line("esda G_Local, 999 permutations, scaled from 10 000 cells", drawn)
    line("ours, exact p, kernel", exact, drawn, goal=1000, most=0.2)


def queen(side: int) -> Graph:
    """Queen neighbours of a square raster, each cell its own too, as esda's star wants them."""
    line_of = sparse.diags_array([1.0, 1.0, 1.0], offsets=[-1, 0, 1], shape=(side, side))
    return Graph.from_sparse(sparse.kron(line_of, line_of).tocoo())


# ---- measuring and telling

@dataclass(frozen=True)
class Took:
    """Median seconds on the clock and of the processor: on a busy machine the second tells more."""

    clock: float
    cpu: float

    def __add__(self, other: Took) -> Took:
        return Took(self.clock + other.clock, self.cpu + other.cpu)

    def times(self, factor: float) -> Took:
        return Took(self.clock * factor, self.cpu * factor)


def together(repeats: int, *works: Callable[[], Any]) -> list[tuple[Took, Any]]:
    """What each work took and gave; all are run once each, over and over, so that a busy minute slows them alike."""
    taken: list[list[tuple[float, float]]] = [[] for _ in works]
    results: list[Any] = [None] * len(works)
    for _ in range(repeats):
        for i, work in enumerate(works):
            clock, cpu = time.perf_counter(), time.process_time()
            results[i] = work()
            taken[i].append((time.perf_counter() - clock, time.process_time() - cpu))
    return [(Took(*(statistics.median(part) for part in zip(*one, strict=True))), result) for one, result in zip(taken, results, strict=True)]


def head(title: str) -> None:
    print(f"\n{title}\n{'':58}{'clock s':>10}{'cpu s':>10}{'× clock':>10}{'× cpu':>10}  goal")


def line(name: str, took: Took, peer: Took | None = None, *, goal: float | None = None, most: float | None = None) -> None:
    """`goal`: times as fast as the peer; `most`: seconds on a machine that is not busy. Both judged by the clock."""
    ratio = f"{peer.clock / took.clock:10,.0f}{peer.cpu / took.cpu:10,.0f}" if peer else ""
    wanted = [f">= {goal:g}× {'met' if peer.clock / took.clock >= goal else 'NOT met'}"] if goal and peer else []
    wanted += [f"<= {most:g} s {'met' if took.clock <= most else 'NOT met'}"] if most else []
    print(f"{name:58}{took.clock:10.4f}{took.cpu:10.4f}{ratio}{'  ' + ', '.join(wanted) if wanted else ''}")


def same(what: str, theirs: np.ndarray, ours: np.ndarray) -> None:
    print(f"    largest difference of {what} to the peer: {np.abs(np.asarray(theirs) - ours).max():.1e}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
