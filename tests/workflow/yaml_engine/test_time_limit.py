"""The `timeout` of a node."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow.yaml_engine.engine import YAMLEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

State = dict[str, Any]
SHORT = 0.05


class Slow:
    """Actions that wait until the test is over, and one that notes that it was called."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.ended = threading.Event()
        self.calls: list[str] = []

    def wait(self, state: State, **_: object) -> str:  # noqa: ARG002 - as an action is called
        """Take too long."""
        self.calls.append("wait")
        self.released.wait(10)
        return "late"

    def note(self, state: State, **_: object) -> str:  # noqa: ARG002 - as above
        """Say that it was called."""
        self.calls.append("note")
        return "noted"

    def end(self, state: State, **_: object) -> str:  # noqa: ARG002 - as above
        """Say that the late node is over."""
        self.ended.set()
        return "ended"


@pytest.fixture
def slow() -> Iterator[Slow]:
    """Let everybody go on at the end."""
    found = Slow()
    yield found
    found.released.set()


def run(slow: Slow, *nodes: State, **more: Any) -> State:  # noqa: ANN401 - sections of the file
    """Run nodes to their end; the last event."""
    actions = {"slow.wait": slow.wait, "slow.note": slow.note, "slow.end": slow.end}
    with YAMLEngine(actions_registry=actions) as engine:
        graph = engine.load_from_dict({"nodes": list(nodes), **more})
        return list(graph.invoke({"n": 1}, {"thread_id": "t"}))[-1]


WAITING: State = {"uses": "slow.wait", "output": "x"}
BODIES: dict[str, State] = {
    "an action": WAITING,
    "code": {"run": "actions.slow.wait(state)"},
    "steps": {"steps": [{"uses": "slow.note"}, WAITING]},
    "a loop": {
        "type": "while_loop", "condition": "state.n", "max_iterations": 2, "body": [WAITING],
    },
    "branches": {"type": "dynamic_parallel", "items": "[1, 2]", "action": WAITING, "fan_in": "j"},
    "a subgraph": {"subgraph": {"nodes": [{"name": "inner", **WAITING}]}},
}  # fmt: skip


@pytest.mark.parametrize("journal", ["memory:", None])
@pytest.mark.parametrize("kind", BODIES)
def test_every_kind_of_node_has_a_limit(slow: Slow, kind: str, journal: str | None) -> None:
    """It fails when the time is over, and nobody waits for it."""
    meeting = [{"name": "j", "fan_in": True}] if kind == "branches" else []
    node = {"name": "a", "timeout": SHORT, **BODIES[kind]}
    event = run(slow, node, *meeting, settings={"journal": journal})
    assert (event["type"], event["node"]) == ("error", "a")
    assert event["error"] == f"Node 'a' timed out after {SHORT}s"


def test_what_ends_in_time_is_as_without_a_limit(slow: Slow) -> None:
    """Its result, what it did to the state in place, what it raised, and what it awaited."""
    code = "state['n'] += 1\nreturn {'m': state['n']}"
    event = run(slow, {"name": "a", "timeout": 10, "run": code})
    assert event["state"] == {"n": 2, "m": 2}
    event = run(slow, {"name": "a", "timeout": 10, "run": "raise KeyError('k')"})
    assert (event["type"], event["error"]) == ("error", "'k'")

    async def soon(state: State) -> State:
        await asyncio.sleep(0)
        return {"n": state["n"] + 5}

    assert run(slow, {"name": "a", "timeout": 10, "run": soon})["state"] == {"n": 6}


def test_a_late_node_changes_nothing(slow: Slow) -> None:
    """It goes on beside the run until its next action, which is not called."""
    late = [WAITING, {"run": "state['n'] = 99"}, {"uses": "slow.note"}]
    nodes: list[State] = [
        {"name": "a", "timeout": SHORT, "on_error": "graceful", "steps": late},
        {"name": "b", "run": "return {'after': state['n']}"},
    ]
    event = run(slow, *nodes)
    assert event["state"]["after"] == 1
    slow.released.set()
    for thread in threading.enumerate():
        if thread.name == "node a":
            thread.join(5)
    assert slow.calls == ["wait"]


def test_on_error_applies(slow: Slow) -> None:
    """A retry has the whole time again; `timeout` names the failure."""
    rule = {
        "mode": "retry", "max_retries": 1, "retry_delay": 0, "retryable_errors": ["timeout"],
    }  # fmt: skip
    event = run(slow, {"name": "a", "timeout": SHORT, "on_error": rule, **WAITING})
    error = event["state"]["__error__"]
    assert (error["message"], error["retry_count"]) == (f"Node 'a' timed out after {SHORT}s", 1)
    assert slow.calls == ["wait", "wait"]


def test_a_body_has_a_limit_of_its_own(slow: Slow) -> None:
    """A step of a node, an action of a branch."""
    event = run(slow, {"name": "a", "steps": [{"name": "s", "timeout": SHORT, **WAITING}]})
    assert "Node 's' timed out after" in event["error"]
    branches = {**BODIES["branches"], "action": {**WAITING, "timeout": SHORT}}
    event = run(slow, {"name": "a", **branches}, {"name": "j", "fan_in": True})
    assert [r.success for r in event["state"]["parallel_results"]] == [False, False]


@pytest.mark.parametrize("seconds", [0, -1, "5", True, float("nan")])
def test_a_limit_is_a_number_of_seconds(seconds: object) -> None:
    """Anything else is refused at load."""
    with YAMLEngine() as engine, pytest.raises(ValueError, match="timeout is a number of seconds"):
        engine.load_from_dict({"nodes": [{"name": "a", "run": "pass", "timeout": seconds}]})
