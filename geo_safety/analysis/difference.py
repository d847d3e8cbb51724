"""Difference in differences: several places over many steps, some treated from one day on."""
from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ..errors import InputError
from ..model.cautions import Caution, caution
from ..text import Text
from .before_after import odds_ratio_exact
from .loglinear import fit

MANY_UNITS, MANY_TREATED = 40, 10   # below it leaving out one place at a time tells too little
SMALL_N = 20
APART_P = 0.1


@dataclass(frozen=True)
class DifferenceInDifferences:
    """How many times the treated places changed beyond the others, with an interval that allows for how few places there are."""

    ratio: float
    low: float
    high: float
    p: float
    inference: str          # placebo | jackknife: see `did`
    family: str
    alpha: float            # extra scatter of the negative binomial; 0 for Poisson
    units: int
    treated_units: int
    placebos: int
    steps: tuple[int, int]  # before, after
    n: int
    p_parallel: float       # of no difference in course before the start
    warnings: tuple[Caution, ...]


def did(panel: pd.DataFrame, *, start: Any, unit: str = "area", step: str = "step", treated: str = "treated", incidents: str = "incidents",
        family: str = "poisson", inference: str = "auto", n_perm: int = 999, seed: int | None = None, conf: float = 0.95) -> DifferenceInDifferences:
    """The change of the treated places from `start` on, in units of the change of the others, with a level for each place and each step.

    Parameters
    ----------
    panel
        One row per place and step, every place in every step: who, when, whether the place is one of the treated (the same in all its
        rows), and a whole number of events. Places and steps without any event say nothing and are left out.
    start
        First step of the treatment, the same for all. Places that began at different times are refused: held against each other
        they give answers that can have the wrong sign (Goodman-Bacon 2021).
    family
        "poisson", whose answer holds whatever the scatter, or "negative_binomial", which gives busy steps less weight.
    inference
        "placebo": the same number of untreated places is called treated, in all ways or `n_perm` at random, and the answer is held
        against what comes out. "jackknife": one place at a time is left out, so the steps of a place may hang together; it needs many
        places. "auto": jackknife from 40 places of which 10 are treated, else placebo.

    Returns
    -------
    The ratio (0.7: 30 per cent fewer than the others' course would give), its interval, p, and `p_parallel` of the courses before.
    With fewer than 19 placebos p cannot reach 0.05 and the interval has no ends: FEW_CLUSTERS.

    Notes
    -----
    With every place in every step Poisson's answer is (T1 / T0) / (C1 / C0) of the sums; the placebo answers are studentised by the
    errors of that. That the courses before do not differ beyond chance is no proof that they would have gone on alike.

    References: Conley & Taber 2011, doi:10.1162/REST_a_00049; MacKinnon, Nielsen & Webb 2023, doi:10.1016/j.jeconom.2022.04.001;
    Goodman-Bacon 2021, doi:10.1016/j.jeconom.2021.03.014
    """
    if family not in ("poisson", "negative_binomial") or inference not in ("auto", "placebo", "jackknife"):
        raise InputError(Text(sv="Familjen är poisson eller negative_binomial, och inference är auto, placebo eller jackknife.",
                              en="The family is poisson or negative_binomial, and inference is auto, placebo or jackknife."))
    table, mask, later = _table(panel, start, unit, step, treated, incidents)
    rng = np.random.default_rng(seed)
    chosen = inference if inference != "auto" else "jackknife" if len(table) >= MANY_UNITS and mask.sum() >= MANY_TREATED else "placebo"
    alpha = 0.0 if family == "poisson" else _model(table, mask, later, None)[2]
    effect, error = _effect(table, mask, later, alpha)
    placebos = np.array([])
    if chosen == "jackknife":
        error = _jackknife(table, mask, later, alpha)
        reach = float(stats.t.isf((1 - conf) / 2, len(table) - 1))
        p = float(2 * stats.t.sf(abs(effect / error), len(table) - 1))
    else:
        placebos = np.abs(_placebos(table[~mask], int(mask.sum()), later, alpha, n_perm, rng))
        reach = _order(placebos, conf)
        p = float((1 + (placebos >= abs(effect / error) * (1 - 1e-9)).sum()) / (1 + len(placebos)))
    parallel = _parallel(table[mask].sum(axis=0)[~later], table[~mask].sum(axis=0)[~later], rng)
    n = int(table.sum())
    return DifferenceInDifferences(
        float(np.exp(effect)), float(np.exp(effect - reach * error)), float(np.exp(effect + reach * error)), p, chosen, family, float(alpha), len(table),
        int(mask.sum()), len(placebos), (int((~later).sum()), int(later.sum())), n, parallel, _doubts(n, chosen, len(placebos), parallel))


