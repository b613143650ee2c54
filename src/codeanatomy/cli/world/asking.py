"""Asking for worlds: the same routes, answered in this process or by a server."""

from __future__ import annotations

import getpass
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from codeanatomy.cli.world.options import Where
    from codeanatomy.ecs.runtime.runtime import ArchetypeRuntime
    from codeanatomy.ecs.runtime.seat import Seat

WORLD = "/api/worlds/{name}"


class Asking(Protocol):
    """One way to the worlds: a method and a path of the routes, with what is said."""

    def data(self, method: str, path: str, /, said: dict[str, Any], **names: str) -> Any:  # noqa: ANN401 - what the route answers
        """Give the answer as plain data."""

    def rows(self, method: str, path: str, /, said: dict[str, Any], **names: str) -> pa.Table:
        """Give the answer as rows."""


@contextmanager
def asking(where: Where, models: Sequence[str] = ()) -> Iterator[Asking]:
    """Open the way to the worlds that the options name."""
    if where.server is not None:
        from codeanatomy.cli.world.remote import Remote  # noqa: PLC0415 - only where one is meant

        if models:
            raise SpecError("a server has its own models; start it with `world serve --model FILE`")
        yield Remote(where.server, where.token)
        return
    with runtime(where.store, models) as worlds:
        yield Local(worlds.seat(actor_name(), "admin"))


def runtime(store: str, models: Sequence[str]) -> ArchetypeRuntime:
    """Open the runtime at a storage address, with the models of these files."""
    from codeanatomy.ecs.runtime.model import load  # noqa: PLC0415 - heavy: only commands that run need it
    from codeanatomy.ecs.runtime.runtime import ArchetypeRuntime  # noqa: PLC0415 - as above

    loaded = [load(path) for path in models]
    return ArchetypeRuntime(store, models=loaded)


def actor_name() -> str:
    """Name the person at this machine, for the audit."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "local"


class Local:
    """Answers in this process, as the server would."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat

    def data(self, method: str, path: str, /, said: dict[str, Any], **names: str) -> Any:  # noqa: ANN401 - what the route answers
        """Give the answer as plain data."""
        import msgspec  # noqa: PLC0415 - only commands that run need it

        from codeanatomy.ecs.runtime.web.routes import route_of  # noqa: PLC0415 - heavy

        route = route_of(method, path)
        try:
            body = msgspec.convert(said, route.asks)
        except msgspec.ValidationError as error:
            raise SpecError(str(error)) from None
        return route.do(self._seat, names, body)

    def rows(self, method: str, path: str, /, said: dict[str, Any], **names: str) -> pa.Table:
        """Give the answer as rows."""
        return self.data(method, path, said, **names).table
