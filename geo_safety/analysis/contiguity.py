"""Which areas of any shape are neighbours: the counterpart of `neighbours.Near` for areas that are no grid."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from scipy import sparse

from ..crs import require_metric
from ..errors import InputError
from ..text import Text

HAIR_M = 0.01   # borders of neighbours drawn by hand may miss each other by so much


def contiguity(areas: gpd.GeoDataFrame, neighbours: str | float | sparse.sparray = "queen") -> sparse.csr_array:
    """Areas × areas, 1 where two areas are neighbours and 0 elsewhere, also on the diagonal.

    `neighbours`: "queen", they touch (closer than a centimetre); "rook", they share a stretch of border, not just a corner; a number,
    their centroids lie within that many metres; or such a matrix made elsewhere. Metric CRS. An area without a shape has no neighbours.
    """
    if sparse.issparse(neighbours):
        return _given(sparse.csr_array(neighbours), len(areas))
    require_metric(areas.crs, Text(sv="Områdena", en="The areas"))
    shapes = areas.geometry.to_numpy()
    if isinstance(neighbours, str):
        pairs = _touching(shapes, neighbours)
    else:
        if not neighbours > 0:
            raise InputError(Text(sv="Grannar inom ett avstånd kräver ett avstånd över 0 m.", en="Neighbours within a distance take a distance above 0 m."))
        points = shapely.centroid(shapes)
        pairs = shapely.STRtree(points).query(points, predicate="dwithin", distance=float(neighbours))
    first, second = pairs[:, pairs[0] != pairs[1]]
    return sparse.csr_array((np.ones(len(first), dtype=np.int64), (first, second)), shape=(len(areas), len(areas)))


def _given(matrix: sparse.csr_array, n: int) -> sparse.csr_array:
    """Somebody's own neighbours, as ones and noughts without the diagonal."""
    if matrix.shape != (n, n):
        raise InputError(Text(sv="Grannarnas tabell är {shape} men områdena är {n}.", en="The table of neighbours is {shape} but there are {n} areas.")
                         .format(shape="×".join(map(str, matrix.shape)), n=n))
    first, second = matrix.nonzero()
    other = first != second
    return sparse.csr_array((np.ones(int(other.sum()), dtype=np.int64), (first[other], second[other])), shape=(n, n))


def _touching(shapes: np.ndarray, neighbours: str) -> np.ndarray:
    if neighbours not in ("queen", "rook"):
        raise InputError(Text(sv="Grannar är queen, rook eller ett avstånd i meter, inte {neighbours}.",
                              en="Neighbours are queen, rook or a distance in metres, not {neighbours}.").format(neighbours=neighbours))
    pairs = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=HAIR_M)
    if neighbours == "queen":
        return pairs
    shared = shapely.length(shapely.intersection(shapely.buffer(shapes[pairs[0]], 2 * HAIR_M), shapely.boundary(shapes[pairs[1]])))
    return pairs[:, shared > 10 * HAIR_M]


class NearAreas:
    """Adds up what lies near each area, over tested areas only; see `neighbours.Near`."""

    def __init__(self, areas: gpd.GeoDataFrame, part: np.ndarray, neighbours: str | float | sparse.sparray, star: bool):
        matrix = contiguity(areas, neighbours)
        if star:
            matrix = (matrix + sparse.eye_array(len(areas), dtype=np.int64)).tocsr()
        self.matrix, self.part = matrix, part
        self.most = 0   # areas have as many neighbours as they have: none is short of any

    def sum(self, values: np.ndarray) -> np.ndarray:
        return self.matrix @ np.where(self.part, values, values.dtype.type(0))

    def numbers(self) -> np.ndarray:
        """How many tested areas the sum of each is over."""
        return self.sum(np.ones(len(self.part), dtype=np.int64))
