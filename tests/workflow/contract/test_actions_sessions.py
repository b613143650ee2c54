"""What the actions on sessions, secrets, responses and tables answer."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import the_edge_agent
from the_edge_agent import HTTPResponse

from codeanatomy.workflow.storage.blob import BlobStorage
from codeanatomy.workflow.storage.metadata import MetadataStore
from tests.workflow.contract.engines import Engine, actions_of, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Kept:
    """Sessions in a dict: any object with these four methods is a backend."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.ttl: float | None = None

    def load(self, session_id: str) -> dict[str, Any] | None:
        """Return what is kept."""
        return self.data.get(session_id)

    def save(self, session_id: str, data: dict[str, Any], ttl: float | None = None) -> None:
        """Keep it."""
        if session_id == "bad":
            raise RuntimeError("full")
        self.data[session_id], self.ttl = data, ttl

    def delete(self, session_id: str) -> bool:
        """Forget it."""
        return self.data.pop(session_id, None) is not None

    def exists(self, session_id: str) -> bool:
        """Tell whether it is kept."""
        return session_id in self.data


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Give an engine with stores of its own."""
    store = MetadataStore()
    blobs = BlobStorage(tmp_path / "blobs")
    with open_engine(metadata_store=store, blob_storage=blobs, session_backend=Kept()) as one:
        yield one
    store.close()


def call(engine: Engine, name: str, state: Any = None, /, **given: Any) -> Any:  # noqa: ANN401 - any action
    """Call an action by name."""
    return actions_of(engine)[name](state=state or {}, **given)


def test_a_session_begins(engine: Engine) -> None:
    """Its id, its end and its hours."""
    made = call(engine, "session.create", user_id="u", ttl_hours=2)
    assert re.fullmatch(r"sess_[0-9a-f]{12}", made["session_id"])
    assert (made["success"], made["ttl_hours"]) == (True, 2)
    until = datetime.fromisoformat(made["expires_at"])
    assert timedelta(hours=1.9) < until - datetime.now(UTC) <= timedelta(hours=2)


@pytest.mark.parametrize(("variable", "hours"), [(None, 24), ("6", 6)])
def test_the_usual_hours(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, variable: str | None, hours: int
) -> None:
    """A day, or what the environment says."""
    monkeypatch.delenv("SESSION_DEFAULT_TTL_HOURS", raising=False)
    if variable:
        monkeypatch.setenv("SESSION_DEFAULT_TTL_HOURS", variable)
    assert call(engine, "session.create", user_id="u")["ttl_hours"] == hours


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("session.create", {}, "user_id is required"),
        ("session.create", {"user_id": ""}, "user_id is required"),
        ("session.create", {"user_id": "u", "ttl_hours": 0}, "ttl_hours must be positive"),
        ("session.create", {"user_id": "u", "ttl_hours": -1}, "ttl_hours must be positive"),
        ("session.create", {"user_id": "u", "ttl_hours": "x"}, "ttl_hours must be positive"),
        ("session.get", {"session_id": "s"}, "Session s not found"),
        ("session.archive", {"session_id": "s"}, "Session s not found"),
        ("session.end", {"session_id": "s"}, "Session s not found"),
        ("session.restore", {"session_id": "s"}, "Session s not found"),
        ("session.get", {}, "session_id is required"),
    ],
)
def test_session_mistakes(engine: Engine, name: str, given: dict[str, Any], text: str) -> None:
    """A plain error, without a type."""
    assert call(engine, name, **given) == {"success": False, "error": text}


@pytest.mark.parametrize("verb", "create end archive restore get list archive_expired".split())
def test_sessions_need_a_store(verb: str) -> None:
    """Without one it is a matter of configuration."""
    with open_engine() as engine:
        found = call(engine, f"session.{verb}", user_id="u", session_id="s")
    assert (found["success"], found["error_type"]) == (False, "configuration_error")


@pytest.mark.parametrize("verb", ["archive", "end"])
def test_files_move_with_their_session(engine: Engine, tmp_path: Path, verb: str) -> None:
    """To the archive and back."""
    name = call(engine, "session.create", user_id="u")["session_id"]
    engine.blob_storage.write(f"sessions/{name}/a.txt", b"1")
    engine.blob_storage.write(f"sessions/{name}/d/b.txt", b"2")
    assert call(engine, f"session.{verb}", session_id=name, reason="done") == {
        "success": True,
        "archived_files": 2,
        "errors": [],
    }
    assert (tmp_path / "blobs" / "archived-sessions" / name / "d" / "b.txt").read_bytes() == b"2"
    known = call(engine, "session.get", session_id=name)["session"]
    assert (known["archive_reason"], known["status"] != "active") == ("done", True)
    again = call(engine, f"session.{verb}", session_id=name)
    assert again == {"success": False, "error": f"Session {name} already archived"}
    back = call(engine, "session.restore", session_id=name, new_ttl_hours=1)
    assert (back["success"], back["restored_files"], back["errors"]) == (True, 2, [])
    assert datetime.fromisoformat(back["expires_at"]) > datetime.now(UTC)
    assert engine.blob_storage.read(f"sessions/{name}/a.txt") == b"1"
    twice = call(engine, "session.restore", session_id=name)
    assert twice == {"success": False, "error": f"Session {name} is not archived"}


def test_the_session_of_the_state(engine: Engine) -> None:
    """Its id may stand in the state."""
    name = call(engine, "session.create", user_id="u")["session_id"]
    found = call(engine, "session.get", {"session_id": name})
    assert (found["success"], found["session"]["user_id"]) == (True, "u")


@pytest.mark.parametrize(
    ("given", "count"),
    [({}, 3), ({"user_id": "a"}, 2), ({"status": "active"}, 2), ({"limit": 1}, 1)],
)
def test_sessions_are_listed(engine: Engine, given: dict[str, Any], count: int) -> None:
    """By user, by status, no more than asked for."""
    names = [call(engine, "session.create", user_id=user)["session_id"] for user in "aab"]
    call(engine, "session.archive", session_id=names[2])
    found = call(engine, "session.list", **given)
    assert (found["success"], found["count"], len(found["sessions"])) == (True, count, count)


def test_the_expired_are_archived(engine: Engine) -> None:
    """Those whose time is over, and no others."""
    old, new = (call(engine, "session.create", user_id="u")["session_id"] for _ in "12")
    document = engine.metadata_store.get("sessions", old)
    past = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    engine.metadata_store.put("sessions", old, {**document, "expires_at": past})
    assert call(engine, "session.archive_expired") == {
        "success": True,
        "archived": 1,
        "errors": [],
    }
    assert call(engine, "session.get", session_id=new)["session"]["status"] == "active"
    assert call(engine, "session.get", session_id=old)["session"]["archive_reason"] == "expired"


def test_a_session_is_kept(engine: Engine) -> None:
    """All public keys of the state, and back."""
    state = {"session_id": "s", "a": 1, "_b": 2}
    assert call(engine, "session.save", state, ttl=5) == {"success": True, "session_id": "s"}
    assert call(engine, "session.load", {"session_id": "s"}) == {"session_id": "s", "a": 1}
    assert engine.session_backend.ttl == 5
    assert call(engine, "session.exists", session_id="s") == {"exists": True}
    assert call(engine, "session.delete", session_id="s") == {"success": True}
    assert call(engine, "session.delete", session_id="s") == {"success": False}
    assert call(engine, "session.exists", session_id="s") == {"exists": False}


@pytest.mark.parametrize(
    ("given", "settings", "kept"),
    [
        ({"fields": ["a", "zz"]}, {}, {"a": 1}),
        ({}, {"persist_fields": ["b"]}, {"b": 2}),
        ({}, {"session": {"persist_fields": ["b"]}}, {"b": 2}),
        ({"fields": ["a"]}, {"persist_fields": ["b"]}, {"a": 1}),
    ],
)
def test_what_is_kept(
    engine: Engine, given: dict[str, Any], settings: dict[str, Any], kept: dict[str, Any]
) -> None:
    """The fields of the call, else those of the settings."""
    engine.settings = settings
    call(engine, "session.save", {"a": 1, "b": 2}, session_id="s", **given)
    assert engine.session_backend.data["s"] == kept


def test_a_session_that_is_not_kept(engine: Engine) -> None:
    """Loads as the default, or as nothing."""
    assert call(engine, "session.load", session_id="s", default={"d": 1}) == {"d": 1}
    assert call(engine, "session.load", session_id="s") == {}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("session.save", {"success": False, "error": "No session backend configured"}),
        ("session.delete", {"success": False, "error": "No session backend configured"}),
        ("session.exists", {"exists": False, "error": "No session backend configured"}),
        ("session.load", {"d": 1}),
    ],
)
def test_no_session_backend(
    caplog: pytest.LogCaptureFixture, name: str, expected: dict[str, Any]
) -> None:
    """Loading warns, the others say so."""
    with open_engine() as engine:
        assert call(engine, name, session_id="s", default={"d": 1}) == expected
    warned = [record.getMessage() for record in caplog.records]
    assert warned == (["No session backend configured"] if name == "session.load" else [])


def test_a_backend_that_fails(engine: Engine) -> None:
    """Its failure is the error."""
    assert call(engine, "session.save", session_id="bad") == {"success": False, "error": "full"}


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("secrets.get", {"key": "k"}, {"value": "v"}),
        ("secrets.get", {"key": "z"}, {"value": None}),
        ("secrets.get", {"key": "z", "default": 1}, {"value": 1}),
        ("secrets.has", {"key": "k"}, {"exists": True}),
        ("secrets.has", {"key": "z"}, {"exists": False}),
    ],
)
@pytest.mark.parametrize("where", ["secrets", "secrets_backend"])
def test_secrets(where: str, name: str, given: dict[str, Any], expected: dict[str, Any]) -> None:
    """From a backend if there is one, else from those the engine was given."""

    class Vault(dict[str, str]):
        def has(self, key: str) -> bool:
            return key in self

    with open_engine(**{where: Vault(k="v")}) as engine:
        assert call(engine, name, **given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {},
            {
                "status": 200,
                "body": None,
                "headers": {"Content-Type": "application/json"},
                "content_type": "application/json",
            },
        ),
        (
            {"status": 404, "body": "no", "headers": {"X": "y"}, "content_type": "text/plain"},
            {
                "status": 404,
                "body": "no",
                "headers": {"Content-Type": "text/plain", "X": "y"},
                "content_type": "text/plain",
            },
        ),
    ],
)
def test_a_response_is_raised(
    engine: Engine, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    """With its status as its text, and all of it as a dict."""
    with pytest.raises(HTTPResponse) as raised:
        call(engine, "http.respond", **given)
    assert str(raised.value) == f"HTTP {expected['status']}"
    assert raised.value.to_dict() == expected


def test_one_class_of_responses() -> None:
    """It is exported from three places."""
    from the_edge_agent import actions, exceptions

    assert the_edge_agent.HTTPResponse is actions.HTTPResponse
    assert the_edge_agent.HTTPResponse is exceptions.HTTPResponse


SCHEMA = {"id": "integer", "name": "string", "w": "float", "on": "boolean", "at": "timestamp"}


INVALID, TAKEN = "validation_error", "already_exists"
LETTER = {"a": "string"}


@pytest.fixture
def table(engine: Engine) -> Engine:
    """Give an engine with a table `t`."""
    made = call(engine, "data.create_table", name="t", schema=SCHEMA, primary_key=["id"])
    assert made == {
        "success": True,
        "status": "created",
        "table": "t",
        "schema": SCHEMA,
        "primary_key": ["id"],
    }
    return engine


def rows(engine: Engine, sql: str = "SELECT * FROM data ORDER BY id") -> list[dict[str, Any]]:
    """Ask the table `t`."""
    found = call(engine, "data.query", table="t", sql=sql)
    assert found["success"] is True, found
    result: list[dict[str, Any]] = found["rows"]
    return result


def test_small_rows_are_inlined(table: Engine) -> None:
    """They live in the metadata store; types come back."""
    done = call(
        table,
        "data.insert",
        table="t",
        rows=[{"id": 1, "name": "a", "w": 1.5, "on": True, "at": "2026-01-02T03:04:05"}],
    )
    assert isinstance(done.pop("version"), int)
    assert done == {
        "success": True,
        "status": "inserted",
        "table": "t",
        "row_count": 1,
        "storage": "inlined",
    }
    assert len(table.metadata_store.find("ducklake_inlined_t_rows")) == 1
    at = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - a timestamp has no zone
    assert rows(table) == [{"id": 1, "name": "a", "w": 1.5, "on": True, "at": at}]


def test_large_batches_are_parquet(table: Engine) -> None:
    """They live in the blob storage."""
    batch = [{"id": n, "name": "x" * 30} for n in range(100)]
    done = call(table, "data.insert", table="t", rows=batch)
    assert (done["storage"], done["row_count"]) == ("parquet", 100)
    assert table.blob_storage.read(done["parquet_path"])[:4] == b"PAR1"
    assert rows(table, "SELECT count(*) AS n, max(id) AS m FROM data") == [{"n": 100, "m": 99}]


def test_the_last_write_wins(table: Engine) -> None:
    """Insert, update, delete and insert again, across Parquet and documents."""
    call(table, "data.insert", table="t", rows=[{"id": n, "name": "x" * 40} for n in range(50)])
    done = call(table, "data.update", table="t", where={"id": 1}, updates={"name": "new"})
    assert isinstance(done.pop("version"), int)
    assert done == {"success": True, "status": "updated", "table": "t", "row_count": 1}
    gone = call(table, "data.delete", table="t", where={"id": 2})
    assert (gone["status"], gone["row_count"]) == ("deleted", 1)
    call(table, "data.insert", table="t", rows=[{"id": 3, "name": "again"}])
    found = call(table, "data.query", table="t", sql="SELECT id, name FROM data WHERE id < 4")
    assert sorted((row["id"], row["name"]) for row in found["rows"]) == [
        (0, "x" * 40),
        (1, "new"),
        (3, "again"),
    ]
    assert found["sources"] == {
        "parquet_rows": 50,
        "inlined_rows": 3,
        "merged_rows": 50,
        "live_rows": 49,
    }
    assert (found["status"], found["table"], found["row_count"]) == ("success", "t", 3)


def test_an_empty_table(table: Engine) -> None:
    """Has no rows, and no sources."""
    assert call(table, "data.query", table="t", sql="SELECT * FROM data") == {
        "success": True,
        "status": "success",
        "table": "t",
        "rows": [],
        "row_count": 0,
    }
    assert call(table, "data.insert", table="t", rows=[]) == {
        "success": True,
        "table": "t",
        "row_count": 0,
        "storage": "none",
    }
    skipped = {"success": True, "status": "skipped", "reason": "no_data"}
    assert call(table, "data.consolidate", table="t") == skipped


def test_a_table_is_consolidated(table: Engine) -> None:
    """One file in place of all; the rows are the same."""
    call(table, "data.insert", table="t", rows=[{"id": n, "name": "x" * 40} for n in range(50)])
    call(table, "data.insert", table="t", rows=[{"id": n, "name": "y" * 40} for n in range(40, 90)])
    call(table, "data.delete", table="t", where={"id": 0})
    before = rows(table)
    done = call(table, "data.consolidate", table="t")
    assert {k: v for k, v in done.items() if k not in {"parquet_path", "snapshot_id"}} == {
        "success": True,
        "status": "consolidated",
        "files_merged": 2,
        "inlined_rows": 1,
        "total_rows": 89,
    }
    assert table.metadata_store.get("ducklake_snapshots", done["snapshot_id"])["table"] == "t"
    assert rows(table) == before
    assert table.blob_storage.names("ducklake") == [done["parquet_path"]]
    assert call(table, "data.consolidate", table="t") == {
        "success": True,
        "status": "skipped",
        "reason": "already_consolidated",
    }
    call(table, "data.update", table="t", where={"id": 5}, updates={"name": "z"})
    assert rows(table, "SELECT name FROM data WHERE id = 5") == [{"name": "z"}]


@pytest.mark.parametrize(
    ("name", "given", "kind"),
    [
        ("data.create_table", {"name": "t", "schema": SCHEMA, "primary_key": "id"}, TAKEN),
        ("data.create_table", {"name": "u", "schema": {}, "primary_key": "id"}, INVALID),
        ("data.create_table", {"name": "u", "schema": {"a": "odd"}, "primary_key": "a"}, INVALID),
        ("data.create_table", {"name": "u", "schema": LETTER, "primary_key": "b"}, INVALID),
        ("data.create_table", {"name": "../u", "schema": LETTER, "primary_key": "a"}, INVALID),
        ("data.create_table", {"schema": LETTER, "primary_key": "a"}, INVALID),
        ("data.insert", {"table": "u", "rows": [{}]}, "not_found"),
        ("data.insert", {"table": "t", "rows": [{"name": "x"}]}, INVALID),
        ("data.insert", {"table": "t", "rows": [{"id": "x"}]}, INVALID),
        ("data.insert", {"table": "t", "rows": [{"id": 1, "odd": 1}]}, INVALID),
        ("data.update", {"table": "t", "where": {"name": "x"}, "updates": {"w": 1}}, INVALID),
        ("data.update", {"table": "t", "where": {"id": 1}, "updates": {}}, INVALID),
        ("data.update", {"table": "t", "where": {"id": 77}, "updates": {"w": 1.0}}, "not_found"),
        ("data.update", {"table": "t", "where": {"id": 9}, "updates": {"w": 1.0}}, "deleted_row"),
        ("data.delete", {"table": "t", "where": {}}, INVALID),
        ("data.query", {"table": "u", "sql": "SELECT 1"}, "not_found"),
        ("data.query", {"table": "t", "sql": "SELEKT"}, "query_error"),
    ],
)  # fmt: skip
def test_table_mistakes(table: Engine, name: str, given: dict[str, Any], kind: str) -> None:
    """Each has its type."""
    call(table, "data.insert", table="t", rows=[{"id": 1}, {"id": 9}])
    call(table, "data.delete", table="t", where={"id": 9})
    found = call(table, name, **given)
    assert (found["success"], found["error_type"]) == (False, kind)


def test_stores_of_the_state(engine: Engine, tmp_path: Path) -> None:
    """Those in the state come before the engine's."""
    own = {"_metadata_store": MetadataStore(), "_blob_storage": BlobStorage(tmp_path / "own")}
    call(engine, "data.create_table", own, name="t", schema={"a": "string"}, primary_key=["a"])
    assert call(engine, "data.insert", table="t", rows=[{"a": "x"}])["error_type"] == "not_found"
    call(engine, "data.insert", own, table="t", rows=[{"a": "x"}])
    own["_metadata_store"].close()  # type: ignore[attr-defined] # the first of the two


