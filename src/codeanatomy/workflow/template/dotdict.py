"""A dict whose keys are attributes, as templates and expressions see state."""

from __future__ import annotations

from typing import Any


class DotDict(dict[Any, Any]):
    """A key is found before a method of the same name; a missing one is None.

    Nested dicts are wrapped when they are reached and stay wrapped, so that
    `d.a.b = 1` is seen by `d["a"]["b"]`. The dict that was wrapped is not changed.
    """

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 - whatever the key holds
        if name[:2] != "__" and dict.__contains__(self, name):
            return self[name]
        return super().__getattribute__(name)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the key holds
        if name[:2] != "__":
            return None
        if dict.__contains__(self, name):
            return self[name]
        if name[-2:] == "__":  # what protocols ask for: copy, pickle, numpy, ...
            raise AttributeError(name)
        return None

    def __getitem__(self, key: Any) -> Any:  # noqa: ANN401 - as of any dict
        value = super().__getitem__(key)
        if type(value) is dict:
            value = DotDict(value)
            super().__setitem__(key, value)
        return value

    def __setattr__(self, name: str, value: Any) -> None:  # noqa: ANN401 - whatever is set
        self[name] = value

    def __delattr__(self, name: str) -> None:
        if name not in self:
            raise AttributeError(name)
        del self[name]

    def get(self, key: Any, default: Any = None) -> Any:  # noqa: ANN401 - as of any dict
        """Return the value of `key`, a nested dict wrapped, or `default`."""
        return self[key] if dict.__contains__(self, key) else default

    def copy(self) -> DotDict:
        """Return a shallow copy of the same kind."""
        return DotDict(self)

    def __reduce__(self) -> tuple[type[DotDict], tuple[dict[Any, Any]]]:
        return DotDict, (dict(self),)
