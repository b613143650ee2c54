"""The core of a world: failures of the store, seeds, closing, who may do what when."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl
import pytest

from codeanatomy.ecs import World, component, processor
from codeanatomy.ecs.backend.base import Birth
from codeanatomy.ecs.chance import entity_uniform, stream
from codeanatomy.ecs.errors import (
    CommitFailedError,
    FlushFailedError,
    InsideProcessorError,
    InvalidProcessorError,
    NoWorldError,
    WorldClosedError,
    WorldExistsError,
)
from tests.ecs.stores import Deferred, Full

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.ecs import Columns, Receipt, Visit


@component
class Count:
    """A number."""

    n: int = 0


@component
class Tag:
    """A tag."""


@processor(writes=(Count,))
def grow(cols: Columns) -> object:
    """Add one."""
    return {"count__n": cols.count__n + 1}


def deferred() -> tuple[World, Deferred]:
    """Make a world on a store that defers."""
    store = Deferred()
    store.create(Birth("w", "r", "deferred", 0), ())
    return World.resume(store, components=[Count, Tag], processors=[grow]), store


def test_a_failed_flush_goes_back_to_the_durable_tick_with_its_commands() -> None:
    """The next call raises; stepping again makes the lost ticks again."""
    world, store = deferred()
    world.spawn(Count())
    world.run(2)
    world.flush()
    world.update(1, Count(n=50))
    world.step()
    world.spawn(Tag())
    world.despawn(1, tick=6)
    assert (world.tick, world.durable_tick) == (3, 2)
    store.full = True
    with pytest.raises(FlushFailedError) as caught:
        world.step()
    assert caught.value.facts["durable_tick"] == 2
    assert (world.tick, world.population, len(world.pending)) == (2, 1, 3)
    world.step()
    assert world.tables["count",].columns["count__n"].tolist() == [50]
    world.run(2)
    assert world.population == 2
    world.step()
    assert world.population == 1


def test_a_failed_flush_is_told_at_any_call() -> None:
    """A command is refused too, and nothing of it is queued."""
    world, store = deferred()
    world.spawn(Count())
    world.run(2)
    store.full = True
    with pytest.raises(FlushFailedError):
        world.spawn(Tag())
    assert (world.tick, len(world.pending)) == (0, 1)
    assert world.step().spawned == 1


def test_a_receipt_says_whether_its_tick_is_durable() -> None:
    """A deferred tick is not, a flushed one is."""
    world, _ = deferred()
    assert not world.step().durable
    world.flush()
    assert world.durable_tick == 1
    assert World().step().durable


def test_a_store_that_cannot_take_a_tick_leaves_the_world_as_it_was() -> None:
    """A full disk is a failed tick; the error names its tables."""
    store = Full()
    store.full = True
    store.create(Birth("w", "r", "full", 0), ())
    world = World.resume(store, processors=[grow])
    world.spawn(Count())
    with pytest.raises(CommitFailedError, match="No space") as caught:
        world.step()
    assert caught.value.facts["tables"] == [("count",)]
    assert (world.tick, len(world.pending), world.population) == (0, 1, 0)
    assert world.step().spawned == 1


def roll(seed: int, names: list[str]) -> bytes:
    """Run a world of chance and give its bytes; `names` is the order its tables are born in."""

    @processor(writes=(Count,))
    def dice(cols: Columns, visit: Visit) -> object:
        if visit.tick == 2:
            visit.commands.spawn(Count(n=visit.chance.integers(100).item()))
        return {"count__n": cols.count__n + visit.chance.integers(0, 100, cols.rows)}

    world = World(processors=[dice], seed=seed)
    ids = world.reserve_ids(2)
    for name in names:
        parts = [Count(), Tag()] if name == "tagged" else [Count()]
        world.spawn(*parts, entity_id=int(ids[int(name == "tagged")]))
    world.run(5)
    return b"".join(
        table.entity_id.tobytes() + table.columns["count__n"].tobytes()
        for _, table in sorted(world.tables.items())
    )


def test_the_same_seed_gives_the_same_bytes_whatever_the_order_of_tables() -> None:
    """Streams are keyed, and tables are visited in one order."""
    assert roll(7, ["plain", "tagged"]) == roll(7, ["tagged", "plain"])
    assert roll(7, ["plain", "tagged"]) != roll(8, ["plain", "tagged"])


def test_streams_differ_by_every_part_of_their_key() -> None:
    """Seed, tick, processor and archetype each give another stream."""
    keys = [
        (1, 1, "p", ("a",)),
        (2, 1, "p", ("a",)),
        (1, 2, "p", ("a",)),
        (1, 1, "q", ("a",)),
        (1, 1, "p", ("b",)),
        (1, 1, "p", ("a", "b")),
    ]
    assert len({stream(*key).integers(2**62) for key in keys}) == len(keys)


def test_draws_of_an_entity_depend_on_nobody_else() -> None:
    """Fewer rows, another order and further draws leave its numbers alone."""
    ids = np.arange(1, 1001, dtype=np.int64)
    every = entity_uniform(3, 5, "p", ids, 2)
    assert np.array_equal(entity_uniform(3, 5, "p", ids[[7, 2]], 2), every[[7, 2]])
    assert np.array_equal(entity_uniform(3, 5, "p", ids, 1, drawn=1)[:, 0], every[:, 1])
    assert ((every >= 0) & (every < 1)).all()
    assert abs(every.mean() - 0.5) < 0.02
    assert len(np.unique(every)) == every.size


def test_a_closed_world_refuses_everything_and_closing_twice_is_once() -> None:
    """The error names the world."""
    world = World(name="mars")
    world.close()
    world.close()
    with pytest.raises(WorldClosedError, match="mars"):
        world.step()
    with pytest.raises(WorldClosedError):
        world.spawn(Count())


def test_an_address_holds_one_world(tmp_path: Path) -> None:
    """Beginning twice and opening nothing are refused."""
    with pytest.raises(NoWorldError):
        World.open(f"log:{tmp_path / 'w'}")
    with World(f"log:{tmp_path / 'w'}") as world:
        world.spawn(Count())
        world.step()
    with pytest.raises(WorldExistsError, match=r"World\.open"):
        World(f"log:{tmp_path / 'w'}")


def test_a_resource_set_before_closing_is_there_after_opening(tmp_path: Path) -> None:
    """What was set from outside waits with the commands and is recorded with the next tick."""
    uri = f"log:{tmp_path / 'w'}"
    with World(uri, components=[Count]) as world:
        world.resources["rate"] = 2
        world.step()
        world.resources["rate"] = 3
        world.resources["map"] = np.arange(3)
        world.spawn(Count())
    with World.open(uri, components=[Count]) as again:
        assert again.resources["rate"] == 3
        assert list(again.resources["map"]) == [0, 1, 2]  # type: ignore[call-overload] # an array
        assert len(again.pending) == 1
        again.step()
        recorded = again.backend.commands(2)[0]
        assert recorded.kind == "resource"
        assert sorted(recorded.columns) == ["map", "rate"]


def test_hooks_cannot_step_and_can_be_taken_off() -> None:
    """A tick is being made; an unknown moment is refused."""
    world = World()
    world.on("post_tick", lambda w, _r: w.step())
    receipt: Receipt = world.step()
    assert "InsideProcessorError" in receipt.hook_failures[0].error
    fired: list[int] = []
    hook = world.on("pre_tick", lambda _w, tick: fired.append(tick))
    world.step()
    world.off("pre_tick", hook)
    world.step()
    assert fired == [2]
    with pytest.raises(InvalidProcessorError, match="pre_tick"):
        world.on("mid_tick", hook)
    assert InsideProcessorError.code == "inside-processor"


def test_commands_from_other_threads_are_whole() -> None:
    """No id is handed out twice and no command is lost."""
    world = World(processors=[grow])

    def spawn() -> None:
        for _ in range(50):
            world.spawn(Count())

    threads = [threading.Thread(target=spawn) for _ in range(4)]
    for thread in threads:
        thread.start()
    world.run(3)
    for thread in threads:
        thread.join()
    world.step()
    assert world.population == 200
    assert world.tables["count",].entity_id.tolist() == list(range(1, 201))


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_data_frames_go_in_as_they_are(frame: type) -> None:
    """Spawn, update and add take the frames of other libraries, ids included."""
    world = World(components=[Count, Tag])
    ids = world.spawn_batch(frame({"count__n": [1, 2, 3]}))
    world.step()
    world.update(frame({"entity_id": ids[:2], "count__n": [10, 20]}))
    world.step()
    assert world.tables["count",].columns["count__n"].tolist() == [10, 20, 3]
    world.spawn_batch([Tag(), Tag()])
    world.step()
    world.add(frame({"entity_id": [4, 5], "count__n": [7, 8]}))
    world.step()
    assert world.tables["count", "tag"].columns["count__n"].tolist() == [7, 8]


def test_where_takes_a_function_of_columns_and_values_may_be_functions_too() -> None:
    """Bulk forms work on whole columns."""
    world = World()
    world.spawn_batch({"count__n": np.arange(6)}, [Count])
    world.step()
    changed = world.update_where(
        lambda cols: cols.count__n >= 3, {"count__n": lambda cols: cols.count__n * 10}
    )
    assert changed == 3
    assert world.despawn_where(lambda cols: cols.count__n == 0, having=[Count]) == 1
    world.step()
    assert world.tables["count",].columns["count__n"].tolist() == [1, 2, 30, 40, 50]


def test_external_objects_are_shared_and_said() -> None:
    """A world with one is not replayable."""
    world = World()
    assert world.replayable
    world.external["model"] = object()
    assert not world.replayable
