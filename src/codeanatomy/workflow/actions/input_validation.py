"""Checking data against an input schema, in the middle of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""
    return {"validate.input": validate_input, "validate.schema": validate_schema}


def validate_input(
    state: State,
    data: State | None = None,
    schema: Any = None,
    raise_on_error: bool = False,
    **_: object,
) -> State:
    """Check data, or the state; what fits comes back with its values in their types."""
    from codeanatomy.workflow.load.inputs import ValidationError

    if schema is None:
        return _refused("__schema__", "missing", "A schema is required")
    try:
        wanted = _schema(schema)
    except Exception as error:
        return _refused("__schema__", "invalid_schema", f"Invalid schema: {error}")
    try:
        return {"valid": True, "data": wanted.validate(state if data is None else data)}
    except ValidationError as error:
        if raise_on_error:
            raise
        return {"valid": False, "errors": error.errors}


def validate_schema(state: State, schema: Any, **_: object) -> State:
    """Read an input schema; tell whether it is one."""
    try:
        return {"schema": _schema(schema), "valid": True}
    except Exception as error:
        return {"schema": None, "valid": False, "error": str(error)}


def _schema(schema: Any) -> Any:
    from codeanatomy.workflow.load.inputs import InputSchema

    return schema if isinstance(schema, InputSchema) else InputSchema.from_dict(schema)


def _refused(field: str, error: str, message: str) -> State:
    return {"valid": False, "errors": [{"field": field, "error": error, "message": message}]}
