"""Along which streets it happens: incidents at the nearest segment of any layer of lines, per 100 metres, with intervals."""
from __future__ import annotations

from collections import Counter
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import stats

from ..crs import require_metric
from ..errors import InputError
from ..model.cautions import Caution, caution
from ..text import Text
from .concentration import concentration
from .lattice import require_same_crs
from .precision import coordinates, exact_enough
from .rates import poisson_interval
from .testing import adjust

SMALL_N = 20
PER_M = 100.0
HAIR_M = 1e-6   # a street this little further away is as near: at a crossing the coordinates meet only so nearly
CLUSTERS = ("hot_99", "hot_95", "hot_90", "none")
LEVELS = (0.01, 0.05, 0.1)
_LINES = Text(sv="Linjerna", en="The lines")


def hot_streets(points: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, *, most_distance_m: float = 50, correction: str = "fdr") -> gpd.GeoDataFrame:
    """Incidents of each street segment, counted at the nearest, and which have more than their length explains.

    Parameters
    ----------
    points
        Incidents in the metric CRS of `lines`; those without place, or whose place is known less exactly than to the street, count nowhere.
    lines
        One row per segment, best from crossing to crossing: what happens along a long road is not evenly spread over it.
    most_distance_m
        Further from every line than this an incident belongs to no street.
    correction
        Over all segments: "fdr" (Benjamini–Hochberg), "holm", "bonferroni" or "none".

    Returns
    -------
    All rows of `lines` with `incidents`, `shared` (how many of them lie equally near to another segment too, as at a crossing), `length_m`,
    `per_100m`, `per_100m_low`, `per_100m_high` (exact 95 % interval), `expected` (of all counted incidents, by length), `p` (one-sided,
    exact, of that many or more by chance), `p_adjusted` and `cluster`: hot_99, hot_95, hot_90 (p_adjusted below 0.01, 0.05, 0.1) or none.
    A row without a line, or of no length, has no incidents and missing numbers.

    Raises
    ------
    InputError
        Different or missing CRS, geographic coordinates, lines that are none, a distance below 0.

    Notes
    -----
    Incidents at the same crossing are dealt out to its segments in turn, the longest first, so that counts stay whole, none is preferred by
    more than one, and the order of rows changes nothing. Chance puts each incident anywhere along the streets: k of n at a segment with
    share s of the length is binomial (n, s). It knows nothing of how many pass; a busy street comes out whatever its risk. The rate of a short
    segment rests on few metres: read its interval.

    References
    ----------
    Weisburd, Groff & Yang 2012, doi:10.1093/acprof:oso/9780195369083.001.0001; Garwood 1936, doi:10.1093/biomet/28.3-4.437
    """
    return hot_streets_and_facts(points, lines, most_distance_m=most_distance_m, correction=correction)[0]


def hot_streets_and_facts(points: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, *, most_distance_m: float,
                          correction: str) -> tuple[gpd.GeoDataFrame, dict[str, Any], tuple[Caution, ...]]:
    """`hot_streets`, what it used and met (how concentrated it is too), and what is to be doubted."""
    require_metric(lines.crs, _LINES)
    require_same_crs(points, lines)
    if not most_distance_m >= 0:
        raise InputError(Text(sv="most_distance_m kan inte vara under 0.", en="most_distance_m cannot be below 0."))
    length = _lengths(lines)
    x, y = coordinates(points)
    placed = np.isfinite(x) & np.isfinite(y) & exact_enough(points)
    incidents, shared, far = _at_nearest(shapely.points(x[placed], y[placed]), lines.geometry.to_numpy(), length, float(most_distance_m))
    n, is_line = int(incidents.sum()), length > 0
    told = lines.assign(incidents=incidents, shared=shared, length_m=np.where(is_line, length, np.nan), **_rates(incidents, length, n, correction))
    facts: dict[str, Any] = {
        "n": n, "too_far": far, "without_place": int((~placed).sum()), "shared": int(shared.sum()), "most_distance_m": float(most_distance_m),
        "segments": int(is_line.sum()), "length_km": float(length.sum()) / 1000, "p": "binomial", "correction": correction, "confidence": 0.95,
        "hot": int((told["cluster"] != "none").sum())}
    if n:
        [half] = concentration(incidents[is_line], shares=(0.5,), exposure=length[is_line], n_sim=199, n_boot=19, seed=1).iloc[2:].to_dict("records")
        facts |= {"share_with_half": half["value"], "share_with_half_by_chance": half["chance"]}
    return told, facts, (caution("SMALL_N", n=n),) if n < SMALL_N else ()


