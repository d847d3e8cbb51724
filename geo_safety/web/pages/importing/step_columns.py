"""The second step: which column is which, how times and places are read, and what the file cannot answer by itself."""
from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

import dash_mantine_components as dmc
from dash import html

from ....crs import title as crs_title
from ....sources import SOURCES
from ....sources.reading import CrsCandidate, Proposal
from ....text import Text, number, percent, same
from ...context import Context
from ...parts.icons import icon
from .controls import WITHIN, code_lists, field_rows, pick
from .drafts import Draft
from .form import about, candidate_name, class_of, layer_of
from .preview import preview_map

FILE_LINE = Text(sv="{name} · {rows} rader · {source}", en="{name} · {rows} rows · {source}")
OTHER_FILE = Text(sv="Byt fil", en="Change file")
PROFILE, NO_PROFILE = Text(sv="Börja från en sparad profil", en="Start from a saved profile"), Text(sv="Ingen profil", en="No profile")
QUESTIONS = Text(sv="Det här kan filen inte svara på", en="What the file cannot answer")
NOTES = Text(sv="Så har filen förståtts", en="How the file has been understood")
WHAT, WHEN, WHERE = Text(sv="Vad", en="What"), Text(sv="När", en="When"), Text(sv="Var", en="Where")
AS_READ = Text(sv="Så läses tiderna", en="How the times are read")
WRITTEN, READ_AS = Text(sv="I filen", en="In the file"), Text(sv="Läses som", en="Read as")
ORDER = Text(sv="I datum som 3/4/2025 står först", en="In dates like 3/4/2025 comes first")
DAY_FIRST, MONTH_FIRST = Text(sv="dagen (3 april)", en="the day (3 April)"), Text(sv="månaden (4 mars)", en="the month (4 March)")
ZULU = Text(sv="Tiderna slutar på Z. De är", en="The times end in Z. They are")
UTC, LOCAL = Text(sv="UTC, och räknas om till lokal tid", en="UTC, and are converted to local time"), Text(sv="redan lokal tid", en="local time already")
ZONE, PRECISION = Text(sv="Tidszon i filen", en="Time zone of the file"), Text(sv="Tiderna är kända till", en="Times are known to")
AS_WRITTEN = Text(sv="som de är skrivna", en="as they are written")
MONTH, DAY, HOUR, MINUTE = Text(sv="månad", en="month"), Text(sv="dag", en="day"), Text(sv="timme", en="hour"), Text(sv="minut", en="minute")
CRS = Text(sv="Koordinatsystem", en="Coordinate system")
CRS_HELP = Text(sv="Förslagen är de system som lägger punkterna där de ska vara.", en="Those proposed put the points where they should be.")
INSIDE = Text(sv="{share} av punkterna hamnar rätt", en="{share} of the points fall in the right place")
DECLARED, NORTH_FIRST = Text(sv="står i filen", en="stated in the file"), Text(sv="nord före öst", en="north before east")
OWN_CRS = Text(sv="Annat system, EPSG-nummer", en="Another system, EPSG number")
AXES, EAST_FIRST = Text(sv="Filen skriver", en="The file writes"), Text(sv="öst före nord", en="east before north")
BESIDE = Text(sv="Leverantör och skydd", en="Supplier and protection")
SUPPLIER = Text(sv="Leverantör", en="Supplier")
SUPPLIER_HELP = Text(sv="Kort namn, till exempel polisen. Skriv samma namn varje gång: då känns raderna igen och dubbleras inte.",
                     en="A short name, for example police. Write the same name every time: then rows are recognised and not doubled.")
CLASS = Text(sv="Informationsklass", en="Information class")
CLASSES = (Text(sv="0 · Öppna uppgifter", en="0 · Open data"), Text(sv="1 · Internt", en="1 · Internal"),
           Text(sv="2 · Sekretess, kommun", en="2 · Secret, municipality"), Text(sv="3 · Sekretess, polis", en="3 · Secret, police"))
