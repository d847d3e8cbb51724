"""The imports there have been: what came when, the rows that were refused, and the way back."""
from __future__ import annotations

import dash_mantine_components as dmc
import pandas as pd
from dash import html

from ....layers import LAYERS
from ....sources import SOURCES
from ....text import MISSING, Text, moment, number
from ...context import Context
from ...parts.icons import icon

TITLE = Text(sv="Tidigare inläsningar", en="Earlier imports")
NONE = Text(sv="Ingenting har lästs in ännu.", en="Nothing has been brought in yet.")
FILE, WHEN, LAYER = Text(sv="Fil", en="File"), Text(sv="När", en="When"), Text(sv="Lager", en="Layer")
COUNTS = {"read": Text(sv="Rader", en="Rows"), "inserted": Text(sv="Nya", en="New"), "updated": Text(sv="Ändrade", en="Changed"),
          "unchanged": Text(sv="Oförändrade", en="Unchanged"), "rejected": Text(sv="Avvisade", en="Rejected"),
          "without_place": Text(sv="Utan plats", en="Without place")}
CSV, CSV_OF = Text(sv="Avvisade rader", en="Rejected rows"), Text(sv="Avvisade rader ur {file} som fil", en="Rejected rows of {file} as a file")
UNDO, UNDO_OF = Text(sv="Ångra", en="Undo"), Text(sv="Ångra inläsningen av {file}", en="Undo the import of {file}")
UNDONE = Text(sv="ångrad", en="undone")
FROM = Text(sv="från {source}", en="from {source}")
ASK = Text(sv="Ångra hela inläsningen?", en="Undo the whole import?")
ASK_LINE = Text(sv="{file}, inläst {when}: {inserted} nya rader tas bort och {updated} ändrade återställs. Det syns i loggen och kan läsas in igen.",
                en="{file}, brought in {when}: {inserted} new rows are taken away and {updated} changed ones put back. It is logged, "
                   "and the file can be brought in again.")
YES, KEEP = Text(sv="Ja, ångra", en="Yes, undo"), Text(sv="Behåll", en="Keep")
CLOSE = Text(sv="Stäng", en="Close")
TAKEN_BACK = Text(sv="Inläsningen är ångrad. {n} rad berördes.|Inläsningen är ångrad. {n} rader berördes.",
                  en="The import has been undone. {n} row was concerned.|The import has been undone. {n} rows were concerned.")
MOST = 30


def earlier(here: Context) -> html.Div:
    rows = batches(here)
    if not len(rows):
        return html.Div([html.H2(here.say(TITLE)), html.P(here.say(NONE), className="gs-empty")], className="gs-earlier")
    head = html.Thead(html.Tr([html.Th(here.say(text), scope="col") for text in (FILE, WHEN, LAYER)] + [
        html.Th(here.say(text), scope="col", className="gs-number") for text in COUNTS.values()]))
    table = html.Table([head, html.Tbody([_row(row, here) for row in rows.to_dict("records")])], className="gs-table")
    return html.Div(className="gs-earlier", children=[
        html.H2(here.say(TITLE)), html.Div(table, className="gs-table-scroll", tabIndex=0, role="region", **{"aria-label": here.say(TITLE)})])


def batches(here: Context) -> pd.DataFrame:
    """The newest imports first."""
    return here.store.read("import_batches", here.viewer, order_by="-started_at", limit=MOST)


def _row(row: dict, here: Context) -> html.Tr:
    say, layer = here.say, LAYERS.get(row["layer"])
    undone = row["status"] == "undone"
    actions: list = []
    if _n(row, "rejected"):
        actions.append(html.A([icon("download"), say(CSV)], href=f"/data/rejects/{row['uid']}.csv", **{"aria-label": say(CSV_OF, file=row["file_name"])}))
    if undone:
        actions.append(html.Span(say(UNDONE), className="gs-undone"))
    elif _n(row, "inserted") + _n(row, "updated"):
        actions.append(html.Button([icon("arrow-back"), say(UNDO)], id={"undo": row["uid"]}, type="button", className="gs-link",
                                   **{"aria-label": say(UNDO_OF, file=row["file_name"])}))
    return html.Tr(className="gs-was-undone" if undone else "", children=[
        html.Td([html.Div(row["file_name"], className="gs-file-name"), _supplier(row["source_code"], here), html.Div(actions, className="gs-row")]),
        html.Td(_when(row, here), className="gs-nowrap"), html.Td(say(layer.title) if layer else row["layer"]),
        *(html.Td(number(_n(row, name), here.language), className="gs-number") for name in COUNTS)])


def _supplier(code: str, here: Context) -> html.Div | None:
    """Who the file is from, when somebody has said so."""
    return None if code in SOURCES else html.Div(here.say(FROM, source=code), className="gs-hint")


def _n(row: dict, name: str) -> int:
    return 0 if pd.isna(row[name]) else int(row[name])


def _when(row: dict, here: Context) -> str:
    return MISSING if pd.isna(row["started_at"]) else moment(pd.Timestamp(row["started_at"]).to_pydatetime(), here.language)


def undo_box(here: Context) -> dmc.Modal:
    """Asks before a whole import is taken back."""
    return dmc.Modal(id="import-undo-box", title=here.say(ASK), opened=False, zIndex=3000, closeButtonProps={"aria-label": here.say(CLOSE)}, children=[
        html.P("", id="import-undo-text"), html.Div(id="import-undo-problem", role="alert", className="gs-problem"),
        html.Div(className="gs-row", children=[
            html.Button(here.say(YES), id="import-undo-yes", type="button", className="gs-button gs-primary"),
            html.Button(here.say(KEEP), id="import-undo-no", type="button", className="gs-button")])])


def question(here: Context, uid: str) -> str | None:
    """The question for one import; None when there is no such import."""
    found = here.store.read("import_batches", here.viewer, where={"uid": uid})
    if not len(found):
        return None
    row = found.iloc[0].to_dict()
    return here.say(ASK_LINE, file=row["file_name"], when=_when(row, here), inserted=_n(row, "inserted"), updated=_n(row, "updated"))
