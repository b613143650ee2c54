"""The value of a `run: {type: expression}`: one expression of Python, or of a template."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.code.errors import CodeError
from codeanatomy.workflow.code.slots import own_templates
from codeanatomy.workflow.template.dotdict import DotDict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType

    from codeanatomy.workflow.template.environment import Templates


def compile_expression(text: str, name: str = "<expression>") -> Expression:
    """Return the expression of a text; `name` is what errors call it."""
    return Expression(text, name)


class Expression:
    """Python, in which `state.key` is `state["key"]`; a template where it is written as one.

    Written as one are texts with braces, with filters (`a | upper`), or that Python cannot read.
    """

    __slots__ = ("name", "text")

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text.strip(), name

    def run(
        self,
        scope: Mapping[str, Any],
        state: Any = None,  # noqa: ANN401 - a dict, mostly
        *,
        templates: Templates | None = None,
        names: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - what the expression gives
        """Evaluate it; whatever fails is an error."""
        made = templates or own_templates()
        code = _python(self.text, self.name)
        if code is None:
            seen = {"state": state, **scope, **(names or {})}
            if "{%" in self.text or self.text.count("{{") > 1:
                return made.render(self.text, seen)
            return made.evaluate(self.text, seen)
        space = {**(names or {}), **scope}
        space["state"] = DotDict(space.get("state", {}) if state is None else state)
        return _plain(eval(code, space))  # noqa: S307 - the expression is the file author's


@lru_cache(maxsize=1024)
def _python(text: str, name: str) -> CodeType | None:
    """Compile Python, or return None for what is a template."""
    if "{{" in text or "{%" in text:
        return None
    try:
        tree = ast.parse(text, name, mode="eval")
    except SyntaxError as exc:
        if own_templates().check_expression(text) is None:
            return None
        raise CodeError(f"{name}: {exc.msg}: {text[:80]}", file=name) from exc
    except (ValueError, RecursionError, MemoryError) as exc:
        raise CodeError(f"{name}: {exc or type(exc).__name__}", file=name) from exc
    if any(_is_filter(node) for node in ast.walk(tree)):
        return None
    return compile(tree, name, "eval")


def _is_filter(node: ast.AST) -> bool:
    """Tell `value | name` and `value | name(...)` of a template from a union of values."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.BitOr):
        return False
    right = node.right.func if isinstance(node.right, ast.Call) else node.right
    return isinstance(right, ast.Name) and right.id in own_templates().sandbox().filters


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value
    return dict(value) if type(value) is DotDict else value
