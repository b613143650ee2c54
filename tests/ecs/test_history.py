"""The past of worlds: moments, forks, lineage, resources as of a tick, differences, replay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from codeanatomy.ecs.components import component
from codeanatomy.ecs.errors import NotReplayableError, UnknownTickError, UnrelatedWorldsError
from codeanatomy.ecs.processors import processor
from codeanatomy.ecs.replay import Difference
from codeanatomy.ecs.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codeanatomy.ecs.visit import Visit


@component
class Position:
    """Where something is."""

    x: float
    y: float = 0.0


@component
class Label:
    """What something is called."""

    text: str = "-"


@component
class Marked:
    """A tag."""


@processor(reads=(Position,), writes=(Position,))
def wander(columns: Any, visit: Visit) -> dict[str, Any]:  # noqa: ANN401 - the columns of a table
    """Move everybody by chance, as fast as the world is warm."""
    warm = float(visit.resources.get("warmth", 1.0))  # type: ignore[arg-type] # a number here
    step = visit.chance.normal(size=columns.rows) * warm
    return {"position__x": columns.position__x + step}


@processor(reads=(Position,), priority=5)
def bear(columns: Any, visit: Visit) -> None:  # noqa: ANN401 - the columns of a table
    """Have a child at every third tick, one of every fourth tick, and let the farthest go."""
    if visit.tick % 3 == 0:
        visit.commands.spawn(Position(float(visit.tick)))
        visit.resources["born"] = int(visit.resources.get("born", 0)) + 1  # type: ignore[call-overload] # a number here
    if visit.tick % 4 == 0:
        visit.commands.spawn(Position(-1.0), Label("late"), tick=visit.tick + 2)
        visit.commands.despawn(columns.entity_id[np.argmax(columns.position__x)])


BACKENDS = ("memory:", "log:", "parquet:")


@pytest.fixture(params=BACKENDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Give a world of three wanderers, still at tick 0."""
    uri = request.param if request.param == "memory:" else f"{request.param}{tmp_path / 'w'}"
    made = World(uri, components=(Position, Label, Marked), processors=(wander, bear), seed=7)
    with made:
        made.spawn_batch({"position__x": [0.0, 10.0, 20.0]})
        yield made


def rows(world: Any, tick: int | None = None) -> list[dict[str, Any]]:  # noqa: ANN401 - a world or a moment
    """Give ids and places, in order."""
    found = world.query(Position, tick=tick).select(["entity_id", "position__x"])
    return sorted(found.to_pylist(), key=lambda row: row["entity_id"])


def test_at(world: World) -> None:
    """A moment has the rows, the number and the tick of then, also after many ticks."""
    world.run(2)
    then = rows(world)
    world.run(10)
    past = world.at(2)
    assert (past.tick, past.population) == (2, 3)
    assert rows(past) == then
    assert rows(past, tick=1) == rows(world, tick=1)


def test_at_knows_no_future(world: World) -> None:
    """A moment does not know what came after it."""
    world.run(5)
    with pytest.raises(UnknownTickError, match="last one is 3"):
        world.at(3).query(Position, tick=4)


@pytest.mark.parametrize("tick", [-1, 3])
def test_at_a_tick_that_is_not(world: World, tick: int) -> None:
    """There is no moment before the first tick or after the last."""
    world.run(2)
    with pytest.raises(UnknownTickError):
        world.at(tick)


def test_at_the_beginning(world: World) -> None:
    """Tick 0 is the world before anything happened."""
    world.run(2)
    assert world.at(0).population == 0


def test_resources_of_then(world: World) -> None:
    """A moment and a fork see recorded resources as they were, external ones as they are."""
    world.resources["rain"] = (1, 2)
    world.step()
    world.resources["rain"] = (3,)
    world.external["line"] = object()
    world.run(3)
    del world.resources["rain"]
    world.step()
    assert [world.at(t).resources.get("rain") for t in (0, 1, 2, 5)] == [None, (1, 2), (3,), None]
    assert world.at(1).external["line"] is world.external["line"]
    branch = world.fork(at_tick=1)
    assert branch.resources["rain"] == (1, 2)
    assert branch.external["line"] is world.external["line"]


def test_fork_goes_the_same_way(world: World) -> None:
    """Without a seed a branch has the parent's chance: the same ticks come out."""
    world.run(3)
    branch = world.fork()
    world.run(6)
    branch.run(6)
    assert rows(branch) == rows(world)


def test_fork_with_a_seed_goes_its_own(world: World) -> None:
    """With a seed a branch has its own chance from the next tick on, and the same past."""
    world.run(3)
    branch = world.fork(seed=8)
    assert branch.seed == 8
    world.step()
    branch.step()
    assert rows(branch, tick=3) == rows(world, tick=3)
    assert rows(branch) != rows(world)


def test_fork_leaves_the_parent_alone(world: World) -> None:
    """What a branch does is not seen by the parent, nor the other way round."""
    world.run(2)
    branch = world.fork()
    branch.spawn(Position(1.0))
    branch.despawn([1])
    branch.step()
    assert world.tick == 2
    world.step()
    assert world.population == 4  # a child at tick 3
    assert branch.population == 4  # a child, one more, one less


