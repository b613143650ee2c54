"""Reading: the selected files of a repository, their hashes, and which of them changed."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from codeanatomy.cpg.evidence import BUILD_INPUTS, FILES, SELECTION
from codeanatomy.cpg.sources import select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codeanatomy.cpg.sources.select import Entry, Selected
    from codeanatomy.kernel.schema import Table

Known = dict[str, tuple[int, int, int, str]]  # path -> size, mtime_ns, inode, sha256


class Read(NamedTuple):
    """One file of this build: what was listed, its content's hash, why it was not read.

    `raw` is None where the hash is trusted without reading, until the bytes are needed.
    """

    entry: Entry
    sha256: str
    raw: bytes | None
    size: int
    skipped: str | None = None


def read_all(root: Path, chosen: Selected, known: Known) -> list[Read]:
    """Read what changed; a file of the same size, time and inode as `known` keeps its hash."""
    return [read_one(root, entry, known.get(entry.path)) for entry in chosen.entries]


def read_one(root: Path, entry: Entry, known: tuple[int, int, int, str] | None = None) -> Read:
    """Read one file, or trust what is known of it."""
    if known is not None and known[:3] == (entry.size, entry.mtime_ns, entry.inode):
        return Read(entry, known[3], None, entry.size)
    found = select.read(root, entry)
    if isinstance(found, bytes):
        return Read(entry, sha256(found).hexdigest(), found, len(found))
    return Read(entry, sha256(b"").hexdigest(), b"", 0, found.reason)


def known_inputs(rows: pa.Table | None) -> Known:
    """Return what an earlier build saw of files whose times can be trusted."""
    if rows is None:
        return {}
    columns = [
        rows[c].to_pylist() for c in ("path", "size", "mtime_ns", "inode", "sha256", "settled")
    ]
    rows_ = zip(*columns, strict=True)
    return {p: (s, m, i, h) for p, s, m, i, h, trusted in rows_ if trusted and h}


def inputs_table(files: Sequence[Read], started_ns: int) -> pa.Table:
    """Return the rows of `build_inputs`, without the repository.

    A file changed in the second before the build started may change again unseen.
    """
    margin = started_ns - 1_000_000_000
    rows = [
        (f.entry.path, f.entry.size, f.entry.mtime_ns, f.entry.inode,
         None if f.skipped else f.sha256, f.entry.mtime_ns < margin and f.size == f.entry.size)
        for f in files
    ]  # fmt: skip
    return _table(BUILD_INPUTS, rows)


def selection_table(chosen: Selected) -> pa.Table:
    """Return the rows of `selection`, without the repository."""
    return _table(SELECTION, [tuple(row) for row in chosen.rows])


def files_table(
    files: Sequence[Read], numbers: Mapping[str, int], texts: pa.Table | None
) -> pa.Table:
    """Return the rows of `files`, without the repository, in order of file number."""
    text: dict[int, list[object]] = {}
    if texts is not None:
        names = ("file_no", "encoding", "newline", "bom", "lines", "generated")
        columns = [texts[name].to_pylist() for name in names]
        text = {number: facts for number, *facts in zip(*columns, strict=True)}
    rows = []
    for file in files:
        number = numbers[file.entry.path]
        encoding, newline, bom, lines, generated = text.get(number, [None, None, False, 0, False])
        rows.append(
            (number, file.entry.path, file.sha256, file.size, file.entry.kind, encoding,
             newline, bom, lines, generated, file.skipped)
        )  # fmt: skip
    return _table(FILES, sorted(rows))


def _table(table: Table, rows: Sequence[Sequence[object]]) -> pa.Table:
    fields = [field for field in table.arrow() if field.name != "repo"]
    columns = list(zip(*rows, strict=True)) or [()] * len(fields)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, fields, strict=True)]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def as_root(root: Path | str) -> Path:
    """Return the folder to read, absolute."""
    return Path(root).expanduser().absolute()
