"""What a comparison found wrong, for whoever mends the resolver: grouped, with source lines."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from benchmarks.tracing import suites
from benchmarks.tracing.compare import is_own, outside_set, own_calls, pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.tracing.compare import Compared
    from codeanatomy.cpg.graph.traces import Executed

EXAMPLES = 4
Found = dict[str, list[str]]


def missing(found: Compared) -> Found:
    """List pairs that ran and are no CALLS edge, by what the graph says at their place."""
    groups: Found = defaultdict(list)
    say = _Lines(found)
    for (caller, callee), places in pairs(found).items():
        if (caller, callee) not in found.called:
            place = min(places, key=lambda p: bool(p.reasons))
            groups[_why(place, say.name(callee))].append(
                f"{say.at(place)}  ->  {say.name(callee)} ({say.where(callee)})"
            )
    return groups


def wrong(found: Compared) -> Found:
    """List targets of executed places that did not run there, by method and number of targets."""
    from codeanatomy.cpg.graph.calibrate import judged

    groups: Found = defaultdict(list)
    say = _Lines(found)
    for place in found.places:
        if not is_own(found.package, place.path):
            continue
        ran = say.ran(place)
        for one in judged([place]):
            if not one.hit:
                key = one.key
                mark = ", unresolved too" if key.incomplete else ""
                said = say.names.get(one.callee) or str(one.callee)
                groups[f"{key.method}, {key.targets} targets{mark}"].append(
                    f"{say.at(place)}  said {said}  ran {ran}"
                )
    return groups


def unresolved(found: Compared) -> Found:
    """List executed call expressions that are unresolved, by reason and by what ran."""
    groups: Found = defaultdict(list)
    say = _Lines(found)
    for place in own_calls(found):
        if place.reasons:
            inside = "code of the repository" if place.inside else "code outside"
            right = "missing" if outside_set(place) else "known all the same"
            ran = say.ran(place)
            groups[f"{place.reasons[0]}: {inside} ran, {right}"].append(
                f"{say.at(place)}  ran {ran}"
            )
    return groups


def show(groups: Found, limit: int) -> Iterator[str]:
    """Write groups, the largest first, with so many lines in all of each."""
    for title, lines in sorted(groups.items(), key=lambda item: -len(item[1])):
        yield f"{len(lines):5}  {title}"
        for line in sorted(lines)[:limit]:
            yield f"         {line}"


def summary(groups: Found) -> Counter[str]:
    """Count the lines of each group."""
    return Counter({title: len(lines) for title, lines in groups.items()})


def _why(place: Executed, callee: str) -> str:
    if place.reasons:
        return f"{place.site}: unresolved, {place.reasons[0]}"
    if place.site == "implicit":
        return f"implicit: no edge to {callee.rpartition('.')[2]}"
    if place.nid is None:
        return f"{place.site}: no such place in the graph"
    if place.targets:
        methods = ", ".join(sorted({target.method for target in place.targets}))
        return f"{place.site}: SILENT, other targets by {methods}"
    return f"{place.site}: SILENT, no target"


class _Lines:
    """The sources of a package, to quote from."""

    def __init__(self, found: Compared) -> None:
        self._root = suites.sources(found.package)
        self._texts: dict[str, bytes] = {}
        rows = found.graph.sql(
            "SELECT nid, qualified_name, path, line FROM nodes WHERE qualified_name IS NOT NULL"
        )
        self.names: dict[int, str] = {}
        self._places: dict[int, str] = {}
        for row in rows.to_arrow().to_pylist():
            self.names[row["nid"]] = row["qualified_name"]
            self._places[row["nid"]] = f"{row['path']}:{row['line']}"

    def name(self, nid: int) -> str:
        return self.names.get(nid, str(nid))

    def where(self, nid: int) -> str:
        return self._places.get(nid, "")

    def ran(self, place: Executed) -> str:
        names = sorted({*map(self.name, place.inside), *place.outside})
        more = f" and {len(names) - EXAMPLES} more" if len(names) > EXAMPLES else ""
        return ", ".join(names[:EXAMPLES]) + more

    def at(self, place: Executed) -> str:
        """Write a place as path, line and its text."""
        if place.path not in self._texts:
            self._texts[place.path] = (self._root / place.path).read_bytes()
        text = self._texts[place.path]
        line = text.count(b"\n", 0, place.start) + 1
        quoted = " ".join(text[place.start : place.end].decode("utf-8", "replace").split())
        return f"{place.path}:{line}  {quoted[:70]}"
