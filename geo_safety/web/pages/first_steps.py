"""What a person meets in an empty store: what to bring in first, and how."""
from __future__ import annotations

from dash import dcc, html

from ...text import Text
from ..context import Context
from ..parts.icons import icon

HEAD = Text(sv="Här finns inga uppgifter ännu", en="There is nothing here yet")
INTRO = Text(sv="Läs in områden först, sedan händelser. Kartan byggs av det.",
             en="Bring in areas first, then incidents. The map is built from them.")
STEPS = (
    Text(sv="Områden: en fil med DeSO, RegSO eller kommunens egna områden (GeoPackage, GeoJSON eller zippad Shapefile).",
         en="Areas: a file with DeSO, RegSO or the municipality's own areas (GeoPackage, GeoJSON or zipped Shapefile)."),
    Text(sv="Händelser: en tabell med tid, brottstyp och koordinater (CSV eller XLSX).",
         en="Incidents: a table with time, offence type and coordinates (CSV or XLSX)."),
    Text(sv="Iakttagelser från trygghetsvandringar och åtgärder, om de finns.", en="Findings from safety walks and measures, if there are any."),
)
GO = Text(sv="Läs in en fil", en="Bring in a file")


def first_steps(here: Context) -> html.Div:
    return html.Div(className="gs-sheet", **{"data-ready": "1"}, children=[
        html.H1(here.say(HEAD)), html.P(here.say(INTRO)), html.Ol([html.Li(here.say(step)) for step in STEPS]),
        dcc.Link([icon("upload"), here.say(GO)], href="/import", className="gs-button gs-primary")])
