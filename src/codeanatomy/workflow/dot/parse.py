"""Reads a drawing in DOT: nodes, edges, chains, subgraphs and defaults, as Graphviz does.

The grammar is the one of the Graphviz documentation, "The DOT Language". Ports are read and left
out: they change where an arrow touches a box, not what follows what.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from codeanatomy.workflow.dot.model import DotCluster, DotEdge, DotNode, ParsedGraph
from codeanatomy.workflow.dot.tokens import Token, syntax_error, tokens

if TYPE_CHECKING:
    from codeanatomy.workflow.errors import DotSyntaxError

DEEPEST = 64  # subgraphs inside each other

Attributes = dict[str, str]


def parse_dot(file_path: str) -> ParsedGraph:
    """Read the drawing in a file; FileNotFoundError when there is none."""
    path = Path(file_path)
    if not path.is_file():
        msg = f"DOT file not found: {file_path}"
        raise FileNotFoundError(msg)
    return parse_dot_string(path.read_text(encoding="utf-8"), path.stem)


def parse_dot_string(content: str, default_name: str = "workflow") -> ParsedGraph:
    """Read a drawing; `default_name` is the name of one that has none."""
    return _Reader(content).read(default_name)


@dataclass(slots=True)
class _Scope:
    """What holds inside one pair of braces."""

    node_defaults: Attributes = field(default_factory=dict)
    edge_defaults: Attributes = field(default_factory=dict)
    attributes: Attributes = field(default_factory=dict)
    cluster: str | None = None
    depth: int = 0
    named: dict[str, None] = field(default_factory=dict)  # nodes named here or below, in order

    def inner(self, cluster: str | None) -> _Scope:
        return _Scope(
            dict(self.node_defaults),
            dict(self.edge_defaults),
            cluster=cluster or self.cluster,
            depth=self.depth + 1,
        )


class _Reader:
    """One pass over the words of one drawing."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = list(tokens(text))
        self.at = 0
        self.nodes: dict[str, Attributes] = {}
        self.home: dict[str, str | None] = {}
        self.edges: list[tuple[str, str, Attributes]] = []
        self.clusters: dict[str, Attributes] = {}
        self.arrow = "->"

    def read(self, default_name: str) -> ParsedGraph:
        self._accept_word("strict")
        head = self._next()
        if head.kind != "name" or head.text.lower() not in ("digraph", "graph"):
            raise self._error(head, "expected 'digraph' or 'graph'")
        self.arrow = "->" if head.text.lower() == "digraph" else "--"
        name = self._identifier() if self._peek().kind in _NAMES else default_name
        scope = _Scope()
        self._body(scope)
        if self._peek().kind != "end":
            raise self._error(self._peek(), "expected the end of the file")
        return ParsedGraph(
            name=name or default_name,
            nodes={node: self._node(node) for node in self.nodes},
            edges=[DotEdge(a, b, _label(at.get("label", ""), a), at) for a, b, at in self.edges],
            clusters={c: self._cluster(c) for c in self.clusters},
            attributes=scope.attributes,
            directed=self.arrow == "->",
        )

    def _node(self, node: str) -> DotNode:
        attributes = self.nodes[node]
        label = _label(attributes.get("label", "\\N"), node)
        return DotNode(node, label or node, attributes, self.home[node])

    def _cluster(self, name: str) -> DotCluster:
        members = [node for node, home in self.home.items() if home == name]
        label = self.clusters[name].get("label", name)
        return DotCluster(name, _label(label, name), members)

    def _body(self, scope: _Scope) -> None:
        self._expect("{")
        while not self._accept("}"):
            if not self._accept(";"):
                self._statement(scope)

    def _statement(self, scope: _Scope) -> None:
        word = self._peek()
        kind = word.text.lower() if word.kind == "name" else ""
        if kind in ("node", "edge", "graph") and self._after().text == "[":
            self._next()
            self._defaults(scope, kind)
        elif word.kind in _NAMES and self._after().text == "=" and self._after().kind == "mark":
            key = self._identifier()
            self._expect("=")
            scope.attributes[key] = self._identifier()
        else:
            self._chain(scope)

    def _defaults(self, scope: _Scope, kind: str) -> None:
        given = self._attributes()
        {
            "node": scope.node_defaults,
            "edge": scope.edge_defaults,
            "graph": scope.attributes,
        }[kind].update(given)

    def _chain(self, scope: _Scope) -> None:
        ends, alone = [self._end(scope)], True
        while self._peek().kind == "arrow":
            arrow = self._next()
            if arrow.text != self.arrow:
                raise self._error(arrow, f"expected '{self.arrow}'")
            ends.append(self._end(scope))
            alone = False
        given = self._attributes()
        if alone:
            for node in ends[0]:
                self.nodes[node].update(given)
            return
        attributes = {**scope.edge_defaults, **given}
        for sources, targets in itertools.pairwise(ends):
            self.edges += [(a, b, dict(attributes)) for a in sources for b in targets]

    def _end(self, scope: _Scope) -> list[str]:
        word = self._peek()
        if word.text == "{" or (word.kind == "name" and word.text.lower() == "subgraph"):
            return self._subgraph(scope)
        node = self._identifier()
        while self._accept(":"):
            self._identifier()
        scope.named[node] = None
        if node not in self.nodes:
            self.nodes[node] = dict(scope.node_defaults)
            self.home[node] = scope.cluster
        return [node]

    def _subgraph(self, scope: _Scope) -> list[str]:
        start = self._peek()
        name = None
        if self._accept_word("subgraph") and self._peek().kind in _NAMES:
            name = self._identifier()
        if scope.depth >= DEEPEST:
            raise self._error(start, f"subgraphs are nested more than {DEEPEST} deep")
        inner = scope.inner(name)
        self._body(inner)
        if name is not None:
            self.clusters.setdefault(name, {}).update(inner.attributes)
        scope.named.update(inner.named)
        return list(inner.named)

    def _attributes(self) -> Attributes:
        found: Attributes = {}
        while self._accept("["):
            while not self._accept("]"):
                key = self._identifier()
                found[key] = self._identifier() if self._accept("=") else "true"
                if not self._accept(","):
                    self._accept(";")
        return found

    def _identifier(self) -> str:
        word = self._next()
        if word.kind not in _NAMES:
            raise self._error(word, "expected a name")
        text = word.text
        while word.kind == "quoted" and self._accept("+"):
            word = self._next()
            if word.kind != "quoted":
                raise self._error(word, "expected a string after '+'")
            text += word.text
        return text

    def _peek(self) -> Token:
        return self.words[self.at]

    def _after(self) -> Token:
        return self.words[min(self.at + 1, len(self.words) - 1)]

    def _next(self) -> Token:
        word = self.words[self.at]
        self.at = min(self.at + 1, len(self.words) - 1)
        return word

    def _accept(self, mark: str) -> bool:
        word = self._peek()
        if word.kind != "mark" or word.text != mark:
            return False
        self._next()
        return True

    def _accept_word(self, name: str) -> bool:
        word = self._peek()
        if word.kind != "name" or word.text.lower() != name:
            return False
        self._next()
        return True

    def _expect(self, mark: str) -> None:
        if not self._accept(mark):
            raise self._error(self._peek(), f"expected '{mark}'")

    def _error(self, word: Token, what: str) -> DotSyntaxError:
        found = repr(word.text) if word.kind != "end" else "the end of the file"
        return syntax_error(self.text, word.offset, f"{what}, found {found}")


_NAMES = ("name", "quoted", "html")
_ESCAPES = {"n": "\n", "l": "\n", "r": "\n", "\\": "\\"}


def _label(text: str, node: str) -> str:
    r"""Read the escapes of a label: `\N` is the node's own id, `\n` ends a line."""
    pieces, at = [], 0
    while (slash := text.find("\\", at)) >= 0 and slash + 1 < len(text):
        letter = text[slash + 1]
        pieces += [text[at:slash], node if letter == "N" else _ESCAPES.get(letter, letter)]
        at = slash + 2
    return "".join([*pieces, text[at:]]).strip()
