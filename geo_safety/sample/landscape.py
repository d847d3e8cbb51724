"""The land of Exempelby: outline, water, woods, parks and every street, all from the hand-drawn plan and one seed."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Delaunay

from . import network, plan, quarters
from .geometry import GRID_M, blob, boxes, curve, parts, rough, rounded, snapped
from .names import HAMLETS
from .network import Way

COLLECTOR_REACH_M = 90.0
BEYOND_M = 5_000.0      # how far the map goes on outside the border


@dataclass(frozen=True)
class Landscape:
    """Everything in metres from the plan's origin; `records.placed` moves it to EPSG:3006."""

    outline: shapely.Polygon
    lakes: dict[str, shapely.Polygon]
    tarns: tuple[shapely.Polygon, ...]
    rivers: dict[str, shapely.Geometry]
    railway: shapely.LineString
    roads_beyond: tuple[shapely.Geometry, ...]
    localities: dict[str, shapely.Polygon]              # the outlines that statistical areas follow
    quarters: tuple[tuple[str, plan.Quarter, shapely.Polygon], ...]    # locality, what it is, where
    built: dict[str, shapely.Geometry]
    parks: dict[str, shapely.Polygon]
    yards: dict[str, shapely.Polygon]
    square: shapely.Polygon
    hamlets: pd.DataFrame                               # name, x, y
    streets: pd.DataFrame                               # geometry, role, name, locality
    forest: tuple[shapely.Polygon, ...]

    @property
    def water(self) -> shapely.Geometry:
        return shapely.union_all([*self.lakes.values(), *self.tarns, *self.rivers.values()])


def draw(rng: np.random.Generator) -> Landscape:
    corners = [*plan.OUTLINE, plan.OUTLINE[0]]
    outline = snapped(shapely.Polygon(rough(corners, rng, roughness=0.1, least_m=160)))
    lakes = _lakes(rng)
    river_lines = {plan.RIVER_NAME: (plan.RIVER, plan.RIVER_OUT), plan.STREAM_NAME: (plan.STREAM,)}
    rivers = {name: _river(lines, 13 if name == plan.RIVER_NAME else 4, rng) for name, lines in river_lines.items()}
    railway = snapped(shapely.LineString(curve(plan.RAILWAY, step_m=120)))
    mains = {name: shapely.LineString(_road(points, rng)) for name, points in plan.MAIN_ROADS}
    localities = {place.name: snapped(shapely.Polygon(curve(place.outline, step_m=70, closed=True)).difference(shapely.union_all(list(lakes.values()))))
                  for place in plan.LOCALITIES}
    parks = {name: snapped(shapely.Polygon(curve(ring, step_m=25, closed=True))) for name, ring in plan.PARKS}
    square = snapped(shapely.Polygon(plan.SQUARE))
    yards = dict(zip((school[0] for school in plan.SCHOOLS), boxes(
        np.array([school[1] for school in plan.SCHOOLS], dtype=float), *plan.SCHOOL_YARD_M, np.radians([school[2] for school in plan.SCHOOLS])),
        strict=True))
    wet = shapely.union_all([*lakes.values(), *rivers.values()])
    kept_free = shapely.union_all([*parks.values(), *yards.values(), square.buffer(6)])
    pieces = _quarters(localities, mains, railway, rivers[plan.RIVER_NAME])
    ways = _main_ways(mains, localities, outline)
    groves = _groves(pieces, rng)
    not_built = shapely.union_all([wet.buffer(38, quad_segs=2), railway.buffer(38), kept_free.buffer(4)])
    for place in plan.LOCALITIES:
        ways += _local_ways(place, pieces, localities[place.name], mains, not_built, groves, rng)
    ways += [Way(shapely.LineString(curve(points, step_m=25)), "path", name, plan.TOWN.name) for name, points in plan.PATHS]
    hamlets = _hamlets(outline, localities, wet, rng)
    ways += _country_ways(hamlets, mains, localities, wet, outline, rng)
    streets = network.cleaned(network.cut(_joined(ways)))
    built = _built(streets, pieces, shapely.union_all([wet, *groves]))
    return Landscape(outline, lakes, _tarns(rng, [*lakes.values(), *rivers.values()], mains, localities, outline), rivers, railway,
                     tuple(line.difference(outline).intersection(outline.buffer(BEYOND_M)) for line in mains.values()), localities, tuple(pieces),
                     built, parks, yards, square, hamlets, streets, (*_forest(rng, outline, built, wet, streets, railway, parks, hamlets), *groves))


