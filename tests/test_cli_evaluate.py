"""`geo-safety evaluate` as an analyst and a script meet it, on the sample whose truth is known."""
from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest

from geo_safety import cli
from geo_safety.errors import AccessError, InputError, Refusal
from geo_safety.model.cautions import REFUSALS
from geo_safety.model.selection import Period
from geo_safety.model.viewer import ShareLevel, Viewer, local_viewer
from geo_safety.services import evaluation
from geo_safety.store import Store

LIGHT = "Ny belysning och röjning vid Lykttunneln"
DATA = Path(__file__).resolve().parent.parent / "data"


@pytest.fixture(scope="module")
def known(sample_path, tmp_path_factory):
    """The sample's path, its measures' uids by title, and a folder with a file for each planted place."""
    folder = tmp_path_factory.mktemp("places")
    with Store.open(sample_path) as store:
        measures = store.read("measures", local_viewer(), geometry=False)
        for row in store.info("truth"):
            gpd.GeoDataFrame({"code": [row["code"]]}, geometry=gpd.GeoSeries.from_wkt([row["area"]], crs=row["crs"])).to_crs(4326).to_file(
                folder / f"{row['code']}.geojson", driver="GeoJSON")
    return sample_path, dict(zip(measures["title"], measures["uid"], strict=True)), folder


@pytest.fixture(scope="module")
def store(sample_path):
    with Store.open(sample_path) as opened:
        yield opened


def place(store, code) -> gpd.GeoDataFrame:
    row = next(row for row in store.info("truth") if row["code"] == code)
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries.from_wkt([row["area"]], crs=row["crs"]))


