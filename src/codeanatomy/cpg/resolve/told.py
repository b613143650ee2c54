"""What is told of a program: answers of a finished run become edges between nodes of the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.cpg.link.rows import Shared
from codeanatomy.cpg.resolve.rows import Edge, Rows, Site, Spot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codeanatomy.cpg.resolve.answers import Answers, End, Target
    from codeanatomy.cpg.resolve.holdings import Holding
    from codeanatomy.cpg.resolve.resolver import Resolver

    Spots = dict[tuple[int, int], Spot]
    Places = Mapping[tuple[object, ...], tuple[int, int, int]]  # a node and its span

_HOLDING = ("variable", "attribute")  # parameters are found by their syntax


def spots_of(step_nodes: pa.Table) -> tuple[Spots, Spots]:
    """Look up syntax nodes, and applications of decorators, by file and number."""
    spots: Spots = {}
    applied: Spots = {}
    columns = _columns(step_nodes, "kind", "file_no", "node", "nid", "bstart", "bend",
                       "name_bstart", "name_bend")  # fmt: skip
    for kind, file_no, node, *spot in zip(*columns, strict=True):
        (applied if kind == "@" else spots)[file_no, node] = Spot(*spot)
    return spots, applied


def names_of(bindings: pa.Table) -> Places:
    """Look up what names bind that is no definition, by file, scope and name."""
    rows = bindings.filter(pc.is_in(bindings["kind"], pa.array(_HOLDING)))
    columns = _columns(rows, "file_no", "scope", "name", "nid", "bstart", "bend")
    return {row[:3]: row[3:] for row in zip(*columns, strict=True)}


def attributes_of(class_attributes: pa.Table) -> Places:
    """Look up attributes by file, class and name."""
    columns = _columns(class_attributes, "file_no", "node", "name", "nid", "bstart", "bend")
    return {row[:3]: row[3:] for row in zip(*columns, strict=True)}


def definitions_of(ast_defs: pa.Table, spots: Spots) -> dict[tuple[int, int, int], int]:
    """Look up definitions by the place of their name."""
    named = ast_defs.filter(pc.is_valid(ast_defs["name_bstart"]))
    columns = _columns(named, "file_no", "node", "name_bstart", "name_bend")
    return {(f, a, b): spots[f, n].nid
            for f, n, a, b in zip(*columns, strict=True) if (f, n) in spots}  # fmt: skip


def written_calls(step_nodes: pa.Table) -> dict[tuple[int, int, int], int]:
    """Look up call expressions by the last identifier of what they call."""
    rows = step_nodes.filter(pc.equal(step_nodes["kind"], "Call"))
    columns = _columns(rows, "file_no", "name_bstart", "name_bend", "nid")
    return {row[:3]: row[3] for row in zip(*columns, strict=True)}


def callers(r: Resolver, spots: Spots) -> dict[int, int]:
    """Map each node that a step stands for to the definition whose code it is part of."""
    found: dict[int, int] = {}
    for unit in r.units:
        for body in () if unit.outside else unit.bodies:
            owner = spots[unit.file_no, body.node].nid
            for step in body.steps:
                spot = spots.get((unit.file_no, step.node))
                if spot is not None and step.op != "param":
                    found.setdefault(spot.nid, owner)
    return found


def set_on_self(class_attributes: pa.Table) -> dict[tuple[int, int], set[str]]:
    """Return the names of attributes by file and class."""
    found: dict[tuple[int, int], set[str]] = {}
    for file_no, node, name in zip(*_columns(class_attributes, "file_no", "node", "name"),
                                   strict=True):  # fmt: skip
        found.setdefault((file_no, node), set()).add(name)
    return found


class Told:
    """Turns answers into edges."""

    def __init__(self, rows: Rows, spots: Spots, applied: Spots) -> None:
        self._rows, self._spots, self._applied = rows, spots, applied
        self._known: set[int] = set()  # call sites that something was said of
        self.callers: dict[object, int] = {}  # what calls: the definition whose code it is

    def calls(self, found: Answers) -> None:
        """Add CALL_TARGET, CALLS and UNRESOLVED."""
        several: dict[object, int] = {}
        for target in found.targets:
            source = self._source(target)
            several[source] = several.get(source, 0) + 1
        pairs: dict[tuple[int, int | str], list[int]] = {}
        for target in found.targets:
            source = self._source(target)
            callee = self._end(target.callee)
            spot = self._spot(target)
            group = source if several[source] > 1 else None
            edge = Edge("CALL_TARGET", source, callee, target.spot[0], spot.name_bstart,
                        spot.name_bend, target.method, group=group)  # fmt: skip
            self._rows.add(edge)
            if isinstance(source, int):
                self._known.add(source)
            self.callers[source] = self._spots[target.caller].nid
            key = (self._spots[target.caller].nid, callee)
            place = (spot.name_bstart << 32) | spot.name_bend
            pairs.setdefault(key, []).append(place)
        for (caller, callee), places in pairs.items():
            first = min(places)
            self._rows.add(Edge("CALLS", caller, callee, caller >> 32, first >> 32,
                                first & 0xFFFFFFFF, "calls", times=len(places)))  # fmt: skip
        for open_ in found.open:
            spot = self._spots[open_.spot]
            self._unresolved(spot.nid, open_.spot[0], spot, open_.reason)

    def _unresolved(self, nid: int, file_no: int, spot: Spot, reason: str) -> None:
        self._known.add(nid)
        place = Site(file_no, spot.name_bstart, spot.name_bend, "unresolved", reason, nid)
        self._rows.add(Edge("UNRESOLVED", nid, place, file_no, spot.name_bstart, spot.name_bend,
                            "call", role="call", reason=reason))  # fmt: skip

    def silent(self, step_nodes: pa.Table, tolerant: pa.Table, reason: str) -> None:
        """Say of calls that nothing was said of why that is so: `reason`, where Python parses."""
        written = step_nodes.filter(pc.equal(step_nodes["kind"], "Call"))
        for file_no, node in zip(*_columns(written, "file_no", "node"), strict=True):
            spot = self._spots[file_no, node]
            if spot.nid not in self._known:
                self._unresolved(spot.nid, file_no, spot, reason)
        for nid, start, stop in zip(*_columns(tolerant, "nid", "bstart", "bend"), strict=True):
            self._unresolved(nid, nid >> 32, Spot(nid, start, stop, start, stop), "unparsed")

    def arguments(self, r: Resolver, arguments: pa.Table) -> None:
        """Add ARGUMENT_TO_PARAMETER."""
        listed: dict[tuple[int, int], list[tuple[int, int]]] = {}
        columns = _columns(arguments, "file_no", "call", "position", "node")
        for file_no, call, position, node in zip(*columns, strict=True):
            place = 1 << 30 if position is None else position
            listed.setdefault((file_no, call), []).append((place, node))
        passed = _passed(r, {key[:2] for key in r.arguments})
        for (unit, call, place, slot), parameters in sorted(r.arguments.items()):
            file_no = r.units[unit].file_no
            given = sorted(listed.get((file_no, call), ()))
            slots = passed.get((unit, call), ())
            if slot not in slots or len(slots) != len(given):
                continue
            same = place < len(slots) and slots[place] == slot
            spot = self._spots.get((file_no, given[place if same else slots.index(slot)][1]))
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

    def holdings(self, found: Iterable[Holding], names: Places, attributes: Places) -> None:
        """Add INSTANCE_OF and HAS_TYPE of names, attributes and results."""
        for holding in found:
            place = holding.place
            if holding.kind == "node":
                spot = self._spots[place]  # type: ignore[index] # a file and a node
                at: tuple[int, int, int] | None = (spot.nid, spot.name_bstart, spot.name_bend)
            else:
                at = (names if holding.kind == "name" else attributes).get(place)
            if at is None:
                continue
            nid, start, stop = at
            for cls in holding.classes:
                self._rows.add(Edge("INSTANCE_OF", nid, self._end(cls), nid >> 32, start, stop,
                                    holding.method))  # fmt: skip
            if holding.type is not None:
                whole = Shared("type", holding.type, holding.type, sources="ast")
                method = "annotation" if holding.declared else "type flow"
                self._rows.add(Edge("HAS_TYPE", nid, whole, nid >> 32, start, stop, method))

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


def _passed(r: Resolver, calls: set[tuple[int, int]]) -> dict[tuple[int, int], tuple[int, ...]]:
    """Return the slots of the arguments of calls, by file and syntax node."""
    units = {unit for unit, _ in calls}
    return {
        (unit, step.node): tuple(step.args)
        for unit in units
        for body in r.units[unit].bodies
        for step in body.steps
        if step.op == "call" and (unit, step.node) in calls
    }


def _columns(table: pa.Table, *names: str) -> list[list[Any]]:
    return [table[name].to_pylist() for name in names]
