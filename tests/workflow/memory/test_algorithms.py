"""What a whole graph says about its places."""

from __future__ import annotations

import pytest

from codeanatomy.workflow.memory import algorithms

PLACES = ["a", "b", "c", "d", "e"]
EDGES = [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")]


def test_page_ranks_sum_to_one() -> None:
    """What is linked to ranks above what is not."""
    ranks = algorithms.pagerank(PLACES, EDGES)
    assert sum(ranks.values()) == pytest.approx(1)
    assert min(ranks, key=lambda place: ranks[place]) == "e"
    assert ranks["a"] == pytest.approx(ranks["d"])


def test_page_ranks_of_a_circle_are_equal() -> None:
    """By symmetry."""
    ranks = algorithms.pagerank(["a", "b"], [("a", "b"), ("b", "a")])
    assert ranks == pytest.approx({"a": 0.5, "b": 0.5})


def test_components_are_numbered() -> None:
    """Directions aside."""
    found = algorithms.components(PLACES, EDGES)
    assert found == {"a": 0, "b": 0, "c": 0, "d": 0, "e": 1}


def test_clustering_counts_neighbours_that_are_neighbours() -> None:
    """One of three pairs around c; the only pair around a."""
    found = algorithms.clustering(PLACES, EDGES)
    assert (found["a"], found["d"]) == (1.0, 0.0)
    assert found["c"] == pytest.approx(1 / 3)


def test_degrees_count_both_ends() -> None:
    """In and out."""
    assert algorithms.degree(PLACES, EDGES) == {"a": 2, "b": 2, "c": 3, "d": 1, "e": 0}


@pytest.mark.parametrize(
    ("start", "end", "most", "path"),
    [
        ("a", "d", 10, ["a", "b", "c", "d"]),
        ("a", "d", 2, None),
        ("d", "a", 10, None),
        ("a", "a", 0, ["a"]),
    ],
)
def test_the_shortest_path(start: str, end: str, most: int, path: list[str] | None) -> None:
    """Along the edges, within the hops."""
    assert algorithms.shortest_path(EDGES, start, end, most) == path


def test_an_empty_graph_has_no_places() -> None:
    """And no error."""
    assert [work([], []) for work in algorithms.ALGORITHMS.values()] == [{}, {}, {}, {}]
