"""Checkpoints of runs without a journal: where they are kept, and how a run goes on from one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from codeanatomy.workflow.checkpoint import (
    checkpoint_name,
    read_checkpoint,
    read_left,
    write_checkpoint,
)
from codeanatomy.workflow.run.lane import LOGGER, Lane, Run
from codeanatomy.workflow.run.recording import answered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.workflow.run.lane import Pause
    from codeanatomy.workflow.runnable import Runnable

    State = dict[str, Any]

_PLACE: Final = "__place__"
"""The key of a saved config that holds the place, where node and state alone do not say it."""


def resumed_lane(run: Run, checkpoint: str, updates: State | None) -> Lane:
    """Stand where a checkpoint says, with changes to its state; its config is under the run's."""
    found = _loaded(run.graph, checkpoint)
    config = dict(found.get("config") or {})
    place = config.pop(_PLACE, None) or _place(run, found)
    run.config = {**config, **run.config}
    step = run.flow.step(place["node"])
    lane = Lane(run, {}, step)
    lane.go_to(answered(place, updates or {}))
    return lane


def keep(run: Run, lane: Lane, pause: Pause) -> str | None:
    """Save where a run waits; return what it is found by.

    A failure to save is logged, and raised as RuntimeError where the graph raises failures.
    """
    place, graph = pause.place, run.graph
    node = pause.node if pause.node in run.flow.steps else lane.step.name
    config = run.config
    if _place(run, {"node": node, "state": place["state"]}) != {**place, "taken": 0}:
        config = {**config, _PLACE: place}
    file = checkpoint_name(node, time.time())
    target = file.removesuffix(".pkl")
    if graph.checkpointer is None:
        if graph.checkpoint_dir is None:
            return None
        target = str(Path(graph.checkpoint_dir, file))
    try:
        return _saved(graph, target, place, node, config)
    except Exception as error:
        text = f"Failed to save checkpoint to '{target}': {error}"
        LOGGER.error(text, exc_info=run.debug)
        if run.raising:
            raise RuntimeError(text) from error
        return None


def _saved(
    graph: Runnable, target: str, place: Mapping[str, Any], node: str, config: Mapping[str, Any]
) -> str:
    if graph.checkpointer is None:
        left = bool(place.get("left"))  # a graph without this interrupt may go on from the file
        write_checkpoint(target, place["state"], node, config, replace=False, left=left)
        return target
    found = graph.checkpointer.save(target, place["state"], node, config)
    return found if isinstance(found, str) else target


def save_file(path: str, state: State, node: str, config: Mapping[str, Any] | None) -> str:
    """Write a checkpoint file, and the folders it needs; return its path."""
    write_checkpoint(path, state, node, config)
    return path


def _loaded(graph: Runnable, checkpoint: str) -> Mapping[str, Any]:
    """Ask the checkpointer; a path that it does not know may still name a file."""
    if graph.checkpointer is None:
        return _of_file(checkpoint)
    try:
        found: Mapping[str, Any] = graph.checkpointer.load(checkpoint)
    except (KeyError, FileNotFoundError):
        if not Path(checkpoint).is_file():
            raise
        return _of_file(checkpoint)
    return found


def _of_file(path: str) -> Mapping[str, Any]:
    return {**read_checkpoint(path), "left": read_left(path)}


def _place(run: Run, found: Mapping[str, Any]) -> dict[str, Any]:
    """Say where to go on: what was saved may say it, else the interrupts of the node do."""
    node, graph = found["node"], run.graph
    left = found.get("left")
    if left is None:
        left = node in graph.interrupt_after and node not in graph.interrupt_before
    return {"node": node, "left": left, "taken": 0, "state": dict(found["state"])}
