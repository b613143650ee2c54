"""A server in a thread of this process, on a free port."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

import uvicorn

from codeanatomy.ecs.runtime.web.app import application
from codeanatomy.ecs.runtime.web.server import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.ecs.runtime.runtime import ArchetypeRuntime
    from codeanatomy.ecs.runtime.web.token import Tokens


@contextmanager
def served(worlds: ArchetypeRuntime, tokens: Tokens | None = None) -> Iterator[str]:
    """Serve a runtime and give the address."""
    listener = listening("127.0.0.1", 0)
    settings = uvicorn.Config(
        application(worlds, tokens),
        log_level="critical",
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = _Server(settings)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert server.ready.wait(10)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, settings: uvicorn.Config) -> None:
        super().__init__(settings)
        self.ready = Event()

    async def startup(self, sockets: object = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)  # type: ignore[arg-type] # as uvicorn calls it
        self.ready.set()
