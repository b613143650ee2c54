"""Nodes that say nothing about their way on: the list, up to the next branch."""

# ruff: noqa: E501, ISC004 - an agent is a line

from __future__ import annotations

import pytest
import yaml

from codeanatomy.workflow.yaml_engine.engine import YAMLEngine

CHAINS = [
    ("nodes: [{name: a}, {name: b}, {name: c}]", {"a": "b", "b": "c", "c": "__end__"}),
    (
        "nodes: [{name: a}, {name: b}, {name: c}, {name: j, fan_in: true}, {name: z}]\n"
        "edges: [{from: a, to: [b, c], type: parallel, fan_in: j}]",
        {"b": "j", "c": "j", "j": "z", "z": "__end__"},
    ),
    (
        "nodes: [{name: a}, {name: b}, {name: b2}, {name: c}, {name: c2}, {name: j, fan_in: true}]\n"
        "edges: [{from: a, to: [b, c], type: parallel, fan_in: j}]",
        {"b": "b2", "b2": "j", "c": "c2", "c2": "j", "j": "__end__"},
    ),
    (
        "nodes: [{name: a}, {name: j, fan_in: true}, {name: b}, {name: c}]\n"
        "edges: [{from: a, to: [b, c], type: parallel, fan_in: j}, {from: j, to: __end__}]",
        {"b": "j", "c": "j"},
    ),
    (
        "nodes: [{name: a}, {name: b}, {name: p}, {name: q}, {name: k, fan_in: true}, {name: c},"
        " {name: j, fan_in: true}]\n"
        "edges: [{from: a, to: [b, c], type: parallel, fan_in: j},"
        " {from: b, to: [p, q], type: parallel, fan_in: k}]",
        {"p": "k", "q": "k", "k": "j", "c": "j", "j": "__end__"},
    ),
    (
        "nodes: [{name: a}, {name: b}, {name: b3}, {name: c}, {name: b2, goto: b3},"
        " {name: j, fan_in: true}]\n"
        "edges: [{from: a, to: [b, c], type: parallel, fan_in: j}, {from: b, to: b2}]",
        {"b2": "b3", "b3": "j", "c": "b2"},
    ),
    (
        "nodes: [{name: a}, {name: b, goto: [{if: k, to: j}]}, {name: b2}, {name: c}, {name: j, fan_in: true}]\n"
        "edges: [{from: a, to: [b, c], type: parallel, fan_in: j}]",
        {"b": "b2", "b2": "j", "c": "j"},
    ),
    (
        "nodes: [{name: x}, {name: b}, {name: c}, {name: j, fan_in: true}, {name: a}]\n"
        "edges: [{from: __start__, to: a}, {from: a, to: [b, c], type: parallel, fan_in: j}]",
        {"x": "b", "b": "j", "c": "j", "j": "a"},
    ),
    (
        "nodes: [{name: d, parallel_each: '{{ [] }}', fan_in: j, run: x = 1}, {name: z},"
        " {name: j, fan_in: true}]",
        {"d": "j", "z": "j", "j": "__end__"},
    ),
]


@pytest.mark.parametrize(("text", "expected"), CHAINS)
def test_next(text: str, expected: dict[str, str]) -> None:
    """A node goes to the next of the list; a branch ends at its fan-in."""
    with YAMLEngine() as engine:
        graph = engine.load_from_dict(yaml.safe_load(text))
        assert {name: graph.successors(name)[-1] for name in expected} == expected
