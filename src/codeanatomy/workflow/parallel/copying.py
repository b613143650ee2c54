"""A deep copy of a state, exactly as `copy.deepcopy` makes it, without its cost for plain data.

What cannot change is shared; keys and values that are one object stay one object in the copy.
"""

from __future__ import annotations

import copy
import datetime as dt
import decimal
import pathlib
import uuid
from types import BuiltinFunctionType, EllipsisType, FunctionType, NoneType
from typing import Any, Final

from codeanatomy.kernel.errors import AnatomyError

LEAVES: Final[frozenset[type]] = frozenset(
    {
        bool,
        bytes,
        complex,
        dt.date,
        dt.timedelta,
        decimal.Decimal,
        float,
        int,
        pathlib.PosixPath,
        pathlib.WindowsPath,
        range,
        str,
        type,
        uuid.UUID,
        BuiltinFunctionType,
        EllipsisType,
        FunctionType,
        NoneType,
    }
)


class StateCopyError(AnatomyError, TypeError):
    """A value of the state cannot be copied, so that branches cannot each have their own."""

    code = "state-copy"


def copy_state(state: dict[str, Any]) -> dict[str, Any]:
    """Return a copy that shares nothing with `state` that can change."""
    if LEAVES.issuperset(map(type, state.values())):
        return dict(state)
    memo: dict[int, Any] = {}
    copied: dict[str, Any] = {}
    memo[id(state)] = copied
    for key, value in state.items():
        try:
            copied[key] = value if type(value) in LEAVES else _copy(value, memo)
        except (TypeError, copy.Error) as error:
            raise StateCopyError(
                f"State key {key!r} cannot be copied for a parallel branch: {error}; "
                "keep what cannot be copied outside of the state",
                key=key,
            ) from error
    return copied


def _copy(value: Any, memo: dict[int, Any]) -> Any:  # noqa: ANN401 - any value
    kind = type(value)
    if kind is dict or kind is list or kind is tuple:
        found = memo.get(id(value))
        if found is not None:
            return found
        if kind is dict:
            return _copy_dict(value, memo)
        return _copy_list(value, memo) if kind is list else _copy_tuple(value, memo)
    if kind is set and LEAVES.issuperset(map(type, value)) and id(value) not in memo:
        memo[id(value)] = made = value.copy()
        return made
    return value if kind in LEAVES else copy.deepcopy(value, memo)


def _copy_dict(value: dict[Any, Any], memo: dict[int, Any]) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    memo[id(value)] = made
    for key, item in value.items():
        kept = key if type(key) in LEAVES else _copy(key, memo)
        made[kept] = item if type(item) in LEAVES else _copy(item, memo)
    return made


def _copy_list(value: list[Any], memo: dict[int, Any]) -> list[Any]:
    if LEAVES.issuperset(map(type, value)):
        memo[id(value)] = made = value.copy()
        return made
    memo[id(value)] = made = []
    for item in value:
        made.append(item if type(item) in LEAVES else _copy(item, memo))
    return made


def _copy_tuple(value: tuple[Any, ...], memo: dict[int, Any]) -> tuple[Any, ...]:
    if LEAVES.issuperset(map(type, value)):
        return value
    items = [item if type(item) in LEAVES else _copy(item, memo) for item in value]
    found = memo.get(id(value))  # a list inside may hold the tuple itself
    if found is not None:
        return found  # type: ignore[no-any-return]  # what the memo keeps for a tuple is a tuple
    same = all(old is new for old, new in zip(value, items, strict=True))
    memo[id(value)] = made = value if same else tuple(items)
    return made
