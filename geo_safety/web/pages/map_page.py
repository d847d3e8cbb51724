"""The map: areas by count or rate, incidents, walk findings and measures, with the card of a place and the table that equals the map."""
from __future__ import annotations

import dash_mantine_components as dmc
import numpy as np
from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.exceptions import PreventUpdate

from ...layers import LAYERS
from ...layers.areas import AREA_KINDS
from ...maps.tiles import classes as tile_classes
from ...model.describe import Layer
from ...model.selection import View, to_search
from ...services import viewing
from ...text import Text
from ..context import Context
from ..map import MapLayer, safety_map, tile_layer
from ..parts import card as cards
from ..parts import table
from ..parts.area_classes import area_classes, measured
from ..parts.doubts import cautions, source_line
from ..parts.icons import icon
from ..parts.legend import MISSING, signs, swatches
from ..parts.points import point_index
from ..parts.selection_bar import CONTROLS, drawn_area, selection_bar, selection_of
from ..parts.stages import STAGES
from .first_steps import first_steps

PATH = "/"
TITLE = Text(sv="Karta", en="Map")
ICON = "map"

SELECTION = Text(sv="Urval", en="Selection")
ON_THE_MAP = Text(sv="På kartan", en="On the map")
DIVISION = Text(sv="Områdesindelning", en="Division into areas")
MEASURE = Text(sv="Färga områden efter", en="Colour areas by")
COUNT, RATE = Text(sv="Antal", en="Count"), Text(sv="Per invånare", en="Per resident")
BASE = Text(sv="Bakgrundskarta", en="Base map")
BASES = {"vector": Text(sv="Inbyggd karta", en="Built-in map"), "none": Text(sv="Ingen", en="None")}
LAYER_CHOICES = {"areas": Text(sv="Områden", en="Areas"), "incidents": Text(sv="Händelser", en="Incidents"),
                 "walk_findings": Text(sv="Vandringar", en="Safety walks"), "measures": Text(sv="Åtgärder", en="Measures")}
SHOW_TABLE = Text(sv="Tabell", en="Table")
TABLE_OF = Text(sv="Tabell över", en="Table of")
LEGEND = Text(sv="Teckenförklaring", en="Legend")
NOT_SHOWN = Text(sv="Det här visar kartan inte", en="What this map does not show")
AREA_ONLY = Text(sv="{n} händelse är bara känd till området och visas som ett plustecken, inte som en punkt.|"
                    "{n} händelser är bara kända till området och visas som plustecken, inte som punkter.",
                 en="{n} incident is known only to the area and shows as a plus sign, not as a point.|"
                    "{n} incidents are known only to the area and show as plus signs, not as points.")
WITHOUT = Text(sv="{n} händelse saknar plats helt.|{n} händelser saknar plats helt.",
               en="{n} incident has no place at all.|{n} incidents have no place at all.")
OTHER_TYPES = Text(sv="{n} händelser av brottstyper som inte är valda.", en="{n} incidents of types that are not chosen.")
WALKED = Text(sv="Gator där ingen trygghetsvandring har gått är inte undersökta.", en="Streets where no safety walk has been are not searched.")
LINK, PICTURE, PRINT, HOTSPOTS = (Text(sv="Kopiera länk", en="Copy link"), Text(sv="Bild", en="Picture"), Text(sv="Skriv ut", en="Print"),
                                  Text(sv="Ladda ner", en="Download"))
SEARCH = Text(sv="Sök plats, gata eller område", en="Search place, street or area")
SIGN_WORDS = {"cluster": Text(sv="Flera händelser; siffran är antalet", en="Several incidents; the figure is the count"),
              "incident": Text(sv="En händelse", en="One incident"), "coarse": Text(sv="Händelser utan exakt plats", en="Incidents without exact place"),
              "unsafe": Text(sv="Otrygg plats (vandring)", en="Unsafe place (walk)"), "safe": Text(sv="Trygg plats (vandring)", en="Safe place (walk)")}
MOST_POINTS = 100_000
OVERVIEW_ZOOM = 11
PER_DOT = Text(sv="så många händelser att de ritas som färg; siffran är händelser per prick",
               en="so many incidents that they are drawn as colour; the figure is incidents per dot")
