"""Gi* and Gi against R (spdep, sfhotspot), esda, enumeration and hand calculation."""
from __future__ import annotations

from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from geo_safety.analysis.grids import make_grid, study_area
from geo_safety.analysis.lattice import lattice_of
from geo_safety.analysis.neighbours import getis_ord, getis_ord_and_facts, neighbour_numbers, neighbour_sums, neighbourhood
from geo_safety.analysis.randomisation import exact_sums, permuted_sums
from geo_safety.analysis.testing import adjust, questions
from geo_safety.errors import InputError

DEFAULTS = {"expected": None, "value": "incidents", "neighbours": "queen", "star": True, "p": "exact", "n_perm": 999,
            "correction": "fdr", "seed": None}


def peer_squares(table: pd.DataFrame, size: float = 500) -> gpd.GeoDataFrame:
    x, y = (table[c].to_numpy() for c in ("cx", "cy"))
    return gpd.GeoDataFrame({"row": np.rint((y - y.min()) / size).astype(int), "column": np.rint((x - x.min()) / size).astype(int),
                             "incidents": table["n"]},
                            geometry=shapely.box(x - size / 2, y - size / 2, x + size / 2, y + size / 2), crs=32615)


def peer_hexagons(table: pd.DataFrame, size: float = 600) -> gpd.GeoDataFrame:
    x, y = (table[c].to_numpy() for c in ("cx", "cy"))
    row = np.rint((y - y.min()) / (size * np.sqrt(3) / 2)).astype(int)
    angle = np.radians(np.arange(30, 391, 60))
    rings = np.stack([x[:, None] + size / np.sqrt(3) * np.cos(angle), y[:, None] + size / np.sqrt(3) * np.sin(angle)], axis=-1)
    return gpd.GeoDataFrame({"row": row, "column": np.floor((x - x.min()) / size + 1e-6).astype(int), "incidents": table["n"]},
                            geometry=shapely.polygons(rings), crs=32615)


def a_grid(counts: np.ndarray, **columns) -> gpd.GeoDataFrame:
    rows, width = counts.shape
    grid = make_grid(shapely.box(0, 0, width * 100, rows * 100), cell_size_m=100, crs=3006)
    return grid.assign(incidents=counts.ravel(), **columns)


# ---- against other programs ----------------------------------------------------------------------------------------------------

@pytest.mark.shared
def test_queen_equals_sfhotspot(shared):
    expected = pd.read_csv(shared / "oracles/gistar_grid/expected_rect500_queen.csv")
    ours = getis_ord(peer_squares(expected), p="normal", correction="none")
    np.testing.assert_allclose(ours["z"], expected["gistar"], atol=1e-9)
    np.testing.assert_allclose(ours["p"], expected["p"], atol=1e-9)
    assert ours["p_adjusted"].equals(ours["p"].rename("p_adjusted"))


@pytest.mark.shared
def test_hexagons_equal_sfhotspot(shared):
    expected = pd.read_csv(shared / "oracles/gistar_grid/expected_hex600.csv")
    ours = getis_ord(peer_hexagons(expected), p="normal")
    np.testing.assert_allclose(ours["z"], expected["gistar"], atol=1e-9)
    np.testing.assert_allclose(ours["p"], expected["p"], atol=1e-9)


@pytest.mark.shared
def test_a_band_equals_spdep_with_p_corrected_over_all_cells(shared):
    expected = pd.read_csv(shared / "oracles/gistar_grid/expected_rect500_band1600.csv")
    for correction, column in (("fdr", "p_global_bh"), ("bonferroni", "p_global_bonf")):
        ours = getis_ord(peer_squares(expected), neighbours=1600, p="normal", correction=correction)
        np.testing.assert_allclose(ours["z"], expected["gistar"], atol=1e-9)
        np.testing.assert_allclose(ours["p_adjusted"], expected[column], atol=1e-9)


