"""Runs a scenario: operations on a world as data, then its whole ledger, row by row.

A scenario has a `name` (what holds), a `law` (the section of the reference), `processors` as
data, the operations of `do`, and a `ledger`: one line for every row of every table,
`tick | entity | table | active or tombstone | field=value ...`, nothing more and nothing less.
"""

from __future__ import annotations

import math
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
import yaml

from codeanatomy.ecs import World, component
from codeanatomy.ecs.chance import entity_uniform
from codeanatomy.ecs.components import component_of
from codeanatomy.ecs.processors import Processor
from codeanatomy.ecs.resource import equal
from codeanatomy.kernel.errors import AnatomyError
from tests.ecs.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from codeanatomy.ecs.columns import Columns
    from codeanatomy.ecs.visit import Visit

FOLDER = Path(__file__).parent / "scenarios"


class Mood(Enum):
    """How somebody feels."""

    CALM = 1
    ANGRY = 2


@component
class Position:
    """Where something is."""

    x: float
    y: float = 0.0


@component
class Velocity:
    """Where something goes, a tick."""

    dx: float
    dy: float = 0.0


@component
class Energy:
    """What keeps something alive."""

    level: int = 10


@component
class Label:
    """What something is called, and how it feels."""

    text: str
    mood: Mood = Mood.CALM


@component
class Trail:
    """The places somebody was, and what is not known of it."""

    steps: list[int] = []  # noqa: RUF012 - the default of a field
    weight: float | None = None


@component
class Marked:
    """A tag."""


@component
class Frozen:
    """Another tag."""


KNOWN = {
    component_of(c).name: c for c in (Position, Velocity, Energy, Label, Trail, Marked, Frozen)
}


def scenarios() -> Iterator[dict[str, Any]]:
    """Read every scenario of the folder."""
    for path in sorted(FOLDER.glob("*.yaml")):
        for scenario in yaml.safe_load(path.read_text()):
            yield {"file": path.stem, **scenario}


def play(scenario: Mapping[str, Any], uri: str = "memory:") -> None:
    """Run a scenario on a world at `uri` and compare its ledger with the expected one."""
    processors = [scripted(each) for each in scenario.get("processors", ())]
    world = World(
        uri,
        components=KNOWN.values(),
        processors=processors,
        seed=scenario.get("seed", 0),
        **scenario.get("world", {}),
    )
    stage = Stage(world)
    with world:
        for operation in (*scenario.get("setup", ()), *scenario["do"]):
            stage.perform(operation)
        found, waiting = ledger(world), [c.sequence for c in world.pending]
    if "ledger" in scenario:
        assert sorted(found) == sorted(
            map(_squeezed, filter(None, scenario["ledger"].splitlines()))
        )
    if not uri.startswith("memory:"):
        with World.open(uri, components=KNOWN.values()) as again:
            assert ledger(again) == found
            assert again.tick == world.tick
            assert [c.sequence for c in again.pending] == waiting
            assert equal(again.resources, world.resources)


def ledger(world: World) -> list[str]:
    """Write every row of every tick as a line."""
    lines = []
    for tick in range(1, world.tick + 1):
        for change in world.backend.record(tick).tables:
            rows = [(change.table, "active")]
            if change.tombstones is not None:
                rows.append((change.tombstones, "tombstone"))
            for table, kind in rows:
                assert (np.diff(table.entity_id) > 0).all()
                declared = world.components.columns(change.archetype)
                columns = {c.field_name: c.to_arrow(table.columns[c.name]) for c in declared}
                for row, entity in enumerate(table.entity_id.tolist()):
                    values = (f"{n}={_told(c[row].as_py())}" for n, c in columns.items())
                    where = " ".join(change.archetype) or "-"
                    lines.append(_squeezed(f"{tick}|{entity}|{where}|{kind}|{' '.join(values)}"))
    return lines


