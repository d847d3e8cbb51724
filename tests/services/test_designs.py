"""The design of an evaluation on the sample: likely controls, the places and their courses, and what is said of both measures."""
from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo_safety.analysis.surroundings import count_months
from geo_safety.errors import InputError, StoreError
from geo_safety.model.selection import Period
from geo_safety.model.viewer import local_viewer
from geo_safety.services import designs, evaluation, viewing
from geo_safety.services.designs import Plan
from geo_safety.services.evaluation import Places, Wishes
from geo_safety.store import Store

VIEWER = local_viewer()
pytestmark = pytest.mark.xdist_group("designs")


@pytest.fixture(scope="module")
def known(sample_path):
    with Store.open(sample_path) as store:
        measures = store.read("measures", VIEWER).set_index("title")
        yield SimpleNamespace(store=store, light=measures.loc["Ny belysning och röjning vid Lykttunneln", "uid"],
                              fence=measures.loc["Staket runt Kometskolan", "uid"], stands=measures.loc["Låsbara cykelställ vid stationen", "uid"])


def plan(known, measure: str, control: str) -> Plan:
    treated, record = designs.outline(known.store, VIEWER, measure=measure, buffer_m=0)
    before, after = evaluation.periods_of(record["started_on"], record["done_on"], viewing.data_span(known.store, VIEWER))
    found = designs.controls(known.store, VIEWER, treated, before, None).set_index("name")
    placed = designs.control_outline(known.store, VIEWER, treated, f"place:{found.loc[control, 'code']}")
    return Plan(record["title"], record["measure_type"], Places(treated, placed), before, after, None, True, "auto")


def test_months_are_counted_place_by_place():
    areas = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], crs=3006, index=["west", "east"])
    times = pd.DatetimeIndex(["2025-01-31 23:00", "2025-02-01", "2025-02-10", "2025-03-05", "2025-04-01"], tz="Europe/Stockholm")
    points = gpd.GeoDataFrame({"occurred_from": times}, geometry=gpd.points_from_xy([5, 10, 15, 5, 5], [5] * 5), crs=3006)
    told = count_months(points, areas, first="2025-01-15", end="2025-04-01")
    assert told.index.astype(str).tolist() == ["2025-02", "2025-03"]       # January is not whole
    assert told["west"].tolist() == [1, 1] and told["east"].tolist() == [1, 0]     # a point on the border counts in the first


def test_the_place_most_like_the_treated_one_before_comes_first(known):
    treated, _ = designs.outline(known.store, VIEWER, measure=known.light, buffer_m=0)
    found = designs.controls(known.store, VIEWER, treated, Period(date(2021, 12, 1), date(2023, 11, 1)), None)
    assert found["name"].iloc[0] == "Bangårdstunneln" and "Lykttunneln" not in set(found["name"])
    spots = known.store.read("places", VIEWER).set_index("code").geometry
    assert (spots[found["code"]].distance(treated.geometry.iloc[0].centroid) > 500).all()


def test_the_control_is_the_same_outline_elsewhere(known):
    made = plan(known, known.light, "Bangårdstunneln")
    here, there = made.places.treated.geometry.iloc[0], made.places.control.geometry.iloc[0]
    assert there.area == pytest.approx(here.area) and there.distance(here) > 500


def test_the_measure_that_worked_is_found_and_its_course_before_was_alike(known):
    made = plan(known, known.light, "Bangårdstunneln")
    answer = designs.evaluated(known.store, made, VIEWER, Wishes(as_planned=True, chosen_for_bad_period=False))
    assert answer.evaluation.verdict == "decrease"
    course = designs.course(known.store, made, answer, VIEWER)
    before = course.layers["pre_trend"].frame.query("not after")
    assert course.p_parallel > 0.1 and ((before["low"] < 1) & (before["high"] > 1)).mean() > 0.7
    assert course.jump.level[2] < 1
    months = course.layers["course"].frame.set_index("month")
    # on the scale of the treated place the control had as many in the period before
    window = months.loc["2021-12":"2023-10"]
    assert window["control_scaled"].sum() == pytest.approx(window["incidents"].sum())


def test_the_measure_without_effect_is_not_praised(known):
    made = plan(known, known.fence, "Sagoskolan")
    answer = designs.evaluated(known.store, made, VIEWER, Wishes(as_planned=True, chosen_for_bad_period=False))
    assert answer.evaluation.verdict == "cannot_tell" and answer.evaluation.smallest is None


def test_the_layers_hold_the_counts_of_the_answer(known):
    made = plan(known, known.light, "Bangårdstunneln")
    answer = designs.evaluated(known.store, made, VIEWER, Wishes())
    places, counts = designs.places_layer(known.store, made, answer, VIEWER).frame, designs.counts_layer(known.store, answer, VIEWER).frame
    assert places["role"].tolist() == ["treated", "control", "ring", "control_ring"] == counts["role"].tolist()
    assert dict(zip(counts["role"], zip(counts["incidents_before"], counts["incidents"], strict=True), strict=True)) == answer.evaluation.counts
    assert not places.geometry.iloc[0].intersects(places.geometry.iloc[1]) and places.geometry.iloc[0].intersection(places.geometry.iloc[2]).area < 1e-6
    effect = designs.effect_layer(known.store, answer, VIEWER).frame
    assert effect["role"].tolist() == ["effect", "displaced"] and effect["ratio"].iloc[0] == answer.evaluation.ratio.ratio


def test_without_a_control_there_is_no_effect_and_no_course_before(known):
    made = plan(known, known.light, "Bangårdstunneln")
    alone = Plan(made.title, made.measure_type, Places(made.places.treated), made.before, made.after, None, False, "auto")
    answer = designs.evaluated(known.store, alone, VIEWER, Wishes())
    assert answer.evaluation.verdict == "cannot_tell" and designs.effect_layer(known.store, answer, VIEWER) is None
    course = designs.course(known.store, alone, answer, VIEWER)
    assert set(course.layers) == {"course"} and course.p_parallel is None
    assert designs.places_layer(known.store, alone, answer, VIEWER).frame["role"].tolist() == ["treated"]


def test_a_measure_that_is_a_point_acts_some_way_around_it(known):
    around, _ = designs.outline(known.store, VIEWER, measure=known.stands, buffer_m=50)
    assert around.geometry.iloc[0].area == pytest.approx(3.14159 * 50**2, rel=0.01)


def test_what_is_not_there_is_said_in_words(known):
    treated, _ = designs.outline(known.store, VIEWER, measure=known.light, buffer_m=0)
    with pytest.raises(StoreError, match="measure is not here"):
        designs.outline(known.store, VIEWER, measure="nothing", buffer_m=0)
    with pytest.raises(InputError, match="Draw the area"):
        designs.outline(known.store, VIEWER, measure="drawn", buffer_m=0)
    with pytest.raises(InputError, match="no longer here"):
        designs.control_outline(known.store, VIEWER, treated, "place:nothing")
    assert designs.control_outline(known.store, VIEWER, treated, "none") is None
