"""The answer to a request that a node raises: it ends the run with a status, a body and headers."""

from __future__ import annotations

from typing import Any


class HTTPResponse(Exception):  # noqa: N818 - the name is an interface; it is an answer, no error
    """Raised by `http.respond`; `headers` always holds a Content-Type."""

    def __init__(
        self,
        status: int = 200,
        body: Any = None,  # noqa: ANN401 - whatever the answer carries
        headers: dict[str, str] | None = None,
        content_type: str = "application/json",
    ) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body
        self.headers = {"Content-Type": content_type, **(headers or {})}
        self.content_type = content_type

    def to_dict(self) -> dict[str, Any]:
        """Return status, body, headers and content type."""
        return {
            "status": self.status,
            "body": self.body,
            "headers": self.headers,
            "content_type": self.content_type,
        }
