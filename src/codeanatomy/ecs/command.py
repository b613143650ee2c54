"""A command: a spawn, despawn, update, add or remove that waits for a tick, as columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.ecs.arrays import Ids

Kind: TypeAlias = Literal["spawn", "despawn", "update", "add", "remove", "resource"]


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """One call, for one entity or a million: ids and a row of `columns` for each of them.

    `components`: the archetype to spawn, or what is added or removed. `source` is the processor
    that asked; empty for a queued command, `hook` for one a hook queued. `reserved` says that
    the ids of a spawn come from `reserve_ids`.

    A `resource` is no command anybody gives: it records what was set (`columns`) and dropped
    (`components`) from outside before a tick, so that a replay can repeat it.
    """

    kind: Kind
    tick: int
    priority: int
    sequence: int
    entity_id: Ids
    components: tuple[str, ...] = ()
    columns: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    source: str = ""
    reserved: bool = False

    @property
    def order(self) -> tuple[int, int, int]:
        """The place among the queued commands: (tick, priority, sequence)."""
        return (self.tick, self.priority, self.sequence)
