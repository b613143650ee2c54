"""What a build costs, in CPU seconds, memory and bytes, and what its neighbours cost.

    python -m benchmarks.speed [--repeats=3] [--no-peers] [--no-stdlib]

Each measurement is a process of its own: CPU seconds are those of the process and all its
children, memory is the sum over all of them, sampled every 20 ms. Peers (`pip install` them to see
them) run on the same folder in the same run, at most two minutes each. Prints JSON.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks import corpora

PATIENCE = 120
BUILD = (
    "import sys, codeanatomy; codeanatomy.build(sys.argv[1], store=sys.argv[2], name='measured')"
)
IMPORT = """
import time; begin = time.perf_counter(); import codeanatomy
print(1000 * (time.perf_counter() - begin))
"""
GRAPH = ("nodes", "edges", "props")
PEERS = {
    "ruff check": ("ruff", ["ruff", "check", "-q", "--no-cache", "--exit-zero", "{root}"]),
    "ruff analyze graph": ("ruff", ["ruff", "analyze", "graph", "-q", "{root}"]),
    "pyrefly check": ("pyrefly", ["pyrefly", "check", "--summary=none", "{root}"]),
    "mypy": ("mypy", ["mypy", "--cache-dir={scratch}", "{root}"]),
    "griffe dump": ("griffe", ["griffe", "dump", "-s", "{above}", "-o", "{scratch}/g", "{name}"]),
    "pyan3": ("pyan", ["pyan3", "{files}", "--uses", "--dot", "--file", "{scratch}/p"]),
    "graphify": ("graphify", ["graphify", "update", "{root}"]),
}


class Cost(NamedTuple):
    """What a command took."""

    cpu: float
    wall: float
    megabytes: float
    status: int | None
    printed: str


def run(command: list[str], patience: float = 600, **environment: str) -> Cost:
    """Run a command; CPU seconds and peak memory are of all its processes together."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **environment},
    )
    peak = [0]
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
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(round(cpu, 2), round(wall, 2), round(peak[0] / 1e6), status, printed[-2000:])


def _sample(pid: int, peak: list[int]) -> None:
    """Keep the largest sum of resident memory over a process and its children."""
    import psutil  # type: ignore[import-untyped] # its types are another distribution

    try:
        process = psutil.Process(pid)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            total = 0
            for one in (process, *process.children(recursive=True)):
                try:
                    total += one.memory_info().rss
                except psutil.Error:
                    continue
            peak[0] = max(peak[0], total)
            time.sleep(0.02)
    except psutil.Error:
        return


def build(root: Path, repeats: int) -> dict[str, object]:
    """Measure cold builds of a folder, builds with nothing changed, and the size of a store."""
    megabytes = sum((root / path).stat().st_size for path in corpora.python_files(root)) / 1e6
    with tempfile.TemporaryDirectory(prefix="codeanatomy-") as folder:
        costs = [_build(root, Path(folder, str(n))) for n in range(repeats)]
        again = [_build(root, Path(folder, "0")) for _ in range(repeats)]
        sizes = _sizes(Path(folder, "0"))
    cpu = median(cost.cpu for cost in costs)
    return {
        "files": len(corpora.python_files(root)),
        "megabytes": round(megabytes, 2),
        "cold: CPU seconds": [cost.cpu for cost in costs],
        "cold: wall seconds": [cost.wall for cost in costs],
        "cold: MB of source per CPU second": round(megabytes / cpu, 3),
        "peak MB of memory, all processes": max(cost.megabytes for cost in costs),
        "nothing changed: wall seconds": [cost.wall for cost in again],
        "nothing changed: CPU seconds": [cost.cpu for cost in again],
        "nodes, edges and props: times the sources": round(sizes[0] / megabytes / 1e6, 2),
        "with evidence: times the sources": round(sizes[1] / megabytes / 1e6, 2),
    }


def _build(root: Path, store: Path) -> Cost:
    cost = run([sys.executable, "-c", BUILD, str(root), str(store)])
    assert cost.status == 0, cost.printed
    return cost


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
    """Measure every peer that is installed."""
    found: dict[str, object] = {}
    for name, (module, words) in PEERS.items():
        if importlib.util.find_spec(module) is None:
            found[name] = "not installed"
            continue
        with tempfile.TemporaryDirectory(prefix="codeanatomy-") as scratch:
            command = _command(words, root, scratch)
            costs = [run(command, PATIENCE) for _ in range(repeats)]
        done = all(cost.status is not None for cost in costs)
        found[name] = {
            "CPU seconds": [cost.cpu for cost in costs],
            "peak MB": max(cost.megabytes for cost in costs),
            "finished": done,
            "status": costs[0].status,
        }
    return found


def _command(words: list[str], root: Path, scratch: str) -> list[str]:
    known = {"root": str(root), "above": str(root.parent), "name": root.name, "scratch": scratch}
    command = [str(Path(sys.executable).parent / words[0])]
    for word in words[1:]:
        if word == "{files}":
            command += [str(root / path) for path in corpora.python_files(root)]
        else:
            command.append(word.format(**known))
    return command


def main() -> None:
    """Measure Django, the standard library, the import and the peers."""
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
