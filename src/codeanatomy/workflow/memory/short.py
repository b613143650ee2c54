"""Short-term memory: values under a key and a namespace, each for a time if asked; not a file."""

# ruff: noqa: ANN401 - a value is whatever a person remembers

from __future__ import annotations

import threading
import time
from typing import Any, NamedTuple, Protocol, runtime_checkable

VERSION = "1.0"


@runtime_checkable
class MemoryBackend(Protocol):
    """What an engine needs of its short-term memory."""

    def store(
        self, key: str, value: Any, ttl: float | None = None, namespace: str = "default"
    ) -> bool:
        """Keep `value` for `ttl` seconds, or for good."""

    def retrieve(self, key: str, namespace: str = "default") -> Any | None:
        """Return the value, or None when there is none or its time is over."""

    def delete(self, key: str, namespace: str = "default") -> bool:
        """Forget a key; say whether it was there."""

    def exists(self, key: str, namespace: str = "default") -> bool:
        """Say whether the key is there and alive."""

    def clear(self, namespace: str | None = None) -> int:
        """Forget a namespace, or everything; return how many keys went."""

    def get_state(self) -> dict[str, Any]:
        """Return all that lives, as data to put into a checkpoint."""

    def restore_state(self, state: dict[str, Any]) -> None:
        """Replace everything by what `get_state` returned."""


class _Entry(NamedTuple):
    value: Any
    expires: float | None  # on the monotonic clock
    stored_at: float  # seconds since the epoch


class InMemoryBackend:
    """Short-term memory in this process, safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._spaces: dict[str, dict[str, _Entry]] = {}

    def store(
        self, key: str, value: Any, ttl: float | None = None, namespace: str = "default"
    ) -> bool:
        """Keep `value` for `ttl` seconds, or for good."""
        expires = None if ttl is None else time.monotonic() + ttl
        with self._lock:
            self._spaces.setdefault(namespace, {})[key] = _Entry(value, expires, time.time())
        return True

    def retrieve(self, key: str, namespace: str = "default") -> Any | None:
        """Return the value, or None when there is none or its time is over."""
        with self._lock:
            entry = self._live(key, namespace)
        return None if entry is None else entry.value

    def delete(self, key: str, namespace: str = "default") -> bool:
        """Forget a key; say whether it was there."""
        with self._lock:
            if self._live(key, namespace) is None:
                return False
            del self._spaces[namespace][key]
        return True

    def exists(self, key: str, namespace: str = "default") -> bool:
        """Say whether the key is there and alive."""
        with self._lock:
            return self._live(key, namespace) is not None

    def clear(self, namespace: str | None = None) -> int:
        """Forget a namespace, or everything; return how many living keys went."""
        with self._lock:
            self._sweep()
            names = list(self._spaces) if namespace is None else [namespace]
            return sum(len(self._spaces.pop(name, {})) for name in names)

    def get_state(self) -> dict[str, Any]:
        """Return all that lives, each value with the seconds it has left."""
        now = time.monotonic()
        with self._lock:
            self._sweep()
            spaces = {
                name: {key: _shown(entry, now) for key, entry in entries.items()}
                for name, entries in self._spaces.items()
            }
        return {"version": VERSION, "namespaces": spaces}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Replace everything by what `get_state` returned; another version changes nothing."""
        if state.get("version") != VERSION:
            return
        now = time.monotonic()
        spaces = {
            name: {key: _entry(shown, now) for key, shown in entries.items()}
            for name, entries in state.get("namespaces", {}).items()
        }
        with self._lock:
            self._spaces = spaces

    def _live(self, key: str, namespace: str) -> _Entry | None:
        entry = self._spaces.get(namespace, {}).get(key)
        if entry is None or not _over(entry, time.monotonic()):
            return entry
        del self._spaces[namespace][key]
        return None

    def _sweep(self) -> None:
        now = time.monotonic()
        kept = {
            name: {key: entry for key, entry in entries.items() if not _over(entry, now)}
            for name, entries in self._spaces.items()
        }
        self._spaces = {name: entries for name, entries in kept.items() if entries}


def _over(entry: _Entry, now: float) -> bool:
    return entry.expires is not None and now >= entry.expires


def _shown(entry: _Entry, now: float) -> dict[str, Any]:
    left = None if entry.expires is None else entry.expires - now
    return {"value": entry.value, "remaining_ttl": left, "stored_at": entry.stored_at}


def _entry(shown: dict[str, Any], now: float) -> _Entry:
    left = shown.get("remaining_ttl")
    expires = None if left is None else now + left
    return _Entry(shown.get("value"), expires, shown.get("stored_at", time.time()))
