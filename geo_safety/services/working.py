"""Long work: what a job does, and the worker that takes jobs one by one in a process of its own."""
from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..errors import Cancelled, GeoSafetyError
from ..model.jobs import Progress
from ..model.selection import Selection
from ..model.viewer import Viewer
from ..store import Job, Store
from ..text import Text
from . import answers, hotspots, importing

log = logging.getLogger(__name__)
IDLE_S = 0.5
MOST_REJECTS = 100  # rejected rows that a page looks at; all of them are kept with the import
UNEXPECTED = Text(sv="Något gick fel i tjänsten. Felet är loggat med jobbets nummer {job}.",
                  en="Something went wrong in the service. The error has been logged under job number {job}.")


def run_import(store: Store, payload: Mapping[str, Any], viewer: Viewer, progress: Progress) -> dict[str, Any]:
    """`payload`: source, path, file_name, options (ReadOptions as JSON), dry_run, into_made_up, profile, and rejects: a file in which the
    first rejected rows are left for the page, since what they hold does not belong in the table of jobs."""
    report = importing.bring_in(
        store, payload["source"], Path(payload["path"]), viewer, importing.options_from(payload["options"]), progress=progress,
        dry_run=payload.get("dry_run", False), file_name=payload["file_name"], into_made_up=payload.get("into_made_up", False),
        profile=payload.get("profile"))
    if payload.get("rejects"):
        report.rejects.head(MOST_REJECTS).to_json(Path(payload["rejects"]), orient="records", force_ascii=False)
    return report.as_dict()


def run_hotspots(store: Store, payload: Mapping[str, Any], viewer: Viewer, progress: Progress) -> dict[str, Any]:
    """`payload`: method, parameters, selection (as a query), result (file in which the answer is left for the page)."""
    answer = hotspots.find(store, payload["method"], payload["parameters"], Selection.from_query(payload["selection"]), viewer,
                           progress=progress)
    answers.leave(answer, Path(payload["result"]))
    return {"cells": len(answer.shown), "refused": answer.refusal is not None}


JOBS: Mapping[str, Callable[[Store, Mapping[str, Any], Viewer, Progress], dict[str, Any]]] = MappingProxyType(
    {"import": run_import, "hotspots": run_hotspots})


def work(store: Store, *, once: bool = False, parent: int | None = None) -> int:
    """Takes jobs until stopped, or until there are none when `once`; ends when process `parent` has gone. Returns how many it did."""
    name, done = f"{socket.gethostname()}:{os.getpid()}", 0
    while parent is None or os.getppid() == parent:
        job = store.jobs.claim(name)
        if job:
            run(store, job)
            done += 1
        elif once:
            break
        else:
            time.sleep(IDLE_S)
    return done


def run(store: Store, job: Job) -> None:
    """One job to its end; whatever happens is said in the job itself."""
    def progress(share: float, what: Text) -> None:
        store.jobs.progress(job.id, share, what)
    try:
        result = JOBS[job.kind](store, job.payload, job.viewer, progress)
    except Cancelled as stopped:
        store.jobs.fail(job.id, stopped.text)
    except GeoSafetyError as problem:
        store.jobs.fail(job.id, problem.text)
    except Exception:
        log.exception("job %s (%s) failed", job.id, job.kind)
        store.jobs.fail(job.id, UNEXPECTED.format(job=job.id))
    else:
        store.jobs.finish(job.id, result)