def told(capsys, *arguments) -> tuple[int, dict]:
    code = cli.main(["evaluate", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def light(known, *more) -> tuple:
    path, measures, folder = known
    return ("--store", path, "--measure", measures[LIGHT], "--control", folder / "bangardstunneln.geojson", *more)


def light_in_library(store, **asked):
    measures = store.read("measures", local_viewer(), geometry=False)
    uid = measures.loc[measures["title"] == LIGHT, "uid"].iloc[0]
    return evaluation.evaluate_measure(store, uid, local_viewer(), **asked).evaluation


def test_the_measure_that_worked_is_said_to_have_after_what_could_be_seen(known, capsys):
    code = cli.main(["evaluate", *map(str, light(known, "--as-planned", "yes", "--chosen-for-bad-period", "no", "--language", "sv"))])
    lines = capsys.readouterr().out.splitlines()
    assert code == cli.DONE
    seen, verdict = (next(i for i, line in enumerate(lines) if line.startswith(start)) for start in ("Upplägget hittar", "Slutsats"))
    assert seen < verdict
    assert lines[verdict] == "Slutsats: tydlig minskning jämfört med kontrollområdet."
    assert any("Påhittade uppgifter" in line for line in lines)


def test_the_answer_for_machines_holds_counts_interval_and_codes(known, capsys):
    code, answer = told(capsys, *light(known))
    assert code == cli.DONE and answer["verdict"] == "decrease" and answer["refused"] is None
    assert set(answer["counts"]) == {"treated", "control", "ring", "control_ring"}
    assert answer["ratio"]["low"] < 0.55 < answer["ratio"]["high"] < 1
    assert -0.6 < answer["smallest_detectable"] < -0.4
    assert answer["displacement"] == "cannot_tell"
    assert {"DONE_UNKNOWN", "ASK_BAD_YEAR", "NOT_ALL_CRIME", "MADE_UP"} <= set(answer["warnings"])
    # whole months of the same seasons, up to the end of the data
    assert (answer["before"], answer["after"]) == ("2021-12-01/2023-11-01", "2024-02-01/2026-01-01")


def test_the_measure_that_failed_is_not_praised(known, capsys):
    path, _, folder = known
    _, answer = told(capsys, "--store", path, "--treated", folder / "kometskolan.geojson", "--control", folder / "sagoskolan.geojson", "--types",
                     "vandalism,graffiti,burglary_other,arson", "--before", "2021-06-19/2023-06-19", "--after", "2023-08-15/2025-08-15", "--as-planned", "yes")
    assert answer["verdict"] == "cannot_tell"
    assert any("inte att åtgärden saknade effekt" in line or "no effect" in line for line in answer["words"])


def test_a_measure_that_was_not_carried_out_has_one_verdict(store):
    answer = light_in_library(store, control=place(store, "bangardstunneln"), wishes=evaluation.Wishes(as_planned=False))
    assert (answer.verdict, answer.decided_by) == ("not_as_planned", "process")


def test_without_a_control_nothing_is_concluded(known, capsys):
    path, measures, _ = known
    _, answer = told(capsys, "--store", path, "--measure", measures[LIGHT])
    assert answer["verdict"] == "cannot_tell" and "NO_CONTROL" in answer["warnings"] and answer["without_control"]["p"] < 0.05
    assert answer["ratio"] is None and answer["smallest_detectable"] is None


def test_surroundings_come_from_outlines_or_are_left_out(store):
    control = place(store, "bangardstunneln")
    drawn = light_in_library(store, control=control, ring=place(store, "lykttunneln_ring"), control_ring=place(store, "bangardstunneln_ring"))
    none = light_in_library(store, control=control, wishes=evaluation.Wishes(rings=False))
    narrow = light_in_library(store, control=control, wishes=evaluation.Wishes(width_m=40))
    assert none.displacement is None and "ring" not in none.counts
    assert narrow.counts["ring"][0] < drawn.counts["ring"][0]


def test_points_and_places_may_all_come_from_files(known, capsys):
    folder = known[2]
    code, answer = told(capsys, "--points", DATA / "incidents.csv", "--crs", "EPSG:3006", "--treated", folder / "square.geojson",
                        "--control", folder / "visbacken.geojson", "--before", "2026-01-01/2026-02-15", "--after", "2026-02-15/2026-04-01", "--no-rings")
    assert code == cli.DONE and sum(answer["counts"]["treated"]) > 0
    assert "UNEVEN_SEASONS" in answer["warnings"]


def test_offences_found_by_looking_are_no_outcome_of_presence(store):
    with pytest.raises(Refusal) as refused:
        evaluation.evaluate(store, evaluation.Places(place(store, "square")), local_viewer(), before=Period(date(2023, 1, 1), date(2024, 1, 1)),
                            after=Period(date(2024, 1, 1), date(2025, 1, 1)), types=("drug_offence", "threat"), measure_type="presence")
    assert refused.value.code == "POLICE_INITIATED" and "narkotika" in refused.value.text.sv.lower()


def test_a_refusal_exits_with_1_and_its_code(known, capsys, monkeypatch):
    def refuse(*_, **__):
        raise Refusal("POLICE_INITIATED", REFUSALS["POLICE_INITIATED"].format(types="narkotikabrott"))
    monkeypatch.setattr(evaluation, "evaluate_measure", refuse)
    path, measures, _ = known
    code, answer = told(capsys, "--store", path, "--measure", measures[LIGHT])
    assert (code, answer["refused"]) == (cli.REFUSED, "POLICE_INITIATED") and "narkotikabrott" in answer["words"][0]


@pytest.mark.parametrize(("arguments", "word"), [
    (("--measure", "nothing"), "nothing"), (("--treated", "square.geojson"), "--before"), (("--measure", "station"), "metre"),
    (("--treated", "square.geojson", "--before", "2023/2024", "--after", "2024-01-01/2025-01-01"), "2023/2024"),
    (("--treated", "square.geojson", "--control", "shops.geojson", "--before", "2022-01-01/2023-01-01", "--after", "2023-01-01/2024-01-01"), "further away")])
def test_what_cannot_be_evaluated_is_said_in_words(known, capsys, arguments, word):
    path, measures, folder = known
    given = [str(folder / a) if a.endswith(".geojson") else measures["Låsbara cykelställ vid stationen"] if a == "station" else a for a in arguments]
    periods = ["--before", "2022-01-01/2023-01-01", "--after", "2023-01-01/2024-01-01"] if "station" in arguments else []
    assert cli.main(["evaluate", "--store", str(path), "--language", "en", *given, *periods]) == cli.FAILED
    assert word in capsys.readouterr().err


def test_a_measure_needs_either_its_uid_or_a_file(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["evaluate"])
    assert ended.value.code == cli.WRONG_CALL


def test_partners_and_the_public_get_no_evaluation(store):
    with pytest.raises(AccessError):
        evaluation.evaluate_measure(store, "x", Viewer("p", share_level=ShareLevel.PARTNER), before=Period(date(2023, 1, 1), date(2024, 1, 1)),
                                    after=Period(date(2024, 1, 1), date(2025, 1, 1)))


def test_a_period_without_data_is_not_taken_for_a_calm_one(store):
    with pytest.raises(InputError, match="beyond the data"):
        light_in_library(store, before=Period(date(2023, 1, 1), date(2024, 1, 1)), after=Period(date(2025, 2, 1), date(2026, 2, 1)))


# --- periods -------------------------------------------------------------------------------------------------------------------

def test_periods_are_whole_months_of_the_same_seasons_around_the_work():
    before, after = evaluation.periods_of(date(2023, 6, 19), date(2023, 8, 15), Period(date(2020, 1, 1), date(2025, 12, 31)))
    assert before.end == date(2023, 6, 1) and after.start == date(2023, 9, 1)
    assert before.start.day == after.end.day == 1 and abs(before.days - after.days) <= 3


def test_a_measure_that_is_not_done_or_too_new_has_no_periods():
    with pytest.raises(InputError):
        evaluation.periods_of(date(2025, 6, 1), None, Period(date(2020, 1, 1), date(2026, 1, 1)))
    with pytest.raises(InputError, match="2 whole months"):
        evaluation.periods_of(date(2025, 6, 1), date(2025, 9, 15), Period(date(2020, 1, 1), date(2025, 12, 20)))


# ---- weighed by severity ---------------------------------------------------------------------------------------------------------------

def test_a_measure_can_be_evaluated_by_weight_with_the_plain_counts_first(known, capsys):
    _, plain = told(capsys, *light(known))
    code, answer = told(capsys, *light(known, "--weights", "3,2,1", "--language", "sv"))
    assert code == cli.DONE and answer["decided_by"] == "weighted" and answer["counts"] == plain["counts"] and plain["weighted"] is None
    pairs = [pair for name, counts in answer["counts"].items() for pair in zip(counts, answer["weighted"][name], strict=True)]
    assert all(count <= weight <= 3 * count for count, weight in pairs)
    assert {"WEIGHTED", "WEIGHTED_RATIO"} <= set(answer["warnings"]) and answer["verdict"] == "decrease"
    before, after = answer["counts"]["treated"]
    assert any(f"området {before} → {after} (vägt " in line for line in answer["words"]) and any("i vägd summa" in line for line in answer["words"])


def test_weights_without_a_control_or_that_are_no_weights_are_refused_in_words(known, capsys):
    path, measures, _ = known
    code, answer = told(capsys, "--store", path, "--measure", measures[LIGHT], "--weights", "3,2,1")
    assert code == cli.REFUSED and answer["refused"] == "WEIGHTED_COUNT"
    for weights, said in (("3,2", "three numbers"), ("3,2,0", "above 0"), ("a,b,c", "three numbers")):
        code, answer = told(capsys, *light(known, "--weights", weights, "--language", "en"))
        assert code == cli.FAILED and said in answer["error"]


def test_types_that_say_little_about_the_place_are_said(store):
    whole = {"before": Period(date(2023, 1, 1), date(2024, 1, 1)), "after": Period(date(2024, 1, 1), date(2025, 1, 1))}
    places = evaluation.Places(place(store, "lykttunneln"), place(store, "bangardstunneln"))
    wide = evaluation.evaluate(store, places, local_viewer(), types=("vandalism", "drug_offence"), **whole)
    assert "WIDE_SELECTION" in [doubt.code for doubt in wide.evaluation.warnings]
    usual = evaluation.evaluate(store, places, local_viewer(), types=("vandalism",), **whole)
    assert "WIDE_SELECTION" not in [doubt.code for doubt in usual.evaluation.warnings]
