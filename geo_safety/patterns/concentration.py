"""How few places hold how much of what happens, beside what chance alone would gather."""
from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from ..analysis.concentration import concentration as measured
from ..analysis.concentration import lorenz
from ..analysis.counts import count
from ..hotspots.ground import CELL_SIZE, EXPECTED, WEIGHTS, Ground, about_weights, denominator_of, prepare, severity_of
from ..model.cautions import caution
from ..model.describe import Chart, Column, Input, Layer, Method, Parameter
from ..model.features import Features
from ..text import Text, same
from .ground import SEED, told

SHARES = (0.0025, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def concentration(points: gpd.GeoDataFrame, area: gpd.GeoDataFrame, exposure: gpd.GeoDataFrame | None = None, *, cell_size_m: float = 250,
                  expected: str = "auto", n_perm: int = 999, weights: str = "none", person_weight: float = 3.0, property_weight: float = 2.0,
                  order_weight: float = 1.0, seed: int = 1) -> Features:
    """The Lorenz curve of incidents over cells, busiest first, with the band that chance gives; Gini and shares as facts.

    expected: what chance follows, as in `getis_ord`; "none" puts incidents on all cells alike.
    weights: with "severity" all is said of the weight, and chance puts whole incidents, each with its weight.

    Notes
    -----
    G = Σ_i (2i − N − 1) x_i / (N C), x_1 ≤ … ≤ x_N the counts of N cells, C = Σ x; generalised G' = max(1, N/C) (G − 1) + 1, times m / (m − 1), m = min(N, C)
    chance_low, chance_high: 2.5 and 97.5 % of n_perm draws of C incidents by what is compared with
    """
    ground = prepare(METHOD, points, area, exposure, cell_size_m=cell_size_m, kind="square")
    denominator = denominator_of(ground, expected)
    each = severity_of(ground.points, weights, person=person_weight, property=property_weight, order=order_weight)
    tested = ground.grid["tested"].to_numpy()
    by = None if denominator == "none" else np.nan_to_num(ground.grid[denominator].to_numpy(dtype=float)[tested])
    counts, levels = _by_level(ground, each)
    counts = counts[..., tested]
    curve = lorenz(counts, exposure=by, severity=levels, n_sim=n_perm, seed=seed)
    at = np.unique([int(np.abs(curve["places_share"].to_numpy() - share).argmin()) for share in (0.0, *SHARES)])
    summary = measured(counts, exposure=by, severity=levels, n_sim=n_perm, n_boot=n_perm, seed=seed).set_index("measure").astype(float)
    facts = dict(ground.facts) | {"expected": denominator, "n_perm": n_perm, "seed": seed, "confidence": 0.95}
    for name in ("gini_generalised" if each is None else "gini", "places_25", "places_50"):
        facts |= {f"{name}{end}": float(summary[column][name]) for end, column in (
            ("", "value"), ("_chance_low", "chance_low"), ("_chance_high", "chance_high"), ("_p", "p"))}
    doubts = [*ground.warnings, *((caution("NOT_RISK_ADJUSTED"),) if denominator == "none" else ()), *about_weights(each)]
    percent = {name: 100 * curve[was].iloc[at] for name, was in (("places_percent", "places_share"), ("incidents_percent", "incidents_share"), (
        "chance_low", "chance_low"), ("chance_high", "chance_high"), ("even", "even"))}
    return told(METHOD, pd.DataFrame(percent), facts, doubts)


def _by_level(ground: Ground, each: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
    """Incidents of each cell; of each weight by itself when they are weighed, with the weights."""
    if each is None:
        return count(ground.points, ground.grid)["incidents"].to_numpy(), None
    levels, kind = np.unique(each, return_inverse=True)
    return np.stack([count(ground.points[kind == one], ground.grid)["incidents"].to_numpy() for one in range(len(levels))]), levels


PERCENT = same("%")

METHOD = Method(
    name="concentration",
    title=Text(sv="Koncentration", en="Concentration"),
    summary=Text(sv="Visar hur stor del av händelserna som ligger i hur liten del av rutorna, bredvid det band som slumpen ger.",
                 en="Shows how much of what happens lies in how few of the cells, beside the band that chance gives."),
    does_not=Text(
        sv="En kurva inom slumpens band säger inget, hur sned den än ser ut: få händelser på många rutor måste lämna de flesta tomma. Säger inte vilka "
           "rutor det är, "
           "och inte att de är desamma nästa år.",
        en="A curve inside the band of chance says nothing, however bent it looks: few incidents on many cells must leave most of them empty. Does not say "
           "which cells "
           "they are, nor that they are the same next year."),
    needs=(Input("points"), Input("area"), Input("exposure", required=False)),
    parameters=(CELL_SIZE, EXPECTED, Parameter("n_perm", Text(sv="Antal simuleringar",
                                                              en="Number of simulations"), "integer", 999, least=99, most=9999, advanced=True),
                *WEIGHTS, SEED),
    result=Layer(
        "concentration", Text(sv="Koncentration", en="Concentration"), stored=False,
        chart=Chart("lines", x="places_percent", value="incidents_percent", beside="even", beside_low="chance_low", beside_high="chance_high"),
        columns=(Column("places_percent", Text(sv="Andel av rutorna",
                                             en="Share of the cells"), "number", unit=PERCENT, decimals=1, help=Text(sv="De med flest händelser först.",
                                                                                                       en="Those with most incidents first.")),
                 Column("incidents_percent", Text(sv="Del av händelserna", en="Part of the incidents"), "number", unit=PERCENT, decimals=1,
                        help=Text(sv="Vägs händelserna är det deras del av vikten.", en="Of weighed incidents it is their part of the weight.")),
                 Column("chance_low", Text(sv="Slumpens band, från", en="Chance band, from"), "number", unit=PERCENT, decimals=1,
                        help=Text(sv="95 procent av simuleringarna ligger i bandet.", en="95 per cent of the simulations lie in the band.")),
                 Column("chance_high", Text(sv="Slumpens band, till", en="Chance band, to"), "number", unit=PERCENT, decimals=1),
                 Column("even", Text(sv="Så jämnt det går", en="As even as can be"), "number", unit=PERCENT, decimals=1,
                        help=Text(sv="Om lika många händelser låg så jämnt fördelade som hela tal medger.",
                                  en="If as many incidents were spread as evenly as whole numbers allow.")))),
    compute=concentration,
    least_points=30,
    method_note=Text(
        sv="Slumpen lägger lika många händelser på rutorna i proportion till det de jämförs med. Generaliserad Gini efter Bernasco och Steenbeek, delad med "
           "sitt största "
           "möjliga värde; läs den aldrig utan bandet.",
        en="Chance puts as many incidents on the cells in proportion to what they are compared with. Generalised Gini after Bernasco and Steenbeek, divided "
           "by its "
           "largest possible value; never read it without the band."),
    references=("Weisburd 2015, doi:10.1111/1745-9125.12070", "Bernasco & Steenbeek 2017, doi:10.1007/s10940-016-9324-7"))
