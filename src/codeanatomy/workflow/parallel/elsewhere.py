"""Calling the nodes of a branch in a process of their own."""

from __future__ import annotations

import multiprocessing
import pickle
import sys
import threading
import warnings
from multiprocessing import connection
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.kernel.errors import AnatomyError
from codeanatomy.workflow.parallel.relay import answered, record_here, relay_from_here
from codeanatomy.workflow.parallel.walk import BranchCancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.parallel.cancel import CancellationToken
    from codeanatomy.workflow.parallel.walk import Call

    State = dict[str, Any]

# A forked process has the graph already; elsewhere its functions have to be sent there.
METHOD: Final = "fork" if sys.platform == "linux" else "spawn"
PATIENCE: Final = 5.0  # seconds for a process that was killed, or has said all, to be gone
LOOK: Final = 0.05  # seconds between two looks at whether the branch was given up
_ANSWER: Final = 3  # the parts of an answer; questions of a relay have two

_starting = threading.Lock()  # no process inherits the half-made pipes of another


class PickleValidationError(AnatomyError, ValueError):
    """A value cannot go from one process to another."""

    code = "not-picklable"

    def __init__(self, key: str, flow_index: int, original_error: Exception) -> None:
        super().__init__(
            f"State key '{key}' in flow {flow_index} is not picklable: {original_error}",
            key=key,
            flow_index=flow_index,
        )
        self.key = key
        self.flow_index = flow_index
        self.original_error = original_error

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.key, self.flow_index, self.original_error)


class ProcessDiedError(AnatomyError, RuntimeError):
    """The process of a branch ended without an answer."""

    code = "process-died"

    def __init__(self, node: str, exit_code: int | None) -> None:
        code = exit_code or 0
        how = f"was killed by signal {-code}" if code < 0 else "ended"
        super().__init__(
            f"The process of node '{node}' {how} before it had a result (exit code {exit_code})",
            node=node,
        )
        self.exit_code = exit_code


def check_picklable(state: Mapping[str, Any], flow_index: int = 0) -> None:
    """Raise PickleValidationError for the first value that cannot be pickled."""
    try:
        pickle.dumps(state, pickle.HIGHEST_PROTOCOL)
    except Exception:  # noqa: BLE001 - a value may refuse in any way
        for key, value in state.items():
            try:
                pickle.dumps((key, value), pickle.HIGHEST_PROTOCOL)
            except Exception as error:
                raise PickleValidationError(str(key), flow_index, error) from error


