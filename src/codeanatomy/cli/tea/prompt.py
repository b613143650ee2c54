"""Asks the person at the terminal how a run that waits is to go on."""

from __future__ import annotations

import json
from typing import Any

import typer

from codeanatomy.cli.tea.say import FAILED, fail, say

Answer = tuple[dict[str, Any] | None, str | None]


def ask(event: dict[str, Any]) -> Answer:
    """Return the changes to the state and the checkpoint to go on from; an abort ends all."""
    checkpoint = event.get("checkpoint_path")
    say(f"   Checkpoint saved: {checkpoint}")
    answer = _read("   [c]ontinue, [u]pdate the state, [a]bort? ").lower()
    if answer in ("c", "continue", ""):
        return None, checkpoint
    if answer in ("u", "update"):
        return _changes(_read("   Changes as a JSON object: ")), checkpoint
    say("Aborted.")
    raise typer.Exit(FAILED)


def _changes(text: str) -> dict[str, Any]:
    try:
        changes = json.loads(text)
    except ValueError as error:
        fail(f"Error: Invalid JSON: {error}")
    if not isinstance(changes, dict):
        fail(f"Error: Changes must be a JSON object, got {type(changes).__name__}")
    return changes


def _read(question: str) -> str:
    try:
        return input(question).strip()
    except EOFError:
        say("Aborted: there is no more input.")
        raise typer.Exit(FAILED) from None
