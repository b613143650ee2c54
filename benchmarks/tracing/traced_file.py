"""One source file, asked about by code objects and instructions: which definition, which call."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import NamedTuple

from benchmarks.source import Source

COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})
Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Span = tuple[int, int]
MODULE = (-1, -1)  # stands for a module's code: a function may start at its byte 0


class Code(NamedTuple):
    """One code object; `starts` and `ends` are the first and last line and column of its body."""

    inside: bool
    path: str
    qualname: str
    name: str
    line: int
    starts: tuple[int, int] | None
    ends: tuple[int, int] | None


class Traced:
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

    def definition(self, code: Code) -> Span | None:
        """Find the definition that a code object was compiled from."""
        span = self.source.span
        if code.name == "<module>":
            return MODULE
        if code.name == "<lambda>":
            return self._lambda(code)
        found = self.definitions.get((code.line, code.name), [])
        if len(found) > 1 and code.ends:
            last = code.ends[0]
            found = [n for n in found if n.lineno <= last <= (n.end_lineno or 0)]
        return span(found[0]) if found else None

    def _lambda(self, code: Code) -> Span | None:
        if code.starts is None or code.ends is None:
            return None
        begin = self.source.offset(*code.starts)
        end = self.source.offset(*code.ends)
        around = [
            (e - b, b, e)
            for node in self.lambdas
            if node.lineno <= code.starts[0]
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

    def given(self, span: Span) -> tuple[list[ast.expr], bool]:
        """List what an instruction may resume, and whether it can be nothing else.

        That is what an `await` waits for, what a loop goes over, or the arguments of a call.
        """
        if span in self.awaits:
            return [self.awaits[span]], True
        if span[0] in self.loops:
            return [self.loops[span[0]]], True
        if parts := self.comprehensions.get(span):
            return [part.iter for part in parts], len(parts) == 1
        if call := self.call_at(span):
            return [a.value if isinstance(a, ast.Starred) else a for a in call.args], False
        return [], False
