"""What happens in a run, as the loop tells it; the views make the dicts of the API out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from codeanatomy.workflow.response import HTTPResponse

State = dict[str, Any]


@dataclass(slots=True)
class StepDone:
    """A node ran, in the main line or in a branch; the state is a copy of that moment."""

    node: str
    state: State
    branch: str | None = None
    path: str = ""


@dataclass(slots=True)
class BranchFailed:
    """A branch of a fan-out ended without a state to join."""

    branch: str
    error: str
    state: State | None
    circuit_state: str | None = None


@dataclass(slots=True)
class Interrupted:
    """The run waits; `checkpoint` is where it goes on."""

    node: str
    when: str  # before | after
    state: State
    checkpoint: str | None


@dataclass(slots=True)
class Failed:
    """The run ended at a node; `branch` where a branch of a fan-out is to blame."""

    node: str
    error: str
    state: State
    cause: BaseException | None = None
    whole: bool = False  # the error already says all that is to be raised


@dataclass(slots=True)
class Responded:
    """A node answered a request: the run is over."""

    node: str
    response: HTTPResponse
    state: State


@dataclass(slots=True)
class Refused:
    """The input is not what the graph takes."""

    errors: list[dict[str, Any]]
    state: State


@dataclass(slots=True)
class Finished:
    """The run is at its end; `shaped` says that `output` was made by an output schema."""

    state: State
    output: Any = None
    shaped: bool = False
    resumed: bool = False


@dataclass(slots=True)
class Pending:
    """The loop needs the result of something awaitable; whoever drives it sends that back."""

    awaitable: Awaitable[Any]


@dataclass(slots=True)
class Breath:
    """Nothing happened that anybody is told; an asynchronous driver may do something else."""


Event = StepDone | BranchFailed | Interrupted | Failed | Responded | Refused | Finished
Signal = Event | Pending | Breath