@pytest.mark.shared
def test_the_peer_fault_p_corrected_by_the_number_of_neighbours(shared):
    # spdep's p.adjustSP asks how many neighbours a cell has, not how many cells are tested
    expected = pd.read_csv(shared / "oracles/gistar_grid/expected_rect500_band1600.csv")
    ours = getis_ord(peer_squares(expected), neighbours=1600, p="normal")
    assert ((expected["p_peer_local_fdr"] < 0.05).sum(), (ours["p_adjusted"] < 0.05).sum()) == (465, 762)
    statsmodels = multipletests(ours["p"], method="fdr_bh")[1]
    np.testing.assert_allclose(ours["p_adjusted"], statsmodels, atol=1e-12)


@pytest.mark.shared
def test_gi_without_the_cell_itself_equals_spdep(shared):
    table = pd.read_csv(shared / "oracles/gistar_grid/expected_rect500_queen.csv")
    expected = pd.read_csv(shared / "oracles/gistar_grid/expected_rect500_gi_noself.csv")
    ours = getis_ord(peer_squares(table), star=False, p="normal")
    np.testing.assert_allclose(ours["z"], expected["gi_noself"], atol=1e-9)


@pytest.mark.parametrize("star", [True, False])
def test_z_equals_esda_with_a_graph(star):
    esda, graph = pytest.importorskip("esda"), pytest.importorskip("libpysal.graph")
    grid = a_grid(np.random.default_rng(4).poisson(0.4, (12, 17)))
    weights = graph.Graph.build_contiguity(grid, rook=False)
    theirs = esda.G_Local(grid["incidents"].astype(float), weights.assign_self_weight() if star else weights, transform="B",
                          star=star, permutations=0)
    np.testing.assert_allclose(getis_ord(grid, star=star)["z"], theirs.Zs, atol=1e-12)


# ---- the sums -------------------------------------------------------------------------------------------------------------------

@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["square", "hexagon"]), st.sampled_from([100, 173.3, 201, 460, 1210]))
def test_neighbours_are_the_cells_whose_centre_lies_within_reach(seed, kind, reach):
    rng = np.random.default_rng(seed)
    grid = make_grid(shapely.Point(0, 0).buffer(rng.uniform(500, 900)), cell_size_m=100, kind=kind, crs=3006)
    grid = grid.sample(frac=0.9, random_state=seed % 1000).assign(tested=True)
    grid["incidents"] = rng.poisson(1, len(grid))
    ours = getis_ord(grid, neighbours=reach)
    x, y = lattice_of(grid).centres()
    near = np.hypot(x[:, None] - x, y[:, None] - y) <= reach * (1 + 1e-12)
    np.testing.assert_array_equal(ours["cells_near"], near.sum(axis=1))
    np.testing.assert_array_equal(ours["incidents_near"], near @ grid["incidents"].to_numpy())


@pytest.mark.parametrize(("kind", "neighbours", "number"), [("square", "queen", 9), ("square", "rook", 5), ("hexagon", "queen", 7)])
def test_the_touching_cells_by_name(kind, neighbours, number):
    grid = make_grid(shapely.box(0, 0, 1000, 1000), cell_size_m=100, kind=kind, crs=3006).assign(incidents=1)
    assert getis_ord(grid, neighbours=neighbours)["cells_near"].max() == number


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([100, 150, 330]))
def test_how_many_lie_near_needs_no_adding_up(rows, columns, reach):
    runs = neighbourhood(lattice_of(a_grid(np.zeros((3, 3), dtype=int))), reach)
    np.testing.assert_array_equal(neighbour_numbers((rows, columns), runs), neighbour_sums(np.ones((rows, columns), dtype=int), runs))


# ---- p ---------------------------------------------------------------------------------------------------------------------------

def test_exact_p_is_the_share_of_all_ways_to_place_the_counts():
    values = np.array([0, 0, 0, 1, 1, 2, 5])
    every = np.array([sum(chosen) for chosen in combinations(values, 3)])
    sums = np.arange(9)
    low, high = exact_sums(np.bincount(values), np.full(9, 3), sums, None)
    np.testing.assert_allclose(low, [(every <= s).mean() for s in sums])
    np.testing.assert_allclose(high, [(every >= s).mean() for s in sums])


