"""One JSON object a line, for programs that follow a run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import typer

from codeanatomy.cli.tea.say import as_json


def emit_ndjson_event(event_type: str, **fields: Any) -> None:  # noqa: ANN401 - what an event says
    """Print an event with its type and the moment (ISO 8601, UTC)."""
    stamp = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    typer.echo(as_json({"type": event_type, **fields, "timestamp": stamp}, indent=None))
