"""Trying a branch again: after which failures, how often, and how long in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from codeanatomy.kernel.errors import AnatomyError


@dataclass
class Retry:
    """Up to `max_retries` further attempts; delays (seconds) grow up to `max_delay`."""

    max_retries: int = 0
    base_delay: float = 1.0
    max_delay: float = 60.0
    backoff_multiplier: float = 2.0
    retry_on: set[type[Exception]] | None = None
    max_stored_errors: int = 5

    def should_retry(self, exception: BaseException, attempt: int) -> bool:
        """Say whether attempt number `attempt` (from 0), which failed so, is followed by another.

        The failure of a node is a RuntimeError of the branch; `retry_on` may also name what the
        node itself raised.
        """
        if attempt >= self.max_retries:
            return False
        if self.retry_on is None:
            return True
        kinds = tuple(self.retry_on)
        return isinstance(exception, kinds) or isinstance(exception.__cause__, kinds)

    def get_delay(self, attempt: int) -> float:
        """Return the seconds to wait after attempt number `attempt` (from 0)."""
        try:
            delay = self.base_delay * self.backoff_multiplier**attempt
        except OverflowError:
            return self.max_delay
        return min(delay, self.max_delay)


class RetryExhaustedError(AnatomyError):
    """Every attempt of a branch failed."""

    code = "retry-exhausted"

    def __init__(self, branch: str, attempts: int, errors: list[dict[str, Any]]) -> None:
        super().__init__(
            f"All {attempts} retry attempts exhausted for branch '{branch}'",
            branch=branch,
            attempts=attempts,
        )
        self.branch = branch
        self.attempts = attempts
        self.errors = errors
