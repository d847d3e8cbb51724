"""Each method on one small made-up town: what it gives, what it doubts and what it refuses."""
from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_safety.errors import InputError, Refusal
from geo_safety.hotspots import METHODS
from geo_safety.maps.classes import classify

AREA = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 5000, 4000)], crs=3006)
NAMES = list(METHODS)
GRID = [name for name, method in METHODS.items() if method.result.has("inside_share")]   # the others tell of streets or areas
MANY = 600     # what a pattern over a year takes


def town(n: int = 200, seed: int = 1, first: str = "2025-01-01", **columns) -> gpd.GeoDataFrame:
    """Incidents over the west of the area, a quarter of them around (1300, 1300)."""
    rng = np.random.default_rng(seed)
    x, y = np.concatenate([rng.uniform(100, 2900, (2, n - n // 4)), rng.normal(1300, 60, (2, n // 4))], axis=1)
    times = pd.Timestamp(first, tz="Europe/Stockholm") + pd.to_timedelta(rng.uniform(0, 364.9, n), unit="D")
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=3006).assign(**{"occurred_from": times, "geom_precision": "exact"} | columns)


def people() -> gpd.GeoDataFrame:
    """250 m cells with people in the west only, forest in the east."""
    west = np.arange(0, 3000, 250)
    x, y = (corner.ravel() for corner in np.meshgrid(west, west))
    cells = gpd.GeoDataFrame(geometry=shapely.box(x, y, x + 250, y + 250), crs=3006)
    return cells.assign(residents=40, addresses=15, street_m=300.0)


def streets(apart: float = 100) -> gpd.GeoDataFrame:
    """East-west streets all over the area, in pieces of 250 m; no point is further than half their distance from one."""
    x, y = (corner.ravel() for corner in np.meshgrid(np.arange(0, 5000, 250), np.arange(0, 4001, apart)))
    lines = shapely.linestrings(np.stack([np.column_stack([x, y]), np.column_stack([x + 250, y])], axis=1))
    return gpd.GeoDataFrame({"name": [f"Gata {row:.0f}" for row in y / apart], "role": "local"}, geometry=lines, crs=3006)


def quarters() -> gpd.GeoDataFrame:
    """Twenty areas of a square kilometre, as many residents in each."""
    x, y = (corner.ravel() for corner in np.meshgrid(np.arange(0, 5000, 1000), np.arange(0, 4000, 1000)))
    return gpd.GeoDataFrame({"kind": "deso", "code": [f"D{i}" for i in range(20)], "name": [f"Kvarter {i}" for i in range(20)], "population": 500},
                            geometry=shapely.box(x, y, x + 1000, y + 1000), crs=3006)


def answer(name: str, points=None, before=None, exposure=None, **wishes):
    inputs = {"points": town_for(name) if points is None else points,
              "points_before": town(seed=2, first="2024-01-01") if before is None else before, "area": AREA,
              "exposure": exposure, "period": None, "lines": streets(), "key": b"a secret of sixteen bytes or more", "areas": quarters()}
    return METHODS[name].compute(**{needed.kind: inputs[needed.kind] for needed in METHODS[name].needs}, **wishes)


def town_for(name: str) -> gpd.GeoDataFrame:
    return town(MANY if name == "classify_periods" else 200)


def codes(features) -> set[str]:
    return {c.code for c in features.warnings}


# ---- all methods -----------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("exposure", [None, people()], ids=["nothing known of people", "people known"])
def test_a_result_has_the_columns_of_its_layer_and_counts_every_incident(name, exposure):
    points = town_for(name)
    told = answer(name, points, exposure=exposure)
    assert list(told.frame.columns) == [column.name for column in METHODS[name].result.columns] + ["geometry"]
    assert len(points) == told.facts["n"]
    if METHODS[name].result.has("incidents"):
        assert told.frame["incidents"].sum() == len(points)
    assert told.frame["cell"].is_unique and told.frame["cell"].is_monotonic_increasing
    assert told.frame.crs.to_epsg() == 3006
    if name in GRID:
        assert told.frame["inside_share"].between(0, 1).all()


@pytest.mark.parametrize("name", ["getis_ord", "local_moran", "classify_periods", "shared_clusters"])
def test_incidents_where_nobody_lives_within_reach_are_not_said_to_be_usual(name):
    known = people()
    shops = known[known.intersects(shapely.box(1100, 1100, 1900, 1900))].index     # streets and no residents, around the many incidents
    known.loc[shops, ["residents", "addresses"]] = 0
    told = answer(name, exposure=known, expected="residents", cell_size_m=250)
    column = "pattern" if name == "classify_periods" else "class" if name == "shared_clusters" else "cluster"
    middle = told.frame[told.frame.contains(shapely.Point(1370, 1370))]
    assert middle[column].tolist() == ["left_out"]
    assert ("NOTHING_EXPECTED" in codes(told)) == (name != "shared_clusters")   # a class to be shared says nothing of counts
    assert "NOTHING_EXPECTED" not in codes(answer(name, exposure=people(), expected="residents"))


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if any(wish.name == "expected" for wish in method.parameters)])
def test_compared_with_nothing_a_result_says_that_it_shows_where_people_are(name):
    assert "NOT_RISK_ADJUSTED" in codes(answer(name, exposure=people(), expected="none"))
    assert "NOT_RISK_ADJUSTED" not in codes(answer(name, exposure=people(), expected="residents"))


@pytest.mark.parametrize("name", NAMES)
def test_facts_can_be_written_down_and_codes_are_words_with_titles(name):
    told = answer(name, exposure=people())
    assert json.loads(json.dumps(dict(told.facts), allow_nan=False)) == dict(told.facts)
    if name in GRID:
        assert {"n", "cells", "tested", "cell_size_m", "kind", "left_out_share_area", "left_out_incidents"} <= told.facts.keys()
    for column in METHODS[name].result.columns:
        if column.kind == "code":
            assert all(column.code(value) for value in told.frame[column.name])
        elif column.kind in ("integer", "number"):
            assert told.frame[column.name].dtype == ("int64" if column.kind == "integer" else "float64")
            assert not np.isinf(told.frame[column.name]).any()


@pytest.mark.parametrize("name", NAMES)
def test_the_map_finds_a_class_for_every_tested_cell(name):
    layer, told = METHODS[name].result, answer(name, exposure=people())
    column = layer.column(layer.style.colour_by)
    for language in ("sv", "en"):
        assert classify(told.frame.loc[told.frame[column.name] != "left_out", column.name], layer.style, language=language, column=column).missing == 0


@pytest.mark.parametrize("name", GRID)
def test_empty_forest_is_left_out_and_the_share_said(name):
    told = answer(name, exposure=people())
    assert told.frame.geometry.bounds["maxx"].max() <= 3600  # a density reaches a little beyond the last houses
    left_out = next(c for c in told.warnings if c.code == "LEFT_OUT_CELLS")
    assert left_out.text.sv.startswith("Rutor utan invånare, adress eller gata är inte med: 55\u00a0% av ytan och 0 av händelserna")
    assert told.facts["left_out_share_area"] == pytest.approx(1 - 3000**2 / (5000 * 4000))
    assert "NO_EXPOSURE" in codes(answer(name)) and "LEFT_OUT_CELLS" not in codes(answer(name))


def test_an_incident_in_the_forest_is_counted_and_shown_though_it_takes_no_part_in_the_test():
    lost = gpd.GeoDataFrame({"geom_precision": ["exact"]}, geometry=[shapely.Point(4600, 3600)], crs=3006)
    told = answer("getis_ord", pd.concat([town(), lost]), exposure=people())
    assert told.frame.loc[told.frame["cluster"] == "left_out", "incidents"].tolist() == [1]
    assert told.facts["left_out_incidents"] == 1


@pytest.mark.parametrize("name", GRID)
def test_hexagons_will_do_as_well(name):
    told = answer(name, exposure=people(), kind="hexagon", cell_size_m=300)
    assert shapely.get_num_coordinates(told.frame.geometry.to_numpy()).tolist() == [7] * len(told.frame)
    assert told.frame["incidents"].sum() == len(town_for(name))


@pytest.mark.parametrize("name", NAMES)
def test_inputs_are_not_changed_and_the_same_question_has_the_same_answer(name):
    points, before, exposure = town_for(name), town(seed=2, first="2024-01-01"), people()
    kept = points.copy(deep=True), before.copy(deep=True), exposure.copy(deep=True)
    once, again = (answer(name, points, before, exposure) for _ in range(2))
    assert once.frame.equals(again.frame) and dict(once.facts) == dict(again.facts)
    assert all(a.equals(b) for a, b in zip((points, before, exposure), kept, strict=True))


# ---- guards --------------------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["kernel_density", "getis_ord"])
def test_below_thirty_incidents_the_method_refuses_with_the_number(name):
    with pytest.raises(Refusal) as refused:
        answer(name, town(29))
    assert refused.value.code == "TOO_FEW"
    assert refused.value.text.sv.startswith("29 händelser i urvalet. ") and "kräver minst 30" in refused.value.text.sv
    assert answer(name, town(30)).facts["n"] == 30


def test_a_count_is_given_however_few_there_are_and_says_that_they_are_few():
    told = answer("count_grid", town(4))
    assert told.facts["n"] == 4 and {"SMALL_N", "SPARSE_GRID", "NOT_RISK_ADJUSTED"} <= codes(told)
    assert answer("count_grid", town().iloc[:0]).facts["n"] == 0


@pytest.mark.parametrize("name", [name for name in NAMES if name != "count_grid"])
def test_where_somebody_looked_is_no_register(name):
    assert METHODS[name].coverage == ("register",)
    with pytest.raises(Refusal) as refused:
        answer(name, town_for(name).assign(coverage="effort"))
    assert refused.value.code == "UNEVEN_EFFORT" and METHODS[name].title.sv in refused.value.text.sv


def test_a_few_such_records_among_others_are_left_out_and_counted():
    told = answer("getis_ord", town(coverage=["effort"] * 20 + ["register"] * 180))
    assert told.facts["n"] == 180
    assert next(c for c in told.warnings if c.code == "EFFORT_LEFT_OUT").text.en.startswith("20 records come from where somebody looked")
    assert answer("count_grid", town(coverage="effort")).facts["n"] == 200


@pytest.mark.parametrize("name", [name for name in NAMES if METHODS[name].least_precision != "area"])
def test_incidents_known_only_by_area_are_never_taken_for_places(name):
    with pytest.raises(Refusal) as refused:
        answer(name, town(geom_precision="area"))
    assert refused.value.code == "COARSE_PLACE" and refused.value.text.en.startswith("None of the 200 incidents")


def test_those_without_an_exact_place_and_those_outside_are_counted_aloud():
    points = town(geom_precision=["area"] * 30 + ["street"] * 170)
    points.loc[points.index[-5:], "geometry"] = gpd.GeoSeries([shapely.Point(9000, 9000)] * 5, crs=3006).to_numpy()
    told = answer("count_grid", points)
    said = {c.code: c.text.en for c in told.warnings}
    assert said["WITHOUT_PLACE"].startswith("30 of 200 incidents") and said["OUTSIDE"].startswith("5 incidents lie outside")
    assert told.facts["n"] == 165


def test_an_incident_in_a_border_cell_but_outside_the_area_does_not_count():
    area = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 900, 900)], crs=3006)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([899, 901], [500, 500]), crs=3006)
    told = METHODS["count_grid"].compute(points, area)
    assert told.facts["n"] == told.frame["incidents"].sum() == 1


