"""Answering the request that started a run, from within the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from codeanatomy.workflow.response import HTTPResponse

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""
    return {"http.respond": respond}


def respond(
    state: dict[str, Any],
    status: int = 200,
    body: object = None,
    headers: dict[str, str] | None = None,
    content_type: str = "application/json",
    **_: object,
) -> NoReturn:
    """Raise the answer; the run ends with it."""
    raise HTTPResponse(status=status, body=body, headers=headers, content_type=content_type)
