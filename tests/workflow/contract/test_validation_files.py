"""Every code of the check of agent files, with its message and its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from the_edge_agent.yaml_validation import read_yaml, structural, validate, validate_file

if TYPE_CHECKING:
    from pathlib import Path

AB = "nodes:\n  - name: a\n  - name: b\n"

# text, code, message, line, column
CASES = [
    ("", "INVALID_ROOT", "Workflow file is empty", 0, 0),
    ("- a\n", "INVALID_ROOT", "Workflow must be a mapping, got list", 1, 1),
    ("name: x\n", "MISSING_FIELD", "Top-level field 'nodes' is required", 1, 1),
    ("nodes: x\n", "INVALID_NODES", "'nodes' must be a list, got str", 1, 8),
    ("nodes: {a: 1}\n", "INVALID_NODES", "'nodes' must be a list, got dict", 1, 8),
    ("nodes:\n  - 3\n", "INVALID_NODE", "Node at index 0 must be a mapping, got int", 2, 5),
    (
        "nodes:\n  - name: a\n  - uses: x\n",
        "MISSING_NODE_NAME",
        "Node at index 1 is missing a 'name' field",
        3,
        5,
    ),
    ("nodes:\n  - name: a\n  - name: a\n", "DUPLICATE_NODE", "Duplicate node name: 'a'", 3, 11),
    (AB + "edges: x\n", "INVALID_EDGES", "'edges' must be a list, got str", 4, 8),
    (AB + "edges:\n  - x\n", "INVALID_EDGE", "Edge at index 0 must be a mapping, got str", 5, 5),
    (
        AB + "edges:\n  - {from: x, to: a}\n",
        "EDGE_FROM_UNDEFINED",
        "Edge 'from' references undefined node 'x'",
        5,
        12,
    ),
    (
        AB + "edges:\n  - from: a\n    to: x\n",
        "EDGE_TO_UNDEFINED",
        "Edge 'to' references undefined node 'x'",
        6,
        9,
    ),
    (
        AB + "edges:\n  - from: a\n    to: [b, x]\n",
        "EDGE_TO_UNDEFINED",
        "Edge 'to' references undefined node 'x'",
        6,
        13,
    ),
    (AB + "edges:\n  - to: a\n", "EDGE_MISSING_FROM", "Edge at index 0 is missing 'from'", 5, 5),
    (AB + "edges:\n  - from: a\n", "EDGE_MISSING_TO", "Edge at index 0 is missing 'to'", 5, 5),
    (
        "nodes:\n  - name: a\n    goto: x\n",
        "GOTO_UNDEFINED",
        "Node 'a' has goto to non-existent node 'x'",
        3,
        11,
    ),
    (
        "nodes:\n  - name: a\n    goto:\n      - if: state.k\n        to: x\n",
        "GOTO_UNDEFINED",
        "Node 'a' has goto to non-existent node 'x'",
        5,
        13,
    ),
    (
        AB + "edges:\n  - {from: a, to: b, type: parallel}\n",
        "PARALLEL_FAN_IN_UNDEFINED",
        "Parallel edge at index 0 requires 'fan_in'",
        5,
        5,
    ),
    (
        AB + "edges:\n  - {from: a, to: b, type: parallel, fan_in: x}\n",
        "PARALLEL_FAN_IN_UNDEFINED",
        "Parallel edge fan_in references undefined node 'x'",
        5,
        46,
    ),
    (
        AB + "edges:\n  - {from: a, to: b, when: 'state.x >'}\n",
        "INVALID_CONDITION",
        "Invalid condition expression: ",
        5,
        28,
    ),
    (
        AB + "edges:\n  - from: a\n    to: b\n    condition: {type: expression, value: 'a b'}\n",
        "INVALID_CONDITION",
        "Invalid condition expression: ",
        7,
        42,
    ),
    (
        "nodes:\n  - name: a\n    goto:\n      - {if: '((', to: __end__}\n",
        "INVALID_CONDITION",
        "Invalid condition expression: ",
        4,
        14,
    ),
    (
        (
            "nodes:\n  - name: w\n    type: while_loop\n    condition: 'state.n |'\n"
            "    max_iterations: 2\n    body: [{name: b}]\n"
        ),
        "INVALID_CONDITION",
        "Invalid condition expression: ",
        4,
        16,
    ),
]


@pytest.mark.parametrize(("text", "code", "message", "line", "column"), CASES)
def test_a_finding_names_code_message_and_place(
    text: str, code: str, message: str, line: int, column: int
) -> None:
    """One thing wrong is one finding, with line and column of what is wrong."""
    found = [f for f in validate(read_yaml(text, file="w.yaml")) if f.severity == "error"]
    assert [f.code for f in found] == [code]
    assert found[0].message.startswith(message)
    assert (found[0].line, found[0].column, found[0].path) == (line, column, "w.yaml")


DYNAMIC = "  - name: d\n    type: dynamic_parallel\n"
BODY = "    action: {uses: x}\n"
DYN_CASES = [
    (
        DYNAMIC + BODY + "    fan_in: j\n",
        "DYN_PARALLEL_MISSING_ITEMS",
        "missing required key 'items'.",
    ),
    (
        DYNAMIC + "    items: '{{ state.i }}'\n    fan_in: j\n",
        "DYN_PARALLEL_MODE",
        "missing branch-body key.",
    ),
    (
        DYNAMIC + BODY + "    steps: [{uses: x}]\n    items: '{{ state.i }}'\n    fan_in: j\n",
        "DYN_PARALLEL_MODE",
        "conflicting branch-body keys.",
    ),
    (
        DYNAMIC + BODY + "    items: '{{ state.i }}'\n",
        "DYN_PARALLEL_MISSING_FAN_IN",
        "missing required key 'fan_in'.",
    ),
    (
        DYNAMIC + BODY + "    items: '{{ state.i }}'\n    fan_in: zz\n",
        "DYN_PARALLEL_FAN_IN_UNDEFINED",
        "fan_in target 'zz'",
    ),
]


@pytest.mark.parametrize(("node", "code", "message"), DYN_CASES)
def test_dynamic_parallel_says_what_it_lacks(node: str, code: str, message: str) -> None:
    """The messages are the same when checked and when loaded: short ASCII lines, a page last."""
    found = structural(read_yaml("nodes:\n" + node + "  - {name: j, fan_in: true}\n"))
    assert [f.code for f in found] == [code]
    lines = found[0].message.splitlines()
    assert lines[0] == f"dynamic_parallel node 'd': {message}"
    assert lines[-1] == "See docs/shared/YAML_REFERENCE.md#dynamic-parallel"
    assert all(line.isascii() and len(line) <= 80 for line in lines)


J = "\n  - {name: j, fan_in: true}"
KINDS = [
    ("{name: w, type: while_loop, max_iterations: 2, body: [{name: b}]}", "'condition'"),
    ("{name: w, type: while_loop, condition: x, body: [{name: b}]}", "'max_iterations'"),
    ("{name: w, type: while_loop, condition: x, max_iterations: 2}", "'body'"),
    (
        "{name: w, type: while_loop, condition: x, max_iterations: 1001, body: [{name: b}]}",
        "max_iterations must be integer between 1-1000, got 1001",
    ),
    (
        (
            "{name: w, type: while_loop, condition: x, max_iterations: 2,"
            " body: [{name: b, type: while_loop}]}"
        ),
        "Nested while-loops not supported",
    ),
    ("{name: m, strategy: {matrix: {a: [1]}}, run: x}" + J, "requires 'fan_in' target node"),
    ("{name: m, strategy: {}, run: x, fan_in: j}" + J, "requires 'strategy.matrix'"),
    (
        "{name: m, strategy: {matrix: {a: 1}}, run: x, fan_in: j}" + J,
        "matrix.a must be a list, got int",
    ),
    ("{name: m, strategy: {matrix: {a: []}}, run: x, fan_in: j}" + J, "cannot be empty"),
    (
        "{name: m, strategy: {matrix: {a: [1]}, max_parallel: 0}, run: x, fan_in: j}" + J,
        "strategy.max_parallel must be positive integer",
    ),
    ("{name: m, strategy: {matrix: {a: [1]}}, fan_in: j}" + J, "requires one of: run, uses, steps"),
    ("{name: p, parallel_each: '{{ state.x }}', run: x}" + J, "requires 'fan_in' target node"),
    (
        "{name: p, parallel_each: '{{ state.x }}', run: x, fan_in: j, max_workers: -1}" + J,
        "max_workers must be positive integer",
    ),
    (
        "{name: d, type: dynamic_parallel, items: '{{ state.x }}', action: {uses: x}, fan_in: j,"
        " max_concurrency: 0}" + J,
        "max_concurrency must be positive integer, got 0",
    ),
    (
        "{name: d, type: dynamic_parallel, items: '{{ state.x }}', action: {with: {}}, fan_in: j}"
        + J,
        "action requires 'uses' field",
    ),
]


@pytest.mark.parametrize(("node", "message"), KINDS)
def test_a_node_that_cannot_be_made_is_found(node: str, message: str) -> None:
    """Loops and parallel nodes say what they lack before anything runs."""
    found = [f for f in validate(read_yaml(f"nodes:\n  - {node}\n")) if f.severity == "error"]
    assert [(f.code, f.line) for f in found] == [("INVALID_NODE", 2)]
    assert message in found[0].message


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("nodes: [", 2, 1),
        ("nodes:\n\t- a\n", 2, 1),
        ("a: 1\na: 2\n", 2, 1),
        ("a: !!python/name:os.system x\n", 1, 4),
        ("a: *nope\n", 1, 4),
        ("a: 1\n---\nb: 2\n", 2, 1),
    ],
)
def test_what_is_no_yaml_is_a_finding(tmp_path: Path, text: str, line: int, column: int) -> None:
    """A file that cannot be read gives YAML_PARSE with the place, not a traceback."""
    path = tmp_path / "w.yaml"
    path.write_text(text)
    (found,) = validate_file(path)
    assert found.code == "YAML_PARSE"
    assert found.message.startswith("Invalid YAML syntax: ")
    assert (found.line, found.column) == (line, column)


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    """A path where nothing is gives FILE_NOT_FOUND."""
    (found,) = validate_file(tmp_path / "none.yaml")
    assert (found.code, found.severity) == ("FILE_NOT_FOUND", "error")


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("usess", "uses"),
        ("outptu", "output"),
        ("goTo", "goto"),
        ("max_iteration", "max_iterations"),
    ],
)
def test_an_unknown_key_of_a_node_is_a_warning(key: str, meant: str) -> None:
    """It names the nearest key that is known, and stands at the key itself."""
    (found,) = validate(read_yaml(f"nodes:\n  - name: a\n    {key}: x\n"))
    assert (found.severity, found.node, found.line, found.column) == ("warning", "a", 3, 5)
    assert f"'{key}'" in found.message
    assert f"did you mean '{meant}'?" in found.message


STRICT = [
    (
        (
            "nodes: [{name: a}, {name: b}, {name: c}]\n"
            "edges: [{from: a, to: b}, {from: b, to: __end__}]"
        ),
        "UNREFERENCED_NODE",
        "Node 'c' is not referenced by any edge or goto",
    ),
    (
        (
            "nodes: [{name: a, run: 'return {\"x\": 1}'}, {name: b}]\n"
            "edges: [{from: a, to: b, when: 'state.k > 1'}]"
        ),
        "DEAD_STATE_KEY",
        "Condition references state key 'k'",
    ),
    (
        "nodes: [{name: a, uses: x, output: y}, {name: b}]\nedges: [{from: a, to: b, when: '!k'}]",
        "DEAD_STATE_KEY",
        "Condition references state key 'k'",
    ),
]


@pytest.mark.parametrize(("text", "code", "message"), STRICT)
def test_strict_adds_warnings(text: str, code: str, message: str) -> None:
    """What is only suspicious is said when asked for."""
    document = read_yaml(text)
    assert validate(document) == []
    (found,) = validate(document, strict=True)
    assert (found.code, found.severity) == (code, "warning")
    assert found.message.startswith(message)


FINE = [
    "nodes: []",
    "nodes: [{name: a}, {name: b}]",
    "nodes: [{name: a, goto: __end__}]",
    "nodes: [{name: a}]\nedges: [{from: __start__, to: a}, {from: a, to: __end__}]",
    "nodes: [{name: a}]\nedges: [{type: entry, to: a}, {type: finish, from: a}]",
    "nodes: [{name: a, output: k}, {name: b}]\nedges: [{from: a, to: b, when: 'state.k'}]",
    "state_schema: {k: int}\nnodes: [{name: a}, {name: b}]\nedges: [{from: a, to: b, when: k}]",
    "nodes: [{name: a, run: 'k = 1'}, {name: b}]\nedges: [{from: a, to: b, when: '!k'}]",
    (
        "nodes: [{name: a}]\nedges: [{from: a, to: a, when: '{{ state.a }} > 1', condition: true}]"
        "\ninitial_state: {a: 1}"
    ),
]


@pytest.mark.parametrize("text", FINE)
def test_what_is_right_gives_no_findings(text: str) -> None:
    """Files of the format pass, strictly too."""
    assert validate(read_yaml(text), strict=True) == []


def test_findings_are_data() -> None:
    """A finding has the seven fields and prints as a line of a compiler."""
    (found,) = structural(read_yaml("nodes: [{name: a, goto: x}]", file="w.yaml"))
    assert found.to_dict() == {
        "code": "GOTO_UNDEFINED",
        "message": "Node 'a' has goto to non-existent node 'x'",
        "node": "a",
        "line": 1,
        "column": 25,
        "severity": "error",
        "path": "w.yaml",
    }
    assert str(found).startswith("w.yaml:1:25: error [GOTO_UNDEFINED]: Node 'a'")
