"""To ask a method and get its answer: form, address, job, what the answer does and does not say, and what is kept. Two pages do so."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import dash_mantine_components as dmc
import numpy as np
import pandas as pd
from dash import ALL, Dash, Input, Output, State, dcc, html, no_update
from dash.exceptions import PreventUpdate

from ..errors import GeoSafetyError, InputError
from ..exports.sheet_words import FACTS, WORDS
from ..model.describe import Method, Parameter
from ..model.features import Shown
from ..model.selection import to_search
from ..services import answers, hotspots
from ..services.hotspots import HotspotAnswer
from ..services.methods import ALL as EVERY
from ..text import Text, moment, number, percent
from .context import Context
from .parts.doubts import cautions, source_line
from .parts.icons import icon
from .parts.parameter_form import form, values_of, written
from .parts.selection_bar import CONTROLS, selection_bar, selection_of

METHOD = Text(sv="Metod", en="Method")
RUN = Text(sv="Räkna", en="Compute")
CANCEL = Text(sv="Avbryt", en="Cancel")
SHOWS, DOES_NOT = Text(sv="Det här visar resultatet", en="What this shows"), Text(sv="Det här säger resultatet inte", en="What this does not say")
COMPUTED = Text(sv="Så räknades det", en="How it was computed")
KEEP, KEEP_NAME = Text(sv="Spara körningen", en="Keep the run"), Text(sv="Namn på körningen", en="Name of the run")
KEPT_TITLE = Text(sv="Sparade körningar", en="Kept runs")
NONE_KEPT = Text(sv="Inga sparade ännu. En sparad körning ser likadan ut på nästa möte.",
                 en="None kept yet. A kept run looks the same at the next meeting.")
KEPT = Text(sv="Körningen är sparad.", en="The run has been kept.")
GET = Text(sv="Ladda ner resultatet", en="Download the result")
WAITING = Text(sv="Väntar på att räkna …", en="Waiting to compute …")
REFUSED = Text(sv="Metoden svarar inte", en="The method gives no answer")
BINOMIAL = Text(sv="exakt (binomialt)", en="exact (binomial)")
YES, NO = Text(sv="ja", en="yes"), Text(sv="nej", en="no")
KEPT_PREFIX = "run"
MOST_KEPT = 30


@dataclass(frozen=True)
class Asking:
    """A page where methods are asked: its path, its methods, what comes before the ids of its elements, and the facts it tells (None: all)."""

    path: str
    methods: Mapping[str, Method]
    prefix: str = ""
    facts: tuple[str, ...] | None = None

    def at(self, name: str) -> str:
        return self.prefix + name


# ---- what the address asks for

def begins(here: Context) -> bool:
    """The address itself asks for an answer: a link to a method or to a kept run."""
    return "method" in here.query or KEPT_PREFIX in here.query


def asked(here: Context, asking: Asking) -> tuple[Method, dict]:
    """The method and its values; what cannot be read has its default."""
    name = here.query.get("method", "")
    method = asking.methods[name] if name in asking.methods else next(iter(asking.methods.values()))
    try:
        return method, values_of(method, here.query)
    except InputError:
        return method, values_of(method, {})


def answer_of(here: Context) -> HotspotAnswer | None:
    """The answer that the address asks for, if it has been computed, or the kept run that it names."""
    if uid := here.query.get(KEPT_PREFIX):
        return hotspots.reopen(here.store, uid, here.viewer)
    method, values = asked(here, Asking("", EVERY))
    return answers.fetch(_place(here, method, values), here.viewer)


def begun(here: Context, asking: Asking) -> tuple[HotspotAnswer | None, int | None]:
    """What a link asks for: its answer when there is one, else the number of the job that makes it; nothing of another page's methods."""
    named = here.query.get("method")
    if not begins(here) or (named is not None and named not in asking.methods):
        return None, None
    answer = answer_of(here)
    if answer is None:
        return None, _asked_for(here, asking)
    return (answer if answer.shown.provenance.method in asking.methods else None), None


