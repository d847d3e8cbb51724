"""A packed R-tree is one that SQLite itself finds sound, answers alike, and goes on with."""
from __future__ import annotations

import numpy as np
import pysqlite3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_safety.store import rtree


def filled(ids: np.ndarray, boxes: np.ndarray):
    connection = pysqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE VIRTUAL TABLE t USING rtree(id, minx, maxx, miny, maxy)")
    packed = rtree.pack(ids, boxes)
    connection.executemany("INSERT OR REPLACE INTO t_node (nodeno, data) VALUES (?, ?)", packed.nodes)
    connection.executemany("INSERT INTO t_rowid (rowid, nodeno) VALUES (?, ?)", packed.leaves)
    connection.executemany("INSERT INTO t_parent (nodeno, parentnode) VALUES (?, ?)", packed.parents)
    return connection


def found(connection, box) -> set[int]:
    west, east, south, north = box
    sql = "SELECT id FROM t WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?"
    return {row[0] for row in connection.execute(sql, (west, east, south, north))}


def made(n: int, seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    corner, size = chance.uniform((300_000, 6_300_000), (400_000, 6_400_000), (n, 2)), chance.exponential(200, (n, 2)) * chance.integers(0, 2, (n, 1))
    return np.column_stack([corner[:, 0], corner[:, 0] + size[:, 0], corner[:, 1], corner[:, 1] + size[:, 1]])


def test_a_node_is_as_large_as_sqlite_makes_it():
    connection = pysqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING rtree(id, minx, maxx, miny, maxy)")
    assert connection.execute("SELECT length(data) FROM t_node").fetchone() == (rtree.NODE_BYTES,)


@pytest.mark.parametrize("n", [0, 1, 51, 52, 51 * 51, 51 * 51 + 1, 6_000])
def test_sqlite_finds_nothing_wrong_with_a_packed_tree(n):
    boxes = made(n, n)
    connection = filled(np.arange(1, n + 1), boxes)
    assert connection.execute("SELECT rtreecheck('t')").fetchone() == ("ok",)
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (n,)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 3_000), seed=st.integers(0, 10_000), at=st.tuples(st.floats(300_000, 400_000), st.floats(6_300_000, 6_400_000)),
       size=st.floats(0, 60_000))
def test_a_packed_tree_finds_every_box_that_touches_and_none_a_metre_away(n, seed, at, size):
    boxes, ids = made(n, seed), np.arange(n) * 3 + 1
    asked = (at[0], at[0] + size, at[1], at[1] + size)

    def touching(margin: float) -> set[int]:
        return set(ids[(boxes[:, 1] >= asked[0] - margin) & (boxes[:, 0] <= asked[1] + margin) & (boxes[:, 3] >= asked[2] - margin)
                       & (boxes[:, 2] <= asked[3] + margin)].tolist())
    met = found(filled(ids, boxes), asked)
    assert touching(0) <= met <= touching(1.0)  # 32 bits of 6 400 000 m are half a metre


def test_rows_without_a_place_are_left_out():
    boxes = made(200, 1)
    boxes[::7] = np.nan
    connection = filled(np.arange(1, 201), boxes)
    assert connection.execute("SELECT rtreecheck('t')").fetchone() == ("ok",)
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (200 - len(boxes[::7]),)


def test_sqlite_goes_on_with_a_packed_tree():
    boxes = made(4_000, 2)
    connection = filled(np.arange(1, 4_001), boxes)
    more = made(1_500, 3)
    connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", [(5_000 + i, *box) for i, box in enumerate(more.tolist())])
    connection.execute("DELETE FROM t WHERE id % 3 = 0")
    connection.execute("UPDATE t SET minx = 350000, maxx = 350001, miny = 6350000, maxy = 6350001 WHERE id % 50 = 1")
    assert connection.execute("SELECT rtreecheck('t')").fetchone() == ("ok",)
    left = [i for i in [*range(1, 4_001), *range(5_000, 6_500)] if i % 3]
    assert found(connection, (0, 1e6, 0, 1e7)) == set(left)
    assert {i for i in left if i % 50 == 1} <= found(connection, (350_000, 350_001, 6_350_000, 6_350_001))


def test_a_large_first_import_and_a_later_one_keep_the_index_in_step(store, viewer, batch, make_incidents):
    first = store.bring_in("incidents", make_incidents(3_000), viewer, batch=batch)
    assert store.check() == []
    later = store.bring_in("incidents", make_incidents(1_200, first=3_000), viewer, batch=batch)
    assert (first.inserted, later.inserted) == (3_000, 1_200) and store.check() == []
    box = (352_100, 6_376_100, 352_300, 6_376_300)
    read = store.read("incidents", viewer)
    inside = read.geometry.x.between(box[0], box[2]) & read.geometry.y.between(box[1], box[3])
    assert set(store.read("incidents", viewer, bbox=box)["uid"]) == set(read["uid"][inside]) and inside.sum() > 0
    moved = make_incidents(3_000)
    moved.geometry = moved.geometry.translate(5, 5)
    assert store.bring_in("incidents", moved, viewer, batch=batch).updated == 2_700 and store.check() == []
