"""From an agent to the graph that runs it: nodes, transitions, interrupts, storage, journal."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.graph import StateGraph
from codeanatomy.workflow.yaml_engine.around import hooks_of
from codeanatomy.workflow.yaml_engine.nodes import node_function
from codeanatomy.workflow.yaml_engine.parallel_settings import check_streams, parallel_settings
from codeanatomy.workflow.yaml_engine.routes import connect
from codeanatomy.workflow.yaml_engine.settings import listed, mapping_of, names_spelled

if TYPE_CHECKING:
    from codeanatomy.workflow.journal.base import Journal
    from codeanatomy.workflow.yaml_engine.agent import Agent

_INTERRUPTS = ("before", "after")
_TYPES: dict[str, Any] = {  # those of `input_schema`, with their other names
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "list": list,
    "dict": dict,
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "array": list,
    "object": dict,
    "any": Any,
}


def load_graph(agent: Agent, checkpointer: Any = None) -> StateGraph:  # noqa: ANN401 - anything with save and load
    """Return the compiled graph of an agent."""
    definition = agent.definition
    nodes = _named(listed(definition, "nodes"))
    config = mapping_of(definition, "config")
    parallel = parallel_settings(agent.settings)
    streams = {node["name"]: node["streams"] for node in nodes if node.get("streams")}
    check_streams(agent.settings, sorted(streams))
    schema = mapping_of(definition, "state_schema")
    graph = StateGraph(
        _types(schema) if config.get("check_schema") else schema,
        raise_exceptions=bool(config.get("raise_exceptions", False)),
        max_workers=config.get("max_workers"),
        log_level=logging.getLogger("the_edge_agent").level or logging.WARNING,
        parallel_config=parallel,
    )
    graph.name = agent.name or None
    agent.current_graph = graph
    for node in nodes:
        add = graph.add_fanin_node if node.get("fan_in") is True else graph.add_node
        add(str(node["name"]), node_function(agent, node), meta={"declared": node})
    connect(graph, agent, nodes, listed(definition, "edges"))
    graph.hooks = hooks_of(agent)
    _compile(graph, agent, nodes, config, checkpointer)
    if streams:
        graph.parallel.streams = streams
    return graph


def _compile(
    graph: StateGraph,
    agent: Agent,
    nodes: list[dict[str, Any]],
    config: dict[str, Any],
    checkpointer: Any,  # noqa: ANN401 - as above
) -> None:
    stops = {when: _names(config.get(f"interrupt_{when}")) for when in _INTERRUPTS}
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
    journal = _journal(agent)
    if directory is None and checkpointer is None and journal is None and any(stops.values()):
        directory = agent.temporary_folder()
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


def _types(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the types that a file names: `key: str`, or `key: {type: str}`; None always fits."""
    types: dict[str, Any] = {}
    for key, declared in schema.items():
        name = declared.get("type", "any") if isinstance(declared, dict) else declared
        if name not in _TYPES:
            known = ", ".join(_TYPES)
            raise SpecError(f"state_schema.{key}: {name!r} is no type; it can be one of {known}")
        types[key] = _TYPES[name] | None if name != "any" else Any
    return types


def _names(declared: Any) -> list[str]:  # noqa: ANN401 - what a file says
    """Return the names in a list, or the one that stands by itself."""
    if declared is None:
        return []
    return [declared] if isinstance(declared, str) else [str(name) for name in declared]


def _journal(agent: Agent) -> Journal | None:
    uri = _journal_uri(agent.settings.get("journal"))
    if uri is None:
        return None
    from codeanatomy.workflow.journal.open import open_journal  # noqa: PLC0415 - brings sqlite

    for name in sorted({*names_spelled(agent.definition, "secrets")}):
        agent.secrets.get(name)  # from here on the journal knows it, and can put it back
    return open_journal(uri, secrets=agent.hidden)


def _journal_uri(declared: Any) -> str | None:  # noqa: ANN401 - what a file says
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


def _named(nodes: list[Any]) -> list[dict[str, Any]]:
    for index, node in enumerate(nodes):
        if not isinstance(node, dict):
            raise SpecError(f"Node at index {index} must be a mapping, got {type(node).__name__}")
        if not isinstance(node.get("name"), str) or not node["name"]:
            raise SpecError(f"Node at index {index} is missing a 'name' field")
    return nodes
