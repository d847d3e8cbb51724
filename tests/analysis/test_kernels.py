"""Densities against SpatialKDE and spatstat (R), scipy, and what can be worked out by hand."""
from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from geo_safety.analysis.bandwidths import log_likelihood, normal_reference
from geo_safety.analysis.grids import make_grid
from geo_safety.analysis.kernels import NORM, edge_surface, kernel_density, kernel_density_and_facts, select_bandwidth
from geo_safety.analysis.lattice import lattice_of
from geo_safety.errors import InputError

MEMPHIS = 32615
HOW = {"bandwidth_m": "auto", "edge": "uniform", "kernel": "quartic", "weights": None, "method": "auto", "unit": "per_km2"}


def points(x, y, crs=3006):
    return gpd.GeoSeries(gpd.points_from_xy(x, y), crs=crs)


def spot(x: float, y: float, crs: int = MEMPHIS) -> gpd.GeoDataFrame:
    """A grid of one small cell, to ask for the density at a place."""
    return gpd.GeoDataFrame({"row": [0], "column": [0]}, geometry=[shapely.box(x - 5, y - 5, x + 5, y + 5)], crs=crs)


def peer_squares(table: pd.DataFrame, size: float = 500) -> gpd.GeoDataFrame:
    x, y = (table[c].to_numpy() for c in ("cx", "cy"))
    return gpd.GeoDataFrame({"row": np.rint((y - y.min()) / size).astype(int), "column": np.rint((x - x.min()) / size).astype(int)},
                            geometry=shapely.box(x - size / 2, y - size / 2, x + size / 2, y + size / 2), crs=MEMPHIS)


@pytest.fixture(scope="module")
def memphis(shared):
    folder = shared / "oracles/kde_grid"
    table = pd.read_csv(folder / "points.csv")
    return folder, points(table["x"], table["y"], MEMPHIS)


# ---- against other programs -------------------------------------------------------------------------------------------------------

@pytest.mark.shared
@pytest.mark.parametrize("kernel", ["quartic", "triweight", "epanechnikov", "uniform", "triangular"])
def test_kernel_sums_equal_spatialkde(memphis, kernel):
    folder, robberies = memphis
    expected = pd.read_csv(folder / "expected_spatialkde_bw1500.csv")
    ours = kernel_density(robberies, peer_squares(expected), bandwidth_m=1500, edge=None, kernel=kernel, method="exact")
    np.testing.assert_allclose(ours["density_per_km2"] / (NORM[kernel] / 1.5**2), expected[kernel], rtol=1e-9, atol=1e-9)


@pytest.mark.shared
def test_the_peer_fault_a_quartic_density_seven_times_too_high(memphis):
    # SpatialKDE 0.8.2 (and QGIS until February 2025) typed 116 for 16 and used the integral over a line
    folder, robberies = memphis
    expected = pd.read_csv(folder / "expected_spatialkde_bw1500.csv")
    ours = kernel_density(robberies, peer_squares(expected), bandwidth_m=1500, edge=None)
    np.testing.assert_allclose(ours["density_per_km2"], expected["quartic_scaled"] / 7.25 * 1e6, rtol=1e-8)
    cell_km2 = 0.25
    assert (ours["density_per_km2"] * cell_km2).sum() == pytest.approx(len(robberies), rel=0.01)
    assert (expected["quartic_scaled"] * 1e6 * cell_km2).sum() > 7 * len(robberies)


@pytest.mark.shared
def test_the_gaussian_equals_spatstat_at_the_events(memphis):
    folder, robberies = memphis
    expected = pd.read_csv(folder / "expected_spatstat_at_points_s800.csv")
    for row in expected.iloc[::150].itertuples():
        ours = kernel_density(robberies, spot(row.x, row.y), bandwidth_m=800, edge=None, kernel="gaussian", method="exact")
        assert ours["density_per_km2"].iloc[0] == pytest.approx(row.gaussian_at_points * 1e6, rel=1e-9)


@pytest.mark.shared
def test_the_gaussian_goes_with_spatstat_pixels_plain_and_corrected_at_the_edge(memphis):
    folder, robberies = memphis
    expected = pd.read_csv(folder / "expected_spatstat_gauss_s800.csv")
    west, east, south, north = json.loads((folder / "bandwidths.json").read_text())["window"]
    peak = expected["gaussian"].max()  # spatstat moves events to pixels first: up to 4 % of the peak away
    for row in expected.iloc[::97].itertuples():
        ours = kernel_density(robberies, spot(row.x, row.y), bandwidth_m=800, edge=None, kernel="gaussian", method="exact")["density_per_km2"].iloc[0] / 1e6
        inside = np.prod([stats.norm.cdf((high - at) / 800) - stats.norm.cdf((low - at) / 800)
                          for low, high, at in ((west, east, row.x), (south, north, row.y))])
        assert ours == pytest.approx(row.gaussian, abs=0.05 * peak)
        assert ours / inside == pytest.approx(row.edge, abs=0.05 * peak)


