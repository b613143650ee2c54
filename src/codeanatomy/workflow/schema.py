"""State schemas, checked when asked: every value that a key gets must be of the key's type.

A schema is a dict of types, a TypedDict, a dataclass or a msgspec Struct. Keys it does not name
hold anything; keys it names may be absent, since nodes fill them one after the other.
"""

from __future__ import annotations

from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

import msgspec

from codeanatomy.workflow.errors import StateSchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def checker(schema: Any) -> Callable[[Mapping[str, Any]], None]:  # noqa: ANN401 - any kind of schema
    """Make the check of a schema: it raises `StateSchemaError` for a value of the wrong type."""
    types = types_of(schema)

    def check(values: Mapping[str, Any]) -> None:
        for key in types.keys() & values.keys():
            _fit(key, values[key], types[key])

    return check


def types_of(schema: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Name the type of every key; `StateSchemaError` for what is no schema."""
    if isinstance(schema, dict):
        types = dict(schema)
    elif isinstance(schema, type):
        types = get_type_hints(schema, include_extras=True)
    else:
        raise StateSchemaError(
            f"a state schema that is checked is a dict of types, a TypedDict, a dataclass or a "
            f"Struct; this one is {schema!r}"
        )
    for key, kind in types.items():
        _require_type(key, kind)
    return types


def _require_type(key: str, kind: Any) -> None:  # noqa: ANN401 - whatever stands there
    known = True
    try:
        msgspec.json.Decoder(kind) if kind is not Any else None
    except (TypeError, ValueError):
        known = isinstance(kind, type)  # a class that JSON does not know is checked by isinstance
    if not known or isinstance(kind, str):
        raise StateSchemaError(f"state_schema[{key!r}] is {kind!r}, which is no type", key=key)


def _fit(key: str, value: Any, kind: Any) -> None:  # noqa: ANN401 - any value, any type
    problem: Exception | None = None
    text = f"Expected `{getattr(kind, '__name__', kind)}`, got `{type(value).__name__}`"
    try:
        msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        problem, text = error, str(error)
    if problem is not None or not _is_of(value, kind):
        raise StateSchemaError(
            f"state key {key!r} does not hold what the schema says: {text}", key=key
        ) from problem


def _is_of(value: Any, kind: Any) -> bool:  # noqa: ANN401 - as above
    """Tell a value from one that would be converted: a tuple is no list, a dict no dataclass."""
    origin = get_origin(kind) or kind
    if origin is Annotated:
        return _is_of(value, get_args(kind)[0])
    if origin is Union or origin is UnionType:
        return any(_is_of(value, one) for one in get_args(kind))
    if origin is Any or not isinstance(origin, type) or is_typeddict(origin):
        return True
    return isinstance(value, origin) or (origin is float and type(value) is int)
