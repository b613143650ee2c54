"""Rows against their declaration: the same columns, the same types, no null where none may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from codeanatomy.store.errors import SchemaMismatchError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.kernel.schema import Table


def conform(table: Table, data: object) -> pa.RecordBatchReader:
    """Stream `data` in the declared column order; raise `SchemaMismatchError` where it differs.

    Strings and binaries keep the encoding they come in (dictionary, large, view); whatever else
    means the same as its declaration is cast to it. Nulls are found while the stream is read.
    """
    reader = _reader(data)
    _check_columns(table, reader.schema)
    schema = pa.schema([_physical(want, reader.schema) for want in table.arrow()])
    return pa.RecordBatchReader.from_batches(schema, _conformed(table, reader, schema))


def declared(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Cast every column of `batch` to the type that `schema` declares."""
    columns = [_cast(batch.column(field.name), field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def difference(want: pa.Schema, have: pa.Schema) -> list[str]:
    """Describe every column in which two schemas differ; nullability is not compared."""
    found = [f"{f.name} is missing" for f in want if f.name not in have.names]
    found += [f"{f.name} is not declared" for f in have if f.name not in want.names]
    for field in want:
        if field.name in have.names and not same_meaning(field.type, have.field(field.name).type):
            found.append(f"{field.name} is {have.field(field.name).type}, not {field.type}")
    if len(have.names) != len(set(have.names)):
        found.append("a column comes twice")
    return found


def same_meaning(want: pa.DataType, have: pa.DataType) -> bool:
    """Say whether two types hold the same values, however they are laid out."""
    kind = pa.types
    if kind.is_dictionary(have):
        return _text_like(want) and same_meaning(want, have.value_type)
    if _text_like(want):
        return (_is_text(want) and _is_text(have)) or (_is_bytes(want) and _is_bytes(have))
    if kind.is_list(want):
        listed = kind.is_list(have) or kind.is_large_list(have)
        return listed and same_meaning(want.value_type, have.value_type)
    if kind.is_struct(want):
        return kind.is_struct(have) and _same_fields(want, have)
    return bool(want == have) or _same_moment(want, have)


def _reader(data: object) -> pa.RecordBatchReader:
    if isinstance(data, pa.RecordBatchReader):
        return data
    if isinstance(data, pa.RecordBatch):
        return pa.RecordBatchReader.from_batches(data.schema, [data])
    return pa.RecordBatchReader.from_stream(data)


def _check_columns(table: Table, have: pa.Schema) -> None:
    found = difference(table.arrow(), have)
    if found:
        raise SchemaMismatchError(
            f"rows do not fit table {table.name}: {'; '.join(found)}",
            table=table.name,
            difference=found,
        )


def _physical(want: pa.Field, have: pa.Schema) -> pa.Field:
    given = have.field(want.name).type
    return pa.field(want.name, given if _text_like(want.type) else want.type, want.nullable)


def _conformed(
    table: Table, reader: pa.RecordBatchReader, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    for batch in reader:
        columns = [_cast(batch.column(field.name), field.type) for field in schema]
        for field, column in zip(schema, columns, strict=True):
            if not field.nullable and _has_null(column):
                raise _null_error(table, field.name)
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    return column if column.type == kind else column.cast(kind)


def _has_null(column: pa.Array) -> bool:
    if column.null_count:
        return True
    if not pa.types.is_dictionary(column.type) or not column.dictionary.null_count:
        return False
    return bool(column.dictionary_decode().null_count)


def _null_error(table: Table, column: str) -> SchemaMismatchError:
    return SchemaMismatchError(
        f"a null in column {column} of table {table.name}, which allows none; "
        f"give every row a value or declare the column nullable",
        table=table.name,
        column=column,
        difference=[f"{column} has a null"],
    )


def _is_text(kind: pa.DataType) -> bool:
    t = pa.types
    return bool(t.is_string(kind) or t.is_large_string(kind) or t.is_string_view(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    t = pa.types
    return bool(t.is_binary(kind) or t.is_large_binary(kind) or t.is_binary_view(kind))


def _text_like(kind: pa.DataType) -> bool:
    return _is_text(kind) or _is_bytes(kind)


def _same_fields(want: pa.DataType, have: pa.DataType) -> bool:
    names = [field.name for field in want]
    return names == [field.name for field in have] and all(
        same_meaning(want.field(name).type, have.field(name).type) for name in names
    )


def _same_moment(want: pa.DataType, have: pa.DataType) -> bool:
    if not (pa.types.is_timestamp(want) and pa.types.is_timestamp(have)):
        return False
    return bool(want.unit == have.unit) and {want.tz, have.tz} <= {"UTC", "+00:00", "Z"}
