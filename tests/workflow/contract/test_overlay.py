"""Files laid over files: what is merged, what is replaced, what is taken away."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from the_edge_agent.schema import merge_all
from the_edge_agent.schema.deep_merge import deep_merge

A, B, C = {"name": "a", "x": 1}, {"name": "b"}, {"name": "c"}
GONE = {"__delete__": True}

# base, overlay, result
CASES: list[tuple[Any, Any, Any]] = [
    ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
    ({"a": 1}, {"a": 2}, {"a": 2}),
    ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
    ({"a": {"b": {"c": 1}}}, {"a": {"b": {"d": 2}}}, {"a": {"b": {"c": 1, "d": 2}}}),
    ({"a": 1}, {"a": None}, {"a": None}),
    ({"a": {"b": 1}}, {"a": None}, {"a": None}),
    ({"a": {"b": 1}}, {"a": 5}, {"a": 5}),
    ({"a": 5}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
    ({"a": [1, 2]}, {"a": []}, {"a": []}),
    ({}, {"a": [{"x": 1}]}, {"a": [{"x": 1}]}),
    ({"a": 1, "b": 2}, {"a": GONE}, {"b": 2}),
    ({"a": {"b": 1, "c": 2}}, {"a": {"b": GONE}}, {"a": {"c": 2}}),
    ({"a": 1}, {"z": GONE}, {"a": 1}),
    ({"a": 1}, {}, {"a": 1}),
    ({"nodes": [A, B]}, {"nodes": [{"name": "a", "y": 2}]}, {"nodes": [{**A, "y": 2}, B]}),
    ({"nodes": [A]}, {"nodes": [C]}, {"nodes": [A, C]}),
    ({"nodes": [A, B]}, {"nodes": [{"name": "a", **GONE}]}, {"nodes": [B]}),
    ({"nodes": [A]}, {"nodes": [{"name": "q", **GONE}]}, {"nodes": [A]}),
    (
        {"nodes": [A, B]},
        {"nodes": [C, {"name": "b", "x": 2}]},
        {"nodes": [A, {"name": "b", "x": 2}, C]},
    ),
    (
        {"nodes": [{"name": "a", "with": {"p": 1, "q": 2}}]},
        {"nodes": [{"name": "a", "with": {"q": 3}}]},
        {"nodes": [{"name": "a", "with": {"p": 1, "q": 3}}]},
    ),
    (
        {"edges": [{"from": "a", "to": "b"}, {"from": "b", "to": "c"}]},
        {"edges": [{"from": "a", "to": "b", "when": "x"}]},
        {"edges": [{"from": "a", "to": "b", "when": "x"}, {"from": "b", "to": "c"}]},
    ),
    (
        {"edges": [{"from": "a", "to": "b"}]},
        {"edges": [{"from": "a", "to": "c"}]},
        {"edges": [{"from": "a", "to": "b"}, {"from": "a", "to": "c"}]},
    ),
    (
        {"edges": [{"from": "a", "to": "b"}, {"from": "b", "to": "c"}]},
        {"edges": [{"from": "a", "to": "b", **GONE}]},
        {"edges": [{"from": "b", "to": "c"}]},
    ),
    (
        {"edges": [{"from": "a", "to": ["b", "c"]}]},
        {"edges": [{"from": "a", "to": ["b", "c"], "type": "parallel"}]},
        {"edges": [{"from": "a", "to": ["b", "c"], "type": "parallel"}]},
    ),
    (
        {"nodes": [{"name": "a", "goto": [{"if": "x", "to": "b"}, {"to": "c"}]}]},
        {"nodes": [{"name": "a", "goto": [{"if": "y", "to": "b"}]}]},
        {"nodes": [{"name": "a", "goto": [{"if": "y", "to": "b"}, {"to": "c"}]}]},
    ),
    (
        {"goto": [{"if": "x", "to": "b"}, {"if": "y", "to": "b"}]},
        {"goto": [{"if": "1", "to": "b"}, {"if": "2", "to": "b"}, {"if": "3", "to": "b"}]},
        {"goto": [{"if": "1", "to": "b"}, {"if": "2", "to": "b"}, {"if": "3", "to": "b"}]},
    ),
    ({"goto": "a"}, {"goto": [{"to": "b"}]}, {"goto": [{"to": "b"}]}),
    ({"nodes": [A]}, {"nodes": ["x"]}, {"nodes": ["x"]}),
    (
        {"properties": {"nodes": {"type": "list"}}},
        {"properties": {}},
        {"properties": {"nodes": {"type": "list"}}},
    ),
]


@pytest.mark.parametrize(("base", "overlay", "expected"), CASES)
def test_an_overlay_is_laid_over_a_base(base: Any, overlay: Any, expected: Any) -> None:  # noqa: ANN401 - values of files
    """Neither side is changed, and the result shares nothing with them."""
    before = deepcopy((base, overlay))
    assert deep_merge(base, overlay) == expected
    assert (base, overlay) == before


def test_keys_keep_their_order() -> None:
    """Keys of the base stay where they were; new ones follow."""
    assert list(deep_merge({"b": 1, "a": {"x": 1}}, {"c": 1, "a": {"y": 1}})) == ["b", "a", "c"]


def test_the_result_shares_nothing() -> None:
    """A change of the result is not seen in what it was made of."""
    base: dict[str, Any] = {"a": {"b": [1]}, "nodes": [{"name": "n", "with": {"p": []}}]}
    merged = deep_merge(base, {"nodes": [{"name": "m"}]})
    merged["a"]["b"].append(2)
    merged["nodes"][0]["with"]["p"].append(3)
    assert base == {"a": {"b": [1]}, "nodes": [{"name": "n", "with": {"p": []}}]}


def test_many_are_merged_in_order() -> None:
    """The last one wins; none gives an empty mapping."""
    assert merge_all([{"a": 1}, {"a": 2, "b": 1}, {"b": None}]) == {"a": 2, "b": None}
    assert merge_all([]) == {}
