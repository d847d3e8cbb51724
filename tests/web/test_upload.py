"""Files on their way in: what is taken, what is refused in words, and that no name of theirs ever becomes a path of ours."""
from __future__ import annotations

import io
import json
import os
import stat
import time

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo_safety.model.viewer import local_viewer
from geo_safety.settings import Settings
from geo_safety.sources import SOURCES
from geo_safety.store import Store
from geo_safety.web import create_app
from geo_safety.web.upload import Uploads, example_of, shown_name

HOST = {"Host": "127.0.0.1:8050"}
CSV = "typ;datum\ncykelstöld;2026-01-02\n".encode()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store.create(tmp_path_factory.mktemp("uploads") / "town.gpkg", municipality_name="Tomby") as made:
        yield made


@pytest.fixture(scope="module")
def client(store):
    return create_app(Settings(store=str(store.path), upload_limit_mb=1), store).server.test_client()


@pytest.fixture
def folder(store):
    place = Uploads(store).folder
    for path in place.glob("*"):
        path.unlink()
    return place


def send(client, *files, headers=None, language="sv"):
    """Posts (name, content) pairs as a browser would."""
    data = {"file": [(io.BytesIO(content), name) for name, content in files]} if files else {"other": "text"}
    return client.post("/upload", data=data, content_type="multipart/form-data", headers=HOST | {"Accept-Language": language} | (headers or {}))


def left_in(folder):
    return sorted(path.name for path in folder.glob("*"))


def test_a_file_waits_under_a_name_of_ours_with_its_own_name_as_a_text(client, store, folder):
    came = send(client, ("Uttag vecka 32.csv", CSV)).get_json()
    assert came["name"] == "Uttag vecka 32.csv" and came["size"] == len(CSV)
    assert left_in(folder) == [f"{came['id']}.json", f"{came['id']}.upload"]
    upload = Uploads(store).find(came["id"])
    assert upload.name == "Uttag vecka 32.csv" and upload.path.read_bytes() == CSV
    assert json.loads((folder / f"{came['id']}.json").read_text("utf-8")) == {"name": "Uttag vecka 32.csv"}


def test_only_the_owner_of_the_service_can_read_what_waits(client, folder):
    came = send(client, ("a.csv", CSV)).get_json()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / f"{came['id']}.upload").stat().st_mode) == 0o600


@pytest.mark.parametrize(("theirs", "shown"), [
    ("../../etc/passwd", "passwd"), ("..\\..\\boot.ini", "boot.ini"), ("C:\\temp\\uttag.csv", "uttag.csv"), ("/abs/x.csv", "x.csv"), ("..", ".."),
    ("a\u202egpj.csv", "agpj.csv"), ("två\nrader.csv", "tvårader.csv"), ("a\x00b.csv", "ab.csv"),
    ("<img src=x onerror=alert(1)>.csv", "<img src=x onerror=alert(1)>.csv")])
def test_a_name_is_only_its_last_part_without_signs_that_cannot_be_seen(theirs, shown):
    assert shown_name(theirs) == shown


@pytest.mark.parametrize("name", ["../../evil.csv", "..\\evil.csv", "/tmp/evil.csv", "....//x.csv", "%2e%2e%2fevil.csv", "å" * 300 + ".csv"])
def test_whatever_a_file_is_called_it_lies_in_the_folder_under_a_random_name(client, folder, name):
    came = send(client, (name, CSV)).get_json()
    assert len(came["id"]) == 32 and int(came["id"], 16) >= 0
    assert left_in(folder) == [f"{came['id']}.json", f"{came['id']}.upload"]
    assert len(came["name"]) <= 120 and came["name"].endswith(".csv") and "/" not in came["name"] and "\\" not in came["name"]
    assert not list(folder.parent.parent.glob("**/*evil*"))


def test_a_file_beyond_the_limit_is_refused_in_words_and_nothing_is_left(client, folder):
    answer = send(client, ("stor.csv", b"x" * (1024 * 1024 + 1)))
    assert answer.status_code == 413 and "större än 1 MB" in answer.get_json()["error"]
    assert left_in(folder) == []
    assert "larger than 1 MB" in send(client, ("large.csv", b"x" * (1024 * 1024 + 1)), language="en").get_json()["error"]


