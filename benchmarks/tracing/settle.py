"""What a tracer wrote down, told in spans of the sources: the rows that a graph is compared with.

It knows nothing of the package but the columns of its traces: trees come from `ast`.
"""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.tracing.traced_file import COMPREHENSIONS, Code, Span, Traced

if TYPE_CHECKING:
    from pathlib import Path

CALLS = frozenset({"CALL", "CALL_FUNCTION_EX"})
IMPORTS = frozenset({"IMPORT_NAME", "IMPORT_FROM", "IMPORT_STAR"})
ITERATES = frozenset({"__iter__", "__aiter__", "__await__"})  # called without a call expression
End = tuple[str | None, str, int | None, str]


class Row(NamedTuple):
    """One observation; places are byte offsets in their files, `None` outside the sources.

    `site` is call (a call expression), decorator (its application), or implicit. `event` is call,
    create (a generator's function, seen when the generator first ran), c_call, through (code
    outside that was called here called it), or resume.
    """

    caller_path: str
    caller: str
    caller_start: int
    site: str
    site_start: int
    site_end: int
    event: str
    callee_path: str | None
    callee: str
    callee_start: int | None
    callee_from: str


class Unplaced(NamedTuple):
    """One observation that has no place in the sources, and why."""

    reason: str
    path: str
    line: int | None
    callee: str


def settle(root: Path, raw: Path) -> tuple[list[Row], list[Unplaced]]:
    """Read what one suite's tracer wrote; the sources are those below `root`."""
    seen = json.loads(raw.read_text("utf-8"))
    settled = _Settled(root, seen["codes"])
    for row in seen["rows"]:
        settled.add(*row)
    settled.create()
    in_order = sorted(settled.rows, key=lambda r: (r.caller_path, *r[4:6], repr(r)))
    return in_order, settled.unplaced


class _Settled:
    """Rows in the making."""

    def __init__(self, root: Path, codes: dict[str, dict[str, Any]]) -> None:
        self.root = root
        self.codes = {int(key): Code(**code) for key, code in codes.items()}
        self.rows: set[Row] = set()
        self.unplaced: list[Unplaced] = []
        self._files: dict[str, Traced | None] = {}
        self._begun: list[tuple[Traced, str, str, Span, Span, Code]] = []
        self._busy: set[tuple[str, Span]] = set()

    def file(self, path: str) -> Traced | None:
        """Read a source once; None for one that is not there or cannot be parsed."""
        if path not in self._files:
            try:
                self._files[path] = Traced((self.root / path).read_bytes())
            except (OSError, SyntaxError, ValueError):
                self._files[path] = None
        return self._files[path]

    def add(
        self, caller: int, opname: str, order: int, place: list[int], event: str,
        callee: int | tuple[str, str],
    ) -> None:  # fmt: skip
        """Tell one observation in spans, or note why it has none."""
        code, called = self.codes[caller], self._called(callee)
        if called.qualname.endswith(".__del__"):
            return  # runs wherever a last reference goes
        if called.name in COMPREHENSIONS or (opname in IMPORTS and not called.inside):
            return
        file = self.file(code.path)
        if file is None or None in place or place[1] > len(file.source.lines):
            why = "no such file or line" if place[0] else "an instruction without a position"
            self.unplaced.append(Unplaced(why, code.path, place[0], called.qualname))
            return
        span = file.source.offset(place[0], place[2]), file.source.offset(place[1], place[3])
        found = file.definition(code)
        qualname = code.qualname
        if code.name in COMPREHENSIONS:
            qualname, found = file.around(span)
        if found is None:
            self.unplaced.append(Unplaced("no such caller", code.path, code.line, called.qualname))
            return
        if event == "first":
            self._begun.append((file, code.path, qualname, found, span, called))
            event = "resume"
        site, where = _site(file, span, opname, order)
        if site == "call" and event not in ("resume", "through"):
            self._busy.add((code.path, where))
        self._row((code.path, qualname, found[0], site, where), event, called)

    def _called(self, callee: int | tuple[str, str]) -> Code:
        if isinstance(callee, int):
            return self.codes[callee]
        owner, name = callee
        return Code(False, owner, name, name.rpartition(".")[2], 0, None, None)  # noqa: FBT003 - a row

    def _row(self, place: tuple[str, str, int, str, Span], event: str, called: Code) -> None:
        path, caller, start, site, (begin, stop) = place
        end: End = (None, called.qualname, None, called.path)
        if called.inside:
            file = self.file(called.path)
            span = file.definition(called) if file else None
            if span is None:
                self.unplaced.append(
                    Unplaced("no such callee", called.path, called.line, called.qualname)
                )
                return
            end = (called.path, called.qualname, span[0], called.path)
        at, name, first, source = end
        self.rows.add(Row(path, caller, start, site, begin, stop, event, at, name, first, source))

    def create(self) -> None:
        """Find the calls that made the generators that first ran somewhere.

        The call is written where the generator is first used: awaited, looped over, or given to
        a function in C; and nothing else was seen to be called there.
        """
        for file, path, caller, found, span, called in self._begun:
            given, sure = file.given(span)
            if called.name in ITERATES:
                place = ("implicit", file.source.span(given[0])) if sure else _site(file, span, "")
                self._row((path, caller, found[0], *place), "create", called)
                continue
            for node in given:
                where = file.source.span(node)
                if not isinstance(node, ast.Call) or (path, where) in self._busy:
                    continue
                if sure or _last_name(node.func) == called.name:
                    self._row((path, caller, found[0], "call", where), "create", called)
                    break


def _site(file: Traced, span: Span, opname: str, order: int = 0) -> tuple[str, Span]:
    call = file.call_at(span)
    if opname in CALLS and span in file.decorators and (call is None or order > 0):
        return "decorator", span
    if call is not None and (opname in CALLS or not opname):
        return "call", file.source.span(call)
    return "implicit", span


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
