"""An import on its way: the file, how it would be understood, and the jobs that have looked at it. Kept beside the file, so a reload loses nothing."""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ....errors import StoreError
from ....sources.reading import Proposal
from ....store import Job, Store
from ....text import Text
from ...upload import Upload, Uploads

STEPS = ("file", "columns", "check", "done")


@dataclass(frozen=True)
class Draft:
    """`proposal.options` always is what the form shows. `check` and `job` are numbers of the dry run and of the import itself; `problem` is why the
    file could not be understood."""

    upload: Upload
    source: str = ""
    profile: str = ""
    proposal: Proposal | None = None
    check: int | None = None
    job: int | None = None
    kept_as: str = ""
    problem: Text | None = None

    def with_(self, **changes: Any) -> Draft:
        return replace(self, **changes)


def load(store: Store, key: str | None) -> Draft | None:
    """The draft with this id; None when there is none any more."""
    uploads = Uploads(store)
    upload, noted = uploads.find(key), uploads.noted(key)
    if upload is None or noted is None:
        return None
    proposal = noted.get("proposal")
    return Draft(upload, noted.get("source", ""), noted.get("profile", ""), Proposal.from_dict(proposal) if proposal else None,
                 noted.get("check"), noted.get("job"), noted.get("kept_as", ""), Text(**noted["problem"]) if noted.get("problem") else None)


def keep(store: Store, draft: Draft) -> Draft:
    Uploads(store).note(draft.upload.id, {
        "name": draft.upload.name, "source": draft.source, "profile": draft.profile, "check": draft.check, "job": draft.job,
        "kept_as": draft.kept_as, "problem": {"sv": draft.problem.sv, "en": draft.problem.en} if draft.problem else None,
        "proposal": draft.proposal.to_dict() if draft.proposal else None})
    return draft


def step_of(draft: Draft | None, asked: str | None) -> str:
    """The step to show: the one asked for, as far as the draft has come."""
    if draft is None or draft.proposal is None:
        return "file"
    reached = "done" if draft.job else "check" if draft.check else "columns"
    wanted = asked if asked in STEPS else reached
    return wanted if STEPS.index(wanted) <= STEPS.index(reached) else reached


def job_of(store: Store, number: int | None) -> Job | None:
    """The job with this number; None when it is unknown here."""
    if number is None:
        return None
    try:
        return store.jobs.get(number)
    except StoreError:
        return None
