"""What is asked for: period, compared period, offence types and areas. Writes the address; the address draws the page."""
from __future__ import annotations

from dataclasses import replace
from datetime import date

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from ...layers.areas import AREA_KINDS
from ...layers.incidents import GROUPS, LAYER, OFFENCE_TYPES
from ...model.selection import Period, Selection, last_months, whole_year
from ...services import viewing
from ...text import Text
from ...text import period as period_words
from ..context import Context
from .icons import icon

PERIOD = Text(sv="Period", en="Period")
FROM, TO = Text(sv="Från och med", en="From"), Text(sv="Till och med", en="To, included")
LATEST = Text(sv="Senaste 12 månaderna ({period})", en="Latest 12 months ({period})")
EVERYTHING = Text(sv="Alla år ({period})", en="All years ({period})")
OWN_PERIOD = Text(sv="Egen period …", en="Own period …")
COMPARE = Text(sv="Jämför med", en="Compare with")
NO_COMPARISON = Text(sv="Ingen jämförelse", en="No comparison")
YEAR_BEFORE = Text(sv="Samma tid tidigare ({period})", en="Same time earlier ({period})")
TYPES = Text(sv="Brottstyper", en="Offence types")
TYPES_HELP = Text(sv="Utan eget val: brott på allmän plats som anmälts av allmänheten.",
                  en="Without a choice: offences in public places, reported by the public.")
TYPES_DEFAULT = Text(sv="Allmän plats (standard)", en="Public places (standard)")
AREAS = Text(sv="Områden", en="Areas")
AREAS_ALL = Text(sv="Hela kommunen", en="The whole municipality")
NOTHING_FOUND = Text(sv="Inget passar", en="Nothing fits")
DRAW = Text(sv="Rita eget område", en="Draw own area")
DRAWN_HELP = Text(sv="Klicka hörn för hörn, dubbelklicka för att avsluta.", en="Click corner by corner, double-click to finish.")
CLEAR_DRAWN = Text(sv="Ta bort ritat område", en="Remove drawn area")
CONTROLS = {"preset": ("sel-period", "value"), "start": ("sel-from", "value"), "end": ("sel-to", "value"), "compare": ("sel-compare", "value"),
            "types": ("sel-types", "value"), "areas": ("sel-areas", "value"), "drawn": ("drawn", "data")}
HIDDEN = {"display": "none"}
NOT_PUBLIC = Text(sv="säger lite om platsen", en="says little about the place")


def selection_bar(here: Context, *, on_map: bool = True) -> html.Div:
    """The controls, each showing what the address asks for. Where there is no map nothing can be drawn; what was drawn before holds."""
    say, chosen = here.say, here.selection
    preset = preset_of(here, chosen.period)
    period = chosen.period
    return html.Div(className="gs-selection", children=[
        dmc.Select(id="sel-period", label=say(PERIOD), data=period_choices(here), value=preset, allowDeselect=False,
                   leftSection=icon("calendar"), comboboxProps={"zIndex": 2000}),
        html.Div(id="own-period", className="gs-own-period", hidden=preset != "own", children=[
            _date("sel-from", say(FROM), period.start if period else None),
            _date("sel-to", say(TO), _last(period) if period else None)]),
        dmc.Select(id="sel-compare", label=say(COMPARE), value="before" if chosen.compare_with else "none", allowDeselect=False,
                   data=compare_choices(here), comboboxProps={"zIndex": 2000}),
        dmc.MultiSelect(id="sel-types", label=say(TYPES), description=say(TYPES_HELP), data=type_choices(here),
                        value=list(chosen.types or ()), placeholder=say(TYPES_DEFAULT) if chosen.types is None else "",
                        searchable=True, clearable=True, nothingFoundMessage=say(NOTHING_FOUND), hidePickedOptions=False,
                        comboboxProps={"zIndex": 2000}, maxDropdownHeight=320),
        dmc.MultiSelect(id="sel-areas", label=say(AREAS), data=area_choices(here), value=list(chosen.areas),
                        placeholder="" if chosen.areas else say(AREAS_ALL), searchable=True, clearable=True, disabled=bool(chosen.drawn),
                        nothingFoundMessage=say(NOTHING_FOUND), comboboxProps={"zIndex": 2000}, maxDropdownHeight=320),
        html.Div(className="gs-row", children=[
            dmc.Button(say(DRAW), id="sel-draw", leftSection=icon("polygon"), variant="default", size="sm",
                       style={} if not chosen.drawn else {"display": "none"}) if on_map else html.Div(id="sel-draw", hidden=True),
            dmc.Button(say(CLEAR_DRAWN), id="sel-clear-drawn", leftSection=icon("x"), variant="default", size="sm",
                       style={"display": "none"} if not chosen.drawn else {})]),
        html.P(say(DRAWN_HELP), className="gs-hint", id="draw-help") if on_map else dcc.Store(id="drawn-area"),
        dcc.Store(id="drawn", data=[list(corner) for corner in chosen.drawn] or None)])


def _date(control: str, label: str, value: date | None):
    return dmc.TextInput(id=control, label=label, value=value.isoformat() if value else "", debounce=True, size="sm",
                         placeholder="2025-01-31", inputProps={"inputMode": "numeric"}, maw=150)


def _last(period: Period) -> date:
    return date.fromordinal(period.end.toordinal() - 1)


