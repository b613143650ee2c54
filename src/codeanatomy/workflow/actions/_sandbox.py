"""A process of its own that runs restricted Python: bounded in time, memory and output."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

_MEMORY = 512 << 20  # bytes of address space
_START = 30.0  # seconds until a process must be ready
_GRACE = 0.25  # seconds after its time before a process that does not stop is ended
_REST = 1 << 20  # bytes of an answer beside its output


class Sandbox:
    """Variables live as long as the process; one that had to be ended begins anew."""

    def __init__(self) -> None:
        self.created = time.time()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def run(self, code: str, timeout: float, max_output_bytes: int) -> dict[str, Any]:
        """Run a text; return what it printed, its `result`, its error and its time."""
        request = {"code": code, "timeout": timeout, "max_output_bytes": max_output_bytes}
        with self._lock:
            process = self._started()
            limit = 4 * max_output_bytes + _REST
            answer = _ask(process, request, timeout + _GRACE, limit)
            if answer is None:
                self._end()
        if answer is None:
            told = f"Execution timed out after {timeout} seconds"
            return _outcome(error=told, ms=timeout * 1000)
        if "lost" in answer:
            with self._lock:
                self._end()
            return _outcome(error=answer["lost"], ms=0.0)
        return _outcome(answer["error"], answer["ms"], answer["stdout"], answer.get("value"))

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            program = Path(__file__).with_name("_sandbox_child.py")
            self._process = subprocess.Popen(  # noqa: S603 - our own program, nothing of the caller
                [sys.executable, "-I", "-B", str(program)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
            )
            setup = {"path": sys.path, "memory": _MEMORY}
            if (_ask(self._process, setup, _START, _REST) or {}).get("ready") is not True:
                self._end()
                raise RuntimeError("the process of the sandbox did not start")
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _ask(
    process: subprocess.Popen[bytes], request: dict[str, Any], seconds: float, limit: int
) -> dict[str, Any] | None:
    """Send a line, wait for a line; None when the time is over."""
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the process of the sandbox has no pipes")
    over = threading.Event()

    def stop() -> None:
        over.set()
        process.kill()

    timer = threading.Timer(seconds, stop)
    timer.start()
    try:
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        line = process.stdout.readline(limit)
    except OSError:
        line = b""
    finally:
        timer.cancel()
        timer.join()
    if line.endswith(b"\n"):
        found: dict[str, Any] = json.loads(line)
        return found
    if over.is_set():
        return None
    too_long = f"the answer is longer than {limit} bytes"
    return {"lost": too_long if line else "the process ended; it may have run out of memory"}


def _outcome(
    error: str | None, ms: float, stdout: str = "", value: object = None
) -> dict[str, Any]:
    return {
        "success": error is None,
        "stdout": stdout,
        "stderr": "",
        "return_value": _decoded(value),
        "error": error,
        "execution_time_ms": ms,
    }


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(one) for one in value]
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    return _KINDS[kind](held)


_KINDS: dict[str, Any] = {
    "tuple": lambda held: tuple(_decoded(one) for one in held),
    "set": lambda held: {_decoded(one) for one in held},
    "frozenset": lambda held: frozenset(_decoded(one) for one in held),
    "dict": lambda held: {_decoded(key): _decoded(one) for key, one in held},
    "bytes": bytes.fromhex,
    "float": float,
    "int": lambda held: int(held, 16),
}
