"""One whole run: how it begins, the loop, how it ends or stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.errors import NothingToResumeError, StateSchemaError
from codeanatomy.workflow.names import START
from codeanatomy.workflow.run.events import Failed, Finished, Interrupted, Refused, Responded
from codeanatomy.workflow.run.lane import LOGGER, Lane, Pause, Run, first_lane
from codeanatomy.workflow.run.loop import walk

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from codeanatomy.workflow.compile import Step
    from codeanatomy.workflow.run.events import Signal
    from codeanatomy.workflow.run.loop import Outcome
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
        run.breathing, run.plain = True, False
    if input_state is None and checkpoint is None and "thread_id" not in run.config:
        checkpoint = graph.start_checkpoint
    resumed = input_state is None or checkpoint is not None
    if resumed:
        unfit = _unfit(run, input_state or {})
        if unfit is not None:
            yield _raised_or_told(run, unfit)
            return
        found = _again(run, input_state, checkpoint, view)
        if not isinstance(found, Lane):
            yield found
            return
        lane = found
    else:
        assert input_state is not None  # noqa: S101 - `resumed` says so
        state, errors = _begin(graph, {**input_state})
        if errors:
            yield Refused(errors, state)
            return
        unfit = _unfit(run, state)
        if unfit is not None:
            yield _raised_or_told(run, unfit)
            return
        lane = _fresh(run, state)
    if run.debug:
        _say_start(run, lane.state, view)
    yield from _walked(run, lane, resumed=resumed)


def replay(graph: Runnable, run_id: str) -> Generator[Signal, Any, None]:
    """Walk a recorded run again: its effects are given, and the first difference is raised."""
    from codeanatomy.workflow.run.recording import replayed  # noqa: PLC0415 - rarely needed

    run = new_run(graph, None)
    lane = replayed(run, run_id)
    yield from _walked(run, lane, resumed=True)


def _walked(run: Run, lane: Lane, *, resumed: bool) -> Generator[Signal, Any, None]:
    try:
        outcome = yield from walk(lane)
        told = end(run, lane, outcome, resumed=resumed)
    finally:
        if run.journal is not None:
            run.journal.close()  # before the end is told: whoever hears it may run the thread again
    yield told


def new_run(graph: Runnable, config: Mapping[str, Any] | None, *, streaming: bool = False) -> Run:
    """Make a run of a graph; fan-outs and inner graphs are loaded when the first one comes."""
    own = {**config} if config else {}
    return Run(graph, own, split=_split, descend=_descend, streaming=streaming)


def end(run: Run, lane: Lane, outcome: Outcome, *, resumed: bool) -> Signal:
    """Tell how a run ended, once it is written down; raise it where failures are raised."""
    if outcome is None:
        return _finish(run, lane.state, resumed=resumed)
    if isinstance(outcome, Pause):
        return Interrupted(outcome.node, outcome.when, outcome.state, _kept(run, lane, outcome))
    if isinstance(outcome, Responded) and run.streaming:
        error = outcome.response  # a stream answers no request
        outcome = Failed(outcome.node, str(error), outcome.state, error)
    if isinstance(outcome, Responded):
        answer = outcome.response.to_dict()
        _written(run, "final", lane.state, output=answer, node=outcome.node)
        return outcome
    _written(run, "error", lane.state, node=outcome.node, error=outcome.error)
    return _raised_or_told(run, outcome)


def _raised_or_told(run: Run, failure: Failed) -> Failed:
    if run.raising:
        where = f"Error in node '{failure.node}': "
        raise RuntimeError(("" if failure.whole else where) + failure.error) from failure.cause
    return failure


def _unfit(run: Run, values: State) -> Failed | None:
    """Tell of an input, or of changes to a state, that the schema does not allow."""
    if run.flow.schema is None:
        return None
    try:
        run.flow.schema(values)
    except StateSchemaError as error:
        return Failed(START, str(error), {**values}, error)
    return None


def _fresh(run: Run, state: State) -> Lane:
    if run.graph.journal is None:
        return first_lane(run, state)
    from codeanatomy.workflow.run.recording import begun  # noqa: PLC0415 - only where one is set

    return begun(run, state)


def _again(
    run: Run, updates: State | None, checkpoint: str | None, view: str
) -> Lane | Finished | Failed | Responded:
    """Stand where an earlier run stopped, or tell again how it ended."""
    if run.graph.journal is not None and (checkpoint is not None or "thread_id" in run.config):
        from codeanatomy.workflow.run import recording  # noqa: PLC0415 - as above

        if checkpoint is not None:
            return recording.from_checkpoint(run, checkpoint, updates)
        return recording.taken_up(run, updates)
    if checkpoint is None:
        raise NothingToResumeError(
            "checkpoint parameter required when input_state is None. "
            f"Use {view}(None, checkpoint='...') to go on from a checkpoint."
        )
    from codeanatomy.workflow.run.resume import resumed_lane  # noqa: PLC0415 - not for fresh runs

    return resumed_lane(run, checkpoint, updates)


def _kept(run: Run, lane: Lane, pause: Pause) -> str | None:
    from codeanatomy.workflow.run.resume import keep  # noqa: PLC0415 - only where one waits

    run.at(f"before:interrupt:{pause.node}")
    if run.journal is not None:
        lane.log.amend(lane.state, pause.node)  # results of branches are there, and no step's yet
        kept = run.journal.interrupt(pause.node, pause.when, lane.state, pause.place)
    else:
        kept = keep(run, lane, pause)
    run.at(f"after:interrupt:{pause.node}")
    return str(kept) if kept is not None else None


def _written(run: Run, status: str, state: State, **facts: Any) -> None:  # noqa: ANN401 - of the end
    run.at("before:end")
    if run.journal is not None:
        run.journal.finish(status, state, **facts)
    run.at("after:end")


def _split(lane: Lane, step: Step) -> Generator[Signal, Any, Any]:
    from codeanatomy.workflow.run.branch import split  # noqa: PLC0415 - brings threads

    return split(lane, step)


def _descend(lane: Lane, name: str, graph: Runnable) -> Generator[Signal, Any, Any]:
    from codeanatomy.workflow.run.nested import descend  # noqa: PLC0415 - rarely needed

    return descend(lane, name, graph)


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
    if hooks is None and run.journal is None and run.observer is None:
        return Finished(state.copy(), None, False, resumed)  # noqa: FBT003 - nothing is shaped
    shape = hooks.output if hooks is not None else None
    output = shape(state) if shape is not None else None
    if hooks is not None and hooks.save is not None and not run.unattended:
        hooks.save(state)  # a replay writes nothing
    _written(run, "final", state, output=output)
    return Finished(state.copy(), output, shape is not None, resumed)


def _say_start(run: Run, state: State, view: str) -> None:
    what = "stream execution" if view == "stream" else "execution"
    LOGGER.debug(f"Starting {what} with state keys: {list(state)}")
    if run.graph.log_state_values:
        LOGGER.debug(f"Initial state: {state}")
