"""Values on the wire: what JSON says for a column's type, and a column's values as JSON."""

from __future__ import annotations

import base64
import binascii
import math
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from codeanatomy.ecs.errors import ColumnTypeError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import UnionType

    from codeanatomy.ecs.column import Column


def of_wire(column: Column, value: object) -> object:
    """Give one value as the column takes it: moments come as ISO 8601 text, bytes as base64."""
    if not isinstance(value, str):
        return value
    try:
        if pa.types.is_timestamp(column.type):
            return datetime.fromisoformat(value)
        if pa.types.is_date(column.type):
            return date.fromisoformat(value)
        if pa.types.is_binary(column.type):
            return base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        raise ColumnTypeError(
            f"{column.name} holds {column.type}, and {value[:40]!r} is not one written as text",
            column=column.name,
        ) from None
    return value


def rows_of(table: pa.Table) -> list[dict[str, object]]:
    """Give the rows of a table as JSON has them; NaN and infinity become null."""
    return [{name: to_wire(value) for name, value in row.items()} for row in table.to_pylist()]


def to_wire(value: object) -> object:
    """Give one value as JSON has it."""
    for kind, say in _SAID:
        if isinstance(value, kind):
            return say(value)
    return value


_SAID: tuple[tuple[type | UnionType, Callable[[Any], object]], ...] = (
    (float, lambda value: value if math.isfinite(value) else None),
    (datetime | date, lambda value: value.isoformat()),
    (timedelta, lambda value: value.total_seconds()),
    (bytes, lambda value: base64.b64encode(value).decode()),
    (dict, lambda value: {str(key): to_wire(inner) for key, inner in value.items()}),
    (list | tuple, lambda value: [to_wire(inner) for inner in value]),
)
