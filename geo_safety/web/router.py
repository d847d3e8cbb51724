"""Which page a path leads to. A page is a module with PATH, TITLE, layout(context) and register(app, store)."""
from __future__ import annotations

from dash import Dash, Input, Output, State, ctx
from flask import request
from werkzeug.wrappers import Response

from ..store import Store
from ..text import Text
from .context import Context
from .pages import PAGES, not_found


def page_at(path: str | None):
    """The page module of a path, or None."""
    wanted = (path or "/").rstrip("/") or "/"
    return next((page for page in PAGES if wanted == page.PATH), None)


def title_at(path: str | None) -> Text:
    page = page_at(path)
    return page.TITLE if page else not_found.TITLE


def register(app: Dash, store: Store, context) -> None:
    """`context(search)` makes the Context of the current request."""

    @app.callback(Output("page", "children"), Output("nav", "data-at"), Output("own-search", "data"), Input("url", "pathname"), Input("went-back", "data"),
                  State("url", "search"))
    def show_page(path: str, went_back: str | None, search: str):
        """Draws a page when its path is new, or when the person went back. A page that changes its own address (`own-search`) draws itself."""
        here: Context = context(went_back if ctx.triggered_id == "went-back" else search)
        return (page_at(path) or not_found).layout(here), path, None

    @app.server.after_request
    def tell_when_nothing_is_there(answer: Response) -> Response:
        # Dash answers every path that no other address takes with its page
        if request.url_rule is not None and request.url_rule.rule == "/<path:path>" and answer.status_code == 200 and page_at(request.path) is None:
            answer.status_code = 404
        return answer
