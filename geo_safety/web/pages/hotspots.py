"""Hotspots: choose a method, run it on the selection, see it on the map and in a table, keep it or take it along."""
from __future__ import annotations

from pathlib import Path

import dash_mantine_components as dmc
import numpy as np
import pandas as pd
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.exceptions import PreventUpdate

from ...errors import GeoSafetyError, InputError
from ...hotspots import METHODS
from ...maps.classes import classify
from ...model.describe import Method
from ...model.features import Shown
from ...model.selection import to_search
from ...services import answers, hotspots, viewing
from ...services.hotspots import HotspotAnswer
from ...text import Text, moment, number, percent
from ..context import Context
from ..map import MapLayer, safety_map
from ..parts.doubts import cautions, source_line
from ..parts.icons import icon
from ..parts.legend import swatches
from ..parts.parameter_form import form, values_of, written
from ..parts.selection_bar import CONTROLS, drawn_area, selection_bar, selection_of
from ..parts.words import said
from .first_steps import first_steps
from .map_page import NOTHING, _at, _bounds

PATH = "/hotspots"
TITLE = Text(sv="Hotspots", en="Hotspots")
ICON = "flame"

METHOD = Text(sv="Metod", en="Method")
RUN = Text(sv="Räkna", en="Compute")
CANCEL = Text(sv="Avbryt", en="Cancel")
INTRO = Text(sv="En hotspot är en anhopning av händelser. Välj period och metod till vänster och tryck på Räkna.",
             en="A hotspot is a gathering of incidents. Choose period and method to the left and press Compute.")
SHOWS, DOES_NOT = Text(sv="Det här visar resultatet", en="What this shows"), Text(sv="Det här säger resultatet inte", en="What this does not say")
TOP = Text(sv="Platser som sticker ut mest", en="Places that stand out most")
NO_TOP = Text(sv="Ingen ruta sticker ut. Det är också ett svar.", en="No cell stands out. That is an answer too.")
FACTS = Text(sv="Så räknades det", en="How it was computed")
KEEP, KEEP_NAME = Text(sv="Spara körningen", en="Keep the run"), Text(sv="Namn på körningen", en="Name of the run")
KEPT_TITLE = Text(sv="Sparade körningar", en="Kept runs")
NONE_KEPT = Text(sv="Inga sparade ännu. En sparad körning ser likadan ut på nästa möte.",
                 en="None kept yet. A kept run looks the same at the next meeting.")
KEPT = Text(sv="Körningen är sparad.", en="The run has been kept.")
GET = Text(sv="Ladda ner resultatet", en="Download the result")
WAITING = Text(sv="Väntar på att räkna …", en="Waiting to compute …")
LEGEND = Text(sv="Teckenförklaring", en="Legend")
RANK, PLACE = Text(sv="Nr", en="No."), Text(sv="Plats", en="Place")
REFUSED = Text(sv="Metoden svarar inte", en="The method gives no answer")
OPENED = Text(sv="Sparad körning: {title}, {when}", en="Kept run: {title}, {when}")
KEPT_PREFIX = "run"
MOST_TOP = 20


