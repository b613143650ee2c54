"""The port to SQL: parameters, transactions, and what a database refuses."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from codeanatomy.kernel.errors import MissingPartError
from codeanatomy.workflow.memory import blob, duckdb
from codeanatomy.workflow.memory.database import Database, open_database
from codeanatomy.workflow.memory.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLACES = [":memory:", "duckdb:///:memory:", "sqlite+pysqlite:///{tmp}/a.db", "postgres_space"]


@pytest.fixture(params=PLACES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Open each database with a table of one column."""
    server = request.param == "postgres_space"
    where = request.getfixturevalue(request.param) if server else request.param
    made = open_database(where.format(tmp=tmp_path))
    made.script("create table t (x integer primary key)")
    yield made
    made.close()


def numbers(database: Database) -> list[int]:
    """Return the rows."""
    return [x for (x,) in database.rows("select x from t order by x")]


def test_parameters_are_named(database: Database) -> None:
    """And bound, never spliced."""
    database.rows("insert into t values (:n)", {"n": 3})
    rows = database.rows("select x, x + 1 from t where x = :n and :n < 4", {"n": 3})
    assert rows == [(3, 4)]


def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    """An inner one is part of the outer one."""
    with suppress(ZeroDivisionError), database.transaction():
        database.rows("insert into t values (1)")
        with database.transaction():
            database.rows("insert into t values (2)")
        database.rows("insert into t values (:n)", {"n": 1 // 0})
    with database.transaction():
        database.rows("insert into t values (3)")
    assert numbers(database) == [3]


@pytest.mark.parametrize("statement", ["select nonsense", "insert into t values (1), (1)", "???"])
def test_what_a_database_refuses(database: Database, statement: str) -> None:
    """Is one error of ours, and nothing happened."""
    with pytest.raises(DatabaseError) as refused:
        database.rows(statement)
    assert refused.value.facts["kind"] in {"query_error", "connection_error"}
    assert numbers(database) == []


@pytest.mark.parametrize(
    "where", ["{tmp}", "duckdb:///{tmp}", "sqlite:///{tmp}", "postgresql+nodriver://x/y"]
)
def test_what_cannot_be_opened(where: str, tmp_path: Path) -> None:
    """A folder, or a driver that is not there."""
    with pytest.raises((DatabaseError, ValueError)) as refused:
        open_database(where.format(tmp=tmp_path))
    facts = getattr(refused.value, "facts", {})
    assert facts.get("kind", "connection_error") == "connection_error"


@pytest.mark.parametrize("where", ["../x.db", "sqlite:///a/../b.db", "duckdb:///../x"])
def test_a_path_does_not_climb(where: str) -> None:
    """In any way of writing it."""
    with pytest.raises(ValueError, match="path traversal"):
        open_database(where)


def test_a_missing_library_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the person knows what to install."""
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(MissingPartError, match=r"codeanatomy\[duckdb\]"):
        duckdb.DuckDBBackend()
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(MissingPartError, match="fsspec is not installed"):
        blob.BlobBackend("x")


def test_a_file_system_that_fails_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By every call."""
    memory = blob.BlobBackend(str(tmp_path))

    def fail(*_: object, **__: object) -> None:
        raise OSError("unplugged")

    for name in ("pipe_file", "cat_file", "rm_file", "ls"):
        monkeypatch.setattr(memory._fs, name, fail)
    answers = [memory.store("k", 1), memory.retrieve("k"), memory.delete("k"), memory.search()]
    assert {(one["error"], one["error_type"]) for one in answers} == {
        ("unplugged", "connection_error")
    }
