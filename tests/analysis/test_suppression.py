"""What is hidden stays hidden: linear programming over everything published finds no small count."""
from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from geo_safety.analysis.suppression import round_random, suppress
from geo_safety.errors import InputError

KEY = b"a secret of the municipality"


def attack(told, true: np.ndarray, cell: tuple[int, int], more=()) -> tuple[float, float]:
    """What one can say of a cell who sees the table, its totals and more sums; written without the code it tests."""
    shown = told.table.to_numpy(dtype=float, na_value=np.nan)
    n = shown.size
    grid = np.arange(n).reshape(shown.shape)
    lines = [*grid[told.row_totals.notna()], *grid.T[told.column_totals.notna()], *(grid[mask] for mask, _ in more)]
    matrix = np.array([np.isin(np.arange(n), line) for line in lines], dtype=float).reshape(-1, n)
    right = np.array([true.ravel()[line].sum() for line in lines], dtype=float)
    limits = [(0, None) if np.isnan(value) else (value, value) for value in shown.ravel()]
    cost = np.zeros(n)
    cost[grid[cell]] = 1
    low, high = (optimize.linprog(sign * cost, A_eq=matrix, b_eq=right, bounds=limits, method="highs") for sign in (1, -1))
    return round(low.fun, 6), round(-high.fun, 6) if high.status == 0 else np.inf


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(2, 6), st.sampled_from([0.5, 3, 12]))
def test_no_small_count_is_bounded_more_narrowly_than_one_to_four(seed, rows, columns, mean):
    true = np.random.default_rng(seed).poisson(mean, (rows, columns))
    told = suppress(pd.DataFrame(true))
    for cell in zip(*np.nonzero(told.primary.to_numpy()), strict=True):
        low, high = attack(told, true, cell)
        assert low <= 1
        assert high >= 4


def test_hiding_small_counts_alone_gives_them_back():
    table = pd.DataFrame([[3, 20, 30], [12, 14, 16], [22, 9, 40]])
    naive = suppress(table, complementary=False)
    assert attack(naive, table.to_numpy(), (0, 0)) == (3, 3)
    told = suppress(table)
    low, high = attack(told, table.to_numpy(), (0, 0))
    assert low <= 1 and high >= 4
    assert told.secondary.to_numpy().sum() == 3     # the least that closes a square
    assert told.table.isna().to_numpy().sum() == told.hidden == 4


def test_a_total_that_others_publish_is_reckoned_with():
    table = pd.DataFrame([[3, 20, 30], [12, 14, 16], [22, 9, 40]])
    square = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 0]], dtype=bool)
    known = [(square, float(table.to_numpy()[square].sum()))]
    told = suppress(table, known=known)
    low, high = attack(told, table.to_numpy(), (0, 0), known)
    assert low <= 1 and high >= 4
    with pytest.raises(InputError, match="does not agree"):
        suppress(table, known=[(square, 1.0)])


def test_a_total_that_is_small_itself_is_hidden_too():
    told = suppress(pd.DataFrame([[3, 0, 0], [12, 14, 16], [22, 9, 40]]))
    assert told.row_totals.isna().tolist() == [True, False, False]
    low, high = attack(told, np.array([[3, 0, 0], [12, 14, 16], [22, 9, 40]]), (0, 0))
    assert low <= 1 and high >= 4


def test_what_others_publish_can_make_a_table_impossible():
    table = pd.DataFrame([[3, 8], [12, 14]])
    with pytest.raises(InputError, match="Join groups"):
        suppress(table, known=[(np.array([[True, False], [False, False]]), 3.0)])


def test_nought_and_large_counts_are_shown():
    told = suppress(pd.DataFrame([[0, 5], [9, 0]]))
    assert told.hidden == 0
    assert told.table.to_numpy().tolist() == [[0, 5], [9, 0]]


def test_without_totals_only_the_small_are_hidden():
    told = suppress(pd.DataFrame([[3, 20], [12, 14]]), rows=False, columns=False)
    assert told.hidden == 1


def test_rounding_keeps_the_mean_and_gives_the_same_again():
    table = pd.DataFrame(np.full((200, 50), 4))
    rounded = round_random(table, key=KEY)
    assert set(np.unique(rounded)) == {3, 6}
    assert abs(rounded.to_numpy().mean() - 4) < 3 * np.sqrt(2 / 10_000)
    assert rounded.equals(round_random(table, key=KEY))
    assert not rounded.equals(round_random(table, key=b"another"))
    assert round_random(pd.DataFrame([[0, 3, 9]]), key=KEY).to_numpy().tolist() == [[0, 3, 9]]


@pytest.mark.parametrize("table", [[[1.5, 2]], [[-1, 2]], [[np.nan, 2]], [[]]])
def test_what_is_no_table_of_counts_is_refused(table):
    with pytest.raises(InputError):
        suppress(pd.DataFrame(table))
