"""Serves the app with waitress, the worker for long jobs beside it in a process of its own."""
from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack

import waitress
from dash import Dash

from ..services.starting import require_loopback
from ..settings import Settings
from ..store import Store


def serve(app: Dash, settings: Settings, store: Store) -> None:
    """Blocks until stopped. The worker is a fresh interpreter, never a fork of this threaded process with open connections."""
    require_loopback(settings)
    with ExitStack() as ending:
        if settings.worker:
            worker = subprocess.Popen([sys.executable, "-m", "geo_safety.cli", "jobs", "work", "--store", str(store.path), "--with-parent"])
            ending.callback(_end, worker)
        print(f"Geo Safety: http://{settings.host}:{settings.port}", flush=True)  # noqa: T201
        waitress.serve(app.server, host=settings.host, port=settings.port, threads=8, ident="geo-safety")


def _end(worker: subprocess.Popen) -> None:
    worker.terminate()
    try:
        worker.wait(timeout=5)
    except subprocess.TimeoutExpired:
        worker.kill()
