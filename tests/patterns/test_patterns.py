"""Each pattern on one small made-up town: what it gives, what it doubts and what it refuses."""
from __future__ import annotations

import json
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_safety.errors import GeoSafetyError, InputError, Refusal
from geo_safety.exports.sheet_words import FACTS
from geo_safety.patterns import PATTERNS

ZONE = "Europe/Stockholm"
AREA = gpd.GeoDataFrame(geometry=[shapely.box(500_000, 6_400_000, 504_000, 6_404_000)], crs=3006)
AREAS = gpd.GeoDataFrame({"kind": "regso", "code": ["W", "E"], "name": ["West", "East"], "population": [1000, 4000]}, geometry=[
    shapely.box(500_000, 6_400_000, 502_000, 6_404_000), shapely.box(502_000, 6_400_000, 504_000, 6_404_000)], crs=3006)
PERIOD = (date(2025, 1, 1), date(2026, 1, 1))
NAMES = list(PATTERNS)


def incidents(n: int = 400, first: str = "2025-01-01", days: float = 364.9, seed: int = 1, **columns) -> gpd.GeoDataFrame:
    """Incidents all over the area, a quarter of them close together, at any time from `first` on."""
    rng = np.random.default_rng(seed)
    x, y = np.concatenate([rng.uniform(100, 3900, (2, n - n // 4)), rng.normal(1300, 60, (2, n // 4))], axis=1)
    times = (pd.Timestamp(first, tz="UTC") + pd.to_timedelta(rng.uniform(0.1, days, n), unit="D")).tz_convert(ZONE)
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(500_000 + x, 6_400_000 + y), crs=3006).assign(
        **{"occurred_from": times, "geom_precision": "exact", "time_precision": "minute"} | columns)


def at(*moments: str, **columns) -> gpd.GeoDataFrame:
    """Incidents at one place at given times of the clock."""
    times = pd.DatetimeIndex([pd.Timestamp(moment, tz=ZONE) for moment in moments])
    return gpd.GeoDataFrame({"occurred_from": times}, geometry=[shapely.Point(501_000, 6_401_000)] * len(times), crs=3006).assign(**columns)


INPUTS = {"points": incidents(), "points_before": incidents(300, "2024-01-01", seed=2), "history": incidents(1600, "2022-01-01", 1460, seed=3),
          "area": AREA, "areas": AREAS, "exposure": None, "period": PERIOD, "answers": pd.DataFrame({
              "question": "unsafe_evening", "survey_year": [2024, 2024, 2025, 2025], "area_code": ["W", "E", "W", "E"], "answers": [90, 80, 100, 25],
              "unsafe": [10, 10, 60, 5]})}


def answer(name: str, **given):
    wishes = {key: value for key, value in given.items() if key not in INPUTS}
    inputs = INPUTS | {key: value for key, value in given.items() if key in INPUTS}
    return PATTERNS[name].compute(**{needed.kind: inputs[needed.kind] for needed in PATTERNS[name].needs}, **wishes)


def codes(features) -> set[str]:
    return {doubt.code for doubt in features.warnings}


# ---- all patterns ------------------------------------------------------------------------------------------------------------------------

@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", NAMES)
def test_a_result_has_the_columns_of_its_layer_in_their_kinds(name):
    told = answer(name)
    assert list(told.frame.columns) == [column.name for column in PATTERNS[name].result.columns]
    assert len(told.frame) and told.facts["n"] > 0
    for column in PATTERNS[name].result.columns:
        values = told.frame[column.name]
        if column.codes:
            assert all(column.code(value) for value in values)
        if column.kind in ("integer", "number"):
            assert values.dtype == ("int64" if column.kind == "integer" else "float64")
            assert not np.isinf(values).any()
    for column in (PATTERNS[name].result.chart.low, PATTERNS[name].result.chart.high):
        assert column is None or told.frame[column].notna().any()


@pytest.mark.parametrize("name", NAMES)
def test_facts_can_be_written_down_and_have_words(name):
    told = answer(name)
    assert json.loads(json.dumps(dict(told.facts), allow_nan=False)) == dict(told.facts)
    assert set(told.facts) <= set(FACTS)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_rows_does_not_matter_and_what_was_given_is_not_changed(name):
    given = {kind: frame.copy() for kind, frame in INPUTS.items() if kind in ("points", "points_before", "history")}
    turned = answer(name, **{kind: frame.iloc[::-1].reset_index(drop=True) for kind, frame in given.items()})
    pd.testing.assert_frame_equal(pd.DataFrame(answer(name).frame), pd.DataFrame(turned.frame), rtol=1e-10)
    for kind, frame in given.items():
        pd.testing.assert_frame_equal(frame, INPUTS[kind])


@pytest.mark.parametrize("name", NAMES)
def test_nothing_at_all_is_refused_in_words_or_counted_as_nothing(name):
    empty = {kind: INPUTS[kind].iloc[:0] for kind in ("points", "points_before", "history")}
    if name == "count_months":
        assert answer(name, **empty).frame["incidents"].sum() == 0
    else:
        with pytest.raises(GeoSafetyError) as said:
            answer(name, **empty)
        assert said.value.text.sv and said.value.text.en


@pytest.mark.parametrize("name", [name for name in NAMES if name != "count_months"])
def test_what_was_seen_where_somebody_looked_is_not_taken_for_crime(name):
    looked = {kind: INPUTS[kind].assign(coverage="effort") for kind in ("points", "points_before", "history")}
    with pytest.raises(Refusal) as refused:
        answer(name, **looked)
    assert refused.value.code == "UNEVEN_EFFORT"


@pytest.mark.parametrize("name", NAMES)
def test_times_are_needed(name):
    without = {kind: INPUTS[kind].drop(columns="occurred_from") for kind in ("points", "points_before", "history")}
    if "concentration" in name:
        assert answer(name, **without).facts["n"] == 400
    else:
        with pytest.raises(InputError, match="occurred_from"):
            answer(name, **without)


# ---- months, season, kinds of day ----------------------------------------------------------------------------------------------------------

def test_months_are_those_of_the_calendar_with_exact_intervals():
    told = answer("count_months", points=at("2025-01-31 23:59", "2025-02-01 00:01", "2025-02-28 12:00"), period=(date(2025, 1, 15), date(2025, 4, 1)))
    assert told.frame["month"].tolist() == ["2025-01", "2025-02", "2025-03"]
    assert told.frame["incidents"].tolist() == [1, 2, 0] and told.frame["days"].tolist() == [17, 28, 31]
    assert told.frame.loc[2, ["low", "high"]].tolist() == pytest.approx([0, 3.6889], abs=1e-4)     # Garwood: 0 and −ln 0.025
    assert {"SMALL_N", "PARTLY_MONTHS"} <= codes(told)


def test_a_month_is_read_against_all_days():
    # 31 in January, 28 in February, one a day: as all days together
    days = pd.date_range("2025-01-01 12:00", "2025-02-28 12:00", tz=ZONE)
    told = answer("season", points=at(*[str(day.tz_localize(None)) for day in days]), period=(date(2025, 1, 1), date(2025, 3, 1)))
    assert told.frame["relative"].iloc[:2].tolist() == pytest.approx([1, 1]) and told.frame["relative"].iloc[2:].isna().all()
    assert told.facts["difference_p"] > 0.9 and "ONE_YEAR" in codes(told)


def test_kinds_of_day_are_those_of_the_swedish_calendar():
    told = answer("day_types", points=at("2025-06-20 23:00", "2025-06-21 02:00", "2025-06-22 02:00", "2025-06-23 12:00"),
                  period=(date(2025, 6, 20), date(2025, 6, 24)))
    rows = told.frame.set_index("day_type")     # Midsummer Eve, Midsummer Day, a Sunday, a Monday
    assert rows["incidents"].to_dict() == {"workday": 1, "weekend": 1, "holiday": 1, "eve": 1} == rows["days"].to_dict()


# ---- hours ---------------------------------------------------------------------------------------------------------------------------------

def test_an_interval_is_shared_out_over_its_hours():
    # Friday 22:00 to Saturday 02:00: a quarter in each of four hours; and a moment on Monday at 8
    ends = pd.DatetimeIndex([pd.Timestamp("2025-03-08 02:00", tz=ZONE), pd.NaT])
    told = answer("hour_of_week", points=at("2025-03-07 22:00", "2025-03-10 08:00", occurred_to=ends), period=(date(2025, 3, 3), date(2025, 3, 17)))
    share = told.frame.set_index(["weekday", "hour"])["incidents"]
    assert share[share > 0].to_dict() == {("mon", 8): 1.0, ("fri", 22): 0.25, ("fri", 23): 0.25, ("sat", 0): 0.25, ("sat", 1): 0.25}
    assert (told.frame["occasions"] == 2).all() and told.facts["known_to_the_hour"] == 1


def test_times_known_to_the_month_only_say_nothing_of_hours():
    with pytest.raises(Refusal) as refused:
        answer("hour_of_week", points=incidents(time_precision="month"))
    assert refused.value.code == "TOO_FEW"


def test_in_december_noon_is_light_and_eight_in_the_evening_dark():
    told = answer("dark_and_light", points=at(*["2025-12-15 12:00"] * 30, *["2025-12-15 20:00"] * 10), period=(date(2025, 12, 1), date(2026, 1, 1)))
    rows = told.frame.set_index("light")
    assert rows["incidents"].to_dict() == pytest.approx({"dark": 10, "light": 30})
    assert 16.5 < rows.loc["dark", "hours"] / 31 < 18 and told.facts["latitude"] == pytest.approx(57.75, abs=0.1)


# ---- areas ---------------------------------------------------------------------------------------------------------------------------------

def test_rates_are_per_resident_and_year_with_exact_intervals():
    west, east = at(*["2025-05-05 12:00"] * 10), at(*["2025-05-05 12:00"] * 10).assign(geometry=[shapely.Point(503_000, 6_401_000)] * 10)
    told = answer("rates", points=pd.concat([west, east], ignore_index=True))
    rows = told.frame.set_index("name")
    assert rows["rate"].to_dict() == pytest.approx({"West": 1000 * 365.25 / 365, "East": 250 * 365.25 / 365})
    ends = rows.loc["West", ["low", "high"]].to_numpy(dtype=float) * 365 / 365.25
    assert ends.tolist() == pytest.approx([479.54, 1839.04], rel=1e-3)      # Garwood for 10: 4.7954 and 18.3904
    assert 400 < rows.loc["West", "smoothed"] < 1000 and 250 < rows.loc["East", "smoothed"] < 500   # both drawn towards the common 400


def test_incidents_count_where_the_map_counts_them():
    told = answer("rates", points=at(*["2025-05-05 12:00"] * 3, counted_in=["E", "E", None]))
    assert told.frame.set_index("name")["incidents"].to_dict() == {"East": 2, "West": 0} and "OUTSIDE_AREAS" in codes(told)


def test_areas_where_hardly_anybody_lives_have_no_rate():
    told = answer("rates", areas=AREAS.assign(population=[50, 4000]))
    assert told.frame.set_index("name")["rate"].isna().to_dict() == {"East": False, "West": True} and "LOW_POP" in codes(told)
    with pytest.raises(InputError, match="100"):
        answer("rates", areas=AREAS.assign(population=[50, 60]))


def test_a_change_has_the_exact_ratio_and_a_corrected_p():
    before = at(*["2024-05-05 12:00"] * 12, counted_in="W")
    after = at(*["2025-05-05 12:00"] * 7, counted_in="W")
    told = answer("change_by_area", points=after, points_before=before, days=365, days_before=365)
    row = told.frame.set_index("name").loc["West"]
    assert [row["ratio"], row["low"], row["high"]] == pytest.approx([7 / 12, 0.1946, 1.6070], abs=2e-4)   # Clopper and Pearson for 7 of 19: 0.1629 to 0.6164
    assert row["p"] == row["p_adjusted"] and not row["stands_out"]
    assert told.frame.set_index("name").loc["East", ["ratio", "p"]].isna().all()


def test_a_trend_that_was_put_in_is_found_and_one_that_was_not_is_not():
    rng = np.random.default_rng(5)
    months = pd.date_range("2021-01-15", periods=60, freq="MS", tz=ZONE) + pd.Timedelta(days=9)
    level = {"W": 6 * 1.25 ** (np.arange(60) / 12), "E": np.full(60, 10.0)}
    parts = [pd.Series(month).repeat(rng.poisson(level[code][i])).to_frame("occurred_from").assign(counted_in=code)
             for code in level for i, month in enumerate(months)]
    table = pd.concat(parts, ignore_index=True)
    points = gpd.GeoDataFrame(table, geometry=[shapely.Point(501_000, 6_401_000)] * len(table), crs=3006)
    told = answer("trend", history=points, period=None).frame.set_index("name")
    assert told["stands_out"].to_dict() == {"West": True, "East": False}
    assert told.loc["West", "low"] < 1.25 < told.loc["West", "high"] and told.loc["East", "low"] < 1 < told.loc["East", "high"]


def test_a_trend_takes_three_years():
    with pytest.raises(Refusal) as refused:
        answer("trend", history=incidents(300, days=700), period=None)
    assert refused.value.code == "TOO_FEW_STEPS" and "36" in refused.value.text.sv


# ---- monitor -------------------------------------------------------------------------------------------------------------------------------

def test_a_week_with_many_more_stands_out_and_the_others_do_not():
    history = pd.concat([incidents(1000, "2023-01-02", 1090, seed=7), incidents(20, "2025-06-02", 6.8, seed=8)], ignore_index=True)
    told = answer("monitor", history=history)
    assert told.frame.loc[told.frame["above"], "start"].tolist() == ["2025-06-02"]
    assert told.facts["watched"] == len(told.frame) and 50 <= len(told.frame) <= 53


def test_watching_takes_a_time_before():
    with pytest.raises(Refusal) as refused:
        answer("monitor", history=incidents(300, days=60))
    assert refused.value.code == "TOO_FEW_STEPS"


# ---- near repeat, concentration, persistence -----------------------------------------------------------------------------------------------

def test_a_planted_wave_of_repeats_stands_out_in_its_band_only():
    rng = np.random.default_rng(11)
    first = incidents(200, seed=12)
    again = first.copy()
    again["geometry"] = gpd.points_from_xy(first.geometry.x + rng.uniform(20, 50, 200), first.geometry.y + rng.uniform(20, 50, 200))
    again["occurred_from"] = first["occurred_from"] + pd.to_timedelta(rng.uniform(1, 6, 200), unit="D")
    told = answer("near_repeat", points=pd.concat([first, again], ignore_index=True)).frame
    assert told.loc[told["stands_out"], ["distance", "days"]].to_numpy().tolist() == [["1–100", "0–7"]]
    assert (told["distance"].drop_duplicates().tolist(), told["days"].drop_duplicates().tolist()) == (
        ["0", "1–100", "100–200", "200–300", "300–400"], ["0–7", "8–14", "15–21", "22–28"])


def test_mere_chance_lies_in_the_band_and_a_heap_outside_it():
    rng = np.random.default_rng(3)
    spread = incidents(400).assign(geometry=gpd.points_from_xy(500_000 + rng.uniform(0, 4000, 400), 6_400_000 + rng.uniform(0, 4000, 400)))
    even, heaped = answer("concentration", points=spread, expected="none").facts, answer("concentration", expected="none").facts
    assert even["gini_generalised_chance_low"] <= even["gini_generalised"] <= even["gini_generalised_chance_high"]
    assert heaped["gini_generalised"] > heaped["gini_generalised_chance_high"] and heaped["gini_generalised_p"] == 0.001


def test_the_curve_runs_from_none_to_all():
    told = answer("concentration", expected="none").frame
    ends = told.iloc[[0, -1]][["places_percent", "incidents_percent"]]
    assert ends.to_numpy().tolist() == [[0, 0], [100, 100]]
    assert told["incidents_percent"].is_monotonic_increasing


def test_hotspots_that_lasted_have_a_high_pai_and_past_must_come_first():
    told = answer("persistence", cell_size_m=250).frame
    assert told["share"].tolist() == ["1 %", "5 %", "10 %"] and told["pai"].iloc[0] > 10    # a quarter lies in one cell of 256
    assert (told["pai_low"] < told["pai"]).all() and (told["pei"] <= 1).all()
    with pytest.raises(InputError, match="before the period"):
        answer("persistence", points=INPUTS["points_before"], points_before=INPUTS["points"])


# ---- felt safety ---------------------------------------------------------------------------------------------------------------------------

def test_shares_have_their_number_and_interval_and_few_answers_are_not_told():
    told = answer("felt_safety")
    rows = told.frame.set_index("name")
    assert rows["answers"].to_dict() == {"West": 100, "East": 25} and told.facts["survey_year"] == "2025"
    assert rows.loc["West", ["unsafe_percent", "low", "high"]].tolist() == pytest.approx([60, 50.20, 69.06], abs=0.01)     # Wilson for 60 of 100
    assert rows.loc["East", ["unsafe_percent", "low", "high"]].isna().all() and rows.loc["East", "felt_side"] == "unknown"
    assert {"WHO_ANSWERED", "FEW_ANSWERS"} <= codes(told)
    assert rows["rate"].notna().all() and (rows["rate_low"] < rows["rate"]).all()


def test_the_survey_is_the_latest_made_by_the_end_of_the_period_and_without_one_there_is_no_answer():
    earlier = answer("felt_safety", points=incidents(first="2024-01-01"), period=(date(2024, 1, 1), date(2025, 1, 1)))
    assert earlier.facts["survey_year"] == "2024"
    for missing in (None, INPUTS["answers"].iloc[:0], INPUTS["answers"].assign(question="avoids")):
        with pytest.raises(Refusal) as refused:
            answer("felt_safety", answers=missing)
        assert refused.value.code == "NO_SURVEY"


# ---- weighed by severity -------------------------------------------------------------------------------------------------------------------

def test_concentration_and_persistence_can_be_weighed_with_the_plain_counts_beside():
    kinds = {kind: INPUTS[kind].assign(offence_type=["assault_public", "vandalism", "disorder", "disorder"] * (len(INPUTS[kind]) // 4))
             for kind in ("points", "points_before")}
    for name in ("concentration", "persistence"):
        plain, weighed = answer(name, **kinds), answer(name, **kinds, weights="severity", person_weight=10)
        assert "WEIGHTED" in codes(weighed) and "WEIGHTED" not in codes(plain) and weighed.facts["n"] == plain.facts["n"] == 400
    curve, weighed = (answer("concentration", **kinds, **how) for how in ({}, {"weights": "severity", "person_weight": 10}))
    # heavy incidents are fewer: chance alone then gathers more of the weight in few cells
    band, band_plain = weighed.frame["chance_high"], curve.frame["chance_high"]
    assert (band >= band_plain - 1e-9).all() and band.iloc[2] > band_plain.iloc[2]
    assert "gini" in weighed.facts and "gini_generalised" not in weighed.facts
    plain, weighed = (answer("persistence", **kinds, **how).frame for how in ({}, {"weights": "severity", "person_weight": 1000}))
    assert (weighed["incidents"] == plain["incidents"]).all() and (weighed["hits"] <= plain["incidents"]).all()
    assert not np.allclose(weighed["pai"], plain["pai"])
    with pytest.raises(InputError, match="offence type"):
        answer("concentration", weights="severity")
