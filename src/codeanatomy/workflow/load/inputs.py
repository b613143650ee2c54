"""The `input_schema` of a file: fields, what each allows, and every way a value fails to fit."""

from __future__ import annotations

import math
import re
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.kernel.errors import AnatomyError, Phase, SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

TYPES: Final = ("str", "int", "float", "bool", "list", "dict")

_ALIASES: Final = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "array": "list",
    "object": "dict",
}
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no"})
_ABSENT: Final = object()

Problem = dict[str, Any]


class ValidationError(AnatomyError, ValueError):
    """A value does not fit its schema; `errors` lists every problem."""

    code = "input-validation"
    phase = Phase.CHECK
    exit_status = 4

    def __init__(self, errors: list[Problem] | str, message: str | None = None) -> None:
        listed = errors if isinstance(errors, list) else []
        said = message or "; ".join(str(e.get("message")) for e in listed) or str(errors)
        super().__init__(said, errors=listed)
        self.errors = listed

    def to_dict(self) -> dict[str, Any]:
        """Return the errors as data."""
        return {"errors": self.errors}


class SchemaError(SpecError):
    """An input schema says something that is not known."""

    code = "input-schema"


@dataclass(frozen=True)
class FieldSchema:
    """One field: its type and what its value must be like. None means that all is allowed."""

    name: str
    type: str = "str"
    required: bool = False
    default: Any = None
    description: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    min: float | None = None
    max: float | None = None
    choices: list[Any] | None = None
    properties: dict[str, FieldSchema] | None = None
    items: FieldSchema | None = None
    coercion: bool = True

    @classmethod
    def from_dict(cls, name: str, declared: Any) -> FieldSchema:  # noqa: ANN401 - what a file says
        """Read a field; a bare type name stands for `{type: name}`."""
        told = {"type": declared} if isinstance(declared, str) else declared
        if not isinstance(told, dict):
            kind = type(declared).__name__
            raise SchemaError(f"Field '{name}' must be a mapping or a type, got {kind}", field=name)
        kind = str(told.get("type", "str"))
        kind = _ALIASES.get(kind, kind)
        if kind not in TYPES:
            message = f"Invalid type '{kind}'. Must be one of: {', '.join(TYPES)}"
            raise SchemaError(message, field=name)
        nested = told.get("properties")
        items = told.get("items")
        return cls(
            name=name,
            type=kind,
            required=bool(told.get("required", False)),
            default=told.get("default"),
            description=told.get("description"),
            **{key: told.get(key) for key in _LIMITS},
            properties=_fields(nested) if isinstance(nested, dict) else None,
            items=None if items is None else cls.from_dict(f"{name}[]", items),
            coercion=bool(told.get("coercion", told.get("coerce", True))),
        )


_LIMITS: Final = ("min_length", "max_length", "pattern", "min", "max", "choices")


