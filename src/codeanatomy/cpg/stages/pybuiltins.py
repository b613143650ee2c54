"""The names of Python's builtins, whatever the running process has added to them."""

from __future__ import annotations

import builtins
from functools import cache

# Neither functions nor classes that carry their own name.
_CONSTANTS = frozenset(
    {
        "Ellipsis", "EnvironmentError", "False", "IOError", "None", "NotImplemented", "True",
        "WindowsError", "__build_class__", "__debug__", "__doc__", "__import__", "__loader__",
        "__name__", "__package__", "__spec__",
    }
)  # fmt: skip
_SITE = frozenset({"copyright", "credits", "exit", "help", "license", "quit"})


@cache
def builtin_names() -> tuple[str, ...]:
    """Return the builtins of this interpreter, sorted, with those that `site` always adds.

    A prompt's `_`, a notebook's `display` and what `gettext.install` leaves are not among them.
    """
    own = {name for name in dir(builtins) if name in _CONSTANTS or _is_own(name)}
    return tuple(sorted(own | _SITE))


def _is_own(name: str) -> bool:
    value = getattr(builtins, name)
    named = getattr(value, "__name__", None) == name
    return named and getattr(value, "__module__", None) in ("builtins", "io", "_io")
