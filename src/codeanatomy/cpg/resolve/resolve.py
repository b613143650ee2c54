"""The stage as a whole: how values move through every file becomes calls, types and overrides."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from codeanatomy.cpg.resolve.answers import answers, exceptions, overrides
from codeanatomy.cpg.resolve.loading import load_units
from codeanatomy.cpg.resolve.rows import Edge, Rows, Site, Spot
from codeanatomy.cpg.resolve.waves import solve

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from codeanatomy.cpg.link.rows import HandOut
    from codeanatomy.cpg.resolve.answers import Answers, End, Target
    from codeanatomy.cpg.resolve.modules import Finder
    from codeanatomy.cpg.resolve.resolver import Resolver

    Spots = dict[tuple[int, int], Spot]

DEEP = 100_000  # Python frames that a run may take; they live on the heap


class Program(NamedTuple):
    """What every file of a store gives the resolver, one table a kind of fact."""

    modules: pa.Table
    files: Mapping[int, tuple[str, str]]  # a file's repository and path
    bodies: pa.Table
    steps: pa.Table
    arguments: pa.Table  # `ast_args`
    step_nodes: pa.Table
    tolerant_calls: pa.Table  # call sites of files that Python cannot parse: nid, bstart, bend
    builtins: Mapping[str, int]
    file_lines: pa.Table


class Resolved(NamedTuple):
    """Nodes and edges of calls and types, and what the run says of itself."""

    nodes: pa.Table
    edges: pa.Table
    tolerant: np.ndarray  # nodes of call sites in files that Python cannot parse
    facts: dict[str, int]


def resolve(program: Program, finder: Finder, numbers: HandOut) -> Resolved:
    """Resolve every call of a store.

    Files are taken in order of repository and path, so that the same sources give the same rows.
    `numbers` hands out those of nodes without a file.
    """
    resting, deep = gc.isenabled(), sys.getrecursionlimit()
    gc.disable()  # objects are many, and live as long as the run
    sys.setrecursionlimit(max(deep, DEEP))
    try:
        return _resolve(program, finder, numbers)
    finally:
        sys.setrecursionlimit(deep)
        if resting:
            gc.enable()


def _resolve(program: Program, finder: Finder, numbers: HandOut) -> Resolved:
    units = load_units(_modules(program), program.bodies, program.steps)
    r = solve(units, finder)
    found = answers(r)
    spots, applied = _spots(program.step_nodes)
    rows = Rows(program.files, program.builtins, set())
    told = Told(rows, spots, applied)
    told.calls(found)
    told.silent(program)
    told.arguments(r, program.arguments)
    for method, above in overrides(r):
        told.relate("OVERRIDES", method, above, "override")
    for kind, caller, at, cls in exceptions(r):
        told.relate(kind, caller, cls, "type flow", at)
    nodes, edges = rows.tables(numbers, program.file_lines)
    tolerant = program.tolerant_calls["nid"].to_numpy().astype(np.int64)
    return Resolved(nodes, edges, tolerant, _facts(r))


def _modules(program: Program) -> list[dict[str, object]]:
    """Return the modules in order of repository and path: numbers depend on a store's past."""
    found = program.modules.to_pylist()
    for module in found:
        module["path"] = program.files[module["file_no"]][1]
    return sorted(found, key=lambda m: (m["repo"], m["path"]))


def _facts(r: Resolver) -> dict[str, int]:
    return {
        "frames": len(r.frames), "nodes": len(r.solver.values), "objects": len(r.info),
        "work": r.solver.work, "cut": r.solver.cut, "exhausted": int(r.solver.exhausted),
        "outside": sum(unit.outside for unit in r.units),
    }  # fmt: skip


def _spots(step_nodes: pa.Table) -> tuple[Spots, Spots]:
    """Look up syntax nodes, and applications of decorators, by file and number."""
    names = ("kind", "file_no", "node", "nid", "bstart", "bend", "name_bstart", "name_bend")
    spots: Spots = {}
    applied: Spots = {}
    for kind, file_no, node, *spot in zip(
        *(step_nodes[name].to_pylist() for name in names), strict=True
    ):
        (applied if kind == "@" else spots)[file_no, node] = Spot(*spot)
    return spots, applied


