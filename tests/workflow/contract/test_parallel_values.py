"""What the API promises of its values for parallel runs: configs, results, circuits, retries."""

from __future__ import annotations

from typing import Any

import pytest
from the_edge_agent import (
    CancellationToken,
    CircuitBreaker,
    CircuitBreakerConfig,
    CircuitBreakerRegistry,
    CircuitOpenError,
    CircuitState,
    ParallelConfig,
    ParallelFlowContext,
    ParallelFlowResult,
    RetryExhaustedError,
    RetryPolicy,
)

FIELDS = (
    "branch success state error error_type traceback timeout timing_ms retry_count circuit_state "
    "attempt_errors exit_code"
).split()


@pytest.mark.parametrize(
    ("made", "field", "default"),
    [
        (ParallelConfig(), "timeout_seconds", None),
        (ParallelConfig(), "timeout_total", None),
        (ParallelConfig(), "fail_fast", False),
        (ParallelConfig(), "retry_policy", None),
        (ParallelConfig(), "circuit_breaker", None),
        (ParallelConfig(), "include_traceback", False),
        (ParallelConfig(), "strategy", "thread"),
        (ParallelConfig(), "max_workers", None),
        (ParallelConfig(), "remote_config", None),
        (RetryPolicy(), "max_retries", 0),
        (RetryPolicy(), "base_delay", 1.0),
        (RetryPolicy(), "max_delay", 60.0),
        (RetryPolicy(), "backoff_multiplier", 2.0),
        (RetryPolicy(), "retry_on", None),
        (RetryPolicy(), "max_stored_errors", 5),
        (CircuitBreakerConfig(), "failure_threshold", 5),
        (CircuitBreakerConfig(), "reset_timeout", 30.0),
        (CircuitBreakerConfig(), "half_open_max_calls", 1),
        (ParallelFlowContext("b", "j", {}, 1.0), "config", None),
        (ParallelFlowContext("b", "j", {}, 1.0), "graph_name", None),
        (ParallelFlowResult("b", success=True), "state", None),
        (ParallelFlowResult("b", success=True), "error", None),
        (ParallelFlowResult("b", success=True), "error_type", None),
        (ParallelFlowResult("b", success=True), "traceback", None),
        (ParallelFlowResult("b", success=True), "timeout", False),
        (ParallelFlowResult("b", success=True), "timing_ms", 0.0),
        (ParallelFlowResult("b", success=True), "retry_count", 0),
        (ParallelFlowResult("b", success=True), "circuit_state", None),
        (ParallelFlowResult("b", success=True), "attempt_errors", []),
        (ParallelFlowResult("b", success=True), "exit_code", None),
    ],
    ids=lambda v: v if isinstance(v, str) else None,
)
def test_defaults(made: object, field: str, default: object) -> None:
    """A field that is not given has its promised default."""
    assert getattr(made, field) == default


def test_configs_are_made_in_the_order_of_their_fields() -> None:
    """Values given by position arrive in their fields."""
    retry, circuit = RetryPolicy(2), CircuitBreakerConfig(3)
    config = ParallelConfig(1.0, 2.0, True, retry, circuit, True, "process", 4, "far")  # noqa: FBT003 - by position on purpose
    assert vars(config) == {
        "timeout_seconds": 1.0,
        "timeout_total": 2.0,
        "fail_fast": True,
        "retry_policy": retry,
        "circuit_breaker": circuit,
        "include_traceback": True,
        "strategy": "process",
        "max_workers": 4,
        "remote_config": "far",
    }


RESULT = ParallelFlowResult("b", success=True, state={"x": 1, "error": "own"}, error="e")


@pytest.mark.parametrize(
    ("key", "found"),
    [("x", 1), ("branch", "b"), ("error", "e"), ("state", {"x": 1, "error": "own"})],
)
def test_a_result_is_read_like_a_dict(key: str, found: object) -> None:
    """Fields come first, then what the state of the branch holds."""
    assert RESULT[key] == found
    assert RESULT.get(key) == found
    assert key in RESULT


