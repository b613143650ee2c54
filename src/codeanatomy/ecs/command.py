"""A command: a spawn, despawn, update, add or remove that waits for a tick, as columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.ecs.arrays import Ids

Kind: TypeAlias = Literal["spawn", "despawn", "update", "add", "remove", "resource", "ids"]

RULES: Mapping[Kind, str] = MappingProxyType(
    {
        "spawn": "An active row, stored at this tick as it was given; processors see it from the "
        "next tick on. An id is handed out once and never again. Twice in one tick under the same "
        "reserved id: the last value wins. Spawned and despawned in one tick: no row at all.",
        "despawn": "A tombstone at this tick with the values of the tick before. Twice is once. "
        "Later commands of the same tick for the entity are error rows.",
        "update": "The given fields are laid over what processors made and stored as given at "
        "this tick; all other fields are processed as usual. One row per entity and tick.",
        "add": "The entity moves to the table with more components: a tombstone in the old one, "
        "an active row in the new. What it carries is still processed this tick, what is added is "
        "stored as given.",
        "remove": "The entity moves to the table with fewer components. Added and then removed in "
        "one tick: nothing happened.",
        "resource": "Given by nobody: the record of what was set or dropped from outside before a "
        "tick, so that a replay can repeat it.",
        "ids": "Given by nobody: the record of which ids were handed out from outside before a "
        "tick. The next free id stands first, then those that were reserved.",
    }
)
"""What each kind does to the entities it names, in the tick it is for."""


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