def event_study(panel: pd.DataFrame, *, start: Any, unit: str = "area", step: str = "step", treated: str = "treated", incidents: str = "incidents",
                conf: float = 0.95) -> pd.DataFrame:
    """The course of treated against untreated places step by step, to be drawn: flat before the start, or the control is no control.

    Returns
    -------
    One row per step with events: `step`, `after`, `treated`, `untreated` (events), `ratio` (of the step, to all other steps before the
    start, in units of the untreated), `low` and `high` (exact).
    """
    table, mask, later = _table(panel, start, unit, step, treated, incidents)
    names = [name for name in sorted(panel[step].unique()) if panel.loc[panel[step] == name, incidents].sum() > 0]
    here, there = table[mask].sum(axis=0), table[~mask].sum(axis=0)
    rows = []
    for position, name in enumerate(names):
        base = ~later & (np.arange(len(names)) != position)
        told = odds_ratio_exact((here[base].sum(), here[position]), (there[base].sum(), there[position]), conf=conf)
        rows.append((name, bool(later[position]), int(here[position]), int(there[position]), told.ratio, told.low, told.high))
    return pd.DataFrame(rows, columns=["step", "after", "treated", "untreated", "ratio", "low", "high"])


def _table(panel: pd.DataFrame, start: Any, unit: str, step: str, treated: str, incidents: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts (places, steps), which places are treated, which steps are after; empty rows and columns left out."""
    missing = [name for name in (unit, step, treated, incidents) if name not in panel.columns]
    if missing:
        raise InputError(Text(sv="Tabellen saknar kolumnen {column}.", en="The table has no column {column}.").format(column=", ".join(missing)))
    if (panel.groupby(unit)[treated].nunique() > 1).any():
        raise InputError(Text(sv="Ett område är både behandlat och inte. Skriv samma värde i alla dess rader; börjar områden vid olika tider går de inte att "
                                 "räkna så här.",
                              en="A place is both treated and not. Write the same value in all its rows; places that begin at different times cannot be "
                                 "computed like this."))
    if panel.duplicated([unit, step]).any() or len(panel) != panel[unit].nunique() * panel[step].nunique():
        raise InputError(Text(sv="Varje område ska ha precis en rad för varje tidssteg.", en="Each place must have exactly one row for each step."))
    counts = panel[incidents].to_numpy(dtype=float)
    if not np.isfinite(counts).all() or (counts < 0).any() or (counts != np.floor(counts)).any():
        raise InputError(Text(sv="Antalen måste vara hela tal från 0 och uppåt.", en="The counts must be whole numbers from 0 upwards."))
    wide = panel.pivot(index=unit, columns=step, values=incidents).sort_index(axis=1)
    wide = wide.loc[wide.sum(axis=1) > 0, wide.sum(axis=0) > 0]
    mask = panel.groupby(unit)[treated].first().loc[wide.index].to_numpy(dtype=bool)
    later = np.asarray(wide.columns >= start)
    sums = [wide.to_numpy()[group][:, side].sum() for group in (mask, ~mask) for side in (later, ~later)]
    if min(sums) == 0:
        raise InputError(Text(sv="Det behövs händelser både före och efter start i både behandlade och andra områden. Med så få händelser passar "
                                 "odds_ratio_exact.",
                              en="There must be events before and after the start in both treated and other places. With so few events use "
                                 "odds_ratio_exact."))
    return wide.to_numpy(dtype=float), mask, later


def _effect(table: np.ndarray, mask: np.ndarray, later: np.ndarray, alpha: float) -> tuple[float, float]:
    """Logarithm of the ratio and its error."""
    if alpha > 0:
        return _model(table, mask, later, alpha)[:2]
    sums = np.array([table[group][:, side].sum() for group in (mask, ~mask) for side in (later, ~later)])
    return float(np.log(sums) @ [1, -1, -1, 1]), float(np.sqrt((1 / sums).sum()))


def _model(table: np.ndarray, mask: np.ndarray, later: np.ndarray, alpha: float | None) -> tuple[float, float, float]:
    made = fit(table.ravel(), _columns(mask, later), alpha=alpha)
    return float(made.coefficients[0]), float(np.sqrt(made.covariance[0, 0])), made.alpha


def _jackknife(table: np.ndarray, mask: np.ndarray, later: np.ndarray, alpha: float) -> float:
    """Error of the answer, from the answers with one place left out each."""
    if min(mask.sum(), (~mask).sum()) < 2:
        raise InputError(Text(sv="Med ett enda behandlat eller ett enda obehandlat område går bara placebo.",
                              en="With a single treated or a single untreated place only placebo will do."))
    others = ~np.eye(len(table), dtype=bool)
    left = np.array([_effect(table[keep], mask[keep], later, alpha)[0] for keep in others])
    return float(np.sqrt((len(table) - 1) / len(table) * ((left - _effect(table, mask, later, alpha)[0])**2).sum()))


def _columns(mask: np.ndarray, later: np.ndarray) -> np.ndarray:
    """Treated and after, a level for each place, a level for each step but the first."""
    units, steps = len(mask), len(later)
    places, moments = np.repeat(np.eye(units), steps, axis=0), np.tile(np.eye(steps), (units, 1))
    return np.column_stack([(mask[:, None] & later[None, :]).ravel(), places, moments[:, 1:]])


def _placebos(others: np.ndarray, number: int, later: np.ndarray, alpha: float, n_perm: int, rng: np.random.Generator) -> np.ndarray:
    """Studentised answers when `number` of the untreated places are called treated."""
    if len(others) <= number:
        return np.array([])
    if comb(len(others), number) <= n_perm:
        chosen = np.array(list(combinations(range(len(others)), number)))
    else:
        chosen = np.array([rng.permutation(len(others))[:number] for _ in range(n_perm)])
    masks = np.zeros((len(chosen), len(others)), dtype=bool)
    masks[np.arange(len(chosen))[:, None], chosen] = True
    if alpha > 0:
        told = np.array([_model(others, mask, later, alpha)[:2] for mask in masks])
        return told[:, 0] / told[:, 1]
    sides = np.column_stack([others[:, later].sum(axis=1), others[:, ~later].sum(axis=1)])
    treated = masks @ sides
    # half an event in each sum: a placebo place may have had none
    sums = np.column_stack([treated, sides.sum(axis=0) - treated]) + 0.5
    return (np.log(sums) @ [1, -1, -1, 1]) / np.sqrt((1 / sums).sum(axis=1))


def _order(placebos: np.ndarray, conf: float) -> float:
    """The size that a true zero exceeds with probability 1 − conf; infinite when there are too few placebos to say."""
    place = int(np.ceil((len(placebos) + 1) * conf - 1e-9))
    return float(np.sort(placebos)[place - 1]) if place <= len(placebos) else np.inf


def _parallel(here: np.ndarray, there: np.ndarray, rng: np.random.Generator, rounds: int = 1999) -> float:
    """p of one course in both before the start: chi-square of the two rows against tables with the same sums."""
    both = (here + there).astype(int)
    if len(both) < 2 or min(here.sum(), there.sum()) == 0:
        return 1.0
    expected = both * here.sum() / both.sum()
    size = lambda drawn: ((drawn - expected)**2 / expected).sum(axis=-1)  # noqa: E731
    drawn = rng.multivariate_hypergeometric(both, int(here.sum()), size=rounds)
    return float((1 + (size(drawn) >= size(here) * (1 - 1e-9)).sum()) / (1 + rounds))


def _doubts(n: int, inference: str, placebos: int, parallel: float) -> tuple[Caution, ...]:
    found = []
    if n < SMALL_N:
        found.append(caution("SMALL_N", n=n))
    if inference == "placebo" and placebos < 19:
        found.append(caution("FEW_CLUSTERS", n=placebos, least=1 / (1 + placebos)))
    if parallel < APART_P:
        found.append(caution("TRENDS_APART", p=parallel))
    return tuple(found)
