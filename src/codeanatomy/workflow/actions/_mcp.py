"""Talking to an MCP server: one that is started for the call, or one at an address."""

from __future__ import annotations

import asyncio
import json
import subprocess
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions._results import Failed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mcp import ClientSession

    from codeanatomy.workflow.host import Host

_PLACES = ("mcp_servers", "mcp")  # settings that declare servers by name


def servers(host: Host) -> dict[str, Any]:
    """Return the declared servers by name."""
    found: dict[str, Any] = {}
    for place in _PLACES:
        declared = host.settings.get(place)
        if isinstance(declared, dict):
            found |= declared.get("servers", declared)
    return found


def declared(host: Host, server: object) -> dict[str, Any]:
    """Return how to reach a server that is named or described; raises Failed (configuration)."""
    known = servers(host)
    found = known.get(server) if isinstance(server, str) else server
    if isinstance(server, str) and server.startswith(("http://", "https://")):
        found = {"url": server}
    if not isinstance(found, dict) or not (found.get("command") or found.get("url")):
        told = f"MCP server {server!r} is not configured: it needs a command or a url"
        raise Failed(f"{told}. Declared in settings.mcp: {sorted(known)}", "configuration")
    return found


async def call(server: dict[str, Any], tool: str, params: dict[str, Any], seconds: float) -> Any:
    """Return what a tool answers: its structured content, or its texts."""
    async with asyncio.timeout(seconds), _session(server) as session:
        answer = await session.call_tool(tool, params)
    plain = answer.model_dump(by_alias=True, mode="json")
    texts = [part["text"] for part in plain["content"] if part.get("type") == "text"]
    if plain.get("isError"):
        raise Failed("\n".join(texts) or f"Tool '{tool}' failed", "execution")
    if isinstance(plain.get("structuredContent"), dict):
        return plain["structuredContent"]
    others = [part for part in plain["content"] if part.get("type") != "text"]
    return [*texts, *others] if others or len(texts) != 1 else _parsed(texts[0])


async def tools(server: dict[str, Any], seconds: float) -> list[dict[str, Any]]:
    """Return name, description and parameters of a server's tools."""
    async with asyncio.timeout(seconds), _session(server) as session:
        answer = await session.list_tools()
    plain = answer.model_dump(by_alias=True, mode="json")
    return [
        {
            "name": tool["name"],
            "description": tool.get("description") or "",
            "parameters": tool.get("inputSchema") or {},
        }
        for tool in plain["tools"]
    ]


@asynccontextmanager
async def _session(server: dict[str, Any]) -> AsyncIterator[ClientSession]:
    try:
        from mcp import ClientSession
    except ImportError as error:
        raise Failed("MCP is not installed: pip install mcp", "import") from error
    async with (
        _streams(server) as (read, write),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        yield session


@asynccontextmanager
async def _streams(server: dict[str, Any]) -> AsyncIterator[tuple[Any, Any]]:
    if server.get("command"):
        from mcp import StdioServerParameters, stdio_client

        asked = StdioServerParameters(
            command=server["command"],
            args=[str(one) for one in server.get("args") or []],
            env=server.get("env"),
            cwd=server.get("cwd"),
        )
        async with stdio_client(asked, errlog=subprocess.DEVNULL) as streams:  # type: ignore[arg-type] # goes to the process as it is
            yield streams[0], streams[1]
        return
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared._httpx_utils import create_mcp_http_client

    async with (
        create_mcp_http_client(headers=server.get("headers")) as client,
        streamable_http_client(server["url"], http_client=client) as streams,
    ):
        yield streams[0], streams[1]


def _parsed(text: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, dict | list) else text
