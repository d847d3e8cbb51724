"""The Dash app: shell, pages and the addresses that hand out data. `create_app(settings, store)` makes one; two may live in one process."""
from __future__ import annotations

from dash import Dash
from flask_compress import Compress

from ..settings import LOOPBACK, Settings
from ..store import Store
from . import base_maps, data, fence, files, health, identity, router, shell, upload
from .context import Context, of_request
from .pages import PAGES
from .parts import selection_bar


def create_app(settings: Settings, store: Store) -> Dash:
    """A Dash app that shows `store`; `app.server` is what a WSGI server runs."""
    app = shell.GeoSafetyDash(
        __name__, assets_folder="assets", assets_path_ignore=["standalone"],
        suppress_callback_exceptions=True, update_title="", serve_locally=True, add_log_handler=False,
        enable_mcp=False)
    app.default_language = settings.language
    app.bases = {base.name: {"attribution": base.attribution} for base in settings.base_maps}
    app.server.config["MAX_CONTENT_LENGTH"] = settings.upload_limit_mb * 1024 * 1024
    app.server.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
    app.server.config["COMPRESS_BR_LEVEL"] = 3
    Compress(app.server)

    def context(search: str | None) -> Context:
        return of_request(store, settings, identity.viewer(settings.language), search)

    app.layout = lambda: shell.layout(store, settings)
    fence.register(app, allowed_hosts=(*LOOPBACK, settings.host))
    identity.register(app.server)
    health.register(app.server, store)
    data.register(app.server, store, context)
    files.register(app.server, store, context)
    base_maps.register(app.server, settings)
    upload.register(app.server, store, settings)
    shell.register(app)
    selection_bar.register(app, context)
    router.register(app, store, context)
    for page in PAGES:
        page.register(app, store, context)
    return app
