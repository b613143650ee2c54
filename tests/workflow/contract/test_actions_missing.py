"""What actions answer where something they need is missing or broken."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from codeanatomy.workflow.storage.blob import BlobStorage
from codeanatomy.workflow.storage.metadata import MetadataStore
from tests.workflow.contract.engines import Engine, actions_of, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Give an engine with stores."""
    store = MetadataStore()
    blobs = BlobStorage(tmp_path)
    given: dict[str, Any] = {"metadata_store": store, "blob_storage": blobs}
    with open_engine(enable_code_execution=True, **given) as one:
        yield one
    store.close()


@pytest.mark.parametrize(
    ("module", "name", "given", "kind", "package"),
    [
        ("jmespath", "json.transform", {"data": {}, "expression": "a"}, "transform", "jmespath"),
        (
            "jsonpath_ng.ext.parser",
            "json.transform",
            {"data": {}, "expression": "$", "engine": "jsonpath"},
            "transform",
            "jsonpath-ng",
        ),
        ("jsonschema", "data.validate", {"data": {}, "schema": {}}, "validate", "jsonschema"),
        (
            "duckdb",
            "data.insert",
            {"table": "t", "rows": [{"a": "x"}]},
            "backend_not_installed",
            "duckdb",
        ),
        ("RestrictedPython", "code.execute", {"code": "1"}, None, "'codeanatomy[sandbox]'"),
        ("mcp", "tools.mcp", {"server": {"command": "x"}, "tool": "t"}, "import", "mcp"),
    ],
)
def test_a_missing_library_is_named(
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    name: str,
    given: dict[str, Any],
    kind: str | None,
    package: str,
) -> None:
    """With the command that installs it."""
    call = actions_of(engine)
    call["data.create_table"](state={}, name="t", schema={"a": "string"}, primary_key=["a"])
    monkeypatch.setitem(sys.modules, module, None)
    found = call[name](state={}, **given)
    assert found["success"] is False
    assert found.get("error_type") == kind
    assert f"pip install {package}" in found["error"]
    if name == "data.insert":
        assert engine.metadata_store.find("ducklake_inlined_t_rows") == []


def test_a_missing_markdown_parser(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an import error by type."""
    monkeypatch.delitem(sys.modules, "codeanatomy.workflow.actions._markdown", raising=False)
    monkeypatch.delattr("codeanatomy.workflow.actions._markdown", raising=False)
    monkeypatch.setitem(sys.modules, "markdown_it", None)
    found = actions_of(engine)["markdown.parse"](state={}, content="# x")
    assert (found["success"], found["error_type"]) == (False, "import")


class Broken:
    """A memory whose every call fails."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method
        def fail(*_: object, **__: object) -> None:
            raise OSError(f"{name} is broken")

        return fail


def test_a_broken_memory_is_no_failure_of_the_action(engine: Engine) -> None:
    """The cache is passed by; looking into it is a failure."""
    engine.ltm_backend = Broken()
    call = actions_of(engine)
    found = call["cache.wrap"](
        state={}, action="json.parse", args={"text": "1"}, cleanup_probability=1.1
    )
    assert (found["success"], found["result"]["data"], found["_cache_hit"]) == (True, 1, False)
    gone = call["cache.invalidate"](state={}, pattern="*")
    assert (gone["success"], gone["error_type"]) == (False, "ltm_error")


def test_a_broken_file_among_those_of_a_session(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others move, and it is told."""
    call = actions_of(engine)
    name = call["session.create"](state={}, user_id="u")["session_id"]
    for file in ("a", "b"):
        engine.blob_storage.write(f"sessions/{name}/{file}", b"1")
    move = engine.blob_storage.move

    def some(source: str, target: str) -> None:
        if source.endswith("a"):
            raise OSError("stuck")
        move(source, target)

    monkeypatch.setattr(engine.blob_storage, "move", some)
    done = call["session.archive"](state={}, session_id=name)
    assert (done["success"], done["archived_files"]) == (True, 1)
    assert done["errors"] == [f"sessions/{name}/a: stuck"]


def test_git_is_not_installed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is an error of git."""
    monkeypatch.setenv("PATH", "")
    found = actions_of(engine)["git.status"](state={})
    assert (found["success"], found["error_type"]) == (False, "git_error")
