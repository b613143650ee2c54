"""From the engine's and a file's wishes to the trace and the flow log that its nodes write."""

# ruff: noqa: ANN401 - exporters are of any type that takes a span

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import MissingPartError, SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.compat.tracing import ObservabilityContext, TraceContext

_COMPRESSIONS = ("none", "gzip")
_FORMATS = ("jsonl", "json")  # two names of one: an object a line
_OF_A_FILE = ("trace_exporter", "trace_file", "trace_llm_payload")


def open_trace(
    exporter: Any = None,
    file: str | None = None,
    callback: Callable[[dict[str, Any]], None] | None = None,
    *,
    verbose: bool = False,
    payload: Mapping[str, Any] | None = None,
) -> TraceContext:
    """Open a trace with the exporters that are asked for, by name or as they are."""
    from codeanatomy.workflow.compat.tracing import TraceContext  # noqa: PLC0415 - only where traced

    wanted = exporter if isinstance(exporter, list) else [exporter] if exporter else []
    found = [_exporter(one, file, callback, verbose=verbose) for one in wanted]
    named = {one for one in wanted if isinstance(one, str)}
    if file and "file" not in named:
        found.append(_exporter("file", file, None, verbose=verbose))
    if callback and "callback" not in named:
        found.append(_exporter("callback", None, callback, verbose=verbose))
    if payload and file:
        from codeanatomy.workflow.trace.payload import LlmPayloadFileExporter  # noqa: PLC0415 - only with payloads

        compress = payload.get("compress")
        found.append(LlmPayloadFileExporter(str(payload.get("path") or file), compress))
    return TraceContext([one for one in found if one is not None])


def trace_of_file(settings: Mapping[str, Any], engine: TraceContext | None) -> TraceContext | None:
    """Return the trace of a file: the engine's, unless the file names exporters of its own."""
    written = settings.get("trace_format")
    if written not in {None, *_FORMATS}:
        known = ", ".join(_FORMATS)
        raise SpecError(f"trace_format: unknown format '{written}'; known: {known}")
    if engine is None or not any(settings.get(name) for name in _OF_A_FILE):
        return engine
    payload = payload_settings(settings)
    own = open_trace(
        settings.get("trace_exporter"),
        settings.get("trace_file"),
        verbose=bool(settings.get("trace_verbose")),
        payload=payload,
    )
    own.exporters[:0] = engine.exporters
    return own


def payload_settings(settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read which nodes' prompts and answers are kept; None for none.

    `trace_llm_payload` is true or a list of node patterns; beside it stand
    `trace_llm_payload_file`, `trace_compress` (none, gzip) and `trace_retention_days` (1 or more).
    """
    wanted = settings.get("trace_llm_payload")
    compress, days = settings.get("trace_compress"), settings.get("trace_retention_days")
    if compress not in {None, False, *_COMPRESSIONS}:
        raise SpecError(
            f"trace_compress: unknown compression '{compress}'; known: {', '.join(_COMPRESSIONS)}"
        )
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or days < 1):
        raise SpecError(f"trace_retention_days must be 1 or more, got {days!r}")
    patterns = wanted if isinstance(wanted, list) else [wanted] if isinstance(wanted, str) else []
    if "*" in patterns:
        raise SpecError("trace_llm_payload: a bare '*' is refused; write true, or name the nodes")
    if not wanted:
        return None
    return {
        "nodes": patterns or None,
        "path": settings.get("trace_llm_payload_file"),
        "compress": None if compress in {None, False, "none"} else compress,
    }


def open_observability(declared: Any, trace: TraceContext | None) -> ObservabilityContext | None:
    """Open the flow log that an `observability` section asks for."""
    if not declared or (isinstance(declared, dict) and not declared.get("enabled", True)):
        return None
    from codeanatomy.workflow.compat.tracing import ObservabilityContext  # noqa: PLC0415 - only where asked

    return ObservabilityContext(
        config=declared if isinstance(declared, dict) else {}, trace_context=trace
    )


def _exporter(
    wanted: Any,
    file: str | None,
    callback: Callable[[dict[str, Any]], None] | None,
    *,
    verbose: bool,
) -> Any:
    options = wanted if isinstance(wanted, dict) else {}
    name = str(options.get("type") or wanted) if isinstance(wanted, (str, dict)) else None
    if name is None:
        return wanted
    from codeanatomy.workflow.trace import exporters  # noqa: PLC0415 - only where traced

    if name == "console":
        return exporters.ConsoleExporter(verbose=bool(options.get("verbose", verbose)))
    if name == "file":
        path = options.get("path") or file
        return exporters.FileExporter(str(path)) if path else None
    if name == "callback":
        given = options.get("callback") or callback
        return exporters.CallbackExporter(given) if given else None
    if name in {"otel", "opentelemetry", "otlp"}:
        return _open_telemetry(options)
    if name == "none":
        return None
    raise SpecError(
        f"trace_exporter: no exporter '{name}'; there are: console, file, callback, otel"
    )


def _open_telemetry(options: Mapping[str, Any]) -> Any:
    from codeanatomy.workflow.trace.otel import OpenTelemetryExporter  # noqa: PLC0415 - only where asked

    given = options.get("exporter")
    if given is None:
        try:
            from opentelemetry.exporter.otlp.proto.http import (  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - an optional part
                trace_exporter,
            )
        except ImportError as error:
            raise MissingPartError(
                "tracing to a collector needs `pip install codeanatomy[otel]`", extra="otel"
            ) from error
        endpoint = options.get("endpoint")
        given = trace_exporter.OTLPSpanExporter(**({"endpoint": endpoint} if endpoint else {}))
    return OpenTelemetryExporter(given, str(options.get("service_name") or "codeanatomy"))