def test_tables_need_stores() -> None:
    """Without them nothing can be stored."""
    with open_engine() as engine:
        found = call(
            engine, "data.create_table", name="t", schema={"a": "string"}, primary_key=["a"]
        )
    assert (found["success"], found["error_type"]) == (False, "storage_error")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY data TO 'stolen.csv'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "ATTACH 'x.db'",
    ],
)
def test_sql_stays_inside(table: Engine, sql: str) -> None:
    """It sees the table, and neither files nor the net."""
    call(table, "data.insert", table="t", rows=[{"id": 1}])
    found = call(table, "data.query", table="t", sql=sql)
    assert (found["success"], found["error_type"]) == (False, "query_error")


def test_sql_is_bounded(table: Engine) -> None:
    """Its memory has a limit, and no folder is open to it for what does not fit."""
    call(table, "data.insert", table="t", rows=[{"id": 1}])
    names = "('memory_limit', 'temp_directory', 'allowed_directories')"
    asked = f"SELECT name, value FROM duckdb_settings() WHERE name IN {names}"
    found = call(table, "data.query", table="t", sql=asked)["rows"]
    settings = {row["name"]: row["value"] for row in found}
    assert settings == {
        "memory_limit": "953.6 MiB",
        "temp_directory": "",
        "allowed_directories": "[]",
    }
