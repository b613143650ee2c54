"""Which files of a folder are read, why the others are not, and how a file is read safely."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeanatomy.cpg.sources.listing import NoSuchFolderError
from codeanatomy.cpg.sources.select import Entry, SelectSpec, Skipped, read, select, shown
from codeanatomy.kernel.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def write(root: Path, *paths: str) -> None:
    """Make files, each of one line."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"x = 1\n")


def git(root: Path, *arguments: str) -> None:
    """Run git as somebody."""
    who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)  # noqa: S607 - git is found where it is


def paths(root: Path, spec: SelectSpec = SelectSpec()) -> list[str]:  # noqa: B008 - a frozen value
    """Return the paths that are chosen."""
    return [entry.path for entry in select(root, spec).entries]


def reasons(root: Path, spec: SelectSpec = SelectSpec()) -> dict[str, str]:  # noqa: B008 - a frozen value
    """Return why each path is out."""
    return {row.path: row.reason for row in select(root, spec).rows if not row.included}


def entry_of(root: Path, path: str) -> Entry:
    """Return the chosen file of that path."""
    (found,) = [e for e in select(root, SelectSpec()).entries if e.path == path]
    return found


# What is chosen


def test_sources_and_stubs_are_chosen_in_order_of_their_bytes(tmp_path: Path) -> None:
    """Capital letters, then `_`, then small ones, then what is not ASCII."""
    write(tmp_path, "b.py", "a/z.pyi", "Z.pyw", "_c.py", "é.py", "a.txt", "a/b/c.py")
    found = select(tmp_path, SelectSpec())
    assert [(e.path, e.kind) for e in found.entries] == [
        ("Z.pyw", "source"), ("_c.py", "source"), ("a/b/c.py", "source"), ("a/z.pyi", "stub"),
        ("b.py", "source"), ("é.py", "source"),
    ]  # fmt: skip
    assert [tuple(row) for row in found.rows if row.path.startswith("a")] == [
        ("a.txt", False, "not python"), ("a/b/c.py", True, "python"), ("a/z.pyi", True, "python"),
    ]  # fmt: skip


def test_an_entry_says_what_the_file_system_says(tmp_path: Path) -> None:
    """Size in bytes, time in nanoseconds, inode."""
    write(tmp_path, "a.py")
    facts = (tmp_path / "a.py").stat()
    expected = Entry("a.py", "a.py", 6, facts.st_mtime_ns, facts.st_ino, "source")
    assert select(tmp_path, SelectSpec()).entries == [expected]


def test_an_empty_folder_has_no_files(tmp_path: Path) -> None:
    """It is no error: there is nothing to read."""
    found = select(tmp_path, SelectSpec())
    assert (found.entries, found.rows) == ([], [])


def test_a_missing_folder_is_an_error_with_its_path(tmp_path: Path) -> None:
    """The code is stable, the path a fact."""
    with pytest.raises(NoSuchFolderError, match="does not exist") as caught:
        select(tmp_path / "gone", SelectSpec())
    assert (caught.value.code, caught.value.exit_status) == ("no-such-folder", 2)
    assert caught.value.facts == {"path": str(tmp_path / "gone")}


def test_a_file_is_no_repository(tmp_path: Path) -> None:
    """A folder is asked for."""
    write(tmp_path, "a.py")
    with pytest.raises(NoSuchFolderError, match="is a file, not a folder"):
        select(tmp_path / "a.py", SelectSpec())


@pytest.mark.parametrize(
    "line",
    ["#!/usr/bin/python", "#!/usr/bin/env python3.11 -u", "#! python", "#!/usr/bin/env pypy3",
     "#!/usr/bin/env -S uv run --script"],
)  # fmt: skip
def test_a_script_is_known_by_its_first_line(tmp_path: Path, line: str) -> None:
    """A file without an extension is Python when its shebang says so."""
    (tmp_path / "tool").write_text(f"{line}\nx = 1\n")
    found = select(tmp_path, SelectSpec())
    assert [(e.path, e.kind) for e in found.entries] == [("tool", "script")]
    assert found.rows == [("tool", True, "shebang")]


