"""Calling an action no faster than a named limiter lets it."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions import _calls
from codeanatomy.workflow.actions._results import Result, err

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

_LOG = logging.getLogger("the_edge_agent.actions.ratelimit")
_MINUTE = 60.0  # seconds
_INTERVAL = 1.0  # seconds between calls when nothing else is said


def actions(host: Host) -> dict[str, Action]:
    """Return the action by its name."""

    def wrap(
        state: dict[str, Any],
        action: str,
        args: dict[str, Any] | None,
        limiter: str,
        rpm: float | None = None,
        rps: float | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> Result:
        """Wait for the limiter, then call the action; a wait beyond `timeout` is not begun."""
        called = _calls.lookup(host, action)
        if called is None:
            return _told(
                err(f"Action '{action}' not found in registry", "action_not_found"), limiter
            )
        limiters = host.parts.setdefault("ratelimit.limiters", Limiters())
        found = limiters.get(limiter, _preset(host, limiter), _interval(rpm, rps))
        waited = found.wait(timeout)
        if waited is None:
            told = f"Limiter '{limiter}' would wait longer than {timeout} seconds"
            return _told(err(told, "ratelimit_timeout"), limiter)
        try:
            result = _calls.call(called, state, **(args or {}))
        except Exception as error:
            return _told(err(str(error), "action_error"), limiter, waited)
        worked = result.get("success", True) if isinstance(result, dict) else True
        return _told({"success": worked, "result": result}, limiter, waited)

    return {"ratelimit.wrap": wrap}


class Limiters:
    """The limiters of one engine by name; the first who names one sets its interval."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Limiter] = {}

    def get(self, name: str, preset: float | None, asked: float | None) -> Limiter:
        """Return a limiter; an interval other than its own is told, and not taken."""
        with self._lock:
            found = self._known.get(name)
            if found is None:
                first = next((one for one in (preset, asked) if one is not None), _INTERVAL)
                found = self._known[name] = Limiter(first)
        if asked is not None and asked != found.interval:
            told = "Limiter '%s' keeps its interval of %s s; %s s was asked for"
            _LOG.warning(told, name, found.interval, asked)
        return found


class Limiter:
    """Gives out moments at least `interval` seconds apart."""

    def __init__(self, interval: float) -> None:
        self.interval = interval
        self._lock = threading.Lock()
        self._free = 0.0  # the next moment to give out

    def wait(self, timeout: float | None) -> float | None:
        """Sleep until the next moment; return the seconds, or None if they exceed `timeout`."""
        with self._lock:
            now = time.monotonic()
            moment = max(now, self._free)
            if timeout is not None and moment - now > timeout:
                return None
            self._free = moment + self.interval
        if moment > now:
            time.sleep(moment - now)
        return moment - now


def _preset(host: Host, name: str) -> float | None:
    declared = (host.settings.get("rate_limiters") or {}).get(name) or {}
    return _interval(declared.get("rpm"), declared.get("rps"))


def _interval(rpm: float | None, rps: float | None) -> float | None:
    if rps:
        return 1.0 / float(rps)
    return _MINUTE / float(rpm) if rpm else None


def _told(result: Result, limiter: str, waited: float = 0.0) -> Result:
    ms = round(waited * 1000, 3)
    return {**result, "_ratelimit_waited_ms": ms, "_ratelimit_limiter": limiter}
