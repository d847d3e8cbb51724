"""Patterns: when, how often and how concentrated – a chart and the table that equals it."""
from __future__ import annotations

from dash import Dash, Input, Output, html
from dash.exceptions import PreventUpdate

from ...model.describe import Method
from ...model.selection import to_search
from ...patterns import PATTERNS
from ...services import viewing
from ...services.hotspots import HotspotAnswer
from ...text import Text
from .. import asking
from ..asking import Asking, answer_of
from ..context import Context
from ..parts.pattern_chart import pattern_charts
from ..parts.table import plain_table
from .first_steps import first_steps

PATH = "/patterns"
TITLE = Text(sv="Mönster", en="Patterns")
ICON = "clock"

ASKING = Asking(PATH, PATTERNS, prefix="pattern-")
INTRO_TITLE = Text(sv="När händer det, och hur samlat?", en="When does it happen, and how concentrated?")
INTRO = Text(sv="Välj period till vänster. Välj sedan vad du vill veta, här eller i listan, och tryck på Räkna. Här finns svaren som inte är en karta:",
             en="Choose the period to the left. Then choose what you want to know, here or in the list, and press Compute. Here are the answers "
                "that are not a map:")
TABLE = Text(sv="Talen i tabell", en="The numbers as a table")


def layout(here: Context):
    if viewing.data_span(here.store, here.viewer) is None:
        return first_steps(here)
    answer, job = asking.begun(here, ASKING)
    return html.Div(className="gs-explorer", children=[
        asking.panel(here, ASKING, on_map=False),
        html.Div(className="gs-centre gs-chart-page", children=[
            asking.waiting(here, ASKING, job),
            html.Div(chart_of(here, answer) if answer else intro(here), id=ASKING.at("centre"), className="gs-chart-box", tabIndex=0, role="region",
                     **{"aria-label": here.say(TITLE)})]),
        html.Aside(id=ASKING.at("answer-side"), className="gs-right", tabIndex=0, **{"aria-live": "polite", "aria-label": here.say(asking.SHOWS)},
                   children=asking.side(here, answer, ASKING) if answer else asking.explained(asking.asked(here, ASKING)[0], here)),
        *asking.memory(here, ASKING, answer, job)])


def intro(here: Context) -> html.Div:
    """What can be asked, for one who has not asked yet."""
    return html.Div(className="gs-empty", children=[
        html.H2(here.say(INTRO_TITLE)), html.P(here.say(INTRO)),
        html.Ul([html.Li([html.A(here.say(method.title), href=_link(here, method)), ". ", here.say(method.summary)]) for method in PATTERNS.values()])])


def _link(here: Context, method: Method) -> str:
    return PATH + to_search(here.selection, {"method": method.name})


def chart_of(here: Context, answer: HotspotAnswer) -> list:
    """Chart, then keep and download, then the same numbers as a table."""
    return [*pattern_charts(answer.shown, here.language), asking.head(here, ASKING, TABLE), plain_table(answer.shown, here.language),
            asking.sources(here, answer)]


def register(app: Dash, store, context) -> None:
    asking.register(app, store, context, ASKING)

    @app.callback(Output(ASKING.at("centre"), "children"), Output(ASKING.at("answer-side"), "children"), Input(ASKING.at("answer-search"), "data"),
                  prevent_initial_call=True)
    def draw(search):
        if not search:
            raise PreventUpdate
        here: Context = context(search)
        answer = answer_of(here)
        if answer is None:
            raise PreventUpdate
        return chart_of(here, answer), asking.side(here, answer, ASKING)
