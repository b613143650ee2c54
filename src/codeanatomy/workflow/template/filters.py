"""Filters of agent files, and those of Jinja2 that need a bound."""

from __future__ import annotations

import hashlib
import json as _json
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import wraps
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jinja2 import filters as _jinja
from jinja2.filters import FILTERS, make_attrgetter
from jinja2.runtime import Undefined
from jinja2.utils import htmlsafe_json_dumps, pass_environment

from codeanatomy.workflow.template import limits
from codeanatomy.workflow.template.errors import TemplateLimitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jinja2 import Environment
    from markupsafe import Markup

_LOOK_ONLY = frozenset(
    "abs attr batch count d default first float int items last length list map random reject"
    " rejectattr reverse round safe select selectattr slice sum".split()
)
_COMPARING = frozenset("dictsort groupby max min sort unique".split())
_DIGITS = 400  # of a number that is rounded or made an integer


def tojson(value: Any, indent: int | None = None) -> Markup:  # noqa: ANN401 - any JSON value
    """Write JSON that is safe inside HTML, keys sorted; the result is marked as safe."""
    limits.check_width(indent)
    return htmlsafe_json_dumps(value, indent=indent, sort_keys=True, default=_plain)


def json(value: Any, indent: int | None = None) -> str:  # noqa: ANN401 - any JSON value
    """Write JSON as plain text."""
    limits.check_width(indent)
    return _json.dumps(value, indent=indent, default=_plain)


def fromjson(value: Any) -> Any:  # noqa: ANN401 - what the JSON holds
    """Read JSON; what is not JSON comes back as it is."""
    try:
        return _json.loads(value)
    except (TypeError, ValueError, RecursionError):
        return value


def sha256(value: Any) -> str:  # noqa: ANN401 - text, bytes or what has a text
    """Return the SHA-256 of the value's text in UTF-8, in hexadecimal digits."""
    data = value if isinstance(value, bytes) else str(value).encode()
    return hashlib.sha256(data).hexdigest()


def _plain(value: Any) -> Any:  # noqa: ANN401 - what JSON has no type for
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID | PurePath):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    to_dict = getattr(value, "to_dict", None)
    if callable(to_dict) and not isinstance(value, Undefined | type):
        return to_dict()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _center(value: Any, width: int = 80) -> str:  # noqa: ANN401 - printed
    limits.check_width(width)
    return _jinja.do_center(value, width)


def _indent(value: Any, width: Any = 4, first: bool = False, blank: bool = False) -> str:  # noqa: ANN401, FBT001, FBT002 - Jinja2's own signature
    limits.check_width(width)
    size = len(width) if isinstance(width, str) else int(width)
    text = value if isinstance(value, str) else str(value)
    limits.budget().produce(len(text) + (text.count("\n") + 1) * size)
    return _jinja.do_indent(text, width, first, blank)


def _format(value: Any, *args: Any, **kwargs: Any) -> str:  # noqa: ANN401 - printed
    limits.check_percent(str(value))
    limits.printable([args, kwargs])
    return _jinja.do_format(value, *args, **kwargs)


def _replace(value: Any, old: Any, new: Any, count: int | None = None) -> str:  # noqa: ANN401 - printed
    text, before, after = str(value), str(old), str(new)
    limits.check_replace(text, before, after, -1 if count is None else count)
    return text.replace(before, after, -1 if count is None else count)


@pass_environment
def _join(
    environment: Environment,
    value: Iterable[Any],
    d: Any = "",  # noqa: ANN401 - printed
    attribute: str | int | None = None,
) -> str:
    if attribute is not None:
        value = map(make_attrgetter(environment, attribute), value)
    texts = [str(limits.printable(item)) for item in limits.counted(value)]
    between = str(d)
    limits.budget().produce(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)


@pass_environment
def _sum(
    environment: Environment,
    iterable: Iterable[Any],
    attribute: str | int | None = None,
    start: Any = 0,  # noqa: ANN401 - what is added up
) -> Any:  # noqa: ANN401 - as above
    values = (
        iterable if attribute is None else map(make_attrgetter(environment, attribute), iterable)
    )
    total = start
    for value in limits.counted(values):
        limits.check_sum(total, value)
        total = total + value
    return total


def _batch(value: Iterable[Any], linecount: int, fill_with: Any = None) -> Any:  # noqa: ANN401 - as Jinja2's
    limits.check_width(linecount)
    return _jinja.do_batch(value, linecount, fill_with)


def _slice(value: Any, slices: int, fill_with: Any = None) -> Any:  # noqa: ANN401 - as Jinja2's
    limits.check_width(slices)
    return _jinja.sync_do_slice(value, slices, fill_with)


def _round(value: float, precision: int = 0, method: Any = "common") -> float:  # noqa: ANN401 - one of three words
    if abs(precision) > _DIGITS:
        raise TemplateLimitError(f"a precision of {precision} is more than {_DIGITS}")
    return _jinja.do_round(value, precision, method)


def _int(value: Any, default: int = 0, base: int = 10) -> int:  # noqa: ANN401 - text or number
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() > _DIGITS:
        raise TemplateLimitError("a decimal is too large to be made an integer")
    return _jinja.do_int(value, default, base)


@pass_environment
def _wordwrap(
    environment: Environment,
    s: str,
    width: int = 79,
    break_long_words: bool = True,  # noqa: FBT001, FBT002 - as above
    wrapstring: str | None = None,
    break_on_hyphens: bool = True,  # noqa: FBT001, FBT002 - as above
) -> str:
    limits.budget().produce((len(s) + 1) * max(1, len(wrapstring or "")))
    return _jinja.do_wordwrap(environment, s, width, break_long_words, wrapstring, break_on_hyphens)


def _pays_to_print(call: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a filter that prints its value, so that containers are paid for."""
    skipped = 1 if getattr(call, "jinja_pass_arg", None) is not None else 0

    @wraps(call)
    def paid(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the filter
        for value in args[skipped:]:
            if isinstance(value, str):
                limits.budget().produce(len(value))
            else:
                limits.printable(value)
        return call(*args, **kwargs)

    return paid


_OWN: dict[str, Callable[..., Any]] = {
    "batch": _batch,
    "center": _center,
    "format": _format,
    "fromjson": fromjson,
    "indent": _indent,
    "int": _int,
    "join": _join,
    "json": json,
    "replace": _replace,
    "round": _round,
    "sha256": sha256,
    "slice": _slice,
    "sum": _sum,
    "tojson": tojson,
    "wordwrap": _wordwrap,
}
_LEFT_OUT = {"urlize", "xmlattr", "pprint"}  # their results grow in ways that are not bounded


def compares(call: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a filter or a test that compares values, so that comparing them ends."""

    @wraps(call)
    def bounded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the filter
        return call(*map(limits.comparable, args), **kwargs)

    return bounded


def all_filters() -> dict[str, Callable[..., Any]]:
    """Return every filter by name, each with its bounds."""
    found = {name: call for name, call in FILTERS.items() if name not in _LEFT_OUT} | _OWN
    return {name: _bounded(name, call) for name, call in found.items()}


def _bounded(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    if name in _COMPARING:
        return compares(call)
    return call if name in _LOOK_ONLY or name == "join" else _pays_to_print(call)
