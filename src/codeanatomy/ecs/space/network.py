"""A network: nodes joined by edges, each node's neighbours as one slice of an array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from codeanatomy.ecs.errors import InvalidSpaceError

if TYPE_CHECKING:
    import numpy.typing as npt

    from codeanatomy.ecs.arrays import Ids, Numbers


@dataclass(frozen=True, eq=False)
class Network:
    """Nodes 0 .. n-1; `other[start[i]:start[i + 1]]` are the neighbours of node i, ascending.

    Compressed sparse rows: read-only arrays that go into compiled turns as they are. An
    undirected edge stands in the slices of both its ends.
    """

    start: Ids
    other: Ids

    @classmethod
    def of(cls, nodes: int, edges: object, *, directed: bool = False) -> Network:
        """Join nodes by edges (m, 2); an edge said twice is one, and none leads to its start."""
        held = np.asarray(edges, dtype=np.int64).reshape(-1, 2)
        if held.size and not (held.min() >= 0 and held.max() < nodes):
            raise InvalidSpaceError(f"edges join nodes from 0 to {nodes - 1}", nodes=nodes)
        held = held[held[:, 0] != held[:, 1]]
        both = held if directed else np.vstack([held, held[:, ::-1]])
        keys = np.unique(both[:, 0] * nodes + both[:, 1])
        start = np.zeros(nodes + 1, np.int64)
        np.cumsum(np.bincount(keys // max(nodes, 1), minlength=nodes), out=start[1:])
        other = keys % max(nodes, 1)
        for array in (start, other):
            array.flags.writeable = False
        return cls(start, other)

    @classmethod
    def ring(cls, nodes: int, each: int = 2) -> Network:
        """Join every node to the `each` nearest on a ring, half of them on either side."""
        if each < 0 or each % 2 or each >= max(nodes, 1):
            raise InvalidSpaceError(
                f"{nodes} nodes on a ring have an even number of neighbours below {nodes}, "
                f"not {each}"
            )
        node = np.arange(nodes)
        steps = [np.column_stack([node, (node + s) % nodes]) for s in range(1, each // 2 + 1)]
        return cls.of(nodes, np.vstack(steps) if steps else [])

    @classmethod
    def random(cls, nodes: int, probability: float, chance: np.random.Generator) -> Network:
        """Join every pair with the same probability (Erdos and Renyi, G(n, p))."""
        if not 0 <= probability <= 1:
            raise InvalidSpaceError(f"a probability is from 0 to 1, not {probability}")
        pairs = nodes * (nodes - 1) // 2
        count = int(chance.binomial(pairs, probability)) if pairs else 0
        return cls.of(nodes, _pair(_distinct(pairs, count, chance)))

    @classmethod
    def small_world(
        cls, nodes: int, each: int, rewired: float, chance: np.random.Generator
    ) -> Network:
        """Take a ring and lead each edge elsewhere with a probability (Watts, Strogatz 1998)."""
        edges = cls.ring(nodes, each).edges()
        joined = {(int(a), int(b)) for a, b in edges}
        for place in np.flatnonzero(chance.random(len(edges)) < rewired).tolist():
            a, b = (int(end) for end in edges[place])
            target = int(chance.integers(0, nodes))
            new = (min(a, target), max(a, target))
            if target != a and new not in joined:
                joined.remove((a, b))
                joined.add(new)
        return cls.of(nodes, sorted(joined))

    @property
    def nodes(self) -> int:
        """The number of nodes."""
        return len(self.start) - 1

    @property
    def degree(self) -> Ids:
        """The number of neighbours of each node."""
        found: Ids = np.diff(self.start)
        return found

    def neighbours(self, node: int) -> Ids:
        """Give the neighbours of one node."""
        if not 0 <= node < self.nodes:
            raise InvalidSpaceError(f"nodes go from 0 to {self.nodes - 1}, not {node}", node=node)
        return self.other[self.start[node] : self.start[node + 1]]

    def sum_around(self, values: Numbers) -> Numbers:
        """Give for every node the sum of the values of its neighbours; of no values, none."""
        held = np.asarray(values)
        if not held.size:
            return held  # the rows of a table that is visited in the tick before its first
        if held.shape != (self.nodes,):
            raise InvalidSpaceError(
                f"one value for each of {self.nodes} nodes, not {held.shape}", shape=held.shape
            )
        kind = np.int64 if held.dtype.kind in "bi" else np.float64
        running = np.zeros(len(self.other) + 1, kind)
        if kind is np.float64:  # a running sum would lose what is small beside what is large
            row = np.repeat(np.arange(self.nodes), self.degree)
            return np.bincount(row, weights=held[self.other], minlength=self.nodes)
        np.cumsum(held[self.other], out=running[1:])
        found: Numbers = running[self.start[1:]] - running[self.start[:-1]]
        return found

    def any_around(self, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Say for every node whether the mask holds for one of its neighbours."""
        found: npt.NDArray[np.bool_] = self.sum_around(np.asarray(mask, np.bool_)) > 0
        return found

    def edges(self) -> Ids:
        """Give each edge once, from its smaller end: (m, 2); of a directed network, all."""
        row = np.repeat(np.arange(self.nodes), self.degree)
        both = np.column_stack([row, self.other])
        reverse = set(map(tuple, both[:, ::-1].tolist()))
        if reverse == set(map(tuple, both.tolist())):
            both = both[both[:, 0] < both[:, 1]]
        found: Ids = both.astype(np.int64)
        return found


def _distinct(most: int, count: int, chance: np.random.Generator) -> Ids:
    """Draw so many different numbers below a bound that may be huge."""
    if count * 2 > most:
        found: Ids = np.sort(chance.permutation(most)[:count])
        return found
    drawn = np.unique(chance.integers(0, max(most, 1), count)) if count else np.empty(0, np.int64)
    while len(drawn) < count:
        more = chance.integers(0, most, count - len(drawn))
        drawn = np.unique(np.concatenate([drawn, more]))
    return drawn


def _pair(number: Ids) -> Ids:
    """Give the pair (i < j) with each number, counted along the columns j = 1, 2, ..."""
    j = ((1 + np.sqrt(1 + 8.0 * number)) / 2).astype(np.int64)
    j = np.where(j * (j - 1) // 2 > number, j - 1, j)
    j = np.where((j + 1) * j // 2 <= number, j + 1, j)
    return np.column_stack([number - j * (j - 1) // 2, j])
