"""The third and the fourth step: the file read through without saving, and brought in; each a job that can be stopped."""
from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import dash_mantine_components as dmc
from dash import html

from ....layers import LAYERS
from ....model.selection import Period, Selection, to_search
from ....sources import SOURCES
from ....store import Job
from ....text import Text, number
from ...context import Context
from ...parts.icons import icon
from ...upload import Uploads
from .counts import figures, refused, sentences
from .drafts import Draft

WAITING = Text(sv="Väntar på sin tur …", en="Waiting for its turn …")
CHECKING, BRINGING = Text(sv="Filen läses igenom. Inget sparas än.", en="The file is read through. Nothing is saved yet."), Text(
    sv="Filen läses in. Andra kan arbeta vidare under tiden.", en="The file is brought in. Others can go on working meanwhile.")
STOP = Text(sv="Avbryt", en="Cancel")
FAILED = Text(sv="Filen lästes inte in", en="The file was not brought in")
NOT_CHECKED = Text(sv="Filen gick inte att läsa igenom", en="The file could not be read through")
STOPPED = Text(sv="Arbetet avbröts. Inget sparades.", en="The work was stopped. Nothing was saved.")
LOST = Text(sv="Arbetet finns inte kvar. Kontrollera filen igen.", en="The work is no longer here. Check the file again.")
LOOKED = Text(sv="Så blir det", en="What it would give")
LOOKED_LINE = Text(sv="{name} är genomläst. Inget är sparat än.", en="{name} has been read through. Nothing has been saved yet.")
NO_ROWS = Text(sv="Ingen rad går att läsa in. Gå tillbaka och ändra kolumner, tider eller koordinatsystem.",
               en="No row can be brought in. Go back and change columns, times or coordinate system.")
MIX = Text(sv="Jag vet att det här lagret innehåller påhittade uppgifter och att filens rader blandas med dem.",
           en="I know that this store holds made-up data and that the rows of the file are mixed with them.")
MIX_MORE = Text(sv="Riktiga uppgifter hör hemma i ett eget lager. Det görs med kommandot geo-safety init.",
                en="Real data belong in a store of their own. It is made with the command geo-safety init.")
DONE = Text(sv="Klart", en="Done")
DONE_LINE = Text(sv="{name} är inläst i lagret {layer}.", en="{name} has been brought into the layer {layer}.")
SAME = Text(sv="Inget ändrades: alla rader fanns redan.", en="Nothing changed: all rows were here already.")
TO_MAP, CSV = Text(sv="Visa på kartan", en="Show on the map"), Text(sv="Avvisade rader som fil", en="Rejected rows as a file")
UNDO = Text(sv="Ångra inläsningen", en="Undo the import")
MORE = Text(sv="Läs in en fil till", en="Bring in another file")
PROFILE = Text(sv="Spara valen som profil", en="Keep the choices as a profile")
PROFILE_HELP = Text(sv="Nästa fil från samma leverantör läses då på samma sätt.", en="The next file from the same supplier is then read in the same way.")
PROFILE_NAME = Text(sv="Profilens namn", en="Name of the profile")
KEPT = Text(sv="Valen är sparade som {name}.", en="The choices are kept as {name}.")
CHECK_COUNTS = ("read", "inserted", "known", "rejected", "without_place")
DONE_COUNTS = ("read", "inserted", "updated", "unchanged", "rejected", "without_place")


def step_check(here: Context, draft: Draft, job: Job | None) -> html.Div | None:
    if job is None or job.status != "done":
        return _not_yet(here, job, NOT_CHECKED)
    result = job.result or {}
    rows = first_rejects(here, draft)
    usable = (result.get("inserted") or 0) + (result.get("known") or 0)
    mix = html.Div(className="gs-does-not", children=[
        dmc.Checkbox(id={"mix": "yes"}, label=here.say(MIX), checked=False, size="sm"), html.P(here.say(MIX_MORE), className="gs-hint")])
    return html.Div(className="gs-checked", children=[
        html.H2(here.say(LOOKED)), html.P(here.say(LOOKED_LINE, name=draft.upload.name)), figures(result, CHECK_COUNTS, here),
        html.P(here.say(NO_ROWS), className="gs-refusal") if not usable else None, sentences(result, here) if usable else None,
        refused(rows, int(result.get("rejected") or 0), here), mix if here.store.made_up and usable else None])


