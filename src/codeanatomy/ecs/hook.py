"""Hooks: functions that are told when a tick begins and when it is made."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from codeanatomy.ecs.errors import InvalidProcessorError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Moment: TypeAlias = Literal["pre_tick", "post_tick"]
MOMENTS: Mapping[Moment, str] = MappingProxyType(
    {
        "pre_tick": "Called with (world, tick) before the tick is made; one that raises aborts "
        "the tick, and nothing has changed.",
        "post_tick": "Called with (world, receipt) after the tick is made; what it raises is in "
        "the receipt, and the tick stays.",
    }
)
"""When hooks fire, and what they are given."""


class Hooks:
    """The functions to call at each moment, in the order they were given.

    `pre_tick` functions get (world, tick), and one that raises aborts the tick; `post_tick`
    functions get (world, receipt), and what they raise is reported in the receipt.
    """

    def __init__(self) -> None:
        self._functions: dict[str, list[Callable[..., object]]] = {m: [] for m in MOMENTS}

    def add(self, moment: str, function: Callable[..., object]) -> Callable[..., object]:
        """Call a function at this moment from now on; gives the function back."""
        if moment not in self._functions:
            raise InvalidProcessorError(
                f"no moment {moment!r}; hooks fire at {' and '.join(MOMENTS)}", moment=moment
            )
        self._functions[moment].append(function)
        return function

    def drop(self, moment: str, function: Callable[..., object]) -> None:
        """Call it no more; a function that is not there is no error."""
        if function in self._functions.get(moment, ()):
            self._functions[moment].remove(function)

    def at(self, moment: Moment) -> tuple[Callable[..., object], ...]:
        """Give the functions of a moment."""
        return tuple(self._functions[moment])
