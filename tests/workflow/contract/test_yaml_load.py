"""What an agent file may not say: the errors of loading, word for word."""

# ruff: noqa: ANN401, E501, ISC004 - definitions are of any type; an agent is a line

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflow.contract.yaml_runs import engine_with, events, load_error, parsed

if TYPE_CHECKING:
    from pathlib import Path

NODES = "nodes: [{name: a}, {name: b}]\n"

STRUCTURAL = [
    ("nodes: [{name: a}, {name: a}]", "[DUPLICATE_NODE] Duplicate node name: 'a'"),
    (
        NODES + "edges: [{from: x, to: a}]",
        "[EDGE_FROM_UNDEFINED] Edge 'from' references undefined node 'x'",
    ),
    (
        NODES + "edges: [{from: a, to: x}]",
        "[EDGE_TO_UNDEFINED] Edge 'to' references undefined node 'x'",
    ),
    (
        NODES + "edges: [{from: a, to: [b, x]}]",
        "[EDGE_TO_UNDEFINED] Edge 'to' references undefined node 'x'",
    ),
    (
        "nodes: [{name: a, goto: x}]",
        "[GOTO_UNDEFINED] Node 'a' has goto to non-existent node 'x'",
    ),
    (
        "nodes: [{name: a, goto: [{if: 'state.k', to: x}]}]",
        "[GOTO_UNDEFINED] Node 'a' has goto to non-existent node 'x'",
    ),
    (
        NODES + "edges: [{from: a, to: b, type: parallel, fan_in: x}]",
        "[PARALLEL_FAN_IN_UNDEFINED] Parallel edge fan_in references undefined node 'x'",
    ),
    (
        NODES + "edges: [{from: a, to: b, type: parallel}]",
        "Parallel edge at index 0 requires 'fan_in'",
    ),
    (
        "nodes: [{name: d, type: dynamic_parallel, action: {uses: x}, fan_in: d}]",
        "dynamic_parallel node 'd': missing required key 'items'.",
    ),
    (
        "nodes: [{name: d, type: dynamic_parallel, items: '{{ state.i }}', fan_in: d}]",
        "dynamic_parallel node 'd': missing branch-body key.",
    ),
    (
        "nodes: [{name: d, type: dynamic_parallel, items: '{{ state.i }}', fan_in: d,"
        " action: {uses: x}, steps: [{uses: x}]}]",
        "dynamic_parallel node 'd': conflicting branch-body keys.",
    ),
    (
        "nodes: [{name: d, type: dynamic_parallel, items: '{{ state.i }}', action: {uses: x}}]",
        "dynamic_parallel node 'd': missing required key 'fan_in'.",
    ),
    (
        "nodes: [{name: d, type: dynamic_parallel, items: '{{ state.i }}', action: {uses: x},"
        " fan_in: nowhere}]",
        "dynamic_parallel node 'd': fan_in target 'nowhere'",
    ),
]


@pytest.mark.parametrize(("text", "said"), STRUCTURAL)
def test_structural_errors(text: str, said: str) -> None:
    """A file whose parts do not fit is refused, with the code and the names."""
    told = load_error(text)
    assert told.startswith("Workflow validation failed: ")
    assert said in told


def test_all_structural_errors_are_told_at_once() -> None:
    """One error lists every finding, separated by semicolons."""
    told = load_error("nodes: [{name: a}, {name: a}]\nedges: [{from: a, to: x}]")
    assert told == (
        "Workflow validation failed: [DUPLICATE_NODE] Duplicate node name: 'a'; "
        "[EDGE_TO_UNDEFINED] Edge 'to' references undefined node 'x'"
    )


