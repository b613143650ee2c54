"""Actions as agent files use them: by either name, awaited, with what they answer in the state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from the_edge_agent import YAMLEngine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def engine() -> Iterator[YAMLEngine]:
    """Give an engine that may run code."""
    one = YAMLEngine(enable_tracing=False, enable_ltm=False, enable_code_execution=True)
    yield one
    one.close()


def run(engine: YAMLEngine, *nodes: dict[str, Any], **state: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a state
    """Run nodes in a row, and return what happened."""
    graph = engine.load_from_dict({"name": "a", "nodes": list(nodes)})
    return list(graph.invoke(state))


def node(uses: str, output: Any = "out", **params: Any) -> dict[str, Any]:  # noqa: ANN401 - of a file
    """Return a node that calls an action."""
    return {"name": uses.replace(".", "_"), "uses": uses, "with": params, "output": output}


@pytest.mark.parametrize(
    ("uses", "params", "state", "expected"),
    [
        ("json.parse", {"text": "{{ state.t }}"}, {"t": "[1]"}, {"success": True, "data": [1]}),
        ("actions.json_parse", {"text": "[1]"}, {}, {"success": True, "data": [1]}),
        ("json_parse", {"text": "[1]"}, {}, {"success": True, "data": [1]}),
        (
            "data.merge",
            {"sources": ["{{ state.a }}", {"b": "{{ state.b }}"}]},
            {"a": {"x": 1}, "b": 2},
            {"success": True, "result": {"x": 1, "b": 2}, "source_count": 2},
        ),
        ("error.has", {}, {}, False),
        ("error.type", {}, {"__error__": {"type": "E"}}, "E"),
        ("secrets.has", {"key": "k"}, {}, {"exists": False}),
        ("storage.exists", {"path": "memory://nothing/x"}, {}, {"exists": False}),
        ("code.execute", {"code": "result = 6 * 7"}, {}, {"return_value": 42}),
        (
            "validate.input",
            {"data": {"n": "1"}, "schema": {"n": {"type": "int"}}},
            {},
            {"valid": True, "data": {"n": 1}},
        ),
        ("schema.merge", {"schemas": [{"inline": {"a": 1}}]}, {}, {"merged_schema": {"a": 1}}),
    ],
)
def test_an_action_of_a_node(
    engine: YAMLEngine, uses: str, params: dict[str, Any], state: dict[str, Any], expected: object
) -> None:
    """Its answer stands under the output's name."""
    final = run(engine, node(uses, **params), **state)[-1]
    assert final["type"] == "final", final
    found = final["state"]["out"]
    assert expected.items() <= found.items() if isinstance(expected, dict) else found == expected


def test_a_response_ends_the_run(engine: YAMLEngine) -> None:
    """What was answered is an event of its own, and nothing runs after it."""
    nodes = (
        node("http.respond", status=201, body={"id": "{{ state.i }}"}, headers={"X": "y"}),
        {"name": "after", "run": "return {'ran': True}"},
    )
    (event,) = [one for one in run(engine, *nodes, i=7) if one["type"] != "state"]
    assert (event["type"], event["node"], event["status"], event["body"]) == (
        "http_response",
        "http_respond",
        201,
        {"id": 7},
    )
    assert event["headers"] == {"Content-Type": "application/json", "X": "y"}
    assert "ran" not in event["state"]


def test_a_missing_parameter_is_a_node_error(engine: YAMLEngine) -> None:
    """It is the TypeError of Python."""
    event = run(engine, node("json.parse"))[-1]
    assert (event["type"], event["node"]) == ("error", "json_parse")
    assert "text" in event["error"]


def test_an_http_failure_is_a_node_error(engine: YAMLEngine) -> None:
    """It is raised, not answered."""
    event = run(engine, node("http.get", url="http://127.0.0.1:1/"))[-1]
    assert (event["type"], event["node"]) == ("error", "http_get")


def test_a_refusal_is_no_node_error(engine: YAMLEngine, tmp_path: Path) -> None:
    """It stands in the state, and the run goes on."""
    final = run(engine, node("file.read", path=str(tmp_path / "none")))[-1]
    assert final["type"] == "final"
    assert final["state"]["out"]["error_type"] == "not_found"


def test_a_saved_checkpoint_is_known_to_templates(engine: YAMLEngine, tmp_path: Path) -> None:
    """As `checkpoint.last`, and it can be loaded."""
    path = str(tmp_path / "c.pkl")
    final = run(
        engine,
        node("checkpoint.save", "saved", path=path),
        node("notify", "told", channel="c", message="{{ checkpoint.last }}"),
        node("checkpoint.load", "loaded", path="{{ checkpoint.last }}"),
        x=1,
    )[-1]
    assert final["state"]["saved"] == {"checkpoint_path": path, "saved": True}
    assert final["state"]["loaded"]["checkpoint_state"]["x"] == 1


def test_what_an_error_leaves_is_answered(engine: YAMLEngine) -> None:
    """A graceful failure becomes a response by an action."""
    final = run(
        engine,
        {
            "name": "late",
            "run": "raise TimeoutError('too late')",
            "on_error": {"mode": "graceful"},
        },
        node("error.respond", "answer"),
    )[-1]
    assert final["type"] == "final", final
    assert final["state"]["answer"]["__http_response__"] == {
        "status": 504,
        "body": {"error": "TimeoutError", "message": "too late"},
        "headers": {},
    }


def test_values_of_the_state_are_no_templates(engine: YAMLEngine) -> None:
    """What a state holds is data, also where it looks like a template."""
    final = run(engine, node("json.stringify", data="{{ state.t }}"), t="{{ 1 + 1 }}")[-1]
    assert final["state"]["out"]["text"] == '"{{ 1 + 1 }}"'
