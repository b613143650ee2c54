"""Remembering what an action answered, in the long-term memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions import _cache, _calls
from codeanatomy.workflow.actions._results import Failed, Result, err, ok

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""

    def wrap(
        state: State,
        action: str,
        args: State | None,
        key: str | None = None,
        key_strategy: str = "args",
        key_source: str | None = None,
        ttl_days: float | None = None,
        ttl_hours: float | None = None,
        ttl_seconds: float | None = None,
        skip_cache: bool = False,
        cache_enabled: bool = True,
        cleanup_probability: float = 0.05,
        cleanup_limit: int = 5,
        key_prefix: bool = True,
        **_: object,
    ) -> Result:
        """Return the remembered answer, or call the action and remember what it says."""
        called = _calls.lookup(host, action)
        if called is None:
            return err(f"Action '{action}' not found in registry", "action_not_found")
        given = args or {}
        try:
            name = _key(host, action, key, (key_strategy, given, key_source), prefixed=key_prefix)
        except (Failed, OSError) as error:
            return err(f"Cannot make a key: {error}", "action_error")
        memory = host.ltm_backend if cache_enabled else None
        if memory is not None and not skip_cache:
            hit = _cache.read(memory, name)
            if hit is not None and not hit.expired:
                return _hit(hit)
        answer = _call(called, state, given, name)
        if memory is not None and answer["success"]:
            seconds = _cache.life(ttl_days, ttl_hours, ttl_seconds)
            _cache.write(memory, name, action, answer["result"], seconds)
            _cache.sweep(memory, cleanup_probability, cleanup_limit)
        return answer

    def get(state: State, key: str, include_metadata: bool = False, **_: object) -> Result:
        """Return a remembered answer; one whose life is over is not found."""
        return _with_memory(host, key, lambda memory: _get(memory, key, include_metadata))

    def invalidate(
        state: State,
        key: str | None = None,
        pattern: str | None = None,
        metadata_filter: State | None = None,
        **_: object,
    ) -> Result:
        """Forget one answer, or all that match a pattern or metadata."""
        return _with_memory(
            host,
            key or pattern or metadata_filter,
            lambda memory: _drop(memory, key, pattern, metadata_filter),
        )

    return {"cache.wrap": wrap, "cache.get": get, "cache.invalidate": invalidate}


def _key(
    host: Host,
    action: str,
    key: str | None,
    source: tuple[str, State, str | None],
    *,
    prefixed: bool,
) -> str:
    if key is not None:
        return _cache.full_key(host, "", str(key), prefixed=prefixed)
    strategy, args, name = source
    return _cache.full_key(host, action, _cache.digest(host, strategy, args, name), prefixed=True)


def _hit(entry: _cache.Entry) -> Result:
    created = entry.metadata.get("_cache_created_at")
    return ok(result=entry.value, _cache_hit=True, _cache_key=entry.key, _cache_created_at=created)


def _call(called: Callable[..., Any], state: State, args: State, key: str) -> Result:
    missed = {"_cache_hit": False, "_cache_key": key}
    try:
        result = _calls.call(called, state, **args)
    except Exception as error:
        return err(str(error), "action_error", **missed)
    worked = result.get("success", True) if isinstance(result, dict) else True
    return {"success": bool(worked), "result": result, **missed}


def _with_memory(host: Host, wanted: object, work: Callable[[Any], Result]) -> Result:
    if not wanted:
        return err("Key is required", "validation_error")
    if host.ltm_backend is None:
        return err("No long-term memory is configured", "configuration_error")
    try:
        return work(host.ltm_backend)
    except Exception as error:
        return err(str(error), "ltm_error")


def _get(memory: Any, key: str, include_metadata: bool) -> Result:
    entry = _cache.read(memory, _cache.with_prefix(str(key)))
    if entry is None:
        answer = ok(found=False, value=None, expired=False)
        return {**answer, "metadata": None} if include_metadata else answer
    live = not entry.expired
    answer = ok(found=live, value=entry.value if live else None, expired=not live)
    return {**answer, "metadata": entry.metadata} if include_metadata else answer


def _drop(memory: Any, key: str | None, pattern: str | None, metadata: State | None) -> Result:
    names = [_cache.with_prefix(str(key))] if key else _cache.matching(memory, pattern, metadata)
    dropped = [name for name in names if memory.delete(name).get("deleted")]
    return ok(deleted_count=len(dropped), deleted_keys=dropped)
