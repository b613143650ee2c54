"""A process that takes threads; run as a script it tells how it went, one word a line.

`hold URI THREAD` takes one, says `held`, and keeps it until its input ends. `take URI THREAD`
tries to, says `took` or `busy`. `run URI THREAD FILE` says `ready`, waits for a line, takes up the
run of a thread and walks ten steps, each of which writes its number to FILE; it says `done` or
`busy`.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from codeanatomy.workflow.errors import ThreadBusyError
from codeanatomy.workflow.journal.open import open_journal
from codeanatomy.workflow.journal.runs import RunLog
from tests.workflow.journal.driving import walk


def main(what: str, uri: str, thread: str, *rest: str) -> None:
    """Do what the words say."""
    with open_journal(uri) as journal:
        if what == "run":
            journal.runs()
            print("ready", flush=True)  # noqa: T201 - the answer
            sys.stdin.readline()
        try:
            log = journal.resume(thread) or journal.begin(thread, state={"n": 0})
        except ThreadBusyError as error:
            print("busy", error.facts["pid"], flush=True)  # noqa: T201 - the answer
            return
        assert isinstance(log, RunLog)
        with log:
            if what == "hold":
                print("held", flush=True)  # noqa: T201 - the answer
                sys.stdin.read()
            elif what == "run":
                _walk(log, Path(rest[0]))
        print("took" if what == "take" else "done", flush=True)  # noqa: T201 - the answer


def _walk(log: RunLog, path: Path) -> None:
    def step(state: dict[str, int]) -> dict[str, int]:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.write(handle, f"{state['n']}\n".encode())
        os.close(handle)
        time.sleep(0.01)
        return {"n": state["n"] + 1}

    log.finish("final", walk(log.lane(), [("s", step)] * 10, {"n": 0}))


if __name__ == "__main__":
    main(*sys.argv[1:])
