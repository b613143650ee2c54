"""The world against the reference model: random commands, random failures, every row compared."""

from __future__ import annotations

import tempfile
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codeanatomy.ecs import World, component, processor
from codeanatomy.ecs.backend.base import Birth
from codeanatomy.ecs.components import component_of
from codeanatomy.ecs.errors import FlushFailedError, TickFailedError
from tests.ecs.reference import Order, Reference, Row, Script
from tests.ecs.stores import Deferred, Full

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.ecs.backend.base import TickRecord
    from codeanatomy.ecs.columns import Columns
    from codeanatomy.ecs.visit import Visit


@component
class Place:
    """Held by numpy."""

    x: float = 0.5
    y: float = 0.0


@component
class Force:
    """Held by numpy, as whole numbers."""

    level: int = 3


@component
class Title:
    """Held by Arrow."""

    text: str = "-"


@component
class Flag:
    """A tag."""


KINDS = {component_of(each).name: each for each in (Place, Force, Title, Flag)}
DEFAULTS = {
    name: {c.field_name: c.default for c in component_of(each).columns}
    for name, each in KINDS.items()
}

FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "place": {"x": st.integers(-9, 9).map(float), "y": st.integers(-9, 9).map(float)},
    "force": {"level": st.integers(-9, 9)},
    "title": {"text": st.sampled_from(["", "a", "bb"])},
    "flag": {},
}


def some(names: tuple[str, ...], least: int) -> st.SearchStrategy[dict[str, dict[str, Any]]]:
    """Draw some components with some of their fields."""
    return st.lists(st.sampled_from(names), unique=True, min_size=least).flatmap(
        lambda chosen: st.fixed_dictionaries(
            {name: st.fixed_dictionaries({}, optional=FIELDS[name]) for name in chosen}
        )
    )


def _fields(name: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=FIELDS[name])


COMPONENTS = some(tuple(KINDS), 0)
ADDED = some(tuple(KINDS), 1)
CHANGES = some(("place", "force", "title"), 1).filter(lambda c: any(c.values()))
IDS = st.lists(st.integers(1, 9), unique=True, min_size=1, max_size=4)
DELAY = st.sampled_from([0, 0, 0, 0, 1, 2])
PRIORITY = st.sampled_from([0, 0, 0, -1, 1])
COMMANDS = st.one_of(
    st.tuples(st.just("spawn"), COMPONENTS, DELAY, PRIORITY),
    st.tuples(st.just("batch"), st.tuples(st.integers(0, 3), COMPONENTS), DELAY, PRIORITY),
    st.tuples(st.just("spawn_at"), st.tuples(st.integers(0, 3), COMPONENTS), DELAY, PRIORITY),
    st.tuples(st.just("despawn"), IDS, DELAY, PRIORITY),
    st.tuples(st.just("update"), st.tuples(IDS, CHANGES), DELAY, PRIORITY),
    st.tuples(st.just("add"), st.tuples(IDS, ADDED), DELAY, PRIORITY),
    st.tuples(
        st.just("remove"),
        st.tuples(IDS, st.sets(st.sampled_from(tuple(KINDS)), min_size=1, max_size=2).map(sorted)),
        DELAY,
        PRIORITY,
    ),
    st.tuples(
        st.just("update_where"), st.tuples(st.integers(-5, 5), st.integers(-9, 9)), DELAY, PRIORITY
    ),
    st.tuples(st.just("despawn_where"), st.integers(-9, 2), DELAY, PRIORITY),
)
OPERATIONS = st.one_of(
    COMMANDS,
    COMMANDS,
    COMMANDS,
    st.just(("step",)),
    st.just(("step",)),
    st.just(("reopen",)),
    st.just(("flush",)),
    st.just(("lose",)),
    st.tuples(st.just("reserve"), st.integers(1, 2)),
    st.tuples(st.just("script"), st.sampled_from(["early", "late"]), COMMANDS),
    st.tuples(st.just("fail"), st.sampled_from(["early", "late", "pre_tick", "commit"])),
)


