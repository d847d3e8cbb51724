"""Long work: who asks, who does it, what happens when the worker dies or the user has had enough."""
from __future__ import annotations

import time

import pytest

from geo_safety.errors import Cancelled, StoreError
from geo_safety.model.viewer import ShareLevel, Viewer
from geo_safety.store import Jobs
from geo_safety.text import Text

HALF = Text(sv="halvvägs", en="half-way")


@pytest.fixture
def jobs(tmp_path):
    made = Jobs(tmp_path / "mark.system.db", "Europe/Stockholm", lease_seconds=0.3)
    yield made
    made.close()


def test_a_job_is_done_by_one_worker_in_the_order_it_was_asked_for(jobs, viewer):
    anna = Viewer("anna", ("kommunstyrelsen",), 1, ShareLevel.PARTNER, "en")
    first, second = jobs.enqueue("import", {"file": "a.csv"}, anna), jobs.enqueue("hotspots", {}, viewer)
    claimed = jobs.claim("w1")
    assert (claimed.id, claimed.kind, claimed.payload, claimed.viewer, claimed.status) == (first, "import", {"file": "a.csv"}, anna, "running")
    assert jobs.claim("w2").id == second and jobs.claim("w3") is None
    jobs.progress(first, 0.5, HALF)
    assert (jobs.get(first).share, jobs.get(first).message) == (0.5, HALF)
    jobs.finish(first, {"read": 7})
    done = jobs.get(first)
    assert (done.status, done.share, done.result, done.error) == ("done", 1.0, {"read": 7}, None)
    assert str(done.created_at.tzinfo) == "Europe/Stockholm" and done.finished_at >= done.created_at
    assert [job.id for job in jobs.recent(5)] == [second, first]


def test_a_job_that_fails_says_why(jobs, viewer):
    number = jobs.enqueue("import", {}, viewer)
    jobs.claim("w")
    jobs.fail(number, Text(sv="filen är tom", en="the file is empty"))
    assert jobs.get(number).status == "failed" and jobs.get(number).error.sv == "filen är tom"
    with pytest.raises(StoreError, match="no job with number 99"):
        jobs.get(99)


def test_a_queued_job_is_cancelled_at_once_and_a_running_one_at_its_next_report(jobs, viewer):
    queued = jobs.enqueue("import", {}, viewer)
    jobs.cancel(queued)
    assert jobs.get(queued).status == "cancelled" and jobs.claim("w") is None
    running = jobs.enqueue("import", {}, viewer)
    jobs.claim("w")
    jobs.cancel(running)
    assert jobs.get(running).status == "running"
    with pytest.raises(Cancelled):
        jobs.progress(running, 0.1, HALF)
    assert jobs.get(running).status == "cancelled"
    jobs.finish(running, {})  # too late: the user has been told that it was cancelled
    assert jobs.get(running).status == "cancelled"


def test_a_job_of_a_dead_worker_goes_to_the_next_and_the_dead_one_cannot_write_over_it(jobs, viewer, tmp_path):
    number = jobs.enqueue("import", {}, viewer)
    jobs.claim("dead")
    other = Jobs(tmp_path / "mark.system.db", "Europe/Stockholm")
    assert other.claim("next") is None
    time.sleep(0.4)
    assert other.claim("next").id == number
    with pytest.raises(Cancelled):
        jobs.progress(number, 0.9, HALF)
    other.finish(number, {"by": "next"})
    jobs.finish(number, {"by": "dead"})
    assert other.get(number).result == {"by": "next"}
    other.close()


def test_a_job_that_kills_its_worker_three_times_is_given_up(jobs, viewer):
    number = jobs.enqueue("import", {}, viewer)
    for _ in range(3):
        assert jobs.claim("w").id == number
        time.sleep(0.4)
    assert jobs.claim("w") is None
    assert jobs.get(number).status == "failed" and "three times" in jobs.get(number).error.en


def test_reports_in_quick_succession_are_not_all_written(jobs, viewer):
    number = jobs.enqueue("import", {}, viewer)
    jobs.claim("w")
    for i in range(1000):
        jobs.progress(number, i / 1000, HALF)
    assert jobs.get(number).share < 1


def test_the_jobs_stand_beside_the_store(store, viewer):
    store.jobs.enqueue("import", {}, viewer)
    assert store.jobs.path == store.path.with_name("mark.system.db") and store.jobs.path.is_file()
