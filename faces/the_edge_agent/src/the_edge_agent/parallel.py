"""Branches: how they run, what becomes of them, who hears of it."""

from __future__ import annotations

from codeanatomy.workflow.compat.callbacks import (
    CallbackManager,
    ParallelFlowCallback,
    ParallelFlowContext,
)
from codeanatomy.workflow.compat.retry import RetryPolicy
from codeanatomy.workflow.parallel.cancel import CancellationToken
from codeanatomy.workflow.parallel.circuit import (
    CircuitBreaker,
    CircuitBreakerConfig,
    CircuitBreakerRegistry,
    CircuitOpenError,
    CircuitState,
)
from codeanatomy.workflow.parallel.config import ParallelConfig
from codeanatomy.workflow.parallel.result import ParallelFlowResult
from codeanatomy.workflow.parallel.retry import RetryExhaustedError

__all__ = [
    "CallbackManager",
    "CancellationToken",
    "CircuitBreaker",
    "CircuitBreakerConfig",
    "CircuitBreakerRegistry",
    "CircuitOpenError",
    "CircuitState",
    "ParallelConfig",
    "ParallelFlowCallback",
    "ParallelFlowContext",
    "ParallelFlowResult",
    "RetryExhaustedError",
    "RetryPolicy",
]
