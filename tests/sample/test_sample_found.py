"""What was planted in the sample is found by the tests of place and time, and what was not is not."""
from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import shapely

from geo_safety.analysis.near_repeat import near_repeat
from geo_safety.analysis.streets import hot_streets
from geo_safety.hotspots import METHODS
from geo_safety.sample import truth

PLANTED = {planted.code: planted for planted in (*truth.TRUTH, truth.PILE)}


def incidents(made, offence_type: str, start: date = truth.FIRST_DAY, end: date = truth.END) -> gpd.GeoDataFrame:
    rows = made["incidents"]
    first, last = (pd.Timestamp(day, tz="Europe/Stockholm") for day in (start, end))
    chosen = rows[(rows["offence_type"] == offence_type) & (rows["occurred_from"] >= first) & (rows["occurred_from"] < last) & rows.geometry.notna()]
    return gpd.GeoDataFrame(chosen, crs=rows.crs)


def test_the_wave_of_burglaries_is_a_near_repeat_and_the_years_before_are_none(made):
    # a year that holds the wave: each burglary of it is followed by more within 200 m and 14 days
    wave = near_repeat(incidents(made, "burglary_dwelling", date(2024, 10, 1), date(2025, 10, 1)), seed=1).set_index(["distance_from_m", "days_from"])
    assert (wave.loc[[(0, 0), (1, 0), (100, 0), (100, 8)], "p_adjusted"] < 0.05).all()
    assert wave.loc[(100, 0), "ratio"] > 2 and wave.loc[(300, 22), "p_adjusted"] > 0.5
    before = near_repeat(incidents(made, "burglary_dwelling", date(2020, 1, 1), date(2024, 1, 1)), seed=1)
    assert (before["p_adjusted"].dropna() > 0.05).all()


def test_the_street_by_the_bicycle_stands_is_hot(made):
    told = hot_streets(incidents(made, "bicycle_theft"), made["streets"])
    station = truth.area(PLANTED["station"])
    most = told.sort_values("incidents", ascending=False).iloc[0]
    assert most.geometry.distance(station) < 50 and most["cluster"] == "hot_99" and most["per_100m_low"] > 20
    # length alone explains little: a street of flats may come out too, but most of what happens on hot streets happens here
    hot = told[told["cluster"] != "none"]
    assert hot.loc[hot.distance(station) < 50, "incidents"].sum() > 0.6 * hot["incidents"].sum()


def test_disorder_gathers_in_circles_around_the_planted_places_only(made):
    method, area = METHODS["scan"], made["areas"]
    outline = gpd.GeoDataFrame(geometry=[shapely.union_all(area.geometry.to_numpy())], crs=area.crs)
    told = method.compute(incidents(made, "disorder", date(2020, 1, 1), date(2023, 1, 1)), outline, made["exposure"], most_radius_m=500)
    assert told.facts["expected"] == "residents" and told.facts["clusters"] >= 2
    hot = told.frame[told.frame["cluster"].isin(["hot_99", "hot_95"])]
    planted = {code: truth.area(PLANTED[code]) for code in ("square", "kvarnparken", "pile")}
    found = {code: hot.distance(place).min() == 0 for code, place in planted.items()}
    assert found["square"] and found["kvarnparken"]
    # where people merely live is no cluster: every circle lies at a planted place
    circles = hot.dissolve("cluster_number")
    assert (circles.distance(shapely.union_all(list(planted.values()))) < 250).all()
