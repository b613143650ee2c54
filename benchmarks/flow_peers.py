"""State graphs of the same shape here and in other engines, beside a plain loop, in one run.

    python -m benchmarks.flow_peers [--seconds=2]

Shapes: a line of 10 and of 1,000 nodes, one node that runs 1,000 times, 100 branches. Every node
adds one to a number of the state. Prints runs a CPU second; each engine runs in processes of its
own, its peers' in an environment made for them, in turns. "-" stands where an engine has no such
shape, or one run took more than the time given. Rows with `journal` write every step to SQLite.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PINNED = ("langgraph==1.2.22", "langgraph-checkpoint-sqlite==3.1.2", "burr==0.42.0",
          "pydantic-graph==2.68.0")  # fmt: skip
SHAPES = ("line 10", "line 1000", "cycle 1000", "fan 100")
OURS = ("plain loop", "codeanatomy", "codeanatomy journal")
PEERS = ("langgraph", "langgraph journal", "burr", "pydantic-graph")
State = dict[str, Any]


def count(state: State) -> State:
    """Do as little as a node can."""
    return {"n": state["n"] + 1}


def plain_loop(shape: str, size: int) -> Callable[[], int]:
    """Call the functions one after the other."""
    functions = [count] * size

    def run() -> int:
        state = {"n": 0}
        if shape == "fan":
            return sum(function({"n": 0})["n"] for function in functions)
        for function in functions:
            state.update(function(state))
        return state["n"]

    return run


def codeanatomy(shape: str, size: int, journal: str | None = None) -> Callable[[], int]:
    """Run a `StateGraph`."""
    from codeanatomy.workflow import END, StateGraph

    graph = StateGraph({})
    if shape == "line":
        for number in range(size):
            graph.add_node(f"n{number}", count)
            if number:
                graph.add_edge(f"n{number - 1}", f"n{number}")
        graph.set_entry_point("n0")
        graph.set_finish_point(f"n{size - 1}")
    elif shape == "cycle":
        graph.add_node("n", count)
        graph.set_entry_point("n")
        graph.add_conditional_edges("n", lambda state: state["n"] < size, {True: "n", False: END})
    else:
        graph.add_node("start", dict)
        graph.add_fanin_node(
            "join", lambda parallel_results: {"n": sum(r["n"] for r in parallel_results)}
        )
        for number in range(size):
            graph.add_node(f"n{number}", count)
            graph.add_parallel_edge("start", f"n{number}", "join")
            graph.add_edge(f"n{number}", "join")
        graph.set_entry_point("start")
        graph.set_finish_point("join")
    graph.compile(**({"journal": journal} if journal else {}))
    return lambda: int(list(graph.invoke({"n": 0}))[-1]["state"]["n"])


def langgraph(shape: str, size: int, journal: str | None = None) -> Callable[[], int]:
    """Run a graph of LangGraph; its steps are bounded by a number that has to be raised."""
    import operator
    import uuid
    from typing import Annotated, TypedDict

    from langgraph.graph import END, START, StateGraph

    kind = Annotated[int, operator.add] if shape == "fan" else int
    graph: Any = StateGraph(TypedDict("Counted", {"n": kind}))  # type: ignore[operator] # made here
    names = [f"n{number}" for number in range(1 if shape == "cycle" else size)]
    for name in names:
        graph.add_node(name, (lambda _: {"n": 1}) if shape == "fan" else count)
    if shape == "fan":
        for name in names:
            graph.add_edge(START, name)
            graph.add_edge(name, END)
    else:
        for one, two in zip([START, *names], names, strict=False):
            graph.add_edge(one, two)
        if shape == "cycle":
            again = lambda state: "n0" if state["n"] < size else END  # noqa: E731 - as their docs do
            graph.add_conditional_edges("n0", again)
        else:
            graph.add_edge(names[-1], END)
    saver = None
    if journal:
        import sqlite3

        from langgraph.checkpoint.sqlite import SqliteSaver

        saver = SqliteSaver(sqlite3.connect(journal, check_same_thread=False))
    compiled = graph.compile(checkpointer=saver)
    limit = {"recursion_limit": size + 10}
    return lambda: int(
        compiled.invoke({"n": 0}, {**limit, "configurable": {"thread_id": uuid.uuid4().hex}})["n"]
    )


def burr(shape: str, size: int) -> Callable[[], int]:
    """Run an application of Burr; it keeps its state, and is set back before each run."""
    from burr.core import ApplicationBuilder, action, default, expr
    from burr.core import State as Kept

    @action(reads=["n"], writes=["n"])
    def add(state: Any) -> Any:  # noqa: ANN401 - theirs
        return state.update(n=state["n"] + 1)

    @action(reads=["n"], writes=[])
    def finish(state: Any) -> Any:  # noqa: ANN401 - theirs
        return state

    names = [f"n{number}" for number in range(1 if shape == "cycle" else size)]
    ways: list[Any] = list(pairwise(names))
    if shape == "cycle":
        ways.append(("n0", "n0", expr(f"n < {size}")))
    ways.append((names[-1], "finish", default))
    app = (
        ApplicationBuilder()
        .with_actions(**dict.fromkeys(names, add), finish=finish)
        .with_transitions(*ways)
        .with_state(n=0)
        .with_entrypoint("n0")
        .build()
    )

    def run() -> int:
        app.update_state(Kept({"n": 0}))
        _, _, state = app.run(halt_after=["finish"])
        return int(state["n"])

    return run


def pydantic_graph(shape: str, size: int) -> Callable[[], int]:
    """Run a graph of pydantic-graph."""
    import asyncio
    from dataclasses import dataclass

    from pydantic_graph import GraphBuilder, StepContext

    @dataclass
    class Counted:
        n: int = 0

    graph: Any = GraphBuilder(state_type=Counted, output_type=int)

    async def add(context):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - set below
        context.state.n += 1

    async def more(context):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - set below
        context.state.n += 1
        return context.state.n < size

    given: Any = StepContext[Counted, None, None]  # they read what is annotated
    add.__annotations__ = {"context": given, "return": type(None)}
    more.__annotations__ = {"context": given, "return": bool}
    if shape == "cycle":
        node = graph.step(more, node_id="n")
        way = graph.decision().branch(graph.match(bool, matches=bool).to(node))
        way = way.branch(graph.match(bool).to(graph.end_node))
        graph.add(graph.edge_from(graph.start_node).to(node), graph.edge_from(node).to(way))
    else:
        nodes = [graph.step(add, node_id=f"n{number}") for number in range(size)]
        for one, two in zip([graph.start_node, *nodes], [*nodes, graph.end_node], strict=True):
            graph.add_edge(one, two)
    built = graph.build()
    loop = asyncio.new_event_loop()

    def run() -> int:
        state = Counted()
        loop.run_until_complete(built.run(state=state))
        return state.n

    return run


def measure(engine: str, seconds: float) -> dict[str, float | None]:
    """Return the runs a CPU second of each shape, or None where there are none."""
    name = engine.partition(" journal")[0]
    make = {
        "plain loop": plain_loop, "codeanatomy": codeanatomy, "langgraph": langgraph,
        "burr": burr, "pydantic-graph": pydantic_graph,
    }[name]  # fmt: skip
    found: dict[str, float | None] = {}
    for shape in SHAPES:
        kind, size = shape.split()[0], int(shape.split()[1])
        if kind == "fan" and name in ("burr", "pydantic-graph"):
            found[shape] = None
            continue
        with tempfile.TemporaryDirectory(prefix="codeanatomy-") as folder:
            extra = (f"{folder}/journal.db",) if engine.endswith("journal") else ()
            found[shape] = _rate(make(kind, int(size), *extra), int(size), seconds)
    return found


def _rate(run: Callable[[], int], expected: int, seconds: float) -> float:
    assert run() == expected
    wall, began, times = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - wall < seconds:
        run()
        times += 1
    return round(times / (time.process_time() - began), 1)


def main() -> None:
    """Measure every engine in a process of its own, and print a table."""
    options = dict(part.removeprefix("--").split("=") for part in sys.argv[1:] if "=" in part)
    seconds = float(options.get("seconds", 2))
    if "engine" in options:
        print(json.dumps(measure(options["engine"], seconds)))
        return
    from benchmarks import corpora

    home = corpora.HERE / "flow-peers"
    if not home.is_dir():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(home / "bin" / "pip"), "install", "-q", *PINNED], check=True)
    print(f"{'runs a CPU second':22}", *(f"{shape:>12}" for shape in SHAPES))
    for engine in (*OURS, *PEERS):
        python = sys.executable if engine in OURS else str(home / "bin" / "python")
        command = [python, str(Path(__file__)), f"--engine={engine}", f"--seconds={seconds}"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        figures = json.loads(done.stdout.splitlines()[-1])
        shown = (f"{figures[s]:>12,.1f}" if figures[s] else f"{'-':>12}" for s in SHAPES)
        print(f"{engine:22}", *shown, flush=True)


if __name__ == "__main__":
    main()
