"""A server of MCP tools over standard input and output, started by the tests of `tools.mcp`."""

from __future__ import annotations

import asyncio
from typing import Any

from mcp.server.mcpserver import MCPServer

server = MCPServer("tests")


@server.tool()
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@server.tool()
def greet(name: str) -> dict[str, Any]:
    """Greet somebody."""
    return {"hello": name}


@server.tool()
def fail() -> str:
    """Fail."""
    raise ValueError("never works")


@server.tool()
async def wait(seconds: float) -> str:
    """Wait."""
    await asyncio.sleep(seconds)
    return "waited"


if __name__ == "__main__":
    server.run()
