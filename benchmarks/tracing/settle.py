"""What a tracer wrote down, told in spans of the sources: the rows that a graph is compared with.

It knows nothing of the package but the columns of its traces: trees come from `ast`.
"""

from __future__ import annotations

import ast
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.source import Source

if TYPE_CHECKING:
    from pathlib import Path

COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})
CALLS = frozenset({"CALL", "CALL_FUNCTION_EX"})
IMPORTS = frozenset({"IMPORT_NAME", "IMPORT_FROM", "IMPORT_STAR"})
Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Looped = ast.For | ast.AsyncFor | ast.comprehension
Span = tuple[int, int]
MODULE = (-1, -1)  # stands for a module's code: a function may start at its byte 0


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


class _File:
    """One source file: its definitions by line and name, its calls by their last byte."""

    def __init__(self, raw: bytes) -> None:
        self.source = Source(raw)
        self.definitions: dict[tuple[int, str], list[Defined]] = defaultdict(list)
        self.lambdas: list[ast.Lambda] = []
        self.calls: dict[int, list[ast.Call]] = defaultdict(list)
        self.decorators: set[Span] = set()
        self.awaits: dict[Span, ast.expr] = {}
        self.loops: dict[int, ast.expr] = {}
        self.comprehensions: dict[Span, list[ast.comprehension]] = {}
        for node in ast.walk(self.source.tree):
            self._note(node)

    def _note(self, node: ast.AST) -> None:
        span = self.source.span
        if isinstance(node, Defined):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            self.definitions[first, node.name].append(node)
            self.decorators.update(map(span, node.decorator_list))
        elif isinstance(node, ast.Lambda):
            self.lambdas.append(node)
        elif isinstance(node, ast.Call):
            self.calls[span(node)[1]].append(node)
        elif isinstance(node, ast.Await | ast.YieldFrom):
            self.awaits[span(node)] = node.value
        elif isinstance(node, ast.For | ast.AsyncFor):
            self.loops[span(node)[0]] = node.iter
            self.awaits[span(node)] = node.iter
            self.awaits[span(node.target)] = node.iter
            self.awaits[span(node.iter)] = node.iter
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            self.comprehensions[span(node)] = node.generators

    def definition(self, code: dict[str, Any]) -> Span | None:
        """Find the definition that a code object was compiled from."""
        span = self.source.span
        if code["name"] == "<module>":
            return MODULE
        if code["name"] == "<lambda>":
            return self._lambda(code)
        found = self.definitions.get((code["line"], code["name"]), [])
        if len(found) > 1 and code["ends"]:
            last = code["ends"][0]
            found = [n for n in found if n.lineno <= last <= (n.end_lineno or 0)]
        return span(found[0]) if found else None

    def _lambda(self, code: dict[str, Any]) -> Span | None:
        if not code["starts"]:
            return None
        begin = self.source.offset(*code["starts"])
        end = self.source.offset(*code["ends"])
        around = [
            (e - b, b, e)
            for node in self.lambdas
            if node.lineno <= code["starts"][0]
            for b, e in [self.source.span(node.body)]
            if b <= begin and end <= e
        ]
        whole = {self.source.span(n.body): self.source.span(n) for n in self.lambdas}
        return whole[min(around)[1:]] if around else None

    def around(self, span: Span) -> tuple[str, Span]:
        """Find the innermost definition around a span: for what comprehensions do."""
        best: tuple[int, str, Span] = (1 << 40, "<module>", MODULE)
        nodes = [n for group in self.definitions.values() for n in group]
        for node in [*nodes, *self.lambdas]:
            begin, end = self.source.span(node)
            if begin <= span[0] and span[1] <= end and end - begin < best[0]:
                best = (end - begin, getattr(node, "name", "<lambda>"), (begin, end))
        return best[1], best[2]

    def call_at(self, span: Span) -> ast.Call | None:
        """Find the call expression of an instruction, which may start at its last attribute."""
        for node in self.calls.get(span[1], ()):
            if self.source.span(node)[0] <= span[0]:
                return node
        return None


