"""A few of the file's places on the map, so that a wrong coordinate system is seen before anything is read."""
from __future__ import annotations

import geopandas as gpd
import shapely
from dash import html

from ....errors import InputError
from ....model.selection import Selection
from ....services.places import study_outline
from ....sources.reading import Proposal
from ....text import Text
from ...context import Context
from ...map import SWEDEN, MapLayer, safety_map

MAP = Text(sv="{n} av filens platser, som de skulle läsas|{n} av filens platser, som de skulle läsas",
           en="{n} of the file's places, as it would be read|{n} of the file's places, as they would be read")
CHECK = Text(sv="Den streckade linjen är kommunen. Ligger punkterna fel är det oftast koordinatsystemet.",
             en="The dashed line is the municipality. Points in the wrong place mostly mean a wrong coordinate system.")
NO_PLACES = Text(sv="Här visas några av filens platser när kolumner och koordinatsystem är valda.",
                 en="Some of the file's places are shown here once columns and coordinate system are chosen.")
WRITTEN, READ_AS = Text(sv="I filen", en="In the file"), Text(sv="Läses som (latitud, longitud)", en="Read as (latitude, longitude)")
EMPTY = {"type": "FeatureCollection", "features": []}
_ROOM = 0.02  # degrees around a single point, some two kilometres


def preview_map(proposal: Proposal, here: Context) -> html.Div:
    """The map with its points, beside them what the file says and how it is understood."""
    found = _points(proposal)
    box, outline = _outline(here)
    rows = [html.Tr([html.Td(written[:60], className="gs-value"), html.Td(read)]) for written, read in proposal.places[:5]]
    return html.Div(className="gs-preview", children=[
        html.P(here.say(MAP, n=len(found)) if found else here.say(NO_PLACES), className="gs-label"),
        html.Div(className="gs-map-box gs-preview-map", children=safety_map(
            "import-map", [MapLayer("import-outline", data=outline, style="styleDrawn"),
                           MapLayer("import-points", data=_collection(found), point="incident")], bounds=bounds_of(found, box))),
        html.P(here.say(CHECK), className="gs-hint") if found and box else None,
        html.Table([html.Thead(html.Tr([html.Th(here.say(WRITTEN), scope="col"), html.Th(here.say(READ_AS), scope="col")])), html.Tbody(rows)],
                   className="gs-table gs-small") if rows else None])


def bounds(proposal: Proposal, here: Context) -> list[float]:
    """West, south, east and north of what the map shows."""
    return list(bounds_of(_points(proposal), _outline(here)[0]))


def _points(proposal: Proposal) -> list[tuple[float, float, str]]:
    """(longitude, latitude, as written)."""
    found = []
    for written, read in proposal.places:
        try:
            latitude, longitude = (float(part) for part in read.split(","))
        except ValueError:
            continue
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            found.append((longitude, latitude, written))
    return found


def _collection(found: list[tuple[float, float, str]]) -> dict:
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"id": i, "t": written}, "geometry": {"type": "Point", "coordinates": [x, y]}}
        for i, (x, y, written) in enumerate(found)]}


def _outline(here: Context) -> tuple[tuple[float, float, float, float] | None, dict]:
    """The municipality's bounds and border in longitude and latitude; none in a store without places."""
    try:
        outline = study_outline(here.store, Selection(), here.viewer)
    except InputError:
        return None, EMPTY
    simple = gpd.GeoSeries(shapely.simplify(outline.geometry.to_numpy(), 50), crs=outline.crs).to_crs(4326)
    west, south, east, north = (float(side) for side in simple.total_bounds)
    return (west, south, east, north), {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {}, "geometry": simple.iloc[0].__geo_interface__}]}


def bounds_of(found: list[tuple[float, float, str]], box: tuple[float, float, float, float] | None) -> tuple[float, float, float, float]:
    """All points and the municipality; without either, Sweden."""
    boxes = [(x - _ROOM, y - _ROOM / 2, x + _ROOM, y + _ROOM / 2) for x, y, _ in found] + ([box] if box else [])
    if not boxes:
        return SWEDEN
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)
