"""Words and ranks: what a search compares, and how it scores."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.workflow.memory.words import bm25, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Quick_brown-fox", " the quick brown fox "),
        ("Élan Straße", " elan strasse "),
        ("a1 2.5", " a1 2 5 "),
        ("...", " "),
        ("", " "),
    ],
)
def test_words_lose_case_accents_and_marks(text: str, words: str) -> None:
    """One space stands around each."""
    assert words_of(text) == words


@given(st.lists(st.sampled_from(["a b", "b a", "a", "c c c", "a b a b c", ""]), min_size=1))
def test_our_ranks_are_those_of_sqlite(texts: list[str]) -> None:
    """The formula is FTS5's, so that all backends order alike."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("create virtual table t using fts5(words)")
        db.executemany("insert into t values (?)", [(words_of(text),) for text in texts])
        rows = db.execute("select words, -bm25(t) from t where t match '\"a b\"' order by rowid")
        theirs = rows.fetchall()
    counts = [len(text.split()) for text in texts]
    ours = bm25(" a b ", [w for w, _ in theirs], len(texts), sum(counts) / len(counts))
    assert ours == pytest.approx([score for _, score in theirs])
