"""Nothing acknowledged is lost, nothing is there by half, and reading never waits: with threads, processes, GDAL and `kill -9`."""
from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import shapely

from geo_safety.errors import StaleError, StoreError
from geo_safety.store import Store, engine

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="fork and kill -9 are of POSIX")


def child(*arguments: str, code: str | None = None) -> subprocess.Popen:
    """Another Python process that can import the package."""
    command = [sys.executable, *(("-c", code) if code else ()), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
                            env=os.environ | {"PYTHONPATH": str(ROOT)})


def answer(process: subprocess.Popen) -> str:
    out, err = process.communicate(timeout=540)
    assert process.returncode == 0, err
    return out


GDAL_READS = """
import json, sys, warnings
warnings.simplefilter("error")
import pyogrio
path, box = sys.argv[1], (352_000, 6_376_000, 352_100, 6_377_000)
known = {name: kind for name, kind in pyogrio.list_layers(path)}
told = {"layers": known}
for name in ("incidents", "areas"):
    info = pyogrio.read_info(path, layer=name)
    frame = pyogrio.read_dataframe(path, layer=name)
    told[name] = {"features": len(frame), "crs": info["crs"], "index": info["capabilities"]["fast_spatial_filter"],
                  "fields": dict(zip(info["fields"].tolist(), map(str, info["dtypes"]))), "extent": info["total_bounds"],
                  "in_box": len(pyogrio.read_dataframe(path, layer=name, bbox=box))}
told["places"] = sorted(pyogrio.read_dataframe(path, layer="incidents")["place_text"].unique().tolist())
told["time"] = pyogrio.read_dataframe(path, sql="SELECT * FROM incidents ORDER BY source_key LIMIT 1")["occurred_from"][0].isoformat()
print(json.dumps(told))
"""


def test_gdal_reads_the_very_file_while_the_app_has_it_open(store, viewer, batch, make_incidents):
    store.bring_in("incidents", make_incidents(50), viewer, batch=batch)
    store.save("areas", {"kind": "own", "code": "T1", "name": "Torget", "geometry": shapely.box(352_000, 6_376_000, 352_050, 6_376_050)}, viewer)
    assert store.path.with_name(f"{store.path.name}-wal").stat().st_size > 0  # the newest rows are not in the file itself yet
    process = child(str(store.path), code=GDAL_READS)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0 and "arning" not in err, err
    told = json.loads(out)
    incidents, areas = told["incidents"], told["areas"]
    assert told["layers"]["incidents"] == "Point" and told["layers"]["areas"] == "MultiPolygon" and told["layers"]["import_batches"] is None
    assert (incidents["features"], areas["features"]) == (50, 1)
    assert incidents["crs"] == "EPSG:3006" and incidents["index"] and areas["index"]
    read = store.read("incidents", viewer)
    within = read.geometry.x.between(352_000, 352_100) & read.geometry.y.between(6_376_000, 6_377_000)
    assert (incidents["in_box"], areas["in_box"]) == (within.sum(), 1)
    assert incidents["extent"] == pytest.approx(read.total_bounds.tolist()) and areas["extent"] == [352_000, 6_376_000, 352_050, 6_376_050]
    assert {"occurred_from", "details", "attempt", "uid", "info_class"} <= incidents["fields"].keys()
    assert told["places"] == ["Storgatan 1"] and told["time"].startswith("2025-05-01T10:00:00")
    store.save("areas", {"kind": "own", "code": "T2", "name": "Efteråt"}, viewer)
    assert store.count("areas", viewer) == 2 and store.check() == []


def test_reading_does_not_wait_for_an_open_write(store, viewer, batch, make_incidents):
    store.bring_in("incidents", make_incidents(10), viewer, batch=batch)
    with store._file.write.begin() as connection:
        connection.exec_driver_sql("UPDATE incidents SET place_text = 'halvt'")
        begun = time.perf_counter()
        assert set(store.read("incidents", viewer)["place_text"]) == {"Storgatan 1"}
        assert store.revision() == 1 and time.perf_counter() - begun < 5
        connection.rollback()


def test_a_reader_sees_an_import_whole_or_not_at_all(store, viewer, batch, make_incidents):
    frame, counts, longest, done = make_incidents(8_000), [], 0.0, threading.Event()

    def bring_in():
        try:
            return store.bring_in("incidents", frame, viewer, batch=batch)
        finally:
            done.set()

    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(bring_in)
        while not done.is_set():
            begun = time.perf_counter()
            counts.append(store.count("incidents", viewer))
            longest = max(longest, time.perf_counter() - begun)
    assert result.result().inserted == 8_000
    assert set(counts) <= {0, 8_000} and len(counts) > 5 and longest < 5
    assert store.count("incidents", viewer) == 8_000


def test_threads_of_a_web_server_share_one_store(store, viewer, batch, make_incidents):
    store.bring_in("incidents", make_incidents(500), viewer, batch=batch)

    def work(number: int) -> int:
        store.save("areas", {"kind": "own", "code": f"A{number}", "name": "x"}, viewer)
        return len(store.read("incidents", viewer))

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(work, range(60))) == {500}
    assert store.count("areas", viewer) == 60 and store.revision() == 61


