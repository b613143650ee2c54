"""Checkpoints as older versions wrote them: pickles, looked at without running what is in them.

A pickle is a program. `shape` reads the outermost value of one that only builds plain data;
`load` runs it, and is called only where a person said that the file is to be trusted.
"""

from __future__ import annotations

import pickle
import pickletools
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST: Final = 200_000
"""Instructions that are looked at; a longer pickle is one whose shape is not known."""

UNKNOWN: Final = object()
"""The shape of a pickle that does more than build plain data."""


def is_pickle(data: bytes) -> bool:
    """Say whether bytes are a pickle from beginning to end."""
    try:
        for number, (code, _, _) in enumerate(pickletools.genops(data)):
            if code.name == "STOP" or number > LONGEST:
                return True
    except Exception:  # noqa: BLE001 - whatever the bytes do to the reader, they are no pickle
        return False
    return False


def shape(data: bytes) -> object:
    """Return the plain value that a pickle builds, or `UNKNOWN`; nothing in it is run."""
    stack: list[Any] = []
    memo: dict[Any, Any] = {}
    try:
        for code, argument, _ in islice(pickletools.genops(data), LONGEST):
            if code.name == "STOP":
                return stack[-1]
            step = _STEPS.get(code.name)
            if step is not None:
                step(stack, memo, argument)
            elif code.name in _VALUES:
                stack.append(_VALUES[code.name](argument))
            else:
                return UNKNOWN
    except Exception:  # noqa: BLE001 - a pickle that is not whole has no shape
        return UNKNOWN
    return UNKNOWN


def load(data: bytes) -> object:
    """Run a pickle and return what it makes."""
    return pickle.loads(data)  # noqa: S301 - only for a file that a person named with allow_pickle


_MARK: Final = object()


def _to_mark(stack: list[Any]) -> list[Any]:
    start = next(at for at in range(len(stack) - 1, -1, -1) if stack[at] is _MARK)
    found = stack[start + 1 :]
    del stack[start:]
    return found


def _set_items(stack: list[Any]) -> None:
    found = _pairs(_to_mark(stack))
    stack[-1].update(found)


def _set_item(stack: list[Any]) -> None:
    value, key = stack.pop(), stack.pop()
    stack[-1].update(_pairs([key, value]))


def _pairs(listed: list[Any]) -> dict[Any, Any]:
    """Return keys and values as a dict; a tuple as a key may take for ever to be hashed."""
    if any(isinstance(key, tuple) for key in listed[::2]):
        raise TypeError("a key that is no plain value")
    return dict(zip(listed[::2], listed[1::2], strict=True))


def _append(stack: list[Any]) -> None:
    value = stack.pop()
    stack[-1].append(value)


def _appends(stack: list[Any]) -> None:
    found = _to_mark(stack)
    stack[-1].extend(found)


def _tuple(stack: list[Any], count: int) -> None:
    found = tuple(stack[len(stack) - count :])
    del stack[len(stack) - count :]
    stack.append(found)


_SAME: Final[Callable[[Any], Any]] = lambda argument: argument  # noqa: E731 - one entry of a table
_VALUES: Final[dict[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(
        "BININT BININT1 BININT2 LONG1 INT LONG BINFLOAT FLOAT SHORT_BINUNICODE BINUNICODE "
        "BINUNICODE8 UNICODE SHORT_BINBYTES BINBYTES BINBYTES8".split(),
        _SAME,
    ),
    "NONE": lambda _: None,
    "NEWTRUE": lambda _: True,
    "NEWFALSE": lambda _: False,
    "EMPTY_DICT": lambda _: {},
    "EMPTY_LIST": lambda _: [],
    "EMPTY_TUPLE": lambda _: (),
    "MARK": lambda _: _MARK,
}
_STEPS: Final[dict[str, Callable[[list[Any], dict[Any, Any], Any], None]]] = {
    "PROTO": lambda _stack, _memo, _: None,
    "FRAME": lambda _stack, _memo, _: None,
    "MEMOIZE": lambda stack, memo, _: memo.__setitem__(len(memo), stack[-1]),
    **dict.fromkeys(
        ("PUT", "BINPUT", "LONG_BINPUT"),
        lambda stack, memo, argument: memo.__setitem__(argument, stack[-1]),
    ),
    **dict.fromkeys(
        ("GET", "BINGET", "LONG_BINGET"),
        lambda stack, memo, argument: stack.append(memo[argument]),
    ),
    "SETITEM": lambda stack, _memo, _: _set_item(stack),
    "SETITEMS": lambda stack, _memo, _: _set_items(stack),
    "APPEND": lambda stack, _memo, _: _append(stack),
    "APPENDS": lambda stack, _memo, _: _appends(stack),
    "DICT": lambda stack, _memo, _: stack.append(_pairs(_to_mark(stack))),
    "LIST": lambda stack, _memo, _: stack.append(_to_mark(stack)),
    "TUPLE": lambda stack, _memo, _: stack.append(tuple(_to_mark(stack))),
    "TUPLE1": lambda stack, _memo, _: _tuple(stack, 1),
    "TUPLE2": lambda stack, _memo, _: _tuple(stack, 2),
    "TUPLE3": lambda stack, _memo, _: _tuple(stack, 3),
}
