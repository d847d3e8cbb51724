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
from ..text import Text, same
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
    the layer that people are shown, and `warning` (Text or None). Where the method spreads each incident over several cells only the
    top of each hill is a place. A result without places has none.
    """
    if features.layer.geometry is None:
        return pd.DataFrame()
    frame = features.frame
    cells = frame[_stands_out(frame, method)].sort_values(
        [*method.rank_by, "cell"], ascending=[False] * len(method.rank_by) + [True], kind="stable")
    cells = cells.iloc[_tops(cells, features, method)]
    spots = shapely.centroid(cells.geometry.to_numpy())
    named = _names(cells, spots, method, store, viewer)
    top = pd.DataFrame({
        "rank": np.arange(1, len(cells) + 1), "cell": cells["cell"].to_numpy(),
        "place": pd.Series([name or _CELL.format(cell=str(cell)) for name, cell in zip(named, cells["cell"], strict=True)], dtype=object)})
    for column in method.result.columns:
        if column.shown and cells[column.name].notna().any():    # a weighted sum that nobody asked for is no column
            top[column.name] = cells[column.name].to_numpy()
    top["warning"] = pd.Series(_warnings(cells, points, features), dtype=object)
    return top


def _names(cells: gpd.GeoDataFrame, spots: np.ndarray, method: Method, store: Store | None, viewer: Viewer | None) -> list[Text | None]:
    """What the layer itself calls each row, else what lies near it."""
    near = names_of(store, viewer, list(spots)) if store is not None and viewer is not None else [None] * len(spots)
    own = cells[method.result.label].tolist() if method.result.label else [""] * len(spots)
    return [same(name) if name else other for name, other in zip(own, near, strict=True)]


def _stands_out(frame: gpd.GeoDataFrame, method: Method) -> np.ndarray:
    """Cells whose class belongs to a group (but a low one), or, without classes, those above zero."""
    column = method.result.column(method.result.style.colour_by) if method.result.style.colour_by else None
    if column is not None and column.codes:
        return frame[column.name].isin([code.value for code in column.codes if _worth_telling(code)]).to_numpy()
    return frame[method.rank_by[0]].to_numpy() > 0


def _worth_telling(code: Code) -> bool:
    return code.group is not None and code.group != "cold"


def _tops(cells: gpd.GeoDataFrame, features: Features, method: Method) -> list[int]:
    """Positions of at most twenty cells, in the order given; where a method spreads incidents over cells, only the tops of hills.

    A cell of a density is a top when no cell beside it is higher, and no earlier top lies within the bandwidth; one of a cluster when
    none beside it, in the cluster, has more incidents of its own: sums over neighbours are high around a busy cell too.
    """
    facts = features.facts
    if features.layer.has("cluster_number"):    # one circle, one place: its busiest cell
        return list(np.flatnonzero(~cells["cluster_number"].duplicated().to_numpy())[:MOST_PLACES])
    if "bandwidth_m" not in facts and "neighbours" not in facts:
        return list(range(min(MOST_PLACES, len(cells))))
    spots = shapely.centroid(cells.geometry.to_numpy())
    x, y = shapely.get_x(spots), shapely.get_y(spots)
    height = cells[method.rank_by[0] if "bandwidth_m" in facts else "incidents"].to_numpy()
    beside_m, reach_m = 1.5 * float(facts["cell_size_m"]), float(facts.get("bandwidth_m", 0.0))
    tops: list[int] = []
    for i in range(len(cells)):  # in order, and it ends as soon as there are twenty
        if len(tops) == MOST_PLACES:
            break
        away = np.hypot(x - x[i], y - y[i])
        beside = away < beside_m
        hidden = (height[beside] > height[i]).any() or (height[:i][beside[:i]] == height[i]).any() or (away[tops] < reach_m).any()
        if not hidden:
            tops.append(i)
    return tops


def _warnings(cells: gpd.GeoDataFrame, points: gpd.GeoDataFrame, features: Features) -> list[Text | None]:
    """What to think of before a place is given a meaning: few incidents behind its number, or most of them on one coordinate."""
    x, y = coordinates(points)
    if "most_distance_m" in features.facts:
        around = shapely.buffer(cells.geometry.to_numpy(), float(features.facts["most_distance_m"]))
    elif "bandwidth_m" in features.facts:
        around = shapely.buffer(shapely.centroid(cells.geometry.to_numpy()), float(features.facts["bandwidth_m"]))
    else:
        around = cells.geometry.to_numpy()
    behind = [shapely.intersects_xy(shape, x, y) for shape in around]
    return [_warning(x[here], y[here], row) for here, row in zip(behind, cells.to_dict("records"), strict=True)]


def _warning(x: np.ndarray, y: np.ndarray, row: dict) -> Text | None:
    n = int(row.get("cluster_incidents", row.get("incidents_near", len(x))))
    if n < FEW:
        return _FEW.format(n=n)
    most = np.unique(np.round(np.column_stack([x, y]), 2), axis=0, return_counts=True)[1].max(initial=0)
    return _PILE.format(n=int(most), total=n) if most > HALF * n else None
