"""Order, cycles and critical paths of graphs over names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.kernel.dag import critical_path, cycle, order
from codeanatomy.kernel.errors import CycleError

if TYPE_CHECKING:
    from random import Random

NAMES = "abcdefgh"
acyclic = st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES))).map(
    lambda graph: {name: {n for n in needs if n < name} for name, needs in graph.items()}
)


def test_order_puts_what_is_needed_first() -> None:
    """A name follows all it needs."""
    assert order({"a": ["b"], "b": ["c"], "c": []}) == ("c", "b", "a")


def test_order_breaks_ties_by_name() -> None:
    """Of names that are ready together, the least comes first."""
    assert order({"z": [], "b": ["z"], "a": ["z"], "c": []}) == ("c", "z", "a", "b")


def test_order_leaves_out_names_from_outside() -> None:
    """A needed name that is no key is neither awaited nor listed."""
    assert order({"a": ["source"]}) == ("a",)


@given(acyclic)
def test_order_holds_every_name_after_its_needs(graph: dict[str, set[str]]) -> None:
    """Whatever the graph, each name stands once, behind all of its needs."""
    found = order(graph)
    assert sorted(found) == sorted(graph)
    for name, needs in graph.items():
        for before in needs & graph.keys():
            assert found.index(before) < found.index(name)


@given(acyclic, st.randoms())
def test_order_does_not_depend_on_how_the_graph_is_written(
    graph: dict[str, set[str]], random: Random
) -> None:
    """The same graph with its keys shuffled has the same order."""
    items = list(graph.items())
    random.shuffle(items)
    assert order(dict(items)) == order(graph)


def test_a_cycle_is_reported_with_its_path() -> None:
    """The error walks the cycle once and leaves out what only leads to it."""
    with pytest.raises(CycleError) as caught:
        order({"a": ["b"], "b": ["c"], "c": ["b"], "free": []})
    assert caught.value.facts["path"] == ("b", "c", "b")
    assert "b > c > b" in str(caught.value)


def test_a_name_that_needs_itself_is_a_cycle() -> None:
    """The shortest cycle has one name."""
    assert cycle({"a": ["a"]}) == ("a", "a")


def test_no_cycle_is_an_empty_path() -> None:
    """A graph that can be ordered has no cycle to show."""
    assert cycle({"a": ["b"], "b": []}) == ()


def test_the_critical_path_is_the_slowest_chain() -> None:
    """Durations add up along needs; the longest chain wins."""
    needs = {"end": ["fast", "slow"], "fast": [], "slow": ["start"], "start": []}
    seconds = {"end": 1.0, "fast": 2.0, "slow": 2.0, "start": 0.5}
    assert critical_path(needs, seconds) == (("start", "slow", "end"), 3.5)


def test_equal_chains_go_to_the_least_name() -> None:
    """Of two chains that take as long, the answer names one, always the same."""
    assert critical_path({"b": [], "a": []}, {"a": 1.0, "b": 1.0}) == (("a",), 1.0)


def test_the_critical_path_of_nothing_is_empty() -> None:
    """No names take no time."""
    assert critical_path({}, {}) == ((), 0.0)
