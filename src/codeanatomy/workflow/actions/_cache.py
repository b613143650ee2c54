"""Results of actions in the long-term memory: keys, lives, finding and dropping them."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.workflow.actions import _paths
from codeanatomy.workflow.actions._results import Failed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.workflow.host import Host

State = dict[str, Any]

_LIFE = 60 * 86400.0  # seconds an entry lives when nothing is said
_DAY, _HOUR = 86400.0, 3600.0
_PATHS = ("path", "file_path", "file", "source")  # arguments that may name a file


class Entry(NamedTuple):
    """What is stored under a key."""

    key: str
    value: Any
    metadata: State

    @property
    def expired(self) -> bool:
        """Tell whether its life is over."""
        until = _moment(self.metadata.get("_cache_expires_at"))
        return until is not None and until <= time.time()


def full_key(host: Host, action: str, name: str, *, prefixed: bool) -> str:
    """Return the key of a given name, or with an empty `name` that of the action's results."""
    agent = host.settings.get("name") or host.name or "unknown_agent"
    if not prefixed:
        return with_prefix(name)
    return f"cache:{agent}:{name}" if not action else f"cache:{agent}:{action}:{name}"


def with_prefix(key: str) -> str:
    """Return a key as it is stored."""
    return key if key.startswith("cache:") else f"cache:{key}"


def digest(host: Host, strategy: str, args: State, source: str | None) -> str:
    """Return the hash that tells these arguments from others; raises Failed."""
    if strategy == "file_content":
        place = _paths.find(host, _file(args, source))
        return hashlib.sha256(place.fs.cat_file(place.path)).hexdigest()
    picked = args.get(source) if source is not None else args
    if strategy == "sha256" and isinstance(picked, bytes):
        return hashlib.sha256(picked).hexdigest()
    text = picked if isinstance(picked, str) else json.dumps(picked, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def life(days: float | None, hours: float | None, seconds: float | None) -> float:
    """Return the seconds an entry lives: what is given in seconds, else hours, else days."""
    if seconds is not None:
        return float(seconds)
    if hours is not None:
        return float(hours) * _HOUR
    return _LIFE if days is None else float(days) * _DAY


def read(memory: Any, key: str) -> Entry | None:
    """Return what is stored under a key; a memory that fails holds nothing."""
    try:
        found = memory.retrieve(key)
    except Exception:
        return None
    if not isinstance(found, dict) or not found.get("success") or not found.get("found"):
        return None
    held = found.get("value")
    value = held.get("result") if isinstance(held, dict) and "result" in held else held
    return Entry(key, value, found.get("metadata") or {})


def write(memory: Any, key: str, action: str, result: Any, seconds: float) -> None:
    """Store a result; a memory that fails stores nothing."""
    now = time.time()
    metadata = {
        "_cache_type": "action_result",
        "_cache_action": action,
        "_cache_key": key,
        "_cache_created_at": _written(now),
        "_cache_expires_at": _written(now + seconds),
    }
    try:
        memory.store(key, {"result": result}, metadata=metadata)
    except Exception:
        return


def sweep(memory: Any, probability: float, limit: int) -> None:
    """Now and then drop entries whose life is over, at most `limit` of them."""
    import random

    if random.random() >= probability:  # noqa: S311 - chance that guards nothing
        return
    try:
        dead = [entry.key for entry in entries(memory) if entry.expired]
        for key in dead[:limit]:
            memory.delete(key)
    except Exception:
        return


def entries(memory: Any) -> Iterator[Entry]:
    """Walk the cached results of a memory."""
    for found in memory.iterate_all():
        metadata = found.metadata or {}
        if metadata.get("_cache_type") == "action_result":
            yield Entry(found.key, found.value, metadata)


def matching(memory: Any, pattern: str | None, metadata: State | None) -> list[str]:
    """Return the keys that match a pattern with `*`, or metadata, or both."""
    return [
        entry.key
        for entry in entries(memory)
        if (pattern is None or fnmatch.fnmatchcase(entry.key, with_prefix(pattern)))
        and all(entry.metadata.get(name) == value for name, value in (metadata or {}).items())
    ]


def _written(moment: float) -> str:
    """Return a moment in ISO 8601; one after the year 9999 is the end of that year."""
    try:
        return datetime.fromtimestamp(moment, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC).isoformat()


def _moment(written: Any) -> float | None:
    """Return seconds since 1970 of what metadata hold: a text in ISO 8601, or seconds."""
    if isinstance(written, int | float):
        return float(written)
    try:
        found = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _file(args: State, source: str | None) -> object:
    for name in (source,) if source else _PATHS:
        if args.get(name):
            return args[name]
    raise Failed("key_strategy 'file_content' needs an argument that names a file")
