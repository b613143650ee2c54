"""A world as slow and obvious as it can be: dictionaries, lists and loops, one entity at a time.

It is what the reference says, written down; `test_model` holds the real world against it.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Entity = dict[str, dict[str, Any]]  # component -> field -> value


class Order(NamedTuple):
    """A command as it was given; `ids` of a spawn are those it was given or handed out."""

    kind: str
    tick: int
    priority: int
    sequence: int
    ids: list[int]
    what: Any = None  # spawn, add, update: components and fields; remove: names
    reserved: bool = False
    source: str = ""


class Row(NamedTuple):
    """One row of the ledger."""

    entity: int
    table: tuple[str, ...]
    active: bool
    values: str


@dataclass
class Script:
    """A processor of the reference: what it does to one row, and what it orders this tick."""

    name: str
    needs: tuple[str, ...] = ()
    change: Any = None
    orders: list[Any] = field(default_factory=list)

    def run(self, seen: dict[int, Entity]) -> None:
        """Change every row that has what is needed."""
        for entity in seen.values():
            if self.change is not None and all(name in entity for name in self.needs):
                self.change(entity)


class Reference:
    """What lives, what waits, and what is known of ids."""

    def __init__(self, scripts: list[Script]) -> None:
        self.tick = 0
        self.living: dict[int, Entity] = {}
        self.queue: list[Order] = []
        self.next_id = 1
        self.reserved: set[int] = set()
        self.sequence = 0
        self.scripts = scripts
        self.errors: list[tuple[str, str, int, int, str]] = []

    def hand_out(self, count: int) -> list[int]:
        """Give new ids."""
        ids = list(range(self.next_id, self.next_id + count))
        self.next_id += count
        return ids

    def number(self) -> int:
        """Give the number of the next command."""
        self.sequence += 1
        return self.sequence - 1

    def step(self) -> list[Row]:
        """Make one tick and give its rows."""
        tick = self.tick + 1
        due = sorted((o for o in self.queue if o.tick <= tick), key=lambda o: o[1:4])
        self.queue = [o for o in self.queue if o.tick > tick]
        hidden = {i for o in due if o.kind == "despawn" for i in o.ids}
        seen = {i: deepcopy(e) for i, e in self.living.items() if i not in hidden}
        visited = bool(self.living) or any(o.kind == "spawn" for o in due)
        ordered: list[Order] = []
        for script in self.scripts:
            script.run(seen)
            for give in script.orders if visited else ():
                ordered.extend(give(self, seen, tick, script.name))
        self.queue += [o for o in ordered if o.tick > tick]
        self.now, self.errors = seen, []
        self.gone: set[int] = set()
        self.now |= {i: deepcopy(self.living[i]) for i in hidden if i in self.living}
        self.used: set[int] = set()
        for order in [*due, *(o for o in ordered if o.tick <= tick)]:
            for entity_id in order.ids:
                wrong = getattr(self, f"_{order.kind}")(entity_id, order)
                if wrong:
                    self.errors.append((wrong, order.kind, entity_id, order.sequence, order.source))
        rows = self._ledger()
        self.reserved -= self.used
        self.living = self.now
        self.tick = tick
        return rows

    def _ledger(self) -> list[Row]:
        rows = [self._row(i, e, active=True) for i, e in self.now.items()]
        for entity_id, entity in self.living.items():
            if set(self.now.get(entity_id, ("gone",))) != set(entity):
                rows.append(self._row(entity_id, entity, active=False))
        return sorted(rows)

    def _spawn(self, entity_id: int, order: Order) -> str | None:
        if entity_id in self.gone:
            return "despawned"
        if entity_id in self.living or (order.reserved and entity_id not in self.reserved):
            return "used-id"
        self.now[entity_id] = deepcopy(order.what)
        self.used.add(entity_id)
        return None

    def _despawn(self, entity_id: int, _order: Order) -> str | None:
        if entity_id in self.gone:
            return None
        if entity_id not in self.now:
            return "unknown-entity"
        del self.now[entity_id]
        self.gone.add(entity_id)
        return None

    def _update(self, entity_id: int, order: Order) -> str | None:
        wrong = self._missing(entity_id, order.what)
        if wrong is None:
            for name, fields in order.what.items():
                self.now[entity_id][name].update(fields)
        return wrong

    def _add(self, entity_id: int, order: Order) -> str | None:
        wrong = self._missing(entity_id, ())
        if wrong is None:
            self.now[entity_id].update(deepcopy(order.what))
        return wrong

    def _remove(self, entity_id: int, order: Order) -> str | None:
        wrong = self._missing(entity_id, order.what)
        if wrong is None:
            for name in order.what:
                del self.now[entity_id][name]
        return wrong

    def _missing(self, entity_id: int, needed: Any) -> str | None:  # noqa: ANN401 - names
        if entity_id in self.gone:
            return "despawned"
        if entity_id not in self.now:
            return "unknown-entity"
        if any(name not in self.now[entity_id] for name in needed):
            return "missing-component"
        return None

    def _row(self, entity_id: int, entity: Entity, *, active: bool) -> Row:
        values = {f"{n}__{f}": v for n, fields in entity.items() for f, v in fields.items()}
        return Row(entity_id, tuple(sorted(entity)), active, repr(sorted(values.items())))
