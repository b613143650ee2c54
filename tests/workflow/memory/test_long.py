"""Long-term memory: one suite that every backend passes; it defines what a backend is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from codeanatomy.workflow.memory.errors import DatabaseError
from codeanatomy.workflow.memory.sql import SQLAlchemyBackend
from tests.workflow.memory.backends import BACKENDS, keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codeanatomy.workflow.memory.long import LongTermMemoryBackend


@pytest.fixture(params=[*BACKENDS, "postgresql"])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LongTermMemoryBackend]:
    """Open each backend in turn; PostgreSQL is a server of its own."""
    made: LongTermMemoryBackend
    if request.param == "postgresql":
        made = SQLAlchemyBackend(request.getfixturevalue("postgres_space"))
    else:
        made = BACKENDS[request.param](tmp_path)
    yield made
    made.close()


def test_store_says_whether_it_is_new(memory: LongTermMemoryBackend) -> None:
    """The second store of a key replaces the first."""
    first = memory.store("k", {"a": [1, None, "x"]}, {"kind": "note"})
    second = memory.store("k", 2)
    assert first == {"success": True, "stored": True, "key": "k", "created": True}
    assert second == {"success": True, "stored": True, "key": "k", "created": False}
    assert memory.retrieve("k")["value"] == 2


@pytest.mark.parametrize("value", [None, True, 3.5, "text", [1, [2]], {"ä": {"b": None}}, ""])
def test_a_json_value_comes_back_as_it_was(memory: LongTermMemoryBackend, value: object) -> None:
    """With its metadata."""
    memory.store("k", value, {"n": 1})
    found = {"success": True, "value": value, "found": True, "metadata": {"n": 1}}
    assert memory.retrieve("k", default="other") == found


def test_a_missing_key_is_the_default(memory: LongTermMemoryBackend) -> None:
    """That is success, not found, and no metadata."""
    missing = {"success": True, "value": 7, "found": False, "metadata": None}
    assert memory.retrieve("nothing", default=7) == missing


def test_delete_says_whether_it_was_there(memory: LongTermMemoryBackend) -> None:
    """And the value is gone, from searches too."""
    memory.store("k", "a word")
    assert memory.delete("k") == {"success": True, "deleted": True, "key": "k"}
    assert memory.delete("k") == {"success": True, "deleted": False, "key": "k"}
    assert keys(memory.search("word")) == []


@pytest.mark.parametrize("key", [None, ""])
def test_a_key_is_needed(memory: LongTermMemoryBackend, key: str) -> None:
    """Every call without one answers with a validation error."""
    answers = [memory.store(key, 1), memory.retrieve(key), memory.delete(key)]
    assert {(one["success"], one["error_type"]) for one in answers} == {(False, "validation_error")}


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", float])
def test_what_is_no_json_is_refused(memory: LongTermMemoryBackend, value: object) -> None:
    """Nothing is stored."""
    assert memory.store("k", value)["error_type"] == "serialization_error"
    assert memory.retrieve("k")["found"] is False


def test_a_search_finds_a_phrase_and_ranks_it(memory: LongTermMemoryBackend) -> None:
    """Words in this order, whatever their case and accents; the denser text first."""
    memory.store("long", "the quick Brown fox jumps over the lazy dog and sleeps")
    memory.store("short", "quick brown")
    memory.store("apart", "quick and brown")
    memory.store("french", "un renard Élégant")
    assert keys(memory.search("QUICK brown")) == ["short", "long"]
    assert keys(memory.search("elegant")) == ["french"]
    assert keys(memory.search("ick brown")) == []


def test_a_rarer_text_scores_higher(memory: LongTermMemoryBackend) -> None:
    """Scores fall along the results."""
    for number in range(5):
        memory.store(f"k{number}", "apple " * (number + 1) + "pear")
    found = memory.search("apple", limit=3)
    scores = [one["score"] for one in found["results"]]
    assert found["count"] == 3
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    "query", ['"', "a OR b", "x* NEAR y", "' drop table", "%_%", "(", ":", "-word"]
)
def test_a_query_is_words_and_never_syntax(memory: LongTermMemoryBackend, query: str) -> None:
    """Whatever stands in it, it is searched as a phrase."""
    memory.store("k", "plain text")
    assert memory.search(query) == {"success": True, "results": [], "count": 0}


def test_a_search_without_query_gives_the_newest(memory: LongTermMemoryBackend) -> None:
    """A replaced value counts as new."""
    for key in ("a", "b", "c", "a"):
        memory.store(key, key)
    assert keys(memory.search(limit=2)) == ["a", "c"]


def test_metadata_filter_what_the_limit_left(memory: LongTermMemoryBackend) -> None:
    """The filter comes after the limit: fewer results than the limit are no surprise."""
    for number in range(4):
        memory.store(f"k{number}", "same word", {"even": number % 2 == 0, "n": number})
    assert keys(memory.search(metadata_filter={"even": True}, limit=2)) == ["k2"]
    assert keys(memory.search(metadata_filter={"even": True, "n": 0})) == ["k0"]
    assert keys(memory.search(metadata_filter={"missing": None})) == []


def test_every_entry_is_iterated(memory: LongTermMemoryBackend) -> None:
    """In the order of keys, with value and metadata."""
    for key in ("b", "a", "c"):
        memory.store(key, key.upper(), {"k": key})
    assert [tuple(entry) for entry in memory.iterate_all()] == [
        ("a", "A", {"k": "a"}),
        ("b", "B", {"k": "b"}),
        ("c", "C", {"k": "c"}),
    ]


def test_a_transaction_waits_for_its_commit(memory: LongTermMemoryBackend) -> None:
    """Nothing happens before; then everything."""
    memory.store("old", 1)
    transaction = memory.transaction()
    transaction.store("new", 2, {"m": 1})
    transaction.delete("old")
    assert memory.retrieve("new")["found"] is False
    assert transaction.commit() == {"success": True, "operations": 2}
    assert (memory.retrieve("new")["value"], memory.retrieve("old")["found"]) == (2, False)


def test_a_transaction_can_be_discarded(memory: LongTermMemoryBackend) -> None:
    """It says how much was."""
    transaction = memory.transaction()
    transaction.store("k", 1)
    assert transaction.rollback() == {"success": True, "discarded": 1}
    assert transaction.commit() == {"success": True, "operations": 0}
    assert memory.retrieve("k")["found"] is False


def test_a_transaction_as_a_context_commits_unless_it_raises(
    memory: LongTermMemoryBackend,
) -> None:
    """An exception inside discards what was buffered."""
    with memory.transaction() as transaction:
        transaction.store("kept", 1)
    with suppress(ZeroDivisionError), memory.transaction() as transaction:
        transaction.store("lost", 1)
        transaction.store("never", 1 / 0)
    assert memory.retrieve("kept")["found"] is True
    assert memory.retrieve("lost")["found"] is False


@pytest.mark.parametrize("name", [name for name in BACKENDS if name != "blob"])
def test_a_transaction_is_all_or_nothing(name: str, tmp_path: Path) -> None:
    """One write that fails takes the others with it; only blobs have no transactions."""
    memory = BACKENDS[name](tmp_path)
    transaction = memory.transaction()
    transaction.store("first", 1)
    transaction.store("second", object())
    answer = transaction.commit()
    assert (answer["success"], answer["error_type"]) == (False, "serialization_error")
    assert memory.retrieve("first")["found"] is False
    memory.close()


@pytest.mark.parametrize("name", ["sqlite", "duckdb", "sqlalchemy", "blob", "hierarchical"])
def test_what_was_stored_outlives_the_connection(name: str, tmp_path: Path) -> None:
    """Opened again, it is there and is found."""
    memory = BACKENDS[name](tmp_path)
    memory.store("k", "some words", {"m": 1})
    memory.close()
    again = BACKENDS[name](tmp_path)
    assert again.retrieve("k")["metadata"] == {"m": 1}
    assert keys(again.search("some words")) == ["k"]
    again.close()


def test_two_connections_share_a_server(postgres_space: str) -> None:
    """What one stores the other finds, and a lost server is a connection error."""
    one, other = SQLAlchemyBackend(postgres_space), SQLAlchemyBackend(postgres_space)
    one.store("k", "some words")
    assert keys(other.search("some words")) == ["k"]
    one.close()
    other.close()
    nowhere = "postgresql+psycopg://postgres@/test?host=/nowhere"
    with pytest.raises(DatabaseError) as refused:
        SQLAlchemyBackend(nowhere)
    assert refused.value.facts["kind"] == "connection_error"


@pytest.mark.parametrize("name", [name for name in BACKENDS if name != "blob"])
def test_a_closed_memory_says_so(name: str, tmp_path: Path) -> None:
    """Every call is a connection error; closing twice is none."""
    memory = BACKENDS[name](tmp_path)
    memory.close()
    memory.close()
    answers = [memory.store("k", 1), memory.retrieve("k"), memory.delete("k"), memory.search("k")]
    assert {one["error_type"] for one in answers} == {"connection_error"}


@pytest.mark.parametrize("name", ["sqlite", "duckdb", "blob"])
def test_a_path_does_not_climb(name: str, tmp_path: Path) -> None:
    """`..` in a path is refused, whatever it would lead to."""
    with pytest.raises(ValueError, match="path traversal"):
        BACKENDS[name](tmp_path / ".." / "elsewhere")


def test_threads_share_a_memory(memory: LongTermMemoryBackend) -> None:
    """No write is lost, and each key is new once."""
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: memory.store(f"k{n % 10}", n, {"n": n}), range(20)))
    assert sum(answer["created"] for answer in answers) == 10
    assert len(list(memory.iterate_all())) == 10


def test_strange_keys_stay_apart(memory: LongTermMemoryBackend) -> None:
    """Slashes, dots, letters of any script, and keys longer than a file name."""
    names = ["a/b", "a%2Fb", "../x", ".", "ключ", "k" * 400, "k" * 401, "A", "a b"]
    for number, key in enumerate(names):
        assert memory.store(key, number)["created"] is True
    assert [memory.retrieve(key)["value"] for key in names] == list(range(len(names)))
