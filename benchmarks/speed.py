"""What a build costs, in CPU seconds, memory and bytes, and what its neighbours cost.

    python -m benchmarks.speed [--repeats=3] [--no-peers] [--no-stdlib]

Each measurement is a process of its own: CPU seconds are those of the process and all its
children, also of those that outlive it; memory is the sum over all of them, sampled every 50 ms.
Peers run on the same folder in the same run, at most four minutes each, from an environment of
their own. Prints JSON.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks import corpora

PATIENCE = 240
SUBREAPER = 36
BUILD = (
    "import sys, codeanatomy; codeanatomy.build(sys.argv[1], store=sys.argv[2], name='measured')"
)
IMPORT = """
import time; begin = time.perf_counter(); import codeanatomy
print(1000 * (time.perf_counter() - begin))
"""
GRAPH = ("nodes", "edges", "props")
STAGES = ("extract", "load", "relate", "gate", "write", "link", "resolve")
PINNED = ("ruff==0.17.5", "pyrefly==1.4.1", "mypy==2.4.1", "griffe==2.4.1", "pyan3==2.9.0")
PEERS = {
    "ruff check": "ruff check -q --no-cache --exit-zero {root}",
    "ruff analyze graph": "ruff analyze graph -q {root}",
    "pyrefly check": "pyrefly check --summary=none {root}",
    "mypy": "mypy --cache-dir={scratch}/cache {root}",
    "griffe dump": "griffe dump -s {above} -o {scratch}/dump {name}",
    "pyan3": "pyan3 --uses --dot --file {scratch}/graph {files}",
    "pyrefly check --report-pysa": "pyrefly check --summary=none --report-pysa={scratch}/pysa "
    "--report-pysa-format=json {root}",
    "scip-python index": "scip-python index --cwd {root} --project-name measured "
    "--output {scratch}/index.scip",
}
SCIP = "@sourcegraph/scip-python@0.6.6"  # runs on Node.js: left out where there is no npm


@dataclass
class Memory:
    """Bytes at the peak: pages that processes share counted once, and for each of them."""

    once: int = 0
    each: int = 0


class Cost(NamedTuple):
    """What a command took: seconds, and megabytes at the peak, shared pages once and for each."""

    cpu: float
    wall: float
    once: int
    each: int
    status: int | None
    printed: str


def run(command: list[str], patience: float = 600) -> Cost:
    """Run a command; CPU seconds and peak memory are of all its processes together."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    peak = Memory()
    sampler = threading.Thread(target=_sample, args=(process.pid, peak))
    sampler.start()
    try:
        printed = process.communicate(timeout=patience)[0].decode(errors="replace")
        status: int | None = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        printed, status = process.communicate()[0].decode(errors="replace"), None
    wall = time.perf_counter() - begin
    sampler.join()
    _wait_for_orphans()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    megabytes = round(peak.once / 1e6), round(peak.each / 1e6)
    return Cost(round(cpu, 2), round(wall, 2), *megabytes, status, printed[-2000:])


