"""The land of the sample: areas that tile, people who add up, streets that hang together, and names that nobody bears."""
from __future__ import annotations

import csv
import json

import numpy as np
import pytest
import shapely

from geo_safety import sample
from geo_safety.crs import SWEREF_99_TM, to_wgs84
from geo_safety.layers import LAYERS
from geo_safety.sample import network, plan


def of_kind(made, kind):
    areas = made["areas"]
    return areas[areas["kind"] == kind].reset_index(drop=True)


def test_every_frame_has_the_columns_of_its_layer(made):
    for name, frame in made.frames.items():
        layer = LAYERS[name]
        assert [c for c in frame.columns if c != "geometry"] == [c.name for c in layer.columns], name
        for column in layer.columns:
            assert not (column.required and frame[column.name].isna().any()), f"{name}.{column.name}"
            if column.codes:
                assert set(frame[column.name].dropna()) <= {code.value for code in column.codes}, f"{name}.{column.name}"
        assert not frame.duplicated(list(layer.key)).any(), name


def test_every_shape_is_valid_of_its_layers_kind_and_in_sweref(made):
    for name, frame in made.frames.items():
        layer = LAYERS[name]
        if layer.geometry is None:
            assert "geometry" not in frame
            continue
        shapes = frame.geometry[frame.geometry.notna()]
        assert frame.crs == SWEREF_99_TM
        assert shapely.is_valid(shapes.to_numpy()).all() and not shapely.is_empty(shapes.to_numpy()).any(), name
        if layer.geometry != "Geometry":
            assert set(shapes.geom_type) <= {layer.geometry}, name


def test_there_are_16_statistical_areas_and_26_finer_ones(made):
    assert len(of_kind(made, "regso")) == 16
    assert len(of_kind(made, "deso")) == 26
    assert of_kind(made, "regso")["code"].str.fullmatch(r"9901R\d{3}").all()
    assert of_kind(made, "deso")["code"].str.fullmatch(r"9901[ABC]\d{4}").all()


@pytest.mark.parametrize("kind", ["regso", "deso"])
def test_a_division_tiles_the_municipality_without_gap_or_overlap(made, kind):
    whole = of_kind(made, "municipality").geometry[0]
    pieces = of_kind(made, kind).geometry
    assert abs(pieces.area.sum() - whole.area) < 1.0
    assert pieces.union_all().symmetric_difference(whole).area < 1.0


def test_finer_areas_lie_in_the_coarser_ones_they_name(made):
    coarse = of_kind(made, "regso").set_index("code")
    for row in of_kind(made, "deso").itertuples():
        assert row.geometry.difference(coarse.geometry[row.parent_code]).area < 0.1


def test_the_neighbours_touch_the_municipality_and_share_no_ground(made):
    whole = of_kind(made, "municipality").geometry[0]
    around = of_kind(made, "neighbour")
    assert around.geometry.intersection(whole).area.sum() < 1.0
    assert around.geometry.distance(whole).max() == 0.0


def test_residents_add_up_to_35_000_in_every_division_and_on_the_small_cells(made):
    for kind in ("municipality", "regso", "deso"):
        assert of_kind(made, kind)["population"].sum() == 35_000
    assert made["exposure"]["residents"].sum() == 35_000
    towns = of_kind(made, "locality").set_index("name")["population"]
    assert towns["Exempelby"] == 15_000 and len(towns) == 6


def test_finer_areas_are_about_as_large_as_real_ones(made):
    assert of_kind(made, "deso")["population"].between(550, 2_900).all()  # real ones hold 700 to 2,700


def test_small_cells_are_hundred_metre_squares_that_hold_something(made):
    cells = made["exposure"]
    bounds = cells.geometry.bounds.to_numpy()
    assert (bounds % 100 == 0).all() and (bounds[:, 2] - bounds[:, 0] == 100).all() and (cells.geometry.area == 10_000).all()
    assert (cells[["residents", "addresses", "street_m"]].sum(axis=1) > 0).all()
    assert cells["cell"].iloc[0] == f"{bounds[0, 0]:.0f}{bounds[0, 1]:.0f}"


def test_street_metres_of_the_cells_are_those_of_the_streets(made):
    streets = made["streets"]
    length = streets.geometry[streets["role"] != "railway"].length.sum()
    assert made["exposure"]["street_m"].sum() == pytest.approx(length, rel=2e-4)


def test_a_street_that_crosses_a_cell_border_is_shared_between_the_cells():
    from geo_safety.sample.people import _street_metres
    metres = _street_metres(np.array([shapely.LineString([(50, 30), (250, 30)]), shapely.LineString([(10, 10), (40, 50)])]), (0.0, 0.0))
    assert metres["street_m"].to_dict() == {(0, 0): 100.0, (1, 0): 100.0, (2, 0): 50.0}  # 50 + a 30-40-50 triangle's long side; 100; 50