KEEP = Text(sv="Fler kolumner att spara", en="More columns to save")
KEEP_HELP = Text(sv="De visas på postens kort. Välj bara det som behövs.", en="They show on the record's card. Choose only what is needed.")
KEEP_NONE = Text(sv="Inga fler", en="None")
MISREAD = Text(sv="Ser det konstigt ut? Så öppnas filen", en="Does it look odd? How the file is opened")
FIRST_ROWS = Text(sv="De första raderna i filen", en="The first rows of the file")
SHEET, HEADER = Text(sv="Blad eller lager", en="Sheet or layer"), Text(sv="Rubrikrad (0 = ingen)", en="Heading row (0 = none)")
SEPARATOR, ENCODING, DECIMAL = Text(sv="Avgränsare", en="Separator"), Text(sv="Teckenkodning", en="Encoding"), Text(sv="Decimaltecken", en="Decimal sign")
FOUND = Text(sv="känns igen", en="recognised")
SEPARATORS = ((";", Text(sv="semikolon ;", en="semicolon ;")), (",", Text(sv="komma ,", en="comma ,")), ("\t", Text(sv="tabb", en="tab")),
              ("|", Text(sv="lodstreck |", en="bar |")))
ENCODINGS = (("utf-8", same("UTF-8")), ("cp1252", same("Windows-1252")), ("iso-8859-1", same("ISO 8859-1")), ("utf-16", same("UTF-16")))
DECIMALS = ((",", Text(sv="komma ,", en="comma ,")), (".", Text(sv="punkt .", en="point .")))
ASKED = {"date_order": Text(sv="Står dagen eller månaden först i datumen? Välj under När.",
                            en="Does the day or the month come first in the dates? Choose under When."),
         "zulu_is_utc": Text(sv="Är tiderna UTC eller lokal tid? Välj under När.", en="Are the times UTC or local time? Choose under When."),
         "crs": Text(sv="Vilket koordinatsystem har filen? Inget vanligt lägger punkterna i kommunen. Ange det under Var.",
                     en="Which coordinate system does the file have? No common one puts the points in the municipality. Give it under Where.")}
FIELD_ASKED = Text(sv="Vilken kolumn är ”{field}”? Välj en, eller ett värde för alla rader.",
                   en="Which column is “{field}”? Choose one, or one value for all rows.")
MOST_ROWS = 8


def step_columns(here: Context, draft: Draft, profiles: list[str]) -> html.Div:
    assert draft.proposal is not None
    proposal = draft.proposal
    return html.Div(className="gs-understood", children=[
        _top(here, draft, profiles), _questions(proposal, here), _notes(proposal, here),
        _section(proposal, "what", WHAT, here),
        _section(proposal, "when", WHEN, here, beside=_times(proposal, here)),
        _section(proposal, "where", WHERE, here, beside=preview_map(proposal, here), below=[_crs(proposal, here)]),
        _beside(proposal, here), _rows(proposal, here)])


def _top(here: Context, draft: Draft, profiles: list[str]) -> html.Div:
    say, proposal = here.say, draft.proposal
    assert proposal is not None
    line = say(FILE_LINE, name=draft.upload.name, rows=number(proposal.rows, here.language), source=say(SOURCES[proposal.source].title))
    choose = dmc.Select(id={"profile": "start"}, label=say(PROFILE), value=draft.profile, data=[{"value": "", "label": say(NO_PROFILE)}, *profiles],
                        size="sm", allowDeselect=False, comboboxProps=WITHIN) if profiles else None
    return html.Div(className="gs-import-top", children=[
        html.P([icon("file"), html.Strong(line)]), html.Button(say(OTHER_FILE), id={"go": "file"}, type="button", className="gs-button"), choose])


def _questions(proposal: Proposal, here: Context) -> html.Div | None:
    if not proposal.questions:
        return None
    return html.Div(className="gs-does-not gs-questions", role="note", children=[
        html.H2([icon("help"), here.say(QUESTIONS)]), html.Ul([html.Li(here.say(_asked(proposal, name, text))) for name, text in proposal.questions])])


def _asked(proposal: Proposal, name: str, text: Text) -> Text:
    """The question in a planner's words; one we do not know as its source says it."""
    if name in ASKED:
        return ASKED[name]
    title = next((found.title for found in proposal.fields if found.name == name), None)
    return FIELD_ASKED.format(field=title) if title else text


def asked_in_words(proposal: Proposal) -> Text:
    """All that the file cannot answer, as one text."""
    asked = [_asked(proposal, name, text) for name, text in proposal.questions]
    return Text(sv=" ".join(text.sv for text in asked), en=" ".join(text.en for text in asked))


