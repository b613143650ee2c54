"""A small model, a runtime at a fixed moment, and its people."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from codeanatomy.ecs import component, processor
from codeanatomy.ecs.runtime.model import Model
from codeanatomy.ecs.runtime.runtime import ArchetypeRuntime

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from codeanatomy.ecs.runtime.quota import Quotas
    from codeanatomy.ecs.runtime.seat import Seat

NOON = 1_700_000_000.0  # 2023-11-14, a moment in the evening of UTC


class Mood(enum.Enum):
    """A closed set of values."""

    CALM = 1
    CROSS = 2


@component
class Position:
    """A place."""

    x: float
    y: float = 0.0


@component
class Velocity:
    """A direction."""

    dx: float
    dy: float = 0.0


@component
class Temper:
    """A state of mind."""

    mood: Mood = Mood.CALM


@component
class Alive:
    """A tag."""


@processor(reads=(Position, Velocity), writes=(Position,))
def move(cols: Any, _visit: Any) -> dict[str, Any]:  # noqa: ANN401 - columns by name
    """Go on."""
    return {
        "position__x": cols.position__x + cols.velocity__dx,
        "position__y": cols.position__y + cols.velocity__dy,
    }


MODEL = Model("walkers", (Position, Velocity, Temper, Alive), (move,))


class Clock:
    """Seconds since 1970 that stand still until they are moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        """Give the moment."""
        return self.now


def runtime(
    uri: Path | str | None = None, *, quotas: Quotas | None = None, clock: Clock | None = None
) -> ArchetypeRuntime:
    """Give a runtime with the model `walkers`."""
    return ArchetypeRuntime(uri, models=[MODEL], quotas=quotas, clock=clock or Clock())


def farm(worlds: ArchetypeRuntime, name: str = "farm") -> Seat:
    """Give the seat of an admin who has made a world."""
    ann = worlds.seat("ann", "admin")
    ann.create(name, model="walkers", seed=7)
    return ann
