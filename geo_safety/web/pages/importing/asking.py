"""What a person asks for on the import page: a look at a file, a change of the form, a check, the import itself."""
from __future__ import annotations

from typing import Any

from ....errors import InputError
from ....model.selection import to_search
from ....services import importing
from ....sources import SOURCES
from ....sources.reading import ReadOptions
from ....text import Text
from ...context import Context
from ...upload import Uploads
from . import drafts, form
from .drafts import Draft
from .step_columns import asked_in_words
from .step_file import GONE

KEY = "file"  # of the address: which upload
OPEN = Text(sv="Svara först på det som filen inte säger. {questions}", en="Answer first what the file does not say. {questions}")
UNKNOWN_SOURCE = Text(sv="Välj vad filen handlar om.", en="Choose what the file is about.")


def look_at(here: Context, draft: Draft, *, source: str, profile: str = "", given: ReadOptions | None = None) -> Draft:
    """The draft with a proposal for its file, made anew. InputError when the file cannot be understood as this."""
    if source not in SOURCES:
        raise InputError(UNKNOWN_SOURCE)
    if not draft.upload.path.exists():
        raise InputError(GONE)
    proposal = importing.propose(draft.upload.path, source, here.store, profile=profile or None, given=given, file_name=draft.upload.name, viewer=here.viewer)
    return drafts.keep(here.store, draft.with_(source=source, profile=profile, proposal=proposal, check=None, job=None, kept_as="", problem=None))


def taken_in(here: Context, draft: Draft, options: ReadOptions) -> Draft:
    """The draft with what the form says; the file is looked at again where that could change how it is understood."""
    assert draft.proposal is not None
    difference = form.differs(draft.proposal, options)
    if difference == "no":
        return draft
    if difference == "aside":
        return drafts.keep(here.store, draft.with_(proposal=form.settled(draft.proposal, options), check=None, job=None))
    return look_at(here, draft, source=draft.source, profile=draft.profile, given=options)


def begin(here: Context, draft: Draft, *, dry_run: bool, into_made_up: bool = False) -> int:
    """Puts the reading of a file into the queue; gives the number of the job."""
    assert draft.proposal is not None
    if not draft.upload.path.exists():
        raise InputError(GONE)
    if draft.proposal.questions:
        raise InputError(OPEN.format(questions=asked_in_words(draft.proposal)))
    return here.store.jobs.enqueue("import", {
        "source": draft.source, "path": str(draft.upload.path), "file_name": draft.upload.name, "options": form.confirmed(draft.proposal).to_dict(),
        "dry_run": dry_run, "into_made_up": into_made_up, **({"rejects": str(Uploads(here.store).beside(draft.upload.id, "rejects"))} if dry_run else {})},
        here.viewer)


def address(key: str, step: str) -> str:
    return to_search({KEY: key, "step": step}) if key else to_search({"step": step})


def form_of(state: dict[str, list]) -> form.Form:
    """What stands in the controls, under the names of their fields."""
    def named(name: str, key: str) -> dict[str, Any]:
        return {about[key]: value for about, value in zip(state[f"{name}_ids"], state[name], strict=True)}
    codes: dict[str, dict[int, str | None]] = {}
    for about, value in zip(state["codes_ids"], state["codes"], strict=True):
        codes.setdefault(about["code"], {})[about["at"]] = value
    return form.Form(columns=named("columns", "map"), same=named("same", "same"), codes=codes, options=named("options", "option"))
