"""A world: the core with its reading, branching and showing; the face people use."""

from __future__ import annotations

from codeanatomy.ecs.core import Core


class World(Core):
    """A population of entities, ticked by processors, every tick readable."""