def test_more_cells_than_can_be_read_are_refused_before_they_are_made():
    with pytest.raises(Refusal) as refused:
        METHODS["count_grid"].compute(town(), gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 300_000, 300_000)], crs=3006))
    assert refused.value.code == "TOO_MANY_CELLS" and "1,440,000 cells" in refused.value.text.en


def test_a_pile_of_equal_coordinates_is_said():
    points = town()
    points.loc[:23, "geometry"] = gpd.GeoSeries([shapely.Point(777, 777)] * 24, crs=3006).to_numpy()
    assert next(c for c in answer("count_grid", points).warnings if c.code == "GEOCODE_PILE").text.sv.startswith("12\u00a0% av punkterna")
    assert "GEOCODE_PILE" not in codes(answer("count_grid"))


def test_points_and_area_must_lie_in_the_same_system():
    with pytest.raises(InputError, match="Incidents are in"):
        answer("count_grid", town().to_crs(3007))


# ---- what each method says -----------------------------------------------------------------------------------------------------------------

def test_the_gathering_in_the_middle_of_the_town_is_found():
    spot = shapely.Point(1300, 1300)
    counts, density, clusters = (answer(name, exposure=people()).frame for name in ("count_grid", "kernel_density", "getis_ord"))
    assert counts.loc[counts["incidents"].idxmax(), "geometry"].distance(spot) < 250
    assert density.loc[density["density_per_km2"].idxmax(), "geometry"].distance(spot) < 250
    hot = clusters[clusters["cluster"] == "hot_99"]
    assert len(hot) >= 4 and hot.distance(spot).max() < 500


