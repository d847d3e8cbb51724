"""Adaptive density: Abramson's rule by hand, all incidents kept, and that of sparr within its binning."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_safety.analysis.adaptive import adaptive_density
from geo_safety.analysis.grids import make_grid
from geo_safety.errors import InputError

GRID = make_grid(shapely.box(0, 0, 10_000, 10_000), cell_size_m=100, crs=3006)


def points(x, y) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=3006)


def test_a_crowd_is_drawn_sharply_and_a_lonely_incident_widely():
    many, alone = [3050.0] * 16, [7050.0]
    told = adaptive_density(points(many + alone, [5050.0] * 17), GRID, bandwidth_m=300, trim=50)
    # f is 16 and 1, f^(-1/2) 1/4 and 1, their geometric mean (1/4)^(16/17)
    mean = 0.25**(16 / 17)
    for place, n, width in ((many[0], 16, 300 * 0.25 / mean), (alone[0], 1, 300 / mean)):
        peak = told.loc[told.contains(shapely.Point(place + 1, 5051)), "density_per_km2"].iloc[0]
        assert peak == pytest.approx(n / (2 * np.pi * width**2) * 1e6, rel=0.005)


def test_no_incident_is_lost_inside_a_wide_map():
    told = adaptive_density(points(*np.random.default_rng(1).normal(5000, 700, (2, 400))), GRID, bandwidth_m=250)
    assert told["density_per_km2"].sum() * 0.01 == pytest.approx(400, rel=0.002)
    assert told["incidents"].sum() == 400


@pytest.mark.shared
def test_the_density_is_that_of_sparr_within_its_binning(shared):
    folder = shared / "oracles/relative_risk_kde"
    theirs, events = pd.read_csv(folder / "expected_grid.csv"), pd.read_csv(folder / "points.csv")
    case = 100 * events.loc[events["group"] == "case", ["x", "y"]].to_numpy()
    box = shapely.box(*(100 * np.array([theirs["x"].min() - 3, theirs["y"].min() - 3, theirs["x"].max() + 3, theirs["y"].max() + 3])))
    told = adaptive_density(points(*case.T), make_grid(box, cell_size_m=40, crs=3006), bandwidth_m=350)
    near = gpd.sjoin(points(100 * theirs["x"], 100 * theirs["y"]), told, predicate="within").sort_index()
    near = near[~near.index.duplicated()]
    ours = near["density_per_km2"].to_numpy() / len(case) * 100**2 / 1e6
    assert np.abs(ours - theirs["f_case_adaptive"]).max() < 0.1 * theirs["f_case_adaptive"].max()


@pytest.mark.parametrize(("where", "wish"), [([], {"bandwidth_m": 300}), ([5000.0], {"bandwidth_m": 10}), ([5000.0], {"bandwidth_m": 300, "trim": 0.5})])
def test_what_cannot_be_smoothed_is_refused_in_words(where, wish):
    with pytest.raises(InputError):
        adaptive_density(points(where, where), GRID, **wish)
