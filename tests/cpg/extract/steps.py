"""Reads the steps of `values` backwards: which values can reach the calls of `probe`."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from codeanatomy.cpg.extract._source import Source
from codeanatomy.cpg.extract.values import steps_of

COLUMNS = ("body", "step", "op", "dst", "src", "other", "name", "args", "names", "node")
_MOVES = frozenset(("copy", "narrow", "match_class"))
Slot = tuple[int, int]  # body, slot


class Steps:
    """The steps of one source, by the slot that they fill."""

    def __init__(self, source: str) -> None:
        """Extract the steps of `source`."""
        self.bodies, rows = steps_of(Source(source.encode()))
        self.rows: list[dict[str, Any]] = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        self.made: dict[Slot, list[dict[str, Any]]] = defaultdict(list)
        self.puts: dict[Slot, list[dict[str, Any]]] = defaultdict(list)
        for row in self.rows:
            if row["op"] == "outer_store":
                self.made[row["other"], row["dst"]].append(row)
            elif row["dst"] is not None:
                self.made[row["body"], row["dst"]].append(row)
            if row["op"] == "put":
                self.puts[row["body"], row["src"]].append(row)

    def of(self, op: str) -> list[dict[str, Any]]:
        """Return the steps of one kind."""
        return [row for row in self.rows if row["op"] == op]

    def probes(self, name: str = "probe") -> list[dict[str, Any]]:
        """Return the calls of the builtin `name`, in the order of the source."""
        calls = [row for row in self.of("call") if name in self.origins(row["body"], row["src"])]
        return sorted(calls, key=lambda row: row["node"])

    def argument(self, call: dict[str, Any], place: int = 0) -> set[str]:
        """Return what can reach one argument of a call."""
        return self.origins(call["body"], call["args"][place])

    def passed(self, body: int, slot: int) -> set[str]:
        """Return the tests that what reaches a slot has passed."""
        return {row["name"] for row in self._rows(body, slot) if row["op"] == "narrow"}

    def origins(self, body: int, slot: int) -> set[str]:
        """Return the names of all that can reach a slot."""
        ends = (row for row in self._rows(body, slot) if not self._above(row))
        return {_title(row) for row in ends if row["op"] != "annotate"}

    def _rows(self, body: int, slot: int) -> list[dict[str, Any]]:
        """Return every step on the way back from a slot."""
        found: list[dict[str, Any]] = []
        seen: set[Slot] = set()
        todo = [(body, slot)]
        while todo:
            at = todo.pop()
            if at not in seen:
                seen.add(at)
                found += self.made[at]
                todo += [above for row in self.made[at] for above in self._above(row)]
        return found

    def _above(self, row: dict[str, Any]) -> list[Slot]:
        here = row["body"]
        if row["op"] in _MOVES or row["op"] == "outer_store":
            return [(here, row["src"])]
        if row["op"] == "outer":
            return [(row["other"], row["src"])]
        if row["op"] in ("unpack", "item", "iterate"):
            wanted = str(row["other"]) if row["op"] == "unpack" else None
            puts = self.puts[here, row["src"]]
            return [(here, p["args"][0]) for p in puts if wanted in (None, p["name"])]
        return []


def _title(row: dict[str, Any]) -> str:
    op, name = row["op"], row["name"]
    if op == "const":
        return str(row["names"][0] if row["names"] else name)
    if op == "function":
        defaults = "".join(f"@{d}" for d in row["names"])
        return f"{name}{defaults}"
    if op in ("builtin", "class"):
        return str(name)
    if op == "import":
        return ".".join(part for part in (name, *row["names"]) if part)
    return f"{op} {name}" if name else str(op)
