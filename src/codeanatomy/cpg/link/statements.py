"""What module an import statement names: dots counted, folders searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.cpg.link.modules import ABOVE
from codeanatomy.cpg.link.search import Missing, Search, Unit

if TYPE_CHECKING:
    from codeanatomy.cpg.link.index import File, Import, Index
    from codeanatomy.cpg.link.outside import Outside


class Named(NamedTuple):
    """The module that a statement names: one of the store, one outside, or none and why."""

    dotted: str  # absolute name; empty where dots lead beyond the top
    unit: Unit | None = None
    reason: str | None = None
    near: Unit | None = None  # the module that lacks it, where only a run can tell

    @property
    def outside(self) -> bool:
        """Whether no repository of the store has it, and none should."""
        return self.unit is None and self.reason is None


class Statements:
    """Finds the modules that import statements name."""

    def __init__(self, index: Index, outside: Outside, standard: frozenset[str]) -> None:
        self._index = index
        self._files = index.files
        self._outside = outside
        self._search = Search(_searched(index.files), _root_names(index.files), standard)
        self._named: dict[tuple[int, str, int], Named] = {}

    def named(self, row: Import) -> Named:
        """Find the module that a statement names: `m` of `import m` and of `from m import n`."""
        return self.module(row.file_no, row.module, row.level)

    def module(self, file_no: int, dotted: str, level: int = 0) -> Named:
        """Find a module by the name that a file calls it."""
        key = (file_no, dotted, level)
        if key not in self._named:
            file = self._files[file_no]
            found = self._relative(file, dotted, level) if level else self._absolute(file, dotted)
            self._named[key] = found
        return self._named[key]

    def submodule(self, unit: Unit, name: str) -> Unit | None:
        """Find a module directly in a package."""
        return self._search.submodule(unit, name)

    def may_be_outside(self, repo: str, unit: Unit, dotted: str) -> bool:
        """Whether what a package lacks may be another distribution's part of its namespace."""
        top = unit.name.partition(".")[0]
        namespace = not unit.files and (top == unit.name or self._is_namespace(repo, top))
        return namespace and self._outside.origin(repo, dotted).status != "unresolved"

    def own(self, file_no: int) -> Unit:
        """Return a file as the module it is; its stub or source beside it is left out."""
        file = self._files[file_no]
        folder = (file.repo, file.path.rpartition("/")[0])
        return Unit(file.module, (file_no,), (folder,) if file.package else ())

    def _is_namespace(self, repo: str, top: str) -> bool:
        found = self._search.find(repo, "", top)
        return isinstance(found, Unit) and not found.files

    def _absolute(self, file: File, dotted: str) -> Named:
        found = self._search.find(file.repo, file.root, dotted)
        if isinstance(found, Unit):
            return Named(dotted, found)
        inside = found.inside
        if inside is None or self.may_be_outside(file.repo, inside, dotted):
            return Named(dotted)
        if not inside.paths and self._binds(inside, dotted):
            return Named(dotted, reason="dynamic", near=inside)
        return Named(dotted, reason="no_module")

    def _binds(self, unit: Unit, dotted: str) -> bool:
        """Whether a module that is no package binds the name it is asked for as a package.

        It may enter itself in the interpreter's list of modules, as `os` does with `os.path`.
        """
        name = dotted[len(unit.name) + 1 :].partition(".")[0]
        return any(self._index.bound(file_no, name) for file_no in unit.files)

    def _relative(self, file: File, dotted: str, level: int) -> Named:
        """Count dots upwards from the file's folder, then look below."""
        top = "" if file.root == ABOVE else file.root
        prefix = [file.module.partition(".")[0]] if file.root == ABOVE else []
        folder = file.path.rpartition("/")[0]
        below = [part for part in folder[len(top) :].split("/") if part]
        kept = len(prefix) + len(below) - (level - 1)
        if kept < 1:
            return Named("", reason="beyond_top")
        below = below[: kept - len(prefix)]
        path = "/".join([top, *below] if top else below)
        base = ".".join([*prefix, *below])
        unit: Unit | None = self._package(file, (file.repo, path), base)
        for part in dotted.split(".") if dotted else ():
            unit = self._search.submodule(unit, part) if unit else None
        full = f"{base}.{dotted}" if dotted else base
        return Named(full, unit, None if unit else "no_module")

    def _package(self, file: File, folder: tuple[str, str], dotted: str) -> Unit:
        """Return the package a folder is: all portions of a namespace, if it is one."""
        found = self._search.find(file.repo, file.root, dotted)
        if isinstance(found, Missing) or folder not in found.paths:
            return self._search.package_at(folder, dotted)
        return found


def _searched(files: dict[int, File]) -> list[tuple[str, int, str, str]]:
    return [(f.repo, number, f.path, f.root) for number, f in files.items() if f.importable]


def _root_names(files: dict[int, File]) -> dict[str, str]:
    """Return the package names of repositories whose own folder is a package."""
    return {f.repo: f.module.partition(".")[0] for f in files.values() if f.root == ABOVE}
