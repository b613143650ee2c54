"""Frames: whole or not there, whatever is cut off or changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.ecs.backend import frame as framing

if TYPE_CHECKING:
    from collections.abc import Callable

COLUMNS = st.lists(st.binary(max_size=200), max_size=4)


def joined(kind: int, head: bytes, body: list[bytes]) -> bytes:
    """Give a frame as it lies in a file."""
    parts, size = framing.encode(kind, head, body)
    found = b"".join(parts)
    assert len(found) == size
    return found


def reader(data: bytes) -> Callable[[int, int], bytes]:
    """Read from bytes as from a file."""
    return lambda at, length: data[at : at + length]


@given(st.binary(max_size=300), COLUMNS)
def test_a_frame_reads_back(head: bytes, body: list[bytes]) -> None:
    """Its head, and its columns where `body_at` and `padded` say that they lie."""
    data = joined(framing.TICK, head, body)
    found = framing.read_frame(reader(data), 0)
    assert found == framing.Frame(framing.TICK, 0, len(data), head)
    at = framing.body_at(0)
    for column in body:
        assert data[at : at + len(column)] == column
        at += framing.padded(len(column))
    assert len(data) % framing.ALIGN == 0


@given(st.binary(min_size=1, max_size=100), COLUMNS, st.data())
def test_a_changed_byte_of_header_or_head_is_no_frame(
    head: bytes, body: list[bytes], data: st.DataObject
) -> None:
    """Any single bit; columns have checksums of their own."""
    whole = joined(framing.TICK, head, body)
    start = sum(framing.padded(len(column)) for column in body) + framing.ALIGN
    places = [*range(framing.ALIGN), *range(start, start + len(head))]
    at = data.draw(st.sampled_from(places))
    bit = 1 << data.draw(st.integers(0, 7))
    broken = whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :]
    assert framing.read_frame(reader(broken), 0) is None


FRAMES = st.lists(st.tuples(st.binary(min_size=1, max_size=80), COLUMNS), min_size=1, max_size=4)


@given(FRAMES, st.data())
def test_a_cut_file_keeps_its_whole_frames(
    made: list[tuple[bytes, list[bytes]]], data: st.DataObject
) -> None:
    """What was cut in the middle is not there; all before it is."""
    each = [joined(framing.TICK, head, body) for head, body in made]
    whole = b"".join(each)
    cut = data.draw(st.integers(0, len(whole)))
    ends = [sum(map(len, each[: n + 1])) for n in range(len(each))]
    found = list(framing.frames(reader(whole[:cut])))
    assert [frame.head for frame in found] == [
        head for (head, _), end in zip(made, ends, strict=True) if end <= cut
    ]


def test_frames_behind_a_broken_place_are_found() -> None:
    """They lie at multiples of the alignment, behind whatever is there."""
    first, second = joined(1, b"a", [b"x" * 500]), joined(2, b"b", [])
    data = first[:10] + bytes(len(first) - 10) + second + second
    found = list(framing.later_frames(reader(data), 0, len(data)))
    assert [(frame.kind, frame.at) for frame in found] == [
        (2, len(first)),
        (2, len(first) + len(second)),
    ]
