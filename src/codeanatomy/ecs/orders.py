"""Orders: the commands of a world; each is checked and queued at once, under the world's lock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codeanatomy.ecs.arrays import Ids
    from codeanatomy.ecs.buffer import CommandBuffer
    from codeanatomy.ecs.door import Door


class Orders(ABC):
    """What people may order from a world, for its next tick or a later one.

    Every call raises before anything changes if it is wrong. See `CommandBuffer` for the forms.
    """

    _lock: Door

    @abstractmethod
    def _ready(self) -> CommandBuffer:
        """Return where commands go, or raise what keeps them from it."""

    def spawn(
        self,
        *components: object,
        entity_id: int | None = None,
        tick: int | None = None,
        priority: int = 0,
    ) -> int:
        """Queue one entity, from component instances; gives its id. See `CommandBuffer`."""
        with self._lock:
            return self._ready().spawn(
                *components, entity_id=entity_id, tick=tick, priority=priority
            )

    def spawn_batch(
        self,
        rows: object,
        components: Iterable[object] = (),
        *,
        entity_id: object = None,
        tick: int | None = None,
        priority: int = 0,
    ) -> Ids:
        """Queue many entities of one archetype: a number, columns, Arrow, a data frame."""
        with self._lock:
            return self._ready().spawn_batch(
                rows, components, entity_id=entity_id, tick=tick, priority=priority
            )

    def reserve_ids(self, count: int) -> Ids:
        """Hand out ids to spawn under later."""
        with self._lock:
            return self._ready().reserve_ids(count)

    def despawn(self, ids: object, *, tick: int | None = None, priority: int = 0) -> None:
        """Queue the end of entities."""
        with self._lock:
            self._ready().despawn(ids, tick=tick, priority=priority)

    def update(
        self, ids: object, *changes: object, tick: int | None = None, priority: int = 0
    ) -> None:
        """Queue new values: the given fields of component instances, or a mapping of columns."""
        with self._lock:
            self._ready().update(ids, *changes, tick=tick, priority=priority)

    def add(
        self, ids: object, *components: object, tick: int | None = None, priority: int = 0
    ) -> None:
        """Queue more components for entities."""
        with self._lock:
            self._ready().add(ids, *components, tick=tick, priority=priority)

    def remove(
        self, ids: object, *components: object, tick: int | None = None, priority: int = 0
    ) -> None:
        """Queue the loss of components."""
        with self._lock:
            self._ready().remove(ids, *components, tick=tick, priority=priority)

    def update_where(
        self,
        where: object,
        *changes: object,
        having: Iterable[object] = (),
        without: Iterable[object] = (),
        tick: int | None = None,
        priority: int = 0,
    ) -> int:
        """Queue an update of the entities for which `where` holds now; gives their number."""
        with self._lock:
            return self._ready().update_where(
                where, *changes, having=having, without=without, tick=tick, priority=priority
            )

    def despawn_where(
        self,
        where: object,
        *,
        having: Iterable[object] = (),
        without: Iterable[object] = (),
        tick: int | None = None,
        priority: int = 0,
    ) -> int:
        """Queue the end of the entities for which `where` holds now; gives their number."""
        with self._lock:
            return self._ready().despawn_where(
                where, having=having, without=without, tick=tick, priority=priority
            )
