"""The first step: what the file is about, the file itself, and below them the imports there have been."""
from __future__ import annotations

import dash_mantine_components as dmc
from dash import html

from ....layers import LAYERS
from ....model.describe import Source
from ....services import viewing
from ....sources import SOURCES
from ....text import Text
from ...context import Context
from ...parts.icons import icon
from ...upload import TOO_LARGE, example_of
from .drafts import Draft

WHAT = Text(sv="Vad handlar filen om?", en="What is the file about?")
WHICH = Text(sv="Välj fil", en="Choose a file")
DROP = Text(sv="Dra hit filen, eller", en="Drop the file here, or")
BROWSE = Text(sv="välj en fil på datorn", en="choose a file on this computer")
LIMIT = Text(sv="Högst {most} MB. Filen läses av tjänsten på den här servern och tas bort inom ett dygn.",
             en="At most {most} MB. The file is read by the service on this server and removed within a day.")
NOT_WHO = Text(sv="Läs inte in namn, personnummer eller annat som pekar ut personer. Kolumner som du inte väljer sparas inte.",
               en="Do not bring in names, personal numbers or anything else that points at persons. Columns that you do not choose are not saved.")
BECOMES = Text(sv="Lager: {layer}", en="Layer: {layer}")
FORMATS = Text(sv="Format: {suffixes}", en="Formats: {suffixes}")
EXAMPLE = Text(sv="Exempelfil: {name}", en="Example file: {name}")
SENDING = Text(sv="Skickar filen …", en="Sending the file …")
READING = Text(sv="Filen är framme. Tittar på kolumner, tider och koordinater …", en="The file has arrived. Looking at columns, times and coordinates …")
STOP = Text(sv="Avbryt", en="Cancel")
STOPPED = Text(sv="Uppladdningen avbröts. Inget sparades.", en="The upload was stopped. Nothing was saved.")
BROKEN = Text(sv="Filen kom inte fram: förbindelsen bröts. Kontrollera nätet och försök igen.",
              en="The file did not arrive: the connection was broken. Check the network and try again.")
ONE = Text(sv="Släpp en fil i taget. Hör flera filer ihop packas de som zip.", en="Drop one file at a time. Files that belong together are packed as a zip.")
WAITING = Text(sv="{name} ligger kvar. Ändra valet ovan om det var fel, eller välj en annan fil.",
               en="{name} is still here. Change the choice above if it was wrong, or choose another file.")
AGAIN = Text(sv="Försök igen med {name}", en="Try again with {name}")
GONE = Text(sv="Filen finns inte kvar här: uppladdade filer tas bort inom ett dygn. Välj den igen.",
            en="The file is no longer here: uploaded files are removed within a day. Choose it again.")

def step_file(here: Context, draft: Draft | None) -> html.Div:
    say, most = here.say, here.settings.upload_limit_mb
    texts = {"data-limit": str(most), "data-too-large": say(TOO_LARGE, most=most), "data-broken": say(BROKEN), "data-stopped": say(STOPPED),
             "data-one": say(ONE), "data-sending": say(SENDING), "data-reading": say(READING)}
    return html.Div([
        html.H2(say(WHAT), id="import-what"),
        dmc.RadioGroup(id={"source": "what"}, value=draft.source if draft and draft.source in SOURCES else _first(here), **{"aria-labelledby": "import-what"},
                       children=html.Div(className="gs-sources", children=[_card(source, here) for source in SOURCES.values()])),
        html.H2(say(WHICH)),
        html.Div(id="import-drop", className="gs-drop", **texts, children=[
            icon("upload"), html.P([say(DROP), " ", html.Button(say(BROWSE), id="import-choose", type="button", className="gs-link")]),
            html.P(say(LIMIT, most=most), className="gs-hint")]),
        _again(here, draft), html.P([icon("eye-off"), html.Span(say(NOT_WHO))], className="gs-note")])


def sending(here: Context) -> html.Div:
    """The bar of a file that is being sent; our script moves it."""
    return html.Div(id="import-upload-box", className="gs-sending", hidden=True, role="status", children=[
        html.Div(here.say(SENDING), id="import-upload-text"), dmc.Progress(id="import-upload-bar", value=0, **{"aria-label": here.say(SENDING)}),
        html.Button([icon("x"), here.say(STOP)], type="button", className="gs-button gs-abort")])


def _first(here: Context) -> str:
    """Areas first, as long as there are none: incidents need them for counts and rates."""
    empty = not viewing.divisions(here.store, here.viewer) and "areas_file" in SOURCES
    return "areas_file" if empty else next(iter(SOURCES))


def _card(source: Source, here: Context) -> html.Div:
    say, example = here.say, example_of(source)
    about = [say(source.help) if source.help else "", say(BECOMES, layer=say(LAYERS[source.layer].title))]
    return html.Div(className="gs-source", children=[
        dmc.Radio(value=source.name, label=say(source.title), description=about[0]),
        html.Div(className="gs-source-more", children=[
            html.Span(about[1]), html.Span(say(FORMATS, suffixes=", ".join(source.suffixes))),
            html.A(say(EXAMPLE, name=example.name), href=f"/data/example/{source.name}", download=example.name) if example else None])])


def _again(here: Context, draft: Draft | None) -> html.Div | None:
    """A file that has come but could not be understood stays, so that another choice can be tried on it."""
    if draft is None or not draft.upload.size:
        return None
    return html.Div(className="gs-waiting", children=[
        html.P([icon("file"), here.say(WAITING, name=draft.upload.name)]),
        html.Button(here.say(AGAIN, name=draft.upload.name), id={"again": "file"}, type="button", className="gs-button gs-again")])