def _lakes(rng) -> dict[str, shapely.Polygon]:
    shore = rough(np.vstack([curve(plan.LAKE, step_m=260, closed=True)]), rng, roughness=0.07, least_m=60)
    islands = [blob(at, radius, rng, uneven=0.3, corners=20) for at, radius in plan.ISLANDS]
    lakes = {plan.LAKE_NAME: snapped(shapely.Polygon(shore).buffer(0).difference(shapely.union_all(islands)))}
    for name, at, radius, stretch, turn in plan.OTHER_LAKES:
        lakes[name] = snapped(blob(at, radius, rng, uneven=0.22, stretch=stretch, turn=turn, corners=60))
    return lakes


def _tarns(rng, waters, mains, localities, outline) -> tuple[shapely.Polygon, ...]:
    """Small nameless lakes in the woods, away from roads and people."""
    taken = shapely.union_all([*waters, *localities.values(), *mains.values()]).buffer(350)
    west, south, east, north = outline.bounds
    found = []
    for x, y, radius, turn in zip(rng.uniform(west, east, 60), rng.uniform(south, north, 60), rng.uniform(70, 240, 60), rng.uniform(0, 3, 60), strict=True):
        tarn = snapped(blob((x, y), radius, rng, uneven=0.3, stretch=1.25, turn=turn, corners=24))
        if outline.contains(tarn) and not tarn.intersects(taken):
            found.append(tarn)
    return tuple(found)


def _river(lines, half_width_m: float, rng) -> shapely.Geometry:
    bent = [shapely.LineString(curve(rough(curve(points, step_m=420), rng, roughness=0.11, least_m=90), step_m=30)) for points in lines]
    return snapped(shapely.union_all([line.buffer(half_width_m, quad_segs=3) for line in bent]).simplify(1.5))


def _road(points, rng) -> np.ndarray:
    """A main road: exact where the plan is dense, in the localities; gently bent across the country."""
    line = curve(points, step_m=200)
    near = np.array([min(np.hypot(*(line - np.array(place.at)).T)[i] for place in plan.LOCALITIES) for i in range(len(line))])
    wave = np.column_stack([np.sin(line[:, 1] / 610), np.sin(line[:, 0] / 530)]) * rng.uniform(25, 60)
    line = line + wave * np.clip((near - 2300) / 1500, 0, 1)[:, None]
    return curve(line, step_m=45)


def _quarters(localities, mains, railway, river) -> list[tuple[str, plan.Quarter, shapely.Polygon]]:
    """Each locality cut along main roads, collectors, railway and river; a piece belongs to the quarter that is drawn in it or nearest."""
    found = []
    for place in plan.LOCALITIES:
        ground = localities[place.name]
        lines = [*mains.values(), *_collectors(place, mains).values(), railway]
        rest = parts(ground.difference(river.buffer(1)), "Polygon")
        reach = ground.buffer(30)
        noded = shapely.unary_union([ground.boundary, *[line.intersection(reach) for line in lines], *[p.boundary for p in rest]],
                                    grid_size=GRID_M)
        faces = [face for face in parts(shapely.polygonize([noded]), "Polygon") if ground.contains(face.representative_point())]
        at = shapely.points([quarter.at for quarter in place.quarters])
        for face in faces:
            inside = np.flatnonzero(shapely.contains(face, at))
            number = inside[0] if len(inside) else int(shapely.distance(at, face).argmin())
            found.append((place.name, place.quarters[number], face))
    return found


def _collectors(place: plan.Locality, mains) -> dict[str, shapely.LineString]:
    """The streets that lead into a locality's quarters; an end near a main road is drawn to it and a little across."""
    roads = shapely.union_all(list(mains.values()))
    drawn = {}
    for name, points in place.collectors:
        line = curve(points, step_m=35)
        first, last = _met(line[0], roads), _met(line[-1], roads)
        drawn[name] = shapely.LineString(rounded(np.vstack([first, line, last])))
    return drawn


def _met(end: np.ndarray, roads) -> np.ndarray:
    """The way from `end` on to a road within reach and 5 m across it, as one point; no point when there is none."""
    link = shapely.get_coordinates(shapely.shortest_line(shapely.Point(end), roads))
    gap = np.hypot(*(link[1] - link[0]))
    return link[1:] + 5.0 * (link[1:] - link[:1]) / gap if 0.1 < gap < COLLECTOR_REACH_M else np.empty((0, 2))


def _main_ways(mains, localities, outline) -> list[Way]:
    ways = []
    for name, line in mains.items():
        rest = line.intersection(outline)
        for place, ground in localities.items():
            ways += [Way(piece, "main", name, place) for piece in parts(line.intersection(ground))]
            rest = rest.difference(ground)
        ways += [Way(piece, "main", name, "") for piece in parts(rest)]
    for place in plan.LOCALITIES:
        ways += [Way(piece, "main" if place is plan.TOWN else "local", name, place.name)
                 for name, line in _collectors(place, mains).items() for piece in parts(line.intersection(localities[place.name]))]
    return ways


