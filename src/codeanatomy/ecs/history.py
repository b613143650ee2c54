"""The past of a world and what grows out of it: moments, forks, their lineage."""

from __future__ import annotations

import uuid
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from codeanatomy.ecs.backend.base import Birth
from codeanatomy.ecs.query import query, reached, state_at
from codeanatomy.ecs.sql import sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyarrow as pa

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.backend.base import Backend
    from codeanatomy.ecs.components import Components
    from codeanatomy.ecs.core import Core
    from codeanatomy.ecs.state import State
    from codeanatomy.ecs.table import Table

W = TypeVar("W", bound="Core")


class Ancestor(NamedTuple):
    """A world another one comes from, and the last tick they share."""

    world_id: str
    run_id: str
    until_tick: int


class Past:
    """A world as it was after one tick; read-only, and what came later is not in it."""

    def __init__(self, world: Core, tick: int) -> None:
        self._world = world
        self.state: State = state_at(world, tick)

    @property
    def tick(self) -> int:
        """The tick this is the world of."""
        return self.state.tick

    @property
    def tables(self) -> Mapping[Archetype, Table]:
        """The active rows, by archetype."""
        return self.state.tables

    @cached_property
    def population(self) -> int:
        """The number of entities that lived."""
        return sum(len(table) for table in self.state.tables.values())

    @property
    def resources(self) -> Mapping[str, object]:
        """The recorded resources as they were."""
        return self.state.resources

    @property
    def external(self) -> Mapping[str, object]:
        """The external resources: shared with the world of today, never recorded."""
        return self._world.external

    @property
    def backend(self) -> Backend:
        """Where its ticks are kept."""
        return self._world.backend

    @property
    def components(self) -> Components:
        """What its columns are."""
        return self._world.components

    @property
    def birth(self) -> Birth:
        """Who it is."""
        return self._world.birth

    def query(
        self,
        *components: object,
        tick: int | None = None,
        ticks: object = None,
        entities: object = None,
        where: object = None,
        changed: object = None,
        without: Iterable[object] = (),
        active: bool | None = True,
    ) -> pa.Table:
        """Read as `World.query` does; the last tick is the one of this moment."""
        return query(
            self,
            components,
            tick=tick,
            ticks=ticks,
            entities=entities,
            where=where,
            changed=changed,
            without=without,
            active=active,
        )

    def sql(self, text: str, parameters: Mapping[str, object] | None = None) -> pa.Table:
        """Answer one SELECT over the history up to this moment."""
        return sql(self, text, parameters)

    def __repr__(self) -> str:
        return f"<{self._world.name} at tick {self.tick}: {self.population} entities>"


def fork(
    world: W, at_tick: int | None = None, seed: int | None = None, name: str | None = None
) -> W:
    """Branch off a world: rows, pending commands, ids and resources are those of that tick.

    Without a seed the branch keeps the parent's (common random numbers); a seed counts from the
    next tick on. Processors and external resources are shared, hooks are not.
    """
    tick = world.tick if at_tick is None else at_tick
    reached(world, tick)
    chain = [
        *world.birth.lineage,
        (world.birth.world_id, world.birth.run_id, tick),
    ]
    shared = _until(chain, tick)
    world_id = uuid.uuid4().hex
    birth = Birth(
        world_id,
        uuid.uuid4().hex,
        name or f"{world.name}-{world_id[:8]}",
        world.seed if seed is None else int(seed),
        shared[-1].world_id,
        tick,
        tuple(tuple(each) for each in shared),  # type: ignore[misc] # three members each
    )
    most_entities, most_commands = bounds(world)
    branch = type(world).resume(
        world.backend.fork(tick, birth),
        components=tuple(world.components),
        processors=[planned.processor for planned in world.schedule],
        max_entities=most_entities,
        max_commands=most_commands,
    )
    branch.external.update(world.external)
    return branch


def lineage(world: Core) -> tuple[Ancestor, ...]:
    """Give the worlds this one comes from, the oldest first, itself last."""
    own = Ancestor(world.birth.world_id, world.birth.run_id, world.tick)
    return (*(Ancestor(*each) for each in world.birth.lineage), own)


def bounds(world: Core) -> tuple[int, int]:
    """Give the most entities and the most commands a world allows, for what grows out of it."""
    work = world._work  # noqa: SLF001 - of the same room; a world shows no bounds
    return work.max_entities, work.max_commands


def _until(chain: list[tuple[str, str, int]], tick: int) -> list[Ancestor]:
    """Give the ancestors up to a tick; the last one holds it."""
    shared = []
    for world_id, run_id, until in chain:
        shared.append(Ancestor(world_id, run_id, min(until, tick)))
        if tick <= until:
            break
    return shared
