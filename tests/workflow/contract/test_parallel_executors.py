"""What the API promises of executors, their registry, and callbacks by themselves."""

# ruff: noqa: ARG002 - functions here take what the API lets them take

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future
from typing import Any

import pytest
from the_edge_agent import StateGraph
from the_edge_agent.parallel import CallbackManager, ParallelConfig, ParallelFlowContext
from the_edge_agent.parallel_executors import (
    ExecutorResult,
    FlowTask,
    ParallelExecutor,
    PickleValidationError,
    ProcessExecutor,
    RemoteExecutor,
    ThreadExecutor,
    available_strategies,
    get_executor,
    register_executor,
)

State = dict[str, Any]
KINDS = {"process": ProcessExecutor, "remote": RemoteExecutor, "thread": ThreadExecutor}


@pytest.mark.parametrize(("strategy", "kind"), KINDS.items())
def test_an_executor_for_each_strategy(strategy: str, kind: type) -> None:
    """It is of the class of that name, and knows what it was made with."""
    executor = get_executor(strategy, max_workers=3)
    assert type(executor) is kind
    assert isinstance(executor, ParallelExecutor)
    assert (executor.strategy, executor.max_workers) == (strategy, 3)


def test_threads_are_the_default() -> None:
    """Without a limit."""
    executor = get_executor()
    assert (executor.strategy, executor.max_workers) == ("thread", None)


def test_the_strategies_there_are() -> None:
    """They are listed in order."""
    assert available_strategies() == ["process", "remote", "thread"]


@pytest.mark.parametrize("strategy", ["fiber", "", "THREAD"])
def test_an_unknown_strategy(strategy: str) -> None:
    """The error lists those that there are."""
    with pytest.raises(ValueError, match="Unknown parallel strategy") as raised:
        get_executor(strategy)
    assert str(raised.value) == (
        f"Unknown parallel strategy: '{strategy}'. Valid strategies are: process, remote, thread"
    )


@pytest.mark.parametrize(("strategy", "kind"), KINDS.items())
def test_an_executor_must_be_entered(strategy: str, kind: type) -> None:
    """Handing it something before is an error that says so."""
    with pytest.raises(RuntimeError) as raised:
        get_executor(strategy).submit(print)
    assert str(raised.value) == f"{kind.__name__} must be used as a context manager"


def test_remote_needs_a_host() -> None:
    """Nothing else is said without one."""
    with (
        pytest.raises(ValueError, match="At least one host must be specified for remote"),
        get_executor("remote"),
    ):
        pass


def test_a_run_with_the_remote_strategy_says_the_same() -> None:
    """The run does not go on with something else."""
    graph = StateGraph({}, parallel_config=ParallelConfig(strategy="remote"))
    graph.add_node("start")
    graph.add_node("a")
    graph.add_fanin_node("join")
    graph.add_parallel_edge("start", "a", "join")
    graph.add_edge("a", "join")
    graph.set_entry_point("start")
    graph.set_finish_point("join")
    with pytest.raises(ValueError, match="At least one host must be specified"):
        list(graph.compile().invoke({}))


@pytest.mark.parametrize("kind", [ThreadExecutor, ProcessExecutor])
def test_a_flow_is_handed_to_its_runner(kind: type[ThreadExecutor]) -> None:
    """What comes back has the future and what the task said."""
    config = ParallelConfig()
    task = FlowTask("b", lambda state: {"y": state["x"] + 1}, {"x": 1}, {}, "join", config, 5.0)
    with kind() as executor:
        handed = executor.submit_flow(task, lambda task: task.flow_func(task.state))
        assert isinstance(handed, ExecutorResult)
        assert isinstance(handed.future, Future)
        assert handed.future.result(timeout=5) == {"y": 2}
    assert (handed.branch, handed.parallel_config, handed.start_time) == ("b", config, 5.0)


@pytest.mark.parametrize("index", [0, 4])
def test_states_for_processes_must_be_picklable(index: int) -> None:
    """The error names the key and the flow, and has what pickle said."""
    with pytest.raises(PickleValidationError) as raised:
        ProcessExecutor().validate_state({"x": 1, "lock": threading.Lock()}, index)
    error = raised.value
    assert (error.key, error.flow_index) == ("lock", index)
    assert isinstance(error.original_error, TypeError)
    assert str(error).startswith(f"State key 'lock' in flow {index} is not picklable: ")


def test_states_for_threads_may_hold_anything() -> None:
    """So may those that can be pickled, for processes."""
    ThreadExecutor().validate_state({"lock": threading.Lock()})
    ProcessExecutor().validate_state({"x": [1, {"y": "z"}]})


