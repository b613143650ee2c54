"""Actions that an agent of these tests brings along."""

# ruff: noqa: ARG001, ARG005 - actions take a state, whether they look at it or not

from __future__ import annotations

import asyncio
from typing import Any


def register_actions(registry: dict[str, Any], engine: Any) -> None:  # noqa: ANN401 - as the format calls it
    """Offer two actions, one of them asynchronous."""
    registry["shout"] = lambda state, words, times=1, **_: words.upper() + "!" * times

    async def count(state: dict[str, Any], words: str, **_: object) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"letters": sum(c.isalpha() for c in words), "agent": engine.name}

    registry["count"] = count
