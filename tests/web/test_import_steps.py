"""Every source's example file goes through the steps of the page, in both languages and without a browser."""
from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from plotly.utils import PlotlyJSONEncoder

from geo_safety.errors import InputError
from geo_safety.model.viewer import local_viewer
from geo_safety.services import importing, working
from geo_safety.settings import Settings
from geo_safety.sources import SOURCES
from geo_safety.store import Store
from geo_safety.web.context import Context
from geo_safety.web.pages import imports
from geo_safety.web.pages.importing import drafts, form
from geo_safety.web.pages.importing.asking import address, begin, look_at
from geo_safety.web.upload import Uploads, example_of


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with Store.create(tmp_path_factory.mktemp("steps") / "town.gpkg", municipality_name="Exempelby", municipality_code="9901") as made:
        yield made


def at(store, search: str, language: str = "sv") -> Context:
    return Context(store, Settings(store=str(store.path)), local_viewer(language), dict(part.split("=") for part in search.lstrip("?").split("&") if part))


def come(store, path: Path, name: str | None = None) -> drafts.Draft:
    uploads = Uploads(store)
    key, stream = uploads.begin()
    with stream:
        stream.write(path.read_bytes())
    return drafts.Draft(uploads.finish(key, name or path.name))


def said(store, key: str, step: str, language: str) -> str:
    """All that the page shows at a step, as one text; what cannot be sent to a browser stops here."""
    return json.dumps(imports.layout(at(store, address(key, step), language)), cls=PlotlyJSONEncoder, ensure_ascii=False)


@pytest.mark.parametrize("name", SOURCES)
def test_the_example_of_each_source_is_understood_and_read_through(store, name):
    draft = look_at(at(store, ""), come(store, example_of(SOURCES[name])), source=name)
    key = draft.upload.id
    for language in ("sv", "en"):
        assert draft.upload.name in said(store, key, "columns", language)
    drafts.keep(store, draft.with_(check=begin(at(store, ""), draft, dry_run=True)))
    assert "Väntar på sin tur" in said(store, key, "check", "sv") and "Waiting for its turn" in said(store, key, "check", "en")
    working.work(store, once=True)
    report = store.jobs.get(drafts.load(store, key).check)
    assert report.status == "done" and report.result["read"] > report.result["rejected"]
    for language, words in (("sv", ("Så blir det", "rader i filen")), ("en", ("What it would give", "rows in the file"))):
        shown = said(store, key, "check", language)
        assert all(word in shown for word in words)
    assert not store.count("import_batches", local_viewer())  # looked at, not brought in


def test_what_is_brought_in_is_not_kept_a_second_time_and_is_listed(store, tmp_path):
    draft = look_at(at(store, ""), come(store, example_of(SOURCES["areas_file"]), "områden <b>.geojson"), source="areas_file")
    key = draft.upload.id
    drafts.keep(store, draft.with_(check=1, job=begin(at(store, ""), draft, dry_run=False)))
    working.work(store, once=True)
    for language, words in (("sv", ("Klart", "Visa på kartan", "Ångra inläsningen")), ("en", ("Done", "Show on the map", "Undo the import"))):
        shown = said(store, key, "done", language)
        assert all(word in shown for word in words)
    listed = said(store, "", "file", "sv")
    assert "områden <b>.geojson" in listed and "Tidigare inläsningar" in listed
    Uploads(store).drop(key, note=False)
    assert Uploads(store).find(key).size == 0 and "Klart" in said(store, key, "done", "sv")
    with pytest.raises(InputError, match="no longer here"):
        begin(at(store, ""), drafts.load(store, key), dry_run=True)
    with pytest.raises(InputError, match="no longer here"):
        look_at(at(store, ""), drafts.load(store, key), source="areas_file")


def test_a_job_that_failed_says_why_and_one_that_was_stopped_says_that(store):
    draft = look_at(at(store, ""), come(store, example_of(SOURCES["areas_file"])), source="areas_file")
    key = draft.upload.id
    failed, stopped = (begin(at(store, ""), draft, dry_run=True) for _ in range(2))
    store.jobs.cancel(stopped)
    draft.upload.path.write_bytes(b"")
    working.work(store, once=True)
    drafts.keep(store, draft.with_(check=failed))
    assert "är tom" in said(store, key, "check", "sv")
    drafts.keep(store, draft.with_(check=stopped))
    assert "Arbetet avbröts. Inget sparades." in said(store, key, "check", "sv")
    drafts.keep(store, draft.with_(check=10_000))
    assert "no longer here" in said(store, key, "check", "en")


def test_a_kept_profile_is_offered_and_followed(store):
    draft = look_at(at(store, ""), come(store, example_of(SOURCES["measures_table"])), source="measures_table")
    chosen = replace(form.confirmed(draft.proposal), source_code="tekniska", info_class=0)
    importing.keep_profile(store, "Tekniska <i>nämnden</i>", "measures_table", chosen, local_viewer())
    assert "Tekniska <i>nämnden</i>" in said(store, draft.upload.id, "columns", "sv")
    again = look_at(at(store, ""), draft, source="measures_table", profile="Tekniska <i>nämnden</i>")
    assert (again.proposal.options.source_code, again.proposal.options.info_class) == ("tekniska", 0)
    with pytest.raises(InputError, match="no profile"):
        look_at(at(store, ""), draft, source="areas_file", profile="Tekniska <i>nämnden</i>")


def test_a_source_that_there_is_not_is_asked_for(store, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("a;b\n1;2\n")
    with pytest.raises(InputError, match="Choose what"):
        look_at(at(store, ""), come(store, file), source="")
