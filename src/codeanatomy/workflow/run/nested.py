"""A graph that is a node of another graph, or that a node returns: its run inside the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.errors import NestedRunError
from codeanatomy.workflow.run.events import Failed, Responded
from codeanatomy.workflow.run.lane import Inner, Lane, Pause, first_lane
from codeanatomy.workflow.run.loop import walk
from codeanatomy.workflow.run.recording import open_line, stand_at
from codeanatomy.workflow.spec import Nested

if TYPE_CHECKING:
    from collections.abc import Generator

    from codeanatomy.workflow.run.events import Signal
    from codeanatomy.workflow.runnable import Runnable


def descend(
    lane: Lane, name: str, nested: Runnable | Nested
) -> Generator[Signal, Any, dict[str, Any] | Pause | Responded]:
    """Run an inner graph on a copy of the state; return the keys it changed, or how it stopped.

    A key that both graphs know gets the inner graph's value: it began with the outer one's.
    `Nested` says otherwise: it has a state of its own, and makes the result itself.
    """
    own = nested if isinstance(nested, Nested) else None
    graph: Runnable = nested.graph if isinstance(nested, Nested) else nested
    outer, inner = lane.run, lane.run.inside(graph)
    child = first_lane(inner, lane.state.copy() if own is None else {**own.state})
    child.path = lane.below(name)
    if outer.journal is not None:
        child.retry, child.attempt = lane.retry, 1 + lane.retry
        open_line(child, lane)
    place, lane.within = lane.within, None
    if place is not None:
        stand_at(child, place["graph"])
    elif inner.flow.schema is not None:
        inner.flow.schema(child.state)
    outcome = yield from walk(child)
    if isinstance(outcome, Pause):
        outcome.node = f"{name}/{outcome.node}"
        lane.taken -= 1  # the step is not done: it is taken again
        return lane.pause_within(outcome, {"graph": outcome.place})
    if isinstance(outcome, Responded):
        return outcome
    if isinstance(outcome, Failed):
        text = (
            outcome.error if outcome.whole else f"Error in node '{outcome.node}': {outcome.error}"
        )
        raise NestedRunError(text, graph=name, node=outcome.node) from outcome.cause
    return _changes(lane, child) if own is None else own.shape(child.state)


def _changes(lane: Lane, child: Lane) -> Inner:
    old = lane.state
    return Inner({k: v for k, v in child.state.items() if k not in old or old[k] is not v})
