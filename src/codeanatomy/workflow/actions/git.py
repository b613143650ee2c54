"""Worktrees, branches and the status of a git repository."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from codeanatomy.workflow.actions import _git
from codeanatomy.workflow.actions._git import GitFailedError, git
from codeanatomy.workflow.actions._results import Failed, Result, err, ok

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.host import Host

State = dict[str, Any]

_HINT = (
    "Resolve the conflicts in {root}, then `git add` the files and `git commit`;"
    " or give up with `git merge --abort`."
)


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name; all run in `cwd`, or where the process runs."""
    return {
        "git.worktree_create": worktree_create,
        "git.worktree_remove": worktree_remove,
        "git.worktree_merge": worktree_merge,
        "git.worktree_list": worktree_list,
        "git.current_branch": current_branch,
        "git.status": status,
    }


def worktree_create(
    state: State,
    branch: str,
    base_branch: str | None = None,
    worktree_path: str | None = None,
    path: str | None = None,
    cwd: str | None = None,
    **_: object,
) -> Result:
    """Check a new branch out in a folder of its own."""
    return _attempt(lambda: _create(branch, base_branch, worktree_path or path, cwd), branch=branch)


def worktree_remove(
    state: State,
    worktree_path: str | None = None,
    branch: str | None = None,
    delete_branch: bool = False,
    force: bool = False,
    cwd: str | None = None,
    **_: object,
) -> Result:
    """Remove the worktree of a path or a branch; with uncommitted changes only when forced."""
    named = _named(worktree_path, branch)
    return _attempt(
        lambda: _remove(named, cwd, delete_branch=delete_branch, force=force), worktree_path=named
    )


def worktree_merge(
    state: State,
    worktree_path: str | None = None,
    worktree_branch: str | None = None,
    branch: str | None = None,
    target_branch: str | None = None,
    commit_message: str | None = None,
    remove_worktree: bool = False,
    remove_after: bool = False,
    cwd: str | None = None,
    **_: object,
) -> Result:
    """Merge the branch of a worktree into that of the main one, or another."""
    named, remove = (
        _named(worktree_path, worktree_branch or branch),
        remove_worktree or remove_after,
    )
    return _attempt(
        lambda: _merge(named, target_branch, commit_message, cwd, remove=remove),
        worktree_path=named,
    )


def worktree_list(state: State, cwd: str | None = None, **_: object) -> Result:
    """Return all worktrees, the main one first."""

    def work() -> Result:
        found = _git.worktrees(cwd)
        return ok(worktrees=found, count=len(found))

    return _attempt(work)


def current_branch(state: State, cwd: str | None = None, **_: object) -> Result:
    """Return the branch that is checked out."""
    return _attempt(lambda: ok(branch=_git.current_branch(cwd)))


def status(state: State, cwd: str | None = None, **_: object) -> Result:
    """Return the branch, and the files that differ from it."""

    def work() -> Result:
        found = _git.changes(cwd)
        modified = [*found["modified"], *found["conflicts"]]
        return ok(
            branch=git("symbolic-ref", "--short", "-q", "HEAD", cwd=cwd).strip(),
            staged=found["staged"],
            modified=modified,
            untracked=found["untracked"],
            clean=not any(found.values()),
        )

    return _attempt(work)


def _create(branch: str, base: str | None, path: str | None, cwd: str | None) -> Result:
    name = _git.plain(branch, "branch")
    root = _root(cwd)
    start = _git.plain(base, "base_branch") if base else _git.current_branch(cwd)
    if _git.has_branch(name, root):
        raise Failed(f"Branch '{name}' already exists", "branch_exists")
    place = Path(path) if path else root / ".worktrees" / name.replace("/", "-")
    place = place if place.is_absolute() else root / place
    try:
        git("worktree", "add", "-b", name, str(place), start, cwd=root)
    except GitFailedError as failed:
        locked = "locked" in str(failed) or "already checked out" in str(failed)
        raise Failed(str(failed), "worktree_locked" if locked else "git_error") from failed
    return ok(worktree_path=str(place), branch=name, base_branch=start, created=True)


def _remove(path: str, cwd: str | None, *, delete_branch: bool, force: bool) -> Result:
    root, tree = _root(cwd), _worktree(path, cwd)
    if not force and any(_git.changes(tree["path"]).values()):
        told = f"{path} has uncommitted changes; commit them, or remove with force"
        raise Failed(told, "uncommitted_changes")
    git("worktree", "remove", *(["--force"] if force else []), tree["path"], cwd=root)
    branch = tree["branch"]
    gone = bool(delete_branch and branch)
    if gone:
        git("branch", "-D" if force else "-d", branch, cwd=root)
    return ok(removed=True, branch_deleted=gone)


def _merge(
    path: str, target: str | None, message: str | None, cwd: str | None, *, remove: bool
) -> Result:
    root, tree = _main_root(cwd), _worktree(path, cwd)
    branch = tree["branch"]
    if not branch:
        raise Failed(f"{path} has no branch checked out", "git_error")
    into = _git.plain(target, "target_branch") if target else _git.current_branch(root)
    if any(_git.changes(tree["path"]).values()):
        git("add", "-A", cwd=tree["path"])
        git("commit", "-m", f"WIP: Changes from {branch}", cwd=tree["path"])
    if _git.current_branch(root) != into:
        git("checkout", into, cwd=root)
    names = {"worktree_branch": branch, "target_branch": into}
    try:
        git("merge", "--no-ff", "-m", message or f"Merge branch '{branch}'", branch, cwd=root)
    except GitFailedError as failed:
        return _conflicts(root, failed, names)
    removed = remove and _remove(path, cwd, delete_branch=False, force=False)["removed"]
    return ok(merged=True, conflicts=None, worktree_removed=bool(removed), **names)


def _conflicts(root: Path, failed: GitFailedError, names: dict[str, str]) -> Result:
    files = _git.changes(root)["conflicts"]
    if not files:
        raise failed
    return err(
        f"Merge conflicts in {len(files)} file(s)",
        "merge_conflict",
        merged=False,
        conflicts=[{"file": file, "status": "both_modified"} for file in files],
        resolution_hint=_HINT.format(root=root),
        worktree_removed=False,
        **names,
    )


def _named(path: str | None, branch: str | None) -> str:
    """Return how a worktree is named: by its path, or else by its branch."""
    named = path or branch
    if not named:
        raise TypeError("missing a required argument: 'worktree_path'")
    return named


def _worktree(named: str, cwd: str | None) -> dict[str, Any]:
    wanted = Path(cwd or ".", named).resolve()
    others = _git.worktrees(cwd)[1:]
    for tree in others:
        if tree["path"] and Path(tree["path"]).resolve() == wanted:
            return tree
    for tree in others:
        if tree["branch"] == named:
            return tree
    raise Failed(f"{named} is not a worktree of this repository", "not_a_worktree")


def _root(cwd: str | None) -> Path:
    return Path(git("rev-parse", "--show-toplevel", cwd=cwd).strip())


def _main_root(cwd: str | None) -> Path:
    return Path(str(_git.worktrees(cwd)[0]["path"]))


def _attempt(work: Callable[[], Result], **facts: object) -> Result:
    try:
        return work()
    except Failed as failed:
        return {**failed.result, **facts}
    except FileNotFoundError as error:
        return err(f"git, or the folder, was not found: {error}", "git_error", **facts)
    except Exception as error:
        return err(f"{type(error).__name__}: {error}", "unexpected_error", **facts)
