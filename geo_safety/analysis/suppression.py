"""Counts that may leave: small ones hidden so that no total gives them back, or rounded by chance."""
from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, sparse

from ..errors import InputError
from ..text import Text

MIN_COUNT = 5
_HAIR = 1e-6


@dataclass(frozen=True)
class Suppressed:
    """A table that may leave, with hidden numbers missing (Int64): counts, totals of rows and of columns, and which counts are hidden for
    their own sake (`primary`) or for others' (`secondary`)."""

    table: pd.DataFrame
    row_totals: pd.Series
    column_totals: pd.Series
    primary: pd.DataFrame
    secondary: pd.DataFrame

    @property
    def hidden(self) -> int:
        return int(self.primary.to_numpy().sum() + self.secondary.to_numpy().sum())


@dataclass(frozen=True)
class Sum:
    """A sum that others know: of which cells, how much, and where it stands among our totals (None: published by somebody else)."""

    mask: np.ndarray
    total: float
    place: tuple[int, int] | None = None


def suppress(table: pd.DataFrame, *, min_count: int = MIN_COUNT, complementary: bool = True, rows: bool = True, columns: bool = True,
             known: Sequence[tuple[np.ndarray, float]] = ()) -> Suppressed:
    """Hides counts from 1 to `min_count` − 1, and as many others as it takes for the totals not to give them back.

    Parameters
    ----------
    table
        Counts, areas × types or years. 0 is shown: that nothing happened gives nobody away.
    rows, columns
        Whether the totals of rows and of columns are published too. A total that is small itself is hidden, and so is one that gives a
        count away however many others are hidden beside it.
    known
        Further sums that others know, such as yearly totals of the authority: (mask of the shape of `table`, sum).

    Returns
    -------
    `Suppressed`. With `complementary` linear programming over everything published bounds no count that is hidden for its own sake more
    narrowly than 1 to `min_count` − 1, and no secondary one to a single number.

    Raises
    ------
    InputError
        Counts are missing, negative or no whole numbers, a known sum contradicts the table, or the known sums give a count away whatever
        is hidden.
    """
    counts = _counts(table)
    small = (counts > 0) & (counts < min_count)
    hidden = small.copy()
    foreign = [Sum(np.asarray(mask, dtype=bool), float(total)) for mask, total in known]
    for one in foreign:
        if one.mask.shape != counts.shape or abs(counts[one.mask].sum() - one.total) > _HAIR:
            raise InputError(Text(sv="En känd summa stämmer inte med tabellen.", en="A known sum does not agree with the table."))
    sums = [one for one in _totals(counts, rows, columns) if not 0 < one.total < min_count] + foreign
    while complementary and (bare := _given_away(counts, hidden, small, sums, min_count)):
        around = sorted((one for one in sums if one.mask[bare]), key=lambda one: (one.mask & hidden).sum())
        another = _hide_beside(counts, hidden, around)
        if another is not None:
            hidden[another] = True
            continue
        ours = [one for one in around if one.place is not None]
        if not ours:
            raise InputError(Text(sv="Summor som andra känner till röjer ett litet antal vad som än döljs. Slå ihop grupper eller områden.",
                                  en="Sums that others know give a small count away whatever is hidden. Join groups or areas."))
        sums = [one for one in sums if one is not ours[0]]
    shown = pd.DataFrame(counts, index=table.index, columns=table.columns).astype("Int64").mask(pd.DataFrame(hidden, table.index, table.columns))
    places = {one.place for one in sums}
    margins = [pd.Series([int(total) if (axis, i) in places else pd.NA for i, total in enumerate(counts.sum(axis=1 - axis))], index=labels, dtype="Int64")
               for axis, labels in ((0, table.index), (1, table.columns))]
    parts = [pd.DataFrame(part, table.index, table.columns) for part in (small, hidden & ~small)]
    return Suppressed(shown, margins[0], margins[1], parts[0], parts[1])


