"""Agents as state graphs, written in Python or YAML, on a journal that survives a crash."""

from __future__ import annotations

from typing import Any

# public name -> the module that holds it, below this package
_HOMES: dict[str, str] = {
    "CallbackManager": "compat.callbacks",
    "CancellationToken": "parallel.cancel",
    "CircuitBreaker": "parallel.circuit",
    "CircuitBreakerConfig": "parallel.circuit",
    "CircuitBreakerRegistry": "parallel.circuit",
    "CircuitOpenError": "parallel.circuit",
    "CircuitState": "parallel.circuit",
    "ExecutorResult": "parallel.executors",
    "FlowTask": "parallel.executors",
    "ParallelConfig": "parallel.config",
    "ParallelExecutor": "parallel.executors",
    "ParallelFlowCallback": "compat.callbacks",
    "ParallelFlowContext": "compat.callbacks",
    "ParallelFlowResult": "parallel.result",
    "PickleValidationError": "parallel.elsewhere",
    "ProcessExecutor": "parallel.executors",
    "RemoteExecutor": "parallel.executors",
    "RetryExhaustedError": "parallel.retry",
    "RetryPolicy": "compat.retry",
    "ThreadExecutor": "parallel.executors",
    "available_strategies": "parallel.executors",
    "get_executor": "parallel.executors",
    "register_executor": "parallel.executors",
    "StateGraph": "graph",
    "YAMLEngine": "yaml_engine.engine",
    "HTTPResponse": "response",
    "Journal": "journal.base",
    "open_journal": "journal.open",
    "effect": "journal.effects",
    "perform": "journal.effects",
    "idempotency_key": "journal.effects",
    "register": "state",
    "Secrets": "secrecy",
    "ThreadBusyError": "errors",
    "MemoryCheckpointer": "checkpoint",
    "FileCheckpointer": "checkpoint",
    "convert_checkpoint": "checkpoint",
    "TraceContext": "compat.tracing",
    "ObservabilityContext": "compat.tracing",
    "CallbackHandler": "compat.tracing",
    "ConsoleHandler": "compat.tracing",
    "EventStreamHandler": "compat.tracing",
    "FileHandler": "compat.tracing",
    "EventStream": "trace.events",
    "TraceExporter": "trace.exporters",
    "ConsoleExporter": "trace.exporters",
    "FileExporter": "trace.exporters",
    "CallbackExporter": "trace.exporters",
    "LlmPayloadFileExporter": "trace.payload",
    "AsyncFileExporter": "trace.async_file",
    "OpenTelemetryExporter": "trace.otel",
    "parse_dot": "dot.parse",
    "parse_dot_string": "dot.parse",
    "analyze_graph": "dot.analyze",
    "dot_to_stategraph": "dot.flow",
    "run_dot": "dot.flow",
    "dot_to_yaml": "dot.to_yaml",
    "keep_secret": "redact",
    "END": "names",
    "START": "names",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - the homes are the one list


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the public name stands for
    """Load a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when a name is asked for

    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
