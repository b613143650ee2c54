"""An archetype: a set of component names, written as a sorted tuple; the empty one is legal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

Archetype: TypeAlias = tuple[str, ...]


def archetype(names: Iterable[str]) -> Archetype:
    """Give the archetype of these component names, whatever their order."""
    return tuple(sorted(set(names)))


def matches(found: Archetype, has: frozenset[str], without: frozenset[str]) -> bool:
    """Say whether an archetype has all of `has` and none of `without`."""
    return has.issubset(found) and without.isdisjoint(found)
