"""The server: the application on a socket, loopback unless told otherwise."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from codeanatomy.ecs.runtime.web.app import application
from codeanatomy.ecs.runtime.web.token import Tokens, check_address
from codeanatomy.kernel.errors import MissingPartError, SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.ecs.runtime.worlds import Worlds

PORT = 8765


def serve(
    worlds: Worlds,
    *,
    host: str = "127.0.0.1",
    port: int = PORT,
    tokens: Tokens | None = None,
    version: str = "",
    ready: Callable[[str], None] = lambda _url: None,
) -> None:
    """Serve until interrupted; port 0 takes a free one; `ready` is told the address."""
    try:
        import uvicorn  # noqa: PLC0415 - of the extra `serve`
    except ModuleNotFoundError as error:
        raise MissingPartError(
            "serving worlds needs starlette and uvicorn: pip install 'codeanatomy[serve]'"
        ) from error
    known = tokens if tokens is not None else Tokens({})
    check_address(host, known)
    app = application(worlds, known, version=version)
    settings = uvicorn.Config(
        app, log_level="warning", access_log=False, proxy_headers=False, server_header=False,
        limit_concurrency=200, timeout_graceful_shutdown=3, lifespan="off",
    )  # fmt: skip
    with listening(host, port) as listener:
        bound = listener.getsockname()[1]
        ready(f"http://{f'[{host}]' if ':' in host else host}:{bound}")
        uvicorn.Server(settings).run(sockets=[listener])


def listening(host: str, port: int) -> socket.socket:
    """Give a socket that listens; raises `SpecError` where it cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except (OSError, OverflowError) as error:
        listener.close()
        what = f"cannot listen on {host}:{port}: {error}; name another port, or 0 for any free one"
        raise SpecError(what, host=host, port=port) from None
    return listener