def bounds(counts: np.ndarray, hidden: np.ndarray, sums: Sequence[Sum], cell: tuple[int, int]) -> tuple[float, float]:
    """What somebody who knows the shown counts and the sums can say of a hidden one: at least, at most (whole numbers)."""
    position = np.full(hidden.shape, -1)
    position[hidden] = np.arange(hidden.sum())
    n = int(hidden.sum())
    equations = [(position[one.mask & hidden], one.total - counts[one.mask & ~hidden].sum()) for one in sums if (one.mask & hidden).any()]
    wanted = np.zeros(n)
    wanted[position[cell]] = 1
    if not equations:
        return 0.0, np.inf
    rows = np.repeat(np.arange(len(equations)), [len(part) for part, _ in equations])
    matrix = sparse.csr_array((np.ones(len(rows)), (rows, np.concatenate([part for part, _ in equations]))), shape=(len(equations), n))
    right = np.array([total for _, total in equations], dtype=float)
    found = []
    for sign in (1, -1):
        answer = optimize.linprog(sign * wanted, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs")
        found.append(sign * answer.fun if answer.status == 0 else sign * -np.inf)
    return float(np.ceil(found[0] - _HAIR)), float(np.floor(found[1] + _HAIR))


def round_random(table: pd.DataFrame, *, key: bytes, base: int = 3) -> pd.DataFrame:
    """Each count at the multiple of `base` below or above it, by a chance that leaves its expected value as it is.

    The chance is drawn from `key` (a secret), the labels and the count, so that asking again gives the same answer and nothing can be averaged
    away. Totals are rounded by themselves and need not add up.
    """
    if base < 2 or not key:
        raise InputError(Text(sv="Avrundningen kräver en bas på minst 2 och en hemlig nyckel.", en="Rounding takes a base of at least 2 and a secret key."))
    counts = _counts(table)
    rounded = counts.copy()
    for i, j in zip(*np.nonzero(counts % base), strict=True):
        over = int(counts[i, j] % base)
        label = f"{table.index[i]}\x1f{table.columns[j]}\x1f{counts[i, j]}"
        rounded[i, j] += base - over if chance(key, label) < over / base else -over
    return pd.DataFrame(rounded, index=table.index, columns=table.columns)


def chance(key: bytes, label: str) -> float:
    """A number from 0 up to 1 that depends on a secret and a label alone."""
    return int.from_bytes(hmac.new(key, label.encode(), hashlib.sha256).digest()[:7], "big") / 2**56


def _counts(table: pd.DataFrame) -> np.ndarray:
    values = table.to_numpy(dtype=float, na_value=np.nan)
    if not values.size or not np.isfinite(values).all() or (values < 0).any() or (values != np.floor(values)).any():
        raise InputError(Text(sv="Tabellen måste bestå av antal: hela tal som inte är under 0, utan luckor.",
                              en="The table must consist of counts: whole numbers not below 0, without gaps."))
    return values.astype(np.int64)


def _totals(counts: np.ndarray, rows: bool, columns: bool) -> list[Sum]:
    lines = []
    for axis, published in ((0, rows), (1, columns)):
        for i in range(counts.shape[axis] if published else 0):
            mask = np.zeros(counts.shape, dtype=bool)
            mask[(i, slice(None)) if axis == 0 else (slice(None), i)] = True
            lines.append(Sum(mask, float(counts[mask].sum()), (axis, i)))
    return lines


def _given_away(counts: np.ndarray, hidden: np.ndarray, small: np.ndarray, sums: Sequence[Sum], min_count: int) -> tuple[int, int] | None:
    """A hidden count that the sums tell too much of; one that is alone in a sum first, so that the rest is found with few more."""
    cells = list(zip(*np.nonzero(hidden), strict=True))
    lonely = np.zeros(hidden.shape, dtype=bool)
    for one in sums:
        if (one.mask & hidden).sum() == 1:
            lonely |= one.mask & hidden
    for cell in sorted(cells, key=lambda at: not lonely[at]):
        low, high = bounds(counts, hidden, sums, cell)
        if (low > 1 or high < min_count - 1) if small[cell] else low == high:
            return cell
    return None


def _hide_beside(counts: np.ndarray, hidden: np.ndarray, around: Sequence[Sum]) -> tuple[int, int] | None:
    """Another count to hide: in the sum with fewest hidden that has one, one that closes a square, and of those the smallest."""
    for one in around:
        free = np.argwhere(one.mask & ~hidden & (counts > 0))
        if len(free):
            closed = [-(hidden[i].sum() + hidden[:, j].sum()) for i, j in free]
            return tuple(int(part) for part in free[np.lexsort((counts[tuple(free.T)], closed))[0]])  # type: ignore[return-value]
    return None
