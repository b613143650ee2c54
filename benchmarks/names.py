"""Every name means in the graph what Python's scoping rules say it means.

    python -m benchmarks.names [CORPUS ...]

Starts from the REF, UNRESOLVED and BINDS edges. The other side is `benchmarks.scopes`, which is
first held against `symtable` itself. Prints JSON; ends with status 1 where something disagrees.
"""

from __future__ import annotations

import builtins
import sys
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks import corpora, scopes
from benchmarks.findings import Findings, report
from benchmarks.graph import Sheet, built, rows
from benchmarks.modules import Modules
from benchmarks.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.scopes import Occurrence, Reading, Scope
    from codeanatomy.cpg.api import Graph

GLOBALS = ("explicit_global", "implicit_global")
BUILTINS = frozenset(dir(builtins))
DEEP = 20_000
NAMES = """
SELECT r.path, r.bstart, r.bend, r.name, e.kind, e.method, e.dst, e.role, e.reason
FROM (SELECT nid, path, bstart, bend, name FROM nodes WHERE kind = 'reference') r
LEFT JOIN (SELECT src, dst, kind, method, props['role'] AS role, props['reason'] AS reason
           FROM edges WHERE kind IN ('REF', 'UNRESOLVED')) e ON r.nid = e.src"""
SCOPES = """
SELECT n.path, n.nid, n.bstart, n.bend, p.value
FROM nodes n LEFT JOIN props p ON n.nid = p.nid AND p.key = 'scope_kind' WHERE n.kind = 'scope'"""
ENDS = """
SELECT nid, kind, name, path, bstart, bend FROM nodes WHERE nid IN (
  SELECT dst FROM edges WHERE kind IN ('REF', 'BINDS'))"""


class Edge(NamedTuple):
    """What the graph says about one identifier."""

    name: str
    kind: str | None
    method: str
    target: int
    role: str
    reason: str


class Facts(NamedTuple):
    """The graph's side: names and scopes by file, names bound by scope, and what edges lead to."""

    names: Sheet
    scopes: Sheet
    binds: dict[int, set[int]]
    ends: dict[int, tuple[Any, ...]]


def check(graph: Graph, root: Path, corpus: str) -> Findings:
    """Compare every file of a graph with the rules."""
    sys.setrecursionlimit(DEEP)
    binds = defaultdict(set)
    for scope, target in rows(graph, "SELECT src, dst FROM edges WHERE kind = 'BINDS'"):
        binds[scope].add(target)
    ends = {nid: tuple(rest) for nid, *rest in rows(graph, ENDS)}
    facts = Facts(Sheet(graph, NAMES), Sheet(graph, SCOPES), binds, ends)
    found, modules = Findings("names", corpus), Modules(root)
    for path in corpora.python_files(root):
        _check_file(found, facts, modules, root, path)
    return found


def _check_file(found: Findings, facts: Facts, modules: Modules, root: Path, path: str) -> None:
    try:
        source = Source((root / path).read_bytes())
    except (SyntaxError, UnicodeDecodeError, ValueError):
        found.count("files that Python cannot parse")
        return
    try:
        reading = scopes.read(source)
        for wrong in scopes.disagreements(source, reading):
            found.add("oracle", path, 0, wrong)
    except SyntaxError:
        found.count("files that Python parses and cannot compile")
        return
    found.count("files")
    _File(found, facts, modules, path, source, reading).check()


