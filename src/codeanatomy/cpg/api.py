"""The Python API: build a graph, open one, ask it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from codeanatomy.cpg.result import Result
from codeanatomy.cpg.snapshot import Snapshot
from codeanatomy.kernel.errors import AnatomyError, Phase
from codeanatomy.store import manifest as manifests
from codeanatomy.store.open import open_store

if TYPE_CHECKING:
    from codeanatomy.kernel.schema import Table
    from codeanatomy.store.manifest import Manifest


class NoGraphError(AnatomyError):
    """There is no graph in that place; the message says how to build one."""

    code = "no-graph"
    phase = Phase.STORE
    exit_status = 2


def open(  # noqa: A001 - read as `codeanatomy.open`
    store: str | Path = ".codeanatomy",
    version: int | None = None,
    size: str = "auto",
    memory_bytes: int | None = None,
) -> Graph:
    """Open the newest version of the graph in a store, or the one asked for.

    `store` is a folder or an address such as `parquet://FOLDER`. `size` (auto, small, medium or
    large) and `memory_bytes` say how much of the machine questions may use. Raises
    `NoGraphError` where nothing was ever built, `UnknownVersionError`.
    """
    root = folder_of(store)
    found = manifests.latest(root)
    if found is None:
        raise NoGraphError(
            f"no graph in {store}; `codeanatomy build REPO -s {store}` makes one", store=str(store)
        )
    if version is not None and version != found.number:
        found = manifests.read(root, version)
    return Graph(store, found, size, memory_bytes)


def folder_of(store: str | Path) -> Path:
    """Return the folder that holds a store's manifests."""
    return Path(str(store).rpartition("://")[2]).expanduser()


class Graph:
    """One version of a code property graph; `open` and `build` give one."""

    def __init__(
        self, store: str | Path, manifest: Manifest, size: str, memory_bytes: int | None
    ) -> None:
        self.store = str(store)
        self._limits = (size, memory_bytes)
        self._snapshot = Snapshot(open_store(store), manifest, size, memory_bytes)

    @property
    def manifest(self) -> Manifest:
        """The manifest that pins this version, with the facts of the build that made it."""
        return self._snapshot.manifest

    @property
    def version(self) -> int:
        """The number of this version."""
        return self.manifest.number

    @property
    def absent(self) -> dict[str, str]:
        """Why each declared table, view, node kind or edge kind that is not there is not."""
        return dict(self._snapshot.absent)

    def at(self, version: int) -> Graph:
        """Open another version of the same store; raises `UnknownVersionError`."""
        return open(self.store, version, *self._limits)

    def history(self) -> list[Manifest]:
        """List the manifests of every version, oldest first."""
        return manifests.history(folder_of(self.store))

    def sql(self, text: str) -> Result:
        """Answer one SELECT over the tables and views that `tables` lists.

        Raises `QueryError` for SQL that is not valid or would do more than read.
        """
        return Result(self._snapshot.sql(text))

    def tables(self) -> tuple[Table, ...]:
        """Return every table and view that is there, with columns and meanings, by name."""
        return self._snapshot.tables()
