"""Bad input to every method of places and of patterns: refused in one clear sentence, or handled; never a warning of a library, never a silent gap."""
from __future__ import annotations

import warnings
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_safety.analysis.disclosure import may_leave
from geo_safety.errors import GeoSafetyError, InputError, Refusal
from geo_safety.services.methods import ALL

ZONE, X, Y, SIDE = "Europe/Stockholm", 500_000, 6_400_000, 4000
PLACED = [name for name, method in ALL.items() if any(needed.kind == "area" for needed in method.needs) and name != "dark_and_light"]
GRID = [name for name, method in ALL.items() if any(parameter.name == "cell_size_m" for parameter in method.parameters)]
COMPARING = [name for name, method in ALL.items() if any(needed.kind == "points_before" for needed in method.needs)]


def incidents(n: int = 400, first: str = "2025-01-01", days: float = 364.9, seed: int = 1) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    x, y = np.concatenate([rng.uniform(100, SIDE - 100, (2, n - n // 4)), rng.normal(1300, 60, (2, n // 4))], axis=1)
    times = (pd.Timestamp(first, tz="UTC") + pd.to_timedelta(rng.uniform(0.1, days, n), unit="D")).tz_convert(ZONE)
    return gpd.GeoDataFrame({"occurred_from": times, "geom_precision": "exact", "time_precision": "minute"},
                            geometry=gpd.points_from_xy(X + x, Y + y), crs=3006)


def square(side: float = SIDE, crs: int = 3006) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.box(X, Y, X + side, Y + side)], crs=crs)


def streets() -> gpd.GeoDataFrame:
    lines = [shapely.LineString([(X, Y + up), (X + SIDE, Y + up)]) for up in range(0, SIDE + 1, 100)]
    return gpd.GeoDataFrame({"name": [f"Gata {i}" for i in range(len(lines))]}, geometry=lines, crs=3006)


def people(**columns) -> gpd.GeoDataFrame:
    x, y = (corner.ravel() for corner in np.meshgrid(np.arange(X, X + SIDE, 250), np.arange(Y, Y + SIDE, 250)))
    return gpd.GeoDataFrame(geometry=shapely.box(x, y, x + 250, y + 250), crs=3006).assign(**{"residents": 20, "addresses": 8, "street_m": 200.0} | columns)


AREAS = gpd.GeoDataFrame({"kind": "regso", "code": [*"WEABCD"], "name": ["West", "East", *"ABCD"], "population": [1000, 4000, 500, 500, 500, 500]}, geometry=[
    shapely.box(X, Y, X + 2000, Y + 2000), shapely.box(X + 2000, Y, X + SIDE, Y + 2000),
    *(shapely.box(X + 1000 * i, Y + 2000, X + 1000 * (i + 1), Y + SIDE) for i in range(4))], crs=3006)
ANSWERS = pd.DataFrame({"question": "unsafe_evening", "survey_year": 2025, "area_code": [*"WEABCD"], "answers": 100, "unsafe": 20})
INPUTS = {"points": incidents(), "points_before": incidents(300, "2024-01-01", seed=2), "history": incidents(1600, "2022-01-01", 1460, seed=3),
          "area": square(), "areas": AREAS, "exposure": people(), "answers": ANSWERS, "period": (date(2025, 1, 1), date(2026, 1, 1)),
          "lines": streets(), "key": b"a secret of sixteen bytes or more"}
POINTS = ("points", "points_before", "history")


def answer(name: str, **given):
    """The method with every warning of numpy, pandas and scipy an error."""
    method = ALL[name]
    wishes = {key: value for key, value in given.items() if key not in INPUTS}
    inputs = INPUTS | {key: value for key, value in given.items() if key in INPUTS}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return method.compute(**{needed.kind: inputs[needed.kind] for needed in method.needs}, **wishes)


def all_points(change) -> dict[str, gpd.GeoDataFrame]:
    return {kind: change(INPUTS[kind]) for kind in POINTS}


def told_or_refused(name: str, **given):
    """The answer, whole, or None when it was refused in words of both languages."""
    try:
        told = answer(name, **given)
    except GeoSafetyError as refused:
        assert refused.text.sv.strip().endswith((".", ":")) and refused.text.en.strip().endswith((".", ":"))
        assert "nan" not in refused.text.en.lower().split()
        return None
    for column in told.layer.columns:
        if column.kind == "number":
            assert not np.isinf(told.frame[column.name]).any(), column.name
        elif column.kind != "json":
            assert told.frame[column.name].notna().all(), column.name
    return told


@pytest.mark.parametrize("name", ALL)
def test_good_input_gives_no_warning(name):
    assert told_or_refused(name) is not None


@pytest.mark.parametrize("name", PLACED)
def test_degrees_are_refused(name):
    with pytest.raises(InputError, match=r"metres|EPSG|system|CRS|coordinate"):
        answer(name, **all_points(lambda frame: frame.to_crs(4326)), area=INPUTS["area"].to_crs(4326), lines=INPUTS["lines"].to_crs(4326),
               exposure=None)


@pytest.mark.parametrize("name", PLACED)
def test_two_systems_are_refused(name):
    with pytest.raises(InputError, match=r"system|CRS|EPSG"):
        answer(name, **all_points(lambda frame: frame.to_crs(3857)))


@pytest.mark.parametrize("name", PLACED)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_coordinate_that_is_no_number_is_left_out_and_counted(name, value):
    def broken(frame):
        spoilt = frame.copy()
        spoilt.iloc[0, spoilt.columns.get_loc("geometry")] = shapely.Point(value, Y + 10) if np.isinf(value) else None
        return spoilt
    told = told_or_refused(name, **all_points(broken))
    assert told is not None and told.facts["n"] <= len(INPUTS["points"]) - 1


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("n", [0, 1])
def test_none_or_one_incident_is_refused_or_counted(name, n):
    told = told_or_refused(name, **all_points(lambda frame: frame.iloc[:n]))
    assert told is None or (told.facts["n"] == n and ({"SMALL_N", "NOT_RISK_ADJUSTED"} & {doubt.code for doubt in told.warnings} or n == 0))


@pytest.mark.parametrize("name", PLACED)
def test_all_at_one_place_is_said(name):
    told = told_or_refused(name, **all_points(lambda frame: frame.set_geometry([shapely.Point(X + 1310, Y + 1310)] * len(frame), crs=3006)))
    assert told is None or told.layer.geometry is None or may_leave(told.layer) or "GEOCODE_PILE" in {doubt.code for doubt in told.warnings}


@pytest.mark.parametrize("name", PLACED)
def test_an_empty_area_is_refused(name):
    with pytest.raises(GeoSafetyError):
        answer(name, area=gpd.GeoDataFrame(geometry=[shapely.Polygon()], crs=3006))


@pytest.mark.parametrize("name", GRID)
def test_cells_larger_than_the_area_are_answered_or_refused_in_words(name):
    told_or_refused(name, cell_size_m=5000)


@pytest.mark.parametrize("name", ["kernel_density", "relative_risk"])
def test_a_bandwidth_below_the_cell_is_refused(name):
    with pytest.raises(InputError, match="bandwidth"):
        answer(name, cell_size_m=250, bandwidth_m=100)


@pytest.mark.parametrize("name", COMPARING)
def test_periods_that_overlap_are_refused(name):
    with pytest.raises(InputError, match=r"overlap|before the period"):
        answer(name, points_before=incidents(300, "2025-06-01", days=200, seed=4))


@pytest.mark.parametrize("name", ["classify_periods", "trend", "monitor"])
def test_too_few_steps_are_refused_with_the_number(name):
    short = all_points(lambda frame: frame[frame["occurred_from"] < frame["occurred_from"].min() + pd.Timedelta(days=40)])
    with pytest.raises(Refusal) as refused:
        answer(name, **short, period=None)
    assert refused.value.code in ("TOO_FEW_STEPS", "TOO_FEW", "TOO_FEW_PER_STEP")


@pytest.mark.parametrize("name", [name for name in GRID if any(parameter.name == "expected" for parameter in ALL[name].parameters)])
def test_nobody_living_anywhere_is_no_comparison(name):
    with pytest.raises(Refusal) as refused:
        answer(name, exposure=people(residents=0), expected="residents")
    assert refused.value.code == "NO_EXPECTED"


@pytest.mark.parametrize("population", [0, None, -5])
def test_an_area_without_known_residents_has_no_rate(population):
    told = answer("rates", areas=AREAS.iloc[:2].assign(population=[population, 4000]))
    assert told.frame.set_index("name")["rate"].isna().to_dict() == {"East": False, "West": True}
