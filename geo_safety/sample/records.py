"""The sample as records of the layers: every frame with the columns of its layer, in EPSG:3006."""
from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..crs import SWEREF_99_TM
from ..layers import LAYERS
from . import divisions, people, plan, surroundings
from .geometry import GRID_M
from .landscape import Landscape
from .people import Settlement

POPULATION_YEAR = 2025


def placed(shapes) -> np.ndarray:
    """Shapes moved from the plan's origin to EPSG:3006, on the common grid."""
    return shapely.transform(np.asarray(shapes, dtype=object), lambda at: np.round((at + plan.ORIGIN) / GRID_M) / round(1 / GRID_M))


def frame(layer_name: str, columns: Mapping[str, object], shapes=None) -> gpd.GeoDataFrame | pd.DataFrame:
    """Records of a layer: its columns in their order, those not given missing. `shapes` in metres from the plan's origin."""
    layer = LAYERS[layer_name]
    n = len(shapes) if shapes is not None else len(next(iter(columns.values())))  # type: ignore[arg-type]
    table = pd.DataFrame({column.name: columns.get(column.name) for column in layer.columns}, index=range(n))
    for column in layer.columns:
        if column.kind in ("text", "long_text", "code", "boolean", "json", "date"):
            values = table[column.name].astype(object)
            table[column.name] = values.where(values.notna(), None)
    if layer.geometry is None:
        return table
    moved = placed(shapes)
    if layer.geometry == "MultiPolygon":
        moved = np.array([shapely.MultiPolygon([s]) if s.geom_type == "Polygon" else s for s in moved], dtype=object)
    return gpd.GeoDataFrame(table, geometry=moved, crs=SWEREF_99_TM)


def areas(land: Landscape, settlement: Settlement, fine: pd.DataFrame) -> gpd.GeoDataFrame:
    """The municipality, its coarse and fine statistical areas, its localities, and the made-up neighbours (without residents)."""
    lived = settlement.addresses.groupby("deso")["residents"].sum()
    coarse = divisions.coarse_areas(fine)
    in_coarse = lived.groupby(fine.set_index("code")["parent_code"]).sum()
    of_locality = settlement.addresses.groupby("locality")["residents"].sum()
    whole = shapely.union_all(fine["geometry"].to_list())
    around = divisions.neighbours(whole)
    names = coarse.set_index("code")["name"]
    order = fine.groupby("parent_code").cumcount() + 1
    many = fine.groupby("parent_code")["code"].transform("size")
    fine_names = [f"{names[parent]} {n}" if m > 1 else names[parent] for parent, n, m in zip(fine["parent_code"], order, many, strict=True)]
    shape_of = lambda place: shapely.union_all([face for name, _, face in land.quarters if name == place], grid_size=GRID_M)  # noqa: E731
    towns = [place.name for place in plan.LOCALITIES]
    table = pd.concat([
        _of_kind("municipality", [plan.CODE], [plan.NAME], None, [plan.POPULATION], [whole]),
        _of_kind("regso", plan.CODE + coarse["code"], coarse["name"], plan.CODE, coarse["code"].map(in_coarse), coarse["geometry"]),
        _of_kind("deso", plan.CODE + fine["code"], fine_names, plan.CODE + fine["parent_code"], fine["code"].map(lived), fine["geometry"]),
        _of_kind("locality", [f"T{i + 1:04d}" for i in range(len(towns))], towns, plan.CODE, of_locality[towns], [shape_of(name) for name in towns]),
        _of_kind("neighbour", around["code"], around["name"], None, [None] * len(around), around["geometry"])], ignore_index=True)
    return frame("areas", {**table.drop(columns="geometry"), "vintage": divisions.VINTAGE, "population_year": POPULATION_YEAR}, table["geometry"].to_numpy())


def _of_kind(kind: str, codes, names, parents, population, shapes) -> pd.DataFrame:
    return pd.DataFrame({"kind": kind, "code": list(codes), "name": list(names), "parent_code": list(parents) if isinstance(parents, pd.Series) else parents,
                         "population": pd.array(list(population), dtype="Int64"), "geometry": list(shapes)})


def exposure(land: Landscape, settlement: Settlement) -> gpd.GeoDataFrame:
    cells = people.exposure(land, settlement, plan.ORIGIN)
    west, south = cells["column"].to_numpy() * people.CELL_M - plan.ORIGIN[0], cells["row"].to_numpy() * people.CELL_M - plan.ORIGIN[1]
    name = [f"{x * people.CELL_M}{y * people.CELL_M}" for x, y in zip(cells["column"], cells["row"], strict=True)]
    return frame("exposure", {"cell": name, **{c: cells[c] for c in ("residents", "addresses", "street_m")}},
                 shapely.box(west, south, west + people.CELL_M, south + people.CELL_M))


def streets(land: Landscape) -> gpd.GeoDataFrame:
    """Streets and paths cut at every crossing, and the railway."""
    lit = surroundings.lit(land.streets)
    rails = shapely.get_parts(land.railway.intersection(land.outline))
    return frame("streets", {
        "code": [f"G{i + 1:05d}" for i in range(len(lit))] + [f"J{i + 1:05d}" for i in range(len(rails))],
        "name": [*land.streets["name"], *["Exempelbanan"] * len(rails)], "role": [*land.streets["role"], *["railway"] * len(rails)],
        "lit": pd.Series([*map(bool, lit), *[None] * len(rails)], dtype=object)}, np.concatenate([land.streets["geometry"].to_numpy(), rails]))
