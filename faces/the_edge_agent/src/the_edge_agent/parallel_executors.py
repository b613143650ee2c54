"""Executors of branches, by the name of their strategy."""

from __future__ import annotations

from codeanatomy.workflow.parallel.elsewhere import PickleValidationError
from codeanatomy.workflow.parallel.executors import (
    ExecutorResult,
    FlowTask,
    ParallelExecutor,
    ProcessExecutor,
    RemoteExecutor,
    ThreadExecutor,
    available_strategies,
    get_executor,
    register_executor,
)

__all__ = [
    "ExecutorResult",
    "FlowTask",
    "ParallelExecutor",
    "PickleValidationError",
    "ProcessExecutor",
    "RemoteExecutor",
    "ThreadExecutor",
    "available_strategies",
    "get_executor",
    "register_executor",
]
