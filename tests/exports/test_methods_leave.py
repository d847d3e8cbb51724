"""Every hotspot method's result can be drawn, exported and explained: tomorrow's methods too."""
from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_safety.analysis.disclosure import protect
from geo_safety.exports import EXPORTERS
from geo_safety.exports.method_sheet import method_sheet
from geo_safety.exports.qml import RENDERERS, qml
from geo_safety.exports.sheet_words import FACTS
from geo_safety.hotspots import METHODS
from geo_safety.maps.colours import CLUSTERS, LEFT_OUT, TRENDS
from geo_safety.maps.drawing import drawings

pytestmark = pytest.mark.xdist_group("methods_leave")     # the methods are computed once
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def streets(town) -> gpd.GeoDataFrame:
    """East-west streets a hundred metres apart, in pieces of 250 m."""
    x, y = (corner.ravel() for corner in np.meshgrid(np.arange(0, town.SIDE, 250) + town.WEST, np.arange(0, town.SIDE + 1, 100) + town.SOUTH))
    lines = shapely.linestrings(np.stack([np.column_stack([x, y]), np.column_stack([x + 250, y])], axis=1))
    return gpd.GeoDataFrame({"name": ["Gata"] * len(lines)}, geometry=lines, crs=town.CRS)


def quarters(town) -> gpd.GeoDataFrame:
    """Sixteen areas of a square kilometre."""
    x, y = (corner.ravel() for corner in np.meshgrid(town.WEST + np.arange(0, 4000, 1000), town.SOUTH + np.arange(0, 4000, 1000)))
    shapes = [shapely.MultiPolygon([shape]) for shape in shapely.box(x, y, x + 1000, y + 1000)]
    return gpd.GeoDataFrame({"kind": "deso", "code": [f"D{i}" for i in range(16)], "name": [f"Kvarter {i}" for i in range(16)], "population": 500},
                            geometry=shapes, crs=town.CRS)


def earlier(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The same ten years before: periods that are compared share no day."""
    return frame.assign(occurred_from=frame["occurred_from"] - pd.DateOffset(years=10))


@pytest.fixture(scope="module")
def results(town):
    """Each method on the town's incidents, as it would be shown."""
    frame = town.incidents(600).frame
    frame = frame[frame.geometry.notna()]
    area = gpd.GeoDataFrame(geometry=[shapely.box(town.WEST, town.SOUTH, town.WEST + town.SIDE, town.SOUTH + town.SIDE)], crs=town.CRS)
    inputs = {"points": frame, "points_before": earlier(town.incidents(500, seed=2).frame.dropna(subset=["geometry"])),
              "area": area, "exposure": None, "period": None,
              "lines": streets(town), "key": b"a secret of sixteen bytes or more", "areas": quarters(town)}
    made = {}
    for name, method in METHODS.items():
        features = method.compute(**{needed.kind: inputs[needed.kind] for needed in method.needs})
        parameters = {parameter.name: parameter.default for parameter in method.parameters}
        about = town.provenance(method=name, method_version=method.version, parameters=parameters)
        made[name] = protect(features.with_(provenance=about), town.VIEWER)
    return made


@pytest.mark.parametrize("name", METHODS)
def test_every_class_of_a_result_has_a_colour_and_a_word(name, results):
    drawing = drawings([results[name]], language="sv")[0]
    style, classes = results[name].layer.style, drawing.classes
    assert drawing.shape == ("line" if name == "hot_streets" else "area") and len(classes) > 1 and sum(classes.counts) + classes.missing == len(results[name])
    codes = results[name].layer.column(style.colour_by).codes
    if codes:
        known = {code for group in classes.keys for code in group}
        assert {code.value for code in codes} - known <= {LEFT_OUT}
        assert {code.title.sv for code in codes if code.value in known} <= set(classes.labels)


def test_increase_is_red_and_decrease_blue_like_hot_and_cold(results):
    assert [g.colour for g in TRENDS[:7]] == [g.colour for g in CLUSTERS]
    classes = drawings([results["change"]], language="sv")[0].classes
    assert classes.keys[0] == ("increase_99",) and classes.keys[6] == ("decrease_99",)


def test_cells_that_were_not_tested_are_hatched_and_called_so(results):
    legend = drawings([results["change"]], language="sv")[0].legend
    left_out = [item for item in legend.items if item.hatched]
    assert all(item.label == "Inte prövad" for item in left_out)


def test_the_legend_names_what_counts_were_compared_with(results):
    drawing = drawings([replace(results["getis_ord"], facts={**results["getis_ord"].facts, "expected": "street_m"})], language="sv")[0]
    assert drawing.legend.unit == "jämfört med meter gata"


@pytest.mark.parametrize("name", METHODS)
def test_every_fact_of_a_method_has_a_title(name, results):
    assert set(results[name].facts) <= set(FACTS)


@pytest.mark.parametrize("name", METHODS)
def test_the_sheet_explains_the_method(name, results):
    sheet = method_sheet([results[name]], made_at=NOW, methods=METHODS)
    part, method = sheet.parts[0], METHODS[name]
    assert part.entry("does_not_show").said == method.does_not and part.entry("method").said == method.title
    for length in (parameter for parameter in method.parameters if parameter.kind == "length_m" and not isinstance(parameter.default, str)):
        assert part.entry(f"parameters.{length.name}").said.sv.endswith(" m")
    assert {e.key for e in part.entries if e.key.startswith("parameters.")} == {f"parameters.{p.name}" for p in method.parameters}
    for entry in part.entries:
        assert "_" not in entry.said.sv.replace("geo_safety", "") or entry.key in ("references", "batches", "method_note"), (entry.key, entry.said.sv)


@pytest.mark.parametrize("name", METHODS)
def test_qgis_can_draw_it(name, results):
    renderer = ElementTree.fromstring(qml(results[name], "sv").partition("\n")[2]).find("renderer-v2")
    assert renderer.get("type") in RENDERERS and renderer.get("type") != "singleSymbol"
    assert renderer.get("attr") == results[name].layer.style.colour_by


@pytest.mark.parametrize("name", METHODS)
def test_the_cells_come_back_from_a_file(name, results, tmp_path):
    shown = results[name]
    stream = io.BytesIO()
    EXPORTERS["geopackage"].write((shown,), method_sheet([shown], made_at=NOW, methods=METHODS), stream, "sv")
    (tmp_path / "o.gpkg").write_bytes(stream.getvalue())
    back = gpd.read_file(tmp_path / "o.gpkg", layer=shown.layer.name)
    column = shown.layer.style.colour_by
    assert back[column].tolist() == shown.frame[column].tolist()
    assert shapely.equals(back.geometry.to_numpy(), shown.frame.geometry.to_numpy()).all()
    stream = io.BytesIO()
    EXPORTERS["geojson"].write((shown,), method_sheet([shown], made_at=NOW, methods=METHODS), stream, "en")
    assert len(json.loads(stream.getvalue())["features"]) == len(shown)
