"""Local Moran and Gi* on areas of any shape: equal to spdep and esda, p that hold, outliers that were planted."""
from __future__ import annotations

import esda
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from libpysal.graph import Graph
from scipy import sparse

from geo_safety.analysis.contiguity import contiguity
from geo_safety.analysis.grids import make_grid
from geo_safety.analysis.moran import local_moran
from geo_safety.analysis.neighbours import getis_ord
from geo_safety.errors import InputError


@pytest.fixture(scope="module")
def grid():
    """20 × 20 cells with a count that has nothing to do with the place."""
    cells = make_grid(shapely.box(0, 0, 2000, 2000), cell_size_m=100, crs=3006)
    return cells.assign(incidents=np.random.default_rng(3).poisson(0.8, len(cells)))


def areas_of(values, pairs) -> tuple[gpd.GeoDataFrame, sparse.csr_array]:
    n = len(values)
    matrix = sparse.csr_array((np.ones(len(pairs)), tuple(np.asarray(pairs).T)), shape=(n, n))
    return gpd.GeoDataFrame({"incidents": values}, geometry=gpd.points_from_xy(np.arange(n), np.zeros(n)), crs=3006), matrix


@pytest.mark.shared
def test_the_counties_of_north_carolina_give_the_numbers_of_spdep(shared):
    folder = shared / "oracles/areal_nc_sids"
    known, theirs = pd.read_csv(folder / "input.csv"), pd.read_csv(folder / "expected_local.csv")
    areas, near = areas_of((1000 * known["sid74"] / known["bir74"]).to_numpy(), pd.read_csv(folder / "neighbours_queen.csv").to_numpy())
    ours = local_moran(areas, neighbours=near, p="normal", correction="none")
    np.testing.assert_allclose(ours["moran_i"], theirs["Ii"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours["z"], theirs["Zi"], rtol=1e-9)
    np.testing.assert_allclose(ours["p"], theirs["p"], rtol=1e-9)
    sure = (ours["p"] < 0.05).to_numpy()
    assert ours["cluster"][sure].str.replace("_", "-").str.title().tolist() == theirs["quad"][sure].tolist()
    for star, column in ((True, "gistar_binary"), (False, "gi_binary")):
        np.testing.assert_allclose(getis_ord(areas, neighbours=near, star=star, p="normal")["z"], theirs[column], rtol=1e-9)


def test_a_grid_and_the_same_cells_as_areas_give_the_same(grid):
    areas = grid.drop(columns=["row", "column"])
    for neighbours in ("queen", "rook", 250.0):
        for method in (local_moran, getis_ord):
            ours, theirs = method(grid, neighbours=neighbours), method(areas, neighbours=neighbours)
            np.testing.assert_allclose(ours["z"], theirs["z"], rtol=1e-12)
            np.testing.assert_allclose(ours["p"], theirs["p"], rtol=1e-12)


def test_moran_is_that_of_esda(grid):
    theirs = esda.Moran_Local(grid["incidents"].astype(float), Graph.from_sparse(contiguity(grid)), transformation="r", permutations=0)
    # esda divides by n − 1, spdep and we by n
    np.testing.assert_allclose(local_moran(grid)["moran_i"], theirs.Is * 400 / 399, rtol=1e-9, atol=1e-12)


@pytest.mark.slow
def test_a_peer_calls_places_surprising_that_are_not(grid):
    """esda counts the nearer tail only, and leaves out draws equal to what was seen, of which there are many among small counts."""
    theirs = esda.Moran_Local(grid["incidents"].astype(float), Graph.from_sparse(contiguity(grid)), transformation="r", permutations=999, seed=5)
    assert (theirs.p_sim < 0.05).sum() > 2 * (local_moran(grid)["p"] < 0.05).sum()


def test_p_is_what_changing_places_gives(grid):
    values, near, rng = grid["incidents"].to_numpy(), contiguity(grid), np.random.default_rng(2)
    told = local_moran(grid)
    for place in (0, 41, 210, 399):
        others, number, seen = np.delete(values, place), int(near[[place]].sum()), int((near @ values)[place])
        drawn = np.array([rng.permutation(others)[:number].sum() for _ in range(10_000)])
        assert told["p"][place] == pytest.approx(min(1, 2 * min((drawn <= seen).mean(), (drawn >= seen).mean())), abs=0.025)


def test_rates_are_those_of_esda(grid):
    people = np.random.default_rng(4).integers(200, 3000, len(grid))
    cells = grid.assign(people=people, n=np.random.default_rng(5).poisson(people * 0.002))
    theirs = esda.Moran_Local_Rate(cells["n"].astype(float), cells["people"].astype(float), Graph.from_sparse(contiguity(cells)),
                                   transformation="r", permutations=0)
    np.testing.assert_allclose(local_moran(cells, rate=("n", "people"), p="normal")["moran_i"], theirs.Is * 400 / 399, rtol=1e-9, atol=1e-12)


def test_permutations_come_near_the_exact_p(grid):
    exact, drawn = local_moran(grid), local_moran(grid, p="permutation", n_perm=4999, seed=1)
    np.testing.assert_allclose(exact["p"], drawn["p"], atol=0.06)  # some four standard errors where p is near a half
    small = exact["p"] < 0.1
    np.testing.assert_allclose(exact["p"][small], drawn["p"][small], atol=0.02)
    pd.testing.assert_frame_equal(drawn, local_moran(grid, p="permutation", n_perm=4999, seed=1))


def test_planted_places_are_called_by_their_name(grid):
    counts = np.zeros((20, 20), dtype=int)
    counts[3:6, 3:6] = 9        # many among many
    counts[14:17, 14:17] = 9
    counts[15, 15] = 0          # few among many
    found = local_moran(grid.assign(incidents=counts.ravel()))["cluster"].to_numpy().reshape(20, 20)
    assert found[4, 4] == "high_high"
    assert found[15, 15] == "low_high"
    assert found[10, 3] == "none"


def test_where_many_live_is_not_high(grid):
    residents = np.where(np.hypot(*np.mgrid[-10:10, -10:10]) < 6, 400, 10).ravel()
    counts = np.random.default_rng(8).poisson(residents * 0.01)
    cells = grid.assign(incidents=counts, residents=residents)
    plain, compared = local_moran(cells), local_moran(cells, expected="residents")
    assert (plain["cluster"] == "high_high").sum() > 50
    assert not (compared["cluster"] == "high_high").any()


def test_a_hand_calculation_with_expected():
    # three places in a row with residents 1, 2, 1 and counts 4, 1, 0; of the middle: 4 others, all of them next to it
    areas, near = areas_of([4, 1, 0], [(0, 1), (1, 0), (1, 2), (2, 1)])
    told = local_moran(areas.assign(residents=[1, 2, 1]), expected="residents", neighbours=near, correction="none")
    # of the first: one other, near it with probability 2/3
    assert told["expected_near"].tolist() == pytest.approx([2 / 3, 4, 5 * 2 / 3])
    assert told["p"][0] == pytest.approx(1.0)
    # the third: five others, one of them near, P(O <= 1) = (1/3)^5 + 5 (2/3)(1/3)^4
    assert told["p"][2] == pytest.approx(2 * (11 / 243))


def test_an_area_without_neighbours_is_left_out():
    areas, near = areas_of([1, 2, 3, 9], [(0, 1), (1, 0), (1, 2), (2, 1)])
    told = local_moran(areas, neighbours=near)
    assert told["cluster"].tolist()[3] == "left_out"
    assert np.isnan(told["p"][3])


def test_an_area_with_nothing_expected_near_is_left_out_and_not_called_usual():
    areas, near = areas_of([4, 1, 30], [(0, 1), (1, 0), (1, 2), (2, 1)])
    told = local_moran(areas.assign(residents=[5, 0, 5]), expected="residents", neighbours=near)
    assert told["p"].isna().tolist() == [True, False, True]     # the middle one has neighbours with residents, the others have not
    assert told["cluster"].tolist()[0] == told["cluster"].tolist()[2] == "left_out" != told["cluster"].tolist()[1]


def test_neighbours_of_drawn_areas():
    a, b, corner, far = shapely.box(0, 0, 100, 100), shapely.box(100.004, 0, 200, 100), shapely.box(100, 100, 200, 200), shapely.box(500, 0, 600, 100)
    areas = gpd.GeoDataFrame(geometry=[a, b, corner, far, None], crs=3006)
    assert contiguity(areas).toarray()[0].tolist() == [0, 1, 1, 0, 0]
    assert contiguity(areas, "rook").toarray()[0].tolist() == [0, 1, 0, 0, 0]
    assert contiguity(areas, 450.0).toarray()[1].tolist() == [1, 0, 1, 1, 0]


@pytest.mark.parametrize(("change", "wish"), [
    ({"incidents": 1}, {}), ({}, {"p": "guess"}), ({}, {"neighbours": "bishop"}), ({"people": 0}, {"rate": ("incidents", "people")}),
    ({"people": 1}, {"rate": ("incidents", "people"), "expected": "people"}), ({"incidents": -1}, {}), ({"incidents": np.inf}, {}),
    ({}, {"neighbours": sparse.eye_array(3)})])
def test_what_cannot_be_computed_is_refused_in_words(grid, change, wish):
    with pytest.raises(InputError):
        local_moran(grid.assign(**change), **wish)


@pytest.mark.slow
@pytest.mark.parametrize("n", [40, 400, 4000])
def test_constant_risk_gives_no_clusters_on_a_steep_town(n):
    """Some place is called a cluster in at most 5 % of the maps, and chance is allowed for by three of its standard deviations."""
    cells = make_grid(shapely.box(0, 0, 4000, 4000), cell_size_m=100, crs=3006)
    share = np.exp(-np.hypot(*np.mgrid[-20:20, -20:20]) / 4).ravel()
    rng, maps = np.random.default_rng(n), 300
    some = sum((local_moran(cells.assign(residents=share, incidents=rng.multinomial(n, share / share.sum())), expected="residents")["p_adjusted"]
                < 0.05).any() for _ in range(maps))
    assert some / maps <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / maps)
