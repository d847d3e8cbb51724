"""Small files made in the test, and the moment at which they are read."""
from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo_safety.sources.reading import Destination

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def sweden() -> Destination:
    """A store in SWEREF 99 TM whose municipality lies around Kinna."""
    return Destination(box=(337_000.0, 6_350_000.0, 378_300.0, 6_391_400.0), now=NOW)


@pytest.fixture
def anywhere() -> Destination:
    return Destination(now=NOW)


@pytest.fixture
def written(tmp_path):
    """written(name, content) puts text or bytes into a file and gives its path."""
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path
    return write


@pytest.fixture
def zipped(tmp_path):
    """zipped(name, {file: content}) makes an archive."""
    def pack(name: str, parts: dict[str, bytes | str]) -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part, content in parts.items():
                archive.writestr(part, content)
        return path
    return pack


@pytest.fixture
def squares(tmp_path):
    """squares(driver, name, **columns): two square areas in SWEREF 99 TM as a map file."""
    def write(driver: str, name: str, crs: str | None = "EPSG:3006", **columns) -> Path:
        shapes = [shapely.box(350_000, 6_370_000, 351_000, 6_371_000), shapely.box(351_000, 6_370_000, 352_000, 6_371_000)]
        frame = gpd.GeoDataFrame(columns or {"kod": ["1463R001", "1463R002"], "namn": ["Örby", "Skene"]}, geometry=shapes, crs="EPSG:3006")
        path = tmp_path / name
        frame.to_crs(crs).to_file(path, driver=driver) if crs else frame.set_crs(None, allow_override=True).to_file(path, driver=driver)
        return path
    return write
