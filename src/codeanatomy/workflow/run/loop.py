"""THE loop: it takes one line of a run from step to step and tells what happens.

Ordinary steps that nobody watches are taken by `cruise` without a stop in between (by `stroll`
where a stream is told of each); every other step goes through `walk`. All read the same compiled
steps.
"""

from __future__ import annotations

from time import perf_counter, time
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from codeanatomy.workflow.errors import RouteError, StepLimitError, UnstorableError
from codeanatomy.workflow.names import END
from codeanatomy.workflow.parallel.walk import BranchCancelled
from codeanatomy.workflow.response import HTTPResponse
from codeanatomy.workflow.run.events import Breath, Failed, Pending, Responded, StepDone
from codeanatomy.workflow.run.lane import LOGGER, Inner, Pause
from codeanatomy.workflow.spec import Nestable

Outcome: TypeAlias = Failed | Responded | Pause | None  # None: the line arrived where it was to go

if TYPE_CHECKING:
    from collections.abc import Generator

    from codeanatomy.workflow.compile import Step
    from codeanatomy.workflow.run.events import Signal
    from codeanatomy.workflow.run.lane import Lane

    State = dict[str, Any]

_BREATH: Final = 0.005  # seconds after which an asynchronous driver is let in
_LOST: Final = object()
_NOTHING: Final[dict[str, Any]] = {}


def walk(lane: Lane) -> Generator[Signal, Any, Outcome]:
    """Take a line to its stop or to the end of the graph; return how it ended."""
    plain, streaming, limit = lane.plain, lane.run.streaming, lane.run.flow.limit
    while True:
        if plain and not lane.left and not lane.joins:
            trouble = (yield from stroll(lane)) if streaming else cruise(lane, limit)
            if trouble is not None:
                outcome = yield from _trouble(lane, trouble)
                if outcome is not None:
                    return outcome
        step = lane.step
        if not lane.left:
            if step is lane.stop:
                return None
            if step.name == END:
                return _at_end(lane, step)
            outcome = yield from _enter(lane, step)
            if outcome is not None:
                return outcome
        outcome = yield from _leave(lane, step)
        if outcome is not None:
            return outcome


def cruise(lane: Lane, limit: int) -> object:
    """Take ordinary steps until one is not; return what went wrong, an awaitable, or None.

    Where something is returned, `lane.step` is the step it belongs to.
    """
    step, stop, state, update = lane.step, lane.stop, lane.state, lane.update
    config, taken, cancel = lane.run.config, lane.taken, lane.cancel
    trouble: object = None
    while step.ordinary and step is not stop and taken < limit:
        if cancel is not None and cancel.is_cancelled():
            break
        taken += 1
        try:
            direct = step.direct
            if direct is not None:
                result = direct(state)
            elif step.call is not None:
                result = step.call(state, config)
            else:
                result = _NOTHING
            if result.__class__ is dict or isinstance(result, dict):
                update(result)
            elif hasattr(result, "__await__") or isinstance(result, Nestable):
                trouble = result
                break
            else:
                update({"result": result})
        except Exception as error:  # noqa: BLE001 - what a node raises is told as an event
            trouble = error
            break
        following = step.next
        if following is None:
            following = next_step(step, state, config)
            if following is None:
                trouble = _LOST
                break
        step = following
    lane.step = step
    lane.taken = taken
    return trouble


def stroll(lane: Lane) -> Generator[Signal, Any, object]:
    """Do as `cruise` does, and tell of every step."""
    limit = lane.run.flow.limit
    while lane.step.ordinary and lane.step is not lane.stop and lane.taken < limit:
        step, taken = lane.step, lane.taken
        try:
            trouble = cruise(lane, taken + 1)
        except Exception:  # of a condition: the step itself is done
            yield from _told(lane, step)
            raise
        if step.runs and (trouble is None or trouble is _LOST) and lane.taken > taken:
            yield StepDone(step.name, lane.state.copy(), lane.branch, lane.path)
        if trouble is not None or lane.taken == taken:
            return trouble
    return None


def next_step(step: Step, state: dict[str, Any], config: dict[str, Any]) -> Step | None:
    """Ask the router, then the ways out in the order of their making; the first that applies."""
    if step.router is not None:
        name = step.router(state, config)
        if name:
            return _routed(step, name)
    for route in step.routes:
        if route.condition is None:
            return route.step
        chosen = route.steps.get(route.condition(state, config))
        if chosen is not None:
            return chosen
    return None


