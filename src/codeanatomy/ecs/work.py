"""What a tick works with, besides the state it starts from: who runs, chance, bounds, buffers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.ecs.arrays import Pool
    from codeanatomy.ecs.components import Components
    from codeanatomy.ecs.entity import IdCounter
    from codeanatomy.ecs.resource import Resources
    from codeanatomy.ecs.schedule import Schedule


@dataclass
class Work:
    """The parts of one world that every tick of it needs."""

    components: Components
    schedule: Schedule
    ids: IdCounter
    number: Callable[[], int]  # of the next command
    sequence: Callable[[], int]  # the same, without handing it out
    resources: Resources
    external: Mapping[str, Any]
    pool: Pool
    seed: int
    clock: Callable[[], float]
    max_entities: int
    max_commands: int
    timings: dict[str, float] = field(default_factory=dict)
