"""Modules that are not in the store: where the source of each is, in the library or installed."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Literal, NamedTuple

from codeanatomy.cpg.outside.environment import sites
from codeanatomy.cpg.outside.folders import Folders
from codeanatomy.cpg.outside.installed import Installed
from codeanatomy.cpg.outside.library import Library

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from codeanatomy.cpg.outside.environment import Site
    from codeanatomy.cpg.outside.installed import Distribution

Origin = Literal["library", "environment"]
LISTED = ".*"
"""Ends a lookup that asked for the submodules of a module."""


DEEPEST = 100
"""Most parts in the name of a module that is looked for."""


class Found(NamedTuple):
    """One module: its file, or None for a namespace package; `root` is the folder it is below.

    `is_typed` says that its annotations are meant to be read: it is a stub, or its package has a
    `py.typed` (PEP 561).
    """

    module: str
    path: Path | None
    root: Path
    origin: Origin
    is_package: bool
    is_stub: bool
    is_typed: bool
    distribution: str | None = None
    version: str | None = None

    def read(self) -> bytes:
        """Return its source as stored; nothing for a namespace package."""
        return self.path.read_bytes() if self.path else b""


class _Place(NamedTuple):
    """Where a module was found, and the folders of its submodules: stub packages come first."""

    found: Found
    stubs: tuple[Path, ...]
    sources: tuple[Path, ...]


class Outside:
    """The standard library's stubs, and what is installed in one environment.

    Everything is looked up once: what an environment holds is what it held when first asked.
    """

    def __init__(self, python: Path | None, version: tuple[int, int]) -> None:
        """Take the library of `version`, and the environment that `python` names, if it does.

        Raises `NoEnvironmentError`, and `MissingPartError` where the library's stubs are missing.
        """
        self.python = python.expanduser().absolute() if python else None
        self._folders = Folders()
        self._library = Library(version)
        self._sites: tuple[Site, ...] = sites(self.python, version) if self.python else ()
        self._installed: Installed | None = None
        self._places: dict[str, _Place | None] = {}
        self._asked: dict[str, None] = {}

    def find(self, module: str) -> Found | None:
        """Find a module by its dotted name; None where neither has a source or a stub for it.

        The library comes first, then stub packages (`foo-stubs`), then what is installed.
        """
        self._asked[module] = None
        place = self._place(module)
        return place.found if place else None

    def submodules(self, module: str) -> tuple[str, ...]:
        """Name the modules directly inside a package, sorted, without its own name before them."""
        self._asked[module + LISTED] = None
        return self._names(module)

    @property
    def asked(self) -> tuple[str, ...]:
        """Everything looked up so far, found or not, sorted: what a result was made of."""
        return tuple(sorted(self._asked))

    def fingerprint(self, asked: Iterable[str]) -> dict[str, str]:
        """Return what each lookup finds: a file's place below its root and the hash of its bytes.

        Two that are equal found the same, wherever the environment lies. A lookup that fails is
        the empty text, so that what is installed later makes a difference.
        """
        return {name: self._identity(name) for name in sorted(set(asked))}

    def _identity(self, name: str) -> str:
        if name.endswith(LISTED):
            return " ".join(self._names(name.removesuffix(LISTED)))
        place = self._place(name)
        if place is None:
            return ""
        found = place.found
        path = found.path.relative_to(found.root).as_posix() if found.path else ""
        said = (found.origin, path, found.is_typed, found.distribution, found.version)
        return " ".join([*map(str, said), sha256(found.read()).hexdigest()])

    def _names(self, module: str) -> tuple[str, ...]:
        place = self._place(module)
        if place is None:
            return ()
        names = self._folders.names((*place.stubs, *place.sources))
        return tuple(sorted(n for n in names if self._place(f"{module}.{n}")))

    def _place(self, module: str) -> _Place | None:
        if module not in self._places:
            parent, _, name = module.rpartition(".")
            self._places[module] = self._look(module, parent, name) if _named(module) else None
        return self._places[module]

    def _look(self, module: str, parent: str, name: str) -> _Place | None:
        if self._library.has(module):
            return self._in_library(module, parent, name)
        around = self._place(parent) if parent else None
        if parent and (around is None or around.found.origin == "library"):
            return None
        if around:
            return self._installed_at(module, name, name, around.stubs, around.sources)
        folders = tuple(site.folder for site in self._sites)
        return self._installed_at(module, name, f"{name}-stubs", folders, folders)

    def _in_library(self, module: str, parent: str, name: str) -> _Place | None:
        root = self._library.root
        around = self._place(parent) if parent else None
        hit = self._folders.search(around.sources if around else (root,), name)
        if hit is None or hit.file is None or (parent and around is None):
            return None
        found = Found(
            module, hit.file, root, "library", bool(hit.inside), is_stub=True, is_typed=True
        )
        return _Place(found, (), hit.inside)

    def _installed_at(
        self, module: str, name: str, stub: str, stubs: tuple[Path, ...], sources: tuple[Path, ...]
    ) -> _Place | None:
        """Look among stub packages, then among what is installed; a file comes before a folder."""
        hits = self._folders.search(stubs, stub), self._folders.search(sources, name)
        inside = tuple(hit.inside if hit else () for hit in hits)
        file = next((hit.file for hit in hits if hit and hit.file), None)
        if file is None and not any(inside):
            return None
        site = self._site(file or (inside[1] or inside[0])[0])
        owner = self._owner(site, file) if file else None
        stubbed = file is not None and file.suffix == ".pyi"
        found = Found(
            module=module,
            path=file,
            root=site,
            origin="environment",
            is_package=file is None or file.stem == "__init__",
            is_stub=stubbed,
            is_typed=stubbed or (file is not None and self._marked(site, file)),
            distribution=owner.name if owner else None,
            version=owner.version if owner else None,
        )
        return _Place(found, *inside)

    def _site(self, path: Path) -> Path:
        """Return the innermost folder of packages that a path is below."""
        around = (site.folder for site in self._sites if path.is_relative_to(site.folder))
        return max(around, key=lambda folder: len(folder.parts))

    def _marked(self, site: Path, file: Path) -> bool:
        """Say whether a package around a file promises annotations."""
        around = file.relative_to(site).parents
        return any("py.typed" in self._folders.listing(site / p) for p in around if p.name)

    def _owner(self, site: Path, file: Path) -> Distribution | None:
        self._installed = self._installed or Installed(self._sites)
        return self._installed.owner(site, file)


def _named(module: str) -> bool:
    parts = module.split(".")
    return len(parts) <= DEEPEST and all(map(str.isidentifier, parts))
