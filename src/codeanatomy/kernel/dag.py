"""Directed acyclic graphs over names: order, cycles with their path, the critical path.

A graph is a mapping from each name to the names it needs first. A name that is needed but is no
key of the mapping comes from outside and is left out of every answer.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from codeanatomy.kernel.errors import CycleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def order(needs: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return every name after all it needs; of those that are ready, the least name comes first.

    The answer depends on the content of `needs` only, not on its order. Raises `CycleError`.
    (Kahn 1962, with a heap for the ready names.)
    """
    waiting = {name: set(before) & needs.keys() for name, before in needs.items()}
    after = _reversed(waiting)
    ready = [name for name, before in waiting.items() if not before]
    heapify(ready)
    done: list[str] = []
    while ready:
        name = heappop(ready)
        done.append(name)
        for later in after[name]:
            waiting[later].discard(name)
            if not waiting[later]:
                heappush(ready, later)
    if len(done) < len(waiting):
        raise _cycle_error(waiting)
    return tuple(done)


def cycle(needs: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Walk one cycle, each name followed by one it needs, first name repeated last; or ()."""
    try:
        order(needs)
    except CycleError as error:
        path = error.facts["path"]
        return tuple(path) if isinstance(path, tuple) else ()
    return ()


def critical_path(
    needs: Mapping[str, Iterable[str]], seconds: Mapping[str, float]
) -> tuple[tuple[str, ...], float]:
    """Return the chain of names that takes longest, and how long; equals go to the least name.

    A name without an entry in `seconds` takes no time. Raises `CycleError`.
    """
    total: dict[str, float] = {}
    before: dict[str, str | None] = {}
    for name in order(needs):
        known = [other for other in sorted(set(needs[name])) if other in total]
        slowest = max(known, key=lambda other: total[other], default=None)
        before[name] = slowest
        total[name] = seconds.get(name, 0.0) + (total[slowest] if slowest is not None else 0.0)
    last = max(sorted(total), key=lambda name: total[name], default=None)
    longest = total[last] if last is not None else 0.0
    path: list[str] = []
    while last is not None:
        path.append(last)
        last = before[last]
    return tuple(reversed(path)), longest


def _reversed(needs: Mapping[str, set[str]]) -> dict[str, list[str]]:
    after: dict[str, list[str]] = {name: [] for name in needs}
    for name, before in needs.items():
        for other in before:
            after[other].append(name)
    return after


def _cycle_error(waiting: Mapping[str, set[str]]) -> CycleError:
    """Follow least needs from the least waiting name: each has one, so a name must come again."""
    path = [min(name for name, before in waiting.items() if before)]
    while path[-1] not in path[:-1]:
        path.append(min(waiting[path[-1]]))
    path = path[path.index(path[-1]) :]
    return CycleError(f"these need each other: {' > '.join(path)}", path=tuple(path))