def chosen_step(step: Step, state: State, config: State) -> Generator[Signal, Any, Step | None]:
    """Do as `next_step` does, waiting for conditions that are coroutines."""
    if step.ordinary or step.next is not None:
        return next_step(step, state, config)
    if step.router is not None:
        name = yield from _awaited(step.router(state, config))
        if name:
            return _routed(step, name)
    for route in step.routes:
        if route.condition is None:
            return route.step
        chosen = route.steps.get((yield from _awaited(route.condition(state, config))))
        if chosen is not None:
            return chosen
    return None


def _awaited(answer: Any) -> Generator[Signal, Any, Any]:  # noqa: ANN401 - of a node or a condition
    if answer.__class__ is not dict and hasattr(answer, "__await__"):
        return (yield Pending(answer))
    return answer


def _routed(step: Step, name: str) -> Step:
    found = step.reachable.get(name)
    if found is None:
        raise RouteError(
            f"the router of node '{step.name}' names '{name}', which does not exist in the graph.",
            node=step.name,
            target=name,
        )
    return found


def no_route(name: str, *, branch: bool) -> RouteError:
    """Make the error of a node without a way on."""
    where = " in parallel flow" if branch else ""
    return RouteError(f"No valid next node found from node '{name}'{where}", node=name)


def failed(lane: Lane, node: str, error: BaseException, *, whole: bool = False) -> Failed:
    """Tell of a node that failed; `whole` where the text already says at which node."""
    text = str(error)
    LOGGER.error(text if whole else f"Error in node '{node}': {text}")
    return Failed(node, text, lane.state.copy(), error, whole)


def _trouble(lane: Lane, trouble: object) -> Generator[Signal, Any, Outcome]:
    """Go on where `cruise` could not."""
    step = lane.step
    if trouble is _LOST:
        return _lost(lane, step)
    if isinstance(trouble, Exception):
        return _ended(lane, step, trouble)
    try:
        result = yield from _awaited(trouble)
        if isinstance(result, Nestable):
            result = yield from lane.run.descend(lane, step.name, result)
        if isinstance(result, Pause | Responded):
            return result
        _take(lane, result)
    except Exception as error:  # noqa: BLE001 - what a node raises is told as an event
        return _ended(lane, step, error)
    lane.left = True
    yield from _told(lane, step)
    return None


def _told(lane: Lane, step: Step) -> Generator[Signal, Any, None]:
    if lane.run.streaming and step.runs:
        yield StepDone(step.name, lane.state.copy(), lane.branch, lane.path)


def _ended(lane: Lane, step: Step, error: Exception) -> Outcome:
    if isinstance(error, HTTPResponse):
        return Responded(step.name, error, lane.state.copy())
    return failed(lane, step.name, error)


def _lost(lane: Lane, step: Step) -> Failed:
    error = no_route(step.name, branch=lane.branch is not None)
    LOGGER.warning(str(error))
    return Failed(step.name, str(error), lane.state.copy(), error, whole=True)


def _enter(lane: Lane, step: Step) -> Generator[Signal, Any, Outcome]:
    """Run a step, unless a person is to be asked first."""
    run = lane.run
    if lane.cancel is not None and lane.cancel.is_cancelled():
        raise BranchCancelled
    if lane.taken >= run.flow.limit:
        return _too_long(lane, step)
    if step.before and not lane.skip and not run.unattended:
        return lane.pause("before")
    lane.skip = False
    lane.taken += 1
    if lane.joins:
        lane.deliver(step.name)
    if step.runs:
        outcome = yield from _perform(lane, step)
        if outcome is not None:
            _record_failure(lane, step, outcome)
            return outcome
    elif lane.log is not None:
        lane.ran = ({}, time(), 0.0)
    if step.after and (lane.log is not None or not run.unattended):
        unstored = yield from _written(lane, step, None)
        lane.left = True
        return unstored or (None if run.unattended else lane.pause("after"))
    return None


def _at_end(lane: Lane, step: Step) -> Pause | None:
    asked = step.before and not lane.skip and not lane.run.unattended
    return lane.pause("before") if asked else None


def _too_long(lane: Lane, step: Step) -> Failed:
    limit = lane.run.flow.limit
    error = StepLimitError(
        f"Step limit of {limit} reached at node '{step.name}': the graph runs in a cycle that does "
        f"not end; compile(max_steps=...) allows more steps",
        node=step.name,
        limit=limit,
    )
    return failed(lane, step.name, error, whole=True)


