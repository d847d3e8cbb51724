"""The command line as a person and a script meet it: exit codes, sentences, one JSON object."""
from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest

from geo_safety import cli

DATA = Path(__file__).resolve().parent.parent / "data"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store made and filled by commands alone: the areas and incidents of the example files."""
    path = tmp_path_factory.mktemp("cli") / "exempel.gpkg"
    assert cli.main(["init", "--store", str(path), "--name", "Exempelby kommun"]) == cli.DONE
    assert cli.main(["import", "areas_file", str(DATA / "areas.geojson"), "--store", str(path), "--yes"]) == cli.DONE
    assert cli.main(["import", "incidents_table", str(DATA / "incidents.csv"), "--store", str(path), "--yes"]) == cli.REFUSED  # four bad rows
    return path


def told(capsys, *arguments) -> tuple[int, dict]:
    code = cli.main([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_same_file_again_changes_nothing_and_bad_rows_are_written_to_a_file(store, capsys, tmp_path):
    rejects = tmp_path / "rejects.csv"
    code, answer = told(capsys, "import", "incidents_table", str(DATA / "incidents.csv"), "--store", str(store), "--yes", "--rejects", str(rejects))
    assert code == cli.REFUSED
    assert (answer["inserted"], answer["updated"], answer["rejected"]) == (0, 0, 4)
    assert answer["unchanged"] == answer["read"] - 4
    assert "2099" in rejects.read_text("utf-8-sig")


def test_a_dry_run_reads_and_saves_nothing(store, capsys):
    _, before = told(capsys, "list", "imports", "--store", str(store))
    code, _ = told(capsys, "import", "areas_file", str(DATA / "areas.geojson"), "--store", str(store), "--yes", "--dry-run")
    _, after = told(capsys, "list", "imports", "--store", str(store))
    assert code == cli.DONE
    assert len(after["imports"]) == len(before["imports"])


def test_hotspots_leave_as_a_file_that_opens(store, capsys, tmp_path):
    out = tmp_path / "cells.gpkg"
    code, answer = told(capsys, "hotspots", "count_grid", "--store", str(store), "--set", "cell_size_m=500", "--out", str(out))
    assert code == cli.DONE
    assert len(gpd.read_file(out, layer=0)) == answer["cells"]
    assert answer["facts"]["cell_size_m"] == 500


def test_a_method_that_refuses_says_so_and_exits_with_1(store, capsys):
    code = cli.main(["hotspots", "change", "--store", str(store), "--language", "sv", "--json"])
    said = capsys.readouterr()
    assert code == cli.REFUSED
    assert json.loads(said.out)["refused"] == "NO_COMPARISON"
    assert "jämförelseperiod" in said.err


def test_weights_are_an_option_where_they_are_true_and_refused_where_not(store, capsys):
    code, answer = told(capsys, "hotspots", "count_grid", "--store", str(store), "--set", "weights=severity", "--set", "person_weight=4")
    assert code == cli.DONE and "WEIGHTED" in answer["warnings"]
    code = cli.main(["hotspots", "scan", "--store", str(store), "--set", "weights=severity", "--language", "en", "--json"])
    assert code == cli.REFUSED and "A weighted sum is not a count" in json.loads(capsys.readouterr().out)["error"]


def test_patterns_are_computed_like_hotspots(store, capsys, tmp_path):
    out = tmp_path / "months.csv"
    code, answer = told(capsys, "patterns", "season", "--store", str(store), "--period", "2024-01-01/2026-01-01", "--out", str(out))
    assert code == cli.DONE
    assert answer["rows"] == 12 and answer["facts"]["days"] == 731


def test_patterns_work_on_plain_files_unless_they_need_areas(capsys):
    files = ["--points", str(DATA / "incidents.csv"), "--crs", "EPSG:3006", "--json", "--language", "en"]
    assert cli.main(["patterns", "hour_of_week", *files]) == cli.DONE
    assert json.loads(capsys.readouterr().out)["rows"] == 168
    assert cli.main(["patterns", "rates", *files]) == cli.FAILED
    assert "by area" in capsys.readouterr().err


def test_periods_and_types_hold_for_plain_files_too(capsys):
    files = ["--points", str(DATA / "incidents.csv"), "--crs", "EPSG:3006", "--area", str(DATA / "areas.geojson")]
    _, everything = told(capsys, "hotspots", "count_grid", *files)
    _, part = told(capsys, "hotspots", "count_grid", *files, "--types", "vandalism", "--period", "2025-01-01/2026-01-01")
    assert 0 < part["facts"]["n"] < everything["facts"]["n"]
    periods = ("--period", "2025-07-01/2026-01-01", "--compare", "2025-01-01/2025-07-01")
    code, compared = told(capsys, "hotspots", "change", *files, *periods, "--set", "cell_size_m=1000")
    assert code == cli.DONE and compared["facts"]["days"] == 184 and compared["facts"]["days_before"] == 181
    assert "UNEVEN_SEASONS" in compared["warnings"]


def test_hotspots_work_on_plain_files(capsys, tmp_path):
    out = tmp_path / "cells.geojson"
    code = cli.main(["hotspots", "count_grid", "--points", str(DATA / "incidents.csv"), "--crs", "EPSG:3006", "--area", str(DATA / "areas.geojson"),
                     "--set", "cell_size_m=1000", "--out", str(out), "--json"])
    assert code == cli.DONE, capsys.readouterr().err
    assert gpd.read_file(out)["incidents"].sum() > 100


def test_layers_are_exported_in_the_format_of_the_ending(store, capsys, tmp_path):
    out = tmp_path / "lager.xlsx"
    code, answer = told(capsys, "export", "areas", "incidents", "--store", str(store), "--out", str(out))
    assert code == cli.DONE
    assert out.exists()
    assert answer["rows"]["areas"] == 26


def test_a_backup_is_whole_and_can_be_restored(store, capsys, tmp_path):
    backup, again = tmp_path / "copy.gpkg", tmp_path / "again.gpkg"
    assert cli.main(["backup", str(backup), "--store", str(store)]) == cli.DONE
    assert cli.main(["restore", str(backup), str(again)]) == cli.DONE
    capsys.readouterr()
    code, answer = told(capsys, "check", "--store", str(again))
    assert (code, answer["found"]) == (cli.DONE, [])


@pytest.mark.parametrize("what", cli.LISTS)
def test_everything_that_can_be_listed_is(store, capsys, what):
    code, answer = told(capsys, "list", what, "--store", str(store))
    assert code == cli.DONE
    assert what in answer


@pytest.mark.parametrize(("language", "word"), [("sv", "säkerhetskopiera"), ("en", "back up")])
def test_help_is_written_in_the_language_of_the_person(capsys, language, word):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--language", language, "--help"])
    assert ended.value.code == 0
    assert word in capsys.readouterr().out


def test_a_wrong_call_exits_with_2_and_a_missing_store_with_3(capsys, tmp_path):
    with pytest.raises(SystemExit) as ended:
        cli.main(["no-such-command"])
    assert ended.value.code == cli.WRONG_CALL
    assert cli.main(["check", "--store", str(tmp_path / "nothing.gpkg")]) == cli.FAILED
    assert "nothing.gpkg" in capsys.readouterr().err


def test_another_address_than_loopback_is_refused_in_words(store, capsys, monkeypatch):
    monkeypatch.setenv("GEO_SAFETY_HOST", "0.0.0.0")
    assert cli.main(["serve", "--store", str(store), "--language", "en"]) == cli.FAILED
    assert "127.0.0.1" in capsys.readouterr().err


def test_jobs_are_done_and_listed(store, capsys):
    assert cli.main(["jobs", "work", "--once", "--store", str(store)]) == cli.DONE
    code, answer = told(capsys, "jobs", "list", "--store", str(store))
    assert (code, answer["jobs"]) == (cli.DONE, [])
