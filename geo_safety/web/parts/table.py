"""The table that stands beside every map: the same Shown, sortable, readable by keyboard and screen reader."""
from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import dash_ag_grid as dag
import pandas as pd
from dash import html

from ...model.describe import Layer
from ...model.features import Shown
from .words import coded, said

PAGE = 100


@cache
def _swedish() -> dict[str, str]:
    return json.loads(Path(__file__).with_name("grid_sv.json").read_text("utf-8"))


def columns_of(layer: Layer, language: str, hide: tuple[str, ...] = ()) -> list[dict]:
    """Column definitions from the layer's description."""
    return [{"field": column.name, "headerName": column.title[language], "sortable": True, "resizable": True,
             "type": "rightAligned" if column.kind in ("integer", "number") and not column.codes else None,
             "tooltipField": column.name if column.kind == "long_text" else None,
             "minWidth": 220 if column.kind == "long_text" else 110, "flex": 3 if column.kind == "long_text" else 1,
             "headerTooltip": column.help[language] if column.help else None}
            for column in layer.columns if column.shown and column.name not in hide]


def grid(grid_id: str, layer: Layer, language: str, *, hide: tuple[str, ...] = (), key: str = "id") -> dag.AgGrid:
    """A grid that asks the server for the rows it shows; sorting happens on the server over all rows."""
    return dag.AgGrid(
        id=grid_id, columnDefs=columns_of(layer, language, hide), rowModelType="infinite", getRowId=f"params.data.{key}",
        defaultColDef={"suppressMovable": True, "wrapHeaderText": True, "autoHeaderHeight": True},
        className="ag-theme-quartz gs-grid", style={"height": "100%", "width": "100%"},
        dashGridOptions={"localeText": _swedish() if language == "sv" else {}, "cacheBlockSize": PAGE, "maxBlocksInCache": 20,
                         "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
                         "animateRows": False, "rowHeight": 36, "headerHeight": 40})


def rows(shown: Shown, request: dict | None, language: str, *, key: str = "id") -> dict:
    """The part of the table that the grid asks for: sorted as asked, values in words, ids as text."""
    asked = request or {}
    start = max(0, int(asked.get("startRow") or 0))
    end = min(max(start, int(asked.get("endRow") or PAGE)), start + 5 * PAGE)
    frame = sort(shown, asked.get("sortModel") or [], language)
    page = frame.iloc[start:end]
    known = [column for column in shown.layer.columns if column.shown]
    return {"rowCount": len(frame), "rowData": [
        {key: coded(row[key])} | {column.name: said(column, row[column.name], language) for column in known}
        for row in page.to_dict("records")]}


def sort(shown: Shown, model: list[dict], language: str) -> pd.DataFrame:
    """Rows in the asked order, missing values last; codes by their title."""
    frame = shown.frame
    for item in reversed(model[:3]):
        name = item.get("colId")
        if not shown.layer.has(name):
            continue
        column = shown.layer.column(name)
        values = frame[name].map(lambda v, c=column: said(c, v, language).casefold()) if column.codes or column.kind in ("text", "long_text") else frame[name]
        frame = frame.iloc[values.reset_index(drop=True).sort_values(ascending=item.get("sort") != "desc", kind="stable", na_position="last").index]
    return frame


def plain_table(shown: Shown, language: str) -> html.Div:
    """All rows of a small layer as a table that scrolls sideways."""
    columns = [column for column in shown.layer.columns if column.shown]
    head = html.Tr([html.Th(column.title[language], scope="col", title=column.help[language] if column.help else None) for column in columns])
    body = [html.Tr([html.Td(said(column, row[column.name], language), className="gs-number" if column.kind in ("integer", "number") else None)
                     for column in columns]) for row in shown.frame.to_dict("records")]
    return html.Div(html.Table([html.Thead(head), html.Tbody(body)], className="gs-table"), className="gs-table-scroll", tabIndex=0, role="region",
                    **{"aria-label": shown.layer.title[language]})
