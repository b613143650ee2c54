"""Retention: which ticks of the past are kept; all others are given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.ecs.backend.parts import rewrite_group
from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.ecs.backend.groups import Groups


class Retention(NamedTuple):
    """Keep the last `last` ticks, and of those before every `every`-th, and the keyframes.

    A keyframe is the first tick of a segment, the one that is stored whole.
    """

    last: int | None = None
    every: int | None = None
    keyframes: bool = False

    def keeps(self, newest: int, whole: frozenset[int]) -> Callable[[int], bool]:
        """Give the rule for a world at tick `newest` whose keyframes are `whole`."""
        last = newest if self.last is None else self.last
        if self.last is None and self.every is None and not self.keyframes:
            return lambda _: True
        recent = newest - last if self.last is not None else newest - 1

        def keep(tick: int) -> bool:
            return (
                tick > recent
                or (self.every is not None and tick % self.every == 0)
                or (self.keyframes and tick in whole)
            )

        return keep


def retention(
    last: int | None = None, every: int | None = None, *, keyframes: bool = False
) -> Retention:
    """Check the numbers; raises `SpecError` for those that are not positive."""
    for name, number in (("last", last), ("every", every)):
        if number is not None and number < 1:
            raise SpecError(f"{name} is a number of ticks, from 1 on, not {number}", rule=name)
    return Retention(last, every, keyframes)


def thin_out(groups: Groups, keep: Callable[[int], bool]) -> int:
    """Give up ticks that lie in parts: their group is described anew, then the old parts go.

    Returns how many ticks were given up.
    """
    dropped = 0
    for found in groups.named():
        group = groups.group(found.path)
        kept = [tick for tick in group.ticks if keep(tick.tick)]
        if len(kept) == len(group.ticks):
            continue
        dropped += len(group.ticks) - len(kept)
        if kept:
            made = rewrite_group(groups.place, group, found.path, kept)
            groups.changed(found.path, made)
            stay = set(made.parts)
        else:
            groups.place.remove(found.path)
            groups.dropped(found.path)
            stay = set()
        for part in groups.parts_of(group.number):
            if part not in stay:
                groups.place.remove(part)
    return dropped
