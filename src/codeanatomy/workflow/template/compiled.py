"""The compiled forms of a text: a dotted path, one expression, a mixed text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.template import limits
from codeanatomy.workflow.template.errors import (
    TemplateError,
    TemplateLimitError,
    TemplateUnsafeError,
)
from codeanatomy.workflow.template.variables import REFERENCE, lookup_function, rewrite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.template.sandbox import Sandbox

    Render = Callable[[Mapping[str, Any]], Any]

_PATH = re.compile(r"\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*", re.ASCII)
_WORDS = frozenset(
    "true false none True False None not and or in is if else loop self super caller varargs"
    " kwargs".split()
)
_MISSING = object()


def dotted_path(source: str) -> tuple[str, ...] | None:
    """Return the names of a plain `a.b.c`, or None for any other expression."""
    found = _PATH.fullmatch(source)
    if not found:
        return None
    names = tuple(found[1].split("."))
    return None if names[0] in _WORDS else names


def path_getter(names: tuple[str, ...], sandbox: Callable[[], Sandbox]) -> Render:
    """Look a path up as the compiled expression would, without compiling it."""
    root, *rest = names

    def get(scope: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what the path leads to
        value = scope.get(root, _MISSING)
        if value is _MISSING:
            value = sandbox().global_or_undefined(root)
        for name in rest:
            if isinstance(value, dict):
                found = dict.get(value, name, _MISSING)
                if found is not _MISSING:
                    value = found
                    continue
                if name[0] != "_" and name not in _DICT_METHODS:
                    value = None
                    continue
            value = sandbox().dotted(value, name)
        return value

    return get


_DICT_METHODS = frozenset("get keys values items copy".split())


def expression(source: str, sandbox: Sandbox) -> Render:
    """Compile one expression to a function of the scope that returns its value, undefined too.

    A container with something undefined in it is an error.
    """
    from jinja2 import TemplateSyntaxError, nodes  # noqa: PLC0415 - loaded with the sandbox
    from jinja2.parser import Parser  # noqa: PLC0415 - as above

    _check_size(source)
    if "${" in source:
        source = _with_variables(source, sandbox, expression=True)
    parser = Parser(sandbox, source, state="variable")
    parsed = parser.parse_expression()
    if not parser.stream.eos:
        line = parser.stream.current.lineno
        raise TemplateSyntaxError("chunk after expression", line)
    parsed.set_environment(sandbox)
    body: list[nodes.Node] = [nodes.Assign(nodes.Name("result", "store"), parsed, lineno=1)]
    root = sandbox.from_string(nodes.Template(body, lineno=1)).root_render_func
    make, names = sandbox.context_class, sandbox.globals

    def evaluate(scope: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what the expression gives
        context = make(sandbox, {**names, **scope}, None, {})
        with limits.spending():
            for _ in root(context):
                pass
            value = context.vars["result"]
            if limits.budget().undefined and isinstance(value, dict | list | tuple | set):
                limits.refuse_undefined(value)
        return value

    return evaluate


def mixed(source: str, sandbox: Sandbox) -> Callable[[Mapping[str, Any]], str]:
    """Compile a text with templates in it to a function of the scope that returns a text."""
    _check_size(source)
    if "${" in source:
        source = _with_variables(source, sandbox)
    template = sandbox.from_string(source)
    root, make, names = template.root_render_func, sandbox.context_class, sandbox.globals
    blocks = template.blocks

    def render(scope: Mapping[str, Any]) -> str:
        context = make(sandbox, {**names, **scope}, None, blocks)
        with limits.spending():
            produce, parts = limits.budget().produce, []
            for part in root(context):
                produce(len(part) + 1)
                parts.append(part)
        return "".join(parts)

    return render


def our_error(exc: Exception, prefix: str) -> TemplateError | None:
    """Return `exc` as one of our errors, or None if it is not about the template."""
    from jinja2 import TemplateError as JinjaError  # noqa: PLC0415 - loaded with the sandbox
    from jinja2.exceptions import SecurityError  # noqa: PLC0415 - as above

    if isinstance(exc, TemplateError):
        return type(exc)(f"{prefix}: {exc}", **exc.facts)
    if isinstance(exc, SecurityError):
        return TemplateUnsafeError(f"{prefix}: {exc}")
    if isinstance(exc, JinjaError | SyntaxError):
        said = getattr(exc, "message", None) or getattr(exc, "msg", None) or exc
        return TemplateError(f"{prefix}: {said}", line=getattr(exc, "lineno", None))
    if isinstance(exc, RecursionError | MemoryError):
        return TemplateLimitError(f"{prefix}: it is nested too deeply or grows too large")
    return None


def _with_variables(source: str, sandbox: Sandbox, *, expression: bool = False) -> str:
    if not REFERENCE.search(source):
        return source
    name, function = lookup_function()
    if name not in sandbox.globals:
        sandbox.allow(name, function)
    return rewrite(source, sandbox, expression=expression)


def _check_size(source: str) -> None:
    if len(source) > limits.MAX_SOURCE:
        msg = f"a template of {len(source)} characters is longer than {limits.MAX_SOURCE}"
        raise TemplateLimitError(msg, limit=limits.MAX_SOURCE)
