"""JSON, CSV and plain data: read, write, check, merge and filter them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions import _csv, _json, _merging, _paths
from codeanatomy.workflow.actions._results import Failed, Result, err, ok

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""

    def csv_parse(
        state: State,
        text: str | None = None,
        path: str | None = None,
        delimiter: str = ",",
        has_header: bool = True,
        **_: object,
    ) -> Result:
        """Read rows from a text or from a file: dicts by header, or lists."""
        if (text is None) == (path is None):
            return err("Give exactly one of 'text' and 'path'", "parse")
        try:
            whole = _read(host, path) if text is None else text
            return ok(**_csv.parse(whole, delimiter, has_header=has_header))
        except Failed as failed:
            return failed.result
        except Exception as error:
            return err(f"CSV parse error: {error}", "parse")

    return {
        "json.parse": json_parse,
        "json.transform": json_transform,
        "json.stringify": json_stringify,
        "csv.parse": csv_parse,
        "csv.stringify": csv_stringify,
        "data.validate": validate,
        "data.merge": merge,
        "data.filter": filtered,
    }


def json_parse(
    state: State, text: str | None, strict: bool = True, default: Any = None, **_: object
) -> Result:
    """Read JSON; not `strict` allows comments and trailing commas, or gives the default."""
    if text is None:
        return err("JSON parse error: text is None", "parse")
    return _answer("parse", lambda: ok(data=_json.parse(text, strict=strict, default=default)))


def json_transform(
    state: State,
    data: Any,
    expression: str,
    engine: str | None = None,
    engine_type: str | None = None,
    **_: object,
) -> Result:
    """Find what a JMESPath or JSONPath expression names; nothing found is no failure."""
    name = engine or engine_type or "jmespath"
    return _answer(
        "transform", lambda: ok(result=_json.find(data, expression, name), expression=expression)
    )


def json_stringify(
    state: State, data: Any, indent: int | None = None, sort_keys: bool = False, **_: object
) -> Result:
    """Write data as JSON; what JSON does not know becomes its text."""
    import json

    return _answer(
        "serialize",
        lambda: ok(text=json.dumps(data, indent=indent, sort_keys=sort_keys, default=str)),
    )


def csv_stringify(
    state: State, data: Any, headers: list[str] | None = None, delimiter: str = ",", **_: object
) -> Result:
    """Write a list of dicts or of lists as CSV."""
    if not isinstance(data, list):
        return err(f"CSV needs a list of rows, got {type(data).__name__}", "serialize")
    return _answer(
        "serialize",
        lambda: ok(text=_csv.stringify(data, headers, delimiter), row_count=len(data)),
    )


def validate(state: State, data: Any, schema: Any, **_: object) -> Result:
    """Check data against a JSON Schema of draft 7; every violation is listed."""
    if schema is None:
        return err("Schema is None", "validate")
    return _answer("validate", lambda: _validate(data, schema))


def merge(state: State, sources: Any, strategy: str = "deep", **_: object) -> Result:
    """Merge dicts: through all levels, only the first, or let the last replace the others."""
    return _answer(
        "merge",
        lambda: ok(result=_merging.merge(sources, strategy), source_count=len(sources)),
    )


def filtered(state: State, data: Any, predicate: Any, **_: object) -> Result:
    """Keep the members of a list for which all predicates hold."""
    if not isinstance(data, list):
        return err(f"Data must be a list, got {type(data).__name__}", "filter")
    rules = [predicate] if isinstance(predicate, dict) else predicate
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        return err("Predicate must be a dict or a list of dicts", "filter")
    kept = [item for item in data if all(_json.holds(item, rule) for rule in rules)]
    return ok(result=kept, original_count=len(data), filtered_count=len(kept))


def _validate(data: Any, schema: Any) -> Result:
    if data is None:
        return ok(valid=False, errors=[{"path": "", "message": "Data is None"}])
    errors = _json.violations(data, schema)
    return ok(valid=not errors, errors=errors)


def _read(host: Host, path: object) -> str:
    try:
        place = _paths.find(host, path)
        with place.fs.open(place.path, "r", encoding="utf-8", newline="") as opened:
            return str(opened.read())
    except FileNotFoundError as error:
        raise Failed(f"File not found: {path}", "io") from error
    except (OSError, UnicodeError, Failed) as error:
        raise Failed(f"Cannot read {path}: {error}", "io") from error


def _answer(kind: str, work: Callable[[], Result]) -> Result:
    try:
        return work()
    except Failed as failed:
        return failed.result
    except Exception as error:
        return err(str(error) or type(error).__name__, kind)
