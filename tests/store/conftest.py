"""A small store, and rows to put into it."""
from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo_safety.model.viewer import Viewer, local_viewer
from geo_safety.store import Store

BATCH = {"source_code": "police", "file_name": "uttag.csv", "file_sha256": "ab" * 32}


@pytest.fixture
def viewer() -> Viewer:
    return local_viewer()


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory) -> Path:
    """A new store, closed: copying it is quicker than making one for each test."""
    path = tmp_path_factory.mktemp("empty") / "mark.gpkg"
    Store.create(path, municipality_code="1463", municipality_name="Mark").close()
    return path


@pytest.fixture
def store(tmp_path: Path, empty_store: Path):
    with Store.open(shutil.copy(empty_store, tmp_path / "mark.gpkg")) as opened:
        yield opened


@pytest.fixture
def batch() -> dict:
    return dict(BATCH)


@pytest.fixture
def make_incidents():
    def make(n: int, *, first: int = 0, place: str = "Storgatan 1", crs: str = "EPSG:3006") -> gpd.GeoDataFrame:
        """Incidents an hour apart from noon on 1 May 2025, a kilometre square near Kinna; every tenth without place."""
        start = pd.Timestamp("2025-05-01 12:00", tz="Europe/Stockholm")
        numbers = range(first, first + n)
        without = [i % 10 == 9 for i in numbers]
        return gpd.GeoDataFrame({
            "source_code": ["police"] * n, "source_key": [f"K{i:06d}" for i in numbers],
            "offence_type": ["vandalism" if i % 2 else "theft" for i in numbers],
            "occurred_from": [start + pd.Timedelta(hours=i) for i in numbers], "time_precision": ["minute"] * n,
            "geom_precision": ["none" if missing else "exact" for missing in without], "place_text": [place] * n,
        }, geometry=[None if missing else shapely.Point(352_000 + 37 * i % 1000, 6_376_000 + 91 * i % 1000)
                     for i, missing in zip(numbers, without, strict=True)], crs=crs)
    return make
