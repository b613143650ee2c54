"""Answers: errors with their codes as JSON, and the status of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from codeanatomy.ecs.errors import ColumnTypeError, EntityIdError, TickFailedError, TooManyError
from codeanatomy.ecs.runtime import errors
from codeanatomy.ecs.runtime.wire import rows_of
from codeanatomy.kernel.errors import AnatomyError, MissingPartError, SpecError, UnknownNameError

if TYPE_CHECKING:
    import pyarrow as pa
    from starlette.responses import Response

ARROW = "application/vnd.apache.arrow.stream"
_STATUS: tuple[tuple[type[AnatomyError], int], ...] = (
    (errors.TokenError, 401),
    (errors.RoleError, 403),
    (errors.ForeignOriginError, 403),
    (errors.BodyTooLongError, 413),
    (errors.QuotaError, 429),
    (errors.CommandConflictError, 409),
    (errors.WorldNameError, 409),
    (errors.ModelNeededError, 409),
    (errors.BatchRefusedError, 422),
    (errors.UnknownWorldError, 404),
    (errors.UnknownCommandError, 404),
    (TickFailedError, 500),
    (TooManyError, 422),
    (ColumnTypeError, 422),
    (EntityIdError, 422),
    (UnknownNameError, 422),
    (MissingPartError, 501),
    (SpecError, 422),
)
_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def json_answer(value: object, status: int = 200) -> Response:
    """Give any of our plain values as JSON."""
    from starlette.responses import Response  # noqa: PLC0415 - of the extra `serve`

    body = msgspec.json.encode(value, enc_hook=str)
    return Response(body, status, _HEADERS, "application/json")


def rows_answer(table: pa.Table, limit: int, accept: str) -> Response:
    """Give rows: as an Arrow stream, whole, where that is asked for, else as JSON."""
    if ARROW not in accept:
        return json_answer({
            "columns": [{"name": field.name, "type": str(field.type)} for field in table.schema],
            "rows": rows_of(table.slice(0, limit)),
            "total": table.num_rows,
        })  # fmt: skip
    import pyarrow as pa  # noqa: PLC0415 - only where rows are sent
    from starlette.responses import Response  # noqa: PLC0415 - of the extra `serve`

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as out:
        out.write_table(table)
    return Response(sink.getvalue().to_pybytes(), 200, _HEADERS, ARROW)


def error_answer(error: AnatomyError) -> Response:
    """Give one of our errors: its code, its message, its facts."""
    facts = {key: _fact(value) for key, value in error.facts.items()}
    body = {"error": {"code": error.code, "message": str(error), "facts": facts}}
    return json_answer(body, status_of(error))


def refusal(status: int, code: str, message: str) -> Response:
    """Give an error that comes from HTTP itself."""
    return json_answer({"error": {"code": code, "message": message, "facts": {}}}, status)


def status_of(error: AnatomyError) -> int:
    """Give the HTTP status of an error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def _fact(value: object) -> Any:  # noqa: ANN401 - what JSON can say
    if isinstance(value, bool | int | float | str | type(None)):
        return value
    if isinstance(value, dict):
        return {str(key): _fact(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_fact(inner) for inner in value]
    return str(value)
