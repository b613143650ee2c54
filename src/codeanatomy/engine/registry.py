"""Every SQL function of `engine/functions`, found by its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import datafusion
import pyarrow as pa

from codeanatomy.engine import functions
from codeanatomy.kernel.catalog import files_in, load
from codeanatomy.kernel.errors import SpecError
from codeanatomy.kernel.schema import arrow_type

if TYPE_CHECKING:
    from codeanatomy.engine.functions._function import Function


def declared() -> tuple[Function, ...]:
    """Return the row of every function, by name."""
    return tuple(_row(name) for name in sorted(files_in(functions)))


def udfs() -> list[datafusion.ScalarUDF]:
    """Return every function as DataFusion takes it."""
    return [
        datafusion.udf(
            load(functions, row.name, "call"),
            [_accepted(kind) for _, kind in row.arguments],
            arrow_type(row.returns),
            row.volatility,
            row.name,
        )
        for row in declared()
    ]


def _row(name: str) -> Function:
    row: Function = load(functions, name, "FUNCTION")
    if row.name != name:
        raise SpecError(f"{name}.py declares the function {row.name!r}; one name for both")
    return row


def _accepted(kind: str) -> pa.DataType:
    """Return the Arrow type that DataFusion casts every stored form of `kind` to.

    It casts binary to a binary view and never back; Delta tables hand out views.
    """
    return pa.binary_view() if kind == "binary" else arrow_type(kind)
