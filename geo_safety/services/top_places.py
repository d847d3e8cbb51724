"""The places that stand out most in a result: cells in order, each with its name, numbers and doubts. Never a ranking of areas."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..analysis.precision import coordinates
from ..model.describe import Code, Method
from ..model.features import Features
from ..model.viewer import Viewer
from ..store import Store
from ..text import Text
from .naming import names_of

MOST_PLACES = 20
FEW = 5
HALF = 0.5

_FEW = Text(sv="Bara {n} händelse: slumpen väger tungt.|Bara {n} händelser: slumpen väger tungt.",
            en="Only {n} incident: chance weighs heavily.|Only {n} incidents: chance weighs heavily.")
_PILE = Text(sv="{n} av {total} på exakt samma koordinat: kanske en plats som registret använder när adressen är okänd.",
             en="{n} of {total} on one and the same coordinate: perhaps a place the register uses when the address is not known.")
_CELL = Text(sv="ruta {cell}", en="cell {cell}")


def top_places(features: Features, method: Method, points: gpd.GeoDataFrame, *, store: Store | None = None, viewer: Viewer | None = None) -> pd.DataFrame:
    """At most twenty cells that stand out, most first.

    One row per place: `rank` (1 …), `cell`, `place` (Text: *nära Torget*; the number of the cell without a store), the columns of
    the layer that people are shown, and `warning` (Text or None). A cell close to one before it in the list is left out where the
    method spreads each incident over several cells.
    """
    frame = features.frame
    cells = frame[_stands_out(frame, method)].sort_values(
        [*method.rank_by, "cell"], ascending=[False] * len(method.rank_by) + [True], kind="stable")
    cells = cells.iloc[_apart(shapely.centroid(cells.geometry.to_numpy()), _reach(features))]
    spots = shapely.centroid(cells.geometry.to_numpy())
    named = names_of(store, viewer, spots) if store is not None and viewer is not None else [None] * len(spots)
    top = pd.DataFrame({
        "rank": np.arange(1, len(cells) + 1), "cell": cells["cell"].to_numpy(),
        "place": pd.Series([name or _CELL.format(cell=str(cell)) for name, cell in zip(named, cells["cell"], strict=True)], dtype=object)})
    for column in method.result.columns:
        if column.shown:
            top[column.name] = cells[column.name].to_numpy()
    top["warning"] = pd.Series(_warnings(cells, points), dtype=object)
    return top


def _stands_out(frame: gpd.GeoDataFrame, method: Method) -> np.ndarray:
    """Cells whose class belongs to a group (but a low one), or, without classes, those above zero."""
    column = method.result.column(method.result.style.colour_by) if method.result.style.colour_by else None
    if column is not None and column.codes:
        return frame[column.name].isin([code.value for code in column.codes if _worth_telling(code)]).to_numpy()
    return frame[method.rank_by[0]].to_numpy() > 0


def _worth_telling(code: Code) -> bool:
    return code.group is not None and code.group != "cold"


def _reach(features: Features) -> float:
    """Metres within which cells speak of the same incidents."""
    facts = features.facts
    if "bandwidth_m" in facts:
        return float(facts["bandwidth_m"])
    if "neighbours" in facts:
        return float(facts["cell_size_m"]) * 1.5 if isinstance(facts["neighbours"], str) else float(facts["neighbours"])
    return 0.0


def _apart(spots: np.ndarray, reach_m: float) -> list[int]:
    """Positions of the first spots that lie further than `reach_m` from all before them, at most twenty."""
    x, y = shapely.get_x(spots), shapely.get_y(spots)
    left = np.ones(len(spots), dtype=bool)
    taken: list[int] = []
    while left.any() and len(taken) < MOST_PLACES:
        first = int(left.argmax())
        taken.append(first)
        left &= np.hypot(x - x[first], y - y[first]) > reach_m
        left[first] = False
    return taken


def _warnings(cells: gpd.GeoDataFrame, points: gpd.GeoDataFrame) -> list[Text | None]:
    x, y = coordinates(points)
    inside = [shapely.intersects_xy(cell, x, y) for cell in cells.geometry]
    return [_warning(int(n), x[here], y[here]) for n, here in zip(cells["incidents"], inside, strict=True)]


def _warning(n: int, x: np.ndarray, y: np.ndarray) -> Text | None:
    """What to think of before the cell is given a meaning."""
    if n < FEW:
        return _FEW.format(n=n)
    most = np.unique(np.round(np.column_stack([x, y]), 2), axis=0, return_counts=True)[1].max(initial=0)
    return _PILE.format(n=int(most), total=n) if most > HALF * n else None
