"""Circuit breakers: a branch that keeps failing is left alone for a while."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.kernel.errors import AnatomyError, SpecError

if TYPE_CHECKING:
    from collections.abc import Callable


class CircuitState(Enum):
    """Calls go through (closed), are refused (open), or are being tried (half open)."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass
class CircuitBreakerConfig:
    """Open after `failure_threshold` failures in a row; try again after `reset_timeout` seconds."""

    failure_threshold: int = 5
    reset_timeout: float = 30.0
    half_open_max_calls: int = 1


class CircuitOpenError(AnatomyError):
    """A branch is not run because its circuit is open."""

    code = "circuit-open"

    def __init__(self, circuit_name: str) -> None:
        super().__init__(f"Circuit breaker '{circuit_name}' is open", circuit=circuit_name)
        self.circuit_name = circuit_name


class CircuitBreaker:
    """What is remembered of the calls of one branch; safe to use from many threads.

    `clock` gives seconds that only grow; another one may be put in its place.
    """

    def __init__(self, config: CircuitBreakerConfig, name: str | None = None) -> None:
        self.config = config
        self.name = name
        self.clock: Callable[[], float] = time.monotonic
        self._lock = threading.Lock()
        self._state = CircuitState.CLOSED
        self._failures = 0
        self._failed_at: float | None = None
        self._admitted = 0  # calls let through since the circuit is half open
        self._active = 0  # of those, the ones that have not ended
        self._callbacks: list[Callable[[CircuitState, CircuitState], None]] = []

    @property
    def state(self) -> CircuitState:
        """The state as of the last call; time alone does not change it."""
        return self._state

    @property
    def failure_count(self) -> int:
        """How many calls failed since one succeeded."""
        return self._failures

    def allow_request(self) -> bool:
        """Say whether a call may be made now; a half-open circuit counts it."""
        with self._lock:
            if self._state is CircuitState.OPEN and self._rested():
                self._become(CircuitState.HALF_OPEN)
            if self._state is CircuitState.CLOSED:
                return True
            if self._state is CircuitState.OPEN:
                return False
            if self._admitted >= self.config.half_open_max_calls:
                return False
            self._admitted += 1
            self._active += 1
            return True

    def record_success(self) -> None:
        """Tell that a call went well: the circuit is closed again."""
        with self._lock:
            self._failures = 0
            if self._state is not CircuitState.CLOSED:
                self._become(CircuitState.CLOSED)

    def record_failure(self) -> None:
        """Tell that a call failed: it may have been one too many."""
        with self._lock:
            self._failures += 1
            self._failed_at = self.clock()
            tried = self._state is CircuitState.HALF_OPEN
            full = self._failures >= self.config.failure_threshold
            if self._state is not CircuitState.OPEN and (tried or full):
                self._become(CircuitState.OPEN)

    def reset(self) -> None:
        """Close the circuit and forget what it counted."""
        with self._lock:
            self._failures = 0
            self._failed_at = None
            if self._state is CircuitState.CLOSED:
                self._admitted = self._active = 0
            else:
                self._become(CircuitState.CLOSED)

    def add_state_change_callback(
        self, callback: Callable[[CircuitState, CircuitState], None]
    ) -> None:
        """Have `callback(old, new)` called, in a thread of its own, whenever the state changes."""
        with self._lock:
            self._callbacks.append(callback)

    def get_state_info(self) -> dict[str, Any]:
        """Return what is known of the circuit, the state by its value."""
        with self._lock:
            return {
                "name": self.name,
                "state": self._state.value,
                "failure_count": self._failures,
                "last_failure_time": self._failed_at,
                "half_open_calls": self._admitted,
                "half_open_active": self._active,
            }

    def abandon(self) -> None:
        """Tell that a call ended in no way that counts: somebody else may be let through for it."""
        with self._lock:
            if self._state is CircuitState.HALF_OPEN and self._active:
                self._admitted -= 1
                self._active -= 1

    def _rested(self) -> bool:
        failed_at = self._failed_at
        return failed_at is None or self.clock() - failed_at >= self.config.reset_timeout

    def _become(self, new: CircuitState) -> None:
        old, self._state = self._state, new
        self._admitted = self._active = 0
        for callback in tuple(self._callbacks):
            thread = threading.Thread(target=_tell, args=(callback, old, new), daemon=True)
            thread.start()


def _tell(
    callback: Callable[[CircuitState, CircuitState], None], old: CircuitState, new: CircuitState
) -> None:
    try:
        callback(old, new)
    except Exception:
        import logging  # noqa: PLC0415 - only when a callback is broken

        logging.getLogger("the_edge_agent.parallel").exception("Circuit state callback failed")


class CircuitBreakerRegistry:
    """The circuits of a graph by name; those of scope "global" are shared by the whole process."""

    def __init__(self, scope: str = "graph") -> None:
        if scope not in {"graph", "global"}:
            raise SpecError(
                f"Invalid circuit breaker scope: {scope!r}. Must be 'graph' or 'global'.",
                scope=scope,
            )
        self.scope = scope
        self._circuits = _PROCESS if scope == "global" else _Circuits()

    def get_or_create(self, name: str, config: CircuitBreakerConfig) -> CircuitBreaker:
        """Return the circuit of a name; the first call decides on its config."""
        with self._circuits.lock:
            found = self._circuits.by_name.get(name)
            if found is None:
                found = self._circuits.by_name[name] = CircuitBreaker(config, name)
            return found

    def reset_circuit(self, name: str | None = None) -> None:
        """Close the circuit of that name, or all of them; a name that is not there is nothing."""
        if name is None:
            self.reset_all_circuits()
        elif (found := self.get_circuit(name)) is not None:
            found.reset()

    def reset_all_circuits(self) -> None:
        """Close every circuit."""
        for circuit in self._all():
            circuit.reset()

    def get_circuit_states(self) -> dict[str, dict[str, Any]]:
        """Return what is known of every circuit, by name."""
        return {str(c.name): c.get_state_info() for c in self._all()}

    def get_circuit(self, name: str) -> CircuitBreaker | None:
        """Return the circuit of that name, if there is one."""
        with self._circuits.lock:
            return self._circuits.by_name.get(name)

    def _all(self) -> list[CircuitBreaker]:
        with self._circuits.lock:
            return list(self._circuits.by_name.values())


class _Circuits:
    __slots__ = ("by_name", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.by_name: dict[str, CircuitBreaker] = {}


_PROCESS: Final = _Circuits()
