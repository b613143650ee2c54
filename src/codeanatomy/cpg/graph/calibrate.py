"""How often call targets are right, counted where programs were seen to run: the table of it.

A target is judged only at a place that was executed: it hits if it is among what ran there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.cpg.graph.frequencies import frequencies
from codeanatomy.cpg.graph.traces import CODE, Sites, executed, trace_files
from codeanatomy.cpg.resolve.confidence import Key, agrees, bucket

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from codeanatomy.cpg.graph.snapshot import Snapshot
    from codeanatomy.cpg.graph.traces import Executed, Target
    from codeanatomy.cpg.resolve.confidence import Line


class Judged(NamedTuple):
    """One target at one executed place, and whether it ran there."""

    key: Key
    hit: bool
    confidence: float | None
    nid: int
    callee: int


def key_of(target: Target, count: int, *, incomplete: bool) -> Key:
    """Return the key of one of `count` targets of a place."""
    return Key(target.method, bucket(count), agrees(target.sources), incomplete)


def calibrate(snapshot: Snapshot, traces: Path) -> list[Line]:
    """Make the table of a graph and of a trace, or a folder of traces.

    Raises `BadTraceError`, also where there is no trace.
    """
    sites = Sites(snapshot)
    return table(one for path in trace_files(traces) for one in judged(executed(sites, path)))


def judged(places: Iterable[Executed]) -> Iterator[Judged]:
    """Judge every target of every executed place that can be judged.

    A class that runs no code of the store leaves no trace of its own: it is not judged. Targets
    outside are compared by name, as what ran is known by its name only.
    """
    for place in places:
        if place.nid is None or not (place.inside or place.outside):
            continue
        count = len({target.nid for target in place.targets})
        for target in place.targets:
            hit = _hit(place, target)
            if hit is not None:
                key = key_of(target, count, incomplete=bool(place.reasons))
                yield Judged(key, hit, target.confidence, place.nid, target.nid)


def table(found: Iterable[Judged]) -> list[Line]:
    """Count hits by key, and estimate the frequency of each."""
    return table_of([found])


def table_of(programs: Iterable[Iterable[Judged]]) -> list[Line]:
    """Do so for what was judged in several programs."""
    return frequencies([_counts(found) for found in programs])


def _counts(found: Iterable[Judged]) -> dict[Key, list[int]]:
    counts: dict[Key, list[int]] = {}
    for one in found:
        hits_total = counts.setdefault(one.key, [0, 0])
        hits_total[0] += one.hit
        hits_total[1] += 1
    return counts


def _hit(place: Executed, target: Target) -> bool | None:
    if target.kind in CODE:
        return target.nid in place.inside or target.nid in place.through
    if target.kind == "class":
        return None
    if _named(target.name, place.outside):
        return True
    return None if _silent(target) or not place.outside else False


def _named(name: str, outside: frozenset[str]) -> bool:
    """Say whether a target outside is one of the names that ran: its last part is theirs."""
    last = name.rpartition(".")[2]
    for ran in outside:
        parts = ran.split(".")
        if parts[-1] == last or (parts[-1] in _MAKES and last[:1].isupper()):
            return True  # what a class is made by may be inherited, and bear another class's name
        if parts[-1] in _MAKES and parts[-2:-1] == [last]:
            return True
    return False


def _silent(target: Target) -> bool:
    """Say whether a call of it leaves no trace: a type that is written in C."""
    import builtins  # noqa: PLC0415 - a name that hides what it holds

    name = target.name.removeprefix("builtins.")
    return isinstance(getattr(builtins, name, None), type)


_MAKES = ("__init__", "__new__", "__call__")
