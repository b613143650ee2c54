"""A server on this machine that speaks the protocol of OpenAI and answers as it is told."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


@dataclass
class Reply:
    """What one request gets: a text, tool calls, or a failure with its headers."""

    text: str | None = "hello"
    calls: list[tuple[str, str]] = field(default_factory=list)  # name, JSON of the arguments
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Model:
    """The server: what it is to say next, and what it was asked."""

    url: str = ""
    script: list[Reply] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def says(self, *replies: Reply | str) -> None:
        """Queue replies; the last one is repeated."""
        self.script = [Reply(r) if isinstance(r, str) else r for r in replies]

    def next(self) -> Reply:
        """Take the next reply."""
        if not self.script:
            return Reply()
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


@contextmanager
def serving() -> Iterator[Model]:
    """Run the server in a thread until the block ends."""
    model = Model()

    class Talk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            asked = json.loads(self.rfile.read(length))
            model.asked.append(asked)
            model.paths.append(self.path)
            model.headers.append({name.lower(): text for name, text in self.headers.items()})
            if "embeddings" in self.path:
                _send(self, 200, {}, _vectors(asked))
                return
            reply = model.next()
            if reply.status != 200:
                error = {"error": {"message": reply.text, "type": "failed", "code": None}}
                _send(self, reply.status, reply.headers, error)
            elif asked.get("stream"):
                _stream(self, reply, asked)
            else:
                _send(self, 200, reply.headers, _completion(reply, asked))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Talk)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    model.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def vector_of(text: str) -> list[float]:
    """Return the vector that the server gives a text: counts of its first letters."""
    return [float(text.lower().count(letter)) for letter in "abcdefgh"]


def _completion(reply: Reply, asked: dict[str, Any]) -> dict[str, Any]:
    calls = [
        {"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for n, (name, arguments) in enumerate(reply.calls, 1)
    ]
    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
    if calls:
        message = {"role": "assistant", "content": None, "tool_calls": calls}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": asked["model"],
        "choices": [
            {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
        ],
        "usage": {**USAGE, "prompt_tokens_details": {"cached_tokens": 3}},
    }


def _stream(talk: BaseHTTPRequestHandler, reply: Reply, asked: dict[str, Any]) -> None:
    talk.send_response(200)
    talk.send_header("Content-Type", "text/event-stream")
    talk.end_headers()
    base = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": asked["model"]}
    for word in ["", *(reply.text or "").split(" ")]:
        choice = {"index": 0, "delta": {"content": word}, "finish_reason": None}
        _event(talk, {**base, "choices": [choice]})
    if (asked.get("stream_options") or {}).get("include_usage"):
        _event(talk, {**base, "choices": [], "usage": USAGE})
    talk.wfile.write(b"data: [DONE]\n\n")


def _event(talk: BaseHTTPRequestHandler, value: dict[str, Any]) -> None:
    talk.wfile.write(b"data: " + json.dumps(value).encode() + b"\n\n")


def _vectors(asked: dict[str, Any]) -> dict[str, Any]:
    texts = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
    data = [
        {"object": "embedding", "index": n, "embedding": vector_of(text)}
        for n, text in enumerate(texts)
    ]
    return {"object": "list", "data": data, "model": asked["model"], "usage": USAGE}


def _send(
    talk: BaseHTTPRequestHandler, status: int, headers: dict[str, str], value: dict[str, Any]
) -> None:
    body = json.dumps(value).encode()
    talk.send_response(status)
    talk.send_header("Content-Type", "application/json")
    talk.send_header("Content-Length", str(len(body)))
    for name, text in headers.items():
        talk.send_header(name, text)
    talk.end_headers()
    talk.wfile.write(body)
