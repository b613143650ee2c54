"""A world whose components changed: every tick reads with the fields that are declared now."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from codeanatomy.ecs.backend.base import Backend, restated, told_again
from codeanatomy.ecs.components import component_of
from codeanatomy.ecs.drift import (
    RESOURCE,
    Migration,
    migrated_columns,
    migrated_table,
    migration_of,
    refuse_drift,
)
from codeanatomy.kernel.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codeanatomy.ecs.backend.base import Birth, TickRecord
    from codeanatomy.ecs.command import Command
    from codeanatomy.ecs.components import Component
    from codeanatomy.ecs.state import State
    from codeanatomy.ecs.table import Table


def migrated(
    backend: Backend, components: Iterable[object], rules: Iterable[Migration] = ()
) -> Backend:
    """Give the store of a world as its components are declared now.

    Raises `ComponentDriftError` where stored and declared fields differ and no rule covers it.
    A new rule is recorded at once, with the last tick told again in the new fields.
    """
    stored = {component.name: component for component in backend.components()}
    given = {rule.name: rule for rule in rules}
    fresh: list[Component] = []
    used: list[Migration] = []
    for found in components:
        declared = component_of(found)
        known = stored.get(declared.name)
        if known is None or known.as_data() == declared.as_data():
            continue
        rule = given.get(declared.name)
        refuse_drift(known, declared, rule)
        if rule is not None:
            fresh.append(declared)
            used.append(rule)
    recorded: Any = backend.last().resources.get(RESOURCE, ())
    rules_so_far = [*map(migration_of, recorded), *used]
    if not rules_so_far:
        return backend
    view = MigratedBackend(backend, rules_so_far, {found.name: found for found in fresh})
    if fresh:
        view.tell_again(fresh)
    return view


class MigratedBackend(Backend):
    """Another store, whose ticks are converted as they are read."""

    def __init__(
        self, inner: Backend, rules: list[Migration], declared: dict[str, Component]
    ) -> None:
        self.capabilities = inner.capabilities
        self._inner = inner
        self._rules = rules
        self._fresh = declared
        self._last: tuple[State, State] | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the other store has
        """Give what only some stores have."""
        return getattr(self._inner, name)

    @property
    def birth(self) -> Birth | None:
        """Who lives here."""
        return self._inner.birth

    @property
    def durable_tick(self) -> int:
        """The last tick that would be there after a crash."""
        return self._inner.durable_tick

    def tell_again(self, components: list[Component]) -> None:
        """Record the rules, and the last tick in the new fields."""
        if not self.capabilities.migration:
            name = self.capabilities.backend
            raise UnsupportedError(f"the {name} store knows no migration", backend=name)
        state = self.last()
        told = tuple(rule.as_data() for rule in self._rules)
        resources = MappingProxyType({**state.resources, RESOURCE: told})
        record = restated(replace(state, resources=resources), tuple(components))
        tables = tuple(c._replace(changed=frozenset(c.table.columns)) for c in record.tables)
        self.commit(told_again(self.record(state.tick), record._replace(tables=tables)))
        self.flush()

    def create(self, birth: Birth, components: tuple[Component, ...]) -> None:
        """Begin an empty world."""
        self._inner.create(birth, components)

    def commit(self, record: TickRecord) -> None:
        """Take one tick."""
        self._inner.commit(record)

    def last(self) -> State:
        """Give the state after the last tick."""
        found = self._inner.last()
        if self._last is None or self._last[0] is not found:
            self._last = (found, self._state(found))
        return self._last[1]

    def state(self, tick: int) -> State:
        """Give the state after a tick."""
        return self._state(self._inner.state(tick))

    def record(self, tick: int) -> TickRecord:
        """Give what a tick committed."""
        found = self._inner.record(tick)
        state = self._state(found.state)
        tables = []
        for change in found.tables:
            table = state.tables.get(change.archetype)
            same = table is not None and change.archetype in found.state.tables
            new = table if same and table is not None else self._table(change.table)
            gone = None if change.tombstones is None else self._table(change.tombstones)
            changed = frozenset(new.columns) if new is not change.table else change.changed
            tables.append(change._replace(table=new, tombstones=gone, changed=changed))
        return found._replace(
            tables=tuple(tables),
            state=state,
            pending=state.pending,
            commands=tuple(map(self._command, found.commands)),
        )

    def commands(self, tick: int) -> tuple[Command, ...]:
        """Give the commands a tick applied."""
        return tuple(map(self._command, self._inner.commands(tick)))

    def ticks(self) -> range:
        """Give the ticks that can be read."""
        return self._inner.ticks()

    def held(self) -> Sequence[int]:
        """Give the ticks that can be read, without those that were given up."""
        return self._inner.held()

    def components(self) -> tuple[Component, ...]:
        """Give the components as they are declared now."""
        return tuple(self._declared().values())

    def fork(self, tick: int, birth: Birth) -> Backend:
        """Share all ticks up to `tick`."""
        return MigratedBackend(self._inner.fork(tick, birth), self._rules, self._declared())

    def compact(self, to: str | None = None) -> Any:  # noqa: ANN401 - as the other store
        """Seal older ticks, as they are stored."""
        return self._inner.compact(to)

    def retain(
        self, last: int | None = None, every: int | None = None, *, keyframes: bool = False
    ) -> Any:  # noqa: ANN401 - as the other store
        """Give ticks up."""
        return self._inner.retain(last, every, keyframes=keyframes)

    def check(self) -> None:
        """Raise the failure of a flush in the background."""
        self._inner.check()

    def flush(self) -> None:
        """Make every tick durable."""
        self._inner.flush()

    def close(self) -> None:
        """Flush and give back what is held."""
        self._inner.close()

    def _declared(self) -> dict[str, Component]:
        return {c.name: c for c in self._inner.components()} | self._fresh

    def _state(self, found: State) -> State:
        tables = {name: self._table(table) for name, table in found.tables.items()}
        return replace(
            found,
            tables=MappingProxyType(tables),
            pending=tuple(map(self._command, found.pending)),
        )

    def _table(self, table: Table) -> Table:
        return migrated_table(table, self._declared(), self._rules)

    def _command(self, command: Command) -> Command:
        if not command.columns or command.kind == "resource":
            return command
        columns = migrated_columns(command.columns, self._declared(), self._rules)
        return replace(command, columns=columns)
