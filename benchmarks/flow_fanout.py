"""Fan-outs: runs a second with a hundred branches, what a copy of the state costs, who waits."""

from __future__ import annotations

import copy
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow import ParallelConfig, StateGraph
from codeanatomy.workflow.parallel.copying import copy_state

if TYPE_CHECKING:
    from collections.abc import Callable

State = dict[str, Any]
SECONDS = 1.0


def fork(count: int, run: Callable[..., Any], config: ParallelConfig | None = None) -> StateGraph:
    """Make the graph start -> branches -> join."""
    graph = StateGraph({}, parallel_config=config)
    graph.add_node("start", lambda state: {"x": state["n"]})
    graph.add_fanin_node("join", lambda parallel_results: {"n": len(parallel_results)})
    for index in range(count):
        graph.add_node(f"b{index}", run)
        graph.add_parallel_edge("start", f"b{index}", "join")
        graph.add_edge(f"b{index}", "join")
    graph.set_entry_point("start")
    graph.set_finish_point("join")
    return graph.compile()


def rate(call: Callable[[], object]) -> float:
    """Call as often as there is time; return calls a second."""
    call()
    calls, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        call()
        calls += 1
    return calls / (time.perf_counter() - began)


def trivial(state: State) -> State:
    """Do next to nothing."""
    return {"y": state["x"]}


def nap(state: State) -> State:
    """Wait as long as a call over a network."""
    time.sleep(0.05)
    return state


def stay(state: State) -> State:
    """Wait far longer than anybody would."""
    time.sleep(5)
    return state


def invoked(graph: StateGraph) -> Callable[[], object]:
    """Make a call that runs a graph to its end."""
    return lambda: list(graph.invoke({"n": 0}))


def runs() -> None:
    """Print runs a second of trivial branches, in several ways to run them."""
    limited = ParallelConfig(timeout_seconds=60)
    asynchronous = ParallelConfig(strategy="asyncio")
    for name, count, config in (
        ("100 trivial branches", 100, None),
        ("100 with a time limit", 100, limited),
        ("100 as asyncio", 100, asynchronous),
        ("1,000 trivial branches", 1000, None),
        ("2 trivial branches", 2, None),
    ):
        graph = fork(count, trivial, config)
        assert list(graph.invoke({"n": 0}))[-1]["state"]["n"] == count
        print(f"{name:28} {rate(invoked(graph)):10,.0f} runs/s")
    graph = fork(100, trivial)
    print(f"{'100, streamed':28} {rate(lambda: list(graph.stream({'n': 0}))):10,.0f} runs/s")
    plain = [trivial] * 100
    line = {"x": 0}
    bare = rate(lambda: [f(dict(line)) for f in plain])
    print(f"{'100 calls in a list':28} {bare:10,.0f} runs/s")


def waits() -> None:
    """Print how long branches that wait keep a run."""
    for count in (2, 16, 100):
        graph = fork(count, nap)
        list(graph.invoke({"n": 0}))
        began = time.perf_counter()
        list(graph.invoke({"n": 0}))
        spent = (time.perf_counter() - began) * 1000
        print(f"{count:4} branches of 50 ms          {spent:10.1f} ms")
    config = ParallelConfig(timeout_seconds=0.1)
    graph = fork(2, stay, config)
    began = time.perf_counter()
    list(graph.invoke({"n": 0}))
    print(f"stuck, with 100 ms to run       {(time.perf_counter() - began) * 1000:10.1f} ms")


def processes() -> None:
    """Print runs a second of branches in processes."""
    graph = fork(4, trivial, ParallelConfig(strategy="process"))
    assert list(graph.invoke({"n": 0}))[-1]["state"]["n"] == 4
    print(f"{'4 branches in processes':28} {rate(invoked(graph)):10,.0f} runs/s")


def copies() -> None:
    """Print what a copy of a state costs, beside `copy.deepcopy`."""
    rows = [{"id": i, "name": f"n{i}", "tags": ["a", "b"], "at": (i, i + 1)} for i in range(500)]
    states: dict[str, State] = {
        "flat": {"a": 1, "b": "text", "c": None, "d": 2.5},
        "a little nested": {"a": 1, "messages": [{"role": "user", "content": "x" * 200}] * 3},
        "a list of 10,000 numbers": {"xs": list(range(10_000))},
        "500 rows": {"rows": rows},
        "1 MB of text": {"texts": ["x" * 1000 for _ in range(1000)]},
    }
    for name, state in states.items():
        assert copy_state(state) == copy.deepcopy(state)
        ours = rate(partial(copy_state, state))
        theirs = rate(partial(copy.deepcopy, state))
        print(f"{name:28} {1e6 / ours:10.1f} us   deepcopy {1e6 / theirs:10.1f} us")


def main() -> None:
    """Measure all of it."""
    for part in (runs, waits, processes, copies):
        part()


if __name__ == "__main__":
    main()
