"""The files of this repository, as the house tests read them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "codeanatomy"


@cache
def modules() -> dict[str, Path]:
    """Return every module of the package: dotted name to file."""
    found = {}
    for path in sorted(SRC.rglob("*.py")):
        parts = path.relative_to(SRC.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(path: Path) -> ast.Module:
    """Parse one of our files."""
    return ast.parse(path.read_bytes(), str(path))


@cache
def committed(*suffixes: str) -> list[Path]:
    """Return the files that git has or would take, those with `suffixes` if any are given.

    In an unpacked source distribution there is no git: then the files that are there.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    names = done.stdout.split("\0") if done.returncode == 0 else []
    paths = [ROOT / name for name in names if name] or list(ROOT.glob("[!.]*/**/*"))
    return sorted(p for p in paths if p.is_file() and (not suffixes or p.suffix in suffixes))


def shown(path: Path) -> str:
    """Name a file as a person in the repository does."""
    return path.relative_to(ROOT).as_posix()