@dataclass(frozen=True)
class InputSchema:
    """The fields of an input, by name."""

    fields: dict[str, FieldSchema] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, declared: Any) -> InputSchema:  # noqa: ANN401 - what a file says
        """Read a schema; raises SchemaError, a ValueError, for what is not known."""
        if not isinstance(declared, dict):
            raise SchemaError(f"an input schema is a mapping, got {type(declared).__name__}")
        return cls(_fields(declared))

    def validate(self, data: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the fields of the schema; raises ValidationError with every problem."""
        result, problems = self.check(data)
        if problems:
            raise ValidationError(problems)
        return result

    def check(self, data: Mapping[str, Any] | None) -> tuple[dict[str, Any], list[Problem]]:
        """Return what fits and what does not."""
        problems: list[Problem] = []
        result = _check_fields(self.fields, data or {}, "", problems)
        return result, problems


def validate_input(data: Mapping[str, Any] | None, schema: Any) -> dict[str, Any]:  # noqa: ANN401 - a schema or its mapping
    """Check `data` against a schema, or the mapping of one."""
    known = schema if isinstance(schema, InputSchema) else InputSchema.from_dict(schema)
    return known.validate(data)


def _fields(declared: Mapping[str, Any]) -> dict[str, FieldSchema]:
    return {str(name): FieldSchema.from_dict(str(name), told) for name, told in declared.items()}


def _check_fields(
    fields: Mapping[str, FieldSchema], data: Mapping[str, Any], at: str, problems: list[Problem]
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, schema in fields.items():
        value = _check(schema, data.get(name), at + name, problems)
        if value is not _ABSENT:
            result[name] = value
    return result


def _check(schema: FieldSchema, value: Any, at: str, problems: list[Problem]) -> Any:  # noqa: ANN401 - any value
    """Return the value as the field's type, its default, or that it is absent."""
    if value is None:
        if schema.default is not None:
            return deepcopy(schema.default)
        if schema.required:
            problems.append(_problem(at, "required", "is required"))
        return _ABSENT
    typed = _typed(value, schema)
    if typed is _ABSENT:
        told = {"value": value, "expected": schema.type}
        problems.append(_problem(at, "type", f"must be {schema.type}", **told))
        return _ABSENT
    problems.extend(_broken(schema, typed, at))
    if schema.type == "dict" and schema.properties:
        return {**typed, **_check_fields(schema.properties, typed, f"{at}.", problems)}
    if schema.type == "list" and schema.items:
        return [_item(schema.items, v, f"{at}[{i}]", problems) for i, v in enumerate(typed)]
    return typed


def _item(schema: FieldSchema, value: Any, at: str, problems: list[Problem]) -> Any:  # noqa: ANN401 - as above
    found = _check(schema, value, at, problems)
    return None if found is _ABSENT else found


def _typed(value: Any, schema: FieldSchema) -> Any:  # noqa: ANN401 - as above
    """Return the value as the field's type, or `_ABSENT` where it is not and cannot be made so."""
    if isinstance(value, _PYTHON[schema.type]):
        return value
    make = _MAKE.get(schema.type)
    if make is None or not schema.coercion:
        return _ABSENT
    try:
        return make(value)
    except (ValueError, OverflowError):
        return _ABSENT


def _as_int(value: Any) -> Any:  # noqa: ANN401 - as above
    if isinstance(value, str):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _ABSENT


def _as_float(value: Any) -> Any:  # noqa: ANN401 - as above
    if not isinstance(value, int | str) or isinstance(value, bool):
        return _ABSENT
    number = float(value)
    return number if math.isfinite(number) else _ABSENT


def _as_bool(value: Any) -> Any:  # noqa: ANN401 - as above
    word = value.strip().lower() if isinstance(value, str) else ""
    return True if word in _TRUE else False if word in _FALSE else _ABSENT


def _as_str(value: Any) -> Any:  # noqa: ANN401 - as above
    return str(value) if isinstance(value, int | float) else _ABSENT


_PYTHON: Final[dict[str, type]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "list": list,
    "dict": dict,
}
_MAKE: Final[dict[str, Callable[[Any], Any]]] = {
    "str": _as_str,
    "int": _as_int,
    "float": _as_float,
    "bool": _as_bool,
}


def _broken(schema: FieldSchema, value: Any, at: str) -> Iterator[Problem]:  # noqa: ANN401 - as above
    """Yield every limit of the field that the value breaks."""
    if isinstance(value, str | list):
        yield from _wrong_length(schema, value, at)
    if isinstance(value, str) and schema.pattern is not None:
        yield from _wrong_pattern(schema.pattern, value, at)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if schema.min is not None and value < schema.min:
            yield _limit(at, "min", f"must be at least {schema.min}", value, schema.min)
        if schema.max is not None and value > schema.max:
            yield _limit(at, "max", f"must be at most {schema.max}", value, schema.max)
    if schema.choices is not None and value not in schema.choices:
        said = f"must be one of: {schema.choices}"
        yield _limit(at, "choices", said, value, schema.choices)


def _wrong_length(schema: FieldSchema, value: str | list[Any], at: str) -> Iterator[Problem]:
    what = "character(s)" if isinstance(value, str) else "item(s)"
    low, high = schema.min_length, schema.max_length
    if low is not None and len(value) < low:
        yield _limit(at, "min_length", f"must have at least {low} {what}", value, low)
    if high is not None and len(value) > high:
        yield _limit(at, "max_length", f"must have at most {high} {what}", value, high)


def _wrong_pattern(pattern: str, value: str, at: str) -> Iterator[Problem]:
    try:
        fits = re.match(pattern, value) is not None
    except re.error as exc:
        message = f"Invalid regex pattern for '{at}': {exc}"
        yield {"field": at, "error": "pattern", "message": message, "constraint": pattern}
        return
    if not fits:
        yield _limit(at, "pattern", f"must match pattern: {pattern}", value, pattern)


def _limit(at: str, error: str, said: str, value: Any, constraint: Any) -> Problem:  # noqa: ANN401 - as above
    return _problem(at, error, said, value=value, constraint=constraint)


def _problem(at: str, error: str, said: str, **facts: Any) -> Problem:  # noqa: ANN401 - as above
    return {"field": at, "error": error, "message": f"Field '{at}' {said}", **facts}