COUNT_UP = """
import os, sys
import geopandas as gpd, pandas as pd, shapely
from geo_safety.errors import StaleError
from geo_safety.model.viewer import local_viewer
from geo_safety.store import Store
path, uid, viewer = sys.argv[1], sys.argv[2], local_viewer()

def work(me):
    with Store.open(path) as store:
        for number in range(20):
            while True:
                one = store.one("areas", uid, viewer)
                try:
                    store.save("areas", {"population": one["population"] + 1}, viewer, uid=uid, row_version=one["row_version"])
                    break
                except StaleError:
                    pass
            if number % 10 == 0:
                frame = gpd.GeoDataFrame({"source_code": me, "source_key": [f"{number}-{i}" for i in range(700)], "offence_type": "theft",
                    "occurred_from": pd.Timestamp("2025-01-01", tz="UTC"), "time_precision": "day", "geom_precision": "exact"},
                    geometry=shapely.points([[352_000 + i, 6_376_000] for i in range(700)]), crs="EPSG:3006")
                store.bring_in("incidents", frame, viewer, batch={"source_code": me, "file_name": me, "file_sha256": "0" * 64})

children = []
for number in range(3):
    child = os.fork()
    if not child:
        try:
            work(f"p{number}")
        except BaseException as error:
            print(error, file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    children.append(child)
sys.exit(max([os.waitpid(child, 0)[1] for child in children]) and 1)
"""


@needs_fork
def test_several_processes_writing_at_once_lose_nothing(store, viewer):
    uid = store.save("areas", {"kind": "own", "code": "T1", "name": "Torget", "population": 0}, viewer)
    answer(child(str(store.path), uid, code=COUNT_UP))
    one = store.one("areas", uid, viewer)
    assert (one["population"], one["row_version"]) == (60, 61)
    assert store.history("areas", uid, viewer)["after"].tolist()[1:] == [{"population": n} for n in range(1, 61)]
    assert store.count("incidents", viewer) == 3 * 2 * 700 and store.count("import_batches", viewer) == 6
    assert store.check() == []


def test_two_imports_of_the_same_rows_at_once_make_them_once(store, viewer, batch, make_incidents):
    frame = make_incidents(1_000)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: store.bring_in("incidents", frame, viewer, batch=batch), range(4)))
    assert sorted(result.inserted for result in results) == [0, 0, 0, 1_000]
    assert sum(result.unchanged for result in results) == 3_000
    assert store.count("incidents", viewer) == 1_000 and store.check() == []


def test_what_came_between_comparison_and_lock_is_not_written_over(store, viewer, batch, make_incidents):
    store.bring_in("incidents", make_incidents(3), viewer, batch=batch)
    uid = store.read("incidents", viewer, where={"source_key": "K000000"})["uid"][0]
    meddled = []

    def meddle(share, text):
        if share == 0.9 and len(meddled) < 5:  # compared, not yet locked: as often as it tries
            version = store.one("incidents", uid, viewer)["row_version"]
            store.save("incidents", {"area_code": f"R{version}"}, viewer, uid=uid, row_version=version)
            meddled.append(version)
    result = store.bring_in("incidents", make_incidents(3, place="Ny plats"), viewer, batch=batch, progress=meddle)
    assert result.updated == 3 and len(meddled) == 3
    history = store.history("incidents", uid, viewer)
    assert history["action"].tolist() == ["import", "update", "update", "update", "update"]
    assert history["before"].iloc[-1]["area_code"] == "R3"
    with pytest.raises(StaleError):
        store.save("incidents", {"area_code": "R9"}, viewer, uid=uid, row_version=4)


def test_a_busy_store_says_so_in_words(tmp_path, viewer, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.1)
    with Store.create(tmp_path / "busy.gpkg") as store, store._file.write.begin():
        with pytest.raises(StoreError, match="Somebody else is writing"):
            store.save("areas", {"kind": "own", "code": "T1", "name": "Torget"}, viewer)
        assert store.count("areas", viewer) == 0


def test_what_a_killed_import_left_beside_the_store_is_swept_away_after_a_day(store):
    old, new, other = (store.path.with_name(name) for name in (".staging-abcd1234", ".staging-abcd5678", "staging.csv"))
    for path in (old, new, other):
        path.write_text("x")
    os.utime(old, (time.time() - 90_000,) * 2)
    Store.open(store.path).close()
    assert [path.exists() for path in (old, new, other)] == [False, True, True]


def _kill(tmp_path: Path, rounds: int, seed: int) -> dict:
    Store.create(tmp_path / "killed.gpkg").close()
    return json.loads(answer(child(str(HERE / "kill_rounds.py"), str(tmp_path / "killed.gpkg"), str(rounds), str(seed))))


@needs_fork
def test_killed_writers_lose_nothing_acknowledged_and_leave_nothing_by_half(tmp_path):
    told = _kill(tmp_path, 4, 1)
    assert told["acknowledged"] > 0
    assert (told["lost"], told["half"], told["findings"]) == ([], [], [])


@pytest.mark.slow
@needs_fork
@pytest.mark.parametrize("seed", range(2, 7))
def test_hundreds_of_killed_writers_lose_nothing(tmp_path, seed):
    told = _kill(tmp_path, 60, seed)
    assert told["acknowledged"] > 60
    assert (told["lost"], told["half"], told["findings"]) == ([], [], [])
