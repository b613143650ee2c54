"""Spans around nodes, the flow log, and the settings that ask for them."""

# ruff: noqa: ARG001, ARG005, ANN401, E501, FBT001, ISC004 - actions take a state; an agent is a line

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow.contract.yaml_runs import State, engine_with, parsed

if TYPE_CHECKING:
    from pathlib import Path

AGENT = """
settings: {auto_trace: true}
nodes:
  - {name: a, run: 'return {"x": 1}'}
  - {name: b, uses: llm.call, with: {prompt: p}, output: said}
"""


def model(state: State, **_: object) -> State:
    """Answer with token counts."""
    return {
        "content": "c",
        "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
    }


def spans(text: str, **actions: Any) -> list[State]:
    """Run an agent and return the spans it exported."""
    seen: list[State] = []
    with engine_with({"llm.call": model, **actions}, trace_callback=seen.append) as engine:
        list(engine.load_from_dict(parsed(text)).invoke({}))
    return seen


def test_a_span_for_every_node() -> None:
    """The span has the node's name, what it does, and how it ended."""
    first, second = spans(AGENT)
    assert (first["name"], first["status"], first["error"]) == ("a", "ok", None)
    assert first["metadata"] == {"node": "a", "action_type": "inline"}
    assert second["metadata"] == {"node": "b", "action_type": "llm.call"}
    assert first["metrics"]["duration_ms"] >= 0
    assert second["metrics"]["total_tokens"] == 7
    assert set(first) == {
        "span_id",
        "parent_id",
        "name",
        "start_time",
        "end_time",
        "duration_ms",
        "status",
        "error",
        "metadata",
        "events",
        "metrics",
    }


def test_failed_node() -> None:
    """A failure is told in the span."""
    (span,) = spans("settings: {auto_trace: true}\nnodes: [{name: a, run: 'return 1 / 0'}]")
    assert (span["status"], span["error"]) == ("error", "division by zero")


def test_http_latency() -> None:
    """An http node tells its latency."""
    text = "settings: {auto_trace: true}\nnodes: [{name: a, uses: http.get}]"
    (span,) = spans(text, **{"http.get": lambda state, **_: {}})
    assert span["metrics"]["http_latency_ms"] >= 0


@pytest.mark.parametrize("settings", ["{}", "{auto_trace: false}"])
def test_without_asking_no_spans(settings: str) -> None:
    """Nodes are traced only where the file asks."""
    assert spans(f"settings: {settings}\nnodes: [{{name: a, run: 'return 1'}}]") == []


def test_tracing_switched_off() -> None:
    """An engine without tracing makes no spans whatever the file says."""
    with engine_with({"llm.call": model}, enable_tracing=False) as engine:
        assert engine.trace_context is None
        told = list(engine.load_from_dict(parsed(AGENT)).invoke({}))
    assert told[-1]["type"] == "final"


def test_explicit_spans() -> None:
    """`trace.start`, `trace.log` and `trace.end` work within the nodes of a file."""
    text = """
    nodes:
      - {name: a, uses: trace.start, with: {name: mine}, output: started}
      - {name: b, uses: trace.log, with: {message: m, metrics: {n: 1}}, output: logged}
      - {name: c, uses: trace.end, output: ended}
    """
    (span,) = spans(text)
    assert (span["name"], span["metrics"]["n"]) == ("mine", 1)
    assert span["events"][0]["message"] == "m"


KINDS = [
    (
        "{name: w, type: while_loop, condition: 'state.n < 1', max_iterations: 3,"
        ' body: [{name: b, run: \'return {"n": state["n"] + 1}\'}]}',
        ["LoopStart", "LoopIteration", "LoopEnd"],
    ),
    (
        "{name: w, type: dynamic_parallel, items: '{{ [1] }}', fan_in: j, steps: [{run: 'return 1'}]}",
        ["DynamicParallelStart", "DynamicParallelEnd"],
    ),
    (
        "{name: w, strategy: {matrix: {k: [1]}}, fan_in: j, run: 'return 1'}",
        ["MatrixStart", "MatrixEnd"],
    ),
    (
        "{name: w, parallel_each: '{{ [1] }}', fan_in: j, run: 'return 1'}",
        ["ParallelEachStart", "ParallelEachEnd"],
    ),
]


@pytest.mark.parametrize(("node", "expected"), KINDS)
def test_events_of_kinds(node: str, expected: list[str]) -> None:
    """Loops and branches log their events in the span of their node."""
    seen: list[State] = []
    text = f"settings: {{auto_trace: true}}\nnodes:\n  - {node}\n  - {{name: j, fan_in: true}}"
    with engine_with(trace_callback=seen.append) as engine:
        list(engine.load_from_dict(parsed(text)).invoke({"n": 0}))
    (span,) = (one for one in seen if one["name"] == "w")
    logged = [event["event_type"] for event in span["events"]]
    assert [name for name in dict.fromkeys(logged) if name in expected] == expected


