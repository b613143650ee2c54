"""Nothing outside `settings.file_root` is read or written, however its path is spelt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow.contract.engines import actions_of, open_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SPELLINGS = [
    "{outside}",
    "../secret.txt",
    "file:{outside}",
    "file:../secret.txt",
    "local:{outside}",
    "file://{outside}",
    "file://file:{outside}",
    "local://{outside}",
    "simplecache::file://{outside}",
    "link",
    "{root}/../secret.txt",
    "in\0.txt",
]


@pytest.fixture
def actions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Return actions of an engine whose root is a folder beside a secret file."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.txt").write_text("the secret")
    (root / "link").symlink_to(tmp_path / "secret.txt")
    (root / "in.txt").write_text("a")
    monkeypatch.chdir(root)
    with open_engine() as engine:
        file = {"settings": {"file_root": str(root)}, "nodes": [{"name": "a"}]}
        engine.load_from_dict(file)
        yield actions_of(engine)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(
    "ask",
    [
        lambda a, p: a["file.read"](state={}, path=p),
        lambda a, p: a["csv.parse"](state={}, path=p),
        lambda a, p: a["storage.hash"](state={}, path=p),
        lambda a, p: a["storage.copy"](state={}, source=p, destination="copy.txt"),
        lambda a, p: a["schema.merge"](state={}, schemas=[{"path": p}]),
        lambda a, p: a["vector.index_files"](state={}, paths=[p]),
        lambda a, p: a["file.write"](state={}, path=p, content="changed"),
        lambda a, p: a["storage.delete"](state={}, path=p),
    ],
)
def test_no_spelling_leads_out(
    actions: dict[str, Any], tmp_path: Path, spelling: str, ask: Callable[..., Any]
) -> None:
    """A path that leads out is refused by every action."""
    path = spelling.format(outside=tmp_path / "secret.txt", root=tmp_path / "root")
    answer = ask(actions, path)
    assert answer["success"] is False
    assert "the secret" not in str(answer)
    assert (tmp_path / "secret.txt").read_text() == "the secret"


@pytest.mark.parametrize("path", ["in.txt", "./in.txt", "file:in.txt", "../root/in.txt"])
def test_what_lies_inside_is_read(actions: dict[str, Any], path: str) -> None:
    """A path that stays inside is read."""
    assert actions["file.read"](state={}, path=path) == {"success": True, "content": "a"}


def test_patterns_do_not_climb(actions: dict[str, Any]) -> None:
    """A pattern of files cannot lead out of the root either."""
    answer = actions["vector.index_files"](state={}, paths=["."], pattern="../*.txt")
    assert answer["success"] is False
    assert "outside settings.file_root" in answer["error"]


@pytest.mark.parametrize("path", ["memory://r/../x", "memory://r/%2e%2e/x", "memory://r\\..\\x"])
def test_a_root_that_is_an_address(path: str) -> None:
    """A root may be an address; its dots are read as servers read them."""
    with open_engine() as engine:
        engine.load_from_dict({"settings": {"file_root": "memory://r"}, "nodes": [{"name": "a"}]})
        read = actions_of(engine)["file.read"]
        assert read(state={}, path=path)["error_type"] == "permission_denied"
        assert read(state={}, path="memory://r/none")["error_type"] == "not_found"
