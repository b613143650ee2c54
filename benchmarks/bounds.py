"""Programs that are huge in one way each, built at half their size and at their size.

    python -m benchmarks.bounds [NAME ...] [--memory=GB]

The programs are those of `tests/cpg/resolve/hostile.py`, up to 100,000 definitions or calls of one
name. Each build is a process of its own with one worker and no cache, that may take `--memory` (8
by default) of address space and ten minutes. Prints a line a program: its size, CPU seconds of the
stage that resolves and of the build at both sizes, peak memory, and the bounds that were hit. Ends
with status 1 where a build fails: the gate refuses a call that has neither target nor reason.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.scale import BUILD
from benchmarks.speed import adopt_orphans, run
from tests.builds import write
from tests.cpg.resolve.hostile import MANY_FILES, ONE_FILE

if TYPE_CHECKING:
    from collections.abc import Callable

    Maker = Callable[[int], str] | Callable[[int], dict[str, str]]

PATIENCE = 600
COLUMNS = ("program", "size", "resolve, CPU s: half, whole", "build, CPU s: half, whole",
           "peak MB", "bounds hit")  # fmt: skip


def measure(make: Maker, size: int, memory: int) -> dict[str, Any]:
    """Build a program of a size; say what that took, or why it did not end."""
    made = make(size)
    with tempfile.TemporaryDirectory(prefix="codeanatomy-") as folder:
        root = write(Path(folder, "repo"), {"one.py": made} if isinstance(made, str) else made)
        store = str(Path(folder, "store"))
        cost = run([sys.executable, "-c", BUILD, str(root), store, str(memory)], PATIENCE)
    if cost.status != 0:
        return {"failed": f"status {cost.status}: {cost.printed.strip().splitlines()[-1:]}"}
    told = json.loads(cost.printed.strip().splitlines()[-1])
    return {**told, "cpu": cost.cpu, "peak": cost.once}


def line(name: str, size: int, half: dict[str, Any], whole: dict[str, Any]) -> str:
    """Write a line of the table."""
    for found in (half, whole):
        if "failed" in found:
            return f"| {name} | {size:,} | {found['failed']} | | | |"
    return (
        f"| {name} | {size:,} | {half['resolve']:.1f}, {whole['resolve']:.1f} "
        f"| {half['cpu']:.1f}, {whole['cpu']:.1f} | {whole['peak']:,} "
        f"| {', '.join(whole['bounds'])} |"
    )


def main() -> None:
    """Build the programs that the arguments name; all of them without any."""
    adopt_orphans()
    options = dict(a[2:].partition("=")[::2] for a in sys.argv[1:] if a.startswith("--"))
    wanted = [a for a in sys.argv[1:] if not a.startswith("--")]
    memory = int(options.get("memory") or 8)
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    programs: list[tuple[Maker, int]] = [*ONE_FILE.items(), *MANY_FILES.items()]
    failed = False
    for make, size in programs:
        if not wanted or make.__name__ in wanted:
            half, whole = measure(make, size // 2, memory), measure(make, size, memory)
            failed |= "failed" in half or "failed" in whole
            print(line(make.__name__.replace("_", " "), size, half, whole), flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
