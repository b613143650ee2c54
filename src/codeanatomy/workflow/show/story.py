"""A run as it is told: its steps in the order they began, what each changed, how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

State = dict[str, Any]
Sign = Literal["added", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One key of the state that a step touched."""

    key: str
    sign: Sign
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Effect:
    """One action call of a step, as it was recorded."""

    name: str
    key: str
    result: Any = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One step; `began` in seconds since the epoch, `path` is empty in the main line."""

    path: str
    ordinal: int
    node: str
    attempt: int
    began: float
    seconds: float
    changes: tuple[Change, ...] = ()
    following: str | None = None
    error: str | None = None
    effects: tuple[Effect, ...] = ()
    kind: str = "step"  # as the journal has it: step, failed, lost, update

    @property
    def is_step(self) -> bool:
        """Tell a step from a change between steps: the answer of a person, or of a fork."""
        return self.kind != "update"


@dataclass(frozen=True, slots=True)
class Story:
    """One run from its first step to the last that is recorded, and what was changed between."""

    run: str
    thread: str
    graph: str
    status: str
    steps: tuple[Told, ...]
    began: float
    seconds: float
    initial: State = field(default_factory=dict)
    final: State = field(default_factory=dict)
    error: str | None = None
    parent: str | None = None  # the run this one was forked from

    @property
    def taken(self) -> tuple[Told, ...]:
        """The steps without what was changed between them."""
        return tuple(step for step in self.steps if step.is_step)

    @property
    def visits(self) -> dict[str, int]:
        """How often each node ran."""
        counts: dict[str, int] = {}
        for step in self.taken:
            counts[step.node] = counts.get(step.node, 0) + 1
        return counts


def changes_between(before: State, after: State) -> tuple[Change, ...]:
    """List the keys in which two states differ, in the order of the later one."""
    found = [
        Change(key, "changed", before[key], value)
        if key in before
        else Change(key, "added", None, value)
        for key, value in after.items()
        if key not in before or not _same(before[key], value)
    ]
    gone = [Change(key, "removed", before[key]) for key in before if key not in after]
    return (*found, *gone)


def _same(a: Any, b: Any) -> bool:  # noqa: ANN401 - a state holds anything
    return type(a) is type(b) and bool(a == b)
