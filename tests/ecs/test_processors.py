"""Processors: what they are given, what they may keep, and how they are declared."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from codeanatomy.ecs import World, component, processor
from codeanatomy.ecs.errors import (
    InsideProcessorError,
    InvalidProcessorError,
    ProcessorFailedError,
    UnknownComponentError,
)

if TYPE_CHECKING:
    from codeanatomy.ecs import Columns, Visit
    from codeanatomy.ecs.processors import Processor


@component
class Mass:
    """A number."""

    kilos: float = 1.0


@component
class Spot:
    """Three numbers."""

    at: list[float] = [0.0]  # noqa: RUF012 - the default of a field


@component
class Red:
    """A tag."""


def world_of(*processors: object, rows: int = 3) -> World:
    """Make a world of equal masses after its first tick."""
    world = World(processors=processors)
    world.spawn_batch(rows, [Mass()])
    world.step()
    return world


def kilos(world: World) -> list[float]:
    """Give all masses."""
    found: list[float] = world.tables["mass",].columns["mass__kilos"].tolist()
    return found


def test_an_array_that_a_processor_keeps_is_copied() -> None:
    """What it does to its own array later never reaches a tick that was made."""
    kept: list[Any] = []

    @processor(writes=(Mass,))
    def keep(cols: Columns) -> object:
        kept.append(cols.mass__kilos * 2)
        return {"mass__kilos": kept[-1]}

    world = world_of(keep)
    world.step()
    kept[-1][:] = 77.0
    assert kilos(world) == [2.0, 2.0, 2.0]


def test_a_view_of_an_array_that_a_processor_keeps_is_copied() -> None:
    """A view of a larger buffer is no way around it."""
    own = np.zeros((4, 3))

    @processor(writes=(Mass,))
    def view(cols: Columns, visit: Visit) -> object:
        row = own[visit.tick, : cols.rows]
        row[:] = cols.mass__kilos + 1
        return {"mass__kilos": row}

    world = world_of(view)
    world.step()
    own[:] = 77.0
    assert kilos(world) == [2.0, 2.0, 2.0]


def test_an_array_that_a_processor_lets_go_of_is_taken_without_a_copy() -> None:
    """A fresh result becomes the column itself."""
    seen: list[int] = []

    @processor(writes=(Mass,))
    def fresh(cols: Columns) -> object:
        made = cols.mass__kilos + 1
        if cols.rows:
            seen.append(made.__array_interface__["data"][0])
        return {"mass__kilos": made}

    world = world_of(fresh)
    world.step()
    column = world.tables["mass",].columns["mass__kilos"]
    assert column.__array_interface__["data"][0] == seen[-1]


def test_a_pooled_buffer_is_used_again_only_when_nobody_sees_it() -> None:
    """Held ticks stay as they were while buffers are recycled."""

    @processor(writes=(Mass,))
    def grow(cols: Columns, visit: Visit) -> object:
        return {"mass__kilos": np.add(cols.mass__kilos, 1.0, out=visit.out("mass__kilos"))}

    world = World("memory:?keep=1", processors=[grow])
    world.spawn_batch(4, [Mass()])
    world.run(2)
    held = world.tables["mass",].columns["mass__kilos"]
    addresses = set()
    for _ in range(20):
        world.step()
        column = world.tables["mass",].columns["mass__kilos"]
        addresses.add(column.__array_interface__["data"][0])
    assert held.tolist() == [2.0] * 4
    assert kilos(world) == [22.0] * 4
    assert len(addresses) <= 3
    with pytest.raises(ValueError, match="read-only"):
        held[0] = 5.0


def test_a_processor_may_return_arrow() -> None:
    """A record batch with the same ids is a result."""

    @processor(writes=(Mass,))
    def batch(cols: Columns) -> object:
        return pa.record_batch(
            {
                "entity_id": cols.entity_id,
                "mass__kilos": cols.mass__kilos * 3,
            }
        )

    world = world_of(batch)
    world.step()
    assert kilos(world) == [3.0, 3.0, 3.0]


def test_declared_archetypes_come_all_at_once() -> None:
    """One call a tick sees all their columns and gives a mapping for each."""
    calls: list[tuple[int, int]] = []

    @processor(archetypes=[(Mass,), (Mass, Red)], writes=(Mass,))
    def share(tables: tuple[Columns, Columns]) -> object:
        plain, red = tables
        calls.append((plain.rows, red.rows))
        total = plain.mass__kilos.sum()
        return [None, {"mass__kilos": np.full(red.rows, total)}]

    world = World(processors=[share])
    world.spawn_batch({"mass__kilos": [1.0, 2.0]}, [Mass])
    world.spawn(Mass(), Red())
    world.run(2)
    assert calls == [(0, 0), (2, 1)]
    assert kilos(world) == [1.0, 2.0]
    assert world.tables["mass", "red"].columns["mass__kilos"].tolist() == [3.0]


def test_archetypes_want_a_mapping_for_each() -> None:
    """One mapping for two archetypes fails the tick."""

    @processor(archetypes=[(Mass,), (Red,)], writes=(Mass,))
    def wrong(_tables: object) -> object:
        return {"mass__kilos": np.ones(3)}

    world = World(processors=[wrong])
    world.spawn(Mass())
    with pytest.raises(ProcessorFailedError, match="2 archetypes"):
        world.step()


def test_async_processors_wait_for_all_tables_together() -> None:
    """The second table is begun before the first is done."""
    waiting = 0
    most = 0

    @processor(writes=(Mass,))
    async def slow(cols: Columns) -> object:
        nonlocal waiting, most
        waiting += 1
        await asyncio.sleep(0)
        most = max(most, waiting)
        waiting -= 1
        return {"mass__kilos": cols.mass__kilos + 1}

    world = World(processors=[slow])
    world.spawn(Mass())
    world.spawn(Mass(), Red())
    world.run(2)
    assert most == 2
    assert kilos(world) == [2.0]


def test_a_world_with_async_processors_steps_inside_a_running_loop() -> None:
    """A notebook or a server has a loop already."""

    @processor(writes=(Mass,))
    async def slow(cols: Columns) -> object:
        await asyncio.sleep(0)
        return {"mass__kilos": cols.mass__kilos + 1}

    async def inside() -> list[float]:
        world = world_of(slow)
        world.step()
        return kilos(world)

    assert asyncio.run(inside()) == [2.0, 2.0, 2.0]


DIRECT = [
    lambda world: world.spawn(Mass()),
    lambda world: world.despawn(1),
    lambda world: world.step(),
    lambda world: world.add_processor(lambda _cols: None),
    lambda world: world.resources.update(x=1),
    lambda world: world.reserve_ids(1),
]


@pytest.mark.parametrize("direct", range(len(DIRECT)))
def test_a_processor_cannot_change_its_world_directly(direct: int) -> None:
    """Only the command buffer changes anything; the tick fails, the world stays."""
    worlds: list[World] = []

    @processor
    def meddle(_cols: object) -> None:
        DIRECT[direct](worlds[0])

    world = World(processors=[meddle])
    worlds.append(world)
    world.spawn(Mass())
    with pytest.raises(ProcessorFailedError) as caught:
        world.step()
    assert isinstance(caught.value.__cause__, InsideProcessorError)
    assert (world.tick, world.population, len(world.pending)) == (0, 0, 1)


def test_an_async_processor_cannot_change_its_world_directly_either() -> None:
    """Not even from the thread it runs in when a loop is running already."""
    worlds: list[World] = []

    @processor(reads=(Mass,))
    async def meddle(_cols: object) -> None:
        await asyncio.sleep(0)
        worlds[0].spawn(Mass())

    async def inside() -> None:
        with pytest.raises(ProcessorFailedError, match="InsideProcessorError"):
            worlds[0].step()

    worlds.append(World(processors=[meddle]))
    worlds[0].spawn(Mass())
    asyncio.run(inside())


def test_a_processor_may_change_another_world() -> None:
    """Only its own world is closed to it."""
    other = World(components=[Mass])

    @processor(reads=(Mass,))
    def export(_cols: object) -> None:
        other.spawn(Mass())
        other.step()

    world_of(export)
    assert other.population == 1


def test_a_class_with_a_call_is_a_processor() -> None:
    """Its attributes declare it; one without arguments may be given as the class."""

    class Grow:
        """Adds what it was made with."""

        writes = (Mass,)
        priority = 3

        def __init__(self, by: float = 1.0) -> None:
            self.by = by

        def __call__(self, cols: Columns, _visit: Visit) -> object:
            return {"mass__kilos": cols.mass__kilos + self.by}

    world = world_of(Grow, rows=1)
    world.step()
    assert world.schedule.names == ("Grow",)
    assert kilos(world) == [2.0]


def _three(_a: object, _b: object, _c: object) -> None: ...


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: processor(_three),
        lambda: processor(priority=1.5)(lambda _cols: None),  # type: ignore[call-overload] # on purpose
        lambda: processor(archetypes=[(Mass,)], reads=(Mass,))(lambda _cols: None),
        lambda: World(processors=[5]),
    ],
)
def test_a_wrong_declaration_is_refused(wrong: Any) -> None:  # noqa: ANN401 - a call that raises
    """The refusal names what is wrong."""
    with pytest.raises(InvalidProcessorError):
        wrong()


def test_a_processor_of_an_unknown_component_is_refused() -> None:
    """A name nobody declared is refused with the nearest."""
    world = World(components=[Mass])
    made: Processor = processor(reads=("mas",), name="p")(lambda _cols: None)
    with pytest.raises(UnknownComponentError, match="mass"):
        world.add_processor(made)


def test_a_declared_processor_can_be_called_alone() -> None:
    """A test of the function needs no world."""

    @processor(writes=(Mass,))
    def double(cols: dict[str, int]) -> dict[str, int]:
        return {name: value * 2 for name, value in cols.items()}

    assert double({"a": 2}) == {"a": 4}
