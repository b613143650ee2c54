"""Activation: the order in which entities act, all at once (columns) or one after the other.

A processor that returns whole columns lets all entities act at once. A model whose rules say
that each sees what those before it did calls `in_turn` from its processor.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from types import CellType, CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from codeanatomy.ecs.errors import ActivationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codeanatomy.ecs.arrays import Ids, Numbers


def in_turn(
    turn: Callable[..., object],
    order: Numbers,
    *given: object,
    alive: Numbers | None = None,
    compiled: bool | None = None,
) -> None:
    """Call `turn(row, *given)` for each row of `order`, one after the other.

    With numba installed (the extra `numba`) the loop is compiled, once for each kind of
    arguments; without, it runs as plain Python, ten to forty times slower, with the same
    numbers (`chance.random()` and `chance.integers(...)` of a numpy generator included; the sum
    of an array of floats may differ in its last digits, as numpy adds in another order).
    `compiled` asks for one of the two. `turn` writes into the arrays it is given, so give it
    copies of columns; it may call plain functions that numba understands, those of
    `codeanatomy.ecs.space` included. A row whose `alive` is false when its turn comes gets none.
    """
    rows = _rows(order)
    if not callable(turn):
        raise ActivationError(f"{turn!r} cannot take a turn: it cannot be called")
    if compiled if compiled is not None else can_compile():
        first = () if alive is None else (alive,)
        _driver(turn, len(given), alive is not None)(rows, *first, *given)
        return
    for row in rows.tolist():
        if alive is None or alive[row]:
            turn(row, *given)


def can_compile() -> bool:
    """Say whether turns are compiled here: whether numba is installed."""
    return find_spec("numba") is not None


def random_order(chance: np.random.Generator, rows: int) -> Ids:
    """Give every row once, in random order."""
    found: Ids = chance.permutation(rows)
    return found


def ordered_by(*keys: Numbers, descending: bool = False) -> Ids:
    """Give every row once, by the first key, ties by the next, then as the rows stand."""
    if not keys:
        raise ActivationError("ordered_by needs at least one column to order by")
    held = [np.asarray(key) for key in keys]
    if descending:
        count = len(held[0])
        return (count - 1 - np.lexsort([key[::-1] for key in reversed(held)]))[::-1].astype(
            np.int64
        )
    return np.lexsort(list(reversed(held))).astype(np.int64)


def compile_turn(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function and the plain functions it calls with numba.

    Raises `ActivationError` when numba is not installed.
    """
    return _compiled(function)


@lru_cache(maxsize=256)
def _driver(turn: Callable[..., Any], count: int, guarded: bool) -> Callable[..., None]:  # noqa: FBT001 - part of the key
    """Compile the loop, with each argument written out: starred ones double its time."""
    given = ", ".join(f"given_{number}" for number in range(count))
    call = f"turn(row, {given})"
    lines = ["def drive(rows, alive, " if guarded else "def drive(rows, ", given, "):\n"]
    lines += ["    for row in rows:\n"]
    lines += [f"        if alive[row]: {call}\n" if guarded else f"        {call}\n"]
    scope: dict[str, Any] = {"turn": _compiled(turn)}
    exec("".join(lines), scope)  # noqa: S102 - the text above, of numbered names
    driver: Callable[..., None] = _numba().njit(scope["drive"])
    return driver


@lru_cache(maxsize=1024)
def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a copy of a function whose globals and closure hold compiled copies of functions."""
    numba = _numba()
    if not isinstance(function, FunctionType):
        return function  # compiled already, or something numba knows
    called = {
        name: _compiled(held)
        for name, held in _called(function)
        if isinstance(held, FunctionType) and held is not function
    }
    copy = FunctionType(
        function.__code__,
        {**function.__globals__, **called},
        function.__name__,
        function.__defaults__,
        _cells(function),
    )
    made: Callable[..., Any] = numba.njit(copy)
    return made


def _cells(function: FunctionType) -> tuple[CellType, ...] | None:
    if function.__closure__ is None:
        return None
    held = (cell.cell_contents for cell in function.__closure__)
    return tuple(CellType(_compiled(v) if isinstance(v, FunctionType) else v) for v in held)


def _called(function: FunctionType) -> Iterator[tuple[str, object]]:
    for name in _names(function.__code__):
        if name in function.__globals__:
            yield name, function.__globals__[name]


def _names(code: CodeType) -> set[str]:
    inner = (found for found in code.co_consts if isinstance(found, CodeType))
    return set(code.co_names).union(*(_names(found) for found in inner))


def _numba() -> ModuleType:
    try:
        import numba  # noqa: PLC0415 - optional, and heavy
    except ImportError:
        raise ActivationError(
            "compiled turns need numba: pip install codeanatomy[numba]; compiled=False runs them "
            "as plain Python",
            extra="numba",
        ) from None
    found: ModuleType = numba
    return found


def _rows(order: Numbers) -> Ids:
    rows = np.asarray(order)
    if rows.ndim != 1 or (rows.size and rows.dtype.kind not in "iu"):
        raise ActivationError(
            f"an order is a list of row numbers, not {rows.dtype} {rows.shape}",
            shape=rows.shape,
        )
    return np.ascontiguousarray(rows, dtype=np.int64)
