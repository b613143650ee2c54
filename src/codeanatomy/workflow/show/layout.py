"""Places the nodes of a picture in rows, as Sugiyama, Tagawa and Toda do (1981).

Rows by longest path without the arrows that go back; order in a row by the mean place of the
neighbours, four sweeps; an arrow over several rows passes through unseen nodes of no width.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.show.picture import Link, Picture

SWEEPS = 4
Point = tuple[float, float]
Name = str | tuple[int, int]  # a node, or (arrow, row) of an unseen one
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where everything is, in units of the caller's widths and heights."""

    width: float
    height: float
    centers: dict[str, Point]
    routes: list[tuple[Link, list[Point]]]  # from the border of the source to that of the target


def ranks(picture: Picture) -> dict[str, int]:
    """Give every node its row, from 0; START stands first, END last."""
    pairs = _forward(picture)
    before: dict[str, list[str]] = {shape.name: [] for shape in picture.shapes}
    for source, target in pairs:
        before[target].append(source)
    row: dict[str, int] = {}
    for name in _topological(picture, pairs):
        row[name] = 1 + max((row[source] for source in before[name]), default=-1)
    last = max(row.values(), default=0)
    for shape in picture.shapes:
        if shape.kind == "end":
            row[shape.name] = max(last, 0)
    return row


def place(
    picture: Picture,
    size: Callable[[str], Point],
    room: Callable[[Link], float] = lambda _: 0.0,
    *,
    gap_x: float = 28,
    gap_y: float = 46,
) -> Placed:
    """Place every node; `size` gives the width and height of one, `room` the width of a label."""
    rows, chains = _rows(picture)
    _order(rows, chains)
    height = max((size(s.name)[1] for s in picture.shapes), default=0.0)
    x = _across(rows, chains, size, gap_x)
    y = {i: height / 2 + i * (height + gap_y) for i in range(len(rows))}
    where = {name: (x[name], y[i]) for i, row in enumerate(rows) for name in row}
    right = [max((x[n] + _wide(n, size) / 2 for n in row), default=0.0) for row in rows]
    routes = [(link, _route(chain, where, size)) for link, chain in chains if _down(chain, where)]
    back = [(link, chain) for link, chain in chains if not _down(chain, where)]
    routes += _returns(back, where, size, room, right, gap_y + height)
    return Placed(
        max([*right, *(p[0] for _, points in routes for p in points)], default=0.0),
        len(rows) * (height + gap_y) - gap_y,
        {s.name: where[s.name] for s in picture.shapes},
        routes,
    )


def _forward(picture: Picture) -> Pairs:
    """List the arrows without those that close a circle."""
    known = {shape.name for shape in picture.shapes}
    after: dict[str, list[str]] = {name: [] for name in known}
    for link in picture.links:
        if link.target in known and link.source in known and link.source != link.target:
            after[link.source].append(link.target)
    state: dict[str, int] = {}
    kept: Pairs = []
    for shape in picture.shapes:
        if shape.name in state:
            continue
        state[shape.name] = 1
        path = [(shape.name, iter(after[shape.name]))]
        while path:
            node, rest = path[-1]
            target = next(rest, None)
            if target is None:
                state[node] = 2
                path.pop()
            elif state.get(target) != 1:
                kept.append((node, target))
                if target not in state:
                    state[target] = 1
                    path.append((target, iter(after[target])))
    return kept


def _topological(picture: Picture, pairs: Pairs) -> list[str]:
    missing = {shape.name: 0 for shape in picture.shapes}
    after: dict[str, list[str]] = {name: [] for name in missing}
    for source, target in pairs:
        missing[target] += 1
        after[source].append(target)
    ready = [name for name, count in missing.items() if not count]
    for name in ready:  # grows while it is walked
        for target in after[name]:
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    return ready


