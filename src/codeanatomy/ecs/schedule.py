"""The schedule: which processor runs when, on which tables, and which of them disagree."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.ecs.archetype import archetype, matches
from codeanatomy.ecs.errors import InvalidProcessorError
from codeanatomy.ecs.processors import processor_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codeanatomy.ecs.archetype import Archetype
    from codeanatomy.ecs.components import Components
    from codeanatomy.ecs.processors import Processor


class Conflict(NamedTuple):
    """Two processors of one priority touch a component and one writes it: order decides."""

    priority: int
    first: str
    second: str
    component: str
    kind: str  # write-write, read-write (the first reads), write-read (the first writes)


@dataclass(frozen=True)
class Planned:
    """A processor whose components are known to the world."""

    processor: Processor
    has: frozenset[str]
    without: frozenset[str]
    visible: frozenset[str] | None  # column names; none: every column
    writable: frozenset[str]  # column names
    groups: tuple[Archetype, ...] | None

    def wants(self, found: Archetype) -> bool:
        """Say whether the processor visits this table."""
        return matches(found, self.has, self.without)


class Schedule:
    """Processors by ascending priority, ties in the order of registration."""

    def __init__(self, components: Components, processors: Iterable[object] = ()) -> None:
        self._components = components
        self._planned: tuple[Planned, ...] = ()
        for found in processors:
            self.add(found)

    def add(self, found: object) -> Processor:
        """Take a processor in; its name must be new."""
        made = processor_of(found)
        if any(planned.processor.name == made.name for planned in self._planned):
            raise InvalidProcessorError(
                f"there is a processor {made.name!r} already; give this one another name",
                name=made.name,
            )
        planned = self._plan(made)
        self._planned = tuple(
            sorted((*self._planned, planned), key=lambda each: each.processor.priority)
        )
        return made

    def remove(self, name: str) -> Processor:
        """Take a processor out by its name."""
        for planned in self._planned:
            if planned.processor.name == name:
                self._planned = tuple(each for each in self._planned if each is not planned)
                return planned.processor
        raise InvalidProcessorError(
            f"no processor {name!r}; there are {', '.join(self.names) or 'none'}", name=name
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The processors in the order they run."""
        return tuple(planned.processor.name for planned in self._planned)

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Where only the order of registration decides who sees whose writes."""
        return tuple(
            conflict
            for first, second in combinations(self._planned, 2)
            if first.processor.priority == second.processor.priority
            for conflict in _conflicts(first, second)
        )

    def __iter__(self) -> Iterator[Planned]:
        return iter(self._planned)

    def __len__(self) -> int:
        return len(self._planned)

    def _plan(self, made: Processor) -> Planned:
        names = self._names
        reads, writes, without = names(made.reads), names(made.writes), names(made.without)
        has = frozenset((*reads, *writes)) if made.archetypes is None else frozenset()
        groups = None if made.archetypes is None else tuple(map(names, made.archetypes))
        visible = None
        if has:
            visible = frozenset(c.name for c in self._components.columns(has))
        writable = frozenset(c.name for c in self._components.columns(writes))
        return Planned(made, has, frozenset(without), visible, writable, groups)

    def _names(self, parts: Iterable[object]) -> Archetype:
        return archetype(self._components.named(part).name for part in parts)


def _conflicts(first: Planned, second: Planned) -> Iterator[Conflict]:
    ours, theirs = _touched(first), _touched(second)
    for name in sorted(ours.keys() & theirs.keys()):
        if ours[name] or theirs[name]:
            kind = "-".join("write" if writes else "read" for writes in (ours[name], theirs[name]))
            yield Conflict(
                first.processor.priority, first.processor.name, second.processor.name, name, kind
            )


def _touched(planned: Planned) -> dict[str, bool]:
    """Give the components a processor touches, and whether it writes them."""
    writes = {name.partition("__")[0] for name in planned.writable}
    seen = set(planned.has).union(*(planned.groups or ()))
    return {name: name in writes for name in seen | writes}
