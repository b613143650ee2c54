"""Callbacks of the old API: what a person's own objects hear of the branches of a fan-out."""

# ruff: noqa: ARG002 - a subclass looks at what the base is told

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codeanatomy.workflow.parallel.circuit import CircuitState
    from codeanatomy.workflow.parallel.config import ParallelConfig
    from codeanatomy.workflow.parallel.result import ParallelFlowResult

LOGGER: Final = logging.getLogger("the_edge_agent.parallel")


@dataclass
class ParallelFlowContext:
    """Which branch a callback is told of; `start_time` is in seconds since the epoch."""

    branch: str
    fan_in_node: str
    state_snapshot: dict[str, Any]
    start_time: float
    config: ParallelConfig | None = None
    graph_name: str | None = None


@runtime_checkable
class ParallelFlowCallback(Protocol):
    """What a callback may have; a method that is missing is not called."""

    def on_flow_start(self, context: ParallelFlowContext) -> None:
        """Hear that a branch starts."""
        return

    def on_flow_complete(self, context: ParallelFlowContext, result: ParallelFlowResult) -> None:
        """Hear how a branch ended."""
        return

    def on_flow_error(self, context: ParallelFlowContext, error: Exception, attempt: int) -> None:
        """Hear that an attempt failed."""
        return

    def on_flow_timeout(self, context: ParallelFlowContext, timeout_seconds: float) -> None:
        """Hear that a branch is not waited for any longer."""
        return

    def on_flow_retry(
        self, context: ParallelFlowContext, attempt: int, delay: float, error: Exception
    ) -> None:
        """Hear that there will be another attempt."""
        return

    def on_circuit_state_change(
        self, context: ParallelFlowContext, old_state: CircuitState, new_state: CircuitState
    ) -> None:
        """Hear that the circuit of a branch changed its state."""
        return


