"""CPU seconds of the span joins on 2.0 M x 1.5 M spans in 5,000 files.

    python benchmarks/span_joins.py [--shuffled]

Prints JSON. The left spans nest as syntax trees do; the right ones are short names and calls
inside them. Both are ordered by file and start, as extractors leave them; `--shuffled` mixes
them first. `overlap` joins short spans with short spans, where pairs are about as many as spans.
"""

from __future__ import annotations

import json
import sys
from time import process_time
from typing import TYPE_CHECKING

import numpy as np

from codeanatomy.engine import spans

if TYPE_CHECKING:
    from collections.abc import Callable

FILES, LEFT, RIGHT, LENGTH = 5_000, 2_000_000, 1_500_000, 1 << 16

Spans = tuple[np.ndarray, np.ndarray, np.ndarray]


def flat(count: int, longest: int, rng: np.random.Generator) -> Spans:
    """Make short spans anywhere, ordered by file and start."""
    file = np.sort(rng.integers(0, FILES, count))
    start = rng.integers(0, LENGTH, count)
    order = np.lexsort((start, file))
    return file, start[order], start[order] + rng.integers(1, longest, count)


def nested(count: int, rng: np.random.Generator) -> Spans:
    """Make spans that nest: dyadic intervals, longer ones rarer."""
    file = rng.integers(0, FILES, count)
    size = 1 << np.minimum(3 + rng.geometric(0.4, count), 16)
    start = rng.integers(0, LENGTH, count) // size * size
    order = np.lexsort((-size, start, file))
    return file[order], start[order], (start + size)[order]


def seconds(work: Callable[[], object]) -> float:
    """Return the least CPU time of three runs."""
    times = []
    for _ in range(3):
        begin = process_time()
        work()
        times.append(process_time() - begin)
    return round(min(times), 3)


def mixed(columns: Spans, rng: np.random.Generator) -> Spans:
    """Put spans in another order."""
    order = rng.permutation(len(columns[0]))
    return columns[0][order], columns[1][order], columns[2][order]


def main() -> None:
    """Measure and print."""
    rng = np.random.default_rng(7)
    left, right, tree = flat(LEFT, 60, rng), flat(RIGHT, 40, rng), nested(LEFT, rng)
    shuffled = "--shuffled" in sys.argv
    if shuffled:
        left, right, tree = mixed(left, rng), mixed(right, rng), mixed(tree, rng)
    same = tuple(column[: RIGHT // 2] for column in left)
    print(
        json.dumps(
            {
                "benchmark": "span_joins",
                "left": LEFT,
                "right": RIGHT,
                "files": FILES,
                "shuffled": shuffled,
                "pairs": len(spans.overlap(*left, *right)[0]),
                "enclosed": int(np.sum(spans.innermost(*tree, *right) >= 0)),
                "overlap_cpu_s": seconds(lambda: spans.overlap(*left, *right)),
                "innermost_cpu_s": seconds(lambda: spans.innermost(*tree, *right)),
                "exact_cpu_s": seconds(lambda: spans.exact(*left, *same)),
            }
        )
    )


if __name__ == "__main__":
    main()
