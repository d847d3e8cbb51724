"""The table of long work: put in by a page, done by the worker process, looked at by the page that waits.

It lives in a second file, `<stem>.system.db` beside the store, so that neither GIS programs nor exports of the store carry it along.
A worker holds a job by a lease that it renews as it reports progress; when it dies the lease runs out and the job goes to the next.
"""
from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from ..errors import Cancelled, StoreError
from ..model.viewer import ShareLevel, Viewer
from ..text import Text
from .engine import connect, in_words, make_engines
from .types import Json, UtcTime, Whole, now, utc_text

Status = Literal["queued", "running", "done", "failed", "cancelled"]
LEASE_SECONDS = 120
MOST_ATTEMPTS = 3
_REPORT_EVERY_SECONDS = 0.25  # a job may report as often as it likes; the file is written this often

_metadata = sa.MetaData()
_job = sa.Table(
    "job", _metadata,
    sa.Column("id", Whole, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.Text, nullable=False), sa.Column("payload", Json, nullable=False), sa.Column("viewer", Json, nullable=False),
    sa.Column("status", sa.Text, nullable=False, server_default="queued"),
    sa.Column("share", sa.Double, nullable=False, server_default="0"),
    sa.Column("message_sv", sa.Text), sa.Column("message_en", sa.Text), sa.Column("result", Json),
    sa.Column("error_sv", sa.Text), sa.Column("error_en", sa.Text),
    sa.Column("run_after", UtcTime), sa.Column("attempts", Whole, nullable=False, server_default="0"),
    sa.Column("locked_by", sa.Text), sa.Column("lease", sa.Text), sa.Column("locked_until", UtcTime),
    sa.Column("cancel_asked", sa.Boolean, nullable=False, server_default="0"),
    sa.Column("created_at", UtcTime, nullable=False), sa.Column("started_at", UtcTime), sa.Column("finished_at", UtcTime),
    sa.CheckConstraint("status IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="ck_job_status"),
    sa.Index("ix_job_status", "status", "run_after"), sqlite_autoincrement=True)


@dataclass(frozen=True)
class Job:
    """One piece of long work. `share` runs from 0 to 1; times are in the store's zone."""

    id: int
    kind: str
    payload: dict[str, Any]
    viewer: Viewer
    status: Status
    share: float
    message: Text
    result: dict[str, Any] | None
    error: Text | None
    attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Jobs:
    """The job table of one store; usable from several threads and processes."""

    def __init__(self, path: Path, zone: str, *, lease_seconds: float = LEASE_SECONDS):
        with in_words():
            connect(path, mode="rwc").close()
            self._read, self._write = make_engines(path)
            with self._read.begin() as connection:
                there = sa.inspect(connection).has_table("job")
            if not there:
                with self._write.begin() as connection:
                    _metadata.create_all(connection)
        self.path = path
        self._zone = ZoneInfo(zone)
        self._lease = timedelta(seconds=lease_seconds)
        self._leases: dict[int, str] = {}       # of the jobs claimed here
        self._reported: dict[int, float] = {}

    def close(self) -> None:
        self._read.dispose()
        self._write.dispose()

    def enqueue(self, kind: str, payload: Mapping[str, Any], viewer: Viewer, *, run_after: datetime | None = None) -> int:
        """Ask for work; it is done with the rights of `viewer`. `payload` is what JSON holds. Gives the job's number."""
        row = {"kind": kind, "payload": dict(payload), "viewer": _viewer_dict(viewer), "run_after": run_after, "created_at": now()}
        with in_words(), self._write.begin() as connection:
            return int(connection.execute(sa.insert(_job).returning(_job.c.id), row).scalar_one())

    def get(self, job_id: int) -> Job:
        with self._read.begin() as connection:
            row = connection.execute(sa.select(_job).where(_job.c.id == job_id)).first()
        if row is None:
            raise StoreError(Text(sv="Det finns inget arbete med nummer {number}.", en="There is no job with number {number}.").format(
                number=str(job_id)))
        return self._made(row)

    def recent(self, limit: int = 20) -> list[Job]:
        """The newest jobs first."""
        with self._read.begin() as connection:
            rows = connection.execute(sa.select(_job).order_by(_job.c.id.desc()).limit(limit)).all()
        return [self._made(row) for row in rows]

    def cancel(self, job_id: int) -> None:
        """Ask a job to stop: at once when it is queued, at its next report of progress when it runs. A finished one stays as it is."""
        with in_words(), self._write.begin() as connection:
            connection.execute(sa.update(_job).where(_job.c.id == job_id, _job.c.status == "queued").values(
                status="cancelled", finished_at=now()))
            connection.execute(sa.update(_job).where(_job.c.id == job_id, _job.c.status == "running").values(cancel_asked=True))

    # --- for the worker -------------------------------------------------------------------------------------------------------

    def claim(self, worker: str) -> Job | None:
        """The next job to do, now leased to `worker`; None when there is none.

        A job whose worker has gone silent is given out again, at most three times in all.
        """
        at = utc_text(now())
        lost = sa.and_(_job.c.status == "running", _job.c.locked_until < at)
        due = sa.or_(lost, sa.and_(_job.c.status == "queued", sa.or_(_job.c.run_after.is_(None), _job.c.run_after <= at)))
        with self._read.begin() as connection:  # an idle worker asks every second, and should not queue for the write lock
            if connection.execute(sa.select(_job.c.id).where(due).limit(1)).first() is None:
                return None
        with in_words(), self._write.begin() as connection:
            connection.execute(sa.update(_job).where(lost, _job.c.cancel_asked).values(status="cancelled", finished_at=now()))
            connection.execute(sa.update(_job).where(lost, _job.c.attempts >= MOST_ATTEMPTS).values(
                status="failed", finished_at=now(), error_sv=_DIED.sv, error_en=_DIED.en))
            found = connection.execute(sa.select(_job.c.id).where(due).order_by(_job.c.id).limit(1)).first()
            if found is None:
                return None
            lease = secrets.token_hex(8)
            row = connection.execute(sa.update(_job).where(_job.c.id == found.id).values(
                status="running", locked_by=worker, lease=lease, locked_until=now() + self._lease, attempts=_job.c.attempts + 1,
                share=0.0, started_at=now()).returning(*_job.c)).one()
        self._leases[row.id] = lease
        return self._made(row)

    def progress(self, job_id: int, share: float, text: Text) -> None:
        """Report how far a job has come, and renew its lease. Cancelled when its user has asked to stop or another worker has it."""
        last = self._reported.get(job_id)
        if last is not None and time.monotonic() - last < _REPORT_EVERY_SECONDS:
            return
        self._reported[job_id] = time.monotonic()
        with in_words(), self._write.begin() as connection:
            row = connection.execute(sa.update(_job).where(self._mine(job_id)).values(
                share=min(1.0, max(0.0, share)), message_sv=text.sv, message_en=text.en, locked_until=now() + self._lease)
                .returning(_job.c.cancel_asked)).first()
            if row is not None and row.cancel_asked:
                connection.execute(sa.update(_job).where(_job.c.id == job_id).values(status="cancelled", finished_at=now()))
        if row is None or row.cancel_asked:
            self._forget(job_id)
            raise Cancelled

    def finish(self, job_id: int, result: Mapping[str, Any] | None = None) -> None:
        """The job is done; `result` is what JSON holds."""
        self._end(job_id, status="done", share=1.0, result=None if result is None else dict(result))

    def fail(self, job_id: int, text: Text) -> None:
        """The job could not be done; `text` tells its user why."""
        self._end(job_id, status="failed", error_sv=text.sv, error_en=text.en)

    def _end(self, job_id: int, **values: Any) -> None:
        with in_words(), self._write.begin() as connection:
            connection.execute(sa.update(_job).where(self._mine(job_id)).values(finished_at=now(), locked_until=None, **values))
        self._forget(job_id)

    def _mine(self, job_id: int) -> sa.ColumnElement[bool]:
        """A worker that has lost its lease must not write over what its successor says."""
        lease = self._leases.get(job_id)
        held = sa.true() if lease is None else _job.c.lease == lease
        return sa.and_(_job.c.id == job_id, _job.c.status == "running", held)

    def _forget(self, job_id: int) -> None:
        self._leases.pop(job_id, None)
        self._reported.pop(job_id, None)

    def _made(self, row: sa.Row) -> Job:
        def local(moment: datetime | None) -> datetime | None:
            return None if moment is None else moment.astimezone(self._zone)
        return Job(row.id, row.kind, row.payload, _viewer(row.viewer), row.status, row.share,
                   Text(sv=row.message_sv or "", en=row.message_en or ""), row.result,
                   None if row.error_sv is None else Text(sv=row.error_sv, en=row.error_en), row.attempts,
                   row.created_at.astimezone(self._zone), local(row.started_at), local(row.finished_at))


_DIED = Text(sv="Arbetet avbröts tre gånger utan att bli klart. Försök med mindre data, eller se serverns logg.",
             en="The work stopped three times without finishing. Try with less data, or see the server's log.")


def _viewer_dict(viewer: Viewer) -> dict[str, Any]:
    return {"name": viewer.name, "units": list(viewer.units), "info_class": viewer.info_class, "share_level": viewer.share_level.name,
            "language": viewer.language}


def _viewer(values: Mapping[str, Any]) -> Viewer:
    return Viewer(values["name"], tuple(values["units"]), values["info_class"], ShareLevel[values["share_level"]], values["language"])
