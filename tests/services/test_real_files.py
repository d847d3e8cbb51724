"""Real files from seven police forces and Statistics Sweden go in as they are, with the numbers that were counted in them beforehand.

The numbers are those of the design's table of what the files hold, counted with other code from the files themselves.
"""
from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from geo_safety.model.viewer import local_viewer
from geo_safety.services import importing
from geo_safety.sources import SOURCES, guard
from geo_safety.store import Store

pytestmark = pytest.mark.shared
VIEWER = local_viewer("en")


def _propose_here(source, path, into, *, given=None, file_name=None, limits=None, progress):
    return SOURCES[source].propose(path, into, given)


def _read_here(source, layer, path, options, into, *, file_name=None, limits=None, progress):
    return SOURCES[source].read(path, options, into), {"seconds": 0.0, "peak_mb": None}


@pytest.fixture(autouse=True)
def one_child_each(monkeypatch):
    """Proposals are made in this process: starting one for each of them would take longer than all the rest."""
    monkeypatch.setattr(guard, "propose", _propose_here)


@dataclass(frozen=True)
class File:
    """`given` is what a person says beyond accepting the proposal; the rest is what the file holds."""

    path: str
    crs: str
    zone: str
    rows: int
    precision: str
    ids: int | None = None
    without_place: int = 0
    identical: int = 0
    identical_rows: int = 0
    largest: int = 0
    places: int = 0
    repeated: tuple[int, int, int] | None = None    # ids that come again; of these at several places; without any place
    given: dict[str, str] = field(default_factory=dict)
    says: dict[str, object] = field(default_factory=dict)


FILES = {
    "nottingham": File("points_crimemappingdata/nottingham_burglary.csv.gz", "EPSG:27700", "Europe/London", 1_795, "month", identical=200,
                       identical_rows=359, largest=6, places=1_247, given={"offence_type": "burglary_dwelling"}, says={"time_precision": "month"}),
    "memphis": File("memphis_sfhotspot/memphis_robberies.csv", "EPSG:32616", "America/Chicago", 2_245, "minute", ids=2_245, places=1_893),
    "vancouver": File("points_crimemappingdata/vancouver_thefts.csv.gz", "EPSG:26910", "America/Vancouver", 21_918, "minute", places=11_584,
                      says={"crs": "EPSG:26910"}),
    "medellin": File("points_crimemappingdata/medellin_homicides.csv", "EPSG:32618", "America/Bogota", 9_360, "minute", without_place=81,
                     identical=43, identical_rows=86, largest=2, places=8_293, given={"offence_type": "homicide"},
                     says={"zulu_is_utc": True, "decimal": ","}),
    "cincinnati": File("points_crimemappingdata/cincinnati_burglary.csv.gz", "EPSG:32616", "America/New_York", 8_723, "minute", ids=6_949,
                       without_place=426, identical=137, identical_rows=194, largest=40, places=8_297, repeated=(1_002, 945, 57), says={"zulu_is_utc": False}),
    "new_york": File("nyc311/311_Animals_short.csv.gz", "EPSG:32618", "America/New_York", 4_969, "minute", ids=4_969, without_place=62, places=3_376,
                     says={"date_order": "mdy"}),
    "lancashire": File("points_crimemappingdata/lancashire_asb.tab.gz", "EPSG:27700", "Europe/London", 56_434, "month", identical=20_100,
                       identical_rows=30_374, largest=41, places=17_848, given={"offence_type": "disorder"}, says={"time_precision": "month"}),
    "chicago": File("points_crimemappingdata/chicago_aggravated_assaults.csv.gz", "EPSG:32616", "America/Chicago", 148_636, "minute", identical=111,
                    identical_rows=222, largest=2, places=62_884, given={"offence_type": "assault_public"}),
}
AGAIN = ("nottingham", "memphis", "medellin", "cincinnati", "lancashire")


def bring_in(store, shared, file):
    path = shared / "data" / file.path
    options = importing.options_for(store, "incidents_table", path, VIEWER, given=file.given, accept=True)
    for name, value in file.says.items():
        assert getattr(options, name) == value, name
    return importing.bring_in(store, "incidents_table", path, VIEWER, options), options


def check(store, file, report):
    assert (report.read, report.inserted, report.rejected, report.without_place) == (file.rows, file.rows, 0, file.without_place)
    told = report.quality
    assert (told["identical_rows"], told["identical_groups_rows"], told["identical_largest"]) == (file.identical, file.identical_rows, file.largest)
    assert told.get("distinct_ids") == file.ids
    assert told["places"] == file.places
    if file.repeated:
        assert tuple(told[name] for name in ("repeated_ids", "repeated_ids_elsewhere", "repeated_ids_without_place")) == file.repeated
    frame = store.read("incidents", VIEWER)
    assert len(frame) == file.rows
    assert frame["source_key"].is_unique
    assert set(frame["time_precision"]) == {file.precision}
    assert int(frame.geometry.isna().sum()) == file.without_place
    assert set(frame.loc[frame.geometry.isna(), "geom_precision"]) <= {"none"}
    assert (frame["event_key"].nunique() if file.ids else frame["event_key"].notna().sum()) == (file.ids or 0)


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_goes_in_as_it_is(shared, tmp_path, name, monkeypatch):
    file = FILES[name]
    with Store.create(tmp_path / "store.gpkg", crs=file.crs, zone=file.zone) as store:
        report, options = bring_in(store, shared, file)
        check(store, file, report)
        if name in AGAIN:
            monkeypatch.setattr(guard, "read", _read_here)
            _same_again(store, shared, file, options)


