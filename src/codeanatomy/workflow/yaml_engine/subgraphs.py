"""A graph inside a graph: another agent file, or one written out, run to its end as one node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.journal.effects import current_step
from codeanatomy.workflow.spec import Nested
from codeanatomy.workflow.yaml_engine.nested import begun, ended, found_file, run_to_end
from codeanatomy.workflow.yaml_engine.uses import shaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from codeanatomy.workflow.graph import StateGraph
    from codeanatomy.workflow.yaml_engine.agent import Agent

    State = dict[str, Any]


def subgraph_call(agent: Agent, node: Mapping[str, Any], where: str) -> Callable[..., State]:
    """Return the function that runs a graph to its end; of a body, or of a guarded node."""
    return _call(agent, node, where, run_to_end)


def subgraph_node(agent: Agent, node: Mapping[str, Any], where: str) -> Callable[..., Any]:
    """Return the function of a node that is a graph.

    Where steps are recorded, or somebody may be asked inside, the graph becomes a part of the run.
    """

    def run(graph: StateGraph, begin: State, where: str) -> State | Begun:
        if current_step.get() is None and not _may_wait(graph):
            return run_to_end(graph, begin, where)
        return Begun(graph, begun(graph, begin, where))

    return _call(agent, node, where, run)


def _call(
    agent: Agent,
    node: Mapping[str, Any],
    where: str,
    run: Callable[[StateGraph, State, str], State | Begun],
) -> Callable[..., Any]:
    target, given = node["subgraph"], node.get("input")
    output = node.get("output", node.get("output_key"))

    def call(state: State, config: Mapping[str, Any] | None = None) -> State | Nested:  # noqa: ARG001 - every node takes both
        begin = dict(state) if given is None else dict(agent.render(given, state))
        found = run(open_subgraph(agent, target, state), begin, where)
        if not isinstance(found, Begun):
            return shaped(agent, output, found, state)
        graph = found.graph

        def shape(last: State) -> State:
            ended(graph, last)
            return shaped(agent, output, last, state)

        return Nested(graph, found.state, shape)

    return call


class Begun(NamedTuple):
    """A graph, and the state it begins with."""

    graph: StateGraph
    state: State


def _may_wait(graph: StateGraph) -> bool:
    """Tell whether a person may be asked inside a graph, or deeper in one of its nodes."""
    if graph.interrupt_before or graph.interrupt_after:
        return True
    return any("subgraph" in spec.meta.get("declared", ()) for spec in graph.declared_nodes())


def open_subgraph(agent: Agent, target: Any, state: State) -> StateGraph:  # noqa: ANN401 - what a file says
    """Return the graph that a `subgraph` names or writes out; each is made once."""
    if isinstance(target, dict):
        if not target.get("nodes"):
            raise SpecError(f"Empty subgraph configuration: {target.get('name', 'inline')}")
        return agent.opened_graph(f"inline {id(target)}", target)
    text = str(agent.render(str(target), state))
    path = found_file(text, agent.base_dir)
    if text != str(target) and agent.base_dir is not None:
        _stay_below(path, agent.base_dir)
    if not path.read_bytes().strip():
        raise SpecError(f"Empty subgraph configuration: {text}")
    return agent.opened_graph(str(path), path)


def _stay_below(path: Path, root: Path) -> None:
    """Refuse a path that a state made up and that leads out of the folder of the agent."""
    if not path.resolve().is_relative_to(root.resolve()):
        raise SpecError(f"subgraph {path}: a path out of a template stays below {root}")