OTHERS = [
    ("nodes: [{name: a, goto: 3}]", "Node 'a' has invalid goto type: "),
    ("nodes: [{name: a, goto: [{if: 'state.x'}]}]", "Node 'a' has goto rule without 'to' field: "),
    (
        NODES + "edges: [{from: a, to: b, condition: {type: magic, value: x}}]",
        "Unknown condition type: magic",
    ),
    (NODES + "edges: [{from: a, to: b, condition: [1]}]", "Invalid condition configuration: "),
    (
        NODES + "settings: {parallel: {streams: {enabled: true}}}",
        "Streams require parallel_strategy: process",
    ),
    ("nodes: [{name: w, type: while_loop, max_iterations: 3, body: []}]", "requires 'condition'"),
    ("nodes: [{name: w, type: while_loop, condition: 'x', body: []}]", "requires 'max_iterations'"),
    ("nodes: [{name: w, type: while_loop, condition: x, max_iterations: 3}]", "requires 'body'"),
    (
        "nodes: [{name: w, type: while_loop, condition: x, max_iterations: 1001,"
        " body: [{name: b, run: 'return {}'}]}]",
        "max_iterations must be integer between 1-1000, got 1001",
    ),
    (
        "nodes: [{name: w, type: while_loop, condition: x, max_iterations: 0,"
        " body: [{name: b, run: 'return {}'}]}]",
        "max_iterations must be integer between 1-1000, got 0",
    ),
    (
        "nodes: [{name: w, type: while_loop, condition: x, max_iterations: 2, body:"
        " [{name: v, type: while_loop, condition: x, max_iterations: 2, body: []}]}]",
        "Nested while-loops not supported",
    ),
    (
        "nodes: [{name: m, strategy: {matrix: {k: [1]}}, run: 'return {}'}]",
        "requires 'fan_in' target node",
    ),
    (
        "nodes: [{name: m, strategy: {matrix: {k: 1}}, fan_in: m, run: 'return {}'}]",
        "matrix.k must be a list, got int",
    ),
    (
        "nodes: [{name: m, strategy: {matrix: {k: []}}, fan_in: m, run: 'return {}'}]",
        "cannot be empty",
    ),
    (
        "nodes: [{name: m, strategy: {matrix: {k: [1]}, max_parallel: 0}, fan_in: m,"
        " run: 'return {}'}]",
        "strategy.max_parallel must be positive integer",
    ),
    (
        "nodes: [{name: m, strategy: {matrix: {k: [1]}}, fan_in: m}]",
        "requires one of: run, uses, steps",
    ),
    (
        "nodes: [{name: p, parallel_each: '{{ state.i }}', run: 'return {}'}]",
        "requires 'fan_in' target node",
    ),
    ("nodes: [{name: a, interrupt: sometimes}]", "interrupt is 'before' or 'after'"),
    ("nodes: [{name: a}]\nsettings: {trace_compress: zip}", "unknown compression 'zip'"),
    (
        "nodes: [{name: a}]\nsettings: {trace_format: xml}",
        "unknown format 'xml'; known: jsonl, json",
    ),
    (
        "nodes: [{name: a}]\nsettings: {trace_llm_payload: '*', trace_file: t.jsonl}",
        "a bare '*' is refused",
    ),
    (
        "nodes: [{name: a}]\nsettings: {trace_retention_days: 0, trace_file: t.jsonl}",
        "trace_retention_days must be 1 or more",
    ),
    ("nodes: [{name: a, run: x = 1, on_error: {max_retries: -1}}]", "max_retries"),
    (
        "nodes: [{name: a}]\nsettings: {error_handling: {backoff_multiplier: 0}}",
        "backoff_multiplier",
    ),
    ("nodes: [{name: a}]\nconfig: {interrupt_before: [x]}", "Interrupt node 'x' does not exist"),
]


@pytest.mark.parametrize(("text", "said"), OTHERS)
def test_other_load_errors(text: str, said: str) -> None:
    """Other mistakes are refused at load too, each in its own words."""
    assert said in load_error(text)


def test_unknown_action_is_an_error_of_the_run() -> None:
    """A file may name an action that is not there; only calling it fails."""
    (event,) = events("nodes: [{name: a, uses: no.such}]")
    assert (event["type"], event["node"], event["error"]) == (
        "error",
        "a",
        "Unknown action: no.such",
    )


def test_no_nodes_fail_at_the_start() -> None:
    """A file without nodes loads, and its run ends at once."""
    (event,) = events("nodes: []")
    assert event["type"] == "error"
    assert event["error"] == "No valid next node found from node '__start__'"


def test_invalid_strategy_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """A strategy nobody knows is told, and threads are used."""
    with caplog.at_level(logging.WARNING), engine_with() as engine:
        graph = engine.load_from_dict(
            parsed("nodes: [{name: a}]\nsettings: {parallel: {strategy: magic}}")
        )
    assert "magic" in caplog.text
    assert graph.parallel_config.strategy == "thread"


@pytest.mark.parametrize(
    "settings",
    ["secrets: {backend: nowhere}", "session: {backend: nowhere}", "ltm: {backend: nowhere}"],
)
def test_failing_stores_only_warn(settings: str, caplog: pytest.LogCaptureFixture) -> None:
    """A store that cannot be opened is a warning; the agent runs."""
    with caplog.at_level(logging.WARNING), engine_with() as engine:
        graph = engine.load_from_dict(parsed(f"nodes: [{{name: a}}]\nsettings: {{{settings}}}"))
        stores = (engine.secrets_backend, engine.session_backend, engine.ltm_backend)
        assert list(graph.invoke({}))[-1]["type"] == "final"
    assert "nowhere" in caplog.text
    assert None in stores


