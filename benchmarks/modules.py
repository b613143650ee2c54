"""The modules of a folder, found as the interpreter finds them, and the names that each binds.

`importlib.machinery.PathFinder` is asked part by part, with the last part of a name only: so it
reads folders and runs nothing.
"""

from __future__ import annotations

import ast
import importlib
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks import scopes
from benchmarks.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

OPEN = "*"
"""Stands in a set of names for those that only a run can tell."""


class Module(NamedTuple):
    """A module that was found: its file below the folder, or none for a namespace package."""

    path: str | None
    search: tuple[str, ...]
    stub: bool = False


class Giver(NamedTuple):
    """One statement that binds a name at the top of a file; where its syntax node starts."""

    role: str
    carrier: tuple[int, int]


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
        self._own: dict[str, set[str]] = {}
        self._givers: dict[str, dict[str, list[Giver]]] = {}
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
        inside = self._inside(spec.origin) if spec else None
        if spec is None or (spec.origin and inside is None):
            return self._stub(last, search)
        places = tuple(spec.submodule_search_locations or ())
        if spec.origin is None and not any(self._inside(place) is not None for place in places):
            return None
        if spec.origin is None:
            return self._stub(last, search) or Module(None, places)
        return Module(inside, places)

    def has_python(self, module: Module) -> bool:
        """Say whether there are Python files in or below a namespace package."""
        return any(
            next(Path(place).rglob(f"*{suffix}"), None)
            for place in module.search
            for suffix in (".py", ".pyi")
        )

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
            self._own[path], self._givers[path] = set(), {}
            try:
                source = Source((self.folder / path).read_bytes())
                reading = scopes.read(source)
            except (SyntaxError, ValueError):
                self._names[path] = {OPEN}
                return self._names[path]
            found = scopes.global_names(reading.module)
            self._own[path] = set(found)
            self._givers[path] = _givers(source, reading)
            if "__getattr__" in found:
                found.add(OPEN)
            for target in self.stars(path):
                found |= {OPEN} if target is None else self.exports(target)
            self._names[path] = found
        return self._names[path]

    def binds(self, path: str, name: str) -> bool:
        """Say whether a file's own text binds a name at its top."""
        self.names(path)
        return name in self._own[path]

    def sole_import(
        self, path: str, name: str
    ) -> tuple[ast.Import | ast.ImportFrom, ast.alias] | None:
        """Return the import that binds a name of a file, if nothing else does."""
        self.names(path)
        givers = self._givers[path].get(name, [])
        if len(givers) != 1 or givers[0].role != "import":
            return None
        tree = self.tree(path)
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for alias in node.names:
                    if givers[0].carrier == (alias.lineno, alias.col_offset):
                        return node, alias
        return None

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
        """Return the absolute name of the module to import from; None where dots lead too high."""
        if not node.level:
            return node.module
        parts = self.package(path).split(".") if self.package(path) else []
        if node.level > len(parts):
            return None
        base = parts[: len(parts) - node.level + 1]
        return ".".join([*base, node.module] if node.module else base)

    def exports(self, path: str) -> set[str]:
        """List the names that a star takes from a file; `*` is what only a run can tell."""
        if path not in self._exports:
            self._exports[path] = set()
            listed = self._listed(path)
            if listed is None:
                listed = {n for n in self.names(path) if not n.startswith("_")}
            self._exports[path] = listed
        return self._exports[path]

    def _listed(self, path: str) -> set[str] | None:
        """Read `__all__`; None where there is none."""
        found: set[str] | None = None
        tree = self.tree(path)
        for statement in _statements(tree.body) if tree else ():
            found = _changed(found, statement)
        return found

    def is_submodule(self, path: str, name: str) -> bool:
        """Say whether a name is a submodule of the package that a file is the `__init__` of."""
        inside = Path(path).stem == "__init__"
        return inside and self.find(f"{self.package(path)}.{name}") is not None

    def may_bind(self, path: str, name: str) -> bool:
        """Say whether a star import of a file may bind a name."""
        for target in self.stars(path):
            if target is None or {name, OPEN} & self.exports(target):
                return True
        return False


def _givers(source: Source, reading: scopes.Reading) -> dict[str, list[Giver]]:
    """List what gives each global name of a file its value."""
    places = {
        source.span(node): (node.lineno, node.col_offset)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.alias)
    }
    found: dict[str, list[Giver]] = {}
    for one in reading.plain:
        if one.role in ("load", "global", "nonlocal", "delete"):
            continue
        if scopes.meaning(one.scope, one.name)[1] is reading.module:
            place = places.get(one.carrier, (0, 0))
            found.setdefault(one.name, []).append(Giver(one.role, place))
    return found


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """List the statements of a module body, also those in its branches, in order."""
    for statement in body:
        if isinstance(statement, (ast.If, ast.Try, ast.For, ast.While, ast.With)):
            for field in ("body", "handlers", "orelse", "finalbody"):
                for inner in getattr(statement, field, []):
                    yield from _statements(
                        inner.body if isinstance(inner, ast.ExceptHandler) else [inner]
                    )
        else:
            yield statement


def _changed(found: set[str] | None, statement: ast.stmt) -> set[str] | None:
    """Return `__all__` after a statement."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name("__all__")], value=value)
            | ast.AnnAssign(target=ast.Name("__all__"), value=ast.expr() as value)
        ):
            return (found or set()) | _constants(value)
        case ast.AugAssign(target=ast.Name("__all__"), op=ast.Add(), value=value):
            return (found or set()) | _constants(value)
        case ast.Expr(ast.Call(ast.Attribute(ast.Name("__all__"), verb), [value])):
            if verb == "extend":
                return (found or set()) | _constants(value)
            if verb == "append":
                return (found or set()) | _constants(ast.List([value]))
    stored = any(
        isinstance(node, ast.Name) and node.id == "__all__" and not _only_read(node, statement)
        for node in ast.walk(statement)
    )
    return (found or set()) | {OPEN} if stored else found


def _only_read(name: ast.Name, statement: ast.stmt) -> bool:
    """Say whether a statement only looks at `__all__`: it stands right of an assignment."""
    if not isinstance(statement, (ast.Assign, ast.AugAssign, ast.FunctionDef, ast.ClassDef)):
        return False
    return isinstance(name.ctx, ast.Load)


def _constants(value: ast.AST | None) -> set[str]:
    if isinstance(value, (ast.List, ast.Tuple)):
        return {
            item.value if isinstance(item, ast.Constant) and isinstance(item.value, str) else OPEN
            for item in value.elts
        }
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        return _constants(value.left) | _constants(value.right)
    return {OPEN}