class Told:
    """Turns answers into edges."""

    def __init__(self, rows: Rows, spots: Spots, applied: Spots) -> None:
        self._rows, self._spots, self._applied = rows, spots, applied
        self._known: set[int] = set()  # call sites that something was said of

    def calls(self, found: Answers) -> None:
        """Add CALL_TARGET, CALLS and UNRESOLVED."""
        several: dict[object, int] = {}
        for target in found.targets:
            source = self._source(target)
            several[source] = several.get(source, 0) + 1
        pairs: dict[tuple[int, object], list[int]] = {}
        for target in found.targets:
            source, callee = self._source(target), self._end(target.callee)
            spot = self._spot(target)
            group = source if several[source] > 1 else None
            edge = Edge("CALL_TARGET", source, callee, target.spot[0], spot.name_bstart,
                        spot.name_bend, target.method, group=group)  # fmt: skip
            self._rows.add(edge)
            if isinstance(source, int):
                self._known.add(source)
            key = (self._spots[target.caller].nid, callee)
            place = (spot.name_bstart << 32) | spot.name_bend
            pairs.setdefault(key, []).append(place)
        for (caller, callee), places in pairs.items():
            first = min(places)
            self._rows.add(Edge("CALLS", caller, callee, caller >> 32, first >> 32,
                                first & 0xFFFFFFFF, "calls", count=len(places)))  # type: ignore[arg-type] # ends  # fmt: skip
        for open_ in found.open:
            spot = self._spots[open_.spot]
            self._unresolved(spot.nid, open_.spot[0], spot, open_.reason)

    def _unresolved(self, nid: int, file_no: int, spot: Spot, reason: str) -> None:
        self._known.add(nid)
        place = Site(file_no, spot.name_bstart, spot.name_bend, "unresolved", reason, nid)
        self._rows.add(Edge("UNRESOLVED", nid, place, file_no, spot.name_bstart, spot.name_bend,
                            "call", role="call", reason=reason))  # fmt: skip

    def silent(self, program: Program) -> None:
        """Say of calls that nothing was said of why that is so."""
        for (file_no, _), spot, kind in _calls(program.step_nodes, self._spots):
            if kind == "Call" and spot.nid not in self._known:
                self._unresolved(spot.nid, file_no, spot, "unreached")
        for nid, start, stop in zip(
            *(program.tolerant_calls[c].to_pylist() for c in ("nid", "bstart", "bend")), strict=True
        ):
            self._unresolved(nid, nid >> 32, Spot(nid, start, stop, start, stop), "unparsed")

    def arguments(self, r: Resolver, arguments: pa.Table) -> None:
        """Add ARGUMENT_TO_PARAMETER."""
        listed: dict[tuple[int, int], list[tuple[int, int]]] = {}
        names = ("file_no", "call", "position", "node")
        for file_no, call, position, node in zip(
            *(arguments[name].to_pylist() for name in names), strict=True
        ):
            place = 1 << 30 if position is None else position
            listed.setdefault((file_no, call), []).append((place, node))
        for (unit, call, place, _), parameters in sorted(r.arguments.items()):
            file_no = r.units[unit].file_no
            given = sorted(listed.get((file_no, call), ()))
            if place >= len(given):
                continue
            spot = self._spots.get((file_no, given[place][1]))
            for other, parameter in parameters:
                target = self._spots.get((r.units[other].file_no, parameter))
                if spot is not None and target is not None:
                    self._rows.add(Edge("ARGUMENT_TO_PARAMETER", spot.nid, target.nid, file_no,
                                        spot.bstart, spot.bend, "call"))  # fmt: skip

    def relate(
        self, kind: str, source: tuple[int, int], target: End, method: str,
        at: tuple[int, int] | None = None,
    ) -> None:  # fmt: skip
        """Add an edge from a definition to another, or to what lies outside."""
        spot = self._spots[at or source]
        self._rows.add(Edge(kind, self._spots[source].nid, self._end(target), source[0],
                            spot.name_bstart, spot.name_bend, method))  # fmt: skip

    def _spot(self, target: Target) -> Spot:
        if target.method == "decorator" and target.spot in self._applied:
            return self._applied[target.spot]
        return self._spots[target.spot]

    def _source(self, target: Target) -> int | Site:
        spot = self._spot(target)
        if not target.name:
            return spot.nid
        file_no = target.spot[0]
        return Site(file_no, spot.bstart, spot.bend, "call site", target.name, spot.nid)

    def _end(self, callee: End) -> int | str:
        return callee if isinstance(callee, str) else self._spots[callee].nid


def _calls(step_nodes: pa.Table, spots: Spots) -> list[tuple[tuple[int, int], Spot, str]]:
    keys = zip(*(step_nodes[n].to_pylist() for n in ("file_no", "node", "kind")), strict=True)
    return [((f, n), spots[f, n], kind) for f, n, kind in keys if kind == "Call"]

