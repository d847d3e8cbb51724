"""What stands around every request: who may call from where, and what a page may load."""
from __future__ import annotations

from urllib.parse import urlsplit

from dash import Dash
from flask import Flask, abort, request
from werkzeug.wrappers import Response

from ..settings import LOOPBACK

CHANGES = {"POST", "PUT", "PATCH", "DELETE"}


def register(app: Dash, *, allowed_hosts: tuple[str, ...] = LOOPBACK) -> None:
    """Refuses foreign hosts and foreign pages, and says what our pages may load: nothing from elsewhere."""
    server: Flask = app.server
    policies: list[str] = []

    @server.before_request
    def only_our_own() -> None:
        host = urlsplit(f"//{request.host}").hostname
        if host not in allowed_hosts:
            abort(421)  # another name for this machine: a page elsewhere may have pointed it here
        if request.method in CHANGES:
            site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
            if site not in (None, "same-origin", "none") or (origin and urlsplit(origin).netloc != request.host):
                abort(403)

    @server.after_request
    def say_what_may_load(answer: Response) -> Response:
        if not policies:  # after every callback has been registered, so that the hashes are final
            policies.append("; ".join((
                "default-src 'self'", "script-src 'self' " + " ".join(f"'{h.strip(chr(39))}'" for h in app.csp_hashes()),
                "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:", "connect-src 'self'", "font-src 'self' data:",
                "worker-src 'self' blob:", "object-src 'none'", "base-uri 'self'", "form-action 'self'", "frame-ancestors 'none'")))
        answer.headers.setdefault("Content-Security-Policy", policies[0])
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        answer.headers["Permissions-Policy"] = "camera=(), microphone=(), payment=(), geolocation=(self)"
        return answer