def test_exact_p_leaves_the_own_count_out_of_the_draw():
    values = np.array([0, 0, 0, 1, 1, 2, 5])
    every = np.array([sum(chosen) for chosen in combinations([0, 0, 0, 1, 1, 2], 3)])
    low, high = exact_sums(np.bincount(values), np.array([3]), np.array([2]), np.array([5]))
    assert (low[0], high[0]) == (pytest.approx((every <= 2).mean()), pytest.approx((every >= 2).mean()))


@settings(max_examples=20)
@given(st.integers(20, 4000), st.integers(1, 60), st.integers(1, 15))
def test_with_only_ones_the_sum_is_hypergeometric_far_into_the_tail(cells, ones, number):
    ones, number = min(ones, cells), min(number, cells)
    values = np.zeros(cells, dtype=int)
    values[:ones] = 1
    sums = np.arange(min(ones, number) + 1)
    _, high = exact_sums(np.bincount(values), np.full(len(sums), number), sums, None)
    np.testing.assert_allclose(high, stats.hypergeom.sf(sums - 1, cells, ones, number), rtol=1e-8, atol=1e-300)


def test_exact_p_goes_with_many_permutations():
    grid = a_grid(np.random.default_rng(2).poisson(0.3, (25, 25)))
    exact, drawn = (getis_ord(grid, p=p, n_perm=20_000, seed=5)["p"] for p in ("exact", "permutation"))
    assert np.abs(exact - drawn).max() < 5 * 2 * np.sqrt(0.25 / 20_000)


@pytest.mark.parametrize("star", [True, False])
def test_in_a_small_grid_each_cell_draws_for_itself_and_without_replacement(star):
    values = np.array([0, 0, 0, 0, 0, 0, 0, 7])
    own = None if star else values
    low, high = permuted_sums(values, np.full(8, 3), np.full(8, 14), own, 500, np.random.default_rng(1))
    assert (high == 1 / 501).all()  # drawn with replacement 14 = 7 + 7 would come up; the seven is there once
    assert (low == 1).all()


def test_the_same_seed_gives_the_same_p_and_another_seed_another():
    grid = a_grid(np.random.default_rng(2).poisson(0.5, (40, 40)))
    once, again, other = (getis_ord(grid, p="permutation", seed=seed)["p"] for seed in (1, 1, 2))
    assert once.equals(again) and not once.equals(other)


def test_a_permutation_counts_both_tails():
    # esda gave one tail, about half of a two-sided p (pysal/esda#199)
    grid = a_grid(np.random.default_rng(3).poisson(1.0, (45, 45)))
    p = getis_ord(grid, p="permutation", correction="none", seed=1)["p"]
    assert abs((p <= 0.05).mean() - 0.05) < 0.02 and p.max() == 1


@pytest.mark.slow
def test_the_peer_fault_a_permutation_p_of_one_tail_is_about_half():
    # esda's p_sim is never above a half: at a two-sided 5 % it calls twice as many cells (pysal/esda#199)
    esda, graph = pytest.importorskip("esda"), pytest.importorskip("libpysal.graph")
    grid = a_grid(np.random.default_rng(3).poisson(1.0, (45, 45)))
    weights = graph.Graph.build_contiguity(grid, rook=False).assign_self_weight()
    theirs = esda.G_Local(grid["incidents"].astype(float), weights, transform="B", star=True, permutations=999, n_jobs=1, seed=1)
    ours = getis_ord(grid, p="permutation", correction="none", seed=1)["p"]
    assert theirs.p_sim.max() <= 0.501 and ours.max() == 1
    assert (theirs.p_sim <= 0.05).mean() > 1.5 * (ours <= 0.05).mean()


