"""Runs that are killed on the way; as a script: `crashing.py FOLDER points TIMES`, or `moments`.

One graph with a cycle, parallel branches, a branch that fails and is tried again, a person who is
asked before the end, and effects in every node. Each effect writes its key to a file, each node
its place. `points TIMES` kills a run at each of the moments that the journal and the loop name;
`moments SEED COUNT` after random parts of the time that a run takes. What was left is then taken
up by another process, and looked at: `verify`.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections import Counter
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[3]))

from codeanatomy.workflow.compat.retry import RetryPolicy
from codeanatomy.workflow.graph import StateGraph
from codeanatomy.workflow.journal.effects import (
    current_step,
    effect,
    idempotency_key,
    perform,
)
from codeanatomy.workflow.journal.open import open_journal
from codeanatomy.workflow.parallel.config import ParallelConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from codeanatomy.workflow.journal.base import Journal

State = dict[str, Any]
START: State = {"n": 0, "log": [], "wide": "w" * 3000}
TICKS = 3


def graph(folder: Path, journal: Journal) -> StateGraph:
    """Make the graph: tick in a cycle, split into three branches, join, finish."""

    def node(name: str) -> Callable[[State], State]:
        def run(state: State) -> State:
            _write(folder / "nodes", _step())
            number = perform("count", partial(_count, folder, name))
            effect("named", partial(_count, folder, name))
            if name == "flaky" and not (folder / "failed").exists():
                (folder / "failed").touch()
                raise ConnectionError("the first time it fails")
            return {"n": state["n"] + 1, "log": [*state["log"], name], name: number}

        return run

    def join(parallel_results: list[Any]) -> State:
        _write(folder / "nodes", _step())
        return {"branches": [result.state["log"][TICKS + 1 :] for result in parallel_results]}

    made = StateGraph({}, raise_exceptions=True)
    for name in ("tick", "split", "a1", "a2", "b1", "flaky", "end"):
        made.add_node(name, run=node(name))
    made.add_fanin_node("join", run=join)
    made.set_entry_point("tick")
    made.add_conditional_edges(
        "tick", lambda state: state["n"] < TICKS, {True: "tick", False: "split"}
    )
    retry = ParallelConfig(retry_policy=RetryPolicy(max_retries=2, base_delay=0.0))
    for first in ("a1", "b1", "flaky"):
        made.add_parallel_edge("split", first, "join", config=retry)
    made.add_edge("a1", "a2")
    for last in ("a2", "b1", "flaky"):
        made.add_edge(last, "join")
    made.add_edge("join", "end")
    made.set_finish_point("end")
    return made.compile(journal=journal, interrupt_before=["end"])


def take(folder: Path, observer: Callable[[str], None] | None = None) -> State:
    """Begin the run, or go on with it where it was begun; return the last state."""
    with _journal(folder) as journal:
        journal.observe(observer)
        known = any(row.status in ("final", "interrupted") for row in journal.runs(folder.name))
        made, config = graph(folder, journal), {"thread_id": folder.name}
        made.observer = observer
        *_, final = made.invoke(None if known else dict(START), config)
        while final["type"] == "interrupt":
            *_, final = made.invoke({"approved": True}, config, final["checkpoint_path"])
    assert final["type"] == "final", final
    return dict(final["state"])


def moments_heard(folder: Path) -> list[str]:
    """Name every moment that an observer hears in a run that is left alone."""
    folder.mkdir()
    heard: list[str] = []
    take(folder, heard.append)
    return heard


def die_at(folder: Path, name: str, number: int) -> None:
    """Kill a run when it comes to a moment for the number-th time; then take it up and verify."""
    left = [number]

    def hear(moment: str) -> None:
        if moment == name:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    folder.mkdir()
    died = _forked(partial(take, folder, hear)) == -signal.SIGKILL
    _expect(died, f"{name} was not heard {number + 1} times")
    _expect(_forked(partial(verify, folder)) == 0, f"{name} {number}: see {folder}")


def die_after(folder: Path, seconds: list[float]) -> None:
    """Kill a run after each of these times, one process after the other; then verify."""
    folder.mkdir()
    for wait in seconds:
        _forked(partial(take, folder), wait)
    _expect(_forked(partial(verify, folder)) == 0, f"after {seconds}: see {folder}")


def verify(folder: Path) -> None:
    """Take up what a killed process left, to its end; compare with what was recorded before."""
    with _journal(folder) as journal:
        runs = journal.runs(folder.name)
        effects = [e for row in runs for e in journal.effects(row.run_id)]
        steps = [s for row in runs for s in journal.steps(row.run_id)]
        before = [s for s in steps if s.kind == "step"]
        done = {e.key for e in effects if e.status == "done"}
    counted, taken = _lines(folder / "count"), _lines(folder / "nodes")
    _expect(done <= set(counted), "an effect is recorded that did not happen")
    final = take(folder)
    _expect(final["n"] == TICKS + 2, f"n is {final['n']}")
    _expect(final["log"] == ["tick"] * TICKS + ["split", "end"], f"log is {final['log']}")
    _expect(final["branches"] == [["a1", "a2"], ["b1"], ["flaky"]], str(final["branches"]))
    again = set(_lines(folder / "count")[len(counted) :])
    _expect(not again & done, f"recorded effects happened again: {again & done}")
    places = {f"{s.lane}:{s.step}" for s in before}
    again = set(_lines(folder / "nodes")[len(taken) :])
    _expect(not again & places, f"recorded steps were taken again: {again & places}")
    with _journal(folder) as journal:
        (row,) = journal.runs(folder.name)
        _expect(row.status == "final", row.status)
        told = [s for s in journal.steps(row.run_id) if s.kind == "step"]
        kept = {e.key for e in journal.effects(row.run_id) if e.status == "done"}
    missing = {(s.lane, s.step, s.node) for s in before} - {(s.lane, s.step, s.node) for s in told}
    _expect(not missing, f"steps were lost: {missing}")
    names = Counter(s.node for s in told)
    once = dict.fromkeys(("split", "a1", "a2", "b1", "flaky", "join", "end"), 1)
    _expect(names == {"tick": TICKS, **once}, f"steps: {names}")
    _expect(kept == set(_lines(folder / "count")), "the keys that the world saw are not those kept")


def _journal(folder: Path) -> Journal:
    """Open the journal of a run: a file of its own, or what JOURNAL names for all of them."""
    return open_journal(os.environ.get("JOURNAL") or folder / "journal.db")


def _count(folder: Path, name: str) -> int:
    key = idempotency_key()
    assert key is not None
    _write(folder / "count", key)
    return len(name)


def _step() -> str:
    scope = current_step.get()
    assert scope is not None
    _, *lane, step = scope.key.split("/")
    return f"{'' if lane == ['main'] else '/'.join(lane)}:{step.split('.')[0]}"


def _write(path: Path, line: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(handle, f"{line}\n".encode())
    os.close(handle)


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def _expect(holds: bool, text: str) -> None:  # noqa: FBT001 - a condition
    if not holds:
        raise AssertionError(text)


def _forked(work: Callable[[], object], seconds: float | None = None) -> int:
    """Do some work in a copy of this process, which has only imported; return how it ended."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - told, and the exit code says it
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)  # noqa: T201 - to whoever runs this
            os._exit(1)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def sweep(folder: Path, times: int, every: int = 1) -> int:
    """Kill at every named moment that many times; return how many runs were killed."""
    pipe = folder / "heard"
    _forked(lambda: pipe.write_text("\n".join(moments_heard(folder / "whole"))))
    heard = Counter(pipe.read_text().splitlines())
    cases = [
        (name, number % count) for name, count in sorted(heard.items()) for number in range(times)
    ]
    for place, (name, number) in enumerate(cases[::every]):
        die_at(folder / f"{place}", name, number)
    return len(cases[::every])


def shoot(folder: Path, seed: int, count: int) -> None:
    """Kill runs after random parts of the time that one takes, some of them more than once."""
    chance = random.Random(seed)  # noqa: S311 - which moments does not matter, that they differ does
    whole = folder / "alone"
    whole.mkdir()
    began = time.monotonic()
    _forked(partial(take, whole))
    took = time.monotonic() - began
    for number in range(count):
        waits = [chance.uniform(0, took * 1.1) for _ in range(chance.choice((1, 1, 2, 3)))]
        die_after(folder / f"{number}", waits)


def main(arguments: list[str]) -> None:
    """Do what the words say."""
    folder = Path(arguments[0])
    if "JOURNAL" in os.environ:  # loaded once, not in every process that is killed
        for name in ("psycopg", "sqlalchemy.dialects.postgresql.psycopg"):
            import_module(name)
    numbers = [int(word) for word in arguments[2:]]
    if arguments[1] == "points":
        print(sweep(folder, *numbers))  # noqa: T201 - the answer
    else:
        shoot(folder, *numbers)
        print(numbers[1])  # noqa: T201 - the answer


if __name__ == "__main__":
    main(sys.argv[1:])