def _local_ways(place: plan.Locality, pieces, ground, mains, not_built, groves, rng) -> list[Way]:
    """Streets and yard paths in every quarter of one locality. `not_built`: water, railway, parks and school yards with their margins."""
    joined = shapely.union_all([*mains.values(), *_collectors(place, mains).values()]).intersection(ground.buffer(60))
    shapely.prepare(joined)
    edge = ground.boundary.buffer(rng.uniform(45, 80), quad_segs=2).difference(joined.buffer(30, quad_segs=2))
    closed = shapely.union_all([not_built.intersection(ground), edge, *groves])
    ways = []
    for name, quarter, face in pieces:
        if name != place.name:
            continue
        room = face.difference(closed).buffer(-8).buffer(8).intersection(face)
        for patch in parts(room, "Polygon"):
            if patch.area < 8_000:
                continue
            ways += [Way(line, "local", street, name) for line, street in quarters.streets(quarter, patch, joined, rng)]
            if quarter.kind == "flats":
                ways += [Way(line, "path", "Gårdsstigen", name) for line in _yard_paths(patch, quarter)]
    return ways


def _groves(pieces, rng) -> list[shapely.Polygon]:
    """Patches of trees left standing in the larger quarters, where the ground was too steep to build on."""
    found: list[shapely.Polygon] = []
    for _, quarter, face in pieces:
        if quarter.kind in ("villas", "loops", "works") and face.area > 120_000:
            west, south, east, north = face.bounds
            for x, y, r in zip(rng.uniform(west, east, 9), rng.uniform(south, north, 9), rng.uniform(55, 130, 9), strict=True):
                grove = blob((x, y), r, rng, uneven=0.35, stretch=1.2, turn=rng.uniform(0, 3), corners=20)
                if face.buffer(-60).contains(grove) and all(other.distance(grove) > 180 for other in found):
                    found.append(snapped(grove))
    return found


def _yard_paths(patch, quarter) -> list:
    inner = patch.buffer(-95)
    if inner.is_empty:
        return []
    middle = np.array(inner.representative_point().coords[0])
    turns = np.radians(quarter.turn + np.array([8.0, 97.0]))
    ways = [shapely.LineString([middle - 600 * np.array([np.cos(t), np.sin(t)]), middle + 600 * np.array([np.cos(t), np.sin(t)])]) for t in turns]
    return [piece for way in ways for piece in parts(way.intersection(patch))]


def _joined(ways: list[Way]) -> list[Way]:
    """Ends of streets and paths that stop a little short of another way are drawn on to it."""
    lines = np.array([way.line for way in ways], dtype=object)
    tree = shapely.STRtree(lines)
    result = list(ways)
    for i, way in enumerate(ways):
        if way.role == "main" or way.line.is_ring:
            continue
        coordinates = shapely.get_coordinates(way.line)
        for end in (0, -1):
            at = shapely.Point(coordinates[end])
            near = [j for j in tree.query(at, predicate="dwithin", distance=45.0 if way.role == "path" else 24.0) if j != i]
            if not near:
                continue
            link = shapely.shortest_line(at, lines[near])[int(shapely.distance(at, lines[near]).argmin())]
            if link.length > 0.1:
                extra = shapely.get_coordinates(link)[-1:]
                coordinates = np.vstack([extra, coordinates]) if end == 0 else np.vstack([coordinates, extra])
        result[i] = Way(snapped(shapely.LineString(coordinates)), way.role, way.name, way.locality)
    return result


def _hamlets(outline, localities, wet, rng) -> pd.DataFrame:
    taken = shapely.union_all([wet.buffer(250), shapely.union_all(list(localities.values())).buffer(1300), outline.boundary.buffer(700)])
    shapely.prepare(taken)
    west, south, east, north = outline.bounds
    found: list[tuple[float, float]] = []
    for x, y in zip(rng.uniform(west, east, 3000), rng.uniform(south, north, 3000), strict=True):
        point = shapely.Point(x, y)
        if len(found) == len(HAMLETS):
            break
        if outline.contains(point) and not taken.intersects(point) and all(np.hypot(x - a, y - b) > 2350 for a, b in found):
            found.append((round(x, 1), round(y, 1)))
    return pd.DataFrame({"name": HAMLETS[:len(found)], "x": [p[0] for p in found], "y": [p[1] for p in found]})