class Pair:
    """The world and the reference, given the same."""

    def __init__(self, uri: str | None = None, store: Full | Deferred | None = None) -> None:
        self.fail: set[str] = set()  # what fails before the next tick is made
        self.failing = ""  # what fails in this attempt
        self.ran: set[str] = set()  # the scripts that ran in this attempt
        self.scripts: dict[str, list[Any]] = {"early": [], "late": []}
        self.uri = uri
        self.store = store or Full()
        self.store.create(Birth("w", "r", "pair", 0), ())
        mine: dict[str, Any] = {"components": KINDS.values(), "processors": self._processors()}
        self.begin(World.resume(self.store, **mine) if uri is None else World(uri, **mine))
        self.reference = Reference(
            [
                Script(
                    "grow", ("force",), lambda e: e["force"].update(level=e["force"]["level"] + 1)
                ),
                Script("early"),
                Script("move", ("place", "force"), _move),
                Script("late"),
            ]
        )

        self.durable = deepcopy(self.reference)  # as of the last flush
        self.since: list[Order] = []  # what people ordered after it
        self.reserved: set[int] = set()  # what was reserved then and since

    def begin(self, world: World) -> None:
        """Take a world that was begun or opened."""
        self.world = world
        world.on("pre_tick", lambda _w, _t: self._maybe_fail("pre_tick"))

    def flush(self) -> None:
        """Make all ticks durable, in both."""
        self.world.flush()
        self.durable, self.since = deepcopy(self.reference), []
        self.reserved = set(self.reference.reserved)

    def lose(self) -> None:
        """Fail a flush: the world is back at the durable tick, what people ordered is kept."""
        if isinstance(self.store, Deferred):
            self.store.full = True
            with pytest.raises(FlushFailedError):
                self.world.flush()
            lost, self.reference = self.reference, deepcopy(self.durable)
            self.reference.queue += self.since
            self.reference.reserved |= self.reserved
            self.reference.next_id, self.reference.sequence = lost.next_id, lost.sequence
            assert self.world.tick == self.reference.tick

    def reopen(self) -> None:
        """Close the world and open it again, where it can be opened."""
        if self.uri is not None:
            self.world.close()
            self.begin(
                World.open(self.uri, components=KINDS.values(), processors=self._processors())
            )

    def perform(self, operation: tuple[Any, ...]) -> None:
        """Do one operation on both."""
        if operation[0] in {"step", "reopen", "flush", "lose"}:
            getattr(self, operation[0])()
        elif operation[0] == "reserve":
            ids = self.reference.hand_out(operation[1])
            self.reference.reserved.update(ids)
            self.reserved.update(ids)
            assert self.world.reserve_ids(operation[1]).tolist() == ids
        elif operation[0] == "script":
            self.scripts[operation[1]].append(operation[2])
        elif operation[0] == "fail":
            self.fail.add(operation[1])
        else:
            reference = self.reference
            orders = _ordered(reference, reference.living, reference.tick + 1, "", operation)
            reference.queue.extend(orders)
            self.since.extend(orders)
            _give(self.world, self.world.tick + 1, operation, reference)

    def step(self) -> None:
        """Make a tick on both, failures first, and compare every row of it."""
        before = self.world.state
        if "commit" in self.fail and isinstance(self.store, Full) and self.uri is None:
            self.store.full = True
            with pytest.raises(TickFailedError):
                self._attempt()
        for where in sorted(self.fail - {"commit"}):
            self.failing = where
            with pytest.raises(TickFailedError):
                self._attempt()
        self.fail.clear()
        assert self.world.state is before
        assert self.world.tick == self.reference.tick
        receipt = self._attempt()
        for script in self.reference.scripts:
            given = self.scripts.get(script.name, [])
            script.orders = [_later(operation) for operation in given]
        expected = self.reference.step()
        for given in self.scripts.values():
            given.clear()
        record = self.world.backend.record(self.world.tick)
        found = sorted(_rows(record))
        assert found == expected
        errors = [(e.code, e.command, e.entity_id, e.sequence, e.source) for e in receipt.errors]
        assert sorted(errors) == sorted(self.reference.errors)
        assert self.world.state.next_id == self.reference.next_id
        assert set(self.world.state.reserved.tolist()) == self.reference.reserved
        waiting = sorted(c.sequence for c in self.world.pending)
        assert waiting == sorted(o.sequence for o in self.reference.queue)
        _check_record(before.tables, record, whole=self.uri is None)

    def _attempt(self) -> Any:  # noqa: ANN401 - a receipt
        self.ran = set()
        if self.failing and not self.world.population and self.failing != "pre_tick":
            self.failing = "pre_tick"  # processors that see no table cannot fail
        try:
            return self.world.step()
        finally:
            self.failing = ""

    def _maybe_fail(self, where: str) -> None:
        if self.failing == where:
            raise RuntimeError("told to fail")

    def _processors(self) -> list[Any]:
        @processor(writes=(Force,), priority=0)
        def grow(cols: Columns) -> object:
            return {"force__level": cols.force__level + 1}

        @processor(priority=1)
        def early(_cols: Columns, visit: Visit) -> None:
            self._script("early", visit)

        @processor(reads=(Force,), writes=(Place,), priority=2)
        def move(cols: Columns, visit: Visit) -> object:
            x = visit.out("place__x")
            np.add(cols.place__x, cols.force__level, out=x)
            return {"place__x": x, "place__y": cols.place__y}

        @processor(priority=3)
        def late(_cols: Columns, visit: Visit) -> None:
            self._script("late", visit)

        return [late, early, move, grow]

    def _script(self, name: str, visit: Visit) -> None:
        if name in self.ran:
            return
        self.ran.add(name)
        self._maybe_fail(name)
        for operation in self.scripts[name]:
            _give(visit.commands, visit.tick, operation, self.reference)