def adopt_orphans() -> None:
    """Become the parent of processes that outlive theirs, as the server that forks workers does.

    Only who waits for a process is told of its CPU seconds. Linux only: elsewhere they are lost.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)


def _wait_for_orphans() -> None:
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        return


def _sample(pid: int, peak: Memory) -> None:
    """Keep the largest sum of resident memory over a process and its children."""
    import psutil  # type: ignore[import-untyped] # its types are another distribution

    while psutil.pid_exists(pid):
        shared = counted = 0
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return
            family = [process, *process.children(recursive=True)]
        except psutil.Error:
            return
        for one in family:
            with suppress(psutil.Error):
                memory = one.memory_full_info()
                shared, counted = shared + memory.pss, counted + memory.rss
        peak.once, peak.each = max(peak.once, shared), max(peak.each, counted)
        time.sleep(0.05)


def build(root: Path, repeats: int) -> dict[str, object]:
    """Measure cold builds of a folder, builds with nothing changed, and the size of a store."""
    megabytes = sum((root / path).stat().st_size for path in corpora.python_files(root)) / 1e6
    with tempfile.TemporaryDirectory(prefix="codeanatomy-") as folder:
        costs = [_build(root, Path(folder, str(n))) for n in range(repeats)]
        again = [_build(root, Path(folder, "0")) for _ in range(repeats)]
        sizes = _sizes(Path(folder, "0"))
        stages = _stages(Path(folder, "0"))
    cpu = median(cost.cpu for cost in costs)
    return {
        "files": len(corpora.python_files(root)),
        "megabytes": round(megabytes, 2),
        "cold: CPU seconds": [cost.cpu for cost in costs],
        "cold: wall seconds": [cost.wall for cost in costs],
        "cold: MB of source per CPU second": round(megabytes / cpu, 3),
        "cold: CPU seconds of the last build's stages, workers not counted": stages,
        "peak MB, all processes, shared pages once": max(cost.once for cost in costs),
        "peak MB, all processes, shared pages for each": max(cost.each for cost in costs),
        "nothing changed: wall seconds": [cost.wall for cost in again],
        "nothing changed: CPU seconds": [cost.cpu for cost in again],
        "nodes, edges and props: times the sources": round(sizes[0] / megabytes / 1e6, 2),
        "with evidence: times the sources": round(sizes[1] / megabytes / 1e6, 2),
    }


def _build(root: Path, store: Path) -> Cost:
    cost = run([sys.executable, "-c", BUILD, str(root), str(store)])
    assert cost.status == 0, cost.printed
    return cost


def _stages(store: Path) -> dict[str, float]:
    """Return what the stages of the newest build took; `link` holds `resolve`."""
    import codeanatomy as ca

    timings = ca.open(store).manifest.facts["timings"]
    return {name: round(timings[name], 2) for name in STAGES}


def _sizes(store: Path) -> tuple[int, int]:
    """Return the bytes of nodes, edges and props, and those of all tables; the cache is none."""
    import codeanatomy as ca

    parts: dict[str, int] = {}
    assert ca.open(store).manifest
    for path in store.rglob("*.parquet"):
        name = path.relative_to(store).parts[0]
        if name != "cache":
            parts[name] = parts.get(name, 0) + path.stat().st_size
    return sum(parts[name] for name in GRAPH), sum(parts.values())


def import_milliseconds(repeats: int) -> list[float]:
    """Measure `import codeanatomy` in fresh interpreters."""
    return [
        round(float(run([sys.executable, "-c", IMPORT]).printed), 1) for _ in range(2 * repeats)
    ]


def peers(root: Path, repeats: int) -> dict[str, object]:
    """Measure every peer, in an environment of their own."""
    home = corpora.HERE / "peers"
    if not home.is_dir():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(home / "bin" / "pip"), "install", "-q", *PINNED], check=True)
    found: dict[str, object] = {}
    for name, words in PEERS.items():
        if words.startswith("scip-python") and not _with_scip(home):
            continue
        costs = []
        for _ in range(repeats):
            with tempfile.TemporaryDirectory(prefix="codeanatomy-") as scratch:
                command = _command(words.split(), root, scratch)
                command[0] = str(home / "bin" / command[0])
                costs.append(run(command, PATIENCE))
        found[name] = {
            "CPU seconds": [cost.cpu for cost in costs],
            "peak MB": max(cost.once for cost in costs),
            "finished": all(cost.status is not None for cost in costs),
            "status": costs[0].status,
        }
    return found


def _with_scip(home: Path) -> bool:
    """Say whether the indexer is there, installed beside the others; it needs Node.js."""
    link, npm = home / "bin" / "scip-python", shutil.which("npm")
    if not link.exists() and npm:
        command = [npm, "install", "--silent", "--prefix", str(home / "npm"), SCIP]
        subprocess.run(command, check=True)
        link.symlink_to(home / "npm" / "node_modules" / ".bin" / "scip-python")
    return link.exists()


def _command(words: list[str], root: Path, scratch: str) -> list[str]:
    known = {"root": str(root), "above": str(root.parent), "name": root.name, "scratch": scratch}
    command = []
    for word in words:
        if word == "{files}":
            command += [str(root / path) for path in corpora.python_files(root)]
        else:
            command.append(word.format(**known))
    return command


def main() -> None:
    """Measure Django, the standard library, the import and the peers."""
    adopt_orphans()
    options = dict(a.lstrip("-").partition("=")[::2] for a in sys.argv[1:])
    repeats = int(options.get("repeats", "3"))
    root = corpora.django()
    figures: dict[str, object] = {
        "python": sys.version.split()[0],
        "processors": os.cpu_count(),
        "import: milliseconds": import_milliseconds(repeats),
        "django": build(root, repeats),
    }
    if "no-stdlib" not in options:
        figures["stdlib"] = build(corpora.standard_library(), 1)
    if "no-peers" not in options:
        figures["peers on django"] = peers(root, min(repeats, 2))
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
