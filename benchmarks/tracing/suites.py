"""Runs the suites of the traced packages, one at a time, each in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import corpora
from benchmarks.tracing.settle import Row, settle

if TYPE_CHECKING:
    from benchmarks.tracing.packages import Package

HERE = Path(__file__).resolve().parent
TRACES = corpora.HERE / "traces"
RAW, PLACES, STORES = TRACES / "raw", TRACES / "environments", TRACES / "stores"
SECONDS = 600


def sources(package: Package) -> Path:
    """Return the unpacked source distribution; fetch it first where it is not there."""
    folder = corpora.HERE / package.folder
    if not folder.is_dir():
        archive = _archive(package)
        with tarfile.open(archive) as packed:
            packed.extractall(corpora.HERE, filter="data")
    return folder


def rows_of(package: Package) -> Path:
    """Return the file of a package's trace; run its suite first where there is none."""
    found = TRACES / f"{package.name}.parquet"
    if not found.is_file():
        raw = RAW / f"{package.name}.json"
        if not raw.is_file():
            run(package)
        _write(package, raw, found)
    return found


def run(package: Package) -> None:
    """Run a suite under the tracer; what fails in it is no matter, what it runs is."""
    root, raw = sources(package), RAW / f"{package.name}.json"
    RAW.mkdir(parents=True, exist_ok=True)
    command = [
        str(_python(package)), "-m", "pytest", "-p", "call_tracer", "-q", "--no-header",
        "--tb=no", "--assert=plain", "-o", "addopts=", "-W", "ignore", "-p", "no:cacheprovider",
        *_settings(root), *(f"--ignore={path}" for path in package.without),
        *(package.arguments or package.tests),
    ]  # fmt: skip
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(PLACES),
        "PYTHONPATH": os.pathsep.join([str(root / package.root), str(HERE)]),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TRACE_ROOT": str(root),
        "TRACE_OUTPUT": str(raw),
    }
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, timeout=SECONDS,
        check=False,
    )  # fmt: skip
    said = [line for line in done.stdout.splitlines() if line.strip()]
    print(f"{package.name}: {said[-1] if said else done.stderr[-400:]}", file=sys.stderr)


def _settings(root: Path) -> list[str]:
    """Keep pytest from taking the settings of a folder above for a suite without its own."""
    marks = {"pyproject.toml": "[tool.pytest", "tox.ini": "[pytest]", "setup.cfg": "[tool:pytest]",
             "pytest.ini": ""}  # fmt: skip
    for name, mark in marks.items():
        if (root / name).is_file() and mark in (root / name).read_text("utf-8"):
            return []
    return ["-c", os.devnull, "--rootdir", str(root)]


def _archive(package: Package) -> Path:
    place = corpora.HERE / "sdists"
    found = place / f"{package.folder}.tar.gz"
    if not found.is_file():
        wanted = f"{package.name}=={package.version}"
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(place),
             "--no-binary", package.name, wanted], check=True,
        )  # fmt: skip
    return found


def _python(package: Package) -> Path:
    """Return the interpreter of a package's environment; made where there is none."""
    place = PLACES / package.name
    python = place / "bin" / "python"
    if not python.is_file():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "-q", "-c", str(HERE / "constraints.txt"),
             str(_archive(package)), f"pytest=={package.pytest}", *package.needs], check=True,
        )  # fmt: skip
    return python


def _write(package: Package, raw: Path, found: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows, unplaced = settle(sources(package), raw)
    columns = {name: [row[place] for row in rows] for place, name in enumerate(Row._fields)}
    pq.write_table(pa.table(columns), found)
    reasons: dict[str, int] = {}
    for row in unplaced:
        reasons[row.reason] = reasons.get(row.reason, 0) + 1
    print(f"{package.name}: {len(rows)} rows; without a place: {reasons}", file=sys.stderr)