def layout(here: Context):
    if viewing.data_span(here.store, here.viewer) is None:
        return first_steps(here)
    method, values = asked(here)
    made, job = begun(here) if begins(here) else (None, None)
    search = to_search(here.query)
    return html.Div(className="gs-explorer", children=[
        html.Aside(id="left", className="gs-left", **{"aria-label": here.say(METHOD)}, children=[
            html.Button([icon("filter"), here.say(METHOD)], id="open-left", className="gs-panel-button", type="button"),
            html.Div(className="gs-panel", children=[
                html.Div(className="gs-selection", children=[
                    dmc.Select(id="method", label=here.say(METHOD), value=method.name, allowDeselect=False, comboboxProps={"zIndex": 2000},
                               data=[{"value": m.name, "label": here.say(m.title)} for m in METHODS.values()]),
                    html.P(here.say(method.summary), className="gs-hint", id="method-summary"),
                    html.Div(form(method, values, here), id="method-form"),
                    dmc.Button(here.say(RUN), id="run", leftSection=icon("play"), fullWidth=True, size="md")]),
                selection_bar(here), html.Div(kept_list(here), id="kept-runs")])]),
        html.Div(className="gs-centre", children=[
            html.Div(className="gs-map-box", children=[
                safety_map("hotspot-map", [MapLayer("cells", made["url"] if made else None, data=None if made else NOTHING, style="styleCell", on_each="onCell",
                                                    hideout=made["hideout"] if made else {}),
                                           MapLayer("drawn-area", data=drawn_area(here.selection), style="styleDrawn")],
                           bounds=_bounds(here), at=_at(here), base=here.view.base),
                html.Details(id="hotspot-legend-box", className="gs-legend", open=True, hidden=made is None, children=[
                    html.Summary(here.say(LEGEND)), html.Div(made["legend"] if made else None, id="hotspot-legend")]),
                html.Div(id="job-box", className="gs-job", hidden=job is None, role="status", children=[
                    html.Div(here.say(WAITING), id="job-text"), dmc.Progress(id="job-bar", value=0, animated=True, **{"aria-label": here.say(WAITING)}),
                    html.Button([icon("x"), here.say(CANCEL)], id="job-cancel", className="gs-button", type="button")])]),
            html.Div(id="hotspot-below", className="gs-below", tabIndex=0, role="region", **{"aria-label": here.say(TOP)},
                     children=made["below"] if made else html.P(here.say(INTRO), className="gs-empty"))]),
        html.Aside(id="hotspot-side", className="gs-right", tabIndex=0, children=made["side"] if made else explained(method, here),
                   **{"aria-live": "polite", "aria-label": here.say(SHOWS)}),
        dcc.Store(id="map-at"), dcc.Store(id="job", data={"id": job, "search": search} if job else None),
        dcc.Store(id="answer-search", data=search if made else None), dcc.Interval(id="job-tick", interval=600, disabled=job is None)])


def begins(here: Context) -> bool:
    """The address itself asks for an answer: a link to a method or to a kept run."""
    return "method" in here.query or KEPT_PREFIX in here.query


def begun(here: Context) -> tuple[dict | None, int | None]:
    """What a link asks for: the drawing of its answer when there is one, else the number of the job that makes it."""
    answer = answer_of(here)
    return (drawing(here, answer), None) if answer else (None, asked_for(here))


def asked_for(here: Context) -> int:
    """Puts the answer that the address asks for among the jobs."""
    method, values = asked(here)
    return here.store.jobs.enqueue("hotspots", {"method": method.name, "parameters": values, "selection": here.selection.to_query(),
                                                "result": str(_place(here, method, values))}, here.viewer)


# ---- what the address asks for

def asked(here: Context) -> tuple[Method, dict]:
    """The method and its values; what cannot be read has its default."""
    method = METHODS.get(here.query.get("method", ""), next(iter(METHODS.values())))
    try:
        return method, values_of(method, here.query)
    except InputError:
        return method, values_of(method, {})


def address(here: Context, selection, method: Method, values: dict) -> str:
    changed = {p.name: written(values[p.name]) for p in method.parameters if values[p.name] != p.default}
    return to_search(selection, {"method": method.name}, changed)


def answer_of(here: Context) -> HotspotAnswer | None:
    """The answer that the address asks for, if it has been computed, or the kept run that it names."""
    if uid := here.query.get(KEPT_PREFIX):
        return hotspots.reopen(here.store, uid, here.viewer)
    method, values = asked(here)
    return answers.fetch(_place(here, method, values), here.viewer)


def _place(here: Context, method: Method, values: dict) -> Path:
    return answers.place_of(here.store, method.name, values, here.selection, here.viewer)


# ---- what is drawn

