"""A part of a graph, run from one node up to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.errors import GraphError
from codeanatomy.workflow.names import END
from codeanatomy.workflow.run.awaiting import driven
from codeanatomy.workflow.run.course import new_run
from codeanatomy.workflow.run.events import Failed, Responded
from codeanatomy.workflow.run.lane import Lane
from codeanatomy.workflow.run.loop import walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.workflow.run.lane import Run
    from codeanatomy.workflow.runnable import Runnable

    State = dict[str, Any]


def execute_scoped(
    graph: Runnable,
    initial_state: State,
    entry_point: str,
    exit_point: str,
    config: Mapping[str, Any] | None,
) -> State:
    """Run from `entry_point` until `exit_point` is next; nobody is asked at interrupts.

    A failure is RuntimeError where the graph raises, otherwise `_scoped_error` in the state.
    """
    check_scope(graph, entry_point, exit_point)
    flow = graph.flow
    run = new_run(graph, config)
    run.unattended = True
    lane = Lane(run, {**initial_state}, flow.steps[entry_point], stop=flow.steps[exit_point])
    outcome = driven(walk(lane), None)
    if isinstance(outcome, Responded):
        raise outcome.response
    if isinstance(outcome, Failed):
        return _fail(run, lane, outcome)
    return lane.state


def check_scope(graph: Runnable, entry_point: str, exit_point: str) -> None:
    """Raise ValueError unless a way leads from one node to the other."""
    if entry_point not in graph.flow.steps:
        raise GraphError(f"Entry point '{entry_point}' not found in graph", node=entry_point)
    if exit_point not in graph.flow.steps:
        raise GraphError(f"Exit point '{exit_point}' not found in graph", node=exit_point)
    if entry_point == exit_point:
        message = f"Entry point and exit point cannot be the same: '{entry_point}'"
        raise GraphError(message, node=entry_point)
    if exit_point not in reachable(graph, entry_point):
        raise GraphError(
            f"No execution path from '{entry_point}' to '{exit_point}'",
            source=entry_point,
            target=exit_point,
        )


def validate_remote_scope(graph: Runnable, entry_point: str, exit_point: str) -> list[str]:
    """List the interrupts inside a part of a graph: there nobody could be asked."""
    inside = {entry_point, *reachable(graph, entry_point, stop=exit_point)} - {exit_point, END}
    found = []
    for name in (n for n in graph.flow.steps if n in inside):
        if name in graph.interrupt_before:
            found.append(
                f"Node '{name}' has interrupt_before=True, which a remote run cannot honour"
            )
        if name in graph.interrupt_after:
            found.append(
                f"Node '{name}' has interrupt_after=True, which a remote run cannot honour"
            )
    return found


def reachable(graph: Runnable, start: str, stop: str | None = None) -> set[str]:
    """Name the nodes that some way from a node leads to; no way is followed beyond `stop`."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        for target in _targets(graph, name):
            if target not in seen:
                seen.add(target)
                if target != stop:
                    waiting.append(target)
    return seen


def _targets(graph: Runnable, name: str) -> list[str]:
    step = graph.flow.steps.get(name)
    if step is None:
        return []
    named = [n for n in step.spec.meta.get("targets", ()) if n in graph.flow.steps]
    meeting = [e.fan_in_node for e in step.fans if e.fan_in_node]
    return [*graph.successors(name), *named, *meeting]


def _fail(run: Run, lane: Lane, outcome: Failed) -> State:
    error = outcome.error
    if error.startswith("No valid next node found"):
        error = f"No valid next node found from '{outcome.node}' in scoped execution"
    elif run.raising and not outcome.whole:
        error = f"Error in node '{outcome.node}': {error}"
    if run.raising:
        raise RuntimeError(error) from outcome.cause
    return {**lane.state, "_scoped_error": {"node": outcome.node, "error": error}}