TABLES = {"areas": "area_counts", "incidents": "incidents", "walk_findings": "walk_findings", "measures": "measures"}
COMPARED = ("incidents_before", "ratio", "ratio_low", "ratio_high")
PREFIX = {"areas": "areas", "incidents": "incidents", "findings": "walk_findings", "measures": "measures"}


def layout(here: Context):
    if not viewing.divisions(here.store, here.viewer) and viewing.data_span(here.store, here.viewer) is None:
        return first_steps(here)
    drawn = drawing(here)
    return html.Div(className="gs-explorer", children=[
        html.Aside(id="left", className="gs-left", **{"aria-label": here.say(SELECTION)}, children=[
            html.Button([icon("filter"), here.say(SELECTION)], id="open-left", className="gs-panel-button", type="button"),
            html.Div(className="gs-panel", children=[selection_bar(here), _view_controls(here)])]),
        html.Div(className="gs-centre", children=[
            html.Div(className="gs-map-box", children=[
                safety_map("map", _layers(here), bounds=_bounds(here), at=_at(here), base=here.view.base,
                           tiles=[tile_layer("map-tiles", _tiles(here))]),
                html.Div(className="gs-search", children=[dmc.Select(
                    id="search", placeholder=here.say(SEARCH), searchable=True, clearable=True, data=[], leftSection=icon("search"),
                    nothingFoundMessage="–", **{"aria-label": here.say(SEARCH)}, comboboxProps={"zIndex": 2000})]),
                html.Details(className="gs-legend", open=True, children=[
                    html.Summary(here.say(LEGEND)), html.Div(drawn["legend"], id="legend")]),
                html.Details(className="gs-left-out", children=[html.Summary(drawn["left-out-title"], id="left-out-title"),
                                                                html.Div(drawn["left-out"], id="left-out")])]),
            html.Div(className="gs-bar-below", children=[
                html.P(drawn["source-line"], id="source-line", className="gs-source-line"),
                html.Div(className="gs-actions", children=[
                    _action("open-table", "table", here.say(SHOW_TABLE)), _action("copy-link", "link", here.say(LINK)),
                    html.A([icon("photo"), here.say(PICTURE)], id="picture-link", href=drawn["picture-link"], className="gs-button",
                           download=""),
                    html.A([icon("printer"), here.say(PRINT)], id="print-link", href=drawn["print-link"], className="gs-button", target="_blank"),
                    html.A([icon("download"), here.say(HOTSPOTS)], id="download-link", href=drawn["download-link"], className="gs-button")])]),
            html.Div(id="table-panel", className="gs-table-panel", children=[])]),
        html.Aside(id="card", className="gs-right", tabIndex=0, **{"aria-live": "polite", "aria-labelledby": "card-title"}, children=drawn["card"]),
        dcc.Store(id="map-at"), dcc.Store(id="fly-to"), dcc.Store(id="table-choice"), dcc.Store(id="share-search", data=drawn["share-search"])])


def _action(control: str, sign: str, label: str) -> html.Button:
    return html.Button([icon(sign), label], id=control, type="button", className="gs-button")


def _view_controls(here: Context) -> html.Div:
    say = here.say
    titles = {code.value: say(code.title) for code in AREA_KINDS}
    bases = [{"value": name, "label": say(title)} for name, title in BASES.items()]
    bases += [{"value": base.name, "label": base.title} for base in here.settings.base_maps]
    return html.Div(className="gs-view", children=[
        html.H2(say(ON_THE_MAP), className="gs-divider"),
        dmc.CheckboxGroup(id="view-layers", value=list(here.view.layers), label=None, children=html.Div(className="gs-checks", children=[
            dmc.Checkbox(label=say(title), value=name, size="sm") for name, title in LAYER_CHOICES.items()])),
        html.Div([html.Div(say(MEASURE), className="gs-label", id="measure-label"), dmc.SegmentedControl(
            id="view-measure", value=here.view.measure, fullWidth=True, size="sm",
            data=[{"value": "count", "label": say(COUNT)}, {"value": "rate", "label": say(RATE)}])]),
        dmc.Select(id="view-division", label=say(DIVISION), value=here.division, allowDeselect=False, comboboxProps={"zIndex": 2000},
                   data=[{"value": kind, "label": titles[kind]} for kind in viewing.divisions(here.store, here.viewer)]),
        dmc.Select(id="view-base", label=say(BASE), value=here.view.base, allowDeselect=False, data=bases, comboboxProps={"zIndex": 2000})])


