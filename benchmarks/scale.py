"""What resolving calls costs as code grows: parts of Django, Django, and copies of it.

    python -m benchmarks.scale [SIZE ...] [--memory=GB]

Sizes are `1/4`, `1/2`, 1, 2, 4 and 8 times the package `django/`; by default `1/4` to 4. Copies lie
in one repository as packages of other names (`dj1`, `dj2` ...), as imports and texts name them.
Each build is a process of its own, with one worker and nothing cached, that may take `--memory`
(12 by default) of address space. Prints a line a size: source, call sites, CPU seconds of the whole
build and of the stage that resolves, peak memory, and how the seconds of that stage compare with
n log n of the source, taking `1` (or the first size) as 1.00.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks import corpora
from benchmarks.speed import adopt_orphans, run

BUILD = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[3]) << 30,) * 2)
import codeanatomy
graph = codeanatomy.build(sys.argv[1], store=sys.argv[2], name="scaled", jobs=1, cache=False)
facts = graph.manifest.facts
query = "select count(*) as n from edges where kind = '{}'"
counts = {k: graph.sql(query.format(k)).to_pylist()[0]["n"] for k in ("CALL_TARGET", "CALLS")}
sites = "select count(*) as n from nodes where kind = 'call site' and layer = 'names'"
print(json.dumps({
    "resolve": facts["timings"]["resolve"], **counts, "sites": graph.sql(sites).to_pylist()[0]["n"],
    "bounds": [w["code"] for w in facts["warnings"] if w["code"].endswith("bound")],
}))
"""
NAMED = re.compile(r"""(^\s*(?:from|import)\s+|["'])django(?=[\s."'])""", re.MULTILINE)
PARTS = {"1/4": ("db", "utils"), "1/2": ("db", "utils", "core", "forms", "template", "views")}
COLUMNS = ("times Django", "MB", "call sites", "targets", "build, CPU s", "resolve, CPU s",
           "to n log n", "peak MB", "bounds hit")  # fmt: skip
SIZES = ("1/4", "1/2", "1", "2", "4", "8")
PATIENCE = 3600


class Line(NamedTuple):
    """What one size took."""

    size: str
    megabytes: float
    sites: int
    targets: int
    cpu: float
    resolve: float
    peak: int
    bounds: str


def scaled(size: str, target: Path) -> float:
    """Write a program of a size; return its megabytes."""
    source = corpora.django()
    if size in PARTS:
        for part in PARTS[size]:
            shutil.copytree(source / part, target / "django" / part)
        shutil.copy2(source / "__init__.py", target / "django")
    else:
        for number in range(1, int(size) + 1):
            _renamed(source, target, f"dj{number}" if int(size) > 1 else "django")
    return sum((target / path).stat().st_size for path in corpora.python_files(target)) / 1e6


def _renamed(source: Path, target: Path, name: str) -> None:
    for path in corpora.python_files(source):
        text = (source / path).read_text("utf-8")
        there = target / name / path
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text(NAMED.sub(rf"\g<1>{name}", text), "utf-8")


def measure(size: str, memory: int) -> Line | str:
    """Build a program of a size; where that fails, return what it printed last."""
    with tempfile.TemporaryDirectory(prefix="codeanatomy-") as folder:
        root, store = Path(folder, "repo"), Path(folder, "store")
        megabytes = scaled(size, root)
        command = [sys.executable, "-c", BUILD, str(root), str(store), str(memory)]
        cost = run(command, PATIENCE)
    if cost.status != 0:
        return f"{size}: status {cost.status}: {cost.printed.strip().splitlines()[-1:]}"
    told = json.loads(cost.printed.strip().splitlines()[-1])
    return Line(size, megabytes, told["sites"], told["CALL_TARGET"], cost.cpu, told["resolve"],
                cost.once, ", ".join(told["bounds"]))  # fmt: skip


def table(lines: list[Line]) -> list[str]:
    """Write what was measured, and how it grows, as lines of a Markdown table."""
    unit = next((line for line in lines if line.size == "1"), lines[0])
    rows = [
        f"| {' | '.join(COLUMNS)} |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for line in lines:
        ratio = line.resolve / unit.resolve * _cost(unit) / _cost(line)
        rows.append(
            f"| {line.size} | {line.megabytes:.2f} | {line.sites:,} | {line.targets:,} "
            f"| {line.cpu:.1f} | {line.resolve:.1f} | {ratio:.2f} | {line.peak:,} | {line.bounds} |"
        )
    return rows


def _cost(line: Line) -> float:
    return line.sites * math.log2(line.sites)


def main() -> None:
    """Measure the sizes that the arguments name."""
    adopt_orphans()
    options = dict(a[2:].partition("=")[::2] for a in sys.argv[1:] if a.startswith("--"))
    sizes = [a for a in sys.argv[1:] if a in SIZES] or list(SIZES[:-1])
    lines = []
    for size in sizes:
        found = measure(size, int(options.get("memory") or 12))
        if isinstance(found, str):
            print(found, file=sys.stderr)
            break
        lines.append(found)
        print(found, file=sys.stderr, flush=True)
    if lines:
        print("\n".join(table(lines)))


if __name__ == "__main__":
    main()
