"""What a conversation knows between two runs: kept under its id, in any long-term memory."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.yaml_engine.settings import without

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.workflow.memory.long import LongTermMemoryBackend

    State = dict[str, Any]

_NOT_STORE = ("auto_save", "persist_fields", "ttl", "enabled", "auto_load", "session_id")
_PREFIX = "session:"


class Sessions:
    """Sessions in a long-term memory; one with a `ttl` (seconds) is gone after it."""

    def __init__(self, memory: LongTermMemoryBackend, ttl: float | None = None) -> None:
        self._memory = memory
        self._ttl = ttl

    def load(self, session_id: str) -> State | None:
        """Return what is known of a session; None when nothing is."""
        found = self._memory.retrieve(_key(session_id))
        record = found.get("value") if found.get("found") else None
        if not isinstance(record, dict):
            return None
        expires = record.get("expires_at")
        if expires is not None and time.time() >= expires:
            self.delete(session_id)
            return None
        data: State = record["data"]
        return data

    def save(self, session_id: str, data: Mapping[str, Any], ttl: float | None = None) -> None:
        """Keep what is known of a session in place of what was."""
        seconds = self._ttl if ttl is None else ttl
        expires = None if seconds is None else time.time() + seconds
        stored = self._memory.store(_key(session_id), {"data": dict(data), "expires_at": expires})
        if not stored.get("success"):
            raise RuntimeError(str(stored.get("error")))

    def delete(self, session_id: str) -> bool:
        """Forget a session; tell whether there was one."""
        return bool(self._memory.delete(_key(session_id)).get("deleted"))

    def exists(self, session_id: str) -> bool:
        """Tell whether something is known of a session."""
        return self.load(session_id) is not None

    def close(self) -> None:
        """Close the memory behind."""
        self._memory.close()


def _key(session_id: object) -> str:
    return f"{_PREFIX}{session_id}"  # a number is a session as well


def open_sessions(settings: Mapping[str, Any]) -> Sessions:
    """Open the sessions that `settings.session` describes; in memory when it names no backend."""
    from codeanatomy.workflow.memory.backends import (  # noqa: PLC0415 - only files with sessions
        create_ltm_backend,
        parse_backend_config,
    )

    options = without(settings, _NOT_STORE)
    if options.get("backend", options.get("type", "memory")) == "memory":
        options = {"backend": "sqlite", "path": ":memory:"}
    kind, given = parse_backend_config(options)
    return Sessions(create_ltm_backend(kind, **given), settings.get("ttl"))


def kept_fields(settings: Mapping[str, Any], state: State) -> State:
    """Return what of a state belongs to its session: the declared fields, or all public ones."""
    declared = settings.get("persist_fields")
    if declared:
        return {name: state[name] for name in declared if name in state}
    return {name: value for name, value in state.items() if not name.startswith("_")}
