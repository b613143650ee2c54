"""Telling a person something, on standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host


def actions(host: Host) -> dict[str, Action]:
    """Return the action by its name."""
    return {"notify": notify}


def notify(state: dict[str, Any], channel: str, message: str, **_: object) -> dict[str, Any]:
    """Print the message with its channel."""
    print(f"[{channel.upper()}] {message}")  # noqa: T201 - printing is what it is for
    return {"sent": True}
