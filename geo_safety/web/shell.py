"""The frame around every page: header, navigation, language, colour scheme, and the band that says when data are made up."""
from __future__ import annotations

import json
from urllib.parse import quote

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from flask import redirect, request
from werkzeug.wrappers import Response

from ..model.cautions import CAUTIONS
from ..settings import Settings
from ..store import Store
from ..text import Text, same
from . import identity
from .map.texts import MAP_TEXTS
from .pages import PAGES
from .parts.icons import icon
from .router import title_at

NAME = same("Geo Safety")
SKIP = Text(sv="Hoppa till innehållet", en="Skip to content")
NAVIGATION = Text(sv="Sidor", en="Pages")
SCHEME = Text(sv="Ljust eller mörkt utseende", en="Light or dark appearance")
LANGUAGE = Text(sv="Språk", en="Language")
PREPARING = Text(sv="Hämtar sidan …", en="Loading the page …")
COPIED = Text(sv="Länken är kopierad.", en="The link has been copied.")
NO_SCRIPT = Text(sv="Sidan behöver JavaScript, som webbläsaren har stängt av.", en="This page needs JavaScript, which the browser has turned off.")

THEME = {
    "fontFamily": "'Inter Variable', system-ui, sans-serif", "primaryColor": "blue", "primaryShade": 8,
    "defaultRadius": "md", "cursorType": "pointer", "headings": {"fontFamily": "'Inter Variable', system-ui, sans-serif"},
    "components": {"Select": {"defaultProps": {"size": "sm"}}, "Button": {"defaultProps": {"size": "sm"}}}}


class GeoSafetyDash(Dash):
    """Dash whose first HTML is written in the language of the request."""

    default_language: str = "sv"
    bases: dict[str, dict[str, str]] = {}

    def interpolate_index(self, metas="", title="", css="", config="", scripts="", app_entry="", favicon="", renderer="") -> str:
        language = identity.language(self.default_language)
        heading = f"{title_at(request.path)[language]} · {NAME[language]}"
        told = {"language": language, "bases": self.bases, "texts": {key: text[language] for key, text in (MAP_TEXTS | {"copied": COPIED}).items()}}
        blob = json.dumps(told, ensure_ascii=True).replace("<", "\\u003c")
        return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>{heading}</title><link rel="icon" href="/assets/icon.svg" type="image/svg+xml">{css}
</head>
<body>
<noscript>{NO_SCRIPT[language]}</noscript>
<script type="application/json" id="gs-config">{blob}</script>
{app_entry}
<footer class="gs-scripts">{config}{scripts}{renderer}</footer>
</body>
</html>"""


def layout(store: Store, settings: Settings):
    language = identity.language(settings.language)
    say = lambda text: text[language]  # noqa: E731
    return dmc.MantineProvider(
        id="theme", theme=THEME, forceColorScheme=identity.scheme(), defaultColorScheme="auto",
        children=[
            dcc.Location(id="url", refresh=False), dcc.Store(id="own-search"), dcc.Store(id="went-back"),
            dmc.NotificationContainer(id="toasts", position="bottom-center", zIndex=3000),
            html.A(say(SKIP), href="#page", className="gs-skip"),
            html.Header(className="gs-header", children=[
                html.A(href="/", className="gs-brand", children=[
                    icon("shield"), html.Span(say(NAME)), html.Span(store.municipality_name, className="gs-municipality")]),
                html.Nav(id="nav", **{"data-at": "/", "aria-label": say(NAVIGATION)}, className="gs-nav", children=[
                    dcc.Link([icon(page.ICON), html.Span(say(page.TITLE))], href=page.PATH, className="gs-nav-link", id={"nav": page.PATH})
                    for page in PAGES if page.ICON]),
                html.Div(className="gs-tools", children=[
                    html.Div(className="gs-language", role="group", **{"aria-label": say(LANGUAGE)}, children=[
                        _language_link(code, language) for code in ("sv", "en")]),
                    html.Button(icon("sun-moon"), id="scheme", className="gs-icon-button", **{"aria-label": say(SCHEME)}, title=say(SCHEME),
                                type="button")])]),
            html.Div(className="gs-made-up", role="note", children=[icon("flask"), say(CAUTIONS["MADE_UP"])]) if store.made_up else None,
            html.Main(id="page", tabIndex=-1, className="gs-page", children=html.Div(say(PREPARING), className="gs-loading", role="status"))])


def _language_link(code: str, chosen: str):
    """The server sets the cookie and leads back; the script keeps `next` at the present address."""
    full = {"sv": "Svenska", "en": "English"}[code]
    return html.A(code.upper(), href=f"/language/{code}?next={quote('/')}", className="gs-language-link", title=full, lang=code,
                  **{"aria-label": full, "aria-current": "true" if code == chosen else "false", "data-language": code})


def register(app: Dash) -> None:
    @app.server.get("/favicon.ico")
    def sign() -> Response:
        """Browsers ask here for a picture or a page that does not name its sign."""
        return redirect(app.get_asset_url("icon.svg"))

    app.clientside_callback(ClientsideFunction("geoSafety", "toggleScheme"), Output("theme", "forceColorScheme"),
                            Input("scheme", "n_clicks"), State("theme", "forceColorScheme"), prevent_initial_call=True)
    app.clientside_callback(ClientsideFunction("geoSafety", "writeAddress"), Output("own-search", "storage_type"), Input("own-search", "data"),
                            prevent_initial_call=True)
    app.clientside_callback(ClientsideFunction("geoSafety", "markNavigation"), Output("nav", "className"), Input("nav", "data-at"))
