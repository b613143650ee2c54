"""What the data actions know about JSON: forgiving reading, path expressions, schemas, rules."""

from __future__ import annotations

import json
import operator
import re
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions._results import Failed

if TYPE_CHECKING:
    from collections.abc import Callable

_TEXT = r'"(?:\\.|[^"\\])*"'
_COMMENT = re.compile(_TEXT + r"|//[^\n]*|/\*.*?\*/", re.DOTALL)
_COMMA = re.compile(_TEXT + r"|,(?=\s*[}\]])", re.DOTALL)


def parse(text: str, *, strict: bool, default: Any) -> Any:
    """Return the value of a JSON text; raises Failed with the position of the error."""
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        if not strict and default is not None:
            return default
        if not strict and isinstance(text, str):
            return _parse_forgiving(text)
        raise _unparsed(error) from error


def find(data: Any, expression: str, engine: str) -> Any:
    """Return what `expression` names in `data`; a single JSONPath match comes without a list."""
    if engine == "jmespath":
        return _find_jmespath(data, expression)
    if engine == "jsonpath":
        return _find_jsonpath(data, expression)
    raise Failed(f"Unknown engine: {engine}", "transform")


def violations(data: Any, schema: Any) -> list[dict[str, str]]:
    """Return path and message of every violation of a schema of draft 7.

    References lead nowhere outside the schema: nothing is fetched.
    """
    validator = _validator(schema)
    found = sorted(validator.iter_errors(data), key=lambda e: [str(p) for p in e.absolute_path])
    return [
        {"path": ".".join(str(part) for part in one.absolute_path), "message": one.message}
        for one in found
    ]


def schema_violation(schema: Any) -> str | None:
    """Tell what is wrong with a schema itself, or None."""
    try:
        _validator(schema)
    except Failed as failed:
        return str(failed)
    return None


def at(value: Any, dotted: str) -> Any:
    """Return what a dotted name finds in nested dicts and lists, or None."""
    for part in str(dotted).split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def holds(item: Any, rule: dict[str, Any]) -> bool:
    """Tell whether `{field, op, value}` holds for `item`; what cannot be compared does not."""
    if not rule.get("field"):
        return True
    compare = _OPERATORS.get(rule.get("op", "eq"))
    if compare is None:
        return False
    try:
        return bool(compare(at(item, rule["field"]), rule.get("value")))
    except (TypeError, AttributeError):
        return False


_OPERATORS: dict[Any, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda have, want: have in want,
    "not_in": lambda have, want: have not in want,
    "contains": lambda have, want: want in have,
    "startswith": lambda have, want: have.startswith(want),
    "endswith": lambda have, want: have.endswith(want),
}


def _parse_forgiving(text: str) -> Any:
    bare = _COMMENT.sub(lambda m: m[0] if m[0].startswith('"') else " ", text)
    plain = _COMMA.sub(lambda m: m[0] if m[0].startswith('"') else "", bare)
    try:
        return json.loads(plain)
    except (ValueError, RecursionError) as error:
        raise _unparsed(error) from error


def _unparsed(error: Exception) -> Failed:
    if isinstance(error, json.JSONDecodeError):
        position = {"line": error.lineno, "column": error.colno}
        return Failed(f"JSON parse error: {error.msg}", "parse", position=position)
    return Failed(f"JSON parse error: {error}", "parse")


def _find_jmespath(data: Any, expression: str) -> Any:
    try:
        import jmespath
    except ImportError as error:
        raise Failed("JMESPath needs a package: pip install jmespath", "transform") from error
    try:
        return jmespath.search(expression, data)
    except Exception as error:
        raise Failed(f"JMESPath error: {error}", "transform", expression=expression) from error


def _find_jsonpath(data: Any, expression: str) -> Any:
    try:
        from jsonpath_ng.ext.parser import parse as compiled
    except ImportError as error:
        raise Failed("JSONPath needs a package: pip install jsonpath-ng", "transform") from error
    try:
        found = [match.value for match in compiled(expression).find(data)]
    except Exception as error:
        raise Failed(f"JSONPath error: {error}", "transform", expression=expression) from error
    return found[0] if len(found) == 1 else found


def _validator(schema: Any) -> Any:
    try:
        from jsonschema import Draft7Validator, SchemaError
        from referencing import Registry
    except ImportError as error:
        raise Failed("Schemas need a package: pip install jsonschema", "validate") from error
    if not isinstance(schema, dict | bool):
        raise Failed(f"Invalid schema: got {type(schema).__name__}", "validate")
    try:
        Draft7Validator.check_schema(schema)
    except SchemaError as error:
        raise Failed(f"Invalid schema: {error.message}", "validate") from error
    return Draft7Validator(schema, registry=Registry())
