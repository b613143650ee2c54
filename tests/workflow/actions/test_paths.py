"""Where a path of an agent file leads: nowhere outside the declared root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow.plain_host import PlainHost, host_with

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def host(tmp_path: Path) -> PlainHost:
    """Give a host whose files stay below a folder, with a secret beside it."""
    (tmp_path / "root" / "d").mkdir(parents=True)
    (tmp_path / "root" / "d" / "in.txt").write_text("in")
    (tmp_path / "secret.txt").write_text("a,b\n1,2")
    (tmp_path / "root" / "link").symlink_to(tmp_path / "secret.txt")
    namespaces = ("file", "storage", "data", "schema", "checkpoint")
    return host_with(*namespaces, settings={"file_root": str(tmp_path / "root")})


@pytest.mark.parametrize(
    "path",
    [
        "{root}/../secret.txt",
        "{root}/link",
        "{outside}/secret.txt",
        "file://{outside}/secret.txt",
        "memory://x",
        "simplecache::file://{outside}/secret.txt",
        "local://{outside}/secret.txt",
        "{root}-other/x",
        "github://me/it/secret.txt",
        "http://127.0.0.1/secret",
    ],
)
@pytest.mark.parametrize(
    ("name", "param"),
    [
        ("file.read", "path"),
        ("file.write", "path"),
        ("storage.info", "path"),
        ("storage.list", "path"),
        ("storage.delete", "path"),
        ("storage.copy", "source"),
        ("storage.copy", "destination"),
    ],
)
def test_nothing_outside_the_root_is_touched(
    host: PlainHost, tmp_path: Path, name: str, param: str, path: str
) -> None:
    """Neither by dots, links, schemes nor names that look alike."""
    inside = str(tmp_path / "root" / "d" / "in.txt")
    others = {
        "storage.copy": {"source": inside, "destination": inside},
        "file.write": {"content": "x"},
    }
    given: dict[str, Any] = {**others.get(name, {})}
    given[param] = path.format(root=tmp_path / "root", outside=tmp_path)
    found = host.actions_registry[name](state={}, **given)
    assert (found["success"], found["error_type"]) == (False, "permission_denied")
    assert (tmp_path / "secret.txt").read_text() == "a,b\n1,2"


def test_what_is_inside_the_root_is_read(host: PlainHost, tmp_path: Path) -> None:
    """By its path, with dots that stay inside, and by its URL."""
    inside = tmp_path / "root" / "d" / ".." / "d" / "in.txt"
    for path in (str(inside), f"file://{inside}"):
        assert host.actions_registry["file.read"](state={}, path=path)["content"] == "in"


def test_other_readers_keep_to_the_root(host: PlainHost, tmp_path: Path) -> None:
    """CSV, hashes, schemas, checkpoints and native operations too."""
    outside = str(tmp_path / "secret.txt")
    call = host.actions_registry
    assert call["csv.parse"](state={}, path=outside)["error_type"] == "io"
    assert call["storage.hash"](state={}, path=outside)["error_type"] == "file_error"
    merged = call["schema.merge"](state={}, schemas=[{"path": outside}])
    assert "outside settings.file_root" in merged["errors"][0]
    assert list(call["checkpoint.load"](state={}, path=outside)) == ["error"]
    native = call["storage.native"](state={}, path=str(tmp_path / "root"), operation="cat_file")
    assert native["error_type"] == "permission_denied"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("memory://base/x", True), ("memory://base/../x", False), ("memory://based/x", False)],
)
def test_a_root_may_be_a_url(path: str, allowed: object) -> None:
    """Then only URLs below it are read."""
    host = host_with("file", settings={"file_root": "memory://base"})
    done = host.actions_registry["file.write"](state={}, path=path, content="x")
    assert done["success"] is allowed


def test_a_remote_file_is_read_through_a_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`cache` is for URLs; a local path is read as it is."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    read, write = (host_with("file").actions_registry[f"file.{verb}"] for verb in ("read", "write"))
    write(state={}, path="memory://cached/x", content="remote")
    (tmp_path / "x").write_text("local")
    for cache in ("simple", "file", "odd", None):
        assert read(state={}, path="memory://cached/x", cache=cache)["content"] == "remote"
        assert read(state={}, path=str(tmp_path / "x"), cache=cache)["content"] == "local"