def test_trace_file_of_the_settings(tmp_path: Path) -> None:
    """A file may name its own trace file; each line is a span."""
    path = tmp_path / "deep" / "trace.jsonl"
    definition = parsed(AGENT)
    definition["settings"].update(trace_exporter="file", trace_file=str(path))
    with engine_with({"llm.call": model}) as engine:
        list(engine.load_from_dict(definition).invoke({}))
    assert [json.loads(line)["name"] for line in path.read_text().splitlines()] == ["a", "b"]


def test_trace_of_one_file_is_not_that_of_another(tmp_path: Path) -> None:
    """The exporters of one file do not hear the other."""
    path = tmp_path / "trace.jsonl"
    traced = parsed(AGENT)
    traced["settings"].update(trace_file=str(path))
    with engine_with({"llm.call": model}) as engine:
        graphs = [engine.load_from_dict(traced), engine.load_from_dict(parsed(AGENT))]
        for graph in graphs:
            list(graph.invoke({}))
    assert len(path.read_text().splitlines()) == 2


@pytest.mark.parametrize("exporter", ["console", ["console"], {"type": "console", "verbose": True}])
def test_console(exporter: object, capsys: pytest.CaptureFixture[str]) -> None:
    """The console shows a line for a node."""
    definition = parsed(AGENT)
    definition["settings"]["trace_exporter"] = exporter
    with engine_with({"llm.call": model}) as engine:
        list(engine.load_from_dict(definition).invoke({}))
    assert "[TRACE] ✓ a (" in capsys.readouterr().out


OBSERVED = """
name: observed
observability: {enabled: true, level: debug}
nodes:
  - {name: a, run: 'return {"x": 1}'}
  - {name: b, uses: obs.log_event, with: {event_type: metric, message: hello}}
  - {name: c, uses: obs.get_flow_log, output: log}
"""


def test_flow_log() -> None:
    """Every node tells its entry and its exit; the state knows the flow."""
    with engine_with() as engine:
        (end,) = engine.load_from_dict(parsed(OBSERVED)).invoke({})
        flow_id = engine.observability_context.flow_id
    state = end["state"]
    assert state["_observability"] == {"flow_id": flow_id, "enabled": True}
    events = state["log"]["flow_log"]["events"]
    told = [(event["node"], event["event_type"], event["message"]) for event in events]
    assert told[:3] == [
        ("a", "entry", "Starting a"),
        ("a", "exit", "Completed a"),
        ("b", "entry", "Starting b"),
    ]
    assert ("metric", "hello") in [event[1:] for event in told]


def test_failed_node_in_the_flow_log() -> None:
    """A failure is an event of level error."""
    text = "observability: {enabled: true}\nnodes: [{name: a, run: 'return 1 / 0'}]"
    with engine_with() as engine:
        list(engine.load_from_dict(parsed(text)).invoke({}))
        log = engine.observability_context.get_flow_log()
    last = log["events"][-1]
    assert (last["level"], last["message"]) == ("error", "Error in a: division by zero")
    assert log["metrics"]["error_count"] == 1


@pytest.mark.parametrize("section", ["", "observability: {enabled: false}\n"])
def test_without_observability(section: str) -> None:
    """Where it is not asked for, the actions say so."""
    with engine_with() as engine:
        graph = engine.load_from_dict(
            parsed(f"{section}nodes: [{{name: a, uses: obs.get_flow_log}}]")
        )
        (end,) = graph.invoke({})
    assert end["state"]["error"].startswith("Observability is not enabled")
    assert "_observability" not in end["state"]


def test_llm_payloads(tmp_path: Path) -> None:
    """What a model was asked and said goes to a file of its own, and not into the trace."""
    path = tmp_path / "trace.jsonl"
    definition = parsed(AGENT)
    definition["settings"].update(trace_file=str(path), trace_llm_payload=True)
    with engine_with({"llm.call": model}) as engine:
        list(engine.load_from_dict(definition).invoke({}))
    warning, line = (tmp_path / "trace.llm.jsonl").read_text().splitlines()
    assert warning.startswith("# WARNING")
    payload = json.loads(line)["metadata"]["llm_payload"]
    assert (payload["response_content"], payload["tokens_input"]) == ("c", 3)
    assert payload["messages_input"] == [{"role": "user", "content": "p"}]
    assert "llm_payload" not in path.read_text()


@pytest.mark.parametrize(("patterns", "kept"), [(["b*"], True), (["x*"], False)])
def test_llm_payloads_of_some_nodes(
    tmp_path: Path,
    patterns: list[str],
    kept: bool,
) -> None:
    """Patterns choose the nodes whose payloads are kept."""
    definition = parsed(AGENT)
    definition["settings"].update(
        trace_file=str(tmp_path / "trace.jsonl"), trace_llm_payload=patterns
    )
    with engine_with({"llm.call": model}) as engine:
        list(engine.load_from_dict(definition).invoke({}))
    assert (tmp_path / "trace.llm.jsonl").exists() is kept
