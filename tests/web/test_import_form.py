"""What a person chooses in the import form, and what it does to the proposal."""
from __future__ import annotations

import json
from dataclasses import replace

import pytest
from plotly.utils import PlotlyJSONEncoder

from geo_safety.errors import InputError
from geo_safety.model.viewer import local_viewer
from geo_safety.settings import Settings
from geo_safety.sources.columns import PLACE_FIELDS, TIME_PARTS
from geo_safety.sources.incidents_table import FIELDS
from geo_safety.sources.reading import CrsCandidate, Proposal, ReadOptions
from geo_safety.store import Store
from geo_safety.web.context import Context
from geo_safety.web.pages.importing import drafts, form
from geo_safety.web.pages.importing.asking import form_of
from geo_safety.web.pages.importing.drafts import Draft
from geo_safety.web.pages.importing.form import Form
from geo_safety.web.pages.importing.step_columns import step_columns
from geo_safety.web.upload import Upload, Uploads

OPTIONS = ReadOptions(mapping={"occurred_from": "datum", "offence_type": "typ", "x": "e", "y": "n"}, crs="EPSG:3006", proposed=True,
                      codes={"offence_type": {"cykelstöld": "bicycle_theft"}})
PROPOSAL = Proposal("incidents_table", "uttag.csv", ("datum", "typ", "e", "n", "id"), OPTIONS, fields=FIELDS,
                    values={"offence_type": {"rån": 3, "cykelstöld": 9, "annat": 4}},
                    crs=(CrsCandidate("EPSG:3006", "SWEREF99 TM", share_inside=1.0), CrsCandidate("EPSG:3007", "SWEREF99 12 00", swapped=True)))


def as_shown(**changes) -> Form:
    """The form as it is drawn from PROPOSAL, with some controls changed."""
    columns = {field.name: OPTIONS.mapping.get(field.name) for field in FIELDS}
    codes = {at: OPTIONS.codes["offence_type"].get(value, "") for at, (value, _) in enumerate(form.listed(PROPOSAL, "offence_type"))}
    options = {"crs": "EPSG:3006|xy", "crs_code": "", "axes": "xy", "zone": "", "time_precision": "", "info_class": "1", "keep": [], "source_code": "",
               "header_row": "", "separator": "", "encoding": "", "decimal": ""}
    return Form(columns=columns | changes.pop("columns", {}), same={"offence_type": ""} | changes.pop("same", {}),
                codes={"offence_type": codes | changes.pop("codes", {})}, options=options | changes)


def test_a_form_that_has_only_been_drawn_changes_nothing():
    assert form.differs(PROPOSAL, form.chosen(PROPOSAL, as_shown())) == "no"


def test_the_most_frequent_word_of_the_file_stands_first():
    assert form.listed(PROPOSAL, "offence_type") == [("cykelstöld", 9), ("annat", 4), ("rån", 3)]


def test_no_more_words_are_listed_than_a_person_can_look_through():
    many = replace(PROPOSAL, values={"offence_type": {f"typ {i}": i for i in range(200)}})
    assert len(form.listed(many, "offence_type")) == 60 and form.listed(many, "offence_type")[0] == ("typ 199", 199)


def test_another_column_asks_for_a_new_look_at_the_file():
    told = form.chosen(PROPOSAL, as_shown(columns={"source_key": "id"}))
    assert told.mapping["source_key"] == "id" and form.differs(PROPOSAL, told) == "again"


def test_a_column_taken_away_is_not_guessed_again():
    told = form.chosen(PROPOSAL, as_shown(columns={"x": None, "y": None}))
    assert told.mapping["x"] == "" and form.differs(PROPOSAL, told) == "again"
    assert "x" not in form.plain(told)["mapping"]


def test_a_code_for_a_word_is_taken_in_without_a_new_look():
    told = form.chosen(PROPOSAL, as_shown(codes={2: "robbery"}))
    assert form.differs(PROPOSAL, told) == "aside"
    assert form.settled(PROPOSAL, told).options.codes["offence_type"] == {"cykelstöld": "bicycle_theft", "rån": "robbery", "annat": ""}


