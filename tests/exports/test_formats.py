"""Every format opens again, and holds what was put into it."""
from __future__ import annotations

import csv
import io
import json
import sqlite3
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from PIL import Image

from geo_safety.errors import InputError
from geo_safety.exports import EXPORTERS
from geo_safety.exports.fields import ARMED, TITLE_SUFFIX, disarmed, fields
from geo_safety.exports.method_sheet import MethodSheet, method_sheet
from geo_safety.layers import LAYERS

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def written(name: str, *shown, language: str = "sv") -> bytes:
    stream = io.BytesIO()
    EXPORTERS[name].write(shown, method_sheet(shown, made_at=NOW), stream, language)
    return stream.getvalue()


@pytest.fixture
def opened(tmp_path):
    """Writes layers as a GeoPackage and gives its path."""
    def open_(*shown, language="sv"):
        path = tmp_path / "out.gpkg"
        path.write_bytes(written("geopackage", *shown, language=language))
        return path
    return open_


# ---- what holds for every format

@pytest.mark.parametrize("name", EXPORTERS)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_format_says_that_data_are_made_up(name, language, town, tmp_path):
    content = written(name, town.area_counts(), language=language)
    words = {"geopackage": _words_of_geopackage, "xlsx": _words_of_xlsx, "folium_html": lambda c: c.decode(), "geojson": lambda c: c.decode(),
             "csv": lambda c: method_sheet([town.area_counts()], made_at=NOW).markdown(language), "picture": lambda c: None}[name](content)
    if name == "picture":     # its words are read in the tests of the picture; here only that the band is there
        band = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
        assert (band == (0x7A, 0x3B, 0x00)).all(axis=2).mean() > 0.01
    else:
        assert ("Påhittade uppgifter" if language == "sv" else "Made-up data") in words


@pytest.mark.parametrize("name", EXPORTERS)
def test_no_format_says_so_of_real_data(name, town):
    content = written(name, town.area_counts(made_up=False))
    words = {"geopackage": _words_of_geopackage, "xlsx": _words_of_xlsx}.get(name, lambda c: c.decode("utf-8", "ignore"))(content)
    assert "Påhittade" not in words and "Made-up" not in words


@pytest.mark.parametrize("name", [n for n, e in EXPORTERS.items() if not e.draws])
def test_a_layer_without_places_can_be_taken_as_a_table(name, town):
    assert len(written(name, town.offence_statistics())) > 100


@pytest.mark.parametrize("name", [n for n, e in EXPORTERS.items() if e.draws])
def test_a_map_of_nothing_that_can_be_drawn_is_refused(name, town):
    with pytest.raises(InputError, match="place to draw"):
        written(name, town.offence_statistics())


@pytest.mark.parametrize("name", EXPORTERS)
def test_no_rows_are_no_error(name, town):
    assert written(name, town.incidents(0))


def test_headings_are_names_that_every_program_takes():
    for layer in LAYERS.values():
        for column in layer.columns:
            assert column.name.isascii() and column.name.isidentifier() and column.name == column.name.lower(), (layer.name, column.name)


def _words_of_geopackage(content: bytes) -> str:
    connection = sqlite3.connect(":memory:")
    connection.deserialize(content)
    return " ".join(str(row) for row in connection.execute("SELECT title, value FROM method_sheet"))


def _words_of_xlsx(content: bytes) -> str:
    return " ".join(str(v) for row in openpyxl.load_workbook(io.BytesIO(content))["Metadata"].iter_rows(values_only=True) for v in row)


# ---- GeoPackage

