"""A file's tree in the graph beside the one of `ast`: the same node on both sides.

The tree of the graph is what its AST edges say; it is walked down from the module by field and
index, so that two trees that match are the same tree.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.graph import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.cpg.api import Graph

    Way = tuple[str, int | None]

NODES = """
SELECT path, nid, kind, name, syntax, bstart, bend FROM nodes WHERE syntax IS NOT NULL"""
EDGES = """
SELECT path, src, dst, props['field'] AS field, props['index'] AS index
FROM edges WHERE kind = 'AST'"""


class Node(NamedTuple):
    """One syntax node of the graph."""

    nid: int
    kind: str
    name: str | None
    syntax: str
    begin: int
    end: int


class Trees:
    """The trees of a graph, file by file."""

    def __init__(self, graph: Graph) -> None:
        self._nodes, self._edges = Sheet(graph, NODES), Sheet(graph, EDGES)

    def of(self, path: str) -> Tree:
        """Return the graph's tree of one file."""
        return Tree([Node(*row) for row in self._nodes.get(path)], self._edges.get(path))


class Tree:
    """One file's tree in the graph."""

    def __init__(self, nodes: list[Node], edges: list[tuple[int, int, str, int | None]]) -> None:
        self.nodes = {node.nid: node for node in nodes}
        self.below: dict[int, dict[Way, int]] = {}
        self.wrong: list[str] = []
        above: set[int] = set()
        for src, dst, field, index in edges:
            ways = self.below.setdefault(src, {})
            if (field, index) in ways or dst in above:
                self.wrong.append(f"{dst} has two parents, or {src} two children at {field}")
            ways[field, index] = dst
            above.add(dst)
        roots = [node for node in nodes if node.nid not in above]
        self.root = next((node for node in roots if node.syntax == "Module"), None)
        if len(roots) != 1 or len(self.nodes) != len(nodes) or above - set(self.nodes):
            self.wrong.append(f"{len(roots)} roots, {len(nodes)} nodes, {len(above)} below others")

    def match(self, tree: ast.Module) -> Iterator[tuple[ast.AST, Node | None, str]]:
        """Walk both trees; a node that the graph lacks comes with None; then its way."""
        if self.root is None:
            return
        left: list[tuple[ast.AST, Node, str]] = [(tree, self.root, "")]
        while left:
            node, ours, way = left.pop()
            yield node, ours, way
            ways = dict(self.below.get(ours.nid, {}))
            for field, index, child in children(node):
                nid = ways.pop((field, index), None)
                place = f"{way}/{field}" + ("" if index is None else f"[{index}]")
                if nid is None:
                    yield child, None, place
                else:
                    left.append((child, self.nodes[nid], place))
            if ways:
                self.wrong.append(f"{way} has no {sorted(ways, key=str)}")


def children(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, int | None, ast.AST]]:
    """List the nearest nodes below that have a position, with the way to each."""
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            if hasattr(value, "lineno"):
                yield prefix + field, None, value
            else:
                yield from children(value, f"{prefix}{field}.")
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if not isinstance(item, ast.AST):
                    continue
                if hasattr(item, "lineno"):
                    yield prefix + field, index, item
                else:
                    yield from children(item, f"{prefix}{field}[{index}].")
