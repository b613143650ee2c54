"""What `on_error` does: raise, go on, try again; and what is noted."""

# ruff: noqa: ARG001 - actions take a state; an agent is a line

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow.contract.yaml_runs import State, engine_with, events, final, parsed

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = {
    "type",
    "message",
    "node",
    "action",
    "timestamp",
    "retry_count",
    "is_retryable",
    "traceback",
    "details",
}


class RateLimitError(Exception):
    """What libraries call being asked to wait."""


class ServiceUnavailableError(Exception):
    """What libraries call a server that is down."""


class HTTPError(Exception):
    """What libraries call a bad answer."""


def failing(error: Exception, times: int = 99) -> tuple[Callable[..., Any], list[int]]:
    """Return an action that fails so often, and the list of its calls."""
    calls: list[int] = []

    def act(state: State, **_: object) -> str:
        calls.append(len(calls))
        if len(calls) <= times:
            raise error
        return "worked"

    return act, calls


def text_with(on_error: str, settings: str = "{}") -> str:
    """Return an agent with one node that uses the action."""
    return (
        f"settings: {settings}\nnodes:\n"
        f"  - {{name: a, uses: act, output: out, on_error: {on_error}}}\n"
        "  - {name: b, run: 'return {\"after\": True}'}"
    )


def test_graceful_notes_and_goes_on() -> None:
    """The error stands in the state with all its facts, and the run goes on."""
    act, _ = failing(KeyError("k"))
    state = final(text_with("{mode: graceful}"), {}, {"act": act})
    error = state["__error__"]
    assert set(error) == KEYS
    assert (error["type"], error["node"], error["action"]) == ("KeyError", "a", "act")
    assert (error["retry_count"], error["is_retryable"], error["traceback"]) == (0, False, None)
    assert datetime.fromisoformat(error["timestamp"]).tzinfo is not None
    assert state["after"] is True
    assert "out" not in state


def test_raise_ends_the_run() -> None:
    """Mode raise is the ordinary error event."""
    act, _ = failing(KeyError("k"))
    (event,) = events(text_with("{mode: raise}"), {}, {"act": act})
    assert (event["type"], event["node"]) == ("error", "a")


def test_nodes_without_it_raise() -> None:
    """Global settings are only defaults: a node without `on_error` fails as ever."""
    act, _ = failing(KeyError("k"))
    text = "settings: {error_handling: {mode: graceful}}\nnodes: [{name: a, uses: act}]"
    (event,) = events(text, {}, {"act": act})
    assert event["type"] == "error"


def test_global_settings_are_defaults() -> None:
    """A node with an empty `on_error` takes everything from the settings."""
    act, calls = failing(TimeoutError())
    settings = "{error_handling: {mode: retry, max_retries: 2, retry_delay: 0}}"
    state = final(text_with("{}", settings), {}, {"act": act})
    assert len(calls) == 3
    assert state["__error__"]["retry_count"] == 2


RETRIES = [
    (TimeoutError(), "[timeout]", 3),
    (ConnectionError(), "[connection_error]", 3),
    (ConnectionRefusedError(), "[ConnectionError]", 3),
    (RateLimitError(), "[rate_limit]", 3),
    (ServiceUnavailableError(), "[service_unavailable]", 3),
    (HTTPError(), "[http_error]", 3),
    (ValueError(), "[ValueError]", 3),
    (ValueError(), "[timeout]", 1),
    (TimeoutError(), "[ValueError]", 1),
    (TimeoutError(), None, 3),
    (ValueError(), None, 1),
]


@pytest.mark.parametrize(("error", "retryable", "expected"), RETRIES)
def test_what_is_tried_again(error: Exception, retryable: str | None, expected: int) -> None:
    """Errors are known by class name or alias; others are noted at once."""
    act, calls = failing(error)
    named = "" if retryable is None else f", retryable_errors: {retryable}"
    rule = f"{{mode: retry, max_retries: 2, retry_delay: 0{named}}}"
    state = final(text_with(rule), {}, {"act": act})
    assert len(calls) == expected
    assert state["__error__"]["retry_count"] == expected - 1
    assert state["__error__"]["is_retryable"] is (expected > 1)


def test_retry_until_it_works() -> None:
    """A retry that works leaves no error behind."""
    act, calls = failing(TimeoutError(), times=2)
    state = final(text_with("{mode: retry, max_retries: 3, retry_delay: 0}"), {}, {"act": act})
    assert (state["out"], len(calls)) == ("worked", 3)
    assert "__error__" not in state


def test_delays_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The delays are multiplied each time, with at most a tenth of jitter."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    act, _ = failing(TimeoutError())
    rule = "{mode: retry, max_retries: 3, retry_delay: 0.5, backoff_multiplier: 3}"
    final(text_with(rule), {}, {"act": act})
    for delay, base in zip(slept, [0.5, 1.5, 4.5], strict=True):
        assert base <= delay <= base * 1.1


def test_traceback_is_kept_when_asked() -> None:
    """`capture_traceback` puts the traceback into the error."""
    act, _ = failing(KeyError("deep"))
    state = final(text_with("{mode: graceful, capture_traceback: true}"), {}, {"act": act})
    assert "KeyError: 'deep'" in state["__error__"]["traceback"]


def test_old_error_is_hidden_from_the_node() -> None:
    """A node with `on_error` does not see the error of another."""
    text = """
    nodes:
      - {name: a, run: "raise ValueError('x')", on_error: {mode: graceful}}
      - {name: b, run: "return {'seen': '__error__' in state}", on_error: {mode: graceful}}
      - {name: c, run: "return {'kept': state['__error__']['type']}"}
    """
    state = final(text)
    assert (state["seen"], state["kept"]) == (False, "ValueError")


def test_fallback_is_named_in_the_state() -> None:
    """The fallback's name stands beside the error."""
    act, _ = failing(KeyError("k"))
    state = final(text_with("{mode: graceful, fallback: b}"), {}, {"act": act})
    assert state["__fallback_node__"] == "b"


def test_answer_is_no_error() -> None:
    """An HTTP answer passes through `on_error`."""
    text = "nodes: [{name: a, uses: http.respond, with: {status: 201}, on_error: {mode: graceful}}]"
    (event,) = events(text)
    assert (event["type"], event["status"]) == ("http_response", 201)


@pytest.mark.parametrize("setting", ["max_retries: -1", "retry_delay: -0.5", "mode: perhaps"])
def test_out_of_range_is_pydantics_error(setting: str) -> None:
    """A setting outside of its range is refused at load, as pydantic says it."""
    from pydantic import ValidationError

    text = f"settings: {{error_handling: {{{setting}}}}}\nnodes: [{{name: a}}]"
    with (
        engine_with() as engine,
        pytest.raises(ValidationError, match=setting.split(":", maxsplit=1)[0]),
    ):
        engine.load_from_dict(parsed(text))
