"""Counts as a product of what acts on them: Poisson and negative binomial regression with a log link."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize, special

from ..errors import InputError
from ..text import Text

_ROUNDS = 100
_LEAST_MEAN = 1e-10


@dataclass(frozen=True)
class Fit:
    """Logarithms of the factors, their covariance as the model has it, the expected counts, and how much wider the counts scatter."""

    coefficients: np.ndarray
    covariance: np.ndarray
    expected: np.ndarray
    scatter: float          # Pearson's chi-square per degree of freedom
    log_likelihood: float
    alpha: float            # variance = mean + alpha · mean²; 0 is Poisson
    freedom: int


def fit(counts: np.ndarray, columns: np.ndarray, *, offset: np.ndarray | float = 0.0, alpha: float | None = 0.0) -> Fit:
    """The factors that make the counts most likely.

    Parameters
    ----------
    counts, columns
        One count per row, and what acts on it, (rows, factors); a column of ones is the level.
    offset
        Logarithm of what each count was made over (days, residents).
    alpha
        0 for Poisson; above 0 negative binomial with that extra scatter; None estimates it, and stays at 0 where there is none.

    Raises
    ------
    InputError
        A column is a sum of others, or there are more columns than rows.

    Notes
    -----
    Newton's method by weighted least squares, with the step halved while it makes the counts less likely.
    """
    counts, columns = np.asarray(counts, dtype=float), np.asarray(columns, dtype=float)
    if len(counts) <= columns.shape[1] or np.linalg.matrix_rank(columns) < columns.shape[1]:
        raise InputError(Text(sv="Modellen kan inte skattas: den har fler okända än vad antalen kan skilja åt.",
                              en="The model cannot be estimated: it has more unknowns than the counts can tell apart."))
    shift = np.broadcast_to(np.asarray(offset, dtype=float), counts.shape)
    if alpha is not None:
        return _fitted(counts, columns, shift, alpha)
    plain = _fitted(counts, columns, shift, 0.0)
    best = optimize.minimize_scalar(lambda log_alpha: -_fitted(counts, columns, shift, float(np.exp(log_alpha))).log_likelihood,
                                    bounds=(-12, 4), method="bounded", options={"xatol": 1e-6})
    found = _fitted(counts, columns, shift, float(np.exp(best.x)))
    return found if found.log_likelihood > plain.log_likelihood + 1e-6 else plain


def _fitted(counts: np.ndarray, columns: np.ndarray, offset: np.ndarray, alpha: float) -> Fit:
    expected = np.maximum((counts + counts.mean()) / 2, 0.1)
    line = np.log(expected)
    coefficients, before = np.zeros(columns.shape[1]), -np.inf
    for _ in range(_ROUNDS):
        weight = expected / (1 + alpha * expected)
        wanted = line - offset + (counts - expected) / expected
        root = np.sqrt(weight)[:, None]
        step = linalg.lstsq(columns * root, wanted * root[:, 0])[0] - coefficients
        for share in (1.0, 0.5, 0.25, 0.1, 0.02):
            line = np.clip(columns @ (coefficients + share * step) + offset, np.log(_LEAST_MEAN), 40)
            likelihood = _log_likelihood(counts, np.exp(line), alpha)
            if likelihood >= before - 1e-9:
                break
        coefficients, expected = coefficients + share * step, np.exp(line)
        if abs(likelihood - before) < 1e-11 * (1 + abs(likelihood)):
            break
        before = likelihood
    weight = expected / (1 + alpha * expected)
    freedom = len(counts) - columns.shape[1]
    scatter = float(((counts - expected)**2 / (expected * (1 + alpha * expected))).sum() / freedom)
    return Fit(coefficients, linalg.pinvh((columns * weight[:, None]).T @ columns), expected, scatter, likelihood, alpha, freedom)


def _log_likelihood(counts: np.ndarray, expected: np.ndarray, alpha: float) -> float:
    if alpha == 0:
        return float((counts * np.log(expected) - expected - special.gammaln(counts + 1)).sum())
    size = 1 / alpha
    return float((special.gammaln(counts + size) - special.gammaln(size) - special.gammaln(counts + 1)
                  - size * np.log1p(alpha * expected) + counts * (np.log(alpha * expected) - np.log1p(alpha * expected))).sum())
