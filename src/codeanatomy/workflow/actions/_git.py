"""Calling `git`, and reading what it lists."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from codeanatomy.workflow.actions._results import Failed

if TYPE_CHECKING:
    from pathlib import Path

_TIMEOUT = 120  # seconds
_CONFLICT = {"DD", "AU", "UD", "UA", "DU", "AA", "UU"}


class GitFailedError(Failed):
    """What git refused to do, with the words it used."""


def git(*args: str, cwd: str | Path | None = None) -> str:
    """Return what a git command prints; raises GitFailedError, or Failed without a repository."""
    import subprocess

    try:
        done = subprocess.run(  # noqa: S603 - arguments are separate words, never a shell's
            ["git", *args],  # noqa: S607 - the git of whoever runs this
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
            env={**os.environ, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"},
        )
    except subprocess.TimeoutExpired as late:
        raise GitFailedError(f"git took longer than {_TIMEOUT} seconds", "git_error") from late
    if done.returncode == 0:
        return done.stdout
    told = (done.stderr or done.stdout).strip()
    if "not a git repository" in told:
        raise GitFailedError(told, "not_a_repo")
    raise GitFailedError(told or f"git {args[0]} failed", "git_error")


def plain(name: object, what: str) -> str:
    """Return a name that git cannot take for an option; raises Failed."""
    text = str(name or "").strip()
    if not text or text.startswith("-") or "\0" in text:
        raise Failed(f"{what} is required, and cannot begin with -", "git_error")
    return text


def has_branch(name: str, cwd: str | Path | None) -> bool:
    """Tell whether there is a local branch of that name."""
    try:
        git("show-ref", "--verify", "--quiet", f"refs/heads/{name}", cwd=cwd)
    except GitFailedError:
        return False
    return True


def current_branch(cwd: str | Path | None) -> str:
    """Return the branch that is checked out, or HEAD."""
    return git("rev-parse", "--abbrev-ref", "HEAD", cwd=cwd).strip()


def worktrees(cwd: str | Path | None) -> list[dict[str, str | None]]:
    """Return path, commit and branch of every worktree, the main one first."""
    found: list[dict[str, str | None]] = []
    for block in git("worktree", "list", "--porcelain", cwd=cwd).strip().split("\n\n"):
        lines = dict(line.partition(" ")[::2] for line in block.splitlines())
        branch = lines.get("branch")
        found.append(
            {
                "path": lines.get("worktree"),
                "commit": lines.get("HEAD"),
                "branch": branch.removeprefix("refs/heads/") if branch else None,
            }
        )
    return found


def changes(cwd: str | Path | None) -> dict[str, list[str]]:
    """Return staged, modified, untracked and conflicting files."""
    parts = git("status", "--porcelain=v1", "-z", cwd=cwd).split("\0")
    found: dict[str, list[str]] = {"staged": [], "modified": [], "untracked": [], "conflicts": []}
    rest = iter(part for part in parts if part)
    for part in rest:
        mark, name = part[:2], part[3:]
        if mark[0] in "RC":
            next(rest, None)  # the old name follows
        for kind in _kinds(mark):
            found[kind].append(name)
    return found


def _kinds(mark: str) -> list[str]:
    if mark == "??":
        return ["untracked"]
    if mark in _CONFLICT:
        return ["conflicts"]
    staged = ["staged"] if mark[0] != " " else []
    return [*staged, "modified"] if mark[1] != " " else staged
