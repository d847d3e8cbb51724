"""Whatever a file holds, what comes out is rows, rejected rows or one sentence: never another error."""
from __future__ import annotations

import io
import json
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_safety.errors import InputError
from geo_safety.sources import SOURCES
from geo_safety.sources.limits import Limits
from geo_safety.sources.reading import Reading, ReadOptions

LIMITS = Limits(file_mb=5, unpacked_mb=5, columns=200)
QUICK = settings(max_examples=40, deadline=None, derandomize=True, database=None,
                 suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large])
TABLE = ("id;datum;till;anmäld;typ;lon;lat;plats;kl\nK1;2026-07-01 14:30;2026-07-02;1/2/2026;Rån;12,69;57,51;Torget;14.50\n"
         "K2;3/4/2026;;;Stöld;-1;-1;=1+1;0.618\nK2;2026-07;45123;x;;;;<b>;\n")
SHAPES = json.dumps({"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}}, "features": [
    {"type": "Feature", "id": 1, "properties": {"id": "a", "datum": "2026-07-01", "namn": "Ö"}, "geometry": {"type": "Point", "coordinates": [12.69, 57.51]}},
    {"type": "Feature", "properties": {"id": None, "datum": 5}, "geometry": {
        "type": "Polygon", "coordinates": [[[12.69, 57.51], [12.70, 57.51], [12.70, 57.52], [12.69, 57.51]]]}}]})
MAPPING = {"source_key": "id", "occurred_from": "datum", "occurred_to": "till", "reported_at": "anmäld", "offence_type": "typ", "x": "lon", "y": "lat",
           "place_text": "plats", "clock": "kl"}
CONSTANTS = {"incidents_table": {"offence_type": "theft"}, "areas_file": {"kind": "own"}, "bra_yearly": {"year": 2024, "offence_group": "total"},
             "walk_points": {"category": "other"}, "measures_table": {"status": "planned"}}


def survives(path, source: str, into) -> None:
    """Propose and read; the proposal is accepted with whatever it may lack."""
    try:
        proposal = SOURCES[source].propose(path, into, None, limits=LIMITS)
        lacking = {"date_order": "dmy", "zulu_is_utc": True, "crs": proposal.options.crs or "EPSG:4326", "constants": CONSTANTS[source]}
        for name, question in proposal.questions:
            assert question.sv
            assert name
        reading = SOURCES[source].read(path, proposal.options.with_(proposed=False, **lacking), into, limits=LIMITS)
    except InputError as problem:
        assert problem.text.sv.strip()
        assert problem.text.en.strip()
    else:
        assert isinstance(reading, Reading)
        assert reading.rejected >= len(reading.rejects)
        assert len(reading.frame) + reading.rejected <= reading.read or source == "areas_file"


def survives_as(content: bytes, name: str, into, folder, source: str = "incidents_table") -> None:
    path = folder / name
    path.write_bytes(content)
    survives(path, source, into)


@QUICK
@given(content=st.binary(max_size=400), name=st.sampled_from(["a.csv", "a.xlsx", "a.geojson", "a.gpkg", "a.zip", "a.gz", "a.shp", "a.tab", "a.kml"]))
def test_random_bytes_are_one_sentence_or_rows(content, name, tmp_path, sweden):
    survives_as(content, name, sweden, tmp_path)


@QUICK
@given(rows=st.lists(st.lists(st.text(st.characters(exclude_characters="\r\n"), max_size=12) | st.floats().map(str) | st.dates().map(str), min_size=9,
                              max_size=9), min_size=1, max_size=6))
def test_any_text_in_any_cell_is_a_row_or_a_reason(rows, written, sweden):
    quoted = "\n".join(";".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    path = written("a.csv", (TABLE.split("\n")[0] + "\n" + quoted).encode("utf-8", "surrogatepass"))
    options = ReadOptions(mapping=MAPPING, crs="EPSG:4326", date_order="mdy", zulu_is_utc=True, keep=("plats",))
    try:
        reading = SOURCES["incidents_table"].read(path, options, sweden, limits=LIMITS)
    except InputError as problem:
        assert problem.text.sv
    else:
        assert len(reading.frame) + reading.rejected == reading.read
        assert reading.frame["source_key"].is_unique
        assert (reading.frame.geometry.isna() == reading.frame["geom_precision"].isin(["none", "area"])).all()
        json.dumps([reading.quality, reading.rejects.to_dict("records"), list(reading.frame["details"])], allow_nan=False).encode("utf-8")


def mutated(original: bytes, data) -> bytes:
    """`original` with some pieces replaced, doubled or cut out."""
    content = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(content) - 1)))
        length = data.draw(st.integers(0, 20))
        content[at:at + length] = data.draw(st.sampled_from([b"", b'"', b";", b"\n", b"\x00", b"{", b"]", b"NaN", b"1e999", b"null", b"-0", b"\xff", b'\\ud800',
                                                             bytes(content[at:at + length]) * 2]) | st.binary(max_size=8))
    return bytes(content)


@QUICK
@given(data=st.data())
def test_a_damaged_table_never_breaks_anything(data, tmp_path, sweden):
    survives_as(mutated(TABLE.encode("utf-8"), data), "a.csv", sweden, tmp_path, data.draw(st.sampled_from(sorted(CONSTANTS))))


@QUICK
@given(data=st.data())
def test_a_damaged_geojson_never_breaks_anything(data, tmp_path, sweden):
    survives_as(mutated(SHAPES.encode("utf-8"), data), "a.geojson", sweden, tmp_path, data.draw(st.sampled_from(sorted(CONSTANTS))))


@pytest.fixture(scope="module")
def workbook() -> bytes:
    book = openpyxl.Workbook()
    for line in TABLE.strip().split("\n"):
        book.active.append(line.split(";"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@settings(QUICK, max_examples=15)
@given(data=st.data())
def test_a_damaged_workbook_never_breaks_anything(data, tmp_path, sweden, workbook):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as whole, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as changed:
        victim = data.draw(st.sampled_from(whole.namelist()))
        for name in whole.namelist():
            changed.writestr(name, mutated(whole.read(name), data) if name == victim else whole.read(name))
    survives_as(out.getvalue(), "a.xlsx", sweden, tmp_path)


@QUICK
@given(data=st.data())
def test_a_damaged_archive_never_breaks_anything(data, tmp_path, sweden, workbook):
    survives_as(mutated(workbook, data), "a.zip", sweden, tmp_path)
