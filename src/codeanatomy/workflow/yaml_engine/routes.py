"""Where a run goes after each node: goto rules, then edges, then the next node in the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.names import END, START
from codeanatomy.workflow.parallel.declared import declared_config
from codeanatomy.workflow.yaml_engine.chaining import Chain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from codeanatomy.workflow.graph import StateGraph
    from codeanatomy.workflow.yaml_engine.agent import Agent

    State = dict[str, Any]
    Node = dict[str, Any]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge of the file, its lists of nodes spread out."""

    source: str
    target: str
    declared: Mapping[str, Any]


def connect(graph: StateGraph, agent: Agent, nodes: Sequence[Node], edges: Sequence[Any]) -> None:
    """Declare every transition of a file on the graph, in the order in which they are tried."""
    spread = [one for index, edge in enumerate(edges) for one in _spread(index, edge)]
    outgoing: dict[str, list[Edge]] = {}
    for edge in spread:
        outgoing.setdefault(edge.source, []).append(edge)
    _enter(graph, agent, nodes, outgoing.get(START, []))
    silent: list[str] = []
    for node in nodes:
        name = node["name"]
        _fall_back(graph, node)
        settled = _go_to(graph, agent, node)
        for edge in outgoing.get(name, []):
            _declare(graph, agent, edge)
        if not settled and name not in outgoing:
            silent.append(name)
    if silent:
        chain = _chain(graph, nodes, spread, silent)
        for name in silent:
            graph.add_edge(name, chain.next(name))


def _chain(
    graph: StateGraph, nodes: Sequence[Node], spread: Sequence[Edge], silent: list[str]
) -> Chain:
    fans, heads = {}, {}
    for edge in spread:
        if edge.declared.get("type") == "parallel":
            fans[edge.source] = heads[edge.target] = str(edge.declared.get("fan_in"))
    told = {str(node["name"]): graph.successors(str(node["name"])) for node in nodes}
    return Chain(nodes, told, fans, heads, set(silent))


def _spread(index: int, edge: Any) -> Iterator[Edge]:  # noqa: ANN401 - what a file says
    if not isinstance(edge, dict):
        raise SpecError(f"Edge at index {index} must be a mapping, got {type(edge).__name__}")
    kind = edge.get("type")
    ends = {
        "from": edge.get("from", START if kind == "entry" else None),
        "to": edge.get("to", END if kind == "finish" else None),
    }
    for end, value in ends.items():
        if value is None:
            raise SpecError(f"Edge at index {index} is missing '{end}'")
    sources, targets = (v if isinstance(v, list) else [v] for v in ends.values())
    for source in sources:
        for target in targets:
            yield Edge(str(source), str(target), edge)


def _enter(graph: StateGraph, agent: Agent, nodes: Sequence[Node], entries: Sequence[Edge]) -> None:
    for edge in entries:
        _declare(graph, agent, edge)
    if not entries and nodes:
        graph.set_entry_point(nodes[0]["name"])


def _fall_back(graph: StateGraph, node: Node) -> None:
    """Route a failed node to the `fallback` of its `on_error`."""
    declared = node.get("on_error")
    target = declared.get("fallback") if isinstance(declared, dict) else None
    if not target:
        return
    name = node["name"]

    def failed(state: State) -> bool:
        error = state.get("__error__")
        return (
            state.get("__fallback_node__") == target
            and isinstance(error, dict)
            and error.get("node") == name
        )

    graph.add_conditional_edges(name, _saying(failed, "on error"), {True: str(target)})


def _go_to(graph: StateGraph, agent: Agent, node: Node) -> bool:
    """Declare a node's goto; True when it always leads somewhere."""
    goto, name = node.get("goto"), node["name"]
    if goto is None:
        return False
    if isinstance(goto, str):
        graph.add_edge(name, goto)
        return True
    if not isinstance(goto, list):
        raise SpecError(f"Node '{name}' has invalid goto type: {type(goto).__name__}")
    for rule in goto:
        if not isinstance(rule, dict) or not rule.get("to"):
            raise SpecError(f"Node '{name}' has goto rule without 'to' field: {rule}")
        target = str(rule["to"])
        if "if" not in rule or rule["if"] is True:
            graph.add_edge(name, target)
            return True
        graph.add_conditional_edges(name, _rule(agent, rule["if"]), {True: target})
    return False


def _rule(agent: Agent, condition: Any) -> Callable[[State], bool]:  # noqa: ANN401 - what a file says
    def holds(state: State) -> bool:
        return agent.templates.evaluate_goto(condition, agent.scope(state))

    return _saying(holds, condition)


def _declare(graph: StateGraph, agent: Agent, edge: Edge) -> None:
    declared = edge.declared
    if declared.get("type") == "parallel":
        settings = declared.get("parallel_config") or declared.get("config")
        config = declared_config(settings) if isinstance(settings, dict) else None
        graph.add_parallel_edge(edge.source, edge.target, str(declared.get("fan_in")), config)
        return
    chosen = _condition(agent, declared)
    if chosen is None:
        graph.add_edge(edge.source, edge.target)
        return
    function, expected = chosen
    graph.add_conditional_edges(edge.source, function, {expected: edge.target})


def _condition(
    agent: Agent, declared: Mapping[str, Any]
) -> tuple[Callable[[State], Any], Any] | None:
    """Return the function of an edge and the answer it waits for; None = always taken."""
    condition, when = declared.get("condition"), declared.get("when")
    if condition is None and when is None:
        return None
    if condition is None:
        return _test(agent, _constant(when)), True
    text = _text(condition)
    expected = True if when is None else _constant(when)
    if isinstance(expected, bool):
        return _test(agent, text), expected
    return _value(agent, text), expected


def _constant(when: Any) -> Any:  # noqa: ANN401 - what a file says
    if isinstance(when, str) and when.strip().lower() in {"true", "false"}:
        return when.strip().lower() == "true"
    return when


def _text(condition: Any) -> Any:  # noqa: ANN401 - what a file says
    """Return the expression of a condition, out of its long form too."""
    if isinstance(condition, (str, bool)):
        return condition
    if not isinstance(condition, dict):
        raise SpecError(f"Invalid condition configuration: {condition}")
    kind = condition.get("type", "expression")
    if kind != "expression":
        raise SpecError(f"Unknown condition type: {kind}")
    if not isinstance(condition.get("value"), (str, bool)):
        raise SpecError(f"Invalid condition configuration: {condition}")
    return condition["value"]


def _test(agent: Agent, condition: Any) -> Callable[[State], bool]:  # noqa: ANN401 - what a file says
    def holds(state: State) -> bool:
        return agent.evaluate(condition, state)

    return _saying(holds, condition)


def _value(agent: Agent, text: Any) -> Callable[[State], Any]:  # noqa: ANN401 - what a file says
    def value(state: State) -> Any:  # noqa: ANN401 - what the expression gives
        if not isinstance(text, str):
            return text
        return agent.templates.evaluate(text, agent.scope(state))

    return _saying(value, text)


def _saying(function: Callable[[State], T], condition: object) -> Callable[[State], T]:
    """Let drawings of the graph show a condition as the file says it."""
    function.said = str(condition)  # type: ignore[attr-defined]  # functions take attributes
    return function