@pytest.mark.shared
def test_the_normal_reference_is_the_mean_of_both_axes(memphis):
    folder, robberies = memphis
    peer = json.loads((folder / "bandwidths.json").read_text())
    x, y = robberies.x.to_numpy(), robberies.y.to_numpy()
    assert normal_reference(x, y) == pytest.approx(peer["bw_nrd_mean"], rel=1e-9)
    # the peer's fault: sfhotspot's mean(a, b) is the first axis only
    assert normal_reference(x, x) == pytest.approx(peer["sfhotspot_bandwidth_buggy"], rel=1e-9)
    assert select_bandwidth(robberies, "nrd") == 5770


@pytest.mark.shared
def test_cross_validation_chooses_as_spatstat_does_among_its_candidates(memphis):
    folder, robberies = memphis
    peer = json.loads((folder / "bandwidths.json").read_text())["bw.ppl"]
    candidates = peer * (7586.51774253513 / peer)**(np.arange(-3, 13) / 9)  # sixteen in a geometric series, bw.ppl the fourth
    found = log_likelihood(robberies.x.to_numpy(), robberies.y.to_numpy(), candidates, leave_out="point")
    assert candidates[found.argmax()] == pytest.approx(peer)
    ours = select_bandwidth(robberies, "ppl", kernel="gaussian")
    assert 200 < ours < 575  # stacked incidents are left out together and lonely ones weigh less, so it is not quite the same


def test_shares_equal_scipy_when_the_spreads_are_made_equal():
    rng = np.random.default_rng(1)
    x, y = rng.normal(0, 900, (2, 300))
    x, y = (x - x.mean()) / x.std(ddof=1), (y - y.mean()) / y.std(ddof=1)
    y = y - x * np.cov(x, y)[0, 1]
    y = y / y.std(ddof=1)
    x, y = 900 * x, 900 * y  # covariance 900² times one: scipy's Gaussian is round
    grid = make_grid(shapely.box(-2000, -2000, 2000, 2000), cell_size_m=400, crs=3006)
    peer = stats.gaussian_kde([x, y], bw_method=0.5)
    ours = kernel_density(points(x, y), grid, bandwidth_m=450, kernel="gaussian", edge=None, unit="share")
    np.testing.assert_allclose(ours["share_per_km2"], peer(lattice_of(grid).centres()) * 1e6, rtol=1e-6)


# ---- by hand -----------------------------------------------------------------------------------------------------------------------

def test_one_incident_by_hand():
    grid = make_grid(shapely.box(0, 0, 1000, 1000), cell_size_m=200, crs=3006)
    ours = kernel_density(points([500], [500]), grid, bandwidth_m=500, edge=None)
    density = ours.set_index(["row", "column"])["density_per_km2"]
    assert density[2, 2] == pytest.approx(3 / (np.pi * 0.5**2))                                 # at the incident itself
    assert density[2, 3] == pytest.approx(3 / (np.pi * 0.5**2) * (1 - 0.2**2 / 0.5**2)**2)      # 200 m away
    assert density[0, 0] == 0                                                                   # 566 m away
    assert ours["incidents"].sum() == 1


@pytest.mark.parametrize("kernel", list(NORM))
@pytest.mark.parametrize("kind", ["square", "hexagon"])
@pytest.mark.parametrize("method", ["exact", "fft"])
def test_every_incident_is_spread_out_whole(kernel, kind, method):
    rng = np.random.default_rng(3)
    x, y = rng.uniform(-500, 500, (2, 80))
    grid = make_grid(shapely.box(-3000, -3000, 3000, 3000), cell_size_m=60, kind=kind, crs=3006)
    ours = kernel_density(points(x, y), grid, bandwidth_m=250 if kernel == "gaussian" else 700, edge=None, kernel=kernel, method=method)
    assert (ours["density_per_km2"] * lattice_of(grid).cell_area_m2 / 1e6).sum() == pytest.approx(80, rel=0.05 if kernel == "uniform" else 0.005)


