"""What came of a file, in figures, sentences and a table of the rows that were refused."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from ....text import Text, number
from ...context import Context

ROW, COLUMN, VALUE, REASON = Text(sv="Rad", en="Row"), Text(sv="Kolumn", en="Column"), Text(sv="Värde", en="Value"), Text(sv="Skäl", en="Reason")
REJECTED = Text(sv="Rader som inte går att läsa in", en="Rows that cannot be brought in")
FIRST = Text(sv="De första {n} av {all}. Resten finns i filen efter inläsningen.", en="The first {n} of {all}. The rest are in the file after the import.")
QUALITY = Text(sv="Värt att veta om filen", en="Worth knowing about the file")
NOTHING = Text(sv="Inget att anmärka: alla rader har tid och plats som går att läsa.",
               en="Nothing to remark: all rows have a time and a place that can be read.")
TITLES = {
    "read": Text(sv="rader i filen", en="rows in the file"), "inserted": Text(sv="nya", en="new"), "known": Text(sv="finns redan", en="here already"),
    "updated": Text(sv="ändrade", en="changed"), "unchanged": Text(sv="oförändrade", en="unchanged"), "rejected": Text(sv="avvisade", en="rejected"),
    "without_place": Text(sv="utan plats", en="without place")}
MOST_SHOWN = 20


def figures(result: Mapping[str, Any], names: tuple[str, ...], here: Context) -> html.Dl:
    return html.Dl(className="gs-figures gs-counts", children=[
        html.Div([html.Dt(here.say(TITLES[name])), html.Dd(number(result.get(name) or 0, here.language))], **{"data-count": name}) for name in names])


def sentences(result: Mapping[str, Any], here: Context) -> html.Div:
    notes = [here.say(Text(**note)) for note in result.get("notes", ())]
    body = html.Ul([html.Li(note) for note in notes], className="gs-plain-list") if notes else html.P(here.say(NOTHING))
    return html.Div([html.H2(here.say(QUALITY)), body])


def refused(rows: list[dict[str, Any]], total: int, here: Context) -> html.Div | None:
    """The first rejected rows; what stands in the file is text, whatever it looks like."""
    if not rows:
        return None
    shown = rows[:MOST_SHOWN]
    head = html.Thead(html.Tr([html.Th(here.say(text), scope="col") for text in (ROW, COLUMN, VALUE, REASON)]))
    reason = "reason_sv" if here.language == "sv" else "reason_en"
    body = html.Tbody([html.Tr([html.Td(number(row["row_number"], here.language), className="gs-number"), html.Td(row["column_name"]),
                                html.Td(str(row["value"] or "")[:80], className="gs-value"), html.Td(row[reason])]) for row in shown])
    hint = html.P(here.say(FIRST, n=len(shown), all=total), className="gs-hint") if total > len(shown) else None
    return html.Div([html.H2(here.say(REJECTED)), hint, html.Div(html.Table([head, body], className="gs-table"), className="gs-table-scroll", tabIndex=0,
                                                                role="region", **{"aria-label": here.say(REJECTED)})])
