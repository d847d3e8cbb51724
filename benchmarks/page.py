"""Runs the benchmarks of the analysis and writes docs/benchmarks.md with growth curves: `make bench`.

    python benchmarks/page.py [REPEATS]

Best run on a machine that does nothing else; the page says how busy it was.
"""
from __future__ import annotations

import contextlib
import io
import multiprocessing
import resource
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import grid_methods
import matplotlib
import numpy as np
import shapely
import tests_of_place_and_time as others
from grid_methods import CELL_M, CRS, together

from geo_safety.analysis.grids import make_grid
from geo_safety.analysis.kernels import density_surface
from geo_safety.analysis.lattice import lattice_of
from geo_safety.analysis.neighbours import gi_z, neighbour_numbers, neighbour_sums, neighbourhood

matplotlib.use("agg")
import matplotlib.pyplot as plt

DOCS = Path(__file__).resolve().parent.parent / "docs"
PICTURES = DOCS / "pictures" / "benchmarks"


def main(repeats: int) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    parts = [INTRO]
    for title, run in (("Cells, density, clusters", grid_methods.main), ("Knox, scan, Mann–Kendall", others.main)):
        parts += [f"## {title}\n\n```text\n{told(lambda run=run: run(repeats))}\n```\n"]
    parts.append("## How it grows\n\nTime against size, both in powers of ten, with the slope of the line through all but the smallest. A slope of 1: twice "
                 "as much "
                 "takes twice as long.\n")
    for name, title, unit, sizes, work in growing():
        slope = drawn(name, title, unit, sizes, [together(3, lambda n=n, work=work: work(n))[0][0].clock for n in sizes])
        parts.append(f"![{title}](pictures/benchmarks/{name}.png)\n\n{title}: slope {slope:.2f}.\n")
    parts.append(f"## Memory\n\n{memory()}\n")
    (DOCS / "benchmarks.md").write_text("\n".join(parts), "utf-8")


INTRO = """# Benchmarks

Made by `make bench`. A ratio is the peer's time divided by ours, in the same run and in turns, so that a busy minute slows both. *Kernel*: arrays in,
arrays out. *Call*: frames in, finished frame out, which is what a user waits for. Goals that are not met are said to be. A peer that would take minutes
is run on a part and scaled by its known cost, and its line says so. The goals for Gi* were set beside an esda that took 0.72 s for these cells; it has
become eight times as fast since, ours has not had eight times to gain. Nothing is approximated in silence: a density by Fourier
transform is named so in the facts of the result.
"""


def told(run: Callable[[], None]) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        run()
    sys.stdout.write(out.getvalue())
    return out.getvalue().strip()


def growing() -> list[tuple[str, str, str, Sequence[int], Callable[[int], object]]]:
    """Name, title, unit of size, sizes, and the work at each size."""
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 500 * CELL_M, (2, 10_000_000))
    lattice = lattice_of(make_grid(shapely.box(0, 0, 500 * CELL_M, 500 * CELL_M), cell_size_m=CELL_M, crs=CRS))
    rasters = {side * side: rng.poisson(0.5, (side, side)) for side in (10, 32, 100, 316, 1000)}
    runs = neighbourhood(lattice, 1.5 * CELL_M)

    def z(cells: int) -> np.ndarray:
        values = rasters[cells]
        return gi_z(neighbour_sums(values, runs), neighbour_numbers(values.shape, runs), values.mean(), values.std(), values.size)
    tens = [10**power for power in range(3, 8)]
    return [("counting", "Counting points into 250 000 cells", "points", tens, lambda n: lattice.count(x[:n], y[:n])),
            ("gi", "Gi* z on square grids", "cells", sorted(rasters), z),
            ("density", "Exact density, 250 000 cells, bandwidth 10 cells", "points", [1000, 10_000, 100_000],
             lambda n: density_surface(x[:n], y[:n], lattice, 1000.0))]


def drawn(name: str, title: str, unit: str, sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Draws one growth curve, and gives its slope."""
    slope, height = np.polyfit(np.log10(sizes[1:]), np.log10(seconds[1:]), 1)
    figure, axes = plt.subplots(figsize=(5, 3.2), layout="constrained")
    axes.loglog(sizes, seconds, "o", color="#1864ab")
    axes.loglog(sizes[1:], 10 ** (height + slope * np.log10(sizes[1:])), "--", color="#868e96", label=f"slope {slope:.2f}")
    axes.set(xlabel=unit, ylabel="seconds", title=title)
    axes.legend()
    figure.savefig(PICTURES / f"{name}.png", dpi=90)
    plt.close(figure)
    return float(slope)


def memory() -> str:
    """Most memory while counting, beyond the points themselves: in a process of its own, for 10⁶ and 10⁷ points."""
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        grown = {n: pool.apply(_counting_grows_by, (n,)) for n in (1_000_000, 10_000_000)}
    lines = [f"- {n:,} points: {megabytes:.0f} MB beyond the points themselves".replace(",", " ") for n, megabytes in grown.items()]
    return "Counting goes through the points in batches, so what it needs does not grow with them:\n\n" + "\n".join(lines)


def _counting_grows_by(n: int) -> float:
    """Megabytes that the peak rose by while `n` points were counted into 250 000 cells."""
    lattice = lattice_of(make_grid(gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 50_000, 50_000)], crs=CRS), cell_size_m=CELL_M))
    x, y = np.random.default_rng(1).uniform(0, 50_000, (2, n))
    lattice.count(x[:1000], y[:1000])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lattice.count(x, y)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