def _move(entity: dict[str, dict[str, Any]]) -> None:
    entity["place"]["x"] += entity["force"]["level"]


def _later(operation: tuple[Any, ...]) -> Any:  # noqa: ANN401 - a function for the script
    return lambda ref, seen, tick, source: _ordered(ref, seen, tick, source, operation)


def _whole(components: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: {**DEFAULTS[name], **fields} for name, fields in components.items()}


def _spawnable(reference: Reference, pick: int) -> int | None:
    """Pick a reserved id, the same for both."""
    held = sorted(reference.reserved)
    return held[pick % len(held)] if held else None


def _ordered(
    reference: Reference, seen: dict[int, Any], now: int, source: str, operation: tuple[Any, ...]
) -> list[Order]:
    """Write a command down as the reference takes it."""
    name, told, delay, priority = operation
    tick = now + delay

    def order(kind: str, ids: list[int], what: Any = None, *, reserved: bool = False) -> Order:  # noqa: ANN401 - as in Order
        return Order(kind, tick, priority, reference.number(), ids, what, reserved, source)

    simple: dict[str, Callable[[], Order]] = {
        "spawn": lambda: order("spawn", reference.hand_out(1), _whole(told)),
        "batch": lambda: order("spawn", reference.hand_out(told[0]), _whole(told[1])),
        "spawn_at": lambda: order("spawn", [picked or 0], _whole(told[1]), reserved=True),
        "despawn": lambda: order("despawn", told),
        "update": lambda: order("update", told[0], {n: f for n, f in told[1].items() if f}),
        "add": lambda: order("add", told[0], _whole(told[1])),
        "remove": lambda: order("remove", told[0], told[1]),
    }
    picked = _spawnable(reference, told[0]) if name == "spawn_at" else None
    if (name == "batch" and not told[0]) or (name == "spawn_at" and picked is None):
        return []
    if name in simple:
        return [simple[name]()]
    bound = told[0] if name == "update_where" else told
    tables: dict[tuple[str, ...], list[int]] = {}
    for entity_id, entity in sorted(seen.items()):
        if "force" in entity and entity["force"]["level"] > bound:
            tables.setdefault(tuple(sorted(entity)), []).append(entity_id)
    kind = name.removesuffix("_where")
    what = {"force": {"level": told[1]}} if name == "update_where" else None
    return [order(kind, tables[table], what) for table in sorted(tables)]


