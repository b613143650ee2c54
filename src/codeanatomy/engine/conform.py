"""Rows in the types that were declared: plain strings out of views and dictionaries."""

from __future__ import annotations

import pyarrow as pa

from codeanatomy.kernel.errors import CompileError, RuleViolatedError


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the columns of `schema`, in its order and types, chunks joined.

    Raises `CompileError` when the columns are not those of the schema or do not fit its types,
    `RuleViolatedError` when a required one holds a null.
    """
    if set(table.column_names) != set(schema.names) or table.num_columns != len(schema):
        raise CompileError(
            f"the columns {table.column_names} are not the declared {schema.names}",
            columns=table.column_names,
            declared=schema.names,
        )
    return pa.table([_column(table, field) for field in schema], schema=schema)


def plain(table: pa.Table) -> pa.Table:
    """Return the same rows without dictionaries, views and large offsets at the top level."""
    fields = [field.with_type(_plain(field.type)) for field in table.schema]
    return table.cast(pa.schema(fields))


def _column(table: pa.Table, field: pa.Field) -> pa.ChunkedArray:
    column = table[field.name]
    if column.null_count and not field.nullable:
        message = f"column {field.name!r} is required and null in {column.null_count} rows"
        raise RuleViolatedError(message, column=field.name, nulls=column.null_count)
    try:
        return column.cast(field.type)
    except pa.ArrowInvalid as error:
        raise CompileError(f"column {field.name!r}: {error}", column=field.name) from error
    except pa.ArrowNotImplementedError as error:
        message = f"column {field.name!r} is {column.type}, which is no {field.type}"
        raise CompileError(message, column=field.name) from error


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_string_view(kind) or pa.types.is_large_string(kind):
        return pa.string()
    if pa.types.is_binary_view(kind) or pa.types.is_large_binary(kind):
        return pa.binary()
    return kind
