"""Keeping what a conversation knows between two runs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]
_LOG = logging.getLogger("the_edge_agent.actions.session_persistence")
_NONE = "No session backend configured"
_NO_ID = "session_id is required"


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""

    def load(
        state: State, session_id: str | None = None, default: State | None = None, **_: object
    ) -> State:
        """Return the data of a session itself, or the default."""
        backend, name = host.session_backend, session_id or state.get("session_id")
        if backend is None:
            _LOG.warning(_NONE)
        try:
            found = backend.load(name) if backend is not None and name else None
        except Exception as error:
            _LOG.warning("Session %s cannot be loaded: %s", name, error)
            found = None
        return (default or {}) if found is None else found

    def save(
        state: State,
        session_id: str | None = None,
        fields: list[str] | None = None,
        ttl: float | None = None,
        **_: object,
    ) -> State:
        """Keep the fields of the state, or all that do not begin with an underscore."""
        backend, name = host.session_backend, session_id or state.get("session_id")
        if backend is None or not name:
            return {"success": False, "error": _NONE if backend is None else _NO_ID}
        try:
            backend.save(name, _kept(host, state, fields), ttl)
        except Exception as error:
            return {"success": False, "error": str(error)}
        return {"success": True, "session_id": name}

    def delete(state: State, session_id: str | None = None, **_: object) -> State:
        """Forget a session."""
        return _told(host, state, session_id, "success", lambda kept, name: kept.delete(name))

    def exists(state: State, session_id: str | None = None, **_: object) -> State:
        """Tell whether something is kept of a session."""
        return _told(host, state, session_id, "exists", lambda kept, name: kept.exists(name))

    return {
        "session.load": load,
        "session.save": save,
        "session.delete": delete,
        "session.exists": exists,
    }


def _told(
    host: Host,
    state: State,
    session_id: str | None,
    key: str,
    ask: Callable[[Any, str], object],
) -> State:
    backend, name = host.session_backend, session_id or state.get("session_id")
    if backend is None or not name:
        return {key: False, "error": _NONE if backend is None else _NO_ID}
    try:
        return {key: bool(ask(backend, name))}
    except Exception as error:
        return {key: False, "error": str(error)}


def _kept(host: Host, state: State, fields: list[str] | None) -> State:
    declared = host.settings.get("persist_fields") or _declared(host)
    names = fields or declared
    if names:
        return {name: state[name] for name in names if name in state}
    return {name: value for name, value in state.items() if not name.startswith("_")}


def _declared(host: Host) -> list[str] | None:
    session = host.settings.get("session")
    return session.get("persist_fields") if isinstance(session, dict) else None