def _rows(picture: Picture) -> tuple[list[list[Name]], list[tuple[Link, list[Name]]]]:
    level = ranks(picture)
    rows: list[list[Name]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for shape in picture.shapes:
        rows[level[shape.name]].append(shape.name)
    chains: list[tuple[Link, list[Name]]] = []
    for number, link in enumerate(picture.links):
        if link.source not in level or link.target not in level:
            continue
        start, end = level[link.source], level[link.target]
        between = [(number, row) for row in range(start + 1, end)]
        for at in between:
            rows[at[1]].append(at)
        chains.append((link, [link.source, *between, link.target]))
    return rows, chains


def _order(rows: list[list[Name]], chains: list[tuple[Link, list[Name]]]) -> None:
    """Sort every row by the mean place of its neighbours above, then below, a few times."""
    near: dict[Name, list[Name]] = {name: [] for row in rows for name in row}
    for _, chain in chains:
        for a, b in pairwise(chain):
            near[a].append(b)
            near[b].append(a)
    level = {name: i for i, row in enumerate(rows) for name in row}
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        order = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
        for i in order:
            other = i - 1 if down else i + 1
            place_of = {name: p for p, name in enumerate(rows[other])}
            mean = {
                name: _mean([place_of[n] for n in near[name] if level[n] == other], p)
                for p, name in enumerate(rows[i])
            }
            rows[i].sort(key=mean.__getitem__)


def _across(
    rows: list[list[Name]],
    chains: list[tuple[Link, list[Name]]],
    size: Callable[[str], Point],
    gap: float,
) -> dict[Name, float]:
    """Pack every row, then pull nodes to the middle of their neighbours as far as they fit."""
    x: dict[Name, float] = {}
    for row in rows:
        at = 0.0
        for name in row:
            x[name] = at + _wide(name, size) / 2
            at += _wide(name, size) + gap
    near: dict[Name, list[Name]] = {name: [] for name in x}
    for _, chain in chains:
        for a, b in pairwise(chain):
            near[a].append(b)
            near[b].append(a)
    for sweep in range(6 * SWEEPS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            wanted = [_mean([x[n] for n in near[name]], x[name]) for name in row]
            x.update(zip(row, _apart(row, wanted, size, gap), strict=True))
    least = min((x[n] - _wide(n, size) / 2 for n in x), default=0.0)
    return {name: at - least for name, at in x.items()}


def _apart(
    row: list[Name], wanted: list[float], size: Callable[[str], Point], gap: float
) -> list[float]:
    """Return the places nearest to `wanted` that keep order and distance (pool of neighbours)."""
    offsets = [0.0]
    for a, b in pairwise(row):
        offsets.append(offsets[-1] + (_wide(a, size) + _wide(b, size)) / 2 + gap)
    pools: list[tuple[float, int]] = []  # mean, count
    for want, offset in zip(wanted, offsets, strict=True):
        mean, count = want - offset, 1
        while pools and pools[-1][0] > mean:
            old, size_of = pools.pop()
            mean = (old * size_of + mean * count) / (size_of + count)
            count += size_of
        pools.append((mean, count))
    base = [mean for mean, count in pools for _ in range(count)]
    return [b + o for b, o in zip(base, offsets, strict=True)]


def _route(
    chain: list[Name], where: dict[Name, Point], size: Callable[[str], Point]
) -> list[Point]:
    points = [where[name] for name in chain]
    first, last = chain[0], chain[-1]
    assert isinstance(first, str)  # noqa: S101 - a chain begins and ends at nodes
    assert isinstance(last, str)  # noqa: S101 - as above
    (x0, y0), (x1, y1) = points[0], points[-1]
    begin, end = (x0, y0 + size(first)[1] / 2), (x1, y1 - size(last)[1] / 2)
    return [begin, *points[1:-1], end]


def _down(chain: list[Name], where: dict[Name, Point]) -> bool:
    return where[chain[-1]][1] > where[chain[0]][1]


def _returns(
    chains: list[tuple[Link, list[Name]]],
    where: dict[Name, Point],
    size: Callable[[str], Point],
    room: Callable[[Link], float],
    right: list[float],
    row_height: float,
) -> list[tuple[Link, list[Point]]]:
    """Lead arrows back (or to where they began) past the right of all rows they cross."""
    found = []
    for number, (link, _) in enumerate(chains):
        (x0, y0), (x1, y1) = where[link.source], where[link.target]
        crossed = right[int(y1 // row_height) : int(y0 // row_height) + 1]
        lift = 8 if link.source == link.target else 0
        begin, end = x0 + size(link.source)[0] / 2, x1 + size(link.target)[0] / 2
        far = max(max(crossed, default=x0) + 26 + 14 * number, begin + room(link))
        points = [(begin, y0 + lift), (far, y0 + lift), (far, y1 - lift), (end, y1 - lift)]
        found.append((link, points))
    return found


def _wide(name: Name, size: Callable[[str], Point]) -> float:
    return size(name)[0] if isinstance(name, str) else 8.0


def _mean(values: list[float] | list[int], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
