"""The row that declares a SQL function."""

from __future__ import annotations

from typing import Literal

import msgspec


class Function(msgspec.Struct, frozen=True):
    """A SQL function: the names and types of its arguments, its type, one sentence.

    Types are names of the kernel's schema. `immutable` means equal arguments, equal answer,
    always; `stable`, within one query; `volatile`, never.
    """

    name: str
    arguments: tuple[tuple[str, str], ...]
    returns: str
    meaning: str
    volatility: Literal["immutable", "stable", "volatile"] = "immutable"