def drawing(here: Context, answer: HotspotAnswer) -> dict:
    """All that an answer fills the page with."""
    _, classes = classes_of(answer.shown, here.language)
    return {"side": side(here, answer), "below": below(here, answer), "legend": legend(answer, here),
            "url": f"/data/cells.json{to_search(here.query)}&r={here.store.revision()}&l={here.language}",
            "hideout": {"colours": list(classes.colours), "dark": list(classes.dark), "chosen": "", "opacity": 0.72}}


def explained(method: Method, here: Context) -> list:
    return [html.H2(here.say(method.title)), html.H3(here.say(SHOWS)), html.P(here.say(method.summary)),
            html.Div(className="gs-does-not", children=[html.H3([icon("warning"), here.say(DOES_NOT)]), html.P(here.say(method.does_not))])]


def classes_of(shown: Shown, language: str):
    style = shown.layer.style
    column = style.colour_by or "incidents"
    return column, classify(shown.frame[column].to_numpy(), style, language=language, column=shown.layer.column(column))


def side(here: Context, answer: HotspotAnswer) -> list:
    """What the result shows and does not, its doubts, how it was computed, and what can be done with it."""
    method = METHODS[str(answer.shown.provenance.method)] if answer.shown.provenance.method in METHODS else asked(here)[0]
    parts = explained(method, here)
    if answer.refusal:
        parts.insert(1, html.Div(className="gs-refusal", role="alert", children=[html.H3(here.say(REFUSED)), html.P(here.say(answer.refusal.text))]))
    parts += [cautions(answer.shown.warnings, here.language), html.H3(here.say(FACTS)), facts(answer.shown, method, here)]
    return parts


FACT_WORDS = {
    "n": Text(sv="Händelser", en="Incidents"), "n_before": Text(sv="Händelser i jämförelseperioden", en="Incidents in the compared period"),
    "cells": Text(sv="Rutor", en="Cells"), "tested": Text(sv="Prövade rutor", en="Cells tested"),
    "cell_size_m": Text(sv="Rutans sida, m", en="Side of a cell, m"), "bandwidth_m": Text(sv="Bandbredd, m", en="Bandwidth, m"),
    "expected": Text(sv="Jämfört med", en="Compared with"), "p": Text(sv="Slag av p-värde", en="Kind of p-value"),
    "correction": Text(sv="Korrigering för många test", en="Correction for many tests"), "seed": Text(sv="Frö", en="Seed"),
    "steps": Text(sv="Hela tidssteg", en="Whole steps of time"), "first_step": Text(sv="Första steget börjar", en="The first step begins"),
    "left_out_share_area": Text(sv="Utelämnad yta", en="Area left out"), "bandwidth_rule": Text(sv="Bandbreddens regel", en="Rule of the bandwidth"),
}


def facts(shown: Shown, method: Method, here: Context) -> html.Dl:
    rows = [(FACT_WORDS[name], _told(name, value, method, here)) for name, value in shown.facts.items() if name in FACT_WORDS and value is not None]
    rows += [(p.title, _choice(p, shown.provenance.parameters[p.name], here)) for p in method.parameters
             if p.name in shown.provenance.parameters and p.name not in shown.facts]
    return html.Dl(className="gs-fields gs-tight", children=[html.Div([html.Dt(here.say(title)), html.Dd(_fact(value, here))]) for title, value in rows])


BINOMIAL = Text(sv="exakt (binomialt)", en="exact (binomial)")


def _told(name: str, value, method: Method, here: Context):
    """A fact in words: shares in per cent, choices as the form calls them."""
    if name == "p" and value == "binomial":
        return BINOMIAL
    if name.endswith("_share_area"):
        return percent(float(value), here.language)
    parameter = next((p for p in method.parameters if p.name == name), None)
    return _choice(parameter, value, here) if parameter else value


def _choice(parameter, value, here: Context):
    return next((here.say(code.title) for code in parameter.choices if code.value == value), value)


