"""Points and an area straight from files, for an analysis without a store; read as carefully as for an import."""
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pyproj
import shapely

from ..crs import SWEREF_99_TM, WGS84, require_metric
from ..errors import InputError
from ..model.jobs import Progress, silent
from ..sources import guard
from ..sources.reading import Destination, ReadOptions
from ..text import Text

SWEDEN = (10.5, 55.0, 24.5, 69.5)   # longitudes and latitudes that SWEREF 99 TM is made for


def read_points(path: str | Path, *, mapping: Mapping[str, str] | None = None, crs: str | None = None, progress: Progress = silent) -> gpd.GeoDataFrame:
    """Incidents of a table or map file, in a metric CRS: that of the file, else SWEREF 99 TM in Sweden and UTM elsewhere.

    `mapping` (our column → the file's) and `crs` go before what the file suggests; without offence types there is no such column. InputError in one
    sentence when the file cannot be read or has no times, or its coordinate system is neither given nor named by the file.
    """
    told = ReadOptions(mapping=dict(mapping or {}), crs=crs)
    proposal = guard.propose("incidents_table", path, Destination(crs=WGS84), given=told, progress=progress)
    typed = bool(proposal.options.mapping.get("offence_type"))
    options = proposal.accepted(constants={} if typed else {"offence_type": "other"})
    if crs is None and not any(named.declared for named in proposal.crs):
        likely = ", ".join(f"{named.title} ({named.crs})" for named in proposal.crs[:3]) or "–"
        raise InputError(Text(sv="{name} säger inte vilket koordinatsystem den är i. Ange det. Det kan vara: {likely}.",
                              en="{name} does not say which coordinate system it is in. Give it. It may be: {likely}.").format(
                                  name=Path(path).name, likely=likely))
    metric = _is_metric(options.crs)
    reading, _ = guard.read("incidents_table", "incidents", path, options, Destination(crs=str(options.crs) if metric else WGS84), progress=progress)
    if not len(reading.frame) or not reading.frame.geometry.notna().any():
        raise InputError(Text(sv="Ingen rad i {name} har en plats som går att läsa.", en="No row of {name} has a place that can be read.").format(
            name=Path(path).name))
    placed = gpd.GeoDataFrame(reading.frame if typed else reading.frame.drop(columns="offence_type"))   # what nobody wrote is not known
    return placed if metric else placed.to_crs(_metric_for(placed))


def types_in(points: gpd.GeoDataFrame) -> frozenset[str]:
    """The offence types of the incidents; none when the file did not tell them."""
    return frozenset(points["offence_type"].dropna()) if "offence_type" in points.columns else frozenset()


def read_area(path: str | Path, *, into: object, progress: Progress = silent) -> gpd.GeoDataFrame:
    """All outlines of a map file as one area in the CRS `into`."""
    one = {"kind": "own", "code": "area", "name": "area"}  # its rows together are the area, whatever they are called
    crs = pyproj.CRS.from_user_input(into).to_string()
    proposal = guard.propose("areas_file", path, Destination(crs=crs), given=ReadOptions(constants=one), progress=progress)
    options = proposal.accepted().with_(mapping=dict.fromkeys((*one, "vintage", "parent_code"), ""))
    reading, _ = guard.read("areas_file", "areas", path, options, Destination(crs=crs), progress=progress)
    return _area(shapely.union_all(reading.frame.geometry.to_numpy()), crs)


def area_around(points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The convex hull of the points, when no area was given."""
    hull = shapely.convex_hull(shapely.multipoints(points.geometry.dropna().to_numpy()))
    if not hull.area > 0:
        raise InputError(Text(sv="Händelserna spänner inte upp någon yta. Ange ett område.", en="The incidents span no ground. Give an area."))
    return _area(hull, points.crs)


def _area(shape: shapely.Geometry, crs: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shape], crs=crs)


def _is_metric(crs: str | None) -> bool:
    try:
        require_metric(crs)
    except InputError:
        return False
    return True


def _metric_for(points: gpd.GeoDataFrame) -> str:
    west, south, east, north = points.total_bounds
    if SWEDEN[0] <= west and SWEDEN[1] <= south and east <= SWEDEN[2] and north <= SWEDEN[3]:
        return SWEREF_99_TM
    return points.estimate_utm_crs().to_string()
