"""A writing process for the conformance suite; run as a script, it may kill itself on the way."""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[2]))

from codeanatomy.store.disk import Disk
from codeanatomy.store.errors import StoreBusyError, StoreConflictError
from codeanatomy.store.open import open_store
from tests.store.samples import EDGES, edges

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROWS = 4


def append_many(uri: str, first: int, count: int) -> None:
    """Append `count` rows, one commit each, beginning at `first`; start when a line comes in."""
    store = open_store(uri)
    sys.stdin.readline()
    for number in range(first, first + count):
        store.append(EDGES, edges(number, repo=f"r{first}"))


def replace_once(uri: str, first: int) -> None:
    """Replace partition `a` once; say whether it was done or refused by name."""
    store = open_store(uri)
    sys.stdin.readline()
    try:
        store.replace(EDGES, edges(*range(first, first + ROWS)), {"repo": "a"})
    except (StoreBusyError, StoreConflictError) as error:
        print(error.code)  # noqa: T201 - the report to the test
    else:
        print("done")  # noqa: T201 - the report to the test


def die_at_each(folder: Path, pattern: str) -> None:
    """Replace partition `a` once for each failpoint, in a process that is killed there.

    `pattern` is a URI with `{}` for the number of the failpoint; each store holds rows 0 and 1
    already. The number of failpoints is written to `folder/failpoints`.
    """
    open_store(pattern)  # imports the backend once, for all copies
    edges(0)  # and whatever pyarrow imports with its first array
    if _forked(partial(_count, pattern.format("count"), folder / "failpoints")):
        sys.exit("the write without a failpoint failed")
    names = (folder / "failpoints").read_text().split()
    for number in range(len(names)):
        _forked(partial(_killed, pattern.format(number), number))


def _count(uri: str, path: Path) -> None:
    heard: list[str] = []
    stream = _stream(lambda: heard.append("stream"))
    open_store(uri, _before(heard.append)).replace(EDGES, stream, {"repo": "a"})
    path.write_text("\n".join(heard))


def _killed(uri: str, number: int) -> None:
    steps = iter(range(number + 1))

    def step(_: str = "") -> None:
        if next(steps) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    open_store(uri, _before(step)).replace(EDGES, _stream(step), {"repo": "a"})


def _before(step: Callable[[str], None]) -> Disk:
    """Make a disk that calls `step` before each operation, which is after the one before it."""
    return Disk(lambda name: step(name) if name.startswith("before") else None)


def _stream(step: Callable[[], object]) -> pa.RecordBatchReader:
    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(10, 10 + ROWS):
            step()
            yield from edges(number).to_batches()

    return pa.RecordBatchReader.from_batches(EDGES.arrow(), batches())


def _forked(work: Callable[[], None]) -> int:
    """Run `work` in a copy of this process, which has no threads yet; return how it ended."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return os.waitpid(child, 0)[1]


if __name__ == "__main__":
    verb, *arguments = sys.argv[1:]
    if verb == "append":
        append_many(arguments[0], int(arguments[1]), int(arguments[2]))
    elif verb == "replace":
        replace_once(arguments[0], int(arguments[1]))
    else:
        die_at_each(Path(arguments[0]), arguments[1])