def test_a_file_without_a_line_break_is_taken_as_it_is(client, store, folder):
    content = bytes(range(256)) * 3500  # 875 kB of anything
    came = send(client, ("bild.gpkg", content)).get_json()
    assert Uploads(store).find(came["id"]).path.read_bytes() == content


@pytest.mark.parametrize(("files", "said"), [
    ((), "Ingen fil"), ((("tom.csv", b""),), "Filen tom.csv är tom"), ((("a.shp", CSV), ("a.dbf", CSV)), "en fil i taget")])
def test_no_file_an_empty_file_and_two_files_are_refused_in_words(client, folder, files, said):
    answer = send(client, *files)
    assert answer.status_code == 400 and said in answer.get_json()["error"]
    assert left_in(folder) == []


@pytest.mark.parametrize("body", [{"json": {"file": "x"}}, {"data": CSV, "content_type": "text/csv"},
                                  {"data": b"--x\r\nbroken", "content_type": "multipart/form-data"},
                                  {"data": b"--x\r\nContent-Disposition: form-data; name=file; filename=a.csv\r\n\r\nhalf",
                                   "content_type": "multipart/form-data; boundary=x"}])
def test_a_request_that_is_no_form_with_a_file_is_refused_in_words(client, folder, body):
    answer = client.post("/upload", headers=HOST, **body)
    assert answer.status_code == 400 and answer.get_json()["error"]
    assert left_in(folder) == []


@pytest.mark.parametrize("headers", [{"Origin": "http://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_foreign_page_cannot_send_a_file(client, folder, headers):
    assert send(client, ("a.csv", CSV), headers=headers).status_code == 403
    assert left_in(folder) == []


def test_what_has_waited_for_a_day_is_taken_away_when_the_next_file_comes(client, folder):
    first, second = (send(client, (name, CSV)).get_json()["id"] for name in ("a.csv", "b.csv"))
    yesterday = time.time() - 25 * 3600
    for path in folder.glob(f"{first}.*"):
        os.utime(path, (yesterday, yesterday))
    third = send(client, ("c.csv", CSV)).get_json()["id"]
    assert {name.partition(".")[0] for name in left_in(folder)} == {second, third}


@pytest.mark.parametrize("key", [None, "", "../town", "x" * 32, "0" * 31, "0" * 32, "A" * 32])
def test_an_id_that_is_not_ours_finds_nothing(store, key):
    assert Uploads(store).find(key) is None


def test_rejected_rows_come_as_a_file_that_no_spreadsheet_runs(client, store):
    square = shapely.MultiPolygon([shapely.box(500_000, 6_400_000, 500_900, 6_400_900)])
    area = gpd.GeoDataFrame({"kind": ["own"], "code": ["1"], "name": ["Torget"]}, geometry=[square], crs=store.crs)
    rejects = pd.DataFrame({"row_number": [7], "column_name": ["code"], "value": ["=HYPERLINK(1)"], "reason_sv": ["Koden saknas."],
                            "reason_en": ["The code is missing."], "raw": [{"kod": "=1+1", "namn": "<b>Å</b>"}]})
    batch = store.bring_in("areas", area, local_viewer(), batch={"source_code": "own", "file_name": "a.csv", "file_sha256": "0"}, rejects=rejects).batch_uid
    answer = client.get(f"/data/rejects/{batch}.csv", headers=HOST | {"Accept-Language": "sv"})
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"] and ".csv" in answer.headers["Content-Disposition"]
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert lines == ["Rad;Kolumn;Värde;Skäl;kod;namn", "7;code;'=HYPERLINK(1);Koden saknas.;'=1+1;<b>Å</b>"]


@pytest.mark.parametrize("batch", ["unknown", "..", "'; DROP TABLE import_batches; --"])
def test_rejected_rows_of_no_import_are_not_found(client, batch):
    assert client.get(f"/data/rejects/{batch}.csv", headers=HOST).status_code == 404


def test_the_example_file_of_each_source_can_be_fetched(client):
    for name, source in SOURCES.items():
        answer = client.get(f"/data/example/{name}", headers=HOST)
        assert answer.status_code == 200 and answer.data == example_of(source).read_bytes()
    assert client.get("/data/example/pyproject", headers=HOST).status_code == 404
