"""The two packed tables of a code object: where its instructions stand, and what guards them.

Both are read for all code objects of a file at once. Formats: CPython's `Objects/locations.md` and
`Objects/exception_handling_notes.txt`; in both, a byte holds six bits and says whether more follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType

Ints: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"

_OPENS = 0x80  # first byte of an entry of the location table
_MORE = 0x40
_SIX = 0x3F
_SHORT, _ONE_LINE, _NO_COLUMNS, _LONG, _NONE = 10, 10, 13, 14, 15
NOWHERE = -1  # stands for a line or column that is not given


class Locations(NamedTuple):
    """Line, last line, column and last column of some places; `NOWHERE` where not given."""

    line: Ints
    end_line: Ints
    column: Ints
    end_column: Ints


class Guards(NamedTuple):
    """The protected ranges of all code objects; `unit` is the code object's place."""

    unit: Ints
    start: Ints
    end: Ints
    target: Ints
    depth: Ints
    lasti: np.ndarray[Any, np.dtype[np.bool_]]


def read_locations(codes: Sequence[CodeType], units: Ints, places: Ints) -> Locations:
    """Read where the instructions at `places` stand.

    The code objects lie one after another, `units` is the number of code units of each, and a place
    is counted in code units from the first of them.
    """
    packed = b"".join([*(c.co_linetable for c in codes), b"\0\0"])  # an entry may be one byte
    table = np.frombuffer(packed, np.uint8).astype(np.int64)
    first = np.flatnonzero(table >= _OPENS)
    head = table[first]
    code, length = head >> 3 & 15, (head & 7) + 1
    entries = _entries(table, first, code)
    line = _lines(codes, units, length, entries.line)
    end_line = line + entries.end_line
    nowhere = code == _NONE
    line[nowhere] = end_line[nowhere] = NOWHERE
    entry = np.repeat(np.arange(len(first)), length)[places]
    return Locations(line[entry], end_line[entry], entries.column[entry], entries.end_column[entry])


def read_guards(codes: Sequence[CodeType]) -> Guards:
    """Read the exception tables of all code objects, in order; offsets are in bytes."""
    packed = [c.co_exceptiontable for c in codes]
    if not any(packed):
        none = np.empty(0, np.int64)
        return Guards(none, none, none, none, none, none.astype(np.bool_))
    table = np.frombuffer(b"".join(packed), np.uint8).astype(np.int64)
    last = np.flatnonzero((table & _MORE) == 0)
    start = np.zeros(len(last), np.int64)
    start[1:] = last[:-1] + 1
    values = _numbers(table, start, last, big_endian=True).reshape(-1, 4)
    unit = np.repeat(np.arange(len(codes)), [len(p) for p in packed])[start[::4]]
    begin, size, target, depth = values.T
    return Guards(
        unit, begin * 2, (begin + size) * 2, target * 2, depth >> 1, (depth & 1).astype(np.bool_)
    )


def _entries(table: Ints, first: Ints, code: Ints) -> Locations:
    """Read each entry: by how much the line moves, how many lines it spans, its columns."""
    second = table[first + 1]
    short, one_line = code < _SHORT, (code >= _ONE_LINE) & (code < _NO_COLUMNS)
    line = np.where(one_line, code - _ONE_LINE, 0)
    column = np.where(short, code << 3 | second >> 4, np.where(one_line, second, NOWHERE))
    end_column = np.where(one_line, table[first + 2], column)
    end_column[short] += second[short] & 15
    entries = Locations(line, np.zeros(len(first), np.int64), column, end_column)
    at = np.flatnonzero((code == _NO_COLUMNS) | (code == _LONG))
    if len(at):
        _variable(table, first, code, at, entries)
    return entries


def _variable(table: Ints, first: Ints, code: Ints, at: Ints, into: Locations) -> None:
    """Fill in the entries whose numbers vary in size: one number, or four in the long form."""
    after = np.append(first, len(table) - 2)[at + 1]
    inside = np.zeros(len(table) + 1, np.int64)
    inside[first[at] + 1] += 1
    inside[after] -= 1
    last = np.flatnonzero((np.cumsum(inside)[:-1] > 0) & (table & _MORE == 0))
    counts = np.where(code[at] == _LONG, 4, 1)
    nth = np.cumsum(counts) - counts
    start = np.empty(len(last), np.int64)
    start[1:] = last[:-1] + 1
    start[nth] = first[at] + 1
    values = _numbers(table, start, last, big_endian=False)
    moved = values[nth]
    into.line[at] = np.where(moved & 1, -(moved >> 1), moved >> 1)
    long, nth = at[counts == 4], nth[counts == 4]  # noqa: PLR2004 - the long form's four numbers
    into.end_line[long] = values[nth + 1]
    into.column[long] = values[nth + 2] - 1
    into.end_column[long] = values[nth + 3] - 1


def _numbers(table: Ints, start: Ints, last: Ints, *, big_endian: bool) -> Ints:
    """Read the numbers that begin and end at these bytes."""
    value: Ints = table[start] & _SIX
    for step in range(1, int((last - start).max(initial=0)) + 1):
        at = np.flatnonzero(start + step <= last)
        more = table[start[at] + step] & _SIX
        value[at] = value[at] << 6 | more if big_endian else value[at] | more << 6 * step
    return value


def _lines(codes: Sequence[CodeType], units: Ints, length: Ints, moves: Ints) -> Ints:
    """Add up the moves, beginning again at the first line of each code object."""
    last = np.searchsorted(length.cumsum(), units.cumsum())
    total = moves.cumsum()
    before = np.zeros(len(codes), np.int64)
    before[1:] = total[last[:-1]]
    entries = last + 1
    entries[1:] -= last[:-1] + 1
    found: Ints = total + (np.array([c.co_firstlineno for c in codes]) - before).repeat(entries)
    return found
