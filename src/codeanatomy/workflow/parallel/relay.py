"""Effects of a node that runs in a process of its own, recorded by the process that has the run."""

from __future__ import annotations

import pickle
import threading
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.journal.effects import StepScope, current_step

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from codeanatomy.workflow.journal.effects import Record, Recorded


class Relay:
    """A record whose every question goes through a pipe, and whose answers come back through it."""

    def __init__(self, pipe: Connection[Any, Any]) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def recorded(self) -> dict[str, Recorded]:
        """Ask for the effects of the step that are there."""
        found: dict[str, Recorded] = self._ask("recorded")
        return found

    def keep(self, item: str, made: Recorded, started: float, seconds: float) -> None:
        """Have an effect written."""
        self._ask("keep", item, made, started, seconds)

    def missing(self, item: str, name: str, seen: Recorded | None) -> None:
        """Tell that an effect is about to be performed."""
        self._ask("missing", item, name, seen)

    def _ask(self, question: str, *args: Any) -> Any:  # noqa: ANN401 - what the record answers
        with self._lock:
            self._pipe.send_bytes(pickle.dumps((question, args), pickle.HIGHEST_PROTOCOL))
            succeeded, found = pickle.loads(self._pipe.recv_bytes())  # noqa: S301 - from the process that made this one
        if not succeeded:
            raise found
        return found


def record_here() -> Record | None:
    """Return where the effects of the step are kept that runs in this context."""
    scope = current_step.get()
    return None if scope is None else scope._record  # noqa: SLF001 - it is only passed on


def relay_from_here(pipe: Connection[Any, Any]) -> None:
    """Have the effects of the step that runs here recorded at the other end of a pipe."""
    scope = current_step.get()
    if scope is not None:
        moved = StepScope(Relay(pipe), scope.key, scope.attempt, scope._prefix)  # noqa: SLF001 - the same place in the step
        current_step.set(moved)


def answered(record: Record, question: str, args: tuple[Any, ...]) -> bytes:
    """Answer what a relay asks."""
    try:
        found = (True, getattr(record, question)(*args))
    except Exception as error:  # noqa: BLE001 - it is raised where the effect was to be performed
        return _refusal(error)
    return pickle.dumps(found, pickle.HIGHEST_PROTOCOL)


def _refusal(error: Exception) -> bytes:
    try:
        told = pickle.dumps((False, error), pickle.HIGHEST_PROTOCOL)
        pickle.loads(told)  # noqa: S301 - made in the line above
    except Exception:  # noqa: BLE001 - an error may refuse to be pickled in any way
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
    return told