class Stage(Telling):
    """A world and the operations a scenario may name."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.receipt: Any = None
        self.fired: list[str] = []

    def perform(self, operation: str | Mapping[str, Any]) -> None:
        """Do one operation: its name, or a mapping of its name to its arguments."""
        if isinstance(operation, str):
            self.do_step()
            return
        for name, arguments in operation.items():
            getattr(self, f"do_{name}")(arguments)

    def do_step(self, times: int = 1) -> None:
        """Make ticks."""
        for _ in range(times):
            self.receipt = self.world.step()

    def do_refused(self, told: Mapping[str, Any]) -> None:
        """Do an operation that must raise, with this code and these facts; nothing may change."""
        before = (self.world.state, self.world.pending, self.world.population)
        with pytest.raises(AnatomyError) as caught:
            self.perform(told["do"])
        error = caught.value
        assert error.code == told["code"], f"{error.code}: {error}"
        for name, fact in told.get("facts", {}).items():
            assert error.facts[name] == _plain(fact), (name, error.facts[name])
        for part in told.get("says", ()):
            assert part in str(error), str(error)
        assert self.world.state is before[0]
        assert self.world.population == before[2]
        assert [c.sequence for c in self.world.pending] == [c.sequence for c in before[1]]

    def do_receipt(self, told: Mapping[str, Any]) -> None:
        """Check the last receipt."""
        for name, value in told.items():
            assert getattr(self.receipt, name) == _plain(value), (name, self.receipt)

    def do_errors(self, told: list[list[Any]]) -> None:
        """Check the error rows of the last receipt: [code, command, entity]."""
        found = [[row.code, row.command, row.entity_id] for row in self.receipt.errors]
        assert found == told

    def do_failures(self, told: list[str]) -> None:
        """Check what the hooks of the last receipt raised."""
        assert [failure.error for failure in self.receipt.hook_failures] == told

    def do_rolls(self, told: Mapping[str, int]) -> None:
        """Check that every level is the first draw of its entity at this tick."""
        for table in self.world.tables.values():
            draws = entity_uniform(self.world.seed, told["tick"], "roll", table.entity_id, 1)
            assert (
                table.columns["energy__level"].tolist() == (draws[:, 0] * 1000).astype(int).tolist()
            )

    def do_world(self, told: Mapping[str, Any]) -> None:
        """Check facts of the world itself."""
        facts: dict[str, Callable[[], object]] = {
            "tick": lambda: self.world.tick,
            "population": lambda: self.world.population,
            "pending": lambda: len(self.world.pending),
            "next_id": lambda: self.world.state.next_id,
            "resources": lambda: dict(self.world.resources),
            "conflicts": lambda: [
                [c.first, c.second, c.component, c.kind] for c in self.world.conflicts
            ],
            "schedule": lambda: list(self.world.schedule.names),
            "fired": lambda: self.fired,
        }
        for name, value in told.items():
            assert facts[name]() == _told_facts(value), (name, facts[name]())

    def do_table(self, told: Mapping[str, Any]) -> None:
        """Check which columns of a table are the same objects as one tick before."""
        record = self.world.backend.record(self.world.tick)
        change = next(c for c in record.tables if " ".join(c.archetype) == told["of"])
        assert sorted(change.changed) == sorted(told["changed"])
        assert change.entities_changed == told["entities_changed"]

    def do_resource(self, told: Mapping[str, Any]) -> None:
        """Set recorded resources."""
        for name, value in told.items():
            self.world.resources[name] = _plain(value)

    def do_hook(self, told: Mapping[str, Any]) -> None:
        """Give a moment an operation or a failure to do; it fires `times` times."""
        left = told.get("times", 1)

        def fire(_world: World, _what: object) -> None:
            nonlocal left
            if left <= 0:
                return
            left -= 1
            self.fired.append(f"{told['at']} {told.get('name', '')}".strip())
            if "do" in told:
                self.perform(told["do"])
            if "raises" in told:
                raise RuntimeError(told["raises"])

        self.world.on(told["at"], fire)

    def do_add_processor(self, told: Mapping[str, Any]) -> None:
        """Take a processor in."""
        self.world.add_processor(scripted(told))

    def do_remove_processor(self, name: str) -> None:
        """Take a processor out."""
        self.world.remove_processor(name)

    def __getattr__(self, name: str) -> Callable[[Any], object]:
        command = name.removeprefix("do_")
        return lambda told: order(self.world, command, told)


def _told_facts(value: Any) -> Any:  # noqa: ANN401 - whatever a scenario says
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return value


def order(buffer: Any, command: str, told: Any) -> object:  # noqa: ANN401 - a world or a processor's buffer
    """Give one command to a world or to a processor's buffer."""
    if command == "reserve":
        return buffer.reserve_ids(told)
    told = dict(told) if isinstance(told, dict) else {"ids": told}
    when = {key: told.pop(key) for key in ("tick", "priority") if key in told}
    arguments = _ARGUMENTS[command](told, when)
    return getattr(buffer, command)(*arguments, **when)


