"""The runtime: named worlds over one storage address, in this process; `seat` is the way in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.ecs.runtime.role import Actor, role_of
from codeanatomy.ecs.runtime.seat import Seat
from codeanatomy.ecs.runtime.worlds import Worlds

if TYPE_CHECKING:
    from codeanatomy.ecs.runtime.role import Role


class ArchetypeRuntime(Worlds):
    """Named worlds at one address; every actor has a seat, and every call of it passes the gate.

    `runtime.seat("ann", "admin").create("farm")` makes a world; every operation is a method of
    the seat.
    """

    def seat(self, name: str, role: str | Role) -> Seat:
        """Give an actor's way in: every operation, behind the gate."""
        return Seat(self, Actor(name, role_of(role)))
