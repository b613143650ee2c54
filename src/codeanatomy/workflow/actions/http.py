"""Asking an HTTP service that answers in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""
    return {"http.get": get, "http.post": post}


def get(state: dict[str, Any], url: str, headers: dict[str, str] | None = None, **_: object) -> Any:
    """Return the JSON at `url`; an HTTP failure is raised."""
    import requests

    answer = requests.get(url, headers=headers or {})  # noqa: S113 - the call is an interface
    answer.raise_for_status()
    return answer.json()


def post(
    state: dict[str, Any],
    url: str,
    json: object = None,
    headers: dict[str, str] | None = None,
    **_: object,
) -> Any:
    """Send `json` to `url` and return the JSON it answers; an HTTP failure is raised."""
    import requests

    answer = requests.post(url, json=json, headers=headers or {})  # noqa: S113 - as above
    answer.raise_for_status()
    return answer.json()
