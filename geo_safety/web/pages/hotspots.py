"""Hotspots: choose a method, run it on the selection, see it on the map and in a table, keep it or take it along."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html
from dash.exceptions import PreventUpdate

from ...hotspots import METHODS
from ...maps.classes import classify
from ...model.features import Shown
from ...model.selection import to_search
from ...services import viewing
from ...services.hotspots import HotspotAnswer
from ...text import Text
from .. import asking
from ..asking import Asking, answer_of
from ..context import Context
from ..map import MapLayer, safety_map
from ..parts.legend import swatches
from ..parts.selection_bar import drawn_area
from ..parts.words import said
from .first_steps import first_steps
from .map_page import NOTHING, _at, _bounds

PATH = "/hotspots"
TITLE = Text(sv="Hotspots", en="Hotspots")
ICON = "flame"

ASKING = Asking(PATH, METHODS, facts=(
    "n", "n_before", "cells", "tested", "cell_size_m", "bandwidth_m", "expected", "p", "correction", "seed", "steps", "first_step", "left_out_share_area",
    "bandwidth_rule", "segments", "length_km", "share_with_half", "share_with_half_by_chance", "too_far"))
INTRO = Text(sv="En hotspot är en anhopning av händelser. Välj period och metod till vänster och tryck på Räkna.",
             en="A hotspot is a gathering of incidents. Choose period and method to the left and press Compute.")
TOP = Text(sv="Platser som sticker ut mest", en="Places that stand out most")
NO_TOP = Text(sv="Ingen ruta sticker ut. Det är också ett svar.", en="No cell stands out. That is an answer too.")
LEGEND = Text(sv="Teckenförklaring", en="Legend")
RANK, PLACE = Text(sv="Nr", en="No."), Text(sv="Plats", en="Place")
MOST_TOP = 20
ROOM_M = 600     # seen around the places that stand out


def layout(here: Context):
    if viewing.data_span(here.store, here.viewer) is None:
        return first_steps(here)
    answer, job = asking.begun(here, ASKING)
    made = drawing(here, answer) if answer else None
    return html.Div(className="gs-explorer", children=[
        asking.panel(here, ASKING),
        html.Div(className="gs-centre", children=[
            html.Div(className="gs-map-box", children=[
                safety_map("hotspot-map", [MapLayer("cells", made["url"] if made else None, data=None if made else NOTHING, style="styleCell", on_each="onCell",
                                                    hideout=made["hideout"] if made else {}),
                                           MapLayer("drawn-area", data=drawn_area(here.selection), style="styleDrawn")],
                           bounds=_around(here, answer) if answer else _bounds(here), at=_at(here), base=here.view.base),
                html.Details(id="hotspot-legend-box", className="gs-legend", open=True, hidden=made is None, children=[
                    html.Summary(here.say(LEGEND)), html.Div(made["legend"] if made else None, id="hotspot-legend")]),
                asking.waiting(here, ASKING, job)]),
            html.Div(id="hotspot-below", className="gs-below", tabIndex=0, role="region", **{"aria-label": here.say(TOP)},
                     children=made["below"] if made else html.P(here.say(INTRO), className="gs-empty"))]),
        html.Aside(id="answer-side", className="gs-right", tabIndex=0, children=made["side"] if made else asking.explained(asking.asked(here, ASKING)[0], here),
                   **{"aria-live": "polite", "aria-label": here.say(asking.SHOWS)}),
        dcc.Store(id="map-at"), dcc.Store(id="fit-to"), *asking.memory(here, ASKING, answer, job)])


def _around(here: Context, answer: HotspotAnswer) -> tuple[float, float, float, float]:
    """West, south, east and north of the places that stand out, with room around them; of the selection when none does."""
    if not len(answer.top):
        return _bounds(here)
    frame = gpd.GeoDataFrame(answer.shown.frame)
    spots = frame.geometry[frame["cell"].isin(answer.top["cell"])]
    west, south, east, north = shapely.box(*spots.total_bounds).buffer(ROOM_M).bounds
    degrees = gpd.GeoSeries([shapely.box(west, south, east, north)], crs=frame.crs).to_crs(4326).total_bounds
    return float(degrees[0]), float(degrees[1]), float(degrees[2]), float(degrees[3])


def drawing(here: Context, answer: HotspotAnswer) -> dict:
    """All that an answer fills the page with."""
    _, classes = classes_of(answer.shown, here.language)
    return {"side": asking.side(here, answer, ASKING), "below": below(here, answer), "legend": legend(answer, here),
            "fit": None if here.view.zoom is not None else list(_around(here, answer)),
            "url": f"/data/cells.json{to_search(here.query)}&r={here.store.revision()}&l={here.language}",
            "hideout": {"colours": list(classes.colours), "dark": list(classes.dark), "chosen": "", "opacity": 0.72}}


def classes_of(shown: Shown, language: str):
    style = shown.layer.style
    column = style.colour_by or "incidents"
    return column, classify(shown.frame[column].to_numpy(), style, language=language, column=shown.layer.column(column))


def below(here: Context, answer: HotspotAnswer) -> list:
    """The table of top places, with keep and download."""
    table = top_table(answer, here) if len(answer.top) else html.P(here.say(NO_TOP), className="gs-empty")
    return [asking.head(here, ASKING, TOP), table, asking.sources(here, answer)]


def top_table(answer: HotspotAnswer, here: Context) -> html.Div:
    layer, top = answer.shown.layer, answer.top.head(MOST_TOP)
    columns = [column for column in layer.columns if column.name in top.columns and column.shown]
    head = html.Tr([html.Th(here.say(RANK), scope="col"), html.Th(here.say(PLACE), scope="col")] + [
        html.Th(here.say(column.title), scope="col", title=here.say(column.help) if column.help else None) for column in columns])
    body = [html.Tr([html.Td(str(i + 1)), html.Td(html.Button(_named(row, here), className="gs-link", type="button", id={"cell": str(row["cell"])}))] + [
        html.Td(said(column, row[column.name], here.language), className="gs-number" if column.kind in ("integer", "number") else None)
        for column in columns]) for i, row in enumerate(top.to_dict("records"))]
    return html.Div(html.Table([html.Thead(head), html.Tbody(body)], className="gs-table"), className="gs-table-scroll")


def _named(row: dict, here: Context) -> str:
    place = row.get("place")
    if isinstance(place, Text):
        return here.say(place)
    return str(place) if place is not None and not (isinstance(place, float) and np.isnan(place)) else f"{int(row['cell'])}"


def legend(answer: HotspotAnswer, here: Context):
    column, classes = classes_of(answer.shown, here.language)
    title = answer.shown.layer.column(column)
    return swatches(classes, here.say(title.title), here.say(title.unit) if title.unit else "", here.language)


def register(app: Dash, store, context) -> None:
    asking.register(app, store, context, ASKING)

    @app.callback(output={"side": Output("answer-side", "children"),
                          "below": Output("hotspot-below", "children"), "legend": Output("hotspot-legend", "children"),
                          "legend_hidden": Output("hotspot-legend-box", "hidden"), "url": Output("cells", "url"), "data": Output("cells", "data"),
                          "hideout": Output("cells", "hideout"), "fit": Output("fit-to", "data")},
                  inputs={"search": Input("answer-search", "data")}, prevent_initial_call=True)
    def draw(search):
        if not search:
            raise PreventUpdate
        here: Context = context(search)
        answer = answer_of(here)
        if answer is None:
            raise PreventUpdate
        return drawing(here, answer) | {"legend_hidden": False, "data": None}

    app.clientside_callback(ClientsideFunction("geoSafety", "fitTo"), Output("fit-to", "id"), Input("fit-to", "data"), prevent_initial_call=True)

    @app.callback(Output("cells", "hideout", allow_duplicate=True), Input({"cell": ALL}, "n_clicks"), State("cells", "hideout"), prevent_initial_call=True)
    def choose_cell(clicks, hideout):
        if not any(clicks):
            raise PreventUpdate
        return hideout | {"chosen": ctx.triggered_id["cell"]}
