"""Part of a stream: the columns that are asked for, of the rows whose values are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.kernel.errors import SpecError, UnknownNameError
from codeanatomy.store.conform import difference
from codeanatomy.store.errors import SchemaMismatchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from codeanatomy.kernel.schema import Table

T = TypeVar("T")


def select(
    name: str,
    reader: pa.RecordBatchReader,
    columns: Sequence[str] | None,
    where: Mapping[str, str] | None,
) -> pa.RecordBatchReader:
    """Stream `columns` (None: all) of the rows of `reader` for which every `where` holds."""
    wanted = pick(name, reader.schema, columns, where)
    schema = pa.schema([reader.schema.field(column) for column in wanted])
    values = {c: constant(reader.schema.field(c), text) for c, text in (where or {}).items()}
    return pa.RecordBatchReader.from_batches(schema, _selected(reader, schema, values))


def guarded(
    reader: pa.RecordBatchReader, guard: Callable[[], AbstractContextManager[None]]
) -> pa.RecordBatchReader:
    """Stream `reader`, each batch fetched inside `guard`, which names what goes wrong."""
    return pa.RecordBatchReader.from_batches(reader.schema, _fetched(reader, guard))


def pick(
    name: str,
    schema: pa.Schema,
    columns: Sequence[str] | None,
    where: Mapping[str, str] | None,
) -> list[str]:
    """Return the columns to read; raise `UnknownNameError` for any that is not there."""
    wanted = list(schema.names if columns is None else columns)
    for column in (*wanted, *(where or {})):
        if column not in schema.names:
            raise UnknownNameError(
                f"table {name} has no column {column!r}; it has {schema.names}",
                table=name,
                name=column,
            )
    return wanted


def constant(field: pa.Field, text: str) -> pa.Scalar:
    """Turn the text of a condition into a value of the column's own type."""
    try:
        return pa.scalar(text, pa.string()).cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise SpecError(
            f"{text!r} is no value of column {field.name}, which is {field.type}",
            column=field.name,
            value=text,
        ) from error


def condition(schema: pa.Schema, where: Mapping[str, str] | None) -> pc.Expression | None:
    """Turn equalities into one dataset filter; None where there are none."""
    found = None
    for name, text in (where or {}).items():
        one = pc.field(name) == constant(schema.field(name), text)
        found = one if found is None else found & one
    return found


def continued(table: Table, stored: pa.Schema, partition: Sequence[str], content: T) -> T:
    """Return `content` if rows of `table` may stand beside it; else `SchemaMismatchError`.

    `stored` and `partition` are the columns and partition columns that `content` has.
    """
    found = difference(table.arrow(), stored)
    if tuple(partition) != table.partition:
        found.append(f"partitioned by {list(partition)}, not {list(table.partition)}")
    if found:
        raise SchemaMismatchError(
            f"table {table.name} is stored with other columns: {'; '.join(found)}; "
            f"replace all its rows to change them",
            table=table.name,
            difference=found,
        )
    return content


def _fetched(
    reader: pa.RecordBatchReader, guard: Callable[[], AbstractContextManager[None]]
) -> Iterator[pa.RecordBatch]:
    while True:
        with guard():
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                return
        yield batch


def _selected(
    reader: pa.RecordBatchReader, schema: pa.Schema, values: Mapping[str, pa.Scalar]
) -> Iterator[pa.RecordBatch]:
    for batch in reader:
        rows = batch
        for column, value in values.items():
            rows = rows.filter(pc.equal(rows.column(column), value))
        if rows.num_rows or not values:
            yield rows.select(schema.names)
