"""Spans, exporters, payloads and events, as the API promises them."""

from __future__ import annotations

import gzip
import json
import threading
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import pytest
from the_edge_agent import (
    LLM_PAYLOAD_KEY,
    PII_WARNING_HEADER,
    AsyncFileExporter,
    CallbackExporter,
    CallbackHandler,
    ConsoleExporter,
    ConsoleHandler,
    EventStream,
    EventStreamHandler,
    FileExporter,
    FileHandler,
    LlmPayloadFileExporter,
    ObservabilityContext,
    TraceContext,
    TraceExporter,
    YAMLEngine,
    replace_binary_payloads,
)

if TYPE_CHECKING:
    from pathlib import Path

SPAN_KEYS = {
    "span_id", "parent_id", "name", "start_time", "end_time", "duration_ms", "status", "error",
    "metadata", "events", "metrics",
}  # fmt: skip
EVENT_KEYS = {
    "flow_id", "span_id", "parent_id", "node", "level", "timestamp", "event_type", "message",
    "data", "metrics",
}  # fmt: skip
PAYLOAD = {"messages_input": [{"role": "user", "content": "hi"}], "response_content": "hello"}


class Broken:
    """An exporter and handler that always fails."""

    def export(self, span: dict[str, Any]) -> None:
        """Fail."""
        raise OSError(str(span))

    handle = export


