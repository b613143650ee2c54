"""Handed-out numbers: dense, given once, in byte order, forgotten if never published."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.store.memory import MemoryStore
from codeanatomy.store.numbers import NUMBERS, assign, hand_out, known, numbers

KEYS = st.lists(st.tuples(st.sampled_from("ab"), st.text(max_size=3)), max_size=6)


def test_new_names_are_numbered_in_byte_order_from_1() -> None:
    """Upper case before lower, non-ASCII last, a repository at a time."""
    keys = [("r", "b.py"), ("r", "ä.py"), ("r", "B.py"), ("q", "z.py"), ("r", "b.py")]
    found = assign(None, "file", keys)
    assert found.schema.equals(NUMBERS.arrow())
    assert numbers(found, "file") == {
        ("q", "z.py"): 1,
        ("r", "B.py"): 2,
        ("r", "b.py"): 3,
        ("r", "ä.py"): 4,
    }


def test_a_name_keeps_its_number() -> None:
    """Only new names get rows, and theirs continue the count."""
    first = assign(None, "file", [("r", "b"), ("r", "d")])
    second = assign(first, "file", [("r", "a"), ("r", "b"), ("r", "c")])
    assert numbers(second, "file") == {("r", "a"): 3, ("r", "c"): 4}


def test_each_series_counts_for_itself() -> None:
    """A file and a global may have the same number."""
    files = assign(None, "file", [("r", "a"), ("r", "b")])
    found = assign(files, "global", [("r", "a")])
    assert numbers(found, "global") == {("r", "a"): 1}


def test_numbers_that_were_never_published_are_forgotten() -> None:
    """The next build gives them again, from the version that is pinned."""
    store = MemoryStore()
    pinned = hand_out(store, assign(None, "file", [("r", "a")]), None)
    hand_out(store, assign(known(store, pinned), "file", [("r", "lost")]), pinned)
    made = hand_out(store, assign(known(store, pinned), "file", [("r", "kept")]), pinned)
    assert numbers(known(store, made), "file") == {("r", "a"): 1, ("r", "kept"): 2}


def test_numbers_of_a_first_build_that_failed_are_forgotten() -> None:
    """Nothing pinned means that nothing was given."""
    store = MemoryStore()
    hand_out(store, assign(None, "file", [("r", "lost")]), None)
    made = hand_out(store, assign(known(store, None), "file", [("r", "kept")]), None)
    assert numbers(known(store, made), "file") == {("r", "kept"): 1}


def test_nothing_new_writes_nothing() -> None:
    """An unchanged repository pins the version it had."""
    store = MemoryStore()
    pinned = hand_out(store, assign(None, "file", [("r", "a")]), None)
    assert hand_out(store, assign(known(store, pinned), "file", [("r", "a")]), pinned) == pinned
    assert store.version("numbers") == pinned


@given(KEYS, KEYS, st.randoms())
def test_numbers_are_dense_unique_and_free_of_order(
    first: list[tuple[str, str]], second: list[tuple[str, str]], chance: object
) -> None:
    """Whatever comes in whatever order, twice: 1 to n, each once, and nobody's changes."""
    one = assign(None, "file", first)
    chance.shuffle(first)  # type: ignore[attr-defined]  # a random.Random
    assert assign(None, "file", first).equals(one)
    both = pa.concat_tables([one, assign(one, "file", second)])
    found = numbers(both, "file")
    assert sorted(found.values()) == list(range(1, len(set(first) | set(second)) + 1))
    assert {key: found[key] for key in numbers(one, "file")} == numbers(one, "file")
