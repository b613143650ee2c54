"""How often targets of a kind are right, from counts of several programs that were seen to run.

Programs differ: the frequency of a key is that of all its targets, of which one program counts for
`MOST` at most, drawn to what holds for places with as many targets. Where there are enough
programs, what is said is then set right: each program is judged by the others, and what was hit at
each tenth of what was said is what is said in its place (Platt scaling's idea without its curve;
cf. Niculescu-Mizil and Caruana 2005).
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.cpg.resolve.confidence import K, Key, Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Counts = Mapping[Key, Sequence[int]]  # a key: hits, total

MOST = 1000  # targets of one key that one program counts for
ENOUGH = 5  # programs, for each to be judged by the others
STEPS = 12  # of what is said, each set right by itself
FEWEST = 100  # targets of a step


class Point(NamedTuple):
    """What was hit where something was said, on average."""

    said: float
    hit: float


def frequencies(programs: Sequence[Counts]) -> list[Line]:
    """Make the table of several programs; a line for each key that any of them has."""
    sums: dict[Key, list[int]] = {}
    for counts in programs:
        for key, (hits, total) in counts.items():
            known = sums.setdefault(key, [0, 0])
            known[0] += hits
            known[1] += total
    said = _drawn(programs)
    right = _set_right(programs) if len(programs) >= ENOUGH else ()
    return [
        Line(key, hits, total, _read(right, said(key)))
        for key, (hits, total) in sorted(sums.items())
    ]


def _drawn(programs: Iterable[Counts]) -> Callable[[Key], float]:
    """Return the frequency of a key, drawn to that of its places, drawn to that of all."""
    programs = list(programs)
    keys = _weighed(programs, lambda key: key)
    places = _weighed(programs, lambda key: (key.targets, key.incomplete))
    hits, total = _weighed(programs, lambda _: None).get(None, (0.0, 0.0))
    every = hits / total if total else 0.0

    def frequency(key: Key) -> float:
        hits, total = places.get((key.targets, key.incomplete), (0.0, 0.0))
        place = (hits + K * every) / (total + K)
        hits, total = keys.get(key, (0.0, 0.0))
        return (hits + K * place) / (total + K)

    return frequency


def _weighed(
    programs: Iterable[Counts], kind: Callable[[Key], object]
) -> dict[object, tuple[float, float]]:
    """Sum hits and totals by kind of key; no program counts for more than `MOST` of one kind."""
    found: dict[object, tuple[float, float]] = {}
    for counts in programs:
        own: dict[object, tuple[int, int]] = {}
        for key, (hits, total) in counts.items():
            before = own.get(kind(key), (0, 0))
            own[kind(key)] = (before[0] + hits, before[1] + total)
        for name, (hits, total) in own.items():
            weight, so_far = min(1.0, MOST / total), found.get(name, (0.0, 0.0))
            found[name] = (so_far[0] + hits * weight, so_far[1] + total * weight)
    return found


def _set_right(programs: Sequence[Counts]) -> tuple[Point, ...]:
    """Judge each program by the others: what was hit at each step of what was said, rising."""
    steps = [[0.0, 0.0, 0.0] for _ in range(STEPS)]
    for place, own in enumerate(programs):
        known = _drawn([*programs[:place], *programs[place + 1 :]])
        for key, (hits, total) in own.items():
            said = known(key)
            step = steps[min(int(said * STEPS), STEPS - 1)]
            for part, more in enumerate((said * total, hits, total)):
                step[part] += more
    points = [(said / n, hits / n) for said, hits, n in steps if n > FEWEST]
    rising = accumulate((hit for _, hit in points), max)
    return tuple(Point(said, hit) for (said, _), hit in zip(points, rising, strict=True))


def _read(points: Sequence[Point], said: float) -> float:
    """Return what is hit where something is said: between two points on the line of both."""
    if not points:
        return said
    place = bisect_left(points, said, key=lambda point: point.said)
    if place in (0, len(points)):
        return points[min(place, len(points) - 1)].hit
    low, high = points[place - 1], points[place]
    part = (said - low.said) / (high.said - low.said)
    return low.hit + part * (high.hit - low.hit)
