"""Any sequence of writes on any store gives what lists and dicts give."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codeanatomy.store.base import NOTHING
from codeanatomy.store.open import BACKENDS, open_store
from tests.conformance.test_store import uri_of
from tests.store.samples import EDGES, edges

REPOS = st.sampled_from("abc")
ROWS = st.lists(st.tuples(REPOS, st.integers(0, 99)), max_size=5)
BASE = st.one_of(st.none(), st.just(NOTHING), st.integers(0, 20))
WRITES = st.lists(st.tuples(st.one_of(st.none(), st.just(""), REPOS), ROWS, BASE), max_size=6)

Content = list[tuple[str, int]]


@pytest.mark.parametrize("backend", sorted(BACKENDS))
@settings(max_examples=25)
@given(writes=WRITES)
def test_a_store_is_a_list_of_versions(
    backend: str, writes: list[tuple[str | None, Content, int | None]]
) -> None:
    """Every version ever made reads as the model has it, after all the others were made."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(uri_of(backend, Path(folder)))
        made: dict[int, Content] = {}
        newest: int | None = None
        for repo, rows, wanted in writes:
            base = pick(wanted, sorted(made))
            start = (
                [] if base == NOTHING or newest is None else made[newest if base is None else base]
            )
            if repo is None:
                newest = store.append(EDGES, table(rows), base=base)
                content = start + rows
            elif repo:
                inside = [(repo, number) for _, number in rows]
                newest = store.replace(EDGES, table(inside), {"repo": repo}, base=base)
                content = [row for row in start if row[0] != repo] + inside
            else:
                newest = store.replace(EDGES, table(rows), {}, base=base)
                content = rows
            made[newest] = content
        for version, content in made.items():
            found = store.scan("edges", as_of=version, columns=["repo", "src"]).read_all()
            assert sorted(map(tuple, map(dict.values, found.to_pylist()))) == sorted(content)
            rows_of = {v.number: v.rows for v in store.history("edges")}
            assert rows_of[version] == len(content)


def pick(wanted: int | None, made: list[int]) -> int | None:
    """Turn a drawn number into a version that was made."""
    if wanted is None or wanted == NOTHING:
        return wanted
    if not made:
        return None
    return made[wanted % len(made)]


def table(rows: Content) -> pa.Table:
    """Make rows of several repositories."""
    parts = [edges(number, repo=repo) for repo, number in rows]
    return pa.concat_tables([edges(), *parts])
