"""The least that speaks MCP over standard input and output; it starts at once."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

TOOL = {"name": "greet", "description": "Greets.", "inputSchema": {"type": "object"}}


def answer(method: str, params: dict[str, Any]) -> dict[str, Any] | None:
    """Return the result of a request; None for one that is unknown."""
    if method == "initialize":
        version = params["protocolVersion"]
        info = {"name": "lines", "version": "1"}
        return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}
    if method == "tools/list":
        return {"tools": [TOOL, {**TOOL, "name": "other"}]}
    if method == "tools/call":
        return called(params["name"], params.get("arguments") or {})
    return None


def called(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return what a tool says."""
    if name == "wait":
        time.sleep(given["seconds"])
    texts = {"json": ['{"a": 1}'], "two": ["x", "y"], "fail": ["never works"]}
    content = [{"type": "text", "text": text} for text in texts.get(name, ["hi"])]
    return {"content": content, "isError": name == "fail"}


if __name__ == "__main__":
    for line in sys.stdin:
        asked = json.loads(line)
        if "id" not in asked:
            continue
        found = answer(asked["method"], asked.get("params") or {})
        said = {"result": found} if found else {"error": {"code": -32601, "message": "unknown"}}
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **said}) + "\n")
        sys.stdout.flush()
