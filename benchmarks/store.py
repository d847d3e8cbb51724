"""The store at 150 000 incidents: import, the time its write lock is held, the same import again, reading, saving.

    python benchmarks/store.py [ROWS]
"""
from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_safety.layers.incidents import OFFENCE_TYPES
from geo_safety.model.viewer import local_viewer
from geo_safety.store import Store

BATCH = {"source_code": "made_up", "file_name": "made up", "file_sha256": "0" * 64}
COLUMNS = ("uid", "offence_type", "occurred_from", "geom_precision")


def incidents(rows: int) -> gpd.GeoDataFrame:
    chance = np.random.default_rng(1)
    when = pd.Timestamp("2019-01-01", tz="Europe/Stockholm") + pd.to_timedelta(chance.integers(0, 6 * 365 * 86_400, rows), unit="s")
    return gpd.GeoDataFrame({
        "source_code": "made_up", "source_key": [f"K{i:07d}" for i in range(rows)], "time_precision": "minute", "geom_precision": "exact",
        "offence_type": chance.choice([code.value for code in OFFENCE_TYPES], rows), "occurred_from": when.as_unit("us"),
        "occurred_to": (when + pd.Timedelta("1h")).as_unit("us"), "place_text": [f"Storgatan {i % 300}" for i in range(rows)],
        "details": [{"number": i} if i % 10 == 0 else None for i in range(rows)],
    }, geometry=shapely.points(chance.uniform(350_000, 380_000, rows), chance.uniform(6_370_000, 6_400_000, rows)), crs="EPSG:3006")


def timed(name: str, work, *, times: int = 1) -> object:
    seconds, result = [], None
    for _ in range(times):
        begun = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - begun)
    print(f"{name:42} {min(seconds):8.3f} s")
    return result


def main(rows: int) -> None:
    viewer, frame = local_viewer(), incidents(rows)
    with tempfile.TemporaryDirectory() as folder:
        store = timed("a new store", lambda: Store.create(Path(folder) / "bench.gpkg", made_up=True))
        result = timed(f"import of {rows} rows", lambda: store.bring_in("incidents", frame, viewer, batch=BATCH))
        print(f"{'  of which the write lock was held':42} {result.lock_seconds:8.3f} s")
        again = timed("the same rows again", lambda: store.bring_in("incidents", frame, viewer, batch=BATCH))
        print(f"{'  of which the write lock was held':42} {again.lock_seconds:8.3f} s")
        timed("read, all columns", lambda: store.read("incidents", viewer), times=3)
        timed("read, four columns and the place", lambda: store.read("incidents", viewer, columns=COLUMNS), times=3)
        timed("read, a square kilometre", lambda: store.read("incidents", viewer, bbox=(360_000, 6_380_000, 361_000, 6_381_000)), times=3)
        timed("count", lambda: store.count("incidents", viewer), times=3)
        timed("revision", store.revision, times=3)
        timed("100 records saved one by one", lambda: [store.save("areas", {"kind": "own", "code": str(i), "name": "x"}, viewer) for i in range(100)])
        timed("backup", lambda: store.backup(Path(folder) / "copy.gpkg"))
        timed("check", store.check)
        timed("undo of the import", lambda: store.undo_batch(result.batch_uid, viewer))
        print(f"{'size of the file':42} {store.path.stat().st_size / 1e6:8.1f} MB")
        store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 150_000)