def usable_rows(job: Job | None) -> int:
    """How many rows of a file that has been read through could be brought in."""
    result = (job.result if job and job.status == "done" else None) or {}
    return int((result.get("inserted") or 0) + (result.get("known") or 0))


def step_done(here: Context, draft: Draft, job: Job | None) -> html.Div | None:
    if job is None or job.status != "done":
        return _not_yet(here, job, FAILED)
    result, batch = job.result or {}, str((job.result or {}).get("batch_uid") or "")
    layer = LAYERS[SOURCES[draft.source].layer].title
    changed = (result.get("inserted") or 0) + (result.get("updated") or 0)
    links: list = [html.A([icon("map"), here.say(TO_MAP)], href=_map_link(result), className="gs-button gs-primary")]
    if result.get("rejected"):
        links.append(html.A([icon("download"), here.say(CSV)], href=f"/data/rejects/{batch}.csv", className="gs-button"))
    if changed:
        links.append(html.Button([icon("arrow-back"), here.say(UNDO)], id={"undo": batch}, type="button", className="gs-button"))
    links.append(html.Button([icon("upload"), here.say(MORE)], id={"go": "new"}, type="button", className="gs-button"))
    return html.Div(className="gs-checked", children=[
        html.H2([icon("check"), here.say(DONE)]), html.P(here.say(DONE_LINE, name=draft.upload.name, layer=here.say(layer))),
        figures(result, DONE_COUNTS, here), html.P(here.say(SAME)) if not changed else None, html.Div(links, className="gs-row gs-links"),
        sentences(result, here), _profile(here, draft)])


def _map_link(result: dict[str, Any]) -> str:
    """The map on the time that the file covers, when it tells one."""
    quality = result.get("quality") or {}
    if result.get("layer") != "incidents" or not quality.get("oldest"):
        return "/"
    first, last = (date.fromisoformat(str(quality[name])[:10]) for name in ("oldest", "newest"))
    return "/" + to_search(Selection(period=Period(first, last + timedelta(days=1))))


def _profile(here: Context, draft: Draft) -> html.Div:
    if draft.kept_as:
        return html.Div(html.P([icon("check"), here.say(KEPT, name=draft.kept_as)]), className="gs-keep", role="status")
    return html.Div(className="gs-keep", children=[
        html.H2(here.say(PROFILE)), html.P(here.say(PROFILE_HELP), className="gs-hint"), html.Div(className="gs-row", children=[
            dmc.TextInput(id={"keep-name": "profile"}, value=draft.profile, placeholder=here.say(PROFILE_NAME), size="sm", inputProps={"maxLength": 100},
                          **{"aria-label": here.say(PROFILE_NAME)}),
            html.Button([icon("star"), here.say(PROFILE)], id={"keep": "profile"}, type="button", className="gs-button")])])


def _not_yet(here: Context, job: Job | None, failed: Text) -> html.Div | None:
    """Why work ended without a result; while it is under way the bar says so."""
    if is_under_way(job):
        return None
    if job is not None and job.status == "cancelled":
        return html.Div(html.P(here.say(STOPPED)), className="gs-empty", role="status")
    why = LOST if job is None else job.error or LOST
    return html.Div(className="gs-refusal", role="alert", children=[html.H2([icon("warning"), here.say(failed)]), html.P(here.say(why))])


def is_under_way(job: Job | None) -> bool:
    return job is not None and job.status in ("queued", "running")


def bar(here: Context, job: Job | None, step: str) -> html.Div | None:
    """How far the work of a step has come, and the way to stop it."""
    if job is None or not is_under_way(job):
        return None
    about = here.say(BRINGING if step == "done" else CHECKING)
    text, share = progress_of(job, here)
    return html.Div(className="gs-progress", children=[
        html.P(about), html.Div(text), dmc.Progress(value=share, **{"aria-label": about}),
        html.Button([icon("x"), here.say(STOP)], id={"stop": "job"}, type="button", className="gs-button")])


def progress_of(job: Job, here: Context) -> tuple[str, float]:
    """What is being done in words, and per cent."""
    text = here.say(job.message) if job.status == "running" and job.message and job.message.sv else here.say(WAITING)
    return f"{text} {number(100 * job.share, here.language, 0)} %" if job.status == "running" else text, 100 * job.share


def first_rejects(here: Context, draft: Draft) -> list[dict[str, Any]]:
    """The first rows that the reading through refused."""
    path = Uploads(here.store).beside(draft.upload.id, "rejects")
    return json.loads(path.read_text("utf-8")) if path.exists() else []
