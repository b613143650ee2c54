"""Reading a secret of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""

    def get(state: dict[str, Any], key: str, default: Any = None, **_: object) -> dict[str, Any]:
        """Return a secret from the configured backend, or from those the engine was given."""
        return {"value": _source(host).get(key, default)}

    def has(state: dict[str, Any], key: str, **_: object) -> dict[str, Any]:
        """Tell whether there is a secret of that name."""
        backend = host.secrets_backend
        return {"exists": bool(backend.has(key) if backend is not None else key in host.secrets)}

    return {"secrets.get": get, "secrets.has": has}


def _source(host: Host) -> Any:
    return host.secrets if host.secrets_backend is None else host.secrets_backend
