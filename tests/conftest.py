"""Fixtures for all tests; the header tells which versions ran."""
from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def pytest_report_header():
    names = ("geopandas", "shapely", "pyproj", "pyogrio", "numpy", "pandas", "sqlalchemy", "pysqlite3", "dash", "dash-leaflet")
    return "with " + ", ".join(f"{name} {version(name)}" for name in names)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real files and other programs' results, which does not travel with the project."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the real files and the results of other programs are not beside this clone")
    return SHARED


@pytest.fixture(scope="session")
def sample_path(tmp_path_factory) -> Path:
    """A store with the sample municipality; read it, or copy it before changing it."""
    from geo_safety.services import starting
    path = tmp_path_factory.mktemp("sample") / "sample.gpkg"
    starting.make_sample(path).close()
    return path
