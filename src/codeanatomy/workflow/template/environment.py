"""Templates of agent files: rendered values, expressions and conditions over a declared scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.template.compiled import (
    dotted_path,
    expression,
    mixed,
    our_error,
    path_getter,
)
from codeanatomy.workflow.template.conditions import (
    Condition,
    is_truthy_text,
    read_condition,
    single,
)
from codeanatomy.workflow.template.errors import ConditionError, TemplateError, TemplateLimitError
from codeanatomy.workflow.template.limits import is_undefined
from codeanatomy.workflow.template.variables import REFERENCE, substitute

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.template.sandbox import Sandbox

    Scope = Mapping[str, Any]
    Render = Callable[[Scope], Any]

_KEPT = 4096  # compiled texts of one engine
_LONGEST_KEPT = 20_000  # characters of a text that is kept
_DEEPEST = 200  # dicts and lists in each other that `render` follows


class Templates:
    """Compiles each text when it is first used and keeps it; sees nothing but the scope.

    `filters` and `names` add to what every template may use.
    """

    def __init__(
        self,
        *,
        filters: Mapping[str, Callable[..., Any]] | None = None,
        names: Mapping[str, Any] | None = None,
    ) -> None:
        self._filters, self._names = filters, names
        self._made: Sandbox | None = None
        self._values: dict[str, Render] = {}
        self._texts: dict[str, Render] = {}
        self._expressions: dict[str, Render] = {}
        self._conditions: dict[str, Render] = {}

    def render(self, value: Any, scope: Scope) -> Any:  # noqa: ANN401 - any value of a file
        """Render every text in `value`, in lists and dicts too; one `{{ expr }}` keeps its type."""
        if isinstance(value, str):
            found = self._values.get(value)
            if found is None:
                if "{{" not in value and "{%" not in value and "${" not in value:
                    return value
                found = self._keep(self._values, value, self._value(value))
            return found(scope)
        if isinstance(value, dict | list | tuple):
            return self._render_inside(value, scope, 0)
        return value

    def text(self, source: str, scope: Scope) -> str:
        """Render `source` as a text, whatever stands in it, its last newline kept."""
        found = self._texts.get(source)
        if found is None:
            found = self._keep(self._texts, source, self._mixed(source, keep_newline=True))
        return str(found(scope))

    def evaluate(self, source: str, scope: Scope) -> Any:  # noqa: ANN401 - what the expression gives
        """Evaluate an expression, with or without its braces; anything wrong is an error."""
        found = self._expressions.get(source)
        if found is None:
            inner = single(source)
            found = self._strict(source if inner is None else inner)
            self._keep(self._expressions, source, found)
        return found(scope)

    def evaluate_condition(self, condition: Any, scope: Scope) -> bool:  # noqa: ANN401 - any value of a file
        """Tell whether a condition holds: a key of the state, its negation, or an expression."""
        if not isinstance(condition, str):
            return bool(condition)
        found = self._conditions.get(condition)
        if found is None:
            found = self._keep(self._conditions, condition, self._condition(condition))
        return bool(found(scope))

    def evaluate_goto(self, condition: Any, scope: Scope) -> bool:  # noqa: ANN401 - any value of a file
        """Tell whether a goto rule holds: its rendered text is none of "", false, 0, no, none."""
        if not isinstance(condition, str):
            return bool(condition)
        read = read_condition(condition)
        if read.kind == "key" and read.source.lower() not in {"true", "false", "none", "no"}:
            return self.evaluate_condition(condition, scope)
        if read.kind == "key":
            return is_truthy_text(read.source) is not read.negated
        if read.kind == "expression":
            value = self._checked(read.source, condition)(scope)
            return _is_truthy(value, condition)
        return self.evaluate_condition(condition, scope)

    def check_expression(self, source: str) -> str | None:
        """Say what keeps `source` from being read as a condition; None if nothing does."""
        read = read_condition(source)
        try:
            if read.kind == "expression" and dotted_path(read.source) is None:
                expression(read.source, self.sandbox())
            elif read.kind == "text":
                mixed(read.source, self.sandbox())
        except Exception as exc:
            failed = our_error(exc, "")
            if failed is None:
                raise
            return str(failed).removeprefix(": ")
        return None

    def sandbox(self) -> Sandbox:
        """Return the Jinja2 environment, made when the first template needs it."""
        if self._made is None:
            from codeanatomy.workflow.template.sandbox import (  # noqa: PLC0415 - loads Jinja2
                Sandbox,
            )

            self._made = Sandbox(self._filters, self._names)
        return self._made

    def _render_inside(self, value: Any, scope: Scope, depth: int) -> Any:  # noqa: ANN401 - any value of a file
        if depth > _DEEPEST:
            raise TemplateLimitError(f"values are nested deeper than {_DEEPEST}")
        if isinstance(value, dict):
            return {k: self._render_inside(v, scope, depth + 1) for k, v in value.items()}
        if isinstance(value, list):
            return [self._render_inside(v, scope, depth + 1) for v in value]
        if isinstance(value, tuple):
            return tuple(self._render_inside(v, scope, depth + 1) for v in value)
        return self.render(value, scope) if isinstance(value, str) else value

    def _value(self, text: str) -> Render:
        """Compile a text to its native value if it is one expression, else to a text."""
        if "{{" not in text and "{%" not in text:
            return lambda scope: substitute(text, scope.get("variables") or {})
        inner = single(text)
        if inner is None:
            return self._mixed(text)
        names = None if "${" in text else dotted_path(inner)
        if names:
            return _native(path_getter(names, self.sandbox), text)
        try:
            return _native(self._parsed_single(inner, text), text)
        except TemplateError:
            if "}}" not in inner:
                raise
        return self._mixed(text)  # the last pair of braces does not belong to the first

    def _parsed_single(self, inner: str, text: str) -> Render:
        try:
            return expression(inner, self.sandbox())
        except Exception as exc:
            failed = our_error(exc, f"Template error in expression '{text.strip()}'")
            if failed is None:
                raise
            raise failed from exc

    def _mixed(self, text: str, *, keep_newline: bool = False) -> Render:
        if "{{" not in text and "{%" not in text:
            if REFERENCE.search(text):
                return lambda scope: substitute(text, scope.get("variables") or {})
            return lambda _: text
        ending = text[len(text.rstrip("\n")) :][:1] if keep_newline else ""  # Jinja2 drops one
        try:
            compiled = mixed(text, self.sandbox())
        except Exception as exc:
            raise _template_error(exc) from exc

        def render(scope: Scope) -> str:
            try:
                return compiled(scope) + ending
            except Exception as exc:
                raise _template_error(exc) from exc

        return render

    def _strict(self, source: str) -> Render:
        """Compile an expression whose every failure is an error; undefined is None."""
        shown = f"Template error in expression '{source.strip()}'"
        names = None if "${" in source else dotted_path(source)
        try:
            found = (
                path_getter(names, self.sandbox) if names else expression(source, self.sandbox())
            )
        except Exception as exc:
            raise (our_error(exc, shown) or TemplateError(f"{shown}: {exc}")) from exc

        def evaluate(scope: Scope) -> Any:  # noqa: ANN401 - what the expression gives
            try:
                value = found(scope)
                return None if is_undefined(value) else value
            except Exception as exc:
                raise (our_error(exc, shown) or TemplateError(f"{shown}: {exc}")) from exc

        return evaluate

    def _condition(self, text: str) -> Render:
        read = read_condition(text)
        test = self._test(read, text)
        return (lambda scope: not test(scope)) if read.negated else test

    def _test(self, read: Condition, text: str) -> Render:
        if read.kind == "constant":
            return lambda _: read.source == "True"
        if read.kind == "key":
            return lambda scope: (scope.get("state") or {}).get(read.source)
        if read.kind == "text":
            compiled = self._mixed(read.source)
            return lambda scope: is_truthy_text(compiled(scope))
        return self._checked(read.source, text)

    def _checked(self, source: str, text: str) -> Render:
        """Compile the expression of a condition; a top name that is not there is an error."""
        key = f"condition {source}"
        kept = self._expressions.get(key)
        if kept is not None:
            return kept
        shown = f"Condition '{text.strip()}' cannot be evaluated"
        names = None if "${" in source else dotted_path(source)
        try:
            found = (
                path_getter(names, self.sandbox) if names else expression(source, self.sandbox())
            )
        except Exception as exc:
            raise _condition_error(exc, shown) from exc

        def evaluate(scope: Scope) -> Any:  # noqa: ANN401 - what the expression gives
            try:
                value = found(scope)
                if names and names[0] not in scope:
                    bool(value)  # an undefined name says so
                return None if is_undefined(value) and names else _known(value)
            except Exception as exc:
                raise _condition_error(exc, shown) from exc

        return self._keep(self._expressions, key, evaluate)

    def _keep(self, kept: dict[str, Render], text: str, compiled: Render) -> Render:
        if len(text) > _LONGEST_KEPT:
            return compiled
        if len(kept) >= _KEPT:
            kept.pop(next(iter(kept)), None)
        kept[text] = compiled
        return compiled


def _native(found: Render, text: str) -> Render:
    """Return the value of one expression: undefined is None, a failing one is the text itself."""
    shown = f"Template error in expression '{text.strip()}'"

    def render(scope: Scope) -> Any:  # noqa: ANN401 - what the expression gives
        try:
            value = found(scope)
        except Exception as exc:  # every failure that is not the template's leaves the text alone
            failed = our_error(exc, shown)
            if failed is None:
                return text
            raise failed from exc
        return None if is_undefined(value) else value

    return render


def _known(value: Any) -> Any:  # noqa: ANN401 - what an expression gives
    """Return a value; one that is not there is an error that names it."""
    if is_undefined(value):
        bool(value)
    return value


def _is_truthy(value: Any, condition: str) -> bool:  # noqa: ANN401 - what an expression gives
    """Judge a value by its text; a value that has none (an integer too long) is an error."""
    try:
        return is_truthy_text(str(value))
    except Exception as exc:
        raise _condition_error(exc, f"Condition '{condition.strip()}' cannot be evaluated") from exc


def _template_error(exc: Exception) -> TemplateError:
    return our_error(exc, "Template error") or TemplateError(f"Template error: {exc}")


def _condition_error(exc: Exception, shown: str) -> TemplateError:
    failed = our_error(exc, shown)
    if failed is None or type(failed) is TemplateError:
        return ConditionError(f"{shown}: {exc}")
    return failed
