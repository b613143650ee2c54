"""How often call targets are right, counted where programs were seen to run: the table of it.

A target is judged only at a place that was executed: it hits if it is among what ran there. One
key has the method, how many targets the place has, whether another witness agrees, and whether
the place is unresolved too. A frequency is (hits + K * prior) / (total + K): the prior of a key
is the frequency of its method, whose own prior is that of all.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.cpg.graph.traces import CODE, Sites, executed, trace_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from codeanatomy.cpg.graph.snapshot import Snapshot
    from codeanatomy.cpg.graph.traces import Executed, Target

K = 8  # so many imagined observations stand for the prior
WITNESSES = frozenset({"scip", "pyrefly"})
BUCKETS = ((1, "1"), (2, "2"), (5, "3-5"))


class Key(NamedTuple):
    """What is known of a target before it is judged; `targets` is 1, 2, 3-5 or 6+."""

    method: str
    targets: str
    agreement: bool
    incomplete: bool


class Judged(NamedTuple):
    """One target at one executed place, and whether it ran there."""

    key: Key
    hit: bool
    confidence: float | None
    nid: int
    callee: int


class Line(NamedTuple):
    """One line of the table."""

    key: Key
    hits: int
    total: int
    frequency: float


def key_of(target: Target, count: int, *, incomplete: bool) -> Key:
    """Return the key of one of `count` targets of a place."""
    agrees = bool(WITNESSES.intersection(target.sources.split(","))) and "," in target.sources
    return Key(target.method, bucket(count), agrees, incomplete)


def bucket(count: int) -> str:
    """Name how many targets there are: 1, 2, 3-5 or 6+."""
    return next((name for most, name in BUCKETS if count <= most), "6+")


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
    counts: dict[Key, list[int]] = {}
    for one in found:
        hits_total = counts.setdefault(one.key, [0, 0])
        hits_total[0] += one.hit
        hits_total[1] += 1
    priors = _priors(counts)
    return [
        Line(key, hits, total, (hits + K * priors[key.method]) / (total + K))
        for key, (hits, total) in sorted(counts.items())
    ]


def estimate(lines: Iterable[Line]) -> Estimate:
    """Make a table answer for every key, also for those it has no line of."""
    return Estimate(lines)


class Estimate:
    """The frequency of a key: of its line, else of its method, else of all."""

    def __init__(self, lines: Iterable[Line]) -> None:
        lines = list(lines)
        self._lines = {line.key: line.frequency for line in lines}
        self._methods = _priors({line.key: [line.hits, line.total] for line in lines})

    def of(self, key: Key) -> float | None:
        """Return the frequency of a key; None if nothing was judged at all."""
        method = self._methods.get(key.method, self._methods.get(""))
        return self._lines.get(key, method)


def to_csv(lines: Iterable[Line]) -> str:
    """Write a table as CSV, with a header."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow([*Key._fields, "hits", "total", "frequency"])
    for key, hits, total, frequency in lines:
        flags = ("yes" if flag else "no" for flag in (key.agreement, key.incomplete))
        out.writerow([key.method, key.targets, *flags, hits, total, f"{frequency:.4f}"])
    return text.getvalue()


def from_csv(text: str) -> list[Line]:
    """Read what `to_csv` wrote."""
    found = []
    for row in csv.DictReader(io.StringIO(text)):
        agreement, incomplete = row["agreement"] == "yes", row["incomplete"] == "yes"
        key = Key(row["method"], row["targets"], agreement, incomplete)
        found.append(Line(key, int(row["hits"]), int(row["total"]), float(row["frequency"])))
    return found


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


def _priors(counts: Mapping[Key, list[int]]) -> dict[str, float]:
    """Return the frequency of each method, drawn to that of all, which is under the name ''."""
    hits: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    for key, (right, total) in counts.items():
        hits[key.method] += right
        totals[key.method] += total
    if not totals:
        return {}
    every = hits.total() / totals.total()
    found = {name: (hits[name] + K * every) / (totals[name] + K) for name in totals}
    return {**found, "": every}


_MAKES = ("__init__", "__new__", "__call__")
