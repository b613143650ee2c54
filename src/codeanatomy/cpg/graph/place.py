"""The text behind a span, read from the repository as long as the file is as it was."""

from __future__ import annotations

import re
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from codeanatomy.cpg.sources.notebook import code_cells
from codeanatomy.cpg.sources.select import stored
from codeanatomy.kernel.errors import AnatomyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codeanatomy.cpg.graph.snapshot import Snapshot


LAST = 1 << 31  # no file has so many lines
_NEWLINE = re.compile(r"\r\n|\r|\n")  # what ends a line of Python; a form feed does not


class SourceError(AnatomyError):
    """The text of a node cannot be shown: it has no file, or the file is not as it was."""

    code = "no-source"
    exit_status = 1


class Text(NamedTuple):
    """One file as it was when the graph was built."""

    path: str
    raw: bytes
    encoding: str

    def cut(self, bstart: int, bend: int) -> str:
        """Decode the bytes of a span."""
        return self.raw[bstart:bend].decode(self.encoding, "replace")

    def lines(self, first: int, last: int) -> list[str]:
        """Decode whole lines, counted from 1 as Python does, both ends included."""
        text = self.raw.decode(self.encoding, "replace").removeprefix("\ufeff")
        return _NEWLINE.split(text)[first - 1 : last]

    def height(self, bstart: int, bend: int) -> int:
        """Count the lines of a span, blank ones at its end left out."""
        return len(_NEWLINE.split(self.cut(bstart, bend).rstrip()))


def text_of(snapshot: Snapshot, file_no: int) -> Text:
    """Read one file; raises `SourceError` if it is gone or its sha256 is not the recorded one."""
    query = "select repo, path, kind, sha256, encoding from files where file_no = $file_no"
    found = snapshot.rows(query, file_no=file_no) if file_no else []
    if not found:
        raise SourceError("it lies in no file of this store", file_no=file_no)
    return _text(snapshot, found[0])


def lines_of(snapshot: Snapshot, file_nos: Iterable[int]) -> dict[int, list[str]]:
    """Read the lines of several files, by number; left out are those that are not as they were."""
    wanted = ", ".join(map(str, sorted({number for number in file_nos if number})))
    if not wanted:
        return {}
    query = "select file_no, repo, path, kind, sha256, encoding from files where file_no in "
    found: dict[int, list[str]] = {}
    for row in snapshot.rows(f"{query} ({wanted})"):
        with suppress(SourceError):
            found[row["file_no"]] = _text(snapshot, row).lines(1, LAST)
    return found


def _text(snapshot: Snapshot, row: Mapping[str, Any]) -> Text:
    root = snapshot.repositories.get(row["repo"], {}).get("root")
    if root is None:
        raise SourceError(f"the store does not say where {row['repo']} lies", repo=row["repo"])
    name, cell = row["path"], ""
    if row["kind"] == "cell":
        name, _, cell = name.rpartition("#cell")
    path = Path(root, stored(name))
    if not path.resolve().is_relative_to(Path(root).resolve()):
        raise SourceError(f"{path} lies outside {root}", path=str(path))
    return Text(row["path"], _unchanged(path, cell, row["sha256"]), row["encoding"] or "latin-1")


def source_of(snapshot: Snapshot, file_no: int, bstart: int | None, bend: int | None) -> str:
    """Read the text of one span; raises `SourceError`."""
    if bstart is None or bend is None:
        raise SourceError("it has no place in a file", file_no=file_no)
    return text_of(snapshot, file_no).cut(bstart, bend)


def _unchanged(path: Path, cell: str, digest: str) -> bytes:
    """Read a file, or one cell of a notebook, whose sha256 is the recorded one."""
    try:
        raw = path.read_bytes()
        raw = code_cells(raw).get(int(cell), b"") if cell else raw
    except OSError as error:
        why = error.strerror or str(error)
        raise SourceError(f"{path} cannot be read: {why}", path=str(path)) from error
    except ValueError as error:
        raise SourceError(f"{path} cannot be read: {error}", path=str(path)) from error
    if sha256(raw).hexdigest() != digest:
        raise SourceError(f"{path} has changed since it was read; build again", path=str(path))
    return raw
