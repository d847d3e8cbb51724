"""Incidents smoothed to a surface: where they lie densely, whatever the borders of the cells."""
from __future__ import annotations

import geopandas as gpd
import numpy as np

from ..analysis.adaptive import adaptive_density
from ..analysis.kernels import NORM, kernel_density_and_facts
from ..analysis.rates import poisson_interval
from ..errors import InputError
from ..model.cautions import caution
from ..model.describe import Code, Column, Input, Layer, Method, Parameter, Style
from ..model.features import Features
from ..text import Text
from .ground import CELL, CELL_SIZE, HIGH, INCIDENTS, INSIDE_SHARE, KIND, LOW, WEIGHTED, WEIGHTS, about_weights, finish, prepare, severity_of

LEAST_POINTS = 30
_KERNELS = {"quartic": Text(sv="Kvartisk", en="Quartic"), "triweight": Text(sv="Trivikt", en="Triweight"),
            "epanechnikov": Text(sv="Epanetjnikov", en="Epanechnikov"), "uniform": Text(sv="Jämn", en="Uniform"),
            "triangular": Text(sv="Triangel", en="Triangular"), "gaussian": Text(sv="Gaussisk", en="Gaussian")}


def kernel_density(points: gpd.GeoDataFrame, area: gpd.GeoDataFrame, exposure: gpd.GeoDataFrame | None = None, *, cell_size_m: float = 250,
                   bandwidth_m: float | str = "auto", kernel: str = "quartic", edge: str = "uniform", adaptive: bool = False, kind: str = "square",
                   weights: str = "none", person_weight: float = 3.0, property_weight: float = 2.0, order_weight: float = 1.0) -> Features:
    """Incidents per square kilometre, smoothed, on cells over `area`; see `analysis.kernels.kernel_density`.

    Notes
    -----
    density_per_km2(s) = 10⁶ Σ_i w_i K(|s − x_i|) / e(s), w_i = 1 unless weighed; s the middle of a cell, x_i an incident, in metres
    K(d) = 3 / (π h²) (1 − (d/h)²)² for d < h = bandwidth_m (quartic); Gaussian: exp(−d² / 2h²) / (2 π h²)
    e(s) = max(1/4, ∫ K(|s − u|) du over the area); 1 without edge correction
    adaptive: h_i = bandwidth_m f(x_i)^(−1/2) / g, at most 5 bandwidth_m; f a first density, g the geometric mean of f^(−1/2)
    """
    ground = prepare(METHOD, points, area, exposure, cell_size_m=cell_size_m, kind=kind)
    each = severity_of(ground.points, weights, person=person_weight, property=property_weight, order=order_weight)
    if adaptive and (each is not None or kernel != "gaussian" or isinstance(bandwidth_m, str)):
        raise InputError(Text(
            sv="En bandbredd som följer händelserna räknas utan vikter, med gaussisk kärna och en bandbredd i meter (den vid vanlig täthet).",
            en="A bandwidth that follows the incidents is computed without weights, with a Gaussian kernel and a bandwidth in metres (that at usual density)."))
    told, used = kernel_density_and_facts(ground.points, ground.grid, bandwidth_m=bandwidth_m, edge=None if edge == "none" else edge,
                                          kernel=kernel, weights=each, method="auto", unit="per_km2")
    if adaptive:    # without edge correction: what is beyond the border is not known at any bandwidth
        told, edge = adaptive_density(ground.points, ground.grid, bandwidth_m=float(bandwidth_m)), "none"
        used = used | {"edge": None, "method": "adaptive"}
    density = told["density_per_km2"].to_numpy()
    told["density_per_km2"] = np.where(density > 1e-12 * density.max(), density, 0.0)  # rounding is no density
    told["incidents_low"], told["incidents_high"] = poisson_interval(told["incidents"].to_numpy())
    told = told if each is not None else told.assign(weighted=np.nan)
    warnings = [caution("NOT_RISK_ADJUSTED"), *about_weights(each)]
    if used["cells_near_border"] or edge == "none":
        warnings.append(caution("EDGE"))
    if used["bandwidth_m"] < 2 * cell_size_m and kernel != "gaussian":
        warnings.append(caution("BANDWIDTH_SMALL", bandwidth=used["bandwidth_m"], cell=cell_size_m))
    facts = {name: value for name, value in used.items() if name not in ("n", "cells")} | {"edge": edge, "unit": "per_km2"}
    return finish(METHOD, ground, told, keep=told["density_per_km2"].to_numpy() > 0, facts=facts, warnings=tuple(warnings))


