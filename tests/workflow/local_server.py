"""A web server on this machine that answers as a test tells it, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Site:
    """What is answered where: a list per path, whose last answer is repeated."""

    url: str = ""
    answers: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    timeouts: list[Any] = field(default_factory=list)  # noted by who asks

    def says(self, path: str, body: Any, status: int = 200) -> None:  # noqa: ANN401 - JSON or bytes
        """Queue an answer for a path."""
        self.answers.setdefault(path, []).append((status, body))

    def next(self, path: str) -> tuple[int, Any]:
        """Take the next answer of a path."""
        queue = self.answers.get(path) or [(404, {"error": "nothing here"})]
        return queue.pop(0) if len(queue) > 1 else queue[0]


@contextmanager
def serving() -> Iterator[Site]:
    """Run the server in a thread until the block ends."""
    site = Site()

    class Talk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            self._answer(json.loads(self.rfile.read(length) or b"null"))

        def _answer(self, body: object) -> None:
            site.asked.append(Asked(self.command, self.path, dict(self.headers), body))
            status, said = site.next(self.path)
            data = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Talk)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
