"""Take a shown layer along: which layers, which format, and what goes with them."""
from __future__ import annotations

from types import ModuleType

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html

from ...exports import EXPORTERS
from ...layers import LAYERS
from ...model.describe import Exporter
from ...model.selection import to_search
from ...services import viewing
from ...text import Text, number
from ...text import period as period_words
from ..asking import answer_of, begins
from ..context import Context
from ..parts.icons import icon
from . import hotspots, patterns

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
ANSWER = "answer"
ANSWER_TITLE = Text(sv="Resultatet, med metod och tvivel", en="The result, with method and doubts")
BACK_TO = Text(sv="Tillbaka till {page}", en="Back to {page}")
BACK = Text(sv="Tillbaka till kartan", en="Back to the map")


def of_answer(here: Context) -> bool:
    """The address names an answer, computed or kept: then its rows are what is taken along."""
    return begins(here)


def _asked_at(here: Context) -> ModuleType:
    """The page on which the answer stands."""
    answer = answer_of(here)
    return hotspots if answer is None or answer.shown.layer.geometry else patterns


def layout(here: Context) -> html.Div:
    say, period = here.say, here.selection.period
    types = say(CHOSEN_TYPES, n=len(here.selection.types)) if here.selection.types else say(DEFAULT_TYPES)
    first = [ANSWER if of_answer(here) else "area_counts"]
    known = [name for name in OFFERED if viewing.data_span(here.store, here.viewer) or name == "areas"]
    return html.Div(className="gs-scroll", children=html.Div(className="gs-sheet", **{"data-ready": "1"}, children=[
        html.H1(say(TITLE)),
        html.P(say(INTRO, period=period_words(period.start, period.end, here.language) if period else "–", types=types)),
        html.Fieldset([html.Legend(say(LAYERS_TITLE)), dmc.CheckboxGroup(id="dl-layers", value=first, children=html.Div(
            className="gs-choices", children=[dmc.Checkbox(value=ANSWER, label=say(ANSWER_TITLE))] if of_answer(here) else [
                dmc.Checkbox(value=name, label=f"{say(LAYERS[name].title)} · {_rows(here, name)}") for name in known]))]),
        html.Fieldset([html.Legend(say(FORMAT_TITLE)), dmc.RadioGroup(id="dl-format", value="geopackage", children=html.Div(
            className="gs-choices", children=[dmc.Radio(value=name, label=say(exporter.title), description=say(exporter.help) if exporter.help else None)
                                              for name, exporter in _formats(here).items()]))]),
        html.P([icon("file"), " ", say(SHEET)]), html.P([icon("eye-off"), " ", say(INTERNAL)]),
        html.Div(className="gs-row", children=[
            html.A([icon("download"), say(GET)], id="dl-get", href=_address(here, first, "geopackage"), className="gs-button gs-primary"),
            _way_back(here)])]))


def _formats(here: Context) -> dict[str, Exporter]:
    """The formats that can hold what is taken along: no map of what has no place."""
    placed = not of_answer(here) or _asked_at(here) is hotspots
    return {name: exporter for name, exporter in EXPORTERS.items() if placed or not exporter.draws}


def _way_back(here: Context) -> html.A:
    if not of_answer(here):
        return html.A(here.say(BACK), className="gs-button", href="/" + to_search(here.selection, here.view))
    page = _asked_at(here)
    title = Text(sv=page.TITLE.sv.lower(), en=page.TITLE.en.lower())
    return html.A(here.say(BACK_TO, page=title), className="gs-button", href=page.PATH + to_search(here.query))


def _rows(here: Context, layer: str) -> str:
    return here.say(ROWS, n=number(len(viewing.show(here.store, layer, here.selection, here.viewer)), here.language))


def _address(here: Context, layers: list[str], chosen: str) -> str:
    if of_answer(here):
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
