"""Checking a state, correcting it with a node, and checking again, a bounded number of times."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions import _calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]


def actions(host: Host) -> dict[str, Action]:
    """Return the action by its name."""

    def loop(
        state: State,
        validate: str,
        validate_args: State | None = None,
        correct: str = "",
        max_retries: int = 1,
        retry_delay: float = 0.0,
        node: str | None = None,
        **_: object,
    ) -> State:
        """Return the state after at most `max_retries` corrections, and how it went."""
        if isinstance(max_retries, bool) or not isinstance(max_retries, int) or max_retries < 0:
            raise ValueError("retry.loop: max_retries must be a non-negative integer")
        validator = _calls.lookup(host, validate)
        if validator is None:
            raise ValueError(f"retry.loop: Unknown validation action: {validate}")
        correction = _correction(host, correct)
        arguments = _arguments(host, node, validate_args or {})
        rounds = Rounds(validator, arguments, correction, dict(state))
        return rounds.run(max_retries, retry_delay)

    return {"retry.loop": loop}


@dataclass
class Rounds:
    """The checks and corrections of one call."""

    validator: Callable[..., Any]
    args: Callable[[State], State]
    correction: Callable[..., Any]
    state: State
    corrections: int = 0
    errors: list[Any] = field(default_factory=list)

    def run(self, limit: int, delay: float) -> State:
        """Check; while that fails and there are corrections left, correct and check again."""
        result = self._check()
        while not result["valid"] and self.corrections < limit:
            if delay > 0:
                time.sleep(delay)
            self.corrections += 1
            try:
                update = _calls.call(self.correction, self.state)
            except Exception as error:
                return self._answer(self._broken(result, error), exhausted=False)
            self.state.update(update if isinstance(update, dict) else {"result": update})
            result = self._check()
        return self._answer(result, exhausted=not result["valid"])

    def _check(self) -> State:
        found = _calls.call(self.validator, self.state, **self.args(self.state))
        result = dict(found) if isinstance(found, dict) else {"valid": bool(found)}
        result["valid"] = bool(result.get("valid", result.get("success", False)))
        errors = result.get("errors")
        self.errors = list(errors) if isinstance(errors, list) else []
        return result

    def _broken(self, result: State, error: Exception) -> State:
        told = {"type": "correction_error", "message": str(error), "attempt": self.corrections}
        self.errors = [*self.errors, told]
        return {**result, "valid": False, "errors": self.errors}

    def _answer(self, result: State, *, exhausted: bool) -> State:
        return {
            **self.state,
            **result,
            "_retry_count": self.corrections,
            "_retry_errors": self.errors,
            "_retry_result": result,
            "_retry_exhausted": exhausted,
        }


def _arguments(host: Host, node: str | None, given: State) -> Callable[[State], State]:
    """Return the arguments of a check: as the file writes them, rendered anew for each state."""
    for declared in host.definition.get("nodes") or ():
        written = declared.get("with") if declared.get("name") == node and node else None
        if isinstance(written, dict) and isinstance(written.get("validate_args"), dict):
            return lambda state: host.render(written["validate_args"], state)
    return lambda _state: given


def _correction(host: Host, name: str) -> Callable[..., Any]:
    if not name:
        raise ValueError("retry.loop: 'correct' parameter is required")
    graph = host.current_graph
    if graph is None:
        raise ValueError("retry.loop: no current graph")
    try:
        run = graph.node(name).get("run")
    except KeyError:
        raise ValueError(f"retry.loop: Correction node not found: {name}") from None
    if run is None:
        raise ValueError(f"retry.loop: Correction node '{name}' has no run function")
    return run  # type: ignore[no-any-return] # what a node runs
