"""Edges of some kinds as sorted arrays: what leaves or reaches a node is a slice of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from codeanatomy.cpg.graph.snapshot import Snapshot

    Numbers = NDArray[np.int64]

_COLUMNS = "src, dst, kind, path, bstart, bend, line, method, confidence"


class Walk(NamedTuple):
    """The rows of the edges that were followed, the step of each, and how many nodes lie beyond.

    `beyond` counts the nodes at the last step that have further edges, which were not followed.
    """

    rows: Numbers
    steps: Numbers
    beyond: int

    def followed(self, steps: int) -> NDArray[np.bool_]:
        """Return of each row whether edges were followed on from its end; 0 steps has no bound."""
        return self.steps < (steps or len(self.rows) + 1)


class Web:
    """Edges by row, findable by either end; rows are numbered as in `edges`.

    `forward` follows edges from `src` to `dst`; without it, against their direction.
    """

    def __init__(self, edges: pa.Table, *, forward: bool = True) -> None:
        self.edges = edges
        self._nodes, src, dst = _numbered(edges)
        keys, self._there = (src, dst) if forward else (dst, src)
        self._order = np.argsort(keys, kind="stable")
        counts = np.bincount(keys, minlength=len(self._nodes))
        self._first = np.concatenate([[0], np.cumsum(counts)])

    def rows(self, nids: Iterable[int]) -> Numbers:
        """Return the rows of the edges that go on from these nodes, in order of node and row."""
        return self._rows(self._known(nids))

    def walk(self, start: Iterable[int], steps: int = 0, *, once: bool = False) -> Walk:
        """Follow edges breadth first, at most so many steps; 0 is until nothing is new.

        Every edge of every node that is reached is a row, also one that leads back; with `once`,
        only the first edge to each node. Raises nothing: cycles end where they close.
        """
        frontier = self._known(start)
        seen = np.zeros(len(self._nodes), dtype=np.bool_)
        seen[frontier] = True
        found, depths, step = [_NOTHING], [_NOTHING], 0
        while len(frontier) and (steps == 0 or step < steps):
            step += 1
            rows = self._rows(frontier)
            ends = self._there[rows]
            if once:
                fresh = np.flatnonzero(~seen[ends])
                first = np.unique(ends[fresh], return_index=True)[1]
                rows = rows[np.sort(fresh[first])]
            frontier = np.unique(ends[~seen[ends]])
            seen[frontier] = True
            found.append(rows)
            depths.append(np.full(len(rows), step, dtype=np.int64))
        beyond = int(np.count_nonzero(self._first[frontier + 1] > self._first[frontier]))
        return Walk(np.concatenate(found), np.concatenate(depths), beyond)

    def reached(self, start: Iterable[int]) -> Numbers:
        """Return the nodes that edges lead to from these, themselves included where known."""
        rows = self.walk(start, once=True).rows
        places = np.unique(np.concatenate([self._known(start), self._there[rows]]))
        return np.asarray(self._nodes[places], dtype=np.int64)

    def chain(self, start: Iterable[int], goal: Iterable[int]) -> Numbers | None:
        """Return the rows of a shortest way from one of these nodes to one of those.

        Of several the one by the first rows; None where there is no way. Breadth-first search
        that remembers the edge by which each node was reached.
        """
        frontier, wanted = self._known(start), self._known(goal)
        by = np.full(len(self._nodes), _UNSEEN)
        by[frontier] = _START
        while len(frontier) and (by[wanted] == _UNSEEN).all():
            rows = self._rows(frontier)
            ends = self._there[rows]
            new, first = np.unique(ends, return_index=True)
            fresh = by[new] == _UNSEEN
            by[new[fresh]] = rows[first[fresh]]
            frontier = new[fresh]
        ends = wanted[by[wanted] != _UNSEEN]
        return self._back(by, int(ends[0])) if len(ends) else None

    def _back(self, by: Numbers, node: int) -> Numbers:
        """Go back by the edges that nodes were reached by."""
        here = np.empty(len(self._order), dtype=np.int64)
        here[self._order] = np.repeat(np.arange(len(self._nodes)), np.diff(self._first))
        rows: list[int] = []
        while by[node] != _START:
            rows.append(int(by[node]))
            node = int(here[by[node]])
        return np.array(rows[::-1], dtype=np.int64)

    def _known(self, nids: Iterable[int]) -> Numbers:
        wanted = np.unique(np.fromiter(nids, dtype=np.int64))
        places = np.searchsorted(self._nodes, wanted)
        inside = places < len(self._nodes)
        wanted, places = wanted[inside], places[inside]
        return np.asarray(places[self._nodes[places] == wanted], dtype=np.int64)

    def _rows(self, places: Numbers) -> Numbers:
        starts, lengths = self._first[places], self._first[places + 1] - self._first[places]
        total = int(lengths.sum())
        offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
        if not total:
            return _NOTHING
        return np.asarray(self._order[offsets + np.arange(total)], dtype=np.int64)


_NOTHING = np.empty(0, dtype=np.int64)
_UNSEEN, _START = -2, -1


def _numbered(edges: pa.Table) -> tuple[Numbers, Numbers, Numbers]:
    """Return the nodes at the ends of edges, in order, and the place of each end among them."""
    ends = pa.chunked_array([*edges["src"].chunks, *edges["dst"].chunks], pa.int64())
    coded = ends.combine_chunks().dictionary_encode()
    nodes = coded.dictionary.to_numpy()
    order = np.argsort(nodes)
    place = np.empty(len(nodes), dtype=np.int64)
    place[order] = np.arange(len(nodes))
    numbers = place[coded.indices.to_numpy()]
    return nodes[order], numbers[: len(edges)], numbers[len(edges) :]


def edges_of(
    snapshot: Snapshot, *kinds: str, more: str = "", where: str = "", least: float = 0.0
) -> pa.Table:
    """Read the edges of these kinds, in the order of their places.

    `more` are further columns, `where` is a further condition. Above 0, `least` leaves out edges
    of less confidence and those whose confidence is null.
    """
    named = ", ".join(f"'{kind}'" for kind in kinds)
    floor = " and confidence >= $least" if least > 0 else ""
    found = snapshot.sql(
        f"select {_COLUMNS}{', ' if more else ''}{more} from _edges where kind in ({named})"  # noqa: S608 - our own words
        f"{floor}{f' and ({where})' if where else ''}",
        {"least": least} if floor else None,
    )
    return found.take(pc.sort_indices(found, [(name, "ascending") for name in _PLACE]))


_PLACE = ("path", "bstart", "bend", "src", "dst", "kind")
