"""What git says about a repository, and the name it goes by."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from codeanatomy.cpg.sources.repository import inputs, name_of

if TYPE_CHECKING:
    from pathlib import Path


def git(root: Path, *arguments: str) -> str:
    """Run git as somebody."""
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a repository of one commit."""
    top = tmp_path / "folder"
    top.mkdir()
    (top / "a.py").write_text("x = 1\n")
    git(top, "init", "-q", "-b", "main")
    git(top, "add", ".")
    git(top, "commit", "-q", "-m", "first")
    return top


def test_a_folder_outside_git_has_only_its_place(tmp_path: Path) -> None:
    """Nothing is made up."""
    assert inputs(tmp_path) == {
        "root": str(tmp_path.resolve()), "commit": None, "branch": None, "dirty": None,
        "remotes": {}, "submodules": {},
    }  # fmt: skip


def test_a_work_tree_says_its_commit_and_branch(root: Path) -> None:
    """Nothing differs from the commit."""
    found = inputs(root)
    assert found["commit"] == git(root, "rev-parse", "HEAD").strip()
    assert (found["branch"], found["dirty"]) == ("main", False)


def test_a_detached_head_has_no_branch(root: Path) -> None:
    """The commit is all there is."""
    git(root, "checkout", "-q", "--detach")
    assert (inputs(root)["branch"], inputs(root)["dirty"]) == (None, False)


def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    """It was just made."""
    git(tmp_path, "init", "-q", "-b", "main")
    found = inputs(tmp_path)
    assert (found["commit"], found["branch"], found["dirty"]) == (None, "main", False)


@pytest.mark.parametrize("name", ["a.py", "new.py"])
def test_a_changed_or_new_file_makes_it_dirty(root: Path, name: str) -> None:
    """Untracked files are read, so they count."""
    (root / name).write_text("x = 2\n")
    assert inputs(root)["dirty"] is True


def test_an_ignored_folder_has_no_facts_of_the_repository_around_it(root: Path) -> None:
    """Its files are no part of that commit."""
    (root / ".gitignore").write_text("lib\n")
    (root / "lib").mkdir()
    assert (inputs(root / "lib")["commit"], inputs(root / "lib")["dirty"]) == (None, None)


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://me:secret@example.org/o/n.git", "https://example.org/o/n.git"),
        ("https://token@example.org:8443/o/n", "https://example.org:8443/o/n"),
        ("https://example.org/o/n?private_token=s#f", "https://example.org/o/n"),
        ("ssh://git@example.org/o/n.git", "ssh://example.org/o/n.git"),
        ("git@example.org:o/n.git", "example.org:o/n.git"),
        ("me:secret@example.org:o/n.git", "example.org:o/n.git"),
        ("../other", "../other"),
    ],
)
def test_addresses_of_remotes_carry_no_secrets(root: Path, url: str, clean: str) -> None:
    """User, password, query and fragment are dropped."""
    git(root, "remote", "add", "up.stream", url)
    assert inputs(root)["remotes"] == {"up.stream": clean}


def test_submodules_are_listed_with_their_commit(root: Path) -> None:
    """As the index has them."""
    (root / ".gitmodules").write_text('[submodule "e"]\n\tpath = e x\n\turl = ../e\n')
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},e x")
    assert inputs(root)["submodules"] == {"e x": "1" * 40}


@pytest.mark.parametrize("key", ["filter.x.clean", "filter.x.process", "core.fsmonitor"])
def test_asking_git_runs_no_program_of_the_repository(root: Path, key: str) -> None:
    """A filter would run when a file may have changed, a monitor at once."""
    program = root.parent / "program"
    program.write_text(f"#!/bin/sh\ntouch {root.parent}/ran\ncat\n")
    program.chmod(0o755)
    git(root, "config", key, str(program))
    git(root, "config", "filter.x.required", "true")
    (root / ".git/info/attributes").write_text("*.py filter=x\n")
    (root / "a.py").write_text("x = 2\n")
    assert inputs(root)["dirty"] is True
    assert not (root.parent / "ran").exists()


def test_a_filter_that_cannot_be_switched_off_leaves_dirty_unknown(root: Path) -> None:
    """Its name holds `=`: the commit is read without looking at the files."""
    program = root.parent / "program"
    program.write_text(f"#!/bin/sh\ntouch {root.parent}/ran\ncat\n")
    program.chmod(0o755)
    with (root / ".git/config").open("a") as file:
        file.write(f'[filter "a=b"]\n\tclean = {program}\n')
    (root / ".git/info/attributes").write_text("*.py filter=a=b\n")
    (root / "a.py").write_text("x = 2\n")
    found = inputs(root)
    assert (found["commit"], found["dirty"]) == (git(root, "rev-parse", "HEAD").strip(), None)
    assert not (root.parent / "ran").exists()


def test_the_option_names_it_first_then_the_configuration(root: Path) -> None:
    """What a person says wins."""
    (root / "pyproject.toml").write_text('[project]\nname = "proj"\n')
    assert name_of(root, "option", "configured") == "option"
    assert name_of(root, None, "configured") == "configured"
    assert name_of(root, None, None) == "proj"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('[project]\nname = "My-Proj"\n', "My-Proj"),
        ('[tool.poetry]\nname = "poem"\n', "poem"),
        ("[project]\nname = 3\n", "folder"),
        ("[project]\n", "folder"),
        ('project = "x"\n', "folder"),
        ("<<<<<<< HEAD\n", "folder"),
        ("[tool.other]\n", "folder"),
    ],
)
def test_the_project_file_may_name_it(root: Path, text: str, name: str) -> None:
    """As written there; a file that does not is passed over."""
    (root / "pyproject.toml").write_text(text)
    assert name_of(root, None) == name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://u:p@example.org/group/sub/n.git", "sub/n"),
        ("git@example.org:o/n.git", "o/n"),
        ("ssh://git@example.org:22/o/n/", "o/n"),
        ("git@example.org:n", "n"),
    ],
)
def test_the_remote_may_name_it(root: Path, url: str, name: str) -> None:
    """Owner and name, whatever the way there."""
    git(root, "remote", "add", "origin", url)
    git(root, "remote", "add", "another", "https://example.org/x/y")
    assert name_of(root, None) == name


def test_without_an_origin_the_first_remote_by_name_counts(root: Path) -> None:
    """One order, whatever the order they were added in."""
    git(root, "remote", "add", "z", "https://example.org/o/z")
    git(root, "remote", "add", "b", "https://example.org/o/b")
    assert name_of(root, None) == "o/b"


def test_a_part_of_a_work_tree_goes_by_its_folder(root: Path) -> None:
    """The remote names the whole."""
    git(root, "remote", "add", "origin", "https://example.org/o/n")
    (root / "part").mkdir()
    assert name_of(root / "part", None) == "part"
