"""Asking again: which failures are worth it, and how long to wait before."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.llm.ask import Answer, refused
from codeanatomy.workflow.llm.clients import openai_library

if TYPE_CHECKING:
    from collections.abc import Callable

_SERVER_FAILED = range(500, 600)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to ask again, after `base_delay` seconds, doubled up to `max_delay`."""

    max_retries: int = 0
    base_delay: float = 1.0
    max_delay: float = 60.0

    def delay(self, attempt: int, told: float | None = None) -> float:
        """Return the wait after attempt `attempt` (from 0), the server's own wish first."""
        wanted = self.base_delay * 2**attempt if told is None else told
        return min(wanted, self.max_delay)


def ask_once(send: Callable[[], Answer], *, litellm: bool) -> Answer:
    """Ask; if the provider says when to come back, come back then, once."""
    try:
        return send()
    except Exception as error:
        told = retry_after(error)
        if told is None or not (litellm or _is(error, "RateLimitError")):
            raise
        time.sleep(told)
        return send()


def ask_again(send: Callable[[], Answer], patience: Patience, *, litellm: bool) -> Answer:
    """Ask until it works or patience ends; the answer says how many attempts and seconds."""
    waited, last = 0.0, ""
    for attempt in range(patience.max_retries + 1):
        try:
            found = send()
        except Exception as error:  # noqa: BLE001 - each kind is answered, none is hidden
            last = str(error)
            if not litellm and (final := _hopeless(error, attempt + 1)):
                return final
            told = retry_after(error) if litellm or _is(error, "RateLimitError") else None
            if attempt < patience.max_retries:
                delay = patience.delay(attempt, told)
                time.sleep(delay)
                waited += delay
        else:
            return {**found, "attempts": attempt + 1, "total_delay": waited}
    return refused(
        f"Max retries ({patience.max_retries}) exceeded. Last error: {last}",
        attempts=patience.max_retries + 1,
        total_delay=waited,
    )


def retry_after(error: BaseException) -> float | None:
    """Return the seconds that a response's `Retry-After` asks for (RFC 9110, 10.2.3)."""
    headers: Any = getattr(getattr(error, "response", None), "headers", None)
    told = headers.get("Retry-After") if hasattr(headers, "get") else None
    if not isinstance(told, str | int | float):
        return None
    try:
        return max(0.0, float(told))
    except ValueError:
        return _until(str(told))


def _until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def _hopeless(error: Exception, attempts: int) -> Answer | None:
    if _is(error, "RateLimitError", "APIConnectionError", "APITimeoutError"):
        return None
    if not _is(error, "APIError"):
        return refused(f"Unexpected error: {error}", attempts=attempts)
    status: Any = getattr(error, "status_code", None)
    if isinstance(status, int) and status in _SERVER_FAILED:
        return None
    text = f"LLM API error (non-retryable): {error}"
    return refused(text, attempts=attempts, status_code=status)


def _is(error: BaseException, *names: str) -> bool:
    library = openai_library()
    kinds = [getattr(library, name, None) for name in names]
    return any(isinstance(kind, type) and isinstance(error, kind) for kind in kinds)
