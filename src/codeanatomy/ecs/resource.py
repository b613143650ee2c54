"""A resource: one value beside the entities, recorded with its tick, or external and shared."""

from __future__ import annotations

import enum
from collections.abc import Mapping, MutableMapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from codeanatomy.ecs.arrays import same
from codeanatomy.ecs.errors import InvalidResourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codeanatomy.ecs.command import Command

_PLAIN = (bool, int, float, str, bytes, datetime, date, timedelta, type(None))


def freeze(value: object, name: str) -> object:  # noqa: PLR0911 - one return for each kind of value
    """Give a value nobody can change: plain values, tuples, read-only mappings and arrays.

    Lists become tuples, arrays are copied, enum members become their names. Raises
    `InvalidResourceError` for anything that cannot be stored.
    """
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        return tuple(freeze(inner, name) for inner in value)
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return MappingProxyType({key: freeze(inner, name) for key, inner in value.items()})
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufMm":
        if not value.flags.writeable and value.base is None:
            return value
        copy = np.array(value)
        copy.flags.writeable = False
        return copy
    if isinstance(value, pa.Array | pa.Table | pa.RecordBatch):
        return value
    raise InvalidResourceError(
        f"the resource {name!r} is a {type(value).__name__}, which cannot be recorded; use plain "
        "values, lists, mappings with text keys or arrays, or put it into world.external",
        name=name,
    )


def equal(left: object, right: object) -> bool:
    """Say whether two frozen values are the same value."""
    if left is right:
        return True
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return left.shape == right.shape and same(left, right)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(equal(left[k], right[k]) for k in left)
    return type(left) is type(right) and bool(left == right)


class Resources(MutableMapping[str, object]):
    """The recorded resources as they stand: every value frozen, `allow` asked before a change."""

    def __init__(self, values: Mapping[str, object], allow: Callable[[], None]) -> None:
        self._values = values
        self._allow = allow

    def __getitem__(self, name: str) -> object:
        return self._values[name]

    def __setitem__(self, name: str, value: object) -> None:
        self._allow()
        self.put(name, value)

    def __delitem__(self, name: str) -> None:
        self._allow()
        self.drop(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Resources({dict(self._values)!r})"

    def put(self, name: str, value: object) -> None:
        """Set a value without asking; an equal one changes nothing."""
        if not isinstance(name, str) or not name:
            raise InvalidResourceError("a resource is named by a text", name=name)
        frozen = freeze(value, name)
        if name not in self._values or not equal(self._values[name], frozen):
            self._values = MappingProxyType({**self._values, name: frozen})

    def drop(self, name: str) -> None:
        """Forget a value without asking; one that is not there is a `KeyError`."""
        rest = dict(self._values)
        del rest[name]
        self._values = MappingProxyType(rest)

    def repeat(self, command: Command) -> None:
        """Do again what was set and dropped from outside, as it was recorded."""
        for name in command.components:
            if name in self._values:
                self.drop(name)
        for name, value in command.columns.items():
            self.put(name, value)

    def snapshot(self) -> Mapping[str, object]:
        """Give the values as they stand now; the same object as long as nothing changes."""
        return self._values

    def restore(self, values: Mapping[str, object]) -> None:
        """Put back a snapshot."""
        self._values = values


class OpenResources(MutableMapping[str, object]):
    """The same resources for a processor, which may change them: the tick records it."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def __getitem__(self, name: str) -> object:
        return self._resources[name]

    def __setitem__(self, name: str, value: object) -> None:
        self._resources.put(name, value)

    def __delitem__(self, name: str) -> None:
        self._resources.drop(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._resources)

    def __len__(self) -> int:
        return len(self._resources)
