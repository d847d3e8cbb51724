"""Areas from map files, whatever the supplier calls their columns."""
from __future__ import annotations

import json

import geopandas as gpd
import pytest
import shapely

from geo_safety.errors import InputError
from geo_safety.sources import areas_file
from geo_safety.sources.reading import ReadOptions

SQUARE = shapely.box(350_000, 6_370_000, 351_000, 6_371_000)


@pytest.fixture
def area_file(tmp_path):
    def write(shapes, crs="EPSG:3006", **columns):
        path = tmp_path / "a.gpkg"
        gpd.GeoDataFrame(columns or {"kod": [f"{n}" for n in range(len(shapes))]}, geometry=shapes, crs=crs).to_file(path)
        return path
    return write


def read(path, into, constants=None, **mapping):
    options = ReadOptions(mapping=mapping or {"code": "kod"}, constants=constants or {"kind": "own"}, crs="EPSG:3006")
    return areas_file.read(path, options, into)


@pytest.mark.parametrize(("codes", "kind"), [(["1463R001", "1463R002"], "regso"), (["1463A0010", "1463C1010"], "deso"), (["1463", "0114"], "municipality")])
def test_the_kind_of_area_is_told_from_its_codes_and_proposed(squares, sweden, codes, kind):
    found = areas_file.propose(squares("GPKG", "a.gpkg", regsokod=codes, regsonamn=["a", "b"]), sweden)
    assert found.options.constants == {"kind": kind}
    assert found.options.mapping == {"code": "regsokod", "name": "regsonamn"}
    assert found.options.crs == "EPSG:3006"
    assert not found.questions


def test_codes_that_say_nothing_leave_the_kind_a_question(squares, sweden):
    found = areas_file.propose(squares("GPKG", "a.gpkg", kod=["x", "y"]), sweden)
    assert [name for name, _ in found.questions] == ["kind"]


def test_a_leading_zero_that_a_spreadsheet_took_is_put_back(squares, sweden):
    path = squares("GPKG", "a.gpkg", kod=["114", "1463"])
    assert list(read(path, sweden, {"kind": "municipality"}).frame["code"]) == ["0114", "1463"]
    assert list(read(path, sweden).frame["code"]) == ["114", "1463"]


def test_a_reference_date_stands_for_its_year(squares, sweden):
    path = squares("GPKG", "a.gpkg", kod=["a", "b"], ref=["20250101", "2018"])
    assert list(read(path, sweden, code="kod", vintage="ref").frame["vintage"]) == ["2025", "2018"]


def test_an_area_without_a_name_is_called_by_its_code(squares, sweden):
    assert list(read(squares("GPKG", "a.gpkg", kod=["a", "b"]), sweden).frame["name"]) == ["a", "b"]


def test_a_faulty_border_is_repaired_and_counted(area_file, sweden):
    bow_tie = shapely.Polygon([(350_000, 6_370_000), (351_000, 6_371_000), (351_000, 6_370_000), (350_000, 6_371_000)])
    reading = read(area_file([bow_tie, SQUARE]), sweden)
    assert reading.quality["repaired"] == 1
    assert shapely.is_valid(reading.frame.geometry.to_numpy()).all()
    assert set(reading.frame.geom_type) == {"MultiPolygon"}
    assert reading.frame.area.iloc[0] == pytest.approx(500_000), "two triangles that touch in the middle"


def test_islands_under_one_code_become_one_area(area_file, sweden):
    other = shapely.box(352_000, 6_370_000, 353_000, 6_371_000)
    reading = read(area_file([SQUARE, other, shapely.box(354_000, 6_370_000, 355_000, 6_371_000)], kod=["a", "a", "b"]), sweden)
    assert list(reading.frame["code"]) == ["a", "b"]
    assert list(reading.frame.area) == pytest.approx([2_000_000, 1_000_000])
    assert (reading.read, reading.quality["merged"]) == (3, 1)


def test_rows_without_an_outline_are_refused(area_file, sweden):
    reading = read(area_file([SQUARE, shapely.Point(350_000, 6_370_000), None, shapely.Polygon()]), sweden)
    assert (len(reading.frame), reading.rejected) == (1, 3)
    assert set(reading.rejects["reason_en"]) == {"The row has no outline."}


def test_a_table_without_outlines_is_refused_as_a_whole(written, sweden):
    with pytest.raises(InputError, match="no outlines"):
        read(written("a.csv", "kod;namn\n1463R001;Örby\n"), sweden)


def test_an_outline_far_away_is_refused(area_file, anywhere):
    reading = read(area_file([SQUARE, shapely.box(9_000_000, 1_000_000, 9_001_000, 1_001_000)]), anywhere)
    assert "500 km outside" in reading.rejects["reason_en"].iloc[0]


def test_inhabitants_are_whole_numbers_and_never_negative(area_file, sweden):
    path = area_file([SQUARE] * 4, kod=list("abcd"), inv=["2 537", "-1", "många", ""])
    reading = read(path, sweden, code="kod", population="inv")
    assert reading.frame["population"].iloc[0] == 2537
    assert reading.frame["population"].isna().iloc[1]
    assert sorted(reading.rejects["reason_en"]) == ["Residents cannot be less than 0.", "Residents is not a number."]


@pytest.mark.parametrize(("driver", "name"), [("GPKG", "a.gpkg"), ("ESRI Shapefile", "a.shp"), ("MapInfo File", "a.tab")])
def test_all_map_formats_give_the_same_areas(squares, sweden, driver, name):
    path = squares(driver, name)
    found = areas_file.propose(path, sweden, ReadOptions(constants={"kind": "own"}))
    frame = areas_file.read(path, found.accepted(), sweden).frame
    assert list(frame["name"]) == ["Örby", "Skene"]
    assert list(frame.area) == pytest.approx([1_000_000] * 2, rel=1e-4)


def test_geojson_areas_in_degrees_land_in_the_store(squares, sweden):
    path = squares("GeoJSON", "a.geojson", crs="EPSG:4326")
    document = json.loads(path.read_text())
    document.pop("crs", None)
    path.write_text(json.dumps(document))
    found = areas_file.propose(path, sweden, ReadOptions(constants={"kind": "own"}))
    assert found.options.crs == "EPSG:4326"
    assert areas_file.read(path, found.accepted(), sweden).frame.area.sum() == pytest.approx(2_000_000, rel=1e-4)
