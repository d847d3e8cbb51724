"""What a user waits for: the import of a large file, and the map at 1 000, 20 000 and 150 000 incidents in a browser without a graphics card.

    python benchmarks/app.py

The incidents are generated with a seed around a made-up town. The peers stand in the same run: pandas reads the same CSV, and folium, which
has neither import nor server, writes the same points as a page of its own with its clusters; its scripts come from the net, so only the writing
and the size are compared.
"""
from __future__ import annotations

import logging
import os
import shutil
import statistics
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path

import folium
import numpy as np
import pandas as pd
from folium.plugins import FastMarkerCluster
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from geo_safety.model.viewer import local_viewer
from geo_safety.services import importing
from geo_safety.settings import Settings
from geo_safety.store import Store
from geo_safety.web import create_app

SIZES = (1_000, 20_000, 150_000)
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
VIEWER = local_viewer()
logging.getLogger("werkzeug").setLevel(logging.ERROR)    # a line per request would drown the table
SETTLED = """() => new Promise(done => { let last = performance.now(), quiet = last; const step = now => { if (now - last > 120) quiet = now; last = now;
    if (now - quiet > 700 && document.querySelector('.gs-map[data-ready]')) done(quiet); else requestAnimationFrame(step); }; requestAnimationFrame(step); })"""


def incidents_file(folder: Path, n: int) -> Path:
    """A CSV as a supplier would send it: half of the points on shared addresses, times over five years."""
    rng = np.random.default_rng(n)
    places = np.column_stack([rng.normal(12.7, 0.05, n // 2), rng.normal(57.5, 0.03, n // 2)]).round(5)
    where = places[rng.integers(0, len(places), n)]
    times = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 5 * 365 * 24 * 60, n), unit="min")
    frame = pd.DataFrame({"id": np.arange(n), "offence_type": rng.choice(["vandalism", "assault_public", "bicycle_theft"], n),
                          "date": times.strftime("%Y-%m-%d %H:%M"), "longitude": where[:, 0], "latitude": where[:, 1]})
    path = folder / f"incidents_{n}.csv"
    frame.to_csv(path, index=False)
    return path


def imported(folder: Path, n: int) -> tuple[Store, dict]:
    path = incidents_file(folder, n)
    store = Store.create(folder / f"{n}.gpkg", municipality_name="Mätby")
    begun = time.perf_counter()
    options = importing.options_for(store, "incidents_table", path, VIEWER, accept=True)
    proposed = time.perf_counter()
    report = importing.bring_in(store, "incidents_table", path, VIEWER, options)
    ended = time.perf_counter()
    pd.read_csv(path)
    peer = time.perf_counter() - ended
    return store, {"propose": proposed - begun, "import": ended - proposed, "lock": report.lock_seconds, "peak_mb": report.peak_mb,
                   "read_csv": peer, "csv": path}


def opened(page: Page, address: str) -> tuple[float, float, float]:
    """Seconds to first paint and to a settled map, and megabytes received."""
    received = []
    page.on("response", lambda answer: received.append(int(answer.headers.get("content-length") or 0)))
    page.goto(address)
    page.wait_for_selector(".gs-map[data-ready]", timeout=120_000)
    settled = page.evaluate(SETTLED)
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    return paint / 1000, settled / 1000, sum(received) / 1e6


def folium_page(path: Path, folder: Path) -> tuple[float, float]:
    """The peer: seconds to write a clustered page, and its size in megabytes."""
    points = pd.read_csv(path)[["latitude", "longitude"]].to_numpy().tolist()
    begun = time.perf_counter()
    chart = folium.Map(tiles=None)
    FastMarkerCluster(points).add_to(chart)
    target = folder / "folium.html"
    chart.save(str(target))
    return time.perf_counter() - begun, target.stat().st_size / 1e6


def main() -> None:
    print(f"folium {version('folium')}, pandas {version('pandas')}, dash {version('dash')}, dash-leaflet {version('dash-leaflet')}")
    print("incidents | propose s | import s | × read_csv | lock s | peak MB | first paint s | settled s (cold) | settled s (warm) | MB | folium writes s | MB")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as play:
        folder = Path(name)
        browser = play.chromium.launch(executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=FLAGS)
        for n in SIZES:
            store, took = imported(folder, n)
            server = make_server("127.0.0.1", 0, create_app(Settings(store=str(store.path)), store).server, threaded=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            at = f"http://127.0.0.1:{server.server_port}/?period=2021-01-01/2026-01-01"
            _, cold, _ = opened(browser.new_page(viewport={"width": 1440, "height": 900}), at)
            warm = [opened(browser.new_page(viewport={"width": 1440, "height": 900}), at) for _ in range(3)]
            paint, settled, size = (statistics.median(values) for values in zip(*warm, strict=True))
            writes, peer_mb = folium_page(took["csv"], folder)
            print(f"{n:9,} | {took['propose']:9.1f} | {took['import']:8.1f} | {took['import'] / took['read_csv']:10.0f} | {took['lock']:6.2f} | "
                  f"{took['peak_mb']:7.0f} | {paint:13.2f} | {cold:16.1f} | {settled:16.1f} | {size:4.1f} | {writes:15.1f} | {peer_mb:4.1f}", flush=True)
            server.shutdown()
            store.close()
        browser.close()


if __name__ == "__main__":
    main()