# ---- what is drawn from the address: the same function makes the first page and every change of it

def _query(here: Context, *, view: bool = False) -> str:
    extra = {"measure": here.view.measure, "division": here.division} if view else {}
    return to_search(here.selection, extra)


def _layers(here: Context) -> list[MapLayer]:
    on = set(here.view.layers)
    address = addresses(here)
    return [
        MapLayer("areas", address["areas"] if "areas" in on else None, data=None if "areas" in on else NOTHING, style="styleArea", on_each="onArea",
                 hideout=area_look(here)),
        MapLayer("walks", address["walks"] if "walk_findings" in on else None, data=None if "walk_findings" in on else NOTHING, style="styleLine"),
        MapLayer("drawn-area", data=drawn_area(here.selection), style="styleDrawn"),
        MapLayer("incidents", address["incidents"] if address["incidents"] else None, data=None if address["incidents"] else NOTHING,
                 point="incident", cluster=True, hideout=point_look(here)),
        MapLayer("coarse", address["coarse"] if "incidents" in on else None, data=None if "incidents" in on else NOTHING, point="coarse"),
        MapLayer("findings", address["findings"] if "walk_findings" in on else None, data=None if "walk_findings" in on else NOTHING,
                 point="finding"),
        MapLayer("measures", address["measures"] if "measures" in on else None, data=None if "measures" in on else NOTHING, point="measure")]


NOTHING = {"type": "FeatureCollection", "features": []}


def addresses(here: Context) -> dict[str, str | None]:
    """Where the browser fetches each layer of this view; the store's revision is in it, so a change is fetched anew."""
    search, seen = _query(here), f"&r={here.store.revision()}&l={here.language}"
    many = _points(here) > MOST_POINTS
    return {"areas": f"/data/areas.json{_query(here, view=True)}{seen}", "coarse": f"/data/coarse.json{_query(here, view=True)}{seen}",
            "incidents": f"/data/incidents.json{search}{seen}" if "incidents" in here.view.layers and not many else None,
            "findings": f"/data/findings.json{search}{seen}", "measures": f"/data/measures.json{search}{seen}",
            "walks": f"/data/walks.json{seen.replace('&', '?', 1)}"}


def _points(here: Context) -> int:
    return len(viewing.incidents(here.store, here.selection, here.viewer))


def _tiles(here: Context) -> str:
    if "incidents" not in here.view.layers or _points(here) <= MOST_POINTS:
        return ""
    return f"/tiles/incidents/{{z}}/{{x}}/{{y}}.png{_query(here)}&r={here.store.revision()}"


def area_look(here: Context) -> dict:
    shown = viewing.show(here.store, "area_counts", here.selection, here.viewer, division=here.division)
    kind, _, code = here.view.chosen.partition(":")
    classes = area_classes(here, shown)
    return {"colours": list(classes.colours), "dark": list(classes.dark), "chosen": code if kind == "areas" else "", "opacity": 0.5}


def point_look(here: Context) -> dict:
    kind, _, code = here.view.chosen.partition(":")
    return {"chosen": code if kind == "incidents" else ""}


def drawing(here: Context) -> dict:
    """All that changes with the address, by the id of its place on the page."""
    areas = viewing.show(here.store, "area_counts", here.selection, here.viewer, division=here.division)
    missing = viewing.left_out(here.store, here.selection, here.viewer)
    share = to_search(here.selection, here.view)
    return {"legend": legend(here, areas), "card": card(here), "source-line": source_line(areas.provenance, here.language),
            "left-out": left_out(here, areas, missing), "left-out-title": left_out_title(here, missing),
            "picture-link": f"/picture.png{share}", "print-link": f"/print{share}", "download-link": f"/download{share}", "share-search": share}


