"""A result without a place as a chart, drawn from its description; the table beside it says the same to a screen reader."""
from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from dash import dcc, html

from ...model.describe import Chart, Column
from ...model.features import Shown
from ...text import Text
from .words import said

STRONG, PLAIN, QUIET, WARM = "#1864ab", "#7aa7d0", "#8794a1", "#c92a2a"
BAND = "rgba(128,140,152,.28)"
GRID = "rgba(128,128,128,.25)"
RAMP = [[0, "#eef3f8"], [0.25, "#a9c8e4"], [0.5, "#5f9ccb"], [0.75, "#2a6fab"], [1, "#0b3c6f"]]
LONG_LABEL = 12         # letters: longer names stand beside their row
ROW_PX, EDGE_PX, LEAST_PX = 27, 90, 330
FONT = {"size": 12, "family": "Inter Variable, sans-serif"}

WHISKERS = Text(sv="Strecken är 95-procentiga intervall.", en="The whiskers are 95% intervals.")
BESIDE_BAND = Text(sv="Det grå bandet är vad slumpen ger i 95 fall av 100.", en="The grey band is what chance gives in 95 cases of 100.")
MARKED = Text(sv="Rött: {title}.", en="Red: {title}.")
MARKED_CELL = Text(sv="Punkt i rutan: {title}.", en="A dot in the cell: {title}.")
REFERENCE = Text(sv="Den streckade linjen är {value}.", en="The dashed line is {value}.")


def pattern_charts(shown: Shown, language: str) -> list[html.Figure]:
    """The chart of the layer, and the one that stands beside it."""
    both = (pattern_chart(shown, language), shown.layer.chart_beside and pattern_chart(shown, language, shown.layer.chart_beside))
    return [figure for figure in both if figure]


def pattern_chart(shown: Shown, language: str, described: Chart | None = None) -> html.Figure:
    """A chart of the layer, by default its own, with a caption that says what its marks are."""
    chart = described or shown.layer.chart
    assert chart is not None
    draw = {"bars": _bars, "points": _points, "lines": _lines, "heat": _heat}[chart.kind]
    figure = draw(shown, chart, language)
    figure.update_layout(margin={"l": 8, "r": 12, "t": 8, "b": 8}, paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", font=FONT, bargap=0.25,
                         separators=", " if language == "sv" else ".,", legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
                         hoverlabel={"align": "left"}, dragmode=False)
    plain = {"fixedrange": True, "automargin": True, "gridcolor": GRID, "zerolinecolor": GRID, "exponentformat": "none", "separatethousands": True}
    figure.update_xaxes(**plain)
    figure.update_yaxes(**plain)
    title = shown.layer.title[language] if described is None else shown.layer.column(chart.value).title[language]
    height = f"{figure.layout.height or LEAST_PX}px"
    return html.Figure(className="gs-chart", role="group", **{"aria-label": title}, children=[
        html.H2(title), dcc.Graph(figure=figure, config={"displayModeBar": False, "responsive": True}, style={"height": height}),
        html.Figcaption(_caption(shown, chart, language), className="gs-hint")])


def _caption(shown: Shown, chart: Chart, language: str) -> str:
    title = lambda name: shown.layer.column(name).title[language].lower()  # noqa: E731
    parts = [WHISKERS] if chart.low else []
    parts += [BESIDE_BAND] if chart.beside_low else []
    if chart.marked:
        parts.append((MARKED_CELL if chart.kind == "heat" else MARKED).format(title=title(chart.marked)))
    if chart.reference is not None and chart.kind != "heat":
        parts.append(REFERENCE.format(value=chart.reference))
    return " ".join(text[language] for text in parts)


def _bars(shown: Shown, chart: Chart, language: str) -> go.Figure:
    frame, value = shown.frame, shown.layer.column(chart.value)
    names = _labels(shown, chart.x, language)
    figure = go.Figure(go.Bar(x=names, y=frame[chart.value], name=value.title[language], marker_color=_colours(frame, chart, PLAIN),
                              error_y=_whiskers(frame, chart), **_hover(shown, language)))
    for name, dash in ((chart.beside, "solid"), (chart.beside_high, "dot")):
        if name:
            figure.add_scatter(x=names, y=frame[name], mode="lines", line={"color": QUIET, "dash": dash, "shape": "hvh" if dash == "dot" else "linear"},
                               name=shown.layer.column(name).title[language], hoverinfo="skip")
    figure.update_layout(height=LEAST_PX, showlegend=bool(chart.beside))
    figure.update_xaxes(type="category", title=_axis(shown.layer.column(chart.x), language), nticks=14)
    figure.update_yaxes(title=_axis(value, language), rangemode="tozero")
    return figure


