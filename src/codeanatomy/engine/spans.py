"""Joins of spans, as pure functions over numpy arrays.

A span is a file number and a half-open range of bytes `[start, end)` in it; file numbers and
offsets are integers in [0, 2**31). Every function takes two sets of spans as columns of equal
length and answers with positions in them. Work is n log n in the spans, plus the pairs found;
columns that are already in order are not sorted again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Column = NDArray[np.integer[Any]]
    Places = NDArray[np.int64]
    Offsets = NDArray[np.int32]

LAST = np.iinfo(np.int32).max  # no offset is greater
NONE = -1  # the position that means "no span"
STEPS = 8  # single steps up the tree before jumping by powers of two


def innermost(
    outer_file: Column,
    outer_start: Column,
    outer_end: Column,
    inner_file: Column,
    inner_start: Column,
    inner_end: Column,
) -> Places:
    """Return, for each inner span, the position of its innermost enclosing outer span, or -1.

    Enclosing means the same file, no later start and no earlier end; an equal span encloses. Of
    several the innermost is the one with the greatest start, then the least end, then the
    greatest position: where outer spans nest, the shortest.
    """
    key = _key(outer_file, outer_start)
    order = _outside_in(key, outer_end)
    ends = np.asarray(outer_end, dtype=np.int32)[order]
    starts = key[order]
    up = _enclosing(starts >> 32, ends)
    wanted = np.asarray(inner_end, dtype=np.int32)
    inner_key = _key(inner_file, inner_start)
    found = np.searchsorted(starts, inner_key, side="right") - 1
    if len(starts):
        found[(starts[found] ^ inner_key) >> 32 != 0] = NONE  # the last start lies in another file
    found = _climb(found, wanted, up, ends)
    return np.append(order, NONE)[found]


def overlap(
    left_file: Column,
    left_start: Column,
    left_end: Column,
    right_file: Column,
    right_start: Column,
    right_end: Column,
) -> tuple[Places, Places]:
    """Return every pair of positions whose spans overlap: each starts before the other ends.

    An empty span overlaps what it lies strictly inside. Pairs come in no particular order, the
    same on every machine.
    """
    left, left_last, by_left = _in_order(left_file, left_start, left_end)
    right, right_last, by_right = _in_order(right_file, right_start, right_end)
    first = _runs(np.searchsorted(right, left), np.searchsorted(right, left_last))
    second = _runs(np.searchsorted(left, right, side="right"), np.searchsorted(left, right_last))
    lefts = np.concatenate([first[0], second[1]])
    rights = np.concatenate([first[1], second[0]])
    if np.any(right == right_last):  # an empty span at the very start of another
        real = left[lefts] < right_last[rights]
        lefts, rights = lefts[real], rights[real]
    return by_left[lefts], by_right[rights]


def exact(
    left_file: Column,
    left_start: Column,
    left_end: Column,
    right_file: Column,
    right_start: Column,
    right_end: Column,
    score: Column | None = None,
) -> Places:
    """Return, for each left span, the position of the best right span equal to it, or -1.

    The best has the greatest `score`, an integer in [0, 2**31) a right span, then the least
    position. Score and position are packed into one number, so that one maximum decides.
    """
    right_key = _key(right_file, right_start)
    known = right_key[_ascending(right_key)]
    known = known[np.append(True, known[1:] != known[:-1])] if len(known) else known
    right = np.searchsorted(known, right_key) << 32 | np.asarray(right_end, dtype=np.int64)
    order = _ascending(right)
    spans = right[order]
    if not len(spans):
        return np.full(len(left_file), NONE, dtype=np.int64)
    firsts = np.flatnonzero(np.append(True, spans[1:] != spans[:-1]))
    best = np.maximum.reduceat(_packed(order, score), firsts)
    left_key = _key(left_file, left_start)
    rank = np.minimum(np.searchsorted(known, left_key), len(known) - 1)
    left = rank << 32 | np.asarray(left_end, dtype=np.int64)
    group = np.minimum(np.searchsorted(spans[firsts], left), len(firsts) - 1)
    equal = (known[rank] == left_key) & (spans[firsts][group] == left)
    return np.where(equal, _LOW - (best[group] & _LOW), NONE)


_LOW = np.int64(0xFFFFFFFF)


def _key(file: Column, offset: Column) -> Places:
    """Place a byte on one line through all files: 2**32 for each file."""
    return np.asarray(file, dtype=np.int64) << 32 | np.asarray(offset, dtype=np.int64)


def _in_order(file: Column, start: Column, end: Column) -> tuple[Places, Places, Places]:
    """Return starts and ends on one line, ascending by start, and the positions they came from."""
    starts = _key(file, start)
    order = _ascending(starts)
    return starts[order], _key(file, end)[order], order


def _ascending(key: Places) -> Places:
    """Return the stable order of `key`; equal keys keep their order on every machine."""
    if bool(np.all(key[1:] >= key[:-1])):
        return np.arange(len(key), dtype=np.int64)
    return np.argsort(key, kind="stable")


def _outside_in(key: Places, end: Column) -> Places:
    """Order spans by start, the longer first, then by position."""
    ends = np.asarray(end, dtype=np.int64)
    later, same = key[1:] > key[:-1], key[1:] == key[:-1]
    if bool(np.all(later | (same & (ends[1:] <= ends[:-1])))):
        return np.arange(len(key), dtype=np.int64)
    return np.lexsort((-ends, key))


def _enclosing(file: Places, ends: Offsets) -> Places:
    """Return, for each span, the last earlier one of its file that ends no earlier, or -1.

    Every candidate has only shorter reaching spans between itself and its span, so whoever it
    points to is the next candidate: all chains shorten at once (pointer jumping).
    """
    up = np.arange(-1, len(ends) - 1, dtype=np.int64)
    new = np.append(True, file[1:] != file[:-1])[: len(ends)]
    up[new] = NONE
    reach = np.append(ends, LAST)  # position -1, no span, reaches over everything
    short = np.append(False, ends[:-1] < ends[1:])[: len(ends)]
    active = np.flatnonzero(short & ~new)
    wanted, higher = ends[active], up[active]
    while len(active):
        higher = up[higher]
        up[active] = higher
        still = reach[higher] < wanted
        active, wanted, higher = active[still], wanted[still], higher[still]
    return up


def _climb(found: Places, wanted: Offsets, up: Places, ends: Offsets) -> Places:
    """Move each candidate up to the first span that ends no earlier than `wanted`."""
    reach, above = np.append(ends, LAST), np.append(up, NONE)
    short = np.flatnonzero(reach[found] < wanted)
    wanted, higher = wanted[short], found[short]
    for _ in range(STEPS):
        higher = above[higher]
        found[short] = higher
        still = reach[higher] < wanted
        short, wanted, higher = short[still], wanted[still], higher[still]
    if not len(short):
        return found
    jumps = [above]
    while np.any(jumps[-1] >= 0):
        jumps.append(jumps[-1][jumps[-1]])
    for jump in reversed(jumps):
        there = jump[higher]
        higher = np.where(reach[there] < wanted, there, higher)
    found[short] = above[higher]
    return found


def _runs(first: Places, last: Places) -> tuple[Places, Places]:
    """Spell out ranges of positions [first, last): whose range it is, and the position."""
    counts = np.maximum(last - first, 0)
    owners = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    before = np.cumsum(counts) - counts
    places = np.arange(len(owners), dtype=np.int64) + np.repeat(first - before, counts)
    return owners, places


def _packed(order: Places, score: Column | None) -> Places:
    """Pack score and position so that more is better and, of equals, earlier is more."""
    scores = np.zeros(len(order), np.int64) if score is None else np.asarray(score, np.int64)
    return scores[order] << 32 | (_LOW - order)
