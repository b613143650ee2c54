"""Small graphs for tests of runs, and a checkpointer that keeps what it is given as it was."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from codeanatomy.workflow import END, START, StateGraph

State = dict[str, Any]


def visit(state: State, node: str) -> State:
    """Write down where the run was."""
    return {"path": [*state.get("path", []), node]}


def line(*names: str, runs: dict[str, Any] | None = None, **options: Any) -> StateGraph:  # noqa: ANN401 - of compile
    """Make a line of nodes that write down where the run was, unless `runs` says otherwise."""
    graph = StateGraph({})
    before = START
    for name in names:
        graph.add_node(name, (runs or {}).get(name, visit))
        graph.add_edge(before, name)
        before = name
    graph.add_edge(before, END)
    return graph.compile(**options)


def fork(*branches: str, runs: dict[str, Any] | None = None, **options: Any) -> StateGraph:  # noqa: ANN401 - of compile
    """Make a graph `source` -> branches -> `meet`; a branch `b` runs nodes `b` and `b2`."""
    graph = StateGraph({})
    run = runs or {}
    graph.add_node("source", run.get("source", visit))
    graph.add_fanin_node("meet", run.get("meet", meet))
    for name in branches:
        graph.add_node(name, run.get(name, visit))
        graph.add_node(f"{name}2", run.get(f"{name}2", visit))
        graph.add_parallel_edge("source", name, "meet")
        graph.add_edge(name, f"{name}2")
        graph.add_edge(f"{name}2", "meet")
    graph.set_entry_point("source")
    graph.set_finish_point("meet")
    return graph.compile(**options)


def meet(state: State, parallel_results: list[Any]) -> State:
    """Put the paths of branches together."""
    del state
    return {"paths": [r["path"] for r in parallel_results], "parallel_results": None}


class Kept:
    """A checkpointer in memory: a stored checkpoint never changes."""

    def __init__(self) -> None:
        self.saved: dict[str, State] = {}

    def save(self, checkpoint_id: str, state: State, node: str, config: State) -> str:
        """Keep a copy."""
        self.saved[checkpoint_id] = deepcopy({"state": state, "node": node, "config": config})
        return checkpoint_id

    def load(self, checkpoint_id: str) -> State:
        """Give a copy."""
        return deepcopy(self.saved[checkpoint_id])


class Killed(BaseException):
    """Stands for the end of the process."""
