"""Patterns from a selection of the sample: answered, refused, kept and taken along like hotspots."""
from __future__ import annotations

import io
import json
import shutil

import openpyxl
import pandas as pd
import pytest

from geo_safety.errors import InputError
from geo_safety.model.selection import Period, Selection, whole_year
from geo_safety.model.viewer import local_viewer
from geo_safety.patterns import PATTERNS
from geo_safety.services import exporting, hotspots, viewing
from geo_safety.store import Store

VIEWER = local_viewer()
YEAR = Selection(period=whole_year(2025), compare_with=whole_year(2024))

pytestmark = pytest.mark.xdist_group("patterns")


@pytest.fixture(scope="module")
def store(sample_path, tmp_path_factory):
    path = tmp_path_factory.mktemp("patterns") / "sample.gpkg"
    shutil.copy(sample_path, path)
    with Store.open(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def answers(store):
    return {name: hotspots.find(store, name, {}, YEAR, VIEWER) for name in PATTERNS}


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_answers_and_opens_again_to_the_digit(store, answers, name):
    answer = answers[name]
    assert answer.refusal is None and len(answer.shown) and answer.top.empty
    assert answer.shown.provenance.method == name and answer.shown.provenance.selection == YEAR.to_query()
    again = hotspots.reopen(store, hotspots.keep(store, answer, name, VIEWER), VIEWER)
    pd.testing.assert_frame_equal(pd.DataFrame(again.shown.frame), pd.DataFrame(answer.shown.frame))
    assert dict(again.shown.facts) == dict(answer.shown.facts) and again.shown.warnings == answer.shown.warnings


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_leaves_with_its_sheet(answers, name):
    made = {one: exporting.hand_out([answers[name].shown], [one], VIEWER, language="sv")[0] for one in ("xlsx", "geojson")}
    book = openpyxl.load_workbook(io.BytesIO(made["xlsx"].content), read_only=True)
    assert max(sheet.max_row for sheet in book.worksheets) > 1
    told = json.loads(made["geojson"].content)["features"]
    assert len(told) == len(answers[name].shown) and all(row["geometry"] is None for row in told)


def test_areas_have_the_counts_of_the_map(store, answers):
    shown = viewing.show(store, "area_counts", YEAR.with_(compare_with=None), VIEWER, division="regso").frame.set_index("name")
    told = answers["rates"].shown.frame.set_index("name")
    assert told["incidents"].to_dict() == shown["incidents"].to_dict()
    pd.testing.assert_series_equal(told["rate"], shown["rate_per_100k"].reindex(told.index), check_names=False)
    assert answers["change_by_area"].shown.frame.set_index("name")["incidents"].to_dict() == shown["incidents"].to_dict()


def test_what_a_method_will_not_answer_is_counted_by_month(store):
    few = YEAR.with_(types=("homicide",))
    answer = hotspots.find(store, "near_repeat", {}, few, VIEWER)
    assert answer.refusal.code == "TOO_FEW" and answer.shown.layer.name == "count_months" and "COUNTS_ONLY" in {c.code for c in answer.shown.warnings}
    assert len(answer.shown) == 12
    again = hotspots.reopen(store, hotspots.keep(store, answer, "få", VIEWER), VIEWER)
    assert (again.refusal.code, again.refusal.text) == (answer.refusal.code, answer.refusal.text) and again.shown.layer.name == "count_months"


def test_without_a_compared_period_the_methods_that_need_one_say_so(store):
    for name in ("change_by_area", "persistence"):
        assert hotspots.find(store, name, {}, YEAR.with_(compare_with=None), VIEWER).refusal.code == "NO_COMPARISON"


def test_a_division_that_was_not_imported_is_said_in_words(store):
    with pytest.raises(InputError, match="by area"):
        hotspots.find(store, "rates", {"division": "district"}, YEAR, VIEWER)


def test_what_was_planted_in_the_survey_is_told_beside_the_crime(store, answers):
    rows = answers["felt_safety"].shown.frame.set_index("name")
    assert rows.loc["Provsjö", ["felt_side", "crime_side"]].tolist() == ["more", "less"]
    assert rows.loc["Exempelby centrum", ["felt_side", "crime_side"]].tolist() == ["less", "more"]


def test_a_drawn_or_chosen_area_is_all_that_is_counted(store):
    areas = store.read("areas", VIEWER)
    one = areas[areas["kind"] == "regso"].iloc[0]
    told = hotspots.find(store, "rates", {}, YEAR.with_(areas=(one["code"],)), VIEWER).shown.frame
    assert told["name"].tolist() == [one["name"]] and told["smoothed"].isna().all()


def test_the_watched_weeks_are_those_of_the_period_and_all_before_is_the_baseline(store):
    told = hotspots.find(store, "monitor", {}, Selection(period=Period.parse("2024-07-01/2025-01-01")), VIEWER).shown
    assert told.frame["start"].iloc[0] >= "2024-06-24" and told.frame["start"].iloc[-1] < "2025-01-01"
    assert told.facts["baseline_steps"] > 220 and told.facts["season"]


def test_the_planted_places_show_in_the_trend(store):
    """Kvarnparken in Kvarnbacken-Sagoängen is made to vanish over the years: the area around it must fall."""
    told = hotspots.find(store, "trend", {}, Selection(period=whole_year(2025)), VIEWER).shown.frame.set_index("name")
    assert told.loc["Kvarnbacken-Sagoängen", "stands_out"] and told.loc["Kvarnbacken-Sagoängen", "high"] < 1
