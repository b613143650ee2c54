"""A visit: what a processor can ask and order while it is at a table, besides its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.ecs import chance

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    import numpy as np
    import numpy.typing as npt

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.arrays import Ids, Numbers, Pool
    from codeanatomy.ecs.buffer import CommandBuffer
    from codeanatomy.ecs.components import Components
    from codeanatomy.ecs.message import Messages
    from codeanatomy.ecs.table import Table


class Visit:
    """One processor at one table (or at all its declared archetypes) in one tick.

    `commands` takes spawns, despawns, updates, adds and removes of this tick; `resources` are
    the recorded ones, `external` the shared objects; `chance` is the numpy generator of (seed,
    tick, processor, archetype); `messages` are those between entities.
    """

    __slots__ = (
        "_chance",
        "_components",
        "_drawn",
        "_pool",
        "_tables",
        "archetype",
        "commands",
        "external",
        "processor",
        "resources",
        "seed",
        "tick",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - what a tick hands to a visit
        self,
        tick: int,
        seed: int,
        processor: str,
        tables: tuple[Table, ...],
        commands: CommandBuffer,
        resources: MutableMapping[str, object],
        external: Mapping[str, Any],
        components: Components,
        pool: Pool,
    ) -> None:
        self.tick = tick
        self.seed = seed
        self.processor = processor
        self.archetype: Archetype = tuple(name for table in tables for name in table.archetype)
        self.commands = commands
        self.resources = resources
        self.external = external
        self._tables = tables
        self._components = components
        self._pool = pool
        self._chance: np.random.Generator | None = None
        self._drawn = 0

    @property
    def chance(self) -> np.random.Generator:
        """The random stream of this processor on this table at this tick."""
        if self._chance is None:
            self._chance = chance.stream(self.seed, self.tick, self.processor, self.archetype)
        return self._chance

    @property
    def messages(self) -> Messages:
        """What entities told each other: read what was sent a tick ago, send for the next."""
        from codeanatomy.ecs.message import Messages  # noqa: PLC0415 - only where they talk

        return Messages(self.resources, self.tick, self._tables, self._components)

    def draws(self, count: int = 1, ids: Ids | None = None) -> npt.NDArray[np.float64]:
        """Give uniform numbers in [0, 1) keyed by entity: (n, count), the same in any table.

        Every further call in the visit gives further numbers.
        """
        of = self._tables[0].entity_id if ids is None else ids
        found = chance.entity_uniform(self.seed, self.tick, self.processor, of, count, self._drawn)
        self._drawn += count
        return found

    def out(self, name: str, archetype: int = 0) -> Numbers:
        """Give a writable array for a column of this table, from the pool: values are unset.

        `archetype` is the place of the table where a processor declared several.
        """
        column = self._components.column(name)
        if column.dtype is None:
            from codeanatomy.ecs.errors import ColumnTypeError  # noqa: PLC0415 - rare

            raise ColumnTypeError(f"{name} is held by Arrow; return a new array", column=name)
        return self._pool.borrow(column.dtype, column.shape(len(self._tables[archetype])))
