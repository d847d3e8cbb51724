"""A real app on a fresh sample municipality, and a browser that fails on what a user must never meet."""
from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from werkzeug.serving import make_server

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]
WAIT_S = 60     # a machine that does other things at the same time is slow, not wrong
AXE = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


expect.set_options(timeout=WAIT_S * 1000)


@pytest.hookimpl(tryfirst=True)  # before the runner looks at the groups: one browser at a time
def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in Path(item.fspath).parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="Chromium is missing: apt-get install chromium"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "viewport": {"width": 1440, "height": 900}, "locale": "sv-SE", "accept_downloads": True,
            "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def served(sample_path, tmp_path_factory):
    """The address of an app on a copy of the sample that journeys may change, with its worker."""
    from geo_safety.settings import Settings
    from geo_safety.store import Store
    from geo_safety.web import create_app
    path = tmp_path_factory.mktemp("journeys") / "sample.gpkg"
    shutil.copy(sample_path, path)
    store = Store.open(path)
    app = create_app(Settings(store=str(path)), store)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    worker = subprocess.Popen([sys.executable, "-m", "geo_safety.cli", "jobs", "work", "--store", str(path)])
    yield f"http://127.0.0.1:{server.server_port}"
    worker.terminate()
    worker.wait(timeout=10)
    server.shutdown()
    store.close()


@pytest.fixture
def app_url(served):
    return served


@pytest.fixture
def page(page, app_url):
    """A page that fails its test on a console error, a page error, or a request to any host but ours."""
    wrong: list[str] = []
    ours = urlsplit(app_url).netloc
    page.on("console", lambda message: wrong.append(f"console: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(f"page error: {error}"))
    page.on("request", lambda request: wrong.append(f"foreign request: {request.url}")
            if request.url.startswith(("http", "ws")) and urlsplit(request.url).netloc != ours else None)
    page.set_default_timeout(WAIT_S * 1000)
    yield page
    assert not wrong, wrong


@pytest.fixture
def until():
    """until(page, script): waits until a script gives true. Playwright's own waiting evaluates text inside the page, which our policy forbids."""
    def wait(page, script, arg=None):
        latest = time.monotonic() + WAIT_S
        while not page.evaluate(script, arg):
            assert time.monotonic() < latest, f"not within {WAIT_S} s: {script}"
            page.wait_for_timeout(50)
    return wait


STILL = "() => document.getAnimations().every(a => a.playState !== 'running' || a.effect.getComputedTiming().endTime === Infinity)"


@pytest.fixture
def accessible(until):
    """accessible(page): no violation of WCAG 2.x A or AA that axe can find, once colours have come to rest."""
    def check(page):
        until(page, STILL)
        found = Axe().run(page, options=AXE).response["violations"]
        assert not found, [(v["id"], v["nodes"][0]["target"]) for v in found]
    return check
