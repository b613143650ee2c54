"""The `output_schema` of a file: templates that shape what a run gives."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.workflow.template.conditions import is_truthy_text
from codeanatomy.workflow.template.environment import Templates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Scope = Mapping[str, Any]

_FORM: Final = frozenset({"value", "include_if", "default", "description", "type"})
_LEFT_OUT: Final = object()


def shape_output(
    schema: Mapping[str, Any],
    scope: Scope,
    templates: Templates | None = None,
    *,
    now: Callable[[], datetime] | None = None,
) -> dict[str, Any]:
    """Render each field; one whose template fails, or that is not to be included, is left out."""
    clock = now or _now
    seen = {**scope, "now": lambda: clock().isoformat()}
    made = templates or _own_templates()
    fields = {name: _field(told, seen, made) for name, told in schema.items()}
    return {name: value for name, value in fields.items() if value is not _LEFT_OUT}


def retyped(text: str) -> Any:  # noqa: ANN401 - the text decides
    """Return what a rendered text spells: JSON, an integer, a float, None, or the text itself."""
    stripped = text.strip()
    if stripped == "None":
        return None
    for read in (json.loads, int, float):
        try:
            return read(stripped)
        except (ValueError, RecursionError):
            continue
    return text


def _field(told: Any, scope: Scope, templates: Templates) -> Any:  # noqa: ANN401 - what a file says
    if not (isinstance(told, dict) and "value" in told and told.keys() <= _FORM):
        try:
            return _value(told, scope, templates)
        except Exception:  # noqa: BLE001 - a field that fails is left out
            return _LEFT_OUT
    try:
        if "include_if" in told and not _holds(told["include_if"], scope, templates):
            return _LEFT_OUT
        value = _value(told["value"], scope, templates)
    except Exception:  # noqa: BLE001 - as above
        value = None
    if value is None and told.get("default") is not None:
        value = _value(told["default"], scope, templates)
    return _LEFT_OUT if value is None else value


def _holds(condition: Any, scope: Scope, templates: Templates) -> bool:  # noqa: ANN401 - what a file says
    value = condition
    if isinstance(condition, str):
        if "{{" not in condition and "{%" not in condition:
            return templates.evaluate_goto(condition, scope)
        value = templates.render(condition, scope)
    return is_truthy_text(value) if isinstance(value, str) else bool(value)


def _value(told: Any, scope: Scope, templates: Templates) -> Any:  # noqa: ANN401 - what a file says
    if isinstance(told, dict):
        return {k: _value(v, scope, templates) for k, v in told.items()}
    if isinstance(told, list):
        return [_value(v, scope, templates) for v in told]
    if not isinstance(told, str):
        return told
    value = templates.render(told, scope)
    if isinstance(value, str) and value != told:
        return retyped(value)
    if value == told and "{{" in told:
        raise ValueError(told)  # an expression that failed is its own text
    return value


def _now() -> datetime:
    return datetime.now(UTC)


@lru_cache(maxsize=1)
def _own_templates() -> Templates:
    return Templates()
