"""The dicts that `invoke` and `stream` yield for what happens in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.run import course
from codeanatomy.workflow.run.awaiting import settled
from codeanatomy.workflow.run.events import (
    BranchFailed,
    Failed,
    Finished,
    Interrupted,
    Refused,
    Responded,
    StepDone,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from codeanatomy.workflow.run.events import Signal
    from codeanatomy.workflow.runnable import Runnable

    Told = dict[str, Any]


def invoke(
    graph: Runnable,
    input_state: dict[str, Any] | None,
    config: Mapping[str, Any] | None,
    checkpoint: str | None,
) -> Generator[Told, None, None]:
    """Yield what ends or stops a run, and the failures of branches."""
    for signal in settled(course.course(graph, input_state, config, checkpoint, view="invoke")):
        told = in_invoke(signal)
        if told is not None:
            yield told


def stream(
    graph: Runnable,
    input_state: dict[str, Any] | None,
    config: Mapping[str, Any] | None,
    checkpoint: str | None,
) -> Generator[Told, None, None]:
    """Yield every step of a run."""
    for signal in settled(course.course(graph, input_state, config, checkpoint, view="stream")):
        told = in_stream(signal)
        if told is not None:
            yield told


def replay(graph: Runnable, run_id: str) -> Generator[Told, None, None]:
    """Yield what `invoke` yields for a recorded run that is walked again."""
    for signal in settled(course.replay(graph, run_id)):
        told = in_invoke(signal)
        if told is not None:
            yield told


def in_invoke(signal: Signal) -> Told | None:
    """Give the event of `invoke` for what happened; None for what it does not tell."""
    view = _INVOKE.get(signal.__class__)
    return view(signal) if view is not None else None


def in_stream(signal: Signal) -> Told | None:
    """Give the event of `stream` for what happened; None for what it does not tell."""
    view = _STREAM.get(signal.__class__)
    return view(signal) if view is not None else None


def _final(event: Finished) -> Told:
    told = {"type": "final", "state": event.state}
    if event.shaped or not event.resumed:
        told["output"] = event.output
    return told


def _streamed_final(event: Finished) -> Told:
    told = {"type": "final", "state": event.state}
    return {**told, "output": event.output} if event.shaped else told


def _error(event: Failed) -> Told:
    return {"type": "error", "node": event.node, "error": event.error, "state": event.state}


def _branch_error(event: BranchFailed) -> Told:
    return {
        "type": "error",
        "node": event.branch,
        "error": event.error,
        "state": event.state,
    }


def _streamed_branch_error(event: BranchFailed) -> Told:
    told = {**_branch_error(event), "type": "parallel_error", "branch": event.branch}
    return {**told, "circuit_state": event.circuit_state} if event.circuit_state else told


def _interrupt(event: Interrupted) -> Told:
    return {
        "type": "interrupt",
        "node": event.node,
        "state": event.state,
        "checkpoint_path": event.checkpoint,
    }


def _streamed_interrupt(event: Interrupted) -> Told:
    return {**_interrupt(event), "type": f"interrupt_{event.when}"}


def _response(event: Responded) -> Told:
    answer = event.response
    return {
        "type": "http_response",
        "node": event.node,
        "status": answer.status,
        "body": answer.body,
        "headers": answer.headers,
        "state": event.state,
    }


def _refusal(event: Refused) -> Told:
    return {
        "type": "validation_error",
        "status_code": 422,
        "errors": event.errors,
        "state": event.state,
    }


def _step(event: StepDone) -> Told:
    if event.branch is None:
        return {"type": "state", "node": event.node, "state": event.state}
    return {
        "type": "parallel_state",
        "branch": event.branch,
        "node": event.node,
        "state": event.state,
    }


_INVOKE: dict[type, Callable[[Any], Told]] = {
    Finished: _final,
    Failed: _error,
    BranchFailed: _branch_error,
    Interrupted: _interrupt,
    Responded: _response,
    Refused: _refusal,
}
_STREAM: dict[type, Callable[[Any], Told]] = {
    Finished: _streamed_final,
    Failed: _error,
    BranchFailed: _streamed_branch_error,
    Interrupted: _streamed_interrupt,
    Refused: _refusal,
    StepDone: _step,
}