@pytest.mark.parametrize(
    ("head", "reason"),
    [(b"#!/bin/sh\npython x\n", "not python"), (b"all:\n\tpython x\n", "not python"),
     (b"\x7fELF\x00\x01", "not text"), (b"", "not python"),
     (b"#!/usr/bin/pythonic\n", "not python")],
)  # fmt: skip
def test_other_files_without_an_extension_are_out(tmp_path: Path, head: bytes, reason: str) -> None:
    """A shell script, a make file, a binary, an empty file."""
    (tmp_path / "tool").write_bytes(head)
    assert reasons(tmp_path) == {"tool": reason}


def test_a_name_that_is_only_an_extension_is_not_python(tmp_path: Path) -> None:
    """`.py` is a hidden file without an extension."""
    write(tmp_path, ".py", "sub/.pyi")
    assert reasons(tmp_path) == {".py": "not python", "sub/.pyi": "not python"}


def test_a_file_beyond_the_limit_is_out(tmp_path: Path) -> None:
    """The limit is a setting, in bytes, and itself allowed."""
    (tmp_path / "a.py").write_bytes(b"#" * 10)
    (tmp_path / "b.py").write_bytes(b"#" * 11)
    spec = SelectSpec(max_file_bytes=10)
    assert (paths(tmp_path, spec), reasons(tmp_path, spec)) == (["a.py"], {"b.py": "too large"})


# Patterns


def test_exclude_leaves_out_a_folder(tmp_path: Path) -> None:
    """A name without a slash holds at any depth, as in `.gitignore`."""
    write(tmp_path, "a.py", "tests/b.py", "pkg/tests/c.py")
    spec = SelectSpec(exclude=("tests/",))
    assert paths(tmp_path, spec) == ["a.py"]
    assert reasons(tmp_path, spec) == {"tests/b.py": "glob", "pkg/tests/c.py": "glob"}


def test_include_leaves_out_all_else(tmp_path: Path) -> None:
    """A slash at the front means the root; exclude is stronger."""
    write(tmp_path, "a.py", "src/b.py", "src/old/c.py", "x/src/d.py")
    spec = SelectSpec(include=("/src",), exclude=("old",))
    assert paths(tmp_path, spec) == ["src/b.py"]


def test_a_pattern_may_take_back(tmp_path: Path) -> None:
    """An exclamation mark lets in again what an earlier pattern kept out."""
    write(tmp_path, "a_test.py", "b_test.py", "c.py")
    assert paths(tmp_path, SelectSpec(exclude=("*_test.py", "!b_test.py"))) == ["b_test.py", "c.py"]


def test_a_pattern_that_is_none_is_an_error(tmp_path: Path) -> None:
    """The message says which setting and how patterns are written."""
    with pytest.raises(SpecError, match=r"exclude.*written as in \.gitignore") as caught:
        select(tmp_path, SelectSpec(exclude=("!",)))
    assert caught.value.facts["setting"] == "exclude"


# Git


