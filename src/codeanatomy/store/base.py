"""What every store promises: append-only, versioned tables of Arrow batches.

A version is a whole number counted from 0, one for each commit to a table. Rows of one write come
back in the order in which they were written; between writes and partitions there is no order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import msgspec

from codeanatomy.kernel.errors import UnsupportedError
from codeanatomy.store.errors import StoreConflictError, UnknownTableError, UnknownVersionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa

    from codeanatomy.kernel.schema import Table

NOTHING = -1
"""The `base` of a write that continues from an empty table, whatever the store already holds."""


class Version(msgspec.Struct, frozen=True):
    """One commit to one table: its number, the rows it has in all, when (microseconds, UTC)."""

    number: int
    rows: int
    timestamp: int
    facts: dict[str, Any] = {}


class Capabilities(msgspec.Struct, frozen=True):
    """What a backend can do, as data; an operation in `unsupported` raises `UnsupportedError`."""

    backend: str
    durable: bool
    concurrent_writers: bool
    time_travel: bool
    replace: bool
    sql_source: bool
    unsupported: tuple[str, ...] = ()


class Store(ABC):
    """Tables by name; every write is one commit, every commit stays readable."""

    uri: str
    capabilities: Capabilities

    @abstractmethod
    def tables(self) -> tuple[str, ...]:
        """Name every table, sorted."""

    @abstractmethod
    def version(self, name: str) -> int | None:
        """Return the newest version of a table; None where there is no such table."""

    @abstractmethod
    def append(self, table: Table, data: object, *, base: int | None = None) -> int:
        """Add the rows of `data` to those of version `base` in one commit; return its number.

        `data` is anything that speaks the Arrow C stream: a table, a reader, a DataFusion frame.
        `base` None continues from the newest version, `NOTHING` from no rows at all; any other
        number from that version, so that newer ones (left by a crash) have no part in it; if the
        table changes while such a write runs, it is a conflict.
        Raises `SchemaMismatchError`, `StoreWriteError`, `StoreConflictError`.
        """

    @abstractmethod
    def replace(
        self, table: Table, data: object, where: Mapping[str, str], *, base: int | None = None
    ) -> int:
        """Put `data` in the place of all rows whose partition columns equal `where`.

        One commit; other rows stay. `where={}` replaces everything, and may change the schema.
        Every row of `data` must itself lie in `where`.
        """

    @abstractmethod
    def scan(
        self,
        name: str,
        *,
        as_of: int | None = None,
        columns: Sequence[str] | None = None,
        where: Mapping[str, str] | None = None,
    ) -> pa.RecordBatchReader:
        """Read the rows of one version, in declared types; `where` is equality of any columns."""

    @abstractmethod
    def history(self, name: str) -> list[Version]:
        """List the versions of a table, oldest first."""

    @abstractmethod
    def source(self, name: str, as_of: int | None = None) -> object:
        """Return what a DataFusion session can register for one version of a table."""

    def vacuum(self, name: str, *, keep: Sequence[int], delete: bool = False) -> list[str]:
        """List, or with `delete` remove, old files that no version in `keep` needs."""
        raise self.refuse("vacuum", name=name, keep=list(keep), delete=delete)

    def optimise(self, name: str) -> int:
        """Put small files together; the rows stay. Return the version."""
        raise self.refuse("optimise", name=name)

    def checkpoint(self, name: str) -> None:
        """Sum up the log of a table, so that opening it reads less."""
        raise self.refuse("checkpoint", name=name)

    def restore(self, name: str, number: int) -> int:
        """Make the content of an older version the newest again, as a new version."""
        raise self.refuse("restore", name=name, number=number)

    def refuse(self, operation: str, **facts: object) -> UnsupportedError:
        """Make the error for an operation that this backend lists as unsupported."""
        backend = self.capabilities.backend
        return UnsupportedError(
            f"the {backend} store cannot {operation}; a delta store can",
            operation=operation,
            backend=backend,
            **facts,
        )

    def no_table(self, name: str) -> UnknownTableError:
        """Make the error for a table that is not there."""
        return UnknownTableError(
            f"no table {name!r} in {self.uri}; it has {', '.join(self.tables()) or 'none'}",
            name=name,
            uri=self.uri,
        )


def no_version(name: str, number: int, known: Iterable[int]) -> UnknownVersionError:
    """Make the error for a version that a table does not have."""
    numbers = sorted(known)
    has = f"{numbers[0]} to {numbers[-1]}" if numbers else "none"
    return UnknownVersionError(
        f"no version {number} of {name}; it has {has}", name=name, number=number
    )


def overtaken(place: object) -> StoreConflictError:
    """Make the error for a write that another one was faster than."""
    return StoreConflictError(
        f"another writer changed {place} first; build again on its newest version",
        path=str(place),
    )