def test_weights_are_permuted_never_taken_for_counts():
    grid = a_grid(np.random.default_rng(3).poisson(1.0, (12, 12))).assign(weighted=lambda g: g["incidents"] * 2.5)
    told, facts = getis_ord_and_facts(grid, **DEFAULTS | {"value": "weighted", "seed": 1})
    assert facts["p"] == "permutation" and facts["n_perm"] == 999
    np.testing.assert_allclose(told["z"], getis_ord(grid)["z"])


def test_normal_p_calls_single_events_significant_and_exact_p_does_not():
    # at 0.015 incidents a cell one event is enough for z > 1.96 in the nine cells around it
    counts = np.zeros((60, 60), dtype=int)
    counts.ravel()[np.random.default_rng(1).choice(3600, 54, replace=False)] = 1
    normal, exact = (getis_ord(a_grid(counts), p=p, correction="none") for p in ("normal", "exact"))
    hot = {p: ((told["p"] < 0.05) & (told["z"] > 0)).mean() for p, told in (("normal", normal), ("exact", exact))}
    assert hot["normal"] > 0.09 > 0.03 > hot["exact"]


# ---- against an expected count ---------------------------------------------------------------------------------------------------

def test_with_expected_p_is_binomial_by_hand():
    counts = np.zeros((3, 3), dtype=int)
    counts[1, 1], counts[0, 2] = 6, 4
    residents = np.full(9, 10.0)
    residents[8] = 20
    told = getis_ord(a_grid(counts, residents=residents), expected="residents", neighbours="rook", correction="none")
    # around the middle: 5 cells with 50 of 100 residents, 6 of the 10 incidents
    middle = told.iloc[4]
    assert middle["expected"] == pytest.approx(5)
    assert middle["z"] == pytest.approx((6 - 5) / np.sqrt(10 * 0.5 * 0.5))
    assert middle["p"] == pytest.approx(min(1, 2 * stats.binom.sf(5, 10, 0.5)))
    # in the north-east corner: 3 cells with 40, no incident
    corner = told.iloc[8]
    assert corner["incidents_near"] == 0 and corner["p"] == pytest.approx(2 * 0.6**10)


def test_an_expected_count_that_is_even_gives_chance_no_preference():
    counts = np.random.default_rng(5).poisson(1, (20, 20))
    told = getis_ord(a_grid(counts, ones=1.0), expected="ones")
    np.testing.assert_allclose(told["expected"], getis_ord(a_grid(counts))["expected"])


def test_where_nobody_lives_near_the_residents_have_no_say_and_the_cell_is_not_called_usual():
    counts = np.zeros((1, 9), dtype=int)
    counts[0, 8] = 3
    residents = np.array([5.0, 5, 5, 5, 5, 0, 0, 0, 0])
    told, facts = getis_ord_and_facts(a_grid(counts, residents=residents), **DEFAULTS | {"expected": "residents"})
    assert told["p"].isna().tolist() == [False] * 6 + [True] * 3
    assert (told["cluster"][6:] == "left_out").all() and facts["cells_without_expected"] == 3


def test_a_weighted_sum_is_not_compared_with_an_expected_count():
    with pytest.raises(InputError, match="not for weighted sums"):
        getis_ord(a_grid(np.ones((3, 3)) * 1.5, residents=1.0), expected="residents")


@pytest.mark.parametrize(("column", "message"), [("visitors", "no column visitors"), ("nobody", "nothing to compare with")])
def test_an_expected_count_that_is_not_there_is_refused_in_words(column, message):
    with pytest.raises(InputError, match=message):
        getis_ord(a_grid(np.ones((3, 3), dtype=int), nobody=0.0), expected=column)


# ---- the study area, classes, contract --------------------------------------------------------------------------------------------

