"""What the map says of a tiny municipality whose numbers can be counted by hand: four areas of 10 × 10 km, twelve incidents."""
from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_safety.layers import LAYERS
from geo_safety.model.selection import Period, Selection, whole_year
from geo_safety.model.viewer import ShareLevel, local_viewer
from geo_safety.services import viewing
from geo_safety.store import Store

X, Y, SIDE = 400_000, 6_400_000, 10_000
VIEWER = local_viewer()
YEAR = Selection(period=whole_year(2025))


def incident(key, x, y, when, *, offence="vandalism", precision="exact", area=None, known="minute", until=None):
    return {"source_code": "test", "source_key": key, "offence_type": offence, "occurred_from": pd.Timestamp(when, tz="Europe/Stockholm"),
            "occurred_to": pd.Timestamp(until, tz="Europe/Stockholm") if until else pd.NaT, "time_precision": known, "geom_precision": precision,
            "area_code": area, "geometry": shapely.Point(x, y) if x else None}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store.create(tmp_path_factory.mktemp("viewing") / "tiny.gpkg", municipality_name="Tomby") as tiny:
        squares = [shapely.MultiPolygon([shapely.box(X + i * SIDE, Y + j * SIDE, X + (i + 1) * SIDE, Y + (j + 1) * SIDE)]) for j in range(2) for i in range(2)]
        areas = gpd.GeoDataFrame({"kind": "regso", "code": ["A", "B", "C", "D"], "name": ["Ala", "Byn", "Centrum", "Dalen"], "vintage": "2025",
                                  "population": [1000, 2000, 90, None]}, geometry=squares, crs=3006)
        finer = gpd.GeoDataFrame({"kind": ["deso"], "code": ["A1"], "name": ["Ala ett"], "vintage": ["2025"], "parent_code": ["A"], "population": [400]},
                                 geometry=[shapely.MultiPolygon([shapely.box(X, Y, X + SIDE / 2, Y + SIDE)])], crs=3006)
        rows = [
            incident("1", X + 1000, Y + 1000, "2025-01-01 00:00"),                      # first moment of the year: in
            incident("2", X + 2000, Y + 1000, "2025-12-31 23:59"),                      # last minute: in
            incident("3", X + 2000, Y + 1000, "2026-01-01 00:00"),                      # the year after: out
            incident("4", X + SIDE, Y + 5000, "2025-06-02 14:30"),                      # on the border of A and B: counts once
            incident("5", X + 15000, Y + 2000, "2025-06-02 14:45", offence="drug_offence"),      # found by the police: not by default
            incident("6", X + 15000, Y + 2000, "2025-06-03 02:10", offence="assault_public"),
            incident("7", None, None, "2025-07-01 12:00", precision="area", area="B"),  # known only to the area
            incident("8", None, None, "2025-07-01 12:00", precision="none"),            # no place
            incident("9", None, None, "2025-07-01 12:00", precision="area", area="A1"), # known to a finer area of A
            incident("10", X + 3000, Y + 3000, "2024-05-01 08:00"),                     # the year before, in A
            incident("11", X + 3000, Y + 3000, "2025-05-01 08:00", offence="domestic_violence"),
            incident("12", X + 3000, Y + 3000, "2025-03-01 00:00", known="month"),
        ]
        frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=3006)
        batch = {"source_code": "test", "file_name": "t", "file_sha256": "0"}
        tiny.bring_in("areas", pd.concat([areas, finer], ignore_index=True), VIEWER, batch=batch)
        tiny.bring_in("incidents", frame, VIEWER, batch=batch)
        yield tiny


def test_areas_count_what_lies_in_them_and_what_is_known_only_to_them(store):
    shown = viewing.show(store, "area_counts", YEAR, VIEWER, division="regso")
    counts = dict(zip(shown.frame["code"], shown.frame["incidents"], strict=True))
    # A: 1, 2, 4 (border, first area), 9 (through its part A1), 12; B: 6, 7
    assert counts == {"A": 5, "B": 2, "C": 0, "D": 0}
    assert dict(zip(shown.frame["code"], shown.frame["incidents_coarse"], strict=True)) == {"A": 1, "B": 1, "C": 0, "D": 0}
    assert shown.facts["left_out"] == 1  # number 8 has no place at all


def test_a_rate_is_per_year_with_its_exact_interval_and_missing_where_few_live(store):
    frame = viewing.show(store, "area_counts", YEAR, VIEWER, division="regso").frame.set_index("code")
    years = 365 / 365.25
    assert frame.loc["A", "rate_per_100k"] == pytest.approx(5 / 1000 * 100_000 / years)
    # Garwood for 5 events: 1.6235 to 11.6683 (published tables)
    assert frame.loc["A", "rate_low"] == pytest.approx(162.35 / years, rel=1e-4)
    assert frame.loc["A", "rate_high"] == pytest.approx(1166.83 / years, rel=1e-4)
    assert np.isnan(frame.loc["C", "rate_per_100k"])
    assert np.isnan(frame.loc["D", "rate_per_100k"])