class CallbackManager:
    """Calls callbacks, each in a thread that is given `timeout` seconds.

    `error_policy` says what a failing callback does: it is logged, raised, or removed for good.
    """

    def __init__(
        self,
        callbacks: list[ParallelFlowCallback] | None = None,
        timeout: float = 5.0,
        error_policy: str = "log",
    ) -> None:
        if error_policy not in {"log", "raise", "remove"}:
            raise SpecError(
                f"Invalid error_policy: {error_policy!r}. Must be 'log', 'raise' or 'remove'.",
                error_policy=error_policy,
            )
        self.callbacks: list[ParallelFlowCallback] = list(callbacks or ())
        self.timeout = timeout
        self.error_policy = error_policy
        self._error_handlers: list[Callable[[ParallelFlowCallback, Exception], None]] = []
        self._lock = threading.Lock()

    def add_callback(self, callback: ParallelFlowCallback) -> None:
        """Have a callback called from now on."""
        with self._lock:
            self.callbacks.append(callback)

    def remove_callback(self, callback: ParallelFlowCallback) -> None:
        """Do not call a callback any longer; one that is not there is nothing."""
        with self._lock:
            self.callbacks[:] = [c for c in self.callbacks if c is not callback]

    def add_error_handler(self, handler: Callable[[ParallelFlowCallback, Exception], None]) -> None:
        """Have `handler(callback, error)` called when a callback fails."""
        with self._lock:
            self._error_handlers.append(handler)

    def fire_event(self, method_name: str, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - whatever the method takes
        """Call a method of every callback that has it, one callback after the other."""
        for callback in tuple(self.callbacks):
            method = getattr(callback, method_name, None)
            if not callable(method):
                continue
            error = self._call(method, args, kwargs)
            if error is not None:
                self._failed(callback, method_name, error)

    def fire_flow_start(self, context: ParallelFlowContext) -> None:
        """Tell of a branch that starts."""
        self.fire_event("on_flow_start", context)

    def fire_flow_complete(self, context: ParallelFlowContext, result: ParallelFlowResult) -> None:
        """Tell how a branch ended."""
        self.fire_event("on_flow_complete", context, result)

    def fire_flow_error(self, context: ParallelFlowContext, error: Exception, attempt: int) -> None:
        """Tell of an attempt that failed."""
        self.fire_event("on_flow_error", context, error, attempt)

    def fire_flow_timeout(self, context: ParallelFlowContext, timeout_seconds: float) -> None:
        """Tell of a branch that is not waited for any longer."""
        self.fire_event("on_flow_timeout", context, timeout_seconds)

    def fire_flow_retry(
        self, context: ParallelFlowContext, attempt: int, delay: float, error: Exception
    ) -> None:
        """Tell of another attempt."""
        self.fire_event("on_flow_retry", context, attempt, delay, error)

    def fire_circuit_state_change(
        self, context: ParallelFlowContext, old_state: CircuitState, new_state: CircuitState
    ) -> None:
        """Tell of a circuit that changed its state."""
        self.fire_event("on_circuit_state_change", context, old_state, new_state)

    def _call(
        self, method: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Exception | None:
        failed: list[Exception] = []

        def call() -> None:
            try:
                method(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - a callback may raise anything
                failed.append(error)

        thread = threading.Thread(target=call, name="codeanatomy-callback", daemon=True)
        thread.start()
        thread.join(self.timeout)
        if thread.is_alive():
            return TimeoutError(f"callback took longer than {self.timeout}s")
        return failed[0] if failed else None

    def _failed(self, callback: ParallelFlowCallback, method: str, error: Exception) -> None:
        for handler in tuple(self._error_handlers):
            try:
                handler(callback, error)
            except Exception:
                LOGGER.exception("Error handler of a callback failed")
        if self.error_policy == "raise":
            raise error
        LOGGER.error("Callback %s.%s failed: %s", type(callback).__name__, method, error)
        if self.error_policy == "remove":
            self.remove_callback(callback)


class Callbacks:
    """Passes what a fan-out tells on to the callbacks of the old API."""

    def __init__(self, callbacks: CallbackManager) -> None:
        self.callbacks = callbacks

    def about(
        self,
        branch: str,
        fan_in_node: str,
        state: dict[str, Any],
        config: ParallelConfig,
        graph_name: str | None,
    ) -> ParallelFlowContext:
        """Describe a branch that is about to run."""
        return ParallelFlowContext(
            branch, fan_in_node, dict(state), time.time(), config, graph_name
        )

    def start(self, about: ParallelFlowContext) -> None:
        """Pass on that a branch starts."""
        self.callbacks.fire_flow_start(about)

    def complete(self, about: ParallelFlowContext, result: ParallelFlowResult) -> None:
        """Pass on how a branch ended."""
        self.callbacks.fire_flow_complete(about, result)

    def error(self, about: ParallelFlowContext, error: Exception, attempt: int) -> None:
        """Pass on that an attempt failed."""
        self.callbacks.fire_flow_error(about, error, attempt)

    def timeout(self, about: ParallelFlowContext, seconds: float) -> None:
        """Pass on that a branch is not waited for any longer."""
        self.callbacks.fire_flow_timeout(about, seconds)

    def retry(
        self, about: ParallelFlowContext, attempt: int, delay: float, error: Exception
    ) -> None:
        """Pass on that there will be another attempt."""
        self.callbacks.fire_flow_retry(about, attempt, delay, error)

    def circuit(self, about: ParallelFlowContext, old: CircuitState, new: CircuitState) -> None:
        """Pass on that a circuit changed its state."""
        self.callbacks.fire_circuit_state_change(about, old, new)


def listener(
    callbacks: Sequence[ParallelFlowCallback] | CallbackManager | None,
) -> Callbacks | None:
    """Make what a fan-out tells of its branches out of callbacks; nothing where there are none."""
    if not callbacks:
        return None
    if isinstance(callbacks, CallbackManager):
        return Callbacks(callbacks)
    return Callbacks(CallbackManager(list(callbacks)))
