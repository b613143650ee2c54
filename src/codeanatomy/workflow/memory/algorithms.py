"""What a whole graph says about its places: rank, component, clustering, degree, shortest path."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Edge = tuple[str, str]
_DAMPING, _CLOSE, _ROUNDS = 0.85, 1e-9, 100


def pagerank(places: Sequence[str], edges: Sequence[Edge]) -> dict[str, float]:
    """Return how likely a random walk stands at each place (Page et al. 1999); sums to 1."""
    out: dict[str, list[str]] = {place: [] for place in places}
    for source, target in edges:
        out[source].append(target)
    ranks = dict.fromkeys(places, 1 / len(places)) if places else {}
    for _ in range(_ROUNDS):
        lost = sum(ranks[place] for place in places if not out[place])
        base = (1 - _DAMPING + _DAMPING * lost) / max(1, len(places))
        new = dict.fromkeys(places, base)
        for place, targets in out.items():
            for target in targets:
                new[target] += _DAMPING * ranks[place] / len(targets)
        moved = sum(abs(new[place] - ranks[place]) for place in places)
        ranks = new
        if moved < _CLOSE:
            break
    return ranks


def components(places: Sequence[str], edges: Sequence[Edge]) -> dict[str, float]:
    """Return the number of the connected part each place is in, directions aside, from 0."""
    near = _near(places, edges)
    found: dict[str, float] = {}
    number = 0
    for start in places:
        if start in found:
            continue
        waiting = [start]
        while waiting:
            place = waiting.pop()
            if place not in found:
                found[place] = number
                waiting += near[place]
        number += 1
    return found


def clustering(places: Sequence[str], edges: Sequence[Edge]) -> dict[str, float]:
    """Return the share of the pairs of neighbours that are neighbours (Watts, Strogatz 1998)."""
    near = _near(places, edges)
    return {place: _share(near, near[place] - {place}) for place in places}


def degree(places: Sequence[str], edges: Sequence[Edge]) -> dict[str, float]:
    """Return how many edges end at each place."""
    counted = dict.fromkeys(places, 0.0)
    for source, target in edges:
        counted[source] += 1
        counted[target] += 1
    return counted


ALGORITHMS: dict[str, Callable[[Sequence[str], Sequence[Edge]], dict[str, float]]] = {
    "degree": degree,
    "local_clustering_coefficient": clustering,
    "pagerank": pagerank,
    "weakly_connected_component": components,
}


def shortest_path(edges: Iterable[Edge], start: str, end: str, most: int) -> list[str] | None:
    """Return the places of a shortest path along the edges, or None within `most` hops."""
    out: dict[str, list[str]] = {}
    for source, target in edges:
        out.setdefault(source, []).append(target)
    came: dict[str, str | None] = {start: None}
    waiting = deque([(start, 0)])
    while waiting:
        place, hops = waiting.popleft()
        if place == end:
            return _back(came, end)
        if hops < most:
            for target in out.get(place, ()):
                if target not in came:
                    came[target] = place
                    waiting.append((target, hops + 1))
    return None


def _back(came: dict[str, str | None], end: str) -> list[str]:
    path: list[str] = []
    place: str | None = end
    while place is not None:
        path.append(place)
        place = came[place]
    return path[::-1]


def _near(places: Sequence[str], edges: Iterable[Edge]) -> dict[str, set[str]]:
    near: dict[str, set[str]] = {place: set() for place in places}
    for source, target in edges:
        near[source].add(target)
        near[target].add(source)
    return near


def _share(near: dict[str, set[str]], around: set[str]) -> float:
    pairs = len(around) * (len(around) - 1)
    linked = sum(len(near[one] & around - {one}) for one in around)
    return linked / pairs if pairs else 0.0
