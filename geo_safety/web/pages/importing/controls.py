"""The controls of the second step: a row per field of ours, and the lists that turn the file's words into our codes."""
from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html

from ....model.describe import Column
from ....sources.reading import Field, Proposal
from ....text import Text, number, percent
from ...context import Context
from .form import MOST_VALUES, for_all_rows, layer_of, listed

OURS, THEIRS, EXAMPLES = Text(sv="Vår uppgift", en="Our field"), Text(sv="Kolumn i filen", en="Column of the file"), Text(sv="Ur filen", en="From the file")
NO_COLUMN = Text(sv="Finns inte i filen", en="Not in the file")
COLUMN_OF = Text(sv="{field}: kolumn i filen", en="{field}: column of the file")
SAME = Text(sv="{field}, samma för alla rader", en="{field}, the same for all rows")
REST = Text(sv="Alla andra värden blir", en="All other values become")
REST_EMPTY = Text(sv="tomma", en="empty")
NEEDED = Text(sv="behövs", en="needed")
MORE = Text(sv="{n} uppgift till som filen kan ha|{n} uppgifter till som filen kan ha",
            en="{n} more field that the file may have|{n} more fields that the file may have")
VALUES = Text(sv="{field}: filens ord blir våra", en="{field}: the file's words become ours")
VALUE, ROWS, BECOMES = Text(sv="Värde i filen", en="Value in the file"), Text(sv="Rader", en="Rows"), Text(sv="Blir", en="Becomes")
UNSET = Text(sv="– inget valt –", en="– not chosen –")
COVERED = Text(sv="{chosen} av {n} värden har fått en motsvarighet. De täcker {share} av raderna.",
               en="{chosen} of {n} values have been given a counterpart. They cover {share} of the rows.")
NOT_SHOWN = Text(sv="Filen har {n} värden; de {most} vanligaste visas. Resten, {rows} rader, blir {rest} om inget känns igen.",
                 en="The file has {n} values; the {most} most frequent are shown. The rest, {rows} rows, become {rest} unless recognised.")
UNCHOSEN = Text(sv="Värden utan motsvarighet blir {rest}.", en="Values without a counterpart become {rest}.")
EMPTY_CELL = Text(sv="(tomt)", en="(empty)")
ALWAYS = ("source_key", "x", "y")  # what makes most difference when it was not found
WITHIN = {"zIndex": 2000}


def pick(**about: Any) -> dmc.Select:
    """A choice of one; the value "" is a choice too."""
    return dmc.Select(allowDeselect=False, comboboxProps=WITHIN, **about)


def field_rows(proposal: Proposal, fields: list[Field], here: Context, needed: set[str]) -> list:
    """A row per field: those that the file has or must have, the rest folded away."""
    def wanted(found: Field) -> bool:
        options = proposal.options
        return found.name in options.mapping or found.name in options.constants or found.name in needed or found.required or found.name in ALWAYS
    first, rest = [f for f in fields if wanted(f)], [f for f in fields if not wanted(f)]
    rows: list = [_head(here)] + [_row(proposal, found, here, found.name in needed) for found in first] if first else []
    if rest:
        rows.append(html.Details(className="gs-fold", children=[
            html.Summary(here.say(MORE, n=len(rest))), html.Div([_row(proposal, found, here, False) for found in rest], className="gs-fold-rows")]))
    return rows


def _head(here: Context) -> html.Div:
    return html.Div([html.Span(here.say(text)) for text in (OURS, THEIRS, EXAMPLES)], className="gs-field-row gs-field-head", **{"aria-hidden": "true"})