def test_fork_of_the_past(world: World) -> None:
    """A fork at a tick begins with the rows, the ids and the commands of that tick."""
    world.spawn(Position(50.0), tick=5)
    world.run(6)
    branch = world.fork(at_tick=3)
    assert branch.tick == 3
    assert rows(branch) == rows(world, tick=3)
    assert len(branch.pending) == 1
    branch.run(3)
    assert rows(branch) == rows(world)


def test_fork_of_a_fork(world: World) -> None:
    """Lineage names every ancestor with the last tick that is shared."""
    world.run(2)
    child = world.fork()
    child.run(2)
    grandchild = child.fork(at_tick=3)
    sibling = child.fork(at_tick=1)
    told = [(a.world_id, a.until_tick) for a in grandchild.lineage]
    assert told == [
        (world.birth.world_id, 2),
        (child.birth.world_id, 3),
        (grandchild.birth.world_id, 3),
    ]
    assert sibling.birth.ancestor == world.birth.world_id
    assert [a.until_tick for a in sibling.lineage] == [1, 1]
    assert rows(grandchild, tick=1) == rows(world, tick=1)


def test_rows_lie_with_their_ancestor(world: World) -> None:
    """Rows from before a fork say that they lie in the ancestor."""
    world.run(2)
    branch = world.fork()
    branch.run(2)
    found = branch.query(Position, ticks=[2, 3], entities=[1])
    assert found.column("world_id").to_pylist() == [world.birth.world_id, branch.birth.world_id]


def test_fork_shares_rows() -> None:
    """A fork copies no rows: the columns are the same objects."""
    with World() as world:
        world.spawn_batch({"position__x": np.arange(1000.0)}, (Position,))
        world.step()
        branch = world.fork()
        assert branch.tables["position",] is world.tables["position",]


def test_fork_of_a_tick_that_is_not(world: World) -> None:
    """A fork at a tick that was never made is refused."""
    world.run(2)
    with pytest.raises(UnknownTickError):
        world.fork(at_tick=3)


def test_diff(world: World) -> None:
    """A difference names, by column, the entities both know; births since are never matched."""
    world.remove_processor("wander")
    world.run(2)
    left, right = world.fork(), world.fork()
    left.despawn([1])
    right.update([2], Position(x=99.0))
    right.add([3], Marked)
    ours, theirs = left.spawn(Position(1.0)), right.spawn(Position(2.0))
    left.step()
    right.step()
    found = left.diff(right)
    assert ours == theirs
    assert found.common.world_id == world.birth.world_id
    assert found.common.until_tick == 2
    assert list(found.columns) == ["position__x"]
    assert found.columns["position__x"].column("entity_id").to_pylist() == [2]
    assert found.columns["position__x"].column("right").to_pylist() == [99.0]
    assert found.moved.to_pylist() == [
        {"entity_id": 3, "left": ["position"], "right": ["marked", "position"]}
    ]
    assert (found.left_only.tolist(), found.right_only.tolist()) == ([], [1])
    assert found.left_born.tolist() == found.right_born.tolist() == [4, 5]
    assert not found.same


def test_diff_of_equal_branches(world: World) -> None:
    """A fork that did nothing differs in nothing."""
    world.run(3)
    found = world.diff(world.fork())
    assert found.same
    assert found.columns == {}


def test_diff_never_matches_reserved_ids(world: World) -> None:
    """Ids that were reserved or ordered before the fork and born after it are not matched."""
    reserved = world.reserve_ids(1)
    world.spawn(Position(5.0), tick=3)
    world.run(2)
    left, right = world.fork(), world.fork()
    for branch, x in ((left, 1.0), (right, 2.0)):
        branch.spawn(Position(x), entity_id=int(reserved[0]))
        branch.step()
    found = left.diff(right)
    assert int(reserved[0]) in found.left_born.tolist()
    assert found.left_born.tolist() == found.right_born.tolist()
    assert found.columns == {}


def test_diff_at_a_tick(world: World) -> None:
    """Branches are compared at the same tick of their past."""
    world.run(1)
    branch = world.fork(seed=9)
    world.run(3)
    branch.run(2)
    assert world.diff(branch, tick=1).same
    found = world.diff(branch, tick=2)
    assert found.columns["position__x"].column("entity_id").to_pylist() == [1, 2, 3]


def test_diff_of_strangers(world: World) -> None:
    """Worlds without a tick in common are not compared."""
    with World() as other, pytest.raises(UnrelatedWorldsError):
        world.diff(other)


def busy(world: World) -> None:
    """Do everything that can be done from outside, over eight ticks."""
    world.resources["warmth"] = 2.0
    world.step()
    world.update([1], Position(x=5.0))
    world.spawn(Position(1.0), Label("five"), tick=5)
    reserved = world.reserve_ids(2)
    world.step()
    world.spawn(Position(3.0), entity_id=int(reserved[1]))
    world.add([2], Marked)
    world.on("pre_tick", lambda inner, tick: inner.spawn(Position(float(tick)), priority=-1))
    world.run(2)
    world.resources["warmth"] = 0.5
    world.despawn([3, 77])
    world.run(4)


