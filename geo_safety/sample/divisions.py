"""Statistical areas that tile the municipality exactly: fine ones (as DeSO), coarse ones made of them (as RegSO), and the outline."""
from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from . import plan
from .geometry import GRID_M, curve, parts, rough
from .landscape import Landscape

VINTAGE = "2025"
NEIGHBOUR_REACH_M = 9_000.0


def fine_areas(land: Landscape, rng: np.random.Generator) -> pd.DataFrame:
    """code, parent_code, geometry. Made by cutting the plane once and giving every piece away, so that borders are shared to the digit."""
    drawn: dict[str, list] = {}
    for _, quarter, face in land.quarters:
        drawn.setdefault(quarter.deso, []).append(face)
    towns = {code: shapely.union_all(faces, grid_size=GRID_M) for code, faces in drawn.items()}
    settled = shapely.union_all(list(towns.values()))
    cuts = [shapely.LineString(curve(rough(points, rng, roughness=0.08, least_m=350), step_m=150)).difference(settled) for points in plan.COUNTRY_CUTS]
    lines = shapely.unary_union([land.outline.boundary, *[area.boundary for area in towns.values()], *cuts], grid_size=GRID_M)
    faces = [face for face in parts(shapely.polygonize([lines]), "Polygon") if land.outline.contains(face.representative_point())]
    codes = [_owner(face, towns) for face in faces]
    whole = pd.DataFrame({"code": codes, "geometry": faces}).groupby("code")["geometry"].agg(lambda g: shapely.union_all(list(g))).reset_index()
    parent = {fine: coarse for coarse, _, fines in plan.REGSO for fine in fines}
    return whole.assign(parent_code=whole["code"].map(parent)).sort_values("code").reset_index(drop=True)


def _owner(face: shapely.Polygon, towns: dict[str, shapely.Geometry]) -> str:
    spot = face.representative_point()
    for code, area in towns.items():
        if area.contains(spot):
            return code
    spots = {code: shapely.Point(at) for code, at in plan.COUNTRY_SPOTS.items()}
    return next((code for code, at in spots.items() if face.contains(at)), min(spots, key=lambda code: spots[code].distance(face)))


def coarse_areas(fine: pd.DataFrame) -> pd.DataFrame:
    """code, name, geometry of the areas that the fine ones make up."""
    return pd.DataFrame([{"code": code, "name": name, "geometry": shapely.union_all(fine.loc[fine["parent_code"] == code, "geometry"].to_list())}
                         for code, name, _ in plan.REGSO])


def neighbours(whole: shapely.Polygon) -> pd.DataFrame:
    """code, name, geometry of the made-up municipalities around `whole`: a plain ring, cut outwards from corners of the border."""
    ring = whole.buffer(NEIGHBOUR_REACH_M, quad_segs=6).difference(whole)
    corners = shapely.get_coordinates(whole)
    starts = [corners[np.hypot(*(corners - cut).T).argmin()] for cut in np.array(plan.NEIGHBOUR_CUTS, dtype=float)]
    rays = [shapely.LineString([start, 3 * start]) for start in starts]
    faces = [face for face in parts(shapely.polygonize([shapely.unary_union([ring.boundary, *rays], grid_size=GRID_M)]), "Polygon")
             if ring.contains(face.representative_point()) and face.area > 1e6]
    faces.sort(key=lambda face: np.arctan2(face.centroid.y, face.centroid.x))
    return pd.DataFrame({"code": [str(int(plan.CODE) + 1 + i) for i in range(len(faces))],
                         "name": [peer_name(i + 1) for i in range(len(faces))], "geometry": faces})


def peer_name(number: int) -> str:
    """Name of a made-up municipality to compare with."""
    return f"Jämförelsekommun {number:03d}"
