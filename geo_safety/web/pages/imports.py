"""Bring a file in: choose it, see how it would be understood, check it, and put it into the store. Each step is an address; nothing is lost by a reload."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.exceptions import PreventUpdate

from ...errors import GeoSafetyError
from ...services import importing
from ...store import Job, Store
from ...text import Text
from ..context import Context
from ..parts.icons import icon
from ..upload import Uploads
from .importing import drafts, earlier, form, preview
from .importing.asking import KEY, address, begin, form_of, look_at, taken_in
from .importing.drafts import Draft, job_of, step_of
from .importing.step_check import bar, is_under_way, step_check, step_done, usable_rows
from .importing.step_columns import step_columns
from .importing.step_file import GONE, sending, step_file

PATH = "/import"
TITLE = Text(sv="Läs in", en="Import")
ICON = "upload"

INTRO = Text(sv="En fil blir punkter, områden eller åtgärder på kartan. Inget sparas förrän du har sett hur filen förstås.",
             en="A file becomes points, areas or measures on the map. Nothing is saved until you have seen how the file is understood.")
STEPS = {"file": Text(sv="Fil", en="File"), "columns": Text(sv="Kolumner, tider, plats", en="Columns, times, place"), "check": Text(sv="Kontroll", en="Check"),
         "done": Text(sv="Inläst", en="Brought in")}
STEP_LABEL = Text(sv="Steg", en="Steps")
BACK, CHECK = Text(sv="Tillbaka", en="Back"), Text(sv="Kontrollera filen", en="Check the file")
CHANGE, BRING_IN = Text(sv="Ändra", en="Change"), Text(sv="Läs in {n} rader", en="Bring in {n} rows")
AGAIN = Text(sv="Läser om filen …", en="Reading the file again …")
SAY_YES = Text(sv="Bekräfta först, med rutan ovanför, att filens rader får blandas med påhittade uppgifter.",
               en="Confirm first, with the box above, that the rows of the file may be mixed with made-up data.")
TICK_MS = 500

CONTROLS = {"columns": {"map": ALL}, "same": {"same": ALL}, "codes": {"code": ALL, "at": ALL}, "options": {"option": ALL}}
FORM = {name: State(control, "value") for name, control in CONTROLS.items()} | {f"{name}_ids": State(control, "id") for name, control in CONTROLS.items()}


def layout(here: Context) -> html.Div:
    drawn = drawing(here)
    return html.Div(className="gs-scroll gs-import", children=[
        html.Div(className="gs-sheet gs-wide", **{"data-ready": "1"}, children=[
            html.H1(here.say(TITLE)), html.P(here.say(INTRO)), html.Nav(drawn["steps"], id="import-steps", **{"aria-label": here.say(STEP_LABEL)}),
            html.Div(drawn["job"], id="import-job", role="status"), html.Div(drawn["body"], id="import-body", tabIndex=-1)]),
        html.Div(className="gs-import-foot", children=[
            html.Div(drawn["problem"], id="import-problem", role="alert", className="gs-problem"), sending(here),
            html.Div(here.say(AGAIN), id="import-busy", role="status", hidden=True, className="gs-busy"),
            html.Div(drawn["actions"], id="import-actions", className="gs-row")]),
        earlier.undo_box(here), dcc.Store(id="import-came"), dcc.Store(id="import-undo"), dcc.Store(id="import-asked"),
        dcc.Store(id="import-bounds", data=drawn["bounds"]), dcc.Interval(id="import-tick", interval=TICK_MS, disabled=drawn["still"])])


def drawing(here: Context) -> dict[str, Any]:
    """All that changes with the address: the steps, what the present one shows, what can be done, and what went wrong."""
    draft = drafts.load(here.store, here.query.get(KEY))
    step = step_of(draft, here.query.get("step"))
    job = _job(here, draft, step)
    bounds = None
    if step == "file" or draft is None:
        body: Any = [step_file(here, draft), earlier.earlier(here)]
    elif step == "columns" and draft.proposal:
        body, bounds = step_columns(here, draft, _profiles(here, draft.source)), preview.bounds(draft.proposal, here)
    else:
        body = (step_check if step == "check" else step_done)(here, draft, job)
    problem = here.say(GONE) if here.query.get(KEY) and draft is None else here.say(draft.problem) if draft and draft.problem else ""
    return {"steps": _stepper(here, draft, step), "job": bar(here, job, step), "body": body, "actions": _actions(here, job, step), "problem": problem,
            "bounds": bounds, "still": not is_under_way(job)}


def _job(here: Context, draft: Draft | None, step: str) -> Job | None:
    """The work that a step shows."""
    return job_of(here.store, {"check": draft.check, "done": draft.job}.get(step)) if draft else None


def _profiles(here: Context, source: str) -> list[str]:
    return list(importing.profiles(here.store, here.viewer, source_name=source))


def _stepper(here: Context, draft: Draft | None, step: str) -> html.Ol:
    """Where we are; steps that have been taken lead back."""
    reached = drafts.STEPS.index(step_of(draft, None))
    items = []
    for n, (name, title) in enumerate(STEPS.items()):
        inside = [html.Span(icon("check") if n < reached and name != step else str(n + 1), className="gs-step-number"), html.Span(here.say(title))]
        leads = n <= reached and name != step and (name == "file" or (draft is not None and draft.upload.size > 0))
        items.append(html.Li(html.Button(inside, id={"go": name}, type="button") if leads else html.Span(inside),
                             **({"aria-current": "step"} if name == step else {})))
    return html.Ol(items, className="gs-steps")


def _actions(here: Context, job: Job | None, step: str) -> list:
    if step == "columns":
        return [_button("check", CHECK, {"check": "file"}, here, primary=True)]
    if step == "file" or is_under_way(job) or (step == "done" and job is not None and job.status == "done"):
        return []
    if step == "done":
        return [_button("arrow-back", BACK, {"go": "check"}, here)]
    rows, change = usable_rows(job), _button("arrow-back", CHANGE, {"go": "columns"}, here)
    return [change, _button("upload", BRING_IN.format(n=rows), {"bring": "file"}, here, primary=True)] if rows else [change]


def _button(sign: str, text: Text, control: dict[str, str], here: Context, *, primary: bool = False) -> html.Button:
    return html.Button([icon(sign), here.say(text)], id=control, type="button", className="gs-button" + (" gs-primary" if primary else ""))


# ---- callbacks: thin; each loads the draft that the address names and asks the functions above

def register(app: Dash, store: Store, context: Callable[[str | None], Context]) -> None:
    _register_steps(app, context)
    _register_file(app, context)
    _register_form(app, context)
    _register_jobs(app, context)
    _register_after(app, context)
    _register_undo(app, context)


WHERE = {"own": State("own-search", "data"), "search": State("url", "search")}
GOES_OR_FAILS = {"search": Output("own-search", "data", allow_duplicate=True), "problem": Output("import-problem", "children", allow_duplicate=True)}
BUSY = [(Output("import-busy", "hidden"), False, True)]


def _of(context: Callable[[str | None], Context], own: str | None, search: str | None) -> tuple[Context, Draft]:
    """The context and the draft that the address names; the page is left as it is when there is none."""
    here = context(own or search)
    draft = drafts.load(here.store, here.query.get(KEY))
    if draft is None:
        raise PreventUpdate
    return here, draft


def _register_steps(app: Dash, context: Callable[[str | None], Context]) -> None:
    @app.callback(output={part: Output(f"import-{part}", "children") for part in ("steps", "job", "body", "actions", "problem")}
                  | {"bounds": Output("import-bounds", "data"), "still": Output("import-tick", "disabled")},
                  inputs={"search": Input("own-search", "data")}, prevent_initial_call=True)
    def draw(search):
        if search is None:
            raise PreventUpdate  # a new page has just been drawn from its address
        return drawing(context(search))

    app.clientside_callback(ClientsideFunction("geoSafety", "beginStep"), Output("import-actions", "title"), Input("import-actions", "children"),
                            prevent_initial_call=True)

    @app.callback(output=Output("own-search", "data", allow_duplicate=True), inputs={"clicks": Input({"go": ALL}, "n_clicks")}, state={**WHERE},
                  prevent_initial_call=True)
    def go(clicks, own, search):
        if not any(clicks):
            raise PreventUpdate
        target = ctx.triggered_id["go"]
        key = context(own or search).query.get(KEY, "")
        return address("", "file") if target == "new" else address(key, target)


def _register_file(app: Dash, context: Callable[[str | None], Context]) -> None:
    @app.callback(output=Output("own-search", "data", allow_duplicate=True),
                  inputs={"came": Input("import-came", "data"), "again": Input({"again": ALL}, "n_clicks")},
                  state={"sources": State({"source": ALL}, "value"), **WHERE}, prevent_initial_call=True,
                  running=[(Output("import-upload-box", "hidden"), False, True)])
    def look(came, again, sources, own, search):
        """A file has come, or another choice is tried on the one that has."""
        source = next(iter(sources), None)
        here, retried = context(own or search), ctx.triggered_id != "import-came"
        draft = drafts.load(here.store, here.query.get(KEY) if retried else (came or {}).get("id"))
        if draft is None or (retried and not any(again)):
            raise PreventUpdate
        try:
            look_at(here, draft, source=source or "")
        except GeoSafetyError as problem:
            drafts.keep(here.store, Draft(draft.upload, source or "", problem=problem.text))
            return address(draft.upload.id, "file")
        return address(draft.upload.id, "columns")


def _register_form(app: Dash, context: Callable[[str | None], Context]) -> None:
    @app.callback(output={"body": Output("import-body", "children", allow_duplicate=True),
                          "problem": Output("import-problem", "children", allow_duplicate=True),
                          "steps": Output("import-steps", "children", allow_duplicate=True),
                          "bounds": Output("import-bounds", "data", allow_duplicate=True)},
                  inputs={name: Input(control, "value") for name, control in CONTROLS.items()},
                  state={f"{name}_ids": State(control, "id") for name, control in CONTROLS.items()} | {**WHERE}, prevent_initial_call=True, running=BUSY)
    def change(own, search, **state):
        """What was chosen is taken in, and the proposal drawn anew where it could change something else."""
        here, draft = _of(context, own, search)
        if draft.proposal is None or not state["columns"]:
            raise PreventUpdate
        try:
            told = form.chosen(draft.proposal, form_of(state))
            after = taken_in(here, draft, told)
        except GeoSafetyError as problem:
            return {"body": no_update, "problem": here.say(problem.text), "steps": no_update, "bounds": no_update}
        if after is draft or after.proposal is None:
            raise PreventUpdate  # the controls have only just been drawn
        made = {"problem": "", "steps": _stepper(here, after, "columns"), "body": no_update, "bounds": no_update}
        if form.differs(draft.proposal, told) == "again":
            made |= {"body": step_columns(here, after, _profiles(here, after.source)), "bounds": preview.bounds(after.proposal, here)}
        return made

    @app.callback(output=Output("own-search", "data", allow_duplicate=True), inputs={"profiles": Input({"profile": ALL}, "value")}, state={**WHERE},
                  prevent_initial_call=True, running=BUSY)
    def start_from(profiles, own, search):
        here, draft = _of(context, own, search)
        profile = next(iter(profiles), draft.profile)
        if (profile or "") == draft.profile:
            raise PreventUpdate
        try:
            look_at(here, draft, source=draft.source, profile=profile or "")
        except GeoSafetyError as problem:
            drafts.keep(here.store, draft.with_(problem=problem.text))
        return address(draft.upload.id, "columns")

    @app.callback(output={**GOES_OR_FAILS},
                  inputs={"clicks": Input({"check": ALL}, "n_clicks")}, state={**FORM, **WHERE}, prevent_initial_call=True, running=BUSY)
    def check(clicks, own, search, **state):
        here, draft = _of(context, own, search)
        if not any(clicks) or draft.proposal is None:
            raise PreventUpdate
        try:
            draft = taken_in(here, draft, form.chosen(draft.proposal, form_of(state)))
            drafts.keep(here.store, draft.with_(check=begin(here, draft, dry_run=True), job=None, problem=None))
        except GeoSafetyError as problem:
            return {"search": no_update, "problem": here.say(problem.text)}
        return {"search": address(draft.upload.id, "check"), "problem": ""}

    app.clientside_callback(ClientsideFunction("geoSafety", "fitPreview"), Output("import-bounds", "id"), Input("import-bounds", "data"),
                            prevent_initial_call=True)


def _register_jobs(app: Dash, context: Callable[[str | None], Context]) -> None:
    @app.callback(output={"job": Output("import-job", "children", allow_duplicate=True), "search": Output("own-search", "data", allow_duplicate=True)},
                  inputs={"tick": Input("import-tick", "n_intervals")}, state={**WHERE}, prevent_initial_call=True)
    def watch(tick, own, search):
        """Follows the work of the step that is shown; when it has ended the step is drawn anew."""
        if not tick:
            raise PreventUpdate  # the clock has only just been put there
        here, draft = _of(context, own, search)
        step = step_of(draft, here.query.get("step"))
        job = _job(here, draft, step)
        if is_under_way(job):
            return {"job": bar(here, job, step), "search": no_update}
        if step == "done" and job is not None and job.status == "done":
            Uploads(here.store).drop(draft.upload.id, note=False)  # what has been read in is not kept a second time
        return {"job": no_update, "search": address(draft.upload.id, step)}

    @app.callback(output=Output("import-asked", "data"), inputs={"clicks": Input({"stop": ALL}, "n_clicks")}, state={**WHERE}, prevent_initial_call=True)
    def stop(clicks, own, search):
        here, draft = _of(context, own, search)
        job = _job(here, draft, step_of(draft, here.query.get("step")))
        if not any(clicks) or job is None:
            raise PreventUpdate
        here.store.jobs.cancel(job.id)
        return job.id

    @app.callback(output={**GOES_OR_FAILS},
                  inputs={"clicks": Input({"bring": ALL}, "n_clicks")}, state={"mix": State({"mix": ALL}, "checked"), **WHERE}, prevent_initial_call=True)
    def bring_in(clicks, mix, own, search):
        here, draft = _of(context, own, search)
        if not any(clicks):
            raise PreventUpdate
        if here.store.made_up and not any(mix):
            return {"search": no_update, "problem": here.say(SAY_YES)}
        try:
            drafts.keep(here.store, draft.with_(job=begin(here, draft, dry_run=False, into_made_up=any(mix))))
        except GeoSafetyError as problem:
            return {"search": no_update, "problem": here.say(problem.text)}
        return {"search": address(draft.upload.id, "done"), "problem": ""}


def _register_after(app: Dash, context: Callable[[str | None], Context]) -> None:
    @app.callback(output={**GOES_OR_FAILS},
                  inputs={"clicks": Input({"keep": ALL}, "n_clicks")}, state={"names": State({"keep-name": ALL}, "value"), **WHERE}, prevent_initial_call=True)
    def keep_profile(clicks, names, own, search):
        here, draft = _of(context, own, search)
        name = next(iter(names), None)
        if not any(clicks) or draft.proposal is None:
            raise PreventUpdate
        try:
            importing.keep_profile(here.store, name or "", draft.source, form.confirmed(draft.proposal), here.viewer)
        except GeoSafetyError as problem:
            return {"search": no_update, "problem": here.say(problem.text)}
        drafts.keep(here.store, draft.with_(kept_as=(name or "").strip()))
        return {"search": address(draft.upload.id, "done"), "problem": ""}


def _register_undo(app: Dash, context: Callable[[str | None], Context]) -> None:
    @app.callback(output={"open": Output("import-undo-box", "opened"), "text": Output("import-undo-text", "children"), "uid": Output("import-undo", "data"),
                          "problem": Output("import-undo-problem", "children")},
                  inputs={"clicks": Input({"undo": ALL}, "n_clicks"), "no": Input("import-undo-no", "n_clicks")}, state={**WHERE}, prevent_initial_call=True)
    def ask(clicks, no, own, search):
        if ctx.triggered_id == "import-undo-no":
            return {"open": False, "text": no_update, "uid": None, "problem": ""}
        here = context(own or search)
        text = earlier.question(here, ctx.triggered_id["undo"]) if any(clicks) else None
        if text is None:
            raise PreventUpdate
        return {"open": True, "text": text, "uid": ctx.triggered_id["undo"], "problem": ""}

    @app.callback(output={"open": Output("import-undo-box", "opened", allow_duplicate=True),
                          "problem": Output("import-undo-problem", "children", allow_duplicate=True),
                          "search": Output("own-search", "data", allow_duplicate=True),
                          "toast": Output("toasts", "sendNotifications", allow_duplicate=True)},
                  inputs={"yes": Input("import-undo-yes", "n_clicks")}, state={"uid": State("import-undo", "data"), **WHERE}, prevent_initial_call=True)
    def undo(yes, uid, own, search):
        here = context(own or search)
        if not yes or not uid:
            raise PreventUpdate
        try:
            rows = importing.undo(here.store, uid, here.viewer)
        except GeoSafetyError as problem:
            return {"open": no_update, "problem": here.say(problem.text), "search": no_update, "toast": no_update}
        return {"open": False, "problem": "", "search": address("", "file"), "toast": [
            {"action": "show", "id": "undone", "message": here.say(earlier.TAKEN_BACK, n=rows), "autoClose": 8000}]}
