"""Imports as evidence: what each imported name means, and which modules outside are imported.

Not made from one file's bytes: what a name means stands in other files, so the rows are decided
once a build, when every file has been read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from codeanatomy.cpg.evidence import EXTERNAL_INTERFACES, IMPORTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codeanatomy.kernel.schema import Table

VERSION = 1


def tabulate(
    imports: Iterable[tuple[object, ...]], interfaces: Iterable[tuple[object, ...]]
) -> tuple[pa.Table, pa.Table]:
    """Return the tables `imports` and `external_interfaces`, sorted by their keys."""
    return _table(IMPORTS, imports), _table(EXTERNAL_INTERFACES, interfaces)


def _table(table: Table, rows: Iterable[tuple[object, ...]]) -> pa.Table:
    schema = table.arrow()
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    made = pa.Table.from_arrays(arrays, schema=schema)
    return made.sort_by([(name, "ascending") for name in table.key])