@pytest.mark.parametrize("key", ["y", 1, None, ("x",)])
def test_a_result_does_not_have_other_keys(key: Any) -> None:  # noqa: ANN401 - keys of any kind
    """Other names, and keys that are no names, are not there."""
    assert key not in RESULT
    assert RESULT.get(key, "default") == "default"
    with pytest.raises(KeyError):
        RESULT[key]


def test_keys_are_the_fields_and_then_those_of_the_state() -> None:
    """A key of the state that is called like a field is not listed twice."""
    assert RESULT.keys() == [*FIELDS, "x"]


def test_a_result_as_a_dict() -> None:
    """All twelve fields are there."""
    assert list(RESULT.to_dict()) == FIELDS
    assert RESULT.to_dict()["state"] == {"x": 1, "error": "own"}


def test_a_result_without_a_state_has_its_fields() -> None:
    """A key that only a state could have is not there."""
    result = ParallelFlowResult("b", success=False)
    assert "x" not in result
    assert result.keys() == FIELDS


ERROR = ValueError("no")


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (
            ParallelFlowResult.from_success("b", {"x": 1}, 2.5, 1, "closed"),
            {"success": True, "state": {"x": 1}, "timing_ms": 2.5, "retry_count": 1}
            | {"circuit_state": "closed"},
        ),
        (
            ParallelFlowResult.from_error("b", ERROR, {"x": 1}, 2.5),
            {"error": "no", "error_type": "ValueError", "state": {"x": 1}, "timing_ms": 2.5},
        ),
        (
            ParallelFlowResult.from_error(
                "b", ERROR, None, 1.0, retry_count=2, attempt_errors=[{"attempt": 0}]
            ),
            {"error": "no", "error_type": "ValueError", "timing_ms": 1.0, "retry_count": 2}
            | {"attempt_errors": [{"attempt": 0}]},
        ),
        (
            ParallelFlowResult.from_timeout("b", None, 100.0, 0.1),
            {"error": "Flow timed out after 0.1s", "error_type": "TimeoutError", "timeout": True}
            | {"timing_ms": 100.0},
        ),
        (
            ParallelFlowResult.from_circuit_open("b", "c"),
            {"error": "Circuit breaker 'c' is open", "error_type": "CircuitOpenError"}
            | {"circuit_state": "open"},
        ),
    ],
    ids=["success", "error", "attempts", "timeout", "circuit-open"],
)
def test_results_are_made_for_each_outcome(
    result: ParallelFlowResult, expected: dict[str, Any]
) -> None:
    """What an outcome does not say keeps its default."""
    plain = ParallelFlowResult("b", success=False).to_dict()
    assert result.to_dict() == {**plain, **expected}


def test_a_traceback_is_kept_where_it_is_asked_for() -> None:
    """It is the text that Python would print."""
    try:
        raise ERROR
    except ValueError as error:
        told = ParallelFlowResult.from_error("b", error, None, 0.0, include_traceback=True)
        silent = ParallelFlowResult.from_error("b", error, None, 0.0)
    assert told.traceback is not None
    assert told.traceback.startswith("Traceback (most recent call last)")
    assert told.traceback.rstrip().endswith("ValueError: no")
    assert silent.traceback is None


