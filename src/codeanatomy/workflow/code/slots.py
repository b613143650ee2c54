"""Takes the templates out of a Python text: each becomes a name, bound when the text runs."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.workflow.code.errors import CodeError
from codeanatomy.workflow.code.scan import SCOPE_NAMES, BlockTagFound, expression_at, find_slots

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.template.environment import Templates

PREFIX = "_anatomy_"
_ROOTED = re.compile(r"\{\{\s*(?:" + "|".join(sorted(SCOPE_NAMES)) + r")\b")
_JSON_FILTER = re.compile(r"(?s)(.+)\|\s*(?:tojson|json)\s*")


class Binding(NamedTuple):
    """One name to bind: the value of an expression, or the text that a template gives."""

    name: str
    source: str
    kind: str  # "value", "json" (the value of a JSON text), "text", "bytes"


def bound(templates: Templates, bindings: list[Binding], scope: Any) -> dict[str, Any]:  # noqa: ANN401 - a mapping of any values
    """Return the value of every name, from the scope as it is now."""
    return {b.name: _value(templates, b, scope) for b in bindings}


def take_slots(source: str, templates: Templates, place: str) -> tuple[str, list[Binding]]:
    """Return the text with a name in the place of each template, and what to bind."""
    try:
        slots = find_slots(source, expression_reader(templates))
    except BlockTagFound as exc:
        line = source.count("\n", 0, exc.args[0]) + 1
        message = f"{place}: line {line} of the code: '{{% ... %}}' writes no code; use Python"
        raise CodeError(message, line=line) from None
    parts: list[str] = []
    bindings: list[Binding] = []
    at = 0
    for number, slot in enumerate(slots):
        name = f"{PREFIX}{number}"
        lines = "\n" * slot.inner.count("\n")
        held = f"{{{name}{lines}}}" if slot.in_text else f"({name}{lines})" if lines else name
        parts += [source[at : slot.start], held]
        at = slot.end
        bindings.append(_value_binding(name, slot.inner))
    return "".join([*parts, source[at:]]), bindings


def _value_binding(name: str, inner: str) -> Binding:
    """Bind a value; `x | tojson` stands for the value that the JSON text spells."""
    json_text = _JSON_FILTER.fullmatch(inner)
    return Binding(name, inner, "json" if json_text else "value")


def take_texts(tree: ast.Module, bindings: list[Binding], templates: Templates) -> ast.Module:
    """Replace every string with templates in it by a name, and add what to bind."""
    _Texts(bindings, templates).visit(tree)
    return ast.fix_missing_locations(tree)


class _Texts(ast.NodeTransformer):
    """Visits strings; those of f-strings, patterns and docstrings stay as they are."""

    def __init__(self, bindings: list[Binding], templates: Templates) -> None:
        self._bindings, self._templates = bindings, templates
        self._reads_as_expression = expression_reader(templates)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """Replace a text that holds a template."""
        value = node.value
        if isinstance(value, bytes):
            text, kind = value.decode("utf-8", "surrogateescape"), "bytes"
        elif isinstance(value, str):
            text, kind = value, "text"
        else:
            return node
        if "{{" not in text and "{%" not in text:
            return node
        source = self._template_of(text)
        if source is None:
            return node
        name = f"{PREFIX}{len(self._bindings)}"
        self._bindings.append(Binding(name, source, kind))
        return ast.copy_location(ast.Name(name, ast.Load()), node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        """Visit what an f-string computes, and the plain strings that stand beside it."""
        for number, part in enumerate(node.values):
            if isinstance(part, ast.FormattedValue):
                part.value = self.visit(part.value)
            elif isinstance(part, ast.Constant) and _ROOTED.search(str(part.value)):
                taken = self.visit_Constant(part)
                if taken is not part:
                    node.values[number] = ast.FormattedValue(taken, -1)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        """Leave docstrings alone."""
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)  # type: ignore[return-value] # visiting gives the node itself

    def visit_MatchValue(self, node: ast.MatchValue) -> ast.MatchValue:
        """Leave patterns alone: they are constants."""
        return node

    def _template_of(self, text: str) -> str | None:
        """Return the template that a string is: what reads as none in it stays as it is."""
        if "{%" in text and self._reads(text):
            return text
        parts: list[str] = []
        at = found = 0
        while (start := text.find("{{", at)) >= 0:
            expression = expression_at(text, start, self._reads_as_expression)
            end = start + 2 if expression is None else expression[0]
            plain = text[at:end] if expression is None else text[at:start]
            parts.append(_as_text(plain))
            if expression is not None:
                found += 1
                parts.append(text[start:end])
            at = end
        return "".join([*parts, _as_text(text[at:])]) if found else None

    def _reads(self, text: str) -> bool:
        from jinja2 import TemplateSyntaxError  # noqa: PLC0415 - loaded with the sandbox

        try:
            self._templates.sandbox().parse(text)
        except TemplateSyntaxError:
            return False
        return True


def _as_text(plain: str) -> str:
    """Write text as a template that prints it."""
    if not any(mark in plain for mark in ("{{", "{%", "{#", "${")):
        return plain
    return "{{ " + _quoted(plain) + " }}"


def _quoted(plain: str) -> str:
    escaped = plain.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return "'" + escaped.replace("\r", "\\r").replace("${", "$\\x7b") + "'"


def expression_reader(templates: Templates) -> Callable[[str], bool]:
    """Return a function that tells whether a text reads as an expression of a template."""
    from jinja2 import TemplateSyntaxError  # noqa: PLC0415 - only code with templates gets here
    from jinja2.parser import Parser  # noqa: PLC0415 - as above

    def reads(inner: str) -> bool:
        try:
            parser = Parser(templates.sandbox(), inner, state="variable")
            parser.parse_expression()
        except (TemplateSyntaxError, RecursionError):
            return False
        return parser.stream.eos

    return reads


def _value(templates: Templates, binding: Binding, scope: Any) -> Any:  # noqa: ANN401 - as above
    if binding.kind == "text":
        return templates.text(binding.source, scope)
    if binding.kind == "bytes":
        return templates.text(binding.source, scope).encode("utf-8", "surrogateescape")
    value = templates.evaluate(binding.source, scope)
    if binding.kind == "json":
        import json  # noqa: PLC0415 - only here

        return json.loads(value)
    return value


@lru_cache(maxsize=1)
def own_templates() -> Templates:
    """Return the templates of code that was given none."""
    from codeanatomy.workflow.template.environment import (  # noqa: PLC0415 - only with templates
        Templates,
    )

    return Templates()