def spans_of(name: str, **ended: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - what end_span takes
    """Export one span and return what came out."""
    found: list[dict[str, Any]] = []
    trace = TraceContext([CallbackExporter(found.append)])
    trace.start_span(name, {"a": 1})
    trace.end_span(**ended)
    return found


def test_a_span_has_the_promised_fields() -> None:
    """Nothing more and nothing less."""
    (span,) = spans_of("n")
    assert set(span) == SPAN_KEYS
    assert (span["name"], span["status"], span["error"], span["parent_id"]) == (
        "n",
        "ok",
        None,
        None,
    )
    assert span["metadata"] == {"a": 1}
    assert span["end_time"] >= span["start_time"]
    assert span["duration_ms"] >= 0


def test_an_error_is_in_the_span() -> None:
    """Status and text."""
    (span,) = spans_of("n", status="error", error="boom")
    assert (span["status"], span["error"]) == ("error", "boom")


def test_spans_nest() -> None:
    """The innermost open span is the parent of the next, unless one is named."""
    trace = TraceContext()
    outer = trace.start_span("outer")
    inner = trace.start_span("inner")
    named = trace.start_span("named", parent_id=outer["span_id"])
    assert inner["parent_id"] == outer["span_id"]
    assert named["parent_id"] == outer["span_id"]
    assert trace.end_span() is named
    assert trace.current_span() is inner


def test_without_an_open_span_there_is_nothing_to_do() -> None:
    """Logging and ending return None."""
    trace = TraceContext()
    assert trace.current_span() is None
    assert trace.log_event("x") is None
    assert trace.end_span() is None


def test_clear_forgets_everything() -> None:
    """Open spans and those that ended."""
    trace = TraceContext()
    trace.start_span("a")
    trace.clear()
    assert trace.current_span() is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"message": "m"}, {"message": "m"}),
        ({"event": {"event_type": "LoopStart", "n": 1}}, {"event_type": "LoopStart", "n": 1}),
        ({"message": "m", "event": {"k": 1}}, {"message": "m", "k": 1}),
        ({"snapshot_state": True, "state": {"x": 1}}, {"state_snapshot": {"x": 1}}),
        (
            {"snapshot_state": True, "state": {"x": 1, "token": "t"}, "sanitize_keys": ["token"]},
            {"state_snapshot": {"x": 1, "token": "[REDACTED]"}},
        ),
        (
            {
                "snapshot_state": True,
                "state": {"a": [{"token": "t"}], "b": {"token": "u"}},
                "sanitize_keys": ["token"],
            },
            {"state_snapshot": {"a": [{"token": "[REDACTED]"}], "b": {"token": "[REDACTED]"}}},
        ),
        ({"snapshot_state": False, "state": {"x": 1}}, {}),
        ({"snapshot_state": True}, {}),
    ],
)
def test_an_event_is_logged(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """It carries its message, its own keys, and a sanitised snapshot of the state."""
    trace = TraceContext()
    trace.start_span("n")
    assert trace.log_event(**given) is trace.current_span()
    (event,) = (trace.current_span() or {})["events"]
    assert event.pop("timestamp") > 0
    assert event == expected


def test_metrics_are_put_together() -> None:
    """The last value of a metric counts."""
    trace = TraceContext()
    span = trace.start_span("n")
    trace.log_event(metrics={"a": 1, "b": 1})
    trace.log_event(metrics={"b": 2})
    assert span["metrics"] == {"a": 1, "b": 2}


def test_every_thread_has_its_own_spans() -> None:
    """A span opened in one thread is no parent in another."""
    trace, found = TraceContext(), []
    trace.start_span("main")

    def other() -> None:
        found.append(trace.current_span())
        found.append(trace.start_span("other")["parent_id"])

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert found == [None, None]
    assert (trace.current_span() or {})["name"] == "main"


def test_a_branch_begins_inside_the_spans_of_its_parent() -> None:
    """In a copy of the context the open span is the parent, and stays open outside."""
    trace = TraceContext()
    outer = trace.start_span("outer")
    inner = copy_context().run(trace.start_span, "inner")
    assert inner["parent_id"] == outer["span_id"]
    assert trace.current_span() is outer


@pytest.mark.parametrize(
    ("ended", "line"),
    [
        ({}, "[TRACE] ✓ n ({:.2f}ms) - ok\n"),
        ({"status": "error", "error": "e"}, "[TRACE] ✗ n ({:.2f}ms) - error\n"),
    ],
)
def test_the_console_line(
    ended: dict[str, str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line a span."""
    (span,) = spans_of("n", **ended)
    ConsoleExporter().export(span)
    assert capsys.readouterr().out == line.format(span["duration_ms"])


def test_the_verbose_console_has_more_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Metadata, metrics and events follow the line."""
    trace = TraceContext([ConsoleExporter(verbose=True)])
    trace.start_span("n", {"model": "m"})
    trace.log_event("said", metrics={"tokens": 3})
    trace.end_span()
    out = capsys.readouterr().out
    assert out.count("\n") > 3
    assert '"model": "m"' in out
    assert '"tokens": 3' in out
    assert "said" in out


def test_a_trace_file_has_a_line_for_every_span(tmp_path: Path) -> None:
    """Appended, with the folders above made."""
    path = tmp_path / "deep" / "er" / "trace.jsonl"
    for name in ("a", "b"):
        (span,) = spans_of(name)
        FileExporter(str(path)).export(span)
    assert [json.loads(line)["name"] for line in path.read_text().splitlines()] == ["a", "b"]


@pytest.mark.parametrize(("strip", "kept"), [(True, False), (False, True)])
def test_a_payload_stays_out_of_the_trace_file(tmp_path: Path, *, strip: bool, kept: bool) -> None:
    """Unless it is asked for; the span itself is not changed."""
    path = tmp_path / "t.jsonl"
    span = {"name": "n", "metadata": {"node": "n", LLM_PAYLOAD_KEY: PAYLOAD}}
    FileExporter(str(path), strip_llm_payload=strip).export(span)
    written = json.loads(path.read_text())
    assert (LLM_PAYLOAD_KEY in written["metadata"]) is kept
    assert written["metadata"]["node"] == "n"
    assert LLM_PAYLOAD_KEY in span["metadata"]


def test_the_payload_file_begins_with_a_warning(tmp_path: Path) -> None:
    """Once, before the first line; spans without a payload are not in it."""
    path = tmp_path / "t.llm.jsonl"
    for name in ("a", "b"):
        LlmPayloadFileExporter(str(path)).export(
            {"name": name, "metadata": {LLM_PAYLOAD_KEY: PAYLOAD}}
        )
        LlmPayloadFileExporter(str(path)).export({"name": "without", "metadata": {}})
    head, *lines = path.read_text().splitlines()
    assert head == PII_WARNING_HEADER
    assert [json.loads(line)["name"] for line in lines] == ["a", "b"]
    assert json.loads(lines[0])["metadata"][LLM_PAYLOAD_KEY] == PAYLOAD


def test_the_payload_file_is_named_after_the_trace(tmp_path: Path) -> None:
    """`<stem>.llm.jsonl`, packed `.gz`."""
    trace = tmp_path / "run.jsonl"
    exporter = LlmPayloadFileExporter(str(trace), compress="gzip")
    for _ in range(2):
        exporter.export({"name": "n", "metadata": {LLM_PAYLOAD_KEY: PAYLOAD}})
    lines = gzip.decompress((tmp_path / "run.llm.jsonl.gz").read_bytes()).decode().splitlines()
    assert lines[0] == PII_WARNING_HEADER
    assert len(lines) == 3


def test_an_unknown_compression_is_refused(tmp_path: Path) -> None:
    """A ValueError that names what is known."""
    with pytest.raises(ValueError, match="gzip"):
        LlmPayloadFileExporter(str(tmp_path / "t"), compress="zip")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"abc", {"type": "binary_omitted", "size_bytes": 3}),
        (bytearray(b"ab"), {"type": "binary_omitted", "size_bytes": 2}),
        ({"a": [b"", "t"]}, {"a": [{"type": "binary_omitted", "size_bytes": 0}, "t"]}),
        (("x", 1), ["x", 1]),
        ("text", "text"),
        (None, None),
    ],
)
def test_bytes_are_left_out(value: object, expected: object) -> None:
    """Their size stays."""
    assert replace_binary_payloads(value) == expected


