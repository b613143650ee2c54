"""The assignment graph: nodes hold sets of objects, copies carry them on, watches act on them.

A worklist solution of inclusion constraints (Andersen 1994), with differences propagated. Sets only
grow; every set has a bound, and the whole run has one.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Watch = tuple[Callable[..., None], tuple[Any, ...]]

MOST_CONSTANTS = 12  # known texts and numbers of one node: beyond, any of their class
MOST_WORK = 60_000_000  # objects carried along copies in one run


class Solver:
    """The graph and its worklist; object 0 stands for what a bound cut off."""

    def __init__(self) -> None:
        """Start with no node."""
        self.values: list[set[int]] = []
        self._copies: list[dict[int, None] | None] = []
        self._watches: list[list[Watch] | None] = []
        self._fresh: dict[int, list[int]] = {}
        self._queue: deque[int] = deque()
        self.most = 200  # values of one node: beyond, it holds the `limit` object instead
        self.constants: dict[int, int] = {}  # a constant: some instance of its class
        self.work = 0
        self._asked: set[tuple[Any, ...]] = set()
        self.draining = False
        self.cut = 0  # nodes whose bound was hit

    def node(self) -> int:
        """Make a node."""
        return self.nodes(1)

    def nodes(self, count: int) -> int:
        """Make so many nodes in a row; return the first."""
        first = len(self.values)
        self.values.extend([set() for _ in range(count)])
        self._copies.extend([None] * count)
        self._watches.extend([None] * count)
        return first

    def add(self, node: int, value: int) -> None:
        """Put an object into a node."""
        held = self.values[node]
        if value in held:
            return
        if len(held) >= MOST_CONSTANTS:
            value = self.constants.get(value, value)
            if len(held) >= self.most and value:
                if 0 not in held:
                    self.cut += 1
                value = 0
            if value in held:
                return
        held.add(value)
        if self._copies[node] is None and self._watches[node] is None:
            return
        fresh = self._fresh.get(node)
        if fresh is None:
            self._fresh[node] = [value]
            self._queue.append(node)
        else:
            fresh.append(value)

    def add_all(self, node: int, values: Iterable[int]) -> None:
        """Put objects into a node."""
        held = self.values[node]
        for value in values:
            if value not in held:
                self.add(node, value)

    def copy(self, source: int, target: int) -> None:
        """Let all that `source` ever holds be in `target` too."""
        if source == target:
            return
        copies = self._copies[source]
        if copies is None:
            copies = self._copies[source] = {}
        elif target in copies:
            return
        copies[target] = None
        if self.values[source]:
            self.add_all(target, tuple(self.values[source]))

    def when(self, node: int, act: Callable[..., None], *given: Any) -> None:  # noqa: ANN401 - handed on unseen
        """Call `act(object, *given)` once for each object that the node ever holds."""
        watches = self._watches[node]
        if watches is None:
            watches = self._watches[node] = []
        watches.append((act, given))
        if self.values[node]:
            fresh = self._fresh.get(node)
            late = set(fresh) if fresh else ()
            for value in tuple(self.values[node]):
                if value not in late:
                    act(value, *given)

    def once(self, node: int, act: Callable[..., None], *given: Any) -> None:  # noqa: ANN401 - handed on unseen
        """Do as `when` does, unless that was asked for before: what a thing holds may be itself."""
        key = (node, act, given)
        if key not in self._asked:
            self._asked.add(key)
            self.when(node, act, *given)

    def drain(self) -> None:
        """Carry everything on until nothing changes, or the bound is hit."""
        if self.draining:
            return
        self.draining = True
        queue, fresh_of, values = self._queue, self._fresh, self.values
        copies_of, watches_of = self._copies, self._watches
        while queue and self.work < MOST_WORK:
            node = queue.popleft()
            fresh = fresh_of.pop(node)
            copies = copies_of[node]
            if copies:
                self.work += len(copies) * len(fresh)
                for target in tuple(copies):
                    held = values[target]
                    for value in fresh:
                        if value not in held:
                            self.add(target, value)
            watches = watches_of[node]
            if watches:
                self.work += len(watches)
                for act, given in tuple(watches):
                    for value in fresh:
                        act(value, *given)
        self.draining = False

    @property
    def exhausted(self) -> bool:
        """Whether the bound of the whole run was hit."""
        return self.work >= MOST_WORK