def _section(proposal: Proposal, subject: str, title: Text, here: Context, *, beside=None, below: list | None = None) -> html.Section | None:
    fields = [found for found in proposal.fields if about(proposal, found) == subject]
    if not fields:
        return None
    needed = {name for name, _ in proposal.questions}
    rows = html.Div(field_rows(proposal, fields, here, needed), className="gs-field-rows")
    left = html.Div([rows, *code_lists(proposal, fields, here), *(below or [])], className="gs-section-left")
    return html.Section(className="gs-section", **{"aria-labelledby": f"section-{subject}"}, children=[
        html.H2(here.say(title), id=f"section-{subject}"),
        html.Div([left, html.Div(beside, className="gs-section-right")], className="gs-section-two") if beside is not None else left])


# ---- times

@cache
def _zones() -> tuple[str, ...]:
    return "UTC", *sorted(zone for zone in available_timezones() if zone.startswith("Europe/"))


def _times(proposal: Proposal, here: Context) -> html.Div | None:
    """What the file writes and how it is read; nothing where only whole days are told."""
    layer = layer_of(proposal)
    if not proposal.times and not any(layer.has(found.name) and layer.column(found.name).kind == "time" for found in proposal.fields):
        return None
    say, options, asked = here.say, proposal.options, {name for name, _ in proposal.questions}
    rows = [html.Tr([html.Td(written[:60], className="gs-value"), html.Td(read)]) for written, read in proposal.times]
    table = html.Table([html.Thead(html.Tr([html.Th(say(WRITTEN), scope="col"), html.Th(say(READ_AS), scope="col")])), html.Tbody(rows)],
                       className="gs-table gs-small") if rows else None
    choices = []
    if options.date_order or "date_order" in asked:
        choices.append(_radio("date_order", ORDER, options.date_order, (("dmy", DAY_FIRST), ("mdy", MONTH_FIRST)), here))
    if options.zulu_is_utc is not None or "zulu_is_utc" in asked:
        chosen = None if options.zulu_is_utc is None else "utc" if options.zulu_is_utc else "local"
        choices.append(_radio("zulu", ZULU, chosen, (("utc", UTC), ("local", LOCAL)), here))
    zones = [{"value": "", "label": here.store.zone}, *({"value": zone, "label": zone} for zone in _zones() if zone != here.store.zone)]
    precisions = [{"value": value, "label": say(text)} for value, text in (
        ("", AS_WRITTEN), ("month", MONTH), ("day", DAY), ("hour", HOUR), ("minute", MINUTE))]
    return html.Div([
        html.P(say(AS_READ), className="gs-label") if rows else None, table, *choices,
        html.Div(className="gs-pair", children=[
            dmc.Select(id={"option": "zone"}, label=say(ZONE), value=options.zone or "", data=zones, searchable=True, allowDeselect=False,
                       size="sm", comboboxProps=WITHIN),
            pick(id={"option": "time_precision"}, label=say(PRECISION), value=options.time_precision or "", data=precisions, size="sm")])])


def _radio(name: str, title: Text, chosen: str | None, choices, here: Context) -> html.Div:
    return html.Div(id=f"choice-{name}", className="" if chosen else "gs-asked", children=dmc.RadioGroup(
        id={"option": name}, label=here.say(title), value=chosen, children=html.Div(className="gs-choices", children=[
            dmc.Radio(value=value, label=here.say(text), size="sm") for value, text in choices])))


# ---- places

def _crs(proposal: Proposal, here: Context) -> html.Div | None:
    """The systems that fit, and room for another."""
    say, options = here.say, proposal.options
    if not ({"x", "y", "point"} & set(options.mapping) or proposal.crs or proposal.places or "crs" in dict(proposal.questions)):
        return None
    now = candidate_name(options.crs, options.swap_axes)
    offered = {candidate_name(c.crs, c.swapped): c for c in proposal.crs[:6]}
    own = "" if now in offered or not options.crs else options.crs.removeprefix("EPSG:")
    return html.Div(id="choice-crs", className="gs-crs" + ("" if options.crs else " gs-asked"), children=[
        dmc.RadioGroup(id={"option": "crs"}, label=say(CRS), description=say(CRS_HELP) if offered else None, value=now if now in offered else None,
                       children=html.Div(className="gs-choices", children=[
                           dmc.Radio(value=name, label=candidate.title, description=_why(candidate, here), size="sm") for name, candidate in offered.items()])),
        html.Div(className="gs-pair", children=[
            dmc.TextInput(id={"option": "crs_code"}, label=say(OWN_CRS), description=crs_title(options.crs) if own else None, value=own,
                          placeholder="3006", debounce=True, size="sm", inputProps={"inputMode": "numeric"}),
            pick(id={"option": "axes"}, label=say(AXES), value="yx" if options.swap_axes else "xy", size="sm", data=[
                {"value": "xy", "label": say(EAST_FIRST)}, {"value": "yx", "label": say(NORTH_FIRST)}])])])


