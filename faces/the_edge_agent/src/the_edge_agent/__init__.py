"""The names of the `the_edge_agent` API, on the engine of CodeAnatomy."""

from __future__ import annotations

from typing import Any

_HOMES: dict[str, str] = {
    "analyze_graph": "codeanatomy.workflow.dot.analyze",
    "AsyncFileExporter": "codeanatomy.workflow.trace.async_file",
    "available_strategies": "codeanatomy.workflow.parallel.executors",
    "CallbackExporter": "codeanatomy.workflow.trace.exporters",
    "CallbackHandler": "codeanatomy.workflow.compat.tracing",
    "CallbackManager": "codeanatomy.workflow.compat.callbacks",
    "CancellationToken": "codeanatomy.workflow.parallel.cancel",
    "CircuitBreaker": "codeanatomy.workflow.parallel.circuit",
    "CircuitBreakerConfig": "codeanatomy.workflow.parallel.circuit",
    "CircuitBreakerRegistry": "codeanatomy.workflow.parallel.circuit",
    "CircuitOpenError": "codeanatomy.workflow.parallel.circuit",
    "CircuitState": "codeanatomy.workflow.parallel.circuit",
    "ConsoleExporter": "codeanatomy.workflow.trace.exporters",
    "ConsoleHandler": "codeanatomy.workflow.compat.tracing",
    "dot_to_stategraph": "codeanatomy.workflow.dot.flow",
    "dot_to_yaml": "codeanatomy.workflow.dot.to_yaml",
    "effect": "codeanatomy.workflow.journal.effects",
    "END": "codeanatomy.workflow.names",
    "EventStream": "codeanatomy.workflow.trace.events",
    "EventStreamHandler": "codeanatomy.workflow.compat.tracing",
    "ExecutorResult": "codeanatomy.workflow.parallel.executors",
    "FileExporter": "codeanatomy.workflow.trace.exporters",
    "FileHandler": "codeanatomy.workflow.compat.tracing",
    "FlowTask": "codeanatomy.workflow.parallel.executors",
    "get_executor": "codeanatomy.workflow.parallel.executors",
    "HTTPResponse": "codeanatomy.workflow.response",
    "idempotency_key": "codeanatomy.workflow.journal.effects",
    "InMemoryBackend": "codeanatomy.workflow.memory",
    "LLM_PAYLOAD_KEY": "codeanatomy.workflow.trace.payload",
    "LlmPayloadFileExporter": "codeanatomy.workflow.trace.payload",
    "LlmPayloadSpan": "codeanatomy.workflow.trace.payload",
    "LongTermMemoryBackend": "codeanatomy.workflow.memory",
    "LTMTransaction": "codeanatomy.workflow.memory",
    "MemoryBackend": "codeanatomy.workflow.memory",
    "MemoryCheckpointer": "codeanatomy.workflow.checkpoint",
    "ObservabilityContext": "codeanatomy.workflow.compat.tracing",
    "open_journal": "codeanatomy.workflow.journal.open",
    "OpenTelemetryExporter": "codeanatomy.workflow.trace.otel",
    "ParallelConfig": "codeanatomy.workflow.parallel.config",
    "ParallelExecutor": "codeanatomy.workflow.parallel.executors",
    "ParallelFlowCallback": "codeanatomy.workflow.compat.callbacks",
    "ParallelFlowContext": "codeanatomy.workflow.compat.callbacks",
    "ParallelFlowResult": "codeanatomy.workflow.parallel.result",
    "parse_dot": "codeanatomy.workflow.dot.parse",
    "parse_dot_string": "codeanatomy.workflow.dot.parse",
    "PickleValidationError": "codeanatomy.workflow.parallel.elsewhere",
    "PII_WARNING_HEADER": "codeanatomy.workflow.trace.payload",
    "ProcessExecutor": "codeanatomy.workflow.parallel.executors",
    "register": "codeanatomy.workflow.state",
    "register_executor": "codeanatomy.workflow.parallel.executors",
    "RemoteExecutor": "codeanatomy.workflow.parallel.executors",
    "replace_binary_payloads": "codeanatomy.workflow.trace.payload",
    "RetryExhaustedError": "codeanatomy.workflow.parallel.retry",
    "RetryPolicy": "codeanatomy.workflow.compat.retry",
    "run_dot": "codeanatomy.workflow.dot.flow",
    "SQLiteBackend": "codeanatomy.workflow.memory",
    "START": "codeanatomy.workflow.names",
    "StateGraph": "codeanatomy.workflow.graph",
    "ThreadExecutor": "codeanatomy.workflow.parallel.executors",
    "TraceContext": "codeanatomy.workflow.compat.tracing",
    "TraceExporter": "codeanatomy.workflow.trace.exporters",
    "YAMLEngine": "codeanatomy.workflow.yaml_engine.engine",
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
