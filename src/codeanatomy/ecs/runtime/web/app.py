"""The web application: every route through the same door, and the files of the page."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from codeanatomy.ecs.runtime.errors import BodyTooLongError, ForeignOriginError
from codeanatomy.ecs.runtime.seat import Seat
from codeanatomy.ecs.runtime.web.answer import error_answer, json_answer, refusal, rows_answer
from codeanatomy.ecs.runtime.web.openapi import document
from codeanatomy.ecs.runtime.web.routes import ROUTES, Found, Waiting
from codeanatomy.ecs.runtime.web.token import Tokens, is_loopback
from codeanatomy.kernel.errors import AnatomyError, MissingPartError, SpecError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

    from codeanatomy.ecs.runtime.web.routes import Route
    from codeanatomy.ecs.runtime.worlds import Worlds

MOST_BYTES = 32 << 20
"""How long a request body may be."""
_GLANCE = 0.05  # seconds between two looks of who watches
_PAGE = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page/style.css": ("style.css", "text/css; charset=utf-8"),
    "/page/app.js": ("app.js", "text/javascript; charset=utf-8"),
    "/page/draw.js": ("draw.js", "text/javascript; charset=utf-8"),
}
_PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}


def application(
    worlds: Worlds,
    tokens: Tokens | None = None,
    *,
    version: str = "",
    most_bytes: int = MOST_BYTES,
) -> Starlette:
    """Make the application over a runtime; needs the extra `serve`."""
    try:
        from starlette.applications import Starlette  # noqa: PLC0415 - of the extra `serve`
        from starlette.exceptions import HTTPException  # noqa: PLC0415 - as above
        from starlette.routing import Route as Served  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        raise MissingPartError(
            "serving worlds needs starlette and uvicorn: pip install 'codeanatomy[serve]'"
        ) from error
    known = tokens if tokens is not None else Tokens({})
    opened = document(version)
    routes = [
        Served(r.path, _endpoint(r, worlds, known, most_bytes), methods=[r.method]) for r in ROUTES
    ]
    routes += [Served(path, _file(*found)) for path, found in _PAGE.items()]
    routes.append(Served("/openapi.json", _constant(opened)))
    return Starlette(
        routes=routes,
        exception_handlers={HTTPException: _of_http, Exception: _bug},
    )


def _endpoint(
    route: Route, worlds: Worlds, tokens: Tokens, most_bytes: int
) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool  # noqa: PLC0415 - of the extra `serve`

        try:
            _check_origin(request, tokens)
            seat = Seat(worlds, tokens.actor(request.headers.get("authorization", "")))
            said = await _asked(route, request, most_bytes)
            found = await run_in_threadpool(route.do, seat, request.path_params, said)
        except AnatomyError as error:
            return error_answer(error)
        if isinstance(found, Waiting):
            return json_answer({"tick": await _other_tick(found)})
        if isinstance(found, Found):
            return rows_answer(found.table, found.limit, request.headers.get("accept", ""))
        return json_answer(found)

    return serve


async def _other_tick(waiting: Waiting) -> int:
    """Wait without a thread: a server that stops does not wait for who watches."""
    looks = int(waiting.wait / _GLANCE)
    for _ in range(looks):
        if waiting.look() != waiting.since:
            break
        await asyncio.sleep(_GLANCE)
    return waiting.look()


async def _body(request: Request, most_bytes: int) -> bytes:
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > most_bytes:
            raise BodyTooLongError(f"the body of a request has at most {most_bytes:,} bytes here")
    return bytes(found)


async def _asked(route: Route, request: Request, most_bytes: int) -> Any:  # noqa: ANN401 - what the route declares
    try:
        if route.method in ("GET", "DELETE"):
            return msgspec.convert(dict(request.query_params), route.asks, strict=False)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        body = await _body(request, most_bytes)
        if kind != "application/json" and (body or route.asks.__struct_fields__):
            raise SpecError("the body of a request is JSON: `Content-Type: application/json`")
        return msgspec.json.decode(body or b"{}", type=route.asks)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise SpecError(f"{route.method} {route.path}: {error}") from None


def _check_origin(request: Request, tokens: Tokens) -> None:
    """Refuse other pages in the same browser, and other names for this machine.

    Without tokens whoever reaches the server may do everything, so a page of another site must
    not: its requests carry its own origin, and one that rebinds a name shows that name.
    """
    host = request.headers.get("host", "")
    if not tokens and not is_loopback(urlsplit(f"//{host}").hostname or ""):
        raise ForeignOriginError(
            f"{host!r} is not a name of this machine; use 127.0.0.1 or localhost, or a server with "
            "tokens",
            host=host,
        )
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        raise ForeignOriginError(f"pages of {origin} may not ask here", origin=origin)


def _file(name: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    async def serve(_request: Request) -> Response:
        from starlette.responses import Response  # noqa: PLC0415 - of the extra `serve`

        body = files("codeanatomy.ecs.runtime.web").joinpath("page", name).read_bytes()
        return Response(body, 200, _PAGE_HEADERS, kind)

    return serve


def _constant(value: object) -> Callable[[Request], Awaitable[Response]]:
    async def serve(_request: Request) -> Response:
        return json_answer(value)

    return serve


async def _of_http(_request: Request, error: Any) -> Response:  # noqa: ANN401 - HTTPException, loaded late
    codes = {404: "unknown-path", 405: "method"}
    code = codes.get(error.status_code, "http")
    return refusal(error.status_code, code, str(error.detail))


async def _bug(_request: Request, error: Exception) -> Response:
    return refusal(500, "bug", f"this should not happen, please report it: {type(error).__name__}")
