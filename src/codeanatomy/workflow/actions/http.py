"""Asking an HTTP service that answers in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.journal.effects import idempotency_key

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""
    return {"http.get": get, "http.post": post}


def get(state: dict[str, Any], url: str, headers: dict[str, str] | None = None, **_: object) -> Any:
    """Return the JSON at `url`; an HTTP failure is raised."""
    import requests

    answer = requests.get(url, headers=_told(headers))  # noqa: S113 - the call is an interface
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

    answer = requests.post(url, json=json, headers=_told(headers))  # noqa: S113 - as above
    answer.raise_for_status()
    return answer.json()


def _told(headers: dict[str, str] | None) -> dict[str, str]:
    """Return the headers; in a journaled run, with the key of the effect where none is given."""
    key, given = idempotency_key(), headers or {}
    if key is None or any(str(name).lower() == KEY.lower() for name in given):
        return given
    return {KEY: key, **given}


KEY = "Idempotency-Key"