def test_all_streets_and_paths_hang_together(made):
    streets = made["streets"]
    assert len(set(network.components(streets.geometry[streets["role"] != "railway"].to_numpy()))) == 1


def test_streets_meet_only_at_their_ends(made):
    lines = made["streets"].loc[made["streets"]["role"] != "railway"].geometry.to_numpy()
    crossing, _ = shapely.STRtree(lines).query(lines, predicate="crosses")
    assert len(crossing) == 0


def test_the_main_town_has_main_streets_local_streets_and_paths_under_the_railway(made):
    streets = made["streets"]
    rails = streets[streets["role"] == "railway"].geometry.union_all()
    under = streets[(streets["role"] == "path") & streets.geometry.crosses(rails)]
    assert {"Lyktstigen", "Bangårdsstigen"} <= set(under["name"])
    assert streets[(streets["role"] == "local")].geometry.crosses(rails).sum() < 15  # country roads over the line; none in the towns


def test_no_house_stands_in_water_or_on_another(made):
    base = made["base_map"]
    houses = base[base["role"] == "building"].geometry.to_numpy()
    water = base[base["role"] == "water"].geometry.union_all()
    assert 2_500 < len(houses) < 4_500
    assert not shapely.intersects(water, houses).any()
    a, b = shapely.STRtree(houses).query(houses, predicate="overlaps")
    assert shapely.area(shapely.intersection(houses[a], houses[b])).max(initial=0.0) < 6.0  # drawn to half a metre, walls may touch


def test_the_base_map_is_small_enough_to_be_sent_whole(made):
    base = to_wgs84(made["base_map"])
    shape = shapely.set_precision(base.geometry.to_numpy(), 1e-6, mode="pointwise")
    size = np.array([len(s) + len(str(n)) + 90 for s, n in zip(shapely.to_geojson(shape), base["name"], strict=True)])
    overview = ((base["rank"] == 1) | (base["role"] == "name")).to_numpy()
    assert size[overview].sum() < 600_000
    assert size.sum() < 3_000_000


def test_every_role_of_the_base_map_is_drawn(made):
    wanted = {code.value for code in LAYERS["base_map"].column("role").codes}
    assert set(made["base_map"]["role"]) == wanted
    assert set(made["base_map"]["rank"]) == {1, 2, 3}


def test_what_a_safety_planner_looks_for_stands_there(made):
    roles = made["environment"]["role"].value_counts()
    assert roles["lamp"] > 1_500 and roles["bus_stop"] > 20 and roles["school"] >= 5
    assert roles["pub"] >= 3 and roles["station"] == roles["square"] == roles["library"] == 1
    assert len(made["places"]) >= 40
    assert not made["places"]["name"].duplicated().any()


def test_there_is_one_walk_in_the_dark_with_twenty_findings_along_it(made):
    walk, findings = made["safety_walks"], made["walk_findings"]
    assert list(walk["light_state"]) == ["dark"] and len(findings) == 20
    assert findings.geometry.distance(walk.geometry[0]).max() < 120
    streets = made["streets"]
    corners = shapely.points(shapely.get_coordinates(walk.geometry[0]))
    on_street, _ = shapely.STRtree(streets.geometry.to_numpy()).query(corners, predicate="dwithin", distance=0.1)
    assert set(on_street) == set(range(len(corners)))


def test_the_five_measures_are_in_different_stages(made):
    measures = made["measures"]
    assert len(measures) == 5 and measures["status"].nunique() == 5
    assert measures.loc[measures["done_on"].notna(), "title"].str.contains("Lykttunneln|Kometskolan").all()


@pytest.mark.shared
def test_no_name_is_that_of_a_real_municipality_town_or_locality(made, shared):
    folder = shared / "data" / "se_geo"
    real, codes = set(), set()
    for row in csv.DictReader((folder / "sjbrg_municipalities.csv").open(encoding="utf-8")):
        real |= {row["municipality_name"].casefold(), row["municipality_name_short"].casefold()}
        codes.add(row["municipality_code"])
    real |= {place["name"].casefold() for place in json.loads((folder / "geonames_cities500_SE.json").read_text(encoding="utf-8"))}
    real |= {row["locality"].casefold() for row in csv.DictReader((folder / "sjbrg_postal_to_municipality.csv").open(encoding="utf-8"))}
    places = made["places"]
    ours = {*made["areas"]["name"], *places.loc[places["kind"].isin(("tätort", "stadsdel", "by")), "name"],
            *made["offence_statistics"]["municipality_name"], *(lake for lake, *_ in plan.OTHER_LAKES), plan.LAKE_NAME, sample.NAME}
    assert len(real) > 2_000 and len(ours) > 300
    assert not {name.casefold() for name in ours} & real
    assert not set(made["areas"]["code"].str[:4]) & codes
