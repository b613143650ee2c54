"""A model that calls actions, asked offline: the model is a small server in this process."""

from __future__ import annotations

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from the_edge_agent import YAMLEngine

AGENT = {
    "name": "weather",
    "nodes": [
        {
            "name": "ask",
            "uses": "llm.tools",
            "with": {
                "model": "small",
                "prompt": "What shall I wear in {{ state.town }}?",
                "tools": [
                    {
                        "name": "look",
                        "description": "The weather in a town",
                        "parameters": {"town": {"type": "string", "required": True}},
                        "action": "weather.look",
                    }
                ],
            },
            "output": {"answer": "{{ result.content }}", "asked": "{{ result.tool_calls }}"},
        }
    ],
}


def look(state: dict[str, Any], town: str, **_: object) -> dict[str, Any]:  # noqa: ARG001 - as actions are called
    """Look out of the window."""
    return {"weather": "rain", "town": town}


class Model(BaseHTTPRequestHandler):
    """Speaks the protocol of OpenAI's chat completions; first it asks for a tool."""

    def do_POST(self) -> None:
        """Answer one request."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        message = answer(asked["messages"][-1])
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        told = {"id": "1", "object": "chat.completion", "created": 0, "model": asked["model"]}
        self.wfile.write(json.dumps({**told, "choices": [choice]}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing on the terminal."""


def answer(last: dict[str, Any]) -> dict[str, Any]:
    """Return what the model says after a message."""
    if last["role"] == "tool":
        weather = json.loads(last["content"])["weather"]
        return {"role": "assistant", "content": f"There is {weather}: take a coat."}
    call = {
        "name": "look",
        "arguments": json.dumps({"town": last["content"].split()[-1].strip("?")}),
    }
    calls = [{"id": "call-1", "type": "function", "function": call}]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def main() -> None:
    """Start the model, ask it, and stop it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    Thread(target=server.serve_forever, daemon=True).start()
    os.environ.setdefault("OPENAI_API_KEY", "not needed here")
    settings = {"llm": {"api_base": f"http://127.0.0.1:{server.server_port}/v1"}}
    engine = YAMLEngine(actions_registry={"weather.look": look})
    graph = engine.load_from_dict({**AGENT, "settings": settings})
    for event in graph.invoke({"town": "Bergen"}):
        print(event["state"]["asked"])
        print(event["state"]["answer"])
    engine.close()
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    main()
