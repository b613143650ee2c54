"""What a graph knows of its fan-outs: how branches run, who hears of it, and their circuits."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.workflow.parallel.circuit import CircuitBreakerRegistry
from codeanatomy.workflow.parallel.config import ParallelConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.parallel.circuit import CircuitBreaker, CircuitState
    from codeanatomy.workflow.parallel.listening import Listener

AT_ONCE: Final = 128  # branches, where nobody said how many
_DEFAULT: Final = ParallelConfig()


class Parallel:
    """Made once for a graph. An edge's own config comes before `config`, a run's before both.

    `sleep` is called with the seconds between two attempts; without it a wait is cut short where
    the branch is given up.
    """

    def __init__(
        self,
        config: ParallelConfig | None = None,
        *,
        max_workers: int | None = None,
        max_active_threads: int | None = None,
        circuit_breaker_scope: str = "graph",
        listener: Listener | None = None,
        raise_exceptions: bool = False,
        name: str | None = None,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self.config = config or _DEFAULT
        self.max_workers = max_workers
        self.max_active_threads = max_active_threads
        self.circuits = CircuitBreakerRegistry(circuit_breaker_scope)
        self.listener = listener
        self.raise_exceptions = raise_exceptions
        self.name = name
        self.sleep = sleep
        self.streams: Mapping[str, Mapping[str, str]] = {}  # node -> its ends of pipes, by name
        self._heard: dict[str, Any] = {}  # branch with a circuit -> what its listener is told of
        self._lock = threading.Lock()

    def effective(self, own: ParallelConfig | None) -> ParallelConfig:
        """Return how an edge's branch runs."""
        return own if own is not None else self.config

    def limit(self, branches: list[ParallelConfig], run: Mapping[str, Any]) -> int:
        """Return how many of these branches run at once."""
        declared = [c.max_workers for c in branches if c.max_workers is not None]
        asked = run.get("max_workers")
        if asked is None:
            asked = max(declared) if declared else self.config.max_workers
        if asked is None:
            asked = self.max_workers if self.max_workers is not None else AT_ONCE
        if self.max_active_threads is not None:
            asked = min(asked, self.max_active_threads)
        return max(1, int(asked))

    def circuit(self, branch: str, config: ParallelConfig) -> CircuitBreaker | None:
        """Return the circuit that the config of a branch asks for."""
        if config.circuit_breaker is None:
            return None
        return self.circuits.get_or_create(branch, config.circuit_breaker)

    def follow(self, branch: str, circuit: CircuitBreaker, about: Any) -> None:  # noqa: ANN401 - of the listener
        """Have the listener hear of changes of a circuit, with the last run of its branch."""
        with self._lock:
            known = branch in self._heard
            self._heard[branch] = about
        if not known:
            circuit.add_state_change_callback(_Change(self, branch))

    def hear(self, branch: str, old: CircuitState, new: CircuitState) -> None:
        """Tell the listener of a change."""
        if self.listener is not None:
            self.listener.circuit(self._heard[branch], old, new)


class _Change:
    """Passes a change on while the graph is there; a circuit of the process outlives graphs."""

    def __init__(self, parallel: Parallel, branch: str) -> None:
        import weakref  # noqa: PLC0415 - only with listeners and circuits

        self._parallel = weakref.ref(parallel)
        self._branch = branch

    def __call__(self, old: CircuitState, new: CircuitState) -> None:
        parallel = self._parallel()
        if parallel is not None:
            parallel.hear(self._branch, old, new)
