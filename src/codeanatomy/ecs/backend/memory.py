"""A store of ticks in memory: every tick shares the columns that did not change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.ecs.backend.base import Backend, Birth, Capabilities
from codeanatomy.ecs.state import State
from codeanatomy.kernel.errors import UnknownNameError

if TYPE_CHECKING:
    from codeanatomy.ecs.backend.base import TickRecord
    from codeanatomy.ecs.components import Component


class MemoryBackend(Backend):
    """Ticks as references to immutable tables; `keep` bounds how many are held."""

    capabilities = Capabilities(backend="memory")

    def __init__(self, keep: int | None = None) -> None:
        self._keep = keep
        self._birth: Birth | None = None
        self._components: list[Component] = []
        self._states: dict[int, State] = {0: State()}
        self._records: dict[int, TickRecord] = {}

    @property
    def birth(self) -> Birth | None:
        """Who lives here."""
        return self._birth

    @property
    def durable_tick(self) -> int:
        """The last tick: memory is as durable as the world that lives in it."""
        return next(reversed(self._states))

    def create(self, birth: Birth, components: tuple[Component, ...]) -> None:
        """Begin an empty world."""
        self._birth = birth
        self._components = list(components)

    def commit(self, record: TickRecord) -> None:
        """Keep the state of the tick; forget the oldest where a bound was given."""
        self._states[record.tick] = record.state
        self._records[record.tick] = record
        self._components.extend(record.components)
        if self._keep is not None and len(self._states) > self._keep:
            oldest = next(iter(self._states))
            del self._states[oldest]
            self._records.pop(oldest, None)

    def last(self) -> State:
        """Give the state after the last tick."""
        return self._states[self.durable_tick]

    def state(self, tick: int) -> State:
        """Give the state after a tick."""
        if tick not in self._states:
            held = list(self._states)
            raise UnknownNameError(
                f"tick {tick} is not here; ticks {held[0]} to {held[-1]} are", tick=tick
            )
        return self._states[tick]

    def record(self, tick: int) -> TickRecord:
        """Give what a tick committed."""
        return self._records[tick]

    def ticks(self) -> range:
        """Give the ticks that are held."""
        return range(next(iter(self._states)), self.durable_tick + 1)

    def components(self) -> tuple[Component, ...]:
        """Give the components this world has known."""
        return tuple(self._components)

    def fork(self, tick: int, birth: Birth) -> MemoryBackend:
        """Share all ticks up to `tick`: references, no rows."""
        self.state(tick)
        branch = MemoryBackend(self._keep)
        branch.create(birth, tuple(self._components))
        branch._states = {t: s for t, s in self._states.items() if t <= tick}  # noqa: SLF001 - its own kind
        branch._records = {t: r for t, r in self._records.items() if t <= tick}  # noqa: SLF001 - its own kind
        return branch
