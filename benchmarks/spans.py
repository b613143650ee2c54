"""The bytes of every span say what the graph says of them.

    python -m benchmarks.spans [CORPUS ...]

Cuts the file at each span: names, attributes, keywords and definitions' names must read as their
identifier, expressions must parse again to the same node, f-strings' fields must be where
tree-sitter sees them; line and column must agree with the bytes. Prints JSON; ends with status 1
where something disagrees.
"""

from __future__ import annotations

import ast
import re
import sys
import unicodedata
import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import tree_sitter
import tree_sitter_python

from benchmarks import corpora
from benchmarks.findings import Findings, report
from benchmarks.graph import Sheet, built
from benchmarks.source import Source
from benchmarks.syntax import pieces
from benchmarks.trees import Trees

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.trees import Node, Tree
    from codeanatomy.cpg.api import Graph

DEEP = 20_000
FIELDS = frozenset({"interpolation", "format_expression"})
PLACES = """
SELECT path, bstart, bend, line, "column", kind FROM nodes
WHERE path IS NOT NULL AND bstart IS NOT NULL"""
ANCHORS = """
SELECT path, bstart, bend, line, kind FROM edges WHERE path IS NOT NULL AND bstart IS NOT NULL"""
CALLEES = """
SELECT path, src, dst, kind, bstart, bend FROM edges WHERE kind IN ('CALLEE', 'RECEIVER')"""
DEFINITIONS = """
SELECT f.path, d.name, d.name_bstart, d.name_bend, d.bstart
FROM ast_defs d JOIN files f ON d.file_no = f.file_no WHERE d.name_bstart IS NOT NULL"""
ATTRIBUTES = """
SELECT f.path, a.name, a.name_bstart, a.name_bend, a.bstart, a.bend
FROM ast_attributes a JOIN files f ON a.file_no = f.file_no"""


class Sheets(NamedTuple):
    """What the graph says about places, file by file."""

    trees: Trees
    places: Sheet
    anchors: Sheet
    callees: Sheet
    definitions: Sheet
    attributes: Sheet


class Parsed:
    """Texts of expressions, each parsed once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], int | None] = {}

    def digest(self, text: str, shape: str) -> int | None:
        """Return what identifies the tree of a text; None where it does not parse."""
        key = (text, shape)
        if key not in self._known:
            try:
                self._known[key] = digests(_parse(text, shape))[0]
            except (SyntaxError, ValueError):
                self._known[key] = None
        return self._known[key]


def _parse(text: str, shape: str) -> ast.AST:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        around = {"star": "f({}\n)", "slice": "x[{}\n]"}.get(shape, "({}\n)")
        body = ast.parse(around.format(text), mode="eval").body
    if shape == "star":
        assert isinstance(body, ast.Call)
        return body.args[0]
    return body.slice if shape == "slice" and isinstance(body, ast.Subscript) else body


def digests(tree: ast.AST) -> tuple[int, dict[int, int]]:
    """Return a number that identifies a tree's shape, and that of every node by `id`."""
    known: dict[int, int] = {}
    left: list[tuple[ast.AST, bool]] = [(tree, False)]
    while left:
        node, done = left.pop()
        if not done:
            left.append((node, True))
            left.extend((child, False) for child in ast.iter_child_nodes(node))
            continue
        parts: list[object] = [type(node).__name__]
        for field in node._fields:
            if field in ("ctx", "type_comment"):
                continue
            value = getattr(node, field, None)
            if isinstance(value, list):
                parts.append(tuple(known[id(v)] if isinstance(v, ast.AST) else v for v in value))
            elif isinstance(value, ast.AST):
                parts.append(known[id(value)])
            else:
                parts.append(repr(value))
        known[id(node)] = hash(tuple(parts))
    return known[id(tree)], known


def check(graph: Graph, root: Path, corpus: str) -> Findings:
    """Check every file of a graph."""
    sys.setrecursionlimit(DEEP)
    found, parsed = Findings("spans", corpus), Parsed()
    sheets = Sheets(
        Trees(graph),
        Sheet(graph, PLACES),
        Sheet(graph, ANCHORS),
        Sheet(graph, CALLEES),
        Sheet(graph, DEFINITIONS),
        Sheet(graph, ATTRIBUTES),
    )
    for path in corpora.python_files(root):
        raw = (root / path).read_bytes()
        _check_lines(found, path, raw, sheets)
        try:
            source = Source(raw)
        except (SyntaxError, UnicodeDecodeError, ValueError):
            found.count("files that Python cannot parse")
            continue
        found.count("files")
        _File(found, path, source, sheets, parsed).check()
    return found


