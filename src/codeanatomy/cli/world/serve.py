"""The command `world serve`: the worlds over HTTP, with a page to see them."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from codeanatomy.cli._say import say
from codeanatomy.cli.world.asking import runtime
from codeanatomy.cli.world.options import Models  # noqa: TC001 - cyclopts reads the annotations


def serve(
    *,
    store: Annotated[
        str, Parameter(name=["--store", "-s"], help="The storage address; `worlds` here.")
    ] = "worlds",
    host: Annotated[str, Parameter(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="The port; 0 takes a free one.")] = 8765,
    tokens: Annotated[
        str | None,
        Parameter(
            help="A TOML file of who may come, a table each (`[ann]`) with `role` and `token`; "
            "needed beyond this machine."
        ),
    ] = None,
    model: Models = (),
) -> int:
    """Serve worlds over HTTP until interrupted: the page at `/`, the API below `/api`.

    On this machine (loopback) no token is needed and whoever asks is an admin. Beyond it a file
    of tokens is. The API is described at `/openapi.json`.
    """
    from codeanatomy.cli.version import version_text  # noqa: PLC0415 - only where it is told
    from codeanatomy.ecs.runtime.web.server import serve as serving  # noqa: PLC0415 - heavy
    from codeanatomy.ecs.runtime.web.token import Tokens, check_address, read_tokens  # noqa: PLC0415 - heavy

    known = Tokens(read_tokens(tokens) if tokens is not None else {})
    check_address(host, known)
    with runtime(store, model) as worlds:
        serving(
            worlds, host=host, port=port, tokens=known, version=version_text(),
            ready=lambda url: say(f"worlds at {url}"),
        )  # fmt: skip
    return 0
