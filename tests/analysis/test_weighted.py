"""Weighted incidents: sums beside counts, p from whole incidents with their weight, and one that weighs too much."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo_safety.analysis.concentration import concentration
from geo_safety.analysis.grids import make_grid
from geo_safety.analysis.weighted import getis_ord_weighted
from geo_safety.errors import InputError

GRID = make_grid(gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 2500, 2500)], crs=3006))


def points(n: int, rng: np.random.Generator, share: np.ndarray) -> gpd.GeoDataFrame:
    """Incidents in the middle of cells drawn with the given chances."""
    cells = GRID.geometry.centroid.iloc[rng.choice(len(GRID), n, p=share)]
    return gpd.GeoDataFrame(geometry=cells.to_numpy(), crs=3006)


def test_mean_and_spread_are_those_of_whole_incidents():
    # weights 1, 2, 2 on 100 cells alike, a corner cell with its three neighbours: s = 4/100, mean 5 s, variance 9 s (1 − s)
    told, facts = getis_ord_weighted(gpd.GeoDataFrame(geometry=[shapely.Point(10, 10)] * 3, crs=3006), GRID, [1, 2, 2], n_perm=99, seed=1)
    corner = told[(told.geometry.centroid.x < 250) & (told.geometry.centroid.y < 250)].iloc[0]
    assert (corner["incidents"], corner["weighted"], corner["incidents_near"], corner["weighted_near"]) == (3, 5, 3, 5)
    assert corner["expected"] == pytest.approx(0.2) and corner["z"] == pytest.approx((5 - 0.2) / np.sqrt(9 * 0.04 * 0.96))
    assert facts["most_of_one"] == pytest.approx(0.4) and facts["weight"] == 5 and facts["p"] == "permutation"


def test_equal_weights_give_the_binomial_p():
    rng = np.random.default_rng(2)
    where = points(300, rng, np.full(100, 0.01))
    told, _ = getis_ord_weighted(where, GRID, np.full(300, 7.0), n_perm=4999, seed=3)
    from scipy import stats
    s = told["expected"] / (300 * 7)
    exact = 2 * np.minimum(stats.binom.cdf(told["incidents_near"], 300, s), stats.binom.sf(told["incidents_near"] - 1, 300, s))
    assert np.abs(told["p"] - np.minimum(1, exact)).max() < 0.03     # Monte Carlo error of 4 999 draws


def test_chance_in_proportion_to_what_is_expected_is_no_cluster():
    rng = np.random.default_rng(4)
    people = rng.gamma(0.4, 100, 100)
    grid, share = GRID.assign(residents=people), people / people.sum()
    weights = np.array([1.0, 10.0, 100.0])
    alarms = [(getis_ord_weighted(points(200, rng, share), grid, weights[rng.integers(0, 3, 200)], expected="residents", n_perm=199,
                                  seed=seed)[0]["p_adjusted"] < 0.05).any() for seed in range(40)]
    assert np.mean(alarms) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 40)


def test_a_planted_gathering_of_heavy_incidents_is_found_where_the_count_is_even():
    rng = np.random.default_rng(5)
    where = points(400, rng, np.full(100, 0.01))
    here = (where.geometry.x < 750) & (where.geometry.y < 750)
    told, _ = getis_ord_weighted(where, GRID, np.where(here, 10.0, 1.0), n_perm=499, seed=1)
    centre = told[(told.geometry.centroid.x == 375) & (told.geometry.centroid.y == 375)].iloc[0]
    assert centre["cluster"] == "hot_95" or centre["cluster"] == "hot_99"
    assert told.loc[told["cluster"].isin(["hot_95", "hot_99"])].geometry.centroid.x.max() < 1000


def test_weights_that_cannot_be_used_are_refused_in_words():
    one = gpd.GeoDataFrame(geometry=[shapely.Point(10, 10)], crs=3006)
    for weights in ([-1.0], [np.nan], [1.0, 2.0]):
        with pytest.raises(InputError, match="weights"):
            getis_ord_weighted(one, GRID, weights)
    with pytest.raises(InputError, match="tested cell"):
        getis_ord_weighted(one.set_geometry([shapely.Point(-9, -9)], crs=3006), GRID, [1.0])


def test_concentration_of_weighted_incidents_draws_whole_incidents():
    # 20 light incidents spread over 20 places, one that weighs 20: half of the weight lies at one place, as chance would have it too
    light, heavy = np.ones(20, dtype=int), np.array([1] + [0] * 19)
    told = concentration(np.array([light, heavy]), severity=[1, 20], n_sim=499, n_boot=99, seed=1).set_index("measure")
    assert "gini_generalised" not in told.index and told.loc["gini", "incidents"] == 21
    assert told.loc["places_50", "value"] == 0.05 and told.loc["places_50", "p"] > 0.2
    same = concentration(light + heavy, n_sim=99, n_boot=99, seed=1).set_index("measure")
    weighed = concentration(np.array([light + heavy]), severity=[3.0], n_sim=99, n_boot=99, seed=1).set_index("measure")
    assert weighed.loc["gini", "value"] == pytest.approx(same.loc["gini", "value"])
    with pytest.raises(InputError, match="one for each kind"):
        concentration(np.array([light, heavy]), severity=[1.0])
