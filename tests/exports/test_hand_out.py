"""Handing out: names, zips, the log, and who may have it."""
from __future__ import annotations

import io
import json
import logging
import zipfile
from dataclasses import replace

import geopandas as gpd
import pytest
from PIL import Image

from geo_safety.errors import AccessError, InputError
from geo_safety.exports import EXPORTERS
from geo_safety.exports.names import plain
from geo_safety.model.viewer import ShareLevel, Viewer
from geo_safety.services import exporting


def test_the_name_of_a_file_says_what_it_holds(town):
    names = {name: exporting.hand_out([town.incidents()], [name], town.VIEWER, language="sv")[0].file_name for name in EXPORTERS}
    stem = "exempelkoeping_haendelser_2025-01-01_2025-12-31_intern_paahittat"
    assert names == {"geopackage": f"{stem}.gpkg", "geojson": f"{stem}.geojson", "csv": f"{stem}_csv.zip", "xlsx": f"{stem}.xlsx",
                     "folium_html": f"{stem}.html", "picture": f"{stem}_png.zip"}


def test_the_name_says_made_up_in_english_and_nothing_of_real_data(town):
    assert exporting.file_name([town.area_counts()], ".csv", "en") == "exempelkoeping_incidents-per-area_2025-01-01_2025-12-31_internal_made-up.csv"
    assert exporting.file_name([town.measures(made_up=False)], ".gpkg", "sv") == "exempelkoeping_aatgaerder.gpkg"


def test_many_layers_are_counted_in_the_name(town):
    layers = [town.incidents(), town.measures(), town.findings(), town.area_counts(), town.base_map()]
    assert "_4-lager_" in exporting.file_name(layers, ".gpkg", "sv")


@pytest.mark.parametrize(("said", "spelt"), [("Åtgärder i Öst", "aatgaerder-i-oest"), ("../../etc/passwd", "etc-passwd"), ("a\r\nb; c", "a-b-c")])
def test_names_are_plain(said, spelt):
    assert plain(said) == spelt


def test_a_format_without_room_for_the_sheet_comes_with_it_in_a_zip(town):
    handed = exporting.hand_out([town.incidents(), town.area_counts()], ["csv"], town.VIEWER, language="sv")[0]
    bundle = zipfile.ZipFile(io.BytesIO(handed.content))
    assert handed.media_type == "application/zip" and bundle.testzip() is None
    assert [name[-3:] for name in bundle.namelist()] == ["csv", "csv", ".md"]
    sheet = bundle.read("metodblad.md").decode()
    assert sheet.startswith("# Metodblad") and "Vad det inte visar" in sheet and "offence_type" in sheet


def test_several_layers_of_a_format_that_takes_one_are_several_files(town):
    handed = exporting.hand_out([town.findings(), town.findings(6), town.measures()], ["geojson"], town.VIEWER, language="en")[0]
    bundle = zipfile.ZipFile(io.BytesIO(handed.content))
    parts = [json.loads(bundle.read(name)) for name in bundle.namelist() if name.endswith(".geojson")]
    assert [len(part["features"]) for part in parts] == [12, 6, 5]
    assert all(len(part["method_sheet"]["layers"]) >= 1 for part in parts)


def test_the_ground_is_drawn_but_not_handed_out_as_data(town, tmp_path):
    made = exporting.hand_out([town.measures(), town.base_map()], ["geopackage", "folium_html"], town.VIEWER, language="sv")
    (tmp_path / "o.gpkg").write_bytes(made[0].content)
    assert "base_map" not in set(gpd.list_layers(tmp_path / "o.gpkg")["name"])
    assert "Stadsparken" in made[1].content.decode()


def test_every_hand_out_is_logged_without_any_value_of_a_row(town, caplog):
    with caplog.at_level(logging.INFO, logger="geo_safety.audit"):
        exporting.hand_out([town.incidents(), town.measures()], ["csv", "xlsx"], town.VIEWER, language="sv", purpose="lägesbild")
    line, = (json.loads(record.message) for record in caplog.records if record.name == "geo_safety.audit")
    assert (line["who"], line["share_level"], line["purpose"], line["formats"]) == ("planner", "INTERNAL", "lägesbild", ["csv", "xlsx"])
    assert [(layer["layer"], layer["rows"], layer["info_class"]) for layer in line["layers"]] == [("incidents", 300, 1), ("measures", 5, 0)]
    assert len(line["files"]) == 2 and all(one["bytes"] > 0 for one in line["files"])
    assert "Storgatan" not in caplog.text


def test_the_picture_and_the_command_line_are_logged_too(town, caplog, tmp_path):
    with caplog.at_level(logging.INFO, logger="geo_safety.audit"):
        exporting.picture([town.area_counts()], town.VIEWER)
        exporting.write_file([town.area_counts()], tmp_path / "o.xlsx", town.VIEWER)
    assert [json.loads(r.message)["formats"] for r in caplog.records if r.name == "geo_safety.audit"] == [["picture"], ["xlsx"]]


def test_what_is_too_exact_or_too_secret_for_the_viewer_stays(town, caplog):
    with pytest.raises(AccessError, match="higher level"):
        exporting.hand_out([town.incidents()], ["csv"], Viewer("partner", share_level=ShareLevel.PARTNER), language="sv")
    with pytest.raises(AccessError, match="class 1"):
        exporting.picture([town.incidents()], Viewer("public", info_class=0))
    assert not [record for record in caplog.records if record.name == "geo_safety.audit"]


def test_an_unknown_format_is_named_with_those_there_are(town, tmp_path):
    with pytest.raises(InputError, match=r"shapefile.*geopackage"):
        exporting.hand_out([town.measures()], ["shapefile"], town.VIEWER, language="sv")
    with pytest.raises(InputError, match=r"\.doc.*\.gpkg"):
        exporting.write_file([town.measures()], tmp_path / "x.doc", town.VIEWER)
    with pytest.raises(InputError, match="at least one layer"):
        exporting.hand_out([], ["csv"], town.VIEWER, language="sv")


def test_the_command_line_writes_one_file_or_several_with_the_sheet_beside(town, tmp_path):
    layers = [town.findings(), town.measures()]
    assert exporting.write_file(layers, tmp_path / "allt.gpkg", town.VIEWER) == [tmp_path / "allt.gpkg"]
    written = exporting.write_file(layers, tmp_path / "t.csv", town.VIEWER, language="en")
    assert [path.name for path in written] == ["t-walk_findings.csv", "t-measures.csv", "t.method-sheet.md"]
    assert all(path.stat().st_size for path in written) and len(list(tmp_path.iterdir())) == 4, "and nothing unfinished lies about"


def test_a_map_can_be_coloured_by_another_column(town):
    by_count = exporting.hand_out([town.area_counts()], ["folium_html"], town.VIEWER, language="sv")[0].content.decode()
    by_rate = exporting.hand_out([town.area_counts()], ["folium_html"], town.VIEWER, language="sv", colour_by="rate_per_100k")[0].content.decode()
    assert "för få invånare" not in by_count and "för få invånare" in by_rate
    assert Image.open(io.BytesIO(exporting.picture([town.area_counts(), town.measures()], town.VIEWER, colour_by="rate_per_100k"))).size[0] > 1000


def test_another_language_than_the_viewers_can_be_asked_for(town):
    swedish = replace(town.VIEWER, language="sv")
    assert b"Method sheet" in exporting.hand_out([town.measures()], ["folium_html"], swedish, language="en")[0].content
