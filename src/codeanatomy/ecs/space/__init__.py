"""Spaces: where entities are and who is near whom, as arrays; values that no tick changes."""

from __future__ import annotations

from codeanatomy.ecs.space.continuous import Continuous
from codeanatomy.ecs.space.grid import Grid
from codeanatomy.ecs.space.network import Network
from codeanatomy.ecs.space.occupancy import (
    Occupancy,
    around,
    enter,
    inside,
    leave,
    move,
    occupy,
    random_empty,
    wander,
)
from codeanatomy.ecs.space.surroundings import Surroundings, moved, near

__all__ = [
    "Continuous",
    "Grid",
    "Network",
    "Occupancy",
    "Surroundings",
    "around",
    "enter",
    "inside",
    "leave",
    "move",
    "moved",
    "near",
    "occupy",
    "random_empty",
    "wander",
]
