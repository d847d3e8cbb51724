"""Summaries on a clock or a year's wheel, where 23 and 1 are two hours apart."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special, stats

from ..errors import InputError
from ..model.cautions import Caution, caution
from ..text import Text

SMALL_N = 20
FEW = 50                # below it Rayleigh's p needs its correction
MOST_KAPPA = 700.0      # all at one moment: the estimate has no end


@dataclass(frozen=True)
class CircularSummary:
    """One time around which events gather, and how strongly.

    `mean`, `low`, `high` in units of the period (hours); `low` may be above `high`: the interval then passes midnight. Both are missing
    where the events do not gather enough to say. `concentration` from 0 (all around) to 1 (one moment).
    """

    mean: float
    low: float
    high: float
    concentration: float
    variance: float     # 1 − concentration
    kappa: float        # of the von Mises distribution
    p: float            # Rayleigh: of no gathering at all
    n: int
    warnings: tuple[Caution, ...]


def circular_summary(hours: ArrayLike, *, period: float = 24.0, conf: float = 0.95) -> CircularSummary:
    """The mean time of events on a wheel, with interval, concentration and Rayleigh's p of no gathering.

    Parameters
    ----------
    hours
        Times from 0 to `period` (others are taken round the wheel); missing ones are left out.
    period
        24 for hours of the day, 168 for hours of the week, 365.25 for days of the year.

    Notes
    -----
    One number for a wheel with two peaks – noon and midnight – lies where nothing happens: TWO_PEAKS says when the events gather more
    on the doubled wheel than on the single one. Draw the hours in any case. The interval is Fisher's for large samples (1993, § 4.4).

    References: Fisher 1993, doi:10.1017/CBO9780511564345; Mardia & Jupp 2000, doi:10.1002/9780470316979
    """
    values = np.asarray(hours, dtype=float).ravel()
    values = values[~np.isnan(values)]
    if not len(values) or not np.isfinite(values).all() or not 0 < period < np.inf:
        raise InputError(Text(sv="Det behövs minst en känd tid, och en period över 0.", en="At least one known time is needed, and a period above 0."))
    n, angle = len(values), 2 * np.pi * values / period
    first, second = (np.exp(1j * k * angle).mean() for k in (1, 2))
    r = float(min(abs(first), 1.0))
    mean = float(np.angle(first) % (2 * np.pi)) if r > 1e-12 else np.nan
    low, high = _ends(mean, r, float((second * np.exp(-2j * mean)).real) if r > 1e-12 else 0.0, n, conf)
    p = _rayleigh(r, n)
    hour = period / (2 * np.pi)
    return CircularSummary(mean * hour, low * hour % period, high * hour % period, r, 1 - r, _kappa(r), p, n, _doubts(n, r, abs(second)))


def _rayleigh(r: float, n: int) -> float:
    z = n * r**2
    correction = 1 + (2 * z - z**2) / (4 * n) - (24 * z - 132 * z**2 + 76 * z**3 - 9 * z**4) / (288 * n**2) if n < FEW else 1.0
    return float(min(1.0, max(0.0, np.exp(-z) * correction)))


def _kappa(r: float) -> float:
    """The von Mises concentration whose mean resultant length is `r`."""
    if r < 1e-12:
        return 0.0
    surplus = lambda kappa: float(special.i1e(kappa) / special.i0e(kappa) - r)  # noqa: E731
    return float(optimize.brentq(surplus, 0, MOST_KAPPA)) if surplus(MOST_KAPPA) > 0 else np.inf


def _ends(mean: float, r: float, second: float, n: int, conf: float) -> tuple[float, float]:
    """Interval of the mean in radians; missing when the events are too few or too spread for any direction to be left out."""
    if n < 2 or r < 1e-12:
        return np.nan, np.nan
    reach = stats.norm.isf((1 - conf) / 2) * np.sqrt(max(0.0, 1 - second) / (2 * r**2) / n)
    return (mean - np.arcsin(reach), mean + np.arcsin(reach)) if reach <= 1 else (np.nan, np.nan)


def _doubts(n: int, single: float, double: float) -> tuple[Caution, ...]:
    found = []
    if n < SMALL_N:
        found.append(caution("SMALL_N", n=n))
    if double > single and _rayleigh(min(double, 1.0), n) < 0.05:
        found.append(caution("TWO_PEAKS"))
    return tuple(found)