def test_an_even_spread_has_no_cluster():
    rng = np.random.default_rng(5)
    even = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*rng.uniform(0, 3000, (2, 400))), crs=3006)
    told = answer("getis_ord", even, exposure=people())
    assert set(told.frame["cluster"]) == {"none"} and told.facts["hot"] == 0


@pytest.mark.parametrize(("known", "chosen"), [(("residents", "addresses", "street_m"), "residents"), (("street_m",), "street_m"), ((), "none")])
def test_clusters_are_compared_with_what_is_known(known, chosen):
    exposure = people()
    for column in ("residents", "addresses", "street_m"):
        if column not in known:
            exposure[column] = None
    exposure["residents"] = exposure["residents"].astype(object)
    told = answer("getis_ord", exposure=exposure if known else None)
    assert told.facts["expected"] == chosen
    assert ("NOT_RISK_ADJUSTED" in codes(told)) == (chosen == "none")
    assert told.facts["p"] == ("exact" if chosen == "none" else "binomial")


def test_a_comparison_with_what_nobody_knows_is_refused_in_words():
    with pytest.raises(Refusal) as refused:
        answer("getis_ord", exposure=people().assign(residents=0), expected="residents")
    assert refused.value.code == "NO_EXPECTED" and "uppgifter om invånare" in refused.value.text.sv