def _same_again(store, shared, file, options):
    before = store.read("incidents", VIEWER, columns=["uid", "row_version"], geometry=False)
    again = importing.bring_in(store, "incidents_table", shared / "data" / file.path, VIEWER, options)
    assert (again.read, again.inserted, again.updated, again.unchanged) == (file.rows, 0, 0, file.rows)
    assert before.equals(store.read("incidents", VIEWER, columns=["uid", "row_version"], geometry=False))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(FILES) - set(AGAIN)))
def test_the_larger_files_again_change_nothing(shared, tmp_path, name):
    file = FILES[name]
    with Store.create(tmp_path / "store.gpkg", crs=file.crs, zone=file.zone) as store:
        _, options = bring_in(store, shared, file)
        _same_again(store, shared, file, options)


def test_a_foreign_file_does_not_belong_in_a_swedish_store(shared, tmp_path):
    file = FILES["memphis"]
    with Store.create(tmp_path / "store.gpkg") as store:
        revision = store.revision()
        options = importing.ReadOptions(mapping={"occurred_from": "date", "x": "longitude", "y": "latitude"}, constants={"offence_type": "robbery"},
                                        crs="EPSG:4326")
        with pytest.raises(importing.InputError, match="500 km outside"):
            importing.bring_in(store, "incidents_table", shared / "data" / file.path, VIEWER, options)
        assert store.revision() == revision


@pytest.mark.parametrize(("path", "rows", "given"), [
    ("se_geo/RegSO_2025_mark_and_neighbours.gpkg", 127, {}), ("se_geo/Kommun_Sweref99TM.TAB", 290, {"vintage": "2023"})])
def test_the_areas_of_mark_and_its_neighbours_go_in(shared, tmp_path, path, rows, given, monkeypatch):
    with Store.create(tmp_path / "store.gpkg", municipality_code="1463") as store:
        options = importing.options_for(store, "areas_file", shared / "data" / path, VIEWER, given=given, accept=True)
        assert options.crs == "EPSG:3006"
        report = importing.bring_in(store, "areas_file", shared / "data" / path, VIEWER, options)
        assert (report.read, report.inserted, report.rejected) == (rows, rows, 0)
        areas = store.read("areas", VIEWER)
        assert set(areas.geom_type) == {"MultiPolygon"}
        if rows == 127:
            mark = areas[areas["parent_code"] == "1463"]
            assert sorted(mark["code"]) == [f"1463R{n:03d}" for n in range(1, 17)]
            assert mark.area.sum() / 1e6 == pytest.approx(1_018, abs=1), "km², as the union of RegSO has"
            assert set(areas["vintage"]) == {"2025"}
            monkeypatch.setattr(guard, "read", _read_here)
            again = importing.bring_in(store, "areas_file", shared / "data" / path, VIEWER, options)
            assert (again.inserted, again.updated, again.unchanged) == (0, 0, rows)


@pytest.mark.parametrize(("name", "mapping", "rows"), [
    ("points_crimemappingdata/lancashire_wards.gpkg", {"code": "ward_code", "name": "ward_name"}, 271),
    ("points_crimemappingdata/lancashire_districts.geojson", {"code": "district"}, 14)])
def test_foreign_areas_go_into_a_store_of_their_own(shared, tmp_path, name, mapping, rows, monkeypatch):
    monkeypatch.setattr(guard, "read", _read_here)
    with Store.create(tmp_path / "store.gpkg", crs="EPSG:27700", zone="Europe/London") as store:
        options = importing.options_for(store, "areas_file", shared / "data" / name, VIEWER, mapping=mapping, given={"kind": "own"}, accept=True)
        assert importing.bring_in(store, "areas_file", shared / "data" / name, VIEWER, options).inserted == rows


def test_a_kml_of_police_districts_goes_in(shared, tmp_path):
    with Store.create(tmp_path / "store.gpkg", crs="EPSG:32616", zone="America/Chicago") as store:
        path = shared / "data/points_crimemappingdata/chicago_police_districts.kml"
        options = importing.ReadOptions(mapping={"code": "Name"}, constants={"kind": "district"}, crs="EPSG:4326")
        assert importing.bring_in(store, "areas_file", path, VIEWER, options).read == 25