def _asked_for(here: Context, asking: Asking) -> int:
    """Puts the answer that the address asks for among the jobs."""
    method, values = asked(here, asking)
    return here.store.jobs.enqueue("hotspots", {"method": method.name, "parameters": values, "selection": here.selection.to_query(),
                                                "result": str(_place(here, method, values))}, here.viewer)


def _place(here: Context, method: Method, values: dict) -> Path:
    return answers.place_of(here.store, method.name, values, here.selection, here.viewer)


def _address(selection, method: Method, values: dict) -> str:
    changed = {p.name: written(values[p.name]) for p in method.parameters if values[p.name] != p.default}
    return to_search(selection, {"method": method.name}, changed)


# ---- what is drawn

def panel(here: Context, asking: Asking, *, on_map: bool = True) -> html.Aside:
    """Method, form and selection to the left, with the kept runs below."""
    method, values = asked(here, asking)
    return html.Aside(id="left", className="gs-left", **{"aria-label": here.say(METHOD)}, children=[
        html.Button([icon("filter"), here.say(METHOD)], id="open-left", className="gs-panel-button", type="button"),
        html.Div(className="gs-panel", children=[
            html.Div(className="gs-selection", children=[
                dmc.Select(id=asking.at("method"), label=here.say(METHOD), value=method.name, allowDeselect=False, comboboxProps={"zIndex": 2000},
                           data=[{"value": m.name, "label": here.say(m.title)} for m in asking.methods.values()]),
                html.P(here.say(method.summary), className="gs-hint", id=asking.at("method-summary")),
                html.Div(form(method, values, here), id=asking.at("method-form")),
                dmc.Button(here.say(RUN), id=asking.at("run"), leftSection=icon("play"), fullWidth=True, size="md")]),
            selection_bar(here, on_map=on_map), html.Div(_kept_list(here, asking), id=asking.at("kept-runs"))])])


def waiting(here: Context, asking: Asking, job: int | None) -> html.Div:
    """How far the job has come, with its end in sight; hidden while nothing is computed."""
    return html.Div(id=asking.at("job-box"), className="gs-job", hidden=job is None, role="status", children=[
        html.Div(here.say(WAITING), id=asking.at("job-text")),
        dmc.Progress(id=asking.at("job-bar"), value=0, animated=True, **{"aria-label": here.say(WAITING)}),
        html.Button([icon("x"), here.say(CANCEL)], id=asking.at("job-cancel"), className="gs-button", type="button")])


def memory(here: Context, asking: Asking, answer: HotspotAnswer | None, job: int | None) -> list:
    """What the page remembers: the job that runs, and the address of the answer that it shows."""
    search = to_search(here.query)
    return [dcc.Store(id=asking.at("job"), data={"id": job, "search": search} if job else None),
            dcc.Store(id=asking.at("answer-search"), data=search if answer else None),
            dcc.Interval(id=asking.at("job-tick"), interval=600, disabled=job is None)]


def explained(method: Method, here: Context) -> list:
    return [html.H2(here.say(method.title)), html.H3(here.say(SHOWS)), html.P(here.say(method.summary)),
            html.Div(className="gs-does-not", children=[html.H3([icon("warning"), here.say(DOES_NOT)]), html.P(here.say(method.does_not))])]


def side(here: Context, answer: HotspotAnswer, asking: Asking) -> list:
    """What the result shows and does not, its doubts, and how it was computed."""
    method = EVERY.get(str(answer.shown.provenance.method)) or asked(here, asking)[0]
    parts = explained(method, here)
    if answer.refusal:
        parts.insert(1, html.Div(className="gs-refusal", role="alert", children=[html.H3(here.say(REFUSED)), html.P(here.say(answer.refusal.text))]))
    return [*parts, cautions(answer.shown.warnings, here.language), html.H3(here.say(COMPUTED)), _facts(answer.shown, method, here, asking)]


