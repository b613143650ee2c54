"""What a run of a state graph costs beside a plain loop over the same functions.

    python -m benchmarks.flow_core

Prints a line a case: microseconds of the plain loop, of the run, and their ratio; each is the
median of many, taken in turns. Then the cost of compiling, what the import takes in a process of
its own, and the peak of memory of runs that differ in the number of their steps.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow import END, START, StateGraph

if TYPE_CHECKING:
    from collections.abc import Callable

State = dict[str, Any]
BUDGET = 1.5  # seconds a case may take
LIMIT = 8.0  # what is promised of a line; 4 is the goal
IMPORT = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"
IMPORTS = ("from codeanatomy.workflow import StateGraph; StateGraph({})", "import the_edge_agent")


def count(state: State) -> State:
    """Do as little as a node can."""
    return {"n": state["n"] + 1}


def counted(state: State, config: State, node: str) -> State:
    """Do the same, with more parameters."""
    return {"n": state["n"] + 1} if config is not None and node else {}


def line(length: int, run: Callable[..., State] = count) -> StateGraph:
    """Make a line of nodes."""
    graph = StateGraph({})
    before = START
    for number in range(length):
        graph.add_node(f"n{number}", run)
        graph.add_edge(before, f"n{number}")
        before = f"n{number}"
    graph.add_edge(before, END)
    return graph.compile()


def cycle(times: int, **options: int) -> StateGraph:
    """Make one node that runs again until it has counted far enough."""
    graph = StateGraph({})
    graph.add_node("count", count)
    graph.set_entry_point("count")
    graph.add_conditional_edges(
        "count", lambda state: state["n"] < times, {True: "count", False: END}
    )
    return graph.compile(**options)


def plain_line(length: int) -> Callable[[], State]:
    """Make the plain loop that a line is measured against."""
    functions = [count] * length

    def run() -> State:
        state: State = {"n": 0}
        for function in functions:
            state.update(function(state))
        return state

    return run


def plain_cycle(times: int) -> Callable[[], State]:
    """Make the plain loop that a cycle is measured against."""

    def run() -> State:
        state: State = {"n": 0}
        while True:
            state.update(count(state))
            if not state["n"] < times:
                return state

    return run


def invoked(graph: StateGraph) -> Callable[[], State]:
    """Run a graph to its final state."""

    def run() -> State:
        for event in graph.invoke({"n": 0}):
            state: State = event["state"]
        return state

    return run


def streamed(graph: StateGraph) -> Callable[[], State]:
    """Run a graph and hear of every step."""

    def run() -> State:
        for event in graph.stream({"n": 0}):
            state: State = event["state"]
        return state

    return run


def compared(plain: Callable[[], State], ours: Callable[[], State]) -> tuple[float, float]:
    """Time both in turns; the medians in seconds."""
    assert plain()["n"] == ours()["n"]
    times: tuple[list[float], list[float]] = ([], [])
    end = time.perf_counter() + BUDGET
    while time.perf_counter() < end:
        for run, taken in zip((plain, ours), times, strict=True):
            start = time.perf_counter()
            run()
            taken.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def imported(statement: str) -> float:
    """Give the seconds of an import in a fresh process; the median of five."""
    command = [sys.executable, "-c", IMPORT.format(statement)]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(5)]
    return statistics.median(float(run.stdout) for run in runs)


def peak(steps: int) -> int:
    """Give the peak of memory of a run, in bytes."""
    run = invoked(cycle(steps, max_steps=steps))
    tracemalloc.start()
    run()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def main() -> int:
    """Print the figures; 1 where a line costs more than is promised."""
    cases: dict[str, tuple[Callable[[], State], Callable[[], State], float]] = {
        "invoke, line of 10": (plain_line(10), invoked(line(10)), LIMIT),
        "invoke, line of 1,000": (plain_line(1000), invoked(line(1000)), LIMIT),
        "invoke, 1,000 rounds of a cycle": (plain_cycle(1000), invoked(cycle(1000)), LIMIT),
        "invoke, line of 1,000, three parameters": (
            plain_line(1000),
            invoked(line(1000, counted)),
            LIMIT,
        ),
        "stream, line of 10": (plain_line(10), streamed(line(10)), 100.0),
        "stream, line of 1,000": (plain_line(1000), streamed(line(1000)), 100.0),
    }
    worst = 0.0
    for name, (plain, ours, limit) in cases.items():
        base, cost = compared(plain, ours)
        worst = max(worst, cost / base / limit)
        print(f"{name:42} {base * 1e6:9.1f} us {cost * 1e6:9.1f} us {cost / base:6.2f} times")
    start = time.perf_counter()
    line(1000)
    print(f"{'declare and compile 1,000 nodes':42} {(time.perf_counter() - start) * 1e3:9.1f} ms")
    for statement in IMPORTS:
        print(f"{statement[:42]:42} {imported(statement) * 1e3:9.1f} ms")
    few, many = peak(1_000), peak(100_000)
    print(f"{'memory of 1,000 and 100,000 steps':42} {few / 1e3:9.1f} kB {many / 1e3:7.1f} kB")
    return int(worst > 1)


if __name__ == "__main__":
    sys.exit(main())
