"""Writes to a store from two processes, kills them with SIGKILL at a random moment, looks at what is left; round after round.

    python kill_rounds.py STORE ROUNDS SEED

Prints one JSON object. A record is acknowledged when its writer has been told that it is saved and has noted so; every acknowledged
record must be there afterwards, and no import or save may be there by half. Each round forks writers from a process that has no store open.
"""
from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from geo_safety.model.viewer import local_viewer
from geo_safety.store import Store
from geo_safety.store.engine import connect

VIEWER = local_viewer()
ROWS = 60


def save_areas(path: Path, note, seed: int) -> None:
    with Store.open(path) as store:
        number = 0
        while True:
            number += 1
            code = f"{seed}-{number}"
            square = shapely.box(352_000 + number, 6_376_000, 352_500 + number, 6_376_500)
            uid = store.save("areas", {"kind": "own", "code": code, "name": code, "geometry": square}, VIEWER)
            note(f"insert {uid}")
            store.save("areas", {"name": f"{code} again"}, VIEWER, uid=uid, row_version=1)
            note(f"update {uid}")


def bring_in_incidents(path: Path, note, seed: int) -> None:
    start = pd.Timestamp("2025-01-01", tz="Europe/Stockholm")
    with Store.open(path) as store:
        number = 0
        while True:
            number += 1
            keys = [f"{seed}-{number // 2}-{i}" for i in range(ROWS)]  # every second import changes the rows of the one before
            frame = gpd.GeoDataFrame({
                "source_code": "police", "source_key": keys, "offence_type": "theft", "time_precision": "hour", "geom_precision": "exact",
                "occurred_from": [start + pd.Timedelta(hours=i) for i in range(ROWS)], "place_text": f"import {number}"},
                geometry=shapely.points([[352_000 + i, 6_376_000 + number % 500] for i in range(ROWS)]), crs="EPSG:3006")
            result = store.bring_in("incidents", frame, VIEWER, batch={"source_code": "police", "file_name": str(number), "file_sha256": "0" * 64})
            note(f"batch {result.batch_uid}")


def start(work, path: Path, notes: Path, seed: int) -> int:
    child = os.fork()
    if child:
        return child
    handle = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        work(path, lambda line: os.write(handle, f"{line}\n".encode()), seed)
    finally:
        os._exit(1)  # only by failing does a writer come here
    return 0


def wait_for_more(notes: Path) -> None:
    """Until something more has been acknowledged, however busy the machine is."""
    def noted() -> int:
        return notes.stat().st_size if notes.exists() else 0
    before, patience = noted(), time.monotonic() + 60
    while noted() == before and time.monotonic() < patience:
        time.sleep(0.005)


def look(path: Path, notes: Path) -> dict[str, object]:
    """What was acknowledged and is missing, what is there by half, and what `check` says."""
    acknowledged = [line.split() for line in notes.read_text().splitlines()] if notes.exists() else []
    with Store.open(path) as store:
        findings = [text.en for _, text in store.check()]
    plain = connect(path)
    try:
        return {"acknowledged": len(acknowledged), "lost": _lost(plain, acknowledged), "half": _half(plain), "findings": findings}
    finally:
        plain.close()


def _lost(plain, acknowledged: list[list[str]]) -> list[str]:
    versions = dict(plain.execute("SELECT uid, row_version FROM areas").fetchall())
    batches = {uid for (uid,) in plain.execute("SELECT uid FROM import_batches")}
    there = {"insert": lambda uid: uid in versions, "update": lambda uid: versions.get(uid) == 2, "batch": lambda uid: uid in batches}
    return [f"{what} {uid}" for what, uid in acknowledged if not there[what](uid)]


def _half(plain) -> list[str]:
    """Rows without their log entry, log entries without their row, imports with other counts than they noted."""
    counts = {
        "areas and the log differ": """SELECT (SELECT sum(row_version) FROM areas) IS NOT
            (SELECT nullif(count(*), 0) FROM change_log WHERE record_kind = 'areas')""",
        "places and the index differ": """SELECT (SELECT count(*) FROM areas) <> (SELECT count(*) FROM rtree_areas_geom)
            OR (SELECT count(*) FROM incidents) <> (SELECT count(*) FROM rtree_incidents_geom)""",
        "imports and the log differ": """SELECT (SELECT count(*) FROM import_batches) <>
            (SELECT count(*) FROM change_log WHERE action = 'import')""",
        "added rows and noted counts differ": """SELECT coalesce((SELECT sum(inserted) FROM import_batches), 0) <>
            (SELECT count(*) FROM incidents)""",
        "changed rows and noted counts differ": """SELECT coalesce((SELECT sum(updated) FROM import_batches), 0) <>
            (SELECT count(*) FROM change_log WHERE record_kind = 'incidents' AND action = 'update')""",
        "versions and noted counts differ": """SELECT coalesce((SELECT sum(inserted + updated) FROM import_batches), 0) <>
            coalesce((SELECT sum(row_version) FROM incidents), 0)""",
        "an import holds another number of rows": f"SELECT EXISTS (SELECT 1 FROM import_batches WHERE inserted + updated <> {ROWS})",
    }
    return [what for what, sql in counts.items() if plain.execute(sql).fetchone()[0]]


def main(path: Path, rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    told = {"rounds": rounds, "acknowledged": 0, "lost": [], "half": [], "findings": []}
    notes = path.with_suffix(".notes")
    for number in range(rounds):
        children = [start(work, path, notes, seed * 1_000_000 + number) for work in (save_areas, bring_in_incidents)]
        if chance.random() < 0.85:  # in the other rounds they are killed as early as while they open the store
            wait_for_more(notes)
        time.sleep(chance.uniform(0.0, 0.6))
        for child in children:
            os.kill(child, signal.SIGKILL)
        for child in children:
            _, status = os.waitpid(child, 0)
            if os.WIFEXITED(status):
                told["findings"].append("a writer failed")
        if rounds <= 10 or number % 10 == 9 or number == rounds - 1:
            for key, value in look(path, notes).items():
                told[key] = value if key == "acknowledged" else told[key] + value
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