def test_without_correction_the_number_of_chance_finds_is_said():
    told = answer("getis_ord", exposure=people(), correction="none")
    assert next(c for c in told.warnings if c.code == "MANY_TESTS").text.en.startswith("144 cells were tested without correction for many tests; about 7")


def test_permutations_repeat_with_the_seed():
    one, same, other = (answer("getis_ord", expected="none", p="permutation", seed=seed) for seed in (1, 1, 2))
    assert one.frame["p"].equals(same.frame["p"]) and not one.frame["p"].equals(other.frame["p"])
    assert (one.facts["seed"], one.facts["n_perm"], one.facts["p"]) == (1, 999, "permutation")


def test_neighbours_within_a_distance_are_more_than_those_that_touch():
    near, far = (answer("getis_ord", exposure=people(), reach_m=reach).frame["incidents_near"] for reach in ("touching", 800))
    assert (far >= near).all() and far.sum() > 2 * near.sum()


def test_a_density_says_its_bandwidth_and_how_it_was_chosen():
    auto, given, small = (answer("kernel_density", exposure=people(), bandwidth_m=wish) for wish in ("auto", 800, 300))
    assert auto.facts["bandwidth_m"] >= 500 and auto.facts["bandwidth_rule"] in ("ppl", "nrd", "two_cells")
    assert (given.facts["bandwidth_m"], given.facts["bandwidth_rule"], given.facts["method"]) == (800, "given", "exact")
    assert "BANDWIDTH_SMALL" in codes(small) and "BANDWIDTH_SMALL" not in codes(given)
    assert {"EDGE", "NOT_RISK_ADJUSTED"} <= codes(auto)
    with pytest.raises(InputError, match="bandwidth_m is 100 but cells are 250 m wide"):
        answer("kernel_density", bandwidth_m=100)


