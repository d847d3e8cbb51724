"""Simulates the tests where the truth is known, and writes docs/calibration.md: `make calibration`. The slow tests ask the same functions for less."""
from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import matplotlib
import numpy as np
import pandas as pd
from scipy import stats

from geo_safety.analysis.before_after import direction, odds_ratio_exact, wdd
from geo_safety.analysis.felt_safety import share_interval
from geo_safety.analysis.grids import make_grid, study_area
from geo_safety.analysis.monotone import mann_kendall
from geo_safety.analysis.moran import local_moran
from geo_safety.analysis.near_repeat import near_repeat
from geo_safety.analysis.neighbours import getis_ord
from geo_safety.analysis.rates import poisson_interval, rate_ratio
from geo_safety.analysis.scan import scan
from geo_safety.analysis.testing import adjust
from geo_safety.analysis.weighted import getis_ord_weighted
from geo_safety.model.viewer import local_viewer
from geo_safety.services.places import study_outline
from geo_safety.services.starting import make_sample

matplotlib.use("agg")
import matplotlib.pyplot as plt

HERE = Path(__file__).parent
PICTURE = HERE / "pictures" / "calibration.png"
MEANS = (0.005, 0.05, 0.5, 5.0)     # incidents a cell
LEVEL = 0.05


@dataclass(frozen=True)
class Rate:
    """How often something happened in `n` made-up data sets; `nominal` is what it must not pass, or for coverage (`least`) not fall below."""

    what: str
    truth: str
    n: int
    found: int
    nominal: float
    least: bool = False
    ours: bool = True       # False: what a peer's definition gives

    @property
    def share(self) -> float:
        return self.found / self.n

    @property
    def ends(self) -> tuple[float, float]:
        """Clopper and Pearson, 95 %."""
        low = stats.beta.ppf(0.025, self.found, self.n - self.found + 1) if self.found else 0.0
        return float(low), float(stats.beta.ppf(0.975, self.found + 1, self.n - self.found)) if self.found < self.n else 1.0

    @property
    def holds(self) -> bool:
        """Within nominal and the error of so many simulations (two standard errors)."""
        slack = 2 * np.sqrt(self.nominal * (1 - self.nominal) / self.n)
        return self.share >= self.nominal - slack if self.least else self.share <= self.nominal + slack


def surface() -> gpd.GeoDataFrame:
    """The sample's cells of 250 m where somebody lives, or there is an address or a street, with its residents."""
    viewer = local_viewer()
    with tempfile.TemporaryDirectory() as folder, make_sample(Path(folder) / "sample.gpkg") as store:
        from geo_safety.model.selection import Selection
        grid = study_area(make_grid(study_outline(store, Selection(), viewer), cell_size_m=250), store.read("exposure", viewer))
    return grid[grid["tested"]].reset_index(drop=True).assign(residents=lambda cells: cells["residents"].fillna(0).clip(lower=0))


