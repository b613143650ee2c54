"""An action of one's own: the hour of the day, by the machine's clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any


def hour(state: dict[str, Any], **_: object) -> int:  # noqa: ARG001 - as actions are called
    """Return the hour of the day, from 0 to 23."""
    return datetime.now().astimezone().hour


def register_actions(registry: dict[str, Any], engine: object) -> None:  # noqa: ARG001 - as it is called
    """Say which actions this file has."""
    registry["hour"] = hour
