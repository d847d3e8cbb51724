"""Did it help? The design and what it can see come first; the result is shown when somebody asks for it."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import dash_mantine_components as dmc
import geopandas as gpd
import pandas as pd
from dash import Dash, Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate

from ...errors import GeoSafetyError, InputError
from ...layers.areas import AREA_KINDS
from ...layers.evaluation import ROLES
from ...layers.measures import STATUSES
from ...model.features import Shown
from ...model.selection import Period, Selection, to_search
from ...services import designs, evaluation, viewing
from ...services.designs import DRAWN, Course, Plan
from ...services.evaluation import EvaluationAnswer, Places, Wishes
from ...text import Text, number
from ..context import Context
from ..map import MapLayer, safety_map
from ..parts.doubts import cautions, source_line
from ..parts.icons import icon
from ..parts.pattern_chart import pattern_chart
from ..parts.selection_bar import type_choices
from ..parts.table import plain_table
from .first_steps import first_steps

PATH = "/evaluation"
TITLE = Text(sv="Utvärdering", en="Evaluation")
ICON = "chart"

MEASURE, DRAWN_AREA = Text(sv="Åtgärd", en="Measure"), Text(sv="Området jag ritat på kartan", en="The area I drew on the map")
MEASURE_HELP = Text(sv="Eller rita ett område på kartan och kom hit därifrån.", en="Or draw an area on the map and come here from there.")
CONTROL = Text(sv="Kontrollområde", en="Control area")
CONTROL_HELP = Text(sv="En plats där inget gjordes, med ungefär lika många händelser före. Siffran är antalet före.",
                    en="A place where nothing was done, with about as many incidents before. The figure is the count before.")
NO_CONTROL = Text(sv="Inget kontrollområde", en="No control area")
AS_LARGE = Text(sv="Lika stort område runt …", en="An area as large around …")
AREAS = Text(sv="Områden", en="Areas")
FROM, TO = Text(sv="från och med", en="from"), Text(sv="till och med", en="to, included")
BEFORE, AFTER = Text(sv="Före", en="Before"), Text(sv="Efter", en="After")
TYPES = Text(sv="Brottstyper", en="Offence types")
TYPES_HELP = Text(sv="Välj de typer som åtgärden skulle minska, innan du ser resultatet.",
                  en="Choose the types that the measure was to reduce, before you see the result.")
TYPES_DEFAULT = Text(sv="Allmän plats (standard)", en="Public places (standard)")
PLANNED = Text(sv="Gjordes det som planerat?", en="Was it done as planned?")
BAD = Text(sv="Valdes platsen för ett dåligt år?", en="Was the place chosen for a bad year?")
YES, NO, UNKNOWN = Text(sv="Ja", en="Yes"), Text(sv="Nej", en="No"), Text(sv="Vet inte", en="Not known")
MORE = Text(sv="Fler inställningar", en="More settings")
BUFFER = Text(sv="Åtgärden verkar inom (m)", en="The measure acts within (m)")
BUFFER_HELP = Text(sv="För åtgärder som är en punkt eller linje.", en="For measures that are a point or a line.")
WIDTH = Text(sv="Omgivningens bredd (m)", en="Width of the surroundings (m)")
WIDTH_HELP = Text(sv="auto: lika brett som området, högst 500.", en="auto: as wide as the place, at most 500.")
MARGIN = Text(sv="Räknas som ingen skillnad (± %)", en="Counts as no difference (± %)")

NOTHING_DONE = Text(sv="Ingen åtgärd är genomförd ännu. När en är det går den att utvärdera här; du kan också rita ett område på kartan.",
                    en="No measure has been carried out yet. Once one has, it can be evaluated here; you may also draw an area on the map.")
CHOOSE_CONTROL = Text(sv="Välj ett kontrollområde till vänster. Utan det säger siffrorna inte vad som hade hänt ändå, och inget kan avgöras.",
                      en="Choose a control area to the left. Without it the figures do not say what would have happened anyway, and nothing can be told.")
STEP_1, STEP_2, STEP_3 = (Text(sv="1. Vad upplägget kan se", en="1. What the design can see"), Text(sv="2. Platserna", en="2. The places"),
                          Text(sv="3. Resultatet", en="3. The result"))
STEP_1_WHY = Text(sv="Räknat på tiden före. Så vet alla vad som går att upptäcka innan någon ser hur det gick.",
                  en="Computed from the time before. So everybody knows what can be found before anybody sees how it went.")
SHOW = Text(sv="Visa resultatet", en="Show the result")
SHOW_WHY = Text(sv="Bestäm kontrollområde, perioder och brottstyper först. Att byta dem efteråt, tills svaret blir det önskade, är att lura sig själv.",
                en="Settle control, periods and offence types first. To change them afterwards, until the answer is the wished one, is to fool oneself.")
VERDICT = Text(sv="Slutsats", en="Verdict")
NOT_SAY = Text(sv="Det här säger resultatet inte", en="What this does not say")
SAYS = Text(sv="Det här visar sidan", en="What this page shows")
SAYS_WHAT = Text(sv="Om antalet händelser ändrades mer där åtgärden gjordes än på en liknande plats där inget gjordes, och om något flyttade till omgivningen.",
                 en="Whether the number of incidents changed more where the measure was taken than in a like place where nothing was done, and whether "
                    "anything moved to the surroundings.")
SAYS_NOT = Text(sv="Varför det ändrades. Att det inte går att avgöra betyder inte att åtgärden var utan effekt. Anmälda händelser är inte alla händelser, och "
                   "tryggheten är en annan fråga.",
                en="Why it changed. That it cannot be told does not mean that the measure had no effect. Reported incidents are not all incidents, and how "
                   "safe people feel is another question.")
PARALLEL = Text(sv="Att de gick lika före är inget bevis för att de hade fortsatt göra det. p för att de gick olika vägar: {p}.",
                en="That they went alike before is no proof that they would have gone on to. p of different ways: {p}.")
NO_PRE_TREND = Text(sv="Det finns för lite före start för att se om de gick lika.", en="There is too little before the start to see whether they went alike.")
JUMP = Text(sv="Området ensamt, med årstid och utan kontrollområde: {ratio} gånger så många efter start ({low} till {high}).",
            en="The place alone, with season and without a control: {ratio} times as many after the start ({low} to {high}).")
WDQ_WORDS = Text(sv="WDQ (visas bara, avgör inget): {value}.", en="WDQ (displayed only, decides nothing): {value}.")
GET = Text(sv="Ladda ner", en="Download")
SENTENCES = Text(sv="I ord", en="In words")
CANNOT = Text(sv="Det går inte att räkna", en="It cannot be computed")
KNOWN_BEFORE = ("CONTROL_UNLIKE", "HIGH_BEFORE", "UNEVEN_SEASONS", "SELECTED_BAD_YEAR", "ASK_BAD_YEAR")   # doubts that nothing later is needed for
ANSWERS = {"yes": True, "no": False, "unknown": None}
FIELDS = {"measure": ("ev-measure", "value"), "control": ("ev-control", "value"), "before_from": ("ev-before-from", "value"),
          "before_to": ("ev-before-to", "value"), "after_from": ("ev-after-from", "value"), "after_to": ("ev-after-to", "value"),
          "types": ("ev-types", "value"), "planned": ("ev-planned", "value"), "bad": ("ev-bad", "value"), "buffer": ("ev-buffer", "value"),
          "width": ("ev-width", "value"), "margin": ("ev-margin", "value")}


@dataclass(frozen=True)
class Asked:
    """What the address asks for. Periods are missing for a measure that is not done, until somebody gives them."""

    measure: str
    control: str
    before: Period | None
    after: Period | None
    types: tuple[str, ...] | None
    drawn: tuple[tuple[float, float], ...]
    buffer_m: float
    width_m: float | str
    margin: float
    planned: str
    bad: str
    show: bool

    @property
    def wishes(self) -> Wishes:
        return Wishes(width_m=self.width_m, margin=self.margin, as_planned=ANSWERS[self.planned], chosen_for_bad_period=ANSWERS[self.bad])

    def search(self, *, show: bool | None = None) -> str:
        """The address of this design; the result is hidden again when the design changes."""
        query: dict[str, str] = {"measure": self.measure, "control": self.control}
        query |= {"before": str(self.before)} if self.before else {}
        query |= {"after": str(self.after)} if self.after else {}
        query |= {"types": ",".join(self.types)} if self.types else {}
        query |= Selection(drawn=self.drawn).to_query()
        changed = {"buffer": (f"{self.buffer_m:g}", "100"), "width": (str(self.width_m), "auto"), "margin": (f"{100 * self.margin:g}", "20"),
                   "planned": (self.planned, "unknown"), "bad": (self.bad, "unknown")}
        query |= {name: value for name, (value, default) in changed.items() if value != default}
        return to_search(query | ({"show": "1"} if (self.show if show is None else show) else {}))


# ---- what the address asks for

def asked(here: Context) -> Asked:
    """What can be read of the address; the rest has its default: the first measure that is done, its own periods, no control."""
    query, drawn = here.query, here.selection.drawn
    measures = measures_of(here)
    first = DRAWN if drawn else next((row["uid"] for row in measures if row["done"]), "")
    measure = query.get("measure") or first
    before, after = _period(query.get("before")), _period(query.get("after"))
    if (before is None or after is None) and measure not in ("", DRAWN):
        before, after = _proposed(here, measure)
    types = tuple(part for part in query.get("types", "").split(",") if part)
    return Asked(measure, query.get("control", ""), before, after, types or None, drawn, _number(query.get("buffer"), 100.0, 1, 2000),
                 "auto" if query.get("width", "auto") == "auto" else _number(query.get("width"), 100.0, 1, 5000),
                 _number(query.get("margin"), 20.0, 1, 99) / 100, _one_of(query.get("planned")), _one_of(query.get("bad")), "show" in query)


def _one_of(value: str | None) -> str:
    return value if value in ANSWERS else "unknown"


def _number(text: str | None, default: float, least: float, most: float) -> float:
    try:
        return min(most, max(least, float((text or "").replace(",", "."))))
    except ValueError:
        return default


def _period(text: str | None) -> Period | None:
    try:
        return Period.parse(text) if text else None
    except ValueError:
        return None


def _proposed(here: Context, measure: str) -> tuple[Period | None, Period | None]:
    record = here.store.one("measures", measure, here.viewer)
    if record is None:
        return None, None
    try:
        return evaluation.periods_of(record["started_on"], record["done_on"], viewing.data_span(here.store, here.viewer))
    except InputError:
        return None, None


def measures_of(here: Context) -> list[dict[str, Any]]:
    """The measures of the store, those that are done first."""
    titles = {code.value: code.title for code in STATUSES}
    frame = here.store.read("measures", here.viewer, geometry=False)
    rows = [{"uid": row["uid"], "label": f"{row['title']} ({here.say(titles[row['status']]).lower()})", "done": pd.notna(row["done_on"])}
            for row in frame.to_dict("records")]
    return sorted(rows, key=lambda row: (not row["done"], row["label"]))


def plan_of(here: Context, wanted: Asked) -> Plan:
    """The places and periods; InputError when something is missing."""
    treated, record = designs.outline(here.store, here.viewer, measure=wanted.measure, buffer_m=wanted.buffer_m, drawn=wanted.drawn)
    if wanted.before is None or wanted.after is None:
        raise InputError(Text(sv="Ange perioderna före och efter: åtgärden är inte markerad som genomförd, eller data räcker inte.",
                              en="Give the periods before and after: the measure is not marked as done, or the data do not suffice."))
    control = designs.control_outline(here.store, here.viewer, treated, wanted.control, wanted.drawn)
    return Plan(str(record["title"]), record.get("measure_type"), Places(treated, control), wanted.before, wanted.after, wanted.types,
                control is not None, wanted.width_m)


# ---- what is drawn

def layout(here: Context):
    if viewing.data_span(here.store, here.viewer) is None:
        return first_steps(here)
    wanted = asked(here)
    return html.Div(className="gs-explorer", children=[
        html.Aside(id="left", className="gs-left", **{"aria-label": here.say(TITLE)}, children=[
            html.Button([icon("filter"), here.say(TITLE)], id="open-left", className="gs-panel-button", type="button"),
            html.Div(className="gs-panel", children=form(here, wanted))]),
        html.Div(className="gs-centre gs-chart-page", children=html.Div(
            centre(here, wanted), id="ev-centre", className="gs-chart-box", tabIndex=0, role="region",
            **{"aria-label": here.say(TITLE), "aria-live": "polite"})),
        html.Aside(id="ev-side", className="gs-right", tabIndex=0, children=explained(here), **{"aria-label": here.say(SAYS)})])


def form(here: Context, wanted: Asked) -> html.Div:
    say = here.say
    choices = [{"value": row["uid"], "label": row["label"]} for row in measures_of(here)]
    choices += [{"value": DRAWN, "label": say(DRAWN_AREA)}] if wanted.drawn else []
    yes_no = [{"value": value, "label": say(text)} for value, text in zip(ANSWERS, (YES, NO, UNKNOWN), strict=True)]
    return html.Div(className="gs-selection gs-form", children=[
        dmc.Select(id="ev-measure", label=say(MEASURE), description=say(MEASURE_HELP), data=choices, value=wanted.measure or None, allowDeselect=False,
                   comboboxProps={"zIndex": 2000}),
        _days(here, BEFORE, "ev-before", wanted.before), _days(here, AFTER, "ev-after", wanted.after),
        dmc.MultiSelect(id="ev-types", label=say(TYPES), description=say(TYPES_HELP), data=type_choices(here), value=list(wanted.types or ()),
                        placeholder="" if wanted.types else say(TYPES_DEFAULT), searchable=True, clearable=True, comboboxProps={"zIndex": 2000},
                        maxDropdownHeight=320),
        dmc.Select(id="ev-control", label=say(CONTROL), description=say(CONTROL_HELP), data=control_choices(here, wanted), value=wanted.control or "none",
                   allowDeselect=False, searchable=True, comboboxProps={"zIndex": 2000}, maxDropdownHeight=320),
        dmc.Select(id="ev-planned", label=say(PLANNED), data=yes_no, value=wanted.planned, allowDeselect=False, comboboxProps={"zIndex": 2000}),
        dmc.Select(id="ev-bad", label=say(BAD), data=yes_no, value=wanted.bad, allowDeselect=False, comboboxProps={"zIndex": 2000}),
        html.Details(className="gs-fold", children=[html.Summary(say(MORE)), html.Div(className="gs-form", children=[
            _text("ev-buffer", say(BUFFER), f"{wanted.buffer_m:g}", say(BUFFER_HELP)),
            _text("ev-width", say(WIDTH), str(wanted.width_m), say(WIDTH_HELP)),
            _text("ev-margin", say(MARGIN), f"{100 * wanted.margin:g}")])])])


def _days(here: Context, title: Text, control: str, days: Period | None) -> html.Div:
    last = date.fromordinal(days.end.toordinal() - 1).isoformat() if days else ""
    return html.Div(className="gs-own-period", children=[
        _text(f"{control}-from", f"{here.say(title)}, {here.say(FROM)}", days.start.isoformat() if days else "", placeholder="2023-01-01"),
        _text(f"{control}-to", f"{here.say(title)}, {here.say(TO)}", last, placeholder="2023-12-31")])


def _text(control: str, label: str, value: str, help_text: str | None = None, placeholder: str = "") -> dmc.TextInput:
    return dmc.TextInput(id=control, label=label, value=value, description=help_text, placeholder=placeholder, debounce=True, size="sm")


def control_choices(here: Context, wanted: Asked) -> list[dict]:
    """Places like the treated one first, then areas; nothing of the time after is in the list."""
    groups: list[dict] = [{"group": here.say(CONTROL), "items": [{"value": "none", "label": here.say(NO_CONTROL)}]}]
    try:
        treated, _ = designs.outline(here.store, here.viewer, measure=wanted.measure, buffer_m=wanted.buffer_m, drawn=wanted.drawn)
        near = designs.controls(here.store, here.viewer, treated, wanted.before, wanted.types) if wanted.before else pd.DataFrame()
    except GeoSafetyError:  # said in the middle of the page
        near = pd.DataFrame()
    if len(near):
        groups.append({"group": here.say(AS_LARGE), "items": [
            {"value": f"place:{code}", "label": f"{name} · {number(before, here.language)}"}
            for code, name, before in zip(near["code"], near["name"], near["before"], strict=True)]})
    if wanted.drawn and wanted.measure != DRAWN:
        groups[0]["items"].append({"value": DRAWN, "label": here.say(DRAWN_AREA)})
    titles = {code.value: code.title for code in AREA_KINDS}
    areas = designs.possible_areas(here.store, here.viewer)
    for kind, rows in areas.groupby("kind", sort=False):
        pairs = zip(rows["code"], rows["name"], strict=True)
        groups.append({"group": here.say(titles.get(str(kind), AREAS)), "items": [
            {"value": f"area:{code}", "label": name} for code, name in sorted(pairs, key=lambda pair: pair[1])]})
    return groups


def explained(here: Context) -> list:
    return [html.H2(here.say(TITLE)), html.H3(here.say(SAYS)), html.P(here.say(SAYS_WHAT)),
            html.Div(className="gs-does-not", children=[html.H3([icon("warning"), here.say(NOT_SAY)]), html.P(here.say(SAYS_NOT))])]


def centre(here: Context, wanted: Asked) -> list:
    """The design, and its result when it has been asked for; or what is missing, in words."""
    if not wanted.measure:
        return [html.P(here.say(NOTHING_DONE), className="gs-empty")]
    try:
        plan = plan_of(here, wanted)
        answer = designs.evaluated(here.store, plan, here.viewer, wanted.wishes)
    except GeoSafetyError as problem:
        return [html.Div(className="gs-refusal", role="alert", children=[html.H3(here.say(CANNOT)), html.P(here.say(problem.text))])]
    shown = designs.places_layer(here.store, plan, answer, here.viewer)
    parts = [html.H1(plan.title, className="gs-title"), *what_it_sees(here, plan, answer), *map_of(here, shown)]
    if not wanted.show:
        return [*parts, html.Div(className="gs-empty", children=[html.P(here.say(SHOW_WHY)), dmc.Button(here.say(SHOW), id="ev-show", size="md")])]
    return [*parts, *result(here, plan, answer), html.Div(dmc.Button(here.say(SHOW), id="ev-show"), hidden=True)]


def what_it_sees(here: Context, plan: Plan, answer: EvaluationAnswer) -> list:
    told = answer.evaluation
    titles = {code.value: code.title for code in ROLES}
    before = [html.Div([html.Dt(here.say(titles[name])), html.Dd(number(pair[0], here.language))]) for name, pair in told.counts.items()]
    unlike = tuple(doubt for doubt in told.warnings if doubt.code in KNOWN_BEFORE)
    return [html.Section([
        html.H2(here.say(STEP_1)), html.P(here.say(STEP_1_WHY), className="gs-hint"),
        html.P(here.say(told.smallest_text) if plan.places.control is not None else here.say(CHOOSE_CONTROL), className="gs-lead"),
        html.Dl(className="gs-figures", children=before), cautions(unlike, here.language)])]


def map_of(here: Context, shown: Shown) -> list:
    degrees = gpd.GeoDataFrame(shown.frame).to_crs(4326)
    west, south, east, north = (float(value) for value in degrees.total_bounds)
    titles = {code.value: here.say(code.title) for code in ROLES}
    features = [{"type": "Feature", "properties": {"role": role, "tip": [titles[role]]}, "geometry": shape.__geo_interface__}
                for role, shape in zip(degrees["role"], degrees.geometry, strict=True)]
    key = [html.Li([html.Span(className=f"gs-place-{role}"), titles[role]]) for role in degrees["role"]]
    return [html.Section([html.H2(here.say(STEP_2)), html.Div(className="gs-map-box gs-map-small", children=safety_map(
        "ev-map", [MapLayer("ev-places", data={"type": "FeatureCollection", "features": features}, style="stylePlace", on_each="onCell")],
        bounds=(west, south, east, north), base=here.view.base)), html.Ul(key, className="gs-place-key")])]


def result(here: Context, plan: Plan, answer: EvaluationAnswer) -> list:
    """Verdict, effect with interval, both places month by month, the course before, and what it does not say."""
    told, say = answer.evaluation, here.say
    course = designs.course(here.store, plan, answer, here.viewer)
    counts = designs.counts_layer(here.store, answer, here.viewer)
    effect = designs.effect_layer(here.store, answer, here.viewer)
    extra = [say(WDQ_WORDS, value=number(told.wdq, here.language, 2))] if told.wdq is not None else []
    if course.jump is not None:
        extra.append(say(JUMP, ratio=_two(course.jump.level[0]), low=_two(course.jump.level[1]), high=_two(course.jump.level[2])))
    return [html.Section([
        html.H2(say(STEP_3)),
        html.Div(className="gs-verdict", role="status", children=[html.H3(say(VERDICT)), html.P(say(told.verdict_text).capitalize(), className="gs-lead")]),
        html.H3(say(SENTENCES)), html.Ul([html.Li(say(text)) for text in evaluation.words_of_result(answer)] + [html.Li(text) for text in extra]),
        *([pattern_chart(effect, here.language), plain_table(effect, here.language)] if effect is not None else []),
        pattern_chart(counts, here.language), plain_table(counts, here.language),
        pattern_chart(course.layers["course"], here.language), *_pre_trend(here, plan, course),
        html.Div(className="gs-does-not", children=[html.H3([icon("warning"), say(NOT_SAY)]), html.Ul([html.Li(say(text)) for text in told.limits])]),
        cautions(told.warnings, here.language), _downloads(here), html.P(source_line(counts.provenance, here.language), className="gs-source-line")])]


def _pre_trend(here: Context, plan: Plan, course: Course) -> list:
    if plan.places.control is None:
        return []
    if "pre_trend" not in course.layers:
        return [html.P(here.say(NO_PRE_TREND), className="gs-hint")]
    p = number(course.p_parallel, here.language, 2)
    return [pattern_chart(course.layers["pre_trend"], here.language), html.P(here.say(PARALLEL, p=p), className="gs-hint"),
            plain_table(course.layers["pre_trend"], here.language)]


def _downloads(here: Context) -> html.Div:
    search = to_search(here.query)
    return html.Div(className="gs-actions", children=[
        html.A([icon("download"), f"{here.say(GET)} {name}"], href=f"/file{search}&evaluation=1&as={exporter}", className="gs-button")
        for name, exporter in (("Excel", "xlsx"), ("GeoPackage", "geopackage"))])


def _two(value: float) -> Text:
    return Text(sv=number(value, "sv", 2), en=number(value, "en", 2))


def layers_of(here: Context) -> tuple[Shown, ...]:
    """What the page lets be taken along: the places with their counts, and the tables of the charts."""
    wanted = asked(here)
    plan = plan_of(here, wanted)
    answer = designs.evaluated(here.store, plan, here.viewer, wanted.wishes)
    effect = designs.effect_layer(here.store, answer, here.viewer)
    return (designs.places_layer(here.store, plan, answer, here.viewer), designs.counts_layer(here.store, answer, here.viewer),
            *([effect] if effect is not None else []), *designs.course(here.store, plan, answer, here.viewer).layers.values())


# ---- callbacks

def given(here: Context, wanted: Asked, fields: dict[str, Any]) -> Asked:
    """The design that the form asks for; another measure brings its own periods."""
    changed_measure = fields["measure"] != wanted.measure
    before, after = (_from_days(fields[f"{name}_from"], fields[f"{name}_to"]) for name in ("before", "after"))
    if changed_measure:
        before, after = _proposed(here, fields["measure"]) if fields["measure"] != DRAWN else (before, after)
    return Asked(fields["measure"] or "", "" if fields["control"] in (None, "none") else fields["control"], before, after,
                 tuple(fields["types"] or ()) or None, wanted.drawn, _number(fields["buffer"], 100.0, 1, 2000),
                 "auto" if (fields["width"] or "auto") == "auto" else _number(fields["width"], 100.0, 1, 5000),
                 _number(fields["margin"], 20.0, 1, 99) / 100, _one_of(fields["planned"]), _one_of(fields["bad"]), False)


def _from_days(first: str | None, last: str | None) -> Period | None:
    try:
        return Period(date.fromisoformat(first or ""), date.fromordinal(date.fromisoformat(last or "").toordinal() + 1))
    except ValueError:
        return None


def register(app: Dash, store, context) -> None:
    days = {name: Output(*FIELDS[name], allow_duplicate=True) for name in ("before_from", "before_to", "after_from", "after_to")}

    @app.callback(output={"centre": Output("ev-centre", "children"), "search": Output("own-search", "data", allow_duplicate=True),
                          "controls": Output("ev-control", "data"), **days},
                  inputs={name: Input(*where) for name, where in FIELDS.items()}, state={"own": State("own-search", "data"), "search": State("url", "search")},
                  prevent_initial_call=True)
    def design(own, search, **fields):
        here: Context = context(own or search)
        wanted = asked(here)
        chosen = given(here, wanted, fields)
        if chosen.search() == wanted.search(show=False):
            raise PreventUpdate
        there: Context = context(chosen.search())
        days_of = {f"{name}_{end}": value for name, period in (("before", chosen.before), ("after", chosen.after))
                   for end, value in zip(("from", "to"), _ends(period), strict=True)}
        if fields["measure"] == wanted.measure:  # what is being written must not be written over
            days_of = dict.fromkeys(days, no_update)
        return {"centre": centre(there, chosen), "search": chosen.search(), "controls": control_choices(there, chosen), **days_of}

    @app.callback(Output("ev-centre", "children", allow_duplicate=True), Output("own-search", "data", allow_duplicate=True), Input("ev-show", "n_clicks"),
                  State("own-search", "data"), State("url", "search"), prevent_initial_call=True)
    def show(clicks, own, search):
        if not clicks:
            raise PreventUpdate
        here: Context = context(own or search)
        address = asked(here).search(show=True)
        there: Context = context(address)
        return centre(there, asked(there)), address


def _ends(period: Period | None) -> tuple[str, str]:
    return (period.start.isoformat(), date.fromordinal(period.end.toordinal() - 1).isoformat()) if period else ("", "")