def test_a_change_that_was_made_is_found_and_the_rest_cannot_be_told():
    told = answer("change", exposure=people(), before=town(150, seed=3, first="2024-01-01")[lambda f: f.distance(shapely.Point(1300, 1300)) > 400])
    up = told.frame[told.frame["trend"].str.startswith("increase")]
    assert len(up) >= 1 and up.distance(shapely.Point(1300, 1300)).max() < 400
    assert "decrease_99" not in set(told.frame["trend"]) and "unclear" in set(told.frame["trend"])
    assert told.facts["increase"] == len(up)
    assert "ZERO_BASE" in codes(told)


def test_the_length_of_a_period_is_that_given_or_that_seen():
    ten_days = town().assign(occurred_from=pd.date_range("2025-03-28 23:30", "2025-04-06 00:10", 200, tz="Europe/Stockholm"))
    assert answer("change", ten_days).facts["days"] == 10  # the clocks went forward on 30 March
    given = answer("change", days=365, days_before=181)
    uneven = next(c for c in given.warnings if c.code == "UNEVEN_PERIODS")
    assert uneven.text.en == "The periods differ in length (365 and 181 days). The comparison allows for that."
    assert "UNEVEN_PERIODS" not in codes(answer("change", days=365, days_before=366))
    with pytest.raises(InputError, match="Give days and days_before"):
        answer("change", town().drop(columns="occurred_from"))


def test_texts_speak_of_no_dangerous_area_and_of_no_future():
    for method in METHODS.values():
        for language in ("sv", "en"):
            said = f"{method.title[language]} {method.summary[language]}".lower()
            assert not any(word in said for word in ("farlig", "dangerous", "utsatt område", "risk"))
        assert "framtiden" in method.does_not.sv and "future" in method.does_not.en


def test_clusters_over_time_take_enough_steps():
    with pytest.raises(Refusal) as refused:
        answer("classify_periods", town(200), step="quarter")
    assert refused.value.code == "TOO_FEW_STEPS"
    assert "räcker till 3 tidssteg" in refused.value.text.sv


def test_clusters_over_time_take_enough_incidents_in_each_step():
    with pytest.raises(Refusal) as refused:
        answer("classify_periods", town(200))
    assert refused.value.code == "TOO_FEW_PER_STEP"
    assert "kräver minst 30 i varje" in refused.value.text.sv


def test_incidents_before_the_first_whole_step_are_told_of():
    period = (pd.Timestamp("2025-01-01").date(), pd.Timestamp("2025-12-16").date())
    points = town(MANY)
    told = METHODS["classify_periods"].compute(points, AREA, people(), period, step="month")
    early = (points["occurred_from"] < pd.Timestamp("2025-01-16", tz="Europe/Stockholm")) | (
        points["occurred_from"] >= pd.Timestamp("2025-12-16", tz="Europe/Stockholm"))
    assert told.facts["outside_steps"] == early.sum() > 0
    assert "OUTSIDE_STEPS" in codes(told)


