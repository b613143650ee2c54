"""Messages between entities: sent in one tick, read in the next, recorded with the world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
import pytest

from codeanatomy.ecs import World
from codeanatomy.ecs.components import component
from codeanatomy.ecs.errors import EntityIdError, InvalidMessageError, UnknownColumnError
from codeanatomy.ecs.processors import processor

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.ecs import Columns, Visit


@component
class Person:
    """Somebody with money."""

    money: float


@component
class Pay:
    """Money on its way."""

    amount: float
    note: str = "none"
    where: Annotated[list[float], 2] = [0.0, 0.0]  # noqa: RUF012 - the default of a field


@component
class Dog:
    """A tag for another table."""


@processor(writes=(Person,))
def hand_on(cols: Columns, visit: Visit) -> dict[str, np.ndarray]:
    """Take what came; everybody pays their next neighbour 1."""
    inbox = visit.messages.read(Pay)
    came = np.bincount(inbox.row, inbox["pay__amount"], cols.rows)
    visit.messages.send(
        np.roll(cols.entity_id, -1), {"pay__amount": np.ones(cols.rows)}, sender=cols.entity_id
    )
    return {"person__money": cols.person__money + came - 1}


@processor(reads=(Person,))
def listen(visit_columns: Columns, visit: Visit) -> None:
    """Write down what is heard."""
    inbox = visit.messages.read(Pay)
    heard = visit.external.setdefault("heard", [])
    for place in range(len(inbox.row)):
        heard.append(
            (
                visit.tick,
                int(visit_columns.entity_id[inbox.row[place]]),
                int(inbox.sender[place]),
                float(inbox["pay__amount"][place]),
                inbox["pay__note"][place].as_py(),
                inbox["pay__where"][place].tolist(),
            )
        )


def money(world: World) -> list[float]:
    """Give what everybody has, by id."""
    found: list[float] = world.tables["person",].columns["person__money"].tolist()
    return found


def test_what_is_sent_in_a_tick_arrives_in_the_next() -> None:
    """The payers are poorer at once, the paid richer a tick later."""
    with World(components=[Person, Pay], processors=[hand_on]) as world:
        world.spawn_batch({"person__money": [10.0, 20.0, 30.0]})
        world.run(2)
        assert money(world) == [9.0, 19.0, 29.0]
        world.run(3)
        assert money(world) == [9.0, 19.0, 29.0]


def test_messages_from_outside_are_read_in_the_next_tick_only() -> None:
    """By receiver, then sender, then as sent; whoever is not in the table does not hear."""
    with World(components=[Person, Pay, Dog], processors=[listen]) as world:
        one, two = world.spawn_batch({"person__money": [1.0, 1.0]}).tolist()
        dog = world.spawn(Dog())
        world.step()
        world.send([two, one, dog, 999], Pay(5.0, where=[1.0, 2.0]), sender=[7, 7, 7, 7])
        world.send([one], Pay(6.0, "first"), sender=3)
        world.send(two, {"pay__amount": 8.0, "pay__note": ["b"]})
        world.run(3)
        assert world.external["heard"] == [
            (2, one, 3, 6.0, "first", [0.0, 0.0]),
            (2, one, 7, 5.0, "none", [1.0, 2.0]),
            (2, two, 0, 8.0, "b", [0.0, 0.0]),
            (2, two, 7, 5.0, "none", [1.0, 2.0]),
        ]


def test_a_failed_tick_leaves_messages_as_they_were() -> None:
    """What a failed tick sent is forgotten; what it should have read is read when it is retried."""
    failing = {3}

    @processor(reads=(Person,), priority=9)
    def stumble(_cols: Columns, visit: Visit) -> None:
        if visit.tick in failing:
            failing.clear()
            raise RuntimeError("once")

    with World(components=[Person, Pay], processors=[hand_on, stumble]) as world:
        world.spawn_batch({"person__money": [10.0, 20.0]})
        world.run(2)
        with pytest.raises(Exception, match="once"):
            world.step()
        world.run(2)
        assert money(world) == [9.0, 19.0]


def test_messages_on_their_way_survive_reopening(tmp_path: Path) -> None:
    """A reopened world hears what was said before it was closed."""
    with World(tmp_path / "w", components=[Person, Pay], processors=[hand_on]) as world:
        world.spawn_batch({"person__money": [10.0, 20.0, 30.0]})
        world.run(2)
    with World.open(tmp_path / "w", processors=[hand_on]) as again:
        again.step()
        assert money(again) == [9.0, 19.0, 29.0]


def test_messages_that_say_nothing_or_go_nowhere_are_refused() -> None:
    """Named errors; the world stays as it was."""
    with World(components=[Person, Pay]) as world:
        with pytest.raises(InvalidMessageError, match="says something"):
            world.send([1])
        with pytest.raises(InvalidMessageError, match="2 senders for 3"):
            world.send([1, 2, 3], Pay(1.0), sender=[1, 2])
        with pytest.raises(InvalidMessageError, match="missing"):
            world.send([1], {"pay__note": "x"})
        with pytest.raises(UnknownColumnError, match="pay__amount"):
            world.send([1], {"pay__amont": 1.0})
        with pytest.raises(EntityIdError):
            world.send([-1], Pay(1.0))
        assert dict(world.resources) == {}