def test_a_geopackage_holds_what_was_shown(opened, town):
    shown = town.incidents()
    path = opened(shown, town.measures(), town.area_counts())
    back = gpd.read_file(path, layer="incidents")
    assert back.crs.to_epsg() == 3006
    assert back.geometry.geom_equals(shown.frame.geometry).sum() == 270 and back.geometry.isna().sum() == 30
    for column in ("source_key", "offence_type", "place_text", "area_code", "geom_precision"):
        assert back[column].tolist() == shown.frame[column].tolist()
    assert (back["occurred_from"].dt.tz_convert("Europe/Stockholm") == shown.frame["occurred_from"]).all()
    assert back["occurred_from_local"].tolist() == shown.frame["occurred_from"].dt.strftime("%Y-%m-%d %H:%M").tolist()
    assert back["attempt"].fillna(-1).astype(int).tolist() == [-1, 1, 0] * 100
    assert json.loads(back["details"][1]) == {"objekt": "busskur", "skada": 1500.5}
    assert set(back["offence_type" + TITLE_SUFFIX]) <= {c.title.sv for c in LAYERS["incidents"].column("offence_type").codes}


def test_counts_numbers_and_dates_keep_their_kind(opened, town):
    path = opened(town.area_counts(), town.measures())
    areas, measures = gpd.read_file(path, layer="area_counts"), gpd.read_file(path, layer="measures")
    assert areas["incidents"].dtype.kind == "i" and areas["incidents"].tolist() == town.area_counts().frame["incidents"].tolist()
    assert np.allclose(areas["rate_per_100k"], town.area_counts().frame["rate_per_100k"], equal_nan=True, rtol=0)
    assert np.isnan(areas["rate_per_100k"][0])
    assert set(areas.geom_type) == {"MultiPolygon"}
    assert measures["decided_on"].dt.date.tolist()[:2] == [date(2025, 2, 3), date(2025, 5, 1)]
    assert pyogrio.read_info(path, layer="measures")["ogr_types"][-3:] == ["OFTDate"] * 3, "also when no date is known"
    assert measures["cost_sek"].tolist()[:2] == [125_000.0, 40_000.5]


def test_the_file_is_a_geopackage_1_3(opened, town):
    connection = sqlite3.connect(opened(town.area_counts(), town.offence_statistics()))
    assert connection.execute("PRAGMA application_id").fetchone()[0] == 0x47504B47     # 'GPKG'
    assert connection.execute("PRAGMA user_version").fetchone()[0] == 10300
    contents = dict(connection.execute("SELECT table_name, data_type FROM gpkg_contents"))
    assert contents == {"area_counts": "features", "offence_statistics": "attributes", "method_sheet": "attributes", "fields": "attributes",
                        "layer_styles": "attributes"}
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("SELECT count(*) FROM rtree_area_counts_geom").fetchone() == (16,)


RENDERERS = {"area_counts": "graduatedSymbol", "incidents": "singleSymbol", "measures": "categorizedSymbol", "cluster_cells": "categorizedSymbol"}


def test_qgis_finds_a_renderer_that_it_knows(opened, town):
    path = opened(town.area_counts(), town.incidents(), town.measures(), town.cluster_cells())
    styles = pyogrio.read_dataframe(path, layer="layer_styles").set_index("f_table_name")
    assert set(styles["f_geometry_column"]) == {"geom"} and styles["useAsDefault"].all()
    assert set(styles["f_table_catalog"]) == set(styles["f_table_schema"]) == {""}
    for name, kind in RENDERERS.items():
        renderer = ElementTree.fromstring(styles["styleQML"][name].partition("\n")[2]).find("renderer-v2")
        assert renderer.get("type") == kind
        symbols = {symbol.get("name") for symbol in renderer.iter("symbol")}
        used = {part.get("symbol") for part in (*renderer.iter("range"), *renderer.iter("category"))} or {"0"}
        assert used == symbols


def test_each_row_falls_in_the_range_of_its_class(opened, town):
    shown = town.area_counts()
    styles = pyogrio.read_dataframe(opened(shown), layer="layer_styles")
    ranges = [(float(r.get("lower")), float(r.get("upper"))) for r in ElementTree.fromstring(styles["styleQML"][0].partition("\n")[2]).iter("range")]
    for value in shown.frame["incidents"]:
        assert sum(low <= value <= high for low, high in ranges) == 1


def test_every_status_has_a_category_with_its_title(opened, town):
    styles = pyogrio.read_dataframe(opened(town.measures()), layer="layer_styles")
    found = {c.get("value"): c.get("label") for c in ElementTree.fromstring(styles["styleQML"][0].partition("\n")[2]).iter("category")}
    assert found.pop("") == "–"
    assert found == {code.value: code.title.sv for code in LAYERS["measures"].column("status").codes}


