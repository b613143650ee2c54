"""What a build says while it runs: one value, passed to whoever listens."""

from __future__ import annotations

from typing import NamedTuple


class Progress(NamedTuple):
    """How far a build is: the stage by its name, and what of its files and bytes is done.

    `slow` names the file or view that has taken longest so far; empty while there is none.
    """

    stage: str
    files: int = 0
    all_files: int = 0
    bytes: int = 0
    all_bytes: int = 0
    slow: str = ""
