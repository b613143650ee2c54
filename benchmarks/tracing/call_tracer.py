"""A pytest plugin that records who calls whom, and where, while a suite runs.

    python -m pytest -p call_tracer ...

It knows only the standard library and its own folder of `PYTHONPATH`, since it runs in the
environment of the package it watches. The environment names the folder to watch (`TRACE_ROOT`)
and the file to write (`TRACE_OUTPUT`). A call counts for the nearest Python frame; only callers
with code below the folder are recorded; where code outside calls one of its functions, the row
says `through` and counts for the nearest frame below the folder. CPython 3.11 reports a generator
or coroutine when it is resumed, never when its function is called: such rows carry `first` or
`resume`.
"""

from __future__ import annotations

import atexit
import dis
import json
import os
import sys
import threading
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import CodeType, FrameType

OPTIMIZED = 0x1  # of functions; bodies of modules and classes lack it
FAR = 20  # frames of code outside between a caller and what it leads to
GENERATOR = 0x20 | 0x80 | 0x200  # CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR
CALLS = frozenset({"CALL", "CALL_FUNCTION_EX"})
_ROOT = os.path.realpath(os.environ["TRACE_ROOT"]) + os.sep
_OUTPUT = os.environ["TRACE_OUTPUT"]
_OWNER = os.getpid()
_inside: dict[int, bool] = {}
_codes: dict[int, CodeType] = {}  # keeps them alive: their ids are keys
_calls: set[tuple[int, int, int, int]] = set()
_throughs: set[tuple[int, int, int]] = set()
_c_calls: set[tuple[int, int, str, str]] = set()


def _learn(code: CodeType) -> bool:
    """Remember a code object, and say whether its file lies below the watched folder."""
    found = code.co_filename.startswith(_ROOT)
    _codes[id(code)] = code
    _inside[id(code)] = found
    return found


def _watch(frame: FrameType, event: str, arg: Any) -> None:  # noqa: ANN401 - what the profiler gives
    if event == "call":
        back = frame.f_back
        if back is None:
            return
        caller = back.f_code
        inside = _inside.get(id(caller))
        if inside or (inside is None and _learn(caller)):
            code = frame.f_code
            if not code.co_flags & OPTIMIZED:
                return
            if id(code) not in _inside:
                _learn(code)
            at = frame.f_lasti if code.co_flags & GENERATOR else -1
            _calls.add((id(caller), back.f_lasti, id(code), at))
        else:
            _through(frame.f_code, back)
    elif event == "c_call":
        code = frame.f_code
        inside = _inside.get(id(code))
        if inside or (inside is None and _learn(code)):
            owner = getattr(arg, "__module__", None)
            name = getattr(arg, "__qualname__", "?")
            _c_calls.add((id(code), frame.f_lasti, str(owner or ""), str(name)))


def _through(code: CodeType, back: FrameType) -> None:
    """Note a watched function that code outside called, for the watched frame that led there."""
    inside = _inside.get(id(code))
    if inside is None:
        inside = _learn(code)
    if not inside or not code.co_flags & OPTIMIZED or code.co_flags & GENERATOR:
        return
    frame: FrameType | None = back
    for _ in range(FAR):
        frame = frame.f_back if frame else None
        if frame is None:
            return
        caller = frame.f_code
        if _inside.get(id(caller)):
            _throughs.add((id(caller), frame.f_lasti, id(code)))
            return


def _codes_as_rows() -> dict[int, dict[str, Any]]:
    """Describe every code object: where it is, and the lines and columns its instructions cover."""
    rows = {}
    for key, code in _codes.items():
        spans = [p for p in code.co_positions() if None not in p]
        body = [p for p in spans if p[3] != 0 or p[2] != 0]
        rows[key] = {
            "inside": _inside[key],
            "path": code.co_filename.removeprefix(_ROOT),
            "qualname": code.co_qualname,
            "name": code.co_name,
            "line": code.co_firstlineno,
            "starts": min(((p[0], p[2]) for p in body), default=None),
            "ends": max(((p[1], p[3]) for p in body), default=None),
        }
    return rows


class _Places:
    """Where an instruction of a code object stands: its name, and its lines and columns."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[list[int], list[tuple[str, Any, int]]]] = {}

    def of(self, key: int, offset: int) -> tuple[str, Any, int]:
        """Return an instruction's name, its position, and how many calls before it share that.

        A cache entry belongs to the instruction before it.
        """
        if key not in self._known:
            self._known[key] = _instructions(_codes[key])
        offsets, places = self._known[key]
        return places[bisect_right(offsets, offset) - 1]


def _instructions(code: CodeType) -> tuple[list[int], list[tuple[str, Any, int]]]:
    positions = list(code.co_positions())
    calls: dict[Any, int] = {}
    offsets, places = [], []
    for instruction in dis.get_instructions(code):
        position = positions[instruction.offset // 2]
        before = calls.get(position, 0)
        if instruction.opname in CALLS:
            calls[position] = before + 1
        offsets.append(instruction.offset)
        places.append((instruction.opname, position, before))
    return offsets, places


def _write() -> None:
    sys.setprofile(None)
    threading.setprofile(None)
    if os.getpid() != _OWNER or not _codes:
        return
    places, rows = _Places(), []
    for caller, offset, callee, at in sorted(_calls):
        name, span, order = places.of(caller, offset)
        event = "call" if at < 0 else _resumption(_codes[callee], at)
        rows.append([caller, name, order, span, event, callee])
    for caller, offset, owner, function in sorted(_c_calls):
        name, span, order = places.of(caller, offset)
        rows.append([caller, name, order, span, "c_call", [owner, function]])
    for caller, offset, callee in sorted(_throughs):
        name, span, order = places.of(caller, offset)
        rows.append([caller, name, order, span, "through", callee])
    with open(_OUTPUT, "w", encoding="utf-8") as file:  # noqa: PTH123 - as little as may be imported
        json.dump({"codes": _codes_as_rows(), "rows": rows}, file)
    _codes.clear()


def _resumption(code: CodeType, at: int) -> str:
    """Tell a generator's first run from a later one by the argument of its `RESUME`."""
    return "resume" if code.co_code[at + 1] else "first"


def pytest_runtest_logstart() -> None:
    """Watch again, should the last test have profiled something itself."""
    sys.setprofile(_watch)


def pytest_unconfigure() -> None:
    """Write what was seen when the suite is over."""
    _write()


atexit.register(_write)
threading.setprofile(_watch)
sys.setprofile(_watch)
