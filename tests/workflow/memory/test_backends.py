"""Which long-term memory a setting asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow.memory import backends
from codeanatomy.workflow.memory.sqlite import SQLiteBackend

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("kind", "settings", "name"),
    [
        ("sqlite", {}, "SQLiteBackend"),
        ("SQLite", {"path": "{tmp}/a.db"}, "SQLiteBackend"),
        ("sqlite", {"db_path": "{tmp}/a.db"}, "SQLiteBackend"),
        ("duckdb", {"path": "{tmp}/a.duckdb"}, "DuckDBBackend"),
        ("sqlalchemy", {"url": "sqlite+pysqlite:///{tmp}/s.db"}, "SQLAlchemyBackend"),
        ("postgres", {"connection_string": "sqlite+pysqlite:///{tmp}/p.db"}, "SQLAlchemyBackend"),
        ("blob", {"uri": "{tmp}/blobs"}, "BlobBackend"),
        ("hierarchical", {"path": "{tmp}/h.db", "levels": ["a", "b"]}, "HierarchicalBackend"),
    ],
)
def test_a_type_and_its_settings_make_a_backend(
    kind: str, settings: dict[str, Any], name: str, tmp_path: Path
) -> None:
    """Paths may be called as the settings of agents call them."""
    given = {
        key: value.format(tmp=tmp_path) if isinstance(value, str) else value
        for key, value in settings.items()
    }
    made = backends.create_ltm_backend(kind, **given)
    assert type(made).__name__ == name
    assert made.store("k", 1)["success"]
    made.close()


def test_an_unknown_type_names_those_there_are() -> None:
    """It is a ValueError too."""
    with pytest.raises(ValueError, match=r"Unknown LTM backend: 'redis'.*'sqlite'"):
        backends.create_ltm_backend("redis")


def test_a_type_of_ones_own_can_be_added(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made by the function that was registered."""
    monkeypatch.setattr(backends, "_MORE", {})
    backends.register_backend("Mine", SQLiteBackend)
    made = backends.create_ltm_backend("mine")
    assert "mine" in backends.available_backends()
    made.close()


@pytest.mark.parametrize(
    ("settings", "parsed"),
    [
        (None, ("sqlite", {})),
        ({}, ("sqlite", {})),
        ({"backend": "DuckDB", "path": "x"}, ("duckdb", {"path": "x"})),
        ({"type": "blob", "enabled": True, "path": "x"}, ("blob", {"path": "x"})),
        ({"backend": "sqlite", "sqlite": {"path": "y"}}, ("sqlite", {"path": "y"})),
        ({"path": "${LTM_HERE}/a.db"}, ("sqlite", {"path": "place/a.db"})),
        ({"path": "${LTM_NOT:-other}"}, ("sqlite", {"path": "other"})),
    ],
)
def test_settings_are_read(
    settings: dict[str, Any] | None,
    parsed: tuple[str, dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Into a type and what its constructor is told."""
    monkeypatch.setenv("LTM_HERE", "place")
    monkeypatch.delenv("LTM_NOT", raising=False)
    assert backends.parse_backend_config(settings) == parsed


def test_variables_expand_in_all_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deep inside too; an unset one without default stays as it is."""
    monkeypatch.setenv("A", "1")
    monkeypatch.delenv("B", raising=False)
    given = {"x": ["${A}", {"y": "${B}-${B:-2}"}], "n": 3}
    assert backends.expand_env_vars(given) == {"x": ["1", {"y": "${B}-2"}], "n": 3}
