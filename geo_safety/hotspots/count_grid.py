"""Incidents per cell: the plainest answer, and the one given when another method will not answer."""
from __future__ import annotations

import geopandas as gpd
import numpy as np

from ..analysis.counts import count
from ..analysis.rates import poisson_interval
from ..model.cautions import caution
from ..model.describe import Input, Layer, Method, Style
from ..model.features import Features
from ..text import Text
from .ground import CELL, CELL_SIZE, HIGH, INCIDENTS, INSIDE_SHARE, KIND, LOW, WEIGHTED, WEIGHTS, about_weights, finish, prepare, severity_of


def count_grid(points: gpd.GeoDataFrame, area: gpd.GeoDataFrame, exposure: gpd.GeoDataFrame | None = None, *, cell_size_m: float = 250,
               kind: str = "square", weights: str = "none", person_weight: float = 3.0, property_weight: float = 2.0,
               order_weight: float = 1.0) -> Features:
    """How many incidents lie in each cell over `area`, with the exact interval of each count; `weighted` beside when they are weighed.

    Empty cells are kept as 0 where somebody lives, or there is an address or a street; elsewhere only cells with incidents are.

    Notes
    -----
    k = incidents; weighted = Σ_i w_i over the incidents i of the cell
    incidents_low = χ²(0.025; 2k) / 2, 0 for k = 0; incidents_high = χ²(0.975; 2k + 2) / 2
    """
    ground = prepare(METHOD, points, area, exposure, cell_size_m=cell_size_m, kind=kind)
    each = severity_of(ground.points, weights, person=person_weight, property=property_weight, order=order_weight)
    told = count(ground.points, ground.grid, weights=each).assign(**({"weighted": np.nan} if each is None else {}))
    told["incidents_low"], told["incidents_high"] = poisson_interval(told["incidents"].to_numpy())
    return finish(METHOD, ground, told, warnings=(caution("NOT_RISK_ADJUSTED"), *about_weights(each)))


METHOD = Method(
    name="count_grid",
    title=Text(sv="Antal per ruta", en="Count per cell"),
    summary=Text(sv="Visar hur många händelser som har registrerats i varje ruta under perioden.",
                 en="Shows how many incidents were recorded in each cell during the period."),
    does_not=Text(
        sv="Säger inte att en ruta är farlig eller att risken är hög där: där många vistas händer mycket. Små antal styrs av slumpen, och "
           "rutans gränser är dragna av oss, inte av verkligheten. Säger inget om framtiden.",
        en="Does not say that a cell is dangerous or that the risk is high there: where many people are, much happens. Small counts are "
           "ruled by chance, and the borders of a cell are drawn by us, not by reality. Says nothing about the future."),
    needs=(Input("points"), Input("area"), Input("exposure", required=False)),
    parameters=(CELL_SIZE, KIND, *WEIGHTS),
    result=Layer(
        "count_grid", Text(sv="Händelser per ruta", en="Incidents per cell"), geometry="Polygon", stored=False,
        style=Style(colour_by="incidents", ramp="sequential"), columns=(CELL, INCIDENTS, LOW, HIGH, WEIGHTED, INSIDE_SHARE)),
    compute=count_grid,
    coverage=("register", "effort"),
    rank_by=("incidents",),
    method_note=Text(
        sv="Rutorna börjar på en jämn multipel av sin sida, så att olika år och lager ligger kant i kant. En händelse på en gräns räknas en "
           "gång, i rutan norr eller öster om den. Intervallet är exakt för ett Poissonfördelat antal (Garwood), 95 procent.",
        en="The cells begin at a whole multiple of their size, so that years and layers line up. An incident on a border counts once, in "
           "the cell north or east of it. The interval is exact for a Poisson count (Garwood), 95 per cent."),
    references=("Garwood 1936, doi:10.1093/biomet/28.3-4.437", "Chainey & Ratcliffe 2005, doi:10.1002/9781118685181"))
