"""The sample as a whole: the same from the same seed, brought into a store, and written to the example files."""
from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from geo_safety import sample
from geo_safety.errors import InputError
from geo_safety.model.viewer import local_viewer
from geo_safety.sample import files, network
from geo_safety.store import Store

DATA = Path(__file__).resolve().parents[2] / "data"


def test_the_same_seed_makes_the_same_municipality(made):
    assert sample.build(sample.SEED).digest() == made.digest()


@pytest.mark.slow
def test_another_seed_makes_another_one_that_holds_together_as_well(made):
    other = sample.build(7)
    assert other.digest() != made.digest()
    assert other["exposure"]["residents"].sum() == 35_000
    areas = other["areas"]
    whole, fine = (areas[areas["kind"] == kind].geometry for kind in ("municipality", "deso"))
    assert abs(whole.area.sum() - fine.area.sum()) < 1.0
    streets = other["streets"]
    assert len(set(network.components(streets.geometry[streets["role"] != "railway"].to_numpy()))) == 1


@pytest.fixture(scope="module")
def filled(tmp_path_factory, made):
    """A store with the sample in it, and what `fill` said on the way."""
    told: list[float] = []
    path = tmp_path_factory.mktemp("sample") / "sample.gpkg"
    with pytest.MonkeyPatch.context() as patch, Store.create(path, made_up=True, municipality_code=sample.CODE, municipality_name=sample.NAME) as store:
        patch.setattr(sample, "build", lambda seed, progress: made)
        counts = sample.fill(store, progress=lambda share, what: told.append(share))
        yield store, counts, told


def test_every_record_comes_into_the_store_and_comes_out_again(filled, made):
    store, counts, told = filled
    viewer = local_viewer()
    assert counts == {name: len(frame) for name, frame in made.frames.items()} == {name: store.count(name, viewer) for name in counts}
    assert told == sorted(told) and told[-1] == 1.0
    assert store.check() == []
    back = store.read("incidents", viewer)
    assert back.geometry.isna().sum() == made["incidents"].geometry.isna().sum()
    assert set(store.read("sources", viewer)["code"]) == set(sample.SOURCE_OF.values())


def test_the_truth_is_kept_with_the_store(filled, made):
    kept = {row["code"]: row for row in filled[0].info("truth")}
    assert kept.keys() == set(made.truth["code"])
    assert kept["lykttunneln"]["changed_on"] == "2024-01-15" and kept["lykttunneln"]["area"].startswith("POLYGON")


def test_filling_twice_changes_nothing(filled):
    store = filled[0]
    before = set(store.read("import_batches", local_viewer())["uid"])
    sample.fill(store)
    batches = store.read("import_batches", local_viewer())
    again = batches[~batches["uid"].isin(before)]
    assert len(again) == len(before) and (again["unchanged"] == again["read"]).all()


def test_made_up_data_never_go_into_a_store_of_real_ones(tmp_path):
    with Store.create(tmp_path / "real.gpkg", municipality_code="1463") as real, pytest.raises(InputError, match="made up"):
        sample.fill(real)


# --- data/ ---------------------------------------------------------------------------------------------------------------------

def test_the_example_files_are_what_the_generator_writes(made):
    wanted = files.contents(made)
    assert {path.name for path in DATA.iterdir()} == wanted.keys()
    for name, content in wanted.items():
        assert (DATA / name).read_bytes() == content, f"{name}: write it again with python -m geo_safety.sample.files data/"
        assert len(content) < 200_000


def test_the_incident_file_is_a_swedish_one_with_four_bad_rows():
    text = (DATA / "incidents.csv").read_bytes().decode("cp1252")
    rows = [line.split(";") for line in text.split("\r\n")[:-1]]
    assert 330 < len(rows) < 450 and len({len(row) for row in rows}) == 1
    table = pd.DataFrame(rows[1:], columns=rows[0])
    years = table["Brottsdatum från"].str[:4].value_counts()
    assert years["2099"] == years["1899"] == 1
    assert (table["Brottsdatum till"].ne("") & (table["Brottsdatum till"] < table["Brottsdatum från"])).sum() == 1
    assert table["N"].str.contains("?", regex=False).sum() == 1
    placed = table[table["N"].str.fullmatch(r"\d{7},\d")]
    assert len(placed) > 250 and not table["Diarienummer"].duplicated().any()


def test_the_extra_quarter_begins_where_the_store_ends(made):
    assert made.later["reported_at"].min() >= pd.Timestamp("2026-01-01", tz="Europe/Stockholm")
    assert made.later["reported_at"].max() < pd.Timestamp("2026-04-01", tz="Europe/Stockholm")
    assert not set(made.later["source_key"]) & set(made["incidents"]["source_key"])


def test_the_yearly_list_looks_like_bra_s():
    content = (DATA / "bra_2025.csv").read_bytes()
    lines = content.decode("utf-8-sig").split("\r\n")
    assert content.startswith(b"\xef\xbb\xbf") and lines[0] == "Kommun;Antal;Per 100 000 inv."
    assert len(lines) == 1 + 290 + 1 and lines[1].split(";")[0] == "Exempelby"


def test_map_files_are_longitude_and_latitude_near_the_sample():
    for name, many in (("areas.geojson", 26), ("walk.geojson", 10)):
        features = json.loads((DATA / name).read_text(encoding="utf-8"))["features"]
        assert len(features) == many
        numbers = features[0]["geometry"]["coordinates"]
        while isinstance(numbers[0], list):
            numbers = numbers[0]
        assert 14 < numbers[0] < 15.5 and 59.5 < numbers[1] < 60.3


def test_the_example_files_say_that_they_are_made_up():
    assert "påhittat" in (DATA / "README.md").read_text(encoding="utf-8") and "made up" in (DATA / "README.md").read_text(encoding="utf-8")