def _perform(lane: Lane, step: Step) -> Generator[Signal, Any, Outcome]:
    """Call what a step runs and put its result into the state."""
    run, name = lane.run, step.name
    if run.debug:
        _say_entering(lane, name)
    started, clock = time(), perf_counter()
    try:
        result = yield from _result(lane, step)
        if isinstance(result, Pause | Responded):
            return result
        changes = _take(lane, result)
    except Exception as error:  # noqa: BLE001 - what a node raises is told as an event
        return _ended(lane, step, error)
    if run.info:
        _say_done(lane, name, changes)
    if lane.log is not None:
        lane.ran = (changes, started, perf_counter() - clock)
    else:
        yield from _told(lane, step)
    if run.breathing and perf_counter() - run.breath > _BREATH:
        yield Breath()
        run.breath = perf_counter()
    return None


def _result(lane: Lane, step: Step) -> Generator[Signal, Any, Any]:
    if step.nested is not None:
        result = step.nested
    elif lane.log is None:
        result = yield from _awaited(_call(lane, step))
    else:
        with lane.log.step(lane.taken, step.name, lane.attempt).here():
            result = yield from _awaited(_call(lane, step))
    if isinstance(result, Nestable):
        return (yield from lane.run.descend(lane, step.name, result))
    return result


def _take(lane: Lane, result: Any) -> State:  # noqa: ANN401 - as above
    """Put a result into the state; that of an inner graph began with the state's own values."""
    if isinstance(result, Inner):
        lane.state.update(result)
        return result
    changes = result if isinstance(result, dict) else {"result": result}
    lane.update(changes)
    return changes


def _call(lane: Lane, step: Step) -> Any:  # noqa: ANN401 - whatever the node returns
    call, run = step.call, lane.run
    assert call is not None  # noqa: S101 - `step.runs` says so
    run.at(f"before:call:{step.name}")
    if lane.call is not None:
        result = lane.call(step.name, call, lane.state, run.config)
    else:
        result = call(lane.state, run.config)
    run.at(f"after:call:{step.name}")
    return result


def _leave(lane: Lane, step: Step) -> Generator[Signal, Any, Outcome]:
    """Choose the way on from a step that has run, through a fan-out where there is one."""
    run = lane.run
    if step.fans:
        unstored = yield from _written(lane, step, None)
        lane.left = True
        outcome: Outcome = unstored or (yield from run.split(lane, step))
        if outcome is not None:
            return outcome
    else:
        try:
            following = yield from chosen_step(step, lane.state, run.config)
        except Exception:
            _record(lane, step, None)
            raise
        unstored = yield from _written(lane, step, following)
        if unstored is not None:
            return unstored
        if following is None:
            return _lost(lane, step)
        if run.debug:
            LOGGER.debug(f"Transition: {step.name} -> {following.name}")
        lane.step = following
    lane.left = False
    return None


def _written(
    lane: Lane, step: Step, following: Step | None
) -> Generator[Signal, Any, Failed | None]:
    """Record a step and then tell of it: what was told is never lost.

    A state that cannot be stored is a failure of the step that made it.
    """
    if lane.ran is None:
        return None
    try:
        _record(lane, step, following)
    except UnstorableError as error:
        outcome = failed(lane, step.name, error)
        _record_failure(lane, step, outcome)
        return outcome
    yield from _told(lane, step)
    return None


def _record(lane: Lane, step: Step, following: Step | None) -> None:
    if lane.ran is None:
        return
    if lane.cancel is not None and lane.cancel.is_cancelled():
        raise BranchCancelled
    (changes, started, seconds), lane.ran = lane.ran, None
    after = following.name if following else None
    times = (started, seconds)
    lane.run.at(f"before:record:{step.name}")
    lane.log.record(lane.taken, step.name, lane.attempt, lane.state, changes, after, *times)
    lane.run.at(f"after:record:{step.name}")
    lane.attempt = 1 + lane.retry


def _record_failure(lane: Lane, step: Step, outcome: Outcome) -> None:
    if lane.log is not None and isinstance(outcome, Failed):
        told = (time(), 0.0, outcome.error)
        lane.log.record(lane.taken, step.name, lane.attempt, lane.state, {}, None, *told)


def _say_entering(lane: Lane, name: str) -> None:
    LOGGER.debug(f"Entering node: {name}")
    if lane.run.graph.log_state_values:
        LOGGER.debug(f"Node '{name}' input state: {lane.state}")


def _say_done(lane: Lane, name: str, changes: State) -> None:
    LOGGER.info(f"Node '{name}' completed successfully")
    if lane.run.debug and lane.run.graph.log_state_values:
        LOGGER.debug(f"Node '{name}' output: {changes}")
