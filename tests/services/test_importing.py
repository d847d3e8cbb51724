"""A file becomes rows of a store: proposed, brought in, reported, taken back."""
from __future__ import annotations

import csv
import io
import zipfile

import pytest
import shapely

from geo_safety.errors import Cancelled, InputError
from geo_safety.model.viewer import local_viewer
from geo_safety.services import importing
from geo_safety.services.import_report import disarmed
from geo_safety.sources import SOURCES, guard
from geo_safety.sources.reading import ReadOptions
from geo_safety.store import Store

VIEWER = local_viewer("en")
HEAD = "id;datum;lon;lat;plats\n"
ROWS = "K1;2026-07-01 14:30;12.69;57.51;Torget\nK2;2026-07-02;;;=1+1\nK3;igår;12.69;57.51;<b>x</b>\nK4;2026-07-03;14.0;58.0;Långt bort\n"
OPTIONS = ReadOptions(mapping={"source_key": "id", "occurred_from": "datum", "x": "lon", "y": "lat", "place_text": "plats"},
                      constants={"offence_type": "theft"}, crs="EPSG:4326")


@pytest.fixture(autouse=True)
def at_once(request, monkeypatch):
    """Files are read in this process, where a second for each new one would be spent on starting it; `guarded` tests start one."""
    if "guarded" in request.fixturenames:
        return

    def read(source, layer, path, options, into, *, file_name=None, limits=None, progress):
        return SOURCES[source].read(path, options, into, progress=progress), {"seconds": 0.0, "peak_mb": None}

    def propose(source, path, into, *, given=None, file_name=None, limits=None, progress):
        return SOURCES[source].propose(path, into, given)
    monkeypatch.setattr(guard, "read", read)
    monkeypatch.setattr(guard, "propose", propose)


@pytest.fixture
def guarded():
    """Files are read in a child process, as for everybody else."""


@pytest.fixture
def store(tmp_path):
    with Store.create(tmp_path / "store.gpkg", municipality_code="1463", municipality_name="Mark") as store:
        yield store


@pytest.fixture
def with_border(store):
    border = shapely.MultiPolygon([shapely.box(337_000, 6_350_000, 378_300, 6_391_400)])
    store.save("areas", {"kind": "municipality", "code": "1463", "name": "Mark", "geometry": border}, VIEWER)
    return store


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "uttag.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    return path


def bring_in(store, path, options=OPTIONS, **more):
    return importing.bring_in(store, "incidents_table", path, VIEWER, options, **more)


def unchanged(store, revision):
    return store.revision() == revision and store.count("incidents", VIEWER) == 0 and store.count("import_batches", VIEWER) == 0


def test_good_rows_come_in_and_the_rest_is_told(guarded, with_border, table):
    report = bring_in(with_border, table)
    assert (report.read, report.inserted, report.updated, report.unchanged, report.rejected, report.without_place) == (4, 3, 0, 0, 1, 1)
    assert report.quality["outside"] == 1
    said = " ".join(note.en for note in report.notes)
    assert "1 row has no usable place" in said
    assert "1 row lies outside the municipality" in said
    frame = with_border.read("incidents", VIEWER)
    assert sorted(frame["source_key"]) == ["K1", "K2", "K4"]
    assert set(frame["info_class"]) == {1}
    batch = with_border.read("import_batches", VIEWER).iloc[0]
    assert (batch["file_name"], batch["status"], batch["read"], batch["rejected"], batch["quality"]["outside"]) == ("uttag.csv", "done", 4, 1, 1)
    assert len(batch["file_sha256"]) == 64
    assert with_border.read("sources", VIEWER)["code"].tolist() == ["incidents_table"]


def test_the_same_file_again_changes_nothing(store, table):
    bring_in(store, table)
    before = store.read("incidents", VIEWER)
    again = bring_in(store, table)
    assert (again.read, again.inserted, again.updated, again.unchanged, again.rejected) == (4, 0, 0, 3, 1)
    assert "The same file was brought in" in " ".join(note.en for note in again.notes)
    after = store.read("incidents", VIEWER)
    assert before[["uid", "row_version"]].equals(after[["uid", "row_version"]])
    assert store.count("sources", VIEWER) == 1


def test_a_changed_row_is_updated_and_the_import_can_be_taken_back(store, table):
    bring_in(store, table)
    table.write_text(HEAD + ROWS.replace("Torget", "Stationen"), encoding="utf-8")
    report = bring_in(store, table)
    assert (report.inserted, report.updated, report.unchanged) == (0, 1, 2)
    assert importing.undo(store, report.batch_uid, VIEWER) == 1
    assert store.read("incidents", VIEWER, where={"source_key": "K1"})["place_text"].iloc[0] == "Torget"


def test_a_whole_import_can_be_taken_back(store, table):
    report = bring_in(store, table)
    assert importing.undo(store, report.batch_uid, VIEWER, reason="fel fil") == 3
    assert store.count("incidents", VIEWER) == 0


