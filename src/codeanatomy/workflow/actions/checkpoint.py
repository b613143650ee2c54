"""Saving the state of a run where an agent file says so, and reading it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions import _paths

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""

    def save(
        state: State,
        path: str,
        graph: Any = None,
        node: str | None = None,
        config: State | None = None,
        **_: object,
    ) -> State:
        """Write a checkpoint of the state; templates find it as `checkpoint.last`."""
        target = str(path)
        try:
            where = _local(host, target)
            _graph(host, graph).save_checkpoint(where, state, node or "unknown", config)
        except Exception as error:
            return {"checkpoint_path": target, "saved": False, "error": str(error)}
        host.checkpoint_last = target
        return {"checkpoint_path": target, "saved": True}

    def load(state: State, path: str, **_: object) -> State:
        """Read a checkpoint."""
        from codeanatomy.workflow.graph import StateGraph

        target = str(path)
        try:
            found = StateGraph.load_checkpoint(_local(host, target))
        except FileNotFoundError:
            return {"error": f"Checkpoint file not found: {target}"}
        except ValueError as error:
            return {"error": f"Invalid checkpoint file: {error}"}
        except Exception as error:
            return {"error": f"Failed to load checkpoint: {error}"}
        return {f"checkpoint_{key}": found.get(key) for key in _KEYS}

    return {"checkpoint.save": save, "checkpoint.load": load}


_KEYS = ("state", "node", "config", "timestamp", "version")


def _graph(host: Host, graph: Any) -> Any:
    found = graph if hasattr(graph, "save_checkpoint") else host.current_graph
    if found is None:
        raise RuntimeError("No graph to take a checkpoint of")
    return found


def _local(host: Host, path: str) -> str:
    return str(_paths.find(host, path).path)
