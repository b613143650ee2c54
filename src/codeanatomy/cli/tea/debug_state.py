"""Writes the state after every node of the main line to a file of its own, for debugging."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from codeanatomy.cli.tea.say import as_json, fail, say
from codeanatomy.workflow.redact import redacted

LONGEST = 128  # characters of a node's name in a file name
WARNING = (
    "WARNING: --debug-state is enabled. The complete state, which may hold personal data, is "
    "written to {place}"
)


class StateFiles:
    """A folder with a numbered file for every step."""

    def __init__(self, place: str) -> None:
        self.place = Path(place)
        try:
            self.place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            fail(f"Error: Cannot create --debug-state directory: {error}")
        say(WARNING.format(place=self.place))
        self.step = 0

    def note(self, event: dict[str, Any]) -> None:
        """Write the state of a `state` or `error` event; of others, and on errors, nothing."""
        kind = event.get("type")
        if kind not in ("state", "error"):
            return
        self.step += 1
        node = str(event.get("node"))
        record = {"step": self.step, "node": node, "state": event.get("state")}
        if kind == "error":
            record["traceback"] = event.get("error")
        word = "FAILED" if kind == "error" else "after"
        path = self.place / f"{self.step:02d}-{word}-{safe_name(node)}.json"
        try:
            path.write_text(as_json(redacted(record)), encoding="utf-8")
        except (OSError, ValueError, TypeError):
            return


def safe_name(node: str) -> str:
    """Keep what may stand in a file name; `_` when nothing is left."""
    return re.sub(r"[^A-Za-z0-9_-]", "", node)[:LONGEST] or "_"
