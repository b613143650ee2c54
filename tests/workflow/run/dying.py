"""A run that is killed on the way; run as a script, it leaves one journal a death.

`dying.py FOLDER` kills a process at each moment that the loop or the journal tells of, leaving
`FOLDER/N.db` and `FOLDER/N.effects`, and prints how many there are.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))

from codeanatomy.workflow.journal.effects import effect, idempotency_key
from codeanatomy.workflow.journal.open import open_journal
from tests.workflow.run.flows import fork, line, visit

State = dict[str, Any]
NODES = ("source", "p", "p2", "x", "q2")
THREAD = {"thread_id": "t"}


class Counting:
    """Hears of moments; at one of them it kills the process."""

    def __init__(self, last: int | None = None) -> None:
        self.count = 0
        self.last = last

    def __call__(self, moment: str) -> None:
        """Count a moment, or let it be the last."""
        del moment
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def run(folder: Path, name: str, last: int | None = None) -> list[State]:
    """Run a thread to its end, or go on with it; give the events."""
    effects = folder / f"{name}.effects"

    def noted(state: State, node: str) -> State:
        def happen() -> str:
            with effects.open("a") as file:
                file.write(f"{idempotency_key()}\n")
            return node

        return visit(state, effect("note", happen))

    count = Counting(last)
    with open_journal(str(folder / f"{name}.db")) as journal:
        journal.observe(count)
        runs: dict[str, Any] = dict.fromkeys(NODES, noted)
        runs["q"] = line("x", runs={"x": noted})
        graph = fork("p", "q", runs=runs, journal=journal)
        graph.observer = runs["q"].observer = count
        again = bool(journal.runs("t"))
        return list(graph.invoke(None if again else {}, THREAD))


def main(folder: Path) -> None:
    """Kill a process at every other moment (what happens, happens between two)."""
    for last in itertools.count(1, 2):
        child = os.fork()
        if child == 0:
            run(folder, str(last), last)
            os._exit(0)
        if os.waitpid(child, 0)[1] == 0:
            print(last)  # noqa: T201 - for the test that called it
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
