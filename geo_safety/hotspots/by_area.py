"""What methods by area have in common: the division asked for, and in which area each incident counts."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..analysis.precision import coordinates
from ..errors import InputError
from ..layers.areas import AREA_KINDS
from ..model.cautions import Caution, caution
from ..model.describe import Code, Parameter
from ..text import Text

DIVISION = Parameter(
    "division", Text(sv="Indelning", en="Division"), "choice", "auto",
    choices=(Code("auto", Text(sv="Den största som finns inläst", en="The coarsest that has been imported")),
             *(code for code in AREA_KINDS if code.value != "neighbour")),
    help=Text(sv="Större områden har fler händelser, och säger därför mer.", en="Larger areas have more incidents and so tell more."))


def of_division(areas: gpd.GeoDataFrame, division: str) -> gpd.GeoDataFrame:
    """The areas of one kind; InputError when there are none."""
    kinds = list(areas["kind"].unique()) if "kind" in areas.columns else []
    chosen = areas if not kinds else areas[areas["kind"] == (kinds[0] if division == "auto" else division)]
    if not len(chosen):
        raise InputError(Text(sv="Inga områden av det slaget är inlästa. Välj en annan indelning.",
                              en="No areas of that kind have been imported. Choose another division."))
    return chosen.reset_index(drop=True)


def counted_in(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> np.ndarray:
    """Position of the area of each incident, -1 where it has none: by `counted_in`, else by where it lies."""
    if "counted_in" in points.columns:
        position = pd.Series(np.arange(len(areas)), index=areas["code"])
        return points["counted_in"].map(position).fillna(-1).astype(int).to_numpy()
    where = np.full(len(points), -1)
    for i, shape in reversed(list(enumerate(areas.geometry))):  # a point on a border belongs to the first
        where[shapely.intersects_xy(shape, *coordinates(points))] = i
    return where


def numbers(where: np.ndarray, areas: gpd.GeoDataFrame) -> np.ndarray:
    return np.bincount(where[where >= 0], minlength=len(areas))


def outside(where: np.ndarray) -> tuple[Caution, ...]:
    left_out = int((where < 0).sum())
    return (caution("OUTSIDE_AREAS", n=left_out),) if left_out else ()
