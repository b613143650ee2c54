"""What an agent file asks for around a run: its input checked, its session, its output shaped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hooks:
    """Functions the loop calls around a run, whatever the view; None = nothing to do.

    Order at the start of a run (not of a resumed one): `load`, then `check`.
    Order at its final event: `output`, then `save`.
    """

    load: Callable[[State], State] | None = None  # stored session data under the input
    check: Callable[[State], tuple[State, list[dict[str, Any]]]] | None = None  # checked, errors
    output: Callable[[State], Any] | None = None  # -> the final event's `output`
    save: Callable[[State], None] | None = None  # the session, stored again