def test_a_code_taken_away_stays_away_and_is_not_handed_to_the_reader():
    told = form.chosen(PROPOSAL, as_shown(codes={0: ""}))
    assert told.codes["offence_type"]["cykelstöld"] == ""
    assert "codes" not in form.plain(told)


def test_words_beyond_those_listed_keep_what_was_proposed_for_them():
    values = {f"typ {i}": 300 - i for i in range(200)}
    many = replace(PROPOSAL, values={"offence_type": values}, options=replace(OPTIONS, codes={"offence_type": {"typ 150": "arson", "typ 0": "theft"}}))
    told = form.chosen(many, Form(columns=OPTIONS.mapping, codes={"offence_type": {0: "robbery"}}))
    assert told.codes["offence_type"]["typ 150"] == "arson" and told.codes["offence_type"]["typ 0"] == "robbery"


@pytest.mark.parametrize(("changed", "crs", "swapped"), [
    ({"crs": "EPSG:3007|yx"}, "EPSG:3007", True), ({"crs_code": "3012"}, "EPSG:3012", False), ({"crs_code": "epsg: 4326"}, "EPSG:4326", False),
    ({"axes": "yx"}, "EPSG:3006", True), ({"crs_code": "3857", "axes": "yx"}, "EPSG:3857", True)])
def test_what_was_changed_last_decides_the_coordinate_system(changed, crs, swapped):
    told = form.chosen(PROPOSAL, as_shown(**changed))
    assert (told.crs, told.swap_axes) == (crs, swapped)


@pytest.mark.parametrize("typed", ["99999", "sweref", "3006; DROP", "5773", "-1", "+proj=longlat"])
def test_a_coordinate_system_that_there_is_not_is_refused_in_words(typed):
    with pytest.raises(InputError, match="unknown"):
        form.crs_named(typed)


def test_another_separator_starts_the_proposal_anew():
    told = form.chosen(PROPOSAL, as_shown(separator=";", source_code=" polisen "))
    assert (told.separator, told.source_code) == (";", "polisen") and not told.mapping and not told.codes and told.crs is None


@pytest.mark.parametrize("typed", ["första", "1,5", "-1", "999999"])
def test_a_heading_row_that_is_no_number_is_refused_in_words(typed):
    with pytest.raises(InputError, match="heading row"):
        form.chosen(PROPOSAL, as_shown(header_row=typed))


@pytest.mark.parametrize(("chosen", "meant"), [("utc", True), ("local", False), (None, None)])
def test_what_a_z_means_is_true_false_or_not_yet_said(chosen, meant):
    assert form.chosen(PROPOSAL, as_shown(zulu=chosen)).zulu_is_utc is meant


def test_the_usual_class_of_a_source_is_not_a_choice_and_another_is():
    assert form.chosen(PROPOSAL, as_shown(info_class="1")).info_class is None
    assert form.chosen(PROPOSAL, as_shown(info_class="2")).info_class == 2


def test_one_value_for_all_rows_is_taken_in_and_taken_away():
    told = form.chosen(PROPOSAL, as_shown(columns={"offence_type": None}, same={"offence_type": "arson"}))
    assert told.constants == {"offence_type": "arson"}
    after = replace(PROPOSAL, options=told)
    assert form.chosen(after, as_shown(columns={"offence_type": None})).constants == {}


def test_nothing_is_confirmed_while_a_question_is_open():
    open_question = replace(PROPOSAL, questions=(("zulu_is_utc", FIELDS[0].title),))
    with pytest.raises(InputError):
        form.confirmed(open_question)
    assert form.confirmed(PROPOSAL).proposed is False


def test_every_field_is_about_what_when_or_where():
    assert {form.about(PROPOSAL, field) for field in PLACE_FIELDS} == {"where"}
    assert {form.about(PROPOSAL, field) for field in TIME_PARTS} == {"when"}
    assert {field.name: form.about(PROPOSAL, field) for field in FIELDS if field.name in ("occurred_from", "offence_type", "place_text")} == {
        "occurred_from": "when", "offence_type": "what", "place_text": "where"}


