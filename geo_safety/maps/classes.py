"""Classes of a map: breaks, colours and labels, made once here for the page, the picture, the table and the file.

Numbers become at most five classes. Counts stay whole, zero has a class of its own, and few distinct values give fewer classes.
Breaks lie where equal shares of the rows fall; for many rows (grids) they leave the top class to the highest twentieth, since a
map of hotspots must tell the busiest places from the merely busy. Breaks are rounded so that they can be said aloud.
"""
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from ..model.describe import Column, Style
from ..text import Text, number
from . import colours as palette
from .colours import Group, Sign

Kind = Literal["sequential", "diverging", "clusters", "categories", "single"]

MANY_ROWS = 200
EVEN_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8)
TOP_SHARES = (0.0, 0.4, 0.65, 0.85, 0.95)
RATIO_BREAKS = (0.5, 0.8, 1.25, 2.0)    # halved, a fifth fewer, a quarter more, doubled: alike on both sides of 1

_FROM = Text(sv="{low} eller mer", en="{low} or more")
_BELOW = Text(sv="under {high}", en="below {high}")
_TO = Text(sv="{low} till {high}", en="{low} to {high}")
_OTHER = Text(sv="Övrigt", en="Other")
MISSING = Text(sv="uppgift saknas", en="no data")
TOO_FEW_RESIDENTS = Text(sv="för få invånare", en="too few residents")
TOO_FEW = Text(sv="för få för att visas", en="too few to be shown")


@dataclass(frozen=True)
class Classes:
    """`breaks` are the lower bounds of the classes and the upper bound of the last, which alone belongs to its class.

    For categories `breaks` is empty and `keys` holds the codes of each class. `counts` are rows per class, `missing` rows without
    a value; `column` is what was classified.
    """

    kind: Kind
    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    dark: tuple[str, ...]
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    missing: int = 0
    keys: tuple[tuple[str, ...], ...] = ()
    signs: tuple[Sign, ...] = ()
    column: str | None = None
    zero: bool = False          # the first class holds zeros alone

    def __len__(self) -> int:
        return len(self.colours)

    def of(self, values: Sequence[object] | np.ndarray | pd.Series) -> np.ndarray:
        """Position of the class of each value, -1 where it is missing; a number beyond the bounds goes to the nearest class."""
        if self.kind == "single":
            return np.zeros(len(values), dtype=int)
        if self.keys:
            return _positions(values, self.keys)
        found = _numbers(values)
        inner = np.asarray(self.breaks[1:-1])
        return np.where(np.isfinite(found), np.searchsorted(inner, found, side="right"), -1).astype(int)

    def quiet(self, i: int) -> bool:
        """Whether class `i` says that there is nothing to see: zeros, and what does not stand out."""
        return (self.zero and i == 0) or (self.kind == "clusters" and self.keys[i][0] in palette.QUIET)

    def ramp(self, *, dark: bool = False) -> tuple[str, ...]:
        return self.dark if dark else self.colours


def classify(values: Sequence[object] | np.ndarray | pd.Series, style: Style, *, language: str, column: Column | None = None) -> Classes:
    """The classes that `values` are drawn in as `style.ramp` says.

    Missing and infinite numbers are counted in `missing` and belong to no class. `column` gives titles of codes and decimals.
    """
    name = column.name if column else style.colour_by
    if style.ramp == "single" or style.colour_by is None:
        return Classes("single", (), (style.colour,), (style.colour,), ("",), (len(values),), column=name)
    if style.ramp in ("clusters", "categories"):
        return _named(values, style, language, column, name)
    found = _numbers(values)
    known = found[np.isfinite(found)]
    make = _diverging if style.ramp == "diverging" else _sequential
    return make(known, len(found) - len(known), style, language, name)


def _numbers(values) -> np.ndarray:
    found = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(found), found, np.nan)


# ---- numbers from few to many

def _sequential(known: np.ndarray, missing: int, style: Style, language: str, name: str | None) -> Classes:
    zero = bool(len(known) and known.min() == 0)
    above = known[known > 0] if zero else known
    lower, top, decimals = _lower_bounds(above, max(1, style.classes - zero)) if len(above) else ([], 0.0, 0)
    breaks = [*([0.0] if zero else []), *lower, top] if zero or lower else []
    if not breaks:
        return Classes("sequential", (), (), (), (), (), missing, column=name)
    whole = _whole(known)
    labels = ([number(0, language)] if zero else []) + _range_labels(lower, top, above, whole, decimals, language)
    colours, dark = ((*([first] if zero else []), *palette.some(ramp, len(lower))) if lower else (first,)
                     for ramp, first in ((palette.SEQUENTIAL, palette.ZERO), (palette.SEQUENTIAL_DARK, palette.ZERO_DARK)))
    made = Classes("sequential", tuple(float(b) for b in breaks), colours, dark, tuple(labels), (), missing, column=name, zero=zero)
    return _counted(made, known)


