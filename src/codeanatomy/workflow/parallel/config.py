"""How the branches of a fan-out run: limits of time, failures, retries, strategy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codeanatomy.workflow.parallel.circuit import CircuitBreakerConfig
    from codeanatomy.workflow.parallel.retry import Retry


@dataclass
class ParallelConfig:
    """Declared at an edge, at compile or in the constructor of a graph; the nearest one counts.

    `timeout_seconds` is for each branch, `timeout_total` for all of them together. With
    `fail_fast` the first failure ends the run at once, without waiting for the other branches.
    """

    timeout_seconds: float | None = None
    timeout_total: float | None = None
    fail_fast: bool = False
    retry_policy: Retry | None = None
    circuit_breaker: CircuitBreakerConfig | None = None
    include_traceback: bool = False
    strategy: str = "thread"
    max_workers: int | None = None
    remote_config: Any | None = None
