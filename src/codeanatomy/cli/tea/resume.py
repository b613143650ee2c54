"""The command `tea resume`: goes on from a checkpoint."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import typer

from codeanatomy.cli.tea.following import Following, Manner, ended_by, set_verbosity
from codeanatomy.cli.tea.inputs import deep_merge, parse_input
from codeanatomy.cli.tea.ndjson import emit_ndjson_event
from codeanatomy.cli.tea.options import ResumeOptions, takes
from codeanatomy.cli.tea.say import fail
from codeanatomy.cli.tea.workflow_file import load, wanted_of

State = dict[str, Any]


@takes(ResumeOptions)
def resume(options: ResumeOptions) -> None:
    """Go on from a checkpoint and print the final state."""
    set_verbosity(options.verbose)
    manner = Manner.of(options, options.workflow)
    checkpoint = options.checkpoint
    in_journal = options.journal is not None and not Path(checkpoint).is_file()
    saved = {} if in_journal else load_checkpoint(checkpoint)
    updates = parse_input(options.input)
    loaded = load(wanted_of(options, options.workflow))
    following = Following(loaded, manner)
    if options.stream:
        emit_ndjson_event("resume", workflow=options.workflow, checkpoint=checkpoint)
    else:
        following.line(f"Resuming from checkpoint: {checkpoint}")
        following.line(f"Interrupted node: {saved['node']}\n" if "node" in saved else "")
    with ended_by(following):
        for event in following.events(_changes(saved, updates), checkpoint):
            following.tell(event)
    raise typer.Exit(following.status)


def load_checkpoint(path: str) -> State:
    """Read a checkpoint file: state, node, config, timestamp, version."""
    from codeanatomy.workflow.graph import StateGraph  # noqa: PLC0415 - heavy

    if not Path(path).is_file():
        fail(f"Error: Checkpoint file not found: {path}")
    try:
        saved = StateGraph.load_checkpoint(path)
    except Exception as error:  # noqa: BLE001 - a file may hold anything
        fail(f"Error loading checkpoint: {error}")
    if "state" not in saved:
        fail("Error loading checkpoint: missing 'state' key")
    return saved


def _changes(saved: State, updates: State) -> State | None:
    """Complete updates: they are merged deeply, and a run that goes on takes whole keys."""
    if not updates:
        return None
    state = saved.get("state") or {}
    return {
        key: deep_merge(deepcopy(state[key]), value)
        if isinstance(value, dict) and isinstance(state.get(key), dict)
        else value
        for key, value in updates.items()
    }
