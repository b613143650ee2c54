"""Kill a world that writes: `python -m benchmarks.world_crash [--moments 300] [--times 5]`.

At every named failpoint of its disk so many times, and at random moments, with every durability
setting; after each death the log must hold whole ticks, no fewer than were said to be durable, and
the next tick must be there after opening again. Prints how many deaths left how much.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.ecs.dying import failpoints
from tests.ecs.test_log_killed import deaths, verdict

SETTINGS = ("tick", "every 3 ticks", "every 1 ms", "end")


def judged(folder: Path, died: list[tuple[int, int]]) -> str:
    """Check every death; say how many left no world, an earlier tick, the last one."""
    found: Counter[str] = Counter()
    for number, told in died:
        place = folder / ("whole" if number < 0 else str(number))
        last = verdict(place, told)
        found["no world yet" if last < 0 else "the durable tick" if last == told else "more"] += 1
        shutil.rmtree(place, ignore_errors=True)
    return ", ".join(f"{count} {what}" for what, count in sorted(found.items()))


def main() -> None:
    """Try all, and print a line for each setting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=300)
    parser.add_argument("--times", type=int, default=5)
    wanted = parser.parse_args()
    for setting in SETTINGS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            points = range(len(failpoints(folder / "heard", setting)))
            for _ in range(wanted.times):
                died = deaths(folder, setting, "points", *map(str, points))
                print(f"{setting}: {len(died)} failpoints: {judged(folder, died)}", flush=True)
            died = deaths(folder, setting, "moments", "7", str(wanted.moments // len(SETTINGS)))
            print(f"{setting}: {len(died)} moments: {judged(folder, died)}", flush=True)


if __name__ == "__main__":
    main()