def test_empty_forest_takes_no_part():
    """Two cells of forest around a village: the village's z are those of the village alone."""
    rng = np.random.default_rng(8)
    village, around = rng.poisson(2, (8, 8)), np.zeros((14, 14), dtype=int)
    around[3:11, 3:11] = village
    inhabited = np.zeros((14, 14), dtype=bool)
    inhabited[3:11, 3:11] = True
    told = getis_ord(a_grid(around, tested=inhabited.ravel()))
    alone = getis_ord(a_grid(village))
    for column in ("z", "p", "p_adjusted", "expected", "incidents_near", "cells_near"):
        np.testing.assert_allclose(told.loc[inhabited.ravel(), column], alone[column])
    forest = told[~inhabited.ravel()]
    assert forest[["z", "p", "p_adjusted", "expected"]].isna().all(axis=None) and (forest["cluster"] == "left_out").all()


def test_incidents_in_cells_that_are_left_out_count_nowhere():
    counts = np.ones((5, 5), dtype=int)
    counts[0, 0] = 1000
    tested = np.ones(25, dtype=bool)
    tested[0] = False
    assert getis_ord(a_grid(counts, tested=tested))["incidents_near"].max() == 9


def test_classes_follow_the_corrected_p_and_the_side():
    counts = np.random.default_rng(5).poisson(3, (30, 30))
    counts[5:9, 5:9] += 12
    counts[20:26, 20:26] = 0
    told = getis_ord(a_grid(counts))
    for level, share in ((0.01, "99"), (0.05, "95"), (0.1, "90")):
        below = told["p_adjusted"] < level
        for side, name in ((told["z"] > 0, "hot"), (told["z"] < 0, "cold")):
            assert told.loc[below & side, "cluster"].isin([f"{name}_{s}" for s in ("99", "95", "90")[:("99", "95", "90").index(share) + 1]]).all()
    assert {"hot_99", "cold_99", "none"} <= set(told["cluster"])


def test_all_cells_alike_have_no_z_and_stand_out_nowhere():
    told = getis_ord(a_grid(np.full((4, 4), 2)))
    assert told["z"].isna().all() and (told["p"] == 1).all() and (told["cluster"] == "none").all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_turning_the_map_turns_the_answer(seed):
    counts = np.random.default_rng(seed).poisson(0.7, (9, 14))
    told, turned = (getis_ord(a_grid(c))["z"].to_numpy().reshape(c.shape) for c in (counts, np.rot90(counts)))
    np.testing.assert_allclose(np.rot90(told), turned)


def test_the_grid_that_came_in_is_not_changed():
    grid = a_grid(np.random.default_rng(1).poisson(1, (6, 6)))
    before = grid.copy(deep=True)
    getis_ord(grid)
    assert grid.equals(before)


@pytest.mark.parametrize(("wish", "message"), [
    ({"neighbours": "bishop"}, "not bishop"), ({"neighbours": 50}, "Give at least 100 m"), ({"p": "guess"}, "not guess"),
    ({"correction": "luck"}, "not luck"), ({"value": "crimes"}, "no column crimes")])
def test_an_impossible_wish_is_refused_in_words(wish, message):
    with pytest.raises(InputError, match=message):
        getis_ord(a_grid(np.eye(4, dtype=int)), **wish)


# ---- many tests --------------------------------------------------------------------------------------------------------------------

@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_corrections_equal_statsmodels(p):
    for ours, theirs in (("fdr", "fdr_bh"), ("holm", "holm"), ("bonferroni", "bonferroni")):
        np.testing.assert_allclose(adjust(np.array(p), ours), multipletests(p, method=theirs)[1], atol=1e-12)


@given(st.lists(st.tuples(st.sampled_from([0.001, 0.02, 0.3, 1.0]), st.integers(1, 30)), min_size=1, max_size=4, unique_by=lambda t: t[0]))
def test_a_p_that_comes_many_times_is_that_many_tests(found):
    p, times = (np.array(part) for part in zip(*found, strict=True))
    for correction in ("fdr", "holm", "bonferroni", "none"):
        np.testing.assert_allclose(np.repeat(adjust(p, correction, times), times), adjust(np.repeat(p, times), correction))


