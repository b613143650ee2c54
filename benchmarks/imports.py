"""Every import of the sources leads where the interpreter would find it.

    python -m benchmarks.imports [CORPUS ...]

The other side is `importlib.machinery.PathFinder`, asked part by part over the folder's import
roots, which runs nothing; for `from m import n`: `n` as bound in `m`, re-exports followed, else a
submodule. Imports that guards or edits of `sys.path` can lead elsewhere are counted apart. Prints
JSON; ends with status 1 where something disagrees.
"""

from __future__ import annotations

import ast
import sys
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks import corpora
from benchmarks.findings import Findings, report
from benchmarks.graph import Sheet, built, rows
from benchmarks.modules import OPEN, Module, Modules
from benchmarks.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.cpg.api import Graph

OUTSIDE = frozenset({"external module", "external symbol", "builtin"})
EDGES = """
SELECT i.path, i.bstart, i.bend, e.kind, e.dst, e.reason
FROM (SELECT nid, path, bstart, bend FROM nodes WHERE kind = 'import' AND syntax IS NOT NULL) i
LEFT JOIN (SELECT src, dst, kind, props['reason'] AS reason FROM edges
           WHERE kind IN ('IMPORTS_NAME', 'UNRESOLVED')) e ON i.nid = e.src"""
ENDS = """
SELECT nid, kind, name, qualified_name, path FROM nodes WHERE nid IN (
  SELECT dst FROM edges WHERE kind IN ('IMPORTS_NAME', 'IMPORTS'))"""
MODULES = """
SELECT s.path, d.path AS target
FROM edges e JOIN nodes s ON e.src = s.nid JOIN nodes d ON e.dst = d.nid
WHERE e.kind = 'IMPORTS' AND d.path IS NOT NULL AND d.kind = 'module'"""


class Target(NamedTuple):
    """What an import means: a file of the folder and a name in it, or no name for the module.

    `sort` is module, name, open (only a run can tell), folder (a namespace package), data folder
    (one without Python files), no_module, no_name, beyond_top or outside.
    """

    sort: str
    path: str | None = None
    name: str | None = None


class End(NamedTuple):
    """A node that an edge leads to."""

    kind: str
    name: str | None
    qualified_name: str | None
    path: str | None


def check(graph: Graph, root: Path, corpus: str) -> Findings:
    """Compare every import of a folder."""
    found, modules, edges = Findings("imports", corpus), Modules(root), Sheet(graph, EDGES)
    between = Sheet(graph, MODULES)
    ends = {nid: End(*rest) for nid, *rest in rows(graph, ENDS)}
    for path in corpora.python_files(root):
        try:
            source = Source((root / path).read_bytes())
        except (SyntaxError, UnicodeDecodeError, ValueError):
            found.count("files that Python cannot parse")
            continue
        found.count("files")
        file = _File(found, modules, ends, path, source)
        file.check(edges.get(path))
        file.check_modules({dst for (dst,) in between.get(path)})
    return found


