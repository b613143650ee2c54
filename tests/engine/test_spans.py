"""The span joins against the obvious loops over all pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.engine.spans import exact, innermost, overlap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Columns: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]

Span: TypeAlias = tuple[int, int, int]


def span(file: int, ends: tuple[int, int]) -> Span:
    """Put a file and two offsets, in whatever order, together."""
    return file, min(ends), max(ends)


offsets = st.integers(0, 12)
any_spans = st.lists(st.builds(span, st.integers(0, 2), st.tuples(offsets, offsets)), max_size=25)


def columns(spans: list[Span]) -> Columns:
    """Lay spans out as three columns."""
    table = np.array(spans, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def innermost_by_loop(outer: list[Span], inner: list[Span]) -> list[int]:
    """Try every outer span for every inner one."""
    answer = []
    for file, start, end in inner:
        around = [
            (s, -e, i) for i, (f, s, e) in enumerate(outer) if f == file and s <= start and end <= e
        ]
        answer.append(max(around)[2] if around else -1)
    return answer


def overlap_by_loop(left: list[Span], right: list[Span]) -> list[tuple[int, int]]:
    """Try every pair."""
    return [
        (i, j)
        for i, (lf, ls, le) in enumerate(left)
        for j, (rf, rs, re) in enumerate(right)
        if lf == rf and ls < re and rs < le
    ]


def exact_by_loop(left: list[Span], right: list[Span], scores: list[int]) -> list[int]:
    """Try every right span for every left one."""
    answer = []
    for wanted in left:
        equal = [(scores[j], -j) for j, found in enumerate(right) if found == wanted]
        answer.append(-max(equal)[1] if equal else -1)
    return answer


@given(any_spans, any_spans)
def test_innermost_equals_the_loop(outer: list[Span], inner: list[Span]) -> None:
    """Nested, crossing, equal, empty and unordered spans: the answer is the definition's."""
    found = innermost(*columns(outer), *columns(inner))
    assert found.tolist() == innermost_by_loop(outer, inner)


@given(any_spans, any_spans)
def test_overlap_equals_the_loop(left: list[Span], right: list[Span]) -> None:
    """Each overlapping pair comes once, and no other."""
    lefts, rights = overlap(*columns(left), *columns(right))
    pairs = sorted(zip(lefts.tolist(), rights.tolist(), strict=True))
    assert pairs == overlap_by_loop(left, right)


@given(any_spans, any_spans, st.lists(st.integers(0, 3), min_size=25, max_size=25))
def test_exact_equals_the_loop(left: list[Span], right: list[Span], scores: list[int]) -> None:
    """The best score wins, then the least position."""
    score = np.array(scores[: len(right)], dtype=np.int64)
    found = exact(*columns(left), *columns(right), score)
    assert found.tolist() == exact_by_loop(left, right, scores)


def test_innermost_prefers_the_shorter_of_nested_spans() -> None:
    """A name in a method in a class lies in the method; one in the class body in the class."""
    outer = [(0, 0, 100), (0, 10, 50)]
    assert innermost(*columns(outer), *columns([(0, 20, 22), (0, 60, 62)])).tolist() == [1, 0]


def test_innermost_gives_equal_spans_to_the_later_position() -> None:
    """Of two outer spans with the same bytes, the one listed last is the inner one."""
    outer = [(0, 0, 9), (0, 0, 9)]
    assert innermost(*columns(outer), *columns([(0, 3, 4)])).tolist() == [1]


def test_innermost_climbs_out_of_a_deep_nest() -> None:
    """A span after a thousand closed ones finds the outermost that is still open."""
    outer = [(0, i, 5_000 - i) for i in range(1_000)]
    inner = [(0, 4_500, 4_501), (0, 4_001, 4_002), (0, 4_999, 5_000), (0, 5_000, 5_001)]
    assert innermost(*columns(outer), *columns(inner)).tolist() == [499, 998, 0, -1]


def test_innermost_does_not_look_into_another_file() -> None:
    """The nearest start before an inner span may lie in the file before."""
    assert innermost(*columns([(0, 0, 9)]), *columns([(1, 2, 3)])).tolist() == [-1]


def test_exact_without_scores_takes_the_first() -> None:
    """Equal spans without scores: the least position."""
    right = [(0, 1, 2), (0, 3, 4), (0, 3, 4)]
    assert exact(*columns([(0, 3, 4), (0, 3, 5)]), *columns(right)).tolist() == [1, -1]


def test_large_file_numbers_and_offsets_do_not_collide() -> None:
    """Offsets up to two gigabytes and file numbers as large share one 64-bit key."""
    top = 2**31 - 1
    left = [(top, top - 1, top), (top - 1, top - 1, top)]
    assert innermost(*columns(left), *columns(left)).tolist() == [0, 1]
    assert exact(*columns(left), *columns(left)).tolist() == [0, 1]
    lefts, rights = overlap(*columns(left), *columns(left))
    assert sorted(zip(lefts.tolist(), rights.tolist(), strict=True)) == [(0, 0), (1, 1)]


def test_narrow_columns_are_taken_as_they_are() -> None:
    """Columns of 32 bits answer as those of 64 do."""
    file, start, end = (np.array([n], dtype=np.int32) for n in (3, 2, 9))
    assert innermost(file, start, end, file, start, end).tolist() == [0]
    assert [side.tolist() for side in overlap(file, start, end, file, start, end)] == [[0], [0]]
    assert exact(file, start, end, file, start, end).tolist() == [0]
