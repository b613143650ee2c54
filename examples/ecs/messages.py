"""Messages: a rumour along a chain of people; what is told in a tick is heard in the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from codeanatomy.ecs import World, component, processor

if TYPE_CHECKING:
    from codeanatomy.ecs import Columns, Visit


@component
class Person:
    """Somebody who knows somebody, and when they heard it (0: not yet)."""

    friend: int
    heard: int = 0
    told_by: int = 0


@component
class Rumour:
    """What is told, and by how many it was told before."""

    text: str
    hands: int = 0


@processor(writes=(Person,))
def gossip(cols: Columns, visit: Visit) -> dict[str, np.ndarray]:
    """Hear what was told; who hears it for the first time tells a friend."""
    inbox = visit.messages.read(Rumour)
    heard, told_by = cols.person__heard.copy(), cols.person__told_by.copy()
    new = heard[inbox.row] == 0
    row = inbox.row[new]
    heard[row], told_by[row] = visit.tick, inbox.sender[new]
    visit.messages.send(
        cols.person__friend[row],
        {
            "rumour__text": inbox["rumour__text"].filter(new),
            "rumour__hands": inbox["rumour__hands"][new] + 1,
        },
        sender=cols.entity_id[row],
    )
    return {"person__heard": heard, "person__told_by": told_by}


def main() -> None:
    """Tell the first of five; the last tells the first, who knows already."""
    with World(components=[Person, Rumour], processors=[gossip]) as world:
        ids = world.reserve_ids(5)
        world.spawn_batch({"person__friend": np.roll(ids, -1)}, entity_id=ids)
        world.step()
        world.send(ids[0], Rumour("the well is dry"))
        world.run(8)
        for row in world.query(Person).sort_by("entity_id").to_pylist():
            print(
                f"person {row['entity_id']} heard it at tick {row['person__heard']} "
                f"from {row['person__told_by'] or 'outside'}"
            )


if __name__ == "__main__":
    main()