def test_a_dry_run_reports_and_stores_nothing(store, table):
    revision = store.revision()
    report = bring_in(store, table, dry_run=True)
    assert (report.read, report.inserted, report.rejected, report.known, report.batch_uid) == (4, 3, 1, 0, None)
    assert unchanged(store, revision)
    bring_in(store, table)
    assert bring_in(store, table, dry_run=True).known == 3


def test_rejected_rows_come_back_as_a_file_a_spreadsheet_opens(store, table):
    report = bring_in(store, table)
    content = importing.rejects_csv(store, report.batch_uid, VIEWER)
    assert content.startswith(b"\xef\xbb\xbf")
    heads, row = csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    assert heads[:4] == ["Row", "Column", "Value", "Reason"]
    assert row[:4] == ["4", "datum", "igår", "The time is missing or cannot be read."]
    assert dict(zip(heads[4:], row[4:], strict=True)) == {"id": "K3", "datum": "igår", "lon": "12.69", "lat": "57.51", "plats": "<b>x</b>"}
    assert report.rejects_csv("sv").decode("utf-8-sig").split("\r\n")[1].split(";")[3] == "Tiden saknas eller går inte att läsa."
    with pytest.raises(InputError, match="no such import"):
        importing.rejects_csv(store, "not-there", VIEWER)


@pytest.mark.parametrize(("value", "safe"), [("=1+1", "'=1+1"), ("+46 70", "'+46 70"), ("@x", "'@x"), ("-2+3", "'-2+3"), ("-75,5", "-75,5"), ("\t=1", "'\t=1"),
                                             ("text", "text"), (None, "")])
def test_what_a_spreadsheet_would_run_is_made_text(value, safe):
    assert disarmed(value) == safe


def test_choices_are_kept_as_a_profile_and_used_again(store, table):
    bring_in(store, table, profile="Uttag")
    assert importing.profiles(store, VIEWER) == {"Uttag": OPTIONS}
    bring_in(store, table, OPTIONS.with_(source_code="polisen"), profile="Uttag")
    assert importing.profiles(store, VIEWER, source_name="incidents_table")["Uttag"].source_code == "polisen"
    assert importing.options_for(store, "incidents_table", table, VIEWER, profile="Uttag").source_code == "polisen"
    with pytest.raises(InputError, match=r"no profile annat.*Uttag"):
        importing.options_for(store, "incidents_table", table, VIEWER, profile="annat")


def test_the_year_of_one_file_is_not_kept_for_the_next(store):
    importing.keep_profile(store, "Brå", "bra_yearly", ReadOptions(mapping={"reported": "Antal"}, constants={"year": 2024, "offence_group": "total"}), VIEWER)
    assert importing.profiles(store, VIEWER)["Brå"].constants == {"offence_group": "total"}


def test_two_suppliers_with_the_same_ids_do_not_meet(store, table):
    bring_in(store, table)
    report = bring_in(store, table, OPTIONS.with_(source_code="väktarna"))
    assert (report.inserted, report.updated) == (3, 0)
    assert sorted(store.read("sources", VIEWER)["code"]) == ["incidents_table", "väktarna"]


def test_rows_that_mostly_overwrite_others_are_warned_of(store, table):
    bring_in(store, table)
    table.write_text(HEAD + "K1;2025-01-01;12.7;57.5;A\nK2;2025-01-01;12.7;57.5;B\nK4;2025-01-01;12.7;57.5;C\n", encoding="utf-8")
    assert "same supplier" in bring_in(store, table).notes[-1].en


# --- the command line's way ---------------------------------------------------------------------------------------------------

def test_a_file_about_which_nothing_was_said_is_refused_with_the_proposal(with_border, table):
    with pytest.raises(InputError, match=r"Proposal: occurred_from=datum, source_key=id, .*crs=EPSG:4326\. Run again with --yes"):
        importing.options_for(with_border, "incidents_table", table, VIEWER)


def test_yes_fills_in_what_was_not_said(with_border, table):
    options = importing.options_for(with_border, "incidents_table", table, VIEWER, given={"offence_type": "theft"}, accept=True)
    assert options.mapping == OPTIONS.mapping
    assert (options.crs, options.proposed) == ("EPSG:4326", False)


def test_yes_does_not_answer_what_the_file_cannot(with_border, table):
    with pytest.raises(InputError, match="does not say Offence type"):
        importing.options_for(with_border, "incidents_table", table, VIEWER, accept=True)


def test_what_was_said_is_all_that_holds_without_yes(store, table):
    options = importing.options_for(store, "incidents_table", table, VIEWER, mapping={"occurred_from": "datum"}, crs="EPSG:3006", given={
        "offence_type": "theft", "zulu_is_utc": "true", "header_row": "1", "keep": "plats, id", "source_code": "polisen", "offence_type.Rån": "robbery"})
    assert options == ReadOptions(mapping={"occurred_from": "datum"}, constants={"offence_type": "theft"}, codes={"offence_type": {"Rån": "robbery"}},
                                  crs="EPSG:3006", zulu_is_utc=True, header_row=1, keep=("plats", "id"), source_code="polisen")


