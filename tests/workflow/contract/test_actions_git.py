"""What the git actions answer, in repositories of their own."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.workflow.contract.engines import Engine, actions_of, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Give an engine."""
    with open_engine() as one:
        yield one


def git(folder: Path, *words: str) -> str:
    """Run git in a folder."""
    return subprocess.run(
        ["git", *words],  # noqa: S607 - the git of this machine
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository with one commit on `main`, and stand in it."""
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-b", "main")
    for name, value in (("user.name", "T"), ("user.email", "t@t"), ("commit.gpgsign", "false")):
        git(folder, "config", name, value)
    (folder / "a.txt").write_text("one\n")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "first")
    monkeypatch.chdir(folder)
    return folder


def call(engine: Engine, verb: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - parameters
    """Call a git action."""
    found: dict[str, Any] = actions_of(engine)[f"git.{verb}"](state={}, **given)
    return found


def test_the_branch_and_its_status(engine: Engine, repo: Path) -> None:
    """Clean at first; then staged, modified and untracked files."""
    assert call(engine, "current_branch") == {"success": True, "branch": "main"}
    clean: dict[str, Any] = {"success": True, "branch": "main", "clean": True}
    assert call(engine, "status") == {**clean, "staged": [], "modified": [], "untracked": []}
    (repo / "a.txt").write_text("two\n")
    (repo / "new file.txt").write_text("x")
    (repo / "staged.txt").write_text("y")
    git(repo, "add", "staged.txt")
    assert call(engine, "status") == {
        "success": True,
        "branch": "main",
        "staged": ["staged.txt"],
        "modified": ["a.txt"],
        "untracked": ["new file.txt"],
        "clean": False,
    }


def test_a_repository_without_commits(engine: Engine, tmp_path: Path) -> None:
    """Its status is known already."""
    git(tmp_path, "init", "-b", "fresh")
    found = call(engine, "status", cwd=str(tmp_path))
    assert (found["branch"], found["clean"]) == ("fresh", True)


@pytest.mark.parametrize(
    ("given", "folder", "base"),
    [
        ({"branch": "feature/x"}, ".worktrees/feature-x", "main"),
        ({"branch": "y", "base_branch": "other"}, ".worktrees/y", "other"),
        ({"branch": "z", "path": "../elsewhere"}, "../elsewhere", "main"),
    ],
)
def test_a_worktree_is_made(
    engine: Engine, repo: Path, given: dict[str, Any], folder: str, base: str
) -> None:
    """With a branch of its own, in the usual folder or another."""
    git(repo, "branch", "other")
    made = call(engine, "worktree_create", **given)
    assert made == {
        "success": True,
        "worktree_path": str(repo / folder),
        "branch": given["branch"],
        "base_branch": base,
        "created": True,
    }
    assert (repo / folder / "a.txt").read_text() == "one\n"
    listed = call(engine, "worktree_list")
    assert (listed["success"], listed["count"]) == (True, 2)
    assert [set(tree) for tree in listed["worktrees"]] == [{"path", "commit", "branch"}] * 2
    assert [tree["branch"] for tree in listed["worktrees"]] == ["main", given["branch"]]


@pytest.mark.parametrize(
    ("branch", "kind"),
    [("main", "branch_exists"), ("", "git_error"), ("--force", "git_error"), ("a..b", "git_error")],
)
@pytest.mark.usefixtures("repo")
def test_a_worktree_cannot_be_made(engine: Engine, branch: str, kind: str) -> None:
    """The branch is named in the error."""
    found = call(engine, "worktree_create", branch=branch)
    assert (found["success"], found["error_type"], found["branch"]) == (False, kind, branch)


@pytest.mark.parametrize(
    ("verb", "given", "extra"),
    [
        ("worktree_create", {"branch": "b"}, {"branch": "b"}),
        ("worktree_remove", {"worktree_path": "w"}, {"worktree_path": "w"}),
        ("worktree_merge", {"worktree_path": "w"}, {}),
        ("worktree_list", {}, {}),
        ("current_branch", {}, {}),
        ("status", {}, {}),
    ],
)
def test_no_repository(
    engine: Engine, tmp_path: Path, verb: str, given: dict[str, Any], extra: dict[str, Any]
) -> None:
    """Outside of one there is nothing to do."""
    found = call(engine, verb, cwd=str(tmp_path), **given)
    assert (found["success"], found["error_type"]) == (False, "not_a_repo")
    assert extra.items() <= found.items()


@pytest.mark.parametrize(
    ("given", "branch_deleted"), [({}, False), ({"delete_branch": True}, True)]
)
def test_a_worktree_is_removed(
    engine: Engine, repo: Path, given: dict[str, Any], branch_deleted: object
) -> None:
    """With its branch, if that is wanted."""
    path = call(engine, "worktree_create", branch="b")["worktree_path"]
    assert call(engine, "worktree_remove", worktree_path=path, **given) == {
        "success": True,
        "removed": True,
        "branch_deleted": branch_deleted,
    }
    assert ("b" in git(repo, "branch")) is not branch_deleted


def test_a_worktree_with_changes_stays(engine: Engine, repo: Path) -> None:
    """Unless it is forced; what is no worktree cannot be removed."""
    path = call(engine, "worktree_create", branch="b")["worktree_path"]
    (repo / ".worktrees" / "b" / "new").write_text("x")
    kept = call(engine, "worktree_remove", worktree_path=path)
    assert (kept["error_type"], kept["worktree_path"]) == ("uncommitted_changes", path)
    assert call(engine, "worktree_remove", worktree_path=path, force=True)["removed"] is True
    again = call(engine, "worktree_remove", worktree_path=path)
    assert (again["error_type"], again["worktree_path"]) == ("not_a_worktree", path)
    main = call(engine, "worktree_remove", worktree_path=str(repo))
    assert main["error_type"] == "not_a_worktree"


def test_a_worktree_is_merged(engine: Engine, repo: Path) -> None:
    """What is not committed there is committed first."""
    path = call(engine, "worktree_create", branch="b")["worktree_path"]
    (repo / ".worktrees" / "b" / "new.txt").write_text("x")
    assert call(engine, "worktree_merge", worktree_path=path, remove_after=True) == {
        "success": True,
        "merged": True,
        "conflicts": None,
        "worktree_removed": True,
        "worktree_branch": "b",
        "target_branch": "main",
    }
    assert (repo / "new.txt").read_text() == "x"
    assert "WIP: Changes from b" in git(repo, "log", "--format=%s")
    assert call(engine, "worktree_list")["count"] == 1


def test_a_merge_with_conflicts_stays_open(engine: Engine, repo: Path) -> None:
    """The files are named, and what to do."""
    path = call(engine, "worktree_create", branch="b")["worktree_path"]
    (repo / ".worktrees" / "b" / "a.txt").write_text("theirs\n")
    (repo / "a.txt").write_text("ours\n")
    git(repo, "commit", "-am", "ours")
    found = call(engine, "worktree_merge", worktree_path=path)
    assert (found["success"], found["merged"], found["error_type"]) == (
        False,
        False,
        "merge_conflict",
    )
    assert found["conflicts"] == [{"file": "a.txt", "status": "both_modified"}]
    assert "git merge --abort" in found["resolution_hint"]
    assert "<<<<<<<" in (repo / "a.txt").read_text()


def test_a_worktree_is_named_by_its_branch(engine: Engine, repo: Path) -> None:
    """Merged into another branch than the one that is checked out, then removed."""
    git(repo, "branch", "other")
    call(engine, "worktree_create", branch="b")
    (repo / ".worktrees" / "b" / "new.txt").write_text("x")
    merged = call(engine, "worktree_merge", worktree_branch="b", target_branch="other")
    assert (merged["merged"], merged["target_branch"], merged["worktree_removed"]) == (
        True,
        "other",
        False,
    )
    assert "new.txt" in git(repo, "ls-tree", "--name-only", "other")
    assert "new.txt" not in git(repo, "ls-tree", "--name-only", "main")
    assert call(engine, "worktree_remove", branch="b")["removed"] is True


@pytest.mark.parametrize("verb", ["worktree_create", "worktree_remove", "worktree_merge"])
def test_a_worktree_must_be_named(engine: Engine, verb: str) -> None:
    """Without a name it is a TypeError, as for every action."""
    with pytest.raises(TypeError, match=r"branch|worktree_path"):
        call(engine, verb)
