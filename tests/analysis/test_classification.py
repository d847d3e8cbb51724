"""How clusters last: the corrected rules of a peer, steps from the end, and no pattern where nothing changes."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_safety.analysis.classification import PATTERNS, classify, classify_periods, steps
from geo_safety.analysis.grids import make_grid
from geo_safety.errors import InputError

NAMES = {"persistent": "persistent hotspot", "emerging": "emerging hotspot", "intermittent": "intermittent hotspot",
         "former": "former hotspot", "none": "no pattern"}


@pytest.mark.shared
def test_every_cell_is_classed_as_the_corrected_rules_say(shared):
    folder = shared / "oracles/hotspot_classify"
    theirs = pd.read_csv(folder / "expected_sfhotspot.csv")
    x, y = theirs["cx"], theirs["cy"]
    grid = gpd.GeoDataFrame({"column": ((x - x.min()) / 500).round().astype(int), "row": ((y - y.min()) / 500).round().astype(int)},
                            geometry=shapely.box(x - 250, y - 250, x + 250, y + 250), crs=32616)
    events = pd.read_csv(folder / "points.csv", parse_dates=["time"])
    points = gpd.GeoDataFrame(events, geometry=gpd.points_from_xy(events["x"], events["y"]), crs=32616)
    ours = classify_periods(points, grid, step="month", period=("2019-01-01", "2020-01-01"), time="time", p="normal", correction="none", confirm=False)
    assert (ours["hot_steps"].to_numpy() == theirs["n_sig_hot"]).all()
    np.testing.assert_allclose(ours["z_last"], theirs["z_last"], atol=1e-8)
    names = ours["pattern"].astype(str).map(NAMES).to_numpy()
    assert (names == theirs["corrected"]).all()
    assert (names != theirs["peer"]).sum() == 66  # its window of recent periods is one too long, and its threshold of emerging the wrong one


@pytest.mark.parametrize(("hot", "name"), [
    ("1111111111", "persistent"), ("1111111100", "persistent"), ("0000000001", "emerging"), ("1000000000", "former"),
    ("1000000001", "intermittent"), ("0000000000", "none")])
def test_the_rules_on_ten_steps(hot, name):
    assert PATTERNS[classify(np.array([[mark == "1" for mark in hot]]))[0]] == name


def test_steps_are_counted_back_from_the_end():
    times = pd.Series(pd.to_datetime(["2024-01-15", "2026-02-10"]))
    _, edges = steps(times, "quarter", ("2024-01-15", "2026-03-01"))
    assert [str(edge.date()) for edge in edges[[0, 1, -1]]] == ["2024-03-01", "2024-06-01", "2026-03-01"]
    assert len(steps(times, "year", ("2024-01-15", "2026-03-01"))[1]) == 3
    assert steps(times, "auto", ("2024-01-15", "2026-03-01"))[0] == "quarter"
    assert steps(times, "auto", ("2020-01-01", "2026-01-01"))[0] == "half_year"
    assert steps(times, "auto", ("2025-10-01", "2026-01-01"))[0] == "month"


def town(rates: dict[tuple[int, int], list[int]], n_steps: int = 8, background: float = 0.3, seed: int = 1) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Incidents on 20 × 20 inhabited cells, with so many more in each of 3 × 3 cells around (row, column) in each quarter."""
    grid = make_grid(shapely.box(0, 0, 5000, 5000), cell_size_m=250, crs=3006)
    rng, rows = np.random.default_rng(seed), []
    for k in range(n_steps):
        extra = np.zeros((20, 20))
        for (row, column), numbers in rates.items():
            extra[row - 1:row + 2, column - 1:column + 2] = numbers[k]
        for cell, n in enumerate(rng.poisson(background, 400) + rng.poisson(extra.ravel())):
            rows += [(cell % 20 * 250 + 125, cell // 20 * 250 + 125, pd.Timestamp("2024-01-10") + pd.DateOffset(months=3 * k))] * n
    events = pd.DataFrame(rows, columns=["x", "y", "occurred_from"])
    return gpd.GeoDataFrame(events, geometry=gpd.points_from_xy(events["x"], events["y"]), crs=3006), grid


def test_planted_patterns_are_found():
    points, grid = town({(4, 4): [3] * 8, (4, 15): [0] * 7 + [4], (15, 4): [4] * 4 + [0] * 4, (15, 15): [0, 4] * 4})
    found = classify_periods(points, grid, period=("2024-01-01", "2026-01-01")).set_index(["row", "column"])["pattern"]
    assert [found[place] for place in ((4, 4), (4, 15), (15, 4), (15, 15), (10, 10))] == ["persistent", "emerging", "former", "intermittent", "none"]


def test_what_is_always_a_little_hot_is_not_called_emerging_or_former():
    found = {True: 0, False: 0}
    for seed in range(6):
        points, grid = town({(4, 4): [1] * 8, (15, 15): [1] * 8, (4, 15): [1] * 8}, seed=seed)
        for confirm in found:
            told = classify_periods(points, grid, period=("2024-01-01", "2026-01-01"), confirm=confirm)
            found[confirm] += told["pattern"].isin(["emerging", "former"]).sum()
    assert found[False] > 40    # the rules alone
    assert found[True] == 0


@pytest.mark.parametrize(("wish", "words"), [({"step": "year", "period": ("2024-01-01", "2026-01-01")}, "2 steps"), ({"step": "week"}, "not week")])
def test_too_few_or_unknown_steps_are_refused_in_words(wish, words):
    points, grid = town({(4, 4): [3] * 8})
    with pytest.raises(InputError) as refused:
        classify_periods(points, grid, **wish)
    assert words in refused.value.text.en
