"""Kill runs at every named moment and at 200 random ones: `python -m benchmarks.flow_crash`.

After each death another process takes the run up: it must end, with no recorded effect called
again and no recorded step taken again or lost. `--times N`: at each named moment; `--every N`:
only every N-th of those; `--random N`: random moments.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.workflow.journal.crashing import shoot, sweep


def main() -> None:
    """Try, and print how many runs were killed and taken up; the first that fails is raised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--random", type=int, default=200)
    parser.add_argument("--seed", type=int, default=11)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        points, moments = Path(folder, "points"), Path(folder, "moments")
        points.mkdir()
        moments.mkdir()
        killed = sweep(points, wanted.times, wanted.every) if wanted.times else 0
        print(f"named moments    {killed:5} runs killed, every one taken up and right")
        shoot(moments, wanted.seed, wanted.random)
        print(f"random moments   {wanted.random:5} runs killed, every one taken up and right")
        print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
