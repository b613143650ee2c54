"""Sessions of users: begun, ended, archived with their files, and brought back."""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions._results import Failed, Result, err, ok

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]

_COLLECTION = "sessions"
_LIVE, _ARCHIVED = "sessions", "archived-sessions"  # folders of files
_HOURS = 24.0


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""

    def action(work: Callable[..., Result]) -> Action:
        def call(state: State, *args: Any, **given: Any) -> Result:
            if args:
                given = {"session_id": args[0], **given}
            return _attempt(lambda: work(host, state, given))

        call.__doc__ = work.__doc__
        return call

    return {
        "session.create": action(_create),
        "session.end": action(_end),
        "session.archive": action(_archive),
        "session.restore": action(_restore),
        "session.get": action(_get),
        "session.list": action(_list),
        "session.archive_expired": action(_archive_expired),
    }


def _create(host: Host, state: State, given: State) -> Result:
    """Begin a session of a user."""
    store, user = _store(host), given.get("user_id")
    if not user:
        raise Failed("user_id is required")
    hours = _hours(given.get("ttl_hours"))
    now = datetime.now(UTC)
    name = f"sess_{uuid.uuid4().hex[:12]}"
    session = {
        "session_id": name,
        "user_id": user,
        "status": "active",
        "created_at": now.isoformat(),
        "expires_at": (now + timedelta(hours=hours)).isoformat(),
        "ttl_hours": hours,
        "metadata": given.get("metadata") or {},
    }
    store.put(_COLLECTION, name, session)
    return ok(session_id=name, expires_at=session["expires_at"], ttl_hours=hours)


def _end(host: Host, state: State, given: State) -> Result:
    """End a session: its files move to the archive."""
    return _put_away(host, _named(state, given), "ended", given.get("reason"))


def _archive(host: Host, state: State, given: State) -> Result:
    """Archive a session: its files move to the archive."""
    return _put_away(host, _named(state, given), "archived", given.get("reason"))


def _restore(host: Host, state: State, given: State) -> Result:
    """Bring an archived session back, with a new life."""
    store, name = _store(host), _named(state, given)
    session = _session(host, name)
    if session["status"] == "active":
        raise Failed(f"Session {name} is not archived")
    hours = _hours(given.get("new_ttl_hours"))
    until = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
    moved, errors = _move(host, name, _ARCHIVED, _LIVE)
    gone = {"archived_at", "archive_reason"}
    kept = {key: value for key, value in session.items() if key not in gone}
    store.put(
        _COLLECTION, name, {**kept, "status": "active", "expires_at": until, "ttl_hours": hours}
    )
    return ok(restored_files=moved, expires_at=until, errors=errors)


def _get(host: Host, state: State, given: State) -> Result:
    """Return what is known of a session."""
    return ok(session=_session(host, _named(state, given)))


def _list(host: Host, state: State, given: State) -> Result:
    """Return sessions, the newest first, of a user or a status."""
    wanted = {key: given[key] for key in ("user_id", "status") if given.get(key)}
    found = [session for _, session in _store(host).find(_COLLECTION, **wanted)]
    found.sort(key=lambda session: str(session["created_at"]), reverse=True)
    limit = given.get("limit")
    sessions = found[: 100 if limit is None else int(limit)]
    return ok(sessions=sessions, count=len(sessions))


def _archive_expired(host: Host, state: State, given: State) -> Result:
    """Archive the active sessions whose life is over."""
    now, archived, errors = datetime.now(UTC), 0, []
    for name, session in _store(host).find(_COLLECTION, status="active"):
        if datetime.fromisoformat(session["expires_at"]) > now:
            continue
        try:
            errors += _put_away(host, name, "archived", "expired")["errors"]
            archived += 1
        except (Failed, OSError) as error:
            errors.append(f"{name}: {error}")
    return ok(archived=archived, errors=errors)


def _put_away(host: Host, name: str, status: str, reason: object) -> Result:
    store, session = _store(host), _session(host, name)
    if session["status"] != "active":
        raise Failed(f"Session {name} already archived")
    moved, errors = _move(host, name, _LIVE, _ARCHIVED)
    now = datetime.now(UTC).isoformat()
    changes = {"status": status, "archived_at": now, "archive_reason": reason or status}
    store.put(_COLLECTION, name, {**session, **changes})
    return ok(archived_files=moved, errors=errors)


def _move(host: Host, name: str, source: str, target: str) -> tuple[int, list[str]]:
    blobs = host.blob_storage
    if blobs is None:
        return 0, []
    moved, errors = 0, []
    for file in blobs.names(f"{source}/{name}"):
        try:
            blobs.move(file, target + file.removeprefix(source))
            moved += 1
        except OSError as error:
            errors.append(f"{file}: {error}")
    return moved, errors


def _session(host: Host, name: str) -> State:
    found: State | None = _store(host).get(_COLLECTION, name)
    if found is None:
        raise Failed(f"Session {name} not found")
    return found


def _named(state: State, given: State) -> str:
    name = given.get("session_id") or state.get("session_id")
    if not name:
        raise Failed("session_id is required")
    return str(name)


def _hours(given: Any) -> float:
    hours = os.environ.get("SESSION_DEFAULT_TTL_HOURS", _HOURS) if given is None else given
    try:
        number = float(hours)
    except (TypeError, ValueError):
        number = 0.0
    if not 0 < number < float("inf"):
        raise Failed("ttl_hours must be positive")
    return int(number) if number.is_integer() else number


def _store(host: Host) -> Any:
    if host.metadata_store is None:
        raise Failed("No metadata store is configured", "configuration_error")
    return host.metadata_store


def _attempt(work: Callable[[], Result]) -> Result:
    try:
        return work()
    except Failed as failed:
        return failed.result
    except Exception as error:
        return err(str(error) or type(error).__name__)
