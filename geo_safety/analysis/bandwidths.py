"""How far one incident is spread, chosen from the points."""
from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from ..errors import InputError
from ..text import Text

# variance along each axis of a kernel with radius 1 (Gaussian: standard deviation 1): kernels are made alike by it
VARIANCE: Mapping[str, float] = MappingProxyType({
    "quartic": 1 / 8, "triweight": 1 / 10, "epanechnikov": 1 / 6, "uniform": 1 / 4, "triangular": 3 / 20, "gaussian": 1.0})
RULES = ("auto", "ppl", "nrd")
CANDIDATES = 48
BACKGROUND = 0.01   # share of incidents that may lie anywhere: one lonely farm must not set the bandwidth of the town
MOST_PAIRS = 5e7    # of points compared; with more points the likelihood is taken over some of them, spread evenly
_NEAREST_M, _RATIO, _BANDS = 0.5, 1.05, 320   # bands of distance: from half a metre, each 5 % wider, beyond any town
_BLOCK = 1 << 17    # distances held at a time


def choose_bandwidth(x: np.ndarray, y: np.ndarray, rule: str, *, kernel: str = "quartic",
                     cell_size_m: float | None = None) -> tuple[float, dict[str, Any]]:
    """Bandwidth in whole metres for `kernel`, and what each rule said; see `kernels.select_bandwidth`."""
    if rule not in RULES:
        raise InputError(Text(sv="Bandbredden är ett antal meter eller någon av {rules}, inte {rule}.",
                              en="The bandwidth is a number of metres or one of {rules}, not {rule}.").format(
                                  rules=", ".join(RULES), rule=rule))
    alike = float(np.sqrt(VARIANCE["quartic"] / VARIANCE[kernel]))
    two_cells = 2 * (cell_size_m or 0.0) * alike
    reference = normal_reference(x, y)
    if not reference > 0:
        if rule == "auto" and cell_size_m:
            return two_cells, {"bandwidth_rule": "two_cells"}
        raise InputError(Text(sv="En bandbredd kan inte väljas: alla händelser ligger på samma plats. Ange den i meter.",
                              en="A bandwidth cannot be chosen: all incidents lie at the same place. Give it in metres."))
    said: dict[str, float] = {"nrd": reference * alike}
    if rule != "nrd":
        said["ppl"] = likelihood_bandwidth(x, y, most=reference * np.sqrt(VARIANCE["quartic"])) / np.sqrt(VARIANCE[kernel])
    said = {name: float(round(metres)) for name, metres in said.items()}
    told = {f"bandwidth_{name}_m": metres for name, metres in said.items()}
    taken = rule if rule != "auto" else min(said, key=lambda name: said[name])
    if rule == "auto" and said[taken] < two_cells:
        return two_cells, {"bandwidth_rule": "two_cells", **told}
    return max(said[taken], 1.0), {"bandwidth_rule": taken, **told}


def normal_reference(x: np.ndarray, y: np.ndarray) -> float:
    """Mean over both axes of 4 · 1.06 · min(s, IQR/1.34) · n^(−1/5), in metres, read as the radius of a quartic kernel.

    sfhotspot takes the mean by `mean(a, b)`, which is the first axis only.
    """
    return float(np.mean([_axis_reference(axis) for axis in (x, y)])) if len(x) > 1 else 0.0


def _axis_reference(values: np.ndarray) -> float:
    spread = np.std(values, ddof=1)
    middle_half = np.subtract(*np.quantile(values, [0.75, 0.25])) / 1.34
    return 4 * 1.06 * (min(spread, middle_half) if middle_half > 0 else spread) * len(values)**-0.2


def likelihood_bandwidth(x: np.ndarray, y: np.ndarray, *, most: float, least: float = 10.0) -> float:
    """Standard deviation, from `least` to `most` metres, under which each incident is likeliest by those at other places.

    Plain likelihood cross-validation is ruled by the incidents that lie alone: with 2 % of 1 000 strewn over the country around a
    town of 1 km it chooses a radius of 2.8 km. So one in a hundred may come from anywhere in the box around them all; then it is
    1.0 km, as without them.
    """
    candidates = np.geomspace(min(least, most), most, CANDIDATES)
    return float(candidates[np.argmax(log_likelihood(x, y, candidates, background=BACKGROUND))])


def log_likelihood(x: np.ndarray, y: np.ndarray, candidates: np.ndarray, *, leave_out: str = "place", background: float = 0.0) -> np.ndarray:
    """Mean log density (per m²) at the incidents, each by the others, for Gaussian kernels with those standard deviations.

    leave_out: "place", the incident and all at the same coordinate; "point", itself alone, as spatstat's bw.ppl does. background: the
    share of incidents that may lie anywhere in the box around them.
    """
    order = np.lexsort((y, x))  # so that an even choice of points is even over the map, whatever the order of the file
    x, y = x[order], y[order]
    asked = np.unique(np.linspace(0, len(x) - 1, min(len(x), max(200, int(MOST_PAIRS / len(x))))).round().astype(np.int64))
    table = _distance_table(x, y, asked).astype(float)
    table[:, 0] = 0 if leave_out == "place" else table[:, 0] - 1
    middle = np.concatenate([[0.0], _NEAREST_M * _RATIO**(np.arange(_BANDS - 1) + 0.5)])
    with np.errstate(under="ignore"):
        density = table @ np.exp(-(middle[:, None] / candidates)**2 / 2) / (2 * np.pi * candidates**2) / max(1, len(x) - 1)
    box = np.ptp(x) * np.ptp(y)
    even = background / box if box > 0 else 0.0
    return np.log(np.maximum((1 - background) * density + even, 1e-300)).mean(axis=0)


def _distance_table(x: np.ndarray, y: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """For each point asked how many points, itself too, lie in each band of distance; band 0 is nearer than half a metre."""
    # measured from the middle, single precision is good to a centimetre
    x, y = (np.asarray(axis - axis.mean(), dtype=np.float32) for axis in (x, y))
    table = np.empty((len(asked), _BANDS), dtype=np.int64)
    step = max(1, _BLOCK // len(x))
    for start in range(0, len(asked), step):
        some = asked[start:start + step]
        square = (x[some, None] - x)**2
        square += (y[some, None] - y)**2
        square *= np.float32(_NEAREST_M**-2)
        np.maximum(square, np.float32(_RATIO**-2), out=square)
        band = np.log(square, out=square)
        band *= np.float32(0.5 / np.log(_RATIO))
        band += 1
        place = np.clip(band, 0, _BANDS - 1, out=band).astype(np.int64)
        place += np.arange(len(some))[:, None] * _BANDS
        table[start:start + step] = np.bincount(place.ravel(), minlength=len(some) * _BANDS).reshape(-1, _BANDS)
    return table
