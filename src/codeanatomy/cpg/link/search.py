"""Where an import looks: Python's search of folders for modules, over the files of a store.

The same walk as `importlib.machinery.PathFinder`, part by part: in each folder of the path a
package, else a module; folders without `__init__` join to a namespace package where no folder of
the path has either. Stubs stand in where there is no source.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from codeanatomy.cpg.link.modules import ABOVE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# In the interpreter itself on every platform: no file of this name is ever imported.
BUILT_IN = frozenset(
    "_abc _ast _codecs _collections _functools _imp _io _locale _operator _signal _sre _stat "
    "_string _symtable _thread _tracemalloc _warnings _weakref atexit builtins errno faulthandler "
    "gc itertools marshal nt posix sys time".split()
)
# Loaded before any repository's folder is searched: only the standard library has these.
FROZEN = frozenset(
    "__future__ _collections_abc _sitebuiltins abc codecs genericpath io ntpath os posixpath site "
    "stat zipimport".split()
)
_LIBRARY_HAS = ("abc", "codecs", "io", "os", "site", "stat")

Folder = tuple[str, str]  # repository, path


class Unit(NamedTuple):
    """One module that an import can find.

    `files` are its source and its stub, whichever there are; a namespace package has none.
    `paths` are the folders its submodules are looked for in.
    """

    name: str
    files: tuple[int, ...]
    paths: tuple[Folder, ...]


class Missing(NamedTuple):
    """A module that no repository of the store has; `inside` names the package that lacks it."""

    name: str
    inside: Unit | None


class Search:
    """The folders of a store, and what was found in them."""

    def __init__(
        self,
        files: Iterable[tuple[str, int, str, str]],
        root_names: Mapping[str, str],
        standard: frozenset[str],
    ) -> None:
        """Take (repo, file_no, path, root) of every importable file.

        `root_names` holds the package name of repositories whose own folder is a package.
        """
        self._standard = standard
        self._files: dict[Folder, dict[str, list[int]]] = defaultdict(dict)
        self._folders: dict[Folder, dict[str, Folder]] = defaultdict(dict)
        self._roots: dict[str, list[Folder]] = {}
        self._found: dict[tuple[str, str, str], Unit | Missing] = {}
        roots: dict[str, set[str]] = defaultdict(set)
        for repo, file_no, path, root in files:
            folder, _, name = path.rpartition("/")
            stem, _, suffix = name.rpartition(".")
            pair = self._files[repo, folder].setdefault(stem, [0, 0])
            pair[suffix == "pyi"] = file_no
            roots[repo].add(root)
            self._add_folders(repo, folder)
        for repo, below in roots.items():
            first = ABOVE if repo in root_names else ""
            if first:
                self._folders[repo, ABOVE][root_names[repo]] = (repo, "")
            self._roots[repo] = [(repo, r) for r in (first, *sorted(below - {"", ABOVE}))]
        self._library = next((r for r in sorted(self._roots) if self._is_library(r)), None)

    def find(self, repo: str, root: str, dotted: str) -> Unit | Missing:
        """Find a module by its absolute name, as a file of that repository and root imports it."""
        key = (repo, root, dotted)
        if key in self._found:
            return self._found[key]
        first, *rest = dotted.split(".")
        unit = self._top(repo, root, first)
        for part in rest:
            if isinstance(unit, Missing):
                break
            unit = self.submodule(unit, part) or Missing(dotted, unit)
        self._found[key] = unit._replace(name=dotted)
        return self._found[key]

    def submodule(self, unit: Unit, name: str) -> Unit | None:
        """Find a module directly in a package; None if it has no such module or is no package."""
        return self._in(unit.paths, name, f"{unit.name}.{name}") if unit.paths else None

    def package_at(self, folder: Folder, name: str) -> Unit:
        """Return the package that a folder is, whatever imports call it."""
        files = _present(self._files.get(folder, {}).get("__init__", [0, 0]))
        return Unit(name, files, (folder,))

    def _add_folders(self, repo: str, folder: str) -> None:
        while folder:
            above, _, name = folder.rpartition("/")
            siblings = self._folders[repo, above]
            if name in siblings:
                return
            siblings[name] = (repo, folder)
            folder = above

    def _is_library(self, repo: str) -> bool:
        return any(
            all(name in self._files.get(root, ()) for name in _LIBRARY_HAS)
            for root in self._roots[repo]
        )

    def _top(self, repo: str, root: str, name: str) -> Unit | Missing:
        """Look on the path: own roots, the standard library, other repositories by name."""
        if name in BUILT_IN:
            return Missing(name, None)
        portions: list[Folder] = []
        for place in self._path(repo, root, name):
            if place is None:
                return Missing(name, None)
            unit = self._in(place, name, name)
            if unit is not None and unit.files:
                return unit
            portions += unit.paths if unit else ()
        return Unit(name, (), tuple(portions)) if portions else Missing(name, None)

    def _path(self, repo: str, root: str, name: str) -> Iterator[Sequence[Folder] | None]:
        """Yield folders to search; None where the standard library outside the store has it."""
        library = self._roots[self._library] if self._library is not None else None
        own = sorted(self._roots.get(repo, []), key=lambda folder: folder[1] != root)
        if name in FROZEN and repo != self._library:
            yield library
        yield own
        if library is not None and repo != self._library:
            yield library
        if name in self._standard:
            yield None
        for other in sorted(self._roots):
            if other not in (repo, self._library):
                yield self._roots[other]

    def _in(self, folders: Sequence[Folder], name: str, dotted: str) -> Unit | None:
        portions: list[Folder] = []
        for folder in folders:
            below = self._folders.get(folder, {}).get(name)
            init = self._files.get(below, {}).get("__init__", [0, 0]) if below else [0, 0]
            module = self._files.get(folder, {}).get(name, [0, 0])
            for kind in (0, 1):  # sources before stubs
                if init[kind] and below:
                    return Unit(dotted, _present(init), (below,))
                if module[kind]:
                    return Unit(dotted, _present(module), ())
            if below:
                portions.append(below)
        return Unit(dotted, (), tuple(portions)) if portions else None


def _present(pair: Sequence[int]) -> tuple[int, ...]:
    return tuple(file_no for file_no in pair if file_no)
