"""Nothing at this address: what was asked for and where to go instead."""
from __future__ import annotations

from dash import dcc, html

from ...text import Text
from ..context import Context

TITLE = Text(sv="Sidan finns inte", en="No such page")
EXPLAINED = Text(sv="Adressen leder inte till någon sida. Länken kan vara gammal eller felskriven.",
                 en="The address leads to no page. The link may be old or mistyped.")
TO_MAP = Text(sv="Till kartan", en="To the map")


def layout(here: Context) -> html.Div:
    return html.Div(className="gs-sheet", **{"data-ready": "1"}, children=[
        html.H1(here.say(TITLE)), html.P(here.say(EXPLAINED)), dcc.Link(here.say(TO_MAP), href="/", className="gs-button gs-primary")])
