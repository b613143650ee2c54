"""One whole run: how it begins, the loop, how it ends or stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.errors import NothingToResumeError
from codeanatomy.workflow.run.events import Failed, Finished, Interrupted, Refused, Responded
from codeanatomy.workflow.run.lane import LOGGER, Lane, Pause, Run, first_lane
from codeanatomy.workflow.run.loop import walk

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from codeanatomy.workflow.compile import Step
    from codeanatomy.workflow.run.events import Signal
    from codeanatomy.workflow.runnable import Runnable

    State = dict[str, Any]


def course(
    graph: Runnable,
    input_state: State | None,
    config: Mapping[str, Any] | None,
    checkpoint: str | None,
    *,
    view: str,
    breathing: bool = False,
) -> Generator[Signal, Any, None]:
    """Tell a run from its input, or from a checkpoint on."""
    run = new_run(graph, config, streaming=view == "stream")
    if breathing:
        run.breathing, run.quiet = True, False
    if checkpoint is not None:
        from codeanatomy.workflow.run.resume import resumed_lane  # noqa: PLC0415 - not for fresh runs

        lane = resumed_lane(run, checkpoint, input_state)
    elif input_state is None:
        raise NothingToResumeError(
            "checkpoint parameter required when input_state is None. "
            f"Use {view}(None, checkpoint='...') to go on from a checkpoint."
        )
    else:
        state, errors = _begin(graph, {**input_state})
        if errors:
            yield Refused(errors, state)
            return
        if run.flow.schema is not None:
            run.flow.schema(state)
        lane = first_lane(run, state)
    if run.debug:
        _say_start(run, lane.state, view)
    outcome = yield from walk(lane)
    yield end(run, lane, outcome, resumed=checkpoint is not None)


def new_run(graph: Runnable, config: Mapping[str, Any] | None, *, streaming: bool = False) -> Run:
    """Make a run of a graph; fan-outs and inner graphs are loaded when the first one comes."""
    own = {**config} if config else {}
    return Run(graph, own, split=_split, descend=_descend, streaming=streaming)


def end(
    run: Run, lane: Lane, outcome: Failed | Responded | Pause | None, *, resumed: bool
) -> Signal:
    """Tell how a run ended; raise it where failures are raised."""
    if outcome is None:
        return _finish(run, lane.state, resumed=resumed)
    if isinstance(outcome, Pause):
        from codeanatomy.workflow.run.resume import keep  # noqa: PLC0415 - only where one waits

        return Interrupted(outcome.node, outcome.when, outcome.state, keep(run, lane, outcome))
    if run.raising and isinstance(outcome, Failed):
        text = (
            outcome.error if outcome.whole else f"Error in node '{outcome.node}': {outcome.error}"
        )
        raise RuntimeError(text) from outcome.cause
    return outcome


def _split(lane: Lane, step: Step) -> Generator[Signal, Any, Any]:
    from codeanatomy.workflow.run.branch import split  # noqa: PLC0415 - brings threads

    return split(lane, step)


def _descend(lane: Lane, step: Step) -> Generator[Signal, Any, Any]:
    from codeanatomy.workflow.run.nested import descend  # noqa: PLC0415 - rarely needed

    return descend(lane, step)


def _begin(graph: Runnable, state: State) -> tuple[State, list[dict[str, Any]]]:
    hooks = graph.hooks
    if hooks is None or hooks.begin is None:
        return state, []
    return hooks.begin(state)


def _finish(run: Run, state: State, *, resumed: bool) -> Finished:
    if run.info:
        LOGGER.info("Execution completed successfully")
        if run.graph.log_state_values:
            LOGGER.debug(f"Final state: {state}")
    hooks = run.graph.hooks
    if hooks is None:
        return Finished(state.copy(), resumed=resumed)
    shaped = hooks.output is not None
    told = Finished(state.copy(), hooks.output(state) if hooks.output else None, shaped, resumed)
    if hooks.save is not None:
        hooks.save(state)
    return told


def _say_start(run: Run, state: State, view: str) -> None:
    what = "stream execution" if view == "stream" else "execution"
    LOGGER.debug(f"Starting {what} with state keys: {list(state)}")
    if run.graph.log_state_values:
        LOGGER.debug(f"Initial state: {state}")