class _Settled:
    """Rows in the making."""

    def __init__(self, root: Path, codes: dict[str, dict[str, Any]]) -> None:
        self.root, self.codes = root, codes
        self.rows: set[Row] = set()
        self.unplaced: list[Unplaced] = []
        self._files: dict[str, _File | None] = {}
        self._begun: list[tuple[_File, str, str, Span, Span, str | list[str]]] = []
        self._busy: set[tuple[str, Span]] = set()

    def file(self, path: str) -> _File | None:
        """Read a source once; None for one that is not there or cannot be parsed."""
        if path not in self._files:
            try:
                self._files[path] = _File((self.root / path).read_bytes())
            except (OSError, SyntaxError, ValueError):
                self._files[path] = None
        return self._files[path]

    def add(
        self, caller: int, opname: str, order: int, place: list[Any], event: str,
        callee: str | list[str],
    ) -> None:  # fmt: skip
        """Tell one observation in spans, or note why it has none."""
        code = self.codes[str(caller)]
        called = self.codes[str(callee)] if event != "c_call" else {"inside": False}
        name = called.get("qualname") or callee[1]
        file = self.file(code["path"])
        if name.endswith(".__del__"):
            return  # runs wherever a last reference goes
        if called.get("name") in COMPREHENSIONS or (opname in IMPORTS and not called["inside"]):
            return
        if file is None or None in place or place[1] > len(file.source.lines):
            why = "no such file or line" if place[0] else "an instruction without a position"
            self.unplaced.append(Unplaced(why, code["path"], place[0], name))
            return
        span = file.source.offset(place[0], place[2]), file.source.offset(place[1], place[3])
        found = file.definition(code)
        qualname = code["qualname"]
        if code["name"] in COMPREHENSIONS:
            qualname, found = file.around(span)
        if found is None:
            self.unplaced.append(Unplaced("no such caller", code["path"], code["line"], name))
            return
        if event == "first":
            self._begun.append((file, code["path"], qualname, found, span, callee))
            event = "resume"
        self._place(file, code["path"], qualname, found, span, (opname, order), event, callee)

    def _place(
        self, file: _File, path: str, caller: str, found: Span, span: Span,
        instruction: tuple[str, int], event: str, callee: str | list[str],
    ) -> None:  # fmt: skip
        site, where = _site(file, span, *instruction)
        if site == "call" and event not in ("resume", "through"):
            self._busy.add((path, where))
        end = self._end(event, callee)
        if end is not None:
            self.rows.add(Row(path, caller, found[0], site, *where, event, *end))

    def _end(
        self, event: str, callee: str | list[str]
    ) -> tuple[str | None, str, int | None, str] | None:
        if event == "c_call":
            return None, callee[1], None, callee[0]
        code = self.codes[str(callee)]
        if not code["inside"]:
            return None, code["qualname"], None, code["path"]
        file = self.file(code["path"])
        span = file.definition(code) if file else None
        if span is None:
            line = code["line"]
            self.unplaced.append(Unplaced("no such callee", code["path"], line, code["qualname"]))
            return None
        return code["path"], code["qualname"], span[0], code["path"]

    def create(self) -> None:
        """Find the calls that made the generators that first ran somewhere.

        The call is written where the generator is first used: awaited, looped over, or given to
        a function in C; and nothing else was seen to be called there.
        """
        for file, path, caller, found, span, callee in self._begun:
            for call, sure in _makers(file, span):
                where = file.source.span(call)
                named = _last_name(call.func) == self.codes[str(callee)]["name"]
                if (path, where) in self._busy or not (named or sure):
                    continue
                end = self._end("call", callee)
                if end is not None:
                    self.rows.add(Row(path, caller, found[0], "call", *where, "create", *end))
                break


def _site(file: _File, span: Span, opname: str, order: int) -> tuple[str, Span]:
    if opname in CALLS:
        call = file.call_at(span)
        if span in file.decorators and (call is None or order > 0):
            return "decorator", span
        if call is not None:
            return "call", file.source.span(call)
    return "implicit", span


def _makers(file: _File, span: Span) -> list[tuple[ast.Call, bool]]:
    """List the calls that may have made a generator that first runs at a span; are they sure."""
    given: list[ast.expr] = []
    sure = True
    if span in file.awaits:
        given = [file.awaits[span]]
    elif span[0] in file.loops:
        given = [file.loops[span[0]]]
    elif span in file.comprehensions:
        given = [part.iter for part in file.comprehensions[span]]
        sure = len(given) == 1
    elif (call := file.call_at(span)) is not None:
        given = [a.value if isinstance(a, ast.Starred) else a for a in [call, *call.args]]
        sure = False
    return [(node, sure) for node in given if isinstance(node, ast.Call)]


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
