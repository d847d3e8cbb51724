"""Places as columns, for files that hold tables."""
from __future__ import annotations

import pandas as pd
import shapely

from ..crs import to_wgs84
from ..model.features import Shown

DECIMALS_M, DECIMALS_DEGREES = 3, 7     # a millimetre; about a centimetre
NORTH, EAST, LATITUDE, LONGITUDE, WKT = "N", "E", "latitude", "longitude", "wkt"


def coordinates(shown: Shown, *, wkt: bool) -> pd.DataFrame:
    """Points: N and E in the store's CRS, latitude and longitude in WGS 84; missing where there is no place.

    Other shapes: one column with well-known text in the store's CRS, if `wkt`; else none.
    """
    index = pd.RangeIndex(len(shown))
    if shown.layer.geometry is None:
        return pd.DataFrame(index=index)
    shapes = shown.frame.geometry
    if shown.layer.geometry == "Point":
        degrees = to_wgs84(shown.frame[[shapes.name]]).geometry
        x, y = shapely.get_x(shapes.to_numpy()), shapely.get_y(shapes.to_numpy())
        lon, lat = shapely.get_x(degrees.to_numpy()), shapely.get_y(degrees.to_numpy())
        return pd.DataFrame({NORTH: y.round(DECIMALS_M), EAST: x.round(DECIMALS_M), LATITUDE: lat.round(DECIMALS_DEGREES),
                             LONGITUDE: lon.round(DECIMALS_DEGREES)}, index=index)
    if not wkt:
        return pd.DataFrame(index=index)
    words = shapely.to_wkt(shapes.to_numpy(), rounding_precision=DECIMALS_M, trim=True)
    return pd.DataFrame({WKT: pd.Series(words, index=index, dtype=object)})