@pytest.mark.parametrize(
    ("retries", "kinds", "error", "attempt", "again"),
    [
        (0, None, ValueError(), 0, False),
        (1, None, ValueError(), 0, True),
        (1, None, ValueError(), 1, False),
        (3, None, ValueError(), 2, True),
        (3, {ValueError}, ValueError(), 0, True),
        (3, {ValueError}, TypeError(), 0, False),
        (3, {OSError}, ConnectionError(), 0, True),
        (3, {ValueError, TypeError}, TypeError(), 2, True),
        (3, set(), ValueError(), 0, False),
    ],
)
def test_whether_there_is_another_attempt(
    retries: int,
    kinds: set[type[Exception]] | None,
    error: Exception,
    attempt: int,
    again: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """It depends on the number of attempts and on the kind of the failure."""
    policy = RetryPolicy(max_retries=retries, retry_on=kinds)
    assert policy.should_retry(error, attempt) is again


@pytest.mark.parametrize(
    ("base", "factor", "longest", "attempt", "delay"),
    [
        (1.0, 2.0, 60.0, 0, 1.0),
        (1.0, 2.0, 60.0, 3, 8.0),
        (1.0, 2.0, 60.0, 6, 60.0),
        (0.5, 3.0, 60.0, 2, 4.5),
        (2.0, 1.0, 60.0, 9, 2.0),
        (5.0, 2.0, 3.0, 0, 3.0),
        (1.0, 2.0, 60.0, 10_000, 60.0),
    ],
)
def test_delays_grow_up_to_the_longest(
    base: float, factor: float, longest: float, attempt: int, delay: float
) -> None:
    """The delay is base x factor^attempt, and never more than the longest."""
    assert RetryPolicy(9, base, longest, factor).get_delay(attempt) == delay


@pytest.mark.parametrize(
    ("error", "text", "facts"),
    [
        (CircuitOpenError("c"), "Circuit breaker 'c' is open", {"circuit_name": "c"}),
        (
            RetryExhaustedError("b", 3, [{"attempt": 0}]),
            "All 3 retry attempts exhausted for branch 'b'",
            {"branch": "b", "attempts": 3, "errors": [{"attempt": 0}]},
        ),
    ],
)
def test_errors_say_what_happened(error: Exception, text: str, facts: dict[str, Any]) -> None:
    """The text is as promised, and the facts are attributes."""
    assert str(error) == text
    assert {name: getattr(error, name) for name in facts} == facts


def breaker(**config: Any) -> CircuitBreaker:  # noqa: ANN401 - fields of a config
    """Make a circuit whose clock stands still."""
    made = CircuitBreaker(CircuitBreakerConfig(**config), "c")
    made.clock = lambda: 0.0
    return made


def test_a_circuit_opens_after_failures_in_a_row() -> None:
    """The last of them opens it, and then nothing is let through."""
    circuit = breaker(failure_threshold=2)
    assert circuit.allow_request()
    circuit.record_failure()
    assert (circuit.state, circuit.failure_count) == (CircuitState.CLOSED, 1)
    circuit.record_failure()
    assert (circuit.state, circuit.failure_count) == (CircuitState.OPEN, 2)
    assert not circuit.allow_request()


def test_a_success_in_between_starts_the_count_again() -> None:
    """Only failures in a row count."""
    circuit = breaker(failure_threshold=2)
    circuit.record_failure()
    circuit.record_success()
    circuit.record_failure()
    assert circuit.state is CircuitState.CLOSED


def test_an_open_circuit_lets_calls_through_after_a_while() -> None:
    """As many as the config says, and not one before the time."""
    circuit = breaker(failure_threshold=1, reset_timeout=10.0, half_open_max_calls=2)
    circuit.record_failure()
    circuit.clock = lambda: 9.9
    assert not circuit.allow_request()
    circuit.clock = lambda: 10.0
    assert circuit.state is CircuitState.OPEN
    assert [circuit.allow_request() for _ in range(3)] == [True, True, False]
    assert circuit.state is CircuitState.HALF_OPEN


@pytest.mark.parametrize(
    ("record", "state"), [("success", CircuitState.CLOSED), ("failure", CircuitState.OPEN)]
)
def test_the_call_of_a_half_open_circuit_decides(record: str, state: CircuitState) -> None:
    """A success closes it, a failure opens it again."""
    circuit = breaker(failure_threshold=1, reset_timeout=0.0)
    circuit.record_failure()
    circuit.allow_request()
    getattr(circuit, f"record_{record}")()
    assert circuit.state is state


def test_a_reset_circuit_is_as_new() -> None:
    """It is closed and counts from nothing."""
    circuit = breaker(failure_threshold=1)
    circuit.record_failure()
    circuit.reset()
    assert circuit.get_state_info() == {
        "name": "c",
        "state": "closed",
        "failure_count": 0,
        "last_failure_time": None,
        "half_open_calls": 0,
        "half_open_active": 0,
    }


def test_what_is_known_of_an_open_circuit() -> None:
    """The state is given by its value."""
    circuit = breaker(failure_threshold=1)
    circuit.clock = lambda: 7.0
    circuit.record_failure()
    told = circuit.get_state_info()
    assert (told["state"], told["failure_count"], told["last_failure_time"]) == ("open", 1, 7.0)


@pytest.mark.parametrize(
    ("state", "value"),
    [
        (CircuitState.CLOSED, "closed"),
        (CircuitState.OPEN, "open"),
        (CircuitState.HALF_OPEN, "half_open"),
    ],
)
def test_states_have_values(state: CircuitState, value: str) -> None:
    """A state is stored and shown by its value."""
    assert state.value == value
    assert CircuitState(value) is state


def test_changes_of_a_circuit_are_told() -> None:
    """The callback hears the old and the new state, in a thread of its own."""
    import queue

    told: queue.SimpleQueue[tuple[CircuitState, CircuitState]] = queue.SimpleQueue()
    circuit = breaker(failure_threshold=1)
    circuit.add_state_change_callback(lambda old, new: told.put((old, new)))
    circuit.record_failure()
    assert told.get(timeout=5) == (CircuitState.CLOSED, CircuitState.OPEN)


def test_a_registry_makes_each_circuit_once() -> None:
    """The first config of a name counts."""
    registry = CircuitBreakerRegistry()
    one = registry.get_or_create("a", CircuitBreakerConfig(failure_threshold=1))
    assert registry.get_or_create("a", CircuitBreakerConfig()) is one
    assert registry.get_circuit("a") is one
    assert registry.get_circuit("b") is None


@pytest.mark.parametrize(("name", "still_open"), [("a", ["b"]), (None, []), ("nobody", ["a", "b"])])
def test_a_registry_resets_circuits(name: str | None, still_open: list[str]) -> None:
    """One by its name, or all; an unknown name is nothing."""
    registry = CircuitBreakerRegistry()
    for circuit in "ab":
        registry.get_or_create(circuit, CircuitBreakerConfig(1)).record_failure()
    registry.reset_circuit(name)
    states = registry.get_circuit_states()
    assert [n for n, told in states.items() if told["state"] == "open"] == still_open


def test_global_circuits_are_those_of_the_process() -> None:
    """Two registries of scope "global" share them; one of scope "graph" has its own."""
    config = CircuitBreakerConfig()
    shared = CircuitBreakerRegistry("global").get_or_create("of-the-process", config)
    assert CircuitBreakerRegistry("global").get_circuit("of-the-process") is shared
    assert CircuitBreakerRegistry("graph").get_circuit("of-the-process") is None


def test_a_scope_must_be_known() -> None:
    """Anything but "graph" and "global" is refused by name."""
    with pytest.raises(ValueError, match="Invalid circuit breaker scope: 'town'"):
        CircuitBreakerRegistry("town")


def test_a_token_is_cancelled_until_it_is_reset() -> None:
    """A wait for it ends at once, and says whether it was cancelled."""
    token = CancellationToken()
    assert not token.is_cancelled()
    assert not token.wait(0.0)
    token.cancel()
    assert token.is_cancelled()
    assert token.wait(10.0)
    token.reset()
    assert not token.is_cancelled()
    assert not token.wait(0.0)
