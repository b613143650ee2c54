"""Tools of others: CrewAI, LangChain, and whatever an MCP server offers."""

from __future__ import annotations

import fnmatch
import time
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions._results import Failed, Result, err, ok

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.actions._bridges import Bridge
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]
_LIFE = 300.0  # seconds a listing is remembered
_PATIENCE = 30.0  # seconds a server has to list its tools
_GRACE = 5.0  # seconds a server has to end after its time
_OF_THE_RUN = {"config", "node", "graph", "parallel_results"}
_SOURCES = ("crewai", "langchain", "mcp")


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""

    def mcp(state: State, server: Any, tool: str, timeout: float = 30.0, **params: Any) -> Result:
        """Call a tool of an MCP server."""

        def work() -> Any:
            import asyncio

            from codeanatomy.workflow.actions import _mcp

            reached = _mcp.declared(host, server)
            return asyncio.run(_mcp.call(reached, tool, _plain(params), timeout))

        return _attempt(tool, timeout + _GRACE, work)

    def crewai(state: State, tool: str, timeout: float = 30.0, **params: Any) -> Result:
        """Run a tool of CrewAI."""
        return _run("crewai", tool, timeout, params)

    def langchain(state: State, tool: str, timeout: float = 30.0, **params: Any) -> Result:
        """Run a tool of LangChain."""
        return _run("langchain", tool, timeout, params)

    def discover(
        state: State,
        source: str = "all",
        filter: str | None = None,
        use_cache: bool = True,
        **_: object,
    ) -> Result:
        """List the tools there are, by source, remembered for five minutes."""
        return _discover(host, source, filter, use_cache=use_cache)

    def clear_cache(state: State, source: str | None = None, **_: object) -> Result:
        """Forget what was listed."""
        remembered = _remembered(host)
        gone = list(remembered) if source in {None, "all"} else [source] * (source in remembered)
        for name in gone:
            del remembered[name]
        return ok(cleared=len(gone), source=source or "all")

    return {
        "tools.mcp": mcp,
        "tools.crewai": crewai,
        "tools.langchain": langchain,
        "tools.discover": discover,
        "tools.clear_cache": clear_cache,
    }


def _discover(host: Host, source: str, wanted: str | None, *, use_cache: bool) -> Result:
    if source != "all" and source not in _SOURCES:
        known = ", ".join(("all", *_SOURCES))
        return err(f"Unknown source: {source}. It can be: {known}", "configuration")
    found: list[State] = []
    try:
        for name in _SOURCES if source == "all" else (source,):
            found += _listed(host, name, use_cache=use_cache)
    except (Exception, BaseExceptionGroup) as error:
        return err(f"Tools cannot be listed: {error}", "execution")
    kept = [tool for tool in found if _fits(tool["name"], wanted)]
    sources = sorted({tool["source"] for tool in kept})
    return ok(tools=kept, sources=sources, count=len(kept))


def _run(source: str, tool: str, timeout: float, params: State) -> Result:
    bridge = _bridge(source)
    return _attempt(tool, timeout, lambda: bridge.run(bridge.find(tool), _plain(params)))


def _bridge(source: str) -> Bridge:
    from codeanatomy.workflow.actions._bridges import CREWAI, LANGCHAIN

    return CREWAI if source == "crewai" else LANGCHAIN


def _attempt(tool: str, timeout: float, work: Callable[[], Any]) -> Result:
    from codeanatomy.workflow.actions._bridges import within

    try:
        result = within(timeout, work)
    except Failed as failed:
        return {**failed.result, "tool": tool}
    except TimeoutError:
        return err(f"Tool '{tool}' timed out", "timeout", tool=tool)
    except ImportError as error:
        return err(str(error), "import", tool=tool)
    except BaseExceptionGroup as group:
        return _grouped(group, tool)
    except Exception as error:
        return err(f"{type(error).__name__}: {error}", "execution", tool=tool)
    if isinstance(result, dict):
        return {"success": True, **result, "tool": tool}
    return ok(result=result, tool=tool)


def _grouped(group: BaseExceptionGroup[BaseException], tool: str) -> Result:
    inner: BaseException = group
    while isinstance(inner, BaseExceptionGroup):
        inner = inner.exceptions[0]
    if isinstance(inner, Failed):
        return {**inner.result, "tool": tool}
    kind = "timeout" if isinstance(inner, TimeoutError) else "execution"
    return err(f"{type(inner).__name__}: {inner}", kind, tool=tool)


def _plain(params: State) -> State:
    return {name: value for name, value in params.items() if name not in _OF_THE_RUN}


def _listed(host: Host, source: str, *, use_cache: bool) -> list[State]:
    remembered = _remembered(host)
    known = remembered.get(source)
    if use_cache and known is not None and time.monotonic() - known[0] < _LIFE:
        listed: list[State] = known[1]
        return listed
    found = _of_servers(host) if source == "mcp" else _of_library(source)
    remembered[source] = (time.monotonic(), found)
    return found


def _of_library(source: str) -> list[State]:
    try:
        return [{**tool, "source": source} for tool in _bridge(source).listing()]
    except Failed:
        return []  # a library that is not installed has no tools


def _of_servers(host: Host) -> list[State]:
    from codeanatomy.workflow.actions import _mcp

    found: list[State] = []
    for name in _mcp.servers(host):
        server = _mcp.declared(host, name)
        found += [{**tool, "source": "mcp", "server": name} for tool in _of_server(server)]
    return found


def _of_server(server: State) -> list[State]:
    import asyncio

    from codeanatomy.workflow.actions import _mcp
    from codeanatomy.workflow.actions._bridges import within

    listed: list[State] = within(
        _PATIENCE + _GRACE, lambda: asyncio.run(_mcp.tools(server, _PATIENCE))
    )
    return listed


def _remembered(host: Host) -> dict[str, tuple[float, list[State]]]:
    found: dict[str, tuple[float, list[State]]] = host.parts.setdefault("tools.cache", {})
    return found


def _fits(name: str, wanted: str | None) -> bool:
    if not wanted:
        return True
    lowered = name.lower()
    return fnmatch.fnmatchcase(lowered, wanted.lower()) or wanted.lower() in lowered
