"""Edges as arrays: what leaves a node, what can be reached, and circles."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.cpg.graph.circles import circles
from codeanatomy.cpg.graph.web import Web

EDGES = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=30)


def web(*pairs: tuple[int, int], forward: bool = True) -> Web:
    """Make a web of edges, numbered in this order."""
    columns = {"src": [p[0] for p in pairs], "dst": [p[1] for p in pairs]}
    schema = pa.schema([("src", pa.int64()), ("dst", pa.int64())])
    return Web(pa.table(columns, schema=schema), forward=forward)


def test_every_edge_of_what_is_reached_is_a_row_once() -> None:
    """Step by step; a cycle ends where it closes."""
    walk = web((1, 2), (2, 3), (3, 1), (4, 5), (1, 9)).walk([1])
    assert (walk.rows.tolist(), walk.steps.tolist(), walk.beyond) == ([0, 4, 1, 2], [1, 1, 2, 3], 0)


def test_a_bound_says_how_much_lies_beyond() -> None:
    """Nodes at the last step with edges of their own."""
    walk = web((1, 2), (2, 3), (1, 9)).walk([1], 1)
    assert (walk.rows.tolist(), walk.beyond) == ([0, 2], 1)


def test_backwards() -> None:
    """Against the direction of the edges."""
    assert web((1, 2), (2, 3), forward=False).walk([3]).rows.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("start", "goal", "rows"),
    [(1, 4, [3, 4]), (1, 1, []), (4, 1, None), (1, 77, None), (77, 1, None)],
)
def test_a_chain_is_shortest(start: int, goal: int, rows: list[int] | None) -> None:
    """Or there is none."""
    found = web((1, 2), (2, 3), (3, 4), (1, 5), (5, 4)).chain([start], [goal])
    assert (None if found is None else found.tolist()) == rows


def test_nothing_comes_of_nothing() -> None:
    """No edges, or nodes that no edge knows."""
    assert web().walk([1]).rows.tolist() == []
    assert web((1, 2)).reached([7]).tolist() == []


def reachable(edges: list[tuple[int, int]], start: int) -> set[int]:
    """Follow edges one by one."""
    found, left = {start}, [start]
    while left:
        node = left.pop()
        fresh = {dst for src, dst in edges if src == node} - found
        found |= fresh
        left += fresh
    return found


@given(EDGES, st.integers(0, 8))
def test_reached_is_what_can_be_reached(edges: list[tuple[int, int]], start: int) -> None:
    """As following edges one by one finds it."""
    known = {end for edge in edges for end in edge}
    wanted = reachable(edges, start) if start in known else set()
    assert set(web(*edges).reached([start]).tolist()) == wanted
    once = web(*edges).walk([start], once=True).rows.tolist()
    assert sorted(edges[row][1] for row in once) == sorted(wanted - {start})


@given(EDGES)
def test_circles_are_what_reaches_itself(edges: list[tuple[int, int]]) -> None:
    """Two nodes are in one circle when each leads to the other."""
    ways: dict[int, list[int]] = {}
    for src, dst in edges:
        ways.setdefault(src, []).append(dst)
    reach = {node: reachable(edges, node) for node in range(9)}
    wanted = {
        frozenset(other for other in range(9) if other in reach[node] and node in reach[other])
        for node in range(9)
    }
    real = {part for part in wanted if len(part) > 1 or (next(iter(part)),) * 2 in edges}
    assert {frozenset(part) for part in circles(ways)} == real


def test_a_circle_as_deep_as_it_likes() -> None:
    """There is no bound of recursion."""
    ways = {n: [n + 1] for n in range(50_000)} | {50_000: [0]}
    assert [len(part) for part in circles(ways)] == [50_001]
