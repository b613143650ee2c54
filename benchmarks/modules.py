"""The modules of a folder, found as the interpreter finds them, and the names that each binds.

`importlib.machinery.PathFinder` is asked part by part, with the last part of a name only: so it
reads folders and runs nothing.
"""

from __future__ import annotations

import ast
import importlib
from importlib.machinery import PathFinder
from pathlib import Path
from typing import NamedTuple

from benchmarks import scopes
from benchmarks.source import Source

OPEN = "*"
"""Stands in a set of names for those that only a run can tell."""


class Module(NamedTuple):
    """A module that was found: its file below the folder, or none for a namespace package."""

    path: str | None
    search: tuple[str, ...]
    stub: bool = False


class Modules:
    """Every module of a folder, by dotted name."""

    def __init__(self, root: Path) -> None:
        self.folder = root.resolve()
        if (self.folder / "__init__.py").exists():
            self.roots = [self.folder.parent]
        else:
            self.roots = [self.folder]
            if (self.folder / "src").is_dir():
                self.roots.append(self.folder / "src")
        self._found: dict[str, Module | None] = {}
        self._names: dict[str, set[str]] = {}
        self._exports: dict[str, set[str]] = {}
        self._trees: dict[str, ast.Module | None] = {}
        importlib.invalidate_caches()

    def name(self, path: str) -> str:
        """Return the dotted name of a file, by the import root nearest to it."""
        full = (self.folder / path).with_suffix("")
        root = max((r for r in self.roots if full.is_relative_to(r)), key=lambda r: len(r.parts))
        parts = list(full.relative_to(root).parts)
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def package(self, path: str) -> str:
        """Return the dotted name of the package that a file's relative imports start from."""
        name = self.name(path)
        return name if Path(path).stem == "__init__" else name.rpartition(".")[0]

    def find(self, name: str) -> Module | None:
        """Return the module of a dotted name if it lies in the folder."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: str) -> Module | None:
        package, _, last = name.rpartition(".")
        if package:
            parent = self.find(package)
            search = parent.search if parent is not None else ()
        else:
            search = tuple(str(root) for root in self.roots)
        if not search or not last:
            return None
        spec = PathFinder.find_spec(last, search)
        inside = spec and self._inside(spec.origin)
        if spec is None or (spec.origin and inside is None):
            return self._stub(last, search)
        places = tuple(spec.submodule_search_locations or ())
        if spec.origin is None and not any(self._inside(place) is not None for place in places):
            return None
        if spec.origin is None:
            return self._stub(last, search) or Module(None, places)
        return Module(inside, places)

    def _stub(self, last: str, search: tuple[str, ...]) -> Module | None:
        for place in search:
            for file in (Path(place, last, "__init__.pyi"), Path(place, last + ".pyi")):
                if file.exists():
                    inner = (str(file.parent),) if file.stem == "__init__" else ()
                    return Module(self._inside(str(file)), inner, stub=True)
        return None

    def _inside(self, place: str | None) -> str | None:
        if place is None or not Path(place).is_relative_to(self.folder):
            return None
        return Path(place).relative_to(self.folder).as_posix()

    # -- names -----------------------------------------------------------------------------------
    def tree(self, path: str) -> ast.Module | None:
        """Return the tree of a file; None where Python cannot parse it."""
        if path not in self._trees:
            try:
                self._trees[path] = ast.parse((self.folder / path).read_bytes())
            except (SyntaxError, ValueError):
                self._trees[path] = None
        return self._trees[path]

    def names(self, path: str) -> set[str]:
        """List the names bound at the top of a file, those of its stars too; `*` is the unknown."""
        if path not in self._names:
            self._names[path] = set()  # a circle of stars ends here
            try:
                module = scopes.read(Source((self.folder / path).read_bytes())).module
            except (SyntaxError, ValueError):
                self._names[path] = {OPEN}
                return self._names[path]
            found = scopes.global_names(module)
            if "__getattr__" in found:
                found.add(OPEN)
            for target in self.stars(path):
                found |= {OPEN} if target is None else self.exports(target)
            self._names[path] = found
        return self._names[path]

    def stars(self, path: str) -> list[str | None]:
        """List the files that a file imports everything from; None is one outside the folder."""
        found: list[str | None] = []
        tree = self.tree(path)
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                name = self.absolute(path, node)
                target = self.find(name) if name else None
                found.append(target.path if target else None)
        return found

    def absolute(self, path: str, node: ast.ImportFrom) -> str | None:
        """Return the absolute name of the module an import takes names from; None: too many dots."""
        if not node.level:
            return node.module
        parts = self.package(path).split(".") if self.package(path) else []
        if node.level > len(parts):
            return None
        base = parts[: len(parts) - node.level + 1]
        return ".".join([*base, node.module] if node.module else base)

    def exports(self, path: str) -> set[str]:
        """List the names that a star takes from a file; `*` stands for those only a run can tell."""
        if path not in self._exports:
            self._exports[path] = set()
            listed = self._listed(path)
            if listed is None:
                listed = {n for n in self.names(path) if not n.startswith("_")}
            self._exports[path] = listed
        return self._exports[path]

    def _listed(self, path: str) -> set[str] | None:
        """Read `__all__`; None where there is none."""
        tree = self.tree(path)
        found: set[str] | None = None
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.Name) and node.id == "__all__":
                found = found or set()
        if found is None or tree is None:
            return None
        for node in tree.body:
            match node:
                case ast.Assign(targets=[ast.Name("__all__")], value=value) | ast.AnnAssign(
                    target=ast.Name("__all__"), value=value
                ):
                    found = _constants(value)
                case ast.AugAssign(target=ast.Name("__all__"), value=value):
                    found |= _constants(value)
                case _ if any(
                    isinstance(inner, ast.Name) and inner.id == "__all__"
                    for inner in ast.walk(node)
                ):
                    found.add(OPEN)
        return found

    def may_bind(self, path: str, name: str) -> bool:
        """Say whether a star import of a file may bind a name."""
        for target in self.stars(path):
            if target is None or {name, OPEN} & self.exports(target):
                return True
        return False


def _constants(value: ast.AST | None) -> set[str]:
    if isinstance(value, (ast.List, ast.Tuple)):
        return {
            item.value
            if isinstance(item, ast.Constant) and isinstance(item.value, str)
            else OPEN
            for item in value.elts
        }
    if isinstance(value, ast.BinOp):
        return _constants(value.left) | _constants(value.right)
    return {OPEN}
