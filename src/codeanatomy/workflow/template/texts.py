"""Methods of texts that make larger texts, bounded: what a template calls on a string."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING, Any

from jinja2.sandbox import SandboxedEscapeFormatter, SandboxedFormatter
from markupsafe import Markup

from codeanatomy.workflow.template import limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment


def check_growth(
    call: Any,  # noqa: ANN401 - a method of a text or of bytes
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> tuple[Any, ...]:
    """Pay for what a method makes of its text; return the arguments to call it with."""
    owner: str | bytes = call.__self__
    told = (*args, *kwargs.values())
    name = call.__name__
    if name == "join" and args:
        args = (_joinable(owner, args[0]), *args[1:])
    elif name in {"center", "ljust", "rjust", "zfill", "expandtabs"}:
        width = max((n for n in told if isinstance(n, int)), default=8)
        limits.check_width(width)
        limits.budget().produce(len(owner) * (max(width, 1) if name == "expandtabs" else 1))
    elif name == "replace" and len(told) > 1 and isinstance(owner, str):
        limits.check_replace(owner, str(told[0]), str(told[1]), *told[2:3])
    else:
        limits.budget().produce(len(owner))
    return args


def _joinable(between: str | bytes, parts: Any) -> list[Any]:  # noqa: ANN401 - what a template joins
    found = list(limits.counted(parts))
    size = sum(len(part) for part in found if isinstance(part, str | bytes))
    limits.budget().produce(size + len(between) * len(found))
    return found


class TextFormat:
    """A `str.format` that a template may call."""

    __slots__ = ("_mapping", "_sandbox", "_text")

    def __init__(self, sandbox: Environment, text: str, *, mapping: bool) -> None:
        self._sandbox, self._text, self._mapping = sandbox, text, mapping

    def __call__(self, *args: Any, **kwargs: Any) -> str:  # noqa: ANN401 - values of any type
        """Format, each field looked up and paid for."""
        if self._mapping:
            kwargs = dict(args[0])
            args = ()
        formatter: SandboxedFormatter = (
            _MarkupFormatter(self._sandbox, escape=self._text.escape)
            if isinstance(self._text, Markup)
            else _Formatter(self._sandbox)
        )
        return type(self._text)(formatter.vformat(self._text, args, kwargs))


class _BoundedField(Formatter):
    """Formats one field after a look at its width."""

    def format_field(self, value: Any, format_spec: str) -> Any:  # noqa: ANN401 - values of any type
        """Format a value that is paid for in a field of a reasonable width."""
        limits.check_format_spec(format_spec)
        limits.budget().produce(len(value) if isinstance(value, str) else len(format_spec) + 8)
        return super().format_field(limits.printable(value), format_spec)


class _Formatter(_BoundedField, SandboxedFormatter):
    """Of plain texts."""


class _MarkupFormatter(_BoundedField, SandboxedEscapeFormatter):
    """Of texts marked as safe."""
