"""From a world's address to its store."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from codeanatomy.ecs.backend.memory import MemoryBackend
from codeanatomy.kernel.errors import UnsupportedError

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.ecs.backend.base import Backend


def open_backend(uri: str | Path | None, durability: str = "tick") -> Backend:
    """Open the store at `uri`; no address or `memory:` keeps ticks in memory (`?keep=n`)."""
    text = "memory:" if uri is None else str(uri)
    scheme, _, rest = text.partition(":")
    if scheme == "memory":
        keep = parse_qs(rest.partition("?")[2]).get("keep")
        return MemoryBackend(int(keep[0]) if keep else None)
    raise UnsupportedError(f"no store opens {text!r} with durability {durability!r}", uri=text)
