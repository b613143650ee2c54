"""Mutations: spawn, update, add, remove and despawn, one by one and in bulk."""

from __future__ import annotations

from codeanatomy.ecs import World, component

POOR = 3.0


@component
class Account:
    """Money in a bank."""

    owner: str
    balance: float = 0.0


@component
class Frozen:
    """A tag: nothing goes in or out."""


def show(world: World, what: str) -> None:
    """Print every account as it is now."""
    rows = world.query(Account).sort_by("entity_id").to_pylist()
    frozen = set(world.query(Frozen)["entity_id"].to_pylist())
    told = [
        f"{row['account__owner']} {row['account__balance']:g}"
        + (" frozen" if row["entity_id"] in frozen else "")
        for row in rows
    ]
    print(f"tick {world.tick}, {what}: {', '.join(told)}")


def main() -> None:
    """Queue commands; each step applies what is due."""
    with World(components=[Account, Frozen]) as world:
        ann = world.spawn(Account("ann", 10))
        others = world.spawn_batch({"account__owner": ["bob", "cid", "dee"]}, [Account])
        world.step()
        show(world, "spawned")

        world.update(ann, Account(balance=12.5))
        world.update(others, {"account__balance": [1.0, 2.0, 3.0]})
        world.add(others[0], Frozen())
        world.step()
        show(world, "updated, bob frozen")

        world.remove(others[0], Frozen)
        world.update_where(lambda cols: cols.account__balance < POOR, {"account__balance": 0.0})
        world.update(ann, Account(balance=99), tick=world.tick + 2)  # for later
        world.step()
        show(world, "the poor have nothing")

        world.despawn_where(lambda cols: cols.account__balance == 0)
        world.despawn([ann, 77])
        receipt = world.step()
        show(world, "despawned")
        print("refused:", [(row.code, row.entity_id) for row in receipt.errors])
        gone = world.query(Account, tick=world.tick, active=False)
        print("tombstones:", sorted(gone["account__owner"].to_pylist()))


if __name__ == "__main__":
    main()