def head(here: Context, asking: Asking, title: Text) -> html.Div:
    """The heading over an answer, with what can be done with it."""
    return html.Div(className="gs-below-head", children=[html.H2(here.say(title)), html.Div(className="gs-actions", children=[
        dmc.TextInput(id=asking.at("keep-title"), placeholder=here.say(KEEP_NAME), size="sm", **{"aria-label": here.say(KEEP_NAME)}),
        html.Button([icon("star"), here.say(KEEP)], id=asking.at("keep"), type="button", className="gs-button"),
        html.A([icon("download"), here.say(GET)], href=f"/download{to_search(here.query)}", className="gs-button gs-primary")])])


def sources(here: Context, answer: HotspotAnswer) -> html.P:
    return html.P(source_line(answer.shown.provenance, here.language), className="gs-source-line")


def _facts(shown: Shown, method: Method, here: Context, asking: Asking) -> html.Dl:
    told = [name for name in shown.facts if name in (FACTS if asking.facts is None else asking.facts)]
    rows = [(FACTS[name], _told(name, shown.facts[name], method, here)) for name in told if shown.facts[name] is not None]
    rows += [(p.title, _choice(p, shown.provenance.parameters[p.name], here)) for p in method.parameters
             if p.name in shown.provenance.parameters and p.name not in shown.facts]
    return html.Dl(className="gs-fields gs-tight", children=[html.Div([html.Dt(here.say(title)), html.Dd(_fact(value, here))]) for title, value in rows])


def _told(name: str, value, method: Method, here: Context):
    """A fact in words: shares in per cent, choices as the form calls them."""
    if name == "p" and value == "binomial":
        return BINOMIAL
    if name.endswith("_share_area"):
        return percent(float(value), here.language)
    parameter = next((p for p in method.parameters if p.name == name), None)
    return _choice(parameter, value, here) if parameter else value


def _choice(parameter: Parameter, value, here: Context):
    return next((here.say(code.title) for code in parameter.choices if code.value == value), value)


def _fact(value, here: Context) -> str:
    if isinstance(value, Text):
        return here.say(value)
    if isinstance(value, bool | np.bool_):
        return here.say(YES if value else NO)
    if isinstance(value, int | float | np.number):
        return number(float(value), here.language)
    return here.say(WORDS[value]) if value in WORDS else str(value)


def _kept_list(here: Context, asking: Asking) -> list:
    runs = hotspots.kept(here.store, here.viewer)
    runs = runs[runs["method"].isin(list(asking.methods))]
    if not len(runs):
        return [html.H2(here.say(KEPT_TITLE), className="gs-divider"), html.P(here.say(NONE_KEPT), className="gs-hint")]
    return [html.H2(here.say(KEPT_TITLE), className="gs-divider"), html.Ul(className="gs-kept", children=[
        html.Li([html.A(row["title"], href=f"{asking.path}?{KEPT_PREFIX}={row['uid']}"),
                 html.Span(f" {moment(pd.Timestamp(row['made_at']).to_pydatetime(), here.language)}", className="gs-hint")])
        for row in runs.head(MOST_KEPT).to_dict("records")])]


# ---- callbacks

def register(app: Dash, store, context, asking: Asking) -> None:
    """Form, run, job and keep of a page. The page itself draws the answer when `answer-search` names one."""
    _register_form(app, context, asking)
    _register_runs(app, context, asking)
    _register_job(app, store, context, asking)
    _register_keep(app, store, context, asking)


def _register_form(app: Dash, context, asking: Asking) -> None:
    at = asking.at

    @app.callback(Output(at("method-form"), "children"), Output(at("method-summary"), "children"), Output(at("answer-side"), "children", allow_duplicate=True),
                  Input(at("method"), "value"), State("own-search", "data"), State("url", "search"), prevent_initial_call=True)
    def change_method(name, own, search):
        here: Context = context(own or search)
        method = asking.methods.get(name)
        if method is None or method is asked(here, asking)[0]:
            raise PreventUpdate
        return form(method, values_of(method, {}), here), here.say(method.summary), explained(method, here)


