"""Secrets from environment variables, all of them or those with a prefix."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class EnvSecrets:
    """Reads `{prefix}{key}`, then `{prefix}{KEY}`, of the environment each time it is asked."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - the default is of any type
        """Return the variable's value, or the default."""
        for name in (self.prefix + key, self.prefix + key.upper()):
            if name in os.environ:
                return os.environ[name]
        return default

    def has(self, key: str) -> bool:
        """Tell whether the variable is set."""
        return self.get(key) is not None

    def names(self) -> list[str]:
        """Return the names behind the prefix; without a prefix nothing is listed."""
        if not self.prefix:
            return []
        return sorted(
            name.removeprefix(self.prefix) for name in os.environ if name.startswith(self.prefix)
        )


def open_source(options: Mapping[str, Any]) -> EnvSecrets:
    """Open the environment: option `prefix`."""
    return EnvSecrets(str(options.get("prefix") or ""))