def _give(orders: Any, now: int, operation: tuple[Any, ...], reference: Reference) -> None:  # noqa: ANN401 - a world or a buffer
    """Give a command to the world or to the buffer of a processor."""
    name, told, delay, priority = operation
    when = {"tick": now + delay, "priority": priority}
    if name == "spawn":
        orders.spawn(*_instances(told), **when)
    elif name == "batch":
        orders.spawn_batch(told[0], _instances(told[1]), **when)
    elif name == "spawn_at":
        picked = _spawnable(reference, told[0])
        if picked is not None:
            orders.spawn(*_instances(told[1]), entity_id=picked, **when)
    elif name == "despawn":
        orders.despawn(told, **when)
    elif name == "update":
        orders.update(told[0], *_instances(told[1]), **when)
    elif name == "add":
        orders.add(told[0], *_instances(told[1]), **when)
    elif name == "remove":
        orders.remove(told[0], *told[1], **when)
    elif name == "update_where":
        orders.update_where(f"force__level > {told[0]}", Force(level=told[1]), **when)
    else:
        orders.despawn_where(lambda cols: cols.force__level > told, having=(Force,), **when)


def _instances(components: dict[str, dict[str, Any]]) -> list[object]:
    return [KINDS[name](**fields) for name, fields in components.items()]


def _rows(record: TickRecord) -> list[Row]:
    rows = []
    for change in record.tables:
        for table, active in ((change.table, True), (change.tombstones, False)):
            if table is None:
                continue
            columns = {name: column.tolist() for name, column in table.columns.items()}
            for at, entity in enumerate(table.entity_id.tolist()):
                values = sorted((name, column[at]) for name, column in columns.items())
                rows.append(Row(entity, change.archetype, active, repr(values)))
    return rows


def _check_record(before: Any, record: TickRecord, *, whole: bool) -> None:  # noqa: ANN401 - tables by archetype
    """Ids ascend, arrays are read-only, and what is called unchanged is unchanged."""
    for change in record.tables:
        table = change.table
        assert (np.diff(table.entity_id) > 0).all()
        old = before.get(change.archetype)
        for name, column in table.columns.items():
            assert len(column) == len(table)
            assert not isinstance(column, np.ndarray) or not column.flags.writeable
            if whole and name not in change.changed:
                assert column is old.columns[name]
        if whole and not change.entities_changed:
            assert table.entity_id is old.entity_id


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(OPERATIONS, min_size=5, max_size=40))
def test_the_world_is_the_reference(operations: list[tuple[Any, ...]]) -> None:
    """Whatever is ordered and whatever fails, every tick has the rows the reference has."""
    pair = Pair()
    with pair.world:
        for operation in operations:
            pair.perform(operation)
        pair.step()
        pair.step()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(OPERATIONS, min_size=5, max_size=30))
def test_the_world_in_a_log_is_the_reference_too(operations: list[tuple[Any, ...]]) -> None:
    """Closing and opening between any two operations changes nothing."""
    with tempfile.TemporaryDirectory() as folder:
        pair = Pair(f"log:{folder}/world")
        for operation in operations:
            pair.perform(operation)
        pair.step()
        pair.reopen()
        pair.step()
        pair.world.close()


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(OPERATIONS, min_size=5, max_size=30))
def test_what_a_failed_flush_loses_is_made_again(operations: list[tuple[Any, ...]]) -> None:
    """The world goes back to its durable tick and keeps every command given since."""
    pair = Pair(store=Deferred())
    for operation in operations:
        pair.perform(operation)
    pair.step()
    pair.lose()
    pair.step()
