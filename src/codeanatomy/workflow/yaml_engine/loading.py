"""From an agent to the graph that runs it: nodes, transitions, interrupts, storage, journal."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.graph import StateGraph
from codeanatomy.workflow.yaml_engine.around import hooks_of
from codeanatomy.workflow.yaml_engine.nodes import node_function
from codeanatomy.workflow.yaml_engine.parallel_settings import check_streams, parallel_settings
from codeanatomy.workflow.yaml_engine.routes import connect

if TYPE_CHECKING:
    from codeanatomy.workflow.yaml_engine.agent import Agent

_INTERRUPTS = ("before", "after")


def load_graph(agent: Agent, checkpointer: Any = None) -> StateGraph:  # noqa: ANN401 - anything with save and load
    """Return the compiled graph of an agent."""
    definition = agent.definition
    nodes = _listed(definition, "nodes")
    config = dict(definition.get("config") or {})
    parallel = parallel_settings(agent.settings)
    check_streams(agent.settings, [str(node["name"]) for node in nodes if node.get("streams")])
    graph = StateGraph(
        definition.get("state_schema") or {},
        raise_exceptions=bool(config.get("raise_exceptions", False)),
        max_workers=config.get("max_workers"),
        parallel_config=parallel,
    )
    graph.name = agent.name or None
    agent.current_graph = graph
    for node in nodes:
        add = graph.add_fanin_node if node.get("fan_in") is True else graph.add_node
        add(str(node["name"]), node_function(agent, node), meta={"declared": node})
    connect(graph, agent, nodes, _listed(definition, "edges"))
    graph.hooks = hooks_of(agent)
    _compile(graph, agent, nodes, config, checkpointer)
    return graph


def _compile(
    graph: StateGraph,
    agent: Agent,
    nodes: list[dict[str, Any]],
    config: dict[str, Any],
    checkpointer: Any,  # noqa: ANN401 - as above
) -> None:
    stops = {when: [*(config.get(f"interrupt_{when}") or [])] for when in _INTERRUPTS}
    for node in nodes:
        when = node.get("interrupt")
        if when is None or when is False:
            continue
        if when not in _INTERRUPTS:
            raise SpecError(
                f"Node '{node['name']}': interrupt is 'before' or 'after', got {when!r}"
            )
        if node["name"] not in stops[when]:
            stops[when].append(node["name"])
    directory = config.get("checkpoint_dir")
    journal = _journal(agent.settings.get("journal"))
    if directory is None and checkpointer is None and journal is None and any(stops.values()):
        directory = tempfile.mkdtemp(prefix="tea_checkpoint_")
    agent.checkpoint_dir = None if directory is None else str(directory)
    options: dict[str, Any] = {}
    if config.get("max_steps") is not None:
        options["max_steps"] = int(config["max_steps"])
    graph.compile(
        interrupt_before=stops["before"],
        interrupt_after=stops["after"],
        checkpoint_dir=agent.checkpoint_dir,
        checkpointer=checkpointer,
        journal=journal,
        reducers=config.get("reducers"),
        check_schema=bool(config.get("check_schema", False)),
        **options,
    )


def _journal(declared: Any) -> str | None:  # noqa: ANN401 - what a file says
    if not declared:
        return None
    if isinstance(declared, str):
        return declared
    if not isinstance(declared, dict) or not (declared.get("uri") or declared.get("path")):
        raise SpecError("settings.journal: a path, a URI, or a mapping with 'uri' or 'path'")
    uri = str(declared.get("uri") or declared["path"])
    synchronous = declared.get("synchronous")
    if not synchronous:
        return uri
    start = uri if "://" in uri else f"sqlite:///{uri}"
    return f"{start}{'&' if '?' in start else '?'}synchronous={synchronous}"


def _listed(definition: dict[str, Any], section: str) -> list[Any]:
    found = definition.get(section)
    return found if isinstance(found, list) else []