@pytest.mark.parametrize("given", [{"zulu_is_utc": "kanske"}, {"header_row": "två"}, {"date_order": "ymd"}, {"separator": "ab"}])
def test_a_choice_that_cannot_be_is_refused(store, table, given):
    with pytest.raises(InputError):
        importing.options_for(store, "incidents_table", table, VIEWER, mapping={"occurred_from": "datum"}, given=given)


def test_choices_travel_as_json_with_a_job(store):
    assert importing.options_from(OPTIONS.to_dict()) == OPTIONS
    assert importing.options_from(None) == ReadOptions()
    with pytest.raises(InputError):
        importing.options_from("[1]")


# --- what is refused ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("info_class", [2, 3])
def test_secret_data_are_refused_in_words(store, table, info_class):
    revision = store.revision()
    with pytest.raises(InputError, match="class 2 and 3"):
        bring_in(store, table, OPTIONS.with_(info_class=info_class))
    assert unchanged(store, revision)


def test_real_data_in_a_made_up_store_are_asked_about(tmp_path, table):
    with Store.create(tmp_path / "sample.gpkg", made_up=True) as sample:
        with pytest.raises(InputError, match="made-up data"):
            bring_in(sample, table)
        assert bring_in(sample, table, dry_run=True).read == 4
        assert bring_in(sample, table, into_made_up=True).inserted == 3


def test_a_file_of_which_no_row_can_be_used_is_one_sentence(store, table):
    table.write_text(HEAD + "K1;igår;12.69;57.51;x\nK2;2026-01-01;1e308;1e308;y\nK3;ifjol;1;1;z\n", encoding="utf-8")
    revision = store.revision()
    with pytest.raises(InputError, match=r"None of the 3 rows of uttag\.csv can be brought in\. For example row 2: The time is missing"):
        bring_in(store, table)
    assert unchanged(store, revision)


BAD_FILES = (
    ("prose.csv", b"bara text\nutan tabell\n", "no table"), ("empty.csv", b"", "empty"), ("vrt.geojson", b"<OGRVRTDataSource/>", "XML"),
    ("cut.gpkg", b"SQLite format 3\x00" + bytes(500), "damaged"), ("program.exe", b"MZ", "not of a kind"))


@pytest.mark.parametrize(("name", "content", "said"), BAD_FILES, ids=[name for name, _, _ in BAD_FILES])
def test_a_bad_file_is_one_sentence_nothing_stored_and_the_service_goes_on(guarded, store, tmp_path, name, content, said):
    path, revision = tmp_path / name, store.revision()
    path.write_bytes(content)
    with pytest.raises(InputError, match=said) as problem:
        bring_in(store, path)
    assert "\n" not in problem.value.text.sv
    assert unchanged(store, revision)


def test_an_archive_that_writes_elsewhere_or_a_wrong_sheet_stores_nothing(store, tmp_path, table):
    revision, path = store.revision(), tmp_path / "escape.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../escape.csv", HEAD + ROWS)
    with pytest.raises(InputError, match="outside its own folder"):
        bring_in(store, path)
    path = tmp_path / "good.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(table, "uttag.csv")
    with pytest.raises(InputError, match=r"has no Blad9"):
        bring_in(store, path, OPTIONS.with_(sheet="Blad9"))
    assert unchanged(store, revision)


def test_without_a_coordinate_system_nothing_is_stored(store, table):
    revision = store.revision()
    with pytest.raises(InputError, match="not confirmed"):
        bring_in(store, table, ReadOptions(mapping=OPTIONS.mapping, constants=OPTIONS.constants))
    assert unchanged(store, revision)


@pytest.mark.parametrize("at", [0.0, 0.71])
def test_cancelling_stores_nothing(guarded, store, table, at):
    revision = store.revision()

    def stop(share, what):
        if share >= at:
            raise Cancelled()
    with pytest.raises(Cancelled):
        bring_in(store, table, progress=stop)
    assert unchanged(store, revision)


def test_progress_only_grows_and_says_what_is_done(store, table):
    told = []
    bring_in(store, table, progress=lambda share, what: told.append((share, what)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1
    assert all(what.sv and what.en for _, what in told)


def test_an_unknown_source_is_named_with_those_there_are(store, table):
    with pytest.raises(InputError, match=r"no source kolada\. Choose among: incidents_table, areas_file"):
        importing.propose(table, "kolada", store)


def test_the_municipality_of_the_store_settles_which_coordinates_are_proposed(guarded, with_border, tmp_path):
    path = tmp_path / "zon.csv"
    # around Kinna in SWEREF 99 13 30, where 57.51 N 12.69 E is 101 450 E and 6 376 999 N by Lantmäteriet's series
    path.write_text("id;datum;E;N\n" + "".join(f"{n};2026-01-01;{101_450 + n};{6_376_999 + n}\n" for n in range(30)), encoding="utf-8")
    found = importing.propose(path, "incidents_table", with_border)
    assert found.options.crs == "EPSG:3008"
    assert found.places[0][1] == "57.51000, 12.68999"