def _fact(value, here: Context) -> str:
    if isinstance(value, Text):
        return here.say(value)
    if isinstance(value, bool | np.bool_):
        return here.say(Text(sv="ja", en="yes") if value else Text(sv="nej", en="no"))
    return number(float(value), here.language) if isinstance(value, int | float | np.number) else str(value)


def below(here: Context, answer: HotspotAnswer) -> list:
    """The table of top places, with keep and download."""
    search = to_search(here.query)
    actions = html.Div(className="gs-actions", children=[
        dmc.TextInput(id="keep-title", placeholder=here.say(KEEP_NAME), size="sm", **{"aria-label": here.say(KEEP_NAME)}),
        html.Button([icon("star"), here.say(KEEP)], id="keep", type="button", className="gs-button"),
        html.A([icon("download"), here.say(GET)], href=f"/download{search}", className="gs-button gs-primary")])
    line = html.P(source_line(answer.shown.provenance, here.language), className="gs-source-line")
    if not len(answer.top):
        return [html.Div([html.H2(here.say(TOP)), actions], className="gs-below-head"), html.P(here.say(NO_TOP), className="gs-empty"), line]
    return [html.Div([html.H2(here.say(TOP)), actions], className="gs-below-head"), top_table(answer, here), line]


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


def kept_list(here: Context) -> list:
    runs = hotspots.kept(here.store, here.viewer)
    if not len(runs):
        return [html.H2(here.say(KEPT_TITLE), className="gs-divider"), html.P(here.say(NONE_KEPT), className="gs-hint")]
    return [html.H2(here.say(KEPT_TITLE), className="gs-divider"), html.Ul(className="gs-kept", children=[
        html.Li([html.A(row["title"], href=f"{PATH}?{KEPT_PREFIX}={row['uid']}"),
                 html.Span(f" {moment(pd.Timestamp(row['made_at']).to_pydatetime(), here.language)}", className="gs-hint")])
        for row in runs.head(30).to_dict("records")])]


def legend(answer: HotspotAnswer, here: Context):
    column, classes = classes_of(answer.shown, here.language)
    title = answer.shown.layer.column(column)
    return swatches(classes, here.say(title.title), here.say(title.unit) if title.unit else "", here.language)


# ---- callbacks

def register(app: Dash, store, context) -> None:
    _register_form(app, context)
    _register_runs(app, store, context)
    _register_results(app, store, context)


def _register_form(app: Dash, context) -> None:
    @app.callback(Output("method-form", "children"), Output("method-summary", "children"), Output("hotspot-side", "children", allow_duplicate=True),
                  Input("method", "value"), State("own-search", "data"), State("url", "search"), prevent_initial_call=True)
    def change_method(name, own, search):
        here: Context = context(own or search)
        method = METHODS.get(name)
        if method is None or method is asked(here)[0]:
            raise PreventUpdate
        return form(method, values_of(method, {}), here), here.say(method.summary), explained(method, here)