def left_out_title(here: Context, missing: dict[str, int]) -> list:
    n = missing["area_only"] + missing["without_place"]
    short = Text(sv="{n} händelser utan punkt på kartan", en="{n} incidents without a point on the map") if n else NOT_SHOWN
    return [icon("eye-off"), here.say(short, n=n)]


def left_out(here: Context, areas, missing: dict[str, int]) -> list:
    lines = [here.say(text, n=missing[key]) for key, text in (("area_only", AREA_ONLY), ("without_place", WITHOUT), ("other_types", OTHER_TYPES))
             if missing[key]]
    if "walk_findings" in here.view.layers:
        lines.append(here.say(WALKED))
    return [html.H3(here.say(NOT_SHOWN)), html.Ul([html.Li(line) for line in lines]), cautions(areas.warnings, here.language)]


def legend(here: Context, areas) -> list:
    parts: list = []
    column = areas.layer.column(measured(here))
    if "areas" in here.view.layers:
        classes = area_classes(here, areas)
        has_missing = bool(np.isnan(areas.frame[column.name].to_numpy(dtype=float)).any())
        titles = {code.value: here.say(code.title) for code in AREA_KINDS}
        parts.append(swatches(classes, here.say(column.title), titles.get(here.division, ""), here.language,
                              missing=here.say(MISSING) if has_missing else None))
    rows = []
    if _tiles(here):
        classes = tile_classes(point_index(here.store, here.selection, here.viewer), OVERVIEW_ZOOM, language=here.language)
        parts.append(swatches(classes, here.say(LAYER_CHOICES["incidents"]), here.say(PER_DOT), here.language, counted=False))
    elif "incidents" in here.view.layers:
        rows += [("gs-sign-cluster", "", here.say(SIGN_WORDS["cluster"])), ("gs-sign-incident", "", here.say(SIGN_WORDS["incident"])),
                 ("gs-sign-coarse", "", here.say(SIGN_WORDS["coarse"]))]
    if "walk_findings" in here.view.layers:
        rows += [("gs-finding gs-finding-unsafe", "", here.say(SIGN_WORDS["unsafe"])), ("gs-finding gs-finding-safe", "", here.say(SIGN_WORDS["safe"]))]
    if "measures" in here.view.layers:
        present = set(viewing.show(here.store, "measures", here.selection, here.viewer).frame["status"])
        rows += [(f"gs-measure gs-measure-{stage.name}", stage.icon, here.say(stage.title)) for stage in STAGES if present & set(stage.statuses)]
    return [*parts, signs(rows)]


def card(here: Context):
    """The card of what is chosen: an area, a record, or the whole selection."""
    kind, _, code = here.view.chosen.partition(":")
    layer = LAYERS.get(PREFIX.get(kind, ""))
    if kind == "areas" and code:
        areas = viewing.show(here.store, "area_counts", here.selection, here.viewer, division=here.division).frame
        name = next(iter(areas.loc[areas["code"] == code, "name"]), None)
        if name:
            return cards.area_card(viewing.card(here.store, here.selection, here.viewer, area=code, name=name), here)
    elif layer and code.isdigit():
        shown = viewing.show(here.store, layer.name, here.selection, here.viewer)
        found = shown.frame[shown.frame["id"] == int(code)]
        if len(found):
            return cards.record_card(layer, found.iloc[0].to_dict(), here.language)
    name = here.say(cards.DRAWN) if here.selection.drawn else here.say(cards.WHOLE)
    return cards.area_card(viewing.card(here.store, here.selection, here.viewer, name=name), here)


def _bounds(here: Context) -> tuple[float, float, float, float]:
    """West, south, east and north of what is selected."""
    west, south, east, north = viewing.study_outline(here.store, here.selection, here.viewer).to_crs(4326).total_bounds
    return float(west), float(south), float(east), float(north)


def _at(here: Context):
    return (here.view.zoom, *here.view.centre) if here.view.zoom is not None and here.view.centre else None