@pytest.mark.parametrize(
    ("backend", "library", "extra", "options"),
    [
        ("aws", "boto3", "secrets-aws", ""),
        ("azure", "azure.keyvault.secrets", "secrets-azure", ", vault_url: 'https://v.invalid'"),
        ("gcp", "google.cloud.secretmanager", "secrets-gcp", ", project_id: p"),
        ("vault", "hvac", "secrets-vault", ", path: p"),
    ],
)
def test_missing_library_of_a_vault_is_named(
    backend: str, library: str, extra: str, options: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The warning says which library is missing and what installs it."""
    text = f"nodes: [{{name: a}}]\nsettings: {{secrets: {{backend: {backend}{options}}}}}"
    with caplog.at_level(logging.WARNING), engine_with() as engine:
        engine.load_from_dict(parsed(text))
    assert library in caplog.text
    assert f"codeanatomy[{extra}]" in caplog.text


def test_missing_file() -> None:
    """A path that is not there is FileNotFoundError."""
    with engine_with() as engine, pytest.raises(FileNotFoundError, match=r"no\.yaml"):
        engine.load_from_file("no.yaml")


def test_broken_yaml_names_the_place(tmp_path: Path) -> None:
    """A file that is not YAML is a ValueError with line and column."""
    path = tmp_path / "broken.yaml"
    path.write_text("nodes:\n  - {name: a\n")
    with engine_with() as engine, pytest.raises(ValueError, match=r"broken\.yaml"):
        engine.load_from_file(str(path))


SHAPES = [
    ({"nodes": 3}, "'nodes' must be a list, got int"),
    ({"nodes": [3]}, "Node at index 0 must be a mapping, got int"),
    ({"nodes": [{"run": "x = 1"}]}, "Node at index 0 is missing a 'name' field"),
    ({"nodes": [], "edges": {}}, "'edges' must be a list, got dict"),
    ({"nodes": [], "edges": [3]}, "Edge at index 0 must be a mapping, got int"),
    ({"nodes": [], "edges": [{"to": "__end__"}]}, "Edge at index 0 is missing 'from'"),
    ({"nodes": [], "edges": [{"from": "__start__"}]}, "Edge at index 0 is missing 'to'"),
    ({"nodes": [], "settings": 3}, "'settings' must be a mapping, got int"),
    ({"nodes": [], "variables": []}, "'variables' must be a mapping, got list"),
    ({"nodes": [], "config": "x"}, "'config' must be a mapping, got str"),
    ({"nodes": [], "imports": {"path": "x"}}, "'imports' must be a list, got dict"),
    ({"nodes": [{"name": "a", "uses": "x", "with": [1]}]}, "'with' must be a mapping, got list"),
    ({"nodes": [{"name": "a", "run": 3}]}, "'run' must be code, got int"),
    ({"nodes": [{"name": "a", "run": "x", "language": "cobol"}]}, "no language 'cobol'"),
    ({"nodes": [], "endpoint": {"method": "POST"}}, "a mapping with a 'path' is needed"),
    ({"nodes": [], "settings": {"journal": 3}}, "settings.journal"),
    ([], "a mapping is needed, got list"),
    (None, "a mapping is needed, got NoneType"),
]


@pytest.mark.parametrize(("definition", "said"), SHAPES)
def test_shapes(definition: Any, said: str) -> None:
    """A section of the wrong kind is refused in words, never with a failure of ours."""
    with engine_with() as engine, pytest.raises(ValueError, match=re.escape(said)):
        engine.load_from_dict(definition)


PIECES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 2000)
    | st.sampled_from(
        [
            "a",
            "b",
            "__end__",
            "{{ state.x }}",
            "{{",
            "x = 1",
            "return {}",
            "json.parse",
            "before",
            "!x",
            "${A}",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                """name run uses with output goto type items fan_in steps if to on_error mode body interrupt
            condition max_iterations strategy matrix parallel_each subgraph nodes action input""".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
SECTIONS = """nodes edges settings variables data config imports observability endpoint
input_schema output_schema name state_schema""".split()


@given(st.dictionaries(st.sampled_from(SECTIONS), PIECES, max_size=5), st.lists(PIECES, max_size=3))
@settings(max_examples=60)
def test_anything_loads_or_is_refused(definition: dict[str, Any], nodes: list[Any]) -> None:
    """Whatever a file holds, it becomes a graph or is refused with a ValueError or ImportError."""
    named = [
        {"name": f"n{i}", **one} if isinstance(one, dict) else one for i, one in enumerate(nodes)
    ]
    with engine_with() as engine:
        try:
            engine.load_from_dict({**definition, "nodes": named})
        except (ValueError, OSError):
            return
        assert engine.get_mermaid_graph() is not None
