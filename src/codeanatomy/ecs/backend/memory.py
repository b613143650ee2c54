"""A store of ticks in memory: every tick shares the columns that did not change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.ecs.backend.base import Backend, Birth, Capabilities, restated, told_again
from codeanatomy.ecs.errors import UnknownTickError
from codeanatomy.ecs.state import State

if TYPE_CHECKING:
    from codeanatomy.ecs.backend.base import TickRecord
    from codeanatomy.ecs.components import Component

CAPABILITIES = Capabilities(backend="memory")


class MemoryBackend(Backend):
    """Ticks as references to immutable tables; `keep` bounds how many are held."""

    capabilities = CAPABILITIES

    def __init__(self, keep: int | None = None) -> None:
        self._keep = keep
        self._birth: Birth | None = None
        self._components: list[Component] = []
        self._records: dict[int, TickRecord] = {0: restated(State())}
        self._parent: MemoryBackend | None = None
        self._last = 0

    @property
    def birth(self) -> Birth | None:
        """Who lives here."""
        return self._birth

    @property
    def durable_tick(self) -> int:
        """The last tick: memory is as durable as the world that lives in it."""
        return self._last

    def create(self, birth: Birth, components: tuple[Component, ...]) -> None:
        """Begin an empty world."""
        self._birth = birth
        self._components = list(components)

    def commit(self, record: TickRecord) -> None:
        """Keep the tick; forget the oldest where a bound was given."""
        if record.tick == self._last:
            record = told_again(self.record(record.tick), record)
        self._records[record.tick] = record
        self._last = record.tick
        self._components.extend(record.components)
        if self._keep is not None and len(self._records) > self._keep:
            del self._records[next(iter(self._records))]
            self._parent = None

    def last(self) -> State:
        """Give the state after the last tick."""
        return self._records[self._last].state

    def state(self, tick: int) -> State:
        """Give the state after a tick."""
        return self.record(tick).state

    def record(self, tick: int) -> TickRecord:
        """Give what a tick committed."""
        found = self._records.get(tick)
        if found is not None:
            return found
        held = self.ticks()
        if self._parent is None or tick not in held:
            raise UnknownTickError(
                f"tick {tick} is not here; ticks {held[0]} to {held[-1]} are",
                tick=tick,
                first=held[0],
                last=held[-1],
            )
        return self._parent.record(tick)

    def ticks(self) -> range:
        """Give the ticks that are held."""
        own = next(iter(self._records))
        first = own if self._parent is None else min(own, self._parent.ticks()[0])
        return range(first, self._last + 1)

    def components(self) -> tuple[Component, ...]:
        """Give the components this world has known."""
        return tuple(self._components)

    def fork(self, tick: int, birth: Birth) -> MemoryBackend:
        """Share all ticks up to `tick`: two references, however many they are."""
        branch = MemoryBackend(self._keep)
        branch.create(birth._replace(ancestor_tick=tick), tuple(self._components))
        branch._records = {tick: self.record(tick)}
        branch._parent, branch._last = self, tick
        return branch