def _register_runs(app: Dash, context, asking: Asking) -> None:
    at = asking.at

    @app.callback(
        output={"job": Output(at("job"), "data"), "ticking": Output(at("job-tick"), "disabled"), "search": Output("own-search", "data", allow_duplicate=True),
                "answer": Output(at("answer-search"), "data"), "toast": Output("toasts", "sendNotifications", allow_duplicate=True)},
        inputs={"run": Input(at("run"), "n_clicks")},
        state={"method": State(at("method"), "value"), "names": State({"parameter": ALL}, "id"), "given": State({"parameter": ALL}, "value"),
               "controls": {name: State(*where) for name, where in CONTROLS.items()}, "own": State("own-search", "data"), "search": State("url", "search")},
        prevent_initial_call=True)
    def start(run, method, names, given, controls, own, search):
        if not run:
            raise PreventUpdate
        here: Context = context(own or search)
        nothing = {"job": no_update, "ticking": no_update, "search": no_update, "answer": no_update, "toast": no_update}
        chosen = asking.methods[method]
        try:
            values = values_of(chosen, {name["parameter"]: value for name, value in zip(names, given, strict=True)})
        except InputError as problem:
            return nothing | {"toast": [toast(problem, here)]}
        wanted = _address(selection_of(here, **controls), chosen, values)
        there: Context = context(wanted)
        if answer_of(there):
            return nothing | {"search": wanted, "answer": wanted}
        return nothing | {"job": {"id": _asked_for(there, asking), "search": wanted}, "ticking": False, "search": wanted}


def _register_job(app: Dash, store, context, asking: Asking) -> None:
    at = asking.at

    @app.callback(output={"text": Output(at("job-text"), "children"), "share": Output(at("job-bar"), "value"), "hidden": Output(at("job-box"), "hidden"),
                          "ticking": Output(at("job-tick"), "disabled", allow_duplicate=True),
                          "answer": Output(at("answer-search"), "data", allow_duplicate=True),
                          "toast": Output("toasts", "sendNotifications", allow_duplicate=True), "run": Output(at("run"), "loading")},
                  inputs={"tick": Input(at("job-tick"), "n_intervals"), "job": Input(at("job"), "data")}, prevent_initial_call=True)
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

    @app.callback(Output(at("job-text"), "children", allow_duplicate=True), Input(at("job-cancel"), "n_clicks"), State(at("job"), "data"),
                  prevent_initial_call=True)
    def cancel(clicks, job):
        if clicks and job:
            store.jobs.cancel(int(job["id"]))
        return no_update


def _register_keep(app: Dash, store, context, asking: Asking) -> None:
    at = asking.at

    @app.callback(Output(at("kept-runs"), "children"), Output("toasts", "sendNotifications", allow_duplicate=True), Input(at("keep"), "n_clicks"),
                  State(at("keep-title"), "value"), State(at("answer-search"), "data"), prevent_initial_call=True)
    def keep(clicks, title, search):
        if not clicks or not search:
            raise PreventUpdate
        here: Context = context(search)
        answer = answer_of(here)
        if answer is None:
            raise PreventUpdate
        try:
            hotspots.keep(store, answer, (title or "").strip() or here.say(asked(here, asking)[0].title), here.viewer)
        except GeoSafetyError as problem:
            return no_update, [toast(problem, here)]
        return _kept_list(here, asking), [{"action": "show", "id": "kept", "message": here.say(KEPT), "autoClose": 4000}]


def toast(problem: GeoSafetyError, here: Context) -> dict:
    return {"action": "show", "id": "problem", "message": here.say(problem.text), "color": "red", "autoClose": 12000}
