"""Map files: GeoJSON read by ourselves, the others with one named GDAL driver each."""
from __future__ import annotations

import json
import shutil

import pytest
import shapely

from geo_safety.errors import InputError
from geo_safety.sources import incidents_table
from geo_safety.sources.opening import open_table
from geo_safety.sources.reading import ReadOptions


def read(path, **options):
    return open_table(path, ReadOptions(**options))


def features(*geometries, **collection):
    return json.dumps({"type": "FeatureCollection", **collection, "features": [
        {"type": "Feature", "id": n, "properties": {"namn": f"Ö{n}", "antal": n, "del": [1, 2]}, "geometry": g} for n, g in enumerate(geometries)]})


POINT = {"type": "Point", "coordinates": [12.69, 57.51, 3.0]}


def test_geojson_gives_attributes_as_text_and_flat_shapes(written):
    table = read(written("a.geojson", features(POINT, None)))
    assert list(table.frame.columns) == ["namn", "antal", "del", "id"]
    assert list(table.frame.iloc[1]) == ["Ö1", "1", "[1, 2]", "1"]
    assert (table.geometry[0].x, table.geometry[0].y, table.geometry[0].has_z) == (12.69, 57.51, False)
    assert table.geometry[1] is None
    assert table.crs is None


def test_the_crs_of_an_old_geojson_is_seen(written):
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3006"}}
    assert read(written("a.geojson", features(POINT, crs=named))).crs == "EPSG:3006"
    assert read(written("b.geojson", features(POINT, crs={"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}))).crs is None


@pytest.mark.parametrize("code", ["EPSG:99999999", "EPSG:4978", "no such system"])
def test_a_crs_that_is_none_on_the_ground_is_not_proposed(written, sweden, code):
    path = written("a.geojson", features(POINT, crs={"properties": {"name": code}}))
    assert incidents_table.propose(path, sweden).options.crs == "EPSG:4326", "from where the points are"
    with pytest.raises(InputError, match="unknown"):
        incidents_table.read(path, ReadOptions(mapping={"occurred_from": "namn"}, constants={"offence_type": "theft"}, crs=code), sweden)


@pytest.mark.parametrize("geometry", [
    {"type": "Point", "coordinates": ["a", "b"]}, {"type": "Polygon", "coordinates": [[[0, 0], [1]]]}, {"type": "Nothing", "coordinates": [1, 2]},
    {"coordinates": [1, 2]}, "POINT (1 2)", {"type": "LineString", "coordinates": [[0, 0]]}, {"type": "Point", "coordinates": []}])
def test_a_feature_with_an_unreadable_shape_has_no_place(written, geometry):
    assert read(written("a.geojson", features(geometry))).geometry[0] is None


@pytest.mark.parametrize("content", [
    '{"type": "FeatureCollection", "features": []}', '{"a": 1}', "[1, 2]", "[]", '{"type": "FeatureCollection", "features": [', "[" * 100_000],
    ids=["no feature", "object", "numbers", "empty", "cut", "deep"])
def test_json_that_holds_no_features_is_refused(written, content):
    with pytest.raises(InputError):
        read(written("a.geojson", content))


def test_the_answer_of_a_form_service_is_a_table(written):
    table = read(written("a.json", json.dumps({"count": 1, "results": [{"_uuid": "u1", "plats/position": "57.5 12.7 0 5", "tom": None}]})))
    assert list(table.frame.iloc[0]) == ["u1", "57.5 12.7 0 5", ""]


@pytest.mark.parametrize(("driver", "name"), [("GPKG", "a.gpkg"), ("ESRI Shapefile", "a.shp"), ("MapInfo File", "a.tab")])
def test_attributes_shapes_and_crs_come_out_of_a_map_file(squares, driver, name):
    table = read(squares(driver, name))
    assert list(table.column("kod")) == ["1463R001", "1463R002"]
    assert list(table.column("namn")) == ["Örby", "Skene"]
    assert shapely.area(table.geometry[0]) == pytest.approx(1_000_000, rel=1e-6)
    assert table.crs is not None


def test_whole_numbers_stay_whole_beside_missing_ones(squares):
    table = read(squares("GPKG", "a.gpkg", kod=["a", "b"], antal=[17, None], del_=[1.5, 2.0]))
    assert list(table.frame.iloc[0]) == ["a", "17", "1.5"]
    assert list(table.frame.iloc[1]) == ["b", "", "2"]


def test_a_zipped_shapefile_is_one_table(squares, tmp_path):
    folder = tmp_path / "shape"
    folder.mkdir()
    whole = squares("ESRI Shapefile", "area.shp")
    for part in tmp_path.glob("area.*"):
        shutil.move(part, folder / part.name)
    assert not whole.exists()
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", folder)
    table = read(packed)
    assert list(table.column("namn")) == ["Örby", "Skene"]
    (folder / "area.prj").unlink()
    (folder / "area.cpg").unlink()
    assert read(shutil.make_archive(str(tmp_path / "bare"), "zip", folder)).crs is None
    (folder / "area.dbf").unlink()
    with pytest.raises(InputError, match=r"\.dbf"):
        read(shutil.make_archive(str(tmp_path / "less"), "zip", folder))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_swedish_letters_of_a_shapefile_that_names_no_encoding_are_right(tmp_path, encoding):
    import geopandas as gpd
    gpd.GeoDataFrame({"namn": ["Örby å"]}, geometry=[shapely.Point(1, 2)], crs="EPSG:3006").to_file(tmp_path / "a.shp", encoding=encoding)
    (tmp_path / "a.cpg").unlink(missing_ok=True)
    assert list(read(tmp_path / "a.shp").column("namn")) == ["Örby å"]


def test_several_tables_in_an_archive_are_told_apart(zipped):
    packed = zipped("two.zip", {"a.csv": "x;y\n1;2\n", "b/c.csv": "p;q\n3;4\n", "readme.pdf": "%PDF"})
    table = read(packed)
    assert (table.sheet, table.sheets) == ("a.csv", ("a.csv", "b/c.csv"))
    assert list(read(packed, sheet="b/c.csv").frame.columns) == ["p", "q"]
    with pytest.raises(InputError, match=r"no d\.csv"):
        read(packed, sheet="d.csv")


def test_an_archive_without_a_readable_file_is_refused(zipped):
    with pytest.raises(InputError, match="no file that can be read"):
        read(zipped("pictures.zip", {"a.jpg": "x"}))


def test_an_archive_in_an_archive_is_refused(zipped):
    inner = zipped("inner.zip", {"a.csv": "x;y\n1;2\n"}).read_bytes()
    with pytest.raises(InputError, match="packed more than once"):
        read(zipped("outer.zip", {"inner.zip": inner}))


def test_a_truncated_geopackage_is_refused(squares, written):
    content = squares("GPKG", "a.gpkg").read_bytes()
    for share in (0.02, 0.5):
        with pytest.raises(InputError, match="damaged"):
            read(written("cut.gpkg", content[:int(len(content) * share)]))


def test_a_layer_that_is_not_there_is_named_with_those_that_are(squares):
    with pytest.raises(InputError, match=r"has no fel\. It holds: a"):
        read(squares("GPKG", "a.gpkg"), sheet="fel")


def test_reading_leaves_nothing_beside_the_users_file(squares, tmp_path):
    path = squares("GPKG", "a.gpkg")
    before = sorted(tmp_path.iterdir())
    read(path)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("definition", [
    "!table\n!version 300\nDefinition Table\n Type LINKED Charset \"x\"\n", "!table\n!version 100\nOpen Table \"other\" Hide\nCreate View x As Select *\n"])
def test_a_mapinfo_table_that_points_elsewhere_is_refused(written, definition):
    for part in ("dat", "map", "id"):
        written(f"a.{part}", b"x")
    with pytest.raises(InputError, match="points to other files"):
        read(written("a.tab", definition))


@pytest.mark.parametrize("path", ["/vsicurl/http://example.org/a.geojson", "/vsizip//tmp/a.zip", "https://example.org/a.csv", "nowhere.csv"])
def test_only_files_on_this_computer_are_read(path):
    with pytest.raises(InputError, match=r"not a file|no file"):
        read(path)
