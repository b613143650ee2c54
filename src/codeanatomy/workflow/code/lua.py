"""A node written in Lua: a runtime of its own each time, values copied in and out, nothing else."""

from __future__ import annotations

import math
import textwrap
from functools import lru_cache
from importlib import import_module
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.kernel.errors import MissingPartError
from codeanatomy.workflow.code.errors import CodeError, CodeFailedError, CodeTimeoutError
from codeanatomy.workflow.code.lua_text import SAFE_GLOBALS, take_lua_slots
from codeanatomy.workflow.code.slots import bound, expression_reader, own_templates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.workflow.code.slots import Binding
    from codeanatomy.workflow.template.environment import Templates

MAX_MEMORY: Final = 256 * 1024 * 1024
MAX_DEPTH: Final = 100

_LARGEST: Final = 2**63
_GIVEN: Final = (
    "state",
    "variables",
    "config",
    "node",
    "parallel_results",
    "item",
    "index",
    "matrix",
)

# Keeps only safe names, and stops the clock in every coroutine; no `pcall` outlives the deadline.
_PRELUDE: Final = """
local late, names = ...
local rawget, type = rawget, type
local sethook, error, expired = debug.sethook, error, false
local function tick() if expired or late() then expired = true; error("\\1timeout", 0) end end
local function watch(co)
  if co then sethook(co, tick, "", 10000) else sethook(tick, "", 10000) end
end
local function passed(...) if expired then error("\\1timeout", 0) end return ... end
local pcall_, xpcall_, create = pcall, xpcall, coroutine.create
local status, resume, yield_ = coroutine.status, coroutine.resume, coroutine.yield
pcall = function(...) return passed(pcall_(...)) end
xpcall = function(...) return passed(xpcall_(...)) end
coroutine.create = function(f) local co = create(f); watch(co); return co end
coroutine.resume = function(...) return passed(resume(...)) end
coroutine.wrap = function(f)
  local co = coroutine.create(f)
  local function out(ok, ...) if not ok then error((...), 0) end return ... end
  return function(...) return out(passed(resume(co, ...))) end
end
coroutine.close, string.dump = nil, nil
local set = setmetatable
setmetatable = function(t, mt)
  if type(mt) == "table" and rawget(mt, "__gc") ~= nil then error("no finalizers here", 2) end
  return set(t, mt)
end
local keep = {}
for i = 1, #names do keep[names[i]] = true end
for name in pairs(_G) do if not keep[name] and name ~= "_G" then _G[name] = nil end end
_G._G = nil
watch()
"""


def compile_lua(text: str, name: str = "<run>", line: int = 1) -> LuaBlock:
    """Return the block of a Lua text that begins on `line` of the file `name`."""
    return LuaBlock(text, name, line)


class LuaBlock:
    """A text that returns something gives it; of any other, the globals it sets are updates."""

    __slots__ = ("line", "name", "text")

    def __init__(self, text: str, name: str, line: int) -> None:
        self.text, self.name, self.line = text, name, line

    def run(
        self,
        scope: Mapping[str, Any],
        state: Any = None,  # noqa: ANN401 - a dict, mostly
        *,
        templates: Templates | None = None,
        names: Mapping[str, Any] | None = None,
        timeout: float = 30.0,
    ) -> Any:  # noqa: ANN401 - what the block returns
        """Run on copies of the state and the variables; raises CodeTimeoutError when it is late."""
        source, bindings = _source(self.text)
        given = {key: scope[key] for key in _GIVEN if scope.get(key) is not None}
        given["state"] = scope.get("state", {}) if state is None else state
        if bindings:
            seen = {**scope, **given, **(names or {})}
            given.update(bound(templates or own_templates(), bindings, seen))
        return self._execute("\n" * (self.line - 1) + source, given, timeout)

    def _execute(self, source: str, given: dict[str, Any], timeout: float) -> Any:  # noqa: ANN401 - as `run`
        lua, lua_error = _runtime()
        deadline = monotonic() + timeout
        space = lua.globals()
        try:
            chunk = lua.compile(source, name="=" + self.name)
        except lua_error as exc:
            raise CodeError(f"{_said(exc)}", file=self.name, line=self.line) from exc
        try:
            lua.execute(_PRELUDE, lambda: monotonic() > deadline, lua.table_from(SAFE_GLOBALS))
            for key, value in given.items():
                space[key] = _to_lua(lua, value, 0)
            before = {str(key) for key in space}
            result = chunk()
            if result is not None:
                return _to_python(result, 0)
            return {
                str(key): _to_python(value, 0)
                for key, value in space.items()
                if str(key) not in before and not str(key).startswith("_")
            }
        except lua_error as exc:
            if "\1timeout" in str(exc) or monotonic() > deadline:
                said = f"{self.name}: Lua execution timed out after {timeout} seconds"
                raise CodeTimeoutError(said, file=self.name) from None
            raise CodeFailedError(_said(exc), file=self.name) from exc


