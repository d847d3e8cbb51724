"""Where a selection is: its outline, what lies inside it, and what a spot is called."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..analysis.precision import coordinates
from ..errors import InputError
from ..model.selection import Selection
from ..model.viewer import Viewer
from ..store import Store
from ..text import Text
from .remember import remembered

NOT_OURS = "neighbour"  # areas of this kind lie outside the municipality


@remembered
def all_incidents(store: Store, viewer: Viewer) -> gpd.GeoDataFrame:
    """Every incident that the viewer may see; read once per revision, and not to be changed."""
    return store.read("incidents", viewer)


@remembered
def study_outline(store: Store, selection: Selection, viewer: Viewer) -> gpd.GeoDataFrame:
    """One polygon, in the store's CRS, that a selection speaks of; `kind` says where it comes from.

    *drawn* on the map; *areas* that were chosen; else the *municipality*; else the *division* that covers most; else *incidents*,
    the convex hull of those that have a place, in a store without any areas.
    InputError when a chosen area is not in the store, or nothing at all has a place.
    """
    if selection.drawn:
        return _outline("drawn", _drawn(selection, store.crs), store.crs)
    areas = store.read("areas", viewer)
    areas = areas[areas.geometry.notna() & (areas["kind"] != NOT_OURS)]
    if selection.areas:
        return _outline("areas", _chosen(areas, selection.areas), store.crs)
    for kind, chosen in (("municipality", areas[areas["kind"] == "municipality"]), ("division", _largest_division(areas))):
        if len(chosen):
            return _outline(kind, shapely.union_all(chosen.geometry.to_numpy()), store.crs)
    return _outline("incidents", _hull(store, viewer), store.crs)


def within(frame: gpd.GeoDataFrame, outline: gpd.GeoDataFrame | gpd.GeoSeries) -> np.ndarray:
    """True for each row of `frame` that touches `outline`, border included; a row without place is never inside."""
    area = outline.union_all()
    shapely.prepare(area)
    geometry = frame.geometry.to_numpy()
    if (shapely.get_type_id(geometry) <= 0).all():  # points, or missing (-1)
        return shapely.intersects_xy(area, *coordinates(frame))
    return shapely.intersects(area, geometry)


def _outline(kind: str, geometry: shapely.Geometry, crs: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"kind": [kind]}, geometry=[geometry], crs=crs)


def _drawn(selection: Selection, crs: str) -> shapely.Geometry:
    """The drawn corners as a polygon; one drawn across itself becomes the parts it encloses."""
    drawn = shapely.make_valid(shapely.Polygon(selection.drawn))
    if not drawn.area > 0:
        raise InputError(Text(sv="Området som ritats har ingen yta. Rita minst tre hörn som inte ligger på en linje.",
                              en="The drawn area has no extent. Draw at least three corners that are not on one line."))
    return gpd.GeoSeries([drawn], crs=4326).to_crs(crs).make_valid().iloc[0]


def _chosen(areas: gpd.GeoDataFrame, codes: tuple[str, ...]) -> shapely.Geometry:
    missing = [code for code in codes if code not in set(areas["code"])]
    if missing:
        raise InputError(Text(sv="Området {code} finns inte här. Välj bland de områden som är inlästa.",
                              en="The area {code} is not here. Choose among the areas that have been imported.").format(
                                  code=", ".join(missing)))
    return shapely.union_all(areas.geometry[areas["code"].isin(codes)].to_numpy())


def _largest_division(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The areas of the kind that covers most: statistical areas reach everywhere, localities only where people live."""
    if areas.empty:
        return areas
    covered = pd.Series(shapely.area(areas.geometry.to_numpy()), index=areas.index).groupby(areas["kind"]).sum()
    return areas[areas["kind"] == covered.idxmax()]


def _hull(store: Store, viewer: Viewer) -> shapely.Geometry:
    incidents = all_incidents(store, viewer).geometry.dropna()
    hull = shapely.convex_hull(shapely.multipoints(incidents.to_numpy())) if len(incidents) else shapely.Polygon()
    if not hull.area > 0:
        raise InputError(Text(
            sv="Det finns varken områden eller händelser med plats, så det går inte att säga vilken yta som menas. "
               "Läs in områden först, eller rita ett på kartan.",
            en="There are neither areas nor incidents with a place, so it cannot be said which ground is meant. "
               "Import areas first, or draw one on the map."))
    return hull
