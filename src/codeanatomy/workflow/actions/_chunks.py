"""How a file is cut into texts to be found again: by line, by paragraph, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

WAYS = ("line", "paragraph", "document")


class Chunk(NamedTuple):
    """A piece of a file; lines count from 1."""

    text: str
    start: int
    end: int


def files_below(
    paths: Iterable[str | Path], pattern: str, extensions: Sequence[str] | None, *, recursive: bool
) -> list[Path]:
    """List the files that paths name or hold, sorted, each once."""
    wanted = {e if e.startswith(".") else f".{e}" for e in extensions or ()}
    found: set[Path] = set()
    for given in paths:
        path = Path(given)
        if path.is_file():
            found.add(path)
        elif path.is_dir():
            shape = pattern if recursive else pattern.removeprefix("**/")
            found.update(file for file in path.glob(shape) if file.is_file())
        else:
            raise FileNotFoundError(f"No such file or folder: {given}")
    return sorted(file for file in found if not wanted or file.suffix in wanted)


def chunks_of(text: str, way: str) -> Iterator[Chunk]:
    """Yield the pieces of a text that are not blank."""
    lines = text.splitlines()
    if way == "document":
        pieces = [(1, len(lines))]
    elif way == "paragraph":
        pieces = list(_paragraphs(lines))
    else:
        pieces = [(number, number) for number in range(1, len(lines) + 1)]
    for start, end in pieces:
        piece = "\n".join(lines[start - 1 : end])
        if piece.strip():
            yield Chunk(piece, start, end)


def digest(data: bytes) -> str:
    """Return what tells whether a file changed."""
    return hashlib.sha256(data).hexdigest()[:16]


def _paragraphs(lines: list[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for number, line in enumerate([*lines, ""], 1):
        if line.strip():
            start = start or number
        elif start:
            yield start, number - 1
            start = 0
