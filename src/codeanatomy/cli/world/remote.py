"""A server of worlds, asked over HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from codeanatomy.ecs.runtime.errors import ServerAnswerError
from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    import pyarrow as pa

_ARROW = "application/vnd.apache.arrow.stream"
_PATIENCE = 600.0  # seconds: a call may make many ticks


class Remote:
    """Answers that come from `server`; its errors keep their codes."""

    def __init__(self, server: str, token: str | None = None) -> None:
        if urlsplit(server).scheme not in ("http", "https") or not urlsplit(server).hostname:
            raise SpecError(f"{server!r} is no address of a server; write http://HOST:PORT")
        self._server = server.rstrip("/")
        self._token = token

    def data(self, method: str, path: str, /, said: dict[str, Any], **names: str) -> Any:  # noqa: ANN401 - what the route answers
        """Give the answer as plain data."""
        return json.loads(self._ask(method, path, said, names, "application/json"))

    def rows(self, method: str, path: str, /, said: dict[str, Any], **names: str) -> pa.Table:
        """Give the answer as rows."""
        import pyarrow as pa  # noqa: PLC0415 - only where rows are asked for

        body = self._ask(method, path, said, names, _ARROW)
        return pa.ipc.open_stream(body).read_all()

    def _ask(
        self, method: str, path: str, said: dict[str, Any], names: dict[str, str], accept: str
    ) -> bytes:
        url = self._server + path.format(**{k: quote(v, safe="") for k, v in names.items()})
        headers = {"accept": accept}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        body = None
        if method == "GET":
            url += "?" + urlencode({k: v for k, v in said.items() if v is not None})
        elif said:
            body, headers["content-type"] = json.dumps(said).encode(), "application/json"
        request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310 - http or https: checked
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310 - as above
                found: bytes = answer.read()
                return found
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(error.code, error.read()) from None
        except OSError as error:
            raise ServerAnswerError(
                f"no answer from {self._server}: {error}", remote="no-answer"
            ) from None


def _refused(status: int, body: bytes) -> ServerAnswerError:
    try:
        told = json.loads(body)["error"]
        code, message = str(told["code"]), str(told["message"])
    except (ValueError, KeyError, TypeError):
        code, message = f"http-{status}", f"the server answered with status {status}"
    return ServerAnswerError(f"{message} [{code}]", remote=code, status=status)
