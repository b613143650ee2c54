"""Sessions between two runs: what is kept, for how long, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codeanatomy.workflow.yaml_engine.sessions import kept_fields, open_sessions

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("backend", ["memory", "sqlite", "duckdb"])
def test_what_is_saved_is_there(backend: str) -> None:
    """A session is what was saved last; another is not there."""
    store = open_sessions(
        {"backend": backend, **({} if backend == "memory" else {"path": ":memory:"})}
    )
    store.save("a", {"n": 1})
    store.save("a", {"m": [2]})
    assert store.load("a") == {"m": [2]}
    assert (store.load("b"), store.exists("a"), store.exists("b")) == (None, True, False)
    assert (store.delete("a"), store.delete("a"), store.exists("a")) == (True, False, False)
    store.close()


def test_a_file_outlives_the_engine(tmp_path: Path) -> None:
    """A session in a file is there for the next process."""
    settings = {"backend": "sqlite", "path": str(tmp_path / "sessions.db")}
    first = open_sessions(settings)
    first.save("a", {"n": 1})
    first.close()
    second = open_sessions(settings)
    assert second.load("a") == {"n": 1}
    second.close()


def test_a_session_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time a session is not there; the time at saving wins over the setting."""
    now = [100.0]
    monkeypatch.setattr("codeanatomy.workflow.yaml_engine.sessions.time.time", lambda: now[0])
    store = open_sessions({"ttl": 10})
    store.save("short", {"n": 1}, ttl=1)
    store.save("usual", {"n": 2})
    now[0] = 105.0
    assert (store.load("short"), store.load("usual")) == (None, {"n": 2})
    now[0] = 111.0
    assert store.load("usual") is None
    store.close()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {"a": 1, "b": 2}),
        ({"persist_fields": ["a", "missing"]}, {"a": 1}),
        ({"persist_fields": ["_c"]}, {"_c": 3}),
    ],
)
def test_fields(settings: dict[str, list[str]], expected: dict[str, int]) -> None:
    """All public keys are kept, or those that are listed."""
    assert kept_fields(settings, {"a": 1, "b": 2, "_c": 3}) == expected