# ---- callbacks: thin; each reads the address or the controls and asks the functions above

LOOKS = {"layers": ("view-layers", "value"), "measure": ("view-measure", "value"), "division": ("view-division", "value"), "base": ("view-base", "value")}
LINKS = ("picture-link", "print-link", "download-link")
FETCHED = ("areas", "walks", "incidents", "coarse", "findings", "measures")
CHANGING = ("legend", "card", "source-line", "left-out", "left-out-title")


def register(app: Dash, store, context) -> None:
    _register_address(app, context)
    _register_drawing(app, context)
    _register_table(app, context)
    _register_search(app, context)
    _register_clientside(app)


def _register_address(app: Dash, context) -> None:
    @app.callback(output=Output("own-search", "data", allow_duplicate=True),
                  inputs={"controls": {name: Input(*where) for name, where in CONTROLS.items()},
                          "looks": {name: Input(*where, allow_optional=True) for name, where in LOOKS.items()}},
                  state={"at": State("map-at", "data", allow_optional=True), "own": State("own-search", "data"), "search": State("url", "search")},
                  prevent_initial_call=True)
    def write_address(controls: dict, looks: dict, at: str | None, own: str | None, search: str | None):
        if looks["measure"] is None:
            raise PreventUpdate  # the same bar stands on another page
        here: Context = context(own or search)
        selection = selection_of(here, **controls)
        same_place = (selection.areas, selection.drawn) == (here.selection.areas, here.selection.drawn)
        view = View(layers=tuple(name for name in LAYER_CHOICES if name in (looks["layers"] or ())), measure=looks["measure"],
                    division=looks["division"] or "", base=looks["base"] or "vector",
                    chosen=here.view.chosen if same_place else "")
        if (selection, view.to_query()) == (here.selection, drawn_by(here).to_query()):
            return no_update  # the controls have only just been drawn
        return to_search(selection, view, {"at": at} if at else {})

    @app.callback(Output("own-search", "data", allow_duplicate=True), *(Input(layer, "clickData") for layer in ("areas", "incidents", "findings", "measures")),
                  Input({"action": ALL}, "n_clicks"), Input("table-choice", "data"), State("map-at", "data"),
                  State("own-search", "data"), State("url", "search"), prevent_initial_call=True)
    def choose(areas, incidents, findings, measures, closed, from_table, at, own, search):
        here: Context = context(own or search)
        clicked = {"areas": areas, "incidents": incidents, "findings": findings, "measures": measures}
        thing = ctx.triggered_id
        if isinstance(thing, dict):
            if not any(closed):
                return no_update
            chosen = ""
        elif thing == "table-choice":
            chosen = from_table or ""
        else:
            properties = (clicked.get(thing) or {}).get("properties") or {}
            if not properties or properties.get("cluster"):
                return no_update
            chosen = f"{thing}:{properties.get('code', properties.get('id', ''))}"
        if chosen == here.view.chosen:
            return no_update
        return to_search(here.selection, here.view.with_(chosen=chosen, zoom=None, centre=None), {"at": at} if at else {})


def _register_drawing(app: Dash, context) -> None:
    @app.callback(
        output={"places": {place: Output(place, "children") for place in CHANGING}, "links": {link: Output(link, "href") for link in LINKS},
                "urls": {layer: Output(layer, "url") for layer in FETCHED}, "data": {layer: Output(layer, "data") for layer in FETCHED},
                "areas": Output("areas", "hideout"), "points": Output("incidents", "hideout"), "tiles": Output("map-tiles", "url"),
                "share": Output("share-search", "data")},
        inputs={"search": Input("own-search", "data")}, prevent_initial_call=True)
    def draw(search: str | None):
        if search is None:
            raise PreventUpdate  # a new page has just been drawn from its address
        here: Context = context(search)
        made = drawing(here)
        wanted = {layer.id: layer for layer in _layers(here)}
        return {"places": {place: made[place] for place in CHANGING}, "links": {link: made[link] for link in LINKS},
                "urls": {layer: wanted[layer].url for layer in FETCHED},
                "data": {layer: None if wanted[layer].url else NOTHING for layer in FETCHED},
                "areas": area_look(here), "points": point_look(here), "tiles": _tiles(here), "share": made["share-search"]}