def _spawn(told: dict[str, Any], when: dict[str, Any]) -> list[object]:
    if "id" in told:
        when["entity_id"] = told.pop("id")
    return _parts(told)


def _spawn_batch(told: dict[str, Any], when: dict[str, Any]) -> list[object]:
    if "ids" in told:
        when["entity_id"] = told.pop("ids")
    if "rows" in told:
        return [told.pop("rows"), _parts(told)]
    return [_columns(told)]


def _where(told: dict[str, Any], when: dict[str, Any]) -> list[object]:
    where = told.pop("where")
    when.update({key: told.pop(key) for key in ("having", "without") if key in told})
    return [where, *([_columns(told)] if told else [])]


_ARGUMENTS: dict[str, Callable[[dict[str, Any], dict[str, Any]], list[object]]] = {
    "spawn": _spawn,
    "spawn_batch": _spawn_batch,
    "update_where": _where,
    "despawn_where": _where,
    "despawn": lambda told, _: [told["ids"]],
    "send": lambda told, _: [told.pop("to"), *_parts(told)],
    "update": lambda told, _: [told.pop("ids"), *([_columns(told)] if told else [])],
    "add": lambda told, _: [told.pop("ids"), *_parts(told)],
    "remove": lambda told, _: [told["ids"], *told.get("components", ())],
}


def scripted(told: Mapping[str, Any]) -> Processor:
    """Make a processor from data: expressions to `set`, `order`s by tick, ways to `fail`."""
    once = dict(told.get("fail", {}))

    def run(columns: Columns, visit: Visit) -> object:
        if visit.tick in once and (how := once[visit.tick]):
            once[visit.tick] = how if how == "always" else None
            raise RuntimeError("this processor was told to fail")
        for command in told.get("order", {}).get(visit.tick, ()):
            for name, arguments in command.items():
                order(visit.messages if name == "send" else visit.commands, name, arguments)
        for name, value in told.get("resource", {}).get(visit.tick, {}).items():
            visit.resources[name] = value
        names = {name.partition("__")[2]: columns[name] for name in columns}
        scope = {"np": np, "pa": pa, **names, "tick": visit.tick, "ids": columns.entity_id}
        scope |= {"chance": visit, "resources": visit.resources, "mood": columns}
        scope["heard"] = lambda: _heard(columns, visit)
        if not columns.rows:  # the table of pending spawns
            return None
        result = {_long(n): eval(text, scope) for n, text in told.get("set", {}).items()}  # noqa: S307 - our own scenarios
        if "entity_id" in told:
            result["entity_id"] = eval(told["entity_id"], scope)  # noqa: S307 - our own scenarios
        return result or None

    async def run_later(columns: Columns, visit: Visit) -> object:
        return run(columns, visit)

    return Processor(
        told["name"],
        run_later if told.get("async") else run,
        tuple(told.get("reads", ())),
        tuple(told.get("writes", ())),
        tuple(told.get("without", ())),
        priority=told.get("priority", 0),
        asynchronous=bool(told.get("async")),
    )


def _heard(columns: Columns, visit: Visit) -> np.ndarray[Any, Any]:
    """Add up what every row was told about energy."""
    inbox = visit.messages.read("energy")
    found = np.bincount(inbox.row, inbox["energy__level"], columns.rows)
    return found.astype(np.int64)


def _parts(told: Mapping[str, Any]) -> list[object]:
    return [
        KNOWN[name](**_fields(fields)) if name in KNOWN else name for name, fields in told.items()
    ]


def _columns(told: Mapping[str, Any]) -> dict[str, object]:
    return {
        f"{name}__{field}": value
        for name, fields in told.items()
        for field, value in _fields(fields).items()
    }


def _fields(fields: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: _plain(value) for name, value in (fields or {}).items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a scenario says
    if isinstance(value, str) and value.startswith("py:"):
        return eval(value[3:], {"np": np, "pa": pa, "nan": math.nan, "Mood": Mood})  # noqa: S307 - our own scenarios
    return value


def _long(field: str) -> str:
    if "__" in field:
        return field
    return next(
        c.name for k in KNOWN.values() for c in component_of(k).columns if c.field_name == field
    )


def _told(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "none"
    if isinstance(value, list):
        return "[" + ",".join(map(_told, value)) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _squeezed(line: str) -> str:
    """Drop the spaces that only line a ledger up; a line without values needs no last bar."""
    parts = [" ".join(part.split()) for part in line.split("|")]
    return " | ".join(parts[:4] + [part for part in parts[4:] if part])