def _rates(incidents: np.ndarray, length: np.ndarray, n: int, correction: str) -> dict[str, Any]:
    metres = np.where(length > 0, length, np.nan)
    low, high = poisson_interval(incidents)
    share = metres / length.sum()
    # P(k or more of n) in one piece; below k = 1 it is 1
    p = np.where(length > 0, stats.binom.sf(incidents - 1, n, np.where(length > 0, share, 0.5)), np.nan)
    adjusted = adjust(p, correction)
    level = np.add.reduce([adjusted < level for level in LEVELS], dtype=np.int8)
    return {"per_100m": incidents / metres * PER_M, "per_100m_low": low / metres * PER_M, "per_100m_high": high / metres * PER_M,
            "expected": n * share, "p": p, "p_adjusted": adjusted,
            "cluster": pd.Categorical.from_codes(len(LEVELS) - level, categories=pd.Index(CLUSTERS))}


def _at_nearest(points: np.ndarray, lines: np.ndarray, length: np.ndarray, most_distance_m: float) -> tuple[np.ndarray, np.ndarray, int]:
    """Incidents at each line, how many of them were as near to another, and how many points lie too far from all."""
    usable = np.flatnonzero(length > 0)
    incidents, shared = np.zeros((2, len(lines)), np.int64)
    if not len(usable) or not len(points):
        return incidents, shared, len(points)
    tree = shapely.STRtree(lines[usable])
    (point, _), away = tree.query_nearest(points, max_distance=most_distance_m + HAIR_M, return_distance=True, all_matches=False)
    point, line = tree.query(points[point], predicate="dwithin", distance=away + HAIR_M)
    line = usable[line]
    number = np.bincount(point)                     # lines as near, of each point that is near any
    alone = number[point] == 1
    incidents += np.bincount(line[alone], minlength=len(lines))
    _deal(point[~alone], line[~alone], length, lines, incidents, shared)
    return incidents, shared, len(points) - len(number)


def _deal(point: np.ndarray, line: np.ndarray, length: np.ndarray, lines: np.ndarray, incidents: np.ndarray, shared: np.ndarray) -> None:
    """Deals the points that are as near to several lines out to them, in turn, the longest first; adds to `incidents` and `shared`."""
    if not len(point):
        return
    corner = shapely.bounds(lines[line])[:, :2].T   # where two are equally long, the one further west, then south, comes first
    order = np.lexsort((corner[1], corner[0], -length[line], point))
    sets = Counter(tuple(segments) for segments in np.split(line[order], np.cumsum(np.unique(point, return_counts=True)[1])[:-1]))
    for segments, together in sets.items():         # as many rounds as there are crossings with incidents
        each = together // len(segments) + (np.arange(len(segments)) < together % len(segments))
        incidents[list(segments)] += each
        shared[list(segments)] += each


def _lengths(lines: gpd.GeoDataFrame) -> np.ndarray:
    """Metres of each line, 0 where there is none."""
    kinds = shapely.get_type_id(lines.geometry.to_numpy())
    if not np.isin(kinds, (-1, 1, 2, 5)).all():  # none, line, ring, several lines
        raise InputError(Text(sv="Gator måste vara linjer; här finns punkter eller ytor.", en="Streets must be lines; there are points or polygons here."))
    length = np.nan_to_num(shapely.length(lines.geometry.to_numpy()))
    if not length.sum() > 0:
        raise InputError(Text(sv="Det finns inga gator i lagret med linjer.", en="There are no streets in the layer of lines."))
    return length
