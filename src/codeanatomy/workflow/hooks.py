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

    `begin` stands before the first step of a run (never of a resumed one) and gives the state to
    start from and what is wrong with the input. `output` gives the final event's `output`; `save`
    comes after it.
    """

    begin: Callable[[State], tuple[State, list[dict[str, Any]]]] | None = None
    output: Callable[[State], Any] | None = None
    save: Callable[[State], None] | None = None
