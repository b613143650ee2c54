"""Roles: who may do what, exactly; a refusal changes, costs and hides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codeanatomy.ecs.runtime.errors import RoleError
from codeanatomy.ecs.runtime.operation import OPERATIONS, operation_of
from codeanatomy.ecs.runtime.role import Role, role_of
from codeanatomy.kernel.errors import UnknownNameError
from tests.ecs.runtime.people import Alive, Position, Velocity, farm, move, runtime

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.ecs.runtime.seat import Seat

CALLS: dict[str, Callable[[Seat], object]] = {
    "list": lambda seat: seat.worlds(),
    "inspect": lambda seat: seat.inspect("farm"),
    "query": lambda seat: seat.query("farm", Position),
    "sql": lambda seat: seat.sql("farm", "select 1"),
    "history": lambda seat: seat.history("farm"),
    "chart": lambda seat: seat.chart("farm", "count(*)"),
    "space": lambda seat: seat.space("farm"),
    "watch": lambda seat: seat.watch("farm", 0),
    "commands": lambda seat: seat.commands("farm"),
    "spawn": lambda seat: seat.spawn("farm", Position(1)),
    "despawn": lambda seat: seat.despawn("farm", [1]),
    "update": lambda seat: seat.update("farm", [1], {"position__x": 2.0}),
    "message": lambda seat: seat.message("farm", [1], Velocity(1)),
    "batch": lambda seat: seat.submit(
        "farm",
        [
            {"kind": "spawn", "components": [Position(1)]},
            {"kind": "despawn", "entities": [1]},
        ],
    ),
    "add": lambda seat: seat.add("farm", [1], Alive),
    "remove": lambda seat: seat.remove("farm", [1], Velocity),
    "declare_component": lambda seat: seat.declare_component("farm", Alive),
    "add_processor": lambda seat: seat.add_processor("farm", _idle),
    "remove_processor": lambda seat: seat.remove_processor("farm", "move"),
    "add_hook": lambda seat: seat.add_hook("farm", "pre_tick", _hook),
    "remove_hook": lambda seat: seat.remove_hook("farm", "pre_tick", _hook),
    "set_resource": lambda seat: seat.set_resource("farm", "wind", 3),
    "fork": lambda seat: seat.fork("farm", "branch"),
    "step": lambda seat: seat.step("farm"),
    "run": lambda seat: seat.run("farm", 2),
    "episode": lambda seat: seat.episode("farm", max_steps=2),
    "rollout": lambda seat: seat.rollout("farm", 2, max_steps=1),
    "retry": lambda seat: seat.retry("farm", "dead"),
    "destroy": lambda seat: seat.destroy("farm"),
    "create": lambda seat: seat.create("second"),
    "restore": lambda seat: seat.restore("gone"),
    "audit": lambda seat: seat.audit(),
}


def _idle(_cols: object, _visit: object) -> None:
    """Change nothing."""


def _hook(*_what: object) -> None:
    """Do nothing."""


def ready(seat: Seat) -> None:
    """Prepare what some operations need: an entity, a dead letter, a destroyed world."""
    seat.spawn("farm", Position(0), Velocity(1))
    seat.step("farm")
    seat.create("gone", model="walkers")
    seat.destroy("gone")
    seat.add_hook("farm", "pre_tick", _raise)
    seat.despawn("farm", [9], id="dead", tick=2)
    for _ in range(3):
        with pytest.raises(Exception, match="broken"):
            seat.step("farm")
    seat.remove_hook("farm", "pre_tick", _raise)


def _raise(*_what: object) -> None:
    raise ValueError("broken")


def test_every_operation_is_called_here() -> None:
    """The page of operations and the calls of this test name the same."""
    assert sorted(CALLS) == sorted(operation.name for operation in OPERATIONS)


@pytest.mark.parametrize("operation", sorted(CALLS))
def test_a_role_has_its_rights_and_those_below(operation: str) -> None:
    """Whoever has the needed role may, whoever has the one below may not."""
    needed = operation_of(operation).role
    with runtime() as worlds:
        ready(farm(worlds))
        if needed > Role.VIEWER:
            before = worlds.book.rows("select * from charges")
            with pytest.raises(RoleError) as caught:
                CALLS[operation](worlds.seat("low", Role(needed - 1)))
            assert caught.value.facts["needed"] == needed.title
            assert worlds.book.rows("select * from charges") == before
            last = worlds.gate.audit.rows()[-1]
            assert (last.actor, last.operation, last.outcome, last.units) == (
                "low", operation, "denied", 0,
            )  # fmt: skip
        CALLS[operation](worlds.seat("right", needed))
        last = worlds.gate.audit.rows()[-1]
        assert (last.actor, last.operation, last.outcome) == ("right", operation, "done")


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        ("viewer", "list inspect query sql history chart space watch commands"),
        ("player", "spawn despawn update message batch"),
        (
            "operator",
            (
                "add remove declare_component add_processor remove_processor add_hook remove_hook "
                "set_resource fork step run episode rollout retry destroy"
            ),
        ),
        ("admin", "create restore audit"),
    ],
)
def test_what_a_role_adds(role: str, rights: str) -> None:
    """Viewers read, players change entities, operators the rest of a world, admins make worlds."""
    mine = {operation.name for operation in OPERATIONS if operation.role is role_of(role)}
    assert mine == set(rights.split())


def test_a_player_cannot_hide_a_right_in_a_batch() -> None:
    """Each command of a batch needs its own right, and one without it refuses all."""
    with runtime() as worlds:
        ann = farm(worlds)
        with pytest.raises(RoleError, match="add needs the role operator"):
            worlds.seat("pat", "player").submit(
                "farm",
                [
                    {"kind": "spawn", "components": [Position(1)]},
                    {"kind": "add", "entities": [1], "components": ["alive"]},
                ],
            )
        assert ann.commands("farm") == []


def test_a_role_that_there_is_not() -> None:
    """The message lists those there are."""
    with pytest.raises(UnknownNameError, match="viewer, player, operator, admin"):
        role_of("king")


def test_a_model_runs() -> None:
    """The processor of the model moves what it should."""
    with runtime() as worlds:
        ann = farm(worlds)
        ann.spawn("farm", Position(1, 2), Velocity(3, -1))
        ann.run("farm", 3)
        rows = ann.query("farm", Position).to_pylist()
        assert [(row["position__x"], row["position__y"]) for row in rows] == [(7.0, 0.0)]
        assert move.name == "move"