@pytest.mark.parametrize("exporter", [Broken(), CallbackExporter(Broken().export)])
def test_a_broken_exporter_breaks_nothing(exporter: TraceExporter) -> None:
    """Those after it still get the span."""
    found: list[dict[str, Any]] = []
    trace = TraceContext([exporter, CallbackExporter(found.append)])
    trace.start_span("n")
    trace.end_span()
    assert [span["name"] for span in found] == ["n"]


def test_the_asynchronous_exporter_writes_all_when_it_is_closed(tmp_path: Path) -> None:
    """In their order; then its thread is gone."""
    path = tmp_path / "t.jsonl"
    exporter = AsyncFileExporter(FileExporter(str(path)), flush_interval_s=60, batch_size=7)
    for number in range(20):
        exporter.export({"name": number})
    exporter.close()
    assert [json.loads(line)["name"] for line in path.read_text().splitlines()] == list(range(20))
    assert exporter.queue_depth == 0
    assert not exporter.worker_alive


@pytest.mark.parametrize(
    ("policy", "kept"), [("drop_newest", [0, 1, 2]), ("drop_oldest", [2, 3, 4])]
)
def test_a_full_queue_drops(policy: str, kept: list[int]) -> None:
    """The newest or the oldest, as asked."""
    gate, found = threading.Event(), []

    def slow(span: dict[str, Any]) -> None:
        gate.wait(10)
        found.append(span["name"])

    exporter = AsyncFileExporter(
        CallbackExporter(slow),
        queue_size=3,
        flush_interval_s=60,
        batch_size=100,
        overflow_policy=policy,
    )
    with exporter._queue.changed:  # nothing is taken while the queue fills
        for number in range(5):
            exporter.export({"name": number})
    gate.set()
    exporter.close()
    assert found == kept


@pytest.mark.parametrize(
    "options", [{"overflow_policy": "shout"}, {"queue_size": 0}, {"batch_size": 0}]
)
def test_the_asynchronous_exporter_refuses_nonsense(options: dict[str, Any]) -> None:
    """A ValueError at once, not a thread that does nothing."""
    with pytest.raises(ValueError, match=next(iter(options))):
        AsyncFileExporter(ConsoleExporter(), **options)


def test_an_event_has_the_promised_fields() -> None:
    """Also those of the span it happened in."""
    flow = ObservabilityContext(flow_id="f")
    span = flow.start_node_span("n")
    flow.log("n", "info", "metric", "m", {"d": 1}, {"t": 2})
    event = flow.event_stream.get_all()[-1]
    assert set(event) == EVENT_KEYS
    assert (event["flow_id"], event["span_id"], event["message"]) == ("f", span, "m")
    assert (event["data"], event["metrics"]) == ({"d": 1}, {"t": 2})


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        ({}, ("exit", "info", "Completed n")),
        ({"status": "error", "error": "boom"}, ("error", "error", "Error in n: boom")),
    ],
)
def test_a_node_tells_how_it_began_and_ended(
    ended: dict[str, str], expected: tuple[str, str, str]
) -> None:
    """Two events and a span."""
    flow = ObservabilityContext()
    flow.start_node_span("n")
    flow.end_node_span("n", **ended)
    first, last = flow.event_stream.get_all()
    assert (first["event_type"], first["level"], first["message"]) == (
        "entry",
        "info",
        "Starting n",
    )
    assert (last["event_type"], last["level"], last["message"]) == expected


