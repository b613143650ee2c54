"""A repository as a whole: what git says about it, and the name it goes by.

Nothing in the repository is run: git is told to use no monitor, hook or filter that the
repository's own configuration names.
"""

from __future__ import annotations

import re
import subprocess
import tomllib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SCP = re.compile(r"^(?:[^@/]+@)?([^:/]+):(?!//)(.+)$")  # git@host:owner/name


def inputs(root: Path) -> dict[str, object]:
    """Say where the sources were and which version of them git knows; for the manifest only.

    `commit`, `branch` and `dirty` are null outside git. `dirty` counts untracked files that are
    not ignored. Remote addresses carry no user, password or query.
    """
    root = root.resolve()
    facts: dict[str, object] = {
        "root": str(root),
        "commit": None,
        "branch": None,
        "dirty": None,
        "remotes": {},
        "submodules": {},
    }
    if not in_git(root) or git(root, "check-ignore", "-q", ".") is not None:
        return facts
    settings = _git_settings(root)
    facts |= _status(root, settings)
    facts["remotes"] = {name: _clean(url) for name, url in _remotes(settings).items()}
    facts["submodules"] = _submodules(root)
    return facts


def name_of(root: Path, name_option: str | None, configured: str | None = None) -> str:
    """Name the repository: the first of these that there is.

    The option, the configuration, `[project] name` (or `[tool.poetry] name`) of `pyproject.toml`,
    `owner/name` of the git remote when `root` is the top of its work tree (`origin`, else the
    first by name), the folder's name.
    """
    root = root.resolve()
    return (
        name_option or configured or _project_name(root) or _remote_name(root) or root.name or "/"
    )


def in_git(root: Path) -> bool:
    """Whether a `.git` stands in the folder or above it."""
    return any((folder / ".git").exists() for folder in (root, *root.parents))


def git(root: Path, *arguments: str) -> bytes | None:
    """Return what git prints in `root`; None when git is missing, refuses, or says no."""
    command = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false", *arguments)
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program; no argument comes from a file name
            command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def _git_settings(root: Path) -> dict[str, str]:
    """Return the addresses of remotes, and the filters that a status might otherwise run."""
    wanted = r"^(remote\..*\.url|filter\..*\.(clean|smudge|process|required))$"
    found: dict[str, str] = {}
    for entry in _fields(git(root, "config", "-z", "--get-regexp", wanted)):
        key, _, value = entry.partition("\n")
        found.setdefault(key, value)
    return found


def _status(root: Path, settings: Mapping[str, str]) -> dict[str, object]:
    filters = [key for key in settings if key.startswith("filter.")]
    if any("=" in key for key in filters):  # cannot be switched off from the command line
        head = git(root, "rev-parse", "HEAD")
        return {"commit": head.decode().strip() if head else None}
    off = [part for key in filters for part in ("-c", f"{key}={_off(key)}")]
    options = ("--porcelain=v2", "--branch", "-z", "--ignore-submodules=dirty")
    printed = git(root, *off, "status", *options, "--untracked-files=normal", "--", ".")
    if printed is None:
        return {}
    fields = _fields(printed)
    heads = dict(f[2:].split(" ", 1) for f in fields if f.startswith("# branch."))
    commit, branch = heads.get("branch.oid"), heads.get("branch.head")
    return {
        "commit": None if commit == "(initial)" else commit,
        "branch": None if branch == "(detached)" else branch,
        "dirty": any(not f.startswith("# ") for f in fields),
    }


def _off(key: str) -> str:
    return "false" if key.endswith(".required") else ""


def _submodules(root: Path) -> dict[str, str]:
    """Return the commit of each submodule that stands in the index, by path."""
    if not (root / ".gitmodules").is_file():
        return {}
    entries = (f.split("\t", 1) for f in _fields(git(root, "ls-files", "-z", "--stage")))
    return {path: facts.split(" ")[1] for facts, path in entries if facts.startswith("160000 ")}


def _remotes(settings: Mapping[str, str]) -> dict[str, str]:
    return {k[7:-4]: url for k, url in sorted(settings.items()) if k.startswith("remote.")}


def _clean(url: str) -> str:
    """Drop user, password, query and fragment from an address."""
    short = _SCP.match(url)
    if short and "://" not in url:
        return f"{short[1]}:{short[2]}"
    if "://" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _project_name(root: Path) -> str | None:
    try:
        declared: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
        project = declared.get("project") or declared.get("tool", {}).get("poetry") or {}
        name = project.get("name")
    except (OSError, ValueError, AttributeError):  # not ours to judge: another rule gives the name
        return None
    return name.strip() or None if isinstance(name, str) else None


def _remote_name(root: Path) -> str | None:
    if not (root / ".git").exists():
        return None
    remotes = _remotes(_git_settings(root))
    url = remotes.get("origin") or next(iter(remotes.values()), None)
    if url is None:
        return None
    cleaned = _clean(url)
    path = urlsplit(cleaned).path if "://" in cleaned else cleaned.rpartition(":")[2]
    parts = [part for part in path.removesuffix("/").removesuffix(".git").split("/") if part]
    return "/".join(parts[-2:]) or None


def _fields(printed: bytes | None) -> list[str]:
    text = (printed or b"").decode("utf-8", "surrogateescape")
    return [field for field in text.split("\0") if field]
