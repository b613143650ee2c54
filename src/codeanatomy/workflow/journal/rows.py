"""What a journal tells: one value for a run, a step, an effect, and the place where to go on."""

from __future__ import annotations

from typing import Any

import msgspec


class RunRow(msgspec.Struct, frozen=True):
    """One run; times are seconds since 1970, `status` is one of `STATUSES`."""

    run_id: str
    thread_id: str
    graph: str
    fingerprint: str
    status: str
    began: float
    ended: float | None = None
    steps: int = 0
    node: str | None = None
    error: str | None = None
    parent: str | None = None
    parent_step: int | None = None
    resumed: int = 0


class StepRow(msgspec.Struct, frozen=True):
    """One attempt at a step of a line; `step` counts from 1 in its line.

    `kind`: `step` (done), `failed`, `lost` (the process ended in it), `update` (a person changed
    the state before the step). `inputs` is the digest of the state before, `changed` what is new.
    """

    lane: str
    step: int
    attempt: int
    kind: str
    node: str
    next_node: str | None
    started: float
    seconds: float
    inputs: str
    changed: dict[str, Any]
    gone: list[str]
    error: str | None = None


class EffectRow(msgspec.Struct, frozen=True):
    """One effect of a step: `key` is what the other side can tell it by."""

    key: str
    lane: str
    step: int
    node: str
    name: str
    attempt: int
    status: str
    started: float
    seconds: float
    result: Any = None
    error: str | None = None


class Position(msgspec.Struct, frozen=True):
    """Where a line goes on: the number of the next step, its node and its state.

    `node` is None where the way on from `last` was not yet chosen.
    """

    ordinal: int
    node: str | None
    state: dict[str, Any]
    attempt: int
    last: str | None


class Ended(msgspec.Struct, frozen=True):
    """A run that came to its end: its last state and the output of its final event."""

    run_id: str
    status: str
    state: dict[str, Any]
    output: Any = None
    node: str | None = None
    error: str | None = None

    @property
    def ended(self) -> dict[str, Any]:
        """Return all of it: a `RunLog`, which goes on, has None here."""
        return msgspec.structs.asdict(self)


class Departure(msgspec.Struct, frozen=True):
    """Where a replay left the recorded path; `what`: node, result, next, effect, line or end."""

    lane: str
    step: int
    what: str
    recorded: object
    found: object


STATUSES = ("running", "interrupted", "final", "error", "abandoned")
"""`running` without a live lease is a run that crashed."""
