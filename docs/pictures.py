"""Takes the pictures of the guide and the README from a fresh sample municipality: `make pictures`."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from geo_safety.services.starting import make_sample
from geo_safety.settings import Settings
from geo_safety.web import create_app

HERE = Path(__file__).parent / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(".gs-map[data-ready]")
    page.wait_for_timeout(1500)


def take(page: Page, name: str) -> None:
    page.screenshot(path=str(HERE / f"{name}.png"))


def pictures(page: Page, at: str) -> None:
    opened(page, at)
    take(page, "map")
    page.get_by_role("button", name="Tabell").click()
    page.wait_for_timeout(1500)
    take(page, "table")
    opened(page, at + "/hotspots?method=getis_ord")
    page.wait_for_selector("#hotspot-legend .gs-swatches li", timeout=60_000)
    page.wait_for_timeout(1500)
    take(page, "hotspots")
    page.goto(at + "/import")
    page.wait_for_selector("[data-ready]")
    page.wait_for_timeout(800)
    take(page, "import")


def main() -> None:
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, make_sample(Path(folder) / "sample.gpkg") as store:
        server = make_server("127.0.0.1", 0, create_app(Settings(store=str(store.path)), store).server, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        worker = subprocess.Popen([sys.executable, "-m", "geo_safety.cli", "jobs", "work", "--store", str(store.path)])
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=FLAGS)
            pictures(browser.new_page(viewport={"width": 1440, "height": 900}, locale="sv-SE"), f"http://127.0.0.1:{server.server_port}")
            browser.close()
        worker.terminate()
        server.shutdown()


if __name__ == "__main__":
    main()
