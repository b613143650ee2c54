"""How one file's bytes read as text: its codec, its newlines, and each of its lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from codeanatomy.cpg.extract._source import Source

VERSION = 1

HEAD_LINES = 20
HEAD_BYTES = 4096

_LF, _CRLF, _CR, _NONE = range(4)
_KINDS = ("lf", "crlf", "cr", "none")
_GENERATED = re.compile(
    rb"@generated\b"
    rb"|\bdo not (?:edit|modify)\b"
    rb"|\bauto-?(?:matically )?generated\b"
    rb"|^#\W*(?:(?:this|the) )?(?:(?:file|code|module) )?(?:(?:is|was|has been) )?"
    rb"generated (?:by|from|with|using)\b",
    re.IGNORECASE,
)


def extract(source: Source) -> dict[str, dict[str, Any]]:
    """Return one `file_text` row, and a `file_lines` row for each line, in file bytes.

    A line feed, a carriage return or the two together end a line, and nothing else does: a form
    feed is part of its line. A byte order mark belongs to line 1; an empty file has no lines.
    """
    starts, ends, kinds = _lines(source.raw)
    count = len(starts)
    text = {
        "encoding": [source.encoding],
        "newline": [_newline(kinds)],
        "bom": [source.bom],
        "lines": np.array([count], np.int32),
        "generated": [_generated(source.raw)],
    }
    lines = {
        "line": np.arange(1, count + 1, dtype=np.int32),
        "bstart": starts,
        "bend": ends,
        "newline": [_KINDS[k] for k in kinds.tolist()],
    }
    return {"file_text": text, "file_lines": lines}


def _lines(raw: bytes) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8]]:
    """Return the first byte of each line, the byte after it, and the kind of newline there."""
    stops, widths, kinds = _newlines(raw)
    after = stops + widths
    starts = np.concatenate((np.zeros(1, np.int64), after))
    if starts[-1] == len(raw):  # the last newline opens no further line
        starts = starts[:-1]
    else:
        stops = np.append(stops, len(raw))
        kinds = np.append(kinds, np.int8(_NONE))
    return starts.astype(np.int32), stops.astype(np.int32), kinds


def _newlines(raw: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8]]:
    """Return where each newline stands, how many bytes it has, and its kind."""
    array = np.frombuffer(raw, np.uint8)
    feeds = np.flatnonzero(array == ord("\n")).astype(np.int64)
    if b"\r" not in raw:
        return feeds, np.ones(len(feeds), np.int64), np.zeros(len(feeds), np.int8)
    returns = np.flatnonzero(array == ord("\r")).astype(np.int64)
    pairs = np.isin(returns + 1, feeds)
    lone = feeds[~np.isin(feeds - 1, returns)]
    stops = np.concatenate((lone, returns))
    kinds = np.concatenate(
        (np.full(len(lone), _LF, np.int8), np.where(pairs, _CRLF, _CR).astype(np.int8))
    )
    order = np.argsort(stops)
    stops, kinds = stops[order], kinds[order]
    return stops, 1 + (kinds == _CRLF).astype(np.int64), kinds


def _newline(kinds: NDArray[np.int8]) -> str:
    found = [k for k in np.unique(kinds).tolist() if k != _NONE]
    if len(found) > 1:
        return "mixed"
    return _KINDS[found[0]] if found else "none"


def _generated(raw: bytes) -> bool:
    """Whether a comment at the margin of the first lines says that a program wrote the file."""
    head = raw[:HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").splitlines()[:HEAD_LINES]
    return any(line.startswith(b"#") and _GENERATED.search(line) for line in head)
