"""A server of MCP tools, started by the tests: over its own input and output, or over HTTP."""

from __future__ import annotations

import asyncio
import socket
import sys
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


def serve_http() -> None:
    """Listen on a free port, and print it."""
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as listening:
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(server.streamable_http_app(), log_level="critical")
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    serve_http() if "http" in sys.argv else server.run()
