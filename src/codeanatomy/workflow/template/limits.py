"""How much one rendering may produce and how long it may work."""

from __future__ import annotations

import re
from contextvars import ContextVar
from time import monotonic
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.template.errors import TemplateLimitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_CHARACTERS = 50_000_000  # produced in one rendering, intermediate texts included
MAX_STEPS = 1_000_000  # turns of loops, calls, and values looked at to be printed
CALL_STEPS = 5  # what a call costs
MAX_SECONDS = 10.0
MAX_SOURCE = 1_000_000  # characters of a template
MAX_WIDTH = 10_000  # of a padded field
MAX_BITS = 14_000  # of a computed integer: Python prints no more than 4,300 digits
MAX_RANGE = 100_000

_CLOCK_EVERY = 512
_LOOKS = 8  # values looked at for a step
_WIDTH = re.compile(r"\d+")
_PERCENT = re.compile(r"%(?:\([^)]*\))?[#0\- +]*(\*|\d*)(?:\.(\*|\d*))?[hlL]?[a-zA-Z]")


class Budget:
    """What is left of one rendering; spending more than there is raises."""

    __slots__ = ("_deadline", "_next_look", "characters", "steps", "undefined")

    def __init__(self) -> None:
        self.characters = MAX_CHARACTERS
        self.steps = MAX_STEPS
        self.undefined = False  # whether something that is not there was looked for
        self._deadline = 0.0
        self._next_look = MAX_STEPS - _CLOCK_EVERY

    def produce(self, characters: int) -> None:
        """Spend `characters` (or elements of a list) before they are made."""
        self.characters -= characters
        if self.characters < 0:
            msg = f"the template would produce more than {MAX_CHARACTERS} characters"
            raise TemplateLimitError(msg, limit=MAX_CHARACTERS)

    def work(self, steps: int = 1) -> None:
        """Spend turns of a loop or calls, and look at the clock now and then."""
        self.steps -= steps
        if self.steps < self._next_look:
            self._look()

    def _look(self) -> None:
        if self.steps < 0:
            msg = f"the template takes more than {MAX_STEPS} steps"
            raise TemplateLimitError(msg, limit=MAX_STEPS)
        now = monotonic()
        self._next_look = self.steps - _CLOCK_EVERY
        if not self._deadline:
            self._deadline = now + MAX_SECONDS
        elif now > self._deadline:
            raise TemplateLimitError(f"the template takes more than {MAX_SECONDS} s")


_current: ContextVar[Budget | None] = ContextVar("template_budget", default=None)


def budget() -> Budget:
    """Return what is left of the rendering that is going on."""
    found = _current.get()
    if found is None:  # a value folded while compiling, or a filter called from outside
        return Budget()
    return found