@pytest.mark.parametrize(
    ("level", "heard"),
    [
        ("debug", ["debug", "info", "warn", "error"]),
        ("info", ["info", "warn", "error"]),
        ("warn", ["warn", "error"]),
        ("error", ["error"]),
    ],
)
def test_events_below_the_level_are_not_recorded(level: str, heard: list[str]) -> None:
    """Debug < info < warn < error."""
    flow = ObservabilityContext(config={"level": level})
    for one in ("debug", "info", "warn", "error"):
        flow.log("n", one, "metric")
    assert [event["level"] for event in flow.event_stream.get_all()] == heard


def test_the_flow_log() -> None:
    """Events, spans, figures, and one line of time of both."""
    flow = ObservabilityContext(flow_id="f")
    for node, error in (("a", None), ("b", "boom")):
        flow.start_node_span(node)
        flow.end_node_span(node, "error" if error else "ok", error)
    log = flow.get_flow_log()
    assert set(log) == {"flow_id", "events", "spans", "metrics", "timeline"}
    assert [span["name"] for span in log["spans"]] == ["a", "b"]
    assert set(log["metrics"]) == {"total_duration_ms", "node_count", "error_count", "event_count"}
    assert (log["metrics"]["node_count"], log["metrics"]["error_count"]) == (2, 1)
    assert log["metrics"]["event_count"] == 4
    assert {item["type"] for item in log["timeline"]} == {"event", "span"}
    stamps = [item["timestamp"] for item in log["timeline"]]
    assert stamps == sorted(stamps)


def stream() -> EventStream:
    """Make a stream of four events."""
    found = EventStream()
    rows = [
        ("load.a", "info", "entry", 1.0),
        ("load.b", "error", "error", 2.0),
        ("send", "warn", "metric", 3.0),
        ("send", "info", "exit", 4.0),
    ]
    for node, level, kind, moment in rows:
        found.append({"node": node, "level": level, "event_type": kind, "timestamp": moment})
    return found


@pytest.mark.parametrize(
    ("filters", "moments"),
    [
        ({}, [1, 2, 3, 4]),
        ({"node": "send"}, [3, 4]),
        ({"node": "load.*"}, [1, 2]),
        ({"level": "info"}, [1, 4]),
        ({"event_type": "error"}, [2]),
        ({"start_time": 2.0}, [2, 3, 4]),
        ({"end_time": 2.0}, [1, 2]),
        ({"start_time": 2.0, "end_time": 3.0, "node": "*"}, [2, 3]),
        ({"node": "nobody"}, []),
        ({"node": None}, [1, 2, 3, 4]),
    ],
)
def test_events_are_queried(filters: dict[str, Any], moments: list[float]) -> None:
    """By node (a glob), level, type and time."""
    assert [event["timestamp"] for event in stream().query(filters)] == moments


def test_the_stream_is_a_ring() -> None:
    """The oldest events make room."""
    ring = EventStream(max_size=2)
    for number in range(4):
        ring.append({"n": number})
    assert [event["n"] for event in ring.get_all()] == [2, 3]
    ring.clear()
    assert ring.get_all() == []
    assert EventStream().max_size == 1000


