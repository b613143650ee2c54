"""Every node of every syntax tree is in the graph, in its place.

    python -m benchmarks.syntax [CORPUS ...]

The AST edges must form exactly the tree of `ast`, node by node: class, way down, bytes and kind;
so every call is a call site. Prints JSON; ends with status 1 where something disagrees.
"""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from benchmarks import corpora
from benchmarks.findings import Findings, report
from benchmarks.graph import built
from benchmarks.source import Source
from benchmarks.trees import Trees, children
from codeanatomy.cpg.nodes import NODES

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.trees import Node, Tree
    from codeanatomy.cpg.api import Graph

DEEP = 20_000
KINDS = {syntax: kind.name for kind in NODES for syntax in kind.syntax}


def check(graph: Graph, root: Path, corpus: str) -> Findings:
    """Compare every file's tree."""
    sys.setrecursionlimit(DEEP)
    found, trees = Findings("syntax", corpus), Trees(graph)
    for path in corpora.python_files(root):
        tree = trees.of(path)
        try:
            source = Source((root / path).read_bytes())
        except (SyntaxError, UnicodeDecodeError, ValueError):
            found.count("files that Python cannot parse")
            if tree.nodes:
                found.add("unparsed", path, 0, f"has {len(tree.nodes)} syntax nodes")
            continue
        found.count("files")
        _check_tree(found, path, source, tree)
    return found


def _check_tree(found: Findings, path: str, source: Source, tree: Tree) -> None:
    met, strings = 0, pieces(source.tree)
    kinds = _special(source.tree)
    for node, ours, way in tree.match(source.tree):
        line = getattr(node, "lineno", 0)
        if ours is None:
            found.add("missing", path, line, f"{type(node).__name__} at {way}")
            continue
        met += 1
        if ours.syntax != type(node).__name__:
            found.add("class", path, line, f"{type(node).__name__} at {way} is {ours}")
        elif id(node) not in strings and (ours.begin, ours.end) != source.span(node):
            found.add("span", path, line, f"{way} is at {source.span(node)}, in the graph {ours}")
        _check_kind(found, path, node, ours, kinds.get(id(node)) or KINDS[type(node).__name__])
    found.count("syntax nodes", met)
    if met != len(tree.nodes):
        found.add("count", path, 0, f"{met} nodes in the tree, {len(tree.nodes)} in the graph")
    for wrong in tree.wrong:
        found.add("tree", path, 0, wrong)


def _check_kind(found: Findings, path: str, node: ast.AST, ours: Node, kind: str) -> None:
    found.count(f"kind: {ours.kind}")
    if ours.kind != kind:
        found.add("kind", path, getattr(node, "lineno", 0), f"a {kind} is {ours}")


def _special(tree: ast.Module) -> dict[int, str]:
    """Name the kind of nodes that their place decides: methods and docstrings."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for inner in _statements(node):
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    found[id(inner)] = "method"
        if (
            isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            and ast.get_docstring(node, clean=False) is not None
        ):
            first = node.body[0]
            assert isinstance(first, ast.Expr)
            found[id(first.value)] = "docstring"
    return found


def _statements(node: ast.ClassDef) -> list[ast.AST]:
    """List the statements of a class body, also those inside its branches and loops."""
    found: list[ast.AST] = []
    left: list[ast.AST] = list(node.body)
    while left:
        statement = left.pop()
        found.append(statement)
        if not isinstance(statement, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            left.extend(
                child
                for _, _, child in children(statement)
                if isinstance(child, (ast.stmt, ast.ExceptHandler))
            )
    return found


def pieces(tree: ast.Module) -> set[int]:
    """List the literal parts and formats of f-strings: nobody gives their exact place."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            found |= {id(value) for value in node.values if isinstance(value, ast.Constant)}
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            found.add(id(node.format_spec))
    return found


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
