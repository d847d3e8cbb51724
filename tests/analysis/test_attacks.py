"""Attacks on what leaves: with a known bandwidth a density gives its points away, and the classes for partners do not."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy import optimize, spatial

from geo_safety.analysis.counts import count
from geo_safety.analysis.disclosure import may_leave, protect
from geo_safety.analysis.geomask import geomask_donut
from geo_safety.analysis.grids import make_grid
from geo_safety.analysis.kernels import kernel_density
from geo_safety.errors import AccessError, Refusal
from geo_safety.hotspots import METHODS
from geo_safety.model.viewer import ShareLevel, Viewer

CRS, SIDE, BANDWIDTH = 3006, 3000.0, 400.0
KEY = b"a secret of sixteen bytes or more"
NEAR_M = 30.0       # an attack within the width of a garden has found a home
PARTNER, PUBLIC = (Viewer("somebody", share_level=level) for level in (ShareLevel.PARTNER, ShareLevel.PUBLIC))
AREA = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, SIDE, SIDE)], crs=CRS)


def homes(seed: int = 1, n: int = 400) -> gpd.GeoDataFrame:
    """Incidents at addresses that lie on a lattice of 50 m, as the attacker knows; half of them gathered in one quarter."""
    rng = np.random.default_rng(seed)
    lattice = np.arange(25, SIDE, 50)
    gathered = rng.choice(lattice[10:24], (n // 2, 2))
    spread = rng.choice(lattice, (n - n // 2, 2))
    xy = np.vstack([gathered, spread])
    return gpd.GeoDataFrame({"geom_precision": "exact"}, geometry=gpd.points_from_xy(*xy.T), crs=CRS, index=range(n))


def people() -> gpd.GeoDataFrame:
    cells = make_grid(AREA, cell_size_m=250)
    return cells.assign(residents=40, addresses=25, street_m=300.0)


def candidates() -> np.ndarray:
    """Every address of the attacker's list."""
    lattice = np.arange(25, SIDE, 50)
    return np.array(np.meshgrid(lattice, lattice)).reshape(2, -1).T


def kernel_matrix(cells: gpd.GeoDataFrame, places: np.ndarray) -> np.ndarray:
    """What one incident at each place adds to the density of each cell, per km²: the quartic kernel, as published."""
    middle = np.column_stack([cells.geometry.centroid.x, cells.geometry.centroid.y])
    away = spatial.distance.cdist(middle, places) / BANDWIDTH
    return np.where(away < 1, 3 / (np.pi * BANDWIDTH**2) * (1 - away**2)**2, 0.0) * 1e6


def recovered(surface: np.ndarray, cells: gpd.GeoDataFrame, n: int) -> np.ndarray:
    """The n places that explain a surface best (non-negative least squares), heaviest first."""
    places = candidates()
    weight, _ = optimize.nnls(kernel_matrix(cells, places), surface, maxiter=20_000)
    return places[np.argsort(-weight)[:n]]


def found(guesses: np.ndarray, truth: gpd.GeoDataFrame) -> float:
    """Share of the true places that a guess lies at."""
    places = np.unique(np.column_stack([truth.geometry.x, truth.geometry.y]), axis=0)
    return float((spatial.cKDTree(guesses).query(places)[0] < NEAR_M).mean())


def test_a_density_gives_its_points_away():
    """The attack works where nothing protects: this is why a density stays inside the municipality."""
    few = homes(n=60)
    fine = make_grid(AREA, cell_size_m=100)
    surface = kernel_density(few, fine, bandwidth_m=BANDWIDTH, edge=None)["density_per_km2"].to_numpy()
    guesses = recovered(surface, fine, 60)
    by_chance = len(guesses) / len(candidates())
    assert found(guesses, few) > 0.6 > 10 * by_chance


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_classes_for_partners_recover_no_point_better_than_guessing_inside_them(seed):
    truth = homes(seed)
    shown = METHODS["shared_clusters"].compute(truth, AREA, people(), KEY, None, cell_size_m=500)
    published = shown.frame
    assert set(published.columns) == {"cell", "class", "geometry"} and (published["class"] == "hot_95").any()
    # the best that classes allow: a surface that is high where they are high, deconvolved with the attacker's list of addresses
    level = published["class"].map({"hot_95": 2.0, "none": 1.0, "left_out": 0.5}).to_numpy(dtype=float)
    homes_known = len(np.unique(np.column_stack([truth.geometry.x, truth.geometry.y]), axis=0))
    guesses = recovered(level, published, homes_known)
    # guessing: as many addresses by lot, in proportion to the same classes
    rng = np.random.default_rng(seed)
    places = candidates()
    cell = published.sindex.query(shapely.points(places), predicate="within")
    chance = np.zeros(len(places))
    chance[cell[0]] = level[cell[1]]
    lots = [found(places[rng.choice(len(places), homes_known, replace=False, p=chance / chance.sum())], truth) for _ in range(40)]
    assert found(guesses, truth) <= max(lots)


def test_masked_places_are_not_averaged_away_by_asking_again():
    truth = homes()
    once, again = (geomask_donut(truth, people(), key=KEY) for _ in range(2))
    assert once.geometry.geom_equals_exact(again.geometry, 0).all()
    assert np.nanmin(once["moved_m"]) >= 50


def test_only_classes_pass_the_gate_to_partners_and_nothing_to_the_public():
    truth = homes()
    shared = METHODS["shared_clusters"].compute(truth, AREA, people(), KEY, None)
    assert protect(shared, PARTNER).share_level is ShareLevel.PARTNER
    with pytest.raises(AccessError):
        protect(shared, PUBLIC)
    for name, method in METHODS.items():
        assert may_leave(method.result) == (name == "shared_clusters")
    exact = METHODS["count_grid"].compute(truth, AREA, people())
    with pytest.raises(AccessError, match="small counts"):
        protect(exact, PARTNER)


def test_cells_with_few_masked_incidents_are_not_told():
    truth = homes(n=80)
    shown = METHODS["shared_clusters"].compute(truth, AREA, people(), KEY, None, cell_size_m=500).frame
    masked = geomask_donut(truth, people(), key=KEY)
    counts = count(masked, make_grid(AREA, cell_size_m=500))["incidents"].to_numpy()
    small = np.flatnonzero((counts > 0) & (counts < 5))
    assert (shown.set_index("cell").loc[small, "class"] == "left_out").all()


def test_part_of_a_month_a_missing_key_and_small_counts_alone_are_refused():
    from datetime import date
    compute = METHODS["shared_clusters"].compute
    for given, code in (({"key": None}, "NO_MASK_KEY"), ({"key": KEY, "period": (date(2025, 1, 1), date(2025, 1, 15))}, "WHOLE_MONTHS")):
        with pytest.raises(Refusal) as refused:
            compute(homes(), AREA, people(), **given)
        assert refused.value.code == code
    with pytest.raises(Refusal) as refused:
        compute(homes(n=30).iloc[15:].pipe(lambda frame: gpd.pd.concat([frame, frame]).reset_index(drop=True)), AREA, people(), KEY)
    assert refused.value.code == "ALL_SMALL"
