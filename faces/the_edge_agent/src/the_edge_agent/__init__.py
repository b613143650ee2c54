"""The names of the `the_edge_agent` API, on the engine of CodeAnatomy."""

from __future__ import annotations

from typing import Any

_HOMES: dict[str, str] = {
    "CallbackManager": "codeanatomy.workflow.compat.callbacks",
    "CancellationToken": "codeanatomy.workflow.parallel.cancel",
    "CircuitBreaker": "codeanatomy.workflow.parallel.circuit",
    "CircuitBreakerConfig": "codeanatomy.workflow.parallel.circuit",
    "CircuitBreakerRegistry": "codeanatomy.workflow.parallel.circuit",
    "CircuitOpenError": "codeanatomy.workflow.parallel.circuit",
    "CircuitState": "codeanatomy.workflow.parallel.circuit",
    "ExecutorResult": "codeanatomy.workflow.parallel.executors",
    "FlowTask": "codeanatomy.workflow.parallel.executors",
    "ParallelConfig": "codeanatomy.workflow.parallel.config",
    "ParallelExecutor": "codeanatomy.workflow.parallel.executors",
    "ParallelFlowCallback": "codeanatomy.workflow.compat.callbacks",
    "ParallelFlowContext": "codeanatomy.workflow.compat.callbacks",
    "ParallelFlowResult": "codeanatomy.workflow.parallel.result",
    "PickleValidationError": "codeanatomy.workflow.parallel.elsewhere",
    "ProcessExecutor": "codeanatomy.workflow.parallel.executors",
    "RemoteExecutor": "codeanatomy.workflow.parallel.executors",
    "RetryExhaustedError": "codeanatomy.workflow.parallel.retry",
    "RetryPolicy": "codeanatomy.workflow.compat.retry",
    "ThreadExecutor": "codeanatomy.workflow.parallel.executors",
    "available_strategies": "codeanatomy.workflow.parallel.executors",
    "get_executor": "codeanatomy.workflow.parallel.executors",
    "register_executor": "codeanatomy.workflow.parallel.executors",
    "SQLiteBackend": "codeanatomy.workflow.memory",
    "StateGraph": "codeanatomy.workflow.graph",
    "YAMLEngine": "codeanatomy.workflow.yaml_engine.engine",
    "HTTPResponse": "codeanatomy.workflow.response",
    "MemoryCheckpointer": "codeanatomy.workflow.checkpoint",
    "effect": "codeanatomy.workflow.journal.effects",
    "idempotency_key": "codeanatomy.workflow.journal.effects",
    "open_journal": "codeanatomy.workflow.journal.open",
    "register": "codeanatomy.workflow.state",
    "END": "codeanatomy.workflow.names",
    "START": "codeanatomy.workflow.names",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - the homes are the one list


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the public name stands for
    """Load a public name when it is first asked for."""
    if name == "__version__":
        from importlib import metadata  # noqa: PLC0415 - reads files, and is rarely asked

        return metadata.version("codeanatomy")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when a name is asked for

    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