def places(cells: gpd.GeoDataFrame, n: int, seed: int) -> Iterator[Rate]:
    """Tests of place under one and the same risk per resident, from 0.005 to 5 incidents a cell."""
    share = cells["residents"].to_numpy(dtype=float) / cells["residents"].sum()
    truth = "the same risk per resident, {mean} incidents a cell"
    for mean in MEANS:
        rng = np.random.default_rng([seed, round(1000 * mean)])
        drawn = rng.multinomial(round(mean * len(cells)), share, n)
        made = [cells.assign(incidents=row) for row in drawn]
        said = truth.format(mean=mean)
        yield Rate("Gi*, any hot cell", said, n, sum(_any(getis_ord(grid, expected="residents"), "hot") for grid in made), LEVEL)
        yield Rate("local Moran, any cell", said, n, sum(
            (local_moran(grid, expected="residents")["p_adjusted"] < LEVEL).any() for grid in made), LEVEL)
        few = made[:max(20, n // 5)]
        yield Rate("scan, any circle", said, len(few), sum(_scanned(grid, seed + i) for i, grid in enumerate(few)), LEVEL)


def _any(told: gpd.GeoDataFrame, side: str) -> bool:
    return bool(((told["p_adjusted"] < LEVEL) & told["cluster"].astype(str).str.startswith(side)).any())


def _scanned(grid: gpd.GeoDataFrame, seed: int) -> bool:
    told = scan(grid[grid["residents"] > 0], cases="incidents", population="residents", most_radius_m=1000, n_perm=99, seed=seed)
    return bool(len(told) and told["p"].min() < LEVEL)


def weights(cells: gpd.GeoDataFrame, n: int, seed: int) -> Iterator[Rate]:
    """Gi* of weighted incidents under the same risk."""
    rng = np.random.default_rng([seed, 7])
    some = cells.iloc[:400].reset_index(drop=True)
    share = some["residents"].to_numpy(dtype=float) + 1
    middles = some.geometry.centroid
    alarms = 0
    for i in range(n):
        points = gpd.GeoDataFrame(geometry=middles.iloc[rng.choice(len(some), 200, p=share / share.sum())].to_numpy(), crs=cells.crs)
        told, _ = getis_ord_weighted(points, some.assign(by=share), rng.choice([1.0, 2.0, 3.0], 200), expected="by", n_perm=499, seed=i)
        alarms += _any(told, "hot")
    yield Rate("Gi* of weighted incidents, any hot cell", "the same risk, weights 1 to 3 at random", n, alarms, LEVEL)


def stable(n: int, seed: int) -> Iterator[Rate]:
    """Tests of time where places differ greatly but nothing changes."""
    rng = np.random.default_rng([seed, 1])
    means = rng.gamma(0.3, 3, 300)      # a few busy places, most nearly empty
    before, after = rng.poisson(means, (2, n, 300))
    p = [adjust(np.where(a + b > 0, rate_ratio(a, b)[3], np.nan)) for a, b in zip(after, before, strict=True)]
    yield Rate("change, any place", "clusters that stay", n, sum(bool((one < LEVEL).any()) for one in p), LEVEL)
    few = max(40, n // 10)
    yield Rate("near repeat, any band", "clusters that stay, days at random", few, sum(_knox(rng, i) for i in range(few)), LEVEL)
    months = np.arange(60)
    series = rng.poisson(4 * np.exp(0.5 * np.cos(2 * np.pi * months / 12)), (20 * n, 60)).astype(float)
    told = mann_kendall(series, season=12)["p"]
    yield Rate("Mann–Kendall by month", "season, no trend", len(told), int((told < LEVEL).sum()), LEVEL)
    windows = np.apply_along_axis(lambda row: np.convolve(row, np.ones(2), "valid"), 1, rng.poisson(4, (20 * n, 25)).astype(float))
    plain = mann_kendall(windows)["p"]
    yield Rate("Mann–Kendall on windows that overlap by half", "no trend; so emerging hot spots are defined elsewhere", len(plain),
               int((plain < LEVEL).sum()), LEVEL, ours=False)


def _knox(rng: np.random.Generator, seed: int) -> bool:
    spots = rng.uniform(0, 3000, (12, 2))
    where = spots[rng.integers(0, 12, 150)] + rng.normal(0, 80, (150, 2))
    days = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 365, 150), unit="D")
    points = gpd.GeoDataFrame({"occurred_from": days}, geometry=gpd.points_from_xy(*where.T), crs=3006)
    return bool((near_repeat(points, n_perm=99, seed=seed)["p_adjusted"] < LEVEL).any())


def verdicts(n: int, seed: int) -> Iterator[Rate]:
    """The rule of an evaluation, where nothing was done."""
    for treated, control, fall in ((10, 10, 1.0), (30, 30, 1.0), (100, 100, 1.0), (50, 100, 0.7), (100, 50, 1.0)):
        rng = np.random.default_rng([seed, treated, control])
        t, c = rng.poisson((treated, treated * fall), (n, 2)), rng.poisson((control, control * fall), (n, 2))
        truth = f"{treated} and {control} before, both × {fall:g}"
        sides = direction((t[:, 0], t[:, 1]), (c[:, 0], c[:, 1]))
        yield Rate("evaluation, a verdict of change", truth, n, int((sides != 0).sum()), LEVEL)
        alone = sum(_wdd_alone(a, b) for a, b in zip(t[:min(n, 2000)], c[:min(n, 2000)], strict=True))
        yield Rate("weighted displacement difference alone", truth, min(n, 2000), alone, LEVEL, ours=False)


def weighted_verdicts(n: int, seed: int) -> Iterator[Rate]:
    """The same of events weighed by severity, also where one kind is a hundred times as heavy as another and the control is far busier."""
    for name, weight, shares in (("3, 2, 1", [3, 2, 1], [0.2, 0.4, 0.4]), ("100, 10, 1", [100, 10, 1], [0.02, 0.3, 0.68])):
        for treated, control, fall in ((30, 30, 1.0), (100, 100, 1.0), (50, 400, 0.7)):
            rng = np.random.default_rng([seed, treated, control, weight[0]])
            means = (treated, treated * fall, control, control * fall)
            t0, t1, c0, c1 = (rng.poisson(mean * np.array(shares), (n, 3)) for mean in means)
            sides = direction((t0, t1), (c0, c1), severity=weight)
            truth = f"{treated} and {control} before, both × {fall:g}, weights {name}"
            yield Rate("evaluation by weight, a verdict of change", truth, n, int((sides != 0).sum()), LEVEL)
            few = min(n, 2000)
            alone = sum(_wdd_alone(a, b, weight) for a, b in zip(np.stack([t0, t1], 1)[:few], np.stack([c0, c1], 1)[:few], strict=True))
            yield Rate("weighted displacement difference of weights alone", truth, few, alone, LEVEL, ours=False)


def _wdd_alone(treated: np.ndarray, control: np.ndarray, severity: list[int] | None = None) -> bool:
    local = wdd(treated, control, severity=severity).local
    return not local.low <= 0 <= local.high


def intervals(n: int, seed: int) -> Iterator[Rate]:
    """How often intervals of 95 % hold the truth."""
    rng = np.random.default_rng([seed, 3])
    for mean in (0.02, 0.5, 3, 20):
        low, high = poisson_interval(rng.poisson(mean, n))
        yield Rate("exact interval of a count (Garwood)", f"mean {mean:g}", n, int(((low <= mean) & (mean <= high)).sum()), 0.95, least=True)
    for first, second in ((2, 4), (10, 10), (30, 60)):
        a, b = rng.poisson((first, second), (n, 2)).T
        _, low, high, _ = rate_ratio(a, b)
        some = a + b > 0
        held = (low[some] <= first / second) & (first / second <= high[some])
        yield Rate("exact interval of a ratio", f"means {first} and {second}", int(some.sum()), int(held.sum()), 0.95, least=True)
    few = min(n, 1500)
    for mean in (3, 15):
        t, c = rng.poisson(mean, (2, few, 2))
        held = sum(told.low <= 1 <= told.high for told in (odds_ratio_exact(tuple(map(int, a)), tuple(map(int, b))) for a, b in zip(t, c, strict=True)))
        yield Rate("exact interval of the change against a control", f"means {mean}, no effect", few, held, 0.95, least=True)
    for asked, share in ((30, 0.1), (30, 0.3), (100, 0.2)):
        low, high = share_interval(rng.binomial(asked, share, n), np.full(n, asked))
        held = int(((low <= share) & (share <= high)).sum())
        yield Rate("Wilson's interval of a share, which is approximate", f"{asked} answers, share {share:g}", n, held, 0.93, least=True)


def normal_tail() -> list[tuple[float, float]]:
    """True one-sided rate of *z above 1.96* for the sum of nine Poisson cells, as published tools test it: (mean a cell, rate), computed exactly."""
    rates = []
    for mean in (0.015, 0.05, 0.2, 1.0, 3.0):
        total = 9 * mean
        rates.append((mean, float(stats.poisson.sf(np.floor(total + 1.96 * np.sqrt(total)), total))))
    return rates


def everything(size: int, seed: int = 20261) -> list[Rate]:
    cells = surface()
    makers: tuple[Callable[[], Iterator[Rate]], ...] = (
        lambda: places(cells, size, seed), lambda: weights(cells, max(40, size // 4), seed), lambda: stable(size, seed), lambda: verdicts(20 * size, seed),
        lambda: weighted_verdicts(20 * size, seed), lambda: intervals(50 * size, seed))
    return [rate for make in makers for rate in make()]


def page(rates: list[Rate]) -> str:
    lines = ["# Calibration", "",
             "Made by `make calibration`. Data are made up under a known truth, and it is counted how often a test sees something that is not there "
             "(nominal 5 %), or an interval holds what is (nominal 95 %; 93 % for those that are approximate). "
             "*Holds*: within nominal and two standard errors of so many simulations. Lines marked *peer* follow the "
             "definition of others and are printed, not defended.", "", "![Rates with their intervals](pictures/calibration.png)", "",
             "| What | Truth | Data sets | Rate | 95 % interval | Nominal | Holds |", "|---|---|---|---|---|---|---|"]
    for rate in rates:
        low, high = rate.ends
        name = rate.what if rate.ours else f"{rate.what} (*peer*)"
        holds = ("yes" if rate.holds else "**no**") if rate.ours else "printed"
        lines.append(f"| {name} | {rate.truth} | {rate.n} | {100 * rate.share:.1f} % | {100 * low:.1f}–{100 * high:.1f} % | "
                     f"{'≥' if rate.least else '≤'} {100 * rate.nominal:g} % | {holds} |")
    lines += ["", "## Why Gi* has exact p", "",
              "The share of cells with *z above 1.96* where chance alone works, one-sided, nominal 2.5 %, computed exactly for nine cells:", "",
              "| Incidents a cell | True rate |", "|---|---|"]
    return "\n".join([*lines, *(f"| {mean:g} | {100 * rate:.1f} % |" for mean, rate in normal_tail())]) + "\n"


def draw(rates: list[Rate]) -> None:
    """False alarms with their intervals beside the nominal 5 %."""
    alarms = [rate for rate in rates if not rate.least]
    figure, axes = plt.subplots(figsize=(8, 0.24 * len(alarms) + 1), layout="constrained")
    for height, rate in enumerate(reversed(alarms)):
        low, high = rate.ends
        axes.plot([100 * low, 100 * high], [height, height], color="#868e96")
        axes.plot(100 * rate.share, height, "o", color="#1864ab" if rate.ours else "#e8590c", ms=4)
    axes.axvline(100 * LEVEL, ls="--", color="#c92a2a")
    axes.set_yticks(range(len(alarms)), [f"{rate.what}: {rate.truth}" for rate in reversed(alarms)], fontsize=6)
    axes.set(xlabel="false alarms, %  (orange: a peer's definition)", xlim=(0, None))
    figure.savefig(PICTURE, dpi=100)
    plt.close(figure)


if __name__ == "__main__":
    found = everything(1000)
    draw(found)
    (HERE / "calibration.md").write_text(page(found), "utf-8")
