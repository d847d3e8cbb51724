"""From a request to the one who asks: language, colour scheme and Viewer."""
from __future__ import annotations

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from ..model.viewer import Viewer, local_viewer
from ..text import LANGUAGES

YEAR_S = 365 * 24 * 3600


def language(default: str = "sv") -> str:
    """The cookie `lang`, else the browser's wish, else the setting."""
    chosen = request.cookies.get("lang")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or default


def scheme() -> str | None:
    """light or dark when the person has chosen; None follows the machine."""
    chosen = request.cookies.get("scheme")
    return chosen if chosen in ("light", "dark") else None


def viewer(default_language: str = "sv") -> Viewer:
    """Until accounts exist there is one local viewer at a server on loopback."""
    return local_viewer(language(default_language))


def register(server: Flask) -> None:
    @server.get("/language/<code>")
    def choose_language(code: str) -> Response:
        target = request.args.get("next", "/")
        # only a path of our own: never an address that leads elsewhere
        answer = redirect(target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/")
        if code in LANGUAGES:
            answer.set_cookie("lang", code, max_age=YEAR_S, samesite="Lax", httponly=True)
        return answer