def _row(proposal: Proposal, found: Field, here: Context, needed: bool) -> html.Div:
    say, options = here.say, proposal.options
    column, name = for_all_rows(proposal, found), options.mapping.get(found.name)
    mark = html.Span(say(NEEDED), className="gs-needed") if needed or found.required else None
    choice = [dmc.Select(
        id={"map": found.name}, value=name, data=[{"value": c, "label": c or say(EMPTY_CELL)} for c in proposal.columns], searchable=True, clearable=True,
        placeholder=say(NO_COLUMN), size="sm", comboboxProps=WITHIN, limit=200, **{"aria-label": say(COLUMN_OF, field=say(found.title))})]
    if column is not None and name is None:
        choice.append(_same(column, options.constants.get(found.name), here, say(SAME, field=say(found.title))))
    return html.Div(className="gs-field-row" + (" gs-asked" if needed else ""), id=f"field-{found.name}", children=[
        html.Div([html.Span(say(found.title)), mark], className="gs-field-name"), html.Div(choice, className="gs-field-choice"),
        html.Div(_samples(proposal, name), className="gs-field-samples")])


def _samples(proposal: Proposal, column: str | None) -> list:
    return [html.Span(sample if len(sample) <= 40 else sample[:39] + "…", className="gs-sample") for sample in proposal.samples.get(column or "", ())[:3]]


def _same(column: Column, value: Any, here: Context, label: str):
    """One value for all rows: a choice where we have a list, else a text."""
    about = {"id": {"same": column.name}, "label": label, "size": "sm"}
    if column.codes:
        return pick(**about, value=str(value or ""), data=[{"value": "", "label": here.say(UNSET)}, *_choices(column, here)])
    return dmc.TextInput(**about, value=str(value or ""), debounce=True, inputProps={"inputMode": "numeric"} if column.kind == "integer" else {})


def _choices(column: Column, here: Context) -> list[dict[str, str]]:
    return [{"value": code.value, "label": here.say(code.title)} for code in column.codes]


def code_lists(proposal: Proposal, fields: list[Field], here: Context) -> list:
    """How the words of the file become our codes, for those of `fields` that are codes."""
    layer = layer_of(proposal)
    return [_code_list(proposal, layer.column(found.name), here) for found in fields if proposal.values.get(found.name) and layer.has(found.name)]


def _code_list(proposal: Proposal, column: Column, here: Context) -> html.Details:
    say, met = here.say, proposal.values[column.name]
    codes, shown, total = proposal.options.codes.get(column.name, {}), listed(proposal, column.name), sum(met.values())
    covered = [value for value in met if codes.get(value)]
    other = column.code("other")
    rest = say(other.title if other else REST_EMPTY)
    share = percent(sum(met[value] for value in covered) / max(1, total), here.language)
    lines = [say(COVERED, chosen=len(covered), n=len(met), share=share)]
    if len(met) > MOST_VALUES:
        lines.append(say(NOT_SHOWN, n=len(met), most=MOST_VALUES, rows=total - sum(n for _, n in shown), rest=rest))
    elif len(covered) < len(met):
        lines.append(say(UNCHOSEN, rest=rest))
    rows = [html.Tr([html.Td(value[:80], className="gs-value"), html.Td(number(n, here.language), className="gs-number"), html.Td(pick(
        id={"code": column.name, "at": at}, value=codes.get(value, ""), size="sm", data=[{"value": "", "label": say(UNSET)}, *_choices(column, here)],
        **{"aria-label": f"{value[:80]}: {say(BECOMES).lower()}"}))]) for at, (value, n) in enumerate(shown)]
    head = html.Thead(html.Tr([html.Th(say(VALUE), scope="col"), html.Th(say(ROWS), scope="col", className="gs-number"), html.Th(say(BECOMES), scope="col")]))
    fallback = pick(id={"same": column.name}, label=say(REST), size="sm", value=str(proposal.options.constants.get(column.name) or ""),
                                data=[{"value": "", "label": rest}, *(c for c in _choices(column, here) if c["label"] != rest)])
    return html.Details(className="gs-codes", open=len(covered) < len(met), children=[
        html.Summary(say(VALUES, field=say(column.title))), html.P(" ".join(lines), className="gs-hint"),
        html.Div(html.Table([head, html.Tbody(rows)], className="gs-table"), className="gs-code-scroll", tabIndex=0, role="region",
                 **{"aria-label": say(VALUES, field=say(column.title))}),
        html.Div(fallback, className="gs-rest")])