class _File:
    """The comparison of one file."""

    def __init__(
        self,
        found: Findings,
        facts: Facts,
        modules: Modules,
        path: str,
        source: Source,
        reading: Reading,
    ) -> None:
        self.found, self.facts, self.modules = found, facts, modules
        self.path, self.source, self.reading = path, source, reading
        self.bound = scopes.global_names(reading.module)
        self.graph_scopes: dict[tuple[str, int, int], int] = {}
        self.means: dict[tuple[int, str], set[int]] = defaultdict(set)

    def check(self) -> None:
        """Compare scopes, then every identifier, then what each scope binds."""
        self.check_scopes()
        seen: dict[tuple[int, int], list[Edge]] = defaultdict(list)
        for begin, end, name, kind, method, target, role, reason in self.facts.names.get(self.path):
            seen[begin, end].append(Edge(name, kind, method, target, role, reason))
        for occurrence in (*self.reading.plain, *self.reading.annotations):
            self.found.count("identifiers")
            edges = seen.pop((occurrence.begin, occurrence.end), [])
            if len(edges) != 1 or edges[0].kind is None:
                self.add("edges", occurrence, f"has {len(edges)} references: {edges}")
            else:
                self.check_edge(occurrence, edges[0])
        for (begin, end), edges in seen.items():
            line = self.source.raw.count(b"\n", 0, begin) + 1
            text = self.source.cut(begin, end)
            self.found.add("surplus", self.path, line, f"{text!r} is no name: {edges}")
        self.check_bound()

    def add(self, sort: str, occurrence: Occurrence, what: str) -> None:
        """Note a disagreement about an identifier."""
        line = self.source.raw.count(b"\n", 0, occurrence.begin) + 1
        where = f"{occurrence.role} of {occurrence.text!r} in {occurrence.scope.name}"
        self.found.add(sort, self.path, line, f"{where} {what}")

    def check_scopes(self) -> None:
        """Every scope is there once, and there are no others."""
        for nid, begin, end, kind in self.facts.scopes.get(self.path):
            if (kind, begin, end) in self.graph_scopes:
                self.found.add("scopes", self.path, 0, f"two {kind} scopes at {begin}-{end}")
            self.graph_scopes[kind, begin, end] = nid
        left = set(self.graph_scopes)
        for scope in self.reading.annotation_module.all():
            self.found.count("scopes")
            key = self.key(scope)
            if key not in left:
                self.found.add("scopes", self.path, scope.line, f"{scope.name} {key} is missing")
            left.discard(key)
        for key in left:
            self.found.add("scopes", self.path, 0, f"{key} is no scope")

    def key(self, scope: Scope) -> tuple[str, int, int]:
        """Return what identifies a scope in the graph: what opens it, and that one's bytes."""
        return (scope.kind, *self.source.span(scope.node))

    def check_edge(self, occurrence: Occurrence, edge: Edge) -> None:
        """Compare one identifier's edge with what the rules say."""
        if not occurrence.scope.flags[occurrence.name]:
            self.found.count("names that their scope does nothing with: `(x): int`")
            return
        word, owner = scopes.meaning(occurrence.scope, occurrence.name)
        self.found.count(f"{edge.kind} {edge.method}")
        if edge.role != occurrence.role:
            self.add("role", occurrence, f"is a {edge.role} in the graph")
        if edge.name != occurrence.text:
            self.add("text", occurrence, f"is called {edge.name!r} in the graph")
        outer = word in GLOBALS and owner.kind == "module" and occurrence.name not in self.bound
        if outer:
            self.check_outside(occurrence, edge, word)
        elif occurrence.skipped and {word, edge.method} == {"cell", "local"}:
            self.found.count("cell or local, as annotations that Python skips count or not")
        elif edge.method != word or edge.kind != "REF":
            self.add("class", occurrence, f"is {word}, in the graph {edge.kind} {edge.method}")
        if edge.kind == "REF" and not outer:
            self.check_target(occurrence, owner, edge)

    def check_outside(self, occurrence: Occurrence, edge: Edge, word: str) -> None:
        """Compare a global that the module does not bind: a builtin, a star's, or nobody's."""
        name, star = occurrence.name, any(s.star for s in self.reading.module.all())
        if edge.method == "builtin":
            right = name in BUILTINS and edge.kind == "REF"
            if not right or (star and self.modules.may_bind(self.path, name)):
                self.add("builtin", occurrence, f"is {word}, in the graph {edge}; star: {star}")
        elif edge.method == "star_import":
            if not star or not self.modules.may_bind(self.path, name):
                self.add("star", occurrence, f"is {word}, in the graph {edge}; star: {star}")
        elif edge.method == "submodule":
            if edge.kind != "REF" or not self.modules.is_submodule(self.path, name):
                self.add("submodule", occurrence, f"is {word}, in the graph {edge}")
        elif edge.kind != "UNRESOLVED" or edge.method != word:
            self.add("class", occurrence, f"is {word}, in the graph {edge}")
        elif name in BUILTINS and not star and edge.reason != "interpreter":
            self.add("builtin", occurrence, f"is a builtin, in the graph {edge}")

    def check_target(self, occurrence: Occurrence, owner: Scope, edge: Edge) -> None:
        """Check that the target is bound by the very scope that the rules name."""
        kind, name, path, begin, end = self.facts.ends[edge.target]
        word = scopes.meaning(occurrence.scope, occurrence.name)[0]
        if owner.kind == "class" and occurrence.name == "__class__" and word == "free":
            at = (kind, path, begin, end)
            if at != ("class", self.path, *self.source.span(owner.node)):
                self.add("__class__", occurrence, f"means {at}")
            return
        nid = self.graph_scopes.get(self.key(owner))
        if path != self.path or edge.target not in self.facts.binds.get(nid or -1, ()):
            what = f"means the {kind} {name} of {path}:{begin}, not bound in {owner.name}"
            self.add("target", occurrence, what)
        if name not in (occurrence.text, occurrence.name) and kind != "import":
            self.add("name", occurrence, f"means the {kind} called {name}")
        self.means[nid or -1, occurrence.name].add(edge.target)

    def check_bound(self) -> None:
        """Check that scopes bind what the rules say, each name once."""
        taken: dict[int, str] = {}
        for (nid, name), targets in self.means.items():
            if len(targets) > 1:
                self.found.add("split", self.path, 0, f"{name} in {nid} is {len(targets)} things")
            for target in targets:
                if taken.setdefault(target, name) != name:
                    self.found.add("merged", self.path, 0, f"{name} and {taken[target]} are one")
        for scope in self.reading.module.all():
            names = self.bound if scope.parent is None else scope.bound()
            nid = self.graph_scopes.get(self.key(scope), -1)
            bound = len(self.facts.binds.get(nid, ()))
            self.found.count("bindings", bound)
            if bound != len(names):
                listed = {self.facts.ends[target][1] for target in self.facts.binds.get(nid, ())}
                what = f"{scope.name} binds {len(names)} names, {bound} in the graph: "
                self.found.add("binds", self.path, scope.line, what + str(listed ^ names))


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