def test_few_residents_and_few_incidents_are_said(store):
    codes = {c.code for c in viewing.show(store, "area_counts", YEAR, VIEWER, division="regso").warnings}
    assert {"LOW_POP", "SMALL_N", "NOT_ALL_CRIME"} <= codes


def test_a_comparison_gives_the_ratio_with_its_interval(store):
    compared = YEAR.with_(compare_with=whole_year(2024))
    frame = viewing.show(store, "area_counts", compared, VIEWER, division="regso").frame.set_index("code")
    assert frame.loc["A", "incidents_before"] == 1
    assert frame.loc["A", "ratio"] == pytest.approx(5 / 1 * 366 / 365)
    assert frame.loc["A", "ratio_low"] < 1 < frame.loc["A", "ratio_high"]


def test_types_that_say_little_about_the_place_are_a_choice_and_are_warned_of(store):
    assert "drug_offence" not in set(viewing.incidents(store, YEAR, VIEWER)["offence_type"])
    chosen = YEAR.with_(types=("drug_offence",))
    shown = viewing.show(store, "incidents", chosen, VIEWER)
    assert len(shown) == 1
    assert "WIDE_SELECTION" in {c.code for c in shown.warnings}


def test_homes_and_areas_are_never_pins(store):
    everything = viewing.show(store, "incidents", YEAR.with_(types=("vandalism", "domestic_violence")), VIEWER)
    assert "domestic_violence" in set(everything.frame["offence_type"])
    pins = viewing.pins(everything)
    assert set(pins["offence_type"]) == {"vandalism"}
    assert set(pins["geom_precision"]) == {"exact"}


def test_what_the_map_leaves_out_is_counted(store):
    assert viewing.left_out(store, YEAR, VIEWER) == {"area_only": 2, "without_place": 1, "other_types": 2}


def test_an_area_and_a_drawn_polygon_choose_by_place(store):
    assert len(viewing.incidents(store, YEAR.with_(areas=("B",)), VIEWER)) == 2  # 6 inside, 7 by its code; 4 on the border counts in A
    assert len(viewing.incidents(store, YEAR.with_(areas=("A", "B")), VIEWER)) == 7
    corners = gpd.GeoSeries([shapely.box(X + 14_000, Y + 1_000, X + 16_000, Y + 3_000)], crs=3006).to_crs(4326).iloc[0].exterior.coords[:-1]
    drawn = YEAR.with_(drawn=tuple((round(x, 5), round(y, 5)) for x, y in corners))
    assert list(viewing.incidents(store, drawn, VIEWER)["source_key"]) == ["6"]
    frame = viewing.show(store, "area_counts", drawn, VIEWER, division="regso").frame
    assert list(frame["code"]) == ["B"]
    assert frame["rate_per_100k"].isna().all()  # of an area cut by a line the residents are not known


def test_hours_count_only_times_known_to_the_hour(store):
    hours, known = viewing.hours_by_weekday(viewing.incidents(store, YEAR, VIEWER))
    assert known == hours.sum() == 7  # 12 is known to the month only
    assert hours[0, 14] == 1  # Monday 2 June 2025 14:30; 14:45 is of a type not chosen
    assert hours[1, 2] == 1


def test_months_without_incidents_are_zero(store):
    months = viewing.months(store, YEAR, VIEWER)
    assert len(months) == 21  # May 2024 to January 2026
    assert months["incidents"].sum() == 10
    assert (months["incidents"] == 0).sum() > 10


def test_the_card_of_an_area_equals_the_map(store):
    card = viewing.card(store, YEAR.with_(compare_with=whole_year(2024)), VIEWER, area="B", name="Byn")
    assert (card.incidents, card.coarse, card.before) == (2, 1, 0)
    assert card.population == 2000


def test_the_default_period_is_the_last_whole_months_with_data(store):
    assert viewing.data_span(store, VIEWER) == Period(date(2024, 5, 1), date(2026, 1, 2))
    assert viewing.default_selection(store, VIEWER).period == Period(date(2025, 2, 1), date(2026, 2, 1))


def test_a_place_is_found_by_a_part_of_its_name(store):
    assert list(viewing.search_places(store, "cent", VIEWER)["name"]) == ["Centrum"]
    assert len(viewing.search_places(store, "x", VIEWER)) == 0


def test_an_answer_is_asked_for_again_when_the_store_has_changed(store):
    before = viewing.provenance(store, YEAR, VIEWER).revision
    store.save("places", {"code": "p1", "name": "Nytorget", "geometry": shapely.Point(X, Y)}, VIEWER)
    assert viewing.provenance(store, YEAR, VIEWER).revision > before
    assert list(viewing.search_places(store, "nytorg", VIEWER)["name"]) == ["Nytorget"]


def test_nothing_leaves_below_the_internal_level(store):
    from dataclasses import replace

    from geo_safety.errors import AccessError
    for level in (ShareLevel.PARTNER, ShareLevel.PUBLIC):
        with pytest.raises(AccessError, match="exact places"):
            viewing.show(store, "incidents", YEAR, replace(VIEWER, share_level=level))


def test_every_layer_can_be_shown(store):
    for name in LAYERS:
        assert len(viewing.show(store, name, YEAR, VIEWER).layer.columns)
