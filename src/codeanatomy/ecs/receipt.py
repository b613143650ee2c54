"""A receipt: what one tick did, what it refused, and whether it is on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class ErrorRow(NamedTuple):
    """One command that could not be done to one entity; the rest of the tick stands.

    Codes: `unknown-entity`, `despawned` (earlier in the same tick), `missing-component`,
    `used-id`. `source` is the processor that asked, empty for a queued command.
    """

    code: str
    command: str
    entity_id: int
    sequence: int
    source: str


class HookFailure(NamedTuple):
    """A `post_tick` hook that raised; the tick stays."""

    hook: str
    error: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one tick did: counts of rows, refused commands, seconds by phase.

    `tick` speaks of the logical tick; `durable` says whether it is on disk already. `applied`
    counts the commands taken, each call one; `timings` has pre_tick, process, apply, commit.
    """

    tick: int
    durable: bool
    applied: int
    spawned: int
    despawned: int
    errors: tuple[ErrorRow, ...]
    timings: Mapping[str, float]
    hook_failures: tuple[HookFailure, ...] = ()