def test_a_missing_p_is_no_test():
    assert adjust(np.array([0.01, np.nan, 0.04]), "bonferroni").tolist() == pytest.approx([0.02, np.nan, 0.08], nan_ok=True)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 7), st.integers(0, 3_000_000)), min_size=1, max_size=30))
def test_questions_are_answered_once_and_given_back_to_all(rows):
    columns = np.array(rows).T
    different, which, times = questions(*columns)
    np.testing.assert_array_equal(np.array(different)[:, which], columns)
    assert len(times) == len(set(rows)) and times.sum() == len(rows)


# ---- false alarms ------------------------------------------------------------------------------------------------------------------

def towns(rng: np.random.Generator) -> gpd.GeoDataFrame:
    """64 × 64 cells with five towns, dense in the middle, forest between."""
    north, east = np.mgrid[:64, :64]
    people = np.zeros((64, 64))
    for x, y, size, width in ((20, 40, 4000, 5), (48, 15, 1500, 3), (50, 50, 900, 3), (8, 8, 400, 2), (30, 10, 300, 2)):
        people += size * np.exp(-((east - x)**2 + (north - y)**2) / (2 * width**2)) / (2 * np.pi * width**2)
    people = rng.poisson(people)
    return a_grid(np.zeros((64, 64), dtype=int), residents=people.ravel().astype(float), tested=people.ravel() > 0)


def maps_with_a_hot_cell(grid: gpd.GeoDataFrame, incidents: int, maps: int, rng: np.random.Generator, **how) -> tuple[float, float]:
    """Share of maps with any, and mean number of, hot cells (5 %) under constant risk per resident."""
    risk = (grid["residents"] / grid["residents"].sum()).to_numpy()
    found = np.array([((told := getis_ord(grid.assign(incidents=rng.multinomial(incidents, risk)), **how))["p_adjusted"].lt(0.05)
                       & (told["incidents_near"] > told["expected"])).sum() for _ in range(maps)])
    return float((found > 0).mean()), float(found.mean())


@pytest.mark.slow
@pytest.mark.parametrize("incidents", [20, 100, 300, 1500])
def test_under_constant_risk_hot_cells_are_as_rare_as_promised(incidents):
    """20 incidents in some 4 000 cells are 0.005 a cell."""
    rng = np.random.default_rng(incidents)
    share, mean = maps_with_a_hot_cell(towns(rng), incidents, 400, rng, expected="residents")
    assert share <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
    assert mean < 0.3


@pytest.mark.slow
def test_without_an_expected_count_busy_places_come_out_hot_whatever_their_risk():
    rng = np.random.default_rng(1)
    grid = towns(rng)
    _, restricted = maps_with_a_hot_cell(grid, 300, 50, rng)
    _, everywhere = maps_with_a_hot_cell(grid.drop(columns="tested"), 300, 50, rng)
    assert everywhere > restricted > 5  # the restriction helps, the expected count is what cures


@pytest.mark.slow
@pytest.mark.parametrize("mean", [0.005, 0.05, 0.5, 3])
def test_where_all_cells_are_alike_one_cell_stands_out_as_often_as_promised(mean):
    rng = np.random.default_rng(7)
    above, cells = 0, 0
    for _ in range(60):
        told = getis_ord(a_grid(rng.poisson(mean, (50, 50))), correction="none")
        above += int(((told["p"] < 0.05) & (told["z"] > 0)).sum())
        cells += len(told)
    assert above / cells <= 0.025 + 0.003


def test_the_study_area_of_an_exposure_layer_goes_straight_into_the_test():
    grid = make_grid(shapely.box(0, 0, 1000, 1000), crs=3006)
    people = gpd.GeoDataFrame({"residents": [50, 30], "addresses": [9, 4], "street_m": [100.0, 80]},
                              geometry=[shapely.box(0, 0, 500, 500), shapely.box(500, 0, 750, 250)], crs=3006)
    told = getis_ord(study_area(grid, people).assign(incidents=1), expected="residents")
    assert (told["cluster"] != "left_out").sum() == 5
