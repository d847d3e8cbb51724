"""Many tests at once: corrected p, and which cells ask the same question."""
from __future__ import annotations

import numpy as np

from ..errors import InputError
from ..text import Text

CORRECTIONS = ("fdr", "holm", "bonferroni", "none")
_MOST_CODES = 1 << 23


def adjust(p: np.ndarray, correction: str = "fdr", times: np.ndarray | None = None) -> np.ndarray:
    """p corrected for the number of tests; missing p stay missing and are not counted as tests.

    "fdr" is Benjamini and Hochberg's, which holds also under positive dependence, as between neighbouring cells; "holm" and
    "bonferroni" guard against a single false alarm; "none" changes nothing. `times`: how often each p occurs, for a list of
    different p. Over all tests, never over the neighbours of a cell, as spdep's `p.adjustSP` does.

    References: Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x
    """
    if correction not in CORRECTIONS:
        raise InputError(Text(sv="Korrigeringen är {known}, inte {correction}.", en="The correction is {known}, not {correction}.").format(
            known=", ".join(CORRECTIONS), correction=correction))
    p = np.asarray(p, dtype=float)
    adjusted = p.copy()
    tested = np.flatnonzero(~np.isnan(p))
    if correction == "none" or not len(tested):
        return adjusted
    order = tested[np.argsort(p[tested], kind="stable")]
    rank = np.cumsum(np.ones(len(order)) if times is None else np.asarray(times)[order])
    number = rank[-1]
    if correction == "fdr":
        falling = np.minimum.accumulate((p[order] * number / rank)[::-1])[::-1]
    elif correction == "holm":
        before = np.concatenate([[0], rank[:-1]])
        falling = np.maximum.accumulate(p[order] * (number - before))
    else:
        falling = p[order] * number
    adjusted[order] = np.minimum(falling, 1)
    return adjusted


def questions(*whole: np.ndarray) -> tuple[tuple[np.ndarray, ...], np.ndarray, np.ndarray]:
    """The different combinations of whole numbers not below 0, which one each row asks, and how many rows ask it.

    A sparse grid asks the same few hundred questions 250 000 times; each is then answered once.
    """
    shape = tuple(int(numbers.max(initial=0)) + 1 for numbers in whole)
    code = whole[0].astype(np.int64)
    for numbers, most in zip(whole[1:], shape[1:], strict=True):
        code *= most
        code += numbers
    if np.prod([float(most) for most in shape]) <= _MOST_CODES:
        times = np.bincount(code, minlength=1)
        different = np.flatnonzero(times)
        lookup = np.zeros(len(times), dtype=np.intp)
        lookup[different] = np.arange(len(different))
        which, times = lookup[code], times[different]
    else:
        different, which, times = np.unique(code, return_inverse=True, return_counts=True)
    parts = []
    for most in shape[:0:-1]:
        different, part = np.divmod(different, most)
        parts.append(part)
    return (different, *parts[::-1]), which, times