def _why(candidate: CrsCandidate, here: Context) -> str | None:
    parts = [here.say(DECLARED)] if candidate.declared else []
    if candidate.swapped:
        parts.append(here.say(NORTH_FIRST))
    if candidate.share_inside is not None:
        parts.append(here.say(INSIDE, share=percent(candidate.share_inside, here.language)))
    return ", ".join(parts) or None


# ---- what else there is to say

def _beside(proposal: Proposal, here: Context) -> html.Section:
    say, options = here.say, proposal.options
    used = set(options.mapping.values())
    left = [column for column in proposal.columns if column not in used]
    fields = {found.name for found in proposal.fields}
    keeps = bool(left) and SOURCES[proposal.source].layer == "incidents"
    known = sorted(set(here.store.read("sources", here.viewer, geometry=False)["code"]) - set(SOURCES))
    return html.Section(className="gs-section", **{"aria-labelledby": "section-beside"}, children=[
        html.H2(say(BESIDE), id="section-beside"), html.Div(className="gs-three", children=[
            dmc.Autocomplete(id={"option": "source_code"}, label=say(SUPPLIER), description=say(SUPPLIER_HELP), value=options.source_code or "", data=known,
                             size="sm", comboboxProps=WITHIN) if "source_key" in fields else None,
            pick(id={"option": "info_class"}, label=say(CLASS), value=str(class_of(proposal)), size="sm",
                             data=[{"value": str(n), "label": say(text)} for n, text in enumerate(CLASSES)]),
            dmc.MultiSelect(id={"option": "keep"}, label=say(KEEP), description=say(KEEP_HELP), value=list(options.keep), data=left, size="sm", searchable=True,
                            clearable=True, placeholder="" if options.keep else say(KEEP_NONE), comboboxProps=WITHIN) if keeps else None])])


def _notes(proposal: Proposal, here: Context) -> html.Div | None:
    if not proposal.notes:
        return None
    return html.Div(className="gs-notes", role="note", children=[
        html.H2([icon("info"), here.say(NOTES)]), html.Ul([html.Li(here.say(note)) for note in proposal.notes], className="gs-plain-list")])


def _rows(proposal: Proposal, here: Context) -> html.Section:
    """The first rows as they stand, and how the file is opened when they look wrong."""
    say, options = here.say, proposal.options
    head = html.Thead(html.Tr([html.Th(column, scope="col") for column in proposal.columns[:40]]))
    body = html.Tbody([html.Tr([html.Td(str(row.get(column, ""))[:60]) for column in proposal.columns[:40]]) for row in proposal.preview[:MOST_ROWS]])
    sheets = dmc.Select(id={"option": "sheet"}, label=say(SHEET), value=options.sheet, data=list(proposal.sheets), size="sm", allowDeselect=False,
                        comboboxProps=WITHIN) if len(proposal.sheets) > 1 else None
    opened = html.Div(className="gs-three", children=[
        dmc.TextInput(id={"option": "header_row"}, label=say(HEADER), value="" if options.header_row is None else str(options.header_row),
                      placeholder=say(FOUND), debounce=True, size="sm", inputProps={"inputMode": "numeric"}),
        _found("separator", SEPARATOR, options.separator, SEPARATORS, here), _found("encoding", ENCODING, options.encoding, ENCODINGS, here),
        _found("decimal", DECIMAL, options.decimal, DECIMALS, here)])
    return html.Section(className="gs-section", **{"aria-labelledby": "section-rows"}, children=[
        html.H2(say(FIRST_ROWS), id="section-rows"), html.Div(sheets, className="gs-sheets") if sheets else None,
        html.Div(html.Table([head, body], className="gs-table gs-small gs-nowrap"), className="gs-table-scroll", tabIndex=0, role="region",
                 **{"aria-label": say(FIRST_ROWS)}),
        html.Details([html.Summary(say(MISREAD)), opened], className="gs-fold", open=not proposal.rows)])


def _found(name: str, title: Text, value: str | None, choices, here: Context) -> dmc.Select:
    return pick(id={"option": name}, label=here.say(title), value=value or "", size="sm",
                            data=[{"value": "", "label": here.say(FOUND)}, *({"value": v, "label": here.say(text)} for v, text in choices)])
