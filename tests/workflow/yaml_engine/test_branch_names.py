"""The state keys of branches that templates see by themselves: one truth with the format page."""

from __future__ import annotations

from typing import Any

import pytest

from codeanatomy.workflow.load.document import Document
from codeanatomy.workflow.load.validate import validate
from codeanatomy.workflow.yaml_engine.engine import YAMLEngine

ECHO = {"uses": "echo", "with": {"value": "{{ TEXT }}"}, "output": "v"}


def echo(state: dict[str, Any], value: Any, **_: object) -> Any:  # noqa: ANN401, ARG001 - as an action is called
    """Give back what comes."""
    return value


def said(node: dict[str, Any], text: str) -> list[Any]:
    """Run a node with branches that echo a template; what each said."""
    body = {**ECHO, "with": {"value": f"{{{{ {text} }}}}"}}
    kind = {"action": body} if node.get("type") else body
    nodes = [{"name": "a", **node, **kind, "fan_in": "j"}, {"name": "j", "fan_in": True}]
    with YAMLEngine(actions_registry={"echo": echo}) as engine:
        graph = engine.load_from_dict({"nodes": nodes})
        (event,) = graph.invoke({})
    found = [result.state for result in event["state"]["parallel_results"]]
    return [state["v"] if "v" in state else state["result"]["v"] for state in found]


DYNAMIC = {"type": "dynamic_parallel", "items": "['x', 'y']"}
EACH = {"parallel_each": "['x', 'y']"}
MATRIX = {"strategy": {"matrix": {"k": ["x", "y"]}}}


@pytest.mark.parametrize(
    ("node", "text", "expected"),
    [
        (DYNAMIC, "item ~ index", ["x0", "y1"]),
        ({**DYNAMIC, "item_var": "one", "index_var": "at"}, "one ~ at", ["x0", "y1"]),
        (EACH, "item ~ item_index", ["x0", "y1"]),
        ({**EACH, "item_index_var": "at"}, "item ~ item_index", ["x0", "y1"]),
        (MATRIX, "matrix.k", ["x", "y"]),
        ({**MATRIX, "matrix_var": "m"}, "matrix.k", ["x", "y"]),
    ],
)
def test_what_stands_by_itself(node: dict[str, Any], text: str, expected: list[str]) -> None:
    """Only `dynamic_parallel` lets a file choose the names."""
    assert said(node, text) == expected


@pytest.mark.parametrize("key", ["item_index_var", "matrix_var"])
def test_a_name_that_cannot_be_chosen_is_no_key(key: str) -> None:
    """`tea validate` says so."""
    root = {"nodes": [{"name": "a", "run": "pass", key: "x"}]}
    (found,) = validate(Document(root))
    assert (found.code, found.severity) == ("UNKNOWN_NODE_KEY", "warning")
    assert key in found.message
