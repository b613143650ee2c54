"""One branch of a fan-out: its attempts, its circuit, and the result that comes of them."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.kernel.errors import AnatomyError
from codeanatomy.workflow.parallel.cancel import CancellationToken
from codeanatomy.workflow.parallel.result import ParallelFlowResult, traceback_of
from codeanatomy.workflow.parallel.retry import Retry
from codeanatomy.workflow.parallel.walk import BranchCancelled, BranchError, BranchPaused

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

    from codeanatomy.workflow.parallel.circuit import CircuitBreaker
    from codeanatomy.workflow.parallel.config import ParallelConfig
    from codeanatomy.workflow.parallel.setup import Parallel

    State = dict[str, Any]
    Go = Callable[["Branch", int], State]

_ONCE: Final = Retry()


class ExecutionError(AnatomyError, RuntimeError):
    """A node of a branch failed, in a graph that tells of errors instead of raising them."""

    code = "execution"


class Branch:
    """A branch while it runs: a job of a crew, and in the end its result, or where it waits."""

    __slots__ = (
        "abandoned",
        "about",
        "cancel",
        "cause",
        "circuit",
        "config",
        "context",
        "fan_in",
        "finished",
        "halt",
        "index",
        "kept",
        "name",
        "outcome",
        "paused",
        "result",
        "start",
        "started",
        "stop",
    )

    def __init__(self, index: int, name: str, stop: str, config: ParallelConfig) -> None:
        self.index = index
        self.name = name
        self.start = name
        self.stop = self.fan_in = stop
        self.config = config
        self.cancel = CancellationToken()
        self.circuit: CircuitBreaker | None = None
        self.context: Context | None = None
        self.about: Any = None  # what the listener made of it
        self.kept: Any = None  # where it waited before
        self.started: float | None = None
        self.finished = False
        self.abandoned = False
        self.halt = False
        self.outcome: ParallelFlowResult | None = None  # what its own thread makes of it
        self.result: ParallelFlowResult | None = None  # what the fan-out makes of it
        self.paused: BranchPaused | None = None
        self.cause: BaseException | None = None


def run_branch(branch: Branch, parallel: Parallel, state: State, go: Go) -> None:
    """Make all attempts of a branch; what becomes of it stands in the branch afterwards."""
    config, listener, name = branch.config, parallel.listener, branch.name
    began = perf_counter()
    try:
        if config.circuit_breaker is None and listener is None:
            final = go(branch, 0)
        else:
            if not _admitted(branch, parallel, state):
                branch.outcome = ParallelFlowResult.from_circuit_open(name, name)
                return
            final = go(branch, 0)
            if branch.circuit is not None and not branch.abandoned:
                branch.circuit.record_success()
    except BranchPaused as pause:
        _stands(branch, pause)
    except BranchCancelled:
        _leaves(branch)
    except BaseException as error:  # noqa: BLE001 - whatever a node raises is the end of its branch
        _again(branch, parallel, error, began, go)
    else:
        spent = (perf_counter() - began) * 1000
        closed = None if branch.circuit is None else "closed"
        branch.outcome = ParallelFlowResult(
            name, success=True, state=final, timing_ms=spent, circuit_state=closed
        )
    _tell(branch, parallel)


def give_up(branch: Branch, parallel: Parallel, seconds: float, spent: float) -> None:
    """Note that a branch is not waited for any longer; it is asked to stop."""
    branch.cancel.cancel()
    state = None
    if branch.circuit is not None:
        branch.circuit.record_failure()
        state = branch.circuit.state.value
    branch.result = ParallelFlowResult.from_timeout(
        branch.name, None, spent * 1000, seconds, circuit_state=state
    )
    branch.cause = TimeoutError(branch.result.error)
    if parallel.listener is not None and branch.about is not None:
        parallel.listener.timeout(branch.about, seconds)
        parallel.listener.complete(branch.about, branch.result)


def _admitted(branch: Branch, parallel: Parallel, state: State) -> bool:
    listener = parallel.listener
    if listener is not None:
        branch.about = listener.about(
            branch.name, branch.fan_in, state, branch.config, parallel.name
        )
    branch.circuit = parallel.circuit(branch.name, branch.config)
    if branch.circuit is not None:
        if listener is not None:
            parallel.follow(branch.name, branch.circuit, branch.about)
        if not branch.circuit.allow_request():
            return False
    if listener is not None:
        listener.start(branch.about)
    return True


def _stands(branch: Branch, pause: BranchPaused) -> None:
    branch.paused = pause
    _leaves(branch)


def _leaves(branch: Branch) -> None:
    if branch.circuit is not None and not branch.abandoned:
        branch.circuit.abandon()


def _again(branch: Branch, parallel: Parallel, error: BaseException, began: float, go: Go) -> None:
    """Go on after a failed attempt: the further ones, and the result of them all."""
    retry = branch.config.retry_policy or _ONCE
    errors: list[dict[str, Any]] = []
    attempt = 0
    failure, state = _failure(error, parallel)
    while True:
        kind = type(failure).__name__
        errors.append({"attempt": attempt, "error": str(failure), "error_type": kind})
        if not _pauses(branch, parallel, retry, failure, attempt):
            break
        attempt += 1
        try:
            final = go(branch, attempt)
        except BranchPaused as pause:
            return _stands(branch, pause)
        except BranchCancelled:
            return _leaves(branch)
        except BaseException as other:  # noqa: BLE001 - as for the first attempt
            failure, state = _failure(other, parallel)
        else:
            return _succeed(branch, final, attempt, errors, began)
    return _fail(branch, failure, state, attempt, errors[-retry.max_stored_errors :], began)


def _pauses(
    branch: Branch, parallel: Parallel, retry: Retry, failure: Exception, attempt: int
) -> bool:
    """Wait for the next attempt, where there is one."""
    listener, about = parallel.listener, branch.about
    if listener is not None and parallel.raise_exceptions:
        listener.error(about, failure, attempt)
    if branch.cancel.is_cancelled() or not retry.should_retry(failure, attempt):
        return False
    delay = retry.get_delay(attempt)
    if listener is not None:
        listener.retry(about, attempt + 1, delay, failure)
    if parallel.sleep is not None:
        parallel.sleep(delay)
    elif delay > 0:
        branch.cancel.wait(delay)
    return not branch.cancel.is_cancelled()


def _failure(error: BaseException, parallel: Parallel) -> tuple[Exception, State | None]:
    """Return a failure as the API tells it, and the state of the branch in that moment."""
    if not isinstance(error, BranchError):
        if isinstance(error, Exception):
            return error, None
        cause: BaseException = error
        state, text = None, repr(error)
    else:
        cause, state, text = error.cause, error.state, str(error)
    told: Exception
    told = RuntimeError(text) if parallel.raise_exceptions else ExecutionError(str(cause))
    told.__cause__ = cause
    return told, state


def _succeed(
    branch: Branch, final: State, attempt: int, errors: list[dict[str, Any]], began: float
) -> None:
    state = None
    if branch.circuit is not None and not branch.abandoned:
        branch.circuit.record_success()
        state = "closed"
    spent = (perf_counter() - began) * 1000
    made = ParallelFlowResult.from_success(branch.name, final, spent, attempt, state)
    retry = branch.config.retry_policy or _ONCE
    made.attempt_errors = errors[-retry.max_stored_errors :]
    branch.outcome = made


def _fail(
    branch: Branch,
    failure: Exception,
    state: State | None,
    attempt: int,
    errors: list[dict[str, Any]],
    began: float,
) -> None:
    circuit = None
    if branch.circuit is not None and not branch.abandoned:
        branch.circuit.record_failure()
        circuit = branch.circuit.state.value
    if branch.abandoned:
        return
    branch.cause = failure
    branch.halt = branch.config.fail_fast
    branch.outcome = ParallelFlowResult(
        branch.name,
        success=False,
        state=state,
        error=str(failure),
        error_type=type(failure).__name__,
        traceback=traceback_of(failure) if branch.config.include_traceback else None,
        timing_ms=(perf_counter() - began) * 1000,
        retry_count=attempt,
        circuit_state=circuit,
        attempt_errors=errors,
        exit_code=getattr(failure.__cause__ or failure, "exit_code", None),
    )


def _tell(branch: Branch, parallel: Parallel) -> None:
    listener = parallel.listener
    if listener is not None and branch.outcome is not None and not branch.abandoned:
        listener.complete(branch.about, branch.outcome)
