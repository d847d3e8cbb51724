"""The child process in which foreign files are read: bounded, alone, and easily killed."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import psutil
import pytest

from geo_safety.errors import Cancelled, InputError
from geo_safety.layers import LAYERS
from geo_safety.sources import SOURCES, guard, spatial
from geo_safety.sources.limits import Limits
from geo_safety.sources.reading import REJECT_COLUMNS, Reading, ReadOptions
from geo_safety.sources.transport import read_reading, write_reading

TABLE = "id;datum;lon;lat\nK1;2026-07-01 14:30;12.69;57.51\nK2;2026-07-02;;\nK3;igår;12.69;57.51\n"
OPTIONS = ReadOptions(mapping={"source_key": "id", "occurred_from": "datum", "x": "lon", "y": "lat"}, constants={"offence_type": "theft"}, crs="EPSG:4326")


def read(path, into, options=OPTIONS, **more):
    return guard.read("incidents_table", "incidents", path, options, into, **more)


def in_child_environment(code: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, "-P", "-c", code], env=guard.environment(folder), cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr.strip().rsplit("\n", 1)[-1]


def test_what_comes_back_equals_what_was_read(written, sweden):
    path = written("a.csv", TABLE)
    told, took = read(path, sweden)
    here = SOURCES["incidents_table"].read(path, OPTIONS, sweden)
    pd.testing.assert_frame_equal(pd.DataFrame(told.frame).drop(columns="geometry"), pd.DataFrame(here.frame).drop(columns="geometry"), check_dtype=False)
    assert told.frame.geometry.geom_equals_exact(here.frame.geometry, 1e-9).tolist() == [True, False]
    assert (told.read, told.rejected, told.quality) == (here.read, here.rejected, here.quality)
    assert told.rejects.to_dict("records") == here.rejects.to_dict("records")
    assert took["seconds"] > 0


def test_outlines_come_back_too(squares, sweden):
    told, _ = guard.read("areas_file", "areas", squares("GPKG", "a.gpkg"), ReadOptions(
        mapping={"code": "kod", "name": "namn"}, constants={"kind": "own"}, crs="EPSG:3006"), sweden)
    assert list(told.frame.area) == pytest.approx([1_000_000] * 2)
    assert told.frame.crs == "EPSG:3006"


def test_a_proposal_comes_back(written, sweden):
    path = written("a.csv", TABLE)
    assert guard.propose("incidents_table", path, sweden) == SOURCES["incidents_table"].propose(path, sweden)


def test_nothing_that_is_carried_over_can_hold_code(tmp_path):
    layer = LAYERS["incidents"]
    frame = gpd.GeoDataFrame({column.name: pd.Series([None, None], dtype=object) for column in layer.columns}, geometry=[None, None], crs="EPSG:3006")
    frame["details"] = [{"a": "ö"}, None]
    for name in ("occurred_from", "occurred_to", "reported_at"):
        frame[name] = pd.DatetimeIndex(["2026-07-01 12:00", None]).tz_localize("Europe/Stockholm")
    frame["attempt"] = pd.Series([True, None], dtype=object)
    rejects = pd.DataFrame([(3, "datum", "igår", "sv", "en", {"a": "1"})], columns=list(REJECT_COLUMNS))
    write_reading(Reading(frame, rejects, {"rows": 2}, 3, 1), layer, tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} <= {".json", ".npy"}
    for path in tmp_path.glob("*.npy"):
        np.load(path, allow_pickle=False)
    told = read_reading(layer, tmp_path, crs="EPSG:3006", zone="Europe/Stockholm")
    assert told.frame["details"].tolist() == [{"a": "ö"}, None]
    assert told.frame["attempt"].tolist() == [True, None]
    assert told.frame["occurred_from"].iloc[0].isoformat() == "2026-07-01T12:00:00+02:00"
    assert told.frame["occurred_from"].isna().tolist() == [False, True]


def test_only_the_named_drivers_are_there_and_a_vrt_in_disguise_finds_none(tmp_path, written):
    secret = written("secret.csv", "a;b\n1;2\n")
    vrt = written("innocent.geojson", f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>')
    drivers = in_child_environment("import pyogrio; print(sorted(pyogrio.list_drivers()))", tmp_path)
    assert drivers.splitlines()[0] == str(sorted(spatial.DRIVERS.values()))
    assert "not recognized" in in_child_environment(f"import pyogrio; pyogrio.read_info({str(vrt)!r})", tmp_path)


def test_a_vrt_named_geojson_is_refused_in_one_sentence(written, sweden):
    path = written("innocent.geojson", "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>")
    with pytest.raises(InputError, match="XML or a web page"):
        guard.propose("areas_file", path, sweden)


def test_the_child_reaches_no_network_and_starts_no_program(tmp_path):
    attempts = ("socket.create_connection(('127.0.0.1', 9), 1)", "subprocess.run([sys.executable, '-V'])", "os.system('true')", "os.fork()",
                "os.posix_spawn('/bin/true', ['true'], {})", "os.execv('/bin/true', ['true'])")
    code = ("import os, socket, subprocess, sys\nfrom geo_safety.sources import child\nchild.shut()\n"
            + "".join(f"try:\n  {attempt}\nexcept PermissionError:\n  print('refused', end=' ')\n" for attempt in attempts))
    assert in_child_environment(code, tmp_path).split() == ["refused"] * len(attempts)


def test_the_child_knows_nothing_of_the_servers_secrets(monkeypatch, tmp_path):
    monkeypatch.setenv("GEO_SAFETY_STORE", "secret")
    assert "secret" not in in_child_environment("import os; print(dict(os.environ))", tmp_path)


def test_a_module_hidden_in_an_archive_is_not_run(zipped, sweden, tmp_path):
    evil = f"open({str(tmp_path / 'ran')!r}, 'w').close()\n"
    path = zipped("a.zip", {"pandas.py": evil, "numpy/__init__.py": evil, "sitecustomize.py": evil, "a.csv": TABLE})
    assert len(read(path, sweden)[0].frame) == 2
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(("code", "why"), [("import os; os.abort()", "aborted"), ("import sys; sys.exit(3)", "gave up"), ("pass", "said nothing")])
def test_a_child_that_breaks_down_is_one_sentence(monkeypatch, written, sweden, code, why):
    monkeypatch.setattr(guard, "_command", lambda request: [sys.executable, "-c", code])
    with pytest.raises(InputError, match=r"a\.csv could not be read"):
        read(written("a.csv", TABLE), sweden)


@pytest.mark.parametrize("limits", [Limits(memory_mb=280), Limits(cpu_s=1)])
def test_a_file_that_asks_for_too_much_is_one_sentence(tmp_path, sweden, limits):
    path = tmp_path / "large.csv"
    path.write_text("id;datum;lon;lat\n" + "".join(f"K{n};2026-07-01 14:{n % 60:02d}:00;12.{n};57.{n}\n" for n in range(100_000)))
    with pytest.raises(InputError, match="memory"):
        read(path, sweden, limits=limits)


SLEEPER = "import time; time.sleep(60)"


def sleepers() -> list[psutil.Process]:
    """The children that were told to sleep; the tests beside this one may have others."""
    return [child for child in psutil.Process().children() if SLEEPER in child.cmdline()]


def test_a_child_that_never_ends_is_stopped(monkeypatch, written, sweden):
    monkeypatch.setattr(guard, "_command", lambda request: [sys.executable, "-c", SLEEPER])
    with pytest.raises(InputError, match="more than 1 second"):
        read(written("a.csv", TABLE), sweden, limits=Limits(wall_s=1))
    assert not sleepers()


def test_cancelling_kills_the_child(monkeypatch, written, sweden):
    monkeypatch.setattr(guard, "_command", lambda request: [sys.executable, "-c", SLEEPER])

    def stop(share, what):
        assert sleepers()
        raise Cancelled()
    with pytest.raises(Cancelled):
        read(written("a.csv", TABLE), sweden, progress=stop)
    assert not sleepers()


def test_how_far_it_has_come_is_told(written, sweden):
    told = []
    read(written("a.csv", TABLE), sweden, progress=lambda share, what: told.append((share, what.sv)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)


def test_messages_speak_of_the_file_by_the_name_its_owner_knows(written, sweden):
    path = written("0123456789abcdef.upload", "bara text")
    with pytest.raises(InputError, match=r"uttag v32\.csv holds no table"):
        read(path, sweden, file_name="C:\\mapp\\uttag v32.csv")


def test_a_file_that_is_too_large_is_refused_before_a_process_is_started(monkeypatch, written, sweden):
    monkeypatch.setattr(guard.subprocess, "Popen", None)
    with pytest.raises(InputError, match="larger than 1 MB"):
        read(written("a.csv", "x" * 2_000_000), sweden, limits=Limits(file_mb=1))


def test_nothing_is_left_behind(written, sweden, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(guard.tempfile, "tempdir", str(scratch))
    read(written("a.csv", TABLE), sweden)
    assert not list(scratch.iterdir())