class _File:
    """The comparison of one file."""

    def __init__(
        self, found: Findings, modules: Modules, ends: dict[int, End], path: str, source: Source
    ) -> None:
        self.found, self.modules, self.ends = found, modules, ends
        self.path, self.source = path, source
        self.edited = _edits_path(source.tree)

    def check(self, edges: list[tuple[Any, ...]]) -> None:
        """Compare every imported name with its edge."""
        seen: dict[tuple[int, int], list[tuple[Any, ...]]] = {}
        for begin, end, *rest in edges:
            seen.setdefault((begin, end), []).append(tuple(rest))
        for statement, guard in _imports(self.source.tree):
            for alias in statement.names:
                self.found.count("imported names")
                there = seen.pop(self.source.span(alias), [])
                if len(there) != 1 or there[0][0] is None:
                    self.add("edges", statement, alias, f"has {len(there)} edges: {there}")
                else:
                    self.compare(statement, alias, guard, there[0])
        for span in seen:
            self.found.add("surplus", self.path, 0, f"import at {span}")

    def check_modules(self, edges: set[str]) -> None:
        """Check that the file's module imports those that its statements name, and no other.

        It may import what these bring in: packages around them, and submodules taken as names.
        """
        named: set[str] = set()
        brought: set[str] = set()
        for statement, _ in _imports(self.source.tree):
            if isinstance(statement, ast.Import):
                names = [alias.name for alias in statement.names]
            else:
                name = self.modules.absolute(self.path, statement)
                names = [name] if name else []
            for name in names:
                named |= self.files(name)
                for length in range(1, name.count(".") + 1):
                    brought |= self.files(".".join(name.split(".")[:length]))
                if isinstance(statement, ast.ImportFrom):
                    for alias in statement.names:
                        brought |= self.files(f"{name}.{alias.name}")
        self.found.count("modules imported", len(named))
        for path in named - edges - {self.path}:
            self.found.add("IMPORTS", self.path, 0, f"has no edge to {path}")
        for path in edges - named - brought:
            self.found.add("IMPORTS invented", self.path, 0, f"has an edge to {path}")

    def files(self, name: str) -> set[str]:
        """Return the file of a module as a set; empty where there is none."""
        module = self.modules.find(name)
        return {module.path} if module and module.path else set()

    def add(
        self, sort: str, statement: ast.Import | ast.ImportFrom, alias: ast.alias, what: str
    ) -> None:
        """Note a disagreement about one imported name."""
        text = ast.unparse(statement) if len(statement.names) < 3 else alias.name
        self.found.add(sort, self.path, alias.lineno, f"{text} ({alias.name}) {what}")

    def compare(
        self,
        statement: ast.Import | ast.ImportFrom,
        alias: ast.alias,
        guard: str,
        edge: tuple[Any, ...],
    ) -> None:
        """Compare one imported name."""
        kind, dst, reason = edge
        wanted = self.wanted(statement, alias)
        end = self.ends[dst] if kind == "IMPORTS_NAME" else None
        right = self.agrees(wanted, end, reason)
        if isinstance(statement, ast.Import) and wanted.sort == "no_module":
            top = self.module(alias.name.partition(".")[0])  # `import os.path` still binds `os`
            right = right or self.agrees(top, end, reason)
        apart = "edited path" if self.edited else guard
        self.found.count(f"{wanted.sort}{': ' + apart if apart else ''}")
        if not right:
            sort = "invented" if end and end.path and wanted.path is None else wanted.sort
            sort = f"{sort}: {apart}" if apart else sort
            self.add(sort, statement, alias, f"means {wanted}, in the graph {end or reason}")

    def wanted(self, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> Target:
        """Find what an imported name means."""
        if isinstance(statement, ast.Import):
            whole = self.module(alias.name)
            bound = whole if alias.asname else self.module(alias.name.partition(".")[0])
            return whole if whole.path is None else bound
        name = self.modules.absolute(self.path, statement)
        if name is None:
            return Target("beyond_top")
        if alias.name == "*":
            return self.module(name)
        return self.member(name, alias.name, set())

    def module(self, name: str) -> Target:
        """Find a module by its dotted name."""
        module = self.modules.find(name)
        if module is not None:
            return self.whole(module)
        top = self.modules.find(name.partition(".")[0])
        return Target("no_module" if top is not None and "." in name else "outside")

    def whole(self, module: Module) -> Target:
        """Return a module as a target; a folder without Python files is none."""
        if module.path is not None:
            return Target("module", module.path)
        return Target("folder" if self.modules.has_python(module) else "data folder")

    def member(self, module: str, name: str, seen: set[tuple[str, str]]) -> Target:
        """Find what a name of a module means: what is bound there, else a submodule."""
        found = self.modules.find(module)
        if found is None:
            return self.module(module)
        inner = self.modules.find(f"{module}.{name}")
        bound = found.path is not None and self.modules.binds(found.path, name)
        if found.path is not None and bound and not (inner and found.path == self.path):
            target = self.follow(found.path, name, seen)
            if target.sort != "cycle" or inner is None:
                return target
        if inner is not None:
            return self.whole(inner)
        return self.elsewhere(found.path, name, seen) or Target("no_name", found.path, name)

    def elsewhere(self, path: str | None, name: str, seen: set[tuple[str, str]]) -> Target | None:
        """Find a name that a module's own text does not bind: by a star, in its stub, at a run."""
        if path is None:
            return None
        star = self.through_star(path, name, seen)
        if star is not None:
            return star
        stub = str(PurePosixPath(path).with_suffix(".pyi"))
        if (self.modules.folder / stub).exists() and self.modules.binds(stub, name):
            return self.follow(stub, name, seen)
        return Target("open", path, name) if OPEN in self.modules.names(path) else None

    def follow(self, path: str, name: str, seen: set[tuple[str, str]]) -> Target:
        """Follow a name that a single import binds to what that means."""
        imported = self.modules.sole_import(path, name)
        if imported is None:
            return Target("name", path, name)
        if (path, name) in seen:
            return Target("cycle", path, name)
        seen.add((path, name))
        statement, alias = imported
        if isinstance(statement, ast.Import):
            return self.module(alias.name if alias.asname else alias.name.partition(".")[0])
        module = self.modules.absolute(path, statement)
        if module is None:
            return Target("beyond_top")
        return self.member(module, alias.name, seen)

    def through_star(self, path: str, name: str, seen: set[tuple[str, str]]) -> Target | None:
        """Find a name that a star import brings: the last star that has it."""
        for target in reversed(self.modules.stars(path)):
            if target is None or name not in self.modules.exports(target):
                continue
            if (target, name) in seen:
                continue
            if self.modules.binds(target, name):
                return self.follow(target, name, seen)
            seen.add((target, name))
            return self.through_star(target, name, seen) or Target("open", target, name)
        return None

    def agrees(self, wanted: Target, end: End | None, reason: str | None) -> bool:
        """Say whether the graph's end is the one wanted."""
        match wanted.sort:
            case "module":
                return end is not None and end.kind == "module" and end.path == wanted.path
            case "folder":
                return end is not None and end.kind in ("package", "module", "directory")
            case "name":
                return end is not None and end.path == wanted.path and end.name == wanted.name
            case "open":
                return end is None or end.path == wanted.path
            case "outside":
                return end is None or end.kind in OUTSIDE
            case _:
                return end is None and reason is not None


def _imports(tree: ast.Module) -> list[tuple[ast.Import | ast.ImportFrom, str]]:
    """List the imports of a file, each with the guard around it."""
    found = []
    left: list[tuple[ast.AST, str]] = [(tree, "")]
    while left:
        node, guard = left.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.append((node, guard))
        elif isinstance(node, (ast.Try, ast.If)):
            guard = guard or ("try" if isinstance(node, ast.Try) else "condition")
        if not isinstance(node, ast.expr):
            left.extend((child, guard) for child in ast.iter_child_nodes(node))
    return found


def _edits_path(tree: ast.Module) -> bool:
    """Say whether a file touches `sys.path`."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr in ("path", "meta_path", "modules")
        and isinstance(node.value, ast.Name)
        and node.value.id == "sys"
        for node in ast.walk(tree)
    )


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