@pytest.mark.parametrize("kind", ["square", "hexagon"])
@pytest.mark.parametrize("bandwidth", [200, 500, 1000, 1500])
def test_the_quick_way_is_off_by_less_than_a_thousandth_of_the_peak(kind, bandwidth):
    x, y = np.random.default_rng(4).normal(5000, 1200, (2, 100_000))
    grid = make_grid(shapely.Point(5000, 5000).buffer(4000), cell_size_m=100, kind=kind, crs=3006)
    exact, quick = (kernel_density(points(x, y), grid, bandwidth_m=bandwidth, method=m)["density_per_km2"] for m in ("exact", "fft"))
    assert np.abs(exact - quick).max() < 0.001 * exact.max()


def test_many_incidents_take_the_quick_way_and_the_facts_say_so():
    rng = np.random.default_rng(4)
    grid = make_grid(shapely.box(0, 0, 3000, 3000), cell_size_m=100, crs=3006)
    few, many = (kernel_density_and_facts(points(*rng.uniform(0, 3000, (2, n))), grid, **HOW | {"bandwidth_m": 3000})[1] for n in (100, 120_000))
    assert (few["method"], many["method"]) == ("exact", "fft")


# ---- the edge ----------------------------------------------------------------------------------------------------------------------

def test_the_part_inside_equals_the_integral_over_a_rectangle():
    grid = make_grid(shapely.box(0, 0, 6000, 4000), cell_size_m=100, crs=3006)
    lattice = lattice_of(grid)
    inside = lattice.values(edge_surface(lattice, grid["inside_share"].to_numpy(), 800, "gaussian"))
    x, y = lattice.centres()
    by_hand = np.prod([stats.norm.cdf((high - at) / 800) - stats.norm.cdf((0 - at) / 800) for high, at in ((6000, x), (4000, y))], axis=0)
    np.testing.assert_allclose(inside, by_hand, atol=0.001)


def test_even_ground_looks_even_right_up_to_the_border():
    east, north = np.meshgrid(np.arange(5, 5000, 10.0), np.arange(5, 5000, 10.0))
    area = shapely.Point(2500, 2500).buffer(2000)
    inside = shapely.intersects_xy(area, east.ravel(), north.ravel())
    everywhere = points(east.ravel()[inside], north.ravel()[inside])  # one on each 100 m²
    grid = make_grid(area, cell_size_m=100, crs=3006)
    centre_inside = shapely.intersects_xy(area, *lattice_of(grid).centres())
    corrected, plain = (kernel_density(everywhere, grid, bandwidth_m=600, edge=edge).loc[centre_inside, "density_per_km2"] for edge in ("uniform", None))
    np.testing.assert_allclose(corrected, 10_000, rtol=0.02)
    assert plain.min() < 5_500  # without it the border looks half as busy


def test_nothing_is_multiplied_by_more_than_four():
    spike = shapely.Polygon([(0, 0), (5000, 60), (0, 120)])
    grid = make_grid(spike, cell_size_m=100, crs=3006)
    told, facts = kernel_density_and_facts(points([2500], [60]), grid, **HOW | {"bandwidth_m": 800})
    plain = kernel_density(points([2500], [60]), grid, bandwidth_m=800, edge=None)
    assert facts["least_inside"] < 0.25
    assert (told["density_per_km2"] <= 4 * plain["density_per_km2"] + 1e-9).all()


def test_incidents_beyond_the_grid_are_used_only_without_edge_correction():
    grid = make_grid(shapely.box(0, 0, 1000, 1000), cell_size_m=100, crs=3006)
    beyond = points([500, 1100], [500, 500])
    alone = points([500], [500])
    assert kernel_density(beyond, grid, bandwidth_m=400).equals(kernel_density(alone, grid, bandwidth_m=400))
    with_buffer = kernel_density(beyond, grid, bandwidth_m=400, edge=None)
    assert with_buffer["density_per_km2"].sum() > kernel_density(alone, grid, bandwidth_m=400, edge=None)["density_per_km2"].sum()
    assert with_buffer["incidents"].sum() == 1


# ---- contract ----------------------------------------------------------------------------------------------------------------------

@settings(max_examples=15, deadline=None)
@given(st.integers(-9, 9), st.integers(-9, 9))
def test_moving_everything_moves_the_map(right, up):
    rng = np.random.default_rng(6)
    x, y = rng.normal(2500, 500, (2, 50))
    here, there = (kernel_density(points(x + a, y + b), make_grid(shapely.box(1000 + a, 1000 + b, 4000 + a, 4000 + b), crs=3006), bandwidth_m=700)
                   for a, b in ((0, 0), (right * 250, up * 250)))
    np.testing.assert_allclose(here["density_per_km2"], there["density_per_km2"], rtol=1e-9, atol=1e-12)


