"""The command `tea resume`: goes on from a checkpoint."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from codeanatomy.cli.tea.following import Following, Manner, ended_by, set_verbosity
from codeanatomy.cli.tea.inputs import deep_merge, parse_input
from codeanatomy.cli.tea.ndjson import emit_ndjson_event
from codeanatomy.cli.tea.options import ResumeOptions, takes
from codeanatomy.cli.tea.say import fail
from codeanatomy.cli.tea.workflow_file import load, wanted_of

if TYPE_CHECKING:
    from codeanatomy.cli.tea.workflow_file import Loaded

State = dict[str, Any]


@takes(ResumeOptions)
def resume(options: ResumeOptions) -> None:
    """Go on from a checkpoint and print the final state."""
    set_verbosity(options.verbose)
    manner = Manner.of(options, options.workflow)
    checkpoint = options.checkpoint
    saved = load_checkpoint(checkpoint) if Path(checkpoint).is_file() else None
    updates = parse_input(options.input)
    loaded = load(wanted_of(options, options.workflow))
    if saved is None:
        saved = _of_journal(loaded, checkpoint)
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


def _of_journal(loaded: Loaded, checkpoint: str) -> State:
    """Read a checkpoint that is no file from the journal of the command or of the agent file."""
    journal = loaded.graph.journal
    found: State | None = None
    try:
        found = journal.checkpoint(checkpoint) if journal is not None else None
    except LookupError:
        pass
    except Exception as error:  # noqa: BLE001 - a database fails in any way
        loaded.engine.close()
        fail(f"Error loading checkpoint: {error}")
    if found is None:
        loaded.engine.close()
        also = "" if journal is None else f"; nor is it in the journal {journal.uri}"
        fail(f"Error: Checkpoint file not found: {checkpoint}{also}")
    return found


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