def test_a_draft_is_found_again_as_it_was_left(tmp_path):
    with Store.create(tmp_path / "town.gpkg") as store:
        uploads = Uploads(store)
        key, stream = uploads.begin()
        stream.write(b"datum\n2026-01-01\n")
        stream.close()
        draft = Draft(uploads.finish(key, "uttag.csv"), "incidents_table", "polisen", PROPOSAL, check=3)
        drafts.keep(store, draft)
        assert drafts.load(store, key) == draft
        uploads.drop(key)
        assert drafts.load(store, key) is None and not list(uploads.folder.iterdir())


def test_no_step_is_shown_before_the_one_it_rests_on(tmp_path):
    with Store.create(tmp_path / "town.gpkg") as store:
        uploads = Uploads(store)
        key, stream = uploads.begin()
        stream.close()
        come = Draft(uploads.finish(key, "uttag.csv"))
        assert [drafts.step_of(come, asked) for asked in (None, "check", "done")] == ["file", "file", "file"]
        understood = come.with_(proposal=PROPOSAL)
        shown = {asked: drafts.step_of(understood, asked) for asked in (None, "file", "columns", "done", "nonsense")}
        assert shown == {None: "columns", "file": "file", "columns": "columns", "done": "columns", "nonsense": "columns"}
        assert drafts.step_of(understood.with_(check=1, job=2), None) == "done"
        job = store.jobs.enqueue("import", {}, local_viewer())
        assert drafts.job_of(store, job).status == "queued" and drafts.job_of(store, job + 1) is None


def controls_in(component) -> list:
    """All components of a tree whose id is a dictionary, as Dash would find them."""
    found = [component] if isinstance(getattr(component, "id", None), dict) else []
    children = getattr(component, "children", None)
    for child in children if isinstance(children, list | tuple) else [children]:
        if child is not None and not isinstance(child, str):
            found += controls_in(child)
    return found


def read_back(drawn) -> Form:
    state: dict[str, list] = {}
    for name, keys in (("columns", {"map"}), ("same", {"same"}), ("codes", {"code", "at"}), ("options", {"option"})):
        mine = [control for control in controls_in(drawn) if set(control.id) == keys]
        state |= {name: [getattr(control, "value", None) for control in mine], f"{name}_ids": [control.id for control in mine]}
    return form_of(state)


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("changes", [
    {}, {"date_order": "dmy", "zulu_is_utc": True, "time_precision": "month"}, {"zone": "UTC", "decimal": ",", "header_row": 0, "separator": ";"},
    {"crs": "EPSG:3857", "swap_axes": True}, {"crs": "EPSG:3007", "swap_axes": True}, {"info_class": 0, "keep": ("id",), "source_code": "polisen"},
    {"mapping": {"occurred_from": "datum"}, "constants": {"offence_type": "arson"}, "codes": {}}, {"crs": None}])
def test_drawing_a_proposal_and_reading_the_form_back_changes_nothing(tmp_path, changes, language):
    proposal = replace(PROPOSAL, options=replace(OPTIONS, **changes), sheets=("blad 1", "blad 2"), times=(("3/4/2025", "2025-04-03"),),
                       places=(("1; 2", "57.1, 12.1"), ("odd", "–")), preview=({"datum": "<b>x</b>"},), rows=9, notes=(FIELDS[0].title,),
                       questions=(("crs", FIELDS[0].title), ("offence_type", FIELDS[0].title), ("source_key", FIELDS[0].title)))
    if not proposal.options.mapping.get("offence_type"):
        proposal = replace(proposal, values={})
    with Store.create(tmp_path / "town.gpkg") as store:
        here = Context(store, Settings(store=str(store.path)), local_viewer(language), {})
        draft = Draft(Upload("0" * 32, "uttag.csv", 9, tmp_path / "uttag.csv"), "incidents_table", "polisen", proposal)
        drawn = step_columns(here, draft, ["polisen"])
        told = form.chosen(proposal, read_back(drawn))
        assert form.differs(proposal, told) == "no"
        assert json.loads(json.dumps(drawn, cls=PlotlyJSONEncoder))["type"] == "Div"