def _points(shown: Shown, chart: Chart, language: str) -> go.Figure:
    """Names across, or, where they are long, down the side."""
    frame, value = shown.frame, shown.layer.column(chart.value)
    names = _labels(shown, chart.x, language)
    down = max(map(len, names), default=0) > LONG_LABEL
    across, up = (frame[chart.value], names) if down else (names, frame[chart.value])
    figure = go.Figure(go.Scatter(
        x=across, y=up, mode="markers", marker={"size": 10, "color": _colours(frame, chart, STRONG)}, name=value.title[language], showlegend=False,
        **({"error_x": _whiskers(frame, chart)} if down else {"error_y": _whiskers(frame, chart)}), **_hover(shown, language)))
    against = chart.reference if chart.reference is not None else (float(frame[chart.beside].iloc[0]) if chart.beside else None)
    if against is not None and np.isfinite(against):
        (figure.add_vline if down else figure.add_hline)(against, line={"dash": "dash", "color": QUIET})
    long, short = (figure.update_yaxes, figure.update_xaxes) if down else (figure.update_xaxes, figure.update_yaxes)
    long(type="category", categoryorder="array", categoryarray=names, **({"autorange": "reversed"} if down else {}))
    short(title=_axis(value, language), rangemode="tozero" if chart.reference is None else "normal")
    figure.update_layout(height=max(LEAST_PX, EDGE_PX + ROW_PX * len(names)) if down else LEAST_PX)
    return figure


def _lines(shown: Shown, chart: Chart, language: str) -> go.Figure:
    frame, layer = shown.frame, shown.layer
    figure = go.Figure()
    if chart.beside_low and chart.beside_high:
        edge = {"x": frame[chart.x], "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
        figure.add_scatter(y=frame[chart.beside_low], **edge)
        figure.add_scatter(y=frame[chart.beside_high], fill="tonexty", fillcolor=BAND, **edge)
    if chart.beside:
        figure.add_scatter(x=frame[chart.x], y=frame[chart.beside], mode="lines", line={"color": QUIET, "dash": "dot"}, hoverinfo="skip",
                           name=layer.column(chart.beside).title[language])
    figure.add_scatter(x=frame[chart.x], y=frame[chart.value], mode="lines+markers", line={"color": STRONG, "width": 2.5}, marker={"size": 6},
                       name=layer.column(chart.value).title[language], **_hover(shown, language))
    figure.update_layout(height=430, showlegend=bool(chart.beside))
    figure.update_xaxes(title=_axis(layer.column(chart.x), language), rangemode="tozero")
    figure.update_yaxes(title=_axis(layer.column(chart.value), language), rangemode="tozero")
    return figure


def _heat(shown: Shown, chart: Chart, language: str) -> go.Figure:
    frame, layer = shown.frame, shown.layer
    across, down = _labels(shown, chart.x, language), _labels(shown, str(chart.y), language)
    columns, rows = list(dict.fromkeys(across)), list(dict.fromkeys(down))
    place = ([rows.index(name) for name in down], [columns.index(name) for name in across])
    heights, words = np.full((len(rows), len(columns)), np.nan), np.full((len(rows), len(columns)), "", dtype=object)
    heights[place], words[place] = frame[chart.value], _tips(shown, language)
    most = float(np.nanmax(heights)) if np.isfinite(heights).any() else 1.0
    scale = {"zmin": 0, "zmax": most} if chart.reference is None else {"zmid": chart.reference, "colorscale": "RdBu_r"}
    figure = go.Figure(go.Heatmap(z=heights, x=columns, y=rows, text=words, hovertemplate="%{text}<extra></extra>", xgap=2, ygap=2,
                                  colorbar={"title": {"text": layer.column(chart.value).title[language], "side": "right"}, "thickness": 14},
                                  **({"colorscale": RAMP} | scale)))
    if chart.marked and frame[chart.marked].any():
        marked = frame[chart.marked].to_numpy()
        figure.add_scatter(x=np.array(across)[marked], y=np.array(down)[marked], mode="markers", hoverinfo="skip", showlegend=False,
                           marker={"size": 9, "color": "#111", "line": {"color": "#fff", "width": 2}})
    figure.update_layout(height=max(LEAST_PX, EDGE_PX + 34 * len(rows)))
    figure.update_xaxes(type="category", title=_axis(layer.column(chart.x), language), showgrid=False)
    figure.update_yaxes(type="category", title=_axis(layer.column(str(chart.y)), language), autorange="reversed", showgrid=False)
    return figure


def _labels(shown: Shown, name: str, language: str) -> list[str]:
    column = shown.layer.column(name)
    return [escape(str(value) if column.kind == "integer" else said(_bare(column), value, language)) for value in shown.frame[name]]


def _bare(column: Column) -> Column:
    return Column(column.name, column.title, column.kind, codes=column.codes, decimals=column.decimals)


def _axis(column: Column, language: str) -> str:
    return column.title[language] + (f", {column.unit[language]}" if column.unit else "")


def _colours(frame: pd.DataFrame, chart: Chart, plain: str) -> list[str] | str:
    return np.where(frame[chart.marked], WARM, plain).tolist() if chart.marked else plain


def _whiskers(frame: pd.DataFrame, chart: Chart) -> dict | None:
    """From the value to both ends of its interval; none where an end is missing."""
    if not (chart.low and chart.high):
        return None
    value = frame[chart.value]
    return {"type": "data", "symmetric": False, "array": (frame[chart.high] - value).tolist(), "arrayminus": (value - frame[chart.low]).tolist(),
            "color": QUIET, "thickness": 1.5, "width": 4}


def _hover(shown: Shown, language: str) -> dict:
    return {"hovertext": _tips(shown, language), "hovertemplate": "%{hovertext}<extra></extra>"}


def _tips(shown: Shown, language: str) -> list[str]:
    told = [column for column in shown.layer.columns if column.shown]
    return ["<br>".join(f"{escape(column.title[language])}: {escape(said(column, row[column.name], language))}" for column in told)
            for row in shown.frame.to_dict("records")]
