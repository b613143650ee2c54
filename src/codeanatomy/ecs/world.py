"""A world: the core with its reading, branching and showing; the face people use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.ecs.core import Core

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codeanatomy.ecs.running.episodes import Episode
    from codeanatomy.ecs.running.measures import Measure
    from codeanatomy.ecs.running.rollouts import Rollout
    from codeanatomy.ecs.running.stopping import Until


class World(Core):
    """A population of entities, ticked by processors, every tick readable."""

    def send(self, to: object, *parts: object, sender: object = 0) -> None:
        """Send messages to entities, to be read in the next tick. See `message`."""
        from codeanatomy.ecs.message import send  # noqa: PLC0415 - only where they talk

        with self._lock:
            send(self.resources, self.tick, self.components, to, parts, sender)

    def episode(self, until: Until = None, *, max_steps: int = 1000) -> Episode:
        """Step until a rule holds, `max_steps` at most. See `running.stopping`."""
        from codeanatomy.ecs.running.episodes import episode  # noqa: PLC0415 - only where asked

        return episode(self, until, max_steps=max_steps)

    def rollout(
        self,
        forks: int,
        until: Until = None,
        *,
        seeds: Iterable[int] | None = None,
        max_steps: int = 1000,
        measure: Mapping[str, Measure] | None = None,
    ) -> Rollout:
        """Run so many forks to their end, each with its own seed, and measure them there."""
        from codeanatomy.ecs.running.rollouts import rollout  # noqa: PLC0415 - only where asked

        return rollout(self, forks, until, seeds=seeds, max_steps=max_steps, measure=measure)