def _lower_bounds(above: np.ndarray, most: int) -> tuple[list[float], float, int]:
    """Lower bounds of at most `most` classes, the upper bound of the last, and the decimals that say them."""
    distinct = np.unique(above)
    if len(distinct) <= most:
        return list(distinct), float(distinct[-1]), _decimals_of(distinct)
    whole = _whole(above)
    shares = TOP_SHARES if len(above) > MANY_ROWS else EVEN_SHARES
    picked = np.quantile(above, [shares[round(i * (len(shares) - 1) / max(1, most - 1))] for i in range(most)][1:] if most > 1 else [])
    for digits in (2, 3, 4):
        lower = _rising([_rounded(value, digits, whole=whole) for value in picked], distinct)
        if len(lower) >= min(most, 3):
            break
    return lower, float(distinct[-1]), 0 if whole else _decimals_of(np.asarray(lower[1:]))


def _rising(picked: list[float], distinct: np.ndarray) -> list[float]:
    """Lower bounds that rise and leave no class empty. Among small counts many shares fall on one value: the next one is taken."""
    lower = [float(distinct[0])]
    for value in picked:
        first = distinct[distinct >= lower[-1]][0]      # the least value of the class that this bound will end
        beyond = distinct[distinct > first]
        if not len(beyond):
            break
        lower.append(float(value if first < value <= distinct[-1] else beyond[0]))
    return lower


def _rounded(value: float, digits: int, *, whole: bool) -> float:
    """`value` with as many significant digits; a whole number below 100 stays exact."""
    if value == 0:
        return 0.0
    if whole:
        value = float(np.ceil(value))
        if abs(value) < 100:
            return value
    step = 10.0 ** (np.floor(np.log10(abs(value))) - digits + 1)
    rounded = float(np.round(np.round(value / step) * step, 10))
    return float(np.ceil(rounded)) if whole else rounded


def _whole(values: np.ndarray) -> bool:
    return bool(len(values)) and bool(np.all(values == np.round(values)))


def _decimals_of(values: np.ndarray) -> int:
    return next((d for d in range(5) if np.allclose(np.round(values, d), values, rtol=0, atol=1e-9)), 4)


def _range_labels(lower: list[float], top: float, above: np.ndarray, whole: bool, decimals: int, language: str) -> list[str]:
    say = lambda value: number(np.floor(value * 10**decimals) / 10**decimals, language, decimals)  # noqa: E731
    if len(np.unique(above)) == len(lower):
        return [say(value) for value in lower]
    labels = []
    for i, low in enumerate(lower):
        high = lower[i + 1] if i + 1 < len(lower) else None
        if whole:
            end = top if high is None else high - 1
            labels.append(say(low) if end == low else f"{say(low)}–{say(end)}")
        elif high is None:
            labels.append(_FROM.format(low=say(low))[language])
        else:
            labels.append(_BELOW.format(high=say(high))[language] if say(low) == say(0) else f"{say(low)}–{say(high)}")
    return labels


# ---- less and more

def _diverging(known: np.ndarray, missing: int, style: Style, language: str, name: str | None) -> Classes:
    ratio = "ratio" in (name or "")
    inner = RATIO_BREAKS if ratio else _even_breaks(known)
    low, high = (min(known.min(), inner[0]), max(known.max(), inner[-1])) if len(known) else (inner[0], inner[-1])
    breaks = (float(low) if not ratio else 0.0, *inner, float(high))
    labels = (_ratio_labels(inner, language) if ratio else _whole_labels(inner, language) if _whole(known)
              else _signed_labels(inner, language))
    colours, dark = ((ramp[0], ramp[2], ramp[4]) if len(inner) == 2 else ramp for ramp in (palette.DIVERGING, palette.DIVERGING_DARK))
    return _counted(Classes("diverging", breaks, colours, dark, tuple(labels), (), missing, column=name), known)


def _even_breaks(known: np.ndarray) -> tuple[float, ...]:
    """Breaks that lie alike on both sides of 0; for whole numbers 0 is a class of its own."""
    size = np.abs(known[known != 0])
    if _whole(known) or not len(known):
        far = _rounded(float(np.quantile(size, 0.75)), 2, whole=True) if len(size) else 1.0
        return (-far + 1, 0.0, 1.0, far) if far >= 2 else (0.0, 1.0)
    near, far = (_rounded(float(np.quantile(size, share)), 2, whole=False) for share in (0.33, 0.75))
    if far <= near:
        return (-near, near)
    return (-far, -near, near, far)


def _ratio_labels(inner: tuple[float, ...], language: str) -> list[str]:
    said = [number(value, language, _decimals_of(np.asarray([value]))) for value in inner]
    return [_BELOW.format(high=said[0])[language], *(f"{a}–{b}" for a, b in pairwise(said)),
            _FROM.format(low=said[-1])[language]]


def _signed(value: float, language: str, decimals: int = 0) -> str:
    return ("+" if value > 0 else "−" if value < 0 else "") + number(abs(value), language, decimals)


