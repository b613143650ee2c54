"""Running another graph to its end in the middle of a node, and finding the file it stands in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeanatomy.kernel.errors import SpecError
from codeanatomy.workflow.errors import NestedRunError
from codeanatomy.workflow.response import HTTPResponse

if TYPE_CHECKING:
    from codeanatomy.workflow.graph import StateGraph

    State = dict[str, Any]


class SubgraphNotFoundError(SpecError, FileNotFoundError):
    """The file of a subgraph is not there."""

    code = "subgraph-not-found"


def found_file(text: str, base_dir: Path | None) -> Path:
    """Return the path of an agent file; a relative one starts at `base_dir`."""
    path = Path(text).expanduser()
    path = path if path.is_absolute() else (base_dir or Path.cwd()) / path
    if not path.is_file():
        raise SubgraphNotFoundError(f"Subgraph not found: {text}")
    return path


def run_to_end(graph: StateGraph, state: State, where: str) -> State:
    """Run a graph and return its last state; what goes wrong in it is raised."""
    final: State | None = None
    for event in graph.invoke(state):
        kind = event["type"]
        if kind == "final":
            final = event["state"]
        elif kind == "error":
            raise NestedRunError(str(event["error"]), node=event["node"], within=where)
        elif kind == "http_response":
            raise HTTPResponse(event["status"], event["body"], event["headers"])
        elif kind == "validation_error":
            raise NestedRunError(f"input of {where}: {event['errors']}", within=where)
        elif kind == "interrupt":
            raise NestedRunError(
                f"the graph of '{where}' stops for a person at '{event['node']}'; "
                "only a graph that is run by itself can wait",
                within=where,
            )
    if final is None:
        raise NestedRunError(f"the graph of '{where}' ended without a state", within=where)
    return final


def begun(graph: StateGraph, state: State, where: str) -> State:
    """Return the state that a graph begins with, checked and filled as its own runs are."""
    if graph.hooks is None or graph.hooks.begin is None:
        return state
    state, errors = graph.hooks.begin(state)
    if errors:
        raise NestedRunError(f"input of {where}: {errors}", within=where)
    return state


def ended(graph: StateGraph, state: State) -> None:
    """Do what a graph does after its own runs."""
    if graph.hooks is not None and graph.hooks.save is not None:
        graph.hooks.save(state)