class spending:  # noqa: N801 - reads as a word in `with spending():`
    """One rendering: a budget of its own, or the one of the rendering it is part of."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token = None if _current.get() is not None else _current.set(Budget())

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _current.reset(self._token)


def counted(values: Iterable[Any]) -> Iterator[Any]:
    """Yield `values`, each paid for."""
    spend = budget().work
    for value in values:
        spend()
        yield value


def printable(value: Any) -> Any:  # noqa: ANN401 - a printed value is of any type
    """Pay for what printing a container costs, shared parts as often as they are printed."""
    if isinstance(value, dict | list | tuple | set | frozenset):
        _walk(value, budget(), 0)
    return value


def _walk(value: Any, left: Budget, depth: int) -> None:  # noqa: ANN401 - a value of any type
    if depth > MAX_DEPTH:
        raise TemplateLimitError(f"a value is nested deeper than {MAX_DEPTH}", limit=MAX_DEPTH)
    if isinstance(value, dict):
        left.work(len(value) // _LOOKS + 1)
        for key, item in value.items():
            left.produce(2 + (len(key) if isinstance(key, str) else 8))
            _walk(item, left, depth + 1)
    elif isinstance(value, list | tuple | set | frozenset):
        left.work(len(value) // _LOOKS + 1)
        for item in value:
            _walk(item, left, depth + 1)
    elif is_undefined(value):
        bool(value)  # raises, and says what it would have been
    else:
        left.produce(len(value) if isinstance(value, str | bytes) else 4)


MAX_DEPTH = 200


def is_undefined(value: object) -> bool:
    """Tell a value that is not there; Jinja2 is not loaded to find out."""
    return getattr(type(value), "stands_for_nothing", False) is True


def refuse_undefined(value: Any) -> None:  # noqa: ANN401 - what an expression gives
    """Raise for what is not there inside a container, and say what it would have been."""
    pending, seen = [value], {id(value)}
    while pending:
        inside = pending.pop()
        for item in (*inside, *inside.values()) if isinstance(inside, dict) else inside:
            if isinstance(item, dict | list | tuple | set | frozenset):
                if id(item) not in seen:
                    seen.add(id(item))
                    pending.append(item)
            elif is_undefined(item):
                bool(item)


def comparable(value: Any) -> Any:  # noqa: ANN401 - a compared value is of any type
    """Refuse to compare what is nested so often in itself that comparing would not end."""
    if type(value) in _CONTAINERS and _levels(value, {}) > _DEEP:
        printable(value)
    return value


def _levels(value: Any, known: dict[int, int]) -> int:  # noqa: ANN401 - a container
    """Count the levels of containers in each other, each container looked at once."""
    found = known.get(id(value))
    if found is not None:
        return found
    known[id(value)] = 1
    inside = value.values() if isinstance(value, dict) else value
    depth = max((_levels(item, known) for item in inside if type(item) in _CONTAINERS), default=0)
    known[id(value)] = depth + 1
    return depth + 1


_CONTAINERS = frozenset({dict, list, tuple})
_DEEP = 16  # levels; below, what is compared is at most that many times its size


def joined(parts: Iterable[str]) -> str:
    """Join texts that are there already, paid for."""
    texts = parts if isinstance(parts, list | tuple) else list(parts)
    budget().produce(sum(map(len, texts)))
    return "".join(texts)


def check_width(width: Any) -> None:  # noqa: ANN401 - what a template passes as a width
    """Refuse the width of a field that no text needs."""
    if isinstance(width, int) and width > MAX_WIDTH:
        raise TemplateLimitError(f"a width of {width} is more than {MAX_WIDTH}", limit=MAX_WIDTH)


def check_format_spec(spec: str) -> None:
    """Refuse a format specification with a width or a precision beyond reason."""
    for number in _WIDTH.findall(spec):
        check_width(int(number[:9]))


def check_percent(pattern: str | bytes) -> None:
    """Refuse `%` patterns with a width from outside or beyond reason."""
    text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
    for widths in _PERCENT.findall(text):
        for width in widths:
            if width == "*":
                raise TemplateLimitError("a width of '*' is not allowed in a template")
            check_format_spec(width)
    budget().produce(len(text))


def check_replace(text: str, old: str, new: str, count: Any = -1) -> None:  # noqa: ANN401 - from a template
    """Pay for the text that `replace` would make."""
    found = text.count(old) if old else len(text) + 1
    if isinstance(count, int) and count >= 0:
        found = min(found, count)
    budget().produce(len(text) + found * max(0, len(new) - len(old)))


def check_power(base: Any, exponent: Any) -> None:  # noqa: ANN401 - operands of any type
    """Refuse an integer power that would not fit."""
    if isinstance(base, int) and isinstance(exponent, int):
        if base.bit_length() * max(exponent, 0) > MAX_BITS:
            raise TemplateLimitError("a power of integers is too large", limit=MAX_BITS)
    elif not isinstance(base, int | float) or not isinstance(exponent, int | float):
        raise TemplateLimitError("only integers and floats may be raised to a power")


def check_product(left: Any, right: Any) -> None:  # noqa: ANN401 - operands of any type
    """Refuse or pay for a product: of integers by its size, of a sequence by its length."""
    for sequence, times in ((left, right), (right, left)):
        if isinstance(sequence, str | bytes | list | tuple) and isinstance(times, int):
            budget().produce(len(sequence) * max(times, 0))
            return
    whole = isinstance(left, int) and isinstance(right, int)
    if whole and left.bit_length() + right.bit_length() > MAX_BITS:
        raise TemplateLimitError("a product of integers is too large", limit=MAX_BITS)


def check_sum(left: Any, right: Any) -> None:  # noqa: ANN401 - operands of any type
    """Pay for texts and lists that are put together."""
    if isinstance(left, str | bytes | list | tuple) and isinstance(right, type(left)):
        budget().produce(len(left) + len(right))