def _country_ways(hamlets, mains, localities, wet, outline, rng) -> list[Way]:
    """Winding roads between neighbouring hamlets and from them to the main roads, never across a lake."""
    spots = [line.interpolate(d) for line in mains.values() for d in np.arange(900, line.length, 2600)]
    towns = shapely.union_all(list(localities.values()))
    spots = [p for p in spots if outline.buffer(-800).contains(p) and not towns.buffer(300).contains(p)]
    points = np.vstack([hamlets[["x", "y"]].to_numpy(), shapely.get_coordinates(np.array(spots, dtype=object))])
    lakes = shapely.union_all([p for p in parts(wet, "Polygon") if p.area > 150_000])
    barred = shapely.union_all([lakes.buffer(40), towns])
    shapely.prepare(barred)
    ways, n = [], len(hamlets)
    for a, b in _neighbours(points):
        straight = shapely.LineString(points[[a, b]])
        if (a >= n and b >= n) or straight.length > 6000 or barred.intersects(straight):
            continue
        bent = shapely.LineString(curve(rough(points[[a, b]], rng, roughness=0.08, least_m=260), step_m=60))
        if not barred.intersects(bent) and outline.contains(bent):
            home = hamlets["name"].iloc[min(a, b)]
            ways.append(Way(bent, "local", f"{home}vägen", ""))
    return ways


def _neighbours(points: np.ndarray) -> list[tuple[int, int]]:
    """Pairs with no third point in the circle between them (Gabriel 1969): how country roads tend to join places."""
    triangles = Delaunay(points).simplices
    pairs = np.unique(np.sort(np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]]), axis=1), axis=0)
    middle, radius = points[pairs].mean(axis=1), 0.5 * np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    gap = np.hypot(middle[:, None, 0] - points[None, :, 0], middle[:, None, 1] - points[None, :, 1])
    gap[np.arange(len(pairs)), pairs[:, 0]] = gap[np.arange(len(pairs)), pairs[:, 1]] = np.inf
    return [(int(a), int(b)) for a, b in pairs[gap.min(axis=1) >= radius]]


def _built(streets: pd.DataFrame, pieces, other) -> dict[str, shapely.Geometry]:
    """Land within 50 m of a street of a locality, gaps closed, and the yards between blocks of flats: the built-up area."""
    built = {}
    for place in dict.fromkeys(name for name, _, _ in pieces):
        near = streets[(streets["locality"] == place) & (streets["role"] == "local")]
        land = shapely.union_all(shapely.buffer(near["geometry"].to_numpy(), 52, quad_segs=2)).buffer(65, quad_segs=3).buffer(-65, quad_segs=3)
        yards = [face.buffer(-18) for name, quarter, face in pieces if name == place and quarter.kind == "flats"]
        land = shapely.union_all([land, *yards])
        built[place] = snapped(land.difference(other).simplify(4))
    return built


def _forest(rng, outline, built, wet, streets, railway, parks, hamlets) -> tuple[shapely.Polygon, ...]:
    """Woods in rounded patches; fields lie open along roads, around hamlets and by the water."""
    around = outline.buffer(BEYOND_M)
    west, south, east, north = around.bounds
    n = 330
    patches = [blob((x, y), r, rng, uneven=0.3, stretch=s, turn=t, corners=int(r / 18)) for x, y, r, s, t in zip(
        rng.uniform(west, east, n), rng.uniform(south, north, n), rng.uniform(700, 2100, n), rng.uniform(1, 1.4, n), rng.uniform(0, 3.1, n), strict=True)]
    roads = streets[streets["locality"] == ""]
    main, minor = (shapely.union_all(shapely.simplify(roads.loc[roads["role"] == role, "geometry"].to_numpy(), 30)) for role in ("main", "local"))
    fields = [blob((x, y), r, rng, uneven=0.35, stretch=1.2, turn=t, corners=24) for x, y, r, t in zip(
        hamlets["x"], hamlets["y"], rng.uniform(350, 800, len(hamlets)), rng.uniform(0, 3, len(hamlets)), strict=True)]
    along = [blob(p, r, rng, uneven=0.35, corners=20) for p, r in zip(_spots(main, 900), rng.uniform(180, 620, 400), strict=False)]
    open_land = shapely.union_all([*fields, *along, main.buffer(60), minor.buffer(35), railway.buffer(40), wet.buffer(55),
                                   *[land.buffer(rng.uniform(25, 50)) for land in built.values()], *parks.values()])
    woods = shapely.union_all(patches).intersection(around).difference(open_land).buffer(-45).buffer(45, quad_segs=2)
    return tuple(snapped(shapely.simplify(piece, 5)) for piece in parts(woods, "Polygon") if piece.area > 25_000)


def _spots(lines, spacing_m: float) -> np.ndarray:
    return np.vstack([shapely.get_coordinates(shapely.line_interpolate_point(line, np.arange(spacing_m / 2, line.length, spacing_m)))
                      for line in parts(shapely.line_merge(lines)) if line.length > spacing_m])
