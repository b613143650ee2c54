"""Makes a state graph of a drawing: phase after phase, each with its nodes side by side."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.dot.analyze import analyze_graph
from codeanatomy.workflow.dot.command import run_command
from codeanatomy.workflow.dot.parse import parse_dot, parse_dot_string

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.dot.model import AnalyzedGraph, ExecutionPhase, ParsedGraph
    from codeanatomy.workflow.graph import StateGraph

State = dict[str, Any]


def dot_to_stategraph(
    dot_source: str,
    command_timeout: int = 3600,
    working_directory: str | None = None,
    raise_exceptions: bool = True,  # noqa: FBT001, FBT002 - the promised signature
) -> StateGraph:
    """Compile a drawing (its text, or a file's path) to a state graph that is ready to run.

    A node runs the shell command of its attribute `command`; one without passes the state on. What
    a command wrote stands in `state["results"][node]`: label, command, exit_code, stdout, stderr.
    """
    from codeanatomy.workflow.graph import StateGraph  # noqa: PLC0415 - parsing needs none of it

    analyzed = analyze_graph(_parsed(dot_source))
    graph = StateGraph({"results": dict}, raise_exceptions=raise_exceptions)
    last = ""
    for phase in analyzed.phases:
        run = partial(_run, analyzed, timeout=command_timeout, folder=working_directory)
        first, end = _add_phase(graph, phase, run)
        if last:
            graph.add_edge(last, first)
        else:
            graph.set_entry_point(first)
        last = end
    if not last:
        graph.add_node("nothing_to_run")
        graph.set_entry_point("nothing_to_run")
        last = "nothing_to_run"
    graph.set_finish_point(last)
    return graph.compile()


def run_dot(
    dot_source: str,
    initial_state: State | None = None,
    command_timeout: int = 3600,
    working_directory: str | None = None,
) -> State:
    """Run a drawing to its end and return the final state; a failed command raises."""
    graph = dot_to_stategraph(dot_source, command_timeout, working_directory)
    final: State = {}
    for event in graph.invoke(dict(initial_state or {})):
        if event["type"] == "error":
            raise RuntimeError(event["error"])
        final = event["state"]
    return final


def _parsed(source: str) -> ParsedGraph:
    if "{" not in source and Path(source).is_file():
        return parse_dot(source)
    return parse_dot_string(source)


def _add_phase(
    graph: StateGraph, phase: ExecutionPhase, run: Callable[..., State]
) -> tuple[str, str]:
    for node in phase.nodes:
        graph.add_node(node, partial(_step, node, run))
    if not phase.is_parallel:
        return phase.nodes[0], phase.nodes[0]
    first, end = f"phase_{phase.number}", f"phase_{phase.number}_join"
    graph.add_node(first)
    graph.add_fanin_node(end, _join)
    for node in phase.nodes:
        graph.add_parallel_edge(first, node, end)
        graph.add_edge(node, end)
    return first, end


def _step(node: str, run: Callable[..., State], state: State) -> State:
    return {"results": {**state.get("results", {}), node: run(node)}}


def _run(analyzed: AnalyzedGraph, node: str, timeout: float, folder: str | None) -> State:
    drawn = analyzed.parsed.nodes[node]
    if drawn.command is None:
        return {"label": drawn.label, "command": None, "exit_code": 0, "stdout": "", "stderr": ""}
    return {"label": drawn.label, **run_command(node, drawn.command, timeout, folder)}


def _join(state: State, parallel_results: list[Any]) -> State:
    results = dict(state.get("results", {}))
    for branch in parallel_results:
        results.update(branch["results"])
    return {"results": results}