def test_replay(world: World) -> None:
    """The recorded commands make the same ticks again, byte for byte."""
    busy(world)
    found = world.replay()
    assert (found.from_tick, found.to_tick, found.same) == (0, 8, True)
    assert world.tick == 8


@pytest.mark.parametrize("from_tick", range(8))
def test_replay_from_any_tick(world: World, from_tick: int) -> None:
    """A replay may begin at any tick."""
    busy(world)
    assert world.replay(from_tick).differences == ()


def test_replay_of_a_branch(world: World) -> None:
    """A branch replays its own ticks; those of its ancestor are replayed there."""
    busy(world)
    branch = world.fork(at_tick=4, seed=99)
    branch.spawn(Position(4.0))
    branch.run(4)
    assert branch.replay().same
    assert branch.replay().from_tick == 4
    with pytest.raises(NotReplayableError, match="ancestor"):
        branch.replay(2)


def test_replay_tells_what_differs(world: World) -> None:
    """A world that was made by other processors is told by tick, table, column and rows."""
    world.run(2)
    world.remove_processor("wander")

    @processor(reads=(Position,), writes=(Position,), name="wander")
    def other(columns: Any, visit: Visit) -> dict[str, Any]:  # noqa: ANN401 - the columns of a table
        moved = columns.position__x + visit.chance.normal(size=columns.rows)
        return {"position__x": np.where(columns.entity_id == 2, 0.0, moved)}

    world.add_processor(other)
    found = world.replay()
    assert not found.same
    assert found.differences == (Difference(2, ("position",), "position__x", 1),)


def test_external_resources_are_not_replayable(world: World) -> None:
    """A world that uses what is not recorded says so."""
    world.step()
    world.external["model"] = object()
    assert not world.replayable
    with pytest.raises(NotReplayableError, match="model"):
        world.replay()


def test_reopened_worlds_replay(tmp_path: Path) -> None:
    """A world that was closed and opened again replays what it did before."""
    uri = f"log:{tmp_path / 'w'}"
    known = (Position, Label, Marked)
    with World(uri, components=known, processors=(wander, bear), seed=3) as made:
        made.spawn_batch({"position__x": [0.0, 10.0, 20.0]})
        busy(made)
    with World.open(uri, components=(Position,), processors=(wander, bear)) as again:
        assert again.replay().same
        again.run(4)
        assert again.replay().same


def test_after_retention(tmp_path: Path) -> None:
    """Ticks that were given up raise when they are named, and are left out of the whole history."""
    with World(f"log:{tmp_path / 'w'}", components=(Position,), seed=3) as world:
        world.spawn(Position(1.0))
        world.run(12)
        world.backend.compact()
        world.backend.retain(last=2, every=5)
        held = [5, 10, 11, 12]
        assert world.query(Position, ticks="all").column("tick").to_pylist() == held
        text = "select tick from position order by tick"
        assert world.sql(text).column("tick").to_pylist() == held
        assert world.sql(text.replace("position", "ticks")).column("tick").to_pylist() == held
        assert world.sql(text.replace("position", "entities")).column("tick").to_pylist() == held
        assert list(world.plot("count(*)").lines[0].x) == held
        with pytest.raises(UnknownTickError):
            world.query(Position, tick=7)
        with pytest.raises(UnknownTickError):
            world.query(Position, ticks=range(5, 8))


def test_memory_that_forgets() -> None:
    """A world that keeps few ticks reads, forks and replays those."""
    with World("memory:?keep=4", components=(Position, Label), processors=(wander,)) as world:
        world.spawn_batch({"position__x": [1.0, 2.0]})
        world.run(10)
        found = world.query(Position, ticks="all", entities=[1])
        assert found.column("tick").to_pylist() == [7, 8, 9, 10]
        assert world.replay().from_tick == 7
        assert world.replay().same
        assert rows(world.fork(at_tick=8)) == rows(world, tick=8)
        with pytest.raises(UnknownTickError):
            world.fork(at_tick=3)


@pytest.mark.parametrize("backend", ["log:", "parquet:"])
def test_last_tick_before_closing(backend: str, tmp_path: Path) -> None:
    """What is ordered between the last tick and closing hides nothing of that tick."""
    uri = f"{backend}{tmp_path / 'w'}"
    with World(uri, components=(Position,)) as made:
        made.spawn_batch({"position__x": [1.0, 2.0]})
        made.step()
        made.despawn([1])
        made.step()
        made.spawn(Position(3.0))
    with World.open(uri, components=(Position,)) as again:
        gone = again.query(Position, active=False)
        assert gone.select(["tick", "entity_id", "position__x"]).to_pylist() == [
            {"tick": 2, "entity_id": 1, "position__x": 1.0}
        ]
        assert again.replay().same
        again.step()
        assert again.population == 2