def test_a_weight_of_two_is_two_incidents():
    grid = make_grid(shapely.box(0, 0, 2000, 2000), crs=3006)
    once = kernel_density(points([600, 900], [700, 1200]), grid, bandwidth_m=600, weights=[2, 1])
    twice = kernel_density(points([600, 600, 900], [700, 700, 1200]), grid, bandwidth_m=600)
    np.testing.assert_allclose(once["density_per_km2"], twice["density_per_km2"])
    assert once["incidents"].sum() == 2 and once["weighted"].sum() == 3


def test_empty_cells_are_kept_as_zero_and_nothing_that_came_in_is_changed():
    grid = make_grid(shapely.box(0, 0, 5000, 500), crs=3006)
    before = grid.copy(deep=True)
    ours = kernel_density(points([100], [100]), grid, bandwidth_m=500)
    assert len(ours) == len(grid) and (ours["density_per_km2"] == 0).sum() > 30
    assert grid.equals(before)


def test_a_bandwidth_that_reaches_no_cell_is_refused_with_the_way_out():
    with pytest.raises(InputError, match="bandwidth_m is 50 but cells are 200 m wide"):
        kernel_density(points([1], [1]), make_grid(shapely.box(0, 0, 900, 900), cell_size_m=200, crs=3006), bandwidth_m=50)


@pytest.mark.parametrize("wish", [{"kernel": "cosine"}, {"edge": "diggle"}, {"method": "guess"}, {"unit": "per_mile2"}, {"bandwidth_m": "diggle"}])
def test_what_cannot_be_chosen_is_refused_with_what_can(wish):
    with pytest.raises(InputError, match=r"cannot be chosen|one of auto, ppl, nrd"):
        kernel_density(points([1, 200], [1, 300]), make_grid(shapely.box(0, 0, 900, 900), crs=3006), **wish)


# ---- choosing the bandwidth --------------------------------------------------------------------------------------------------------

def test_the_chosen_bandwidth_is_the_smaller_rule_and_at_least_two_cells():
    rng = np.random.default_rng(9)
    towns = points(*(rng.choice([2000, 9000, 15000], 600) + rng.normal(0, 300, (2, 600))))
    narrow, wide = (select_bandwidth(towns, cell_size_m=cell) for cell in (100, 2000))
    assert narrow == min(select_bandwidth(towns, "ppl"), select_bandwidth(towns, "nrd")) < select_bandwidth(towns, "nrd")
    assert wide == 4000


def test_stacked_addresses_do_not_drive_the_bandwidth_to_nothing():
    rng = np.random.default_rng(9)
    x, y = rng.normal(0, 1000, (2, 100))
    once, stacked = (select_bandwidth(points(np.repeat(x, n), np.repeat(y, n)), "ppl") for n in (1, 4))
    assert stacked == pytest.approx(once, rel=0.1)
    alone = log_likelihood(np.repeat(x, 4), np.repeat(y, 4), np.array([1.0, 500.0]), leave_out="point")
    assert alone[0] > alone[1]  # what would happen otherwise: one metre looks best


def test_a_few_incidents_in_the_countryside_do_not_smooth_the_town_away():
    rng = np.random.default_rng(0)
    town = rng.normal(0, 1000, (2, 980))
    alone = select_bandwidth(points(*town), "ppl")
    x, y = np.concatenate([town, rng.uniform(-20_000, 20_000, (2, 20))], axis=1)
    assert select_bandwidth(points(x, y), "ppl") == pytest.approx(alone, rel=0.3)
    candidates = np.geomspace(100, 2000, 30)
    plain = candidates[log_likelihood(x, y, candidates).argmax()] * np.sqrt(8)
    assert plain > 2 * alone  # what would happen otherwise


def test_the_order_of_the_file_does_not_change_the_bandwidth():
    x, y = np.random.default_rng(9).normal(0, 1000, (2, 400))
    assert select_bandwidth(points(x, y)) == select_bandwidth(points(x[::-1], y[::-1]))


def test_kernels_are_made_alike_by_their_spread():
    towns = points(*np.random.default_rng(2).normal(0, 1000, (2, 400)))
    quartic, gaussian = (select_bandwidth(towns, kernel=k) for k in ("quartic", "gaussian"))
    assert quartic / gaussian == pytest.approx(np.sqrt(8), rel=0.01)


def test_incidents_at_one_place_only_have_no_bandwidth_but_two_cells():
    same = points([5, 5, 5], [5, 5, 5])
    assert select_bandwidth(same, cell_size_m=250) == 500
    with pytest.raises(InputError, match="all incidents lie at the same place"):
        select_bandwidth(same, "ppl")
