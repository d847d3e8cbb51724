"""What all methods with cells have in common: guards, the grid over the ground that was searched, and the columns of a result."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..analysis.grids import inside_share, make_grid, study_area
from ..analysis.lattice import lattice_of, require_same_crs
from ..analysis.precision import coordinates, exact_enough, top_pile
from ..analysis.weighted import MUCH
from ..errors import InputError, Refusal
from ..layers.incidents import OFFENCE_TYPES
from ..model.cautions import REFUSALS, Caution, caution
from ..model.describe import Code, Column, Method, Parameter
from ..model.features import Features
from ..text import Text, percent

MOST_CELLS = 120_000    # a municipality of 1 000 km² in cells of 100 m
SMALL_N = 20
SPARSE = 0.2            # incidents per tested cell
PILE_SHARE, PILE_LEAST = 0.05, 10

CELL = Column("cell", Text(sv="Ruta", en="Cell"), "integer", shown=False)
INCIDENTS = Column("incidents", Text(sv="Händelser", en="Incidents"), "integer")
LOW = Column("incidents_low", Text(sv="Intervall, från", en="Interval, from"), "number", decimals=1, discloses="incidents",
             help=Text(sv="Undre änden av det exakta 95-procentiga intervallet för det genomsnitt som kan ligga bakom antalet.",
                       en="Lower end of the exact 95% interval for the mean that may lie behind the count."))
HIGH = Column("incidents_high", Text(sv="Intervall, till", en="Interval, to"), "number", decimals=1, discloses="incidents",
              help=Text(sv="Övre änden av intervallet.", en="Upper end of the interval."))
INSIDE_SHARE = Column("inside_share", Text(sv="Del inom området", en="Part inside the area"), "number", decimals=2, shown=False,
                      help=Text(sv="Hur stor del av rutan som ligger i det undersökta området, 0 till 1.",
                                en="How much of the cell lies in the area searched, 0 to 1."))

CELL_SIZE = Parameter(
    "cell_size_m", Text(sv="Rutans sida", en="Cell size"), "length_m", 250, least=25, most=5000,
    help=Text(sv="250 m passar en hel kommun, 100 m en tätort. Pröva två storlekar innan en enskild ruta får betyda något.",
              en="250 m suits a whole municipality, 100 m a town. Try two sizes before a single cell is given a meaning."))
KIND = Parameter(
    "kind", Text(sv="Rutnät", en="Grid"), "choice", "square", advanced=True,
    choices=(Code("square", Text(sv="Kvadrater", en="Squares")), Code("hexagon", Text(sv="Sexhörningar", en="Hexagons"))),
    help=Text(sv="Kvadrater stämmer med statistikens rutor. Sexhörningar har bara ett slags granne.",
              en="Squares go with the cells of statistics. Hexagons have one kind of neighbour only."))
CORRECTION = Parameter(
    "correction", Text(sv="Korrigering för många test", en="Correction for many tests"), "choice", "fdr", advanced=True,
    choices=(Code("fdr", Text(sv="Andel falska fynd (Benjamini–Hochberg)", en="Share of false finds (Benjamini–Hochberg)")),
             Code("holm", Text(sv="Inget enda falskt fynd (Holm)", en="Not a single false find (Holm)")),
             Code("bonferroni", Text(sv="Inget enda falskt fynd (Bonferroni)", en="Not a single false find (Bonferroni)")),
             Code("none", Text(sv="Ingen", en="None"))),
    help=Text(sv="Prövas tusen rutor sticker femtio ut av ren slump om inget görs åt det.",
              en="Of a thousand cells tested fifty stand out by mere chance if nothing is done about it."))

LEVELS = {"person": Text(sv="Vikt för brott mot person", en="Weight of offences against persons"),
          "property": Text(sv="Vikt för brott mot egendom", en="Weight of offences against property"),
          "order": Text(sv="Vikt för ordning och övrigt", en="Weight of order and other offences")}
WEIGHTED = Column("weighted", Text(sv="Vägd summa", en="Weighted sum"), "number", decimals=1, discloses="incidents",
                  help=Text(sv="Händelsernas vikter i rutan. Antalet står alltid bredvid.",
                            en="The weights of the incidents in the cell. The count always stands beside."))
WEIGHTS = (
    Parameter("weights", Text(sv="Väg efter allvar", en="Weigh by severity"), "choice", "none", advanced=True,
              choices=(Code("none", Text(sv="Nej, varje händelse räknas som en", en="No, every incident counts as one")),
                       Code("severity", Text(sv="Ja, med vikterna nedan", en="Yes, with the weights below"))),
              help=Text(sv="Tre nivåer som kommunen bestämmer. Person väger alltid tyngst i förslaget; siffrorna är ingen skala för skada.",
                        en="Three levels for the municipality to set. Persons always weigh most in the proposal; the figures are no scale of harm.")),
    *(Parameter(f"{level}_weight", title, "number", default, least=0, most=10_000, advanced=True)
      for (level, title), default in zip(LEVELS.items(), (3.0, 2.0, 1.0), strict=True)))

DENOMINATORS = {"residents": Text(sv="Invånare", en="Residents"), "addresses": Text(sv="Adresser", en="Addresses"),
                "street_m": Text(sv="Meter gata", en="Metres of street")}
EXPECTED = Parameter(
    "expected", Text(sv="Jämför med", en="Compare with"), "choice", "auto",
    choices=(Code("auto", Text(sv="Det som är känt, helst invånare", en="What is known, preferably residents")),
             *(Code(name, title) for name, title in DENOMINATORS.items()),
             Code("none", Text(sv="Inget: alla rutor lika", en="Nothing: all cells alike"))),
    help=Text(sv="Slumpen lägger händelser där folk bor, där det finns adresser eller där det finns gator. Utan jämförelse "
                 "sticker folkrika rutor ut vad risken än är.",
              en="Chance puts incidents where people live, where there are addresses or where there are streets. Without a "
                 "comparison populous cells stand out whatever the risk."))


@dataclass(frozen=True)
class Ground:
    """The points that can be used, the grid over the area with what is known of the people there, and what was noted on the way."""

    points: gpd.GeoDataFrame
    grid: gpd.GeoDataFrame
    facts: Mapping[str, Any]
    warnings: tuple[Caution, ...]

    def cells(self, points: gpd.GeoDataFrame | None = None) -> np.ndarray:
        """Position of the cell of each point."""
        return lattice_of(self.grid).cell_of(*coordinates(self.points if points is None else points))


@dataclass
class Usable:
    """Points that a method can use, and what became of the others."""

    points: gpd.GeoDataFrame
    warnings: list[Caution] = field(default_factory=list)


def prepare(method: Method, points: gpd.GeoDataFrame, area: gpd.GeoDataFrame, exposure: gpd.GeoDataFrame | None, *,
            cell_size_m: float, kind: str) -> Ground:
    """Guards, then the grid. Refusal, in words, when the method will not answer on these points or cells."""
    used = usable(method, points, area)
    grid = grid_over(area, exposure, cell_size_m=cell_size_m, kind=kind)
    warnings = list(used.warnings)
    n = len(used.points)
    if n < SMALL_N:
        warnings.append(caution("SMALL_N", n=n))
    pile = top_pile(used.points)
    if pile and pile.share >= PILE_SHARE and pile.incidents >= PILE_LEAST:
        warnings.append(caution("GEOCODE_PILE", share=share_text(pile.share), n=pile.incidents))
    ground = Ground(used.points, grid, {}, ())
    tested = grid["tested"].to_numpy()
    inside = inside_share(grid)
    left_out = int((~tested[ground.cells()]).sum()) if n else 0
    share_left_out = float(inside[~tested].sum() / inside.sum())
    if not has_exposure(exposure):
        warnings.append(caution("NO_EXPOSURE"))
    elif not tested.all():
        warnings.append(caution("LEFT_OUT_CELLS", share_area=share_text(share_left_out), n=left_out))
    mean = (n - left_out) / max(1, int(tested.sum()))
    if mean < SPARSE:
        warnings.append(caution("SPARSE_GRID", mean=mean))
    facts = {"n": n, "cells": len(grid), "tested": int(tested.sum()), "cell_size_m": cell_size_m, "kind": kind,
             "left_out_incidents": left_out, "left_out_share_area": share_left_out}
    return Ground(used.points, grid, facts, tuple(warnings))


def usable(method: Method, points: gpd.GeoDataFrame, area: gpd.GeoDataFrame) -> Usable:
    """The points that are exact enough, from a register where the method needs that, and inside the area.

    A frame without `geom_precision` or `coverage` comes from somebody who answers for its points.
    """
    require_same_crs(points, area)
    used, total = registered(method, points), len(points)
    exact = exact_enough(used.points, method.least_precision)
    if len(used.points) and not exact.any():
        raise refusal("COARSE_PLACE", n=len(used.points), method=method.title)
    if not exact.all():
        used.warnings.append(caution("WITHOUT_PLACE", n=int((~exact).sum()), total=total))
    used.points = used.points[exact]
    shape = area.union_all()
    shapely.prepare(shape)
    inside = shapely.intersects_xy(shape, *coordinates(used.points))
    if not inside.all():
        used.warnings.append(caution("OUTSIDE", n=int((~inside).sum())))
    used.points = used.points[inside]
    if len(used.points) < method.least_points:
        raise refusal("TOO_FEW", n=len(used.points), method=method.title, least=method.least_points)
    return used


def registered(method: Method, points: gpd.GeoDataFrame) -> Usable:
    """The points without those seen where somebody looked, unless the method takes them; Refusal when too few are left."""
    used = Usable(points)
    if "coverage" in points.columns and "effort" not in method.coverage:
        seen = (points["coverage"] == "effort").to_numpy()
        if seen.any() and (~seen).sum() < max(1, method.least_points):
            raise refusal("UNEVEN_EFFORT", method=method.title)
        if seen.any():
            used.warnings.append(caution("EFFORT_LEFT_OUT", n=int(seen.sum())))
        used.points = points[~seen]
    return used


def grid_over(area: gpd.GeoDataFrame, exposure: gpd.GeoDataFrame | None, *, cell_size_m: float, kind: str) -> gpd.GeoDataFrame:
    """The cells over the area and what is known of the people in them; Refusal when they would be too many to be read."""
    about = float(area.union_all().area) / cell_size_m**2
    if about > MOST_CELLS:
        raise refusal("TOO_MANY_CELLS", n=round(about), most=MOST_CELLS)
    return study_area(make_grid(area, cell_size_m=cell_size_m, kind=kind), exposure if has_exposure(exposure) else None)


def denominator_of(ground: Ground, expected: str) -> str:
    """What the count is compared with. Refusal when it was asked for and nothing is known of it."""
    tested = ground.grid["tested"].to_numpy()
    known = [name for name in DENOMINATORS if np.nansum(ground.grid[name].to_numpy(dtype=float)[tested]) > 0]
    if expected == "auto":
        return known[0] if known else "none"
    if expected != "none" and expected not in known:
        raise refusal("NO_EXPECTED", denominator=Text(sv=DENOMINATORS[expected].sv.lower(), en=DENOMINATORS[expected].en.lower()))
    return expected


def not_compared(ground: Ground, told: gpd.GeoDataFrame, column: str) -> tuple[Caution, ...]:
    """That incidents lie in tested cells where the comparison has nothing to say, since nothing is expected within reach."""
    silent = ground.grid["tested"].to_numpy() & (told[column].astype(str) == "left_out").to_numpy()
    n = int(told.loc[silent, "incidents"].sum())
    return (caution("NOTHING_EXPECTED", n=n),) if n else ()


def has_exposure(exposure: gpd.GeoDataFrame | None) -> bool:
    return exposure is not None and len(exposure) > 0


def finish(method: Method, ground: Ground, told: gpd.GeoDataFrame, *, keep: np.ndarray | None = None, facts: Mapping[str, Any] | None = None,
           warnings: tuple[Caution, ...] = ()) -> Features:
    """The result layer: cells that were tested, that hold an incident, or that `keep` names, with the columns of the layer."""
    kept = ground.grid["tested"].to_numpy() | (told["incidents"].to_numpy() > 0)
    kept = kept if keep is None else kept | keep
    told = told[kept].reset_index(drop=True)
    frame = gpd.GeoDataFrame({column.name: told[column.name] for column in method.result.columns}, geometry=told.geometry, crs=told.crs)
    for column in method.result.columns:  # one type for each kind, so that a file or a store gives back the same
        if column.kind == "code":
            frame[column.name] = pd.Series(frame[column.name].astype(object).to_numpy(), index=frame.index).astype(str)
        elif column.kind in ("integer", "number"):
            frame[column.name] = frame[column.name].astype("int64" if column.kind == "integer" else "float64")
    return Features(method.result, frame, {**ground.facts, **(facts or {})}).warned(*ground.warnings, *warnings)


def severity_of(points: gpd.GeoDataFrame, weights: str, **of_level: float) -> np.ndarray | None:
    """The weight of each incident by the level of its offence type (without one as order); None when nothing is weighed."""
    if weights == "none":
        return None
    if "offence_type" not in points.columns:
        raise InputError(Text(sv="Händelserna har ingen brottstyp, så de kan inte vägas efter allvar.",
                              en="The incidents have no offence type, so they cannot be weighed by severity."))
    levels = {code.value: code.level or "order" for code in OFFENCE_TYPES}
    found = points["offence_type"].map(levels).fillna("order").map(of_level).to_numpy(dtype=float)
    if not found.sum() > 0:
        raise InputError(Text(sv="Alla händelser har vikten 0. Ange minst en vikt över 0.", en="All incidents weigh 0. Give at least one weight above 0."))
    return found


def about_weights(weights: np.ndarray | None) -> tuple[Caution, ...]:
    """What is to be thought of when incidents are weighed: that they are, and one that weighs too much."""
    if weights is None:
        return ()
    most = float(weights.max() / weights.sum())
    return (caution("WEIGHTED"), *((caution("ONE_EVENT_WEIGHS", share=share_text(most)),) if most > MUCH else ()))


def refusal(code: str, **values: object) -> Refusal:
    """A refusal with the sentence of its code."""
    return Refusal(code, REFUSALS[code].format(**values))


def share_text(share: float) -> Text:
    """A share as per cent in both languages, with a decimal when it is small."""
    decimals = 1 if 0 < share < 0.1 else 0
    return Text(sv=percent(share, "sv", decimals), en=percent(share, "en", decimals))