class Loud(ThreadExecutor):
    """An executor of a person."""

    calls: list[str] = []  # noqa: RUF012 - what the test looks at

    def submit(self, fn: Any, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401 - any function
        """Write down that there was a call."""
        self.calls.append("submit")
        return super().submit(fn, *args, **kwargs)


def test_an_executor_of_ones_own() -> None:
    """It is found by its name, and runs the branches of that strategy."""
    from codeanatomy.workflow.parallel import executors

    register_executor("loud", Loud)
    try:
        assert available_strategies() == ["loud", "process", "remote", "thread"]
        graph = StateGraph({}, parallel_config=ParallelConfig(strategy="loud"))
        graph.add_node("start")
        graph.add_fanin_node("join", lambda parallel_results: {"n": len(parallel_results)})
        for name in "ab":
            graph.add_node(name)
            graph.add_parallel_edge("start", name, "join")
            graph.add_edge(name, "join")
        graph.set_entry_point("start")
        graph.set_finish_point("join")
        assert list(graph.compile().invoke({}))[-1]["state"]["n"] == 2
        assert Loud.calls == ["submit", "submit"]
    finally:
        del executors._STRATEGIES["loud"]
        Loud.calls.clear()


class Heard:
    """A callback that keeps what it is called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def on_flow_start(self, context: ParallelFlowContext) -> None:
        """Keep."""
        self.calls.append(("start", context.branch))

    def on_flow_retry(self, context: Any, attempt: int, delay: float, error: Exception) -> None:  # noqa: ANN401 - unused
        """Keep."""
        self.calls.append(("retry", attempt, delay, str(error)))


class Failing:
    """A callback that fails."""

    def on_flow_start(self, context: ParallelFlowContext) -> None:
        """Fail."""
        raise ValueError("callback")


class Slow:
    """A callback that does not end."""

    def on_flow_start(self, context: ParallelFlowContext) -> None:
        """Sleep."""
        time.sleep(2)


ABOUT = ParallelFlowContext("b", "join", {}, 0.0)


def test_callbacks_hear_what_they_have_a_method_for() -> None:
    """Anything else is passed over."""
    heard = Heard()
    told = CallbackManager([heard])  # type: ignore[list-item]  # it has some of the methods
    told.fire_flow_start(ABOUT)
    told.fire_flow_complete(ABOUT, None)  # type: ignore[arg-type]  # nobody looks at it
    told.fire_flow_retry(ABOUT, 1, 0.5, ValueError("e"))
    told.fire_event("on_flow_start", ABOUT)
    assert heard.calls == [("start", "b"), ("retry", 1, 0.5, "e"), ("start", "b")]


def test_callbacks_come_and_go() -> None:
    """One that is removed hears nothing more."""
    heard = Heard()
    told = CallbackManager()
    told.add_callback(heard)  # type: ignore[arg-type]  # it has some of the methods
    told.fire_flow_start(ABOUT)
    told.remove_callback(heard)  # type: ignore[arg-type]  # as above
    told.fire_flow_start(ABOUT)
    assert heard.calls == [("start", "b")]


@pytest.mark.parametrize(("policy", "later"), [("log", 2), ("remove", 1)])
def test_what_becomes_of_a_failing_callback(
    policy: str, later: int, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged each time, or it is not called again; others hear either way."""
    heard = Heard()
    told = CallbackManager([Failing(), heard], error_policy=policy)  # type: ignore[list-item]  # as above
    with caplog.at_level(logging.ERROR, "the_edge_agent.parallel"):
        told.fire_flow_start(ABOUT)
        told.fire_flow_start(ABOUT)
    assert len(caplog.messages) == later
    assert len(heard.calls) == 2


def test_a_failing_callback_may_be_raised() -> None:
    """The error is the callback's own."""
    told = CallbackManager([Failing()], error_policy="raise")  # type: ignore[list-item]  # as above
    with pytest.raises(ValueError, match="callback"):
        told.fire_flow_start(ABOUT)


def test_handlers_hear_of_failing_callbacks() -> None:
    """With the callback and its error."""
    failing = Failing()
    seen: list[tuple[object, str]] = []
    told = CallbackManager([failing])  # type: ignore[list-item]  # as above
    told.add_error_handler(lambda callback, error: seen.append((callback, str(error))))
    told.fire_flow_start(ABOUT)
    assert seen == [(failing, "callback")]


def test_a_slow_callback_is_not_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    """Its time over, the next one is called."""
    heard = Heard()
    told = CallbackManager([Slow(), heard], timeout=0.02)  # type: ignore[list-item]  # as above
    with caplog.at_level(logging.ERROR, "the_edge_agent.parallel"):
        told.fire_flow_start(ABOUT)
    assert heard.calls == [("start", "b")]
    assert "took longer than 0.02s" in caplog.text


def test_a_policy_must_be_known() -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError, match="Invalid error_policy: 'ignore'"):
        CallbackManager(error_policy="ignore")
