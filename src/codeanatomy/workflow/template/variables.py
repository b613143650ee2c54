"""`${name}` in a template: the file's variable as data, never as more template."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.template.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

REFERENCE = re.compile(r"\$\{(\w+)\}")

_PREFIX = "anatomyVariable0"  # what a reference is while the template around it is read
_STAND_IN = re.compile(_PREFIX + r"x([0-9a-f]+)x")
_FUNCTION = "anatomy_variable"


def substitute(text: str, variables: Mapping[str, Any]) -> str:
    """Put the text of each known variable in the place of `${name}`."""
    return REFERENCE.sub(lambda m: variable(variables, m[1]), text)


def variable(variables: Mapping[str, Any], name: str) -> str:
    """Return the text of a variable, or the reference itself where there is none."""
    return str(variables[name]) if name in variables else "${" + name + "}"


def rewrite(source: str, environment: Environment, *, expression: bool = False) -> str:
    """Turn every `${name}` of a template (or of one expression) into a lookup of the variable."""
    if _PREFIX in source:
        raise TemplateError(f"a template may not hold the word {_PREFIX!r}")
    held = REFERENCE.sub(lambda m: f"{_PREFIX}x{m[1].encode().hex()}x", source)
    wrapped = "{{" + held + "}}" if expression else held
    parts: list[str] = []
    raw = False
    for _, kind, value in environment.lex(wrapped):
        if kind in {"raw_begin", "raw_end"}:
            raw = kind == "raw_begin"
        parts.append(_rewritten(kind, value, raw=raw))
    result = "".join(parts)
    return result[2:-2] if expression else result


def _rewritten(kind: str, value: str, *, raw: bool) -> str:
    if _PREFIX not in value:
        return value
    if kind == "data":
        around = ("{% endraw %}", "{% raw %}") if raw else ("", "")
        return _STAND_IN.sub(lambda m: f"{around[0]}{{{{ {_lookup(m)} }}}}{around[1]}", value)
    if kind == "string":
        quote = value[0]
        return "(" + _STAND_IN.sub(lambda m: f"{quote} ~ {_lookup(m)} ~ {quote}", value) + ")"
    whole = _STAND_IN.fullmatch(value)
    if kind == "name" and whole:
        return _lookup(whole, native=True)
    if kind in {"comment", "comment_begin", "comment_end"}:
        return _STAND_IN.sub("", value)
    shown = _STAND_IN.sub(lambda m: "${" + _name(m) + "}", value)
    raise TemplateError(f"{shown!r}: a variable cannot be a part of a name")


def _lookup(found: re.Match[str], *, native: bool = False) -> str:
    call = f"{_FUNCTION}({_name(found)!r}"
    return f"{call}, true)" if native else f"{call})"


def _name(found: re.Match[str]) -> str:
    return bytes.fromhex(found[1]).decode()


def lookup_function() -> tuple[str, Any]:
    """Return the name and the function that rewritten templates call."""
    from jinja2 import pass_context  # noqa: PLC0415 - only rewritten templates need it
    from jinja2.runtime import Context  # noqa: PLC0415, TC002 - as above

    @pass_context
    def look_up(context: Context, name: str, native: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - called by templates
        variables = context.get("variables") or {}
        if native and name in variables:
            return variables[name]
        return variable(variables, name)

    return _FUNCTION, look_up
