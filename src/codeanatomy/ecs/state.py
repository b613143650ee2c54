"""The state of a world between two ticks: everything a reopened or forked world starts from."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from codeanatomy.ecs.table import NO_IDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.arrays import Ids
    from codeanatomy.ecs.command import Command
    from codeanatomy.ecs.table import Table


@dataclass(frozen=True, slots=True)
class State:
    """The world after `tick` (0: nothing has happened yet); immutable, shared freely.

    `reserved` are the ids that were handed out by `reserve_ids` and not spawned yet, ascending;
    `pending` the commands that wait for later ticks; `sequence` the number of the next command.
    """

    tick: int = 0
    tables: Mapping[Archetype, Table] = field(default_factory=lambda: MappingProxyType({}))
    next_id: int = 1
    sequence: int = 0
    reserved: Ids = field(default_factory=lambda: NO_IDS)
    pending: tuple[Command, ...] = ()
    resources: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