def _register_runs(app: Dash, store, context) -> None:
    @app.callback(
        output={"job": Output("job", "data"), "ticking": Output("job-tick", "disabled"), "search": Output("own-search", "data", allow_duplicate=True),
                "answer": Output("answer-search", "data"), "toast": Output("toasts", "sendNotifications", allow_duplicate=True)},
        inputs={"run": Input("run", "n_clicks")},
        state={"method": State("method", "value"), "names": State({"parameter": ALL}, "id"), "given": State({"parameter": ALL}, "value"),
               "controls": {name: State(*where) for name, where in CONTROLS.items()}, "own": State("own-search", "data"), "search": State("url", "search")},
        prevent_initial_call=True)
    def start(run, method, names, given, controls, own, search):
        if not run:
            raise PreventUpdate
        here: Context = context(own or search)
        nothing = {"job": no_update, "ticking": no_update, "search": no_update, "answer": no_update, "toast": no_update}
        chosen = METHODS[method]
        try:
            values = values_of(chosen, {name["parameter"]: value for name, value in zip(names, given, strict=True)})
        except InputError as problem:
            return nothing | {"toast": [toast(problem, here)]}
        wanted = address(here, selection_of(here, **controls), chosen, values)
        there: Context = context(wanted)
        if answer_of(there):
            return nothing | {"search": wanted, "answer": wanted}
        return nothing | {"job": {"id": asked_for(there), "search": wanted}, "ticking": False, "search": wanted}

    @app.callback(output={"text": Output("job-text", "children"), "share": Output("job-bar", "value"), "hidden": Output("job-box", "hidden"),
                          "ticking": Output("job-tick", "disabled", allow_duplicate=True), "answer": Output("answer-search", "data", allow_duplicate=True),
                          "toast": Output("toasts", "sendNotifications", allow_duplicate=True), "run": Output("run", "loading")},
                  inputs={"tick": Input("job-tick", "n_intervals"), "job": Input("job", "data")}, prevent_initial_call=True)
    def watch(tick, job):
        if not job:
            raise PreventUpdate
        here: Context = context("")
        state = store.jobs.get(int(job["id"]))
        answer = {"text": here.say(state.message or WAITING), "share": 100 * state.share, "hidden": False, "ticking": False, "answer": no_update,
                  "toast": no_update, "run": True}
        if state.status in ("queued", "running"):
            return answer
        ended = {"hidden": True, "ticking": True, "run": False}
        if state.status == "done":
            return answer | ended | {"answer": job["search"]}
        return answer | ended | {"toast": [toast(GeoSafetyError(state.error or CANCEL), here)]}

    @app.callback(Output("job-text", "children", allow_duplicate=True), Input("job-cancel", "n_clicks"), State("job", "data"), prevent_initial_call=True)
    def cancel(clicks, job):
        if clicks and job:
            store.jobs.cancel(int(job["id"]))
        return no_update


def _register_results(app: Dash, store, context) -> None:
    @app.callback(output={"side": Output("hotspot-side", "children"),
                          "below": Output("hotspot-below", "children"), "legend": Output("hotspot-legend", "children"),
                          "legend_hidden": Output("hotspot-legend-box", "hidden"), "url": Output("cells", "url"), "data": Output("cells", "data"),
                          "hideout": Output("cells", "hideout")},
                  inputs={"search": Input("answer-search", "data")}, prevent_initial_call=True)
    def draw(search):
        if not search:
            raise PreventUpdate
        here: Context = context(search)
        answer = answer_of(here)
        if answer is None:
            raise PreventUpdate
        return drawing(here, answer) | {"legend_hidden": False, "data": None}

    @app.callback(Output("cells", "hideout", allow_duplicate=True), Input({"cell": ALL}, "n_clicks"), State("cells", "hideout"), prevent_initial_call=True)
    def choose_cell(clicks, hideout):
        if not any(clicks):
            raise PreventUpdate
        return hideout | {"chosen": ctx.triggered_id["cell"]}

    @app.callback(Output("kept-runs", "children"), Output("toasts", "sendNotifications", allow_duplicate=True), Input("keep", "n_clicks"),
                  State("keep-title", "value"), State("answer-search", "data"), prevent_initial_call=True)
    def keep(clicks, title, search):
        if not clicks or not search:
            raise PreventUpdate
        here: Context = context(search)
        answer = answer_of(here)
        if answer is None:
            raise PreventUpdate
        try:
            hotspots.keep(store, answer, (title or "").strip() or here.say(asked(here)[0].title), here.viewer)
        except GeoSafetyError as problem:
            return no_update, [toast(problem, here)]
        return kept_list(here), [{"action": "show", "id": "kept", "message": here.say(KEPT), "autoClose": 4000}]


def toast(problem: GeoSafetyError, here: Context) -> dict:
    return {"action": "show", "id": "problem", "message": here.say(problem.text), "color": "red", "autoClose": 12000}
