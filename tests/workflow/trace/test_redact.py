"""Secrets of the process are kept out of whatever is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow import redact
from codeanatomy.workflow.compat.tracing import ObservabilityContext, TraceContext
from codeanatomy.workflow.redact import HIDDEN, forget_secrets, keep_secret, redacted
from codeanatomy.workflow.trace.exporters import CallbackExporter

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def secrets() -> Iterator[None]:
    """Know three secrets, one of them short, for the time of a test."""
    before = redact.known_secrets()
    forget_secrets()
    keep_secret("hunter2-long", {"deep": ["pass.word+1"]}, pin="77")
    yield
    forget_secrets()
    keep_secret(*before)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("hunter2-long", HIDDEN),
        ("a hunter2-long b", f"a {HIDDEN} b"),
        ("pass.word+1pass.word+1", HIDDEN * 2),
        ("passXword+1", "passXword+1"),
        ("77", HIDDEN),
        ("1977", "1977"),
        (77, 77),
        ({"k": ["hunter2-long", 1]}, {"k": [HIDDEN, 1]}),
        ({"hunter2-long": 1}, {HIDDEN: 1}),
        (("hunter2-long",), (HIDDEN,)),
        (b"x hunter2-long", f"x {HIDDEN}".encode()),
        (b"\xff\x00", b"\xff\x00"),
        (None, None),
    ],
)
def test_a_secret_is_hidden(value: object, expected: object) -> None:
    """Wherever it stands; a short one only where it stands alone."""
    assert redacted(value) == expected


def test_what_holds_no_secret_is_not_copied() -> None:
    """The same object comes back."""
    value = {"a": [1, {"b": "text"}], "c": b"data"}
    assert redacted(value) is value
    assert redacted(value["a"]) is value["a"]


def test_the_longest_secret_is_hidden_first() -> None:
    """So that no part of it is left over."""
    keep_secret("abcd", "abcd-efgh")
    assert redacted("abcd-efgh abcd") == f"{HIDDEN} {HIDDEN}"


def test_spans_and_events_are_clean() -> None:
    """What is exported and what handlers hear."""
    found: list[dict[str, Any]] = []
    trace = TraceContext([CallbackExporter(found.append)])
    flow = ObservabilityContext(trace_context=trace, config={"handlers": []})
    flow.start_node_span("n", {"key": "hunter2-long"})
    trace.log_event("used hunter2-long", snapshot_state=True, state={"t": "hunter2-long"})
    flow.end_node_span("n", "error", "refused: hunter2-long")
    assert "hunter2-long" not in repr(found)
    assert "hunter2-long" not in repr(flow.get_flow_log())
    assert HIDDEN in repr(found)
