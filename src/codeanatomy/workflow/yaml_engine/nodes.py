"""From a node of the file to the function its graph calls."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel import catalog
from codeanatomy.workflow import kinds
from codeanatomy.workflow.yaml_engine.agent import entered
from codeanatomy.workflow.yaml_engine.code_nodes import code_block
from codeanatomy.workflow.yaml_engine.on_error import handled, read_rule
from codeanatomy.workflow.yaml_engine.settings import section
from codeanatomy.workflow.yaml_engine.subgraphs import subgraph_call, subgraph_node
from codeanatomy.workflow.yaml_engine.time_limit import limited
from codeanatomy.workflow.yaml_engine.traced import observed, watched
from codeanatomy.workflow.yaml_engine.uses import action_call

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codeanatomy.workflow.yaml_engine.agent import Agent

    State = dict[str, Any]
    Node = Mapping[str, Any]
    Run = Callable[..., State]


def node_function(agent: Agent, node: Node) -> Any:  # noqa: ANN401 - a function, or None for a node that passes the state on
    """Return what the graph calls for a node of the file."""
    name = str(node["name"])
    if _is_graph(node):
        run: Run | None = subgraph_node(agent, node, name)
    else:
        run = _body(agent, node, name)
    if run is None:
        return None
    run = limited(run, node, name)
    if callable(node.get("run")):
        return run
    if "on_error" in node:
        run = _guarded(agent, run, node, name)
    if watched(agent):
        run = observed(agent, run, name, str(node.get("uses") or "inline"))
    return entered(agent, run)


def body_function(agent: Agent, where: str, body: Node) -> Callable[[State], State]:
    """Return the function of a node inside a node: of a loop, a branch or a step."""
    run = _body(agent, body, where)
    if run is None:
        return lambda state: {}  # noqa: ARG005 - it passes the state on
    run = limited(run, body, where)
    if "on_error" in body:
        run = _guarded(agent, run, body, where)
    return entered(agent, run)


def kind_of(node: Node) -> str | None:
    """Name the file of `kinds` that runs a node; None for a node that runs nothing but itself."""
    declared = node.get("type")
    if declared in ("while_loop", "dynamic_parallel"):
        return str(declared)
    strategy = node.get("strategy")
    if isinstance(strategy, dict) and "matrix" in strategy:
        return "matrix"
    if "parallel_each" in node:
        return "parallel_each"
    return None


def _is_graph(node: Node) -> bool:
    """Tell whether a node is a graph and nothing else stands around it."""
    others = ("run", "script", "uses", "steps", "on_error", "timeout")
    return kind_of(node) is None and "subgraph" in node and not any(key in node for key in others)


def _body(agent: Agent, node: Node, where: str) -> Run | None:
    kind = kind_of(node)
    if kind is not None:
        return _kind(agent, node, where, kind)
    for key, make in _FORMS.items():
        if node.get(key) is not None:
            return make(agent, node, where)
    return None


def _guarded(agent: Agent, run: Run, node: Node, where: str) -> Run:
    rule = read_rule(node, where, section(agent.settings, "error_handling"))
    return handled(run, rule, where, node.get("uses"))


def _kind(agent: Agent, node: Node, where: str, kind: str) -> Run:
    make = catalog.load(kinds, kind, "make")
    inside = agent.inside(_loop_names(node, kind))
    run = make(dict(node), agent, partial(_inner, inside, where))

    def call(state: State, config: Mapping[str, Any] | None = None) -> State:  # noqa: ARG001 - every node takes both
        update: State = run(state)
        return update

    return call


def _loop_names(node: Node, kind: str) -> tuple[str, ...]:
    """Name the state keys that stand by themselves in a branch or round."""
    if kind == "dynamic_parallel":
        return str(node.get("item_var") or "item"), str(node.get("index_var") or "index")
    return _FIXED.get(kind, ())


def _inner(agent: Agent, where: str, body: Node) -> Callable[[State], State]:
    return body_function(agent, str(body.get("name") or where), body)


def _steps(agent: Agent, node: Node, where: str) -> Run:
    return _kind(agent, node, where, "steps")


# the keys of branches whose names a file cannot choose
_FIXED = {"parallel_each": ("item", "item_index"), "matrix": ("matrix",)}

# the key a node has -> what makes its function; the first that is there
_FORMS: dict[str, Callable[[Agent, Node, str], Run]] = {
    "run": code_block,
    "script": code_block,
    "uses": action_call,
    "steps": _steps,
    "subgraph": subgraph_call,
}
