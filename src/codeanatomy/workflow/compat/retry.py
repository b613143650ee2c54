"""The name that the old API gives to how a branch is tried again."""

from __future__ import annotations

from dataclasses import dataclass

from codeanatomy.workflow.parallel.retry import Retry


@dataclass
class RetryPolicy(Retry):
    """Up to `max_retries` further attempts; delays (seconds) grow up to `max_delay`."""