class Elsewhere:
    """Calls nodes, each in a process that lives as long as the call; a branch given up kills it."""

    def __init__(
        self,
        flow_index: int,
        cancel: CancellationToken,
        begun: Callable[[str], None] | None = None,
    ) -> None:
        self._index = flow_index
        self._cancel = cancel
        self._begun = begun

    def call(self, node: str, call: Call, state: State, config: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what the node returns
        """Call a node there; `state` becomes what the node made of it."""
        check_picklable(state, self._index)
        process, pipe = self._begin(node, call, state, config)
        answer = None
        try:
            answer = self._answer(node, process, pipe)
        finally:
            pipe.close()
            _end(process, PATIENCE if answer else 0.0)
        succeeded, found, left = answer
        if left is not None:
            state.clear()
            state.update(left)
        if not succeeded:
            raise found
        return found

    def _begin(
        self, node: str, call: Call, state: State, config: Mapping[str, Any]
    ) -> tuple[Any, connection.Connection[Any, Any]]:
        start = multiprocessing.get_context(METHOD)
        with _starting:
            pipe, other = start.Pipe()
            process = start.Process(  # type: ignore[attr-defined]  # every context has one
                target=_serve, args=(other, self._index, call, state, config), daemon=True
            )
            try:
                _start(process)
            except Exception as error:
                pipe.close()
                raise PickleValidationError(f"run of node {node}", self._index, error) from error
            finally:
                other.close()
            if self._begun is not None:
                self._begun(node)
        return process, pipe

    def _answer(
        self,
        node: str,
        process: Any,  # noqa: ANN401 - its class depends on the platform
        pipe: connection.Connection[Any, Any],
    ) -> tuple[bool, Any, State | None]:
        """Wait for what came of a call, and record the effects that it has until then."""
        record = record_here()
        while not self._cancel.is_cancelled():
            ready = connection.wait([pipe, process.sentinel], LOOK)
            if pipe in ready or pipe.poll():
                try:
                    message: Any = pickle.loads(pipe.recv_bytes())  # noqa: S301 - from a process of ours
                except (EOFError, ConnectionError):
                    break
                if len(message) == _ANSWER:
                    return message  # type: ignore[no-any-return]  # as `_pickled` makes it
                if record is not None:
                    pipe.send_bytes(answered(record, *message))
            elif ready:
                break
        else:
            raise BranchCancelled
        raise ProcessDiedError(node, _exit_code(process))


def _end(process: Any, patience: float) -> None:  # noqa: ANN401 - as above
    """See a process to its end; one that takes longer is killed."""
    process.join(patience)
    if process.is_alive():
        process.kill()
    if _exit_code(process) is not None:
        process.close()


def _exit_code(process: Any) -> int | None:  # noqa: ANN401 - as above
    """Wait for the end of a process.

    Where another thread, that starts a process of its own, sees this one end first, it is about to
    note the exit code here.
    """
    until = monotonic() + PATIENCE
    process.join(PATIENCE)
    while process.exitcode is None and monotonic() < until:
        sleep(0.0005)
    code: int | None = process.exitcode
    return code


def _start(process: Any) -> None:  # noqa: ANN401 - as above
    # Threads of ours wait for processes; the forked one does not use anything they hold.
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
    process.start()


def _serve(
    pipe: connection.Connection[Any, Any],
    index: int,
    call: Call,
    state: State,
    config: Mapping[str, Any],
) -> None:
    """Call a node in the new process, and send back what came of it."""
    global _starting  # noqa: PLW0603 - the lock was taken when this process was made
    _starting = threading.Lock()
    # a node may have processes of its own, which one that dies with its parent may not
    multiprocessing.process.current_process()._config["daemon"] = False  # type: ignore[attr-defined]  # noqa: SLF001  # there is no other way to say so
    relay_from_here(pipe)
    try:
        found = call(state, config)
        if hasattr(found, "__await__"):
            found = _run(found)
    except Exception as error:  # noqa: BLE001 - raised again where the branch is walked
        pipe.send_bytes(_pickled_error(error, state))
    else:
        pipe.send_bytes(_pickled(found, state, index))
    pipe.close()


def _run(found: Any) -> Any:  # noqa: ANN401 - something to await, and what comes of it
    import asyncio  # noqa: PLC0415 - only for coroutine nodes

    async def wait() -> Any:  # noqa: ANN401 - as above
        return await found

    return asyncio.run(wait())


def _pickled(found: Any, state: State, index: int) -> bytes:  # noqa: ANN401 - what a node returned
    try:
        return pickle.dumps((True, found, state), pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - a value may refuse in any way
        try:
            check_picklable(found if isinstance(found, dict) else {"result": found}, index)
            check_picklable(state, index)
        except PickleValidationError as refused:
            return _pickled_error(refused, None)
        return _pickled_error(error, None)


def _pickled_error(error: Exception, state: State | None) -> bytes:
    import traceback  # noqa: PLC0415 - only when something failed

    error.add_note("".join(traceback.format_exception(error)).rstrip())
    for kept in (state, None):
        try:
            answer = pickle.dumps((False, error, kept), pickle.HIGHEST_PROTOCOL)
            pickle.loads(answer)  # noqa: S301 - made in the line above
        except Exception:  # noqa: BLE001, S112 - then without what cannot be sent
            continue
        return answer
    plain = RuntimeError(f"{type(error).__name__}: {error}")
    return pickle.dumps((False, plain, None), pickle.HIGHEST_PROTOCOL)
