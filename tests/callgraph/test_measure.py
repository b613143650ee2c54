"""How a call graph is scored against the expected one."""

from __future__ import annotations

from pathlib import Path

from benchmarks.callgraph import Found, Program, differences, scores

EXPECTED = frozenset({("main", "main.f"), ("main.f", "main.g")})
PROGRAMS = [
    Program(Path("lists/one"), EXPECTED, frozenset({("main", "main.h")}), frozenset()),
    Program(Path("lists/two"), EXPECTED, frozenset(), frozenset({("main", "builtins.len")})),
]


def test_an_optional_edge_is_neither_right_nor_wrong() -> None:
    """A program is exact with it and without it."""
    for more in (frozenset[tuple[str, str]](), PROGRAMS[0].optional):
        score = scores(PROGRAMS[:1], [Found(EXPECTED | more, frozenset())])["all"]
        assert (score.exact, score.right, score.extra, score.missing) == (1, 2, 0, 0)


def test_precision_and_recall_count_edges() -> None:
    """Of three found edges two are expected; of four expected ones two are found."""
    graphs = [Found(EXPECTED | {("main", "main.x")}, frozenset()), Found(frozenset(), frozenset())]
    counted = scores(PROGRAMS, graphs)
    assert counted["lists"] == counted["all"]
    assert (counted["all"].share_exact, counted["all"].recall) == (0.0, 0.5)
    assert counted["all"].precision == 2 / 3
    assert (counted["all"].external_right, counted["all"].external) == (0, 1)


def test_each_difference_is_told() -> None:
    """What is missing, what is too many, and which calls out of the program are not there."""
    graphs = [
        Found(EXPECTED | {("main", "main.x")}, frozenset()),
        Found(EXPECTED - {("main", "main.f")}, frozenset()),
    ]
    assert list(differences(PROGRAMS, graphs)) == [
        "lists/one: extra main > main.x",
        "lists/two: missing main > main.f",
        "lists/two: missing outside main > builtins.len",
    ]
