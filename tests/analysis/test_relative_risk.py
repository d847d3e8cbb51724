"""The ratio of two densities: that of the peers where it is finite, never infinite, and no pattern from people alone."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_safety.analysis.grids import make_grid
from geo_safety.analysis.relative_risk import relative_risk
from geo_safety.errors import InputError

GRID = make_grid(shapely.box(0, 0, 5000, 5000), cell_size_m=250, crs=3006)


def points(x, y, crs=3006) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=crs)


def spread(n: int, seed: int, sigma: float = 900) -> gpd.GeoDataFrame:
    return points(*np.clip(np.random.default_rng(seed).normal(2500, sigma, (2, n)), 1, 4999))


@pytest.mark.shared
@pytest.mark.parametrize(("how", "column"), [("ratio", "ratio"), ("log", "log")])
def test_where_a_peer_is_finite_ours_is_the_same_and_elsewhere_missing(shared, how, column):
    folder = shared / "oracles/dual_kde"
    theirs, events = pd.read_csv(folder / "expected_dual.csv"), pd.read_csv(folder / "points.csv")
    x, y = theirs["cx"], theirs["cy"]
    side = np.diff(np.sort(x.unique())).min()
    grid = gpd.GeoDataFrame({"column": ((x - x.min()) / side).round().astype(int), "row": ((y - y.min()) / side).round().astype(int)},
                            geometry=shapely.box(x - side / 2, y - side / 2, x + side / 2, y + side / 2), crs=32616)
    a, b = (points(*events.loc[events["group"] == group, ["x", "y"]].to_numpy().T, crs=32616) for group in ("after", "before"))
    ours = relative_risk(a, b, grid, bandwidth_m=1500, how=how, edge=False, normalise=False, mask=0)["risk"].to_numpy()
    finite = np.isfinite(theirs[column].to_numpy())
    np.testing.assert_allclose(ours[finite], theirs[column][finite], rtol=1e-8)
    assert np.isnan(ours[~finite]).all()
    assert (~finite).sum() > 200


@pytest.mark.shared
def test_the_densities_are_exact_and_those_of_sparr_but_for_its_binning(shared):
    """sparr moves points to pixels of 1.9 × 3.2 before it smooths with 3.5: at the peaks that is 6 and 8 % off the exact sum."""
    folder = shared / "oracles/relative_risk_kde"
    theirs, events = pd.read_csv(folder / "expected_grid.csv"), pd.read_csv(folder / "points.csv")
    scale, cell = 100.0, 20.0  # its unit is 100 m here
    box = shapely.box(*(scale * np.array([theirs["x"].min() - 3, theirs["y"].min() - 3, theirs["x"].max() + 3, theirs["y"].max() + 3])))
    grid = make_grid(box, cell_size_m=cell, crs=3006)
    a, b = (points(*(scale * events.loc[events["group"] == group, ["x", "y"]].to_numpy().T)) for group in ("case", "control"))
    told = relative_risk(a, b, grid, bandwidth_m=3.5 * scale, kernel="gaussian", edge=False, mask=0.01)
    near = gpd.sjoin(points(scale * theirs["x"], scale * theirs["y"]), told, predicate="within").sort_index()
    near = near[~near.index.duplicated()]
    f, g = (near[name].to_numpy() * scale**2 / 1e6 for name in ("density_a", "density_b"))
    for ours, group, column in ((f, "case", "f_case"), (g, "control", "f_control")):
        assert np.abs(ours - theirs[column]).max() < 0.1 * theirs[column].max()  # half a cell of ours comes on top
        at = near.geometry.iloc[::40].get_coordinates().to_numpy()
        centre = (np.floor(at / cell) + 0.5) * cell / scale
        seen = events.loc[events["group"] == group, ["x", "y"]].to_numpy()
        squares = ((centre[:, None] - seen[None])**2).sum(axis=2)
        np.testing.assert_allclose(ours[::40], np.exp(-squares / (2 * 3.5**2)).mean(axis=1) / (2 * np.pi * 3.5**2), rtol=1e-9, atol=1e-15)
    strong = (theirs["log_rr"].abs() > 0.3) & (theirs["f_case"] > 0.01 * theirs["f_case"].max()) & (theirs["f_control"] > 0.01 * theirs["f_control"].max())
    assert (np.sign(near["risk"].to_numpy()) == np.sign(theirs["log_rr"]))[strong].mean() > 0.99


def test_the_same_points_twice_have_ratio_one():
    told = relative_risk(spread(300, 1), spread(300, 1), GRID, bandwidth_m=600, how="ratio")
    np.testing.assert_allclose(told["risk"].dropna(), 1)


def test_swapping_both_turns_the_sign():
    there, back = (relative_risk(*pair, GRID, bandwidth_m=600) for pair in ((spread(300, 1), spread(200, 2)), (spread(200, 2), spread(300, 1))))
    both = there["risk"].notna() & back["risk"].notna()
    np.testing.assert_allclose(there["risk"][both], -back["risk"][both])


def test_more_where_more_was_planted_and_nothing_where_people_merely_live():
    residents = np.exp(-np.hypot(*np.meshgrid(*[np.arange(-9.5, 10)] * 2)) / 4).ravel()
    grid = GRID.assign(residents=residents)
    rng = np.random.default_rng(3)
    where = rng.choice(400, 600, p=residents / residents.sum())
    alike = points(*(GRID.centroid.iloc[where].get_coordinates().to_numpy().T + rng.uniform(-125, 125, (2, 600))))
    planted = pd.concat([alike, points(*rng.normal(1000, 100, (2, 40)))])
    plain, found = (relative_risk(a, "residents", grid, bandwidth_m=750, n_perm=199, seed=1) for a in (alike, planted))
    assert not plain["side"].isin(["more_99", "more_95"]).any()
    assert set(found.loc[found.intersects(shapely.Point(1010, 1010)), "side"]) <= {"more_99", "more_95"}
    assert found["side"].isin(["more_99", "more_95"]).sum() < 60


def test_a_seed_gives_the_same_again():
    once, again = (relative_risk(spread(100, 1), spread(90, 2), GRID, bandwidth_m=700, n_perm=19, seed=4) for _ in range(2))
    assert once["p"].equals(again["p"])


@pytest.mark.parametrize(("a", "b", "wish"), [
    (spread(1, 1), spread(50, 2), {}), (spread(50, 1), "nothing", {}), (spread(50, 1), spread(50, 2), {"how": "guess"}),
    (spread(50, 1).to_crs(3857), spread(50, 2), {}), (spread(50, 1), spread(50, 1).to_crs(4326), {}),
    (points([5, 5, 5], [5, 5, 5]), spread(50, 2), {"bandwidth_m": "nrd"})])
def test_what_cannot_be_compared_is_refused_in_words(a, b, wish):
    with pytest.raises(InputError):
        relative_risk(a, b, GRID, **wish)
