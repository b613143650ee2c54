"""Where a build writes: a store, and the version it continues from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from codeanatomy.kernel.errors import SpecError, UnsupportedError
from codeanatomy.store.disk import Disk
from codeanatomy.store.manifest import FOLDER, LOCK, Manifest, latest
from codeanatomy.store.open import open_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from codeanatomy.cpg.sources.select import Selected
    from codeanatomy.cpg.stages.asked import BuildSpec
    from codeanatomy.store.base import Store

_MANIFEST = re.compile(r"\d{8}\.(json|tmp-.+)")
_MAY_BE_THERE = {".gitignore", "cache", "lost+found"}  # before the first build


class OtherRootError(SpecError):
    """The store holds a repository of this name from another folder."""

    code = "other-root"


class NotAStoreError(SpecError):
    """The folder to write to holds something, and it is not a store."""

    code = "not-a-store"


class Place(NamedTuple):
    """Where a build writes: the store, its folder, and the version it continues from."""

    store: Store
    folder: Path
    base: Manifest | None
    disk: Disk

    @classmethod
    def of(cls, uri: str, disk: Disk | None) -> Self:
        """Open the store at `uri`, writing nothing.

        Raises `UnsupportedError` for a store that cannot hold a graph, `NotAStoreError` for a
        folder of something else: what is not ours is left alone.
        """
        store = open_store(uri, disk)
        able = store.capabilities
        if not (able.durable and able.sql_source):
            raise UnsupportedError(
                f"{able.backend} tables cannot hold a graph, which lies in a folder and is read "
                f"by SQL: give a folder, or parquet://FOLDER",
                uri=uri,
                backend=able.backend,
            )
        folder = Path(uri.rpartition("://")[2]).expanduser()
        if not _may_hold_a_store(folder):
            raise NotAStoreError(
                f"{folder} holds other files and no graph; name an empty folder, or a new one",
                path=str(folder),
            )
        return cls(store, folder, None, disk or Disk())

    def keep_from_git(self, root: Path) -> None:
        """Put a `.gitignore` of everything into a store that is new or lies inside `root`."""
        ignore = self.folder / ".gitignore"
        inside = self.folder.resolve().is_relative_to(root.resolve())
        if (inside or not self.folder.exists()) and not ignore.exists():
            self.disk.mkdir(self.folder)
            self.disk.write_bytes(ignore, b"*\n")

    def newest(self) -> Self:
        """Return the same place with the version that is newest now.

        Raises `NotAStoreError` where that lies in tables of another kind.
        """
        base = latest(self.folder)
        kind, own = self.store.capabilities.backend, base.facts["backend"] if base else ""
        if own not in ("", kind):
            raise NotAStoreError(
                f"{self.folder} holds a graph in {own} tables, not {kind} ones: build into "
                f"{own}://{self.folder}",
                path=str(self.folder),
            )
        return self._replace(base=base)

    @property
    def repos(self) -> dict[str, dict[str, Any]]:
        """What the store says of each repository, by name."""
        return dict(self.base.facts["repos"]) if self.base else {}

    @property
    def pinned(self) -> dict[str, int]:
        """The version of each table that is continued from."""
        return dict(self.base.tables) if self.base else {}

    @property
    def parts(self) -> dict[str, dict[str, int]]:
        """How many rows each table has in each of its partitions."""
        return dict(self.base.facts["partitions"]) if self.base else {}

    def rows(
        self, table: str, repo: str | None = None, columns: Sequence[str] | None = None
    ) -> pa.Table | None:
        """Return one repository's rows, or all, of a table as pinned; None where it has none."""
        if table not in self.pinned:
            return None
        where = None if repo is None else {"repo": repo}
        version = self.pinned[table]
        return self.store.scan(table, as_of=version, columns=columns, where=where).read_all()

    def refuse_other_root(self, name: str, root: Path) -> None:
        """Raise `OtherRootError` if the name is taken by another folder."""
        known = self.repos.get(name, {}).get("root")
        if known is not None and known != str(root):
            msg = (
                f"the store already holds a repository {name!r} from {known}; "
                f"give this one another name with --name, or build into another store"
            )
            raise OtherRootError(msg, name=name, root=str(root), known=known)

    def asked_outside(self, name: str) -> list[str]:
        """Return what the newest version of a repository looked up outside the store."""
        return list(self.repos.get(name, {}).get("asked_outside", ()))

    def unchanged(self, spec: BuildSpec, made_of: dict[str, str]) -> bool:
        """Whether the newest version is what this build would publish, but for `selection`."""
        known = self.repos.get(spec.name)
        return known is not None and known["envelope_hash"] == spec.envelope_hash(made_of)

    def outside(self, root: Path, chosen: Selected) -> Selected:
        """Leave out of the listing what the store itself keeps below the root."""
        own, top = self.folder.resolve(), root.resolve()
        if not own.is_relative_to(top) or own == top:
            return chosen
        below = own.relative_to(top).as_posix()
        rows = [r for r in chosen.rows if r.path != below and not r.path.startswith(below + "/")]
        return chosen._replace(rows=rows)


def _may_hold_a_store(folder: Path) -> bool:
    """Whether a folder is new, empty, or a store; a `manifests` of other files makes none."""
    if not folder.is_dir():
        return True
    there = {path.name for path in folder.iterdir()}
    if LOCK in there or not there - _MAY_BE_THERE:
        return True
    return FOLDER in there and all(_MANIFEST.fullmatch(p.name) for p in (folder / FOLDER).glob("*"))
