"""Executors by the name of a strategy: what a person may use alone, replace, or add to."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future, wait
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, runtime_checkable

from codeanatomy.kernel.errors import AnatomyError, SpecError, UnsupportedError
from codeanatomy.workflow.parallel.cancel import CancellationToken
from codeanatomy.workflow.parallel.elsewhere import Elsewhere, check_picklable
from codeanatomy.workflow.parallel.setup import AT_ONCE
from codeanatomy.workflow.parallel.workers import WORKERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from codeanatomy.workflow.parallel.config import ParallelConfig
    from codeanatomy.workflow.parallel.result import ParallelFlowResult


class NotEnteredError(AnatomyError, RuntimeError):
    """An executor is used outside of its `with` block."""

    code = "executor-not-entered"


@dataclass
class FlowTask:
    """A branch to be run: its function, and what it is called with."""

    branch: str
    flow_func: Callable[..., Any]
    state: dict[str, Any]
    config: dict[str, Any]
    fan_in_node: str
    parallel_config: ParallelConfig
    start_time: float


@dataclass
class ExecutorResult:
    """A branch that was handed over; `future` gives what its runner returns."""

    future: Future[Any]
    branch: str
    parallel_config: ParallelConfig
    start_time: float


@runtime_checkable
class ParallelExecutor(Protocol):
    """What an executor of a strategy does; it is entered before it is used."""

    @property
    def strategy(self) -> str:
        """The name it is registered by."""
        ...

    @property
    def max_workers(self) -> int | None:
        """How many calls run at once; None where nobody said so."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def submit(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - of the function
        """Have a function called."""
        ...

    def submit_flow(self, task: FlowTask, flow_runner: Callable[..., Any]) -> ExecutorResult:
        """Have `flow_runner(task)` called."""
        ...

    def validate_state(self, state: dict[str, Any], flow_index: int = 0) -> None:
        """Raise where a state cannot go to where its branch would run."""
        ...


class _Executor:
    """What the executors here have in common: calls that wait for a free place, in threads."""

    _strategy = ""

    def __init__(self, max_workers: int | None = None) -> None:
        self._max_workers = max_workers
        self._entered = False
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._busy = 0
        self._futures: set[Future[Any]] = set()

    @property
    def strategy(self) -> str:
        """The name it is registered by."""
        return self._strategy

    @property
    def max_workers(self) -> int | None:
        """How many calls run at once; None where nobody said so."""
        return self._max_workers

    def __enter__(self) -> Self:
        self._entered = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._entered = False
        with self._lock:
            futures = tuple(self._futures)
        wait(futures)

    def submit(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - of the function
        """Have a function called with a copy of the context variables that hold now."""
        if not self._entered:
            name = type(self).__name__
            raise NotEnteredError(f"{name} must be used as a context manager", executor=name)
        return self._begun(copy_context().run, self._place(fn), *args, **kwargs)

    def submit_flow(self, task: FlowTask, flow_runner: Callable[..., Any]) -> ExecutorResult:
        """Have `flow_runner(task)` called."""
        future = self.submit(flow_runner, task)
        return ExecutorResult(future, task.branch, task.parallel_config, task.start_time)

    def validate_state(self, state: dict[str, Any], flow_index: int = 0) -> None:
        """Accept every state: it stays in this process."""

    def _place(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        return fn

    def _begun(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - of the function
        future: Future[Any] = Future()
        with self._lock:
            self._futures.add(future)
            self._waiting.append(partial(_fulfil, future, fn, args, kwargs))
            hire = self._busy < (self._max_workers or AT_ONCE)
            self._busy += hire
        if hire:
            WORKERS.start(self._labour)
        future.add_done_callback(self._forget)
        return future

    def _forget(self, future: Future[Any]) -> None:
        with self._lock:
            self._futures.discard(future)

    def _labour(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._busy -= 1
                    return
                work = self._waiting.popleft()
            work()


def _fulfil(
    future: Future[Any], fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        found = fn(*args, **kwargs)
    except BaseException as error:  # noqa: BLE001 - whoever asks for the result sees it
        future.set_exception(error)
    else:
        future.set_result(found)


class ThreadExecutor(_Executor):
    """Calls functions in threads that nobody waits for at exit."""

    _strategy = "thread"


class ProcessExecutor(_Executor):
    """Calls functions in processes, one for each call; one that dies is a call that failed."""

    _strategy = "process"

    def validate_state(self, state: dict[str, Any], flow_index: int = 0) -> None:
        """Raise PickleValidationError for the first value that cannot go to a process."""
        check_picklable(state, flow_index)

    def execute(
        self,
        flows: list[dict[str, Any]],
        config: ParallelConfig,
        stream_registry: Any | None = None,  # noqa: ANN401 - Streams, or something like it
    ) -> list[ParallelFlowResult]:
        """Run flows, each `{branch, flow_func, state}`, and return their results in that order.

        `flow_func(state)` gives the final state. With streams, each flow's process has the ends
        of its pipes (see `parallel.streams`).
        """
        from codeanatomy.workflow.parallel.flows import run_flows  # noqa: PLC0415 - it needs this

        for index, flow in enumerate(flows):
            self.validate_state(flow.get("state") or {}, index)
        return run_flows(flows, config, self._max_workers, stream_registry)

    def _place(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - of the function
            there = Elsewhere(0, CancellationToken())
            name = getattr(fn, "__name__", "function")
            return there.call(name, lambda _state, _config: fn(*args, **kwargs), {}, {})

        return call


class RemoteExecutor(_Executor):
    """Names what running on other machines would need; it does not do it."""

    _strategy = "remote"

    def __init__(self, max_workers: int | None = None, remote_config: Any | None = None) -> None:  # noqa: ANN401 - anything with hosts
        super().__init__(max_workers)
        self._remote = remote_config

    def __enter__(self) -> Self:
        hosts = (
            self._remote.get("hosts")
            if isinstance(self._remote, dict)
            else getattr(self._remote, "hosts", None)
        )
        if not hosts:
            raise SpecError("At least one host must be specified for remote execution")
        raise UnsupportedError(
            "remote execution is not supported; use strategy 'thread', 'process' or 'asyncio'",
            hosts=list(hosts),
        )


_STRATEGIES: Final[dict[str, type[Any]]] = {
    "process": ProcessExecutor,
    "remote": RemoteExecutor,
    "thread": ThreadExecutor,
}


def get_executor(strategy: str = "thread", max_workers: int | None = None) -> ParallelExecutor:
    """Make the executor of a strategy."""
    found = _STRATEGIES.get(strategy)
    if found is None:
        raise SpecError(
            f"Unknown parallel strategy: '{strategy}'. "
            f"Valid strategies are: {', '.join(available_strategies())}",
            strategy=strategy,
        )
    made: ParallelExecutor = found(max_workers=max_workers)
    return made


def register_executor(name: str, executor_class: type) -> None:
    """Have `executor_class(max_workers=...)` run the branches of a strategy of that name."""
    _STRATEGIES[name] = executor_class


def available_strategies() -> list[str]:
    """List the strategies that have an executor; "asyncio" is one of fan-outs alone."""
    return sorted(_STRATEGIES)


def executor_for(config: ParallelConfig, max_workers: int) -> ParallelExecutor:
    """Make the executor for a branch, with what its config says of remote hosts."""
    if _STRATEGIES.get(config.strategy) is RemoteExecutor:
        return RemoteExecutor(max_workers, config.remote_config)
    return get_executor(config.strategy, max_workers)