def drawn_by(here: Context) -> View:
    """The view as the controls show it: the division by name, and no place on the map."""
    return here.view.with_(division=here.division, zoom=None, centre=None)


def table_layer(name: str) -> Layer:
    return LAYERS[TABLES[name]]


def _register_table(app: Dash, context) -> None:
    @app.callback(Output("table-panel", "children"), Output("table-panel", "className"), Input("open-table", "n_clicks"),
                  State("table-panel", "className"), State("own-search", "data"), State("url", "search"), prevent_initial_call=True)
    def open_table(clicks, look, own, search):
        if not clicks:
            return no_update, no_update
        if "gs-open" in look:
            return [], "gs-table-panel"
        here: Context = context(own or search)
        tabs = dmc.SegmentedControl(id="table-of", value="areas", size="sm",
                                    data=[{"value": name, "label": here.say(title)} for name, title in LAYER_CHOICES.items()])
        return [html.Div(tabs, className="gs-table-tabs", role="group", **{"aria-label": here.say(TABLE_OF)}),
                html.Div(id="table-box", className="gs-table-box", children=_grid(here, "areas"))], "gs-table-panel gs-open"

    @app.callback(Output("table-box", "children"), Input("table-of", "value"), Input("own-search", "data"), State("url", "search"),
                  prevent_initial_call=True)
    def change_table(name, own, search):
        return _grid(context(own or search), name)

    @app.callback(Output({"grid": ALL}, "getRowsResponse"), Input({"grid": ALL}, "getRowsRequest"), State("own-search", "data"), State("url", "search"),
                  prevent_initial_call=True)
    def give_rows(requests, own, search):
        here: Context = context(own or search)
        answers = []
        for request, target in zip(requests, ctx.inputs_list[0], strict=True):
            name = target["id"]["grid"]
            if request is None or name not in TABLES:
                answers.append(no_update)
                continue
            shown = viewing.show(here.store, TABLES[name], here.selection, here.viewer, **({"division": here.division} if name == "areas" else {}))
            answers.append(table.rows(shown, request, here.language, key="code" if name == "areas" else "id"))
        return answers

    @app.callback(Output("table-choice", "data"), Input({"grid": ALL}, "selectedRows"), State("table-of", "value"), prevent_initial_call=True)
    def choose_row(selected, name):
        rows = next((rows for rows in selected if rows), None)
        prefix = {"walk_findings": "findings"}.get(name, name)
        return f"{prefix}:{rows[0].get('code') or rows[0].get('id')}" if rows else no_update


def _grid(here: Context, name: str):
    layer = table_layer(name)
    compared = here.selection.compare_with is not None
    hide = () if compared else COMPARED
    return table.grid({"grid": name}, layer, here.language, hide=hide if name == "areas" else (), key="code" if name == "areas" else "id")


def _register_search(app: Dash, context) -> None:
    @app.callback(Output("search", "data"), Input("search", "searchValue"), prevent_initial_call=True)
    def suggest(text):
        here: Context = context("")
        found = viewing.search_places(here.store, text or "", here.viewer)
        return [{"value": f"{row.latitude:.5f},{row.longitude:.5f}", "label": row.name} for row in found.itertuples()]

    @app.callback(Output("fly-to", "data"), Input("search", "value"), prevent_initial_call=True)
    def go(value):
        if not value:
            return no_update
        latitude, longitude = (float(part) for part in value.split(","))
        return {"latitude": latitude, "longitude": longitude}


def _register_clientside(app: Dash) -> None:
    def by(name, output, *inputs):
        app.clientside_callback(ClientsideFunction("geoSafety", name), output, *inputs, prevent_initial_call=True)
    by("base", Output("map-at", "id"), Input("view-base", "value"))
    by("flyTo", Output("fly-to", "id"), Input("fly-to", "data"))
    by("copyLink", Output("copy-link", "title"), Input("copy-link", "n_clicks"), State("share-search", "data"))
