"""Time series and hour × weekday, each with the numbers it rests on."""
from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from dash import dcc, html

from ...model.selection import Period
from ...text import Text, number, weekdays

MONTHS = Text(sv="Händelser per månad. Vald period är mörk.", en="Incidents per month. The chosen period is dark.")
INCIDENTS = Text(sv="händelser", en="incidents")
HOURS_OF = Text(sv="Bygger på {known} av {n} händelser: de vars tid är känd till timmen.",
                en="Rests on {known} of {n} incidents: those whose time is known to the hour.")
NO_HOURS = Text(sv="Ingen av händelserna har en tid som är känd till timmen.", en="None of the incidents has a time known to the hour.")
HOUR_TABLE = Text(sv="Händelser per veckodag och timme", en="Incidents per weekday and hour")
DAY = Text(sv="Dag", en="Day")
CHOSEN, OTHER, COMPARED = "#1864ab", "#b9c6d3", "#7aa7d0"


def months_chart(months: pd.DataFrame, period: Period | None, compared: Period | None, language: str) -> dcc.Graph:
    """Bars per month over all the data; the chosen and the compared period stand out."""
    starts = months["month"].dt.date
    within = lambda p: np.array([p is not None and p.start <= day < p.end for day in starts], dtype=bool)  # noqa: E731
    colours = np.where(within(period), CHOSEN, np.where(within(compared), COMPARED, OTHER))
    figure = go.Figure(go.Bar(x=months["month"], y=months["incidents"], marker_color=colours.tolist(),
                              hovertemplate=f"%{{x|%Y-%m}}: %{{y}} {INCIDENTS[language]}<extra></extra>"))
    figure.update_layout(height=150, margin={"l": 30, "r": 4, "t": 4, "b": 22}, bargap=0.15, paper_bgcolor="rgba(0,0,0,0)",
                         plot_bgcolor="rgba(0,0,0,0)", showlegend=False, font={"size": 11, "family": "Inter Variable, sans-serif"},
                         xaxis={"fixedrange": True, "tickformat": "%Y", "dtick": "M12" if len(months) > 18 else "M3"},
                         yaxis={"fixedrange": True, "rangemode": "tozero", "nticks": 4, "gridcolor": "rgba(128,128,128,.25)", "tickformat": "d"},
                         separators=", " if language == "sv" else ".,")
    return dcc.Graph(figure=figure, config={"displayModeBar": False, "responsive": True}, className="gs-months", style={"height": "150px"})


def hours_table(hours: np.ndarray, known: int, n: int, language: str) -> html.Div | html.P:
    """A table of 7 × 24 whose cells are shaded; what a screen reader reads is the count."""
    if not known:
        return html.P(NO_HOURS[language], className="gs-hint")
    most = hours.max()
    names = weekdays(language)
    head = html.Tr([html.Th(html.Span(DAY[language], className="gs-unseen"), scope="col")] + [
        html.Th(str(hour) if hour % 6 == 0 else html.Span(str(hour), className="gs-unseen"), scope="col") for hour in range(24)])
    rows = [html.Tr([html.Th(names[day], scope="row")] + [_hour(names[day], hour, int(hours[day, hour]), most) for hour in range(24)])
            for day in range(7)]
    return html.Div(className="gs-hours", children=[
        html.Table([html.Caption(HOUR_TABLE[language], className="gs-unseen"), html.Thead(head), html.Tbody(rows)]),
        html.P(HOURS_OF[language].format(known=number(known, language), n=number(n, language)), className="gs-hint")])


def _hour(day: str, hour: int, count: int, most: int) -> html.Td:
    strength = round(100 * count / most)
    return html.Td(html.Span(str(count), className="gs-unseen"), title=f"{day} {hour:02d}–{(hour + 1) % 24:02d}: {count}",
                   style={"--strength": f"{strength}%"})
