"""Quotas: units a day, commands a tick; what is refused costs nothing."""

from __future__ import annotations

import pytest

from codeanatomy.ecs.runtime.errors import BatchRefusedError, QuotaError
from codeanatomy.ecs.runtime.operation import OPERATIONS
from codeanatomy.ecs.runtime.quota import Quotas
from tests.ecs.runtime.people import Clock, Position, farm, runtime
from tests.ecs.runtime.test_roles import CALLS, ready

PRICES = {
    "message": 3, "despawn": 5, "remove": 5, "query": 5, "sql": 5, "update": 8, "add": 8,
    "spawn": 10, "destroy": 10, "add_processor": 15, "create": 50, "fork": 100, "rollout": 200,
    "episode": 500, "batch": 15,
}  # fmt: skip


@pytest.mark.parametrize("operation", sorted(o.name for o in OPERATIONS))
def test_what_a_call_costs(operation: str) -> None:
    """As listed, and 10 for anything else; a batch costs what its commands do."""
    with runtime() as worlds:
        ready(farm(worlds))
        CALLS[operation](worlds.seat("bob", "admin"))
        paid = PRICES.get(operation, 10)
        assert worlds.gate.charges.used("bob", worlds.clock()) == paid
        assert worlds.gate.audit.rows()[-1].units == paid


def test_a_day_has_its_units() -> None:
    """At the bound the call is refused, and at midnight UTC the count begins again."""
    clock = Clock()
    with runtime(quotas=Quotas(units_per_day=85), clock=clock) as worlds:
        ann = farm(worlds)  # 50
        ann.step("farm")
        ann.step("farm")
        ann.step("farm")
        with pytest.raises(QuotaError, match="has used 80 of 85 units today and this costs 10"):
            ann.step("farm")
        assert ann.query("farm").num_rows == 0  # 5 are left
        with pytest.raises(QuotaError):
            ann.query("farm")
        clock.now += 86_400
        assert ann.step("farm").tick == 4


def test_another_actor_has_units_of_their_own() -> None:
    """A quota is an actor's."""
    with runtime(quotas=Quotas(units_per_day=60)) as worlds:
        farm(worlds).step("farm")
        assert worlds.seat("bob", "operator").step("farm").tick == 2


def test_commands_of_a_tick_are_counted_by_actor_and_world() -> None:
    """500 for one tick; another tick, another actor or another world has its own count."""
    with runtime() as worlds:
        ann = farm(worlds)
        ann.create("second", model="walkers")
        spawn = {"kind": "spawn", "components": {"position": {"x": 1}}}
        ann.submit("farm", [spawn] * 500)
        with pytest.raises(QuotaError, match="has 500 commands for tick 1 and asks for 1 more"):
            ann.submit("farm", [spawn])
        ann.submit("farm", [{**spawn, "tick": 2}])
        ann.submit("second", [spawn])
        worlds.seat("bob", "player").submit("farm", [spawn])
        assert ann.step("farm").spawned == 501
        ann.submit("farm", [spawn] * 499)
        with pytest.raises(QuotaError, match="for tick 2"):
            ann.submit("farm", [spawn])


@pytest.mark.parametrize("last", [{"kind": "spawn"} | {"columns": {"position__x": ["a"]}}, {}])
def test_a_batch_is_checked_whole(last: dict[str, object]) -> None:
    """One command that is not valid: nothing charged, nothing queued, and each is told."""
    with runtime() as worlds:
        ann = farm(worlds)
        spawn = {"kind": "spawn", "components": {"position": {"x": 1}}}
        with pytest.raises(BatchRefusedError) as caught:
            ann.submit("farm", [spawn, last, spawn])
        refused = caught.value.facts["refused"]
        assert isinstance(refused, list)
        assert [row["position"] for row in refused] == [1]
        assert worlds.gate.charges.used("ann", worlds.clock()) == 50
        assert ann.step("farm").spawned == 0


def test_a_batch_beyond_the_quota_charges_nothing() -> None:
    """Neither the units nor the commands of a batch are taken in part."""
    with runtime(quotas=Quotas(units_per_day=75)) as worlds:
        ann = farm(worlds)
        spawn = {"kind": "spawn", "components": [Position(1)]}
        with pytest.raises(QuotaError):
            ann.submit("farm", [spawn] * 3)
        assert worlds.gate.charges.used("ann", worlds.clock()) == 50
        last = worlds.gate.audit.rows()[-1]
        assert (last.outcome, last.units, last.commands) == ("denied", 0, 3)
        assert [entry.ids for entry in ann.submit("farm", [spawn] * 2)] == [((1, 1),), ((2, 1),)]