@lru_cache(maxsize=256)
def _source(text: str) -> tuple[str, list[Binding]]:
    source = textwrap.dedent(text)
    if "{{" not in source:
        return source, []
    return take_lua_slots(source, expression_reader(own_templates()))


def _runtime() -> tuple[Any, type[Exception]]:
    try:
        lupa: Any = import_module("lupa")
    except ImportError as exc:
        said = "'language: lua' needs lupa: pip install 'codeanatomy[lua]'"
        raise MissingPartError(said, part="lupa") from exc

    def no_attributes(*_: object) -> str:
        raise AttributeError("Lua sees values only")

    lua = lupa.LuaRuntime(
        unpack_returned_tuples=True,
        register_eval=False,
        register_builtins=False,
        attribute_filter=no_attributes,
        max_memory=MAX_MEMORY,
    )
    home = import_module(lupa.LuaRuntime.__module__)  # one of lupa's builds, each with its error
    return lua, home.LuaError


def _to_lua(lua: Any, value: Any, depth: int) -> Any:  # noqa: ANN401 - a runtime, any value
    """Copy a value: what Lua has no type for becomes its text."""
    if depth > MAX_DEPTH:
        raise CodeFailedError(f"a value is nested deeper than {MAX_DEPTH}")
    if value is None or isinstance(value, bool | float | str | bytes):
        return value
    if isinstance(value, int):
        return value if -_LARGEST <= value < _LARGEST else float(value)
    if hasattr(value, "items"):
        table = lua.table()
        for key, item in value.items():
            table[key if isinstance(key, int) else str(key)] = _to_lua(lua, item, depth + 1)
        return table
    if isinstance(value, list | tuple | set | frozenset):
        table = lua.table()
        for number, item in enumerate(value, 1):
            table[number] = _to_lua(lua, item, depth + 1)
        return table
    return str(value)


def _to_python(value: Any, depth: int) -> Any:  # noqa: ANN401 - any value
    """Copy a value back: a table numbered from 1 is a list, any other a dict."""
    if depth > MAX_DEPTH:
        raise CodeFailedError(f"a table is nested deeper than {MAX_DEPTH}")
    if isinstance(value, float) and not math.isfinite(value):
        return value
    if isinstance(value, tuple):
        return [_to_python(item, depth + 1) for item in value]
    if not hasattr(value, "items"):
        return (
            value if value is None or isinstance(value, str | int | float | bytes) else str(value)
        )
    pairs = [(key, _to_python(item, depth + 1)) for key, item in value.items()]
    if pairs and {key for key, _ in pairs} == set(range(1, len(pairs) + 1)):
        return [item for _, item in sorted(pairs, key=lambda pair: pair[0])]
    return dict(pairs)


def _said(exc: Exception) -> str:
    said = str(exc).partition("\nstack traceback")[0]
    return said or f"Lua used more than {MAX_MEMORY} bytes"
