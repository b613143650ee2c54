"""Writing rows: each table where its repository's rows lie; nobody sees them yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeanatomy.cpg import ids
from codeanatomy.store.base import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from codeanatomy.kernel.schema import Table
    from codeanatomy.store.base import Store


class Writer:
    """Replaces the rows of repositories table by table, bucket by bucket.

    Nothing is visible before the manifest pins what `versions` says. `parts` counts the rows of
    each table in each of its partitions, those of earlier builds too.
    """

    def __init__(
        self, store: Store, pinned: Mapping[str, int], parts: Mapping[str, Mapping[str, int]]
    ) -> None:
        """Continue from the pinned versions, and from the counts of their partitions."""
        self._store = store
        self.versions = dict(pinned)
        self.parts = {table: dict(counts) for table, counts in parts.items()}
        self._begun: set[tuple[str, tuple[tuple[str, str], ...]]] = set()

    def write(self, table: Table, rows: pa.Table, where: Mapping[str, str]) -> None:
        """Write rows whose partition columns equal `where`: the first in place of what was there.

        No rows make an empty table where there was none: it was looked for, and is not there.
        """
        key = (table.name, tuple(sorted(where.items())))
        first = key not in self._begun
        if not rows.num_rows and not first:
            return
        self._begun.add(key)
        rows = _with(table, rows, where)
        base = self.versions.get(table.name, NOTHING)
        if first:
            self.versions[table.name] = self._store.replace(table, rows, where, base=base)
        else:
            self.versions[table.name] = self._store.append(table, rows, base=base)
        counts, part = self.parts.setdefault(table.name, {}), "/".join(value for _, value in key[1])
        counts[part] = (0 if first else counts[part]) + rows.num_rows

    def forget(self, table: str) -> None:
        """Leave a table out of this version."""
        self.versions.pop(table, None)
        self.parts.pop(table, None)

    @property
    def rows(self) -> dict[str, int]:
        """How many rows each table has in all."""
        return {table: sum(counts.values()) for table, counts in sorted(self.parts.items())}


def _with(table: Table, rows: pa.Table, where: Mapping[str, str]) -> pa.Table:
    """Add partition columns that the rows lack, and put columns in the declared order."""
    for name, value in where.items():
        if name not in rows.column_names:
            rows = rows.append_column(name, ids.constant(value, rows.num_rows))
    return rows.select([column.name for column in table.columns])