def presets(here: Context) -> dict[str, Period]:
    """The periods offered, by name."""
    span = viewing.data_span(here.store, here.viewer)
    if span is None:
        return {}
    latest = viewing.default_selection(here.store, here.viewer).period
    found = {"latest": latest or last_months(span.end, 12)}
    found |= {str(year): whole_year(year) for year in range(_last(span).year, span.start.year - 1, -1)}
    return found | {"all": Period(span.start.replace(month=1, day=1), whole_year(_last(span).year).end)}


def preset_of(here: Context, period: Period | None) -> str:
    offered = presets(here)
    return next((name for name, value in offered.items() if value == period), "own" if offered else "none")


def period_choices(here: Context) -> list[dict[str, str]]:
    words = {"latest": LATEST, "all": EVERYTHING}
    offered = [{"value": name, "label": here.say(words[name], period=period_words(value.start, value.end, here.language))
                if name in words else name} for name, value in presets(here).items()]
    return [*offered, {"value": "own", "label": here.say(OWN_PERIOD)}]


def compare_choices(here: Context) -> list[dict[str, str]]:
    earlier = here.selection.compare_with or (here.selection.period.before() if here.selection.period else None)
    choices = [{"value": "none", "label": here.say(NO_COMPARISON)}]
    if earlier:
        choices.append({"value": "before", "label": here.say(YEAR_BEFORE, period=period_words(earlier.start, earlier.end, here.language))})
    return choices


def type_choices(here: Context) -> list[dict]:
    """Types that the store holds, grouped by what they are against; those that say little about the place say so."""
    known = {code.value: code for code in OFFENCE_TYPES}
    groups: dict[str, list[dict[str, str]]] = {}
    for value, _ in viewing.types_present(here.store, here.viewer):
        code = known.get(value)
        group = here.say(GROUPS[code.level]) if code and code.level else here.say(LAYER.title)
        label = here.say(code.title) if code else value
        if code and not code.speaks_of_place:
            label += f" ({here.say(NOT_PUBLIC)})"
        groups.setdefault(group, []).append({"value": value, "label": label})
    return [{"group": group, "items": items} for group, items in groups.items()]


def area_choices(here: Context) -> list[dict]:
    titles = {code.value: code.title for code in AREA_KINDS}
    areas = here.store.read("areas", here.viewer, geometry=False)
    groups: list[dict] = []
    seen: set[str] = set()  # a code may stand in two divisions; a choice may stand once
    for kind in viewing.divisions(here.store, here.viewer):
        if kind == "municipality":
            continue
        rows = areas[areas["kind"] == kind].sort_values("name").drop_duplicates("code")
        rows = rows[~rows["code"].isin(seen)]
        seen |= set(rows["code"])
        groups.append({"group": here.say(titles[kind]), "items": [
            {"value": row.code, "label": row.name} for row in rows[["code", "name"]].itertuples(index=False)]})
    return groups


def selection_of(here: Context, *, preset: str, start: str, end: str, compare: str, types: list[str], areas: list[str],
                 drawn: list | None) -> Selection:
    """The selection that the controls ask for; a period that cannot be read keeps the one there was."""
    period = presets(here).get(preset) or _own_period(start, end) or here.selection.period
    return Selection(period=period, compare_with=period.before() if compare == "before" and period else None,
                     types=tuple(types) if types else None, areas=() if drawn else tuple(areas or ()),
                     drawn=tuple((float(x), float(y)) for x, y in drawn or ()))


def drawn_area(selection: Selection) -> dict:
    """The drawn polygon as GeoJSON, or nothing."""
    corners = [list(corner) for corner in selection.drawn]
    shapes = [{"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}}] if corners else []
    return {"type": "FeatureCollection", "features": shapes}


def register(app: Dash, context) -> None:
    """The bar answers by itself on every page that has one: what belongs to a choice shows, and a drawn area can be drawn and removed."""
    @app.callback(output={"own_period": Output("own-period", "hidden"), "draw": Output("sel-draw", "style"), "clear": Output("sel-clear-drawn", "style"),
                          "areas": Output("sel-areas", "disabled"), "compare": Output("sel-compare", "data"), "drawn": Output("drawn-area", "data")},
                  inputs={"controls": {name: Input(*where) for name, where in CONTROLS.items()}},
                  state={"own": State("own-search", "data"), "search": State("url", "search")}, prevent_initial_call=True)
    def follow(controls, own, search):
        here: Context = context(own or search)
        selection = selection_of(here, **controls)
        there = replace(here, query=here.query | selection.to_query())
        drawn = bool(selection.drawn)
        return {"own_period": controls["preset"] != "own", "draw": HIDDEN if drawn else {}, "clear": {} if drawn else HIDDEN, "areas": drawn,
                "compare": compare_choices(there), "drawn": drawn_area(selection)}

    @app.callback(Output("drawn", "data", allow_duplicate=True), Input("sel-clear-drawn", "n_clicks"), prevent_initial_call=True)
    def clear_drawn(clicks):
        return None if clicks else no_update

    app.clientside_callback(ClientsideFunction("geoSafety", "draw"), Output("sel-draw", "title"), Input("sel-draw", "n_clicks"), prevent_initial_call=True)
    app.clientside_callback(ClientsideFunction("geoSafety", "togglePanel"), Output("left", "className"), Input("open-left", "n_clicks"),
                            State("left", "className"), prevent_initial_call=True)


def _own_period(start: str, end: str) -> Period | None:
    try:
        return Period(date.fromisoformat(start), date.fromordinal(date.fromisoformat(end).toordinal() + 1))
    except (TypeError, ValueError):
        return None