def _whole_labels(inner: tuple[float, ...], language: str) -> list[str]:
    """inner = (−far+1, 0, 1, far): … −far | −far+1 … −1 | 0 | 1 … far−1 | far …"""
    if len(inner) == 2:
        return [_BELOW.format(high="0")[language], "0", _FROM.format(low=_signed(1, language))[language]]
    far = inner[3]
    between = [_signed(-1, language), _signed(1, language)] if far == 2 else [
        _TO.format(low=_signed(-far + 1, language), high=_signed(-1, language))[language],
        _TO.format(low=_signed(1, language), high=_signed(far - 1, language))[language]]
    least = Text(sv="{low} eller mindre", en="{low} or less").format(low=_signed(-far, language))[language]
    return [least, between[0], "0", between[1], _FROM.format(low=_signed(far, language))[language]]


def _signed_labels(inner: tuple[float, ...], language: str) -> list[str]:
    decimals = _decimals_of(np.asarray(inner))
    said = [_signed(value, language, decimals) for value in inner]
    return [_BELOW.format(high=said[0])[language],
            *(_TO.format(low=a, high=b)[language] for a, b in pairwise(said)), _FROM.format(low=said[-1])[language]]


def _counted(made: Classes, known: np.ndarray) -> Classes:
    counts = np.bincount(made.of(known), minlength=len(made)) if len(known) else np.zeros(len(made), dtype=int)
    return Classes(made.kind, made.breaks, made.colours, made.dark, made.labels, tuple(int(n) for n in counts), made.missing,
                   column=made.column, zero=made.zero)


# ---- named classes

def _named(values, style: Style, language: str, column: Column | None, name: str | None) -> Classes:
    groups = _surely(values, column) if style.ramp == "clusters" else _groups(values, column)
    keys = tuple(group.codes for group in groups)
    where = _positions(values, keys)
    counts = np.bincount(where[where >= 0], minlength=len(groups))
    labels = tuple(_title(group, column)[language] for group in groups)
    return Classes("clusters" if style.ramp == "clusters" else "categories", (), tuple(g.colour for g in groups),
                   tuple(g.dark for g in groups), labels, tuple(int(n) for n in counts), int((where < 0).sum()), keys,
                   tuple(g.sign for g in groups), column=name)


def _title(group: Group, column: Column | None) -> Text:
    """The words of the column's own code list where it has them for a cluster, else those of the group."""
    return next((code.title for code in (column.codes if column else ()) if _tidy(code.value) in group.codes), group.title) \
        if group not in palette.STAGES else group.title


def _surely(values, column: Column | None) -> tuple[Group, ...]:
    """The groups that most of the codes belong to: clusters, increases and decreases, likeness to the neighbours, or how clusters last."""
    codes = {_tidy(code.value) for code in column.codes} if column else {_tidy(value) for value in pd.Series(values).dropna().unique()}
    known = (palette.CLUSTERS, palette.TRENDS, palette.LIKENESS, palette.PATTERNS)
    groups = max(known, key=lambda groups: len(codes & {code for group in groups for code in group.codes}))
    # a method that looks for high counts only has no low ones in its legend
    return tuple(group for group in groups if codes & set(group.codes)) if column else groups


def _groups(values, column: Column | None) -> tuple[Group, ...]:
    """Stages for the status of a measure; else a class per code, the last holding all that colours do not suffice for."""
    known = {code.value for code in column.codes} if column else set()
    if known and known <= {code for group in palette.STAGES for code in group.codes}:
        return palette.STAGES
    met = pd.Series(values).dropna().astype(str)
    titles = {code.value: code.title for code in column.codes} if column else {}
    present = [*(value for value in titles if value in set(met)), *sorted(set(met) - set(titles))]
    most = len(palette.CATEGORIES)
    single = present if len(present) <= most else present[:most - 1]
    groups = [Group(value, titles.get(value, Text(sv=value, en=value)), (value,), palette.CATEGORIES[i], palette.CATEGORIES_DARK[i],
                    Sign(palette.SHAPES[i % len(palette.SHAPES)])) for i, value in enumerate(single)]
    if len(present) > most:
        groups.append(Group("other", _OTHER, tuple(present[most - 1:]), palette.CATEGORIES[-1], palette.CATEGORIES_DARK[-1], Sign("circle")))
    return tuple(groups)


def _positions(values, keys: tuple[tuple[str, ...], ...]) -> np.ndarray:
    """Position of the group that holds each code; −1 for a missing or unknown one. `hot99`, `Hot 99` and `hot_99` are one code."""
    place = {_tidy(code): i for i, codes in enumerate(keys) for code in codes}
    codes, distinct = pd.factorize(pd.Series(values, dtype=object))
    found = np.array([place.get(_tidy(value), -1) for value in distinct] + [-1])
    return found[codes]


def _tidy(value: object) -> str:
    return re.sub(r"(?<=[a-z])(?=\d)", "_", re.sub(r"[\s\-]+", "_", str(value).strip().lower()))
