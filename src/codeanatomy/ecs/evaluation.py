"""What an expression says about rows: its operations as functions of Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from codeanatomy.ecs.arrays import arrow
from codeanatomy.ecs.errors import InvalidExpressionError, UnknownColumnError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from codeanatomy.ecs.arrays import Array
    from codeanatomy.ecs.syntax import Node


def mask(tree: Node, text: str, columns: Mapping[str, Array], rows: int) -> npt.NDArray[np.bool_]:
    """Say for each row whether the expression holds."""
    found = _evaluated(tree, text, columns, rows)
    if not pa.types.is_boolean(found.type):
        raise InvalidExpressionError(
            f"{text!r} is a {found.type} and no yes or no; compare it with something", text=text
        )
    if isinstance(found, pa.Scalar):
        return np.full(rows, bool(found.as_py()), np.bool_)
    sure = found.fill_null(fill_value=False) if found.null_count else found
    answer: npt.NDArray[np.bool_] = np.asarray(sure.to_numpy(zero_copy_only=False), np.bool_)
    return answer


def value(tree: Node, text: str, table: pa.Table) -> object:
    """Give the one value of an aggregate."""
    columns = {name: table.column(name) for name in table.column_names}
    found = _evaluated(tree, text, columns, table.num_rows)
    if not isinstance(found, pa.Scalar):
        raise InvalidExpressionError(
            f"{text!r} mixes an aggregate with columns outside of it", text=text
        )
    return found.as_py()


def per_row(tree: Node, text: str, table: pa.Table) -> pa.ChunkedArray:
    """Give the value of every row."""
    columns = {name: table.column(name) for name in table.column_names}
    found = _evaluated(tree, text, columns, table.num_rows)
    if isinstance(found, pa.Scalar):
        found = pa.repeat(found, table.num_rows)
    return found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found])


def _evaluated(tree: Node, text: str, columns: Mapping[str, Any], rows: int) -> Any:  # noqa: ANN401 - an Arrow array, chunked or not, or a scalar
    try:
        return _result(tree, columns, rows)
    except (pa.ArrowException, pa.ArrowNotImplementedError, TypeError) as error:
        raise InvalidExpressionError(
            f"{text!r} does not work on these columns: {error}", text=text
        ) from error


def _result(tree: Node, columns: Mapping[str, Any], rows: int) -> Any:  # noqa: ANN401 - as above
    operation, operands = tree
    if operation == "name":
        return _column(str(operands[0]), columns)
    if operation == "value":
        return pa.scalar(operands[0])
    if operation == "count *":
        return pa.scalar(rows)
    found = [
        _result(operand, columns, rows) if isinstance(operand, tuple) else operand
        for operand in operands
    ]
    if operation in _COMPARISONS or operation == "in":
        found = _alike(found)
    return _OPERATIONS[operation](*found)


def _column(name: str, columns: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
    if name not in columns:
        raise UnknownColumnError(
            f"no column {name!r} here; there are {', '.join(sorted(columns))}", name=name
        )
    held = columns[name]
    if isinstance(held, np.ndarray):
        if held.ndim > 1:
            return pa.FixedSizeListArray.from_arrays(arrow(held.reshape(-1)), held.shape[1])
        return arrow(held)
    if pa.types.is_dictionary(held.type):
        return held.cast(held.type.value_type)
    return held


def _alike(found: list[Any]) -> list[Any]:
    """Read a text that stands beside a moment as a moment."""
    kinds = [one.type for one in found if pa.types.is_temporal(one.type)]
    if not kinds:
        return found
    return [
        one.cast(kinds[0]) if isinstance(one, pa.StringScalar | pa.LargeStringScalar) else one
        for one in found
    ]


def _among(left: Any, *listed: Any) -> Any:  # noqa: ANN401 - as above
    found = pc.equal(left, listed[0])
    for one in listed[1:]:
        found = pc.or_kleene(found, pc.equal(left, one))
    return found


def _like(left: Any, pattern: Any) -> Any:  # noqa: ANN401 - as above
    return pc.match_like(left, pattern.as_py())


def _element(found: Any, place: int) -> Any:  # noqa: ANN401 - as above
    return pc.list_element(found, place)


def _divided(left: Any, right: Any) -> Any:  # noqa: ANN401 - as above
    """Divide as Python does: whole numbers give fractions, and by zero the result is inf or NaN."""
    return pc.divide(_floating(left), _floating(right))


def _remainder(left: Any, right: Any) -> Any:  # noqa: ANN401 - as above
    """Give the remainder with the divisor's sign, as Python does."""
    whole = pa.types.is_integer(left.type) and pa.types.is_integer(right.type)
    times = pc.floor(_divided(left, right))
    return pc.subtract(left, pc.multiply(times.cast(pa.int64()) if whole else times, right))


def _floating(found: Any) -> Any:  # noqa: ANN401 - as above
    return found.cast(pa.float64()) if pa.types.is_integer(found.type) else found


def _median(found: Any) -> pa.Scalar:  # noqa: ANN401 - as above
    return pc.quantile(found, 0.5)[0]


def _spread(found: Any) -> pa.Scalar:  # noqa: ANN401 - as above
    """Give the standard deviation of the rows as a population: divided by n."""
    return pc.stddev(found)


def _missing(found: Any) -> Any:  # noqa: ANN401 - as above
    return pc.is_null(found, nan_is_null=pa.types.is_floating(found.type))


_COMPARISONS: dict[str, Callable[..., Any]] = {
    "=": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}

_OPERATIONS: dict[str, Callable[..., Any]] = _COMPARISONS | {
    "and": pc.and_kleene,
    "or": pc.or_kleene,
    "not": pc.invert,
    "null": _missing,
    "in": _among,
    "like": _like,
    "+": pc.add_checked,
    "-": pc.subtract_checked,
    "*": pc.multiply_checked,
    "/": _divided,
    "%": _remainder,
    "minus": pc.negate,
    "element": _element,
    "field": pc.struct_field,
    "avg": pc.mean,
    "mean": pc.mean,
    "sum": pc.sum,
    "min": pc.min,
    "max": pc.max,
    "median": _median,
    "stddev": _spread,
    "count": pc.count,
    "abs": pc.abs,
    "ceil": pc.ceil,
    "coalesce": pc.coalesce,
    "cos": pc.cos,
    "exp": pc.exp,
    "floor": pc.floor,
    "greatest": pc.max_element_wise,
    "least": pc.min_element_wise,
    "length": pc.utf8_length,
    "ln": pc.ln,
    "lower": pc.utf8_lower,
    "round": pc.round,
    "sign": pc.sign,
    "sin": pc.sin,
    "sqrt": pc.sqrt,
    "upper": pc.utf8_upper,
}
