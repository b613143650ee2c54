"""Branches: how the loop hands a fan-out over, and how it walks one branch of it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.errors import GraphError
from codeanatomy.workflow.parallel.fan_out import Lost, fan_out
from codeanatomy.workflow.parallel.walk import BranchCancelled, BranchError, BranchPaused
from codeanatomy.workflow.run.awaiting import driven
from codeanatomy.workflow.run.events import BranchFailed, Failed, Responded
from codeanatomy.workflow.run.lane import Lane, Pause
from codeanatomy.workflow.run.loop import chosen_step, failed, walk
from codeanatomy.workflow.run.recording import open_line, stand_at

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from codeanatomy.workflow.compile import Step
    from codeanatomy.workflow.parallel.cancel import CancellationToken
    from codeanatomy.workflow.parallel.fan_out import Joined
    from codeanatomy.workflow.parallel.walk import CallElsewhere
    from codeanatomy.workflow.run.events import Signal
    from codeanatomy.workflow.spec import EdgeSpec

    State = dict[str, Any]


def split(lane: Lane, step: Step) -> Generator[Signal, Any, Failed | Pause | None]:
    """Run the branches that begin at a step, and go to where they meet.

    Where another way leads on too, the line takes it and finds the results at the fan-in node.
    """
    run = lane.run
    groups: dict[str, list[EdgeSpec]] = {}
    for edge in step.fans:
        if not edge.fan_in_node:
            return failed(lane, step.name, _no_fan_in(edge), whole=True)
        groups.setdefault(edge.fan_in_node, []).append(edge)
    within, lane.within = lane.within, None
    run.at(f"before:split:{step.name}")
    for fan_in, edges in groups.items():
        if lane.joins and fan_in in lane.joins:
            continue  # joined before the interrupt of another group
        paused = within["paused"] if within and within["fan_in"] == fan_in else None
        joined = yield from _forwarded(lane, step, edges, paused)
        if joined.paused is not None:
            return _paused(lane, joined, fan_in)
        if joined.error is not None:
            return _aborted(lane, step, joined)
        lane.joins = {**(lane.joins or {}), fan_in: joined.results}
        run.at(f"after:join:{fan_in}")
    other = yield from chosen_step(step, lane.state, run.config)
    lane.step = other or run.flow.steps[next(iter(groups))]
    lane.deliver(lane.step.name)
    return None


class Walker:
    """Walks one branch at a time of the fan-out where a line stands, in the thread that asks."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self.lost: deque[BranchFailed] = deque()  # inside branches that nobody listens to

    def __call__(  # noqa: D102, PLR0913 - as `parallel.walk.Walk` says
        self,
        branch: str,
        start: str,
        stop: str,
        state: State,
        *,
        emit: Callable[[Any], None] | None,
        cancel: CancellationToken,
        attempt: int = 0,
        pause: Any = None,  # noqa: ANN401 - a place
        call: CallElsewhere | None = None,
    ) -> State:
        run = self._lane.run
        steps = run.flow.steps
        path = self._lane.below(branch)
        lane = Lane(run, state, steps[start], path=path, stop=steps[stop], branch=branch)
        lane.cancel, lane.call = cancel, call
        lane.retry, lane.attempt = attempt, 1 + attempt
        if run.journal is not None:
            open_line(lane, self._lane)
        if pause is not None:
            stand_at(lane, pause)
        try:
            outcome = driven(walk(lane), emit or self._note)
        except BranchCancelled:
            raise
        except Exception as error:
            raise BranchError(lane.step.name, error, lane.state) from error
        _judge(outcome, lane)
        return lane.state

    def _note(self, event: Any) -> None:  # noqa: ANN401 - an event of the loop
        if isinstance(event, BranchFailed):
            self.lost.append(event)


def _judge(outcome: Any, lane: Lane) -> None:  # noqa: ANN401 - an outcome of `walk`
    if isinstance(outcome, Pause):
        raise BranchPaused(outcome.node, outcome.when, outcome.state, outcome.place)
    if isinstance(outcome, Responded):
        raise BranchError(outcome.node, outcome.response, outcome.state)
    if isinstance(outcome, Failed):
        cause = outcome.cause or RuntimeError(outcome.error)
        raise BranchError(outcome.node, cause, lane.state) from cause


def _forwarded(
    lane: Lane, step: Step, edges: list[EdgeSpec], paused: dict[str, Any] | None
) -> Generator[Signal, Any, Joined]:
    run, walker = lane.run, Walker(lane)
    told = fan_out(
        run.graph.parallel,
        step.name,
        edges,
        lane.state,
        walker,
        config=run.config,
        streaming=run.streaming,
        paused=paused,
    )
    try:
        while True:
            item = next(told)
            if isinstance(item, Lost):
                state = item.state if item.state is not None else lane.state
                yield BranchFailed(item.branch, item.error, state.copy(), item.circuit_state)
            else:
                yield item
    except StopIteration as end:
        joined: Joined = end.value
        yield from walker.lost
        return joined
    finally:
        told.close()


def _paused(lane: Lane, joined: Joined, fan_in: str) -> Pause:
    paused = joined.paused
    assert paused is not None  # noqa: S101 - the caller saw it
    inner = Pause(paused.node, paused.when, paused.state, {})
    kept = {"branch": paused.branch, "branches": paused.branches}
    return lane.pause_within(inner, {"fan_in": fan_in, "paused": kept})


def _aborted(lane: Lane, step: Step, joined: Joined) -> Failed:
    lost = joined.failed[0] if joined.failed else None
    state = lost.state if lost is not None and lost.state is not None else lane.state
    name = lost.branch if lost is not None else step.name
    return Failed(name, joined.error or "", state.copy(), joined.cause, whole=True)


def _no_fan_in(edge: EdgeSpec) -> GraphError:
    return GraphError(
        f"Parallel edge from '{edge.source}' to '{edge.target}' must have 'fan_in_node' specified",
        source=edge.source,
        target=edge.target,
    )
