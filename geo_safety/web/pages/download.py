"""Take a shown layer along: which layers, which format, and what goes with them."""
from __future__ import annotations

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html

from ...exports import EXPORTERS
from ...layers import LAYERS
from ...model.selection import to_search
from ...services import viewing
from ...text import Text, number
from ...text import period as period_words
from ..context import Context
from ..parts.icons import icon

PATH = "/download"
TITLE = Text(sv="Ladda ner", en="Download")
ICON = None  # reached from the map and the hotspots, not from the navigation

OFFERED = ("area_counts", "incidents", "walk_findings", "measures", "areas", "safety_walks")
INTRO = Text(sv="Det du ser på kartan, som fil. Urvalet följer med: {period}, {types}.",
             en="What you see on the map, as a file. The selection goes with it: {period}, {types}.")
DEFAULT_TYPES = Text(sv="brott på allmän plats som anmälts av allmänheten", en="offences in public places, reported by the public")
CHOSEN_TYPES = Text(sv="{n} valda brottstyper", en="{n} chosen offence types")
LAYERS_TITLE, FORMAT_TITLE = Text(sv="Lager", en="Layers"), Text(sv="Format", en="Format")
ROWS = Text(sv="{n} rader", en="{n} rows")
SHEET = Text(sv="Ett metodblad följer med varje fil: urval, källor, antal, tvivel och vad uppgifterna inte visar.",
             en="A method sheet goes with every file: selection, sources, counts, doubts and what the data do not show.")
INTERNAL = Text(sv="Filen innehåller exakta platser. Den är för arbete inom kommunen och polisen och får inte spridas vidare.",
                en="The file holds exact places. It is for work within the municipality and the police and must not be passed on.")
GET = Text(sv="Hämta filen", en="Get the file")
NOTHING = Text(sv="Välj minst ett lager.", en="Choose at least one layer.")
HOTSPOT_CELLS = "hotspot_result"
CELLS_TITLE = Text(sv="Hotspotrutorna, med metod och tvivel", en="The hotspot cells, with method and doubts")
BACK_TO_HOTSPOTS = Text(sv="Tillbaka till hotspots", en="Back to hotspots")
BACK = Text(sv="Tillbaka till kartan", en="Back to the map")


def of_hotspots(here: Context) -> bool:
    """The address names a hotspot answer, computed or kept: then its cells are what is taken along."""
    return "method" in here.query or "run" in here.query


def layout(here: Context) -> html.Div:
    say, period = here.say, here.selection.period
    types = say(CHOSEN_TYPES, n=len(here.selection.types)) if here.selection.types else say(DEFAULT_TYPES)
    first = [HOTSPOT_CELLS if of_hotspots(here) else "area_counts"]
    known = [name for name in OFFERED if viewing.data_span(here.store, here.viewer) or name == "areas"]
    return html.Div(className="gs-scroll", children=html.Div(className="gs-sheet", **{"data-ready": "1"}, children=[
        html.H1(say(TITLE)),
        html.P(say(INTRO, period=period_words(period.start, period.end, here.language) if period else "–", types=types)),
        html.Fieldset([html.Legend(say(LAYERS_TITLE)), dmc.CheckboxGroup(id="dl-layers", value=first, children=html.Div(
            className="gs-choices", children=[dmc.Checkbox(value=HOTSPOT_CELLS, label=say(CELLS_TITLE))] if of_hotspots(here) else [
                dmc.Checkbox(value=name, label=f"{say(LAYERS[name].title)} · {_rows(here, name)}") for name in known]))]),
        html.Fieldset([html.Legend(say(FORMAT_TITLE)), dmc.RadioGroup(id="dl-format", value="geopackage", children=html.Div(
            className="gs-choices", children=[dmc.Radio(value=name, label=say(exporter.title), description=say(exporter.help) if exporter.help else None)
                                              for name, exporter in EXPORTERS.items()]))]),
        html.P([icon("file"), " ", say(SHEET)]), html.P([icon("eye-off"), " ", say(INTERNAL)]),
        html.Div(className="gs-row", children=[
            html.A([icon("download"), say(GET)], id="dl-get", href=_address(here, first, "geopackage"), className="gs-button gs-primary"),
            html.A(say(BACK_TO_HOTSPOTS if of_hotspots(here) else BACK), className="gs-button",
                   href="/hotspots" + to_search(here.query) if of_hotspots(here) else "/" + to_search(here.selection, here.view))])]))


def _rows(here: Context, layer: str) -> str:
    return here.say(ROWS, n=number(len(viewing.show(here.store, layer, here.selection, here.viewer)), here.language))


def _address(here: Context, layers: list[str], chosen: str) -> str:
    if of_hotspots(here):
        return "/file" + to_search(here.query, {"as": chosen})
    known = [name for name in OFFERED if name in layers]
    return "/file" + to_search(here.selection, here.view, {"take": ",".join(known), "as": chosen})


def register(app: Dash, store, context) -> None:
    @app.callback(Output("dl-get", "href"), Output("dl-get", "children"), Output("dl-get", "className"), Input("dl-layers", "value"),
                  Input("dl-format", "value"),
                  State("url", "search"), prevent_initial_call=True)
    def choose(layers, chosen, search):
        here: Context = context(search)
        if not layers:
            return None, here.say(NOTHING), "gs-button"
        return _address(here, layers, chosen), [icon("download"), here.say(GET)], "gs-button gs-primary"
