"""A receipt: what one tick did, what it refused, and whether it is on disk."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


ERROR_ROWS: Mapping[str, str] = MappingProxyType(
    {
        "unknown-entity": "No living entity has this id.",
        "despawned": "An earlier command of the same tick ended this entity.",
        "missing-component": "The entity does not have the component that is updated or removed.",
        "used-id": "The id of a spawn belongs to an entity, or belonged to one.",
    }
)
"""Why a command could not be done to one entity: the codes of `ErrorRow`."""


class ErrorRow(NamedTuple):
    """One command that could not be done to one entity; the rest of the tick stands.

    `code` is one of `ERROR_ROWS`; `source` is the processor that asked, empty for a queued
    command.
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
