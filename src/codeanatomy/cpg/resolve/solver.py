"""The assignment graph: nodes hold sets of objects, copies carry them on, watches act on them.

A worklist solution of inclusion constraints (Andersen 1994), with differences propagated. Sets only
grow; every set has a bound, and the whole run has one.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet

    Watch = tuple[Callable[..., None], tuple[Any, ...]]

MOST_CONSTANTS = 12  # known texts and numbers of one node: beyond, any of their class
MOST_DEPTH = 40  # acts inside acts: deeper ones wait their turn
LONG = 1_000_000  # work after which code of the store has the bounds that all else has
MOST_WORK = 60_000_000  # objects carried along copies in one run
NOTHING: frozenset[int] = frozenset()  # most nodes hold nothing or one object: those are shared


class _Once(tuple[Any, ...]):
    """What is handed on once: equal to itself alone."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


class Solver:
    """The graph and its worklist; object 0 stands for what a bound cut off."""

    def __init__(self) -> None:
        """Start with no node."""
        self.values: list[AbstractSet[int]] = []  # to be read; `add` changes them
        self._alone: dict[int, frozenset[int]] = {}
        self._copies: list[int | dict[int, None] | None] = []  # one is kept without a dictionary
        self._watches: list[Watch | dict[Watch, None] | None] = []  # the same
        self._fresh: dict[int, list[int]] = {}
        self._queue: deque[int] = deque()
        self.most = 200  # values of one node: beyond, it holds the `limit` object instead
        self.most_own = 200  # the same, of objects that are code of the store or its instances
        self.own: set[int] = set()
        self.constants: dict[int, int] = {}  # a constant: some instance of its class
        self.work = 0
        self._depth = 0
        self._waiting: list[tuple[list[int], Callable[..., None], tuple[Any, ...]]] = []
        self.draining = False
        self.cut = 0  # nodes whose bound was hit

    def node(self) -> int:
        """Make a node."""
        return self.nodes(1)

    def nodes(self, count: int) -> int:
        """Make so many nodes in a row; return the first."""
        first = len(self.values)
        self.values.extend([NOTHING] * count)
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
            if len(held) >= self.most and value and self._is_too_much(value, len(held)):
                if 0 not in held:
                    self.cut += 1
                value = 0
            if value in held:
                return
        self._hold(node, held, value)
        if self._copies[node] is None and self._watches[node] is None:
            return
        fresh = self._fresh.get(node)
        if fresh is None:
            self._fresh[node] = [value]
            self._queue.append(node)
        else:
            fresh.append(value)

    def _hold(self, node: int, held: AbstractSet[int], value: int) -> None:
        if isinstance(held, set):
            held.add(value)
        elif held:
            self.values[node] = {*held, value}
        else:
            alone = self._alone.get(value)
            if alone is None:
                alone = self._alone[value] = frozenset((value,))
            self.values[node] = alone

    def _is_too_much(self, value: int, count: int) -> bool:
        if self.work > LONG:
            return True
        return count >= self.most_own or value not in self.own

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
            self._copies[source] = target
        elif isinstance(copies, dict):
            if target in copies:
                return
            copies[target] = None
        elif copies == target:
            return
        else:
            self._copies[source] = {copies: None, target: None}
        if self.values[source]:
            self.add_all(target, tuple(self.values[source]))

    def when(self, node: int, act: Callable[..., None], *given: Any) -> None:  # noqa: ANN401 - handed on unseen
        """Call `act(object, *given)` once for each object that the node ever holds.

        Asking the same again changes nothing: what a thing holds may be itself.
        """
        if self._is_watched(node, (act, given)):
            return
        if self.values[node]:
            fresh = self._fresh.get(node)
            late = set(fresh) if fresh else ()
            known = [value for value in self.values[node] if value not in late]
            if self._depth >= MOST_DEPTH:
                self._waiting.append((known, act, given))
                return
            self._depth += 1
            for value in known:
                act(value, *given)
            self._depth -= 1

    def _is_watched(self, node: int, watch: Watch) -> bool:
        """Note a watch of a node; return whether it was noted before."""
        try:
            hash(watch)
        except TypeError:  # a list among what is handed on: it counts as another each time
            watch = (watch[0], _Once(watch[1]))
        watches = self._watches[node]
        if watches is None:
            self._watches[node] = watch
        elif isinstance(watches, dict):
            if watch in watches:
                return True
            watches[watch] = None
        elif watches == watch:
            return True
        else:
            self._watches[node] = {watches: None, watch: None}
        return False

    def drain(self) -> None:  # noqa: C901 - the loop that everything waits for
        """Carry everything on until nothing changes, or the bound is hit."""
        if self.draining:
            return
        self.draining = True
        queue, fresh_of, values = self._queue, self._fresh, self.values
        copies_of, watches_of = self._copies, self._watches
        while (queue or self._waiting) and self.work < MOST_WORK:
            if self._waiting:
                self._act_on_waiting()
                continue
            node = queue.popleft()
            fresh = fresh_of.pop(node)
            copies = copies_of[node]
            if copies is not None:
                targets = tuple(copies) if isinstance(copies, dict) else (copies,)
                self.work += len(targets) * len(fresh)
                for target in targets:
                    held = values[target]
                    for value in fresh:
                        if value not in held:
                            self.add(target, value)
            watches = watches_of[node]
            if watches is not None:
                acts = tuple(watches) if isinstance(watches, dict) else (watches,)
                self.work += len(acts)
                for act, given in acts:
                    for value in fresh:
                        act(value, *given)
        self.draining = False

    def _act_on_waiting(self) -> None:
        """Do what stood too deep to be done at once."""
        waiting, self._waiting = self._waiting, []
        depth, self._depth = self._depth, 0
        for known, act, given in waiting:
            self.work += len(known)
            for value in known:
                act(value, *given)
        self._depth = depth

    def forget(self) -> None:
        """Let go of the graph, once all that it holds was read."""
        for part in (self.values, self._copies, self._watches):
            part.clear()
        self._alone.clear()

    @property
    def exhausted(self) -> bool:
        """Whether the bound of the whole run was hit."""
        return self.work >= MOST_WORK