def test_handlers_hear_every_event(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One that fails does not silence the others."""
    heard: list[dict[str, Any]] = []
    path = tmp_path / "logs" / "e.jsonl"
    handlers: list[EventStreamHandler] = [
        Broken(),
        CallbackHandler(Broken().export),
        CallbackHandler(heard.append),
        FileHandler(str(path)),
        ConsoleHandler(),
    ]
    EventStream(handlers=handlers).append({"node": "n", "level": "warn", "message": "careful"})
    assert heard[0]["message"] == "careful"
    assert json.loads(path.read_text())["node"] == "n"
    assert "careful" in capsys.readouterr().out


def engine_with(**settings: Any) -> tuple[YAMLEngine, list[dict[str, Any]]]:  # noqa: ANN401 - settings of a file
    """Make an engine whose spans are collected."""
    found: list[dict[str, Any]] = []
    return YAMLEngine(trace_exporter="callback", trace_callback=found.append, **settings), found


def run(engine: YAMLEngine, nodes: list[dict[str, Any]], **more: Any) -> dict[str, Any]:  # noqa: ANN401 - sections of a file
    """Run an agent file to its end."""
    graph = engine.load_from_dict({"name": "t", "nodes": nodes, **more})
    *_, last = graph.invoke({})
    return dict(last)


def test_nodes_are_traced_when_asked_for() -> None:
    """Name, node and kind of action, how long it took."""
    engine, found = engine_with()
    run(engine, [{"name": "a", "run": "return {'x': 1}"}], settings={"auto_trace": True})
    (span,) = found
    assert (span["name"], span["metadata"]) == ("a", {"node": "a", "action_type": "inline"})
    assert span["metrics"]["duration_ms"] >= 0
    engine.close()


def test_the_actions_write_spans() -> None:
    """start, log and end; each says what it did."""
    engine, found = engine_with()
    steps: list[dict[str, Any]] = [
        {"name": "s", "uses": "trace.start", "with": {"name": "work"}, "output": "started"},
        {"name": "l", "uses": "trace.log", "with": {"message": "m"}, "output": "logged"},
        {"name": "e", "uses": "trace.end", "output": "ended"},
        {"name": "again", "uses": "trace.end", "output": "none"},
        {"name": "late", "uses": "trace.log", "output": "late"},
    ]
    state = run(engine, steps)["state"]
    assert set(state["started"]) == {"success", "span_id", "name", "parent_id"}
    assert state["logged"] == {
        "success": True, "logged": True, "span_id": state["started"]["span_id"], "event_count": 1,
    }  # fmt: skip
    assert (state["ended"]["success"], state["ended"]["status"]) == (True, "ok")
    assert state["none"] == {"success": False, "error": "No active span to end"}
    assert state["late"] == {"success": False, "error": "No active span to log to", "logged": False}
    assert [span["name"] for span in found] == ["work"]
    engine.close()


@pytest.mark.parametrize("action", ["trace.start", "trace.log", "trace.end"])
def test_the_actions_say_when_tracing_is_off(action: str) -> None:
    """Without an error."""
    engine = YAMLEngine(enable_tracing=False)
    found = engine.actions_registry[action](state={}, name="n")
    assert found == {"success": False, "error": "Tracing is not enabled"}
    engine.close()


@pytest.mark.parametrize("action", ["obs.get_flow_log", "obs.log_event", "obs.query_events"])
def test_the_actions_say_when_observability_is_off(action: str) -> None:
    """Without an error."""
    engine = YAMLEngine()
    found = engine.actions_registry[action](state={})
    assert found["success"] is False
    assert found["error"].startswith("Observability is not enabled")
    engine.close()


def test_the_flow_is_observed() -> None:
    """An agent logs events, asks for them, and knows its flow."""
    engine = YAMLEngine()
    nodes: list[dict[str, Any]] = [
        {"name": "log", "uses": "obs.log_event", "with": {"message": "m"}, "output": "logged"},
        {"name": "ask", "uses": "obs.query_events", "with": {"filters": {"node": "lo*"}},
         "output": "asked"},
        {"name": "flow", "uses": "obs.get_flow_log", "output": "flow"},
    ]  # fmt: skip
    state = run(engine, nodes, observability={"enabled": True})["state"]
    assert state["logged"]["flow_id"] == state["_observability"]["flow_id"]
    assert state["_observability"]["enabled"] is True
    assert [event["message"] for event in state["asked"]["events"]] == [
        "Starting log",
        "m",
        "Completed log",
    ]
    assert state["flow"]["flow_log"]["metrics"]["node_count"] == 2
    engine.close()


def test_the_health_of_opik_is_an_answer() -> None:
    """Without its library, or without its server, it says so."""
    engine = YAMLEngine()
    found = engine.actions_registry["opik.healthcheck"](state={})
    assert found["success"] is False
    assert {"error", "message"} <= set(found)
    engine.close()


@pytest.mark.parametrize(
    "name",
    [
        "trace.start",
        "trace.log",
        "trace.end",
        "obs.get_flow_log",
        "obs.log_event",
        "obs.query_events",
        "opik.healthcheck",
    ],
)
def test_an_alias_is_the_same_object(name: str) -> None:
    """`actions.trace_start` is `trace.start`."""
    engine = YAMLEngine()
    alias = f"actions.{name.replace('.', '_')}"
    assert engine.actions_registry[alias] is engine.actions_registry[name]
    engine.close()
