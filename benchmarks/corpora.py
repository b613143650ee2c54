"""The sources that the promises are measured on: five source distributions and the interpreter's.

    python -m benchmarks.corpora

Fetches what is missing into `benchmarks/.corpora` (about a minute each: pip asks every
distribution for its metadata, which builds some) and prints what is there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent / ".corpora"
SDISTS = {
    "attrs": "26.1.0",
    "flask": "3.1.3",
    "networkx": "3.6.1",
    "rich": "15.0.0",
    "sqlalchemy": "2.1.9",
}
DJANGO = "5.2.19"
PYTHON = (".py", ".pyi", ".pyw")
FOREIGN = frozenset({"__pycache__", "site-packages", "dist-packages"})


def sdist(name: str) -> Path:
    """Return the unpacked folder of one of the five source distributions."""
    folder = HERE / f"{name}-{SDISTS[name]}"
    if not folder.is_dir():
        _download("--no-binary", ":all:", f"{name}=={SDISTS[name]}")
        with tarfile.open(_one(f"{name}-{SDISTS[name]}.tar.gz")) as archive:
            archive.extractall(HERE, filter="data")
    return folder


def django() -> Path:
    """Return Django's `django/` package, from its wheel."""
    folder = HERE / f"django-{DJANGO}"
    if not folder.is_dir():
        _download("--only-binary", ":all:", f"django=={DJANGO}")
        with zipfile.ZipFile(_one(f"django-{DJANGO}-*.whl")) as archive:
            archive.extractall(folder)  # noqa: S202 - `zipfile` keeps it inside
    return folder / "django"


def standard_library() -> Path:
    """Return a folder that holds the standard library and nothing that was installed into it."""
    version = ".".join(map(str, sys.version_info[:3]))
    folder = HERE / f"stdlib-{version}"
    if not folder.is_dir():
        _copy(Path(sysconfig.get_path("stdlib")), folder)
    return folder


def everything() -> dict[str, Path]:
    """Return every corpus of the truth oracles by name."""
    return {"stdlib": standard_library()} | {name: sdist(name) for name in SDISTS}


def chosen(arguments: list[str]) -> dict[str, Path]:
    """Return the corpora that arguments name: `stdlib`, a distribution, `django`, or a folder."""
    if not arguments:
        return everything()
    known = {"stdlib": standard_library, "django": django}
    found = {}
    for name in arguments:
        if name in known:
            found[name] = known[name]()
        else:
            found[Path(name).name] = sdist(name) if name in SDISTS else Path(name).resolve()
    return found


def python_files(root: Path) -> list[str]:
    """List the Python files below a folder, by suffix, as sorted paths with `/`."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in FOREIGN]
        below = Path(folder).relative_to(root)
        found += [(below / name).as_posix() for name in names if name.endswith(PYTHON)]
    return sorted(found)


def _download(*arguments: str) -> None:
    HERE.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d"]
    subprocess.run([*command, str(HERE / "sdists"), *arguments], check=True)


def _one(pattern: str) -> Path:
    return next(iter((HERE / "sdists").glob(pattern)))


def _copy(source: Path, target: Path) -> None:
    for folder, folders, names in os.walk(source):
        folders[:] = [name for name in folders if name not in FOREIGN]
        there = target / Path(folder).relative_to(source)
        there.mkdir(parents=True, exist_ok=True)
        for name in names:
            if name.endswith(PYTHON):
                (there / name).write_bytes((Path(folder) / name).read_bytes())


def main() -> None:
    """Print how many Python files and megabytes each corpus has."""
    shown = {}
    for name, root in {**everything(), "django": django()}.items():
        sizes = [(root / path).stat().st_size for path in python_files(root)]
        shown[name] = {"files": len(sizes), "megabytes": round(sum(sizes) / 1e6, 2)}
    print(json.dumps(shown, indent=2))


if __name__ == "__main__":
    main()