def test_git_gives_tracked_files_and_untracked_ones_it_does_not_ignore(tmp_path: Path) -> None:
    """Ignored folders are one row each."""
    write(tmp_path, "tracked.py", "new.py", "out/gen.py", "local.py")
    (tmp_path / ".gitignore").write_text("out/\nlocal.py\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "tracked.py")
    assert select(tmp_path, SelectSpec()).by == "git"
    assert paths(tmp_path) == ["new.py", "tracked.py"]
    assert reasons(tmp_path) == {
        ".gitignore": "not python", "local.py": "git-ignored", "out/": "git-ignored",
    }  # fmt: skip


def test_a_tracked_file_that_is_ignored_too_is_chosen(tmp_path: Path) -> None:
    """What is in the index is part of the repository."""
    write(tmp_path, "build/gen.py", "site-packages/vendored.py")
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("build/\n")
    git(tmp_path, "add", "-f", "build/gen.py", "site-packages/vendored.py")
    assert paths(tmp_path) == ["build/gen.py", "site-packages/vendored.py"]


def test_a_tracked_file_that_was_deleted_is_missing(tmp_path: Path) -> None:
    """The index has it, the folder does not."""
    write(tmp_path, "a.py", "sub/b.py")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    (tmp_path / "a.py").unlink()
    (tmp_path / "sub/b.py").unlink()
    (tmp_path / "sub").rmdir()
    assert reasons(tmp_path) == {"a.py": "missing", "sub/b.py": "missing"}


def test_a_part_of_a_work_tree_is_listed_by_git(tmp_path: Path) -> None:
    """Paths are below the folder that was asked for; ignore files above it count."""
    write(tmp_path, "a.py", "pkg/b.py", "pkg/c.py")
    (tmp_path / ".gitignore").write_text("c.py\n")
    git(tmp_path, "init", "-q")
    assert (select(tmp_path / "pkg", SelectSpec()).by, paths(tmp_path / "pkg")) == ("git", ["b.py"])


def test_a_folder_that_is_ignored_itself_is_walked(tmp_path: Path) -> None:
    """An installed package inside a project's virtual environment can be read."""
    write(tmp_path, "a.py", ".venv/lib/site-packages/pkg/b.py")
    (tmp_path / ".gitignore").write_text(".venv/\n")
    git(tmp_path, "init", "-q")
    found = select(tmp_path / ".venv/lib/site-packages/pkg", SelectSpec())
    assert (found.by, [e.path for e in found.entries]) == ("walk", ["b.py"])
    assert "ignored" in found.note


def test_a_broken_git_folder_is_walked_and_said(tmp_path: Path) -> None:
    """Git will not read it: the folder is, and the note says what that means."""
    write(tmp_path, "a.py")
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    found = select(tmp_path, SelectSpec())
    assert (found.by, [e.path for e in found.entries]) == ("walk", ["a.py"])
    assert "git is missing or will not read" in found.note


def test_without_git_the_folder_is_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No program called git is found on the path."""
    write(tmp_path, "a.py")
    git(tmp_path, "init", "-q")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (select(tmp_path, SelectSpec()).by, paths(tmp_path)) == ("walk", ["a.py"])


def test_an_unmerged_file_is_listed_once(tmp_path: Path) -> None:
    """A conflict has three entries in the index and one file."""
    git(tmp_path, "init", "-q", "-b", "main")
    for branch, text in (("main", "x = 0\n"), ("other", "x = 1\n"), ("main", "x = 2\n")):
        if branch == "other" or text == "x = 2\n":
            git(tmp_path, "checkout", "-q", *(["-b"] if branch == "other" else []), branch)
        (tmp_path / "a.py").write_text(text)
        git(tmp_path, "add", "a.py")
        git(tmp_path, "commit", "-q", "-m", text)
    with pytest.raises(subprocess.CalledProcessError):
        git(tmp_path, "merge", "other")
    assert paths(tmp_path) == ["a.py"]
    assert b"<<<<<<<" in (tmp_path / "a.py").read_bytes()


def test_git_runs_nothing_that_the_repository_names(tmp_path: Path) -> None:
    """A monitor in its configuration would be a program of the code under analysis."""
    write(tmp_path, "a.py")
    git(tmp_path, "init", "-q")
    monitor = tmp_path / "monitor"
    monitor.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    monitor.chmod(0o755)
    git(tmp_path, "config", "core.fsmonitor", str(monitor))
    assert paths(tmp_path) == ["a.py"]
    assert not (tmp_path / "ran").exists()


def test_a_submodule_is_read_when_asked_for(tmp_path: Path) -> None:
    """Otherwise it is a row."""
    write(tmp_path, "lib/m.py", "top/a.py")
    for name in ("lib", "top"):
        git(tmp_path / name, "init", "-q")
        git(tmp_path / name, "add", ".")
        git(tmp_path / name, "commit", "-q", "-m", "first")
    git(tmp_path / "top", "submodule", "--quiet", "add", str(tmp_path / "lib"), "ext/lib.py")
    top = tmp_path / "top"
    assert paths(top) == ["a.py"]
    assert reasons(top) == {".gitmodules": "not python", "ext/lib.py": "submodule"}
    assert paths(top, SelectSpec(submodules=True)) == ["a.py", "ext/lib.py/m.py"]
    assert read(top, select(top, SelectSpec(submodules=True)).entries[1]) == b"x = 1\n"


def test_a_submodule_that_is_not_checked_out_is_a_row(tmp_path: Path) -> None:
    """Its folder is empty; asking for it changes nothing."""
    git(tmp_path, "init", "-q")
    facts = f"160000,{'1' * 40},ext"
    git(tmp_path, "update-index", "--add", "--cacheinfo", facts)
    (tmp_path / "ext").mkdir()
    assert reasons(tmp_path, SelectSpec(submodules=True)) == {"ext": "submodule"}


def test_a_work_tree_inside_is_read_when_asked_for(tmp_path: Path) -> None:
    """A second work tree of the same repository would show every file twice."""
    write(tmp_path, "a.py")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    git(tmp_path, "worktree", "add", "-q", "trees/b")
    assert (paths(tmp_path), reasons(tmp_path)) == (["a.py"], {"trees/b/": "nested work tree"})
    assert paths(tmp_path, SelectSpec(worktrees=True)) == ["a.py", "trees/b/a.py"]


# Folders left out by default


@pytest.mark.parametrize("tracked", [False, True])
def test_other_peoples_code_is_left_out(tmp_path: Path, tracked: bool) -> None:  # noqa: FBT001 - a case
    """By name, or as a virtual environment of any name; the row is the folder."""
    write(tmp_path, "a.py", "node_modules/x/b.py", "pkg/.venv/c.py", "env/lib/d.py", "venv/e.py")
    write(tmp_path, "env/pyvenv.cfg", "lib/site-packages/f.py", ".git2/g.py")
    if tracked:
        git(tmp_path, "init", "-q")
        git(tmp_path, "add", "a.py")
    assert paths(tmp_path) == [".git2/g.py", "a.py", "venv/e.py"]
    assert reasons(tmp_path) == {
        "node_modules/": "default", "pkg/.venv/": "default", "env/": "default",
        "lib/site-packages/": "default",
    }  # fmt: skip


def test_caches_are_not_mentioned(tmp_path: Path) -> None:
    """They come and go, and a build is not another one for it."""
    write(tmp_path, "a.py", "__pycache__/a.py", ".codeanatomy/x.py", "p/.mypy_cache/b.py")
    assert [row.path for row in select(tmp_path, SelectSpec()).rows] == ["a.py"]


def test_a_package_called_build_is_a_package(tmp_path: Path) -> None:
    """Only what setuptools leaves, copies in `build/lib`, is left out."""
    write(tmp_path, "build/__init__.py", "other/build/lib/pkg/a.py")
    assert paths(tmp_path) == ["build/__init__.py"]
    assert reasons(tmp_path) == {"other/build/": "default"}


# Links


def test_a_link_is_a_row_unless_links_are_followed(tmp_path: Path) -> None:
    """Followed, its own path names the file, and the file is read."""
    write(tmp_path, "a.py", "pkg/b.py")
    (tmp_path / "link.py").symlink_to("a.py")
    (tmp_path / "alias").symlink_to("pkg")
    assert reasons(tmp_path) == {"link.py": "symlink", "alias": "symlink"}
    spec = SelectSpec(follow_symlinks=True)
    assert paths(tmp_path, spec) == ["a.py", "alias/b.py", "link.py", "pkg/b.py"]
    assert [read(tmp_path, e) for e in select(tmp_path, spec).entries] == [b"x = 1\n"] * 4


@pytest.mark.parametrize("follow", [False, True])
def test_a_link_out_of_the_root_is_never_followed(tmp_path: Path, follow: bool) -> None:  # noqa: FBT001 - a case
    """Neither to a file nor to a folder, not even one whose name begins like the root's."""
    write(tmp_path, "root/a.py", "root2/secret.py")
    (tmp_path / "root/file.py").symlink_to(tmp_path / "root2/secret.py")
    (tmp_path / "root/folder").symlink_to("../root2")
    (tmp_path / "root/up").symlink_to("..")
    spec = SelectSpec(follow_symlinks=follow)
    assert paths(tmp_path / "root", spec) == ["a.py"]
    found = reasons(tmp_path / "root", spec)
    assert (found["file.py"], found["folder"]) == ("symlink out of root", "symlink out of root")


@pytest.mark.parametrize("follow", [False, True])
@pytest.mark.parametrize("in_git", [False, True])
def test_loops_of_links_end(tmp_path: Path, follow: bool, in_git: bool) -> None:  # noqa: FBT001 - a case
    """A link to itself, two to each other, one to the folder around it."""
    write(tmp_path, "pkg/a.py")
    (tmp_path / "self.py").symlink_to("self.py")
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    (tmp_path / "pkg/around").symlink_to("..")
    (tmp_path / "pkg/here").symlink_to(".")
    if in_git:
        git(tmp_path, "init", "-q")
        git(tmp_path, "add", ".")
    spec = SelectSpec(follow_symlinks=follow)
    assert paths(tmp_path, spec) == ["pkg/a.py"]
    names = ("one", "pkg/around", "pkg/here", "self.py", "two")
    assert reasons(tmp_path, spec) == dict.fromkeys(names, "symlink loop")


def test_a_dangling_link_says_so(tmp_path: Path) -> None:
    """It leads nowhere."""
    (tmp_path / "x.py").symlink_to("gone.py")
    assert reasons(tmp_path) == {"x.py": "dangling symlink"}


def test_a_tracked_folder_that_became_a_link_is_not_read(tmp_path: Path) -> None:
    """Git still lists what was in it; behind the link lies another file."""
    write(tmp_path, "root/pkg/a.py", "other/a.py")
    root = tmp_path / "root"
    git(root, "init", "-q")
    git(root, "add", ".")
    (root / "pkg/a.py").unlink()
    (root / "pkg").rmdir()
    (root / "pkg").symlink_to("../other")
    assert paths(root) == []
    assert reasons(root)["pkg/a.py"] == "symlink"


# Odd files and names


def test_a_folder_called_like_a_file_is_a_folder(tmp_path: Path) -> None:
    """It is entered, and never opened."""
    write(tmp_path, "x.py/y.py")
    assert paths(tmp_path) == ["x.py/y.py"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Opening one would block until somebody writes."""
    os.mkfifo(tmp_path / "x.py")
    os.mkfifo(tmp_path / "script")
    assert reasons(tmp_path) == dict.fromkeys(("x.py", "script"), "not a regular file")


def test_a_socket_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot be read."""
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("x.py")
        assert reasons(tmp_path) == {"x.py": "not a regular file"}


@pytest.mark.parametrize("in_git", [False, True])
@pytest.mark.parametrize(
    "name", ["a b.py", "日本/é ñ.py", "new\nline.py", "tab\t.py", "*[x].py", "-rf.py", ":x.py"]
)
def test_odd_names_are_read_as_they_are(tmp_path: Path, name: str, in_git: bool) -> None:  # noqa: FBT001 - a case
    """Spaces, other scripts, newlines, and what git or a shell might take for its own."""
    write(tmp_path, name)
    if in_git:
        git(tmp_path, "init", "-q")
        git(tmp_path, "add", "-A")
    found = select(tmp_path, SelectSpec())
    assert (found.by, [e.path for e in found.entries]) == ("git" if in_git else "walk", [name])
    assert read(tmp_path, found.entries[0]) == b"x = 1\n"


@pytest.mark.parametrize("in_git", [False, True])
def test_a_name_that_is_not_utf8_is_shown_escaped_and_read(tmp_path: Path, in_git: bool) -> None:  # noqa: FBT001 - a case
    """The path is text that any table can hold; a real backslash is doubled, so none are alike."""
    for name in (b"a\xff.py", b"a\\xff.py"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(name)
    if in_git:
        git(tmp_path, "init", "-q")
    found = select(tmp_path, SelectSpec())
    assert {e.path: read(tmp_path, e) for e in found.entries} == {
        "a\\xff.py": b"a\xff.py", "a\\\\xff.py": b"a\\xff.py",
    }  # fmt: skip


@given(st.lists(st.binary(max_size=4), min_size=2, max_size=2, unique=True))
def test_no_two_names_are_shown_alike(names: list[bytes]) -> None:
    """And what is shown can be encoded."""
    one, two = (shown(os.fsdecode(name)) for name in names)
    assert one.encode() != two.encode()


# Reading


def test_a_file_that_disappears_is_skipped(tmp_path: Path) -> None:
    """Between choosing and reading, the file or its folder goes."""
    write(tmp_path, "sub/a.py")
    entry = entry_of(tmp_path, "sub/a.py")
    (tmp_path / "sub/a.py").unlink()
    assert read(tmp_path, entry) == Skipped("missing")
    (tmp_path / "sub").rmdir()
    write(tmp_path, "sub")
    assert read(tmp_path, entry) == Skipped("missing")


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    """Let something happen each time an open file is asked for its facts."""
    fstat = os.fstat

    def asked(handle: int) -> os.stat_result:
        happens()
        return fstat(handle)

    monkeypatch.setattr(os, "fstat", asked)


def test_a_file_that_is_deleted_while_it_is_read_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open file stays what it was."""
    write(tmp_path, "a.py")
    entry = entry_of(tmp_path, "a.py")
    meanwhile(monkeypatch, lambda: (tmp_path / "a.py").unlink(missing_ok=True))
    assert read(tmp_path, entry) == b"x = 1\n"
    assert not (tmp_path / "a.py").exists()


def test_a_file_that_is_written_while_it_is_read_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One write, and then it rests: the new text is read whole."""
    write(tmp_path, "a.py")
    entry = entry_of(tmp_path, "a.py")
    texts = iter([b"x = 1\n", b"y = 22\n"])
    meanwhile(monkeypatch, lambda: write_next(tmp_path / "a.py", texts))
    assert read(tmp_path, entry) == b"y = 22\n"


def test_a_file_that_never_rests_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read while it is written to may be neither the old nor the new text."""
    write(tmp_path, "a.py")
    entry = entry_of(tmp_path, "a.py")
    texts = (b"#" * size for size in range(100))
    meanwhile(monkeypatch, lambda: write_next(tmp_path / "a.py", texts))
    assert read(tmp_path, entry) == Skipped("changed while it was read")


def write_next(path: Path, texts: Iterator[bytes]) -> None:
    """Write the next text, if there is one, in place."""
    text = next(texts, None)
    if text is not None:
        path.write_bytes(text)


@pytest.mark.parametrize(
    ("sort", "reason"),
    [("folder", "not a regular file"), ("pipe", "not a regular file"), ("link", "symlink"),
     ("dangling", "symlink")],
)  # fmt: skip
def test_a_file_that_became_something_else_is_skipped(
    tmp_path: Path, sort: str, reason: str
) -> None:
    """It is a folder, a pipe or a link now."""
    write(tmp_path, "root/a.py", "secret")
    path = tmp_path / "root/a.py"
    entry = entry_of(tmp_path / "root", "a.py")
    path.unlink()
    if sort == "folder":
        path.mkdir()
    elif sort == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("../secret" if sort == "link" else "gone")
    assert read(tmp_path / "root", entry) == Skipped(reason)


def test_a_folder_that_became_a_link_out_of_the_root_is_not_read(tmp_path: Path) -> None:
    """The file behind it is another one, and not inside."""
    write(tmp_path, "root/pkg/a.py", "other/a.py")
    root = tmp_path / "root"
    entry = entry_of(root, "pkg/a.py")
    (root / "pkg").rename(tmp_path / "kept")
    (root / "pkg").symlink_to("../other")
    assert read(root, entry) == Skipped("symlink out of root")


def test_a_file_that_was_replaced_is_read_as_it_is_now(tmp_path: Path) -> None:
    """Editors write a new file and rename it."""
    write(tmp_path, "a.py")
    entry = entry_of(tmp_path, "a.py")
    (tmp_path / "b").write_bytes(b"y = 2\n")
    (tmp_path / "b").rename(tmp_path / "a.py")
    assert read(tmp_path, entry) == b"y = 2\n"
