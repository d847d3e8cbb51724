"""/healthz says that the process lives; /readyz that the store answers and a map can be drawn."""
from __future__ import annotations

import logging

from flask import Flask, jsonify

from ..errors import GeoSafetyError
from ..model.viewer import local_viewer
from ..services import viewing
from ..store import Store

log = logging.getLogger(__name__)


def register(server: Flask, store: Store) -> None:
    @server.get("/healthz")
    def alive():
        return jsonify(status="ok")

    @server.get("/readyz")
    def ready():
        try:
            viewer = local_viewer()
            selection = viewing.default_selection(store, viewer)
            areas = len(viewing.area_counts(store, selection, viewer).frame)
        except GeoSafetyError as problem:
            log.error("not ready: %s", problem)
            return jsonify(status="not ready", reason=problem.text.en), 503
        return jsonify(status="ok", revision=store.revision(), areas=areas)
