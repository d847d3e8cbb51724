"""How a sum over some cells is distributed when the values of all cells change places."""
from __future__ import annotations

import numpy as np

FEW_CELLS = 1000    # up to here each cell gets draws of its own
MOST_DRAWN = 500    # more cells in one sum, and the smallest weights would be rounded to nothing


def exact_cost(counted: np.ndarray, numbers: np.ndarray, sums: np.ndarray, own: np.ndarray | None) -> float:
    """About how many operations `exact_sums` takes; infinite where it cannot be done."""
    most = int(numbers.max(initial=0))
    if most > MOST_DRAWN:
        return np.inf
    each = float(np.minimum(counted, most).sum()) * (most + 1) * (float(sums.max(initial=0)) + 2)
    return each * (1 if own is None else len(np.unique(own)))


def exact_sums(counted: np.ndarray, numbers: np.ndarray, sums: np.ndarray,
               own: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """P(sum <= seen) and P(sum >= seen) when `numbers` of the values are drawn without replacement.

    `counted`: how many cells hold 0, 1, 2 … `own`: for each question one value that is not among those drawn from. No simulation and no
    error: the coefficients of Π_v (1 + t x^v)^(n_v) at t^number, over the different values v, each held by n_v cells.
    """
    if own is None:
        return _tails(counted, numbers, sums)
    low, high = np.ones(len(sums)), np.ones(len(sums))
    for value in np.unique(own):
        others = counted.copy()
        others[value] -= 1
        asks = own == value
        low[asks], high[asks] = _tails(others, numbers[asks], sums[asks])
    return low, high


def _tails(counted: np.ndarray, numbers: np.ndarray, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    most, top = int(numbers.max(initial=0)), int(sums.max(initial=0)) + 1
    table = _table(counted, most, top)
    table /= table.sum(axis=1, keepdims=True)
    low = np.cumsum(table, axis=1)
    high = np.cumsum(table[:, ::-1], axis=1)[:, ::-1]  # added from the far end, so that small tails keep their digits
    return low[numbers, sums], high[numbers, sums]


def _table(counted: np.ndarray, most: int, top: int) -> np.ndarray:
    """Weight of each sum (0 to `top`, which holds all that is more) for each number of cells drawn (0 to `most`)."""
    cells = int(counted.sum())
    table = np.zeros((most + 1, top + 1))
    table[0, 0] = 1.0
    for value in np.flatnonzero(counted):
        held = int(counted[value])
        taken = _ways(held, min(held, most), most / cells)
        wider = np.zeros_like(table)
        for k, weight in enumerate(taken):
            step = min(int(value) * k, top)
            wider[k:, step:] += weight * table[:most + 1 - k, :top + 1 - step]
            if step:
                wider[k:, top] += weight * table[:most + 1 - k, top + 1 - step:].sum(axis=1)
        table = wider
    return table


def _ways(held: int, most: int, odds: float) -> np.ndarray:
    """C(held, k) odds^k for k from 0 to `most`, up to a common factor. Any odds give the same table; these keep it near 1."""
    k = np.arange(1, most + 1)
    grown = np.concatenate([[0.0], np.cumsum(np.log((held - k + 1) / k * odds))])
    return np.exp(grown - grown.max())


def permuted_sums(values: np.ndarray, numbers: np.ndarray, sums: np.ndarray, own: np.ndarray | None, n_perm: int,
                  rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The same tails from `n_perm` draws without replacement, (1 + draws as far out) / (1 + draws).

    In a grid of up to 1 000 cells each question gets its own draws (from all cells, or all but its own); in larger ones those
    with as many neighbours share them.
    """
    low, high = np.ones(len(sums)), np.ones(len(sums))
    if len(values) <= FEW_CELLS:
        for i in range(len(sums)):  # draws of its own for each: that is the point
            pool = values if own is None else np.delete(values, np.flatnonzero(values == own[i])[0])
            low[i], high[i] = (tail[0] for tail in _ranks(_draw(pool, int(numbers[i]), n_perm, rng), sums[i:i + 1]))
        return low, high
    for number in np.unique(numbers):
        asks = numbers == number
        low[asks], high[asks] = _ranks(_draw(values, int(number), n_perm, rng), sums[asks])
    return low, high


def _ranks(drawn: np.ndarray, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    drawn = np.sort(drawn)
    # sums of weights that should be equal may differ in the last digit
    hair = 1e-9 * max(1.0, float(np.abs(drawn[-1])))
    return ((1 + np.searchsorted(drawn, sums + hair, side="right")) / (len(drawn) + 1),
            (1 + len(drawn) - np.searchsorted(drawn, sums - hair, side="left")) / (len(drawn) + 1))


def _draw(values: np.ndarray, number: int, times: int, rng: np.random.Generator) -> np.ndarray:
    """`times` sums of `number` different values."""
    if number**2 > len(values):
        shuffled = np.argpartition(rng.random((times, len(values))), number - 1, axis=1)[:, :number] if number else np.empty((times, 0), int)
        return values[shuffled].sum(axis=1)
    drawn = rng.integers(len(values), size=(times, number))
    while (again := _has_twins(drawn)).any():
        drawn[again] = rng.integers(len(values), size=(int(again.sum()), number))
    return values[drawn].sum(axis=1)


def _has_twins(drawn: np.ndarray) -> np.ndarray:
    ordered = np.sort(drawn, axis=1)
    return (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
