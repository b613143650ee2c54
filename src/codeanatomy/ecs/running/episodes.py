"""An episode: one world, stepped until a rule holds or the steps run out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.ecs.running.stopping import checked_steps, rules_of

if TYPE_CHECKING:
    from codeanatomy.ecs.core import Core
    from codeanatomy.ecs.running.stopping import Until


class Episode(NamedTuple):
    """How an episode ended: the steps it made, the tick it reached, and what ended it."""

    steps: int
    tick: int
    reason: str  # the rule as it was given, or "max_steps"


def episode(world: Core, until: Until = None, *, max_steps: int = 1000) -> Episode:
    """Step a world until a rule holds after a step, `max_steps` steps at most."""
    rules = rules_of(world, until)
    for step in range(1, checked_steps(max_steps, "max_steps") + 1):
        world.step()
        for rule in rules:
            if rule.holds(world):
                return Episode(step, world.tick, rule.reason)
    return Episode(max_steps, world.tick, "max_steps")
