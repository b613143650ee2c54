"""Steps a second with a journal: `python -m benchmarks.flow_journal`.

States of 1 kB and 100 kB, of which each step changes a little: one number, one entry of many, one
more at the end of a list, the last without telling. Each at synchronous=NORMAL, where a commit is
a write to the log, and at FULL, where it is on the disk; beside them the same graph without a
journal. `its CPU` counts processor time only, for a machine that others use. `--steps N`;
`--postgres URL` for that database, too.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from codeanatomy.workflow.graph import StateGraph
from codeanatomy.workflow.journal.open import open_journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.journal.base import Journal

State = dict[str, Any]


def count(state: State) -> State:
    """Change one number."""
    return {"n": state["n"] + 1}


def say(state: State) -> State:
    """Add to the end of a list, which is returned as a new one."""
    return {"n": state["n"] + 1, "messages": [*state["messages"], {"role": "a", "text": "x"}]}


def recent(state: State) -> State:
    """Keep the last ten of a list."""
    return {"n": state["n"] + 1, "messages": [*state["messages"][1:], {"role": "a", "text": "x"}]}


def say_in_place(state: State) -> State:
    """Add to the end of a list, which nobody is told of."""
    state["messages"].append({"role": "a", "text": "x"})
    return {"n": state["n"] + 1}


def enter(state: State) -> State:
    """Change one entry of a table in place."""
    state["table"][f"k{state['n'] % 1000}"] = "y" * 90
    return {"n": state["n"] + 1}


def messages(number: int) -> State:
    """Make a conversation."""
    return {"n": 0, "messages": [{"role": "user", "text": "x" * 80} for _ in range(number)]}


CASES: list[tuple[str, Callable[[State], State], Callable[[], State]]] = [
    ("1 kB, one number", count, lambda: {"n": 0, **{f"k{n}": "x" * 45 for n in range(20)}}),
    ("1 kB, the last ten", recent, lambda: messages(10)),
    (
        "100 kB wide, one number",
        count,
        lambda: {"n": 0, **{f"k{n}": "x" * 1000 for n in range(100)}},
    ),
    ("100 kB in one text, one number", count, lambda: {"n": 0, "text": "x" * 100_000}),
    ("100 kB of messages, one number", count, lambda: messages(1000)),
    ("100 kB of messages, one more", say, lambda: messages(1000)),
    ("100 kB of messages, one in place", say_in_place, lambda: messages(1000)),
    (
        "100 kB in a table, one entry",
        enter,
        lambda: {"n": 0, "table": {f"k{n}": "x" * 90 for n in range(1000)}},
    ),
]


def graph(step: Callable[[State], State], steps: int, journal: Journal | None) -> StateGraph:
    """Make a cycle of one node."""
    made = StateGraph({})
    made.add_node("step", run=step)
    made.set_entry_point("step")
    made.add_conditional_edges(
        "step", lambda state: state["n"] < steps, {True: "step", False: "__end__"}
    )
    return made.compile(journal=journal, max_steps=steps + 10)


def speed(
    uri: str | None, step: Callable[[State], State], state: State, steps: int
) -> tuple[float, float]:
    """Return steps a second of one run, and steps a second of processor time."""
    journal = None if uri is None else open_journal(uri)
    made = graph(step, steps, journal)
    began, worked = time.perf_counter(), time.process_time()
    events = list(made.invoke(state))
    took, work = time.perf_counter() - began, time.process_time() - worked
    assert events[-1]["type"] == "final"
    if journal is not None:
        row = journal.runs()[-1]
        assert row.steps == steps
        assert journal.state_at(row.run_id, steps) == events[-1]["state"]
        journal.close()
    return steps / took, steps / work


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--postgres")
    wanted = parser.parse_args()
    heads = ("none", "memory", "NORMAL", "its CPU", "FULL", "bytes")
    print(f"{'steps a second':34}" + "".join(f"{head:>10}" for head in heads))
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, step, state) in enumerate(CASES):
            figures = []
            normal = Path(folder, f"{number}.db")
            for uri in (None, "memory:", str(normal), f"sqlite:///{normal}f?synchronous=full"):
                steps = wanted.steps // 4 if uri and "full" in uri else wanted.steps
                both = [speed(uri, step, state(), steps) for _ in range(2)]
                figures.append(max(wall for wall, _ in both))
                if uri == str(normal):
                    figures.append(max(work for _, work in both))
            size = normal.stat().st_size // (2 * wanted.steps)
            print(f"{name:34}" + "".join(f"{n:10,.0f}" for n in figures) + f"{size:10,}")
            if wanted.postgres:
                wall, _ = speed(wanted.postgres, step, state(), 500)
                print(f"{'  in PostgreSQL':34}{wall:9,.0f}")
        memory(folder)


def memory(folder: str) -> None:
    """Show that a run takes the memory of its state, whatever the number of its steps."""
    sizes = []
    for steps in (2000, 20_000):
        speed(str(Path(folder, "m.db")), count, messages(100), steps)
        sizes.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    print(f"largest size of the process after runs of 2,000 and 20,000 steps: {sizes} MB")


if __name__ == "__main__":
    main()
