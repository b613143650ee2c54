"""Where checkpoints of interrupted runs are kept."""

from __future__ import annotations

from codeanatomy.workflow.checkpoint import (
    FileCheckpointer,
    MemoryCheckpointer,
    convert_checkpoint,
    read_checkpoint,
    write_checkpoint,
)

__all__ = [
    "FileCheckpointer",
    "MemoryCheckpointer",
    "convert_checkpoint",
    "read_checkpoint",
    "write_checkpoint",
]