METHOD = Method(
    name="kernel_density",
    title=Text(sv="Täthet (utjämnad karta)", en="Density (smoothed map)"),
    summary=Text(sv="Jämnar ut händelserna till en yta som visar var de ligger tätt, oberoende av var rutornas gränser går.",
                 en="Smooths the incidents to a surface that shows where they lie densely, wherever the borders of the cells run."),
    does_not=Text(
        sv="Säger inte att risken är hög, bara att mycket har hänt i närheten: oftast där många vistas. Färgen sprider sig även över platser "
           "där inget har hänt. Bandbredden bestämmer hur stora fläckarna blir; en annan bandbredd ger en annan karta. Säger inget om framtiden.",
        en="Does not say that the risk is high, only that much has happened nearby: mostly where many people are. The colour spreads over "
           "places where nothing happened too. The bandwidth decides how large the spots become; another bandwidth gives another map. Says "
           "nothing about the future."),
    needs=(Input("points"), Input("area"), Input("exposure", required=False)),
    parameters=(
        CELL_SIZE,
        Parameter("bandwidth_m", Text(sv="Bandbredd", en="Bandwidth"), "length_m", "auto", least=25, most=20_000, words=("auto", "ppl", "nrd"),
                  help=Text(sv="Hur långt en händelse sprids. Kort visar gathörn, lång visar stadsdelar. Med auto väljs den ur "
                               "händelserna, minst två rutor.",
                            en="How far one incident is spread. Short shows corners, long shows districts. With auto it is chosen from the "
                               "incidents, at least two cells.")),
        Parameter("kernel", Text(sv="Kärna", en="Kernel"), "choice", "quartic", advanced=True,
                  choices=tuple(Code(name, _KERNELS[name]) for name in NORM),
                  help=Text(sv="Hur vikten avtar med avståndet. För den gaussiska är bandbredden standardavvikelsen.",
                            en="How the weight falls with the distance. For the Gaussian one the bandwidth is the standard deviation.")),
        Parameter("edge", Text(sv="Kantkorrigering", en="Edge correction"), "choice", "uniform", advanced=True,
                  choices=(Code("uniform", Text(sv="Ja, efter ytan som undersökts", en="Yes, by the area searched")),
                           Code("none", Text(sv="Nej", en="No"))),
                  help=Text(sv="Bortom gränsen är inget känt. Med korrigering antas att det är lika livligt där som innanför.",
                            en="Nothing is known beyond the border. With correction it is assumed to be as busy there as inside.")),
        Parameter("adaptive", Text(sv="Bandbredden följer händelserna", en="The bandwidth follows the incidents"), "boolean", False, advanced=True,
                  help=Text(sv="Kort där de är många, lång där de är få (Abramson). Kräver gaussisk kärna och en bandbredd i meter.",
                            en="Short where they are many, long where they are few (Abramson). Takes a Gaussian kernel and a bandwidth in metres.")),
        KIND, *WEIGHTS),
    result=Layer(
        "kernel_density", Text(sv="Händelsetäthet", en="Density of incidents"), geometry="Polygon", stored=False,
        style=Style(colour_by="density_per_km2", ramp="sequential"),
        columns=(CELL, INCIDENTS, LOW, HIGH, WEIGHTED,
                 Column("density_per_km2", Text(sv="Täthet", en="Density"), "number", unit=Text(sv="händelser per km²", en="incidents per km²"),
                        decimals=1, discloses="incidents",
                        help=Text(sv="Händelser per km² runt rutans mitt, under hela perioden.",
                                  en="Incidents per km² around the middle of the cell, during the whole period.")),
                 INSIDE_SHARE)),
    compute=kernel_density,
    least_points=LEAST_POINTS,
    rank_by=("density_per_km2",),
    method_note=Text(
        sv="Varje händelse sprids ut med en kvartisk kärna, 3/(πh²) (1 − (d/h)²)² inom bandbredden h. Exakt summa vid rutans mitt upp till "
           "100 miljoner avstånd, därefter snabb Fouriertransform. Bandbredden auto är den mindre av korsvaliderad likelihood (ppl) och "
           "normalregeln (nrd), minst två rutor. Kantkorrigeringen delar med den del av kärnan som ligger i området, minst en fjärdedel.",
        en="Each incident is spread with a quartic kernel, 3/(πh²) (1 − (d/h)²)² within the bandwidth h. Exact sum at the middle of the cell up "
           "to 100 million distances, beyond that a fast Fourier transform. The bandwidth auto is the smaller of cross-validated "
           "likelihood (ppl) and the normal reference rule (nrd), at least two cells. The edge correction divides by the part of the "
           "kernel that lies in the area, at least a quarter."),
    references=("Silverman 1986, doi:10.1007/978-1-4899-3324-9", "Diggle 1985, doi:10.2307/2347366",
                "Chainey & Ratcliffe 2005, doi:10.1002/9781118685181"))