def _check_lines(found: Findings, path: str, raw: bytes, sheets: Sheets) -> None:
    """Every span lies in its file, and its line and column are those of its first byte."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    starts = np.array([0, *(match.end() for match in re.finditer(rb"\r\n|\r|\n", raw))])
    for begin, end, line, column, kind in sheets.places.get(path):
        found.count("places")
        at = int(np.searchsorted(starts, begin, "right"))
        if not 0 <= begin <= end <= len(raw):
            found.add("outside", path, line, f"{kind} at {begin}-{end} of {len(raw)}")
        elif (line, column) != (at, begin - starts[at - 1]) and kind not in ("file", "module"):
            what = f"{kind} at byte {begin} is at column {begin - starts[at - 1]} of line {at}"
            found.add("line", path, line, f"{what}, in the graph {line}:{column}")
    for begin, end, line, kind in sheets.anchors.get(path):
        found.count("anchors")
        at = int(np.searchsorted(starts, begin, "right"))
        if not 0 <= begin <= end <= len(raw):
            found.add("outside", path, line or 0, f"{kind} at {begin}-{end} of {len(raw)}")
        elif line != at:
            found.add("line", path, line or 0, f"{kind} at byte {begin} is in line {at}")


class _File:
    """The check of one file."""

    def __init__(
        self, found: Findings, path: str, source: Source, sheets: Sheets, parsed: Parsed
    ) -> None:
        self.found, self.path, self.source = found, path, source
        self.sheets, self.parsed = sheets, parsed

    def check(self) -> None:
        """Check every expression, identifier, callee and f-string."""
        tree = self.sheets.trees.of(self.path)
        unplaced, shapes = pieces(self.source.tree), digests(self.source.tree)[1]
        matched = {id(n): ours for n, ours, _ in tree.match(self.source.tree) if ours}
        for node in ast.walk(self.source.tree):
            ours = matched.get(id(node))
            if ours is None:
                continue
            self.check_identifier(node, ours)
            if isinstance(node, ast.expr) and id(node) not in unplaced:
                self.check_again(node, ours, shapes[id(node)])
        self.check_callees(matched)
        self.check_definitions()
        self.check_attributes()
        self.check_fields(tree)

    def add(self, sort: str, begin: int, what: str) -> None:
        """Note a disagreement."""
        line = self.source.raw.count(b"\n", 0, begin) + 1
        self.found.add(sort, self.path, line, what)

    def reads(self, sort: str, span: tuple[int, int], identifier: str) -> None:
        """Compare the text of a span with an identifier, as Python compares identifiers."""
        self.found.count(sort)
        try:
            text = self.source.cut(*span)
        except UnicodeDecodeError:
            text = repr(self.source.raw[slice(*span)])
        if unicodedata.normalize("NFKC", text) != identifier:
            self.add(sort, span[0], f"{identifier!r} is {text!r} at {span}")

    def check_identifier(self, node: ast.AST, ours: Node) -> None:
        """Check names, and the identifiers that parameters and keywords begin with."""
        if isinstance(node, ast.Name):
            self.reads("name", (ours.begin, ours.end), node.id)
        elif isinstance(node, (ast.arg, ast.keyword)) and node.arg:
            text = self.source.cut(ours.begin, ours.end)
            match = re.match(r"\w+", text)
            self.found.count("keyword")
            if match is None or unicodedata.normalize("NFKC", match[0]) != node.arg:
                self.add("keyword", ours.begin, f"{node.arg!r} is {text!r}")

    def check_again(self, node: ast.expr, ours: Node, digest: int) -> None:
        """Parse the text of an expression again."""
        if isinstance(node, ast.FormattedValue):
            return
        self.found.count("expressions parsed again")
        shape = "star" if isinstance(node, ast.Starred) else "plain"
        parts = node.elts if isinstance(node, ast.Tuple) else [node]
        if shape == "plain" and any(isinstance(part, (ast.Slice, ast.Starred)) for part in parts):
            shape = "slice"
        text = self.source.cut(ours.begin, ours.end)
        if self.parsed.digest(text, shape) != digest:
            self.add("again", ours.begin, f"{type(node).__name__} is {text[:80]!r}")

    def check_callees(self, matched: dict[int, Node]) -> None:
        """Check the callee's last identifier, the called expression, what is before its dot."""
        edges: dict[tuple[int, str], tuple[int, int, int]] = {}
        for src, dst, kind, begin, end in self.sheets.callees.get(self.path):
            if (src, kind) in edges:
                self.add("callee", begin or 0, f"two {kind} edges of {src}")
            edges[src, kind] = (dst, begin, end)
        for node in ast.walk(self.source.tree):
            if isinstance(node, ast.Call) and id(node) in matched:
                self.check_call(node, matched, edges)
        if edges:
            self.add("callee", 0, f"{len(edges)} edges of no call: {list(edges)[:3]}")

    def check_call(
        self,
        node: ast.Call,
        matched: dict[int, Node],
        edges: dict[tuple[int, str], tuple[int, int, int]],
    ) -> None:
        """Check the edges of one call."""
        ours, callee = matched[id(node)], node.func
        self.found.count("calls")
        dst, begin, end = edges.pop((ours.nid, "CALLEE"), (0, 0, 0))
        if id(callee) not in matched or dst != matched[id(callee)].nid:
            self.add("callee", ours.begin, f"CALLEE leads to {dst}")
        elif isinstance(callee, (ast.Name, ast.Attribute)):
            name = callee.id if isinstance(callee, ast.Name) else callee.attr
            self.reads("callee", (begin, end), name)
            if end != self.source.span(callee)[1]:
                self.add("callee", begin, f"{name} ends at {end}")
        receiver, _, _ = edges.pop((ours.nid, "RECEIVER"), (0, 0, 0))
        wanted = matched[id(callee.value)].nid if isinstance(callee, ast.Attribute) else 0
        if receiver != wanted:
            self.add("receiver", ours.begin, f"RECEIVER leads to {receiver}, not {wanted}")

    def check_definitions(self) -> None:
        """Check that every definition is there, and its name where the graph says."""
        wanted = sum(
            isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            for node in ast.walk(self.source.tree)
        )
        listed = self.sheets.definitions.get(self.path)
        for name, begin, end, start in listed:
            self.reads("definition", (begin, end), name)
            before = self.source.cut(start, begin).split()
            if not before or before[-1] not in ("def", "class", "\\"):
                self.add("definition", begin, f"{name} stands after {before[-1:]}")
        if len(listed) != wanted:
            self.add("definition", 0, f"{wanted} definitions, {len(listed)} in the graph")

    def check_attributes(self) -> None:
        """Check that every attribute is there, and its identifier where the graph says."""
        wanted = {
            (*self.source.span(node), node.attr)
            for node in ast.walk(self.source.tree)
            if isinstance(node, ast.Attribute)
        }
        for name, begin, end, start, stop in self.sheets.attributes.get(self.path):
            text = unicodedata.normalize("NFKC", self.source.cut(begin, end))
            self.reads("attribute", (begin, end), text if name.endswith(text) else name)
            if end != stop or (start, stop, text) not in wanted:
                self.add("attribute", begin, f"{name} of the attribute at {start}-{stop}")
            wanted.discard((start, stop, text))
        for start, stop, text in wanted:
            self.add("attribute", start, f"{text} at {start}-{stop} is missing")

    def check_fields(self, tree: Tree) -> None:
        """Check that the fields of f-strings are where tree-sitter sees them."""
        ours = {(n.begin, n.end) for n in tree.nodes.values() if n.syntax == "FormattedValue"}
        if not ours:
            return
        theirs, errors = fields(self.source)
        self.found.count("fields of f-strings", len(ours))
        sort = "field, tree-sitter erring" if errors else "field"
        for begin, end in ours - theirs:
            self.add(sort, begin, f"{self.source.cut(begin, end)!r} is no field to tree-sitter")
        for begin, end in theirs - ours:
            self.add(sort, begin, f"{self.source.cut(begin, end)!r} is a field to tree-sitter only")


def fields(source: Source) -> tuple[set[tuple[int, int]], bool]:
    """List the fields of f-strings that tree-sitter sees, and whether it met errors."""
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))
    tree = parser.parse("".join(source.lines).encode())
    found, left = set(), [tree.root_node]
    while left:
        node = left.pop()
        if node.type in FIELDS:
            (row, column), (last, end) = node.start_point, node.end_point
            found.add((source.offset(row + 1, column), source.offset(last + 1, end)))
        left.extend(node.named_children)
    return found, tree.root_node.has_error


def main() -> None:
    """Check the corpora that the arguments name."""
    found = []
    names = [a for a in sys.argv[1:] if not a.startswith("--")]
    for corpus, root in corpora.chosen(names).items():
        with built(root, corpus) as graph:
            found.append(check(graph, root, corpus))
    report(found)


if __name__ == "__main__":
    main()
