"""Checkpoints of runs without a journal: where they are kept, and how a run goes on from one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from codeanatomy.workflow.run.lane import LOGGER, Lane, Run
from codeanatomy.workflow.run.recording import answered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codeanatomy.workflow.run.lane import Pause

    State = dict[str, Any]

_PLACE: Final = "__place__"
"""The key of a saved config that holds the place, where node and state alone do not say it."""


def resumed_lane(run: Run, checkpoint: str, updates: State | None) -> Lane:
    """Stand where a checkpoint says, with changes to its state; its config is under the run's."""
    graph = run.graph
    if graph.checkpointer is not None:
        found = graph.checkpointer.load(checkpoint)
    else:
        found = load_file(str(checkpoint))
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
    name = f"{node}_{int(time.time() * 1000)}_{uuid4().hex[:8]}"
    target = name
    try:
        if graph.checkpointer is not None:
            found = graph.checkpointer.save(name, place["state"], node, config)
            return found if isinstance(found, str) else name
        if graph.checkpoint_dir is None:
            return None
        target = str(Path(graph.checkpoint_dir, f"{name}.pkl"))
        return save_file(target, place["state"], node, config)
    except Exception as error:
        text = f"Failed to save checkpoint to '{target}': {error}"
        LOGGER.exception(text)
        if run.raising:
            raise RuntimeError(text) from error
        return None


def save_file(path: str, state: State, node: str, config: Mapping[str, Any] | None) -> str:
    """Write a checkpoint file, and the folders it needs; return its path."""
    from codeanatomy.workflow.checkpoint import write_checkpoint  # noqa: PLC0415 - brings msgspec

    write_checkpoint(path, state, node, config)
    return path


def load_file(path: str) -> dict[str, Any]:
    """Read a checkpoint file: `state`, `node`, `config`, `timestamp`, `version`."""
    from codeanatomy.workflow.checkpoint import read_checkpoint  # noqa: PLC0415 - as above

    return read_checkpoint(path)


def _place(run: Run, found: Mapping[str, Any]) -> dict[str, Any]:
    """Say where to go on from a node and a state: after it where only its end is an interrupt."""
    node, graph = found["node"], run.graph
    left = node in graph.interrupt_after and node not in graph.interrupt_before
    return {"node": node, "left": left, "taken": 0, "state": dict(found["state"])}