def test_a_cell_unlike_its_neighbours_is_called_so():
    alone = gpd.GeoDataFrame({"geom_precision": ["exact"] * 40}, geometry=[shapely.Point(2125, 2125)] * 40, crs=3006)
    told = answer("local_moran", pd.concat([town(1000), alone]), exposure=people()).frame
    middle = told[told.intersects(shapely.Point(2126, 2126))]
    assert middle["incidents"].iloc[0] >= 40
    assert set(told["cluster"]) >= {"high_high", "none"}


# ---- streets ---------------------------------------------------------------------------------------------------------------------------

def test_a_street_with_more_than_its_length_explains_is_found_by_name():
    # 40 of 80 incidents along one street of 300 m among 21 streets of 4 000 m: 40 · 300 / 80 300 expected
    rng = np.random.default_rng(4)
    lines = [shapely.LineString([(500, y), (4500, y)]) for y in range(0, 4001, 200)] + [shapely.LineString([(1000, 2100), (1300, 2100)])]
    named = gpd.GeoDataFrame({"name": [*(f"Gata {i}" for i in range(21)), "Korta gatan"]}, geometry=lines, crs=3006)
    x = np.concatenate([rng.uniform(500, 4500, 40), rng.uniform(1000, 1300, 40)])
    y = np.concatenate([200.0 * rng.integers(0, 20, 40), np.full(40, 2105.0)])
    points = gpd.GeoDataFrame({"geom_precision": "exact"}, geometry=gpd.points_from_xy(x, y), crs=3006, index=range(80))
    told = METHODS["hot_streets"].compute(points, AREA, named)
    hot = told.frame[told.frame["cluster"] != "none"]
    assert hot["name"].tolist() == ["Korta gatan"] and hot["incidents"].tolist() == [40] and hot["cluster"].tolist() == ["hot_99"]
    assert hot["expected"].iloc[0] == pytest.approx(80 * 300 / 84_300) and hot["per_100m"].iloc[0] == pytest.approx(40 / 3)
    assert hot["per_100m_low"].iloc[0] == pytest.approx(28.5766 / 3, abs=1e-3)     # Garwood for 40
    assert "NOT_RISK_ADJUSTED" in codes(told)


def test_incidents_far_from_every_street_are_told_of_and_an_area_without_streets_is_refused():
    told = answer("hot_streets")
    assert "FAR_FROM_STREETS" not in codes(told)
    sparse = METHODS["hot_streets"].compute(town(), AREA, streets(apart=1000))
    assert "FAR_FROM_STREETS" in codes(sparse) and sparse.facts["n"] + sparse.facts["too_far"] == 200
    with pytest.raises(Refusal) as refused:
        METHODS["hot_streets"].compute(town(), AREA, streets().translate(90_000).to_frame("geometry").set_crs(3006))
    assert refused.value.code == "NO_LINES"


# ---- severity --------------------------------------------------------------------------------------------------------------------------

TYPES = ["assault_public"] * 20 + ["vandalism"] * 100 + ["disorder"] * 80


@pytest.mark.parametrize("name", ["count_grid", "kernel_density"])
def test_incidents_are_weighed_by_the_level_of_their_type_with_the_count_beside(name):
    told = answer(name, town(offence_type=TYPES), weights="severity", person_weight=10)
    assert told.frame["weighted"].sum() == pytest.approx(20 * 10 + 100 * 2 + 80 * 1) and told.frame["incidents"].sum() == 200
    assert "WEIGHTED" in codes(told) and "ONE_EVENT_WEIGHS" not in codes(told)
    assert answer(name, town(offence_type=TYPES)).frame["weighted"].isna().all()


def test_a_weighted_cluster_takes_permutation_and_says_so():
    with pytest.raises(Refusal) as refused:
        answer("getis_ord", town(offence_type=TYPES), weights="severity")
    assert refused.value.code == "WEIGHTED_P" and "omkastning" in refused.value.text.sv
    told = answer("getis_ord", town(offence_type=TYPES), exposure=people(), weights="severity", p="permutation", n_perm=1999)
    assert told.facts["p"] == "permutation" and told.frame["weighted"].sum() == 20 * 3 + 100 * 2 + 80
    assert told.frame["cluster"].str.startswith("hot").any()


