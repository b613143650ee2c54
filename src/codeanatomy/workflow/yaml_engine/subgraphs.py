"""A graph inside a graph: another agent file, or one written out, run to its end as one node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.yaml_engine.nested import found_file, run_to_end
from codeanatomy.workflow.yaml_engine.uses import shaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from codeanatomy.workflow.graph import StateGraph
    from codeanatomy.workflow.yaml_engine.agent import Agent

    State = dict[str, Any]


def subgraph_call(agent: Agent, node: Mapping[str, Any], where: str) -> Callable[..., State]:
    """Return the function of a node with a `subgraph`: its `input` rendered, its end state told."""
    target, given = node["subgraph"], node.get("input")
    output = node.get("output", node.get("output_key"))

    def run(state: State, config: Mapping[str, Any] | None = None) -> State:  # noqa: ARG001 - every node takes both
        begin = dict(state) if given is None else dict(agent.render(given, state))
        graph = open_subgraph(agent, target, state)
        return shaped(agent, output, run_to_end(graph, begin, where), state)

    return run


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
