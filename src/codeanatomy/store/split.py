"""A stream cut by its partition columns: which rows belong to which part of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.kernel.errors import SpecError, UnsupportedError
from codeanatomy.store.errors import SchemaMismatchError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codeanatomy.kernel.schema import Table

Partition = tuple[str, ...]
"""The values of a table's partition columns as text, in the order in which it declares them."""


def split(
    table: Table, batches: pa.RecordBatchReader, where: Mapping[str, str]
) -> Iterator[tuple[Partition, pa.RecordBatch]]:
    """Yield each batch with the partition it lies in, cut where it spans several.

    Raises `SchemaMismatchError` for a row outside `where`, `UnsupportedError` for a partition
    column that is neither text nor a whole number.
    """
    for name in table.partition:
        _check_kind(table, name, batches.schema.field(name).type)
    for batch in batches:
        for values, rows in _cut(batch, table.partition):
            if not inside(table, values, where):
                raise _outside(table, values, where)
            yield values, rows


def inside(table: Table, values: Partition, where: Mapping[str, str]) -> bool:
    """Say whether a partition is one of those that `where` names."""
    own = dict(zip(table.partition, values, strict=True))
    return all(own[name] == value for name, value in where.items())


def check_where(table: Table, where: Mapping[str, str]) -> None:
    """Refuse to replace by a column that does not partition the table."""
    for name in where:
        if name not in table.partition:
            raise SpecError(
                f"table {table.name} cannot be replaced by {name!r}; it is partitioned by "
                f"{list(table.partition)}",
                table=table.name,
                column=name,
            )


def _check_kind(table: Table, name: str, kind: pa.DataType) -> None:
    declared = table.column(name)
    if declared.nullable or declared.type not in ("string", "int8", "int16", "int32", "int64"):
        raise UnsupportedError(
            f"table {table.name} cannot be partitioned by {name}, which is {kind}; "
            f"partition by text or whole numbers that are never null",
            table=table.name,
            column=name,
        )


def _cut(
    batch: pa.RecordBatch, names: tuple[str, ...]
) -> Iterator[tuple[Partition, pa.RecordBatch]]:
    if not names:
        yield (), batch
        return
    for value in _distinct(batch.column(names[0])):
        column = batch.column(names[0])
        rows = batch.filter(pc.equal(column, value)) if len(_distinct(column)) > 1 else batch
        for rest, part in _cut(rows, names[1:]):
            yield (_text(names[0], value), *rest), part


def _distinct(column: pa.Array) -> list[pa.Scalar]:
    values = pc.unique(column)
    plain = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
    return list(plain)


def _text(name: str, value: pa.Scalar) -> str:
    text = str(value.as_py())
    if not text:
        raise SchemaMismatchError(
            f"partition column {name} holds an empty text; Delta reads that as null",
            column=name,
            difference=[f"{name} is empty"],
        )
    return text


def _outside(table: Table, values: Partition, where: Mapping[str, str]) -> SchemaMismatchError:
    own = dict(zip(table.partition, values, strict=True))
    return SchemaMismatchError(
        f"a row of {table.name} with {own} cannot replace the rows where {dict(where)}",
        table=table.name,
        difference=[f"{own} is outside {dict(where)}"],
    )
