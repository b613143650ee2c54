"""The program of a sandbox: runs restricted Python, one request a line, until its input ends.

It is started on its own, away from the environment and the variables of the one who asks, and
knows only the standard library and RestrictedPython.
"""

from __future__ import annotations

import contextlib
import json
import math
import operator
import signal
import sys
import time
from typing import Any

_DEEP = 40  # levels of a value that are given back; what lies below becomes its text
_LONG = 10_000  # bits from which an integer is written in hexadecimal
_OUTSIDE = ("setattr", "delattr", "id", "_getattr_")
_TYPES = (bytes, dict, enumerate, filter, frozenset, list, map, reversed, set, tuple, zip)
_FUNCTIONS = (all, any, bin, format, iter, max, min, next, sorted, sum)


class TimeUpError(BaseException):
    """The time of a request is over; code that catches Exception does not stop it."""


class Output:
    """What was printed, as far as it is kept."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self.pieces: list[str] = []

    def write(self, text: str) -> None:
        """Keep a piece, if there is room."""
        if self.size <= self.limit:
            self.pieces.append(text[: self.limit + 1])
        self.size += len(text.encode(errors="replace"))

    def text(self) -> str:
        """Return what was kept, and whether something is missing."""
        whole = "".join(self.pieces)
        if self.size <= self.limit:
            return whole
        kept = whole.encode(errors="replace")[: self.limit].decode(errors="ignore")
        return kept + "... [output truncated]"


def serve() -> None:
    """Answer requests, one JSON object a line."""
    setup = json.loads(sys.stdin.readline())
    sys.path[:] = setup["path"]
    run(
        "def warm(): return [1]\nwarm()", {**new_scope(), "_print_": None}, 1
    )  # loads what is needed
    scope = new_scope()
    set_limits(setup["memory"])
    reply({"ready": True})
    for line in sys.stdin:
        reply(answer(json.loads(line), scope))


def answer(request: dict[str, Any], scope: dict[str, Any]) -> dict[str, Any]:
    """Run one text; variables stay in `scope`."""
    output = Output(request["max_output_bytes"])
    scope["_print_"] = lambda _getattr=None: Printer(output)
    scope.pop("result", None)
    started = time.perf_counter()
    error = run(request["code"], scope, request["timeout"])
    return {
        "error": error,
        "stdout": output.text(),
        "value": encoded(scope.get("result")) if error is None else None,
        "ms": round((time.perf_counter() - started) * 1000, 3),
    }


def run(code: str, scope: dict[str, Any], timeout: float) -> str | None:
    """Compile and run a text; return what went wrong, or None."""
    from RestrictedPython.compile import compile_restricted_exec

    try:
        compile(code, "<code>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return f"SyntaxError: {error}"
    compiled = compile_restricted_exec(code, filename="<code>")
    if compiled.code is None:
        return f"CompilationError: {'; '.join(compiled.errors)}"
    try:
        with alarm(timeout):
            exec(compiled.code, scope)  # noqa: S102 - restricted code in a process of its own
    except TimeUpError:
        return f"Execution timed out after {timeout} seconds"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return None


@contextlib.contextmanager
def alarm(seconds: float) -> Any:
    """Raise TimeUpError inside when the time is over, where the system has alarms."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, time_is_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def time_is_up(*_: object) -> None:
    """Stop what is running."""
    raise TimeUpError


def new_scope() -> dict[str, Any]:
    """Return the names that restricted code may use."""
    from RestrictedPython import Guards
    from RestrictedPython.Eval import default_guarded_getitem

    builtins = {name: one for name, one in Guards.safe_builtins.items() if name not in _OUTSIDE}
    builtins.update({one.__name__: one for one in (*_TYPES, *_FUNCTIONS)})
    return {
        "__builtins__": builtins,
        "__name__": "sandbox",
        "__metaclass__": new_class,
        "_getattr_": Guards.safer_getattr,
        "_getitem_": default_guarded_getitem,
        "_getiter_": iter,
        "_write_": Guards.full_write_guard,
        "_inplacevar_": in_place,
        "_iter_unpack_sequence_": Guards.guarded_iter_unpack_sequence,
        "_unpack_sequence_": Guards.guarded_unpack_sequence,
    }


class Printer:
    """Where `print` of restricted code writes."""

    def __init__(self, output: Output) -> None:
        self.output = output

    def _call_print(self, *values: object, **how: Any) -> None:
        how["file"] = self.output
        print(*values, **how)  # noqa: T201 - prints into the kept output


def new_class(name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
    """Make a class whose instances may be written to."""
    made = type(name, bases, body)
    made._guarded_writes = True  # type: ignore[attr-defined]  # noqa: SLF001 - the name RestrictedPython looks for
    return made


def in_place(op: str, value: Any, other: Any) -> Any:
    """Do `value op= other`."""
    return _IN_PLACE[op](value, other)


_IN_PLACE: dict[str, Any] = {
    "+=": operator.iadd,
    "-=": operator.isub,
    "*=": operator.imul,
    "/=": operator.itruediv,
    "//=": operator.ifloordiv,
    "%=": operator.imod,
    "**=": operator.ipow,
    "<<=": operator.ilshift,
    ">>=": operator.irshift,
    "|=": operator.ior,
    "&=": operator.iand,
    "^=": operator.ixor,
}


def encoded(value: Any, depth: int = 0) -> Any:
    """Return a value in JSON with the types JSON lacks; what is no data becomes its text."""
    kind = type(value)
    if value is None or kind in {bool, str}:
        return value
    if kind is int:
        return value if value.bit_length() < _LONG else {"int": hex(value)}
    if kind is float and math.isfinite(value):
        return value
    if depth < _DEEP:
        if kind is list:
            return [encoded(one, depth + 1) for one in value]
        if kind in {tuple, set, frozenset}:
            return {kind.__name__: [encoded(one, depth + 1) for one in value]}
        if kind is dict:
            pairs = value.items()
            return {"dict": [[encoded(k, depth + 1), encoded(v, depth + 1)] for k, v in pairs]}
    if kind is bytes:
        return {"bytes": value.hex()}
    return {"float": repr(value)} if kind is float else text_of(value)


def text_of(value: object) -> str:
    """Return what a value looks like, or of what type it is when that is too deep to tell."""
    try:
        return repr(value)
    except Exception:
        return f"<{type(value).__name__}>"


def set_limits(memory: int) -> None:
    """Bound the memory of this process; let it open nothing more, and write no file."""
    try:
        import resource
    except ImportError:
        return
    limits = (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 3),  # its input, its output, and where errors go
    )
    for what, limit in limits:
        with contextlib.suppress(OSError, ValueError):  # a system that knows no such limit
            resource.setrlimit(what, (limit, limit))


def reply(value: dict[str, Any]) -> None:
    """Write one line to the one who asks."""
    try:
        line = json.dumps(value)
    except (ValueError, RecursionError, MemoryError) as error:
        line = json.dumps({"error": f"{type(error).__name__}: {error}", "stdout": "", "ms": 0})
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve()