def test_the_sheet_is_in_the_geopackage_as_table_and_metadata(opened, town):
    shown = (town.area_counts(), town.measures())
    path = opened(*shown)
    rows = pyogrio.read_dataframe(path, layer="method_sheet")
    assert [tuple(row) for row in rows.itertuples(index=False)] == method_sheet(shown, made_at=NOW).rows("sv")
    about = pyogrio.read_info(path, layer="area_counts")["layer_metadata"]
    assert about["does_not_show"].startswith("Inte hur farligt") and about["IDENTIFIER"] == "Händelser per område"
    described = pyogrio.read_dataframe(path, layer="fields")
    assert len(described) == sum(1 for one in shown for _ in fields(one))


def test_the_same_layer_twice_is_two_layers(opened, town):
    path = opened(town.findings(), town.findings(6))
    assert pyogrio.list_layers(path)[:, 0].tolist()[:2] == ["walk_findings", "walk_findings_2"]
    assert len(gpd.read_file(path, layer="walk_findings_2")) == 6


# ---- GeoJSON

def test_geojson_is_what_rfc_7946_says(town, tmp_path):
    shown = town.area_counts()
    content = written("geojson", shown)
    read = json.loads(content)
    assert "crs" not in read and read["type"] == "FeatureCollection" and len(read["features"]) == 16
    for feature, geometry in zip(read["features"], shown.frame.to_crs(4326).geometry, strict=True):
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert all(shapely.is_ccw(part.exterior) for part in shape.geoms), "outer rings run counter-clockwise"
        assert shapely.hausdorff_distance(shape, geometry) < 2e-7
    (tmp_path / "o.geojson").write_bytes(content)
    back = gpd.read_file(tmp_path / "o.geojson")
    assert back.crs.to_epsg() == 4326 and back["incidents"].tolist() == shown.frame["incidents"].tolist()


def test_geojson_keeps_values_and_says_when_there_is_no_place(town):
    shown = town.incidents()
    rows = json.loads(written("geojson", shown))["features"]
    assert sum(row["geometry"] is None for row in rows) == 30
    first = rows[1]["properties"]
    assert datetime.fromisoformat(first["occurred_from"]) == shown.frame["occurred_from"][1] and first["occurred_from"][-6:] in ("+01:00", "+02:00")
    assert first["attempt"] is True and first["indoor"] is None and first["details"] == {"objekt": "busskur", "skada": 1500.5}
    assert rows[0]["properties"]["place_text"] == town.EVIL


def test_the_sheet_in_geojson_reads_back_whole(town):
    shown = (town.cluster_cells(),)
    assert MethodSheet.from_json(json.loads(written("geojson", *shown))["method_sheet"]) == method_sheet(shown, made_at=NOW)


def test_geojson_holds_one_layer(town):
    with pytest.raises(InputError, match="one layer"):
        written("geojson", town.measures(), town.findings())


# ---- CSV

