"""From a selection in a store to hotspots, and back again from a kept run; on a town of 4 × 4 km made in the test."""
from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from geo_safety.errors import AccessError, Cancelled, InputError, Refusal, StoreError
from geo_safety.hotspots import METHODS
from geo_safety.model.features import Features
from geo_safety.model.selection import Period, Selection, whole_year
from geo_safety.model.viewer import ShareLevel, Viewer, local_viewer
from geo_safety.services import evaluation, hotspots, kept_runs
from geo_safety.services.methods import ALL
from geo_safety.store import Store

PLACED = [name for name in METHODS if name != "area_clusters"]    # the town of this test has one area only
X, Y = 350_000, 6_370_000
VIEWER = local_viewer()
YEAR = Selection(period=whole_year(2025))
BATCH = {"source_code": "register", "file_name": "t", "file_sha256": "0"}
SQUARE = (X + 1300, Y + 1300)


def incidents(n: int, *, seed: int = 1, year: int = 2025, key: str = "a", gathered: bool = True, **columns) -> gpd.GeoDataFrame:
    """`n` incidents over the town, a quarter of them around the square."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(100, 3900, (2, n))
    if gathered:
        x[:n // 4], y[:n // 4] = rng.normal(1300, 60, (2, n // 4))
    start = pd.Timestamp(year, 1, 1, tz="Europe/Stockholm") + pd.to_timedelta(rng.integers(0, 365 * 24 * 60, n), unit="min")
    frame = gpd.GeoDataFrame({"occurred_from": start}, geometry=gpd.points_from_xy(X + x, Y + y), crs=3006)
    described = {"source_code": "register", "source_key": [f"{key}{i}" for i in range(n)], "offence_type": "vandalism",
                 "time_precision": "minute", "geom_precision": "exact"}
    return frame.assign(**described | columns)


def fill(store: Store, *frames: gpd.GeoDataFrame) -> Store:
    area = shapely.MultiPolygon([shapely.box(X, Y, X + 4000, Y + 4000)])
    areas = gpd.GeoDataFrame({"kind": ["municipality", "district"], "code": ["0001", "north"], "name": ["Provby", "Norra sidan"], "vintage": "2025"},
                             geometry=[area, shapely.MultiPolygon([shapely.box(X, Y + 2000, X + 4000, Y + 4000)])], crs=3006)
    west, south = (corner.ravel() for corner in np.meshgrid(np.arange(0, 3000, 250), np.arange(0, 4000, 250)))
    people = gpd.GeoDataFrame(geometry=shapely.box(X + west, Y + south, X + west + 250, Y + south + 250), crs=3006).assign(
        cell=[f"{i}" for i in range(len(west))], residents=30, addresses=12, street_m=250.0)
    spots = gpd.GeoDataFrame({"code": ["1"], "name": ["Torget"]}, geometry=[shapely.Point(SQUARE)], crs=3006)
    streets = gpd.GeoDataFrame({"code": ["s"], "name": ["Storgatan"], "role": ["main"]},
                               geometry=[shapely.LineString([(X, Y + 2700), (X + 4000, Y + 2700)])], crs=3006)
    store.save("sources", {"code": "register", "title": "Registret", "kind": "incidents_table", "coverage": "register"}, VIEWER)
    store.save("sources", {"code": "walk", "title": "Vandringar", "kind": "walk_points", "coverage": "effort"}, VIEWER)
    for layer, frame in (("areas", areas), ("exposure", people), ("places", spots), ("streets", streets)):
        store.bring_in(layer, frame, VIEWER, batch=BATCH)
    if frames:
        store.bring_in("incidents", pd.concat(frames, ignore_index=True), VIEWER, batch=BATCH)
    return store


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with Store.create(tmp_path_factory.mktemp("hotspots") / "town.gpkg", municipality_name="Provby") as store:
        yield fill(store, incidents(400), incidents(150, seed=2, year=2024, key="b", gathered=False),
                   incidents(12, seed=3, key="c", offence_type="drug_offence"), incidents(9, seed=4, key="d", geom_precision="area"),
                   incidents(40, seed=5, year=2023, key="e", source_code="walk"), incidents(25, seed=6, year=2022, key="f"),
                   incidents(20, seed=7, key="g", offence_type="other"))


def codes(answer) -> set[str]:
    return {c.code for c in answer.shown.warnings}


def text(answer, code: str, language: str = "en") -> str:
    return next(c for c in answer.shown.warnings if c.code == code).text[language]


# ---- finding --------------------------------------------------------------------------------------------------------------------------------

def test_each_method_answers_and_says_where_its_numbers_come_from(town):
    compared = YEAR.with_(compare_with=whole_year(2024))
    for name in PLACED:
        answer = hotspots.find(town, name, {}, compared, VIEWER)
        told = answer.shown.provenance
        assert answer.refusal is None and len(answer.shown) > (0 if name in ("hot_streets", "shared_clusters") else 100)
        assert (told.method, told.municipality, told.revision) == (name, "Provby", town.revision())
        assert dict(told.parameters).keys() == {p.name for p in METHODS[name].parameters}
        assert told.made_at is not None and dict(told.selection) == compared.to_query() and "Registret" in told.sources
        assert answer.shown.share_level is ShareLevel.INTERNAL


def test_the_gathering_by_the_square_comes_first_and_is_called_by_its_name(town):
    for name in ("count_grid", "kernel_density", "getis_ord"):
        top = hotspots.find(town, name, {}, YEAR, VIEWER).top
        assert top["place"].iloc[0]("sv") == "nära Torget" and top["place"].iloc[0]("en") == "near Torget"
        assert top["rank"].tolist() == list(range(1, len(top) + 1)) and len(top) <= 20
        assert {"cell", "place", "incidents", "warning"} <= set(top.columns)
        assert METHODS[name].rank_by[0] in top.columns


def test_a_list_of_places_has_intervals_and_doubts_and_names_no_spot_twice_for_the_same_incidents(town):
    top = hotspots.find(town, "count_grid", {}, YEAR, VIEWER).top
    assert ((top["incidents_low"] < top["incidents"]) & (top["incidents"] < top["incidents_high"])).all()
    few = top[top["incidents"] < 5]
    assert len(few) and few["warning"].map(lambda w: w("sv").startswith("Bara ")).all()
    answer = hotspots.find(town, "kernel_density", {}, YEAR, VIEWER)
    centres = answer.shown.frame.set_index("cell").geometry.loc[answer.top["cell"]].centroid.reset_index(drop=True)
    gaps = [a.distance(b) for i, a in enumerate(centres) for b in centres[:i]]
    assert min(gaps) > answer.shown.facts["bandwidth_m"]


def test_of_a_cluster_the_busiest_cell_is_the_place_not_those_beside_it(town):
    answer = hotspots.find(town, "getis_ord", {}, YEAR, VIEWER)
    frame = answer.shown.frame.set_index("cell")
    hot = frame[frame["cluster"].str.startswith("hot")]
    assert 1 <= len(answer.top) < len(hot)
    for cell in answer.top["cell"]:
        beside = hot[hot.distance(frame.geometry[cell]) < 1]
        assert frame.loc[cell, "incidents"] == beside["incidents"].max()


def test_where_nothing_stands_out_the_list_is_empty(tmp_path):
    with Store.create(tmp_path / "even.gpkg") as store:
        fill(store, incidents(300, gathered=False))
        answer = hotspots.find(store, "getis_ord", {}, YEAR, VIEWER)
        assert answer.refusal is None and answer.top.empty and "place" in answer.top.columns


def test_types_that_say_little_of_the_place_take_part_only_when_chosen(town):
    usual = hotspots.find(town, "count_grid", {}, YEAR, VIEWER)
    assert usual.shown.facts["n"] == 420 and "WIDE_SELECTION" not in codes(usual)  # vandalism and other
    wide = hotspots.find(town, "count_grid", {}, YEAR.with_(types=("vandalism", "drug_offence")), VIEWER)
    assert wide.shown.facts["n"] == 412
    assert text(wide, "WIDE_SELECTION") == "The selection holds offence types that say little about the place: drug offence."


def test_what_could_not_take_part_is_counted_aloud(town):
    answer = hotspots.find(town, "count_grid", {}, YEAR, VIEWER)
    assert text(answer, "WITHOUT_PLACE").startswith("9 of 429 incidents in the selection lack a place")
    assert {"NOT_ALL_CRIME", "NOT_RISK_ADJUSTED", "LEFT_OUT_CELLS"} <= codes(answer) and "MADE_UP" not in codes(answer)


def test_a_chosen_area_and_a_drawn_one_hold_what_lies_in_them(town):
    north = hotspots.find(town, "count_grid", {}, YEAR.with_(areas=("north",)), VIEWER)
    corners = gpd.GeoSeries([shapely.box(X, Y + 2000, X + 4000, Y + 4000)], crs=3006).to_crs(4326).iloc[0].exterior.coords[:-1]
    drawn = hotspots.find(town, "count_grid", {}, YEAR.with_(drawn=tuple((round(x, 5), round(y, 5)) for x, y in corners)), VIEWER)
    frame = town.read("incidents", VIEWER, selection=YEAR)
    inside = ((frame.geometry.y >= Y + 2000) & (frame["geom_precision"] == "exact")).sum()
    assert north.shown.facts["n"] == inside == north.shown.frame["incidents"].sum()
    assert drawn.shown.facts["n"] == pytest.approx(inside, abs=2)  # corners are rounded to a metre
    assert north.shown.frame.geometry.bounds["miny"].min() == Y + 2000


def test_the_selection_gives_a_comparison_its_lengths(town):
    answer = hotspots.find(town, "change", {}, YEAR.with_(compare_with=whole_year(2024)), VIEWER)
    assert (answer.shown.facts["days"], answer.shown.facts["days_before"]) == (365, 366)
    assert answer.shown.provenance.parameters["days_before"] == 366
    assert not {"UNEVEN_PERIODS", "UNEVEN_SEASONS"} & codes(answer)
    uneven = hotspots.find(town, "change", {}, YEAR.with_(compare_with=Period(date(2024, 1, 1), date(2024, 7, 1))), VIEWER)
    assert {"UNEVEN_PERIODS", "UNEVEN_SEASONS"} <= codes(uneven)


# ---- refusing -------------------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("name", "selection", "code"), [
    ("kernel_density", Selection(period=whole_year(2022)), "TOO_FEW"),
    ("getis_ord", Selection(period=whole_year(2023)), "UNEVEN_EFFORT"),
    ("kernel_density", Selection(period=whole_year(2021)), "TOO_FEW"),
    ("change", YEAR, "NO_COMPARISON")])
def test_a_method_that_will_not_answer_says_why_and_gives_counts_instead(town, name, selection, code):
    answer = hotspots.find(town, name, {}, selection, VIEWER)
    assert answer.refusal is not None and answer.refusal.code == code
    assert answer.shown.layer.name == "count_grid" and "COUNTS_ONLY" in codes(answer)
    assert answer.shown.provenance.method == "count_grid" and answer.shown.facts["asked_method"] == name
    assert answer.shown.frame["incidents"].sum() == answer.shown.facts["n"]


def test_incidents_known_only_by_area_give_an_empty_grid_and_the_reason(tmp_path):
    with Store.create(tmp_path / "coarse.gpkg") as store:
        fill(store, incidents(50, geom_precision="area", geometry=None).set_geometry("geometry"))
        answer = hotspots.find(store, "getis_ord", {}, YEAR, VIEWER)
    assert answer.refusal.code == "COARSE_PLACE"
    assert answer.shown.frame["incidents"].sum() == 0 and text(answer, "WITHOUT_PLACE").startswith("50 of 50")


def test_a_measure_is_not_evaluated_by_what_was_seen_where_somebody_looked(tmp_path):
    with Store.create(tmp_path / "walks.gpkg") as store:
        fill(store, incidents(60, source_code="walk"), incidents(60, source_code="walk", year=2024, key="b"))
        here, there = (gpd.GeoDataFrame(geometry=[shapely.box(X + x, Y, X + x + 1000, Y + 1000)], crs=3006) for x in (0, 2500))
        with pytest.raises(Refusal) as refused:
            evaluation.evaluate(store, evaluation.Places(here, there), VIEWER, before=whole_year(2024), after=whole_year(2025))
    assert refused.value.code == "UNEVEN_EFFORT" and "en utvärdering räknas inte" in refused.value.text.sv


def test_too_many_cells_are_refused_and_counted_in_larger_ones(tmp_path):
    with Store.create(tmp_path / "large.gpkg") as store:
        fill(store, incidents(60))
        land = gpd.GeoDataFrame({"kind": ["municipality"], "code": ["0002"], "name": ["Vidd"], "vintage": ["2025"]},
                                geometry=[shapely.MultiPolygon([shapely.box(X, Y, X + 60_000, Y + 60_000)])], crs=3006)
        store.bring_in("areas", land, VIEWER, batch=BATCH)
        answer = hotspots.find(store, "count_grid", {"cell_size_m": 50}, YEAR, VIEWER)
    assert answer.refusal.code == "TOO_MANY_CELLS"
    assert answer.shown.facts["cell_size_m"] == 200 and answer.shown.facts["n"] == 60


def test_made_up_data_say_so(tmp_path):
    with Store.create(tmp_path / "made-up.gpkg", made_up=True) as store:
        answer = hotspots.find(fill(store, incidents(40)), "kernel_density", {}, YEAR, VIEWER)
    assert "MADE_UP" in codes(answer) and answer.shown.provenance.made_up


@pytest.mark.parametrize("level", [ShareLevel.PARTNER, ShareLevel.PUBLIC])
def test_nothing_exact_leaves_the_municipality(town, level):
    with pytest.raises(AccessError):
        hotspots.find(town, "count_grid", {}, YEAR, Viewer("someone", share_level=level))


def test_work_can_be_stopped_and_says_how_far_it_has_come(town):
    met = []
    hotspots.find(town, "count_grid", {}, YEAR, VIEWER, progress=lambda share, what: met.append((share, what.sv)))
    assert [share for share, _ in met] == sorted(share for share, _ in met) and met[-1] == (1.0, "Klart")

    def stop(share, what):
        if share > 0.2:
            raise Cancelled
    with pytest.raises(Cancelled):
        hotspots.find(town, "count_grid", {}, YEAR, VIEWER, progress=stop)


@pytest.mark.parametrize(("name", "parameters", "message"), [
    ("crystal_ball", {}, "There is no method crystal_ball. Those there are: count_grid"),
    ("count_grid", {"bandwidth_m": 500}, "Count per cell has no setting bandwidth_m"),
    ("count_grid", {"cell_size_m": 3}, "cannot be 3"), ("count_grid", {"kind": "octagon"}, "Possible: square, hexagon"),
    ("kernel_density", {"bandwidth_m": "much"}, "auto, ppl, nrd, 25–20000"), ("getis_ord", {"n_perm": 99.5}, "cannot be 99.5")])
def test_an_impossible_wish_is_refused_with_what_is_possible(town, name, parameters, message):
    with pytest.raises(InputError, match=message):
        hotspots.find(town, name, parameters, YEAR, VIEWER)


def test_settings_are_read_from_a_command_line():
    assert hotspots.parameters_from("kernel_density", {"cell_size_m": "100", "bandwidth_m": "400,5", "kernel": "triweight"}) == {
        "cell_size_m": 100.0, "bandwidth_m": 400.5, "kernel": "triweight"}
    assert hotspots.parameters_from("getis_ord", {"n_perm": "199", "reach_m": "touching"}) == {"n_perm": 199, "reach_m": "touching"}


# ---- severity -------------------------------------------------------------------------------------------------------------------------------

WEIGHED = {"weights": "severity", "person_weight": 5.0}


@pytest.mark.parametrize(("name", "more"), [("count_grid", {}), ("kernel_density", {}), ("getis_ord", {"p": "permutation"})])
def test_a_weighted_answer_is_kept_like_any_other_and_never_leaves_the_municipality(town, name, more):
    answer = hotspots.find(town, name, WEIGHED | more, YEAR, VIEWER)
    assert answer.refusal is None and "WEIGHTED" in codes(answer) and (answer.shown.frame["weighted"] >= answer.shown.frame["incidents"]).all()
    again = hotspots.reopen(town, hotspots.keep(town, answer, "Vägd", VIEWER), VIEWER)
    assert_geodataframe_equal(again.shown.frame, answer.shown.frame)
    assert again.shown.provenance.parameters["person_weight"] == 5.0 and again.shown.warnings == answer.shown.warnings
    with pytest.raises(AccessError):
        hotspots.for_partners(answer, VIEWER)
    for level in (ShareLevel.PARTNER, ShareLevel.PUBLIC):
        with pytest.raises(AccessError):
            hotspots.find(town, name, WEIGHED | more, YEAR, Viewer("someone", share_level=level))


def test_a_run_that_was_kept_before_there_were_weights_opens_as_it_was(town):
    answer = hotspots.find(town, "count_grid", {}, YEAR, VIEWER)
    older = kept_runs.run_cells(Features(answer.shown.layer, answer.shown.frame, answer.shown.facts, (), answer.shown.provenance), "run", town.crs)
    older["values"] = [{name: value for name, value in row.items() if name != "weighted"} for row in older["values"]]
    run = kept_runs.run_values(Features(answer.shown.layer, answer.shown.frame, answer.shown.facts, (), answer.shown.provenance), None, answer.top, "t")
    assert_geodataframe_equal(kept_runs.features_of(run, older, answer.shown.layer).frame, answer.shown.frame)


@pytest.mark.parametrize("name", [name for name, method in ALL.items() if not any(parameter.name == "weights" for parameter in method.parameters)])
def test_weights_where_they_would_make_the_answer_false_are_refused_in_words(town, name):
    with pytest.raises(Refusal) as refused:
        hotspots.find(town, name, {"weights": "severity"}, YEAR, VIEWER)
    assert refused.value.code == "WEIGHTED_COUNT" and refused.value.text.sv.startswith(f"En vägd summa är inte ett antal: {ALL[name].title.sv}")


def test_only_these_methods_take_weights():
    # counts, density, Gi* by permutation, PAI and concentration; never an exact Poisson, Knox, scan or smoothed rate
    assert {name for name, method in ALL.items() if any(parameter.name == "weights" for parameter in method.parameters)} == {
        "count_grid", "kernel_density", "getis_ord", "concentration", "persistence"}


# ---- keeping --------------------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", list(PLACED))
def test_a_kept_run_opens_again_to_the_digit_whatever_has_happened_since(tmp_path, name):
    with Store.create(tmp_path / "kept.gpkg", made_up=True) as store:
        fill(store, incidents(300), incidents(200, seed=9, year=2024, key="b"))
        answer = hotspots.find(store, name, {"kind": "hexagon"} if name == "getis_ord" else {}, YEAR.with_(compare_with=whole_year(2024)), VIEWER)
        uid = hotspots.keep(store, answer, "Inför mötet i mars", VIEWER)
        store.bring_in("incidents", incidents(100, seed=8, key="later"), VIEWER, batch=BATCH)
        spot = store.read("places", VIEWER).iloc[0]
        store.save("places", {"name": "Nya torget"}, VIEWER, uid=spot["uid"], row_version=int(spot["row_version"]))
    with Store.open(tmp_path / "kept.gpkg") as store:
        again = hotspots.reopen(store, uid, VIEWER)
        assert store.check() == []
    assert_geodataframe_equal(again.shown.frame, answer.shown.frame, check_less_precise=False)
    assert all((a == b) or (a != a and b != b) for column in answer.shown.frame.columns.drop("geometry")
               for a, b in zip(again.shown.frame[column], answer.shown.frame[column], strict=True))
    assert again.shown.frame.geometry.geom_equals_exact(answer.shown.frame.geometry, 0).all()
    assert list(again.shown.facts.items()) == list(answer.shown.facts.items())
    assert again.shown.warnings == answer.shown.warnings and again.shown.provenance == answer.shown.provenance
    pd.testing.assert_frame_equal(again.top, answer.top)


def test_a_refused_answer_keeps_its_refusal(town):
    answer = hotspots.find(town, "kernel_density", {}, Selection(period=whole_year(2022)), VIEWER)
    again = hotspots.reopen(town, hotspots.keep(town, answer, "För få", VIEWER), VIEWER)
    assert (again.refusal.code, again.refusal.text) == (answer.refusal.code, answer.refusal.text)
    assert again.shown.layer.name == "count_grid"


def test_kept_runs_are_listed_newest_first_and_make_no_import(tmp_path):
    with Store.create(tmp_path / "list.gpkg") as store:
        fill(store, incidents(40))
        batches = store.count("import_batches", VIEWER)
        for title in ("Första", "Andra"):
            hotspots.keep(store, hotspots.find(store, "count_grid", {}, YEAR, VIEWER), title, VIEWER)
        runs = hotspots.kept(store, VIEWER)
        assert runs["title"].tolist() == ["Andra", "Första"] and runs["method"].tolist() == ["count_grid"] * 2
        assert runs["incidents"].tolist() == [40, 40] and store.count("import_batches", VIEWER) == batches


def test_a_run_needs_a_name_and_one_that_is_not_there_is_said_to_be_so(town):
    answer = hotspots.find(town, "count_grid", {}, YEAR, VIEWER)
    with pytest.raises(InputError, match="needs a name"):
        hotspots.keep(town, answer, "  ", VIEWER)
    with pytest.raises(StoreError, match="no such kept run"):
        hotspots.reopen(town, "unknown", VIEWER)


# ---- plain files ----------------------------------------------------------------------------------------------------------------------------

def test_a_file_of_points_and_one_with_an_area_need_no_store(tmp_path):
    points = incidents(120).to_crs(4326)
    table = pd.DataFrame({"lon": points.geometry.x, "lat": points.geometry.y, "datum": points["occurred_from"].dt.strftime("%Y-%m-%d %H:%M")})
    table.to_csv(tmp_path / "points.csv", index=False)
    gpd.GeoDataFrame({"what": ["a", "b"]}, geometry=[shapely.box(X, Y, X + 2000, Y + 4000), shapely.box(X + 2000, Y, X + 4000, Y + 4000)],
                     crs=3006).to_file(tmp_path / "area.gpkg")
    answer = hotspots.find_in_files("getis_ord", {"cell_size_m": 250}, points=tmp_path / "points.csv", area=tmp_path / "area.gpkg",
                                    mapping={"x": "lon", "y": "lat"}, crs="EPSG:4326", viewer=VIEWER)
    assert answer.refusal is None and answer.shown.facts["n"] == 120 and len(answer.shown) == 256
    assert answer.shown.frame.crs.to_epsg() == 3006 and answer.shown.provenance.sources == ("points.csv",)
    assert {"NO_EXPOSURE", "NOT_RISK_ADJUSTED", "NOT_ALL_CRIME"} <= codes(answer)
    assert answer.top["place"].iloc[0]("sv").startswith("ruta ")
    with pytest.raises(InputError, match="coordinate system"):
        hotspots.find_in_files("count_grid", {}, points=tmp_path / "points.csv", mapping={"x": "lon", "y": "lat"}, viewer=VIEWER)


def test_a_file_says_which_of_its_types_say_little_of_the_place_and_has_no_weights_without_types(tmp_path):
    points = incidents(60).assign(offence_type=["vandalism"] * 55 + ["drug_offence"] * 5)
    table = pd.DataFrame({"x": points.geometry.x, "y": points.geometry.y, "datum": points["occurred_from"].dt.strftime("%Y-%m-%d %H:%M")})
    table.assign(brottstyp=points["offence_type"]).to_csv(tmp_path / "typed.csv", index=False)
    table.to_csv(tmp_path / "untyped.csv", index=False)

    def find(name: str, parameters=None, **asked):
        return hotspots.find_in_files("count_grid", parameters or {}, points=tmp_path / name, crs="EPSG:3006", viewer=VIEWER, selection=Selection(**asked))
    assert text(find("typed.csv"), "WIDE_SELECTION").endswith("drug offence.")
    assert "WIDE_SELECTION" not in codes(find("typed.csv", types=("vandalism",)))
    weighed = find("typed.csv", WEIGHED).shown.frame
    assert weighed["weighted"].sum() == 55 * 2 + 5 * 1 and weighed["incidents"].sum() == 60
    assert find("untyped.csv").shown.facts["n"] == 60
    with pytest.raises(InputError, match="no offence type, so they cannot be weighed"):
        find("untyped.csv", WEIGHED)
    with pytest.raises(InputError, match="no types can be chosen"):
        find("untyped.csv", types=("vandalism",))