def test_a_weighted_cluster_may_leave_the_cell_itself_out():
    asked = {"weights": "severity", "p": "permutation", "n_perm": 99, "exposure": people()}
    with_it, without = (answer("getis_ord", town(offence_type=TYPES), **asked, star=star).frame for star in (True, False))
    assert (without["incidents_near"] == with_it["incidents_near"] - with_it["incidents"]).all()


def test_too_few_draws_for_one_gathering_among_so_many_cells_are_said():
    # 144 tested cells and a gathering of nine: 2 / (n + 1) · 144 / 9 < 0.05 from 640 draws on
    asked = {"weights": "severity", "p": "permutation", "exposure": people(), "points": town(offence_type=TYPES)}
    few = answer("getis_ord", **asked, n_perm=639)
    assert few.facts["tested"] == 144 and "640" in next(doubt for doubt in few.warnings if doubt.code == "FEW_DRAWS").text.sv
    assert "FEW_DRAWS" not in codes(answer("getis_ord", **asked, n_perm=640)) and "FEW_DRAWS" not in codes(answer("getis_ord"))


def test_one_incident_that_weighs_too_much_is_said_and_types_must_be_known():
    heavy = town(offence_type=["assault_public"] + ["disorder"] * 199)
    assert "ONE_EVENT_WEIGHS" in codes(answer("count_grid", heavy, weights="severity", person_weight=100))
    with pytest.raises(InputError, match="offence type"):
        answer("count_grid", weights="severity")
    with pytest.raises(InputError, match="above 0"):
        answer("count_grid", heavy, weights="severity", person_weight=0, property_weight=0, order_weight=0)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("count_grid", "kernel_density", "getis_ord")])
def test_weights_are_not_offered_where_they_would_make_the_test_false(name):
    assert not any(parameter.name == "weights" for parameter in METHODS[name].parameters)


# ---- whole areas, and what a method can do otherwise -----------------------------------------------------------------------------------------

def test_an_area_is_held_against_its_neighbours_by_residents():
    told = answer("area_clusters", town(400))
    rows = told.frame.set_index("name")
    assert rows["incidents"].sum() == 400 and rows.loc["Kvarter 6", "cluster"] in ("high_high", "high_low", "none")
    # Kvarter 0 at the corner has three neighbours of 19 others: 3/19 of what is not its own is expected in them
    own = rows.loc["Kvarter 0", "incidents"]
    assert rows.loc["Kvarter 0", "expected_near"] == pytest.approx((400 - own) * 3 / 19)
    with pytest.raises(InputError, match="At least 5 areas"):
        METHODS["area_clusters"].compute(town(), quarters().iloc[:3])


def test_without_the_cell_itself_only_its_neighbours_count():
    lonely = gpd.GeoDataFrame({"geom_precision": "exact"}, geometry=gpd.points_from_xy([1310] * 40, [1310] * 40), crs=3006, index=range(40))
    here = shapely.Point(1310, 1310)
    with_it, without = (answer("getis_ord", lonely, exposure=people(), star=star).frame for star in (True, False))
    assert with_it[with_it.contains(here)]["incidents_near"].iloc[0] == 40 and without[without.contains(here)]["incidents_near"].iloc[0] == 0


def test_a_bandwidth_that_follows_the_incidents_is_a_choice_with_its_conditions():
    told = answer("kernel_density", adaptive=True, kernel="gaussian", bandwidth_m=300.0)
    plain = answer("kernel_density", kernel="gaussian", bandwidth_m=300.0, edge="none")
    assert told.facts["method"] == "adaptive" and told.frame["density_per_km2"].max() > plain.frame["density_per_km2"].max()
    with pytest.raises(InputError, match="Gaussian"):
        answer("kernel_density", adaptive=True)