def rows_of(content: bytes, delimiter: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_swedish_excel_opens_the_csv_right(town):
    shown = town.incidents()
    content = written("csv", shown)
    assert content.startswith(b"\xef\xbb\xbf") and b"\r\n" in content
    rows = rows_of(content, ";")
    assert len(rows) == 300
    assert rows[1]["N"] == f"{shown.frame.geometry.y[1]}".replace(".", ",") and "." not in rows[1]["latitude"]
    assert rows[1]["occurred_from"] == shown.frame["occurred_from"][1].strftime("%Y-%m-%d %H:%M")
    assert (rows[1]["attempt"], rows[2]["attempt"], rows[3]["attempt"]) == ("ja", "nej", "")
    assert rows[9]["N"] == rows[9]["latitude"] == ""


def test_other_programs_read_the_plain_csv(town):
    shown = town.incidents()
    content = written("csv", shown, language="en")
    assert not content.startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(io.BytesIO(content), dtype={"area_code": str})
    assert back["area_code"].tolist() == shown.frame["area_code"].tolist()
    assert (pd.to_datetime(back["occurred_from"], utc=True) == shown.frame["occurred_from"]).all()
    assert np.allclose(back["E"], shown.frame.geometry.x, equal_nan=True, atol=0.001)
    degrees = shown.frame.to_crs(4326).geometry
    assert np.allclose(back["longitude"], degrees.x, equal_nan=True, atol=1e-7) and np.allclose(back["latitude"], degrees.y, equal_nan=True, atol=1e-7)


def test_areas_in_csv_are_well_known_text(town):
    shown = town.area_counts()
    rows = rows_of(written("csv", shown), ";")
    back = shapely.from_wkt([row["wkt"] for row in rows])
    assert shapely.equals(back, shown.frame.geometry.to_numpy()).all()


def test_a_text_over_several_lines_is_one_cell(town):
    rows = rows_of(written("csv", town.findings()), ";")
    assert len(rows) == 12 and rows[1]["text"] == "Skymd sikt,\nhög häck; klipps"


@pytest.mark.parametrize("first", ARMED)
def test_a_text_that_begins_like_a_formula_is_disarmed(first):
    assert disarmed(first + "1+1") == "'" + first + "1+1"


def test_formulas_reach_no_spreadsheet_and_numbers_stay_numbers(town):
    rows = rows_of(written("csv", town.incidents()), ";")
    assert rows[0]["place_text"] == "'" + town.EVIL
    statistics = rows_of(written("csv", town.offence_statistics()), ";")
    assert statistics[1]["municipality_name"] == "'-Annanköping" and statistics[0]["per_100k"] == "9171,5"
    for row in (*rows, *statistics):
        assert not any(value.startswith(ARMED) for value in row.values() if not value.lstrip("-").replace(",", "").isdigit())


# ---- XLSX

def test_xlsx_holds_data_metadata_and_fields(town):
    shown = town.incidents()
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", shown)))
    assert book.sheetnames == ["Data", "Metadata", "Fält"]
    head, *rows = book["Data"].iter_rows(values_only=True)
    back = pd.DataFrame(rows, columns=head)
    assert back["source_key"].tolist() == shown.frame["source_key"].tolist()
    assert back["area_code"][0] == "00", "codes are text"
    assert back["occurred_from"].tolist() == shown.frame["occurred_from"].dt.tz_localize(None).dt.to_pydatetime().tolist()
    assert np.allclose(back["E"].astype(float), shown.frame.geometry.x, equal_nan=True, atol=0.001)
    assert back["attempt"][1] is True
    described = {row[1]: row[2] for row in book["Fält"].iter_rows(values_only=True)}
    assert described["offence_type"] == "Brottstyp" and set(head) - set(described) == {"N", "E", "latitude", "longitude"}


def test_no_cell_of_xlsx_is_a_formula(town):
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", town.incidents(), town.area_counts())))
    assert book.sheetnames == ["incidents", "area_counts", "Metadata", "Fält"]
    assert not [cell for page in book for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    evil = next(cell for row in book["incidents"].iter_rows() for cell in row if cell.value == town.EVIL)
    assert evil.quotePrefix, "it stays text when somebody edits it"


def test_the_sheet_of_xlsx_says_what_the_sheet_says(town):
    shown = (town.cluster_cells(),)
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", *shown, language="en")))
    _, _, *rows = book["Metadata"].iter_rows(values_only=True)
    assert [tuple(value or "" for value in row) for row in rows] == method_sheet(shown, made_at=NOW).rows("en")


# ---- the map as a web page

def test_the_page_holds_the_sheet_and_no_address(town):
    class Words(HTMLParser):
        text = ""

        def handle_data(self, data):
            self.text += data

    reader = Words()
    reader.feed(written("folium_html", town.area_counts(), town.measures(), town.base_map()).decode())
    for _, rows in method_sheet([town.area_counts(), town.measures()], made_at=NOW).sections("sv"):
        for title, value in rows:
            assert title in reader.text and value in reader.text
